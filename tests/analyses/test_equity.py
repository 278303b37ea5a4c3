"""Measures of equity by hand, against PySAL, and what they do with people who reach nothing."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inequality.gini import Gini
from inequality.theil import Theil, TheilD

from lifecircle.analyses.equity import coefficient_of_variation, concentration_index, gini, lorenz, palma, theil, theil_between
from lifecircle.analyses.equity_rows import COLUMNS, equity_rows

VALUES = np.array([1.0, 2.0, 5.0])
PEOPLE = np.array([50.0, 30.0, 20.0])


def test_lorenz_curve_by_hand():
    people, held = lorenz(VALUES, PEOPLE)  # 50 + 60 + 100 = 210 held
    assert people.tolist() == [0, 0.5, 0.8, 1]
    assert held.tolist() == pytest.approx([0, 50 / 210, 110 / 210, 1])
    assert gini(VALUES, PEOPLE) == pytest.approx(1 - (0.5 * 50 + 0.3 * 160 + 0.2 * 320) / 210)
    assert palma(VALUES, PEOPLE) == pytest.approx((50 / 210) / (40 / 210))
    assert np.isnan(lorenz(np.zeros(3), PEOPLE)[1]).all()


def test_concentration_by_hand():
    # ranks 0.25, 0.65, 0.9 of a mean of 2.1: 2 x (50 x -1.1 x -0.25 + 30 x -0.1 x 0.15 + 20 x 2.9 x 0.4) / 100 / 2.1
    assert concentration_index(VALUES, PEOPLE, np.array([0, 1, 2])) == pytest.approx(2 * (13.75 - 0.45 + 23.2) / 210)
    assert concentration_index(VALUES, PEOPLE, np.zeros(3)) == pytest.approx(0)


figures = st.lists(st.tuples(st.integers(1, 1000), st.integers(1, 9), st.integers(0, 2)), min_size=2, max_size=12)


@settings(max_examples=50)
@given(figures)
def test_weights_are_as_many_equal_people_in_pysal(rows):
    values, people, groups = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    everyone, whose = np.repeat(values, people.astype(int)), np.repeat(groups, people.astype(int))
    assert gini(values, people) == pytest.approx(Gini(everyone).g, abs=1e-9)
    assert theil(values, people) == pytest.approx(float(Theil(everyone).T), abs=1e-9)
    assert theil_between(values, people, groups.astype(object)) == pytest.approx(
        float(TheilD(everyone, whose).bg.sum()), abs=1e-9
    )
    assert coefficient_of_variation(values, people) == pytest.approx(everyone.std() / everyone.mean())


@settings(max_examples=50)
@given(figures)
def test_ranked_by_itself_concentration_is_gini(rows):
    values, people, groups = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    assert concentration_index(values, people, values) == pytest.approx(gini(values, people), abs=1e-9)
    assert concentration_index(values, people, -values) == pytest.approx(-gini(values, people), abs=1e-9)
    assert 0 <= theil_between(values, people, groups.astype(object)) <= theil(values, people) + 1e-12


def demand(**columns):
    """Four units: two covered, one late, one cut off; and one that is excluded."""
    table = {
        "people": [10.0, 20.0, 30.0, 40.0, 99.0],
        "g.minutes": [4.0, 8.0, 16.0, np.nan, 1.0],
        "g.status": ["covered", "covered", "beyond", "cut-off", "excluded"],
        "zone.county": ["n", "n", "s", "s", None],
    }
    return pd.DataFrame({**table, **columns})


def value(rows, figure, measure, level="all", group="all"):
    found = rows[(rows["figure"] == figure) & (rows["measure"] == measure) & (rows["level"] == level) & (rows["group"] == group)]
    assert len(found) == 1
    return found.iloc[0]


def test_unreached_people_count_as_not_covered_and_stand_beside_minutes():
    rows = equity_rows(demand(), "g")
    assert list(rows.columns) == list(COLUMNS)
    assert value(rows, "coverage", "mean")[["value", "people", "unreached"]].tolist() == [0.3, 100, 40]
    assert value(rows, "minutes", "mean")[["value", "people", "unreached"]].tolist() == [pytest.approx(680 / 60), 60, 40]
    assert value(rows, "coverage", "gini")["value"] == pytest.approx(0.7)  # of yes and no it is the share of no
    assert value(rows, "minutes", "lorenz-50")["value"] == pytest.approx(200 / 680)


def test_zones_are_compared_by_their_means():
    rows = equity_rows(demand(), "g")
    # north: 30 of 30 covered, mean 200/30 minutes; south: 0 of 70, 16 minutes for the 30 who arrive
    assert value(rows, "coverage", "gini", "county")["value"] == pytest.approx(0.7)
    assert np.isnan(value(rows, "coverage", "max-min", "county")["value"])
    longest = value(rows, "minutes", "max-min", "county")
    assert longest[["value", "units", "people", "unreached"]].tolist() == [pytest.approx(16 / (200 / 30)), 2, 60, 40]
    parts = value(rows, "minutes", "theil", "county")["value"], value(rows, "minutes", "theil-within", "county")["value"]
    assert sum(parts) == pytest.approx(value(rows, "minutes", "theil")["value"])
    assert not ((rows["measure"] == "max-min") & (rows["level"] == "all")).any()


def test_town_country_and_groups():
    rows = equity_rows(demand(urban=[True, False, True, False, True], **{"group.kids": [0.0, 10.0, 0.0, 80.0, 9.0]}), "g")
    assert value(rows, "coverage", "urban-rural")["value"] == pytest.approx((10 / 40) / (20 / 60))
    assert value(rows, "minutes", "urban-rural")["value"] == pytest.approx((520 / 40) / 8)
    kids = value(rows, "coverage", "mean", group="group.kids")
    assert kids[["value", "people", "unreached"]].tolist() == [10 / 50, 50, 40]  # never more children than people
    # ranked by the share of children 0, 0, 0.5, 1: 10 + 30, 20 and 40 people at 0.2, 0.5 and 0.8
    index = 2 * (10 * 0.7 * -0.3 + 30 * -0.3 * -0.3 + 40 * -0.3 * 0.3) / 100 / 0.3
    assert value(rows, "coverage", "concentration", group="group.kids")["value"] == pytest.approx(index)


def test_where_nothing_can_be_compared_values_are_null():
    alone = equity_rows(demand().iloc[[3]], "g")
    assert value(alone, "coverage", "mean")["value"] == 0
    assert alone.loc[alone["measure"] != "mean", "value"].isna().all()
    assert value(alone, "minutes", "mean")[["people", "unreached"]].tolist() == [0, 40]
    assert equity_rows(demand().iloc[[4]], "g")["value"].isna().all()


def test_inputs_stay_as_they_are():
    table = demand()
    copy = table.copy()
    equity_rows(table, "g")
    pd.testing.assert_frame_equal(table, copy)
