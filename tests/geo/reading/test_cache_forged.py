"""Entries of the cache made by somebody who also made the checksums: whatever could not come from a map is read again."""

import json
import os

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather as feather
import pytest
import shapely
import toy_map
from toy_map import ROAD, row

from lifecircle.geo.errors import InputError
from lifecircle.geo.reading.cache import FOLDER, file_sha256, load_osm


@pytest.fixture
def extract(tmp_path):
    """A street, a lane and a clinic."""
    ways = [(range(1, 7), {**ROAD, "name": "人民路"}), ([6, 7, 8], {"highway": "path"})]
    return toy_map.write_map(tmp_path / "toy.osm", row(8), ways, node_tags={3: {"amenity": "clinic", "name": "卫生院"}})


def forge(entry, name, content):
    """Replace one file of an entry and make its checksums anew."""
    target = entry / name
    if callable(content):
        content(target)
    else:
        target.write_bytes(content)
    record = json.loads((entry / "entry.json").read_text())
    record["sha256"][name] = file_sha256(target)
    (entry / "entry.json").write_text(json.dumps(record))


def array(values, kind):
    return lambda target: np.save(target, np.array(values, kind))


def pickled(target):
    np.save(target, np.array([{"a": 1}], dtype=object), allow_pickle=True)


def swollen(target):
    """A header that claims 10^15 numbers."""
    content = target.read_bytes()
    claim = b"(1000000000000000,)"
    spaces = b" " * (len(claim) - len(b"(8,)"))
    target.write_bytes(content.replace(b"(8,)", claim, 1).replace(b"}" + spaces, b"}", 1))


def tags(frame):
    return lambda target: feather.write_feather(frame, str(target), compression="uncompressed")


def wild_dictionary(target):
    """Codes of a dictionary that has no such entries."""
    codes = pa.DictionaryArray.from_arrays(pa.array([0, 99], pa.int8()), pa.array(["residential"]), safe=False)
    feather.write_feather(pa.table({"highway": codes}), str(target), compression="uncompressed")


def places(**changes):
    columns = {"osm": ["n3"], "tags": ['{"amenity": "clinic"}'], **changes}
    geometry, crs = columns.pop("geometry", [shapely.Point(0.002, 0)]), columns.pop("crs", "EPSG:4326")
    return lambda target: gpd.GeoDataFrame(columns, geometry=geometry, crs=crs).to_parquet(target)


def counts(**changes):
    def write(target):
        target.write_text(json.dumps({**json.loads(target.read_text()), **changes}))

    return write


