"""Where points and areas meet the street: caps, classes, islands, entrances (pitfalls 1, 3, 11)."""

import numpy as np
import pytest
import shapely
from engine import classes, part
from toy_map import DEGREES, EAST, NORTH, ROAD, row, street

from lifecircle.geo.snapping.entrances import snap_places
from lifecircle.geo.snapping.snaps import UNCONNECTED, reason_names

ALLEY = {"highway": "service"}


def shape(*corners):
    """Polygon with corners in steps."""
    return shapely.Polygon([(x * DEGREES, y * DEGREES) for x, y in corners])


def places(*shapes):
    """Array of shapes, as `snap_places` takes them."""
    array = np.empty(len(shapes), dtype=object)
    array[:] = shapes
    return array


# ---------------------------------------------------------------- points


def test_a_point_snaps_to_the_nearest_place_on_the_edge_not_to_a_node(toy):
    net = toy(row(60), [street(60)])
    snaps = net.at((7.25, 0.5))
    assert (snaps.lon[0], snaps.lat[0]) == pytest.approx((7.25 * DEGREES, 0), abs=1e-9)
    assert snaps.connector_metres[0] == pytest.approx(0.5 * NORTH, abs=0.01)


@pytest.mark.parametrize(("mode", "cap"), [("walk", 400), ("bicycle", 1000), ("car", 1000)])
def test_each_mode_has_its_own_cap(toy, mode, cap):
    net = toy(row(60), [street(60)], mode)
    snaps = net.at((5, (cap - 1) / NORTH), (5, (cap + 1) / NORTH))
    assert classes(snaps) == [1, 0]
    assert np.isnan([snaps.connector_metres[1], snaps.lon[1], snaps.lat[1]]).all() and snaps.edge[1] == -1


def test_the_cap_can_be_overridden(toy):
    net = toy(row(60), [street(60)], snap_cap_metres=50)
    assert classes(net.at((5, 49 / NORTH), (5, 51 / NORTH))) == [1, 0]


def test_a_point_hundreds_of_kilometres_away_is_not_answered(toy):
    net = toy(row(60), [street(60)], "car")
    points = net.at((5, 0), (5, 3000), (-80000, 0), (170000, 80000))
    assert classes(points) == [1, 0, 0, 0]
    seconds = net.matrix(points, points)[0]
    assert np.isnan(seconds).sum() == 15
    assert np.isnan(net.nearest(points, part(points, [0]))[0]).tolist() == [False, True, True, True]


def test_a_point_without_coordinates_is_unconnected_and_harms_nobody(toy):
    net = toy(row(60), [street(60)])
    snaps = net.snap([0.001, np.nan, 0.001], [0, 0, np.inf])
    assert classes(snaps) == [1, 0, 0]


def test_no_points_give_no_answers(toy):
    net = toy(row(60), [street(60)])
    nobody = net.snap([], [])
    assert net.matrix(nobody, net.at((0, 0)))[0].shape == (0, 1)
    seconds, facility = net.nearest(net.at((0, 0)), nobody)
    assert np.isnan(seconds).tolist() == [True] and facility.tolist() == [-1]


# ---------------------------------------------------------------- main streets, and what is cut off from them


def with_car_park(nodes_in_park=3, *, y=1.0):
    """A street of 6.6 km and an alley beside it, `y` steps north."""
    return {**row(60), **row(nodes_in_park, y=y, first=101)}, [street(60), street(nodes_in_park, first=101, **ALLEY)]


def test_a_scrap_beside_the_main_road_changes_no_answer(toy):
    """Pitfall 3: with and without a car park between the house and the road."""
    with_scrap, without = toy(*with_car_park()), toy(row(60), [street(60)])
    home, school = (1, 0.9), (30, 0)
    passed, plain = with_scrap.at(home, school), without.at(home, school)
    assert classes(passed) == classes(plain) == [1, 1]
    assert passed.connector_metres[0] == pytest.approx(0.9 * NORTH, abs=0.01)
    assert with_scrap.matrix(passed, passed)[0] == pytest.approx(without.matrix(plain, plain)[0], abs=1e-6)


def test_a_point_stays_on_the_scrap_where_no_main_street_is_within_the_cap(toy):
    """The scrap is 500 m north of the street: out of reach on foot, within reach by car."""
    nodes, ways = with_car_park(y=500 / NORTH)
    point = (1, 500 / NORTH)
    on_foot = toy(nodes, ways).at(point)
    assert classes(on_foot) == [2] and reason_names(on_foot.reason[0]) == "not-main"
    assert classes(toy(nodes, ways, "car").at(point)) == [1]


