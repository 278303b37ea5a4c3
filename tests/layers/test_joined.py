"""Joined ground: cells of a projected raster, points on one place, circles."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from affine import Affine
from pyproj import CRS

from lifecircle.layers import joined
from lifecircle.layers.footprints import distinct_ground, footprints, outlines
from lifecircle.layers.joined import joined_outlines, touching
from lifecircle.layers.population_raster import Grid


def prints_of_grid(rows, columns, *, crs, transform):
    from lifecircle.geo.coordinates import to_wgs84

    rows, columns = np.array(rows, np.int32), np.array(columns, np.int32)
    grid = Grid(crs=CRS.from_user_input(crs), transform=transform, shape=(200, 200), rows=rows, columns=columns)
    x, y = transform.a * (columns + 0.5) + transform.c, transform.e * (rows + 0.5) + transform.f
    lon, lat = to_wgs84(x, y, crs)
    geometry = gpd.GeoSeries(gpd.points_from_xy(lon, lat), crs="EPSG:4326")
    return footprints(geometry, ids=pd.Series(range(len(rows))), cell_metres=100.0, grid=grid)


@pytest.mark.parametrize(
    ("crs", "transform"),
    [
        ("EPSG:4326", Affine(0.001, 0, 179.95, 0, -0.001, 30.1)),
        ("EPSG:32650", Affine(100, 0, 500_000, 0, -100, 3_300_000)),
    ],
)
def test_outlines_of_cells_are_their_union(crs, transform):
    rows, columns = np.nonzero(np.random.default_rng(5).random((60, 60)) < 0.6)
    prints = prints_of_grid(rows, columns, crs=crs, transform=transform)
    at = np.arange(len(rows))
    group = touching(prints, at)
    areas = joined_outlines(prints, at, group)
    cells = outlines(prints, at)
    assert len(areas) == group.max() + 1 and shapely.is_valid(areas).all()
    for number, area in enumerate(areas):
        union = shapely.coverage_union_all(cells[group == number])
        assert shapely.area(shapely.symmetric_difference(area, union)) <= 1e-5 * union.area  # a centimetre along the borders


def points(lon, lat):
    geometry = gpd.GeoSeries(gpd.points_from_xy(lon, lat), crs="EPSG:4326")
    return footprints(geometry, ids=pd.Series(range(len(lon))), cell_metres=None)


def test_any_number_of_units_may_stand_on_one_point():
    prints = points(np.r_[np.full(20_000, 120.0), 120.0, 121.0], np.r_[np.full(20_000, 30.0), 30.0, 30.0])
    at = np.arange(len(prints.x))
    group = touching(prints, at)
    assert group.max() == 1 and (group == 1).sum() == 1
    assert len(joined_outlines(prints, at, group)) == 2


def test_ground_is_told_apart_once_for_all_groups(monkeypatch):
    """A goal may have as many gaps as there are points; asking for each alone took most of a run."""
    asked = []
    monkeypatch.setattr(joined, "distinct_ground", lambda prints, at: asked.append(len(at)) or distinct_ground(prints, at))
    random = np.random.default_rng(4)
    prints = points(120 + random.integers(0, 9, 60) * 1e-3, 30 + random.integers(0, 3, 60) * 1e-3)  # 27 spots
    at, group = np.arange(60)[::-1], np.arange(60) // 2  # groups whose two units may share their spot, and groups that share it
    areas = joined_outlines(prints, at, group)
    assert asked == [60]
    circles = outlines(prints, at)
    assert all(areas[number].equals(shapely.union_all(circles[group == number])) for number in range(30))


def test_circles_that_touch_are_found_among_next_neighbours():
    random = np.random.default_rng(3)
    prints = points(120 + random.random(300) * 0.05, 30 + random.random(300) * 0.05)
    at = np.arange(300)
    areas = outlines(prints, at)
    first, second = shapely.STRtree(areas).query(areas, predicate="intersects")
    group = touching(prints, at)
    assert (group[first] == group[second]).all()
    assert group.max() + 1 == shapely.get_num_geometries(shapely.union_all(areas))


@pytest.mark.parametrize("count", [1, 2, 3])
def test_few_circles_on_a_line(count):
    prints = points(120 + 0.01 * np.arange(count), np.full(count, 30.0))
    assert len(touching(prints, np.arange(count))) == count
