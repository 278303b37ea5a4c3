"""The scorecard by hand: sums per zone, shares, targets and quantiles weighted by people."""

import copy

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecircle.analyses.coverage import STATUSES
from lifecircle.analyses.scorecard import COLUMNS, GoalTable, scorecard_rows, weighted_quantiles
from lifecircle.layers.goals import CircleGoal

NAN = float("nan")
PARTS = ["covered", "beyond", "cut_off", "unconnected", "excluded"]


def table_of(status, people, minutes, counted=None, target=0.9):
    people = np.array(people, float)
    return GoalTable(
        goal=CircleGoal(id="clinic", service="health", mode="walk", minutes=10, target=target),
        people=people,
        counted=people if counted is None else np.array(counted, float),
        minutes=np.array(minutes, float),
        status=pd.Categorical(status, categories=list(STATUSES)),
    )


def zones_of(*ids):
    return {"town": pd.Series(ids, dtype="str")}


def judged(table, unit_zones, *, names=(("a", "East"), ("b", None)), facility_zones=(), facilities=0):
    known = {"town": pd.Series(dict(names), dtype="str")}
    return scorecard_rows(table, unit_zones, known, zones_of(*facility_zones), facilities)


def test_a_scorecard_by_hand():
    """Two towns and a hamlet outside; 60 covered, 30 beyond and 10 cut off live in a, 5 unconnected outside."""
    status = ["covered", "covered", "beyond", "cut-off", "unconnected"]
    table = table_of(status, [20, 40, 30, 10, 5], [2, 8, 20, NAN, NAN], target=0.6)
    rows = judged(table, zones_of("a", "a", "a", "a", None), facility_zones=("a", "b", "b", None), facilities=4)
    assert tuple(rows.columns) == COLUMNS
    assert rows[["level", "unit", "name"]].to_numpy().tolist() == [
        ["all", "all", ""],
        ["town", "a", "East"],
        ["town", "b", ""],
        ["town", "", ""],
    ]
    assert rows["people"].tolist() == [105, 100, 0, 5]
    assert rows[PARTS].to_numpy().tolist() == [[60, 30, 10, 5, 0], [60, 30, 10, 0, 0], [0] * 5, [0, 0, 0, 5, 0]]
    assert rows["facilities"].tolist() == [4, 1, 2, 1]
    assert rows["share"].iloc[0] == pytest.approx(60 / 105) and rows["share"].iloc[1] == 0.6
    assert pd.isna(rows["share"].iloc[2]) and rows["share"].iloc[3] == 0
    assert rows["met"].tolist() == [False, True, None, False]  # exactly the target is met; nobody has no share
    assert rows["median_minutes"].iloc[:2].tolist() == [8, 8]
    assert rows["p90_minutes"].iloc[:2].tolist() == [20, 20]
    assert pd.isna(rows["median_minutes"].iloc[2]) and pd.isna(rows["p90_minutes"].iloc[3])


def test_every_level_adds_up_to_everyone():
    rng = np.random.default_rng(3)
    people = rng.integers(0, 1000, 200).astype(float)
    counted = np.floor(people * rng.uniform(0, 1, 200))
    status = rng.choice(STATUSES, 200)
    minutes = np.where(np.isin(status, ["covered", "beyond", "excluded"]), rng.uniform(0, 60, 200), NAN)
    zones = {level: pd.Series(rng.choice([*"abc", None], 200), dtype="str") for level in ("county", "town")}
    names = {level: pd.Series({"a": "A", "b": "B", "c": "C", "d": "D"}, dtype="str") for level in zones}
    rows = scorecard_rows(
        table_of(status, people, minutes, counted), zones, names, dict.fromkeys(zones, zones["town"].iloc[:0]), 0
    )
    everyone = rows.loc[rows["level"] == "all", ["people", *PARTS]].iloc[0]
    assert everyone[PARTS].sum() == people.sum()
    assert (rows[PARTS].sum(axis=1) == rows["people"]).all()
    for _, level in rows.loc[rows["level"] != "all"].groupby("level"):
        assert level[["people", *PARTS]].sum().tolist() == everyone.tolist()
        assert level["unit"].tolist() == ["a", "b", "c", "d", ""]


def test_no_target_is_neither_met_nor_missed():
    rows = judged(table_of(["covered"], [1], [1], target=None), zones_of("a"))
    assert rows["met"].tolist() == [None, None, None]
    assert rows["target"].isna().all()


def test_a_target_is_met_from_its_exact_share_on():
    for covered, met in ((89, False), (90, True), (91, True)):
        rows = judged(table_of(["covered", "beyond"], [covered, 100 - covered], [1, 20]), zones_of("a", "a"))
        assert rows["met"].iloc[0] is met


def test_the_excluded_weigh_nothing_in_share_and_quantiles():
    status = ["covered", "excluded"]
    rows = judged(table_of(status, [10, 1000], [4, 50], counted=[10, 1000]), zones_of("a", "a"))
    first = rows.iloc[0]
    assert (first["share"], first["median_minutes"], first["p90_minutes"], first["excluded"]) == (1, 4, 4, 1000)


def test_a_goal_about_nobody_has_no_share():
    rows = judged(table_of(["excluded"], [10], [4]), zones_of("a"))
    assert pd.isna(rows["share"]).all() and rows["met"].tolist() == [None, None, None]


@pytest.mark.parametrize(
    ("values", "weights", "expected"),
    [
        ([1, 2, 3], [1, 1, 1], [2, 3]),
        ([3, 1, 2], [1, 1, 1], [2, 3]),
        ([1, 2], [1, 1], [1, 2]),
        ([1, 2], [9, 1], [1, 1]),  # exactly nine tenths within one minute
        ([1, 2], [8.9, 1.1], [1, 2]),
        ([5, NAN, 7], [1, 100, 1], [5, 7]),  # those who reach nothing take no part
        ([5, 1], [1, 0], [5, 5]),  # nobody lives at 1
        ([NAN], [3], [None, None]),
        ([], [], [None, None]),
        (list(range(1, 11)), [0.1] * 10, [5, 9]),  # rounding of ten tenths must not move a quantile
    ],
)
def test_quantiles_weighted_by_people(values, weights, expected):
    assert weighted_quantiles(np.array(values, float), np.array(weights, float), (0.5, 0.9)) == expected


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 9)), min_size=1, max_size=40))
def test_weighted_quantiles_are_those_of_people_counted_one_by_one(units):
    """The definition: line everyone up by minutes and look at the person at each share."""
    values, weights = (np.array(column, float) for column in zip(*units, strict=True))
    line = np.sort(np.repeat(values, weights.astype(int)))
    expected = [float(line[int(np.ceil(share * len(line))) - 1]) for share in (0.5, 0.9)] if len(line) else [None, None]
    assert weighted_quantiles(values, weights, (0.5, 0.9)) == expected


def test_inputs_stay_as_they_were():
    table = table_of(["covered", "beyond", "cut-off"], [3, 4, 5], [1, 20, NAN])
    zones = zones_of("a", None, "b")
    before = copy.deepcopy((table.people, table.counted, table.minutes, table.status, zones))
    judged(table, zones)
    for kept, now in zip(before[:3], (table.people, table.counted, table.minutes), strict=True):
        np.testing.assert_array_equal(kept, now)
    pd.testing.assert_series_equal(before[4]["town"], zones["town"])
    assert list(before[3]) == list(table.status)
