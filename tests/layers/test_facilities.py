"""Facilities: from files and OSM places, merged under unique ids."""

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, Point, box

from lifecircle.geo.errors import InputError
from lifecircle.layers.facilities import COLUMNS, facilities_from_file, facilities_from_places, merge_facilities
from lifecircle.layers.goals import Text
from lifecircle.layers.services import Service, service_catalogue
from lifecircle.layers.source import Source

HEALTH = Service(title=Text(zh="医疗", en="Health"), osm=[{"amenity": ["hospital", "clinic"]}])


def csv(folder, text, name="clinics.csv"):
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def places(*rows):
    names, tags, shapes = zip(*rows, strict=True)
    return gpd.GeoDataFrame({"osm": names, "tags": tags}, geometry=list(shapes), crs="EPSG:4326")


def from_osm(*rows):
    return facilities_from_places(places(*rows), service_id="health", service=HEALTH, source="osm")


def test_file_without_columns_named(tmp_path):
    layer = facilities_from_file(csv(tmp_path, "名称,lon,lat\n甲,120,30\n乙,,\n丙,121,31\n"), service="health")
    assert list(layer.table.columns) == list(COLUMNS)
    assert layer.table["facility"].tolist() == ["clinics-1", "clinics-3"]
    assert layer.table["name"].tolist() == ["甲", "丙"]
    assert layer.table["capacity"].isna().all()
    assert set(layer.table["service"]) == {"health"}
    assert layer.rejected["row"].tolist() == [2]


def test_wrong_capacity_is_unknown_and_noted(tmp_path):
    text = "id,lon,lat,beds\na,120,30,12\nb,120,30,-3\nc,120,30,many\nd,120,30,\ne,120,30,0\n"
    layer = facilities_from_file(Source(file=csv(tmp_path, text), id="id"), service="health", capacity="beds")
    assert len(layer.table) == 5
    assert layer.table["capacity"].fillna(-1).tolist() == [12, -1, -1, -1, 0]
    assert layer.rejected[["row", "column", "value"]].values.tolist() == [[2, "beds", "-3"], [3, "beds", "many"]]


def test_repeated_or_blank_id_costs_no_facility(tmp_path):
    text = "id,lon,lat\n7,120,30\n7,121,30\n,122,30\n"
    layer = facilities_from_file(Source(file=csv(tmp_path, text), id="id"), service="health")
    assert layer.table["facility"].tolist() == ["7", "clinics-2", "clinics-3"]
    assert layer.rejected["row"].tolist() == [2, 3]


def test_a_list_that_cannot_be_meant_is_an_error(tmp_path):
    with pytest.raises(InputError, match=r"clinics\.csv: no row can be used, 2 rejected; row 1: .*swapped"):
        facilities_from_file(csv(tmp_path, "lon,lat\n30,120\n31,121\n"), service="health")
    with pytest.raises(InputError, match="no column 'bed'; did you mean 'beds'"):
        facilities_from_file(csv(tmp_path, "lon,lat,beds\n120,30,1\n"), service="health", capacity="bed")


def test_osm_places_of_a_service():
    found = from_osm(
        ("n1", {"amenity": "hospital", "name": "West Lake", "name:zh": "西湖医院", "capacity": "20"}, Point(120, 30)),
        (
            "w2",
            {"amenity": "clinic", "name:zh": "甲", "name:zh-Hans": "乙", "capacity": "-1"},
            box(120, 30, 120.1, 30.1),
        ),
        ("w3", {"amenity": "clinic;pharmacy"}, LineString([(120, 30), (121, 30)])),
        ("n4", {"amenity": "school"}, Point(120, 30)),
    )
    assert list(found.columns) == list(COLUMNS)
    assert found["facility"].tolist() == ["osm:n1", "osm:w2", "osm:w3"]
    assert found["name"].tolist()[:2] == ["西湖医院", "乙"]
    assert found["name"].isna().tolist() == [False, False, True]
    assert found["capacity"].fillna(-1).tolist() == [20, -1, -1]
    assert found.geometry.geom_type.tolist() == ["Point", "Polygon", "LineString"]


def test_no_place_of_the_service_is_an_empty_table():
    found = from_osm(("n4", {"amenity": "school"}, Point(120, 30)))
    assert len(found) == 0
    assert list(found.columns) == list(COLUMNS)
    assert len(merge_facilities([found]).table) == 0


def test_a_hospital_mapped_twice_counts_once():
    area = ("w2", {"amenity": "hospital"}, box(120, 30, 121, 31))
    inside, outside = ("n1", {"amenity": "hospital"}, Point(120.5, 30.5)), ("n3", {"amenity": "clinic"}, Point(122, 30))
    merged = merge_facilities([from_osm(inside, area, outside), from_osm(area)])
    assert merged.table["facility"].tolist() == ["osm:w2", "osm:n3"]
    assert sorted(merged.rejected["value"]) == ["osm:n1", "osm:w2"]
    assert merged.rejected["reason"].str.contains("mapped twice").sum() == 1
    assert merged.rejected["row"].isna().all()