@pytest.mark.parametrize(("lane", "main"), [(17, False), (18, False), (19, True)])
def test_two_thousand_metres_make_a_main_street_however_finely_drawn(toy, lane, main):
    """A lane of 17 and of 18 steps of 111.3 m has 1,892 and 2,004 m; one step less is drawn with ten nodes a step."""
    fine = {101 + i: (i / 10, 1) for i in range(10 * (lane - 1) + 1)}
    net = toy({**row(60), **fine}, [street(60), street(len(fine), first=101, **ALLEY)])
    assert (net.at((1, 0.9)).connector_metres[0] < 0.5 * NORTH) == main


def test_half_the_longest_part_is_a_main_one(toy):
    """Of two lanes of 5 and 3 steps both are main ones; one of 2 steps is none."""
    nodes = {**row(6), **row(4, y=1, first=101), **row(3, y=2, first=201)}
    net = toy(nodes, [street(6), street(4, first=101), street(3, first=201)])
    assert net.graph.edge_sound[np.argsort(net.graph.edge_way)].tolist() == [True, True, False]


def test_a_lane_that_nobody_can_leave_is_passed_by(toy):
    """A one-way stub into nowhere 11 m from the house; the street 89 m off."""
    nodes = {**row(60), 101: (1, 0.9), 102: (2, 0.9)}
    ways = [street(60), ([1, 101, 102], {**ROAD, "oneway": "yes"})]
    assert toy(nodes, ways, "car").at((1.5, 0.8)).lat[0] == pytest.approx(0, abs=1e-9)
    assert toy(nodes, ways).at((1.5, 0.8)).lat[0] == pytest.approx(0.9 * DEGREES)  # walkers go both ways


RAISED = [{"bridge": "yes"}, {"tunnel": "yes"}, {"layer": "-1"}, {"level": "1;2"}, {"motorroad": "yes"}, {"highway": "motorway"}]
LEVEL = [{"bridge": "no"}, {"tunnel": "building_passage"}, {"tunnel": "culvert"}, {"layer": "0"}, {"level": "-1;0"}]


@pytest.mark.parametrize(("tags", "raised"), [*((tags, True) for tags in RAISED), *((tags, False) for tags in LEVEL)])
def test_nobody_steps_onto_another_level_from_beside_it(toy, tags, raised):
    """A stretch of the middle of a road that runs 11 m from the house; the street it comes from 89 m off."""
    nodes = {**row(60), **row(60, y=1, first=101)}
    ways = [street(60), ([1, 101, 102], ROAD), (range(102, 160), {**ROAD, **tags}), ([159, 160, 60], ROAD)]
    net = toy(nodes, [*ways, (range(158, 101, -1), {**ROAD, **tags, "oneway": "yes"})], "car")
    assert (net.at((30, 0.9)).lat[0] == pytest.approx(0, abs=1e-9)) == raised


def test_a_bridge_is_better_than_nothing_and_than_a_bridge_that_leads_nowhere(toy):
    """A bridge of the street 500 m north, and a footbridge of its own 400 m north: by car within reach of both."""
    near, far = 400 / NORTH + 5, 500 / NORTH + 5
    nodes = {
        **row(60),
        101: (1, far),
        102: (20, far),
        201: (5, near),
        202: (6, near),
    }
    bridge = {**ROAD, "bridge": "yes"}
    net = toy(nodes, [street(60), ([1, 101, 102, 20], bridge), ([201, 202], bridge)], "car", snap_cap_metres=300)
    snaps = net.at((5.5, 450 / NORTH + 5), (5.5, 320 / NORTH + 5))
    assert classes(snaps) == [3, 3] and [reason_names(reason) for reason in snaps.reason] == ["other-level"] * 2
    assert snaps.lat == pytest.approx(np.full(2, far * DEGREES), abs=1e-7)


# ---------------------------------------------------------------- ties


def test_at_a_corner_the_faster_street_then_the_lower_way_counts(toy):
    """A corner of three ways; the point lies beyond it, so all are equally near there."""
    nodes = {1: (0, 0), 2: (10, 0), 3: (0, -10), 4: (-7, -7)}
    kinds = {"slow": {"highway": "service"}, "fast": {"highway": "primary"}}
    for tags, chosen in ((("slow", "fast", "fast"), 2), (("slow", "slow", "slow"), 1), (("slow", "slow", "fast"), 3)):
        ways = [([1, end], kinds[kind]) for end, kind in zip((2, 3, 4), tags, strict=True)]
        net = toy(nodes, ways, "car")
        snaps = net.at((-0.1, 0.3), (-0.1, 0.31))
        assert net.graph.edge_way[snaps.edge].tolist() == [chosen, chosen]
        assert np.isin(snaps.metres_at, [0.0, net.graph.edge_metres[snaps.edge[0]]]).all()


