"""Disparity, trends, indicators and what no map can check, by hand."""

import pandas as pd
import pytest
from inequality.gini import Gini
from inequality.theil import Theil

from lifecircle.analyses.checks.context import context, lacking
from lifecircle.analyses.checks.disparity import disparity, urban_to_rural
from lifecircle.analyses.checks.indicator import indicator
from lifecircle.analyses.checks.trend import trend
from lifecircle.analyses.equity import gini, max_to_min, palma, theil

NAN = float("nan")
UNITS = pd.DataFrame({"level": "county", "unit": list("abc"), "name": None, "people": [100.0, 100.0, 200.0]})
WEIGHT = pd.Series({"a": 100.0, "b": 100.0, "c": 200.0})


def beds(a, b, c, year=0.0):
    return {year: pd.DataFrame({"beds": [a, b, c]}, index=list("abc"))}


def test_disparity_by_hand():
    rows = disparity(UNITS, beds(1.0, 2.0, 3.0), WEIGHT, index="cv", maximum=0.4)
    # mean (1 + 2 + 3 + 3) / 4 = 2.25, squares off (1.5625 + 0.0625 + 2 x 0.5625) / 4 = 0.6875
    assert rows["value"].tolist() == [pytest.approx(0.6875**0.5 / 2.25), 1, 2, 3]
    assert rows["met"].tolist() == [True, None, None, None]
    assert rows["details"].iloc[0]["max-min"] == 3
    # Lorenz through (0, 0), (1/4, 1/9), (1/2, 3/9), (1, 1): area under it 1/72 + 4/72 + 24/72 = 29/72
    assert rows["details"].iloc[0]["gini"] == pytest.approx(1 - 2 * 29 / 72)


def test_people_weigh_as_many_equal_units_do_in_pysal():
    spread = [1.0, 2.0, 3.0, 3.0]
    values, people = pd.Series([1.0, 2.0, 3.0]).to_numpy(), WEIGHT.to_numpy()
    assert gini(values, people) == pytest.approx(Gini(spread).g)
    assert theil(values, people) == pytest.approx(float(Theil(pd.Series(spread).to_numpy()).T))


def test_palma_and_extremes():
    values, people = pd.Series([1.0, 2.0, 10.0]).to_numpy(), pd.Series([4.0, 5.0, 1.0]).to_numpy()
    assert palma(values, people) == pytest.approx(10 / 4)
    assert max_to_min(values, people) == 10
    assert max_to_min(values, pd.Series([0.0, 5.0, 1.0]).to_numpy()) == 5  # where nobody lives nobody is worse off


def test_of_several_services_the_most_unequal_counts():
    figures = {0.0: pd.DataFrame({"beds": [1.0, 1.0, 1.0], "books": [1.0, 2.0, 3.0]}, index=list("abc"))}
    first = disparity(UNITS, figures, WEIGHT, index="max-min").iloc[0]
    assert (first["value"], first["what"]) == (3, "books") and first["details"] == {"beds": 1, "books": 3}


def test_units_without_a_figure_are_left_out_and_said_and_nothing_is_judged():
    rows = disparity(UNITS, beds(1.0, NAN, 3.0), WEIGHT, index="max-min", maximum=5)
    assert rows.loc[0, ["value", "met", "reason", "missing", "of"]].tolist() == [3, None, "units_left_out", 1, 3]
    assert rows["reason"].tolist()[1:] == [None, "no_figure", None]
    alone = disparity(UNITS, beds(1.0, NAN, NAN), WEIGHT).iloc[0]
    assert pd.isna(alone["value"]) and alone["reason"] == "too_few_units"
    empty = disparity(UNITS, beds(0.0, 0.0, 0.0), WEIGHT).iloc[0]
    assert pd.isna(empty["value"]) and empty["reason"] == "nothing_to_compare"


def test_theil_splits_into_between_and_within():
    cities = pd.Series({"a": "x", "b": "x", "c": "y"})
    found = disparity(UNITS, beds(2.0, 2.0, 3.0), WEIGHT, index="theil", within=cities)["details"].iloc[0]
    assert found["theil_between"] == pytest.approx(found["theil"]) and found["theil_within"] == pytest.approx(0, abs=1e-12)


