"""Travel times worked out on paper, on maps of a few nodes. East and north steps are 111.31949 m and 110.57428 m."""

import numpy as np
import pytest
from toy_map import EAST, NORTH, ROAD, row, street, write_map

from lifecircle.geo.engine import k_nearest, table_search
from lifecircle.geo.modes import travel_mode, traversal
from lifecircle.geo.reading.osm import read_osm
from lifecircle.geo.snapping import snapper as snapping

WALK = 5 / 3.6  # metres per second
RESIDENTIAL = 30 / 3.6
SQUARE = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1)}
ONE_WAY = {**ROAD, "oneway": "yes"}


def seconds_between(net, origin, destination, **options):
    return net.matrix(net.at(origin), net.at(destination), **options)[0][0, 0]


def metres_between(net, origin, destination, **options):
    return net.matrix(net.at(origin), net.at(destination), **options)[1][0, 0]


# ---------------------------------------------------------------- connectors


def test_three_hundred_metres_off_the_road_cost_three_hundred_metres_of_walking_at_each_end(toy):
    net = toy(row(60), [street(60)])
    seconds, metres, connectors = net.matrix(net.at((2, 300 / NORTH)), net.at((7.5, -300 / NORTH)))
    assert connectors[0, 0] == pytest.approx(600, abs=0.01)
    assert metres[0, 0] == pytest.approx(5.5 * EAST, abs=0.01)
    assert seconds[0, 0] == pytest.approx((5.5 * EAST + 600) / WALK, abs=0.01)


def test_the_driver_walks_to_the_car_at_five_kilometres_an_hour(toy):
    net = toy(row(60), [street(60)], "car")
    seconds, _, connectors = net.matrix(net.at((2, 300 / NORTH)), net.at((7.5, -900 / NORTH)))
    assert connectors[0, 0] == pytest.approx(1200, abs=0.01)
    assert seconds[0, 0] == pytest.approx(5.5 * EAST / RESIDENTIAL + 1200 / WALK, abs=0.01)


def test_a_child_walks_a_metre_a_second_on_the_street_and_off_it(toy):
    net = toy(row(60), [street(60)], profile="child")
    assert seconds_between(net, (0, 100 / NORTH), (9, 0)) == pytest.approx(9 * EAST + 100, abs=0.01)


def test_a_place_is_no_time_from_itself_on_the_street_and_twice_its_connector_off_it(toy):
    net = toy(row(60), [street(60)])
    points = net.at((3.2, 0), (3.2, 360 / NORTH))
    assert net.matrix(points, points)[0] == pytest.approx(np.array([[0, 360], [360, 720]]) / WALK, abs=0.01)


# ---------------------------------------------------------------- who goes where, how fast


def test_steps_are_walked_at_half_speed_and_closed_to_wheelchairs(toy):
    ways = [([1, 2], {"highway": "footway"}), ([2, 3], {"highway": "steps"}), ([3, 4], {"highway": "footway"})]
    assert seconds_between(toy(row(4), ways), (0, 0), (3, 0)) == pytest.approx(4 * EAST / WALK, abs=0.01)
    assert np.isnan(seconds_between(toy(row(4), ways, profile="wheelchair"), (0, 0), (3, 0)))


def test_one_way_streets_bind_cars_and_not_walkers(toy):
    ways = [([1, 2, 3, 4, 1], ONE_WAY)]
    car, walk = toy(SQUARE, ways, "car"), toy(SQUARE, ways)
    assert metres_between(car, (0, 0), (1, 0)) == pytest.approx(EAST, abs=0.01)
    assert metres_between(car, (1, 0), (0, 0)) == pytest.approx(EAST + 2 * NORTH, abs=0.01)
    assert metres_between(walk, (1, 0), (0, 0)) == pytest.approx(EAST, abs=0.01)


@pytest.mark.parametrize(
    ("tags", "along", "against"),
    [
        ({"oneway": "yes"}, True, True),
        ({"oneway:foot": "yes"}, True, False),
        ({"foot:oneway": "yes"}, True, False),
        ({"oneway:foot": "-1"}, False, True),
        ({"oneway": "yes", "oneway:foot": "no"}, True, True),
    ],
)
def test_walkers_heed_only_a_one_way_of_their_own(toy, tags, along, against):
    net = toy(row(2), [([1, 2], {**ROAD, **tags})])
    points = net.at((0, 0), (1, 0))
    assert (~np.isnan(net.matrix(points, points)[0][[0, 1], [1, 0]])).tolist() == [along, against]


