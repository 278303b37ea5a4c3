"""The reference model on maps small enough to work out by hand, so that what it says of real maps can be trusted."""

import numpy as np
import pytest
import reference_model as model
import toy_map
from pyproj import Geod
from toy_map import row, street

GEOD = Geod(ellps="WGS84")
NODE, STEP = toy_map.DEGREES, toy_map.EAST
WALK, CONNECTOR = 5 / 3.6, 5 / 3.6  # metres per second


@pytest.fixture
def write_map(tmp_path):
    """Write nodes {number: (x, y) in steps east and north} and ways [(node numbers, tags)] as OSM XML."""
    return lambda nodes, ways: toy_map.write_map(tmp_path / "toy.osm", nodes, ways)


def snap(net, *points):
    """Snap points given in steps."""
    return net.snap([x * NODE for x, _ in points], [y * NODE for _, y in points])


def test_connectors_are_walked_and_kept_apart_from_the_street(write_map):
    path = write_map(row(11), [(range(1, 12), {"highway": "residential"})])
    net = model.network(path, "walk")
    off_street = GEOD.inv(0.002, 0, 0.002, 0.0009)[2]  # 99.5 m: a degree of latitude is shorter at the equator
    origin, destination = snap(net, (2, 0.9), (7.5, 0))
    assert origin.metres == pytest.approx(off_street, abs=0.01)
    seconds, metres, connectors = net.matrix([origin], [destination])
    assert metres[0, 0] == pytest.approx(5.5 * STEP, abs=0.01)
    assert connectors[0, 0] == pytest.approx(off_street, abs=0.01)
    assert seconds[0, 0] == pytest.approx(5.5 * STEP / WALK + off_street / CONNECTOR, abs=0.01)


def test_slower_walkers_walk_their_connectors_slower_and_drivers_walk_them_at_five(write_map):
    path = write_map(row(11), [(range(1, 12), {"highway": "residential"})])
    for mode, speed_kmh, on_street, connector in (("walk", 3.6, 1.0, 1.0), ("car", None, 30 / 3.6, 5 / 3.6)):
        net = model.network(path, mode, speed_kmh=speed_kmh)
        seconds, _, off_street = net.matrix(snap(net, (0, 1)), snap(net, (10, 0)))
        assert seconds[0, 0] == pytest.approx(10 * STEP / on_street + off_street[0, 0] / connector, abs=0.01)


def test_points_beyond_the_cap_are_never_answered(write_map):
    path = write_map(row(11), [(range(1, 12), {"highway": "residential"})])
    far = (5, 4)  # 442 m: beyond 400 m on foot, within 1,000 m by car
    walk, car = model.network(path, "walk"), model.network(path, "car")
    assert (snap(walk, far)[0].snap_class, snap(car, far)[0].snap_class) == (0, 1)
    points = snap(walk, far, (0, 0))
    assert np.isnan(np.stack(walk.matrix(points[:1], points[1:]))).all()
    seconds, which = walk.nearest(points, points[1:])
    assert np.isnan(seconds[0]) and which.tolist() == [-1, 0] and seconds[1] == pytest.approx(0, abs=1e-6)


def test_one_way_streets_bind_cars_and_not_walkers(write_map):
    """A one-way square: from corner 1 to corner 2 is one side, back again the three others."""
    nodes = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1)}
    path = write_map(nodes, [([1, 2, 3, 4, 1], {"highway": "residential", "oneway": "yes"})])
    car, walk = model.network(path, "car"), model.network(path, "walk")
    north = GEOD.inv(0, 0, 0, NODE)[2]
    a, b = snap(car, (0, 0), (1, 0))
    there, back = STEP, STEP + 2 * north
    assert car.matrix([a], [b])[1][0, 0] == pytest.approx(there, abs=0.01)
    assert car.matrix([b], [a])[1][0, 0] == pytest.approx(back, abs=0.01)
    assert car.matrix([a], [b], direction="from")[1][0, 0] == pytest.approx(back, abs=0.01)
    assert car.matrix([a, a], [b])[1] == pytest.approx(np.array([[there], [there]]), abs=0.01)
    assert car.matrix([a, a], [b], direction="from")[1] == pytest.approx(np.array([[back], [back]]), abs=0.01)
    assert car.nearest([a], [b])[0][0] == pytest.approx(there / (30 / 3.6), abs=0.01)
    assert car.nearest([a], [b], direction="from")[0][0] == pytest.approx(back / (30 / 3.6), abs=0.01)
    a, b = snap(walk, (0, 0), (1, 0))
    assert walk.matrix([b], [a])[1][0, 0] == pytest.approx(there, abs=0.01)


