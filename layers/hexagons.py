"""Hexagons: the outlines of H3 cells, rebuilt from their centres alone."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import KDTree

from ..geo.coordinates import Floats

METRES_PER_DEGREE: Final = 111_195.0
TOLERANCE: Final = 0.12  # share of the spacing by which six neighbours of one H3 cell differ on the ground, at most
SAMPLE: Final = 2000
FEWEST: Final = 7  # a cell and its six neighbours


def hexagons(lon: Floats, lat: Floats) -> NDArray[np.object_] | None:
    """Return the hexagons around the centres of H3 cells, or None where the points form no hexagon grid.

    An H3 cell is very nearly the set of places closer to its centre than to the six next to it, so the cells are the
    Voronoi polygons of their centres, with neighbours made up where the grid ends. Neighbours share their corners to
    the last bit.
    """
    plane = local_metres(lon, lat)
    if len(plane) < FEWEST or len(np.unique(plane, axis=0)) < len(plane):
        return None
    steps = _steps(plane)
    if steps is None:
        return None
    cells = shapely.voronoi_polygons(shapely.multipoints(np.vstack([plane, _ghosts(plane, steps)])), ordered=True)
    scale = local_metres(np.array([1.0, 1.0]), np.array([lat.min(), lat.max()]))[0, 0], METRES_PER_DEGREE
    return np.asarray(shapely.transform(shapely.get_parts(cells)[: len(plane)], lambda xy: xy / scale), dtype=object)


def local_metres(lon: Floats, lat: Floats) -> NDArray[np.float64]:
    """Return points in metres, (n, 2), true at their middle latitude; good enough to compare neighbours."""
    middle = (float(lat.min()) + float(lat.max())) / 2
    return np.column_stack([lon * np.cos(np.radians(middle)), lat]) * METRES_PER_DEGREE


def _steps(plane: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Return the six steps (metres) from a cell to its neighbours, or None if the points are no hexagon grid."""
    some = plane[:: max(1, len(plane) // SAMPLE)]
    distance, index = KDTree(plane).query(some, k=7)
    even = distance[:, 6] < (1 + 2 * TOLERANCE) * distance[:, 1]
    if not even.any():
        return None
    steps = plane[index[even, 1:]] - some[even][:, None, :]
    angle = np.arctan2(steps[..., 1], steps[..., 0])
    first = np.take_along_axis(steps, np.argsort(angle, axis=1)[..., None], axis=1)[0]
    lopsided = np.linalg.norm(first + np.roll(first, 3, axis=0), axis=1).max()
    return None if lopsided > 2 * TOLERANCE * distance[even][0, 1] else np.asarray(first, dtype=np.float64)


def _ghosts(plane: NDArray[np.float64], steps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return made-up centres wherever a cell lacks one of its six neighbours."""
    wanted = (plane[:, None, :] + steps[None, :, :]).reshape(-1, 2)
    reach = float(np.linalg.norm(steps, axis=1).mean()) * 0.5
    missing = wanted[~np.isfinite(KDTree(plane).query(wanted, distance_upper_bound=reach)[0])]
    _, first = np.unique(np.round(missing / reach).astype(np.int64), axis=0, return_index=True)
    return np.asarray(missing[np.sort(first)], dtype=np.float64)
