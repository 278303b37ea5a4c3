"""Presence, shares, tiling, ratios and mixes by hand: limits on both sides, bounds, and what is missing."""

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecircle.analyses.checks.mix import mix
from lifecircle.analyses.checks.presence import presence, together_of_levels, together_of_services
from lifecircle.analyses.checks.ratio import ratio, within_limits
from lifecircle.analyses.checks.rows import COLUMNS, unknown_units, verdicts
from lifecircle.analyses.checks.share import share_of_facilities, share_of_units
from lifecircle.analyses.checks.tiling import tiling

NAN = float("nan")


def units_of(*people, names="abcdefgh"):
    return pd.DataFrame({"level": "county", "unit": list(names[: len(people)]), "name": None, "people": people}).astype(
        {"people": float}
    )


def counts(**by_unit):
    return pd.Series(by_unit, dtype=float)


def test_one_or_two_per_unit_has_a_minimum_and_a_maximum():
    far = counts(a=1, b=12.34, c=0.5)
    rows = presence(units_of(100, 200, 400), counts(a=1, c=3), counts(), far, minimum=1, maximum=2)
    assert rows["met"].tolist() == [False, True, False, False]
    assert rows["value"].tolist() == [pytest.approx(1 / 3), 1, 0, 3]
    assert rows["gap_people"].tolist() == [600, 0, 200, 400]
    assert rows["gap_facilities"].tolist() == [1, 0, 1, 0]
    assert rows["details"].tolist() == [None, None, {"nearest_km": 12.3}, None]
    assert rows.columns.tolist() == list(COLUMNS)


def test_facilities_that_may_count_leave_the_value_open_but_may_decide():
    rows = presence(units_of(10, 10, 10), counts(a=1), counts(a=2, b=1), counts(), minimum=1, what="standard")
    assert rows["value"].isna().tolist() == [True, True, True, False]
    assert rows["met"].tolist() == [False, True, None, False]  # a has one for certain, b perhaps, c none
    assert rows.loc[0, ["at_least", "at_most"]].tolist() == [pytest.approx(1 / 3), pytest.approx(2 / 3)]
    assert rows.loc[2, ["reason", "missing", "of", "what"]].tolist() == ["no_flag", 1, 1, "standard"]
    assert rows["gap_facilities"].tolist() == [1, 0, 0, 1]


def test_four_levels_are_one_promise():
    counties = presence(units_of(10, 10), counts(a=1, b=1), counts(), counts(), minimum=1)
    towns = presence(units_of(5, 5, 10).assign(level="township"), counts(a=1), counts(), counts(), minimum=1)
    both = together_of_levels(pd.concat([counties.iloc[1:], towns.iloc[1:]]))
    assert both["value"].tolist() == [pytest.approx(3 / 5)] and both["gap_facilities"].tolist() == [2]


def test_a_unit_needs_all_services_of_its_level():
    homes = presence(units_of(10, 20, 40), counts(a=1, b=1), counts(), counts(), minimum=1)
    desks = presence(units_of(10, 20, 40), counts(a=2), counts(b=1), counts(), minimum=1, what="open")
    rows = together_of_services({"home": homes, "desk": desks})
    assert rows["met"].tolist() == [False, True, None, False]
    assert rows["value"].tolist()[1] == 2 and rows["value"].isna().tolist() == [True, False, True, False]
    assert rows.loc[2, ["at_least", "at_most", "reason"]].tolist() == [1, 2, "no_flag"]
    assert rows["details"].iloc[1] == {"home": 1, "desk": 2} and rows["gap_facilities"].tolist()[3] == 2


def test_what_the_data_does_not_reach_is_unknown_not_none():
    rows = unknown_units(presence(units_of(10, 20, 40), counts(a=1), counts(), counts(), minimum=1), {"c"}, target=1.0)
    assert rows["value"].isna().tolist() == [True, False, False, True] and rows["met"].tolist() == [False, True, False, None]
    assert rows.loc[0, ["at_least", "at_most", "reason"]].tolist() == [
        pytest.approx(1 / 3),
        pytest.approx(2 / 3),
        "units_unknown",
    ]
    assert rows["reason"].tolist()[1:] == [None, None, "beyond_data"] and rows["gap_people"].isna().tolist()[3]