def test_points_on_one_segment_go_straight_along_it_where_allowed(write_map):
    """Between 20 % and 50 % of a one-way side: 0.3 steps forward, the rest of the square back."""
    nodes = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1)}
    path = write_map(nodes, [([1, 2, 3, 4, 1], {"highway": "residential", "oneway": "yes"})])
    net = model.network(path, "car")
    points = snap(net, (0.2, 0), (0.5, 0))
    metres = net.matrix(points, points)[1]
    whole = 2 * STEP + 2 * GEOD.inv(0, 0, 0, NODE)[2]
    assert metres == pytest.approx(np.array([[0, 0.3 * STEP], [whole - 0.3 * STEP, 0]]), abs=0.01)


def test_minus_one_turns_a_way_round_and_roundabouts_are_one_way(write_map):
    for tags in ({"oneway": "-1"}, {"junction": "roundabout"}, {"junction": "roundabout", "oneway": "no"}):
        path = write_map(row(3), [([1, 2, 3], {"highway": "tertiary", **tags})])
        net = model.network(path, "car")
        points = snap(net, (0, 0), (2, 0))
        along, against = ~np.isnan(net.matrix(points, points)[0][[0, 1], [1, 0]])
        assert (along, against) == (tags.get("oneway") != "-1", "oneway" in tags)


def test_steps_take_twice_as_long_and_wheelchairs_do_not_take_them(write_map):
    ways = [([1, 2], {"highway": "footway"}), ([2, 3], {"highway": "steps"}), ([3, 4], {"highway": "footway"})]
    path = write_map(row(4), ways)
    net = model.network(path, "walk")
    seconds, metres, _ = net.matrix(snap(net, (0, 0)), snap(net, (3, 0)))
    assert metres[0, 0] == pytest.approx(3 * STEP, abs=0.01)
    assert seconds[0, 0] == pytest.approx(4 * STEP / WALK, abs=0.01)
    wheelchair = model.network(path, "walk", speed_kmh=2.9, steps=False)
    assert np.isnan(wheelchair.matrix(snap(wheelchair, (0, 0)), snap(wheelchair, (3, 0)))[0][0, 0])


@pytest.mark.parametrize(
    ("maxspeed", "kmh"),
    [
        *[("40", 36), ("40 km/h", 36), ("25 mph", 36.2102), ("50;60", 45), ("60, 40", 36), ("30 KMH", 27), ("walk", 6.3)],
        *[("CN:urban", 45), ("cn:rural", 63), ("RU:RURAL", 72), ("none", 55), ("0", 55), ("fast", 55)],
    ],
)
def test_tagged_speeds_are_driven_at_nine_tenths_and_what_is_not_understood_counts_as_untagged(write_map, maxspeed, kmh):
    path = write_map(row(2), [([1, 2], {"highway": "secondary", "maxspeed": maxspeed})])
    net = model.network(path, "car")
    seconds, _, _ = net.matrix(snap(net, (0, 0)), snap(net, (1, 0)))
    assert seconds[0, 0] == pytest.approx(STEP / (kmh / 3.6), rel=1e-5)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("00:20", 1200),
        ("1:30", 5400),
        ("00:20:30", 1230),
        ("45", 2700),
        ("PT1H20M", 4800),
        ("PT1.5H", 5400),
        ("0,5h", 1800),
        ("1h30", 5400),
        ("1 Hr 5 mins", 3900),
        ("20m", 1200),
        ("1小时10分钟", 4200),
        ("10至15分", 900),
        ("30 min to 1 hour", 3600),
        ("20-45 min", 2700),
        ("often", None),
        ("0", None),
    ],
)
def test_durations(text, seconds):
    assert model.duration_seconds(text) == seconds


FERRY = {"route": "ferry", "duration": "00:20", "interval": "01:00"}


