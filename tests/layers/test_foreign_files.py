"""Files that do more than hold data, or claim more than they hold, are refused in a sentence; one broken shape is one row."""

import json
import os
import socket
import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

from lifecircle.geo.errors import InputError, LifecircleError
from lifecircle.geo.rasters import open_raster
from lifecircle.layers.demand import read_demand
from lifecircle.layers.indicators import read_indicators
from lifecircle.layers.row_counts import row_count
from lifecircle.layers.source import Source
from lifecircle.layers.tables import read_table
from lifecircle.layers.workbook import read_workbook
from lifecircle.layers.zones import read_zones
from lifecircle.studies.siting.files import read_cells

RECIPE = (
    '<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>{}</SrcDataSource><SrcLayer>p</SrcLayer></OGRVRTLayer>'
    "</OGRVRTDataSource>"
)
PIPELINE = '{{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read {} ! limit 1"}}'
GML_ROOT = '<gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml">'


@pytest.fixture
def other(tmp_path):
    """A file that a recipe would read."""
    gpd.GeoDataFrame({"a": [1]}, geometry=gpd.points_from_xy([1], [2]), crs=4326).to_file(tmp_path / "p.gpkg")
    return tmp_path / "p.gpkg"


@pytest.mark.parametrize("suffix", ["geojson", "json", "gpkg", "fgb", "kml", "gml", "shp"])
@pytest.mark.parametrize("recipe", [RECIPE, PIPELINE, f"<!-- {RECIPE} -->{GML_ROOT}</gml:FeatureCollection>"])
def test_a_recipe_under_another_name_is_not_followed(tmp_path, other, suffix, recipe):
    file = tmp_path / f"x.{suffix}"
    file.write_text(recipe.format(other))
    (tmp_path / "x.shx").touch(), (tmp_path / "x.dbf").touch()
    with pytest.raises(InputError, match=rf"x\.{suffix}: "):
        read_table(file)


CAPABILITIES = """<WFS_Capabilities version="1.1.0" xmlns="http://www.opengis.net/wfs" xmlns:o="http://www.opengis.net/ows">
<o:OperationsMetadata><o:Operation name="GetFeature"><o:DCP><o:HTTP><o:Get xlink:href="http://127.0.0.1:{port}/"
 xmlns:xlink="http://www.w3.org/1999/xlink"/></o:HTTP></o:DCP></o:Operation></o:OperationsMetadata>
<FeatureTypeList><FeatureType><Name>a</Name></FeatureType></FeatureTypeList></WFS_Capabilities>"""


