"""Nobody walks across water to a street (travel model 2, section 5): waters drawn by hand, in steps of 111 m."""

import numpy as np
import pytest
import shapely
import toy_map
from engine import classes
from toy_map import DEGREES, EAST, NORTH, ROAD, row, street

from lifecircle.geo.reading.osm import read_osm
from lifecircle.geo.rings.isochrones import isochrones
from lifecircle.geo.snapping.entrances import snap_places
from lifecircle.geo.snapping.snaps import reason_names

SOUTH, NORTH_STREET = row(60), row(60, y=6, first=101)
STREETS = [street(60), street(60, first=101)]
WALK = 5 / 3.6


def box(first, west, south, east, north):
    """Four nodes and the ring through them."""
    nodes = {first: (west, south), first + 1: (east, south), first + 2: (east, north), first + 3: (west, north)}
    return nodes, [*nodes, first]


def two_banks(*waters, nodes=(), mode="walk", toy, **options):
    """A street along the equator and one 6 steps north, with waters between."""
    return toy({**SOUTH, **NORTH_STREET, **dict(nodes)}, [*STREETS, *waters], mode, **options)


@pytest.mark.parametrize(
    ("tags", "stops"),
    [
        ({"natural": "water"}, True),
        ({"waterway": "riverbank"}, True),
        ({"waterway": "dock"}, True),
        ({"landuse": "reservoir"}, True),
        ({"landuse": "basin"}, True),
        ({"natural": "wood"}, False),
        ({"natural": "wetland"}, False),
    ],
)
def test_water_between_a_house_and_a_street(toy, tags, stops):
    """A basin from 1 to 1.2 steps north of the street; the house at 2 steps, 222 m from one street and 442 m from the other."""
    nodes, ring = box(201, -1, 1, 61, 1.2)
    net = two_banks((ring, tags), nodes=nodes, toy=toy, mode="bicycle")
    assert net.at((30, 2)).lat[0] == pytest.approx((6 if stops else 0) * DEGREES, abs=1e-9)
    on_foot = two_banks((ring, tags), nodes=nodes, toy=toy).at((30, 2))
    assert classes(on_foot) == ([3] if stops else [1])
    assert reason_names(on_foot.reason[0]) == ("across-water" if stops else "")


@pytest.mark.parametrize(
    ("tags", "stops"),
    [
        ({"waterway": "river"}, True),
        ({"waterway": "canal"}, True),
        ({"waterway": "stream"}, False),
        ({"waterway": "river", "tunnel": "culvert"}, False),
        ({"waterway": "canal", "tunnel": "yes"}, False),
        ({"waterway": "canal", "tunnel": "no"}, True),
    ],
)
def test_a_line_of_water(toy, tags, stops):
    net = two_banks(([201, 202], tags), nodes={201: (-1, 1), 202: (61, 1)}, toy=toy, mode="bicycle")
    assert net.at((30, 2), (30, 0.9)).lat == pytest.approx([(6 if stops else 0) * DEGREES, 0], abs=1e-9)


def test_a_relation_with_an_island(toy):
    """A lake as a relation of two outer halves and an inner ring, the island with a path of its own of 2 steps."""
    nodes = {201: (-1, 1), 202: (30, 1), 203: (61, 1), 204: (61, 5), 205: (-1, 5)}
    island, ring = box(301, 20, 2, 24, 4)
    path = {401: (21, 3), 402: (23, 3)}
    ways = [*STREETS, ([201, 202, 203], {}), ([203, 204, 205, 201], {}), (ring, {}), ([401, 402], {"highway": "path"})]
    lake = ([(3, "outer"), (4, "outer"), (5, "inner")], {"type": "multipolygon", "natural": "water"})
    net = toy({**SOUTH, **NORTH_STREET, **nodes, **island, **path}, ways, "bicycle", relations=[lake])
    on_island, in_water, on_shore = (22, 2.5), (22, 1.4), (22, 0.5)
    snaps = net.at(on_island, in_water, on_shore)
    assert classes(snaps) == [2, 1, 1]
    assert reason_names(snaps.reason[0]) == "not-main across-water"
    assert snaps.lat == pytest.approx(np.array([3, 0, 0]) * DEGREES, abs=1e-9)


def test_an_incomplete_relation_keeps_the_rings_that_close(toy):
    """One outer ring closes, of the other a way is missing."""
    nodes, ring = box(201, 10, 1, 20, 2)
    ways = [*STREETS, (ring, {}), ([301, 302], {})]
    lakes = ([(3, "outer"), (4, "outer"), (99, "outer")], {"type": "multipolygon", "natural": "water"})
    net = toy({**SOUTH, **NORTH_STREET, **nodes, 301: (40, 1), 302: (50, 1)}, ways, "bicycle", relations=[lakes])
    assert len(net.graph.waters) == 1
    assert net.at((15, 2.5), (45, 2.5)).lat == pytest.approx([6 * DEGREES, 0], abs=1e-9)


