"""The rules of travel model 2 in the reference model, each on a map small enough to work out by hand."""

import numpy as np
import pytest
import reference_model as model
import toy_map
from toy_map import row, street

NODE, STEP, NORTH = toy_map.DEGREES, toy_map.EAST, toy_map.NORTH
WALK = 5 / 3.6  # metres per second


@pytest.fixture
def write_map(tmp_path):
    """Write nodes {number: (x, y) in steps east and north} and ways [(node numbers, tags)] as OSM XML."""
    return lambda nodes, ways: toy_map.write_map(tmp_path / "toy.osm", nodes, ways)


def snap(net, *points):
    """Snap points given in steps."""
    return net.snap([x * NODE for x, _ in points], [y * NODE for _, y in points])


PRIVATE = {"highway": "service", "access": "private"}


def seconds_between(net, here, there):
    """Seconds from one place to another, both given in steps."""
    return net.matrix(snap(net, here), snap(net, there))[0][0, 0]


def test_a_limit_of_none_in_one_direction_goes_before_the_limit_of_both(write_map):
    """Along at the class speed of 55, against at nine tenths of 30."""
    tags = {"highway": "secondary", "maxspeed": "30", "maxspeed:forward": "none", "maxspeed:backward": "0"}
    net = model.network(write_map(row(2), [([1, 2], tags)]), "car")
    assert seconds_between(net, (0, 0), (1, 0)) == pytest.approx(STEP / (55 / 3.6), rel=1e-5)
    assert seconds_between(net, (1, 0), (0, 0)) == pytest.approx(STEP / (27 / 3.6), rel=1e-5)


def test_private_pieces_serve_the_ends_of_trips_and_are_no_short_cut(write_map):
    """A private short cut of two steps joins two corners of a block; the open way round is two steps and twice one north."""
    nodes = {1: (0, 0), 2: (1, 0), 3: (2, 0), 4: (0, 1), 5: (2, 1), 6: (3, 0)}
    road = {"highway": "residential"}
    path = write_map(nodes, [([1, 2, 3], PRIVATE), ([1, 4, 5, 3, 6], road)])
    net = model.network(path, "walk")
    round_about = (2 * STEP + 2 * NORTH) / WALK
    assert seconds_between(net, (0, 0.5), (3, 0)) == pytest.approx(round_about + (STEP - NORTH / 2) / WALK, abs=0.01)
    assert seconds_between(net, (0, 0), (2, 0)) == pytest.approx(2 * STEP / WALK, abs=0.01)  # private alone
    assert seconds_between(net, (0.5, 0), (3, 0)) == pytest.approx(2.5 * STEP / WALK, abs=0.01)  # private, then open
    assert seconds_between(net, (0, 0.5), (1.5, 0)) == pytest.approx((NORTH / 2 + 1.5 * STEP) / WALK, abs=0.01)


def test_streets_behind_a_private_gate_are_for_the_ends_of_trips_too(write_map):
    """Two open streets are joined by a private piece at both ends: the shorter is no short cut of the longer."""
    nodes = {**row(3), 11: (0, 0.1), 12: (2, 0.1), 4: (0, 2), 5: (2, 2)}
    road = {"highway": "residential"}
    ways = [([11, 12], road), ([1, 11], PRIVATE), ([12, 3], PRIVATE), ([1, 4, 5, 3], road)]
    net = model.network(write_map(nodes, ways), "walk")
    assert net.pieces["ends_only"].sum() == 3
    assert seconds_between(net, (0, 1), (2, 1)) == pytest.approx((2 * STEP + 2 * NORTH) / WALK, abs=0.01)
    assert seconds_between(net, (0, 1), (1, 0.1)) == pytest.approx((1.1 * NORTH + STEP) / WALK, abs=0.01)


@pytest.mark.parametrize(
    ("tags", "stopped"),
    [
        ({"barrier": "bollard"}, True),
        ({"barrier": "bollard", "access": "private"}, True),
        ({"barrier": "bollard", "motor_vehicle": "yes"}, False),
        ({"barrier": "gate"}, False),
        ({"barrier": "gate", "access": "private"}, False),
        ({"barrier": "gate", "access": "no", "foot": "yes"}, True),
        ({"barrier": "lift_gate", "access": "no", "motorcar": "permissive"}, False),
    ],
)
def test_bollards_stop_cars_and_gates_where_closed_to_them(tmp_path, tags, stopped):
    path = toy_map.write_map(tmp_path / "toy.osm", row(3), [street(3)], node_tags={2: tags})
    car, walk = model.network(path, "car"), model.network(path, "walk")
    assert np.isnan(seconds_between(car, (0, 0), (2, 0))) == stopped
    assert seconds_between(walk, (0, 0), (2, 0)) == pytest.approx(2 * STEP / WALK, abs=0.01)


