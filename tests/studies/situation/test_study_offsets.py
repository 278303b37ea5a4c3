"""Undeclared GCJ-02 and BD-09: found where points lie on streets, silent where nothing can be told."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from lifecircle.geo.coordinates import bd09_from_wgs84, gcj02_from_wgs84
from lifecircle.geo.reading.osm import read_osm
from lifecircle.geo.streets import Streets
from lifecircle.layers.source import Source
from lifecircle.layers.tables import read_table
from lifecircle.layers.units import unit_points
from lifecircle.studies.situation.offsets import Doubts, likely_offset

SHIFTS = {None: lambda lon, lat: (lon, lat), "GCJ-02": gcj02_from_wgs84, "BD-09": bd09_from_wgs84}


def roads(west: float, south: float) -> Streets:
    """Eleven straight roads from south to north, about 2 km apart."""
    lon = np.repeat(west + 0.02 * np.arange(11), 2)
    lat = np.tile([south, south + 0.2], 11)
    return Streets(
        node_ids=np.arange(1, 23),
        lon=lon,
        lat=lat,
        way_ids=np.arange(1, 12),
        way_starts=np.arange(0, 23, 2),
        way_nodes=np.arange(22, dtype=np.int32),
        tags=pd.DataFrame({"highway": pd.Categorical(["primary"] * 11)}),
    )


def beside(streets: Streets, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Places within about 20 m of a road."""
    random = np.random.default_rng(5)
    lon = random.choice(streets.lon, count) + random.uniform(-2e-4, 2e-4, count)
    return lon, random.uniform(streets.lat.min() + 0.02, streets.lat.max() - 0.02, count)


@pytest.mark.parametrize("system", SHIFTS, ids=str)
@pytest.mark.parametrize("count", [12, 2_000])
def test_the_system_of_a_list_beside_roads_is_named(system, count):
    streets = roads(120.0, 29.0)
    assert likely_offset(*SHIFTS[system](*beside(streets, count)), streets) == system


def test_few_points_prove_nothing():
    streets = roads(120.0, 29.0)
    assert likely_offset(*gcj02_from_wgs84(*beside(streets, 5)), streets) is None


def test_points_that_are_nowhere_near_a_street_in_any_system_prove_nothing():
    streets = roads(120.0, 29.0)
    random = np.random.default_rng(6)
    assert likely_offset(random.uniform(120, 120.2, 300), random.uniform(29, 29.2, 300), streets) is None


def test_no_points_no_streets_and_other_continents_are_silent():
    streets, nothing = roads(120.0, 29.0), np.empty(0)
    assert likely_offset(nothing, nothing, streets) is None
    europe = roads(9.0, 47.0)
    lon, lat = beside(europe, 50)
    assert likely_offset(*bd09_from_wgs84(lon, lat), europe) is None


def test_no_real_list_in_wgs84_is_called_shifted(shared_data):
    """And every one of them is seen once shifted to BD-09, which moves a place by some 1,000 m."""
    tested = 0
    for file in sorted((shared_data / "china-osm").glob("*.osm")):
        extract = read_osm(file)
        if len(extract.places) >= 50:
            lon, lat = unit_points(extract.places.geometry)
            assert likely_offset(lon, lat, extract.streets) is None, file.name
            assert likely_offset(*bd09_from_wgs84(lon, lat), extract.streets) == "BD-09", file.name
            tested += 1
    assert tested >= 5


def table_file(folder, lon, lat, name="list.csv", **columns) -> Source:
    file = folder / name
    pd.DataFrame({"lon": lon, "lat": lat, **columns}).to_csv(file, index=False)
    return Source(file=file)


def asked(source: Source, streets: Streets | None) -> list[tuple[str, str | None]]:
    doubts, layer = Doubts(), read_table(source)
    doubts.ask(source, layer.table.geometry, assumed=layer.assumed)
    return [(doubt.file, doubt.suspected) for doubt in doubts.found(streets)]


def test_a_table_in_china_that_says_nothing_gets_the_verdict_or_a_question(tmp_path):
    streets = roads(120.0, 29.0)
    shifted = table_file(tmp_path, *gcj02_from_wgs84(*beside(streets, 40)))
    assert asked(shifted, streets) == [("list.csv", "GCJ-02")]
    assert asked(shifted, None) == [("list.csv", None)]  # without streets nobody can tell
    few = table_file(tmp_path, [120.1, 120.2], [29.1, 29.1], "few.csv")
    assert asked(few, streets) == [("few.csv", None)]
    for system in ("EPSG:4326", "GCJ-02"):
        assert asked(few.model_copy(update={"crs": system}), streets) == []


def test_tables_elsewhere_and_files_that_say_it_are_not_asked(tmp_path):
    assert asked(table_file(tmp_path, [8.0, 8.1], [47.0, 47.1]), None) == []
    for lon, lat in ((126.98, 37.57), (105.85, 21.03), (85.32, 27.71), (139.7, 35.7), (121.0, 14.6)):  # Seoul to Manila
        assert asked(table_file(tmp_path, [lon], [lat]), None) == [], (lon, lat)
    table = gpd.GeoDataFrame({"a": [1]}, geometry=gpd.points_from_xy([120.1], [29.1]), crs=4326)
    for name in ("a.gpkg", "a.geojson"):
        table.to_file(tmp_path / name)
        assert asked(Source(file=tmp_path / name), roads(120.0, 29.0)) == []


@pytest.mark.parametrize(
    ("lon", "lat"),
    [
        (116.4, 39.9),
        (122.5, 53.0),
        (134.3, 48.3),
        (76.0, 39.5),
        (91.1, 29.6),
        (101.3, 21.7),
        (109.5, 18.25),
        (121.5, 25.0),
        (121.9, 28.5),
    ],
)
def test_all_of_china_is_asked(tmp_path, lon, lat):
    """Beijing, Mohe, Fuyuan, Kashgar, Lhasa, Xishuangbanna, Sanya, Taipei and the islands of Dachen."""
    assert asked(table_file(tmp_path, [lon], [lat]), None) == [("list.csv", None)]


def test_a_file_is_told_once_whatever_it_is_read_for(tmp_path):
    source = table_file(tmp_path, [120.1, 120.2], [29.1, 29.1])
    layer, doubts = read_table(source), Doubts()
    for label in ("health", "school"):
        doubts.ask(source, layer.table.geometry, assumed=layer.assumed, label=label)
    assert [doubt.label for doubt in doubts.found(None)] == ["health"]
    doubts.ask(source, layer.table.geometry, assumed=layer.assumed, label="candidates")
    assert doubts.found(None) == []
