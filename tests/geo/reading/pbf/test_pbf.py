"""Our .pbf decoder beside pyosmium, and what it says of damaged files."""

import tracemalloc
import zlib

import numpy as np
import osmium
import pytest
import toy_map
from hypothesis import given, settings
from hypothesis import strategies as st
from pbf_mutations import frame, put_together, take_apart

from lifecircle.geo.errors import InputError
from lifecircle.geo.reading import pbf
from lifecircle.geo.reading.osm import read_osm
from lifecircle.geo.reading.places import ONLY_VALUES, PLACE_KEYS
from lifecircle.geo.streets import STREET_KEYS


def osmium_streets(file):
    """Ways with their tags and node references, and the nodes they run through, as pyosmium reads them."""
    ways, nodes = {}, {}
    for way in osmium.FileProcessor(str(file), osmium.osm.WAY):
        tags = {tag.k: tag.v for tag in way.tags}
        walked = tags.get("man_made") == "pier" or tags.get("railway") == "platform"
        if "highway" in tags or tags.get("route") == "ferry" or walked:
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


def ends_of_blocks(content):
    """Where each block of a file ends, read by the letter of the format."""
    ends, at = [], 0
    while at < len(content):
        size = int.from_bytes(content[at : at + 4], "big")
        (data_size,) = (value for field, _, value, _ in take_apart(content[at + 4 : at + 4 + size], "BlobHeader") if field == 3)
        at += 4 + size + data_size
        ends.append(at)
    return ends


@settings(max_examples=60)
@given(share=st.floats(0, 1, exclude_max=True))
def test_a_file_cut_off_anywhere_is_one_clear_error_or_holds_whole_blocks(sound, share):
    content = sound.read_bytes()
    length = int(share * len(content))
    cut = sound.with_name("cut.osm.pbf")
    cut.write_bytes(content[:length])
    if length in ends_of_blocks(content)[1:]:
        return  # nothing in the format says how many blocks there are
    assert_one_sentence_naming(cut, outcome(cut))


@settings(max_examples=120)
@given(data=st.data())
def test_a_flipped_byte_is_found(sound, data):
    """Framing first: half the flips go to the first bytes of a block, where no checksum protects them."""
    content = bytearray(sound.read_bytes())
    framing = [end + step for end in [0, *ends_of_blocks(bytes(content))] for step in range(30)]
    positions = st.sampled_from([at for at in framing if at < len(content)]) | st.integers(0, len(content) - 1)
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


# ---------------------------------------------------------------- hand-made blocks


def message(*fields):
    """Encode (field, content) pairs: a number, bytes, or a list of numbers to pack."""
    kinds = {int: (0, "number"), bytes: (2, "text"), list: (2, "list")}
    return put_together([[field, kinds[type(value)][0], value, kinds[type(value)][1]] for field, value in fields])


def zigzag(*values):
    """Code signed numbers as the differences from one to the next."""
    steps = [b - a for a, b in zip((0, *values), values, strict=False)]
    return [step * 2 if step >= 0 else -step * 2 - 1 for step in steps]


TEXTS = message(*((1, text) for text in (b"", b"highway", b"residential", b"outer", b"type", b"multipolygon")))
IDS, LATS, LONS = (1, zigzag(1, 2, 3)), (8, zigzag(0, 10_000, 20_000)), (9, zigzag(0, 0, 0))
NODES = message(IDS, LATS, LONS)
TAGS, REFS = ((2, [1]), (3, [2])), (8, zigzag(1, 2, 3))
WAY = message((1, 7), *TAGS, REFS)
HEADER = message((4, b"OsmSchema-V0.6"), (4, b"DenseNodes"))


def block(*groups, texts=TEXTS, scale=()):
    return message((1, texts), *((2, message(group)) for group in groups), *scale)


def write(path, *blocks, header=HEADER):
    path.write_bytes(b"".join((frame(b"OSMHeader", header), *(frame(b"OSMData", one) for one in blocks))))
    return path


