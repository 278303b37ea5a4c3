"""Each unit is drawn as the ground it stands for."""

import dataclasses

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from lifecircle.maps.footprints import footprints


def hexagon_centres(spacing_degrees, columns=12, rows=9):
    row, column = np.divmod(np.arange(columns * rows), columns)
    return 120 + spacing_degrees * (column + row % 2 / 2), spacing_degrees * row * np.sqrt(3) / 2


def with_points(results, x, y, ids, cell_metres=None):
    demand = gpd.GeoDataFrame({"id": ids}, geometry=gpd.points_from_xy(x, y), crs="EPSG:4326")
    return dataclasses.replace(results, demand=demand, cell_metres=cell_metres)


def test_polygons_stay_themselves(build_results):
    results = build_results(shape="polygon")
    prints = footprints(results)
    assert prints.kind == "polygon"
    assert (prints.polygons == results.demand.geometry.to_numpy()).all()


def test_raster_in_degrees_tiles_without_seams(toy):
    x, y = (part.ravel() for part in np.meshgrid(100 + np.arange(40) / 1200, 29 + np.arange(30) / 1200))
    keep = np.arange(len(x)) % 7 != 3  # a raster with empty cells
    prints = footprints(with_points(toy, x[keep], y[keep], [str(i) for i in range(keep.sum())], 92.0))
    assert prints.kind == "rectangle"
    assert (prints.width, prints.height) == pytest.approx((1 / 1200, 1 / 1200), rel=1e-3)


def test_projected_grid_is_drawn_in_metres(toy):
    points = gpd.GeoSeries(gpd.points_from_xy(*(5e5 + 100 * np.mgrid[:30, :30]).reshape(2, -1)), crs="EPSG:4549")
    points = points.translate(0, 2.7e6).rotate(7, origin=(5e5, 3.2e6)).to_crs("EPSG:4326")
    prints = footprints(with_points(toy, points.x, points.y, [str(i) for i in range(len(points))], 100.0))
    assert (prints.kind, prints.width) == ("square", 100.0)


def test_lone_points_become_circles_that_touch(toy):
    prints = footprints(with_points(toy, [120.0, 120.01, 120.03], [0.0, 0.0, 0.0], ["a", "b", "c"]))
    assert prints.kind == "circle"
    assert prints.width == pytest.approx(1112, rel=0.01)


def test_one_point_alone_still_has_a_size(toy):
    assert footprints(with_points(toy, [120.0], [30.0], ["a"])).width > 0


def test_h3_points_become_hexagons_that_tile(toy):
    x, y = hexagon_centres(0.003)
    prints = footprints(with_points(toy, x, y, [f"89a90129{i:03x}ffff" for i in range(len(x))]))
    assert prints.kind == "polygon"
    polygons = prints.polygons
    assert shapely.contains_xy(polygons, x, y).all()
    assert {len(polygon.exterior.coords) - 1 for polygon in polygons} == {6}
    area = np.sqrt(3) / 2 * 0.003**2
    assert shapely.area(polygons) == pytest.approx(np.full(len(x), area), rel=0.01)
    assert shapely.area(shapely.union_all(polygons)) == pytest.approx(area * len(x), rel=0.01)


def test_h3_ids_on_a_square_grid_are_no_hexagons(toy):
    x, y = (part.ravel() for part in np.meshgrid(np.arange(9) * 0.01, np.arange(9) * 0.01))
    assert footprints(with_points(toy, x, y, [f"89a90129{i:03x}ffff" for i in range(81)])).kind == "circle"


def test_porto_alegre_hexagons_have_the_area_of_h3(toy, shared_data):
    table = pd.read_csv(shared_data / "porto-alegre-sao-paulo" / "poa" / "poa_hexgrid.csv")
    prints = footprints(with_points(toy, table["lon"], table["lat"], table["id"]))
    metres = gpd.GeoSeries(prints.polygons, crs="EPSG:4326").to_crs("EPSG:32722")
    # H3 resolution 9 has 0.1053 km2 on the mean of the globe; cells vary, here they are smaller.
    assert metres.area.median() / 1e6 == pytest.approx(0.105, rel=0.15)
    assert metres.area.max() / metres.area.min() < 1.1
