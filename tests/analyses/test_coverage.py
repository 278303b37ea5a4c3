"""Coverage: exactly one status per unit, inclusive limits, and people who add up."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecircle.analyses.coverage import STATUSES, coverage, people_by_status
from lifecircle.geo.errors import LifecircleError, StudyError

NAN = float("nan")


def status_of(minutes, connected=None, included=None, limit=10.0):
    minutes = np.array(minutes, float)
    flags = [np.ones(len(minutes), bool) if given is None else np.array(given, bool) for given in (connected, included)]
    return coverage(minutes, *flags, limit)


def test_each_status_by_hand():
    """Covered, exactly at the limit, a hair beyond, cut off, without a street, and not in the goal's population."""
    status = status_of(
        [3, 10, np.nextafter(10, 11), NAN, NAN, 3], [True, True, True, True, False, True], [True, True, True, True, True, False]
    )
    assert list(status) == ["covered", "covered", "beyond", "cut-off", "unconnected", "excluded"]
    assert tuple(status.categories) == STATUSES


def test_six_hundred_seconds_are_inside_ten_minutes():
    """Pitfall 16. Seconds become minutes by division, which must not push them over."""
    for minutes in range(1, 181):
        assert list(status_of([60 * minutes / 60], limit=minutes)) == ["covered"]


def test_the_excluded_stay_excluded_without_a_street_or_a_way():
    assert list(status_of([NAN, NAN], [False, True], [False, False])) == ["excluded", "excluded"]


def test_nobody_gives_an_empty_table():
    assert len(status_of([])) == 0
    assert people_by_status(np.empty(0), np.empty(0), status_of([])) == dict.fromkeys(STATUSES, 0.0)


def test_a_time_without_a_street_is_an_error():
    with pytest.raises(StudyError, match="do not belong together") as caught:
        status_of([5.0], [False])
    assert isinstance(caught.value, LifecircleError) and isinstance(caught.value, ValueError)


def test_people_by_status_by_hand():
    """The goal is about children: the rest of each unit, and all of an excluded unit, is excluded."""
    status = status_of([3, 30, NAN, NAN, 3], [True, True, True, False, True], [True, True, True, True, False])
    people, children = np.array([100.0, 50, 20, 10, 5]), np.array([10.0, 5, 2, 1, 0.5])
    assert people_by_status(people, children, status) == {
        "covered": 10,
        "beyond": 5,
        "cut-off": 2,
        "unconnected": 1,
        "excluded": 90 + 45 + 18 + 9 + 5,
    }


UNITS = st.lists(
    st.tuples(
        st.integers(0, 10**6),  # people
        st.floats(0, 1),  # share of them in the group
        st.none() | st.floats(0, 300),  # minutes
        st.booleans(),  # included
    ),
    max_size=40,
)


@given(units=UNITS, limit=st.floats(0.1, 240))
def test_everyone_is_counted_exactly_once(units, limit):
    people = np.array([unit[0] for unit in units], float)
    counted = np.floor(people * [unit[1] for unit in units])
    minutes = np.array([NAN if unit[2] is None else unit[2] for unit in units])
    included = np.array([unit[3] for unit in units], bool)
    status = coverage(minutes, np.ones(len(units), bool), included, limit)
    assert not pd.isna(status).any()
    assert sum(people_by_status(people, counted, status).values()) == people.sum()