def test_nobody_known_means_no_gap_in_people_not_zero():
    rows = presence(units_of(NAN, 5), counts(b=1), counts(), counts(), minimum=1)
    assert np.isnan(rows["gap_people"].iloc[0]) and np.isnan(rows["people"].iloc[0])


def test_a_share_without_facilities_is_null_and_unknown_flags_are_not_no():
    unit_of = pd.Series(["a", "a", "a", "b", "b", None])
    flag = pd.Series([True, True, False, True, None, True], dtype="boolean")
    rows = share_of_facilities(units_of(1, 1, 1), unit_of, flag, target=0.6, what="open")
    assert rows["value"].tolist()[1] == pytest.approx(2 / 3) and rows["value"].isna().tolist() == [True, False, True, True]
    assert rows["met"].tolist() == [True, True, None, None]  # in all at least 4 of 6
    assert rows.loc[2, ["at_least", "at_most", "reason", "missing", "of"]].tolist() == [0.5, 1, "no_flag", 1, 2]
    assert rows.loc[3, "reason"] == "no_facilities"
    assert rows["gap_facilities"].tolist()[:3] == [0, 0, 0] and rows["gap_facilities"].isna().tolist()[3]


def test_a_share_of_units():
    flag = pd.Series([True, False, None], index=["a", "b", "c"], dtype="boolean")
    rows = share_of_units(units_of(10, 20, 40), flag, target=1.0, what="beautiful")
    assert rows["met"].tolist() == [False, True, False, None]
    assert rows["gap_people"].tolist()[1:3] == [0, 20]
    assert rows.loc[0, ["at_least", "at_most", "reason"]].tolist() == [pytest.approx(1 / 3), pytest.approx(2 / 3), "no_flag"]


def test_tiles_must_cover_once():
    areas = np.array([shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10), shapely.box(20, 0, 30, 10)], dtype=object)
    tiles = np.array(
        [shapely.box(0, 0, 10, 10), shapely.box(10, 0, 16, 10), shapely.box(20, 0, 30, 10), shapely.box(25, 0, 30, 10)]
    )
    rows = tiling(units_of(1, 1, 1), areas, tiles)
    assert rows["met"].tolist() == [False, True, False, False]
    assert rows["value"].tolist() == [pytest.approx(260 / 300), 1, pytest.approx(0.6), 1]
    assert [row["doubly"] for row in rows["details"]] == pytest.approx([50 / 300, 0, 0, 0.5])
    assert rows["reason"].tolist() == ["covered_twice", None, None, "covered_twice"]
    assert tiling(units_of(1, 1, 1), areas, tiles, target=0.5)["met"].tolist() == [False, True, True, False]


def test_slivers_are_no_gap():
    areas = np.array([shapely.box(0, 0, 100, 100)], dtype=object)
    tiles = np.array([shapely.box(0, 0, 99.95, 100)], dtype=object)
    assert tiling(units_of(1), areas, tiles)["met"].tolist() == [True, True]
    assert tiling(units_of(1), areas, tiles, tolerance=0.0001)["met"].tolist() == [False, False]


def test_a_ratio_by_hand():
    unit_of = pd.Series(["a", "a", "b", "c", None])
    supply = pd.Series([20.0, 10.0, 5.0, NAN, 15.0])
    base = pd.Series({"a": 1000, "b": 500, "c": 100, "d": 0, "all": 2000.0})
    rows = ratio(units_of(1, 1, 1, 1), unit_of, supply, base, per=1000, minimum=20, what="places")
    assert rows["value"].tolist()[1:3] == [30, 10] and rows["value"].isna().tolist() == [True, False, False, True, True]
    assert rows["at_least"].tolist()[:2] == [25, 30]
    assert rows["met"].tolist() == [True, True, False, None, None]  # whatever the unknown one holds, all reach 20
    assert rows["gap_people"].tolist()[1:3] == [0, 250]  # 5 places short are 250 children at 20 per 1000
    assert rows["gap_facilities"].tolist()[2] == 1  # of the usual size, 12.5 places
    assert rows.loc[3, ["reason", "missing", "of", "what"]].tolist() == ["no_supply", 1, 1, "places"]
    assert rows.loc[4, "reason"] == "base_zero"
    assert rows.loc[0, "facilities"] == 5