@pytest.mark.parametrize(
    ("tags", "along", "against"),
    [
        ({"oneway": "-1"}, False, True),
        ({"oneway": "reverse"}, False, True),
        ({"oneway": "1"}, True, False),
        ({"oneway": "no"}, True, True),
        ({"oneway": "reversible"}, True, True),
        ({"junction": "roundabout"}, True, False),
        ({"junction": "roundabout", "oneway": "no"}, True, True),
        ({"highway": "motorway"}, True, False),
        ({"highway": "motorway_link"}, True, True),
    ],
)
def test_which_ways_are_one_way_for_cars(toy, tags, along, against):
    net = toy(row(2), [([1, 2], {**ROAD, **tags})], "car")
    points = net.at((0, 0), (1, 0))
    assert (~np.isnan(net.matrix(points, points)[0][[0, 1], [1, 0]])).tolist() == [along, against]


@pytest.mark.parametrize(
    ("maxspeed", "kmh"),
    [
        ("50", 45),
        ("50 km/h", 45),
        ("30 mph", 43.4522880),
        ("60;80", 54),
        ("none", 55),
        ("CN:urban", 45),
        ("DE:rural", 72),
        ("cn:rural", 63),
        ("80, 60 mph;signals", 72),
        ("50kph", 55),
        ("walk", 6.3),
        ("0", 55),
        ("", 55),
        ("155", 139.5),
        ("100 MPH", 144.84096),
        ("1", 0.9),
    ],
)
def test_nine_tenths_of_what_is_understood_as_a_limit_else_the_class_speed(toy, maxspeed, kmh):
    net = toy(row(2), [([1, 2], {"highway": "secondary", "maxspeed": maxspeed})], "car")
    assert seconds_between(net, (0, 0), (1, 0)) == pytest.approx(EAST / (kmh / 3.6), rel=1e-6)


@pytest.mark.parametrize(
    ("along", "kmh"),
    [("none", 55), ("None", 55), ("signals", 45), ("0", 45), ("80", 72), ("none;60", 54)],
)
def test_a_direction_without_a_limit_goes_at_the_class_speed_one_that_is_not_understood_at_the_ways_limit(toy, along, kmh):
    tags = {"highway": "secondary", "maxspeed": "50", "maxspeed:forward": along}
    net = toy(row(2), [([1, 2], tags)], "car")
    assert seconds_between(net, (0, 0), (1, 0)) == pytest.approx(EAST / (kmh / 3.6), rel=1e-6)
    assert seconds_between(net, (1, 0), (0, 0)) == pytest.approx(EAST / (45 / 3.6), rel=1e-6)


@pytest.mark.parametrize(("table", "kmh"), [("default", 45), ("cn-plain", 40), ("cn-mountain", 30)])
def test_a_tertiary_road_in_each_speed_table(toy, table, kmh):
    net = toy(row(2), [([1, 2], {"highway": "tertiary"})], "car", speeds=table)
    assert seconds_between(net, (0, 0), (1, 0)) == pytest.approx(EAST / (kmh / 3.6), rel=1e-6)


def test_the_share_of_street_length_with_imputed_speed(toy):
    """Three steps carry a limit, one does not, and a footway is no street for cars."""
    ways = [([1, 2, 3, 4], {**ROAD, "maxspeed": "40"}), ([4, 5], ROAD), ([5, 6, 7], {"highway": "footway"})]
    assert toy(row(7), ways, "car").graph.imputed_share == pytest.approx(0.25, rel=1e-6)
    assert np.isnan(toy(row(7), ways).graph.imputed_share)


def test_speeds_of_one_road_say_nothing_of_another(toy):
    """Pitfall 21: a motorway's limit of 120 must not change what an untagged lane takes."""
    lane = ([3, 4], ROAD)
    plain = toy(row(4), [([1, 2, 3], ROAD), lane], "car")
    fast = toy(row(4), [([1, 2, 3], {"highway": "motorway", "maxspeed": "120"}), lane], "car")
    assert seconds_between(fast, (2, 0), (3, 0)) == pytest.approx(seconds_between(plain, (2, 0), (3, 0)), abs=1e-9)


