"""What a map said that could not be used is counted in full, with a few examples, and survives the cache."""

import bz2
import gzip
import json

import networkx as nx
import numpy as np
import osmium
import osmnx as ox
import pytest
import toy_map
from shapely import LineString
from toy_map import row, street

from lifecircle.geo.errors import InputError
from lifecircle.geo.reading.cache import load_osm
from lifecircle.geo.reading.osm import read_osm
from lifecircle.geo.reading.osmnx import streets_from_osmnx
from lifecircle.geo.reading.unused import COORDINATES, MOST_EXAMPLES, RELATION_INCOMPLETE, VERSIONS, WAYS_CUT, Unused

OFF = '<node id="3" version="1" lon="0.5" lat="95">'
TEXT = "lon=0.5 lat=95.0"


def off_the_pole(folder, name="toy.osm"):
    """A street of five nodes, the third at 95 degrees north."""
    file = toy_map.write_map(folder / "toy.osm", row(5), [street(5)], node_tags={3: {"amenity": "clinic"}})
    text = file.read_text().replace('<node id="3" version="1" lon="0.0020000" lat="0.0000000">', OFF)
    assert OFF in text
    if name.endswith(".pbf"):
        file.write_text(text)
        osmium.apply(str(file), osmium.WriteHandler(str(folder / name)))
    else:
        pack = {"gz": gzip.compress, "bz2": bz2.compress}.get(name.rpartition(".")[2], bytes)
        (folder / name).write_bytes(pack(text.encode()))
    return folder / name


def graph_off_the_pole(folder):
    graph = nx.MultiDiGraph(crs="epsg:4326")
    graph.add_nodes_from((n, {"x": 0.5 if n == 3 else 0.001 * n, "y": 95.0 if n == 3 else 0.0}) for n in range(1, 6))
    for n in range(1, 5):
        graph.add_edge(n, n + 1, osmid=1, highway="residential", oneway=True, reversed=False, length=1.0)
    ox.save_graphml(graph, folder / "toy.graphml")
    return graph, folder / "toy.graphml"


@pytest.mark.parametrize("name", ["toy.osm", "toy.osm.gz", "toy.osm.bz2", "toy.osm.pbf"])
def test_a_node_beyond_the_pole_cuts_its_way_and_is_listed(tmp_path, name):
    extract = read_osm(off_the_pole(tmp_path, name))
    assert extract.streets.node_ids.tolist() == [1, 2, 4, 5] and extract.streets.way_ids.tolist() == [1, 1]
    assert extract.unused.examples == {COORDINATES: [("n3", TEXT)], WAYS_CUT: [("w1", "n3")]}
    assert (extract.counts["nodes_nowhere"], extract.counts["ways_split_at_missing_nodes"]) == (1, 1)
    assert extract.places.empty


@pytest.mark.parametrize("bad", [95.0, float("nan"), float("inf")])
def test_a_graph_is_cut_at_a_node_that_is_nowhere(tmp_path, bad):
    graph, file = graph_off_the_pole(tmp_path)
    graph.nodes[3]["y"] = bad
    ox.save_graphml(graph, file)
    extract = read_osm(file)
    assert extract.streets.node_ids.tolist() == [1, 2, 4, 5] and extract.streets.way_ids.tolist() == [1, 1]
    assert np.isfinite(extract.streets.lon).all() and np.isfinite(extract.streets.lat).all()
    assert extract.unused.examples == {COORDINATES: [("n3", f"x=0.5 y={bad}")], WAYS_CUT: [("w1", "n3")]}
    assert (extract.counts["nodes_nowhere"], extract.counts["ways_split_at_missing_nodes"]) == (1, 1)


def test_a_graph_in_memory_is_its_makers_to_correct(tmp_path):
    """There is no list beside it in which a cut could be told; nodes are named by the labels that he gave them."""
    graph, _ = graph_off_the_pole(tmp_path)
    for names, told in (({}, "node 3 of"), ({3: "harbour", 4: (4, "b")}, "node 'harbour' of"), ({3: "n3"}, "node 'n3' of")):
        with pytest.raises(InputError, match=f"{told} the OSMnx graph lies nowhere on the Earth"):
            streets_from_osmnx(nx.relabel_nodes(graph, names))


