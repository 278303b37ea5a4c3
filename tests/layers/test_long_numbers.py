"""Ids of 18 figures come out of every kind of file as they went in, and typed columns of Parquet are no obstacle."""

import datetime as dt
import json
from decimal import Decimal

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from shapely.geometry import Point

from lifecircle.layers.columns import as_numbers, as_text, infer_numbers
from lifecircle.layers.source import Source
from lifecircle.layers.tables import read_table

# Neighbours that one float stands for.
IDS = ["330102199001011233", "330102199001011234", None]


def features(name: str = "id") -> gpd.GeoDataFrame:
    ids = pd.array([None if code is None else int(code) for code in IDS], dtype="Int64")
    return gpd.GeoDataFrame({name: ids, "beds": pd.array([1, None, 2], dtype="Int64")}, geometry=[Point(120, 30)] * 3, crs=4326)


def write_json(file):
    cells = [
        {
            "type": "Feature",
            "properties": {"id": code and int(code), "beds": beds},
            "geometry": {"type": "Point", "coordinates": [120, 30]},
        }
        for code, beds in zip(IDS, [1, None, 2], strict=True)
    ]
    file.write_text(json.dumps({"type": "FeatureCollection", "features": cells}), encoding="utf-8")


def write_plain_parquet(file):
    columns = {"id": pa.array([code and int(code) for code in IDS]), "beds": [1, None, 2], "lon": [120.0] * 3, "lat": [30.0] * 3}
    pq.write_table(pa.table(columns), file)


WRITERS = {
    "a.gpkg": lambda file: features().to_file(file),
    "a.shp": lambda file: features().to_file(file),
    "a.fgb": lambda file: features().to_file(file, SPATIAL_INDEX="NO"),
    "a.gml": lambda file: features().to_file(file),
    "a.geojson": write_json,
    "a.parquet": lambda file: features().to_parquet(file),
    "arrow.parquet": lambda file: features().to_parquet(file, geometry_encoding="geoarrow"),
    "plain.parquet": write_plain_parquet,
}


@pytest.mark.parametrize("name", WRITERS)
def test_long_ids_beside_a_blank_keep_their_figures(tmp_path, name):
    WRITERS[name](tmp_path / name)
    table = read_table(tmp_path / name).table
    assert [None if pd.isna(code) else code for code in as_text(table["id"])] == IDS
    assert table["beds"].dropna().tolist() == [1, 2]
    assert pd.api.types.is_numeric_dtype(table["beds"].dtype)
    one = read_table(Source(file=tmp_path / name, where="id == 330102199001011234")).table
    assert as_text(one["id"]).tolist() == IDS[1:2]


def test_a_shapefile_in_chinese_too(tmp_path):
    features("编码").to_file(tmp_path / "a.shp", encoding="gbk")
    (tmp_path / "a.cpg").unlink()
    assert read_table(tmp_path / "a.shp").table["编码"].tolist()[:2] == IDS[:2]


def test_a_long_id_that_a_spreadsheet_gave_a_point_stays_text():
    texts = pd.Series(["330102199001011233.0", "330102199001011234.0"], dtype="str")
    assert infer_numbers(texts).equals(texts)
    assert as_numbers(infer_numbers(pd.Series(["123456789012345.0", ".5", "5."], dtype="str"))).tolist() == [
        123456789012345,
        0.5,
        5,
    ]


@pytest.mark.parametrize(
    ("cell", "where"),
    [
        (dt.date(2021, 6, 30), "c == '2021-06-30' and c >= '2021-06-30'"),
        (Decimal("1.50"), "c == 1.5"),
        (dt.time(8), "c == '08:00:00'"),
        (True, "c"),
        (b"a", "c is not null"),
    ],
)
def test_cells_of_parquet_that_are_no_texts_are_read(tmp_path, cell, where):
    pq.write_table(pa.table({"lon": [120.0, 121], "lat": [30.0, 30], "c": [cell, None]}), tmp_path / "a.parquet")
    assert read_table(Source(file=tmp_path / "a.parquet", where=where)).table.index.tolist() == [1]
    assert read_table(Source(file=tmp_path / "a.parquet", where="c is null")).table.index.tolist() == [2]
