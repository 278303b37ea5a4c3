"""Gaps are the connected areas of uncovered people, whatever ground the units stand for."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecircle.analyses.coverage import STATUSES
from lifecircle.analyses.gaps import COLUMNS, gap_areas
from lifecircle.analyses.scorecard import GoalTable
from lifecircle.layers.footprints import footprints
from lifecircle.layers.goals import CircleGoal

GOAL = CircleGoal(id="g", service="s", mode="walk", minutes=10)
LETTERS = {"c": "covered", "b": "beyond", "x": "cut-off", "u": "unconnected", "e": "excluded"}
STEP = 1 / 1200


def gaps_of(picture, people=None, facility=None, names=None, shapes="lattice"):
    """Return the gaps of a picture of letters, one per cell; a dot is a cell where nobody lives."""
    rows, columns = (part.ravel() for part in np.indices((len(picture), len(picture[0]))))
    letters = np.array([letter for line in picture for letter in line])
    used = letters != "."
    lon, lat = 120 + np.arange(len(picture[0]) + 1) * STEP, 29 - np.arange(len(picture) + 1) * STEP
    rows, columns = rows[used], columns[used]
    status = pd.Categorical([LETTERS[letter] for letter in letters[used]], categories=STATUSES)
    minutes = np.where(status == "covered", 5.0, np.where(status == "beyond", 12.0, np.nan))
    people = np.full(len(status), 10.0) if people is None else np.array(people, float)
    boxes = shapely.box(lon[columns], lat[rows + 1], lon[columns + 1], lat[rows])
    geometry = boxes if shapes == "polygons" else shapely.centroid(boxes)
    prints = footprints(
        gpd.GeoSeries(geometry, crs="EPSG:4326"), ids=pd.Series([str(i) for i in range(len(status))]),
        cell_metres=92.0 if shapes == "lattice" else None,
    )  # fmt: skip
    table = GoalTable(goal=GOAL, people=people, counted=people, minutes=minutes, status=status)
    facility = pd.Series(["f"] * len(status) if facility is None else facility, dtype="str").where(status == "beyond")
    return gap_areas(table, prints, facility, names or {"f": "Clinic"}).areas


def cells_in(gaps):
    return (gaps.geometry.map(lambda area: area.area) / STEP**2).round(4).tolist()


def test_neighbours_at_an_edge_or_a_corner_are_one_gap():
    gaps = gaps_of(["bbcc.", "ccbcc", "ccccb"])
    assert gaps["units"].tolist() == [3, 1]
    assert gaps["gap"].tolist() == [1, 2]
    assert gaps["people"].tolist() == [30, 10]
    assert cells_in(gaps) == [3, 1]
    assert shapely.is_valid(gaps.geometry.to_numpy()).all()


def test_the_end_of_a_row_does_not_touch_the_start_of_the_next():
    assert gaps_of(["cccb", "bccc", "cccc"])["units"].tolist() == [1, 1]


def test_reasons_never_mix():
    gaps = gaps_of(["bxu", "bxu", "cce"])
    assert dict(zip(gaps["reason"], gaps["units"], strict=True)) == {"too_few": 2, "cut_off": 2, "no_street": 2}
    assert gaps.set_index("reason")["minutes"].isna().to_dict() == {"too_few": False, "cut_off": True, "no_street": True}


def test_figures_are_weighted_by_people():
    gaps = gaps_of(["bbc", "bcc", "ccc"], people=[1, 1, 0, 5, 1, 1, 1, 1, 1], facility=list("aabbfffff"), names={"b": "B"})
    row = gaps.iloc[0]
    assert (row["people"], row["facility"], row["facility_name"]) == (7, "b", "B")
    assert (row["minutes"], row["minutes_over"]) == (12, 2)


def test_cells_without_people_of_the_goal_belong_to_no_gap():
    gaps = gaps_of(["bbb", "ccc", "ccc"], people=[1, 0, 1, 1, 1, 1, 1, 1, 1])
    assert gaps["units"].tolist() == [1, 1]


def test_a_hole_stays_a_hole_and_straight_edges_have_no_corners_between():
    gaps = gaps_of(["bbb", "bcb", "bbb"])
    area = gaps.geometry.iloc[0]
    assert cells_in(gaps) == [8]
    assert len(area.interiors) == 1
    assert shapely.get_num_coordinates(area) == 10


@pytest.mark.parametrize("shapes", ["lattice", "polygons"])
def test_no_gap_is_an_empty_table(shapes):
    gaps = gaps_of(["cc", "ce"], shapes=shapes)
    assert tuple(gaps.columns) == COLUMNS
    assert len(gaps) == 0


def in_order(gaps):
    """Sort gaps by where they are, since two of as many people may come in either order."""
    boxes = gaps.geometry.bounds.round(6)
    return gaps.assign(**boxes).sort_values(["reason", *boxes, "units", "people"], ignore_index=True)


@settings(max_examples=60)
@given(st.lists(st.text("cbxu.", min_size=6, max_size=6), min_size=6, max_size=6), st.integers(0, 9))
def test_cells_give_the_gaps_that_their_polygons_give(lines, seed):
    """Counted by rows and columns, cells make the same gaps as their outlines do in a spatial index."""
    lines = ["bccccb", *lines, "cccccc"]
    count = sum(letter != "." for line in lines for letter in line)
    people = np.random.default_rng(seed).integers(0, 4, count)
    by_cell, by_shape = (gaps_of(lines, people=people, shapes=shapes) for shapes in ("lattice", "polygons"))
    by_cell, by_shape = in_order(by_cell), in_order(by_shape)
    same = ["people", "facility", "minutes", "reason", "units"]
    pd.testing.assert_frame_equal(pd.DataFrame(by_cell[same]), pd.DataFrame(by_shape[same]))
    for one, other in zip(by_cell.geometry, by_shape.geometry, strict=True):
        assert shapely.area(shapely.symmetric_difference(one, other)) < 1e-5 * STEP**2
    uncovered = sum(letter in "bxu" and folk > 0 for letter, folk in zip("".join(lines).replace(".", ""), people, strict=True))
    assert by_cell["units"].sum() == uncovered


def test_far_islands_cost_no_sea_between_them():
    """Two towns on either side of the antimeridian: a raster of everything between would have 10 billion cells."""
    x = np.concatenate([-179.9 + np.arange(20) * 1e-3, 179.9 + np.arange(20) * 1e-3])
    x, y = (part.ravel() for part in np.meshgrid(x, np.concatenate([-80 + np.arange(4) * 1e-3, 80 + np.arange(4) * 1e-3])))
    status = pd.Categorical(["cut-off"] * len(x), categories=STATUSES)
    ones, none = np.ones(len(x)), np.full(len(x), np.nan)
    prints = footprints(
        gpd.GeoSeries(gpd.points_from_xy(x, y)), ids=pd.Series([str(i) for i in range(len(x))]), cell_metres=111.0
    )
    assert prints.grid.shape == (160_004, 359_820)
    table = GoalTable(goal=GOAL, people=ones, counted=ones, minutes=none, status=status)
    assert gap_areas(table, prints, pd.Series([None] * len(x), dtype="str"), {}).areas["units"].tolist() == [80] * 4


def test_every_uncovered_unit_belongs_to_the_gap_that_counts_it():
    people = [3.0, 4, 1, 2, 9, 5]
    status = pd.Categorical(["beyond", "covered", "beyond", "cut-off", "beyond", "unconnected"], categories=STATUSES)
    minutes = np.array([12.0, 5, 30, np.nan, 13, np.nan])
    table = GoalTable(goal=GOAL, people=np.array(people), counted=np.array(people), minutes=minutes, status=status)
    lon = 120 + np.array([0, 1, 3, 5, 4, 6]) * STEP
    points = gpd.GeoSeries(shapely.points(lon, np.full(6, 29.0)), crs="EPSG:4326")
    prints = footprints(points, ids=pd.Series(list("abcdef")), cell_metres=92.0)
    areas, gap_of = gap_areas(table, prints, pd.Series([None] * 6, dtype="str"), {})
    assert gap_of.tolist() == [3, 0, 1, 4, 1, 2]
    assert areas["people"].tolist() == np.bincount(gap_of, people)[1:].tolist() == [10, 5, 3, 2]
    assert areas["pass_minutes"].tolist()[:1] == [13], "nine of ten people live in the nearer cell"
    assert areas.set_index("gap")["pass_minutes"].isna().to_dict() == {1: False, 2: True, 3: False, 4: True}
