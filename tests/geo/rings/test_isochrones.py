"""Isochrones: hand-worked shapes on toy maps, the exact model everywhere else."""

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from engine import Network, network
from toy_map import DEGREES, EAST, NORTH, ROAD, row, street, write_map

from lifecircle.geo.engine.search import nearest_facility
from lifecircle.geo.errors import InputError
from lifecircle.geo.rings import isochrones as module
from lifecircle.geo.rings.isochrones import MERGED, Isochrones, isochrones, merged_isochrones
from lifecircle.geo.rings.lattice import UNITS, make_lattice
from lifecircle.geo.rings.street_raster import BLOCK
from lifecircle.geo.rings.street_times import forget, make_reached, reach, street_frame
from lifecircle.geo.rings.surface import reached_blocks, window_surface
from lifecircle.geo.snapping.snaps import Snaps
from lifecircle.layers.source import Source
from lifecircle.layers.tables import read_table

WALK_MS = 5 / 3.6
EQUAL_AREA = "EPSG:6933"


def draw(net: Network, *points: tuple[float, float], minutes: tuple[float, ...], merge: bool = False, **options) -> Isochrones:
    """Rings around points of a toy map."""
    origins = np.array(points) * DEGREES
    make = merged_isochrones if merge else isochrones
    return make(net.graph, net.at(*points), origins, limits_seconds=[60 * m for m in minutes], **options)


def by_key(found: Isochrones) -> dict:
    return dict(zip(zip(found.facility.tolist(), found.limit_seconds.tolist(), strict=True), found.geometry, strict=True))


def square_metres(shapes) -> np.ndarray:
    return gpd.GeoSeries(shapes, crs="EPSG:4326").to_crs(EQUAL_AREA).area.to_numpy()


def share_within(net: Network, facilities: Snaps, found: Isochrones, *, samples: int = 300, direction: str = "to") -> float:
    """Share of random points inside the rings that the exact model puts within the ring's limit."""
    generator, within, total = np.random.default_rng(7), 0, 0
    for facility, limit, ring in zip(found.facility, found.limit_seconds, found.geometry, strict=True):
        west, south, east, north = ring.bounds
        xy = generator.uniform((west, south), (east, north), (6 * samples, 2))
        xy = xy[shapely.contains_xy(ring, *xy.T)][:samples]
        mine = facilities if facility == MERGED else facilities.take(np.flatnonzero(facilities.owner == facility))
        seconds = nearest_facility(net.graph, net.snap(*xy.T), mine, direction=direction).seconds
        within += int((seconds <= limit).sum())
        total += len(xy)
    assert total >= samples / 2
    return within / total


@pytest.fixture
def long_street(tmp_path):
    """61 nodes along the equator, six kilometres and a half."""
    return network(write_map(tmp_path / "toy.osm", row(61), [street(61)]), "walk")