def crossroads(tmp_path, restriction, start=1, end=3, **tags):
    """West 1 - middle 3 - east 5 is way 1 (to 3) and way 2; north is way 3, south way 4, each of one step.

    One restriction from a way by the middle node to a way.
    """
    nodes = {1: (-1, 0), 3: (0, 0), 5: (1, 0), 2: (0, 1), 4: (0, -1)}
    ways = [([1, 3], toy_map.ROAD), ([3, 5], toy_map.ROAD), ([3, 2], toy_map.ROAD), ([3, 4], toy_map.ROAD)]
    members = [(start, "from"), (3, "via"), (end, "to")]
    relation = members, {"type": "restriction", "restriction": restriction, **tags}
    path = toy_map.write_map(tmp_path / "toy.osm", nodes, ways, relations=[relation])
    path.write_text(path.read_text().replace('type="way" ref="3" role="via"', 'type="node" ref="3" role="via"'))
    return model.network(path, "car")


def test_a_banned_turn_is_driven_by_turning_round_beyond(tmp_path):
    """From the west to the north: on to the end of a street, back, and then right; starting at the crossing is free."""
    plain = (STEP + NORTH) / (30 / 3.6)
    net = crossroads(tmp_path, "no_left_turn")
    assert seconds_between(net, (-1, 0), (0, 1)) == pytest.approx(plain + 2 * NORTH / (30 / 3.6), abs=0.01)
    assert seconds_between(net, (-0.5, 0), (0, 0.5)) == pytest.approx((STEP / 2 + 2.5 * NORTH) / (30 / 3.6), abs=0.01)
    assert seconds_between(net, (0, 0), (0, 1)) == pytest.approx(NORTH / (30 / 3.6), abs=0.01)
    assert seconds_between(net, (0, 1), (-1, 0)) == pytest.approx(plain, abs=0.01)
    assert seconds_between(net, (-1, 0), (0, 0)) == pytest.approx(STEP / (30 / 3.6), abs=0.01)
    excepted = crossroads(tmp_path, "no_left_turn", **{"except": "psv;motorcar"})
    assert seconds_between(excepted, (-1, 0), (0, 1)) == pytest.approx(plain, abs=0.01)


def test_an_only_turn_bans_all_others_and_turning_back(tmp_path):
    net = crossroads(tmp_path, "only_straight_on", end=2)
    assert seconds_between(net, (-1, 0), (1, 0)) == pytest.approx(2 * STEP / (30 / 3.6), abs=0.01)
    assert seconds_between(net, (-1, 0), (0, 1)) == pytest.approx((3 * STEP + NORTH) / (30 / 3.6), abs=0.01)


def test_a_signal_costs_cars_three_seconds_on_entering_it(tmp_path):
    light = {2: {"highway": "traffic_signals"}}
    path = toy_map.write_map(tmp_path / "toy.osm", row(3), [street(3)], node_tags=light)
    step = STEP / (30 / 3.6)
    for crossings, wait in (("none", 0), ("default", 3), ("busy", 12)):
        net = model.network(path, "car", crossings=crossings)
        assert seconds_between(net, (0, 0), (2, 0)) == pytest.approx(2 * step + wait, abs=0.01)
        assert seconds_between(net, (2, 0), (0.5, 0)) == pytest.approx(1.5 * step + wait, abs=0.01)
        assert seconds_between(net, (0, 0), (1, 0)) == pytest.approx(step + wait, abs=0.01)  # ends there
        assert seconds_between(net, (1, 0), (2, 0)) == pytest.approx(step, abs=0.01)  # starts there
        assert seconds_between(net, (0.2, 0), (0.7, 0)) == pytest.approx(step / 2, abs=0.01)
        assert net.nearest(snap(net, (0, 0)), snap(net, (2, 0)), direction="from")[0] == pytest.approx(2 * step + wait, abs=0.01)


def test_busy_crossings_cost_four_seconds_where_three_streets_meet(write_map):
    nodes = {**row(3), 4: (1, 1)}
    net = model.network(write_map(nodes, [street(3), ([2, 4], toy_map.ROAD)]), "car", crossings="busy")
    assert seconds_between(net, (0, 0), (2, 0)) == pytest.approx(2 * STEP / (30 / 3.6) + 4, abs=0.01)