def test_a_bend_that_is_nowhere_is_named_by_the_nodes_beside_it(tmp_path):
    graph, _ = graph_off_the_pole(tmp_path)
    graph.remove_node(3)
    graph.add_edge(2, 4, osmid=2, highway="residential", oneway=True, geometry=LineString([(0.002, 0), (0.003, 95), (0.004, 0)]))
    with pytest.raises(InputError, match="the geometry between nodes 2 and 4 of the OSMnx graph lies nowhere"):
        streets_from_osmnx(graph)


def test_a_node_that_is_nowhere_and_on_no_street_is_listed_where_it_would_be_a_place(tmp_path):
    nodes = {**row(3), 7: (9, 9), 8: (9, 9)}
    file = toy_map.write_map(tmp_path / "toy.osm", nodes, [street(3)], node_tags={7: {"amenity": "clinic"}})
    file.write_text(file.read_text().replace('lon="0.0090000" lat="0.0090000"', 'lon="190" lat="0"'))
    extract = read_osm(file)
    assert extract.unused.examples == {COORDINATES: [("n7", "lon=190.0 lat=0.0")]}
    assert len(extract.streets.node_ids) == 3 and extract.places.empty


def test_a_deleted_node_is_missing_but_not_nowhere(tmp_path):
    file = toy_map.write_map(tmp_path / "toy.osm", row(5), [street(5)])
    file.write_text(file.read_text().replace('<node id="3" version="1"', '<node id="3" version="2" visible="false"'))
    assert read_osm(file).unused.examples == {WAYS_CUT: [("w1", "n3")]}


def versions(folder):
    """Node 2 and way 1 in two versions, a clinic and its way in three; a building that matters to nobody in two."""
    file = folder / "history.osm"
    lines = ['<osm version="0.6">']
    lines += [f'<node id="{n}" version="{v}" lon="{0.001 * n}" lat="{0.0001 * v}"/>' for n, v in ((1, 1), (2, 1), (2, 2), (3, 1))]
    for number, version, tag in (
        (1, 1, "highway"), (1, 2, "highway"), (2, 1, "amenity"), (2, 2, "amenity"), (2, 4, "amenity"),
        (3, 1, "building"), (3, 2, "building"),
    ):  # fmt: skip
        refs = "".join(f'<nd ref="{n}"/>' for n in (1, 2, 3))
        lines.append(f'<way id="{number}" version="{version}">{refs}<tag k="{tag}" v="clinic"/></way>')
    file.write_text("\n".join([*lines, "</osm>"]), encoding="utf-8")
    return file


def test_older_versions_are_listed(tmp_path):
    extract = read_osm(versions(tmp_path))
    told = [("w1", "version=1"), ("w2", "version=1"), ("w2", "version=2"), ("n2", "version=1")]
    assert extract.unused.examples == {VERSIONS: told} and extract.counts["older_versions"] == 4
    assert extract.streets.lat[1] == pytest.approx(0.0002)


def test_a_copy_in_a_neighbouring_extract_is_no_older_version(tmp_path):
    files = [
        toy_map.write_map(tmp_path / name, row(3), [street(3)], node_tags={2: {"shop": "yes"}}) for name in ("a.osm", "b.osm")
    ]
    assert read_osm(files).unused.counts == {}


def test_counts_are_full_and_examples_few_whatever_the_order_of_ways(tmp_path):
    """Thirty ways of a row, each without its middle node."""
    nodes = {n: place for n, place in row(90).items() if n % 3 != 2}
    ways = [(range(3 * k + 1, 3 * k + 4), toy_map.ROAD) for k in range(30)]
    file = toy_map.write_map(tmp_path / "toy.osm", nodes, ways)
    lines = file.read_text().splitlines()
    backwards = [line for line in lines if "<way" not in line][:-1] + [line for line in lines if "<way" in line][::-1]
    (tmp_path / "backwards.osm").write_text("\n".join([*backwards, "</osm>"]))
    for name in ("toy.osm", "backwards.osm"):
        unused = read_osm(tmp_path / name).unused
        assert unused.counts == {WAYS_CUT: 30}
        assert unused.examples[WAYS_CUT] == [(f"w{k}", f"n{3 * k - 1}") for k in range(1, MOST_EXAMPLES + 1)]


