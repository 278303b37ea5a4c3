"""Our .pbf decoder beside pyosmium, and what it says of damaged files."""

import numpy as np
import osmium
import pytest
import toy_map
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecircle.geo import pbf
from lifecircle.geo.errors import InputError
from lifecircle.geo.osm import STREET_KEYS, read_osm
from lifecircle.geo.places import ONLY_VALUES, PLACE_KEYS


def osmium_streets(file):
    """Ways with their tags and node references, and the nodes they run through, as pyosmium reads them."""
    ways, nodes = {}, {}
    for way in osmium.FileProcessor(str(file), osmium.osm.WAY):
        tags = {tag.k: tag.v for tag in way.tags}
        if "highway" in tags or tags.get("route") == "ferry":
            ways[way.id] = ([ref.ref for ref in way.nodes], {key: tags[key] for key in STREET_KEYS if key in tags})
    wanted = {ref for refs, _ in ways.values() for ref in refs}
    for node in osmium.FileProcessor(str(file), osmium.osm.NODE):
        if node.id in wanted:
            nodes[node.id] = (node.location.lon, node.location.lat)
    return ways, nodes


def our_streets(file):
    """The same from our reader."""
    streets = read_osm(file).streets
    spans = zip(streets.way_starts[:-1].tolist(), streets.way_starts[1:].tolist(), strict=True)
    refs = [streets.node_ids[streets.way_nodes[a:b]].tolist() for a, b in spans]
    rows = streets.tags.astype(object).to_dict("records")
    tags = [{key: value for key, value in row.items() if value == value and value is not None} for row in rows]
    ways = dict(zip(streets.way_ids.tolist(), zip(refs, tags, strict=True), strict=True))
    nodes = dict(zip(streets.node_ids.tolist(), zip(streets.lon.tolist(), streets.lat.tolist(), strict=True), strict=True))
    return ways, nodes


@pytest.mark.parametrize(
    "name", ["liechtenstein/liechtenstein_valhalla.osm.pbf", "northern-kentucky/streets.osm.pbf", "osm-odd/fiji_ferry.osm.pbf"]
)
def test_the_same_ways_nodes_and_tags_as_pyosmium(shared_data, name):
    ours, theirs = our_streets(shared_data / name), osmium_streets(shared_data / name)
    assert ours[0] == theirs[0]
    assert ours[1] == theirs[1]


def test_the_same_tagged_places_as_pyosmium(shared_data):
    file = shared_data / "liechtenstein" / "liechtenstein_valhalla.osm.pbf"
    theirs = {}
    for kind, entity in (("n", osmium.osm.NODE), ("w", osmium.osm.WAY)):
        for element in osmium.FileProcessor(str(file), entity):
            tags = {tag.k: tag.v for tag in element.tags}
            if any(key in tags and (key not in ONLY_VALUES or tags[key] in ONLY_VALUES[key]) for key in PLACE_KEYS):
                theirs[f"{kind}{element.id}"] = tags
    places = read_osm(file).places
    ours = {osm: tags for osm, tags in zip(places["osm"], places["tags"], strict=True) if osm[0] in "nw"}
    assert len(ours) > 1000
    assert ours.keys() <= theirs.keys()
    assert all(theirs[osm] == tags for osm, tags in ours.items())
    assert all(osm[0] == "w" for osm in theirs.keys() - ours.keys()), "every tagged node is a place"


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """A small .pbf of 3,000 nodes and 300 ways, written by pyosmium."""
    folder = tmp_path_factory.mktemp("pbf")
    nodes = {n: (n % 97 / 10, n % 89 / 10) for n in range(1, 3001)}
    ways = [(range(first, first + 10), {"highway": "residential", "name": f"Street {first}"}) for first in range(1, 3001, 10)]
    xml = toy_map.write_map(folder / "sound.osm", nodes, ways)
    copy = folder / "sound.osm.pbf"
    osmium.apply(str(xml), osmium.WriteHandler(str(copy)))
    return copy


def outcome(file):
    """Streets, or the message of the error; any other exception fails the test."""
    try:
        return read_osm(file).streets
    except InputError as error:
        return str(error)


