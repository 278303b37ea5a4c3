"""Each unit stands for a patch of ground, and neighbours meet without a gap between them."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from affine import Affine
from pyproj import CRS

from lifecircle.layers.footprints import distinct_ground, footprints, outlines, topmost
from lifecircle.layers.population_raster import Grid


def prints_of(x, y, ids=None, cell_metres=None, grid=None):
    ids = [str(i) for i in range(len(x))] if ids is None else ids
    geometry = gpd.GeoSeries(gpd.points_from_xy(x, y), crs="EPSG:4326")
    return footprints(geometry, ids=pd.Series(ids), cell_metres=cell_metres, grid=grid)


def all_outlines(prints):
    return outlines(prints, np.arange(len(prints.x)))


def lattice(step, columns=40, rows=30, west=100.0, south=29.0):
    """Centres of a raster in degrees with some empty cells."""
    x, y = (part.ravel() for part in np.meshgrid(west + np.arange(columns) * step, south + np.arange(rows) * step))
    keep = np.arange(len(x)) % 7 != 3
    return x[keep], y[keep]


def hexagon_centres(spacing_degrees, columns=12, rows=9):
    row, column = np.divmod(np.arange(columns * rows), columns)
    return 120 + spacing_degrees * (column + row % 2 / 2), spacing_degrees * row * np.sqrt(3) / 2


def hexagon_ids(count):
    return [f"89a90129{i:03x}ffff" for i in range(count)]


def test_polygons_stay_themselves():
    boxes = gpd.GeoSeries(shapely.box([0, 2], 0, [1, 3], 1), crs="EPSG:4326")
    prints = footprints(boxes, ids=pd.Series(["a", "b"]), cell_metres=None)
    assert prints.kind == "polygon"
    assert (all_outlines(prints) == boxes.to_numpy()).all()


def test_points_among_polygons_become_circles():
    mixed = gpd.GeoSeries([shapely.box(0, 0, 1, 1), shapely.Point(5, 0)], crs="EPSG:4326")
    areas = all_outlines(footprints(mixed, ids=pd.Series(["a", "b"]), cell_metres=None))
    assert areas[0] == mixed[0]
    west, south, east, north = areas[1].bounds
    assert (east - west, north - south) == pytest.approx((100 / 111_195,) * 2)


@pytest.mark.parametrize("decimals", [12, 6])
def test_a_raster_in_degrees_is_found_again_from_its_centres(decimals):
    x, y = lattice(1 / 1200)
    prints = prints_of(np.round(x, decimals), np.round(y, decimals), cell_metres=92.0)
    assert prints.kind == "rectangle"
    assert (prints.width, prints.height) == pytest.approx((1 / 1200, 1 / 1200), rel=1e-3)
    assert prints.grid.shape == (30, 40)
    assert prints.grid.columns.tolist() == np.round((x - x.min()) * 1200).astype(int).tolist()
    assert prints.grid.rows.tolist() == np.round((y.max() - y) * 1200).astype(int).tolist()


def test_a_lattice_is_found_across_wide_gaps():
    """Rounded steps alternate; over a strait a wrong mean step would miscount the columns."""
    x = np.concatenate([43.21 + np.arange(30) / 1200, 44.3 + (8 + np.arange(30)) / 1200])
    x, y = (part.ravel() for part in np.meshgrid(x, -12 + np.arange(20) / 1200))
    assert prints_of(x, y, cell_metres=92.0).kind == "rectangle"


def test_cells_of_a_lattice_meet_without_seams():
    x, y = lattice(1 / 1200)
    prints = prints_of(x, y, cell_metres=92.0)
    areas = all_outlines(prints)
    assert prints.share_corners
    assert shapely.contains_xy(areas, x, y).all()
    joined = shapely.coverage_union_all(areas)
    assert shapely.area(joined) == pytest.approx(len(x) / 1200**2, rel=1e-6)


def test_two_units_in_one_cell_share_no_corners_only():
    x, y = lattice(1 / 1200)
    assert not prints_of(np.append(x, x[5]), np.append(y, y[5]), cell_metres=92.0).share_corners


def test_cells_of_a_projected_raster_keep_its_turn_on_the_ground():
    """North of a Gauss-Krueger grid is not north: its cells are turned, and neighbours still share their corners."""
    rows, columns = (part.ravel().astype(np.int32) for part in np.mgrid[:30, :30])
    grid = Grid(
        crs=CRS.from_epsg(4549), transform=Affine(100, 0, 6e5, 0, -100, 3.2e6), shape=(30, 30), rows=rows, columns=columns
    )
    centres = gpd.GeoSeries(gpd.points_from_xy(6e5 + 100 * columns + 50, 3.2e6 - 100 * rows - 50), crs="EPSG:4549")
    centres = centres.to_crs("EPSG:4326")
    prints = prints_of(centres.x, centres.y, cell_metres=100.0, grid=grid)
    assert (prints.kind, prints.width) == ("square", 100.0)
    joined = shapely.coverage_union_all(all_outlines(prints))
    back = gpd.GeoSeries([joined], crs="EPSG:4326").to_crs("EPSG:4549")
    assert back.area.iloc[0] == pytest.approx(900 * 100**2, rel=1e-9)
    assert back.bounds.iloc[0].tolist() == pytest.approx([6e5, 3.2e6 - 3000, 6e5 + 3000, 3.2e6], abs=1e-3)


def test_a_metric_lattice_of_unknown_system_is_drawn_in_metres():
    points = gpd.GeoSeries(gpd.points_from_xy(*(5e5 + 100 * np.mgrid[:30, :30]).reshape(2, -1)), crs="EPSG:4549")
    points = points.translate(0, 2.7e6).rotate(7, origin=(5e5, 3.2e6)).to_crs("EPSG:4326")
    prints = prints_of(points.x, points.y, cell_metres=100.0)
    assert (prints.kind, prints.width, prints.grid) == ("square", 100.0, None)
    metres = gpd.GeoSeries(all_outlines(prints), crs="EPSG:4326").to_crs("EPSG:4549").area
    assert metres.to_numpy() == pytest.approx(np.full(900, 100.0**2), rel=0.005)


def test_lone_points_become_circles_that_touch():
    prints = prints_of([120.0, 120.01, 120.03], [0.0, 0.0, 0.0])
    assert prints.kind == "circle"
    assert prints.width == pytest.approx(1112, rel=0.01)
    assert shapely.intersects(*all_outlines(prints)[:2])


def test_far_villages_do_not_stand_for_the_land_between():
    assert prints_of([120.0, 121.0, 122.0], [0.0, 0.0, 0.0]).width == 2000


def test_one_point_alone_still_has_a_size():
    assert prints_of([120.0], [30.0]).width > 0


def test_h3_points_become_hexagons_that_tile():
    x, y = hexagon_centres(0.003)
    prints = prints_of(x, y, hexagon_ids(len(x)))
    polygons = all_outlines(prints)
    assert (prints.kind, prints.share_corners) == ("polygon", True)
    assert shapely.contains_xy(polygons, x, y).all()
    assert {len(polygon.exterior.coords) - 1 for polygon in polygons} == {6}
    area = np.sqrt(3) / 2 * 0.003**2
    assert shapely.area(polygons) == pytest.approx(np.full(len(x), area), rel=0.01)
    joined = shapely.coverage_union_all(polygons)
    assert joined.geom_type == "Polygon"
    assert len(joined.interiors) == 0


@pytest.mark.parametrize("count", [81, 6])
def test_h3_ids_on_a_square_grid_or_too_few_are_no_hexagons(count):
    x, y = (part.ravel()[:count] for part in np.meshgrid(np.arange(9) * 0.01, np.arange(9) * 0.01))
    assert prints_of(x, y, hexagon_ids(count)).kind == "circle"


def test_porto_alegre_hexagons_have_the_area_of_h3(shared_data):
    table = pd.read_csv(shared_data / "porto-alegre-sao-paulo" / "poa" / "poa_hexgrid.csv")
    prints = prints_of(table["lon"].to_numpy(), table["lat"].to_numpy(), table["id"])
    metres = gpd.GeoSeries(prints.polygons, crs="EPSG:4326").to_crs("EPSG:32722")
    # H3 resolution 9 has 0.1053 km2 on the mean of the globe; cells vary, here they are smaller.
    assert metres.area.median() / 1e6 == pytest.approx(0.105, rel=0.15)
    assert metres.area.max() / metres.area.min() < 1.1


SHARED = ["b", "a", "b", "c", "a"]  # the ground of five units


def shared_ground(kind):
    spots = {"a": (5.0, 1.0), "b": (9.0, 2.0), "c": (5.0, 2.0)}
    x, y = np.array([spots[name] for name in SHARED]).T
    if kind == "points":
        return prints_of(x, y)
    return footprints(gpd.GeoSeries(shapely.box(x, y, x + 1, y + 1), crs="EPSG:4326"), ids=pd.Series(SHARED), cell_metres=None)


@pytest.mark.parametrize("kind", ["points", "boxes"])
def test_distinct_ground_is_numbered_as_it_comes(kind):
    same, first = distinct_ground(shared_ground(kind), np.array([4, 3, 1, 0]))
    assert same.tolist() == [0, 1, 0, 2] and first.tolist() == [0, 1, 3]


@pytest.mark.parametrize("kind", ["points", "boxes"])
def test_the_last_unit_on_a_patch_hides_the_others(kind):
    units, sharing = topmost(shared_ground(kind))
    assert units.tolist() == [2, 3, 4] and sharing.tolist() == [2, 1, 2]
