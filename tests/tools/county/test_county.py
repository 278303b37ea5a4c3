"""The generated county holds what its study promises, in the formats planners bring, and always the same bytes."""

import hashlib
import re
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import pytest
import rasterio
import shapely
import yaml
from county.county import make_county
from county.terrain import make_terrain
from pyproj import Geod
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components, dijkstra

from lifecircle.studies.demo.county import TEXTS, write_county

GEOD = Geod(ellps="WGS84")


class Map:
    """The streets file in plain lists, read without lifecircle's own readers."""

    def __init__(self, path: Path) -> None:
        self.lonlat: dict[int, tuple[float, float]] = {}
        self.ways: list[tuple[list[int], dict[str, str]]] = []
        self.points: list[tuple[int, dict[str, str]]] = []
        self.order: list[tuple[str, int]] = []
        for item in osmium.FileProcessor(str(path)):
            self.order.append((item.type_str(), item.id))
            if isinstance(item, osmium.osm.Node):
                self.lonlat[item.id] = (item.location.lon, item.location.lat)
                if item.tags:
                    self.points.append((item.id, dict(item.tags)))
            elif isinstance(item, osmium.osm.Way):
                self.ways.append(([node.ref for node in item.nodes], dict(item.tags)))

    def edges(self, key: str) -> np.ndarray:
        return np.array([pair for refs, tags in self.ways if key in tags for pair in pairwise(refs)])

    def graph(self, edges: np.ndarray) -> csr_matrix:
        start, end = (np.array([self.lonlat[int(node)] for node in edges[:, side]]) for side in (0, 1))
        metres = GEOD.inv(start[:, 0], start[:, 1], end[:, 0], end[:, 1])[2]
        size = max(self.lonlat) + 1
        return csr_matrix((metres, (edges[:, 0], edges[:, 1])), shape=(size, size))

    def nearest(self, lonlat: tuple[float, float], among: np.ndarray) -> int:
        points = np.array([self.lonlat[int(node)] for node in among])
        return int(among[np.argmin(np.hypot(points[:, 0] - lonlat[0], points[:, 1] - lonlat[1]))])

    def place(self, name: str) -> tuple[float, float]:
        return next(self.lonlat[node] for node, tags in self.points if tags.get("name") == name and "place" in tags)


