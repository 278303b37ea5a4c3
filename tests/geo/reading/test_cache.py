"""Parsed extracts in the cache: taken only when every byte is as it was written."""

import errno
import json
import os

import numpy as np
import pandas as pd
import pytest
import toy_map
from geopandas.testing import assert_geodataframe_equal
from toy_map import ROAD, row

from lifecircle.geo.errors import InputError
from lifecircle.geo.reading import cache
from lifecircle.geo.reading.cache import DRAFT, FOLDER, load_osm
from lifecircle.geo.reading.osm import read_osm


@pytest.fixture
def extract(tmp_path):
    """A street, a lane and a clinic with a Chinese name."""
    ways = [(range(1, 7), {**ROAD, "name": "人民路", "maxspeed": "40"}), ([6, 7, 8], {"highway": "path"})]
    clinic = {3: {"amenity": "clinic", "name": "卫生院"}}
    return toy_map.write_map(tmp_path / "toy.osm", row(8), ways, node_tags=clinic)


def entry_of(folder):
    (entry,) = (folder / FOLDER).iterdir()
    return entry


def assert_same(got, expected):
    assert got.counts == expected.counts
    for name in cache.ARRAYS:
        np.testing.assert_array_equal(getattr(got.streets, name), getattr(expected.streets, name))
    pd.testing.assert_frame_equal(got.streets.tags, expected.streets.tags)
    assert_geodataframe_equal(got.places, expected.places)


def test_the_second_load_is_cached_and_says_the_same(extract, tmp_path):
    first, second = load_osm([extract], tmp_path), load_osm([extract], tmp_path)
    assert (first.cached, second.cached) == (False, True)
    assert_same(second.extract, read_osm(extract))
    assert_same(first.extract, read_osm(extract))


@pytest.mark.parametrize(
    "name", ["monaco/monaco_quackosm.osm.pbf", "china-osm/shanghai_huangpu.osm", "osm-odd/bangor_maine.osm.pbf"]
)
def test_real_extracts_come_back_from_the_cache_as_they_were(shared_data, tmp_path, name):
    """Two of them have no tagged place at all."""
    expected = load_osm([shared_data / name], tmp_path)
    again = load_osm([shared_data / name], tmp_path)
    assert (expected.cached, again.cached) == (False, True)
    assert_same(again.extract, expected.extract)


def test_the_same_content_under_another_name_is_the_same_entry(extract, tmp_path):
    load_osm([extract], tmp_path)
    copy = tmp_path / "copy.osm"
    copy.write_bytes(extract.read_bytes())
    assert load_osm([copy], tmp_path).cached


def test_a_changed_extract_is_read_again(extract, tmp_path):
    load_osm([extract], tmp_path)
    extract.write_text(extract.read_text(encoding="utf-8").replace('v="40"', 'v="60"'), encoding="utf-8")
    again = load_osm([extract], tmp_path)
    assert not again.cached
    assert again.extract.streets.tag("maxspeed").iloc[0] == "60"


def test_a_flipped_byte_in_any_cached_file_is_found_and_the_entry_rebuilt(extract, tmp_path):
    expected = load_osm([extract], tmp_path).extract
    files = sorted(entry_of(tmp_path).iterdir())
    assert len(files) >= 9
    for file in files:
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 0x10
        file.write_bytes(content)
        again = load_osm([extract], tmp_path)
        assert not again.cached, file.name
        assert_same(again.extract, expected)
        assert load_osm([extract], tmp_path).cached, file.name


def test_every_byte_of_the_record_counts(extract, tmp_path):
    """Whatever happens to entry.json, one never gets other numbers than the extract's."""
    expected = load_osm([extract], tmp_path).extract
    record = entry_of(tmp_path) / "entry.json"
    sound = record.read_bytes()
    for at in range(0, len(sound), 3):
        spoilt = bytearray(sound)
        spoilt[at] ^= 0x01
        record.write_bytes(spoilt)
        found = cache._open_entry(entry_of(tmp_path))
        assert found is None or found.counts == expected.counts, bytes(spoilt[max(0, at - 20) : at + 20])


@pytest.mark.parametrize("name", ["lon.npy", "tags.feather", "places.parquet", "entry.json"])
def test_a_missing_file_is_rebuilt(extract, tmp_path, name):
    load_osm([extract], tmp_path)
    (entry_of(tmp_path) / name).unlink()
    assert not load_osm([extract], tmp_path).cached
    assert load_osm([extract], tmp_path).cached


def test_an_entry_of_another_format_is_rebuilt(extract, tmp_path):
    load_osm([extract], tmp_path)
    record = entry_of(tmp_path) / "entry.json"
    content = json.loads(record.read_text())
    record.write_text(json.dumps({**content, "format": content["format"] + 1}))
    assert not load_osm([extract], tmp_path).cached
    assert load_osm([extract], tmp_path).cached


def test_a_folder_that_cannot_be_written_to_is_no_error(extract, tmp_path):
    """A file stands where the folder would be, which stops even an administrator."""
    (tmp_path / FOLDER).write_text("not a folder")
    for _ in range(2):
        loaded = load_osm([extract], tmp_path)
        assert not loaded.cached
        assert_same(loaded.extract, read_osm(extract))


def test_a_full_disk_is_no_error_and_leaves_nothing_behind(extract, tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(cache.np, "save", full)
    assert not load_osm([extract], tmp_path).cached
    assert list((tmp_path / FOLDER).iterdir()) == []


def test_drafts_of_killed_runs_are_swept_and_those_of_others_left(extract, tmp_path):
    folder = tmp_path / FOLDER
    old, fresh = folder / f"{DRAFT}old", folder / f"{DRAFT}fresh"
    for draft in (old, fresh):
        draft.mkdir(parents=True)
    os.utime(old, (0, 0))
    load_osm([extract], tmp_path)
    assert not old.exists()
    assert fresh.exists()


def test_a_missing_extract_is_an_error_that_names_it(tmp_path):
    with pytest.raises(InputError, match=r"nowhere\.osm"):
        load_osm([tmp_path / "nowhere.osm"], tmp_path)
