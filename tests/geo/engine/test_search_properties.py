"""What must hold on every map: small generated ones, also compared with the reference model."""

from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import engine
import numpy as np
import pytest
import reference_model
import toy_map
from engine import part
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecircle.analyses.coverage import coverage
from lifecircle.geo.engine import matrix

MODES = st.sampled_from(["walk", "bicycle", "car"])
DIRECTIONS = st.sampled_from(["to", "from"])
TAGS = st.fixed_dictionaries(
    {"highway": st.sampled_from(["residential", "primary", "service", "footway", "steps", "cycleway", "motorway", "trunk"])},
    optional={
        "oneway": st.sampled_from(["yes", "-1", "no"]),
        "junction": st.just("roundabout"),
        "maxspeed": st.sampled_from(["30", "80", "20 mph", "none"]),
        "oneway:foot": st.just("yes"),
        "oneway:bicycle": st.just("no"),
        "access": st.sampled_from(["private", "yes"]),
    },
)
FERRY = st.fixed_dictionaries(
    {"route": st.just("ferry"), "interval": st.sampled_from(["00:30", "01:00"])},
    optional={
        "duration": st.sampled_from(["00:05", "12"]),
        "motor_vehicle": st.just("yes"),
        "oneway": st.sampled_from(["yes", "-1"]),
        "bicycle": st.sampled_from(["dismount", "no"]),
    },
)


@dataclass(frozen=True)
class Town:
    """A generated map, its file and points in and around it."""

    streets: engine.Streets
    file: Path
    lon: np.ndarray
    lat: np.ndarray


def _walk(rng, count, used):
    """Node numbers of a way, of which those beyond `count` are missing in the file.

    No two nodes are joined twice: it would be open which of the two streets a point between them is on.
    """
    walk = [int(rng.integers(1, count + 1))]
    for number in rng.integers(1, count + 3, int(rng.integers(1, 12))).tolist():
        pair = min(walk[-1], number), max(walk[-1], number)
        if pair not in used:
            used.add(pair)
            walk.append(number)
    return walk


@st.composite
def towns(draw, folder):
    """A dozen or two nodes at random places within 3 km, ways along random walks over them, some ferries."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count = draw(st.integers(3, 70))
    nodes = {n: (x, y) for n, (x, y) in enumerate(rng.uniform(0, 25, (count, 2)).round(4), start=1)}
    kinds = draw(st.lists(TAGS, min_size=1, max_size=14)) + draw(st.lists(FERRY, max_size=2))
    used = {(1, 2)}
    ways = [(_walk(rng, count, used), tags) for tags in kinds]
    ways.append(([1, 2], {"highway": "primary", "bicycle": "yes"}))  # something that every mode may use
    file = toy_map.write_map(folder / "town.osm", nodes, ways)
    points = rng.uniform(-4, 29, (24, 2)) * toy_map.DEGREES
    return Town(engine.read_osm(file).streets, file, points[:, 0], points[:, 1])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("towns")


def drawn(data, folder, mode=None, **options):
    """A town's network for a mode, its points snapped."""
    town = data.draw(towns(folder))
    net = engine.network(town.streets, mode or data.draw(MODES), **options)
    return town, net, net.snap(town.lon, town.lat)


@settings(max_examples=100)
@given(data=st.data(), ferries=st.sampled_from(["none", "free", "scheduled"]), direction=DIRECTIONS)
def test_the_contracted_graph_answers_as_dijkstra_on_every_segment(folder, data, ferries, direction):
    mode = data.draw(MODES)
    town, net, points = drawn(data, folder, mode, ferries=ferries)
    reference = reference_model.network(town.file, mode, ferries=ferries)
    snapped = reference.snap(town.lon, town.lat)
    assert engine.classes(points) == [snap.snap_class for snap in snapped]
    assert points.connector_metres == pytest.approx([snap.metres for snap in snapped], rel=1e-5, abs=1e-3, nan_ok=True)
    seconds, metres, connectors = net.matrix(part(points, range(8)), part(points, range(8, 24)), direction=direction)
    expected = reference.matrix(snapped[:8], snapped[8:], direction=direction)
    assert seconds == pytest.approx(expected[0], rel=1e-5, abs=2e-3, nan_ok=True)
    assert connectors == pytest.approx(expected[2], rel=1e-5, abs=2e-3, nan_ok=True)
    assert metres == pytest.approx(expected[1], rel=1e-5, abs=2e-3, nan_ok=True)


@settings(max_examples=60)
@given(data=st.data(), direction=DIRECTIONS, limit=st.just(np.inf) | st.floats(1, 4000))
def test_sweeps_and_searches_find_the_same_trips_to_the_last_bit(folder, data, direction, limit):
    """One-way streets, ferries, entering part-way, places on one edge, islands; areas with several entrances on both sides."""
    _, net, points = drawn(data, folder)
    areas = engine.replace(points, owner=np.sort(np.random.default_rng(3).integers(0, 9, len(points))), places=9)
    for origins, destinations in ((points, points), (areas, part(points, range(5))), (part(points, range(12)), areas)):
        tables = {}
        for way in (True, False):
            with mock.patch.object(matrix, "sweeps_pay", return_value=way):
                tables[way] = net.matrix(origins, destinations, direction=direction, limit_seconds=limit)
        np.testing.assert_array_equal(tables[True], tables[False])


