"""Ferries worked out on paper: crossing, boarding, half the headway, and who may come aboard (pitfall 12)."""

import numpy as np
import pytest
from toy_map import EAST, NORTH, ROAD, row, street

WALK = 5 / 3.6  # metres per second
FERRY = {"route": "ferry"}


def lake(length=10, **tags):
    """One step of street, a ferry of `length` steps in two segments, one step of street."""
    nodes = {1: (0, 0), 2: (1, 0), 3: (1 + 0.3 * length, 0), 4: (1 + length, 0), 5: (2 + length, 0)}
    return nodes, [([1, 2], ROAD), ([2, 3, 4], {**FERRY, **tags}), ([4, 5], ROAD)]


def across(net, length=10):
    """Seconds from street end to street end, both ways."""
    ends = net.at((0, 0), (2 + length, 0))
    return net.matrix(ends, ends)[0][[0, 1], [1, 0]]


def test_no_ferry_a_free_one_and_one_every_hour_take_three_different_times(toy):
    """Pitfall 12: 20 minutes of crossing; scheduled adds 10 minutes of boarding and half of 60."""
    nodes, ways = lake(duration="00:20", interval="01:00")
    on_land = 2 * EAST / WALK
    assert np.isnan(across(toy(nodes, ways, ferries="none"))).all()
    assert across(toy(nodes, ways, ferries="free")) == pytest.approx(on_land + 1200, abs=0.01)
    assert across(toy(nodes, ways, ferries="scheduled")) == pytest.approx(on_land + 1200 + 600 + 1800, abs=0.01)


def test_hours_of_service_are_no_headway(toy):
    nodes, ways = lake(duration="0,5h", interval="07:00-19:00")
    assert across(toy(nodes, ways)) == pytest.approx(2 * EAST / WALK + 1800 + 600, abs=0.01)


def test_scheduled_is_what_one_gets_without_asking_and_an_unknown_headway_adds_nothing(toy):
    nodes, ways = lake(duration="20")
    assert across(toy(nodes, ways)) == pytest.approx(2 * EAST / WALK + 1200 + 600, abs=0.01)


@pytest.mark.parametrize(
    ("length", "kmh"),
    [(8, 5), (8.98, 5), (8.99, 15), (10, 15), (269, 15), (270, 30), (300, 30)],
)
def test_without_a_duration_the_length_decides_the_speed(toy, length, kmh):
    """Under 1 km (8.983 steps) 5 km/h, to 30 km (269.49 steps) 15 km/h, beyond 30 km/h."""
    nodes, ways = lake(length)
    expected = 2 * EAST / WALK + length * EAST / (kmh / 3.6)
    assert across(toy(nodes, ways, ferries="free"), length) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [
        ("00:20", 1200),
        ("1:30", 5400),
        ("00:20:30", 1230),
        ("45", 2700),
        ("PT1H20M", 4800),
        ("often", None),
        ("0", None),
    ],
)
def test_durations_in_every_spelling_and_the_length_where_there_is_none(toy, duration, seconds):
    nodes, ways = lake(duration=duration)
    crossing = 10 * EAST / (15 / 3.6) if seconds is None else seconds
    assert across(toy(nodes, ways, ferries="free")) == pytest.approx(2 * EAST / WALK + crossing, rel=1e-5)


def test_ferry_metres_count_as_metres_of_the_trip(toy):
    nodes, ways = lake()
    net = toy(nodes, ways)
    assert net.matrix(net.at((0, 0)), net.at((12, 0)))[1][0, 0] == pytest.approx(12 * EAST, abs=0.01)


def test_two_ferry_ways_of_one_line_are_boarded_once_and_two_lines_twice(toy):
    """Harbours 2, 3, 4 in a row: staying aboard at 3 is free; a step along the quay at 3 means boarding again."""
    ten = {**FERRY, "duration": "10"}
    nodes = {1: (0, 0), 2: (1, 0), 3: (21, 0), 4: (41, 0), 5: (42, 0), 6: (21, 1), 7: (41, 1), 8: (42, 1)}
    ways = [([1, 2], ROAD), ([2, 3], ten), ([3, 4], ten), ([4, 5], ROAD), ([3, 6], ROAD), ([6, 7], ten), ([7, 8], ROAD)]
    net = toy(nodes, ways)
    seconds = net.matrix(net.at((0, 0)), net.at((42, 0), (21, 1), (42, 1)))[0][0]
    through = 2 * EAST / WALK + 600 + 2 * 600
    quay = EAST / WALK + 600 + 600 + NORTH / WALK
    again = quay + 600 + 600 + EAST / WALK
    assert seconds == pytest.approx([through, quay, again], abs=0.01)