def assert_one_sentence_naming(file, message):
    assert isinstance(message, str), "a damaged file was read"
    assert message.startswith(f"{file}: ") and message.endswith(".") and "\n" not in message


@settings(max_examples=60, deadline=None)
@given(share=st.floats(0, 1, exclude_max=True))
def test_a_file_cut_off_anywhere_is_one_clear_error_or_holds_whole_blocks(sound, share):
    content = sound.read_bytes()
    length = int(share * len(content))
    cut = sound.with_name("cut.osm.pbf")
    cut.write_bytes(content[:length])
    whole_blocks = {end for _, end in pbf.blob_positions(content, sound)}
    if length in whole_blocks:
        return  # nothing in the format says how many blocks there are
    assert_one_sentence_naming(cut, outcome(cut))


@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_a_flipped_byte_is_found(sound, data):
    """Framing first: half the flips go to the first bytes of a block, where no checksum protects them."""
    content = bytearray(sound.read_bytes())
    framing = [start + step for start, _ in [(0, 0), *pbf.blob_positions(bytes(content), sound)] for step in range(-14, 14)]
    positions = st.sampled_from([at for at in framing if at >= 0]) | st.integers(0, len(content) - 1)
    content[data.draw(positions)] ^= data.draw(st.integers(1, 255))
    spoilt = sound.with_name("spoilt.osm.pbf")
    spoilt.write_bytes(content)
    got = outcome(spoilt)
    if isinstance(got, str):
        assert_one_sentence_naming(spoilt, got)
    else:  # a byte that nothing depends on, such as the name of the program that wrote the file
        expected = read_osm(sound).streets
        np.testing.assert_array_equal(got.way_nodes, expected.way_nodes)
        np.testing.assert_array_equal(got.lon, expected.lon)


@pytest.mark.parametrize("length", [0, 3, 50, 100_000])
def test_garbage_is_no_osm_file(tmp_path, length):
    garbage = tmp_path / "garbage.osm.pbf"
    garbage.write_bytes(np.random.default_rng(length).bytes(length))
    assert_one_sentence_naming(garbage, outcome(garbage))


def test_a_pbf_of_a_newer_kind_is_refused_by_the_name_of_its_feature(sound, tmp_path):
    newer = tmp_path / "newer.osm.pbf"
    feature = b"\x22\x0fTeleportedNodes"  # field 4: required_features
    header = b"\x0a\x09OSMHeader\x18" + bytes([len(feature) + 2])
    newer.write_bytes(len(header).to_bytes(4, "big") + header + b"\x0a" + bytes([len(feature)]) + feature + sound.read_bytes())
    message = outcome(newer)
    assert_one_sentence_naming(newer, message)
    assert "TeleportedNodes" in message


@pytest.mark.parametrize(
    "options", ["pbf_compression=none", "pbf_compression=lz4", "pbf_dense_nodes=false", "add_metadata=false"]
)
def test_blocks_written_otherwise_are_read_all_the_same(sound, tmp_path, options):
    other = tmp_path / "other.osm.pbf"
    with osmium.SimpleWriter(osmium.io.File(str(other), f"pbf,{options}")) as writer:
        for element in osmium.FileProcessor(str(sound)):
            writer.add(element)
    assert other.read_bytes() != sound.read_bytes()
    assert our_streets(other) == our_streets(sound)


def test_only_blocks_with_a_checksum_reach_the_compiled_decoder(sound, tmp_path):
    """It trusts every length it reads: unpacked blocks, where a flipped bit goes unnoticed, pass through pyosmium first."""
    unpacked = tmp_path / "unpacked.osm.pbf"
    with osmium.SimpleWriter(osmium.io.File(str(unpacked), "pbf,pbf_compression=none")) as writer:
        for element in osmium.FileProcessor(str(sound)):
            writer.add(element)
    for file, packed in ((sound, True), (unpacked, False)):
        content = file.read_bytes()
        assert {pbf.is_zlib(content, start, file) for start, _ in pbf.blob_positions(content, file)} == {packed}