def test_a_foot_within_a_centimetre_of_a_node_is_that_node(toy):
    net = toy(row(60), [street(60)])
    snaps = net.at((5 + 0.009 / EAST, 0.0001), (5 + 0.011 / EAST, 0.0001))
    assert snaps.lon[0] == pytest.approx(5 * DEGREES, abs=1e-12)
    assert snaps.lon[1] == pytest.approx((5 + 0.011 / EAST) * DEGREES, abs=1e-12)


def test_on_a_scrap_one_reaches_what_else_is_on_it(toy):
    net = toy(*with_car_park(y=500 / NORTH))
    on_scrap = net.at((0, 500 / NORTH), (2, 500 / NORTH), (5, 0))
    metres = net.matrix(on_scrap, on_scrap)[1]
    assert metres[0, 1] == pytest.approx(2 * EAST, abs=0.01)
    assert np.isnan(metres[:2, 2]).all()


def test_islands_are_kept_and_answer_for_themselves(toy):
    """Pitfall 11: three islands of 60, 60 and 4 nodes a hundred kilometres apart; all three have a clinic."""
    nodes = {**row(60), **row(60, x=1000, first=101), **row(4, x=2000, first=201)}
    net = toy(nodes, [street(60), street(60, first=101), street(4, first=201)])
    clinics, homes = net.at((0, 0), (1000, 0), (2000, 0)), net.at((5, 0), (1005, 0), (2003, 0))
    seconds, clinic = net.nearest(homes, clinics)
    assert clinic.tolist() == [0, 1, 2]
    assert seconds == pytest.approx(np.array([5, 5, 3]) * EAST / (5 / 3.6), abs=0.01)
    assert np.isnan(net.matrix(homes, clinics)[0]).tolist() == (~np.eye(3, dtype=bool)).tolist()


# ---------------------------------------------------------------- areas


def test_an_area_is_entered_wherever_its_outline_meets_a_street(toy):
    """A park between two streets that do not meet; people north and south both enter it at their own side."""
    nodes = {**row(60), **row(60, y=3, first=101)}
    net = toy(nodes, [street(60), street(60, first=101)])
    park = shape((4, 0.2), (6, 0.2), (6, 2.8), (4, 2.8))  # 22 m from either street
    entrances = snap_places(net.snapper, places(park))
    assert entrances.places == 1 and set(entrances.owner) == {0}
    assert sorted({round(lat / DEGREES) for lat in entrances.lat}) == [0, 3]
    assert entrances.connector_metres == pytest.approx(0.2 * NORTH, abs=0.01)
    people = net.at((10, 0), (1, 3))
    seconds, facility = net.nearest(people, entrances)
    assert facility.tolist() == [0, 0]
    assert seconds == pytest.approx((np.array([4, 3]) * EAST + 0.2 * NORTH) / (5 / 3.6), abs=0.01)


def test_an_outline_crossing_a_street_is_entered_at_the_crossing(toy):
    net = toy(row(60), [street(60)])
    entrances = snap_places(net.snapper, places(shape((4.5, -1), (20, -1), (20, 1), (4.5, 1))))
    assert entrances.connector_metres.min() == 0
    assert net.nearest(net.at((2, 0)), entrances)[0][0] == pytest.approx(2.5 * EAST / (5 / 3.6), abs=0.01)


def test_an_area_away_from_every_street_snaps_from_its_outline_within_the_cap(toy):
    """Its south side is 200 m from the street, its middle 500 m: the outline counts."""
    net = toy(row(60), [street(60)])
    far = shape((4, 200 / NORTH), (6, 200 / NORTH), (6, 800 / NORTH), (4, 800 / NORTH))
    entrances = snap_places(net.snapper, places(far))
    assert len(entrances) == 1
    assert entrances.connector_metres[0] == pytest.approx(200, abs=0.1)


def test_an_area_beyond_the_cap_is_unconnected(toy):
    net = toy(row(60), [street(60)])
    entrances = snap_places(net.snapper, places(shape((4, 4), (6, 4), (6, 6), (4, 6))))
    assert entrances.snap_class.tolist() == [UNCONNECTED] and entrances.owner.tolist() == [0]
    assert np.isnan(net.nearest(net.at((5, 0)), entrances)[0]).all()