@pytest.mark.parametrize(
    ("tags", "open_to"),
    [
        ({"highway": "residential"}, "walk bicycle car"),
        ({"highway": "motorway"}, "car"),
        ({"highway": "trunk"}, "walk bicycle car"),
        ({"highway": "trunk", "bicycle": "no"}, "walk car"),
        ({"highway": "trunk", "expressway": "yes", "foot": "yes", "bicycle": "yes"}, "car"),
        ({"highway": "trunk", "bridge": "yes"}, "bicycle car"),
        ({"highway": "trunk", "layer": "1", "sidewalk": "both"}, "walk bicycle car"),
        ({"highway": "trunk", "level": "0;1"}, "walk bicycle car"),
        ({"man_made": "pier"}, "walk"),
        ({"man_made": "pier", "bicycle": "yes"}, "walk bicycle"),
        ({"man_made": "pier", "highway": "construction", "bicycle": "yes"}, ""),
        ({"man_made": "pier", "highway": "steps", "bicycle": "yes"}, "walk"),
        ({"man_made": "pier", "highway": "footway", "bicycle": "yes"}, "walk bicycle"),
        ({"man_made": "pier", "highway": "platform", "bicycle": "yes"}, "walk bicycle"),
        ({"railway": "platform", "highway": "proposed", "foot": "yes", "bicycle": "yes"}, ""),
        ({"railway": "platform", "highway": "razed", "foot": "yes"}, ""),
        ({"railway": "platform", "highway": "platform", "foot": "yes"}, "walk"),
        ({"railway": "platform"}, ""),
        ({"railway": "platform", "foot": "Yes"}, "walk"),
        ({"highway": "street_lamp"}, ""),
        ({"highway": "road", "access": "forestry;permissive"}, "walk bicycle car"),
        ({"highway": "track", "access": " Agricultural "}, ""),
        ({"highway": "track", "winter_road": "yes"}, ""),
        ({"highway": "cycleway"}, "walk bicycle"),
        ({"highway": "footway"}, "walk"),
        ({"highway": "footway", "bicycle": "designated"}, "walk bicycle"),
        ({"highway": "steps", "bicycle": "yes"}, "walk"),
        ({"highway": "construction"}, ""),
        ({"highway": "elevator"}, "walk"),
        ({"highway": "pedestrian", "area": "yes"}, "walk"),
        ({"highway": "service", "access": "private"}, "walk bicycle car"),
        ({"highway": "service", "access": "private", "foot": "no"}, "bicycle car"),
        ({"highway": "service", "access": "no", "motor_vehicle": "yes", "bicycle": "dismount"}, "bicycle car"),
        ({"highway": "primary", "motorcar": "no", "sidewalk": "separate"}, "walk bicycle"),
        ({"highway": "primary", "foot": "no", "vehicle": "no", "bicycle": "yes"}, "bicycle"),
        ({"highway": "track", "motor_vehicle": "private", "motorcar": "yes"}, "walk bicycle car"),
    ],
)
def test_who_may_use_what(tmp_path, tags, open_to):
    streets = read_osm(write_map(tmp_path / "toy.osm", row(4), [([1, 2], tags), ([3, 4], ROAD)])).streets
    for mode in ("walk", "bicycle", "car"):
        use = traversal(streets, travel_mode(mode))
        found = {way: bool(is_open) for way, is_open in zip(streets.way_ids.tolist(), use.forward | use.backward, strict=True)}
        assert found.get(1, False) == (mode in open_to.split()), mode


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
def test_cyclists_have_one_ways_of_their_own_at_fifteen_kilometres_an_hour(toy, tags, along, against):
    net = toy(row(2), [([1, 2], {**ROAD, **tags})], "bicycle")
    points = net.at((0, 0), (1, 0))
    seconds = net.matrix(points, points)[0][[0, 1], [1, 0]]
    assert (~np.isnan(seconds)).tolist() == [along, against]
    assert seconds[~np.isnan(seconds)] == pytest.approx(EAST / (15 / 3.6), rel=1e-6)


