"""Files read back by other programs hold what the results hold."""

import csv as plain_csv
import dataclasses
import json
import sqlite3
import time
from contextlib import closing
from xml.etree import ElementTree

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

from lifecircle.analyses.scorecard import COLUMNS
from lifecircle.geo.errors import InputError
from lifecircle.maps.exports import vector
from lifecircle.maps.exports.raster import write_minutes
from lifecircle.maps.exports.results_layers import demand_table, results_layers, write_styles
from lifecircle.maps.exports.scorecard import scorecard_table
from lifecircle.maps.exports.table import defuse, fused, write_csv
from lifecircle.maps.exports.vector import write_geojson, write_geopackage, write_geoparquet

DATES = {
    "gpkg_metadata_reference": "SELECT timestamp FROM gpkg_metadata_reference",
    "layer_styles": "SELECT update_time FROM layer_styles",
}
SOURCES = ("© OpenStreetMap contributors (ODbL)", "people.csv: 统计局, CC BY 4.0")


def write_package(results, path):
    write_geopackage(path, results_layers(results), sources=SOURCES, language="en")
    write_styles(results, path)


def write_scorecard(results, path):
    write_csv(scorecard_table(results, "en"), path, sources=SOURCES, exact=True)


@pytest.fixture(scope="module")
def package(toy, tmp_path_factory):
    path = tmp_path_factory.mktemp("gpkg") / "results.gpkg"
    write_package(toy, path)
    return path


def styles_of(path):
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT f_table_name, styleName, useAsDefault, styleQML FROM layer_styles").fetchall()
    return pd.DataFrame(rows, columns=["layer", "name", "default", "qml"])


def test_demand_keeps_order_columns_and_missing_times(toy, tmp_path):
    write_geoparquet(demand_table(toy), tmp_path / "demand.parquet", sources=SOURCES)
    back = gpd.read_parquet(tmp_path / "demand.parquet")
    assert list(back.columns[:3]) == ["id", "people", "geometry"]
    assert back["id"].tolist() == toy.demand["id"].tolist()
    assert back.crs.to_epsg() == 4326
    for goal in toy.goals:
        assert back[f"{goal.id}.status"].tolist() == toy.demand[f"{goal.id}.status"].tolist()
        np.testing.assert_array_equal(back[f"{goal.id}.minutes"], toy.demand[f"{goal.id}.minutes"])
        assert back[f"{goal.id}.facility"].isna().equals(toy.demand[f"{goal.id}.facility"].isna())


def test_missing_times_are_nulls_for_plain_readers(toy, tmp_path):
    write_geoparquet(demand_table(toy), tmp_path / "demand.parquet", sources=SOURCES)
    back = pd.read_parquet(tmp_path / "demand.parquet", dtype_backend="pyarrow")
    expected = int(toy.demand["fitness-10min.minutes"].isna().sum())
    assert back["fitness-10min.minutes"].isna().sum() == expected > 0


