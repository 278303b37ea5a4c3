"""One object says where a file's features are and how it is read; what means nothing for a file is refused."""

from __future__ import annotations

import geopandas as gpd
import openpyxl
import pytest
from shapely.geometry import LineString, Point

from lifecircle.geo.coordinates import gcj02_from_wgs84
from lifecircle.geo.errors import InputError
from lifecircle.layers.demand import read_demand
from lifecircle.layers.facilities import facilities_from_file
from lifecircle.layers.indicators import read_indicators
from lifecircle.layers.overrides import read_overrides
from lifecircle.layers.source import Source, as_source
from lifecircle.layers.tables import read_rows, read_table


@pytest.fixture
def book(tmp_path):
    """A register as offices keep it: a title over the names of the columns, and a second sheet."""
    book = openpyxl.Workbook()
    book.active.title = "说明"
    book.active.append(["见第二张表"])
    sheet = book.create_sheet("台账")
    for row in (["设施台账"], ["（2021 年）"], ["编号", "名称", "经度", "纬度", "床位"]):
        sheet.append(row)
    sheet.append(["0012", "卫生院", 120.1, 30.1, 12])
    sheet.append(["0013", "诊所", 120.2, None, 3])
    sheet.append(["12E5", "医院", 120.3, 30.3, 80])
    book.save(tmp_path / "台账.xlsx")
    return tmp_path / "台账.xlsx"


def test_a_sheet_of_a_workbook_is_a_table_of_points(book):
    source = Source(file=book, sheet="台账", header_row=3, id="编号", where="床位 > 2")
    layer = facilities_from_file(source, service="health", capacity="床位")
    assert layer.table["facility"].tolist() == ["0012", "12E5"]
    assert layer.table["name"].tolist() == ["卫生院", "医院"] and layer.table["capacity"].tolist() == [12, 80]
    assert layer.rejected[["file", "row"]].values.tolist() == [["台账.xlsx", 2]]  # rows count from the header


def test_people_come_from_a_sheet_too(book):
    demand = read_demand(Source(file=book, sheet="台账", header_row=3, id="编号"), people="床位")
    assert demand.table["people"].tolist() == [12, 80] and demand.refused_people == 3


def test_a_csv_may_have_lines_over_its_header(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("设施台账;;\n2021,年,\n\nid,lon,lat\na,120,30\n\nb,x,y\n", encoding="utf-8")
    layer = read_table(Source(file=file, header_row=4))
    assert layer.table["id"].tolist() == ["a"] and layer.rejected["row"].tolist() == [2]


@pytest.mark.parametrize(
    ("name", "keys", "message"),
    [
        ("a.csv", {"sheet": "1"}, r"`sheet:` does not apply to \.csv"),
        ("a.csv", {"layer": "a"}, r"`layer:` does not apply to \.csv"),
        ("a.xlsx", {"layer": "a"}, r"`layer:` does not apply to \.xlsx"),
        ("a.gpkg", {"header_row": 2}, r"`header_row:` does not apply to \.gpkg"),
        ("a.parquet", {"sheet": "1"}, r"`sheet:` does not apply to \.parquet"),
    ],
)
def test_keys_that_mean_nothing_for_a_kind_of_file_are_refused(tmp_path, name, keys, message):
    with pytest.raises(InputError, match=rf"{name}: {message}: leave it out"):
        read_rows(Source(file=tmp_path / name, **keys))


@pytest.mark.parametrize(
    ("name", "read", "what"),
    [
        ("a.csv", lambda source: read_indicators(source, values={"a": "a"}), "a table of figures"),
        ("a.csv", read_overrides, "corrections of the map"),
        ("a.tif", lambda source: read_demand(source, people=1), "a raster"),
    ],
)
def test_other_readers_refuse_what_means_nothing_to_them(tmp_path, name, read, what):
    with pytest.raises(InputError, match=f"{name}: `x:` does not apply to {what}: leave it out"):
        read(Source(file=tmp_path / name, x="lon", y="lat"))


def test_columns_beside_shapes_are_noted(tmp_path):
    gpd.GeoDataFrame({"lon": [1.0], "lat": [2.0]}, geometry=[Point(120, 30)], crs=4326).to_file(tmp_path / "a.gpkg")
    layer = read_table(Source(file=tmp_path / "a.gpkg", x="lon", y="lat"))
    assert layer.table.geometry.x.tolist() == [120]
    assert layer.rejected["column"].tolist() == ["lon lat"] and "shapes of its own" in layer.rejected["reason"][0]
    assert read_table(tmp_path / "a.gpkg").rejected.empty


def test_places_without_a_stated_system_are_known_for_it(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("lon,lat,wgs84_lng,wgs84_lat\n120,30,120,30\n", encoding="utf-8")
    assert not read_table(file).assumed  # the columns say it
    assert read_table(Source(file=file, x="lon", y="lat")).assumed
    assert not read_table(Source(file=file, x="lon", y="lat", crs="EPSG:4326")).assumed
    gpd.GeoDataFrame(geometry=[Point(120, 30)], crs=4326).to_file(tmp_path / "a.gpkg")
    assert not read_table(tmp_path / "a.gpkg").assumed


def test_corrections_may_be_in_the_coordinates_of_map_services(tmp_path):
    lon, lat = gcj02_from_wgs84([120.0, 120.01], [30.0, 30.0])
    line = LineString(zip(lon, lat, strict=True))
    file = tmp_path / "a.csv"
    file.write_text(f'action,wkt\nroad,"{line.wkt}"\n', encoding="utf-8")
    (_, road), *_ = read_overrides(Source(file=file, crs="GCJ-02"))[0]
    assert [round(value, 6) for value in road.line.coords[1]] == [120.01, 30.0]


def test_a_bare_number_is_an_epsg_code_and_a_path_is_a_source(tmp_path):
    assert Source(file="a.csv", crs=4549).crs == "EPSG:4549"
    assert as_source("a.csv") == Source(file="a.csv") == as_source(Source(file="a.csv"))
