"""Access of zones: means over all their people, and levels that add up."""

import numpy as np
import pandas as pd
import pytest

from lifecircle.analyses.access.measures import COLUMNS, MEASURES, Question
from lifecircle.analyses.access.zones import Level, UnitAccess, zone_rows

NAN = float("nan")
VALUES = pd.DataFrame(
    {"2sfca": [2.0, 4.0, NAN, 0.0], "nearest_minutes": [5.0, 15.0, NAN, NAN], "availability": [1.0, 2.0, NAN, 0.0]}
)
UNITS = UnitAccess(
    values=VALUES,
    columns={name: COLUMNS[name] for name in VALUES},
    people=np.array([100.0, 300.0, 50.0, 50.0]),
    reached=np.array([True, True, False, False]),
    connected=np.array([True, True, False, True]),
)
COUNTY = Level(
    name="county",
    names=pd.Series({"E": "East", "W": None}),
    of_units=pd.Series(["E", "E", "W", None], dtype="str"),
    of_facilities=pd.Series(["E", None], dtype="str"),
)


def test_rows_by_hand():
    """Those without a street and those who reach nothing count as 0 in a mean of access, and not at all in a mean of minutes."""
    rows = zone_rows(UNITS, np.array([8.0, 2.0]), [COUNTY]).set_index(["level", "unit"])
    everyone = rows.loc[("all", "all")]
    assert everyone["people"] == 500 and everyone["reached"] == 400 and everyone["unconnected"] == 50
    assert everyone["2sfca"] == pytest.approx((200 + 1200) / 500) and everyone["2sfca_median"] == 4
    assert everyone["nearest_minutes"] == pytest.approx((500 + 4500) / 400) and everyone["nearest_minutes_median"] == 15
    assert everyone["availability"] == 3 and "availability_median" not in rows
    assert everyone["facilities_here"] == 2 and everyone["capacity_here_per_1000"] == pytest.approx(20)
    west, outside = rows.loc[("county", "W")], rows.loc[("county", "")]
    assert west["2sfca"] == 0 and np.isnan(west["nearest_minutes"]) and west["name"] == ""
    assert west["facilities_here"] == 0 and west["capacity_here"] == 0
    assert outside["people"] == 50 and outside["facilities_here"] == 1 and rows.loc[("county", "E"), "name"] == "East"
    assert rows.loc["county"]["people"].sum() == everyone["people"]


def test_an_unknown_capacity_makes_no_sum():
    rows = zone_rows(UNITS, np.array([8.0, NAN]), [COUNTY]).set_index(["level", "unit"])
    assert np.isnan(rows.loc[("all", "all"), "capacity_here"]) and rows.loc[("county", "E"), "capacity_here"] == 8


def test_a_zone_without_people_has_no_mean():
    nobody = UnitAccess(**{**vars(UNITS), "people": np.zeros(4)})
    row = zone_rows(nobody, np.array([8.0, 2.0]), []).iloc[0]
    assert np.isnan(row["2sfca"]) and np.isnan(row["capacity_here_per_1000"]) and row["availability"] == 0


def test_every_measure_gives_the_columns_it_names():
    costs = pd.DataFrame([(0, 0, 5.0), (1, 0, 10.0), (1, 1, 2.0)], columns=["demand", "facility", "minutes"])
    question = Question(costs=costs, demand=pd.Series([30.0, 60.0, 9.0]), supply=pd.Series([50.0, 20.0]), minutes=10)
    for name, measure in MEASURES.items():
        answer = measure.compute(question)
        assert list(answer.units) == list(measure.columns), name
        assert len(answer.units) == 3


def test_access_is_told_per_1000_people():
    costs = pd.DataFrame([(0, 0, 5.0)], columns=["demand", "facility", "minutes"])
    question = Question(costs=costs, demand=pd.Series([500.0]), supply=pd.Series([2.0]), minutes=10)
    for name in ("2sfca", "e2sfca", "g2sfca", "3sfca", "bfca"):
        assert MEASURES[name].compute(question).units[name].to_list() == pytest.approx([4.0])
    assert MEASURES["allocation"].compute(question).units["allocated_share"].to_list() == pytest.approx([2 / 500])


def test_without_a_capacity_the_count_alone_is_given():
    costs = pd.DataFrame([(0, 0, 5.0)], columns=["demand", "facility", "minutes"])
    question = Question(costs=costs, demand=pd.Series([500.0]), supply=pd.Series([NAN]), minutes=10)
    assert list(MEASURES["cumulative"].compute(question).units) == ["facilities"]
