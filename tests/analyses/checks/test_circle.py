"""Bundles by hand: any of, all of, and k of several services."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecircle.analyses.checks.circle import bundle, reached
from lifecircle.geo.errors import StudyError

NAN = float("nan")
MINUTES = np.array([[5.0, 9.0, 20.0], [NAN, 4.0, NAN], [NAN, NAN, NAN], [10.0, 10.0, 10.0]])


def test_any_is_the_nearest_and_all_is_the_last():
    nearest, last = bundle(MINUTES, at_least="any"), bundle(MINUTES, at_least="all")
    np.testing.assert_array_equal(nearest.minutes, [5, 4, NAN, 10])
    assert nearest.service.tolist() == [0, 1, -1, 0]
    np.testing.assert_array_equal(last.minutes, [20, NAN, NAN, 10])
    assert last.service.tolist() == [2, -1, -1, 2]


def test_two_of_three():
    np.testing.assert_array_equal(bundle(MINUTES, at_least=2).minutes, [9, NAN, NAN, 10])


@pytest.mark.parametrize("wanted", [0, 4])
def test_no_bundle_asks_for_more_than_it_holds(wanted):
    with pytest.raises(StudyError, match="ask for 1 to 3"):
        bundle(MINUTES, at_least=wanted)


@given(
    st.lists(st.lists(st.one_of(st.just(NAN), st.floats(0, 60)), min_size=3, max_size=3), min_size=1, max_size=8),
    st.integers(1, 3),
)
def test_whoever_has_k_services_within_the_limit_is_there_in_time(rows, wanted):
    minutes = np.array(rows)
    found = bundle(minutes, at_least=wanted).minutes
    np.testing.assert_array_equal(reached(minutes, 30.0) >= wanted, np.nan_to_num(found, nan=np.inf) <= 30)