class TestOneStreet:
    """Beside a straight street one gets |x| + |y| metres far."""

    def test_area_is_a_diamond_cut_at_the_cap(self, long_street):
        ring = draw(long_street, (30, 0), minutes=(5,)).geometry[0]
        side = 300 * WALK_MS
        expected = 2 * side**2 - 2 * (side - 400) ** 2  # no street is walked to from more than 400 m
        assert square_metres([ring])[0] == pytest.approx(expected, rel=0.004)

    def test_tips_lie_where_time_runs_out(self, long_street):
        west, south, east, north = draw(long_street, (30, 0), minutes=(4,)).geometry[0].bounds
        side = 240 * WALK_MS
        assert (east / DEGREES - 30) * EAST == pytest.approx(side, abs=15)
        assert (30 - west / DEGREES) * EAST == pytest.approx(side, abs=15)
        assert north / DEGREES * NORTH == pytest.approx(side, abs=15)
        assert -south / DEGREES * NORTH == pytest.approx(side, abs=15)

    def test_smaller_cells_come_closer_to_the_truth(self, long_street):
        side, errors = 300 * WALK_MS, []
        for cell in (60, 30, 10):
            ring = draw(long_street, (30, 0), minutes=(5,), cell_metres=cell).geometry[0]
            errors.append(abs(square_metres([ring])[0] - (2 * side**2 - 2 * (side - 400) ** 2)))
        assert errors[0] > errors[2]

    def test_connector_of_the_facility_counts(self, long_street):
        beside, on = draw(long_street, (30, 1), (30, 0), minutes=(5,)).geometry
        left = 300 - NORTH / WALK_MS
        assert square_metres([beside])[0] == pytest.approx(2 * (left * WALK_MS) ** 2, rel=0.01)
        assert square_metres([beside])[0] < square_metres([on])[0]

    def test_facility_lies_inside_even_where_its_own_way_there_and_back_takes_too_long(self, long_street):
        found = draw(long_street, (30, 3), minutes=(5,))  # 332 m from the street: 239 s, so 478 s back to the door
        assert found.geometry[0].contains(shapely.Point(30 * DEGREES, 3 * DEGREES))
        assert found.geometry[0].contains(shapely.Point(30 * DEGREES, 0))

    def test_a_connector_longer_than_the_limit_is_refused_with_its_cause(self, long_street):
        found = draw(long_street, (30, 3), (10, 0), minutes=(3, 5))
        assert [(one.facility, one.limit_seconds) for one in found.refused] == [(0, 180)]
        assert "leaves no time" in found.refused[0].reason
        assert sorted(by_key(found)) == [(0, 300), (1, 180), (1, 300)]

    def test_a_facility_without_street_is_refused_and_the_others_go_on(self, long_street):
        found = draw(long_street, (30, 0), (30, 4), minutes=(5,))
        assert found.facility.tolist() == [0]
        assert [one.facility for one in found.refused] == [1]
        assert "400 m" in found.refused[0].reason

    @pytest.mark.parametrize("wrong", [{"cell_metres": 0.0}, {"cell_metres": np.nan}, {"minutes": ()}, {"minutes": (0,)}])
    def test_senseless_options_are_named(self, long_street, wrong):
        with pytest.raises(InputError):
            draw(long_street, (30, 0), **{"minutes": (5,), **wrong})


def test_the_other_bank_is_not_swallowed(tmp_path):
    """Pitfall 7: two streets 55 m apart along a river, joined by a bridge at their west end only."""
    nodes = {**row(31), **row(31, y=0.5, first=101)}
    net = network(write_map(tmp_path / "toy.osm", nodes, [street(31), street(31, first=101), ((1, 101), ROAD)]), "walk")
    found = draw(net, (20, 0), minutes=(10,))
    middle = shapely.LineString([(18 * DEGREES, 0.251 * DEGREES), (22 * DEGREES, 0.251 * DEGREES)])
    assert not found.geometry[0].intersects(middle)
    assert found.geometry[0].contains(shapely.Point(20 * DEGREES, 0.24 * DEGREES))
    assert share_within(net, net.at((20, 0)), found, samples=2000) > 0.99


def test_a_place_without_streets_stays_a_hole(tmp_path):
    """A street around a square of 1.1 km: its middle is farther than 400 m from any street."""
    nodes = {1: (0, 0), 2: (10, 0), 3: (10, 10), 4: (0, 10)}
    net = network(write_map(tmp_path / "toy.osm", nodes, [((1, 2, 3, 4, 1), ROAD)]), "walk")
    ring = draw(net, (0, 5), minutes=(60,)).geometry[0]
    holes = [shapely.Polygon(inner) for part in ring.geoms for inner in part.interiors]
    side_x, side_y = 10 * EAST - 800, 10 * NORTH - 800
    assert len(holes) == 1
    assert holes[0].contains(shapely.Point(5 * DEGREES, 5 * DEGREES))
    assert square_metres(holes)[0] == pytest.approx(side_x * side_y, rel=0.01)


