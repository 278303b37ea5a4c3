"""Waters are read with the streets: which elements they are, cut and incomplete ones, and what the cache gives back."""

import numpy as np
import pytest
import shapely
from toy_map import DEGREES, ROAD, row, street, write_map

from lifecircle.geo.reading.cache import load_osm
from lifecircle.geo.reading.osm import read_osm
from lifecircle.geo.waters import AREA_KIND, COAST_KIND, LINE_KIND, Waters

SQUARE = {101: (0, 1), 102: (4, 1), 103: (4, 3), 104: (0, 3)}
RING = [101, 102, 103, 104, 101]
MULTIPOLYGON = {"type": "multipolygon"}


@pytest.fixture
def waters(tmp_path):
    """Read the waters of a street, four nodes, some ways and relations."""

    def read(*ways, relations=(), nodes=SQUARE):
        file = write_map(tmp_path / "toy.osm", {**row(3), **nodes}, [street(3), *ways], relations=relations)
        return read_osm(file, place_keys=()).waters

    return read


def box(west, south, east, north):
    return shapely.box(*(DEGREES * step for step in (west, south, east, north)))


def test_an_area_a_line_and_a_coast(waters):
    found = waters((RING, {"natural": "water"}), ([101, 102], {"waterway": "canal"}), ([103, 104], {"natural": "coastline"}))
    assert found.kinds.tolist() == [AREA_KIND, LINE_KIND, COAST_KIND]
    assert found.shapes[0].equals(box(0, 1, 4, 3)) and found.shapes[1].geom_type == "LineString"


@pytest.mark.parametrize(
    ("tags", "kinds"),
    [
        ({"natural": "coastline"}, [COAST_KIND]),  # an island, round which the sea lies
        ({"waterway": "river"}, [LINE_KIND]),
        ({"waterway": "river", "natural": "water"}, [AREA_KIND]),
        ({"natural": "bay"}, []),
        ({"landuse": "basin"}, [AREA_KIND]),
        ({"waterway": "river", "tunnel": "culvert"}, []),
    ],
)
def test_closed_ways(waters, tags, kinds):
    assert waters((RING, tags)).kinds.tolist() == kinds


def test_an_open_way_is_no_area(waters):
    assert len(waters((RING[:-1], {"natural": "water"}))) == 0


def test_a_line_is_cut_at_nodes_that_are_missing_and_not_drawn_across(waters):
    found = waters(([101, 102, 999, 103, 104], {"waterway": "river"}), ([101, 999, 103], {"natural": "coastline"}))
    assert [list(line.coords) for line in found.shapes] == [
        [(0, DEGREES), (4 * DEGREES, DEGREES)],
        [(4 * DEGREES, 3 * DEGREES), (0, 3 * DEGREES)],
    ]


def test_a_relation_has_holes_and_needs_its_type(waters):
    island = {201: (1, 1.5), 202: (2, 1.5), 203: (2, 2)}
    parts = [(2, "outer"), (3, "inner")]
    relations = [(parts, {**MULTIPOLYGON, "natural": "water"}), (parts, {"type": "site", "natural": "water"})]
    found = waters((RING, {}), ([201, 202, 203, 201], {}), relations=relations, nodes={**SQUARE, **island})
    assert found.kinds.tolist() == [AREA_KIND]
    assert found.shapes[0].area == pytest.approx((8 - 0.25) * DEGREES**2)


def test_a_relation_of_which_nothing_closes_is_no_water(waters):
    assert len(waters((RING[:3], {}), relations=[([(2, "outer"), (99, "outer")], {**MULTIPOLYGON, "natural": "water"})])) == 0


def test_a_bank_path_that_is_tagged_as_the_coastline_is_both(tmp_path):
    file = write_map(tmp_path / "toy.osm", {**row(3), **SQUARE}, [street(3), ([101, 102], {**ROAD, "natural": "coastline"})])
    extract = read_osm(file)
    assert extract.waters.kinds.tolist() == [COAST_KIND] and len(extract.streets.way_ids) == 2 and extract.places.empty


def test_a_basin_is_water_and_no_place_while_a_lake_is_both(tmp_path):
    ways = [street(3), (RING, {"landuse": "basin"}), (RING, {"natural": "water"})]
    extract = read_osm(write_map(tmp_path / "toy.osm", {**row(3), **SQUARE}, ways))
    assert len(extract.waters) == 2 and extract.places["osm"].tolist() == ["w3"]
    assert read_osm(tmp_path / "toy.osm", place_keys=()).places.empty


def test_the_cache_gives_back_the_same_waters(tmp_path):
    ways = [street(3), (RING, {"natural": "water"}), ([101, 103], {"waterway": "river"}), ([102, 104], {"natural": "coastline"})]
    file = write_map(tmp_path / "toy.osm", {**row(3), **SQUARE}, ways)
    first, again = load_osm([file], tmp_path), load_osm([file], tmp_path)
    assert again.cached and len(first.extract.waters) == 3
    np.testing.assert_array_equal(again.extract.waters.kinds, first.extract.waters.kinds)
    assert shapely.equals_exact(again.extract.waters.shapes, first.extract.waters.shapes).all()


def test_a_lake_across_the_antimeridian_stays_in_one_piece(waters):
    """An L on both sides of 180 degrees; drawn in degrees from -180 to 180 its outline would cross itself."""
    corners = [
        (179_998, 1),
        (-179_998, 1),
        (-179_998, 3),
        (-179_999, 3),
        (-179_999, 2),
        (179_999, 2),
        (179_999, 1.5),
        (179_998, 1.5),
    ]
    nodes = dict(enumerate(corners, start=101))
    found = waters(([*nodes, 101], {"natural": "water"}), nodes=nodes)
    assert found.shapes[0].bounds == pytest.approx((179.998, 0.001, 180.002, 0.003))
    assert found.shapes[0].area == pytest.approx((0.5 + 3 + 1) * DEGREES**2)


def test_areas_in_the_index_are_half_a_metre_smaller():
    square = box(10, 10, 20, 20)
    index = Waters(kinds=np.zeros(1, np.uint8), shapes=np.array([square], dtype=object)).index
    west, south, east, north = index.boxes[0]
    metres = 0.5 / 111_000
    assert (west - 0.01, south - 0.01, 0.02 - east, 0.02 - north) == pytest.approx((metres,) * 4, rel=0.01)


def test_a_pond_narrower_than_a_metre_is_none():
    ditch = shapely.box(0, 0, 0.01, 0.000008)
    assert len(Waters(kinds=np.zeros(1, np.uint8), shapes=np.array([ditch], dtype=object)).index.area) == 0
