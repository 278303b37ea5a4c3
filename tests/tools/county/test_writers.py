"""The writers of the generated county, on shapes small enough to check by hand."""

from pathlib import Path

import numpy as np
import osmium
import pytest
import shapely
from county.facilities import Spot
from county.frame import HEIGHT, WIDTH, smooth_line, to_cells, to_degrees
from county.ways import Way, join_ways, split_bridges
from county.writers import write_map


def make_way(*points: tuple[float, float], level: int = 0, **tags: str) -> Way:
    return Way(metres=np.array(points, dtype=float), tags=tags or {"highway": "residential"}, level=level)


def test_crossing_ways_get_one_common_node_and_bridges_none() -> None:
    across, along, above = join_ways(
        [make_way((0, 50), (100, 50)), make_way((50, 0), (50, 100)), make_way((0, 0), (100, 100), level=1)]
    )
    assert across.metres.tolist() == [[0, 50], [50, 50], [100, 50]]
    assert along.metres.tolist() == [[50, 0], [50, 50], [50, 100]]
    assert len(above.metres) == 2


def test_a_way_that_ends_on_another_or_a_hair_beside_it_is_joined() -> None:
    road, lane = join_ways([make_way((0, 0), (100, 0)), make_way((40, 0.6), (40, 80))])
    assert len(road.metres) == 3
    assert road.metres[1].tolist() == lane.metres[0].tolist()


def test_a_road_over_a_river_becomes_three_ways_with_the_bridge_in_the_middle() -> None:
    road = make_way(*((x, 5_000.0) for x in range(1_000, 1_600, 20)), highway="primary")
    rivers = np.zeros((324, 432), dtype=bool)
    rivers[to_cells(np.array([[1_300.0, 5_000.0]]))] = True
    parts = split_bridges([road], rivers, kinds=["primary"])
    assert ["bridge" in part.tags for part in parts] == [False, True, False]
    assert np.vstack([parts[0].metres, parts[1].metres[1:], parts[2].metres[1:]]).tolist() == road.metres.tolist()
    assert len(split_bridges([road], rivers, kinds=["tertiary"])) == 1


def test_an_area_with_a_hole_is_a_multipolygon_relation(tmp_path: Path) -> None:
    hole = shapely.Polygon(shapely.box(0, 0, 900, 900).exterior, [shapely.box(300, 300, 600, 600).exterior])
    write_map(tmp_path / "m.osm.pbf", ways=[make_way((0, 0), (50, 50))], spots=[Spot(shape=hole, tags={"natural": "wood"})])
    found = [
        (dict(item.tags), [member.role for member in item.members])
        for item in osmium.FileProcessor(str(tmp_path / "m.osm.pbf"), osmium.osm.RELATION)
    ]
    assert found == [({"type": "multipolygon", "natural": "wood"}, ["outer", "inner"])]


def test_ways_that_meet_in_a_point_share_its_node(tmp_path: Path) -> None:
    write_map(tmp_path / "m.osm.pbf", ways=[make_way((0, 0), (50, 0)), make_way((50, 0), (50, 70))], spots=[])
    refs = [[node.ref for node in way.nodes] for way in osmium.FileProcessor(str(tmp_path / "m.osm.pbf"), osmium.osm.WAY)]
    assert refs == [[1, 2], [2, 3]]


def test_the_frames_corners_are_where_its_rasters_say() -> None:
    corners = to_degrees(np.array([[0, HEIGHT], [WIDTH, 0]]))
    assert corners.ravel() == pytest.approx([121.10, 28.44, 121.46, 28.17])
    assert [cell.tolist() for cell in to_cells(np.array([[1, HEIGHT - 1], [WIDTH - 1, 1]]))] == [[0, 323], [0, 431]]


def test_smoothing_keeps_the_ends_of_lines_and_closes_rings() -> None:
    line = smooth_line(np.array([[0.0, 0], [10, 0], [10, 10]]))
    assert (line[0].tolist(), line[-1].tolist()) == ([0, 0], [10, 10])
    ring = smooth_line(np.array([[0.0, 0], [10, 0], [10, 10], [0, 10], [0, 0]]))
    assert ring[0].tolist() == ring[-1].tolist()
    assert 70 < shapely.Polygon(ring).area < 100