@settings(max_examples=40)
@given(data=st.data(), direction=DIRECTIONS)
def test_the_nearest_facility_is_the_least_of_all_trips(folder, data, direction):
    _, net, points = drawn(data, folder)
    facilities = part(points, range(5))
    trips = net.matrix(points, facilities, direction=direction)[0]
    seconds, facility = net.nearest(points, facilities, direction=direction)
    reached = ~np.isnan(trips).all(axis=1)
    least = np.nanmin(np.where(reached[:, None], trips, np.inf), axis=1)
    assert (facility >= 0).tolist() == reached.tolist()
    np.testing.assert_array_equal(seconds[reached], least[reached])
    assert np.isnan(seconds[~reached]).all()
    np.testing.assert_array_equal(trips[reached, facility[reached]], seconds[reached])


@settings(max_examples=40)
@given(data=st.data(), direction=DIRECTIONS)
def test_a_new_facility_never_lengthens_anyones_way(folder, data, direction):
    _, net, points = drawn(data, folder)
    before, _ = net.nearest(points, part(points, range(3)), direction=direction)
    after, _ = net.nearest(points, part(points, range(4)), direction=direction)
    had = ~np.isnan(before)
    assert not np.isnan(after[had]).any()
    assert (after[had] <= before[had]).all()


@settings(max_examples=40)
@given(data=st.data(), limit=st.floats(1, 4000), more=st.floats(0, 4000))
def test_a_larger_limit_never_uncovers_anyone(folder, data, limit, more):
    _, net, points = drawn(data, folder)
    homes, facilities = part(points, range(4, 24)), part(points, range(4))
    small, large = (net.matrix(homes, facilities, limit_seconds=seconds)[0] for seconds in (limit, limit + more))
    found = ~np.isnan(small)
    np.testing.assert_array_equal(large[found], small[found])
    assert (small[found] <= limit).all()
    minutes = net.nearest(homes, facilities)[0] / 60
    connected, everyone = homes.edge >= 0, np.ones(20, bool)
    inside, wider = (coverage(minutes, connected, everyone, m / 60) == "covered" for m in (limit, limit + more))
    assert not (inside & ~wider).any()


@settings(max_examples=40)
@given(data=st.data(), limit=st.floats(1, 4000))
def test_a_limited_search_finds_exactly_the_pairs_of_the_full_one_within_the_limit(folder, data, limit):
    _, net, points = drawn(data, folder)
    whole, within = net.matrix(points, points)[0], net.matrix(points, points, limit_seconds=limit)[0]
    np.testing.assert_array_equal(within, np.where(whole <= limit, whole, np.nan))


@settings(max_examples=40)
@given(data=st.data())
def test_walking_there_takes_as_long_as_walking_back(folder, data):
    """Pitfall 13, where no street is one-way for walkers (no `oneway:foot` among the tags) and no ferry is waited for."""
    town = data.draw(towns(folder))
    streets = engine.replace(town.streets, tags=town.streets.tags.drop(columns="oneway:foot", errors="ignore"))
    net = engine.network(streets, "walk", ferries="free")
    points = net.snap(town.lon, town.lat)
    there = net.matrix(points, points)[0]
    assert there == pytest.approx(there.T, rel=1e-12, abs=1e-9, nan_ok=True)


@settings(max_examples=40)
@given(data=st.data())
def test_from_is_to_the_other_way_round(folder, data):
    _, net, points = drawn(data, folder)
    few, many = part(points, range(5)), part(points, range(5, 24))
    to, back = net.matrix(few, many, direction="to"), net.matrix(many, few, direction="from")
    for table, other in zip(to, back, strict=True):
        np.testing.assert_array_equal(table, other.T)


@settings(max_examples=40)
@given(data=st.data(), direction=DIRECTIONS)
def test_no_detour_is_shorter_than_the_trip(folder, data, direction):
    """The triangle inequality, through a place on an open street (its connector is walked twice on the detour).

    Two trips may both use a private street that no single one passes through, if one ends there, or at a corner of it.
    """
    _, net, points = drawn(data, folder)
    seconds = net.matrix(points, points, direction=direction)[0]
    edge, at = points.edge, points.metres_at
    stops = (edge >= 0) & ~net.graph.edge_ends_only[edge] & (at > 0) & (at < net.graph.edge_metres[edge])
    detour = seconds[:, stops, None] + seconds[None, stops, :]
    assert not (detour + 1e-6 < seconds[:, None, :]).any()


@settings(max_examples=40)
@given(data=st.data(), direction=DIRECTIONS)
def test_answers_do_not_depend_on_what_else_is_asked(folder, data, direction):
    """Pitfall 23: shuffled and one by one, to the last bit."""
    _, net, points = drawn(data, folder)
    homes, facilities = part(points, range(6, 24)), part(points, range(6))
    seconds, _ = net.nearest(homes, facilities, direction=direction)
    order, mixed = np.random.default_rng(1).permutation(18), np.random.default_rng(2).permutation(6)
    shuffled, _ = net.nearest(part(homes, order), part(facilities, mixed), direction=direction)
    np.testing.assert_array_equal(shuffled, seconds[order])
    alone = [net.nearest(part(homes, [row]), facilities, direction=direction)[0][0] for row in range(18)]
    np.testing.assert_array_equal(alone, seconds)
    table = net.matrix(homes, facilities, direction=direction)[0]
    rows = np.concatenate([net.matrix(part(homes, [row]), facilities, direction=direction)[0] for row in range(18)])
    np.testing.assert_array_equal(rows, table)
