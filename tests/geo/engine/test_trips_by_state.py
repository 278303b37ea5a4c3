"""Private streets, barriers, banned turns and signals: what may be done depends on how one came, in every way of asking."""

from dataclasses import replace
from unittest import mock

import engine
import numpy as np
import pytest
import reference_model
import toy_map
from engine import part
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lifecircle.geo.engine import matrix
from lifecircle.geo.engine.k_nearest import k_nearest_facilities
from lifecircle.geo.engine.routes import TimeField
from lifecircle.geo.engine.updates import ChangingFacilities

DIRECTIONS = st.sampled_from(["to", "from"])
WORDS = ["private", "destination", "yes", "yes", "yes"]
POINT_TAGS = [{"barrier": "bollard"}, {"barrier": "gate", "access": "no"}, {"highway": "traffic_signals"}, {"barrier": "gate"}]
KINDS = ["no_left_turn", "only_straight_on", "no_u_turn", "only_right_turn"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("towns")


def town(seed, folder):
    """A bent grid of streets with everything that makes a trip depend on how one came; points on its streets."""
    rng = np.random.default_rng(seed)
    side = int(rng.integers(3, 7))
    places = {(i, j): i * side + j + 1 for i in range(side) for j in range(side)}
    nodes = {n: (4.0 * i + rng.uniform(-1, 1), 4.0 * j + rng.uniform(-1, 1)) for (i, j), n in places.items()}
    ways, turns = [], []
    for (i, j), n in places.items():
        for neighbour in ((i + 1, j), (i, j + 1)):
            if neighbour in places and rng.random() < 0.85:
                middle = len(nodes) + 1
                (x0, y0), (x1, y1) = nodes[n], nodes[places[neighbour]]
                nodes[middle] = ((x0 + x1) / 2 + 0.3, (y0 + y1) / 2 + 0.2)
                tags = {"highway": "residential", "access": str(rng.choice(WORDS))}
                if rng.random() < 0.2:
                    tags["oneway"] = "yes"
                ways.append(([n, middle, places[neighbour]], tags))
    tagged = {int(n): POINT_TAGS[int(rng.integers(4))] for n in rng.choice(list(nodes), max(1, len(nodes) // 6), replace=False)}
    for _ in range(int(rng.integers(0, 9))):
        start = int(rng.integers(len(ways)))
        via = int(rng.choice(ways[start][0]))
        onward = [k for k, (refs, _) in enumerate(ways) if via in refs]
        turns.append((start + 1, via, int(rng.choice(onward)) + 1, str(rng.choice(KINDS))))
    file = toy_map.write_map(folder / f"{seed}.osm", nodes, ways, node_tags=tagged, turns=turns)
    points = []
    for refs, _ in (ways[int(k)] for k in rng.integers(0, len(ways), 20)):
        (x0, y0), (x1, y1), share = nodes[refs[0]], nodes[refs[1]], rng.choice([0.0, 0.3, 0.7, 1.0])
        points.append((x0 + share * (x1 - x0), y0 + share * (y1 - y0)))
    return file, np.array(points) * toy_map.DEGREES


def snapped_alike(file, points, crossings):
    """The engine's network and the reference's, with the points that both place on the network at the same spot."""
    net, reference = engine.network(file, "car", crossings=crossings), reference_model.network(file, "car", crossings=crossings)
    ours, theirs = net.snap(points[:, 0], points[:, 1]), reference.snap(points[:, 0], points[:, 1])
    metres = np.array([snap.metres for snap in theirs])
    alike = np.flatnonzero(np.abs(ours.connector_metres - metres) < 0.01)
    assume(len(alike))
    return net, part(ours, alike), reference, [theirs[row] for row in alike.tolist()]


@settings(max_examples=150)
@given(seed=st.integers(0, 2**32 - 1), direction=DIRECTIONS, crossings=st.sampled_from(["none", "default", "busy"]))
def test_trips_are_those_of_the_reference(folder, seed, direction, crossings):
    net, ours, reference, theirs = snapped_alike(*town(seed, folder), crossings)
    seconds, metres, _ = net.matrix(ours, ours, direction=direction)
    expected = reference.matrix(theirs, theirs, direction=direction)
    assert seconds == pytest.approx(expected[0], rel=1e-6, abs=2e-2, nan_ok=True)  # 1 cm from a node is the node
    assert metres == pytest.approx(expected[1], rel=1e-6, abs=0.1, nan_ok=True)


@settings(max_examples=100)
@given(seed=st.integers(0, 2**32 - 1), direction=DIRECTIONS, limit=st.just(np.inf) | st.floats(1, 400))
def test_every_way_of_asking_gives_the_same_to_the_last_bit(folder, seed, direction, limit):
    file, points = town(seed, folder)
    net = engine.network(file, "car")
    snaps = net.snap(points[:, 0], points[:, 1])
    tables = {}
    for sweeps in (True, False):
        with mock.patch.object(matrix, "sweeps_pay", return_value=sweeps):
            tables[sweeps] = net.matrix(snaps, snaps, direction=direction, limit_seconds=limit)
    np.testing.assert_array_equal(tables[True], tables[False])
    facilities = part(snaps, range(6))
    trips = np.sort(np.where(np.isnan(tables[True][0][:, :6]), np.inf, tables[True][0][:, :6]), axis=1)
    nearest = net.nearest(snaps, facilities, direction=direction, limit_seconds=limit)[0]
    np.testing.assert_array_equal(np.where(np.isnan(nearest), np.inf, nearest), trips[:, 0])
    several = k_nearest_facilities(net.graph, snaps, facilities, 6, direction=direction, limit_seconds=limit).seconds
    np.testing.assert_array_equal(np.where(np.isnan(several), np.inf, several), trips)


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32 - 1), direction=DIRECTIONS)
def test_routes_and_updates_follow(folder, seed, direction):
    file, points = town(seed, folder)
    net = engine.network(file, "car")
    snaps = net.snap(points[:, 0], points[:, 1])
    facilities = part(snaps, range(5))
    seconds, facility = net.nearest(snaps, facilities, direction=direction)
    for row, route in enumerate(TimeField(net.graph, facilities, direction=direction).routes(snaps)):
        assert (route is None) == bool(np.isnan(seconds[row]))
        if route is not None:
            assert route.seconds == seconds[row]
            assert route.facility == facility[row]
            assert route.metres == pytest.approx(
                net.matrix(part(snaps, [row]), facilities, direction=direction)[1][0, facility[row]]
            )
    changing = ChangingFacilities(net.graph, snaps, part(snaps, range(4)), direction=direction)
    changing.open(replace(part(snaps, [4])))
    np.testing.assert_array_equal(changing.nearest.seconds, seconds)
    changing.close(0)
    np.testing.assert_array_equal(changing.nearest.seconds, net.nearest(snaps, part(snaps, [1, 2, 3, 4]), direction=direction)[0])
