"""A made-up province over real streets: extract, people per cell, counties and townships, facilities, and its studies.

Porto's extract stands twenty times in a grid; people, borders and facilities are drawn at random with a fixed seed. Three
studies share the files: with facilities, with none in reach (`nobody`), and with the longest limit there is, a day, which
everyone keeps who has a way to a facility (`everybody`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .folders import porto
from .networks import SEED
from .tiling import tile_extract

COLUMNS, ROWS = 4, 5  # of tiles
STEP_DEGREES = 0.43  # a little more than the width and the height of Porto's extract
WEST, SOUTH = -8.795, 40.981
CELL_DEGREES = 1 / 1200  # three seconds of arc, as WorldPop has it
INHABITED_CELLS = 1_750_000
PEOPLE = 64_000_000
COUNTIES = (9, 10)  # 90
TOWNSHIPS = (38, 40)  # 1,520
STREETS_CELLS = 0.8  # how far from a street people live
CLUSTERS_CELLS = (12.0, 60.0)  # how far towns and valleys reach
FACILITIES = {"fitness": 6_000, "health": 3_000, "hospitals": 400}
STUDIES: Final = ("province", "nobody", "everybody")

Floats = NDArray[np.float64]
Cells = NDArray[np.float32]

_STUDY = """\
name: {name}
streets: province.osm.pbf
zones:
  county: {{file: counties.gpkg, id: code, name: name}}
  township: {{file: townships.gpkg, id: code, name: name}}
demand:
  file: people.tif
  people: 1
  urban: {{rule: degurba}}
facilities:
  fitness: [{{file: fitness{suffix}.csv, id: id, name: name}}]
  health: [{{file: health{suffix}.csv, id: id, name: name}}]
  hospitals: [{{file: hospitals{suffix}.csv, id: id, name: name}}]
goals:
  - {{id: fitness-10min, minutes: {minutes[0]}}}
  - {{id: rural-90min, minutes: {minutes[1]}}}
  - {{id: hospital-30, service: hospitals, mode: car, minutes: {minutes[2]}, target: 0.9}}