def test_the_list_survives_the_cache(tmp_path):
    file = off_the_pole(tmp_path)
    first, again = load_osm([file], tmp_path), load_osm([file], tmp_path)
    assert (first.cached, again.cached) == (False, True)
    assert again.extract.unused == first.extract.unused == read_osm(file).unused


def test_lists_are_joined_with_full_counts_and_few_examples():
    one, other = Unused(), Unused()
    one.add_all(VERSIONS, [(f"w{n}", "") for n in range(15)])
    other.add_all(VERSIONS, [(f"n{n}", "") for n in range(15)], count=100)
    other.add(COORDINATES, "n1", "x" * 1000)
    one.join(other)
    assert one.counts == {VERSIONS: 115, COORDINATES: 1}
    assert [element for element, _ in one.examples[VERSIONS][13:]] == ["w13", "w14", "n0", "n1", "n2", "n3", "n4"]
    assert len(one.examples[COORDINATES][0][1]) == 200
    assert Unused.from_dict(json.loads(json.dumps(one.as_dict()))) == one
    assert one.without(VERSIONS).counts == {COORDINATES: 1}


HOSPITAL = {"type": "multipolygon", "amenity": "hospital", "name": "东院"}
SQUARE = {11: (0, 1), 12: (2, 1), 13: (2, 3), 14: (0, 3)}


def area_map(folder, nodes, members, tags=HOSPITAL, ways=(([11, 12, 13], {}), ([13, 14, 11], {}))):
    """A street, and a square of two halves (ways 2 and 3) that a relation calls a hospital."""
    listed = [(way, role) for way, role in members]
    return read_osm(toy_map.write_map(folder / "toy.osm", {**row(3), **nodes}, [street(3), *ways], relations=[(listed, tags)]))


def shape_of(extract, osm="r1"):
    return extract.places.set_index("osm").geometry[osm]


def test_a_whole_outline_is_an_area_and_nothing_is_told(tmp_path):
    extract = area_map(tmp_path, SQUARE, [(2, "outer"), (3, "outer")])
    assert shape_of(extract).geom_type == "Polygon" and extract.unused.counts == {}


def test_an_area_with_a_member_missing_stands_in_the_middle_of_what_is_there(tmp_path):
    """Two sides of the square, of two steps each: their middle lies half a step off the corner, both ways."""
    extract = area_map(tmp_path, SQUARE, [(2, "outer"), (999, "outer")])
    point = shape_of(extract)
    assert (point.x, point.y) == pytest.approx((1.5 * toy_map.DEGREES, 1.5 * toy_map.DEGREES))
    assert extract.unused.examples == {RELATION_INCOMPLETE: [("r1", "amenity=hospital name=东院, w999")]}
    assert extract.counts["places_without_geometry"] == 0


def test_an_area_whose_way_lacks_nodes_is_not_complete(tmp_path):
    extract = area_map(tmp_path, {n: place for n, place in SQUARE.items() if n != 14}, [(2, "outer"), (3, "outer")])
    assert shape_of(extract).geom_type == "Point"
    assert extract.unused.examples == {RELATION_INCOMPLETE: [("r1", "amenity=hospital name=东院, w3")]}


def test_an_outline_that_nobody_closed_is_no_place_but_listed(tmp_path):
    extract = area_map(tmp_path, SQUARE, [(2, "outer")])
    assert extract.places.empty and extract.unused.counts == {RELATION_INCOMPLETE: 1}


def test_one_ring_of_two_is_a_point_in_its_middle(tmp_path):
    ring = (([11, 12, 13, 14, 11], {}),)
    extract = area_map(tmp_path, SQUARE, [(2, "outer"), (999, "outer")], ways=ring)
    point = shape_of(extract)
    assert (point.x, point.y) == pytest.approx((toy_map.DEGREES, 2 * toy_map.DEGREES))