def test_a_falling_gap_needs_two_years():
    figures = beds(1.0, 2.0, 4.0, 2020.0) | beds(1.0, 2.0, 3.0, 2024.0)
    first = disparity(UNITS, figures, WEIGHT, index="max-min", towards="down").iloc[0]
    assert (first["value"], first["met"], first["details"]["2020"]) == (3, True, 4)
    assert disparity(UNITS, figures, WEIGHT, index="max-min", towards="up")["met"].iloc[0] is False
    once = disparity(UNITS, beds(1.0, 2.0, 3.0), WEIGHT, index="max-min", towards="down").iloc[0]
    assert once["met"] is None and once["reason"] == "one_date"


def test_town_over_country():
    urban, rural = pd.Series({"a": 2.0, "b": 1.0, "c": NAN, "all": 3.0}), pd.Series({"a": 1.0, "b": 0.0, "c": 1.0, "all": 2.0})
    rows = urban_to_rural(UNITS, urban, rural, maximum=1.5, what="beds")
    assert rows["value"].tolist()[:2] == [1.5, 2] and rows["value"].isna().tolist() == [False, False, True, True]
    assert rows["met"].tolist() == [True, False, None, None]
    assert rows["reason"].tolist() == [None, None, "nothing_rural", "one_side_only"]


def test_an_indicator_is_never_averaged():
    figures = pd.Series({"a": 0.95, "b": 0.9})
    rows = indicator(UNITS, figures, minimum=0.95, what="vaccinated")
    assert rows["met"].tolist() == [False, True, False, None]
    assert rows.loc[0, ["figure", "at_least", "at_most"]].tolist() == [
        "share_of_units",
        pytest.approx(1 / 3),
        pytest.approx(2 / 3),
    ]
    assert rows.loc[3, ["reason", "what"]].tolist() == ["no_indicator", "vaccinated"]
    stated = indicator(UNITS, pd.concat([figures, pd.Series({"all": 0.96})]), minimum=0.95, what="vaccinated").iloc[0]
    assert (stated["value"], stated["met"], stated["figure"]) == (0.96, True, "indicator")
    unasked = indicator(UNITS, figures, what="vaccinated")
    assert unasked["met"].tolist() == [None] * 4 and unasked["reason"].iloc[0] == "no_figure_for_all"
    assert indicator(UNITS, pd.Series(dtype=float), minimum=1, what="vaccinated")["reason"].iloc[0] == "no_indicator"


def test_an_upper_limit():
    assert indicator(UNITS, pd.Series({"a": 45.0, "b": 46.0, "c": 1.0}), maximum=45, what="pupils")["met"].tolist() == [
        False,
        True,
        False,
        True,
    ]


def test_a_change_of_just_as_much_as_wanted_is_enough():
    series = pd.DataFrame({"unit": "a", "year": [2020.0, 2024.0], "value": [0.2, 0.3]})  # a hair less than 0.1 in floating point
    assert trend(UNITS, series, towards="up", by=0.1, what="beds").loc[1, ["value", "met"]].tolist() == [0.1, True]


def test_a_trend_needs_two_dates():
    series = pd.DataFrame(
        [("a", 2020, 1), ("a", 2022, 0), ("a", 2024, 3), ("b", 2020, 2), ("b", 2024, 2), ("c", 2024, 9)],
        columns=["unit", "year", "value"],
    ).astype({"year": float, "value": float})
    rows = trend(UNITS, series, towards="up", what="beds")
    assert rows["value"].tolist()[1:3] == [2, 0] and rows["met"].tolist() == [False, True, False, None]
    assert rows["details"].iloc[1] == {"2020": 1, "2024": 3}
    assert rows["reason"].tolist() == ["units_unknown", None, None, "one_date"]
    assert trend(UNITS, series, towards="up", by=3, what="beds")["met"].tolist()[1] is False
    assert trend(UNITS, series, towards="down", what="beds")["met"].tolist()[1:3] == [False, False]
    late = series[series["year"] == 2024]
    assert trend(UNITS, late, towards="up", what="beds")["reason"].iloc[0] == "one_date"
    whole = pd.DataFrame({"unit": ["all", "all"], "year": [2020.0, 2024.0], "value": [5.0, 4.0]})
    assert trend(UNITS, whole, towards="up", what="beds").loc[0, ["value", "met"]].tolist() == [-1, False]


def test_what_no_map_can_check_is_said():
    assert context(10.0).loc[0, ["figure", "reason", "people"]].tolist() == ["none", "not_from_space", 10]
    assert lacking(None, reason="lacks", what="streets").loc[0, ["value", "what"]].isna().tolist() == [True, False]