def test_a_ferry_that_passes_a_shore_without_a_common_node_does_not_call_there(toy):
    """A street crosses the line's middle on the drawing only."""
    nodes, ways = lake()
    net = toy({**nodes, 6: (4, 0.001), 7: (4, 1)}, [*ways, ([6, 7], ROAD)])
    assert np.isnan(net.matrix(net.at((0, 0)), net.at((4, 1)))[0][0, 0])


def test_each_line_from_one_pier_costs_its_own_headway(toy):
    """From pier 2 line A sails every hour to 3, line B without a known headway to 4, each in 20 minutes."""
    nodes = {1: (0, 0), 2: (1, 0), 3: (11, 0), 4: (1, 10), 5: (12, 0), 6: (2, 10)}
    hourly, plain = {**FERRY, "duration": "20", "interval": "01:00"}, {**FERRY, "duration": "20"}
    ways = [([1, 2], ROAD), ([2, 3], hourly), ([2, 4], plain), ([3, 5], ROAD), ([4, 6], ROAD)]
    net = toy(nodes, ways)
    seconds = net.matrix(net.at((0, 0)), net.at((12, 0), (2, 10)))[0][0]
    assert seconds == pytest.approx([2 * EAST / WALK + 1200 + 2400, 2 * EAST / WALK + 1200 + 600], abs=0.01)


def test_points_never_snap_to_a_ferry(toy):
    """A point on the water, 10 m from the line and 330 m from the quay, is tied to the quay."""
    nodes, ways = lake()
    net = toy(nodes, ways)
    on_water = net.at((4, 10 / NORTH))
    assert on_water.connector_metres[0] == pytest.approx(np.hypot(3 * EAST, 10), abs=0.01)
    assert net.at((6, 0)).connector_metres[0] != pytest.approx(0)  # 556 m: beyond the cap of 400 m
    assert net.at((6, 0)).edge[0] == -1


@pytest.mark.parametrize(
    ("tags", "carried"),
    [
        ({}, "walk"),
        ({"motor_vehicle": "yes"}, "walk car"),
        ({"motorcar": "designated"}, "walk car"),
        ({"vehicle": "yes", "motorcar": "no"}, "walk bicycle"),
        ({"foot": "no", "vehicle": "yes"}, "bicycle car"),
        ({"bicycle": "no"}, "walk"),
        ({"access": "private"}, "walk"),
        ({"foot": "private"}, "walk"),
        ({"foot": "no"}, ""),
        ({"bicycle": "dismount"}, "walk bicycle"),
    ],
)
def test_who_comes_aboard(toy, tags, carried):
    nodes, ways = lake(duration="20", **tags)
    for mode in ("walk", "bicycle", "car"):
        assert np.isfinite(across(toy(nodes, ways, mode))).all() == (mode in carried.split()), mode


@pytest.mark.parametrize(
    ("mode", "tags", "there", "back"),
    [
        ("car", {"oneway": "yes"}, True, False),
        ("car", {"oneway": "-1"}, False, True),
        ("bicycle", {"oneway": "yes"}, True, False),
        ("bicycle", {"oneway": "yes", "oneway:bicycle": "no"}, True, True),
        ("walk", {"oneway": "yes"}, True, True),
        ("walk", {"oneway:foot": "yes"}, True, False),
    ],
)
def test_a_ferry_may_sail_one_way_only_for_whom_streets_may(toy, mode, tags, there, back):
    nodes, ways = lake(duration="20", vehicle="yes", **tags)
    assert np.isfinite(across(toy(nodes, ways, mode))).tolist() == [there, back]


@pytest.mark.parametrize(("duration", "seconds"), [("00:00:29", 29), ("00:00:28", 10 * EAST / (15 / 3.6))])
def test_a_duration_faster_than_any_ship_is_not_believed(toy, duration, seconds):
    """Pitfall 15: 1,113 m in 29 seconds are 138 km/h, in 28 seconds 143."""
    nodes, ways = lake(duration=duration)
    assert across(toy(nodes, ways, ferries="free")) == pytest.approx(2 * EAST / WALK + seconds, rel=1e-5)


def test_a_ferry_makes_no_main_street_of_an_islands_lane(toy):
    """60 nodes of mainland; a lane of 3 nodes 300 m off, within the cap of the mainland's street and no water on the map."""
    north = 300 / NORTH
    nodes = {**row(60), **row(3, y=north, first=101)}
    ways = [street(60), street(3, first=101, highway="path"), ([1, 101], FERRY)]
    for ferries in ("none", "free", "scheduled"):
        snaps = toy(nodes, ways, ferries=ferries).at((1, north))
        assert (snaps.snap_class[0], round(snaps.lat[0], 9)) == (1, 0), ferries