def test_squares_are_crossed_between_their_doors_where_the_line_stays_inside(write_map):
    """An L-shaped square: across its foot from door to door, but not over the notch; no point snaps to the line."""
    nodes = {1: (0, 0), 2: (2, 0), 3: (2, 1), 4: (1, 1), 5: (1, 2), 6: (0, 2), 11: (-1, 0), 12: (3, 1), 13: (1, 3)}
    footway, area = {"highway": "footway"}, {"highway": "pedestrian", "area": "yes"}
    doors = [([11, 1], footway), ([3, 12], footway), ([5, 13], footway)]
    path = write_map(nodes, [([1, 2, 3, 4, 5, 6, 1], area), *doors])
    net = model.network(path, "walk")
    assert net.pieces["line"].sum() == 2  # 1 to 3 and 1 to 5, but not 3 to 5
    assert seconds_between(net, (-1, 0), (2, 1)) == pytest.approx((STEP + np.hypot(2 * STEP, NORTH)) / WALK, abs=0.01)
    assert seconds_between(net, (2, 1), (1, 2)) == pytest.approx((STEP + NORTH) / WALK, abs=0.01)
    [inside] = snap(net, (1, 0.45))
    assert inside.metres == pytest.approx(0.45 * NORTH, abs=0.1)
    assert not model.network(path, "bicycle").pieces["line"].any()


def test_squares_of_bare_ways_have_the_tags_of_their_relation(tmp_path):
    nodes = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1), 11: (-1, 0), 12: (2, 1)}
    footway = {"highway": "footway"}
    ways = [([1, 2, 3], {}), ([3, 4, 1], {}), ([11, 1], footway), ([3, 12], footway)]
    relation = [(1, "outer"), (2, "outer")], {"type": "multipolygon", "highway": "pedestrian"}
    net = model.network(toy_map.write_map(tmp_path / "toy.osm", nodes, ways, relations=[relation]), "walk")
    assert seconds_between(net, (0, 0), (1, 1)) == pytest.approx(np.hypot(STEP, NORTH) / WALK, abs=0.01)
    assert seconds_between(net, (0, 0), (1, 0)) == pytest.approx(STEP / WALK, abs=0.01)


def test_a_ferry_that_ends_short_of_the_street_is_landed_on_it(write_map):
    """The ferry ends one step from the middle of a street on either side: within 200 m, at the walking speed, by car too."""
    nodes = {1: (0, -0.5), 2: (0, 0.5), 3: (1, 0), 4: (11, 0), 5: (12, -0.5), 6: (12, 0.5)}
    ferry = {"route": "ferry", "duration": "20", "motor_vehicle": "yes"}
    path = write_map(nodes, [([1, 2], toy_map.ROAD), ([3, 4], ferry), ([5, 6], toy_map.ROAD)])
    for mode, street_speed in (("walk", WALK), ("car", 30 / 3.6)):
        net = model.network(path, mode)
        expected = NORTH / street_speed + 2 * STEP / WALK + 600 + 1200
        assert seconds_between(net, (0, 0.5), (12, 0.5)) == pytest.approx(expected, abs=0.01)
    assert not model.network(path, "walk", ferries="none").pieces["landing"].any()


def test_members_of_a_ferry_relation_share_its_duration_by_length(tmp_path):
    """30 minutes over 10 and 20 steps; the second way is not tagged as a ferry itself."""
    nodes = {1: (0, 0), 2: (1, 0), 3: (11, 0), 4: (31, 0), 5: (32, 0)}
    ways = [([1, 2], toy_map.ROAD), ([2, 3], {"route": "ferry"}), ([3, 4], {}), ([4, 5], toy_map.ROAD)]
    relation = [(2, ""), (3, ""), (1, "")], {"type": "route", "route": "ferry", "duration": "30 min", "interval": "1:00"}
    net = model.network(toy_map.write_map(tmp_path / "toy.osm", nodes, ways, relations=[relation]), "walk")
    assert seconds_between(net, (0, 0), (32, 0)) == pytest.approx(2 * STEP / WALK + 600 + 1800 + 1800, abs=0.01)
    assert net.pieces["along"][net.pieces["ferry"]] == pytest.approx([600, 1200], abs=0.01)


LAKE = {"natural": "water"}


@pytest.mark.parametrize(
    ("water", "found"),
    [
        (([21, 22, 23, 24, 21], LAKE), -2),  # a lake between the point and the nearest street: the other street
        (([21, 22], {"waterway": "river"}), -2),
        (([21, 22], {"waterway": "river", "tunnel": "culvert"}), 1),
        (([21, 22], {"waterway": "stream"}), 1),
        (([21, 22], {"natural": "coastline"}), 1),  # met once: the point is at sea
        (([21, 22, 23, 24], {"natural": "coastline"}), -2),  # out to sea and back on land
        (([21, 22, 26, 25, 21], LAKE), 1),  # the point lies in the lake itself
    ],
)
def test_connectors_do_not_cross_water(write_map, water, found):
    """Streets one step north and two steps south of the point at (5, 0)."""
    nodes = {**row(20, y=1), **row(20, y=-2, first=31)}
    nodes |= {21: (3, 0.6), 22: (7, 0.6), 23: (7, 0.4), 24: (3, 0.4), 25: (3, -0.4), 26: (7, -0.4)}
    net = model.network(write_map(nodes, [street(20), street(20, first=31), water]), "walk")
    [snapped] = snap(net, (5, 0))
    assert (snapped.snap_class, snapped.point[1] / NODE) == (1, pytest.approx(found))