def test_scorecard_reads_cleanly_by_pandas_and_by_plain_readers(toy, tmp_path):
    write_scorecard(toy, tmp_path / "scorecard.csv")
    back = pd.read_csv(tmp_path / "scorecard.csv", dtype={"unit": str})
    assert tuple(back.columns)[: len(COLUMNS)] == COLUMNS
    np.testing.assert_array_equal(back["share"], toy.scorecard["share"])
    with (tmp_path / "scorecard.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(plain_csv.DictReader(file))
    assert rows[0]["goal"] == "fitness-10min"
    assert rows[1]["name"] == "东阳区"
    assert {row["target"] for row in rows if row["goal"] == "rural-90min"} == {""}


def test_scorecard_with_a_mark_for_excel(toy, tmp_path):
    write_scorecard(toy, tmp_path / "scorecard.csv")
    assert (tmp_path / "scorecard.csv").read_bytes().startswith(b"\xef\xbb\xbfgoal,")
    assert pd.read_csv(tmp_path / "scorecard.csv").columns[0] == "goal"


@pytest.mark.parametrize("name", ["=1+1", "+86", "-镇", "@x", "\tx"])
def test_names_that_look_like_formulas_become_text(toy, tmp_path, name):
    card = toy.scorecard.assign(name=name)
    write_scorecard(dataclasses.replace(toy, scorecard=card), tmp_path / "s.csv")
    assert set(pd.read_csv(tmp_path / "s.csv")["name"]) == {"'" + name}


def test_ordinary_and_missing_names_stay(toy, tmp_path):
    write_scorecard(toy, tmp_path / "s.csv")
    back = pd.read_csv(tmp_path / "s.csv")
    assert back["name"].isna().tolist() == toy.scorecard["name"].isna().tolist()
    assert set(back["name"].dropna()) == set(toy.scorecard["name"].dropna())


def test_gaps_are_valid_geojson_with_nulls(toy, tmp_path):
    gaps = toy.gaps.copy()
    gaps.loc[0, "minutes"] = np.nan
    write_geojson(gaps, tmp_path / "gaps.geojson", name="gaps", sources=SOURCES)
    collection = json.loads((tmp_path / "gaps.geojson").read_text(encoding="utf-8"))
    assert collection["features"][0]["properties"]["minutes"] is None
    assert "© OpenStreetMap contributors (ODbL)" in collection["attribution"]
    back = gpd.read_file(tmp_path / "gaps.geojson")
    assert back["people"].tolist() == gaps["people"].tolist()
    assert shapely.is_valid(back.geometry).all()
    parts = back.geometry.explode()
    assert shapely.is_ccw(parts.exterior.to_numpy()).all()


def test_gaps_are_written_in_parts_of_any_size(toy, tmp_path, monkeypatch):
    assert len(toy.gaps) > 3
    for size in (20_000, len(toy.gaps), 2):
        monkeypatch.setattr(vector, "_FEATURES_AT_ONCE", size)
        monkeypatch.setattr(vector, "_POLYGONS_AT_ONCE", size)
        write_geojson(toy.gaps, tmp_path / f"{size}.geojson", name="gaps", sources=SOURCES)
        write_package(toy, tmp_path / f"{size}.gpkg")
    whole, *parts = (
        ((tmp_path / f"{size}.geojson").read_bytes(), gpd.read_file(tmp_path / f"{size}.gpkg", layer="gaps", fid_as_index=True))
        for size in (20_000, len(toy.gaps), 2)
    )
    for text, table in parts:
        assert text == whole[0]
        pd.testing.assert_frame_equal(table, whole[1])


def test_no_gaps_is_an_empty_collection(toy, tmp_path):
    write_geojson(toy.gaps.iloc[:0], tmp_path / "gaps.geojson", name="gaps", sources=SOURCES)
    assert json.loads((tmp_path / "gaps.geojson").read_text(encoding="utf-8"))["features"] == []


def test_package_has_the_layers_with_every_row(toy, package):
    kinds = dict(pyogrio.list_layers(package))
    assert kinds == {
        "demand": "Point", "facilities": "Point", "zones": "MultiPolygon", "gaps": "MultiPolygon", "layer_styles": None,
    }  # fmt: skip
    demand = gpd.read_file(package, layer="demand")
    assert demand["fitness-10min.status"].tolist() == toy.demand["fitness-10min.status"].tolist()
    assert len(gpd.read_file(package, layer="facilities")) == len(toy.facilities)
    assert len(gpd.read_file(package, layer="gaps")) == len(toy.gaps)


def test_zones_hold_every_level_with_their_shares(toy, package):
    zones = gpd.read_file(package, layer="zones")
    assert zones["level"].value_counts().to_dict() == {"county": 2, "township": 12}
    rows = toy.scorecard.query("goal == 'fitness-10min' and level == 'township'").set_index("unit")
    towns = zones[zones["level"] == "township"].set_index("zone")
    np.testing.assert_array_equal(towns["fitness-10min.share"], rows.loc[towns.index, "share"])


def test_every_layer_has_one_default_style_of_well_formed_xml(toy, package):
    styles = styles_of(package)
    assert styles.groupby("layer")["default"].sum().to_dict() == {"demand": 1, "facilities": 1, "gaps": 1, "zones": 1}
    assert set(styles.query("layer == 'demand'")["name"]) == {goal.id for goal in toy.goals}
    for qml in styles["qml"]:
        root = ElementTree.fromstring(qml.encode("utf-8"))
        renderer = root.find("renderer-v2")
        used = {node.get("symbol") for node in renderer.iter() if node.get("symbol") is not None}
        assert root.tag == "qgis"
        assert used == {symbol.get("name") for symbol in renderer.find("symbols")}


@pytest.mark.parametrize(("layer", "table"), [("demand", "demand"), ("zones", "zones")])
def test_style_rules_put_every_row_in_exactly_one_class(toy, package, layer, table):
    """QGIS filters are close enough to SQL to count them where the data are."""
    with closing(sqlite3.connect(package)) as connection:
        total = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        for qml in styles_of(package).query("layer == @layer")["qml"]:
            rules = [rule.get("filter") for rule in ElementTree.fromstring(qml.encode("utf-8")).iter("rule")]
            counts = [connection.execute(f"SELECT count(*) FROM {table} WHERE {rule}").fetchone()[0] for rule in rules]
            assert sum(counts) == total
            assert max(counts) < total


def test_package_replaces_an_older_one(toy, tmp_path):
    for _ in range(2):
        write_package(toy, tmp_path / "r.gpkg")
    assert len(gpd.read_file(tmp_path / "r.gpkg", layer="demand")) == len(toy.demand)


def test_package_of_polygons_without_zones_or_gaps(build_results, tmp_path):
    results = build_results(shape="polygon")
    write_package(dataclasses.replace(results, zones={}, gaps=results.gaps.iloc[:0]), tmp_path / "r.gpkg")
    assert len(gpd.read_file(tmp_path / "r.gpkg", layer="demand")) == len(results.demand)
    assert len(gpd.read_file(tmp_path / "r.gpkg", layer="zones")) == 0


def test_minutes_become_a_cloud_optimised_geotiff(tmp_path):
    minutes = np.add.outer(np.arange(700.0), np.arange(600.0)) / 10
    minutes[3, 5] = np.nan
    write_minutes(tmp_path / "m.tif", minutes, transform=from_origin(5e5, 3.3e6, 100, 100), crs="EPSG:4549", sources=SOURCES)
    with rasterio.open(tmp_path / "m.tif") as raster:
        assert raster.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert raster.tags(ns="IMAGE_STRUCTURE")["COMPRESSION"] == "DEFLATE"
        assert (raster.crs.to_epsg(), raster.dtypes, raster.overviews(1)) == (4549, ("float32",), [2])
        assert np.isnan(raster.nodata)
        assert raster.xy(0, 0) == (500050.0, 3299950.0)
        np.testing.assert_array_equal(raster.read(1), minutes.astype("float32"))


@pytest.mark.parametrize("shape", [(4,), (0, 3)])
def test_minutes_must_be_a_table(tmp_path, shape):
    with pytest.raises(InputError, match="rows and columns"):
        write_minutes(tmp_path / "m.tif", np.zeros(shape), transform=from_origin(0, 0, 1, 1), crs="EPSG:4549", sources=SOURCES)


def test_a_geopackage_is_the_same_at_any_time_but_for_the_date_of_gdal(toy, tmp_path, monkeypatch):
    """Two equal runs are equal byte for byte where the date is given; one of our own beside it would tell them apart."""
    monkeypatch.setenv("OGR_CURRENT_DATE", "2025-01-01T00:00:00.000Z")
    for name in ("a.gpkg", "b.gpkg"):
        write_package(toy, tmp_path / name)
        time.sleep(0.01)  # SQLite's own dates have milliseconds
    assert (tmp_path / "a.gpkg").read_bytes() == (tmp_path / "b.gpkg").read_bytes()
    with closing(sqlite3.connect(tmp_path / "a.gpkg")) as package:
        dates = [row[0] for table in ("gpkg_metadata_reference", "layer_styles") for row in package.execute(DATES[table])]
    assert set(dates) == {"2025-01-01T00:00:00.000Z"}


def test_every_polygon_layer_of_a_geopackage_holds_multipolygons_only(toy, tmp_path, recwarn):
    write_package(toy, tmp_path / "results.gpkg")
    for layer in ("zones", "gaps"):
        read = gpd.read_file(tmp_path / "results.gpkg", layer=layer)
        assert set(read.geometry.geom_type) == {"MultiPolygon"}
    assert not [warning for warning in recwarn if "geometry type" in str(warning.message)]


def metadata(path):
    told = pq.read_schema(path).metadata
    return {key.decode(): value.decode() for key, value in told.items()}


def test_a_geoparquet_names_its_sources_and_columns_and_stays_one(toy, tmp_path):
    write_geoparquet(demand_table(toy), tmp_path / "demand.parquet", sources=SOURCES)
    told = metadata(tmp_path / "demand.parquet")
    assert told["attribution"] == "; ".join(SOURCES)
    about = json.loads(told["lifecircle"])
    assert about["sources"] == list(SOURCES)
    assert about["columns"]["fitness-10min.minutes"]["unit"] == "minutes"
    assert "fitness-10min" in about["columns"]["fitness-10min.minutes"]["zh"]
    geo = json.loads(told["geo"])
    assert (geo["version"], geo["primary_column"]) == ("1.1.0", "geometry")
    shapes = geo["columns"]["geometry"]
    assert (shapes["encoding"], shapes["geometry_types"]) == ("WKB", ["Point"])
    assert shapes["bbox"] == list(toy.demand.total_bounds)
    back = gpd.read_parquet(tmp_path / "demand.parquet")
    assert back.geometry.geom_equals(toy.demand.geometry).all()


def test_no_units_are_a_geoparquet_without_a_row(toy, tmp_path):
    write_geoparquet(demand_table(toy).iloc[:0], tmp_path / "demand.parquet", sources=())
    assert len(gpd.read_parquet(tmp_path / "demand.parquet")) == 0


def test_a_package_names_its_sources_and_explains_its_columns(toy, package):
    with closing(sqlite3.connect(package)) as connection:
        contents = "SELECT table_name, description FROM gpkg_contents WHERE data_type = 'features'"
        said = dict(connection.execute(contents).fetchall())
        assert set(said) == {"demand", "facilities", "zones", "gaps"} and set(said.values()) == {"; ".join(SOURCES)}
        (told,) = connection.execute("SELECT metadata FROM gpkg_metadata").fetchall()
        assert all(line in told[0] for line in SOURCES)
        rows = connection.execute("SELECT table_name, column_name, title, description FROM gpkg_data_columns").fetchall()
        columns = {
            (layer, column)
            for layer in said
            for (column,) in connection.execute("SELECT name FROM pragma_table_info(?)", (layer,)).fetchall()
        }
        assert {(layer, column) for layer, column, *_ in rows} == {key for key in columns if key[1] != "fid"}
        texts = {(layer, column): (title, text) for layer, column, title, text in rows}
        title, text = texts["demand", "fitness-10min.minutes"]
        assert title.startswith("time to the nearest facility") and "时间" not in title
        assert title in text and "到最近设施的时间" in text
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    pyogrio.list_layers(package)
    assert not [file.name for file in package.parent.iterdir() if file.suffix == ".xml"], "reading leaves nothing beside it"


def test_a_raster_names_its_sources(tmp_path):
    named = {"crs": "EPSG:4326", "sources": SOURCES, "goal": "g"}
    write_minutes(tmp_path / "m.tif", np.array([[1.0, np.inf]]), transform=from_origin(0, 5, 0.5, 0.5), **named)
    with rasterio.open(tmp_path / "m.tif") as raster:
        tags = raster.tags()
        assert tags["TIFFTAG_COPYRIGHT"] == tags["attribution"] == "; ".join(SOURCES)
        assert (tags["goal"], raster.units[0]) == ("g", "minutes")
        assert np.isnan(raster.read(1)[0, 1]), "no raster says inf"


def test_csv_has_one_rule_of_decimals_and_of_what_is_not_there(tmp_path):
    table = pd.DataFrame(
        {
            "metres": [1.23456789, np.nan, -1e-9],
            "lon": [120.123456789, np.inf, 1.0],
            "share": [1 / 3, -np.inf, 0.5],
            "name": ["=1+1", None, "NA"],
        }
    )
    write_csv(table, tmp_path / "snaps.csv", sources=SOURCES[:1])
    lines = (tmp_path / "snaps.csv").read_bytes().decode("utf-8-sig").splitlines()
    assert lines == [
        "metres,lon,share,name,attribution",
        "1.23,120.1234568,0.333333,'=1+1,© OpenStreetMap contributors (ODbL)",
        ",,,,© OpenStreetMap contributors (ODbL)",
        "0.0,1.0,0.5,NA,© OpenStreetMap contributors (ODbL)",
    ]
    write_csv(table[["share"]], tmp_path / "exact.csv", exact=True, bom=False)
    assert (tmp_path / "exact.csv").read_text(encoding="utf-8").splitlines() == ["share", "0.3333333333333333", '""', "0.5"]


def test_what_was_made_safe_can_be_read_back():
    names = pd.Series(["=1+1", "'quoted", "'=x", "-5", "plain"])
    assert fused(defuse(names)).tolist()[:2] == ["=1+1", "'quoted"]
    assert defuse(pd.Series(["-5", "+2.5", "-x", "=2"]), numbers=False).tolist() == ["-5", "+2.5", "'-x", "'=2"]
