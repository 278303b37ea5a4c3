"""Outlines of cells: hand-worked lattices, and the union of the cells as the judge."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from lifecircle.geo.cell_outlines import cell_rings


def areas_of(rows, columns, group, every=0):
    """Return one area per group, on a plane whose rows run down."""
    rings = cell_rings(np.array(rows), np.array(columns), np.array(group), every=every)
    closed = shapely.linearrings(np.column_stack([rings.columns, -rings.rows]).astype(float), indices=rings.ring)
    polygons = shapely.polygons(closed, indices=np.unique(rings.polygon, return_inverse=True)[1])
    return shapely.multipolygons(polygons, indices=rings.group)


def of_picture(picture):
    rows, columns = np.nonzero([[sign == "#" for sign in line] for line in picture])
    return areas_of(rows, columns, np.zeros(len(rows), int))[0]


def test_two_cells_side_by_side_have_four_corners():
    area = of_picture(["##"])
    assert area.area == 2 and shapely.get_num_coordinates(area) == 5


def test_a_hole_stays_a_hole():
    area = of_picture(["###", "#.#", "###"])
    assert area.area == 8 and len(area.geoms) == 1 and len(area.geoms[0].interiors) == 1


def test_cells_that_meet_at_a_corner_are_two_polygons():
    area = of_picture(["#.", ".#"])
    assert area.is_valid and [part.area for part in area.geoms] == [1, 1]


def test_holes_that_meet_at_a_corner_stay_two():
    area = of_picture(["####", "#.##", "##.#", "####"])
    assert area.is_valid and area.area == 14 and len(area.geoms[0].interiors) == 2


def test_a_bay_closed_by_a_corner_is_a_hole():
    area = of_picture(["###", "#.#", "##.", "###"])
    assert area.is_valid and area.area == 10


def test_an_island_in_a_hole_is_a_polygon_of_its_own():
    area = of_picture(["#####", "#...#", "#.#.#", "#...#", "#####"])
    assert area.is_valid and sorted(part.area for part in area.geoms) == [1, 16]


def test_far_islands_need_no_sea():
    area = areas_of([0, 2_000_000_000], [0, 2_000_000_000], [0, 0])[0]
    assert area.area == 2


def test_a_cell_twice_counts_once_in_its_group_and_once_in_another():
    first, second = areas_of([0, 0, 0], [0, 0, 0], [0, 0, 1])
    assert first.area == second.area == 1


def test_straight_borders_keep_points_on_the_same_lines_whatever_the_cells():
    long = areas_of([3] * 10, range(10), [0] * 10, every=4)[0]
    assert {x for x, _ in shapely.get_coordinates(long).tolist()} == {0, 4, 8, 10}
    part = areas_of([3] * 7, range(3, 10), [0] * 7, every=4)[0]
    assert {x for x, _ in shapely.get_coordinates(part).tolist()} == {3, 4, 8, 10}


def test_no_cells_have_no_rings():
    assert len(cell_rings(np.empty(0, int), np.empty(0, int), np.empty(0, int)).group) == 0


@given(st.lists(st.tuples(st.integers(-3, 4), st.integers(-3, 4), st.integers(0, 2)), min_size=1, max_size=60))
def test_outlines_are_the_union_of_their_cells(cells):
    rows, columns, groups = np.array(cells).T
    groups = np.unique(groups, return_inverse=True)[1]
    for group, area in enumerate(areas_of(rows, columns, groups)):
        mine = groups == group
        union = shapely.union_all(shapely.box(columns[mine], -rows[mine] - 1, columns[mine] + 1, -rows[mine]))
        assert area.is_valid and area.equals(union)


@pytest.mark.parametrize("size", [40])
def test_a_chessboard_of_holes_is_valid(size):
    rows, columns = np.nonzero(np.add.outer(np.arange(size), np.arange(size)) % 2 == 0)
    area = areas_of(rows, columns, np.zeros(len(rows), int))[0]
    assert area.is_valid and len(area.geoms) == size * size / 2
