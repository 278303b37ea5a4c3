"""Ferries: lines that relations make, and their landings on streets that they do not quite meet."""

from itertools import pairwise

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

BOAT = {"route": "ferry", "duration": "0:30", "motor_vehicle": "yes"}
WALK, CAR = 5 / 3.6, 30 / 3.6
ABOARD = 600 + 1800  # boarding and crossing
BANKS = {1: (0, 0), 2: (4, 0), 3: (20, 0), 4: (24, 0)}  # two streets; the boat's ends are nodes 5 and 6
STREETS = [([1, 2], ROAD), ([3, 4], ROAD)]


@pytest.fixture
def write_map(tmp_path):
    return lambda nodes, ways, **more: toy_map.write_map(tmp_path / "toy.osm", nodes, ways, **more)


def seconds(file, start, end, mode="walk"):
    net = engine.network(file, mode)
    places = np.array([start, end]) * toy_map.DEGREES
    snaps = net.snap(places[:, 0], places[:, 1])
    return net.matrix(part(snaps, [0]), part(snaps, [1]))[0][0, 0]


@pytest.mark.parametrize(("mode", "speed"), [("walk", WALK), ("car", CAR)])
def test_a_line_that_ends_beside_a_street_is_tied_to_it_part_way_and_the_gap_is_walked(write_map, mode, speed):
    """One step north of each street, a step from its end: cars too are walked there at 5 km/h."""
    file = write_map({**BANKS, 5: (3, 1), 6: (21, 1)}, [*STREETS, ([5, 6], BOAT)])
    expected = (3 + 3) * EAST / speed + 2 * NORTH / WALK + ABOARD
    assert seconds(file, (0, 0), (24, 0), mode) == pytest.approx(expected, abs=0.02)
    landings = build_graph(read_osm(file).streets, travel_mode(mode)).landings
    assert landings.way.tolist() == [3, 3] and landings.metres == pytest.approx([NORTH, NORTH], abs=0.01)
    assert landings.missing.tolist() == []


def test_a_landing_is_at_most_two_hundred_metres_long(write_map):
    """Two steps are 221 m."""
    file = write_map({**BANKS, 5: (3, 1), 6: (21, 2)}, [*STREETS, ([5, 6], BOAT)])
    assert np.isnan(seconds(file, (0, 0), (24, 0)))
    landings = build_graph(read_osm(file).streets, travel_mode("walk")).landings
    assert len(landings.way) == 1 and landings.missing.tolist() == []


def test_a_line_without_any_landing_is_missing_and_so_are_those_that_it_meets(write_map):
    nodes = {**BANKS, 5: (3, 5), 6: (21, 5), 7: (21, 9)}
    file = write_map(nodes, [*STREETS, ([5, 6], BOAT), ([6, 7], BOAT), ([2, 3], BOAT)])
    landings = build_graph(read_osm(file).streets, travel_mode("walk")).landings
    assert landings.missing.tolist() == [3, 4]
    assert len(landings.way) == 0


def test_a_bridge_is_no_landing_and_a_street_that_is_met_needs_none(write_map):
    """The bridge is nearer; the boat's other end is on its street."""
    nodes = {**BANKS, 7: (0, 0.5), 8: (4, 0.5), 5: (3, 1)}
    file = write_map(nodes, [*STREETS, ([7, 8], ROAD | {"bridge": "yes"}), ([5, 3], BOAT)])
    landings = build_graph(read_osm(file).streets, travel_mode("walk")).landings
    assert landings.metres == pytest.approx([NORTH], abs=0.01)


def test_points_are_not_tied_to_landings(write_map):
    file = write_map({**BANKS, 5: (3, 1.5), 6: (21, 1)}, [*STREETS, ([5, 6], BOAT)])
    snaps = engine.network(file, "walk").snap(np.array([0.003]), np.array([0.0015]))
    assert snaps.connector_metres[0] == pytest.approx(1.5 * NORTH, abs=0.01)


def test_members_of_a_ferry_relation_sail_with_its_tags_and_share_its_duration_by_length(write_map):
    """Twelve steps in three legs of 8, 4 and a pier that is none: 90 minutes, of which the first has 60."""
    nodes = {**BANKS, 5: (12, 0)}
    ways = [*STREETS, ([2, 5], {}), ([5, 3], {"foot": "yes"}), ([3, 4], {"man_made": "pier"})]
    told = {"type": "route", "route": "ferry", "duration": "1:30", "foot": "no", "interval": "0:20"}
    file = write_map(nodes, ways, relations=[([(3, ""), (4, ""), (5, "")], told)])
    streets = read_osm(file).streets
    assert streets.way_ids[streets.is_ferry].tolist() == [3, 4]
    assert streets.tag("foot")[streets.is_ferry].tolist() == ["no", "yes"]
    half = write_map(nodes, ways, relations=[([(3, ""), (4, ""), (5, "")], told | {"foot": "yes"})])
    expected = 8 * EAST / WALK + 600 + 600 + 5400
    assert seconds(half, (0, 0), (24, 0)) == pytest.approx(expected, abs=0.02)