def test_an_island_without_ferry_stays_out(tmp_path):
    nodes = {**row(55), **row(55, y=3, first=101)}
    net = network(write_map(tmp_path / "toy.osm", nodes, [street(55), street(55, first=101)]), "walk")
    ring = draw(net, (20, 0), minutes=(30,)).geometry[0]
    assert ring.contains(shapely.Point(20 * DEGREES, 1.4 * DEGREES))
    assert not ring.intersects(shapely.box(0, 1.51 * DEGREES, 0.06, 0.01))


def test_a_scrap_beside_the_road_changes_nothing(tmp_path):
    """A car park of four nodes, its own component: places beside it belong to the road beyond, as in snapping."""
    lot = {201: (28, 0.3), 202: (32, 0.3), 203: (32, 0.6), 204: (28, 0.6)}
    with_lot = write_map(tmp_path / "lot.osm", {**row(61), **lot}, [street(61), ((201, 202, 203, 204, 201), ROAD)])
    without = network(write_map(tmp_path / "toy.osm", row(61), [street(61)]), "walk")
    found = [draw(net, (30, 0), minutes=(5,)).geometry[0] for net in (network(with_lot, "walk"), without)]
    assert found[0].equals_exact(found[1], 1e-9)


def test_direction_counts_on_one_way_streets(tmp_path):
    """A one-way ring of 4.4 km by car: against the sense of travel nothing is near."""
    nodes = {1: (0, 0), 2: (10, 0), 3: (10, 10), 4: (0, 10)}
    net = network(write_map(tmp_path / "toy.osm", nodes, [((1, 2, 3, 4, 1), {**ROAD, "oneway": "yes"})]), "car")
    rings = {way: draw(net, (5, 0), minutes=(2,), direction=way, cell_metres=20) for way in ("to", "from")}
    before, after = shapely.Point(2 * DEGREES, 0), shapely.Point(8 * DEGREES, 0)
    assert rings["to"].geometry[0].contains(before)
    assert not rings["to"].geometry[0].contains(after)
    assert rings["from"].geometry[0].contains(after)
    assert not rings["from"].geometry[0].contains(before)
    for way, found in rings.items():
        assert share_within(net, net.at((5, 0)), found, direction=way) > 0.98


def test_the_antimeridian_is_no_border(tmp_path):
    """The same street at longitude 0 and across 180 degrees: the same area, cut in two there."""
    home = network(write_map(tmp_path / "home.osm", row(61, x=-30), [street(61)]), "walk")
    nodes = {1 + i: ((180_000 + i - 30 + 180_000) % 360_000 - 180_000, 0.0) for i in range(61)}
    away = network(write_map(tmp_path / "away.osm", nodes, [street(61)]), "walk")
    here = draw(home, (0.2, 0), minutes=(5,)).geometry[0]
    for start in ((-179_999.8, 0), (179_999.8, 0)):
        there = draw(away, start, minutes=(5,)).geometry[0]
        west, _, east, _ = there.bounds
        assert (west, east) == (-180.0, 180.0)
        assert len(there.geoms) == 2
        assert there.is_valid
        assert square_metres([there])[0] == pytest.approx(square_metres([here])[0], rel=0.005)
    merged = draw(away, (-179_999.8, 0), (179_990, 0), minutes=(5,), merge=True).geometry[0]
    assert square_metres([merged])[0] > 1.5 * square_metres([here])[0]


@pytest.fixture(scope="module")
def city(shared_data: Path):
    """Porto Alegre's walkers and its 117 places with health care."""
    folder = shared_data / "porto-alegre-sao-paulo" / "poa"
    table = read_table(Source(file=folder / "poa_hexgrid.csv", where="healthcare > 0", crs="EPSG:4326")).table
    net = network(folder / "poa_osm.pbf", "walk")
    origins = shapely.get_coordinates(table.geometry.to_numpy())
    return net, net.snap(*origins.T), origins


@pytest.fixture(scope="module")
def city_rings(city):
    net, facilities, origins = city
    return isochrones(net.graph, facilities, origins, limits_seconds=[300, 600, 900])