def test_a_point_in_the_water_is_free_to_leave_it_but_not_to_cross_another(toy):
    """Two ponds side by side, 11 m apart."""
    (south, first), (north, second) = box(201, -1, 1, 61, 1.9), box(301, -1, 2, 61, 2.9)
    net = two_banks((first, {"natural": "water"}), (second, {"natural": "water"}), nodes={**south, **north}, toy=toy)
    snaps = net.at((30, 1.5), (30, 2.5))
    assert classes(snaps) == [1, 1] and snaps.lat == pytest.approx([0, 6 * DEGREES], abs=1e-9)


def test_the_middle_line_of_a_river_counts_only_for_those_on_land(toy):
    """A river 3 steps wide with its line in the middle: from the water beyond the line one may still leave to the south."""
    nodes, ring = box(201, -1, 0.5, 61, 3.5)
    river = [(ring, {"natural": "water", "water": "river"}), ([301, 302], {"waterway": "river"})]
    net = two_banks(*river, nodes={**nodes, 301: (-1, 2), 302: (61, 2)}, toy=toy)
    snaps = net.at((30, 2.2), (30, 3.6))
    assert classes(snaps) == [1, 1]
    assert snaps.lat == pytest.approx([0, 6 * DEGREES], abs=1e-9)


def test_a_street_in_the_water_is_reached_from_the_water_only(toy):
    """A causeway through a lake, 2 steps from its southern bank; the house on the bank has a street 3 steps south."""
    nodes, ring = box(201, -1, 3, 61, 9)
    causeway = {**row(60, y=5, first=301)}
    ways = [street(60), street(60, first=301), ([1, 301], ROAD), (ring, {"natural": "water"})]
    net = toy({**SOUTH, **causeway, **nodes}, ways)
    snaps = net.at((30, 2.9), (30, 4))
    assert snaps.lat == pytest.approx([0, 5 * DEGREES], abs=1e-9) and classes(snaps) == [1, 1]


def test_a_pier_serves_boats_and_not_the_bank(toy):
    """A pier into the lake: from a boat beside it one lands there; the house on the bank goes to the street."""
    nodes, ring = box(201, -1, 1, 61, 5)
    pier = {301: (30, 0), 302: (30, 3)}
    ways = [street(60), ([31, 302], {"man_made": "pier"}), (ring, {"natural": "water"})]
    net = toy({**SOUTH, **nodes, **pier}, ways)
    snaps = net.at((30.2, 2.5), (31.2, 0.99))
    assert snaps.lat == pytest.approx([2.5 * DEGREES, 0], abs=1e-9)


def test_a_road_on_the_bank_is_dry_from_its_side_and_wet_from_the_other(toy):
    """The road shares the nodes of the pond's northern edge."""
    nodes, _ = box(201, 0, 2, 59, 5.9)
    bank = {**row(60, y=2, first=301)}
    pond = [301, 360, 203, 204, 301]
    net = toy({**SOUTH, **bank, **nodes}, [street(60), street(60, first=301), ([1, 301], ROAD), (pond, {"natural": "water"})])
    assert net.at((30, 1.5)).lat[0] == pytest.approx(2 * DEGREES)
    assert net.at((30, 1.5)).snap_class[0] == net.at((30, 2.5)).snap_class[0] == 1
    beyond = net.at((30, 5.95))
    assert classes(beyond) == [0]  # 437 m from the road


@pytest.mark.parametrize(("coasts", "stops"), [((1,), False), ((1, 1.5), True), ((1, 1.5, 1.7), False)])
def test_out_to_sea_and_back_on_land(toy, coasts, stops):
    """Coastlines across the way to the street: one makes a point at sea, two a strait, three a point at sea beyond it."""
    nodes = {200 + 2 * i + end: (-1 + 62 * end, y) for i, y in enumerate(coasts) for end in (0, 1)}
    ways = [([200 + 2 * i, 201 + 2 * i], {"natural": "coastline"}) for i in range(len(coasts))]
    net = two_banks(*ways, nodes=nodes, toy=toy, mode="bicycle")
    assert net.at((30, 2)).lat[0] == pytest.approx((6 if stops else 0) * DEGREES, abs=1e-9)


def test_a_coast_met_in_its_corner_is_met_once(toy):
    """Both parts of the coast meet the connector in the node they share, on the line from the house to the street."""
    nodes = {201: (-1, 1), 202: (30, 1.5), 203: (61, 1)}
    net = two_banks(([201, 202], {"natural": "coastline"}), ([202, 203], {"natural": "coastline"}), nodes=nodes, toy=toy)
    assert classes(net.at((30, 2))) == [1]


