"""Squares: along the outline and straight across between doors, on foot alone."""

from collections import Counter

import engine
import numpy as np
import pytest
import reference_model
import toy_map
from engine import part
from hypothesis import given, settings
from hypothesis import strategies as st
from toy_map import EAST, NORTH, ROAD

from lifecircle.geo.modes import travel_mode
from lifecircle.geo.network.building import build_graph
from lifecircle.geo.reading.osm import read_osm

SQUARE = {"highway": "pedestrian", "area": "yes"}
AREA = {"type": "multipolygon", "highway": "pedestrian"}
CORNERS = {1: (0.0, 0.0), 2: (2.0, 0.0), 3: (2.0, 2.0), 4: (0.0, 2.0)}
WAYS_IN = {11: (-1.0, 0.0), 13: (3.0, 2.0)}
RING = [1, 2, 3, 4, 1]


def lines(file, mode="walk"):
    """Straight ways across squares, as pairs of places in steps."""
    graph = build_graph(read_osm(file).streets, travel_mode(mode))
    drawn = graph.edge_line[graph.piece_edge]
    ends = np.stack((graph.piece_lon, graph.piece_lat), axis=-1)[drawn] / toy_map.DEGREES
    return {frozenset(map(tuple, pair)) for pair in ends.round(3).tolist()}


def seconds(file, start, end, mode="walk"):
    net = engine.network(file, mode)
    places = np.array([start, end]) * toy_map.DEGREES
    snaps = net.snap(places[:, 0], places[:, 1])
    return net.matrix(part(snaps, [0]), part(snaps, [1]))[0][0, 0]


@pytest.fixture
def write_map(tmp_path):
    return lambda nodes, ways, **more: toy_map.write_map(tmp_path / "toy.osm", nodes, ways, **more)


def test_a_square_is_crossed_from_door_to_door_at_walking_speed(write_map):
    """In at one corner, out at the one opposite: the diagonal, not half the outline. By car there is no square at all."""
    file = write_map({**CORNERS, **WAYS_IN}, [(RING, SQUARE), ([11, 1], ROAD), ([3, 13], ROAD)])
    diagonal = float(np.hypot(2 * EAST, 2 * NORTH))
    assert seconds(file, (-1, 0), (3, 2)) == pytest.approx((2 * EAST + diagonal) * 3.6 / 5, abs=0.01)
    assert lines(file) == {frozenset([(0.0, 0.0), (2.0, 2.0)])}
    assert lines(file, "bicycle") == lines(file, "car") == set()


def test_corners_that_no_other_way_meets_are_no_doors(write_map):
    file = write_map({**CORNERS, **WAYS_IN}, [(RING, SQUARE), ([11, 1], ROAD)])
    assert lines(file) == set()


@pytest.mark.parametrize(("tags", "crossed"), [({"foot": "no"}, False), ({"access": "private"}, True), ({"area": "no"}, False)])
def test_a_square_is_as_open_as_its_tags_say(write_map, tags, crossed):
    file = write_map({**CORNERS, **WAYS_IN}, [(RING, SQUARE | tags), ([11, 1], ROAD), ([3, 13], ROAD)])
    graph = build_graph(read_osm(file).streets, travel_mode("walk"))
    assert graph.edge_line.any() == crossed
    assert (graph.edge_ends_only[graph.edge_line] == ("access" in tags)).all()


def test_a_line_that_would_leave_the_square_is_not_walked(write_map):
    """An L: its two arms see each other across the corner outside only."""
    nodes = {1: (0, 0), 2: (3, 0), 3: (3, 1), 4: (1, 1), 5: (1, 3), 6: (0, 3), 11: (4, 1), 12: (0, 4), 13: (-1, 0)}
    file = write_map(nodes, [([1, 2, 3, 4, 5, 6, 1], SQUARE), ([3, 11], ROAD), ([6, 12], ROAD), ([1, 13], ROAD)])
    assert lines(file) == {frozenset([(0.0, 0.0), (0.0, 3.0)]), frozenset([(0.0, 0.0), (3.0, 1.0)])}


def test_a_relation_is_a_square_with_a_hole_and_its_bare_outline_is_walked(write_map):
    """Straight through the hole nobody walks; round the outline one does, by its two bare halves."""
    hole = {5: (0.5, 0.5), 6: (1.5, 0.5), 7: (1.5, 1.5), 8: (0.5, 1.5)}
    ways = [([1, 2, 3], {}), ([3, 4, 1], {}), ([5, 6, 7, 8, 5], {}), ([11, 1], ROAD), ([3, 13], ROAD)]
    relation = ([(1, "outer"), (2, "outer"), (3, "inner")], AREA)
    file = write_map({**CORNERS, **hole, **WAYS_IN}, ways, relations=[relation])
    assert lines(file) == set()
    assert seconds(file, (-1, 0), (3, 2)) == pytest.approx((4 * EAST + 2 * NORTH) * 3.6 / 5, abs=0.01)
    whole = write_map({**CORNERS, **WAYS_IN}, [*ways[:2], *ways[3:]], relations=[(relation[0][:2], AREA)])
    assert lines(whole) == {frozenset([(0.0, 0.0), (2.0, 2.0)])}
    assert np.isnan(seconds(whole, (-1, 0), (3, 2), "bicycle"))
    assert np.isnan(seconds(whole, (-1, 0), (3, 2), "car"))


def test_a_square_that_lacks_a_member_is_told_and_what_is_there_of_its_outline_is_walked(write_map):
    relation = ([(1, "outer"), (77, "outer")], AREA | {"name": "Forum"})
    file = write_map({**CORNERS, **WAYS_IN}, [([1, 2, 3], {}), ([11, 1], ROAD), ([3, 13], ROAD)], relations=[relation])
    extract = read_osm(file)
    assert extract.unused.examples == {"relation incomplete": [("r1", "highway=pedestrian name=Forum, w77")]}
    assert lines(file) == set()
    assert seconds(file, (-1, 0), (3, 2)) == pytest.approx((4 * EAST + 2 * NORTH) * 3.6 / 5, abs=0.01)


