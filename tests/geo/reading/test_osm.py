"""Reading extracts: every format and order gives the same streets and places; damage is one clear error."""

import bz2
import gzip

import numpy as np
import osmium
import pandas as pd
import pytest
import toy_map
from geopandas.testing import assert_geodataframe_equal
from toy_map import ROAD, row, street

from lifecircle.geo.errors import InputError
from lifecircle.geo.modes import travel_mode
from lifecircle.geo.network.building import build_graph
from lifecircle.geo.reading.osm import read_osm

ARRAYS = ("node_ids", "lon", "lat", "way_ids", "way_starts", "way_nodes")
EXTRACTS = {
    "osm-odd": (
        *("bangor_maine.osm.pbf", "beatty.osm", "campo-grande.osm.gz", "columbus.osm.pbf", "felton_ca.osm.pbf"),
        *("fiji_ferry.osm.pbf", "harrisburg.osm.pbf", "krems.osm.gz", "lauf-200115.osm.pbf", "motis_test_case.osm.pbf"),
        *("north-bayreuth.osm.gz", "oslo-east-filtered.osm.pbf", "porto_portugal.osm.pbf"),
    ),
    "liechtenstein": (
        *("liechtenstein-2013-08-03.osm.bz2", "liechtenstein-2013-08-03.osm.pbf"),
        *("liechtenstein_valhalla.osm.pbf", "liechtenstein_valhalla_docker.osm.pbf"),
    ),
    "monaco": ("monaco_graphhopper.osm.gz", "monaco_osrm.osm.pbf", "monaco_quackosm.osm.pbf"),
    "china-osm": (
        *("beijing_bupt.osm", "beijing_cau.osm", "beijing_haidian.osm", "nantong.osm", "sanming_fujian.osm"),
        *("shanghai_baoshan_shu.osm", "shanghai_fengxian.osm", "shanghai_huangpu.osm", "shenzhen_longgang.osm"),
    ),
}


def assert_same_streets(got, expected):
    """Equal as sets of ways; the order of ways in the file is nobody's business."""
    order, wanted = (np.argsort(streets.way_ids, kind="stable") for streets in (got, expected))
    for name in ("node_ids", "lon", "lat"):
        np.testing.assert_array_equal(getattr(got, name), getattr(expected, name))
    np.testing.assert_array_equal(got.way_ids[order], expected.way_ids[wanted])
    assert [way.tolist() for way in ways_of(got, order)] == [way.tolist() for way in ways_of(expected, wanted)]
    tags = [s.tags.astype(object).iloc[at].reset_index(drop=True) for s, at in ((got, order), (expected, wanted))]
    pd.testing.assert_frame_equal(*tags)


def ways_of(streets, order):
    return [streets.way_nodes[streets.way_starts[at] : streets.way_starts[at + 1]] for at in order]


# ---------------------------------------------------------------- real files


@pytest.mark.parametrize(("folder", "name"), [(folder, name) for folder, names in EXTRACTS.items() for name in names])
def test_every_extract_reads_and_walks(shared_data, folder, name):
    extract = read_osm(shared_data / folder / name)
    streets, counts = extract.streets, extract.counts
    assert counts["street_ways"] == len(set(streets.way_ids.tolist())) + counts["ways_without_two_known_nodes"]
    assert counts["street_nodes"] == len(streets.node_ids) == len(np.unique(streets.way_nodes))
    assert (np.diff(streets.node_ids) > 0).all() and (np.diff(streets.way_starts) >= 2).all()
    assert (np.abs(streets.lon) <= 180).all() and (np.abs(streets.lat) <= 90).all()
    assert counts["places"] == len(extract.places) and not extract.places.geometry.is_empty.any()
    graph = build_graph(streets, travel_mode("walk"))
    assert graph.component_nodes.sum() <= len(streets.node_ids)
    assert graph.edge_metres.sum() == pytest.approx(np.diff(graph.piece_metres).sum(), rel=1e-9)
    assert graph.edge_metres[~graph.edge_ferry].min() >= 0 and np.isfinite(graph.edge_forward[graph.open_forward]).all()


def test_pbf_and_bz2_of_the_same_liechtenstein_are_the_same(shared_data):
    pbf, xml = (read_osm(shared_data / "liechtenstein" / f"liechtenstein-2013-08-03.osm.{kind}") for kind in ("pbf", "bz2"))
    assert_same_streets(pbf.streets, xml.streets)
    assert_geodataframe_equal(pbf.places, xml.places)
    assert pbf.counts == xml.counts