def test_areas_are_walked_along_their_edge(toy):
    net = toy(SQUARE, [([1, 2, 3, 4, 1], {"highway": "pedestrian", "area": "yes"})])
    assert metres_between(net, (0, 0), (1, 1)) == pytest.approx(EAST + NORTH, abs=0.01)


# ---------------------------------------------------------------- places on one edge


def test_two_places_on_one_street_go_straight_along_it_both_ways(toy):
    net = toy(row(11), [street(11)])
    points = net.at((2.25, 0), (7.5, 0))
    assert net.matrix(points, points)[1] == pytest.approx(5.25 * EAST * (1 - np.eye(2)), abs=0.01)


def test_against_a_one_way_street_one_drives_around_the_block(toy):
    net = toy(SQUARE, [([1, 2, 3, 4, 1], ONE_WAY)], "car")
    points = net.at((0.2, 0), (0.5, 0))
    around = 2 * EAST + 2 * NORTH - 0.3 * EAST
    assert net.matrix(points, points)[1] == pytest.approx(np.array([[0, 0.3 * EAST], [around, 0]]), abs=0.01)
    assert net.nearest(points, net.at((0.2, 0)))[0][1] == pytest.approx(around / RESIDENTIAL, abs=0.01)


def test_against_a_one_way_dead_end_there_is_no_way(toy):
    net = toy(row(5), [street(5, highway="residential", oneway="yes")], "car")
    points = net.at((1.2, 0), (3.4, 0))
    seconds = net.matrix(points, points)[0]
    assert seconds[0, 1] == pytest.approx(2.2 * EAST / RESIDENTIAL, abs=0.01)
    assert np.isnan(seconds[1, 0])


def test_neighbours_across_a_one_way_street_need_not_drive_around_the_block(toy):
    """Two houses face each other: the same place on the street, whatever the last digit of its position says."""
    net = toy({1: (0, 0), 2: (1, 0.3), 3: (1, 1), 4: (0, 1)}, [([1, 2, 3, 4, 1], ONE_WAY)], "car")
    across = np.array([-0.3 * NORTH / EAST, EAST / NORTH]) * 0.2  # at right angles to the street
    places = [(share + side * across[0], 0.3 * share + side * across[1]) for share in (0.3, 0.5, 0.7) for side in (-1, 1)]
    points = net.at(*places)
    seconds, metres, connectors = net.matrix(points, points)
    pairs = [0, 2, 4, 1, 3, 5], [1, 3, 5, 0, 2, 4]
    assert metres[pairs] == pytest.approx(0, abs=0.001)
    assert seconds[pairs] == pytest.approx(connectors[pairs] / WALK, abs=0.001)


def test_a_place_at_a_corner_is_at_the_corner_whichever_street_it_snapped_to(toy):
    """Three one-way streets meet at node 2; a place beyond the corner may leave and arrive by any of them."""
    nodes = {1: (0, 0), 2: (1, 0), 3: (2, 0), 4: (1, -1)}
    net = toy(nodes, [([1, 2], ONE_WAY), ([2, 3], ONE_WAY), ([4, 2], ONE_WAY)], "car")
    corner, ends = net.at((1, 0.5)), net.at((0, 0), (2, 0), (1, -1))
    off = 0.5 * NORTH / WALK
    for direction, reached in (("to", [False, True, False]), ("from", [True, False, True])):
        seconds = net.matrix(corner, ends, direction=direction)[0][0]
        lengths = np.array([EAST, EAST, NORTH])
        expected = np.where(reached, off + lengths / RESIDENTIAL, np.nan)
        assert seconds == pytest.approx(expected, abs=0.01, nan_ok=True)
        assert net.nearest(ends, corner, direction="from" if direction == "to" else "to")[0] == pytest.approx(
            expected, abs=0.01, nan_ok=True
        )


# ---------------------------------------------------------------- shapes of the network