class TestPortoAlegre:
    def test_more_than_99_in_100_places_inside_are_within_the_limit(self, city, city_rings):
        """Pitfall 7."""
        net, facilities, _ = city
        assert len(city_rings.geometry) == 3 * 117
        for limit in (300, 600, 900):
            rows = np.flatnonzero(city_rings.limit_seconds == limit)[::3]
            one = Isochrones(city_rings.facility[rows], city_rings.limit_seconds[rows], city_rings.geometry[rows], [])
            assert share_within(net, facilities, one, samples=100) > 0.99

    def test_hardly_any_place_within_the_limit_is_left_out(self, city, city_rings):
        net, facilities, origins = city
        generator, within, inside = np.random.default_rng(3), 0, 0
        for (facility, limit), ring in by_key(city_rings).items():
            if limit != 600 or facility % 3:
                continue
            xy = origins[facility] + generator.uniform(-0.008, 0.008, (300, 2))
            mine = facilities.take(np.flatnonzero(facilities.owner == facility))
            reached = nearest_facility(net.graph, net.snap(*xy.T), mine).seconds <= limit
            within += int(reached.sum())
            inside += int((reached & shapely.contains_xy(ring, *xy.T)).sum())
        assert inside / within > 0.98

    def test_rings_are_valid_nested_and_hold_their_facility(self, city, city_rings):
        _, _, origins = city
        rings = by_key(city_rings)
        assert shapely.is_valid(city_rings.geometry).all()
        assert set(shapely.get_type_id(city_rings.geometry)) == {6}
        for facility in range(117):
            small, middle, large = (rings[facility, limit] for limit in (300, 600, 900))
            assert small.contains(shapely.Point(origins[facility]))
            assert middle.covers(small)
            assert large.covers(middle)

    def test_a_ring_is_the_same_alone_and_whatever_the_batch(self, city, city_rings):
        net, facilities, origins = city
        rings = by_key(city_rings)
        alone = isochrones(net.graph, facilities, origins, limits_seconds=[600])
        assert all(rings[f, 600].equals_exact(ring, 0) for f, ring in zip(alone.facility, alone.geometry, strict=True))
        chosen = np.array([80, 5, 33])
        few = replace(facilities.take(chosen), owner=np.arange(3), places=3)
        part = isochrones(net.graph, few, origins[chosen], limits_seconds=[600])
        assert [rings[f, 600].equals_exact(ring, 0) for f, ring in zip(chosen, part.geometry, strict=True)] == [True] * 3

    def test_small_windows_draw_the_same(self, city, city_rings, monkeypatch):
        net, facilities, origins = city
        few = replace(facilities.take(np.arange(5)), places=5)
        monkeypatch.setattr(module, "WINDOW", 50)
        part = isochrones(net.graph, few, origins[:5], limits_seconds=[600])
        rings = by_key(city_rings)
        for facility, ring in zip(part.facility, part.geometry, strict=True):
            assert ring.is_valid
            assert ring.symmetric_difference(rings[facility, 600]).area < 1e-9 * ring.area

    def test_merged_rings_hold_what_is_within_any_limit(self, city):
        net, facilities, origins = city
        merged = merged_isochrones(net.graph, facilities, origins, limits_seconds=[300, 600])
        large, small = merged.geometry
        assert merged.facility.tolist() == [MERGED, MERGED]
        assert large.is_valid
        assert large.covers(small)
        assert shapely.contains_xy(small, *origins.T).all()
        assert share_within(net, facilities, merged, samples=5000) > 0.99

    def test_no_metre_of_speck_is_left(self, city_rings):
        rings = shapely.polygons(shapely.get_rings(shapely.get_parts(city_rings.geometry)))
        assert square_metres(rings).min() > 0.95 * 15**2

    def test_coordinates_have_seven_decimals(self, city_rings):
        xy = shapely.get_coordinates(city_rings.geometry)
        assert (xy == np.round(xy, 7)).all()

    def test_the_surface_is_the_model_at_every_node(self, city):
        """Every node is within the limits a demand point there is within; where its street is known, at that point's time."""
        net, facilities, origins = city
        frame = street_frame(net.graph, facilities, direction="to")
        room, limits = make_reached(frame), np.array([240.0, 600.0, 900.0])
        for facility, spacing in ((0, 30.0), (60, 30.0), (17, 110.0), (33, 12.0)):
            lattice = make_lattice(*origins[facility], spacing)
            found = reach(frame, net.graph.incoming, room, facility, facility + 1, limits[-1])
            blocks = reached_blocks(frame, found, lattice, origins[[facility]], limits[-1])
            shape = tuple(BLOCK * n + 3 for n in blocks.marked.shape)  # windows need not begin or end with a block
            surface = window_surface(
                frame, room, lattice, blocks, limits, blocks.row * BLOCK - 2, blocks.column * BLOCK - 1, shape
            )
            rows, columns = np.indices(shape)
            lat, lon = (surface.row + rows) * lattice.step_lat / UNITS, (surface.column + columns) * lattice.step_lon / UNITS
            mine = facilities.take(np.array([facility]))
            exact = nearest_facility(net.graph, net.snap(lon.ravel(), lat.ravel()), mine).seconds.reshape(shape)
            exact = np.nan_to_num(exact, nan=np.inf)
            assert (exact <= limits[-1]).sum() > 100
            doubtful = (np.abs(exact[..., None] - limits) < 0.01).any(axis=2)
            for limit in limits:
                np.testing.assert_array_equal((surface.seconds <= limit)[~doubtful], (exact <= limit)[~doubtful])
            known = (surface.pieces >= 0) & (exact <= limits[-1])
            assert known.sum() > 20
            np.testing.assert_allclose(surface.seconds[known], exact[known], rtol=0, atol=0.01)
            forget(frame, room, found, facility, facility + 1)

    def test_areas_come_close_to_valhalla(self, city, shared_reference):
        """Valhalla has no connectors and fills the space between streets its own way: overlap 0.59 to 0.93, median 0.78."""
        net, _, _ = city
        theirs = gpd.read_file(shared_reference / "valhalla" / "poa_iso_walk5_10_15min.geojson")
        places = read_table(
            shared_reference.parent / "data" / "porto-alegre-sao-paulo" / "poa" / "poa_points_of_interest.csv"
        ).table.set_index("id")
        names = theirs["id"].unique()
        origins = shapely.get_coordinates(places.geometry.loc[names].to_numpy())
        found = isochrones(net.graph, net.snap(*origins.T), origins, limits_seconds=[600, 900])
        overlap = {}
        for (row_of, limit), ring in by_key(found).items():
            mask = (theirs["id"] == names[row_of]) & (theirs["contour_min"] == limit / 60)
            other = theirs.geometry[mask].iloc[0]
            overlap[names[row_of], limit] = ring.intersection(other).area / ring.union(other).area
        print({key: round(value, 3) for key, value in overlap.items()})
        assert len(overlap) == len(theirs)
        assert np.median(list(overlap.values())) > 0.7
        assert min(overlap.values()) > 0.5


def test_fiji_on_both_sides_of_the_antimeridian(shared_data):
    net = network(shared_data / "osm-odd" / "fiji_ferry.osm.pbf", "car")
    graph = net.graph
    near = np.flatnonzero(~graph.edge_ferry & (np.abs(np.abs(graph.lon[graph.edge_a]) - 180) < 0.05))
    node = graph.edge_a[near[np.argmin(180 - np.abs(graph.lon[graph.edge_a[near]]))]]
    origin = np.array([[graph.lon[node], graph.lat[node]]])
    found = isochrones(graph, net.snap(*origin.T), origin, limits_seconds=[3600])
    ring = found.geometry[0]
    assert ring.is_valid
    assert ring.covers(shapely.Point(origin[0]))
    west, _, east, _ = ring.bounds
    assert -180 <= west < -179 < 179 < east <= 180
    assert all(part.bounds[2] - part.bounds[0] < 5 for part in ring.geoms)
