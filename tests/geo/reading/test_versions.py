"""Which version of an element counts: in histories, in several extracts, and in what an editor saved."""

import numpy as np
import osmium
import pytest
import toy_map
from hypothesis import given
from hypothesis import strategies as st
from pbf_mutations import locate_ways
from toy_map import ROAD

from lifecircle.geo.reading.osm import read_osm
from lifecircle.geo.reading.pbf import NOWHERE, Nodes
from lifecircle.geo.reading.versions import NodeTable, Occurrences

STEP = 0.001
OLD, NEW = "2020-01-01T00:00:00Z", "2021-01-01T00:00:00Z"
FORMATS = ["osh.pbf", "osm.pbf,dense=no", "osm"]
PLAIN = {"version": 1, "timestamp": OLD}


def node(number, x=None, **more):
    place = (STEP * (number if x is None else x), 0)
    return osmium.osm.mutable.Node(**{"id": number, "location": place, **PLAIN, **more})


def way(number, nodes, tags=ROAD, **more):
    return osmium.osm.mutable.Way(**{"id": number, "nodes": nodes, "tags": tags, **PLAIN, **more})


def relation(number, members, tags, **more):
    return osmium.osm.mutable.Relation(**{"id": number, "members": members, "tags": tags, **PLAIN, **more})


def write(folder, name, elements, how="osh.pbf"):
    """Write elements in the order given, as a history in one of the formats."""
    suffix, _, option = how.partition(",")
    file = folder / f"{name}.{suffix}"
    kind = "xml,history=true" if suffix == "osm" else f"pbf,history=true,pbf_dense_nodes={'false' if option else 'true'}"
    with osmium.SimpleWriter(osmium.io.File(str(file), kind), overwrite=True) as writer:
        for element in elements:
            writer.add(element)
    return file


def street_of(file):
    """Tags by way of what is left, and where its nodes lie in steps."""
    streets = read_osm(file).streets
    return dict(zip(streets.way_ids.tolist(), streets.tag("highway").tolist(), strict=True)), np.round(
        streets.lon / STEP
    ).tolist()


NONE = np.empty((0, 3), np.int64)
ROW = [node(1), node(2), node(3)]


@pytest.mark.parametrize("how", FORMATS)
@pytest.mark.parametrize("backwards", [False, True])
def test_the_highest_version_counts_and_a_deleted_one_is_gone(tmp_path, how, backwards):
    versions = [
        way(1, [1, 2, 3]), way(1, [1, 2, 3], {"highway": "proposed"}, version=2),
        way(2, [1, 2]), way(2, [1, 2], visible=False, version=2),
        way(3, [1, 2], visible=False), way(3, [2, 3], version=2),
        way(4, [1, 2], {"highway": "construction"}), way(4, [1, 3], version=3), way(4, [1, 2], {"man_made": "pier"}, version=2),
    ]  # fmt: skip
    elements = [*ROW, *(versions[::-1] if backwards else versions)]
    ways, _ = street_of(write(tmp_path, "history", elements, how))
    assert ways == {1: "proposed", 3: "residential", 4: "residential"}


@pytest.mark.parametrize("how", FORMATS)
def test_nodes_move_and_vanish_with_their_versions(tmp_path, how):
    nodes = [node(1), node(1, 5, version=2), node(2), node(3), node(3, version=2, visible=False), node(4)]
    extract = read_osm(write(tmp_path, "history", [*nodes, way(1, [1, 2, 3, 4])], how))
    assert np.round(extract.streets.lon / STEP).tolist() == [5, 2]
    assert extract.counts["references_to_missing_nodes"] == 1


