"""Damaged files of every format that is read: a small valid one, changed at random with a fixed seed, and the readers it goes to.

Used by `test_mutations.py`; alone it runs a long round of one format: `python tests/mutations.py FORMAT COUNT [SEED]`. The file
that is being read lies in the folder it prints, so that a crash of the process leaves it there.
"""

import random
import re
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import osmnx as ox
import pandas as pd
import pyogrio
import rasterio
import shapely
import toy_map
from rasterio.transform import from_origin

from lifecircle.geo.errors import LifecircleError
from lifecircle.geo.reading.osmnx import streets_from_graphml
from lifecircle.geo.streets import Streets
from lifecircle.geo.terrain import node_heights
from lifecircle.layers.catalogue import read_catalogue
from lifecircle.layers.demand import read_demand
from lifecircle.layers.facilities import facilities_from_file
from lifecircle.layers.indicators import read_indicators
from lifecircle.layers.overrides import read_overrides
from lifecircle.layers.source import Source
from lifecircle.layers.zones import read_zones
from lifecircle.studies.file.reading import read_study
from lifecircle.studies.siting.files import read_cells

LONGEST_SECONDS = 10
ODD_NUMBERS = (
    "-1",
    "0",
    "1e999",
    "NaN",
    "-Infinity",
    "99999999999999999999",
    "1e-320",
    "47.0.02",
    "0330",
    "180.0001",
    "4294967296",
)
ODD_TEXTS = (
    "\0",
    "'",
    '"',
    "]",
    "}",
    "<",
    ">",
    "&",
    "*a",
    "&a ",
    "!!python/object:x ",
    ",",
    "\n",
    "\t",
    "\ufeff",
    "\u202e",
    "null",
    "[" * 300,
    "é",
    "\\u0000",
)
NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Return a file with one to four changes."""
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        data = chance.choice(CHANGES)(data, chance)
    return data


def _flip(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 8, 32))):
        if changed:
            changed[chance.randrange(len(changed))] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
    return bytes(changed)


def _overwrite(data: bytes, chance: random.Random) -> bytes:
    """Put an extreme number, or a block from elsewhere in the file, over what stands there: lengths stay right."""
    size = chance.choice((1, 2, 4, 8, 16))
    first, other = chance.randrange(len(data) + 1), chance.randrange(len(data) + 1)
    put = chance.choice(
        (b"\0" * size, b"\xff" * size, b"\x7f" + b"\xff" * (size - 1), b"\xff" * (size - 1) + b"\x7f", data[other : other + size])
    )
    return data[:first] + put[: len(data) - first] + data[first + size :]


def _cut(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def _drop(data: bytes, chance: random.Random) -> bytes:
    first = chance.randrange(len(data) + 1)
    return data[:first] + data[first + chance.choice((1, 4, 64, 1024)) :]


def _repeat(data: bytes, chance: random.Random) -> bytes:
    first = chance.randrange(len(data) + 1)
    block = data[first : first + chance.choice((1, 8, 64, 512))]
    return data[:first] + block * chance.choice((2, 3, 40)) + data[first:]


def _number(data: bytes, chance: random.Random) -> bytes:
    found = list(NUMBER.finditer(data))
    if not found:
        return data
    one = chance.choice(found)
    return data[: one.start()] + chance.choice(ODD_NUMBERS).encode() + data[one.end() :]


def _insert(data: bytes, chance: random.Random) -> bytes:
    first = chance.randrange(len(data) + 1)
    return data[:first] + chance.choice(ODD_TEXTS).encode() + data[first:]


CHANGES = (_flip, _flip, _overwrite, _overwrite, _overwrite, _cut, _drop, _repeat, _number, _number, _insert)


def points() -> gpd.GeoDataFrame:
    """Six places with people."""
    lon, lat = 8.0 + np.arange(6) / 1_000, 47.0 + np.arange(6) / 2_000
    columns = {"id": list("abcdef"), "people": [5, 10, 0, 7, 20, 3], "kind": ["gym", "池", None, "pool", "gym", "x"]}
    return gpd.GeoDataFrame(columns, geometry=shapely.points(lon, lat), crs="EPSG:4326")


def areas() -> gpd.GeoDataFrame:
    """Two squares and a collection."""
    shapes = [shapely.box(8 + n, 47, 9 + n, 48) for n in range(2)]
    shapes.append(shapely.GeometryCollection([shapely.box(10, 47, 11, 48), shapely.LineString([(10, 47), (11, 48)])]))
    return gpd.GeoDataFrame(
        {"code": ["01", "02", "03"], "name": list("甲乙丙"), "people": [1, 2, 3]}, geometry=shapes, crs="EPSG:4326"
    )


def write_table(file: Path) -> None:
    table = pd.DataFrame(points().drop(columns="geometry")).assign(lon=points().geometry.x, lat=points().geometry.y)
    table.to_csv(file, index=False, sep="\t" if file.suffix == ".tsv" else ",")


def write_overrides(file: Path) -> None:
    rows = 'close,1,,,,\nspeed,2,car,30,,\nroad,,,,"LINESTRING (8 47, 8.01 47)",\nferry,,,,"LINESTRING (8 47, 8.1 47)",20\n'
    file.write_text("action,way,modes,speed_kmh,wkt,duration_minutes\n" + rows, encoding="utf-8")


def write_workbook(file: Path) -> None:
    pd.DataFrame({"code": ["01", "02"], "year": [2020, 2021], "rate": [0.5, "95%"]}).to_excel(file, index=False)


def write_points(file: Path) -> None:
    options = {".fgb": {"SPATIAL_INDEX": "NO"}, ".kml": {"driver": "KML"}}.get(file.suffix, {})
    pyogrio.write_dataframe(points(), file, **options)


def write_areas(file: Path) -> None:
    pyogrio.write_dataframe(areas().iloc[:2] if file.suffix == ".shp" else areas(), file)


def write_raster(file: Path) -> None:
    cells = np.arange(64 * 64, dtype=np.float32).reshape(64, 64)
    profile = {
        "width": 64,
        "height": 64,
        "count": 1,
        "dtype": "float32",
        "crs": "EPSG:4326",
        "transform": from_origin(8, 48, 0.01, 0.01),
    }
    driver = {"driver": "GTiff", "compress": "deflate", "tiled": True, "blockxsize": 16, "blockysize": 16}
    with rasterio.open(file, "w", **profile, **(driver if file.suffix == ".tif" else {"driver": "AAIGrid"})) as raster:
        raster.write(cells, 1)


def write_mosaic(file: Path) -> None:
    write_raster(file.with_name("part.tif"))
    source = '<SimpleSource><SourceFilename relativeToVRT="1">part.tif</SourceFilename><SourceBand>1</SourceBand></SimpleSource>'
    band = f'<VRTRasterBand dataType="Float32" band="1"><NoDataValue>-1</NoDataValue>{source}</VRTRasterBand>'
    place = "<SRS>EPSG:4326</SRS><GeoTransform>8, 0.01, 0, 48, 0, -0.01</GeoTransform>"
    file.write_text(f'<VRTDataset rasterXSize="64" rasterYSize="64">{place}{band}</VRTDataset>', encoding="utf-8")


def write_graph(file: Path) -> None:
    graph = nx.MultiDiGraph(crs="epsg:4326")
    for node in range(4):
        graph.add_node(node, x=8 + node / 100, y=47.0)
    for node in range(3):
        line = shapely.LineString([(8 + node / 100, 47), (8.005 + node / 100, 47.001), (8.01 + node / 100, 47)])
        graph.add_edge(
            node, node + 1, osmid=[node, 7], highway="residential", oneway=False, reversed=False, length=9.0, geometry=line
        )
    ox.save_graphml(graph, file)


STUDY = """name: 研究
streets: streets.osm
demand: {file: people.csv, people: people, id: id, groups: {old: people}}
zones: {county: {file: zones.geojson, id: code, name: name}}
facilities:
  fitness: &f
    - {file: people.csv, id: id, where: "people > 0 and kind in ['gym', '池'] or kind is null"}
  school: *f
