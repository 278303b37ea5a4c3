"""Zones: ids as text, rows that share an id joined, points assigned once."""

import geopandas as gpd
import numpy as np
import pytest
from shapely import Point, box

from lifecircle.geo.errors import InputError
from lifecircle.layers.source import Source
from lifecircle.layers.zones import assign_zones, read_zones


def zones_file(folder, rows):
    ids, names, shapes = zip(*rows, strict=True)
    file = folder / "zones.parquet"
    gpd.GeoDataFrame({"code": list(ids), "title": list(names)}, geometry=list(shapes), crs=4326).to_parquet(file)
    return file


def test_codes_never_grow_a_decimal(tmp_path):
    file = zones_file(tmp_path, [(330102.0, "甲", box(0, 0, 1, 1)), (None, "乙", box(1, 0, 2, 1))])
    read = read_zones(Source(file=file, id="code", name="title"), level="county")
    assert read.table["zone"].tolist() == ["330102"]
    assert read.table.columns.tolist() == ["zone", "name", "kind", "people", "geometry"]
    assert read.rejected[["row", "reason"]].values.tolist() == [[2, "a zone of level county needs an id"]]


@pytest.mark.parametrize("code", ["330102001000", "003"])
def test_long_and_padded_codes(tmp_path, code):
    file = zones_file(tmp_path, [(code, "甲", box(0, 0, 1, 1))])
    assert read_zones(Source(file=file, id="code"), level="township").table["zone"].tolist() == [code]


def test_rows_that_share_an_id_are_one_zone(tmp_path):
    rows = [("b", "乙", box(5, 0, 6, 1)), ("a", "甲", box(0, 0, 1, 1)), ("b", "乙", box(6, 0, 7, 1))]
    table = read_zones(Source(file=zones_file(tmp_path, rows), id="code", name="title"), level="county").table
    assert table["zone"].tolist() == ["b", "a"]
    assert table["name"].tolist() == ["乙", "甲"]
    assert [shape.area for shape in table.geometry] == pytest.approx([2, 1])
    assert table.geometry.geom_type.tolist() == ["Polygon", "Polygon"]


def test_points_are_no_zones(tmp_path):
    file = zones_file(tmp_path, [("a", "甲", box(0, 0, 1, 1)), ("b", "乙", Point(5, 5))])
    assert read_zones(Source(file=file, id="code"), level="county").rejected["row"].tolist() == [2]
    lonely = zones_file(tmp_path, [("b", "乙", Point(5, 5))])
    with pytest.raises(InputError, match=r"no row can be used.*must be a polygon"):
        read_zones(Source(file=lonely, id="code"), level="county")
    with pytest.raises(InputError, match="no column 'cod'; did you mean 'code'"):
        read_zones(Source(file=lonely, id="cod"), level="county")


def test_assignment_on_borders_goes_to_the_first_id():
    zones = gpd.GeoDataFrame({"zone": ["b", "a"]}, geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1)], crs=4326)
    found = assign_zones([0.5, 1.5, 1.0, 9.0, 0.0, np.nan], [0.5, 0.5, 0.5, 0.5, 0.0, 0.5], zones)
    assert found.iloc[[0, 1, 2, 4]].tolist() == ["b", "a", "a", "b"]
    assert found.isna().tolist() == [False, False, False, True, False, True]
    assert found.name == "zone"


def test_zhejiang_has_90_counties_in_11_cities(shared_data):
    folder = shared_data / "zhejiang-counties"
    for source in ("amap", "tianditu"):
        file = folder / f"zhejiang_county_{source}_wgs84.geojson"
        counties = read_zones(Source(file=file, id="district_adcode", name="district_name"), level="county")
        cities = read_zones(Source(file=file, id="city_adcode", name="city_name"), level="city")
        assert (len(counties.table), len(cities.table)) == (90, 11)
        assert counties.table["zone"].str.fullmatch(r"33\d{4}").all()
        assert counties.rejected.empty
        lon, lat = np.array([120.15, 121.55, 116.4]), np.array([30.25, 29.87, 39.9])
        assert assign_zones(lon, lat, cities.table).fillna("").tolist() == ["330100", "330200", ""]


def named(folder, rows, **columns):
    file = folder / "named.parquet"
    ids, names, shapes = zip(*rows, strict=True)
    table = gpd.GeoDataFrame({"code": list(ids), "title": list(names), **columns}, geometry=list(shapes), crs=4326)
    table.to_parquet(file)
    return file


@pytest.mark.parametrize(
    ("level", "names", "kinds"),
    [
        ("county", ["临海市", "天台县", "椒江区", "景宁畲族自治县"], ["county-level-city", "county", "urban-district", "county"]),
        ("township", ["大陈镇", "白水洋乡", "海门街道"], ["township", "township", "sub-district"]),
        ("village", ["上岙村", "滨海社区", "东门居委会"], ["administrative-village", "community", "community"]),
    ],
)
def test_kinds_are_told_by_official_names(tmp_path, level, names, kinds):
    rows = [(str(n), name, box(n, 0, n + 1, 1)) for n, name in enumerate(names)]
    assert read_zones(Source(file=named(tmp_path, rows), id="code"), level=level, kind="title").table["kind"].tolist() == kinds


def test_kinds_may_be_one_for_all_and_what_tells_none_is_listed(tmp_path):
    rows = [("a", "甲县", box(0, 0, 1, 1)), ("b", "乙", box(1, 0, 2, 1))]
    assert set(read_zones(Source(file=named(tmp_path, rows), id="code"), level="county", kind="county").table["kind"]) == {
        "county"
    }
    read = read_zones(Source(file=named(tmp_path, rows), id="code"), level="county", kind="title")
    assert read.table["kind"].isna().tolist() == [False, True]
    assert read.rejected["value"].tolist() == ["乙"]


def test_people_and_flags_of_zones(tmp_path):
    rows = [("a", "甲", box(0, 0, 1, 1)), ("b", "乙", box(1, 0, 2, 1)), ("c", "丙", box(2, 0, 3, 1))]
    file = named(tmp_path, rows, number=["1200", "", "many"], fine=["达标", "未达标", None])
    read = read_zones(Source(file=file, id="code"), level="village", people="number", flags={"fine": "fine"}).table
    assert read["people"].tolist()[0] == 1200 and read["people"].isna().tolist() == [False, True, True]
    assert read["flag.fine"].tolist()[:2] == [True, False] and read["flag.fine"].isna().tolist() == [False, False, True]


def test_people_of_a_zone_in_parts_are_never_counted_twice(tmp_path):
    rows = [
        ("a", "甲", box(0, 0, 1, 1)),
        ("a", "甲", box(2, 0, 3, 1)),
        ("b", "乙", box(4, 0, 5, 1)),
        ("b", "乙", box(6, 0, 7, 1)),
    ]
    read = read_zones(Source(file=named(tmp_path, rows, number=[500, 500, 300, 200]), id="code"), level="county", people="number")
    assert read.table["people"].tolist() == [500, 500]
