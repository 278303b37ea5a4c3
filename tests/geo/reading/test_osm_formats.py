"""Files that are no map, or mean harm: one sentence each, in bounded time and memory."""

import bz2
import gzip
import os
import socket
import tracemalloc

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
