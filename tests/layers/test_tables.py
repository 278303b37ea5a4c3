"""Tables: any file, one form, bad rows set aside with a reason."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from lifecircle.geo.coordinates import gcj02_from_wgs84
from lifecircle.geo.errors import InputError
from lifecircle.layers.source import Source
from lifecircle.layers.tables import read_table


def csv(folder, text, *, encoding="utf-8", name="places.csv"):
    file = folder / name
    file.write_bytes(text.encode(encoding))
    return file


@pytest.fixture
def points():
    frame = {"code": ["0571", "0572"], "people": [5, 7]}
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy([120.1, 120.2], [30.1, 30.2]), crs="EPSG:4326")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("names", [("lon", "lat"), ("经度", "纬度"), ("Longitude", "LATITUDE"), ("lng", "lat"), ("x", "y")])
def test_delimiters_and_well_known_names(tmp_path, delimiter, names):
    lines = [("name", names[1], names[0]), ("甲", "30.5", "120.5"), ("乙", "30.6", "120.6")]
    read = read_table(csv(tmp_path, "\n".join(delimiter.join(line) for line in lines), encoding="gb18030"))
    assert read.table.geometry.x.tolist() == [120.5, 120.6]
    assert read.table.geometry.y.tolist() == [30.5, 30.6]
    assert read.table["name"].tolist() == ["甲", "乙"]
    assert read.table.index.tolist() == [1, 2]
    assert read.table.crs == "EPSG:4326"
    assert read.rejected.empty


def test_a_column_that_says_wgs84_goes_first(tmp_path):
    file = csv(tmp_path, "lon,lat,wgs84_lon,wgs84_lat\n120.005,30,120,30\n")
    assert read_table(file).table.geometry.x.tolist() == [120]


def test_one_bad_row_of_a_thousand_leaves_999(tmp_path):
    lines = [f"p{n},{120 + n / 1000},30" for n in range(1000)]
    lines[499] = "p499,abc,30"
    read = read_table(csv(tmp_path, "id,lon,lat\n" + "\n".join(lines)))
    assert len(read.table) == 999
    assert read.rejected[["file", "row", "value"]].values.tolist() == [["places.csv", 500, "abc 30"]]


def test_impossible_places_are_rejected_with_their_reason(tmp_path):
    rows = ["120,30", ",30", "999,30", "200,30", "30,120", "nan,inf"]
    read = read_table(csv(tmp_path, "lon,lat\n" + "\n".join(rows)))
    assert read.table.index.tolist() == [1]
    reasons = read.rejected.set_index("row")["reason"]
    assert sorted(reasons.index) == [2, 3, 4, 5, 6]
    assert reasons[2] == reasons[6] == "no coordinates, or not numbers"
    assert "beyond longitude 180" in reasons[3]
    assert "swapped" in reasons[5]


def test_swapped_columns_are_recognised(tmp_path):
    read = read_table(Source(file=csv(tmp_path, "a,b\n120,30\n121,31\n"), x="b", y="a"))
    assert read.table.empty
    assert read.rejected["reason"].str.contains("look swapped").all()


def test_surveyors_northing_in_x_is_recognised(tmp_path):
    file = csv(tmp_path, "x,y\n3320113.4,500000\n")
    swapped = read_table(Source(file=file, crs="EPSG:4549"))
    assert swapped.table.empty
    assert "look swapped" in swapped.rejected["reason"].iloc[0]
    right = read_table(Source(file=file, x="y", y="x", crs="EPSG:4549")).table.geometry
    assert (right.x.iloc[0], right.y.iloc[0]) == pytest.approx((120, 30), abs=1e-6)


def test_metres_without_crs_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"places\.csv: x 500000.*crs:"):
        read_table(csv(tmp_path, "x,y\n500000,3320113.4\n"))


def test_gcj02_is_undone(tmp_path):
    lon, lat = gcj02_from_wgs84(120.15, 30.27)
    place = read_table(Source(file=csv(tmp_path, f"lon,lat\n{lon},{lat}\n"), crs="GCJ-02")).table.geometry
    assert (place.x.iloc[0], place.y.iloc[0]) == pytest.approx((120.15, 30.27), abs=1e-8)


def test_codes_stay_text_and_numbers_become_numbers(tmp_path):
    text = "lon,lat,area,county,long_id,beds,note\n120,30,0571,330102,330102001000200030,12,NA\n121,30,0572,,1,NA,x\n"
    table = read_table(csv(tmp_path, text)).table
    assert table["area"].tolist() == ["0571", "0572"]
    assert table["county"].iloc[0] == 330102
    assert np.isnan(table["county"].iloc[1])
    assert table["long_id"].tolist() == ["330102001000200030", "1"]
    assert table["beds"].iloc[0] == 12
    assert np.isnan(table["beds"].iloc[1])
    assert table["note"].tolist() == ["NA", "x"]


def test_ragged_rows(tmp_path):
    text = 'name,lon,lat\nA,120,30\nB, east,120,30\n"C, east",120,30\nD,120,30,,\nE,120\n'
    read = read_table(csv(tmp_path, text))
    assert read.table["name"].tolist() == ["A", "C, east", "D"]
    assert sorted(read.rejected["row"]) == [2, 5]
    assert "more cells" in read.rejected.set_index("row")["reason"][2]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        ("a1,120.5,30.5\na2,120.6,30.6\n", "first line is data"),
        ("lon,lat,lon\n1,2,3\n", "two columns are called 'lon'"),
        ("name,address\na,b\n", "columns are: name, address"),
        ('lon,lat\n"120,30\n' + "x" * 140_000, "cannot be read as CSV"),
    ],
)
def test_unreadable_tables_say_why(tmp_path, text, message):
    with pytest.raises(InputError, match=rf"places\.csv: .*{message}"):
        read_table(csv(tmp_path, text))


def test_missing_column_names_the_nearest(tmp_path):
    file = csv(tmp_path, "经度坐标,纬度坐标\n120,30\n")
    with pytest.raises(InputError, match="no column '经度坐'; did you mean '经度坐标'"):
        read_table(Source(file=file, x="经度坐", y="纬度坐标"))
    with pytest.raises(InputError, match="name both"):
        read_table(Source(file=file, x="经度坐标"))


def test_where_keeps_rows_and_their_numbers(tmp_path):
    file = csv(tmp_path, "lon,lat,beds,类型\n120,30,5,医院\n121,30,,诊所\n122,99,0,医院\n123,30,9,诊所\n")
    read = read_table(Source(file=file, where="beds > 0"))
    assert read.table.index.tolist() == [1, 4]
    assert read.rejected.empty  # row 3 is impossible, but was not asked for
    assert read_table(Source(file=file, where="类型 == '诊所'")).table.index.tolist() == [2, 4]


@pytest.mark.parametrize("where", ["bedz > 0", "beds >", "beds", "name > 0", "@pd", "__import__('os')"])
def test_bad_condition_names_file_and_columns(tmp_path, where):
    with pytest.raises(InputError, match=r"places\.csv: where .*columns are: lon, lat, beds, name"):
        read_table(Source(file=csv(tmp_path, "lon,lat,beds,name\n120,30,5,a\n"), where=where))


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "shp", "parquet", "fgb"])
def test_vector_kinds(tmp_path, points, suffix):
    file = tmp_path / f"points.{suffix}"
    if suffix == "parquet":
        points.to_parquet(file)
    else:
        pyogrio.write_dataframe(points, file, **({"SPATIAL_INDEX": "NO"} if suffix == "fgb" else {}))
    table = read_table(file).table
    assert table["code"].tolist() == ["0571", "0572"]
    assert table.geometry.x.tolist() == pytest.approx([120.1, 120.2])
    assert table.index.tolist() == [1, 2]


def test_plain_parquet_is_read_by_its_columns(tmp_path):
    pd.DataFrame({"lon": [120.0], "lat": [30.0]}).to_parquet(tmp_path / "a.parquet")
    assert read_table(tmp_path / "a.parquet").table.geometry.x.tolist() == [120]


def test_projected_layer_lands_where_it_should(tmp_path, points):
    points.to_crs("EPSG:4549").to_file(tmp_path / "a.gpkg")
    table = read_table(tmp_path / "a.gpkg").table
    assert shapely.get_coordinates(table.geometry) == pytest.approx(shapely.get_coordinates(points.geometry), abs=1e-8)


def test_gbk_shapefile_with_lying_or_missing_cpg(tmp_path, points):
    named = points.assign(名称=["西湖医院", "余杭医院"])
    named.to_file(tmp_path / "a.shp", encoding="gb18030")
    for label in ("UTF-8", "ISO-8859-1", None):
        (tmp_path / "a.cpg").unlink(missing_ok=True)
        if label:
            (tmp_path / "a.cpg").write_text(label)
        assert read_table(tmp_path / "a.shp").table["名称"].tolist() == ["西湖医院", "余杭医院"]
    with pytest.raises(InputError, match=r"a\.shp: the text is not utf-8"):
        read_table(Source(file=tmp_path / "a.shp", encoding="utf-8"))


def test_geojson_in_gbk(tmp_path, points):
    text = points.assign(名称=["西湖医院", "余杭医院"]).to_json(ensure_ascii=False)
    (tmp_path / "a.geojson").write_bytes(text.encode("gb18030"))
    assert read_table(tmp_path / "a.geojson").table["名称"].tolist() == ["西湖医院", "余杭医院"]


def test_shapefile_without_prj_must_be_given_a_crs(tmp_path, points):
    points.to_file(tmp_path / "a.shp")
    (tmp_path / "a.prj").unlink()
    with pytest.raises(InputError, match=r"a\.shp: declares no coordinate system.*crs:"):
        read_table(tmp_path / "a.shp")
    assert read_table(Source(file=tmp_path / "a.shp", crs="EPSG:4326")).table.geometry.x.tolist() == pytest.approx([120.1, 120.2])


@pytest.mark.parametrize("part", ["dbf", "shx"])
def test_half_a_shapefile_is_refused(tmp_path, points, part):
    points.to_file(tmp_path / "a.b.shp")
    (tmp_path / f"a.b.{part}").rename(tmp_path / f"a.b.{part.upper()}")
    assert len(read_table(tmp_path / "a.b.shp").table) == 2
    (tmp_path / f"a.b.{part.upper()}").unlink()
    with pytest.raises(InputError, match=rf"a\.b\.shp: a\.b\.{part} is missing beside it: copy all"):
        read_table(tmp_path / "a.b.shp")


def test_several_layers_must_be_told_apart(tmp_path, points):
    for layer in ("schools", "clinics"):
        points.to_file(tmp_path / "a.gpkg", layer=layer)
    with pytest.raises(InputError, match="schools, clinics"):
        read_table(tmp_path / "a.gpkg")
    assert len(read_table(Source(file=tmp_path / "a.gpkg", layer="clinics")).table) == 2
    with pytest.raises(InputError, match="no layer 'school'"):
        read_table(Source(file=tmp_path / "a.gpkg", layer="school"))


def test_shapes_are_mended_or_rejected(tmp_path):
    bow_tie = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    flat = shapely.Polygon([(0, 0), (1, 1), (0, 0)])
    good = shapely.box(10, 10, 11, 11)
    far = shapely.box(10, 80, 11, 120)
    shapes = gpd.GeoDataFrame({"n": range(6)}, geometry=[good, bow_tie, None, shapely.Polygon(), flat, far], crs=4326)
    shapes.to_parquet(tmp_path / "a.parquet")
    read = read_table(tmp_path / "a.parquet")
    assert read.table.index.tolist() == [1, 2]
    assert read.table.geometry.is_valid.all()
    assert read.table.geometry.iloc[1].area == pytest.approx(0.5)
    assert sorted(read.rejected["row"]) == [3, 4, 5, 6]


@pytest.mark.parametrize("name", ["list.xls", "list.pdf", "list"])
def test_other_kinds_are_refused_in_one_sentence(tmp_path, name):
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(InputError, match=r"list.*save it as CSV, XLSX, GeoJSON, GeoPackage, Shapefile or GeoParquet"):
        read_table(tmp_path / name)


@pytest.mark.parametrize("name", ["a.csv", "a.gpkg", "a.parquet"])
def test_absent_and_broken_files(tmp_path, name):
    with pytest.raises(InputError, match="no such file"):
        read_table(tmp_path / name)
    (tmp_path / name).write_bytes(b"\x00\x01broken")
    with pytest.raises(InputError, match=name):
        read_table(tmp_path / name)


def test_shanghai_list_has_latitude_before_longitude(shared_data):
    read = read_table(shared_data / "china-awkward" / "shanghai_hospital.csv")
    assert len(read.table) == 7513
    assert read.rejected.empty
    assert read.table.geometry.x.between(120.8, 122.2).all()


def test_hangzhou_list_without_header_is_explained(shared_data):
    with pytest.raises(InputError, match="first line is data"):
        read_table(shared_data / "china-awkward" / "hangzhou_busstop_noheader.csv")


def test_chinese_shapefiles(shared_data):
    folder = shared_data / "china-awkward" / "gbk-shapefiles"
    assert "宝山区" in read_table(folder / "shanghai_shp" / "区县界_area.shp").table["NAME"].tolist()
    with pytest.raises(InputError, match=r"sz\.shp: declares no coordinate system"):
        read_table(folder / "sz.shp")
    assert read_table(Source(file=folder / "sz.shp", crs="EPSG:4326")).table["qh"].iloc[0] == "罗湖"
    jiaojiang = read_table(shared_data / "zhejiang-counties" / "jiaojiang_county_ruiduobao" / "椒江区_331002.shp").table
    assert jiaojiang["区划码"].tolist() == ["331002"]