def test_only_streets_across_water_or_raised_ones_are_better_than_none(write_map):
    nodes = {**row(20, y=1), 21: (3, 0.6), 22: (7, 0.6)}
    path = write_map(nodes, [street(20), ([21, 22], {"waterway": "canal"})])
    assert snap(model.network(path, "walk"), (5, 0))[0].snap_class == 3
    nodes = {**row(20, y=1), **row(3, first=41, x=4, y=-1)}
    path = write_map(nodes, [street(20, highway="primary", bridge="yes"), street(3, first=41)])
    assert snap(model.network(path, "walk"), (5, 0.5), (30, 1))[0].snap_class == 2  # the short lane on the ground
    assert snap(model.network(path, "walk"), (18, 0))[0].snap_class == 3


def test_a_one_way_stub_is_not_sound_for_cars(write_map):
    """A street that one can only leave by: cars snap to the street it leads to, walkers to the stub."""
    nodes = {**row(30), 31: (5, 1)}
    path = write_map(nodes, [street(30), ([31, 6], {"highway": "residential", "oneway": "yes"})])
    [car], [walk] = (snap(model.network(path, mode), (5.1, 0.9)) for mode in ("car", "walk"))
    assert (car.snap_class, car.point[1]) == (1, pytest.approx(0))
    assert (walk.snap_class, walk.point[1] / NODE) == (1, pytest.approx(0.9))


def test_a_private_drive_is_sound_where_it_hangs_on_the_streets(write_map):
    nodes = {**row(30), 31: (5, 1), 41: (15, 2), 42: (16, 2)}
    path = write_map(nodes, [street(30), ([31, 6], PRIVATE), ([41, 42], PRIVATE)])
    hanging, alone = snap(model.network(path, "car"), (5, 1), (15, 2))
    assert (hanging.snap_class, hanging.point[1] / NODE) == (1, pytest.approx(1))
    assert (alone.snap_class, alone.point[1] / NODE) == (1, pytest.approx(0))


def test_of_streets_equally_near_the_faster_wins_then_the_lower_way(write_map):
    nodes = {**row(30, y=1), **row(30, y=-1, first=101), **row(30, y=9, first=201)}
    for north, south, way in (("residential", "primary", 2), ("residential", "residential", 1)):
        path = write_map(nodes, [street(30, highway=north), street(30, first=101, highway=south)])
        net = model.network(path, "car")
        assert net.pieces["way"][snap(net, (5.5, 0))[0].segment] == way


def test_wheelchairs_take_ramps_and_lifts_but_no_steep_ways(write_map):
    lift, ramp = {"highway": "elevator"}, {"highway": "steps", "ramp": "yes"}
    net = model.network(write_map(row(4), [([1, 2], lift), ([2, 3], ramp), ([3, 4], {"highway": "path"})]), "walk", steps=False)
    assert seconds_between(net, (0, 0), (3, 0)) == pytest.approx(60 + 3 * STEP / WALK, abs=0.01)
    for tags in ({"incline": "-15 %"}, {"wheelchair": "no"}):
        assert not len(model.network(write_map(row(2), [([1, 2], {"highway": "path", **tags})]), "walk", steps=False).first)


def test_the_last_version_counts_and_what_was_deleted_is_gone(tmp_path):
    """The node's second version lies on the street; the third street is deleted, the fourth marked so by an editor."""
    node = '<node id="{}" version="{}" lon="{}" lat="0"/>'
    way = '<way id="{}" version="{}" {}><nd ref="{}"/><nd ref="{}"/><tag k="highway" v="path"/></way>'
    lines = [node.format(n, 1, n / 1000) for n in (1, 3, 4)] + [node.format(2, 2, 0.002), node.format(2, 1, 0.5)]
    lines += [way.format(1, 1, "", 1, 2), way.format(2, 1, "", 2, 3), way.format(2, 2, 'visible="false"', 2, 3)]
    lines += [way.format(3, 1, 'action="delete"', 3, 4)]
    path = tmp_path / "history.osm"
    path.write_text(f'<osm version="0.6">{"".join(lines)}</osm>')
    net = model.network(path, "walk")
    assert net.metres == pytest.approx([STEP], abs=0.01)
