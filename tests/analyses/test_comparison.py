"""Two runs beside each other, with answers worked out by hand."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point

from lifecircle.analyses.comparison import group_changes, share_changes, unit_changes
from lifecircle.analyses.facility_changes import attribute, facility_changes

DEGREE = 1 / 111_320  # about a metre


def demand(*rows):
    """Units as (id, people, minutes, facility); covered within 10 minutes."""
    table = pd.DataFrame(rows, columns=["id", "people", "g.minutes", "g.facility"])
    status = np.where(table["g.minutes"].isna(), "cut-off", np.where(table["g.minutes"] <= 10, "covered", "beyond"))
    return table.assign(**{"g.status": status})


def sites(*rows):
    """Facilities as (id, metres east)."""
    table = {"facility": [row[0] for row in rows], "service": "s", "name": [row[0].upper() for row in rows]}
    return gpd.GeoDataFrame(table, geometry=[Point(row[1] * DEGREE, 0) for row in rows], crs="EPSG:4326")


def changes(before, after):
    found = facility_changes(before, after)
    return [tuple(None if pd.isna(x) else x for x in row) for row in found[["change", "before", "after"]].to_numpy(object)]


def test_gained_and_lost_people_are_counted_where_they_are_covered():
    before = demand(("a", 10, 5, "f"), ("b", 20, 15, "f"), ("c", 5, 9, "f"), ("gone", 7, 1, "f"))
    after = demand(("a", 11, 6, "f"), ("b", 21, 8, "f"), ("c", 5, np.nan, None), ("new", 3, 2, "f"))
    change = unit_changes(before, after, "g")
    assert (change.gained, change.lost) == (21 + 3, 5 + 7)
    assert len(change.table) == 5
    assert change.table.set_index("id")["people_after"].isna()["gone"]


def test_a_run_compared_with_itself_does_not_change():
    table = demand(("a", 10, 5, "f"), ("b", 20, np.nan, None))
    change = unit_changes(table, table, "g")
    assert (change.gained, change.lost) == (0, 0)
    assert changes(sites(("f", 0), ("h", 900)), sites(("f", 0), ("h", 900))) == [("same", "f", "f"), ("same", "h", "h")]


def test_a_struck_out_row_closes_one_facility_whatever_it_does_to_the_others_ids():
    before, after = sites(("row-1", 0), ("row-2", 500), ("row-3", 900)), sites(("row-1", 0), ("row-2", 900))
    assert changes(before, after) == [("same", "row-1", "row-1"), ("same", "row-3", "row-2"), ("closed", "row-2", None)]


def test_the_same_id_elsewhere_has_moved_and_nearby_stays_the_same():
    assert changes(sites(("f", 0)), sites(("f", 300))) == [("moved", "f", "f")]
    assert changes(sites(("f", 0)), sites(("f", 30))) == [("same", "f", "f")]
    assert changes(sites(("f", 0)), sites(("g", 300))) == [("closed", "f", None), ("opened", None, "g")]


def test_a_numbered_row_with_another_name_elsewhere_is_another_facility():
    renamed = sites(("f", 300)).assign(name="Other")
    assert changes(sites(("f", 0)), renamed) == [("closed", "f", None), ("opened", None, "f")]
    assert changes(sites(("f", 0)), sites(("f", 30)).assign(name="Other")) == [("same", "f", "f")]


def test_a_facility_drawn_anew_on_its_plot_is_the_same_unless_names_differ():
    before = sites(("node", 0)).assign(name=None)
    assert changes(before, sites(("way", 40))) == [("same", "node", "way")]
    assert changes(sites(("node", 0)), sites(("way", 40))) == [("closed", "node", None), ("opened", None, "way")]


def test_services_are_never_mixed():
    assert changes(sites(("f", 0)), sites(("f", 0)).assign(service="other")) == [("opened", None, "f"), ("closed", "f", None)]


def test_no_facilities_at_all():
    none = sites(("f", 0)).iloc[:0]
    assert changes(none, none) == []
    assert changes(none, sites(("f", 0))) == [("opened", None, "f")]


def test_groups_gain_and_lose_by_hand():
    before = demand(("a", 10, 5, "f"), ("b", 20, 15, "f"), ("gone", 6, 1, "f"))
    after = demand(("a", 10, 12, "f"), ("b", 20, 8, "f"))
    before, after = (
        before.assign(urban=[True, False, False], **{"group.old": [4.0, 30.0, np.nan], "group.lost": 1.0}),
        after.assign(urban=[True, False], **{"group.old": [4.0, 30.0]}),
    )
    found = group_changes(before, after, "g").set_index("group")
    assert found[["gained", "lost"]].to_numpy().tolist() == [[0, 10], [20, 6], [20, 4]]
    assert list(found.index) == ["urban", "rural", "group.old"]  # a group that only one run knows cannot be compared
    assert found.loc["rural", ["people_before", "covered_before", "share_after"]].tolist() == [26, 6, 1]
    assert list(group_changes(before, after, "g", "old")["group"]) == ["urban", "rural"]


def test_people_whom_the_goal_leaves_out_are_nobody():
    table = demand(("a", 10, 5, "f"), ("b", 20, 15, "f"))
    left_out = table.assign(**{"g.status": ["excluded", "beyond"]})
    change = unit_changes(table, left_out, "g")
    assert (change.gained, change.lost, change.grown) == (0, 10, 0)
    assert change.table["people_after"].tolist() == [0, 20]


def test_losses_belong_to_the_facility_that_closed():
    before = demand(("a", 10, 5, "f"), ("b", 20, 6, "h"), ("c", 5, 9, "h"))
    after = demand(("a", 10, 5, "f"), ("b", 20, 14, "f"), ("c", 5, 9.5, "f"))
    owed = attribute(unit_changes(before, after, "g"), facility_changes(sites(("f", 0), ("h", 900)), sites(("f", 0))))
    assert owed.to_dict("records") == [{"facility": "h", "name": "H", "change": "closed", "gained": 0.0, "lost": 20.0}]


def test_gains_belong_to_the_facility_that_opened():
    before, after = demand(("a", 10, 15, "f")), demand(("a", 10, 3, "new"))
    owed = attribute(unit_changes(before, after, "g"), facility_changes(sites(("f", 0)), sites(("f", 0), ("new", 900))))
    assert owed[["facility", "gained", "lost"]].to_numpy().tolist() == [["new", 10.0, 0.0]]


def test_scorecards_side_by_side_keep_units_that_only_one_has():
    columns = ["goal", "level", "unit", "name", "people", "covered", "share"]
    before = pd.DataFrame([("g", "all", "all", "", 100, 50, 0.5), ("g", "town", "x", "X", 10, 0, 0.0)], columns=columns)
    after = pd.DataFrame([("g", "all", "all", "", 120, 90, 0.75), ("g", "town", "y", "Y", 10, 9, 0.9)], columns=columns)
    both = share_changes(before, after).set_index("unit")
    assert both.loc["all", ["share_change", "covered_change"]].tolist() == [0.25, 40]
    assert np.isnan(both["share_change"]["x"])
    assert np.isnan(both["share_before"]["y"])


def test_rows_judged_on_several_grounds_meet_their_own():
    rows = [
        ("g", "town", "x", "X", figure, np.nan, np.nan, np.nan, value, None) for figure, value in (("a", 1), ("a", 2), ("b", 3))
    ]
    card = pd.DataFrame(rows, columns=["goal", "level", "unit", "name", "figure", "people", "covered", "share", "value", "met"])
    both = share_changes(card, card.assign(value=card["value"] * 10))
    assert both[["figure", "value_before", "value_after"]].to_numpy().tolist() == [["a", 1, 10], ["a", 2, 20], ["b", 3, 30]]


@settings(max_examples=40)
@given(st.lists(st.integers(0, 3000), min_size=1, max_size=12), st.lists(st.integers(0, 3000), max_size=12))
def test_every_facility_is_told_of_exactly_once(first, second):
    before, after = (
        sites(*((f"{name}{at}", metres) for at, metres in enumerate(places))) for name, places in (("f", first), ("f", second))
    )
    found = facility_changes(before, after)
    assert sorted(found["before"].dropna()) == sorted(before["facility"])
    assert sorted(found["after"].dropna()) == sorted(after["facility"])
    assert (found["before"].isna() == (found["change"] == "opened")).all()
    assert (found["after"].isna() == (found["change"] == "closed")).all()
    assert (found.loc[found["change"] == "moved", "metres"] > 50).all()


def test_inputs_stay_as_they_are():
    before, after = sites(("f", 0)), sites(("g", 300))
    copies = before.copy(), after.copy()
    facility_changes(before, after)
    pd.testing.assert_frame_equal(before, copies[0])
    pd.testing.assert_frame_equal(after, copies[1])
    assert unit_changes(demand(("a", 1, 1, "f")), demand(("a", 1, 1, "f")), "g").gained == pytest.approx(0)