SOUND = block((2, NODES), (3, WAY))
TOO_LONG = b"\x0a\x0b" + b"\xff" * 10 + b"\x01"  # field 1, a list of one number of eleven bytes
DAMAGED = {
    "a number of eleven bytes": block((2, TOO_LONG + message(LATS, LONS)), (3, WAY)),
    "a list that ends in the middle of a number": block((2, message((1, b"\x02\x02\x82"), LATS, LONS)), (3, WAY)),
    "a group longer than its block": message((1, TEXTS)) + b"\x12\x7f" + b"\x12\x00",
    "a length of 2^63": message((1, TEXTS)) + b"\x12" + b"\x80" * 9 + b"\x01",
    "no longitudes": block((2, message(IDS, LATS)), (3, WAY)),
    "one latitude too few": block((2, message(IDS, (8, zigzag(0, 10_000)), LONS)), (3, WAY)),
    "one latitude too many": block((2, message(IDS, (8, zigzag(0, 1, 2, 3)), LONS)), (3, WAY)),
    "a value that is no text": block((2, NODES), (3, message((1, 7), (2, [1]), (3, [6]), REFS))),
    "a key that is no text": block((2, NODES), (3, message((1, 7), (2, [2**32 + 1]), (3, [2]), REFS))),
    "a key without a value": block((2, NODES), (3, message((1, 7), (2, [1, 1]), (3, [2]), REFS))),
    "a way without an id": block((2, NODES), (3, message(*TAGS, REFS))),
    "an id that is a text": block((2, NODES), (3, message((1, b"7"), *TAGS, REFS))),
    "two lists of nodes": block((2, NODES), (3, message((1, 7), *TAGS, REFS, REFS))),
    "fewer places than nodes on a way": block((2, NODES), (3, message((1, 7), *TAGS, REFS, (9, zigzag(0)), (10, zigzag(0))))),
    "more roles than members": block((4, message((1, 8), (2, [4]), (3, [5]), (8, [3, 3]), (9, zigzag(7)), (10, [1])))),
    "a role that is no text": block((4, message((1, 8), (2, [4]), (3, [5]), (8, [99]), (9, zigzag(7)), (10, [1])))),
    "a member of a fourth kind": block((4, message((1, 8), (2, [4]), (3, [5]), (8, [3]), (9, zigzag(7)), (10, [3])))),
    "tags of nodes that do not end": block((2, message(IDS, LATS, LONS, (10, [1, 2, 0, 0]))), (3, WAY)),
    "a tag of a node without a value": block((2, message(IDS, LATS, LONS, (10, [0, 0, 1]))), (3, WAY)),
    "fewer versions than nodes": block((2, message(IDS, LATS, LONS, (5, message((1, [1, 1]))))), (3, WAY)),
    "a user who is no text": block((2, message(IDS, LATS, LONS, (5, message((5, zigzag(0, 0, 9)))))), (3, WAY)),
    "a coordinate beyond 32 bits": block((2, message(IDS, (8, zigzag(0, 0, 2**31)), LONS)), (3, WAY)),
    "a coordinate that overflows": block((2, message(IDS, (8, zigzag(0, 0, 2**62)), LONS)), (3, WAY), scale=((17, 1000),)),
    "a granularity of 0": block((2, NODES), (3, WAY), scale=((17, 0),)),
    "an offset off the earth": block((2, NODES), (3, WAY), scale=((19, 2**50),)),
    "no table of texts": message((2, message((2, NODES)))),
    "two tables of texts": message((1, TEXTS), (1, TEXTS), (2, message((2, NODES)))),
    "a text of 1,025 bytes": block((2, NODES), (3, WAY), texts=TEXTS + message((1, b"x" * 1025))),
    "a NUL in a text": block((2, NODES), (3, WAY), texts=TEXTS + message((1, b"a\0b"))),
    "field 0": b"\x02\x00" + SOUND,
    "a wire type of groups": b"\x13" + SOUND,
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_a_block_that_does_not_hold_together_is_a_refused_file(tmp_path, kind):
    file = write(tmp_path / "made.osm.pbf", DAMAGED[kind])
    message = outcome(file)
    assert_one_sentence_naming(file, message)
    assert "damaged" in message


def test_the_hand_made_block_is_sound_otherwise(tmp_path):
    file = write(tmp_path / "made.osm.pbf", SOUND)
    assert our_streets(file) == osmium_streets(file)
    assert our_streets(file)[0] == {7: ([1, 2, 3], {"highway": "residential"})}


@pytest.mark.parametrize(("granularity", "offset"), [(1, 0), (1000, 0), (100, 123_456_789), (7, -5_000_000_050)])
def test_coordinates_are_scaled_as_pyosmium_scales_them(tmp_path, granularity, offset):
    scale = ((17, granularity), (19, offset % 2**64), (20, (offset + 33) % 2**64))
    lats, lons = (8, zigzag(5, -100_003, 777_777)), (9, zigzag(-5, 100_003, -777_777))
    file = write(tmp_path / "scaled.osm.pbf", block((2, message(IDS, lats, lons)), (3, WAY), scale=scale))
    assert our_streets(file) == osmium_streets(file)


@pytest.mark.parametrize("field", [8, 9])
def test_a_node_off_the_map_is_missing_and_cuts_the_way(tmp_path, field):
    """The second of three nodes lies at 200 degrees."""
    off = (field, zigzag(0, 2_000_000_000, 0))
    nodes = message(IDS, off, LONS if field == 8 else LATS)
    extract = read_osm(write(tmp_path / "off.osm.pbf", block((2, nodes), (3, WAY))))
    assert extract.counts["references_to_missing_nodes"] == 1 and extract.counts["ways_without_two_known_nodes"] == 1


def test_a_text_that_is_not_utf_8_is_a_refused_file(tmp_path):
    texts = TEXTS.replace(b"residential", b"residenti\xff\xfe")
    assert_one_sentence_naming(
        tmp_path / "x.osm.pbf", outcome(write(tmp_path / "x.osm.pbf", block((2, NODES), (3, WAY), texts=texts)))
    )


def test_what_nobody_knows_is_passed_over(tmp_path):
    """Fields of later versions of the format, of every wire type."""
    later = put_together([[30, 0, 5, "number"], [31, 1, bytes(8), "raw"], [500, 2, b"later", "text"], [33, 5, bytes(4), "raw"]])
    plain, more = block((2, NODES), (3, WAY)), block((2, NODES + later), (3, WAY + later)) + later
    files = [write(tmp_path / f"{n}.osm.pbf", content) for n, content in enumerate((plain, more))]
    assert our_streets(files[0]) == our_streets(files[1])


# ---------------------------------------------------------------- sizes and frames


@pytest.mark.parametrize("claimed", [1, 1024, 2**25, 2**25 + 1, 2**40])
def test_a_block_that_swells_beyond_what_it_claims_is_not_inflated(tmp_path, claimed):
    """240 MB of zeros; whatever is claimed, no more than 32 MiB and a byte are ever made of it."""
    packed = zlib.compress(bytes(240_000_000), 9)
    content = put_together([[2, 0, claimed, "number"], [3, 2, packed, "text"]])
    file = tmp_path / "bomb.osm.pbf"
    header = put_together([[1, 2, b"OSMData", "text"], [3, 0, len(content), "number"]])
    file.write_bytes(frame(b"OSMHeader", HEADER) + len(header).to_bytes(4, "big") + header + content)
    assert_one_sentence_naming(file, outcome(file))
    if claimed <= 2**25:
        (blob,) = pbf.data_blobs(file, file)
        tracemalloc.start()
        with pytest.raises(InputError):
            blob.inflate()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 2 * claimed + 3 * len(packed) + 200_000


def test_data_before_the_header_or_a_second_header_is_refused_as_pyosmium_does(tmp_path):
    for name, frames in {
        "none": [(b"OSMData", SOUND)],
        "late": [(b"OSMData", SOUND), (b"OSMHeader", HEADER)],
        "two": [(b"OSMHeader", HEADER), (b"OSMHeader", HEADER), (b"OSMData", SOUND)],
    }.items():
        file = tmp_path / f"{name}.osm.pbf"
        file.write_bytes(b"".join(frame(*one) for one in frames))
        assert_one_sentence_naming(file, outcome(file))
        with pytest.raises(RuntimeError):
            list(osmium.FileProcessor(str(file)))


@pytest.mark.parametrize("rubbish", [b"\0", b"\0\0\0\0", b"more", b"\0\0\0\x05abcde"])
def test_rubbish_behind_the_last_block_is_refused(tmp_path, rubbish):
    file = write(tmp_path / "more.osm.pbf", SOUND)
    file.write_bytes(file.read_bytes() + rubbish)
    assert_one_sentence_naming(file, outcome(file))


def test_a_file_without_blocks_of_data_is_refused(tmp_path):
    assert_one_sentence_naming(tmp_path / "bare.osm.pbf", outcome(write(tmp_path / "bare.osm.pbf")))
