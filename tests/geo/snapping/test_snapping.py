"""Where points and areas meet the street: caps, scraps, islands, entrances (pitfalls 1, 3, 11)."""

import numpy as np
import pytest
import shapely
from engine import part, statuses
from toy_map import DEGREES, EAST, NORTH, ROAD, row, street

from lifecircle.geo.snapping.entrances import snap_places
from lifecircle.geo.snapping.snaps import UNCONNECTED

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
    assert statuses(snaps) == ["connected", "unconnected"]
    assert np.isnan([snaps.connector_metres[1], snaps.lon[1], snaps.lat[1]]).all() and snaps.edge[1] == -1


def test_the_cap_can_be_overridden(toy):
    net = toy(row(60), [street(60)], snap_cap_metres=50)
    assert statuses(net.at((5, 49 / NORTH), (5, 51 / NORTH))) == ["connected", "unconnected"]


def test_a_point_hundreds_of_kilometres_away_is_not_answered(toy):
    net = toy(row(60), [street(60)], "car")
    points = net.at((5, 0), (5, 3000), (-80000, 0), (170000, 80000))
    assert statuses(points) == ["connected", "unconnected", "unconnected", "unconnected"]
    seconds = net.matrix(points, points)[0]
    assert np.isnan(seconds).sum() == 15
    assert np.isnan(net.nearest(points, part(points, [0]))[0]).tolist() == [False, True, True, True]


def test_a_point_without_coordinates_is_unconnected_and_harms_nobody(toy):
    net = toy(row(60), [street(60)])
    snaps = net.snap([0.001, np.nan, 0.001], [0, 0, np.inf])
    assert statuses(snaps) == ["connected", "unconnected", "unconnected"]


def test_no_points_give_no_answers(toy):
    net = toy(row(60), [street(60)])
    nobody = net.snap([], [])
    assert net.matrix(nobody, net.at((0, 0)))[0].shape == (0, 1)
    seconds, facility = net.nearest(net.at((0, 0)), nobody)
    assert np.isnan(seconds).tolist() == [True] and facility.tolist() == [-1]


# ---------------------------------------------------------------- scraps and islands


def with_car_park(nodes_in_scrap=3, *, y=1.0):
    """A street of 60 nodes and a scrap beside it, `y` steps north."""
    return {**row(60), **row(nodes_in_scrap, y=y, first=101)}, [street(60), street(nodes_in_scrap, first=101, **ALLEY)]


def test_a_scrap_beside_the_main_road_changes_no_answer(toy):
    """Pitfall 3: with and without a car park between the house and the road."""
    with_scrap, without = toy(*with_car_park()), toy(row(60), [street(60)])
    home, school = (1, 0.9), (30, 0)
    overridden, plain = with_scrap.at(home, school), without.at(home, school)
    assert statuses(overridden) == ["overridden", "connected"]
    assert statuses(plain) == ["connected", "connected"]
    assert with_scrap.matrix(overridden, overridden)[0] == pytest.approx(without.matrix(plain, plain)[0], abs=1e-6)


def test_a_point_stays_on_the_scrap_where_nothing_larger_is_within_the_cap(toy):
    """The scrap is 500 m north of the street: out of reach on foot, within reach by car."""
    nodes, ways = with_car_park(y=500 / NORTH)
    point = (1, 500 / NORTH)
    assert statuses(toy(nodes, ways).at(point)) == ["scrap"]
    assert statuses(toy(nodes, ways, "car").at(point)) == ["overridden"]


def test_on_a_scrap_one_reaches_what_else_is_on_it(toy):
    net = toy(*with_car_park(y=500 / NORTH))
    on_scrap = net.at((0, 500 / NORTH), (2, 500 / NORTH), (5, 0))
    metres = net.matrix(on_scrap, on_scrap)[1]
    assert metres[0, 1] == pytest.approx(2 * EAST, abs=0.01)
    assert np.isnan(metres[:2, 2]).all()


def test_forty_nine_nodes_are_a_scrap_and_fifty_are_not(toy):
    for count, status in ((49, "overridden"), (50, "connected")):
        assert statuses(toy(*with_car_park(count)).at((1, 0.9))) == [status]


def test_nodes_count_as_in_osm_not_after_contraction(toy):
    """A street of 60 bends and no junction is one edge, and no scrap."""
    net = toy({**row(60), **row(60, y=1, first=101)}, [street(60), street(60, first=101, **ALLEY)])
    assert len(net.graph.edge_a) == 2
    assert statuses(net.at((1, 0.9))) == ["connected"]


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
    assert entrances.status.tolist() == [UNCONNECTED] and entrances.owner.tolist() == [0]
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
    for name in ("edge", "metres_at", "connector_metres", "status"):
        values = getattr(together, name)
        np.testing.assert_array_equal(getattr(shuffled, name), values[order])
        np.testing.assert_array_equal(np.concatenate([getattr(one, name) for one in alone]), values)
    assert 0 < (together.status == UNCONNECTED).sum() < 200


def test_streets_of_one_segment_and_of_hundreds_of_kilometres_are_found(toy):
    """A segment of 200 km passes through many cells of the index."""
    net = toy({1: (0, 0), 2: (1800, 300)}, [([1, 2], ROAD)], snap_cap_metres=1000)
    for share in (0.001, 0.3, 0.77, 0.999):
        snaps = net.at((1800 * share, 300 * share + 0.5))
        assert statuses(snaps) == ["scrap"]
        assert snaps.connector_metres[0] == pytest.approx(0.5 * NORTH * np.cos(np.arctan2(300 * NORTH, 1800 * EAST)), rel=0.01)
