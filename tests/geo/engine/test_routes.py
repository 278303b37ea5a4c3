"""Routes: the way drawn is the way timed."""

import numpy as np
import pytest
from engine import network
from hypothesis import given, settings
from hypothesis import strategies as st
from toy_map import DEGREES, EAST, NORTH, ROAD, row, street, write_map

from lifecircle.geo.engine.routes import TimeField
from lifecircle.geo.links import shortest_links
from lifecircle.geo.reading.osm import read_osm

SPEED = 5 / 3.6


@pytest.fixture(scope="module")
def hook(tmp_path_factory):
    """A street that runs two steps east, two north, and back west: the facility is near by line and far by street."""
    nodes = {1: (0, 0), 2: (3, 0), 3: (3, 2), 4: (0, 2), 5: (-1, 0), 6: (-1, -1)}
    ways = [([1, 2, 3, 4], ROAD), ([5, 1], ROAD), ([5, 6], ROAD), ([1, 6], ROAD)]
    return write_map(tmp_path_factory.mktemp("hook") / "hook.osm", nodes, ways)


def test_a_route_runs_around_the_bend(hook):
    toy = network(hook, "walk")
    (route,) = TimeField(toy.graph, toy.at((0, 2))).routes(toy.at((0, 0)))
    expected = 6 * EAST + 2 * NORTH
    assert route.metres == pytest.approx(expected, rel=1e-5)
    assert route.seconds == pytest.approx(expected / SPEED, rel=1e-5)
    assert route.facility == 0
    corners = np.round(route.line / DEGREES, 3).tolist()
    assert corners[0] == [0, 0]
    assert corners[-1] == [0, 2]
    assert [3, 0] in corners and [3, 2] in corners


def test_the_direction_of_travel_decides_in_a_one_way_ring(tmp_path):
    nodes = {1: (0, 0), 2: (2, 0), 3: (2, 2), 4: (0, 2)}
    ring = [([1, 2, 3, 4, 1], ROAD | {"oneway": "yes"})]
    toy = network(write_map(tmp_path / "ring.osm", nodes, ring), "car")
    place, facility = toy.at((1, 0)), toy.at((2, 1))
    short = TimeField(toy.graph, facility, direction="to").routes(place)[0]
    long = TimeField(toy.graph, facility, direction="from").routes(place)[0]
    assert short.metres == pytest.approx(EAST + NORTH, rel=1e-5)
    assert short.metres + long.metres == pytest.approx(4 * (EAST + NORTH), rel=1e-5)
    assert np.round(long.line[0] / DEGREES, 3).tolist() == [1, 0]
    assert np.round(long.line[-1] / DEGREES, 3).tolist() == [2, 1]


def test_a_ferry_on_the_way_is_told_apart(tmp_path):
    nodes = row(4) | row(4, x=6, first=5)
    ways = [street(4), street(4, first=5), ([4, 5], {"route": "ferry", "duration": "00:20"})]
    toy = network(write_map(tmp_path / "ferry.osm", nodes, ways), "walk")
    (route,) = TimeField(toy.graph, toy.at((9, 0))).routes(toy.at((0, 0)))
    assert route.ferry_seconds == pytest.approx(20 * 60 + 10 * 60)
    assert route.ferry_metres == pytest.approx(3 * EAST, rel=1e-4)
    assert route.metres == pytest.approx(9 * EAST, rel=1e-4)


def test_places_without_a_way_have_none(tmp_path):
    nodes = row(60) | row(60, y=30, first=61)
    toy = network(write_map(tmp_path / "apart.osm", nodes, [street(60), street(60, first=61)]), "walk")
    field = TimeField(toy.graph, toy.at((0, 0)))
    cut_off, unconnected, here = field.routes(toy.at((0, 30), (0, 15), (5, 0)))
    assert cut_off is None
    assert unconnected is None
    assert here.metres == pytest.approx(5 * EAST, rel=1e-5)


def test_a_footbridge_between_the_ends_of_the_hook_is_the_shortest_link(hook):
    toy = network(hook, "walk")
    field = TimeField(toy.graph, toy.at((0, 2)))
    place = {"lon": np.zeros(1), "lat": np.zeros(1), "limit_seconds": 600.0, "speed_kmh": 5.0}
    found = shortest_links(field, **place, reach_metres=500.0)
    assert found.metres[0] == pytest.approx(2 * NORTH, rel=1e-6)
    assert found.seconds[0] == pytest.approx(2 * NORTH / SPEED, rel=1e-6)
    assert (found.lon[0], found.lat[0]) == pytest.approx((0, 2 * DEGREES))
    assert np.isnan(shortest_links(field, **place, reach_metres=200.0).metres[0]), "221 m away"
    assert np.isnan(shortest_links(field, **place | {"limit_seconds": 100.0}, reach_metres=500.0).metres[0])


@settings(max_examples=25)
@given(
    mode=st.sampled_from(["walk", "car"]),
    direction=st.sampled_from(["to", "from"]),
    seed=st.integers(0, 10_000),
)
def test_every_route_takes_what_the_search_says(tmp_path_factory, mode, direction, seed):
    rng = np.random.default_rng(seed)
    nodes = {i + 1: (float(x), float(y)) for i, (x, y) in enumerate(rng.integers(0, 12, (40, 2)) + rng.random((40, 2)))}
    ways = []
    for _ in range(30):
        refs = [int(ref) for ref in rng.choice(40, 3, replace=False) + 1]
        ways.append((refs, ROAD | ({"oneway": "yes"} if rng.random() < 0.4 else {})))
    toy = network(read_osm(write_map(tmp_path_factory.mktemp("town") / "town.osm", nodes, ways)).streets, mode)
    places, facilities = toy.at(*rng.random((12, 2)) * 12), toy.at(*rng.random((3, 2)) * 12)
    seconds, facility = toy.nearest(places, facilities, direction=direction)
    routes = TimeField(toy.graph, facilities, direction=direction).routes(places)
    for expected, who, route in zip(seconds, facility, routes, strict=True):
        if route is None:
            assert np.isnan(expected)
            continue
        assert route.seconds == pytest.approx(expected, abs=1e-6)
        assert route.facility == who or route.seconds == pytest.approx(expected, abs=1e-9)
        if mode == "walk":  # one speed: the metres drawn are the seconds timed
            assert (route.metres + route.connector_metres) / SPEED == pytest.approx(expected, abs=1e-3)
            drawn = np.hypot(*(np.diff(route.line, axis=0) * [EAST / DEGREES, NORTH / DEGREES]).T).sum()
            assert drawn == pytest.approx(route.metres, rel=2e-3, abs=0.5)
