"""Rasters of minutes over the ground of points and polygons."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from affine import Affine
from rasterio.features import rasterize

from lifecircle.layers.footprints import footprints
from lifecircle.studies.coverage import outputs

RING = shapely.box(1, 1, 9, 9).difference(shapely.box(4, 4, 6, 6))
AREAS = np.array([RING, shapely.box(3, 3, 5, 7), shapely.box(8, 0, 10, 2), shapely.MultiPoint([(1, 1), (9, 9)]).buffer(1)])


def test_areas_are_burnt_in_parts_as_at_once(monkeypatch):
    monkeypatch.setattr(outputs, "BURNT_AT_ONCE", 3)
    frame = {"out_shape": (20, 20), "transform": Affine(0.5, 0, 0, 0, -0.5, 10)}
    owner = outputs._burnt(AREAS, np.array([0, 4, 5, 8]), frame["out_shape"], frame["transform"])
    assert (owner == rasterize(zip(AREAS, [1, 5, 6, 9], strict=True), dtype="int32", **frame) - 1).all()
    assert set(np.unique(owner)) == {-1, 0, 4, 5, 8}


def test_ground_that_many_share_is_burnt_once(monkeypatch):
    burnt = []
    monkeypatch.setattr(outputs, "rasterize", lambda shapes, **options: burnt.extend(shapes))
    lon = np.r_[np.full(3_000, 120.0), 120.01]
    points = gpd.GeoSeries(gpd.points_from_xy(lon, np.full(len(lon), 30.0)), crs="EPSG:4326")
    outputs._owners(footprints(points, ids=pd.Series(range(len(lon))), cell_metres=None))
    assert [number for _, number in burnt] == [3_000, 3_001]


def test_of_units_on_one_place_the_last_has_its_cell_and_the_first_the_rest():
    points = gpd.GeoSeries(gpd.points_from_xy([120.0, 120.0, 120.0], [30.0] * 3), crs="EPSG:4326")
    owner, transform = outputs._owners(footprints(points, ids=pd.Series(["a", "b", "c"]), cell_metres=None))
    column, row = int((120.0 - transform.c) / transform.a), int((30.0 - transform.f) / transform.e)
    assert owner[row, column] == 2
    owner[row, column] = 0
    assert set(np.unique(owner)) == {-1, 0}