@pytest.fixture(scope="module")
def demo_county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the county as the package brings it."""
    return write_county(tmp_path_factory.mktemp("county")).parent


@pytest.fixture(scope="module")
def streets(demo_county: Path) -> Map:
    return Map(demo_county / "streets.osm.pbf")


@pytest.fixture(scope="module")
def walk_labels(streets: Map) -> np.ndarray:
    return connected_components(streets.graph(streets.edges("highway")), directed=False)[1]


def hash_files(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_the_package_brings_what_the_generator_makes(demo_county: Path, tmp_path: Path) -> None:
    make_county(tmp_path)
    texts = {target for _, target in TEXTS}
    assert hash_files(tmp_path) == {name: told for name, told in hash_files(demo_county).items() if name not in texts}


def test_another_seed_gives_another_land() -> None:
    one, other = (make_terrain(np.random.default_rng(seed)) for seed in (14, 3))
    assert not np.array_equal(one.land, other.land)


def test_the_study_names_only_files_that_are_there(demo_county: Path) -> None:
    text = (demo_county / "study.yaml").read_text(encoding="utf-8")
    study = yaml.safe_load(text)
    assert "虚构" in study["name"]
    files = re.findall(r"[\w-]+\.(?:osm\.pbf|shp|tif|csv)\b", text)
    assert {name for name in files if name != "rejected.csv"} == {
        path.name for path in demo_county.iterdir() if path.suffix in {".pbf", ".shp", ".tif", ".csv"}
    }
    assert "does not exist" in (demo_county / "NOTICE").read_text(encoding="utf-8")


def test_objects_are_sorted_and_no_way_names_a_missing_node(streets: Map) -> None:
    kinds = ["nwr".index(kind) for kind, _ in streets.order]
    assert kinds == sorted(kinds)
    assert all(a < b for (k, a), (m, b) in pairwise(streets.order) if k == m)
    assert {ref for refs, _ in streets.ways for ref in refs} <= set(streets.lonlat)
    assert all(len(refs) >= 2 and all(a != b for a, b in pairwise(refs)) for refs, _ in streets.ways)


def test_streets_that_cross_on_the_ground_share_a_node(streets: Map) -> None:
    ground = [
        (refs, tags)
        for refs, tags in streets.ways
        if "highway" in tags and "bridge" not in tags and "tunnel" not in tags and tags["highway"] != "motorway_link"
    ]
    lines = np.array([shapely.LineString([streets.lonlat[ref] for ref in refs]) for refs, _ in ground])
    first, second = shapely.STRtree(lines).query(lines, predicate="crosses")
    points = shapely.intersection(lines[first], lines[second])
    for a, b, point in zip(first, second, points, strict=True):
        shared = shapely.MultiPoint([streets.lonlat[ref] for ref in set(ground[a][0]) & set(ground[b][0])])
        assert shapely.distance(point, shared) < 2e-6  # degrees: 20 cm, what rounding to nodes may leave


def test_every_kind_of_way_the_study_needs_is_there(streets: Map) -> None:
    highways = {tags["highway"] for _, tags in streets.ways if "highway" in tags}
    assert highways >= {
        "motorway", "motorway_link", "primary", "secondary", "tertiary", "unclassified", "residential", "living_street",
        "footway", "steps", "track", "service",
    }  # fmt: skip
    assert {tags.get("oneway") for _, tags in streets.ways if tags.get("highway") == "residential"} == {
        None,
        "yes",
        "-1",
    }
    for key in ("bridge", "tunnel", "maxspeed", "name"):
        assert any(key in tags and "highway" in tags for _, tags in streets.ways), key


def test_motorway_is_reached_by_ramps_only_and_in_both_directions(streets: Map) -> None:
    def nodes(*kinds: str) -> set[int]:
        return {ref for refs, tags in streets.ways if tags.get("highway") in kinds for ref in refs}

    ordinary = {ref for refs, tags in streets.ways if "motorway" not in tags.get("highway", "motorway") for ref in refs}
    assert not nodes("motorway") & ordinary
    ramps = [refs for refs, tags in streets.ways if tags.get("highway") == "motorway_link"]
    on = [refs for refs in ramps if refs[0] in ordinary and refs[-1] in nodes("motorway")]
    off = [refs for refs in ramps if refs[0] in nodes("motorway") and refs[-1] in ordinary]
    assert len(on) == len(off) == 6
    assert all(tags.get("oneway") == "yes" for _, tags in streets.ways if "motorway" in tags.get("highway", ""))


def test_the_large_island_hangs_on_the_ferry_alone(streets: Map, walk_labels: np.ndarray) -> None:
    ((ferry, tags),) = [(refs, tags) for refs, tags in streets.ways if tags.get("route") == "ferry"]
    assert (tags["duration"], tags["interval"]) == ("00:25", "01:00")
    seat, town = (streets.nearest(streets.place(name), np.unique(streets.edges("highway"))) for name in ("青屿镇", "澜城街道"))
    assert walk_labels[seat] != walk_labels[town]
    assert {walk_labels[ferry[0]], walk_labels[ferry[-1]]} == {walk_labels[seat], walk_labels[town]}
    island = np.unique(streets.edges("highway"))
    assert (walk_labels[island] == walk_labels[seat]).sum() > 50  # no scrap: a real island


def test_a_small_island_and_a_car_park_stand_alone(streets: Map, walk_labels: np.ndarray) -> None:
    nodes = np.unique(streets.edges("highway"))
    labels, sizes = np.unique(walk_labels[nodes], return_counts=True)
    scraps = {int(label) for label in labels[sizes < 50]}
    assert len(labels) == 4
    assert len(scraps) == 2
    aisles = {walk_labels[refs[0]] for refs, tags in streets.ways if tags.get("service") == "parking_aisle"}
    assert len(aisles & scraps) == 1
    lonely = next(iter(scraps - aisles))
    points = shapely.MultiPoint([streets.lonlat[int(node)] for node in nodes[walk_labels[nodes] == lonely]])
    rest = shapely.MultiPoint([streets.lonlat[int(node)] for node in nodes[walk_labels[nodes] != lonely]])
    assert shapely.distance(points, rest) > 0.02  # 2 km of sea


def test_the_car_park_lies_beside_a_main_road(streets: Map) -> None:
    park = [streets.lonlat[ref] for refs, tags in streets.ways if "service" in tags for ref in refs]
    roads = shapely.union_all(
        [
            shapely.LineString([streets.lonlat[ref] for ref in refs])
            for refs, tags in streets.ways
            if tags.get("highway") == "secondary"
        ]
    )
    assert 10 / 111_000 < shapely.distance(shapely.MultiPoint(park), roads) < 40 / 98_000


def test_hamlets_without_a_road_are_more_than_a_kilometre_from_any(streets: Map) -> None:
    nodes = np.array([streets.lonlat[int(node)] for node in np.unique(streets.edges("highway"))])
    far = 0
    for node, tags in streets.points:
        if tags.get("place") == "hamlet":
            lon, lat = streets.lonlat[node]
            near = GEOD.inv(np.full(len(nodes), lon), np.full(len(nodes), lat), nodes[:, 0], nodes[:, 1])[2].min()
            far += near > 1_000
    assert far == 3


def test_the_reservoir_forces_a_detour_to_the_clinic_on_the_other_shore(streets: Map, demo_county: Path) -> None:
    lake = next(
        shapely.Polygon([streets.lonlat[ref] for ref in refs]) for refs, tags in streets.ways if tags.get("water") == "reservoir"
    )
    edges = streets.edges("highway")
    clinic = streets.place("湖山乡")
    villages = [streets.lonlat[node] for node, tags in streets.points if tags.get("place") in {"village", "hamlet"}]
    across = [point for point in villages if shapely.LineString([point, clinic]).intersects(lake)]
    start = min(across, key=lambda point: shapely.Point(point).distance(lake))
    line = GEOD.inv(*start, *clinic)[2]
    ends = [streets.nearest(point, np.unique(edges)) for point in (start, clinic)]
    path = dijkstra(streets.graph(edges), directed=False, indices=ends[0])[ends[1]]
    assert line < 4_000
    assert 2.5 * line < path < np.inf


def test_no_street_runs_through_water(streets: Map) -> None:
    lake = [
        shapely.Polygon([streets.lonlat[ref] for ref in refs]) for refs, tags in streets.ways if tags.get("water") == "reservoir"
    ]
    lines = [shapely.LineString([streets.lonlat[r] for r in refs]) for refs, tags in streets.ways if "highway" in tags]
    assert not shapely.intersects(shapely.union_all(lake), shapely.union_all(lines))


def test_land_lies_left_of_every_coast_line(streets: Map, demo_county: Path) -> None:
    with rasterio.open(demo_county / "elevation.tif") as raster:
        coast = [refs for refs, tags in streets.ways if tags.get("natural") == "coastline"]
        assert len(coast) >= 5
        right = left = 0
        for refs in coast:
            points = np.array([streets.lonlat[ref] for ref in refs])
            middle, step = (points[:-1] + points[1:]) / 2, np.diff(points, axis=0)
            across = np.column_stack([-step[:, 1], step[:, 0]]) / np.hypot(*step.T)[:, None] * 0.002
            left += sum(value[0] > 0 for value in raster.sample(middle + across))
            right += sum(value[0] > 0 for value in raster.sample(middle - across))
    assert left > 20 * right


def test_people_add_up_and_live_only_on_the_countys_land(demo_county: Path) -> None:
    with rasterio.open(demo_county / "people.tif") as raster:
        people = raster.read(1, masked=True).astype(float)
        assert (raster.crs.to_epsg(), raster.dtypes[0]) == (4326, "float32")
        assert raster.res == pytest.approx((1 / 1200, 1 / 1200))
    assert people.sum() == pytest.approx(480_000, rel=1e-5)
    assert people.min() == 0
    assert 0.3 < people.mask.mean() < 0.6  # the sea and the neighbours
    with rasterio.open(demo_county / "elevation.tif") as raster:
        height = raster.read(1)
    assert (height[people.filled(0) > 0] > 0).all()
    assert 850 < height.max() < 1_100


def test_zones_are_gbk_shapefiles_in_cgcs2000_that_say_nothing_about_their_encoding(demo_county: Path) -> None:
    assert not list(demo_county.glob("*.cpg"))
    raw = (demo_county / "townships.dbf").read_bytes()
    assert raw[29] == 0
    assert "澜城街道".encode("gbk") in raw
    assert "澜城街道".encode() not in raw
    towns = gpd.read_file(demo_county / "townships.shp", encoding="gbk")
    whole = gpd.read_file(demo_county / "county.shp", encoding="gbk")
    assert towns.crs.to_epsg() == whole.crs.to_epsg() == 4549
    assert list(towns.columns) == ["代码", "名称", "geometry"]
    assert towns["代码"].str.fullmatch(r"339901\d{6}").all()
    assert towns["代码"].is_unique
    assert len(towns) == 13
    assert towns.area.sum() == pytest.approx(whole.area.sum(), rel=1e-6)  # they tile the county, without overlap
    assert 450e6 < whole.area.sum() < 900e6


def test_every_seat_lies_in_its_own_township(demo_county: Path, streets: Map) -> None:
    towns = gpd.read_file(demo_county / "townships.shp", encoding="gbk").to_crs(4326).set_index("名称")
    for name, shape in towns.geometry.items():
        assert shape.contains(shapely.Point(streets.place(str(name)))), name


def test_the_health_list_is_gb18030_and_shifted_by_gcj02(demo_county: Path, streets: Map) -> None:
    raw = (demo_county / "health.csv").read_bytes()
    table = pd.read_csv(demo_county / "health.csv", encoding="gb18030")
    assert raw.startswith("名称,类别,床位,经度,纬度\r\n".encode("gb18030"))
    assert table["经度"].isna().sum() == 1
    hospital = table.set_index("名称").loc["清澜县人民医院"]
    plot = next(
        streets.lonlat[refs[0]]
        for refs, tags in streets.ways
        if tags.get("amenity") == "hospital" and tags["name"] == "清澜县人民医院"
    )
    assert 350 < GEOD.inv(*plot, hospital["经度"], hospital["纬度"])[2] < 750


def test_fitness_places_are_points_and_areas(streets: Map) -> None:
    points = [tags["leisure"] for _, tags in streets.points if "leisure" in tags]
    areas = [(tags["leisure"], refs) for refs, tags in streets.ways if "leisure" in tags]
    assert set(points) == {"fitness_station"}
    assert {kind for kind, _ in areas} == {"pitch", "sports_centre"}
    assert all(refs[0] == refs[-1] for _, refs in areas)
    assert len(points) > 50