@pytest.mark.parametrize("how", FORMATS)
def test_places_are_those_of_the_newest_versions(tmp_path, how):
    clinic, park = {"amenity": "clinic"}, {"leisure": "park"}
    area = {"type": "multipolygon", "leisure": "park"}
    corners = [node(n, x=n % 2, location=(STEP * (n % 2), STEP * (n // 2 % 2))) for n in (10, 11, 13, 12)]
    ring = [10, 11, 13, 12, 10]
    elements = [
        *corners,
        node(20, tags=clinic), node(20, tags={"amenity": "school"}, version=2),
        node(21, tags=clinic), node(21, version=2),
        node(22, tags=clinic), node(22, version=2, visible=False, tags=clinic),
        node(23), node(23, tags=clinic, version=2),
        way(1, ring, park), way(1, ring, {}, version=2),
        way(2, ring, {}), way(2, ring, park, version=2),
        way(3, ring, {}), way(3, [10, 11], {}, version=2), way(4, [10, 11], {}), way(4, ring, {}, version=2),
        relation(1, [("w", 3, "outer")], area), relation(2, [("w", 4, "outer")], area),
        relation(3, [("w", 4, "outer")], area), relation(3, [("w", 4, "outer")], {}, version=2),
    ]  # fmt: skip
    places = read_osm(write(tmp_path, "history", elements, how)).places
    kinds = {osm: {**tags}.get("amenity") for osm, tags in zip(places["osm"], places["tags"], strict=True)}
    assert kinds == {"n20": "school", "n23": "clinic", "w2": None, "r2": None}


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        ({"version": 2}, {"version": 3}, "second"),
        ({"version": 3}, {"version": 2}, "first"),
        ({"timestamp": OLD}, {"timestamp": NEW}, "second"),
        ({"timestamp": NEW}, {"timestamp": OLD}, "first"),
        ({"version": 2, "timestamp": OLD}, {"version": 1, "timestamp": NEW}, "first"),
        ({}, {}, "first"),
        ({"version": None, "timestamp": None}, {"version": None, "timestamp": None}, "first"),
        ({"version": 2}, {"version": 3, "visible": False}, None),
        ({"version": 3, "visible": False}, {"version": 2}, None),
    ],
)
def test_of_two_extracts_the_newer_copy_counts_then_the_one_named_first(tmp_path, first, second, kept):
    files = [
        write(
            tmp_path,
            name,
            [
                *(node(n, n + 10 * (name == "second"), **own) for n in (1, 2)),
                node(3),
                way(1, [1, 2, 3], {"highway": kind}, **own),
            ],
        )
        for name, kind, own in (("first", "residential", first), ("second", "service", second))
    ]
    ways, steps = street_of(files)
    assert ways == {"first": {1: "residential"}, "second": {1: "service"}, None: {}}[kept]
    assert steps == {"first": [1, 2, 3], "second": [11, 12, 3], None: []}[kept]


def test_ways_that_say_where_their_nodes_lie_need_no_nodes(tmp_path):
    """As `osmium add-locations-to-ways` writes them: nodes without tags are dropped. Node 9 is nowhere at all."""
    nodes = {**toy_map.row(4), 5: (0, 0), 6: (1, 0), 7: (1, 1)}
    ways = [([1, 2], ROAD), ([2, 3, 9, 3, 4], ROAD), ([5, 6, 7, 5], {})]
    area = [([(3, "outer")], {"type": "multipolygon", "leisure": "park"})]
    plain = toy_map.write_map(tmp_path / "plain.osm", nodes, ways, node_tags={4: {"barrier": "gate"}}, relations=area)
    locate_ways(plain, tmp_path / "located.osm.pbf")
    assert [node.id for node in osmium.FileProcessor(str(tmp_path / "located.osm.pbf"), osmium.osm.NODE)] == [4]
    extract, expected = read_osm(tmp_path / "located.osm.pbf"), read_osm(plain)
    assert extract.counts == expected.counts and extract.counts["references_to_missing_nodes"] == 1
    np.testing.assert_array_equal(extract.streets.lon, expected.streets.lon)
    np.testing.assert_array_equal(extract.streets.way_nodes, expected.streets.way_nodes)
    assert extract.places.geometry.iloc[0].area == pytest.approx(STEP**2 / 2)


def test_what_an_editor_deleted_is_gone_whatever_its_version(tmp_path):
    """JOSM keeps what it deleted, marked, and gives new elements negative ids."""
    drawn = "".join(f'<node id="-{n}" {mark} lon="0.00{n}" lat="0"/>' for n, mark in ((1, ""), (2, 'action="modify"'), (3, "")))
    ways = "".join(
        f'<way id="{number}" {mark}><nd ref="-1"/><nd ref="-2"/><nd ref="-3"/><tag k="highway" v="path"/></way>'
        for number, mark in ((-10, ""), (-11, 'action="delete"'), (5, "action='delete' version='4'"), (6, "action = 'modify'"))
    )
    (tmp_path / "josm.osm").write_text(f'<osm version="0.6">{drawn}{ways}<note>action="delete"</note></osm>')
    assert street_of(tmp_path / "josm.osm")[0] == {-10: "path", 6: "path"}
    other = toy_map.write_map(tmp_path / "other.osm", {1: (0, 0), 2: (1, 0)}, [([1, 2], ROAD)] * 5)
    both = read_osm([other, tmp_path / "josm.osm"]).streets.way_ids
    assert sorted(both.tolist()) == [-10, 1, 2, 3, 4, 6], "way 5 of the other file is the one deleted"


def test_an_editor_s_file_in_utf_16_is_read_alike(tmp_path):
    text = (
        '<?xml version="1.0" encoding="UTF-16"?><osm version="0.6"><node id="1" lon="0" lat="0"/><node id="2" lon="1" lat="0"/>'
    )
    text += '<way id="1" action="delete"><nd ref="1"/><nd ref="2"/><tag k="highway" v="path"/></way></osm>'
    (tmp_path / "wide.osm").write_bytes(text.encode("utf-16"))
    assert street_of(tmp_path / "wide.osm")[0] == {}


@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(0, 3)), max_size=30), st.integers(1, 5))
def test_the_newest_of_many_occurrences(found, blocks):
    """Beside a loop over all of them; for nodes in blocks too, where one lies at the longitude of its place in the list."""
    best = {}
    for at, (number, stamp) in enumerate(found):
        if number not in best or stamp > found[best[number]][1]:
            best[number] = at
    occurrences, table = Occurrences(), NodeTable(np.arange(-2, 4))
    for block in range(blocks):
        rows = range(block * len(found) // blocks, (block + 1) * len(found) // blocks)
        ids, stamps = (np.array([found[at][place] for at in rows], np.int64) for place in (0, 1))
        assert occurrences.add(ids, stamps) == rows.start
        lon = np.array(rows, np.int64)
        table.take(block, *table.find(ids), Nodes(ids, lon, lon, stamps, NONE, NONE))
    assert np.flatnonzero(occurrences.newest()).tolist() == sorted(best.values())
    expected = [best.get(number, NOWHERE) for number in range(-2, 4)]
    assert table.lon.tolist() == expected
