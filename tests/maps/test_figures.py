"""Printed people add up, and differ from the scorecard by rounding only."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecircle.maps.figures import UNCOVERED, shown_people, whole

PARTS = ("covered", *UNCOVERED, "excluded")


def row_of(covered, beyond, cut_off, unconnected, excluded):
    row = dict(zip(PARTS, (covered, beyond, cut_off, unconnected, excluded), strict=True))
    return {**row, "people": sum(row.values())}


@given(st.tuples(*[st.one_of(st.just(0.0), st.floats(0, 1e6))] * 5))
def test_printed_people_add_up(parts):
    row = row_of(*parts)
    shown = shown_people(row)
    assert sum(shown[part] for part in PARTS) == shown["people"] == whole(row["people"])
    assert shown["covered"] + shown["uncovered"] == shown["counted"] == shown["people"] - shown["excluded"]
    assert sum(shown[part] for part in UNCOVERED) == shown["uncovered"]
    for part in PARTS:
        assert abs(shown[part] - row[part]) <= 1.5
        assert shown[part] >= 0
        assert row[part] > 0 or shown[part] == 0


@given(st.tuples(*[st.integers(0, 10**7)] * 5))
def test_whole_people_stay_as_they_are(parts):
    shown = shown_people(row_of(*parts))
    assert tuple(shown[part] for part in PARTS) == parts


@pytest.mark.parametrize(
    ("parts", "printed"),
    [
        ((660065.4, 31.7, 391.2, 209106.45, 0), (660065, 32, 391, 209107, 0)),  # 869594.75: the rest goes to the uncovered
        ((10.4, 5.4, 0, 0, 3.4), (10, 5, 0, 0, 4)),  # 19.2: the rest goes to those excluded
        ((10.5, 0, 0, 0, 0.6), (11, 0, 0, 0, 0)),
    ],
)
def test_the_rest_of_rounding_by_hand(parts, printed):
    shown = shown_people(row_of(*parts))
    assert tuple(shown[part] for part in PARTS) == printed