def test_points_areas_and_multipolygons_keep_their_own_rows(toy):
    net = toy(row(60), [street(60)])
    near, far = shape((4, 0.1), (6, 0.1), (6, 1)), shape((30, 5), (31, 5), (31, 6))
    both = shapely.MultiPolygon([shape((50, 0.1), (51, 0.1), (51, 1)), far])
    entrances = snap_places(net.snapper, places(shapely.Point(0.01, 0), near, far, both, shapely.Point(1, 1)))
    assert entrances.places == 5
    assert set(entrances.owner) == {0, 1, 2, 3, 4}
    reached = {owner: bool((entrances.edge[entrances.owner == owner] >= 0).all()) for owner in range(5)}
    assert reached == {0: True, 1: True, 2: False, 3: True, 4: False}


def test_an_area_with_two_entrances_is_one_place_in_a_table(toy):
    """Both ends of a long park touch the street at 10 and 20; from 5 one enters at 10, from 25 at 20."""
    net = toy(row(60), [street(60)])
    arch = shape((10, 0.1), (11, 0.1), (11, 2), (19, 2), (19, 0.1), (20, 0.1), (20, 3), (10, 3))
    park, homes = snap_places(net.snapper, places(arch)), net.at((5, 0), (25, 0))
    seconds, metres, connectors = net.matrix(homes, park)
    assert metres[:, 0] == pytest.approx(5 * EAST, abs=0.01)
    assert connectors[:, 0] == pytest.approx(0.1 * NORTH, abs=0.01)
    assert seconds[:, 0] == pytest.approx((5 * EAST + 0.1 * NORTH) / (5 / 3.6), abs=0.01)
    back = net.matrix(park, homes)[0]
    assert back == pytest.approx(seconds.T, abs=1e-9)


def test_an_area_beside_the_antimeridian_finds_its_street(toy):
    x = [179970 + i if 179970 + i < 180000 else 179970 + i - 360000 for i in range(60)]
    net = toy({number: (place, 0) for number, place in enumerate(x, start=1)}, [street(60)])
    entrances = snap_places(net.snapper, places(shape((-179990, 0.1), (-179988, 0.1), (-179988, 1), (-179990, 1))))
    assert (entrances.edge >= 0).all()
    assert entrances.connector_metres == pytest.approx(0.1 * NORTH, abs=0.01)


def test_a_street_inside_a_scrap_is_no_entrance(toy):
    """A footpath within the park joins nothing; the street 100 m off does."""
    nodes, ways = {**row(60), **row(3, x=4.5, y=2, first=101)}, [street(60), street(3, first=101, highway="path")]
    entrances = snap_places(toy(nodes, ways).snapper, places(shape((4, 1), (7, 1), (7, 3), (4, 3))))
    assert entrances.lat == pytest.approx([0], abs=1e-9)


def test_snapping_does_not_depend_on_what_else_is_snapped(toy):
    """Pitfall 23: one by one, shuffled and together give the same bits."""
    rng = np.random.default_rng(4)
    net = toy({**row(60), **row(60, y=2, first=101)}, [street(60), street(60, first=101)])
    lon, lat = rng.uniform(-0.005, 0.065, 200), rng.uniform(-0.005, 0.008, 200)
    together, order = net.snap(lon, lat), rng.permutation(200)
    shuffled = net.snap(lon[order], lat[order])
    alone = [net.snap(lon[i : i + 1], lat[i : i + 1]) for i in range(200)]
    for name in ("edge", "metres_at", "connector_metres", "snap_class", "reason"):
        values = getattr(together, name)
        np.testing.assert_array_equal(getattr(shuffled, name), values[order])
        np.testing.assert_array_equal(np.concatenate([getattr(one, name) for one in alone]), values)
    assert 0 < (together.snap_class == UNCONNECTED).sum() < 200


def test_streets_of_one_segment_and_of_hundreds_of_kilometres_are_found(toy):
    """A segment of 200 km passes through many cells of the index."""
    net = toy({1: (0, 0), 2: (1800, 300)}, [([1, 2], ROAD)], snap_cap_metres=1000)
    for share in (0.001, 0.3, 0.77, 0.999):
        snaps = net.at((1800 * share, 300 * share + 0.5))
        assert classes(snaps) == [1]
        assert snaps.connector_metres[0] == pytest.approx(0.5 * NORTH * np.cos(np.arctan2(300 * NORTH, 1800 * EAST)), rel=0.01)