def test_a_seawall_path_that_is_the_coastline_stays_a_coastline(toy):
    nodes = {201: (-1, 1), 202: (61, 1), 203: (-1, 1.5), 204: (61, 1.5)}
    wall = ([201, 202], {"natural": "coastline", "man_made": "pier", "foot": "no"})
    net = two_banks(wall, ([203, 204], {"natural": "coastline"}), nodes=nodes, toy=toy, mode="bicycle")
    assert net.at((30, 2)).lat[0] == pytest.approx(6 * DEGREES)


def test_water_across_the_antimeridian(toy):
    """The streets run from 179.97 to 180.03 E, the pond lies on both sides."""

    def place(x):
        return x if x < 180_000 else x - 360_000

    def moved(nodes):
        return {number: (place(179_970 + x), y) for number, (x, y) in nodes.items()}

    nodes, _ = box(201, -1, 1, 61, 1.2)
    ragged = {**nodes, 205: (30.5, 1.1), 206: (29, 1.15)}
    ways = [*STREETS, ([201, 202, 203, 205, 206, 204, 201], {"natural": "water"})]
    net = toy(moved({**SOUTH, **NORTH_STREET, **ragged}), ways, "bicycle")
    points = [(place(179_970 + x), 2) for x in (5, 29.5, 30.5, 50)]
    assert net.at(*points).lat == pytest.approx(np.full(4, 6 * DEGREES))
    assert net.at((place(180_000.2), 1.05)).snap_class[0] == 1


def test_many_points_by_water_get_what_each_gets_alone(toy):
    """A canal between the streets, a pond and a bridge: in any order, together and one by one."""
    nodes, ring = box(201, 10, 1, 20, 2.5)
    waters = [([301, 302], {"waterway": "canal"}), (ring, {"natural": "water"}), ([30, 130], {**ROAD, "bridge": "yes"})]
    net = two_banks(*waters, nodes={**nodes, 301: (-1, 3.3), 302: (61, 2.7)}, toy=toy)
    lon, lat = (part.ravel() * DEGREES for part in np.meshgrid(np.arange(-2, 62, 1.03), np.arange(-2, 9, 0.31)))
    together, order = net.snap(lon, lat), np.random.default_rng(1).permutation(len(lon))
    shuffled = net.snap(lon[order], lat[order])
    some = order[:150]
    alone = [net.snap(lon[i : i + 1], lat[i : i + 1]) for i in some]
    assert set(together.snap_class) == {0, 1, 3}
    for name in ("edge", "metres_at", "connector_metres", "lon", "lat", "snap_class", "reason"):
        values = getattr(together, name)
        np.testing.assert_array_equal(getattr(shuffled, name), values[order])
        np.testing.assert_array_equal(np.concatenate([getattr(one, name) for one in alone]), values[some])
    across = (lat[together.snap_class == 1] > 3.3 * DEGREES) & (together.lat[together.snap_class == 1] < 2.7 * DEGREES)
    assert not across.any()


def test_an_area_is_entered_from_its_own_bank(toy):
    """A school 22 m from the southern street, across a canal, and 444 m from the northern one; by bicycle both are in reach."""
    net = two_banks(([201, 202], {"waterway": "canal"}), nodes={201: (-1, 0.1), 202: (61, 0.1)}, toy=toy, mode="bicycle")
    school = np.array([shapely.box(10 * DEGREES, 0.2 * DEGREES, 11 * DEGREES, 2 * DEGREES)], dtype=object)
    entrances = snap_places(net.snapper, school)
    assert entrances.lat == pytest.approx(np.full(len(entrances), 6 * DEGREES))
    assert entrances.connector_metres.min() == pytest.approx(4 * NORTH, abs=0.1)


def test_rings_do_not_cross_water(toy):
    """From the street one gets far beyond it in time, but not over the canal 55 m north of it, whose bank has its own street."""
    banks = {**row(60, y=3, first=101), 201: (-1, 0.5), 202: (61, 0.5)}
    net = toy({**SOUTH, **banks}, [*STREETS, ([201, 202], {"waterway": "canal"})])
    clinic = net.at((30, 0))
    ring = isochrones(net.graph, clinic, np.array([[30 * DEGREES, 0.0]]), limits_seconds=[300.0]).geometry[0]
    assert ring.bounds[3] == pytest.approx(0.5 * DEGREES, abs=1 / NORTH * DEGREES)
    assert ring.bounds[1] == pytest.approx(-300 * WALK / NORTH * DEGREES, rel=0.05)


def test_graphs_keep_the_waters_of_their_streets(tmp_path):
    nodes, ring = box(201, 0, 1, 5, 2)
    extract = read_osm(toy_map.write_map(tmp_path / "a.osm", {**SOUTH, **nodes}, [street(60), (ring, {"landuse": "basin"})]))
    assert len(extract.waters) == 1 and extract.places.empty
    assert extract.waters.shapes[0].equals(shapely.box(0, DEGREES, 5 * DEGREES, 2 * DEGREES))
    assert EAST > 0
