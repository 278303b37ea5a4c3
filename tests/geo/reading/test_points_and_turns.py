"""Barriers, signals and turn restrictions as they come from a map."""

import toy_map

from lifecircle.geo.reading.cache import load_osm
from lifecircle.geo.reading.osm import read_osm
from lifecircle.geo.streets import tag_of

NODES = {1: (0, 0), 2: (1, 0), 3: (2, 0), 4: (1, 1), 5: (9, 9)}
WAYS = [([1, 2], toy_map.ROAD), ([2, 3], toy_map.ROAD), ([2, 4], toy_map.ROAD)]
SIGNS = {
    2: {"highway": "traffic_signals"},
    4: {"barrier": "gate", "access": "private"},
    3: {"highway": "street_lamp"},
    5: {"barrier": "bollard"},  # on no street
}


def points(streets):
    columns = (tag_of(streets.point_tags, key).astype(object).tolist() for key in ("barrier", "highway", "access"))
    told = zip(streets.node_ids[streets.point_nodes].tolist(), *columns, strict=True)
    return [(node, *(value if isinstance(value, str) else "" for value in values)) for node, *values in told]


def kept(streets):
    return list(zip(*(column.tolist() for column in streets.turns), strict=True))


def test_barriers_and_signals_on_streets_are_kept_with_their_access(tmp_path):
    streets = read_osm(toy_map.write_map(tmp_path / "toy.osm", NODES, WAYS, node_tags=SIGNS)).streets
    assert points(streets) == [(2, "", "traffic_signals", ""), (4, "gate", "", "private")]


def test_of_a_barrier_the_newest_version_counts(tmp_path):
    old = toy_map.write_map(tmp_path / "old.osm", NODES, WAYS, node_tags=SIGNS)
    new = toy_map.write_map(tmp_path / "new.osm", NODES, WAYS)
    new.write_text(new.read_text().replace('<node id="4" version="1"', '<node id="4" version="2"'))
    assert points(read_osm([old, new]).streets) == [(2, "", "traffic_signals", "")]
    assert points(read_osm([new, old]).streets) == [], "of equal versions the file named first counts"


def test_restrictions_over_one_node_are_kept_and_others_listed(tmp_path):
    turns = [(1, 2, 2, "only_straight_on"), (1, 2, 3, "no_left_turn"), (2, 2, 3, "maybe"), (1, 2, 77, "no_u_turn")]
    extract = read_osm(toy_map.write_map(tmp_path / "toy.osm", NODES, WAYS, turns=turns))
    assert kept(extract.streets) == [(1, 2, 2, True), (1, 2, 3, False)]
    assert extract.unused.counts == {"restrictions": 2}
    assert extract.unused.examples["restrictions"] == [("r1003", "restriction=maybe"), ("r1004", "restriction=no_u_turn")]


def test_exceptions_and_keys_for_cars(tmp_path):
    file = toy_map.write_map(tmp_path / "toy.osm", NODES, WAYS, turns=[(1, 2, 2, "no_left_turn"), (2, 2, 3, "no_left_turn")])
    text = file.read_text()
    excepted = '<tag k="except" v="psv; motorcar"/></relation>'
    of_cars = '<tag k="restriction:motorcar" v="only_left_turn"/></relation>'
    first, second, rest = text.split("</relation>")
    file.write_text(first + excepted + second + of_cars + rest)
    extract = read_osm(file)
    assert kept(extract.streets) == [(2, 2, 3, True)]
    assert not extract.unused.counts


def test_the_cache_gives_them_back(tmp_path):
    file = toy_map.write_map(tmp_path / "toy.osm", NODES, WAYS, node_tags=SIGNS, turns=[(1, 2, 2, "no_left_turn")])
    fresh, again = load_osm([file], tmp_path), load_osm([file], tmp_path)
    assert (fresh.cached, again.cached) == (False, True)
    assert points(again.extract.streets) == points(fresh.extract.streets)
    assert kept(again.extract.streets) == [(1, 2, 2, False)]