out: out-{name}
"""


def make_province(folder: Path) -> None:
    """Write the files of all studies."""
    tile_extract(porto(), folder / "province.osm.pbf", copies=COLUMNS * ROWS, step_degrees=STEP_DEGREES, columns=COLUMNS)
    people = people_cells(street_nodes(porto()), INHABITED_CELLS, PEOPLE)
    write_people(folder / "people.tif", people)
    for file, counts in (("counties", COUNTIES), ("townships", TOWNSHIPS)):
        write_zones(folder / f"{file}.gpkg", counts, extent())
    for service, count in FACILITIES.items():
        write_points(folder / f"{service}.csv", *places_of_people(people, count), service)
    write_studies(folder)


def extent() -> tuple[float, float, float, float]:
    """Return west, south, east and north of the province in degrees."""
    return WEST, SOUTH, WEST + COLUMNS * STEP_DEGREES, SOUTH + ROWS * STEP_DEGREES


def street_nodes(extract: Path) -> Cells:
    """Return how many street nodes lie in each cell of the province, its tile repeated."""
    from lifecircle.geo.reading.osm import read_osm

    streets = read_osm(extract, place_keys=()).streets
    side = round(STEP_DEGREES / CELL_DEGREES)
    row = np.floor((SOUTH + STEP_DEGREES - streets.lat) / CELL_DEGREES).astype(np.int64)
    column = np.floor((streets.lon - WEST) / CELL_DEGREES).astype(np.int64)
    inside = (row >= 0) & (row < side) & (column >= 0) & (column < side)
    tile = np.bincount(row[inside] * side + column[inside], minlength=side * side).reshape(side, side)
    return np.tile(tile, (ROWS, COLUMNS)).astype(np.float32)


def people_cells(nodes: Cells, inhabited: int, people: float) -> Cells:
    """Return people per cell: along streets, crowded where there are many of them and in towns drawn at random."""
    from scipy.ndimage import gaussian_filter

    random = np.random.default_rng(SEED)
    field = np.log(gaussian_filter(nodes, STREETS_CELLS) + np.float32(1e-3))
    for width in CLUSTERS_CELLS:
        noise = gaussian_filter(random.standard_normal(nodes.shape, np.float32), width, mode="wrap")
        field += noise / noise.std() / 2
    lowest = np.partition(field.ravel(), field.size - inhabited)[field.size - inhabited]
    crowded: Cells = np.where(field >= lowest, np.exp(field - lowest), 0)
    return (crowded * (people / float(crowded.sum(dtype=np.float64)))).astype(np.float32)


def write_people(file: Path, people: Cells) -> None:
    """Write a raster of people as WorldPop publishes it; cells without anyone have no data."""
    import rasterio
    from affine import Affine

    west, _, _, north = extent()
    profile = {
        "driver": "GTiff", "dtype": "float32", "count": 1, "height": people.shape[0], "width": people.shape[1],
        "crs": "EPSG:4326", "transform": Affine(CELL_DEGREES, 0, west, 0, -CELL_DEGREES, north), "nodata": -99999.0,
        "compress": "deflate",
    }  # fmt: skip
    with rasterio.open(file, "w", **profile) as raster:
        raster.write(np.where(people > 0, people, np.float32(-99999)), 1)


def write_zones(file: Path, counts: tuple[int, int], bounds: tuple[float, float, float, float]) -> None:
    """Write zones with winding borders that neighbours share: a grid, every line of it bent alike."""
    import geopandas as gpd
    import shapely

    west, south, east, north = bounds
    x, y = np.linspace(west, east, counts[0] + 1), np.linspace(south, north, counts[1] + 1)
    column, row = (places.ravel() for places in np.meshgrid(np.arange(counts[0]), np.arange(counts[1])))
    boxes = shapely.segmentize(shapely.box(x[column], y[row], x[column + 1], y[row + 1]), (x[1] - x[0]) / 24)
    bend = (x[1] - x[0]) / 6

    def wind(corners: Floats) -> Floats:
        # whole waves from border to border: the outer border of all zones stays where it is
        wave_x = np.sin(np.pi * (corners[:, 0] - west) / (east - west)) * np.sin(40 * corners[:, 1])
        wave_y = np.sin(np.pi * (corners[:, 1] - south) / (north - south)) * np.sin(40 * corners[:, 0])
        return corners + bend * np.column_stack([wave_x, wave_y])

    codes = [f"33{number:06d}" for number in range(len(column))]
    zones = {"code": codes, "name": [f"{file.stem} {number + 1}" for number in range(len(column))]}
    gpd.GeoDataFrame(zones, geometry=shapely.transform(boxes, wind), crs="EPSG:4326").to_file(file)


def places_of_people(people: Cells, count: int, *, seed: int = SEED) -> tuple[Floats, Floats]:
    """Draw places where people live, the likelier the more they are; degrees."""
    random = np.random.default_rng(seed)
    at = np.flatnonzero(people)
    share = people.ravel()[at].astype(np.float64)
    row, column = np.unravel_index(random.choice(at, count, replace=count > len(at), p=share / share.sum()), people.shape)
    west, _, _, north = extent()
    off = random.random((2, count))
    return west + (column + off[0]) * CELL_DEGREES, north - (row + off[1]) * CELL_DEGREES


def write_points(file: Path, lon: Floats, lat: Floats, service: str) -> None:
    """Write facilities as a list with a name each."""
    import pandas as pd

    ids = [f"{service}-{number}" for number in range(len(lon))]
    names = [f"{service} {number + 1}" for number in range(len(lon))]
    pd.DataFrame({"id": ids, "name": names, "lon": lon.round(6), "lat": lat.round(6)}).to_csv(file, index=False)


def write_studies(folder: Path) -> None:
    """Write the three study files; where nobody is covered the facilities stand in the sea far away."""
    far = np.array([WEST - 20.0]), np.array([SOUTH])
    for service in FACILITIES:
        write_points(folder / f"{service}-far.csv", *far, service)
    facts: dict[str, dict[str, Any]] = {
        "province": {"suffix": "", "minutes": (10, 90, 30)},
        "nobody": {"suffix": "-far", "minutes": (10, 90, 30)},
        "everybody": {"suffix": "", "minutes": (1440, 1440, 1440)},
    }
    for name in STUDIES:
        (folder / f"{name}.yaml").write_text(_STUDY.format(name=name, **facts[name]), encoding="utf-8")
