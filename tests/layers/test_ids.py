"""Ids are the text that stands in the file, whatever kind it is, and every reader finds them in the same column."""

from __future__ import annotations

import datetime as dt
import json

import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
import pytest
from shapely.geometry import Point, box

from lifecircle.layers.candidates import candidates_from_file
from lifecircle.layers.columns import as_numbers, as_text, infer_numbers
from lifecircle.layers.demand import read_demand
from lifecircle.layers.facilities import facilities_from_file
from lifecircle.layers.ids import find_ids, with_ids
from lifecircle.layers.indicators import read_indicators
from lifecircle.layers.layer import Layer
from lifecircle.layers.rejects import no_rejects
from lifecircle.layers.source import Source
from lifecircle.layers.tables import read_rows, read_table
from lifecircle.layers.workbook import read_workbook
from lifecircle.layers.zones import read_zones

# Codes that programs take for times, numbers, dates, or whole numbers; two of a kind, so that a whole column looks like it.
CODES = [
    ("T0501", "T0502"),
    ("05:01:00", "12:30"),
    ("12E5", "12E6"),
    ("1e3", "1E3"),
    ("0012", "0013"),
    ("1.10", "1.1"),
    ("2021-06-30", "2021/07/01"),
    ("3301020030070000001", "3301020030070000002"),
    ("5.", "5"),
    (".5", "0.5"),
    ("0.00001", "0.00002"),
    ("-0", "0"),
    ("+5", "5"),
    ("True", "False"),
]


def write_csv(file, codes):
    file.write_text("code,lon,lat\n" + "".join(f"{code},120,30\n" for code in codes), encoding="utf-8")


def write_workbook(file, codes):
    book = openpyxl.Workbook()
    for row in [("code", "lon", "lat"), *((code, 120, 30) for code in codes)]:
        book.active.append(row)
    book.save(file)


def write_geojson(file, codes):
    features = [
        {"type": "Feature", "properties": {"code": code}, "geometry": {"type": "Point", "coordinates": [120, 30]}}
        for code in codes
    ]
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")


def write_gml(file, codes):
    point = '<gml:Point srsName="EPSG:4326"><gml:pos>120 30</gml:pos></gml:Point>'
    members = "".join(
        f'<gml:featureMember><o:f fid="{n}"><o:g>{point}</o:g><o:code>{code}</o:code></o:f></gml:featureMember>'
        for n, code in enumerate(codes)
    )
    names = 'xmlns:o="http://ogr.maptools.org/" xmlns:gml="http://www.opengis.net/gml"'
    file.write_text(f'<?xml version="1.0"?><o:FeatureCollection {names}>{members}</o:FeatureCollection>', encoding="utf-8")


def write_vector(file, codes):
    gpd.GeoDataFrame({"code": list(codes)}, geometry=[Point(120, 30)] * len(codes), crs=4326).to_file(file)


def write_parquet(file, codes):
    gpd.GeoDataFrame({"code": list(codes)}, geometry=[Point(120, 30)] * len(codes), crs=4326).to_parquet(file)


WRITERS = {
    "a.csv": write_csv,
    "a.xlsx": write_workbook,
    "a.geojson": write_geojson,
    "a.gml": write_gml,
    "a.gpkg": write_vector,
    "a.shp": write_vector,
    "a.fgb": write_vector,
    "a.parquet": write_parquet,
}


@pytest.mark.parametrize("codes", CODES, ids=lambda codes: codes[0])
@pytest.mark.parametrize("name", WRITERS)
def test_a_code_comes_out_as_it_went_in(tmp_path, name, codes):
    WRITERS[name](tmp_path / name, codes)
    layer, ids = with_ids(read_table(tmp_path / name), Source(file=tmp_path / name, id="code"))
    assert ids.tolist() == list(codes)
    assert layer.rejected.empty


def test_numbers_are_still_numbers():
    for texts in (["120.15", "30.2"], ["1", "2", "NA"], ["-0.5", "7"], ["0.0001", "12345678.9"], ["10.0", "11.0"]):
        numbers = infer_numbers(pd.Series(texts, dtype="str"))
        assert pd.api.types.is_numeric_dtype(numbers.dtype), texts
    spelt = infer_numbers(pd.Series(["1.10", "2.5", "NA"], dtype="str"))
    assert as_numbers(spelt).tolist()[:2] == [1.1, 2.5] and spelt.isna().tolist() == [False, False, True]


