"""Points and raster cells to their street."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from .contenders import Contender, Job, Target, Task
from .folders import INPUTS
from .networks import SEED, read_pickle

METROPOLIS, PORTO = INPUTS / "metropolis", INPUTS / "porto"
POINTS = 1_000_000
SPREAD_DEGREES = 0.002  # about 200 m
ROWS, COLUMNS = 3_882, 4_792  # 18.6 M cells over Porto's extract, about 7 m wide
COMPARED = 20_000
POINT_PART, CELL_PART = 0.1, 0.01  # of the work, for the peer that takes minutes
ECCENTRICITY = 0.0818191908426  # WGS 84
SEMI_MAJOR_METRES = 6_378_137.0


def _points(share: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Points scattered around street nodes, or the first of them."""
    lon, lat = np.load(METROPOLIS / "lon.npy"), np.load(METROPOLIS / "lat.npy")
    random = np.random.default_rng(SEED)
    rows = random.integers(0, len(lon), POINTS)
    x, y = lon[rows] + random.normal(0, SPREAD_DEGREES, POINTS), lat[rows] + random.normal(0, SPREAD_DEGREES, POINTS)
    return x[: round(share * POINTS)], y[: round(share * POINTS)]


def _cells() -> tuple[np.ndarray, np.ndarray]:
    """Centres of all raster cells, row by row."""
    lon, lat = np.load(PORTO / "lon.npy"), np.load(PORTO / "lat.npy")
    rows, columns = np.linspace(lat.min(), lat.max(), ROWS), np.linspace(lon.min(), lon.max(), COLUMNS)
    return np.tile(columns, len(rows)), np.repeat(rows, COLUMNS)


def _some_cells() -> np.ndarray:
    """Number the cells of some rows, drawn once and for all."""
    rows = np.random.default_rng(SEED).permutation(ROWS)[: round(CELL_PART * ROWS)]
    return (rows[:, None] * COLUMNS + np.arange(COLUMNS)).ravel()


def _part_of_cells() -> tuple[np.ndarray, np.ndarray]:
    lon, lat = _cells()
    some = _some_cells()
    return lon[some], lat[some]


def mercator(lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Project to the conformal plane peers search in (EPSG:3395); the third array turns plane lengths into metres."""
    phi = np.radians(lat)
    wave = ECCENTRICITY * np.sin(phi)
    y = SEMI_MAJOR_METRES * (np.arctanh(np.sin(phi)) - ECCENTRICITY * np.arctanh(wave))
    return SEMI_MAJOR_METRES * np.radians(lon), y, np.cos(phi) / np.sqrt(1 - wave**2)


def _own(folder: Path, lon: np.ndarray, lat: np.ndarray, some: np.ndarray) -> Job:
    """Snap all points; `some` are those whose answers are compared with peers'."""
    from lifecircle.geo.snapping.snapper import Snapper
    from lifecircle.geo.snapping.snaps import FIRST

    snapper = Snapper(read_pickle(folder / "graph.pickle"))

    def answer(snaps: Any) -> np.ndarray:
        return _compared(np.where(snaps.snap_class == FIRST, snaps.connector_metres, np.nan)[some])

    return Job(lambda: snapper.snap_points(lon, lat), answer)


def _compared(metres: np.ndarray) -> np.ndarray:
    """A sample of distances, cut a little below the cap of 400 m so that rounding decides nothing."""
    return np.asarray(np.fmin(metres[:COMPARED], 390.0))


def _strtree(folder: Path, lon: np.ndarray, lat: np.ndarray, share: float) -> Job:
    """The nearest line of a tree: the same answer as the engine's."""
    import shapely

    pieces = np.load(folder / "pieces.npy")
    x, y, _ = mercator(pieces[:, :, 0], pieces[:, :, 1])
    tree = shapely.STRtree(shapely.linestrings(np.stack((x, y), axis=2)))
    x, y, scale = mercator(lon, lat)
    points = shapely.points(x, y)
    tree.query_nearest(points[:1])  # the tree is built here

    def run() -> Any:  # without max_distance, which makes it slower
        return tree.query_nearest(points, return_distance=True, all_matches=False)

    def answer(found: Any) -> np.ndarray:
        (rows, _), plane = found
        metres = np.full(len(lon), np.nan)
        metres[rows] = plane * scale[rows]
        return _compared(metres)

    return Job(run, answer, share)


def _tree_of_nodes(folder: Path, lon: np.ndarray, lat: np.ndarray) -> Job:
    """The nearest street node: another, coarser answer."""
    from scipy.spatial import cKDTree

    x, y, _ = mercator(np.load(folder / "lon.npy"), np.load(folder / "lat.npy"))
    tree = cKDTree(np.column_stack((x, y)))
    x, y, scale = mercator(lon, lat)
    points = np.column_stack((x, y))
    return Job(lambda: tree.query(points, distance_upper_bound=400.0 / scale.min(), workers=-1))


TASKS = (
    Task(
        name="points",
        title="1 M points onto edges, 1.6 M nodes",
        contenders=(
            Contender("lifecircle", lambda: _own(METROPOLIS, *_points(), np.arange(COMPARED)), "own"),
            Contender("shapely STRtree", lambda: _strtree(METROPOLIS, *_points(POINT_PART), POINT_PART)),
            Contender("scipy cKDTree", lambda: _tree_of_nodes(METROPOLIS, *_points()), note="nearest node, not edge; all cores"),
        ),
        targets=(Target(seconds=3.0), Target(gigabytes=2.0)),
        inputs=("metropolis",),
        tolerance=0.05,
        compiles=True,
    ),
    Task(
        name="cells",
        title="18.6 M raster cells to their street, Porto",
        contenders=(
            Contender("lifecircle", lambda: _own(PORTO, *_cells(), _some_cells()[:COMPARED]), "own"),
            Contender("shapely STRtree", lambda: _strtree(PORTO, *_part_of_cells(), CELL_PART)),
            Contender("scipy cKDTree", lambda: _tree_of_nodes(PORTO, *_cells()), note="nearest node, not edge; all cores"),
        ),
        targets=(Target(seconds=2.0),),
        inputs=("porto",),
        tolerance=0.05,
    ),
)