def test_what_a_way_says_goes_before_its_relation(write_map):
    ways = [*STREETS, ([2, 3], {"route": "ferry", "duration": "0:10"})]
    file = write_map(BANKS, ways, relations=[([(3, "")], {"type": "route", "route": "ferry", "duration": "1:30"})])
    assert seconds(file, (0, 0), (24, 0)) == pytest.approx(8 * EAST / WALK + 600 + 600, abs=0.02)


def test_a_duration_of_a_relation_that_is_not_understood_is_told_as_it_stands(write_map):
    ways = [*STREETS, ([2, 3], {})]
    file = write_map(BANKS, ways, relations=[([(3, "")], {"type": "route", "route": "ferry", "duration": "ages"})])
    assert read_osm(file).unused.examples == {"durations": [("w3", "duration=ages")]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("coasts")


def coast(seed, folder):
    """Bent streets on two or three banks, private and raised ones among them, and boats that end near or on them."""
    rng = np.random.default_rng(seed)
    nodes, ways, relations = {}, [], []

    def node(x, y):
        nodes[len(nodes) + 1] = (round(float(x), 4), round(float(y), 4))
        return len(nodes)

    tags = [ROAD, ROAD, ROAD, {"access": "private"}, {"bridge": "yes"}, {"highway": "footway"}, {"oneway": "yes"}]
    for bank in range(int(rng.integers(2, 4))):
        street = [node(40 * bank + 4 * i + rng.uniform(-1, 1), rng.uniform(-1, 1)) for i in range(int(rng.integers(2, 6)))]
        ways += [([a, b], ROAD | tags[int(rng.integers(len(tags)))]) for a, b in pairwise(street)]
        for start in street:
            if rng.random() < 0.5:
                end = node(nodes[start][0] + rng.uniform(-1, 1), nodes[start][1] + rng.uniform(-3, 3))
                ways.append(([start, end], ROAD | tags[int(rng.integers(len(tags)))]))
    ashore = list(nodes)
    ends = [node(*(np.array(nodes[int(rng.choice(ashore))]) + rng.uniform(-2.5, 2.5, 2))) for _ in range(int(rng.integers(2, 6)))]
    for _ in range(int(rng.integers(1, 5))):
        a, b = (int(n) for n in rng.choice(ends + ashore[:3], 2, replace=False))
        middle = node(*(np.array(nodes[a]) + nodes[b]) / 2 + rng.uniform(-1, 1, 2))
        told = {"motor_vehicle": str(rng.choice(["yes", "no"])), "foot": str(rng.choice(["yes", "no", "yes"]))}
        if rng.random() < 0.5:
            told["duration"] = str(rng.choice(["0:20", "15", "often"]))
        if rng.random() < 0.5:
            ways.append(([a, middle, b], {"route": "ferry", **told}))
        else:
            own = {"foot": "yes", "motor_vehicle": "yes"} if rng.random() < 0.3 else {}
            ways += [([a, middle], {}), ([middle, b], own)]
            relation = {"type": "route", "route": "ferry", "interval": "30", **told}
            relations.append(([(len(ways) - 1, ""), (len(ways), "")], relation))
    points = [(nodes[n][0] + 0.01, nodes[n][1]) for n in ashore]
    return toy_map.write_map(folder / f"{seed}.osm", nodes, ways, relations=relations), np.array(points) * toy_map.DEGREES


@settings(max_examples=200)
@given(seed=st.integers(0, 2**32 - 1), mode=st.sampled_from(["walk", "bicycle", "car"]))
def test_trips_by_boat_are_those_of_the_reference(folder, seed, mode):
    file, points = coast(seed, folder)
    net, reference = engine.network(file, mode), reference_model.network(file, mode)
    ours, theirs = net.snap(*points.T), reference.snap(*points.T)
    metres = np.array([snap.metres for snap in theirs])
    alike = np.flatnonzero(np.abs(ours.connector_metres - metres) < 1e-4)
    mine, told = part(ours, alike), [theirs[row] for row in alike.tolist()]
    found, expected = net.matrix(mine, mine), reference.matrix(told, told)
    assert found[0] == pytest.approx(expected[0], rel=1e-5, abs=0.05, nan_ok=True)
    made = reference.pieces[reference.pieces["landing"]]
    assert np.sort(net.graph.landings.metres) == pytest.approx(np.sort(made["metres"]), abs=1e-3)