def test_a_ratio_without_people_is_null_with_its_reason():
    rows = ratio(units_of(NAN), pd.Series(["a"]), pd.Series([3.0]), pd.Series({"a": NAN, "all": NAN}), minimum=1)
    assert (
        rows["value"].isna().all() and rows["reason"].tolist() == ["no_base", "no_base"] and rows["met"].tolist() == [None, None]
    )


def test_class_sizes_are_judged_school_by_school():
    pupils, classes = pd.Series([90.0, 100, 40, NAN]), pd.Series([2.0, 2, 1, 1])
    rows = within_limits(units_of(1, 1), pd.Series(list("aabb")), pupils, classes, minimum=None, maximum=45, what="pupils")
    assert rows["at_least"].tolist() == [0.5, 0.5, 0.5] and rows["at_most"].tolist() == [0.75, 0.5, 1]
    assert rows["met"].tolist() == [False, False, None]
    assert rows["reason"].tolist() == ["no_supply", None, "no_supply"]


def test_a_limit_on_every_facility_is_inclusive_at_any_scale():
    # 7 x 100 / 70 is 10, but 7 / (70 / 100) is a hair more in floating point
    rows = within_limits(
        units_of(1), pd.Series(["a"]), pd.Series([7.0]), pd.Series([70.0]), per=100, minimum=None, maximum=10, what="staff"
    )
    assert rows["met"].tolist() == [True, True]


def test_types_that_nobody_read_leave_a_mix_open():
    held = pd.DataFrame({"gym": counts(a=2, b=1), "court": counts(a=1)})
    rows = mix(units_of(10, 20, 40), held, minimum=2)
    assert rows["value"].tolist() == [pytest.approx(1 / 3), 2, 1, 0] and rows["met"].tolist() == [False, True, False, False]
    assert rows["gap_facilities"].tolist() == [3, 0, 1, 2] and rows["gap_people"].tolist() == [60, 0, 20, 40]
    open_rows = mix(units_of(10, 20, 40), held, minimum=2, unread=1)
    assert open_rows["met"].tolist() == [False, True, None, False]
    assert open_rows.loc[2, ["at_least", "at_most", "reason", "missing", "of"]].tolist() == [1, 2, "types_unread", 1, 3]


@settings(max_examples=8)
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([True, False, None])), max_size=12),
    st.floats(0.01, 1, exclude_min=True),
)
def test_filling_in_unknown_flags_never_contradicts_the_verdict(answers, target):
    """Whatever the blanks turn out to be, a verdict given before stays, and the share lies between its bounds."""
    unit_of = pd.Series([unit for unit, _ in answers], dtype=object)
    flags = pd.Series([flag for _, flag in answers], dtype="boolean")
    before = share_of_facilities(units_of(1, 1, 1), unit_of, flags, target=target, what="open")
    for filling in (True, False):
        after = share_of_facilities(units_of(1, 1, 1), unit_of, flags.fillna(filling), target=target, what="open")
        told = [first is None or first == then for first, then in zip(before["met"], after["met"], strict=True)]
        assert all(told)
        inside = after["value"].isna() | ((before["at_least"] <= after["value"]) & (after["value"] <= before["at_most"]))
        assert inside.all()


def test_bounds_decide_only_what_they_bound():
    least, most = [0.2, 0.5, 0.9, NAN], [0.4, 0.95, NAN, NAN]
    assert verdicts(least, most, minimum=0.9).tolist() == [False, None, True, None]
    assert verdicts(least, most).tolist() == [None] * 4