def two_shores(write_map, tags):
    """One step of street, two ferry ways of 10 and 20 steps that meet at sea, one step of street."""
    nodes = {1: (0, 0), 2: (1, 0), 3: (11, 0), 4: (31, 0), 5: (32, 0)}
    road = {"highway": "residential"}
    return write_map(nodes, [([1, 2], road), ([2, 3], tags), ([3, 4], tags), ([4, 5], road)])


def test_a_ferry_costs_boarding_half_the_headway_and_the_crossing_once(write_map):
    path = two_shores(write_map, FERRY)
    on_land = 2 * STEP / WALK
    for ferries, expected in (("free", on_land + 2 * 1200), ("scheduled", on_land + 600 + 1800 + 2 * 1200)):
        net = model.network(path, "walk", ferries=ferries)
        ends = snap(net, (0, 0), (32, 0))
        seconds, metres, _ = net.matrix(ends, ends)
        assert seconds == pytest.approx(np.array([[0, expected], [expected, 0]]), abs=0.01)
        assert metres[0, 1] == pytest.approx(32 * STEP, abs=0.01)
    net = model.network(path, "walk", ferries="none")
    assert np.isnan(net.matrix(snap(net, (0, 0)), snap(net, (32, 0)))[0][0, 0])


def test_a_ferry_without_duration_goes_by_the_length_of_its_way(write_map):
    """10 steps (1.1 km) and 20 steps at 15 km/h; 8 steps (0.9 km) at 5 km/h; 300 steps (33 km) at 30 km/h."""
    for steps, kmh in ((10, 15), (20, 15), (8, 5), (300, 30)):
        nodes = {1: (0, 0), 2: (1, 0), 3: (1 + steps / 2, 0), 4: (1 + steps, 0), 5: (2 + steps, 0)}
        road = {"highway": "residential"}
        path = write_map(nodes, [([1, 2], road), ([2, 3, 4], {"route": "ferry"}), ([4, 5], road)])
        net = model.network(path, "walk")
        seconds, _, _ = net.matrix(snap(net, (0, 0)), snap(net, (2 + steps, 0)))
        assert seconds[0, 0] == pytest.approx(2 * STEP / WALK + 600 + steps * STEP / (kmh / 3.6), rel=1e-5)


def test_a_port_of_call_costs_no_second_boarding_and_a_break_on_land_does(write_map):
    """The middle node is a harbour: staying aboard is free, walking one step to the next harbour boards again."""
    road, ferry = {"highway": "residential"}, {"route": "ferry", "duration": "10"}
    nodes = {1: (0, 0), 2: (20, 0), 3: (40, 0), 4: (20, 1), 5: (40, 5), 6: (41, 5), 7: (41, 0), 8: (-1, 0)}
    ways = [([8, 1], road), ([1, 2, 3], {**ferry, "duration": "20"}), ([3, 7], road), ([2, 4], road), ([4, 5], ferry)]
    path = write_map(nodes, [*ways, ([5, 6], road)])
    net = model.network(path, "walk")
    north = GEOD.inv(0, 0, 0, NODE)[2]
    seconds, _, _ = net.matrix(snap(net, (-1, 0)), snap(net, (20, 0), (41, 0), (41, 5)))
    first = STEP / WALK + 600 + 600  # a step of street, boarding, half of the 20 minutes
    expected = [first, first + 600 + STEP / WALK, first + north / WALK + 600 + 600 + STEP / WALK]
    assert seconds[0] == pytest.approx(expected, abs=0.01)


def test_cars_board_only_ferries_tagged_for_them(write_map):
    for tags, carried in (({}, False), ({"motor_vehicle": "yes"}, True), ({"vehicle": "yes", "motorcar": "no"}, False)):
        net = model.network(two_shores(write_map, {**FERRY, **tags}), "car")
        reached = ~np.isnan(net.matrix(snap(net, (0, 0)), snap(net, (32, 0)))[0][0, 0])
        assert reached == carried


