"""Footprints: which patch of ground each demand unit is drawn as."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import KDTree

from ..analyses.results import Results
from .packing import DEGREE

_METRES_PER_DEGREE = 111_195.0
_HEXAGON_IDS = r"8[0-9a-f]{14}"
_HEXAGON_TOLERANCE = 0.12  # share of the spacing by which six neighbours of one H3 cell differ on the ground, at most
_SQUARE_LIKENESS = 0.2
_SAMPLE = 2000


@dataclass(frozen=True, kw_only=True)
class Footprints:
    """How demand units are drawn, in input order.

    Attributes
    ----------
    kind : {"polygon", "square", "rectangle", "circle"}
        `square` is `width` metres wide; `rectangle` is `width` by `height` degrees (a raster in longitude and
        latitude); `circle` is `width` metres across, for points that stand for no known patch.
    x, y : ndarray of float
        Centres in degrees.
    polygons : ndarray of Polygon or MultiPolygon, or None
    """

    kind: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    polygons: NDArray[np.object_] | None = None
    width: float = 0.0
    height: float = 0.0


def footprints(results: Results) -> Footprints:
    """Return the footprints of the demand in `results`.

    Polygons are drawn as they are. Points are drawn as squares of `cell_metres`, as the cells of the raster they form
    in degrees, as hexagons where their ids are H3 indexes, else as circles that just touch their typical neighbour.
    """
    geometry = results.demand.geometry
    points = np.asarray(geometry.geom_type == "Point")
    centres = shapely.point_on_surface(geometry.to_numpy())
    x, y = shapely.get_x(centres), shapely.get_y(centres)
    if not points.all():
        return Footprints(kind="polygon", x=x, y=y, polygons=geometry.to_numpy())
    hexagons = _hexagons(results.demand, x, y)
    if hexagons is not None:
        return Footprints(kind="polygon", x=x, y=y, polygons=hexagons)
    if results.cell_metres is None:
        return Footprints(kind="circle", x=x, y=y, width=_spacing(x, y))
    steps = _lattice(x), _lattice(y)
    if all(_is_cell(step, results.cell_metres) for step in steps):
        return Footprints(kind="rectangle", x=x, y=y, width=steps[0], height=steps[1])
    return Footprints(kind="square", x=x, y=y, width=float(results.cell_metres))


def _lattice(values: NDArray[np.float64]) -> float:
    """Return the step of the regular lattice the values lie on, in degrees, or 0 where they lie on none."""
    whole = np.unique(np.round(values / DEGREE).astype(np.int64))
    whole = whole[np.insert(np.diff(whole) > 2, 0, True)]  # two quanta: the same line, written with rounding
    if len(whole) < 2:
        return 0.0
    gaps = np.diff(whole)
    step = float(np.median(gaps[gaps <= 1.5 * gaps.min()]))
    lines = np.round((whole[-1] - whole[0]) / step)
    if lines < 1:
        return 0.0
    step = float(whole[-1] - whole[0]) / lines
    off = np.abs((whole - whole[0]) / step - np.round((whole - whole[0]) / step))
    return step * DEGREE if off.max() < 0.05 else 0.0


def _is_cell(step_degrees: float, cell_metres: float) -> bool:
    """Tell whether a lattice step is about the edge of a cell: a raster in degrees is up to twice as tall as wide."""
    metres = step_degrees * _METRES_PER_DEGREE
    return 1 - _SQUARE_LIKENESS < metres / cell_metres < 2.0


def _plane(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return points in metres around their middle; good enough to compare neighbours."""
    middle = (float(y.min()) + float(y.max())) / 2
    return np.column_stack([x * np.cos(np.radians(middle)), y]) * _METRES_PER_DEGREE


def _spacing(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Return the typical distance to the nearest other point in metres; 100 where there is none."""
    plane = np.unique(_plane(x, y), axis=0)
    if len(plane) < 2:
        return 100.0
    some = plane[:: max(1, len(plane) // _SAMPLE)]
    distance, _ = KDTree(plane).query(some, k=2)
    return float(np.median(distance[:, 1]))


def _hexagons(demand: gpd.GeoDataFrame, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.object_] | None:
    """Return the hexagons around points whose ids are H3 indexes, or None where they are none.

    An H3 cell is very nearly the set of places closer to its centre than to the six next to it, so the cells are the
    Voronoi polygons of their centres, with neighbours made up where the grid ends.
    """
    ids = demand["id"].astype(str)
    if len(demand) < 7 or not ids.str.fullmatch(_HEXAGON_IDS).all():
        return None
    plane = _plane(x, y)
    steps = _hexagon_steps(plane)
    if steps is None or len(np.unique(plane, axis=0)) < len(plane):
        return None
    ghosts = _ghosts(plane, steps)
    scale = _plane(np.array([1.0, 1.0]), np.array([y.min(), y.max()]))[0, 0], _METRES_PER_DEGREE
    cells = shapely.voronoi_polygons(shapely.multipoints(np.vstack([plane, ghosts])), ordered=True)
    return np.asarray(shapely.transform(shapely.get_parts(cells)[: len(plane)], lambda xy: xy / scale), dtype=object)


def _hexagon_steps(plane: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Return the six steps (metres) from a cell to its neighbours, or None if the points are no hexagon grid."""
    tree = KDTree(plane)
    some = plane[:: max(1, len(plane) // _SAMPLE)]
    distance, index = tree.query(some, k=7)
    even = distance[:, 6] < (1 + 2 * _HEXAGON_TOLERANCE) * distance[:, 1]
    if not even.any():
        return None
    steps = plane[index[even, 1:]] - some[even][:, None, :]
    angle = np.arctan2(steps[..., 1], steps[..., 0])
    ordered = np.take_along_axis(steps, np.argsort(angle, axis=1)[..., None], axis=1)
    first = ordered[0]
    if np.linalg.norm(first + np.roll(first, 3, axis=0), axis=1).max() > _HEXAGON_TOLERANCE * distance[even][0, 1] * 2:
        return None
    return np.asarray(first, dtype=np.float64)


def _ghosts(plane: NDArray[np.float64], steps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return made-up centres wherever a cell lacks one of its six neighbours."""
    wanted = (plane[:, None, :] + steps[None, :, :]).reshape(-1, 2)
    reach = float(np.linalg.norm(steps, axis=1).mean()) * 0.5
    missing = wanted[~np.isfinite(KDTree(plane).query(wanted, distance_upper_bound=reach)[0])]
    keys = np.round(missing / reach).astype(np.int64)
    _, first = np.unique(keys, axis=0, return_index=True)
    return np.asarray(missing[np.sort(first)], dtype=np.float64)


def describe(prints: Footprints) -> dict[str, Any]:
    """Return what the browser needs besides the coordinates."""
    return {"kind": prints.kind, "width": prints.width, "height": prints.height}