goals:
  - {id: fitness-10min, population: all}
  - {id: s, service: school, mode: walk, minutes: 10, target: 0.9}
modes: {walk: {speed_kmh: 4.5}, ferries: none}
out: out
"""
CATALOGUE = """format: 1
document: {id: mine, title: {zh: 甲, en: a}, date: 2020-01-01, period: [2025, 2030]}
goals:
  tightened: {extends: fitness-10min, minutes: 8, target: 0.9}
  clinics:
    title: {zh: 乡镇卫生院30分钟, en: Health centre within 30 minutes}
    section: 三(一)
    phrase: 每个居民30分钟到达乡镇卫生院
    service: township_health
    mode: car
    minutes: 30
    unit: {level: township}
    sources: {minutes: plan, mode: judgement}
    variants:
      - {id: bicycle, title: {zh: 骑行, en: by bicycle}, set: {mode: bicycle}, source: judgement}
"""


def write_study(file: Path) -> None:
    toy_map.write_map(file.with_name("streets.osm"), toy_map.row(3), [toy_map.street(3)])
    write_table(file.with_name("people.csv"))
    write_areas(file.with_name("zones.geojson"))
    file.write_text(STUDY, encoding="utf-8")


def read_points(file: Path) -> None:
    where = "people > 3 and not kind startswith 'x'"
    attempts: list[Callable[[], object]] = [
        lambda: read_demand(Source(file=file, id="id"), people="people", groups={"g": "people"}),
        lambda: facilities_from_file(Source(file=file, id="id", where=where), service="fitness", capacity="people", kind="kind"),
    ]
    each(attempts)


def read_areas(file: Path) -> None:
    each([lambda: read_zones(Source(file=file, id="code", name="name"), level="county", people="people", kind="name")])


def read_figures(file: Path) -> None:
    each([lambda: read_indicators(Source(file=file, id="code"), level="county", year="year", values={"rate": "rate"})])


def read_raster(file: Path) -> None:
    each([lambda: read_demand(file, people=1), lambda: node_heights(toy_streets(), file)])


def toy_streets() -> Streets:
    lon, lat = np.linspace(8, 8.6, 20), np.linspace(47.4, 48, 20)
    return Streets(
        node_ids=np.arange(20), lon=lon, lat=lat, way_ids=np.array([1]), way_starts=np.array([0, 20]),
        way_nodes=np.arange(20, dtype=np.int32), tags=pd.DataFrame({"highway": pd.Categorical(["path"])}),
    )  # fmt: skip


def each(attempts: list[Callable[[], object]]) -> None:
    """Make every attempt, whatever the ones before said; what is no answer of ours comes through."""
    refused: LifecircleError | None = None
    for attempt in attempts:
        try:
            attempt()
        except LifecircleError as error:
            refused = error
    if refused is not None:
        raise refused


# name of a format -> its file's name, how a valid one is written, and what reads it
FORMATS: dict[str, tuple[str, Callable[[Path], None], Callable[[Path], object]]] = {
    "csv": ("a.csv", write_table, read_points),
    "tsv": ("a.tsv", write_table, read_points),
    "costs": ("costs.csv", write_table, read_cells),
    "overrides": ("overrides.csv", write_overrides, read_overrides),
    "xlsx": ("a.xlsx", write_workbook, read_figures),
    "geojson": ("a.geojson", write_points, read_points),
    "geojson-areas": ("z.geojson", write_areas, read_areas),
    "gpkg": ("a.gpkg", write_points, read_points),
    "gpkg-areas": ("z.gpkg", write_areas, read_areas),
    "shp": ("a.shp", write_points, read_points),
    "dbf": ("a.dbf", lambda file: write_points(file.with_suffix(".shp")), lambda file: read_points(file.with_suffix(".shp"))),
    "shx": ("a.shx", lambda file: write_points(file.with_suffix(".shp")), lambda file: read_points(file.with_suffix(".shp"))),
    "shp-areas": ("z.shp", write_areas, read_areas),
    "fgb": ("a.fgb", write_points, read_points),
    "kml": ("a.kml", write_points, read_points),
    "gml": ("a.gml", write_points, read_points),
    "parquet": ("a.parquet", lambda file: points().to_parquet(file), read_points),
    "parquet-areas": ("z.parquet", lambda file: areas().to_parquet(file), read_areas),
    "tif": ("a.tif", write_raster, read_raster),
    "asc": ("a.asc", write_raster, read_raster),
    "vrt": ("a.vrt", write_mosaic, read_raster),
    "graphml": ("a.graphml", write_graph, streets_from_graphml),
    "study": ("study.yaml", write_study, read_study),
    "catalogue": ("goals.yaml", lambda file: file.write_text(CATALOGUE, encoding="utf-8"), lambda file: read_catalogue([file])),
}  # fmt: skip


@contextmanager
def time_limit(seconds: int) -> Iterator[None]:
    """End what takes longer in processor time, where the system has alarms."""

    def late(*_: object) -> None:
        raise TimeoutError(f"longer than {seconds} s")

    before = signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def attempt(file: Path, read: Callable[[Path], object]) -> str:
    """Read a file: "read", "refused", or what went wrong."""
    try:
        with time_limit(LONGEST_SECONDS):
            read(file)
    except LifecircleError as error:
        said = str(error)
        return "refused" if said and "Traceback" not in said and len(said) < 4_000 else f"no sentence: {said[:200]!r}"
    except Exception as error:
        return f"{type(error).__name__}: {str(error)[:200]}"
    return "read"


def rounds(name: str, count: int, folder: Path, *, seed: int) -> Counter[str]:
    """Read `count` mutations of a format's file and count how they ended."""
    file_name, write, read = FORMATS[name]
    file = folder / file_name
    write(file)
    valid = file.read_bytes()
    ended: Counter[str] = Counter()
    for number in range(count):
        file.write_bytes(mutated(valid, random.Random(f"{seed} {name} {number}")))
        end = attempt(file, read)
        ended[end] += 1
        if end not in ("read", "refused"):
            file.with_name(f"bad-{number}-{file_name}").write_bytes(file.read_bytes())
            if ended[end] == 1:
                print(name, number, end, flush=True)
    return ended


if __name__ == "__main__":
    where = Path(tempfile.mkdtemp(prefix="mutations-"))
    print(where, flush=True)
    total = rounds(sys.argv[1], int(sys.argv[2]), where, seed=int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    print(sys.argv[1], dict(total))