@pytest.fixture
def server():
    """A server that nobody may call; whoever does is seen."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        yield listening
        with pytest.raises(BlockingIOError):
            listening.accept()


@pytest.mark.parametrize("content", ["{}", f"<!-- {{}} -->{GML_ROOT}</gml:FeatureCollection>"])
@pytest.mark.parametrize("suffix", ["gml", "kml", "gpkg"])
def test_no_server_is_asked_for_what_a_file_should_hold(tmp_path, server, content, suffix):
    file = tmp_path / f"x.{suffix}"
    file.write_text(content.format(CAPABILITIES.format(port=server.getsockname()[1]).replace("--", "")))
    with pytest.raises(InputError, match=rf"x\.{suffix}: "):
        read_table(file)


def test_rows_are_counted_of_what_the_file_is_called_only(tmp_path, other, server):
    file = tmp_path / "x.gpkg"
    url = f"/vsicurl/http://127.0.0.1:{server.getsockname()[1]}/p.gpkg"
    file.write_text(RECIPE.format(url))
    with pytest.raises(InputError, match=r"no \.gpkg file inside"):
        row_count(Source(file=file))
    assert row_count(Source(file=other)) == 1
    assert row_count(Source(file=other, layer="no such layer")) == 1


def test_the_parts_of_a_shapefile_are_ordinary_files(tmp_path, other):
    pyogrio.write_dataframe(pyogrio.read_dataframe(other), tmp_path / "s.shp")
    (tmp_path / "s.dbf").unlink()
    os.mkfifo(tmp_path / "s.dbf")
    with pytest.raises(InputError, match=r"s\.dbf: is a device, a pipe"):
        read_table(tmp_path / "s.shp")


def test_a_file_geodatabase_is_a_folder(tmp_path, other):
    file = other.rename(tmp_path / "p.gdb")
    with pytest.raises(InputError, match=r"p\.gdb: is no \.gdb file inside"):
        read_table(file)


@pytest.mark.parametrize("suffix", ["kml", "gml"])
def test_declared_types_are_refused(tmp_path, suffix):
    file = tmp_path / f"x.{suffix}"
    file.write_text(
        '<!DOCTYPE k [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><kml xmlns="http://www.opengis.net/kml/2.2">&b;</kml>'
    )
    with pytest.raises(InputError, match="DOCTYPE"):
        read_table(file)


def test_gml_leaves_nothing_beside_it(tmp_path, other):
    file = tmp_path / "folder" / "p.gml"
    file.parent.mkdir()
    pyogrio.write_dataframe(pyogrio.read_dataframe(other), file)
    for beside in file.parent.iterdir():
        if beside != file:
            beside.unlink()
    assert len(read_table(file).table) == 1
    assert [item.name for item in file.parent.iterdir()] == ["p.gml"]


@pytest.mark.parametrize(
    "name", ["f.csv", "f.geojson", "f.gpkg", "f.shp", "f.parquet", "f.tif", "f.xlsx", "f.kml", "f.fgb", "f.vrt"]
)
def test_pipes_sockets_and_devices_are_refused_at_once(tmp_path, monkeypatch, name):
    readers = [lambda file: read_demand(file, people="1"), read_cells]
    if name == "f.xlsx":
        readers = [lambda file: read_indicators(file, values={"a": "a"})]
    os.mkfifo(tmp_path / name)
    (tmp_path / "zero").mkdir()
    (tmp_path / "zero" / name).symlink_to("/dev/zero")
    (tmp_path / "socket").mkdir()
    monkeypatch.chdir(tmp_path / "socket")  # a socket's path must be short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(name)
        for file in (tmp_path / name, tmp_path / "zero" / name, tmp_path / "socket" / name):
            for reader in readers:
                with pytest.raises(InputError, match="not an ordinary file"):
                    reader(file)


def test_broken_shapes_are_rows_not_the_end(tmp_path):
    good = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}
    shapes = [
        good,
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 0]]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1e300, 0], [1, 1], [0, 0]]]},
        {"type": "Polygon", "coordinates": []},
        None,
        {"type": "GeometryCollection", "geometries": []},
        {"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [0, 0]}, good]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]},
        good,
    ]
    features = [{"type": "Feature", "properties": {"id": n}, "geometry": shape} for n, shape in enumerate(shapes, 1)]
    file = tmp_path / "z.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    read = read_table(file)
    assert read.table.index.tolist() == [1, 7, 8, 9]
    notes = read.rejected["reason"].str.startswith("note: a collection")
    assert sorted(read.rejected["row"][~notes]) == [2, 3, 4, 5, 6]
    assert read.rejected["row"][notes].tolist() == [7]
    assert set(read.table.geometry.geom_type) <= {"Polygon", "MultiPolygon"}


def test_broken_bytes_of_a_shape_in_parquet(tmp_path):
    table = gpd.GeoDataFrame({"id": [1, 2, 3]}, geometry=gpd.points_from_xy([1, 2, 3], [1, 2, 3]), crs=4326)
    table.to_parquet(tmp_path / "a.parquet")
    import pyarrow.parquet as pq

    arrow = pq.read_table(tmp_path / "a.parquet")
    broken = arrow.column("geometry").to_pylist()
    broken[1] = b"\1\2\3"
    pq.write_table(arrow.set_column(1, "geometry", [broken]), tmp_path / "a.parquet")
    read = read_table(tmp_path / "a.parquet")
    assert read.table.index.tolist() == [1, 3]
    assert read.rejected["row"].tolist() == [2]


def test_a_collection_counts_as_its_areas(tmp_path):
    square, line = shapely.box(0, 0, 1, 1), shapely.LineString([(0, 0), (3, 3)])
    inner = shapely.GeometryCollection([shapely.box(2, 0, 3, 1), shapely.Point(9, 9)])
    shapes = [shapely.GeometryCollection([square, line, inner])]
    gpd.GeoDataFrame({"code": ["a"]}, geometry=shapes, crs=4326).to_file(tmp_path / "z.geojson")
    zones = read_zones(Source(file=tmp_path / "z.geojson", id="code"), level="county").table
    assert zones.geometry.iloc[0].equals(shapely.MultiPolygon([square, shapely.box(2, 0, 3, 1)]))


def test_tables_that_claim_or_hold_too_much(tmp_path):
    file = tmp_path / "a.csv"
    file.write_bytes(b"lon,lat\n120,30\n121,31," + b"x" * 12_000_000)
    with pytest.raises(InputError, match=r"a\.csv: line 3 has more than 10 MB"):
        read_table(file)
    file.write_text(",".join(f"c{n}" for n in range(20_000)) + "\n1\n")
    with pytest.raises(InputError, match="20,000 cells"):
        read_table(file)
    file.write_text("lon,lat,na\0me\n120,30,a\0b\n")
    assert len(read_table(file).table) == 1


def workbook(file, sheet: str, extra: dict[str, bytes] | None = None) -> None:
    """Write a workbook whose sheet is given as XML."""
    pd.DataFrame({"a": [1]}).to_excel(file.with_name("plain.xlsx"), index=False)
    with zipfile.ZipFile(file.with_name("plain.xlsx")) as plain, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for part in plain.namelist():
            packed.writestr(part, sheet if part == "xl/worksheets/sheet1.xml" else plain.read(part))
        for name, content in (extra or {}).items():
            packed.writestr(name, content)


SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{}<sheetData>{}</sheetData></worksheet>'
HEAD = '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row>'


def test_a_workbook_is_not_believed(tmp_path):
    file = tmp_path / "w.xlsx"
    workbook(file, SHEET.format('<dimension ref="A1:XFD1048576"/>', HEAD + '<row r="1048576"><c r="A1048576"><v>7</v></c></row>'))
    read, _ = read_indicators(file, values={"a": "a"})
    assert read["value"].tolist() == [7]
    workbook(file, SHEET.format("", HEAD + '<row r="99999999999"><c r="A99999999999"><v>7</v></c></row>'))
    assert len(read_indicators(file, values={"a": "a"})[0]) == 0
    workbook(file, SHEET.format("", HEAD + '<row r="2"><c r="ZZZZZZZ2"><v>7</v></c></row>'))
    with pytest.raises(InputError, match=r"w\.xlsx: cannot be read"):
        read_indicators(file, values={"a": "a"})


def test_a_workbook_that_unpacks_to_much_more_is_refused(tmp_path):
    workbook(tmp_path / "w.xlsx", SHEET.format("", HEAD), {"xl/media/image1.bin": b"\0" * 50_000_000})
    with pytest.raises(LifecircleError, match=r"w\.xlsx: unpacks to"):
        read_indicators(tmp_path / "w.xlsx", values={"a": "a"})


def test_wide_rows_are_counted_as_wide_as_they_are(tmp_path, monkeypatch):
    monkeypatch.setattr("lifecircle.layers.workbook.MOST_CELLS", 3 * 16_384)
    monkeypatch.setattr("lifecircle.layers.workbook.MOST_READ", 5 * 16_384)
    file, value, blank = tmp_path / "w.xlsx", '<c r="XFD{0}"><v>7</v></c>', '<c r="XFD{0}"/>'
    for cell, rows in ((value, 4), (blank, 6)):
        body = "".join(f'<row r="{row}">{cell.format(row)}</row>' for row in range(2, rows + 2))
        workbook(file, SHEET.format("", HEAD + body))
        with pytest.raises(LifecircleError, match="has more than"):
            read_workbook(Source(file=file))
        workbook(file, SHEET.format("", HEAD + body.replace("XFD", "A")))
        assert read_workbook(Source(file=file))[0]["a"].tolist() == ([7] * rows if cell is value else [])


def raster(file, **changes) -> None:
    profile = {
        "width": 4,
        "height": 4,
        "count": 1,
        "dtype": "float32",
        "crs": "EPSG:4326",
        "transform": from_origin(8, 48, 0.01, 0.01),
    }
    with rasterio.open(file, "w", driver="GTiff", **{**profile, **changes}) as opened:
        if not changes:
            opened.write(np.ones((4, 4), np.float32), 1)


BAND = '<VRTRasterBand dataType="Float32" band="1"{}>{}</VRTRasterBand>'
SOURCE = '<SimpleSource><SourceFilename relativeToVRT="1">{}</SourceFilename><SourceBand>1</SourceBand></SimpleSource>'
PLACE = "<SRS>EPSG:4326</SRS><GeoTransform>8, 0.01, 0, 48, 0, -0.01</GeoTransform>"


def mosaic(file, band: str) -> None:
    file.write_text(f'<VRTDataset rasterXSize="4" rasterYSize="4">{PLACE}{band}</VRTDataset>')


def test_a_plain_mosaic_is_read(tmp_path):
    raster(tmp_path / "a.tif")
    mosaic(tmp_path / "m.vrt", BAND.format("", SOURCE.format("a.tif")))
    assert read_demand(tmp_path / "m.vrt", people=1).table["people"].sum() == 16


@pytest.mark.parametrize(
    ("band", "words"),
    [
        (
            BAND.format(' subClass="VRTDerivedRasterBand"', "<PixelFunctionLanguage>Python</PixelFunctionLanguage>"),
            "more than put files",
        ),
        (BAND.format("", "<PixelFunctionType>f</PixelFunctionType>"), "more than put files"),
        (BAND.format(' subClass="VRTRawRasterBand"', SOURCE.format("a.tif")), "more than put files"),
        (BAND.format("", SOURCE.format("/vsicurl/http://localhost/a.tif")), "names what cannot be read"),
        (BAND.format("", SOURCE.format("m.vrt")), "another mosaic"),
        (BAND.format("", SOURCE.format("/dev/zero")), "not an ordinary file"),
        (BAND.format("", SOURCE.format("wms.xml")), "cannot be read"),
        (BAND.format(' SubClass="VRTDerivedRasterBand"', SOURCE.format("a.tif")), "more than put files"),
        (BAND.format("", SOURCE.format("a.tif").replace("relativeToVRT", "RelativeToVRT")), "more than put files"),
        (BAND.format("", SOURCE.format("a.tif").replace('"1"', '"2"')), "more than put files"),
        (BAND.format("", SOURCE.format("\na.tif")), "spaces around"),
    ],
)
@pytest.mark.parametrize("name", ["m.vrt", "m.tif"])
def test_a_mosaic_that_does_more_is_refused(tmp_path, band, words, name):
    raster(tmp_path / "a.tif")
    (tmp_path / "wms.xml").write_text(
        "<GDAL_WMS><Service name='TMS'><ServerUrl>http://localhost/</ServerUrl></Service></GDAL_WMS>"
    )
    mosaic(tmp_path / "m.vrt", band)
    (tmp_path / "m.vrt").rename(tmp_path / name) if "m.vrt" not in band else None
    file = tmp_path / name if (tmp_path / name).exists() else tmp_path / "m.vrt"
    with pytest.raises(InputError, match=words):
        read_demand(file, people=1)


def test_a_raster_that_claims_too_much_is_refused(tmp_path):
    raster(
        tmp_path / "a.tif",
        width=500_000,
        height=500_000,
        SPARSE_OK=True,
        tiled=True,
        BIGTIFF="YES",
        compress="deflate",
        blockxsize=16_384,
        blockysize=16_384,
    )
    with pytest.raises(LifecircleError, match=r"a\.tif: claims 500,000 x 500,000 cells"):
        open_raster(tmp_path / "a.tif")