def test_a_ring_road_without_a_junction_is_walked_the_shorter_way_round(toy):
    """A square without any other street: opposite corners, and places a quarter of a side from a corner."""
    net = toy(SQUARE, [([1, 2, 3, 4, 1], ROAD)])
    assert metres_between(net, (0, 0), (1, 1)) == pytest.approx(EAST + NORTH, abs=0.01)
    assert metres_between(net, (0.25, 0), (0, 0.25)) == pytest.approx(0.25 * (EAST + NORTH), abs=0.01)
    assert metres_between(net, (0.25, 0), (0.25, 1)) == pytest.approx(0.5 * EAST + NORTH, abs=0.01)


def test_an_asymmetric_one_way_ring_answers_to_and_from_differently(toy):
    """Pitfall 18. Round the square from 0.5 on the first side: the facility a quarter round is near, and far back."""
    net = toy(SQUARE, [([1, 2, 3, 4, 1], ONE_WAY)], "car")
    home, facility = net.at((0.5, 0)), net.at((1, 0.5))
    there, whole = 0.5 * (EAST + NORTH), 2 * (EAST + NORTH)
    for direction, metres in (("to", there), ("from", whole - there)):
        assert net.matrix(home, facility, direction=direction)[1][0, 0] == pytest.approx(metres, abs=0.01)
        assert net.nearest(home, facility, direction=direction)[0][0] == pytest.approx(metres / RESIDENTIAL, abs=0.01)


def test_a_loop_on_a_junction_is_entered_from_both_sides(toy):
    """A street of one step ends in a turning loop, the square, at node 1."""
    net = toy({**SQUARE, 5: (-1, 0)}, [([5, 1], ROAD), ([1, 2, 3, 4, 1], ROAD)])
    assert metres_between(net, (-1, 0), (1, 0.5)) == pytest.approx(2 * EAST + 0.5 * NORTH, abs=0.01)
    assert metres_between(net, (-1, 0), (0.5, 1)) == pytest.approx(1.5 * EAST + NORTH, abs=0.01)
    assert metres_between(net, (0, 0.75), (0.5, 0)) == pytest.approx(0.5 * EAST + 0.75 * NORTH, abs=0.01)


def test_of_two_ways_between_the_same_junctions_the_shorter_is_taken(toy):
    nodes = {1: (0, 0), 2: (1, 0), 3: (0, 1), 4: (1, 1), 5: (-1, 0), 6: (2, 0)}
    ways = [([1, 3, 4, 2], ROAD), ([1, 2], ROAD), ([5, 1], ROAD), ([2, 6], ROAD)]
    net = toy(nodes, ways)
    assert metres_between(net, (-1, 0), (2, 0)) == pytest.approx(3 * EAST, abs=0.01)
    assert metres_between(net, (-1, 0), (0.25, 1)) == pytest.approx(1.25 * EAST + NORTH, abs=0.01)
    assert metres_between(net, (2, 0), (0.25, 1)) == pytest.approx(1.75 * EAST + NORTH, abs=0.01)


def test_a_faster_detour_beats_a_short_slow_way(toy):
    """One step of living street (10 km/h) takes 40.1 s; three sides of primary road (65 km/h) 18.4 s."""
    ways = [([1, 2], {"highway": "living_street"}), ([1, 4, 3, 2], {"highway": "primary"})]
    net = toy(SQUARE, ways, "car")
    seconds, metres, _ = net.matrix(net.at((0, 0)), net.at((1, 0)))
    assert seconds[0, 0] == pytest.approx((EAST + 2 * NORTH) / (65 / 3.6), abs=0.01)
    assert metres[0, 0] == pytest.approx(EAST + 2 * NORTH, abs=0.01)


def test_a_way_with_missing_nodes_is_split_there_and_nowhere_else(toy):
    """Nodes 3 and 7 are not in the file; what lies between the gaps stays a street."""
    nodes = {number: (number, 0) for number in (1, 2, 4, 5, 6, 8, 9)}
    net = toy(nodes, [(range(1, 10), ROAD)])
    points = net.at((1, 0), (2, 0), (4, 0), (6, 0), (8, 0), (9, 0))
    reached = ~np.isnan(net.matrix(points, points)[0])
    assert reached.tolist() == np.kron(np.eye(3, dtype=bool), np.ones((2, 2), bool)).tolist()