def test_unsorted_and_sorted_northern_kentucky_are_the_same(shared_data):
    unsorted, ordered = (read_osm(shared_data / "northern-kentucky" / f"streets{kind}.osm.pbf") for kind in ("", ".sorted"))
    assert_same_streets(unsorted.streets, ordered.streets)
    assert_geodataframe_equal(unsorted.places, ordered.places)


def test_an_extract_twice_is_the_extract_once(shared_data):
    file = shared_data / "osm-odd" / "felton_ca.osm.pbf"
    once, twice = read_osm(file), read_osm([file, file])
    assert_same_streets(twice.streets, once.streets)
    assert_geodataframe_equal(twice.places, once.places)
    assert twice.counts["ways_read_twice"] == once.counts["street_ways"]


# ---------------------------------------------------------------- toy files

NODES = {**row(6), 11: (0, 2), 12: (2, 2), 13: (2, 4), 14: (0, 4), 21: (0.5, 2.5), 22: (1, 2.5), 23: (1, 3)}
WAYS = [
    (range(1, 7), {**ROAD, "name": "人民路 <&>"}),
    ([2, 13], {"highway": "path"}),
    ([11, 12, 13], {}),
    ([13, 14, 11], {}),
    ([21, 22, 23, 21], {}),
    ([11, 12, 13, 14, 11], {"leisure": "park"}),
    ([14, 13], {"waterway": "river"}),
    ([11, 12, 13, 11], {"leisure": "track", "area": "no"}),
]
RELATION = ([(3, "outer"), (4, "outer"), (5, "inner")], {"type": "multipolygon", "leisure": "park", "name": "湖"})


@pytest.fixture
def toy(tmp_path):
    tags = {3: {"amenity": "clinic", "name": "卫生院"}, 4: {"barrier": "gate"}}
    return toy_map.write_map(tmp_path / "toy.osm", NODES, WAYS, node_tags=tags, relations=[RELATION])


def test_the_same_map_in_every_format(toy, tmp_path):
    expected = read_osm(toy)
    assert expected.counts["street_ways"] == 2
    for suffix, pack in ((".osm.gz", gzip.compress), (".osm.bz2", bz2.compress)):
        packed = tmp_path / f"packed{suffix}"
        packed.write_bytes(pack(toy.read_bytes()))
        assert_same_streets(read_osm(packed).streets, expected.streets)
    pbf = tmp_path / "toy.osm.pbf"
    osmium.apply(str(toy), osmium.WriteHandler(str(pbf)))
    assert_same_streets(read_osm(pbf).streets, expected.streets)
    assert_geodataframe_equal(read_osm(pbf).places, expected.places)


def test_places_are_nodes_closed_ways_lines_and_multipolygons_with_holes(toy):
    places = read_osm(toy).places.set_index("osm")
    assert places.geometry.geom_type.to_dict() == {
        "n3": "Point",
        "w6": "Polygon",
        "w7": "LineString",
        "w8": "LineString",
        "r1": "Polygon",
    }
    assert places["tags"]["n3"] == {"amenity": "clinic", "name": "卫生院"}
    square_step = toy_map.DEGREES**2
    assert places.geometry["w6"].area == pytest.approx(4 * square_step)
    assert places.geometry["r1"].area == pytest.approx((4 - 0.125) * square_step)


@pytest.mark.parametrize(
    ("tags", "is_place"),
    [
        ({"man_made": "pier", "public_transport": "platform"}, True),
        ({"man_made": "pier", "shop": "boat"}, True),
        ({"man_made": "pier", "sport": "fishing"}, True),
        ({"railway": "platform", "public_transport": "platform"}, True),
        ({"highway": "pedestrian", "shop": "mall"}, False),
        ({"highway": "platform", "public_transport": "platform"}, False),
        ({"route": "ferry", "public_transport": "station"}, False),
        ({"route": "hiking", "tourism": "attraction"}, True),
        ({"highway": "pedestrian", "amenity": "marketplace"}, True),
    ],
)
def test_what_is_walked_without_being_a_highway_may_be_a_place_too(tmp_path, tags, is_place):
    file = toy_map.write_map(tmp_path / "toy.osm", row(4), [([1, 2, 3, 4], tags)])
    assert read_osm(file).places["osm"].tolist() == ["w1"] * is_place


