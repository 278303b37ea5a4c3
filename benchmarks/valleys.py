"""A made-up study of any size on a lattice in degrees, over the real streets and land of Porto, as finished results.

What decides the size of a page is how alike neighbouring cells are. After gzip a cell's minutes take 5.6 bits here; in a real run
over 203,208 cells of 100 m (Comoros) those that reach anything took 5.3 by car and 6.5 on foot. Whole people take 3.0 bits here,
there 0.9 over the country and 3.8 where more than 20 live in a cell.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import KDTree

from .folders import porto
from .networks import SEED

STEP_DEGREES = 1 / 1200  # three seconds of arc, as population rasters have
CELL_METRES = 92.0
WEST, NORTH = -8.80, 41.40
METRES_PER_DEGREE = 111_195.0
CELLS_PER_FACILITY = 1_000
CELLS_PER_TOWN = 2_000
DETOUR, METRES_PER_MINUTE = 1.3, 5_000 / 60
ROUGH = 0.02  # by which the times of neighbours differ, as a share
STREETLESS = 0.002  # of the cells
LEVELS = {"county": (2, 2), "township": (10, 8)}

Floats = NDArray[np.float64]


def make_results(columns: int, rows: int) -> Any:
    """Return results of one goal over `columns` x `rows` cells: all statuses but excluded, two levels, whole people."""
    from lifecircle.analyses.results import Results
    from lifecircle.analyses.scorecard import GoalTable, joined, with_details
    from lifecircle.layers.goals import CircleGoal, Text
    from lifecircle.layers.services import Service

    random = np.random.default_rng(SEED)
    goal = CircleGoal(
        id="health-15", title=Text(zh="15分钟就医圈", en="15-minute health circle"), service="health",
        mode="walk", minutes=15, target=0.9,
    )  # fmt: skip
    x, y = (part.ravel() for part in np.meshgrid(np.arange(columns) + 0.5, np.arange(rows) + 0.5))
    shape = (columns, rows)
    sites = random.uniform(0, 1, (max(len(x) // CELLS_PER_FACILITY, 5), 2)) * shape
    minutes, status, nearest = _travel(x, y, sites, goal.minutes, random)
    people = _people(x, y, random.uniform(0, 1, (max(len(x) // CELLS_PER_TOWN, 5), 2)) * shape, random)
    facilities = _facilities(sites)
    demand = pd.DataFrame({"id": pd.RangeIndex(len(x)).astype("str"), "people": people})
    zones = {level: _zones(level, shape) for level in LEVELS}
    for level in LEVELS:
        demand[f"zone.{level}"] = _zone_of(level, x, y, shape)
    demand["health-15.minutes"], demand["health-15.status"] = minutes, status
    demand["health-15.facility"] = pd.Series(facilities["facility"].to_numpy()[nearest]).where(np.isfinite(minutes), None)
    demand["snap_metres"] = np.where(status == "unconnected", np.nan, 20.0)
    demand = gpd.GeoDataFrame(demand, geometry=gpd.points_from_xy(*_degrees(x, y)), crs="EPSG:4326")
    table = GoalTable(goal=goal, people=people, counted=people, minutes=minutes, status=status)
    streets, land = _basemap()
    return Results(
        name="Valley", goals=(goal,), services={"health": Service(title=Text(zh="卫生院", en="health centres"))},
        demand=demand, cell_metres=CELL_METRES, facilities=facilities, zones=zones,
        scorecard=joined([with_details(_scorecard(table, demand, zones, sites, shape), goal)]),
        gaps=_gaps(table, demand), streets=streets, land=land,
    )  # fmt: skip


def _degrees(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    return WEST + x * STEP_DEGREES, NORTH - y * STEP_DEGREES


def _travel(
    x: Floats, y: Floats, sites: Floats, limit: float, random: np.random.Generator
) -> tuple[Floats, Any, NDArray[np.intp]]:
    """Minutes to the nearest site with a detour that varies slowly; behind a river nobody gets anywhere."""
    from lifecircle.analyses.coverage import STATUSES

    squeeze = np.array([np.cos(np.radians(NORTH)), 1.0])
    distance, nearest = KDTree(sites * squeeze).query(np.column_stack((x, y)) * squeeze)
    detour = DETOUR * (1 + 0.2 * np.sin(x / 17) * np.cos(y / 23) + ROUGH * random.normal(size=len(x)))
    minutes = distance * STEP_DEGREES * METRES_PER_DEGREE * detour / METRES_PER_MINUTE
    cut_off = x + 6 * np.sin(y / 19) > 0.95 * x.max()
    streetless = random.uniform(size=len(x)) < STREETLESS
    minutes[cut_off | streetless] = np.nan
    names = np.select([streetless, cut_off, minutes <= limit], ["unconnected", "cut-off", "covered"], "beyond")
    return minutes, pd.Categorical(names, categories=STATUSES), nearest


def _people(x: Floats, y: Floats, towns: Floats, random: np.random.Generator) -> Floats:
    """Whole people, crowded around towns."""
    distance, town = KDTree(towns).query(np.column_stack((x, y)))
    crowd = random.gamma(2.0, 40.0, len(towns))[town] * np.exp(-distance / 8)
    return np.asarray(np.round((3 + crowd) * random.uniform(0.9, 1.1, len(x))))


def _facilities(sites: Floats) -> gpd.GeoDataFrame:
    numbers = pd.Series(np.arange(len(sites)).astype("str"))
    columns = {"facility": "health-" + numbers, "service": "health", "name": "Health centre " + numbers}
    table = pd.DataFrame({**columns, "capacity": np.nan, "source": "made up"})
    return gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(*_degrees(*sites.T)), crs="EPSG:4326")


def _zone_of(level: str, x: Floats, y: Floats, shape: tuple[int, int]) -> pd.Series:
    across, down = LEVELS[level]
    number = (y * down // shape[1]).astype(int) * across + (x * across // shape[0]).astype(int)
    return pd.Series([f"{level}-{i}" for i in range(across * down)]).take(number).reset_index(drop=True)


def _zones(level: str, shape: tuple[int, int]) -> gpd.GeoDataFrame:
    across, down = LEVELS[level]
    j, i = np.array(list(product(range(down), range(across)))).T
    lon, lat = _degrees(np.array([i, i + 1]) * shape[0] / across, np.array([j, j + 1]) * shape[1] / down)
    ids = [f"{level}-{number}" for number in range(across * down)]
    names = [f"{level.title()} {number + 1}" for number in range(across * down)]
    return gpd.GeoDataFrame({"zone": ids, "name": names}, geometry=shapely.box(lon[0], lat[1], lon[1], lat[0]), crs="EPSG:4326")


def _scorecard(table: Any, demand: Any, zones: Any, sites: Floats, shape: tuple[int, int]) -> pd.DataFrame:
    from lifecircle.analyses.scorecard import scorecard_rows

    return scorecard_rows(
        table,
        {level: demand[f"zone.{level}"] for level in LEVELS},
        {level: zones[level].set_index("zone")["name"] for level in LEVELS},
        {level: _zone_of(level, sites[:, 0], sites[:, 1], shape) for level in LEVELS},
        len(sites),
    )


def _gaps(table: Any, demand: Any) -> gpd.GeoDataFrame:
    from lifecircle.analyses.gaps import gap_areas
    from lifecircle.layers.footprints import footprints

    prints = footprints(demand.geometry, ids=demand["id"], cell_metres=CELL_METRES)
    return gap_areas(table, prints, demand["health-15.facility"], {}).areas


def _basemap() -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    from lifecircle.geo.reading.osm import read_osm
    from lifecircle.geo.streets import street_lines
    from lifecircle.layers.land import land_of

    extract = read_osm(porto())
    return street_lines(extract.streets), land_of(extract.places)