def test_a_node_named_twice_in_a_row_changes_nothing(toy):
    net = toy(row(4), [([1, 2, 2, 3, 3, 3, 4], ROAD)])
    assert metres_between(net, (0, 0), (3, 0)) == pytest.approx(3 * EAST, abs=0.01)
    assert len(net.graph.edge_a) == 1


def test_two_nodes_at_one_place_cost_nothing_to_pass(toy):
    nodes = {1: (0, 0), 2: (1, 0), 3: (1, 0), 4: (2, 0), 5: (1, 1)}
    net = toy(nodes, [([1, 2, 3, 4], ROAD), ([3, 5], ROAD)])
    assert seconds_between(net, (0, 0), (1, 1)) == pytest.approx((EAST + NORTH) / WALK, abs=0.01)


def test_streets_that_cross_without_a_common_node_do_not_meet(toy):
    """A bridge over a road."""
    net = toy({1: (0, 0), 2: (2, 0), 3: (1, -1), 4: (1, 1)}, [([1, 2], ROAD), ([3, 4], ROAD)])
    assert np.isnan(seconds_between(net, (0, 0), (1, 1)))


def test_the_antimeridian_is_no_border(toy):
    """A street of 60 nodes from 179.97 east over 180 to 179.971 west, its longitudes written as OSM writes them."""
    x = [179970 + i if 179970 + i < 180000 else 179970 + i - 360000 for i in range(60)]
    net = toy({number: (place, 0) for number, place in enumerate(x, start=1)}, [street(60)])
    west, east, on_the_line, under = (179975, 0), (-179975, 0), (180000, 100 / NORTH), (-180000, -100 / NORTH)
    points = net.at(west, east, on_the_line, under)
    metres, connectors = net.matrix(points, points)[1:]
    assert metres[0] == pytest.approx(np.array([0, 50, 25, 25]) * EAST, abs=0.01)
    assert metres[2, 3] == pytest.approx(0, abs=0.001)
    assert connectors[2, 3] == pytest.approx(200, abs=0.01)


# ---------------------------------------------------------------- limits


def test_exactly_the_limit_is_inside_it(toy):
    """At 1 m/s seconds are metres: the last place is exactly the limit away."""
    net = toy(row(11), [street(11)], profile="child")
    origin, destinations = net.at((0, 0)), net.at((3, 0), (5, 0), (7, 0))
    seconds = net.matrix(origin, destinations)[0][0]
    within = net.matrix(origin, destinations, limit_seconds=float(seconds[1]))[0][0]
    assert within.tolist()[:2] == seconds.tolist()[:2]
    assert np.isnan(within[2])
    assert np.isnan(net.matrix(origin, destinations, limit_seconds=float(np.nextafter(seconds[1], 0)))[0][0, 1])


def test_the_limit_counts_both_connectors(toy):
    net = toy(row(60), [street(60)], profile="child")
    origin, destination = net.at((0, 200 / NORTH)), net.at((3, 200 / NORTH))
    whole = 400 + 3 * EAST
    for limit, reached in ((whole - 1, False), (whole + 1, True)):
        assert np.isnan(net.matrix(origin, destination, limit_seconds=limit)[0][0, 0]) != reached


def test_whole_numbers_and_odd_arrays_compile_nothing_anew(toy):
    """A caller's `600`, a column of a table or a locked array must not cost seconds of compiling that others do not."""
    places = np.array([(0.0, 0.0), (0.003, 0.0), (0.03, 0.0)])
    locked = places.T.copy()
    locked.flags.writeable = False
    kernels = (snapping._find, table_search.search_block, k_nearest._settle, k_nearest._arrive)
    compiled = []
    for cap, limit, (lon, lat) in ((400.0, 600.0, places.T.copy()), (400, 600, places.T), (400, 600, locked)):
        net = toy(row(60), [street(60)], snap_cap_metres=cap)
        points = net.snap(lon, lat)
        found = net.matrix(points, points, limit_seconds=limit)[0]
        assert (~np.isnan(found)).sum() == 5
        k_nearest.k_nearest_facilities(net.graph, points, points, 2, limit_seconds=limit)
        compiled.append([len(kernel.signatures) for kernel in kernels])
    assert compiled[0] == compiled[1] == compiled[2]