def test_nobody_is_tied_to_a_straight_line(write_map):
    """From the middle of the square to its outline, a whole step away; the diagonal runs right underneath."""
    file = write_map({**CORNERS, **WAYS_IN}, [(RING, SQUARE), ([11, 1], ROAD), ([3, 13], ROAD)])
    snaps = engine.network(file, "walk").snap(np.array([0.001]), np.array([0.001]))
    assert snaps.connector_metres[0] == pytest.approx(NORTH, abs=0.01)


def test_at_most_sixty_doors_the_first_of_the_ring(write_map):
    """A wheel of 64 corners, each with a spoke outwards: 60 doors, any two of which see each other."""
    turn = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    ring = {n: (10 * np.cos(a), 10 * np.sin(a)) for n, a in enumerate(turn, 1)}
    spokes = {100 + n: (11 * x / 10, 11 * y / 10) for n, (x, y) in ring.items()}
    file = write_map({**ring, **spokes}, [([*range(1, 65), 1], SQUARE), *(([n, 100 + n], ROAD) for n in range(1, 65))])
    assert len(lines(file)) == 60 * 59 // 2


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("squares")


def plaza(seed, folder):
    """Random rings, some drawn as relations with holes or with a member missing, met by streets that may run on outside."""
    rng = np.random.default_rng(seed)
    nodes, ways, relations = {}, [], []

    def ring(x, y, size):
        first, count = len(nodes) + 1, int(rng.integers(4, 9))
        angles = np.sort(rng.uniform(0, 2 * np.pi, count))
        reach = size * rng.uniform(0.5, 1, count)
        corners = np.column_stack((x + reach * np.cos(angles), y + reach * np.sin(angles))).round(4)
        nodes.update(enumerate(map(tuple, corners.tolist()), first))
        return [*range(first, first + count), first]

    for number in range(int(rng.integers(1, 4))):
        x, y = 12.0 * number, float(rng.uniform(0, 3))
        outer = ring(x, y, 4)
        word = str(rng.choice(["yes", "private", "no", "customers"], p=[0.7, 0.1, 0.1, 0.1]))
        if rng.random() < 0.4:
            ways.append((outer, SQUARE | {"foot": word}))
        else:
            cut = int(rng.integers(1, len(outer) - 1))
            tags = ROAD if rng.random() < 0.3 else {"man_made": "pier"} if rng.random() < 0.2 else {}
            members = [(len(ways) + 1, "outer"), (len(ways) + 2, "outer")]
            ways += [(outer[: cut + 1], tags), (outer[: cut - 1 : -1] if rng.random() < 0.5 else outer[cut:], {})]
            if rng.random() < 0.5:
                members.append((len(ways) + 1, "inner"))
                ways.append((ring(x, y, 1.5), ROAD if rng.random() < 0.3 else {}))
            if rng.random() < 0.1:
                members.append((999, "outer"))
            highway = {"highway": str(rng.choice(["pedestrian", "footway", "steps"]))}
            kind = {"man_made": "pier"} if rng.random() < 0.2 else highway
            relations.append((members, {"type": "multipolygon", "foot": word, **kind}))
    corners = list(nodes)
    for _ in range(int(rng.integers(3, 14))):
        a, b = (int(n) for n in rng.choice(corners, 2, replace=False))
        outside = len(nodes) + 1
        nodes[outside] = tuple((np.array(nodes[a]) + rng.uniform(-3, 3, 2)).round(4).tolist())
        beyond = 7777 if rng.random() < 0.2 and not any("man_made" in tags for _, tags in relations) else outside
        refs = [a, outside, b] if rng.random() < 0.5 else [a, beyond]
        ways.append((refs, {"highway": str(rng.choice(["residential", "footway", "steps", "motorway"]))}))
    return toy_map.write_map(folder / f"{seed}.osm", nodes, ways, relations=relations), nodes


@settings(max_examples=150)
@given(seed=st.integers(0, 2**32 - 1))
def test_squares_are_those_of_the_reference(folder, seed):
    file, nodes = plaza(seed, folder)
    for mode in ("walk", "bicycle"):
        reference = reference_model.network(file, mode)
        pieces = reference.pieces
        if not len(pieces):
            continue
        graph = build_graph(read_osm(file).streets, travel_mode(mode))
        drawn = graph.edge_line[graph.piece_edge]
        for flags, expected in ((drawn, pieces["line"]), (~drawn, ~pieces["line"])):
            ours = pairs(graph.piece_lon[flags], graph.piece_lat[flags])
            ends = np.column_stack((pieces["first"], pieces["last"]))[expected]
            assert ours == pairs(reference.lon[ends], reference.lat[ends])
        net, places = engine.network(file, mode), np.array(list(nodes.values())) * toy_map.DEGREES
        ours, theirs = net.snap(*places.T), reference.snap(*places.T)
        metres = np.array([snap.metres for snap in theirs])
        alike = np.flatnonzero(np.abs(ours.connector_metres - metres) < 0.01)
        found = net.matrix(part(ours, alike), part(ours, alike))[0]
        told = [theirs[row] for row in alike.tolist()]
        assert found == pytest.approx(reference.matrix(told, told)[0], rel=1e-6, abs=2e-3, nan_ok=True)


def pairs(lon, lat):
    """Pieces by their ends, wherever they begin."""
    ends = np.stack((lon, lat), axis=-1).round(7).tolist()
    return Counter(frozenset(map(tuple, pair)) for pair in ends)