def test_whole_numbers_that_a_program_wrote_with_a_point_are_whole():
    assert as_text(infer_numbers(pd.Series(["330102.0", None, "330103.0"], dtype="str"))).tolist()[::2] == ["330102", "330103"]


def test_shapefiles_keep_whole_numbers_of_19_figures(tmp_path):
    shapes = gpd.GeoDataFrame({"code": [3301020030070000001, 3301020030070000002]}, geometry=[Point(120, 30)] * 2, crs=4326)
    shapes.to_file(tmp_path / "a.shp")
    assert as_text(read_table(tmp_path / "a.shp").table["code"]).tolist() == ["3301020030070000001", "3301020030070000002"]


def test_cells_of_a_workbook_are_written_as_they_are_shown(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["code", "number", "day", "id"])
    sheet.append([571, 3.0, dt.datetime(2021, 6, 30), 330102199001011233])
    sheet.append([10, 0.5, dt.datetime(2021, 7, 1), 3.30102199001011e17])
    sheet["A2"].number_format = sheet["A3"].number_format = "0000"
    book.save(tmp_path / "a.xlsx")
    rows = read_rows(Source(file=tmp_path / "a.xlsx"))
    assert as_text(rows.table["code"]).tolist() == ["0571", "0010"]
    assert rows.table["number"].tolist() == [3, 0.5] and rows.table["day"].tolist() == ["2021-06-30", "2021-07-01"]
    # Spreadsheets keep 15 digits of a number.
    assert as_text(rows.table["id"]).tolist()[1] == "330102199001011000"
    assert rows.rejected[["row", "column"]].values.tolist() == [[1, "id"], [2, "id"]]
    assert rows.rejected["value"][1] == "330102199001011000"


def test_an_id_of_which_the_spreadsheet_made_a_date_is_told(tmp_path):
    """Typing 3-5 into a cell leaves 5 March in the file: the id is gone, and only its owner can bring it back."""
    cells = {"id": [dt.date(2026, 3, 5), "7-2"], "opened": [dt.date(2020, 1, 1)] * 2, "lon": [10.0, 10.1], "lat": [50.0] * 2}
    pd.DataFrame(cells).to_excel(tmp_path / "a.xlsx", index=False)
    table, notes = read_workbook(Source(file=tmp_path / "a.xlsx"))
    assert table["id"].tolist() == ["2026-03-05", "7-2"]
    assert notes[["row", "column", "value"]].to_numpy().tolist() == [[1, "id", "2026-03-05"]]
    assert notes["reason"].iloc[0].startswith("note: the spreadsheet has made a date of this id")
    _, named = read_workbook(Source(file=tmp_path / "a.xlsx", id="opened"))
    assert named["column"].tolist() == ["id", "opened", "opened"]


def test_a_column_of_floats_tells_that_long_ids_are_rounded(tmp_path):
    table = pd.DataFrame({"id": [330102199001011233.0, 5.0], "lon": [120.0, 121], "lat": [30.0, 30]})
    table.to_parquet(tmp_path / "a.parquet")
    layer, ids = with_ids(read_table(tmp_path / "a.parquet"), Source(file=tmp_path / "a.parquet"))
    assert layer.rejected["row"].tolist() == [1] and "last digits" in layer.rejected["reason"][0]
    assert ids[2] == "5"


def people(folder, text):
    (folder / "people.csv").write_text(text, encoding="utf-8")
    return folder / "people.csv"


@pytest.mark.parametrize("name", ["id", "ID", "Id"])
def test_a_files_own_column_id_is_the_id(tmp_path, name):
    file = people(tmp_path, f"{name},code,lon,lat,pop\na,x,120,30,1\nb,y,120,30,2\n")
    assert read_demand(file, people="pop").table["id"].tolist() == ["a", "b"]
    assert facilities_from_file(file, service="health").table["facility"].tolist() == ["a", "b"]
    assert candidates_from_file(file).table["candidate"].tolist() == ["a", "b"]
    assert read_indicators(file, level="county", values={"n": "pop"})[0]["unit"].tolist() == ["a", "b"]
    named = Source(file=file, id="code")
    assert read_demand(named, people="pop").table["id"].tolist() == ["x", "y"]