def test_what_is_not_a_main_part_is_passed_over_for_one_within_the_cap(write_map):
    """A street of 20 steps; two steps north a lane of 8 (less than 2,000 m and than half), far off another with nothing near."""
    nodes = {**row(21), **row(9, y=2, first=101), **row(9, y=9, first=201)}
    ways = [(range(1, 22), {"highway": "residential"}), (range(101, 110), {"highway": "service"})]
    path = write_map(nodes, [*ways, (range(201, 210), {"highway": "path"})])
    net = model.network(path, "walk")
    on_street, by_lane, alone = snap(net, (1, 0.1), (1, 1.9), (1, 9.5))
    assert [s.snap_class for s in (on_street, by_lane, alone)] == [1, 1, 2]
    assert by_lane.point == pytest.approx((0.001, 0))
    assert by_lane.metres == pytest.approx(GEOD.inv(0.001, 0, 0.001, 0.0019)[2], abs=0.01)


@pytest.mark.parametrize(("steps", "sound"), [(9, False), (11, True), (18, True)])
def test_a_part_is_main_from_half_of_the_longest_or_two_kilometres(write_map, steps, sound):
    """18 steps are 2,004 m; the longest part has 20 or 50."""
    for longest in (20, 50):
        nodes = {**row(longest + 1), **row(steps + 1, y=2, first=101)}
        path = write_map(nodes, [street(longest + 1), street(steps + 1, first=101)])
        [found] = snap(model.network(path, "walk"), (5, 2))
        assert (found.metres < 1) == (sound if longest == 20 else steps == 18)


@pytest.mark.parametrize(
    ("tags", "open_to"),
    [
        ({"highway": "residential"}, "walk bicycle car"),
        ({"highway": "motorway"}, "car"),
        ({"highway": "trunk"}, "walk bicycle car"),
        ({"highway": "trunk", "bicycle": "no", "bridge": "yes"}, "car"),
        ({"highway": "cycleway"}, "walk bicycle"),
        ({"highway": "footway"}, "walk"),
        ({"highway": "footway", "bicycle": "designated"}, "walk bicycle"),
        ({"highway": "steps", "bicycle": "yes"}, "walk"),
        ({"highway": "construction"}, ""),
        ({"highway": "service", "access": "private"}, "walk bicycle car"),  # at the ends of trips
        ({"highway": "service", "access": "military", "foot": "destination"}, "walk"),
        ({"highway": "service", "access": "Yes;no", "motorcar": "bus"}, "walk bicycle"),
        ({"man_made": "pier"}, "walk"),
        ({"man_made": "pier", "highway": "construction"}, ""),
        ({"highway": "platform"}, ""),
        ({"railway": "platform", "foot": "yes"}, "walk"),
        ({"highway": "primary", "expressway": "yes", "foot": "yes", "bicycle": "yes"}, "car"),
        ({"highway": "trunk", "bridge": "yes", "sidewalk": "left"}, "walk bicycle car"),
        ({"highway": "track", "winter_road": "yes"}, ""),
        ({"highway": "service", "access": "no", "motor_vehicle": "yes", "bicycle": "dismount"}, "bicycle car"),
        ({"highway": "primary", "motorcar": "no", "bicycle": "use_sidepath", "sidewalk": "separate"}, "walk"),
        ({"highway": "primary", "foot": "no", "vehicle": "no", "bicycle": "yes"}, "bicycle"),
    ],
)
def test_who_may_use_what(write_map, tags, open_to):
    path = write_map(row(2), [([1, 2], tags)])
    used = [mode for mode in ("walk", "bicycle", "car") if len(model.network(path, mode).first)]
    assert used == open_to.split()


@pytest.mark.parametrize(
    ("tags", "along", "against"),
    [
        ({"oneway": "yes"}, True, False),
        ({"oneway": "yes", "oneway:bicycle": "no"}, True, True),
        ({"oneway": "yes", "oneway:bicycle": "-1"}, False, True),
        ({"oneway:bicycle": "yes"}, True, False),
        ({"oneway": "yes", "cycleway": "opposite_lane"}, True, True),
    ],
)
def test_cyclists_have_one_ways_of_their_own(tags, along, against):
    assert model.directions({"highway": "residential", **tags}, "bicycle") == (along, against)


def test_nodes_missing_in_the_file_split_the_way(write_map):
    path = write_map(row(5), [([1, 2, 99, 4, 5], {"highway": "residential"})])
    net = model.network(path, "walk")
    seconds, _, _ = net.matrix(snap(net, (0, 0), (3, 0)), snap(net, (1, 0), (4, 0)))
    assert (~np.isnan(seconds)).tolist() == [[True, False], [False, True]]
