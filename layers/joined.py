"""Joined ground: which demand units lie side by side, and the outline of those that belong together."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Delaunay, QhullError

from ..geo.cell_outlines import cell_rings
from ..geo.coordinates import to_wgs84
from .footprints import Footprints, distinct_ground, outlines
from .population_raster import Grid

NEAR_DEGREES: Final = 1e-7  # a centimetre: corners this close to a straight line are none
STRAIGHT_METRES: Final = 500.0  # a straight line of a projected grid is bent on the globe, by less than a centimetre over this

Ints = NDArray[np.int64]
Geometries = NDArray[np.object_]


def touching(prints: Footprints, at: Ints) -> Ints:
    """Number the groups of units whose ground touches, at a corner or more, in the order of their first units.

    Parameters
    ----------
    prints : Footprints
    at : (m,) int64
        Positions of the units asked about.

    Returns
    -------
    (m,) int64
    """
    if prints.grid is not None:
        return _touching_cells(prints.grid.rows[at], prints.grid.columns[at])
    same, first = distinct_ground(prints, at)
    distinct = at[first]
    if prints.kind == "circle":
        return _touching_circles(prints, distinct)[same]
    return _touching_areas(outlines(prints, distinct))[same]


def joined_outlines(prints: Footprints, at: Ints, group: Ints) -> Geometries:
    """Return one area per group of units, EPSG:4326, without corners that lie on a straight line.

    Parameters
    ----------
    prints : Footprints
    at : (m,) int64
        Positions of the units.
    group : (m,) int64
        Group of each, from 0 up without a gap.
    """
    if not len(at):
        return np.empty(0, object)
    if prints.grid is not None:
        return _cell_areas(prints.grid, at, group)
    areas, parts = _distinct_areas(prints, at, group)
    join = shapely.coverage_union_all if prints.share_corners else shapely.union_all
    joined = [part[0] if len(part) == 1 else join(part) for part in np.split(areas, parts)]
    return np.asarray(shapely.simplify(np.array(joined, dtype=object), NEAR_DEGREES), dtype=object)


def _distinct_areas(prints: Footprints, at: Ints, group: Ints) -> tuple[Geometries, Ints]:
    """Return the distinct patches of ground of every group, group by group, and where all groups but the first begin."""
    same, first = distinct_ground(prints, at)  # asked once for all groups, of which there may be as many as units
    kept = np.sort(np.unique(group * len(first) + same, return_index=True)[1])
    kept = kept[np.argsort(group[kept], kind="stable")]
    return outlines(prints, at[kept]), np.flatnonzero(np.diff(group[kept])) + 1


def _cell_areas(grid: Grid, at: Ints, group: Ints) -> Geometries:
    """Walk the outlines of cells along the lines of their grid, and bring the corners to the globe."""
    straight = grid.crs.is_geographic
    every = 0 if straight else max(1, int(STRAIGHT_METRES / max(_edge_metres(grid), 1.0)))
    rings = cell_rings(grid.rows[at].astype(np.int64), grid.columns[at].astype(np.int64), group, every=every)
    a, b, c, d, e, f = grid.transform[:6]
    x, y = a * rings.columns + b * rings.rows + c, d * rings.columns + e * rings.rows + f
    lon, lat = to_wgs84(x, y, grid.crs.to_wkt())
    closed = shapely.linearrings(np.column_stack([lon, lat]), indices=rings.ring)
    polygons = shapely.polygons(closed, indices=_counted(rings.polygon))
    several = np.bincount(rings.group) > 1
    areas = np.asarray(shapely.multipolygons(polygons, indices=rings.group), dtype=object)
    areas[~several] = polygons[~several[rings.group]]
    return areas


def _counted(rising: Ints) -> Ints:
    """Number the runs of equal values from 0."""
    numbers: Ints = np.cumsum(np.insert(np.diff(rising) != 0, 0, False)).astype(np.int64)
    return numbers


def _edge_metres(grid: Grid) -> float:
    """Return the longer edge of a cell of a projected grid, in metres."""
    a, b, _, d, e, _ = grid.transform[:6]
    factor = grid.crs.axis_info[0].unit_conversion_factor if grid.crs.axis_info else 1.0
    return float(max(np.hypot(a, d), np.hypot(b, e)) * factor)


def _touching_areas(areas: Geometries) -> Ints:
    """Number the groups of areas that touch, in order of first appearance."""
    first, second = shapely.STRtree(areas).query(areas, predicate="intersects")
    return _groups(first, second, len(areas))


def _touching_circles(prints: Footprints, at: Ints) -> Ints:
    """Number the groups of circles that touch, asking next neighbours only.

    All circles are as large, so those of a group hang together by edges of the Delaunay triangulation of their centres, however
    many lie on each other.
    """
    stretch = np.cos(np.radians(prints.y[at].mean())) if len(at) else 1.0
    first, second = _next_neighbours(np.column_stack([prints.x[at] * stretch, prints.y[at]]))
    areas = outlines(prints, at)
    near = shapely.intersects(areas[first], areas[second])
    return _groups(first[near], second[near], len(at))


def _next_neighbours(places: NDArray[np.float64]) -> tuple[Ints, Ints]:
    """Return the pairs of places that a triangulation joins; along a line, each with the next."""
    try:
        mesh = Delaunay(places - places[:1])
        corners, left_out = mesh.simplices, mesh.coplanar[:, [0, 2]]  # left out: all but on another place
        sides = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [2, 0]], left_out])
        return sides[:, 0].astype(np.int64), sides[:, 1].astype(np.int64)
    except (QhullError, ValueError):  # fewer than three places, or all on a line
        order = np.lexsort(places.T)
        return order[:-1].astype(np.int64), order[1:].astype(np.int64)


def _touching_cells(rows: NDArray[np.int32], columns: NDArray[np.int32]) -> Ints:
    """Number the groups of cells that touch along an edge or at a corner.

    Cells are looked up by one number each, so that a few far islands need no raster of the sea between them.
    """
    width = int(columns.max(initial=0)) + 2  # an empty column keeps the end of a row apart from the next one's start
    number = rows.astype(np.int64) * width + columns
    order = np.argsort(number, kind="stable")
    ordered = number[order]
    links = []
    for step in (0, 1, width - 1, width, width + 1):
        found = np.minimum(np.searchsorted(ordered, number + step), len(ordered) - 1)
        hit = np.flatnonzero(ordered[found] == number + step) if len(ordered) else found
        links.append((hit, order[found[hit]]))
    first, second = (np.concatenate(ends) for ends in zip(*links, strict=True))
    return _groups(first, second, len(number))


def _groups(first: Ints, second: Ints, count: int) -> Ints:
    links = coo_array((np.ones(len(first), np.int8), (first, second)), shape=(count, count))
    return np.asarray(connected_components(links, directed=False)[1], np.int64)