def test_zones_take_it_too(tmp_path):
    zones = gpd.GeoDataFrame({"ID": ["0010", "0011"]}, geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1)], crs=4326)
    zones.to_file(tmp_path / "z.geojson")
    assert read_zones(tmp_path / "z.geojson", level="county").table["zone"].tolist() == ["0010", "0011"]


def test_without_one_rows_are_called_by_their_number(tmp_path):
    file = people(tmp_path, "code,lon,lat,pop\nx,120,30,1\ny,,,2\nz,120,30,2\n")
    assert read_demand(file, people="pop").table["id"].tolist() == ["1", "3"]
    assert candidates_from_file(file).table["candidate"].tolist() == ["people-1", "people-3"]


def test_a_column_id_that_tells_no_rows_apart_is_none(tmp_path):
    """Drawing programs make such columns and leave them blank, or 0."""
    for ids in (["", "", ""], ["0", "0", "0"], ["1", "1", ""]):
        file = people(tmp_path, "id,lon,lat,pop\n" + "".join(f"{id},120,30,1\n" for id in ids))
        demand = read_demand(file, people="pop")
        assert demand.table["id"].tolist() == ["1", "2", "3"]
        assert demand.rejected["row"].isna().tolist() == [True] and "by their number" in demand.rejected["reason"][0]


def test_the_first_row_keeps_an_id_and_later_ones_are_listed(tmp_path):
    file = people(tmp_path, "id,lon,lat,pop\na,120,30,x\na,120,30,1\nb,120,30,2\na,120,30,4\nb,120,30,8\nc,,,16\nd,120,30,0\n")
    demand = read_demand(file, people="pop")
    assert demand.table["id"].tolist() == ["a", "b", "d"]  # of the first row the people are unknown
    assert demand.refused_people == 4 + 8 + 16
    reasons = demand.rejected.set_index("row")["reason"]
    assert reasons[4] == "the id stands in row 2 already" and reasons[5] == "the id stands in row 3 already"
    layer = facilities_from_file(file, service="health")
    assert layer.table["facility"].tolist() == ["a", "people-2", "b", "people-4", "people-5", "d"]  # a label costs no facility
    assert layer.rejected.set_index("row")["reason"][4] == (
        "note: the id stands in row 1 already; the facility stays under its file and row"
    )


def test_many_repeated_ids_take_no_time_each():
    rows = gpd.GeoDataFrame({"id": [str(n % 60_000) for n in range(100_000)]})
    found = find_ids(Layer(rows, no_rejects(), own_ids="id"), Source(file="a.csv"))
    assert (found.reasons != "").sum() == 40_000 and found.reasons[60_000] == "the id stands in row 0 already"


def test_dates_that_a_file_declares_stay_dates(tmp_path):
    shapes = gpd.GeoDataFrame({"day": pd.to_datetime(["2021-06-30"])}, geometry=[Point(120, 30)], crs=4326)
    pyogrio.write_dataframe(shapes, tmp_path / "a.gpkg")
    assert pd.api.types.is_datetime64_any_dtype(read_table(tmp_path / "a.gpkg").table["day"].dtype)


def test_a_blank_among_19_figures_in_a_shapefile_rounds_no_others(tmp_path):
    ids = pd.array([3301020030070000001, None, 3301020030070000002, 5], dtype="Int64")
    gpd.GeoDataFrame({"id": ids, "n": [0.5, 1, 2, 3]}, geometry=[Point(120, 30)] * 4, crs=4326).to_file(tmp_path / "a.shp")
    layer, texts = with_ids(read_table(tmp_path / "a.shp"), Source(file=tmp_path / "a.shp"))
    assert texts.tolist() == ["3301020030070000001", "3301020030070000002", "5"]
    assert layer.rejected[["row", "reason"]].values.tolist() == [[2, "the id is missing"]]
    assert layer.table["n"].tolist() == [0.5, 2, 3]
