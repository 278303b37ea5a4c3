"""What a basemap shows of an extract: land and settlements, never a border."""

import geopandas as gpd
import pytest
import shapely

from lifecircle.geo.reading.osm import read_osm
from lifecircle.layers.land import land_of

AREA, LINE, SPOT = shapely.box(0, 0, 1, 1), shapely.LineString([(0, 0), (1, 1)]), shapely.Point(0, 0)


def kinds(*places):
    table = gpd.GeoDataFrame({"tags": [tags for tags, _ in places]}, geometry=[shape for _, shape in places], crs="EPSG:4326")
    return land_of(table)


@pytest.mark.parametrize(
    ("tags", "shape", "kind"),
    [
        ({"natural": "water"}, AREA, "water"),
        ({"waterway": "river"}, LINE, "water"),
        ({"natural": "coastline"}, LINE, "water"),
        ({"leisure": "park"}, AREA, "green"),
        ({"landuse": "forest"}, AREA, "green"),
        ({"railway": "rail"}, LINE, "railway"),
        ({"place": "village", "name": "清溪"}, SPOT, "place"),
        ({"place": "island", "name": "岛"}, AREA, "place"),
    ],
)
def test_land_is_recognised(tags, shape, kind):
    found = kinds((tags, shape))
    assert found["kind"].tolist() == [kind]
    assert kind != "place" or found.geometry.iloc[0].geom_type == "Point"


@pytest.mark.parametrize(
    ("tags", "shape"),
    [
        ({"boundary": "administrative", "admin_level": "2"}, AREA),
        ({"place": "country", "name": "X"}, SPOT),
        ({"place": "village"}, SPOT),
        ({"amenity": "school"}, AREA),
        ({"natural": "water"}, SPOT),
    ],
)
def test_borders_and_everything_else_stay_out(tags, shape):
    assert kinds((tags, shape)).empty


def test_simplified_names_go_first_and_larger_places_rank_before():
    found = kinds(({"place": "hamlet", "name": "小村"}, SPOT), ({"place": "city", "name": "臺州", "name:zh-Hans": "台州"}, SPOT))
    assert dict(zip(found["name"], found["rank"], strict=True)) == {"小村": 4, "台州": 0}


def test_an_extract_of_streets_only_has_no_land():
    empty = gpd.GeoDataFrame({"tags": []}, geometry=[], crs="EPSG:4326")
    assert land_of(empty).columns.tolist() == ["kind", "name", "rank", "geometry"]


def test_comoros_has_its_islands_and_shores(shared_data):
    found = land_of(read_osm(next((shared_data / "comoros").glob("*.osm.pbf"))).places)
    assert found.loc[found["rank"] <= 1, "name"].str.startswith("Moroni").any()
    assert (found["kind"] == "water").sum() > 100