def test_of_an_area_a_single_node_may_be_left(tmp_path):
    """As a relation, and as a way of its own."""
    extract = area_map(
        tmp_path, {12: (2, 1)}, [(2, "outer")], ways=(([11, 12, 13, 11], {}), ([11, 12, 13, 11], {"shop": "mall"}))
    )
    for osm in ("r1", "w3"):
        assert shape_of(extract, osm).coords[0] == pytest.approx((2 * toy_map.DEGREES, toy_map.DEGREES))
    told = [("w3", "shop=mall"), ("r1", "amenity=hospital name=东院, w2")]
    assert extract.unused.examples[RELATION_INCOMPLETE] == told


def clipped(folder, refs, tags, lost=13):
    """The hospital, or what else, drawn as one way of which a corner of the square is missing."""
    nodes = {n: place for n, place in SQUARE.items() if n != lost}
    return area_map(folder, nodes, [], {}, ways=((refs, tags),))


@pytest.mark.parametrize(("lost", "middle"), [(13, (0.5, 1.5)), (11, (1.5, 2.5))])
def test_a_facility_drawn_as_one_way_that_lacks_a_node_is_a_point_and_listed(tmp_path, lost, middle):
    """Two sides of two steps each are left, whether or not the missing node closes the ring; the middle is between theirs."""
    extract = clipped(tmp_path, [11, 12, 13, 14, 11], {"amenity": "hospital", "name": "东院"}, lost)
    point = shape_of(extract, "w2")
    assert point.geom_type == "Point" and (point.x, point.y) == pytest.approx([steps * toy_map.DEGREES for steps in middle])
    assert extract.unused.examples == {RELATION_INCOMPLETE: [("w2", "amenity=hospital name=东院")]}
    assert extract.counts["places_without_geometry"] == 0


@pytest.mark.parametrize(
    ("refs", "tags"),
    [([11, 12, 13, 14], {"leisure": "track"}), ([11, 12, 13, 14, 11], {"leisure": "track", "area": "no"})],
)
def test_a_line_that_lacks_a_node_keeps_the_rest_and_is_listed(tmp_path, refs, tags):
    extract = clipped(tmp_path, refs, tags)
    assert shape_of(extract, "w2").geom_type == "LineString"
    assert extract.unused.examples == {RELATION_INCOMPLETE: [("w2", "leisure=track")]}


def test_a_lake_drawn_as_one_way_keeps_the_part_that_is_there(tmp_path):
    extract = clipped(tmp_path, [11, 12, 13, 14, 11], {"natural": "water"})
    assert shape_of(extract, "w2").geom_type == "Polygon" and extract.unused.counts == {}


def test_an_area_of_which_nothing_is_there_is_left_out_and_listed(tmp_path):
    extract = area_map(tmp_path, {}, [(999, "outer")], ways=())
    assert extract.places.empty and extract.unused.counts == {RELATION_INCOMPLETE: 1}


@pytest.mark.parametrize("tags", [{"natural": "water"}, {"landuse": "forest"}, {"place": "square"}])
def test_a_clipped_lake_keeps_the_part_that_is_there(tmp_path, tags):
    """Its middle would be of no use to anybody."""
    tags = {"type": "multipolygon", **tags}
    ring = (([11, 12, 13, 14, 11], {}),)
    whole = area_map(tmp_path, SQUARE, [(2, "outer"), (999, "outer")], tags, ring)
    assert shape_of(whole).geom_type == "Polygon" and whole.unused.counts == {}
    open_ended = area_map(tmp_path, SQUARE, [(2, "outer"), (999, "outer")], tags)
    assert open_ended.places.empty


def test_a_rail_that_ends_at_the_edge_is_no_clipped_facility(tmp_path):
    file = toy_map.write_map(tmp_path / "toy.osm", row(3), [street(3), ([3, 99], {"railway": "rail"})])
    assert read_osm(file).unused.counts == {}
