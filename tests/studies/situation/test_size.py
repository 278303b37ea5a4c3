"""A study that would not fit in memory is refused before anything long begins, with what it needs."""

from types import SimpleNamespace

import geopandas as gpd
import pandas as pd
import pytest
import toy_study

from lifecircle.geo import memory
from lifecircle.geo.errors import TooLargeError
from lifecircle.layers.row_counts import row_count
from lifecircle.layers.source import Source
from lifecircle.studies.check import check as checking
from lifecircle.studies.check.check import check
from lifecircle.studies.situation import inputs, size
from lifecircle.studies.situation.size import needed_bytes


def test_five_million_points_and_three_hundred_goals_need_more_than_a_workstation_has():
    assert needed_bytes(5_000_000, 1, cells=False) == 5_000_000 * 9_000  # 45 GB
    assert needed_bytes(5_000_000, 300, cells=True) == 5_000_000 * (1_700 + 150_000)
    assert needed_bytes(20_000, 300, cells=False) < 16e9


def test_rows_are_counted_without_reading(tmp_path):
    table = toy_study.people_table([(f"u{n}", n, 0, 1) for n in range(40)])
    shapes = gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(table["lon"], table["lat"]), crs="EPSG:4326")
    table.to_csv(tmp_path / "p.csv", index=False)
    table.to_parquet(tmp_path / "p.parquet")
    shapes.to_file(tmp_path / "p.gpkg")
    shapes.to_file(tmp_path / "p.geojson")
    counts = {kind: row_count(Source(file=tmp_path / f"p.{kind}")) for kind in ("csv", "parquet", "gpkg", "geojson")}
    assert counts == {"csv": 41, "parquet": 40, "gpkg": 40, "geojson": None}
    file = tmp_path / "p.gpkg"
    shapes.head(3).to_file(file, layer="villages")
    assert (row_count(Source(file=file, layer="villages")), row_count(Source(file=file))) == (3, 40)


@pytest.fixture
def small_memory(monkeypatch):
    monkeypatch.setattr(memory.psutil, "virtual_memory", lambda: SimpleNamespace(available=20_000))


def run_four(folder):
    people = toy_study.people_table([(f"u{n}", n, 0, 1) for n in range(4)])
    return toy_study.run_toy(folder, people, toy_study.points_table([("a", 1, 0)]))


def test_a_table_with_too_many_rows_is_refused_before_anything_is_read(tmp_path, small_memory, monkeypatch):
    monkeypatch.setattr(inputs, "load_osm", lambda *args: pytest.fail("streets were read"))
    with pytest.raises(TooLargeError, match="5 demand units and 1 goals about travel times needs about"):
        run_four(tmp_path)
    assert not list((tmp_path / "out").glob("*"))


def test_too_many_units_are_refused_as_soon_as_they_are_counted(tmp_path, small_memory, monkeypatch):
    monkeypatch.setattr(size, "row_count", lambda *args: None)
    monkeypatch.setattr(inputs, "_facilities", lambda *args: pytest.fail("facilities were read"))
    with pytest.raises(TooLargeError, match="4 demand units and 1 goals"):
        run_four(tmp_path)


def test_check_refuses_what_a_run_would(tmp_path, small_memory, monkeypatch):
    with pytest.raises(TooLargeError) as refused:
        run_four(tmp_path)
    monkeypatch.setattr(checking, "read_people", lambda *given: pytest.fail("people were read"))
    errors = [finding for finding in check(tmp_path / "study.yaml", lang="en") if finding.severity == "error"]
    assert [(error.layer, error.kind, error.message) for error in errors] == [("demand", "too_large", str(refused.value))]


def test_check_refuses_units_that_only_reading_counts(tmp_path, small_memory, monkeypatch):
    monkeypatch.setattr(size, "row_count", lambda *args: None)
    with pytest.raises(TooLargeError):
        run_four(tmp_path)
    found = check(tmp_path / "study.yaml", lang="zh")
    assert [finding.kind for finding in found if finding.severity == "error"] == ["too_large"]
    assert "4 个人口统计单元" in found[0].message


def test_what_fits_is_not_asked(tmp_path):
    people = pd.DataFrame(toy_study.people_table([("u", 1, 0, 5)]))
    assert toy_study.run_toy(tmp_path, people, toy_study.points_table([("a", 1, 0)])).results.demand["people"].sum() == 5