def test_a_node_in_an_area_of_another_service_stays():
    school = facilities_from_places(
        places(("w2", {"amenity": "school"}, box(120, 30, 121, 31))),
        service_id="school",
        service=Service(title=Text(zh="学校", en="Schools"), osm=[{"amenity": ["school"]}]),
        source="osm",
    )
    merged = merge_facilities([school, from_osm(("n1", {"amenity": "clinic"}, Point(120.5, 30.5)))])
    assert len(merged.table) == 2
    assert merged.rejected.empty


def test_a_listed_facility_inside_an_osm_area_stays(tmp_path):
    listed = facilities_from_file(csv(tmp_path, "lon,lat\n120.5,30.5\n"), service="health").table
    merged = merge_facilities([listed, from_osm(("w2", {"amenity": "hospital"}, box(120, 30, 121, 31)))])
    assert len(merged.table) == 2


def test_clashing_ids_are_told_apart(tmp_path):
    text = "id,lon,lat\n1,120,30\n2,121,30\n"
    first = facilities_from_file(Source(file=csv(tmp_path, text, "a.csv"), id="id"), service="health").table
    second = facilities_from_file(Source(file=csv(tmp_path, text, "b.csv"), id="id", where="id == 1"), service="health").table
    again = facilities_from_file(Source(file=csv(tmp_path, text, "a.csv"), id="id", where="id == 2"), service="school").table
    merged = merge_facilities([first, second, again]).table
    assert merged["facility"].tolist() == ["a.csv:1", "health:2", "b.csv:1", "school:2"]
    assert merged.index.tolist() == [0, 1, 2, 3]
    doubled = merge_facilities([first, first]).table["facility"]
    assert doubled.is_unique
    assert first["facility"].tolist() == ["1", "2"]


def test_shipped_fitness_tags():
    fitness = service_catalogue()["fitness"]
    assert fitness.matches({"leisure": "pitch"})
    assert fitness.matches({"leisure": "park", "sport": "soccer"})
    assert fitness.matches({"leisure": "swimming_pool", "access": "yes"})
    for tags in (
        {"leisure": "park"},
        {"leisure": "swimming_pool"},
        {"leisure": "pitch", "access": "private"},
        {"sport": "soccer"},
        {},
    ):
        assert not fitness.matches(tags)


def test_shipped_services_have_names_and_queries():
    services = service_catalogue()
    assert {"fitness", "health", "kindergarten", "library", "elder_care", "market", "post"} <= set(services)
    for service in services.values():
        assert service.title.zh
        assert service.title.en
        assert all(query and all(values for values in query.values()) for query in service.osm)


def test_porto_alegre_cells_with_healthcare(shared_data):
    file = shared_data / "porto-alegre-sao-paulo" / "poa" / "poa_hexgrid.csv"
    layer = facilities_from_file(Source(file=file, id="id", where="healthcare > 0"), service="health", capacity="healthcare")
    assert len(layer.table) == 117
    assert layer.table["capacity"].sum() == 141
    assert layer.table["facility"].is_unique
    assert np.isfinite(layer.table["capacity"]).all()


def test_flags_numbers_and_words_of_facilities(tmp_path):
    file = tmp_path / "schools.csv"
    file.write_text(
        "lon,lat,open,classes,grade,built\n120,30,是,12,县级,2019\n120.1,30,否,,乡级,\n120.2,30,maybe,-3,,2020\n120.3,30,,9,,\n",
        encoding="utf-8",
    )
    read = facilities_from_file(
        file, service="school", flags={"open": "open"}, numbers={"classes": "classes"}, tier="grade", date="built"
    )
    assert read.table["flag.open"].dtype == "boolean"
    assert read.table["flag.open"].tolist()[:2] == [True, False] and read.table["flag.open"].isna().sum() == 2
    assert read.table["number.classes"].isna().tolist() == [False, True, True, False]
    assert read.table["tier"].tolist()[:2] == ["县级", "乡级"]
    assert sorted(read.rejected["column"]) == ["classes", "open"]


def test_what_only_one_source_states_is_unknown_for_the_other(tmp_path):
    told, untold = tmp_path / "told.csv", tmp_path / "untold.csv"
    told.write_text("lon,lat,open,classes\n120,30,yes,3\n", encoding="utf-8")
    untold.write_text("lon,lat\n121,30\n", encoding="utf-8")
    parts = [
        facilities_from_file(told, service="school", flags={"open": "open"}, numbers={"classes": "classes"}).table,
        facilities_from_file(untold, service="school").table,
    ]
    merged = merge_facilities(parts).table
    assert merged["flag.open"].dtype == "boolean" and merged["flag.open"].isna().tolist() == [False, True]
    assert merged["number.classes"].tolist()[0] == 3 and merged["number.classes"].isna().tolist() == [False, True]