def test_two_neighbouring_extracts_are_read_as_one(tmp_path):
    """The street is cut between the files at node 3, and each holds a copy of the way and of its own nodes only."""
    way = [street(6)]
    whole = read_osm(toy_map.write_map(tmp_path / "whole.osm", row(6), way))
    parts = [
        toy_map.write_map(tmp_path / f"{name}.osm", {n: place for n, place in row(6).items() if n in nodes}, way)
        for name, nodes in (("west", (1, 2, 3)), ("east", (3, 4, 5, 6)))
    ]
    joined = read_osm(parts)
    assert_same_streets(joined.streets, whole.streets)
    assert joined.counts["references_to_missing_nodes"] == 0 and joined.counts["ways_read_twice"] == 1


def test_missing_nodes_are_counted_and_split_the_way(tmp_path):
    nodes = {n: place for n, place in row(9).items() if n not in (3, 7)}
    extract = read_osm(toy_map.write_map(tmp_path / "toy.osm", nodes, [street(9), ([3, 7], ROAD), ([1, 2], ROAD)]))
    assert extract.streets.way_ids.tolist() == [1, 1, 1, 3]
    assert np.diff(extract.streets.way_starts).tolist() == [2, 3, 2, 2]
    assert extract.counts | {"places": 0} == {
        "street_ways": 3,
        "street_nodes": 7,
        "ways_split_at_missing_nodes": 2,
        "references_to_missing_nodes": 4,
        "ways_without_two_known_nodes": 1,
        "ways_read_twice": 0,
        "places": 0,
        "places_without_geometry": 0,
        "nodes_nowhere": 0,
        "older_versions": 0,
    }


def test_a_self_crossing_outline_is_mended_into_its_areas(tmp_path):
    """An hourglass of two triangles of half a square step each."""
    nodes = {1: (0, 0), 2: (2, 2), 3: (0, 2), 4: (2, 0)}
    file = toy_map.write_map(tmp_path / "toy.osm", nodes, [([1, 2, 3, 4, 1], {"leisure": "pitch"})])
    (shape,) = read_osm(file).places.geometry
    assert shape.is_valid and shape.area == pytest.approx(2 * toy_map.DEGREES**2)


def test_a_relation_without_its_ways_is_counted_not_kept(tmp_path):
    file = toy_map.write_map(tmp_path / "toy.osm", row(2), [street(2)], relations=[([(77, "outer")], RELATION[1])])
    extract = read_osm(file)
    assert len(extract.places) == 0 and extract.counts["places_without_geometry"] == 1


def test_a_file_without_streets_has_none_and_no_mode_can_use_it(tmp_path):
    streets = read_osm(toy_map.write_map(tmp_path / "toy.osm", row(2))).streets
    assert len(streets.way_ids) == 0 and len(streets.tags) == 0
    with pytest.raises(InputError, match="no street"):
        build_graph(streets, travel_mode("walk"))


# ---------------------------------------------------------------- damage

XML = b'<osm version="0.6"><node id="1" version="1" lon="0" lat="0"/></osm>'


DAMAGED = {
    "empty.osm": b"",
    "cut.osm": XML[:50],
    "garbage.osm": b"\x00\x01\x02 nothing of the kind",
    "page.osm": b"<html><body>502 Bad Gateway</body></html>",
    "empty.osm.gz": b"",
    "cut.osm.gz": gzip.compress(XML)[:-12],
    "cut.osm.bz2": bz2.compress(XML)[:-12],
    "xml.osm.pbf": XML,
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_file_is_one_sentence_that_names_it(tmp_path, name):
    file = tmp_path / name
    file.write_bytes(DAMAGED[name])
    with pytest.raises(InputError) as caught:
        read_osm(file)
    message = str(caught.value)
    assert message.startswith(f"{file}: ") and "\n" not in message


def test_a_missing_file_and_one_of_another_kind_are_named(tmp_path):
    with pytest.raises(InputError, match=r"nowhere\.osm\.pbf: no such file"):
        read_osm(tmp_path / "nowhere.osm.pbf")
    other = tmp_path / "streets.shp"
    other.write_bytes(XML)
    with pytest.raises(InputError, match=r"streets\.shp: .*\.osm\.pbf|streets\.shp: .*\.pbf"):
        read_osm(other)


def test_one_bad_file_among_several_is_the_one_that_is_named(toy, tmp_path):
    (tmp_path / "bad.osm.pbf").write_bytes(XML)
    with pytest.raises(InputError, match=r"bad\.osm\.pbf"):
        read_osm([toy, tmp_path / "bad.osm.pbf"])