WAYS = pd.DataFrame({"highway": pd.Categorical(["residential", "path"])})
FORGED = {
    "node ids not ascending": ("node_ids.npy", array([1, 2, 2, 4, 5, 6, 7, 8], np.int64)),
    "node ids of another type": ("node_ids.npy", array(range(1, 9), np.int32)),
    "fewer node ids": ("node_ids.npy", array(range(1, 8), np.int64)),
    "a table of node ids": ("node_ids.npy", array([[1, 2], [3, 4]], np.int64)),
    "a longitude that is no number": ("lon.npy", array([np.nan] * 8, np.float64)),
    "a longitude without end": ("lon.npy", array([np.inf] * 8, np.float64)),
    "a latitude beyond the pole": ("lat.npy", array([95.0] * 8, np.float64)),
    "latitudes of another length": ("lat.npy", array([0.0] * 7, np.float64)),
    "a way through a node that is not there": ("way_nodes.npy", array([0, 1, 2, 3, 4, 5, 5, 6, 8], np.int32)),
    "a way through a node below 0": ("way_nodes.npy", array([0, 1, 2, 3, 4, 5, 5, 6, -1], np.int32)),
    "ways that start behind the end": ("way_starts.npy", array([0, 6, 10], np.int64)),
    "ways that start backwards": ("way_starts.npy", array([0, 10, 9], np.int64)),
    "ways that do not start at 0": ("way_starts.npy", array([-4, 6, 9], np.int64)),
    "a way of one node": ("way_starts.npy", array([0, 8, 9], np.int64)),
    "no start at all": ("way_starts.npy", array([], np.int64)),
    "fewer way ids": ("way_ids.npy", array([1], np.int64)),
    "an array of objects": ("way_ids.npy", pickled),
    "an array larger than its file": ("node_ids.npy", swollen),
    "no array": ("lon.npy", b"nothing of the kind"),
    "tags of another length": ("tags.feather", tags(WAYS.iloc[:1])),
    "tags that are no categories": ("tags.feather", tags(WAYS.astype(str))),
    "categories that are numbers": ("tags.feather", tags(pd.DataFrame({"highway": pd.Categorical([1, 2])}))),
    "a tag nobody reads": ("tags.feather", tags(WAYS.rename(columns={"highway": "lowway"}))),
    "codes without a category": ("tags.feather", wild_dictionary),
    "no table of tags": ("tags.feather", b"ARROW1\0\0" + bytes(100)),
    "places without tags": ("places.parquet", lambda target: places()(target) or _drop(target, "tags")),
    "a place off the map": ("places.parquet", places(geometry=[shapely.Point(181, 0)])),
    "a place that is nowhere": ("places.parquet", places(geometry=[shapely.Point(np.nan, 0)])),
    "a place without a shape": ("places.parquet", places(geometry=[None])),
    "places on another grid": ("places.parquet", places(crs="EPSG:3857")),
    "a place called otherwise": ("places.parquet", places(osm=["<script>"])),
    "tags that are a list": ("places.parquet", places(tags=["[1, 2]"])),
    "tags that are numbers": ("places.parquet", places(tags=['{"amenity": 7}'])),
    "tags that are no JSON": ("places.parquet", places(tags=["{"])),
    "no table of places": ("places.parquet", b"PAR1" + bytes(50) + b"PAR1"),
    "counts that are a list": ("counts.json", b"[1]"),
    "counts that are texts": ("counts.json", counts(street_ways="two")),
    "counts of something else": ("counts.json", b"{}"),
    "counts that do not fit": ("counts.json", counts(street_nodes=9)),
    "a list of the unused without examples": ("unused.json", b'{"versions": {"count": 3, "examples": []}}'),
    "fewer unused than examples": ("unused.json", b'{"versions": {"count": 0, "examples": [{"element": "n1", "text": ""}]}}'),
    "unused elements that are numbers": ("unused.json", b'{"versions": {"count": 1, "examples": [{"element": 1, "text": ""}]}}'),
    "no list of the unused": ("unused.json", b"[1]"),
    "counts nested without end": ("counts.json", b"[" * 100_000),
}


def _drop(target, column):
    gpd.read_parquet(target).drop(columns=column).to_parquet(target)


@pytest.mark.parametrize("kind", FORGED)
def test_a_forged_entry_is_read_again(extract, tmp_path, kind):
    expected = load_osm([extract], tmp_path).extract
    (entry,) = (tmp_path / FOLDER).iterdir()
    forge(entry, *FORGED[kind])
    again = load_osm([extract], tmp_path)
    assert not again.cached
    assert again.extract.counts == expected.counts
    np.testing.assert_array_equal(again.extract.streets.way_nodes, expected.streets.way_nodes)
    assert load_osm([extract], tmp_path).cached, "and the entry is whole again"


def test_a_forgery_that_changes_nothing_is_taken(extract, tmp_path):
    """The forger's own tools write what the cache accepts: the other tests fail for what they forge, not for how."""
    load_osm([extract], tmp_path)
    (entry,) = (tmp_path / FOLDER).iterdir()
    forge(entry, "node_ids.npy", array(range(1, 9), np.int64))
    forge(entry, "tags.feather", tags(WAYS))
    forge(entry, "places.parquet", places())
    forge(entry, "counts.json", counts())
    assert load_osm([extract], tmp_path).cached


@pytest.mark.parametrize("record", [b"[]", b"{}", b"\xff", b'{"format": 4, "sha256": {"../../../dev/zero": ""}}', b"[" * 100_000])
def test_a_record_that_says_nothing_is_read_again(extract, tmp_path, record):
    load_osm([extract], tmp_path)
    (entry,) = (tmp_path / FOLDER).iterdir()
    (entry / "entry.json").write_bytes(record)
    assert not load_osm([extract], tmp_path).cached
    assert load_osm([extract], tmp_path).cached


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes on this system")
def test_a_pipe_in_an_entry_or_as_an_extract_is_not_waited_for(extract, tmp_path):
    load_osm([extract], tmp_path)
    (entry,) = (tmp_path / FOLDER).iterdir()
    (entry / "lon.npy").unlink()
    os.mkfifo(entry / "lon.npy")
    assert not load_osm([extract], tmp_path).cached
    os.mkfifo(tmp_path / "pipe.osm")
    for endless in (tmp_path / "pipe.osm", tmp_path):
        with pytest.raises(InputError, match=endless.name):
            load_osm([endless], tmp_path)
