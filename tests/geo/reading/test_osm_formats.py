"""Files that are no map, or mean harm: one sentence each, in bounded time and memory."""

import bz2
import gzip
import os
import socket
import tracemalloc

import osmium
import pytest
import toy_map
from toy_map import row, street

from lifecircle.geo.errors import InputError
from lifecircle.geo.reading.osm import read_osm

CHANGE = b'<osmChange version="0.6"><create><node id="1" version="1" lon="0" lat="0"/></create></osmChange>'
LAUGHS = b"".join(
    [
        b'<?xml version="1.0"?><!DOCTYPE osm [<!ENTITY a0 "ha">',
        *(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12)),
        b']><osm version="0.6" generator="&a11;"><node id="1" version="1" lon="0" lat="0"/></osm>',
    ]
)
SWOLLEN = b'<osm version="0.6">' + b" " * 150_000_000
REFUSED = {
    "changes.osm": (CHANGE, "file of changes"),
    "changes.osm.gz": (gzip.compress(CHANGE), "file of changes"),
    "changes.osc": (CHANGE, "file of changes"),
    "changes.osc.gz": (gzip.compress(CHANGE), "file of changes"),
    "changes.osc.pbf": (b"whatever", "file of changes"),
    "laughs.osm": (LAUGHS, "entities"),
    "laughs.osm.gz": (gzip.compress(LAUGHS), "entities"),
    "laughs.osm.bz2": (bz2.compress(LAUGHS), "entities"),
    "rubbish-behind.osm.gz": (gzip.compress(CHANGE.replace(b"Change", b"")) + b"rubbish", "cannot be read"),
    "deep.osm": (b'<osm version="0.6">' + b"<a>" * 100_000, "cannot be read"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_map_is_refused_in_one_sentence(tmp_path, name):
    content, reason = REFUSED[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=reason) as caught:
        read_osm(tmp_path / name)
    message = str(caught.value)
    assert message.startswith(f"{tmp_path / name}: ") and "\n" not in message


@pytest.mark.parametrize(("name", "pack"), [("bomb.osm.gz", gzip.compress), ("bomb.osm.bz2", bz2.compress)])
def test_a_packed_file_that_swells_without_end_is_refused_with_little_memory(tmp_path, name, pack):
    (tmp_path / name).write_bytes(pack(SWOLLEN))
    assert (tmp_path / name).stat().st_size < 200_000
    tracemalloc.start()
    with pytest.raises(InputError, match="swells to more than 250 times"):
        read_osm(tmp_path / name)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000


@pytest.mark.parametrize("name", ["folder.osm.pbf", "pipe.osm", "socket.osm.pbf"])
def test_only_ordinary_files_are_opened(tmp_path, name, monkeypatch):
    monkeypatch.chdir(tmp_path)  # a socket's name has room for a hundred characters
    if name.startswith("folder"):
        (tmp_path / name).mkdir()
    elif name.startswith("pipe"):
        os.mkfifo(name)
    else:
        with socket.socket(socket.AF_UNIX) as opened:
            opened.bind(name)
    with pytest.raises(InputError, match=name):
        read_osm(tmp_path / name)


@pytest.mark.parametrize(
    "place", ['lat="95"', 'lat="999"', 'lat="nan"', 'lat="inf"', 'lat=""', 'lat="north"', 'lon="-180.1"', 'lon="1e9"']
)
def test_a_node_off_the_earth_is_missing_and_the_way_is_cut_there(tmp_path, place):
    file = toy_map.write_map(tmp_path / "toy.osm", row(5), [street(5)])
    text, axis = file.read_text(), place.split("=")[0]
    for line in (line for line in text.splitlines() if '<node id="3"' in line):
        spoilt = " ".join(place if part.startswith(f"{axis}=") else part for part in line.removesuffix("></node>").split())
        text = text.replace(line, f"{spoilt}></node>")
    file.write_text(text)
    extract = read_osm(file)
    assert extract.streets.node_ids.tolist() == [1, 2, 4, 5]
    assert extract.counts["references_to_missing_nodes"] == 1


NAMES = ["toy.OSM", "toy.osm.xml", "toy.xml", "TOY.OSM.XML", "toy.XML.gz", "toy.osm.BZ2", "toy.osm.GZ", "toy.xml.bz2"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress])
def test_maps_are_known_by_their_content(tmp_path, name, pack):
    """Also where the name promises another packing."""
    plain = toy_map.write_map(tmp_path / "plain.osm", row(5), [street(5)])
    (tmp_path / name).write_bytes(pack(plain.read_bytes()))
    assert read_osm(tmp_path / name).streets.node_ids.tolist() == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("name", ["toy.OSM.PBF", "toy.PBF", "toy.osm", "toy.xml"])
def test_pbf_is_known_by_its_content(tmp_path, name):
    plain = toy_map.write_map(tmp_path / "plain.osm", row(5), [street(5)])
    osmium.apply(str(plain), osmium.WriteHandler(str(tmp_path / "plain.osm.pbf")))
    (tmp_path / name).write_bytes((tmp_path / "plain.osm.pbf").read_bytes())
    assert read_osm(tmp_path / name).streets.node_ids.tolist() == [1, 2, 3, 4, 5]


def with_remark(folder, remark, *, name="toy.osm", pack=bytes):
    plain = toy_map.write_map(folder / "plain.osm", row(5), [street(5)]).read_text()
    (folder / name).write_bytes(pack(plain.replace("</osm>", f"<remark>{remark}</remark></osm>").encode()))
    return folder / name


@pytest.mark.parametrize(
    "remark",
    [
        "runtime error: Query timed out in &quot;query&quot; at line 3 after 181 seconds.",
        " runtime error: Query run out of memory in &quot;recurse&quot; using about 2048 MB of RAM. ",
        "Timeout while reading",
        "The answer is incomplete.",
    ],
)
@pytest.mark.parametrize(("name", "pack"), [("toy.osm", bytes), ("toy.osm.gz", gzip.compress), ("toy.xml", bytes)])
def test_an_answer_that_broke_off_is_refused(tmp_path, remark, name, pack):
    with pytest.raises(InputError, match="is not complete, the server that made it says so") as caught:
        read_osm(with_remark(tmp_path, remark, name=name, pack=pack))
    assert remark.split()[-1] in str(caught.value)


def test_other_remarks_are_no_fault(tmp_path):
    """Nor are tags that are called so, or words of an error elsewhere."""
    assert len(read_osm(with_remark(tmp_path, "Data as of yesterday")).streets.node_ids) == 5
    tagged = toy_map.write_map(tmp_path / "b.osm", row(5), [street(5, highway="path", remark="runtime error: timed out")])
    assert len(read_osm(tagged).streets.node_ids) == 5


def test_json_is_refused_with_what_to_ask_for(tmp_path):
    for name in ("answer.json", "answer.osm", "answer.xml"):
        (tmp_path / name).write_text('\n{"version": 0.6, "elements": [], "remark": "runtime error: timed out"}')
        with pytest.raises(InputError, match=r"is JSON, .+ \[out:xml\]"):
            read_osm(tmp_path / name)


GEOM = '<nd ref="{n}" lat="0" lon="{x}"/>'


@pytest.mark.parametrize("nd", [GEOM, '<nd ref="{n}"/>', '<nd lat="0" lon="{x}"/>', ""])
def test_streets_without_any_node_are_refused_with_what_to_export(tmp_path, nd):
    """Overpass' `out geom`, `out tags` and a query that forgot to ask for nodes."""
    inside = "".join(nd.format(n=n, x=0.001 * n) for n in (1, 2, 3))
    place = '<node id="9" version="1" lat="0" lon="0"><tag k="shop" v="yes"/></node>'
    text = f'<osm version="0.6">{place}<way id="1" version="1">{inside}<tag k="highway" v="path"/></way></osm>'
    (tmp_path / "toy.osm").write_text(text)
    with pytest.raises(InputError, match=r"1 ways of streets but none of their nodes; .*out skel qt.*out geom") as caught:
        read_osm(tmp_path / "toy.osm")
    assert "no street" not in str(caught.value)


def test_places_alone_need_no_streets(tmp_path):
    file = toy_map.write_map(tmp_path / "toy.osm", row(2), node_tags={1: {"shop": "yes"}})
    assert len(read_osm(file).places) == 1
