"""Where one enters a facility: a point by its nearest street, an area wherever its outline meets a street (DESIGN section 3)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray

from ..lengths import metres_per_degree
from .snapper import Snapper
from .snaps import THIRD, UNCONNECTED, Snaps, join_snaps

ENTRANCE_METRES = 30.0
SPACING_METRES = 10.0  # outlines without an entrance are sampled this densely to find their nearest street

Geometries = NDArray[np.object_]


def snap_places(snapper: Snapper, geometries: Geometries) -> Snaps:
    """Snap facilities of any shape.

    Parameters
    ----------
    snapper : Snapper
    geometries : (n,) array of shapely geometries
        EPSG:4326. Points snap as points. Areas and lines are entered wherever they come within 30 m of a street; where they
        do not, at the street nearest to their outline within the mode's cap.

    Returns
    -------
    Snaps
        Ordered by owner, at least one row per facility; unconnected facilities have one row with edge -1.
    """
    shapes = np.asarray(geometries, dtype=object)
    is_point = shapely.get_type_id(shapes) == 0
    points = np.flatnonzero(is_point)
    snapped = snapper.snap_points(shapely.get_x(shapes[points]), shapely.get_y(shapes[points]))
    parts = [replace(snapped, owner=points[snapped.owner], places=len(shapes))]
    areas = np.flatnonzero(~is_point)
    if len(areas):
        entrances = _area_entrances(snapper, shapes, areas)
        rest = np.setdiff1d(areas, entrances.owner)
        parts += [entrances, _nearest_to_outline(snapper, shapes, rest)]
    return join_snaps(parts)


def _area_entrances(snapper: Snapper, shapes: Geometries, areas: NDArray[np.int64]) -> Snaps:
    lon, lat, owner = _outline_parts(shapes, areas)
    return snapper.snap_entrances(lon, lat, owner, len(shapes), ENTRANCE_METRES)


def _outline_parts(
    shapes: Geometries, areas: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Ends of all straight parts of the outlines, and whose they are."""
    lines, line_owner = shapely.get_parts(_outlines(shapes[areas]), return_index=True)
    xy, row = shapely.get_coordinates(lines, return_index=True)
    inside = row[1:] == row[:-1]
    ends = np.stack((xy[:-1], xy[1:]), axis=1)[inside]
    return np.ascontiguousarray(ends[:, :, 0]), np.ascontiguousarray(ends[:, :, 1]), areas[line_owner[row[1:][inside]]]


def _outlines(shapes: Geometries) -> Geometries:
    """Boundaries of areas; lines and points as they are."""
    area = shapely.get_dimensions(shapes) == 2
    outlines = shapes.copy()
    outlines[area] = shapely.boundary(shapes[area])
    return outlines


def _nearest_to_outline(snapper: Snapper, shapes: Geometries, rows: NDArray[np.int64]) -> Snaps:
    """One row per place: the street nearest to any point of its outline, of the first class that any of them finds."""
    _, north = metres_per_degree(0.0)
    dense = shapely.segmentize(_outlines(shapes[rows]), SPACING_METRES / north)
    xy, place = shapely.get_coordinates(dense, return_index=True)
    snaps = snapper.snap_points(xy[:, 0], xy[:, 1])
    grade = np.where(snaps.snap_class == UNCONNECTED, THIRD + 1, snaps.snap_class)
    order = np.lexsort((snaps.connector_metres, grade, place))
    nearest = order[np.flatnonzero(np.diff(place[order], prepend=-1))]
    found = snaps.take(nearest)
    return replace(found, owner=rows[place][found.owner], places=len(shapes))
