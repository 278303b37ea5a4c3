"""Outlines of the nodes within a limit: marching squares for their course, the exact model for every vertex.

contourpy decides which lattice edges an outline crosses; each crossing then moves along its edge to where travel time leaves
the limit, worked out with the streets of both its nodes. So outlines have no stairs, do not lean into places that belong to
a street across the water, and a ring lies inside every larger ring exactly.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import shapely
from contourpy import FillType, contour_generator
from numpy.typing import NDArray

from ..compiled import compiled
from ..lengths import metres_per_degree, wrapped
from ..snapping.nearest_piece import project
from ..water_index import crosses_water
from .lattice import UNITS, Lattice
from .street_raster import UNKNOWN, street_of_node
from .street_times import Reached, StreetFrame, seconds_along, seconds_by_junctions
from .surface import Surface

STEPS = 64  # positions along a lattice edge where a crossing can lie
WET = 4  # added to the kind of a street across water: those of the bank go first
STRIDE = 8  # first looked at this far apart, so that a gap between two streets is not stepped over


def outline(
    frame: StreetFrame,
    reached: Reached,
    lattice: Lattice,
    surface: Surface,
    kept: NDArray[np.int64],
    limit: float,
) -> Any:
    """Draw the area within a limit on one window.

    Parameters
    ----------
    kept : (k, 2) int64
        Row and column, on the lattice, of cells that belong to the area although the surface may not say so.
    limit : float
        Seconds, inclusive.

    Returns
    -------
    MultiPolygon or None
        Longitudes unwrapped as on the lattice; None if no node is within the limit.
    """
    inside = surface.seconds <= limit
    _keep(inside, kept[:, 0] - surface.row, kept[:, 1] - surface.column)
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    if not len(rows):
        return None
    top, left = max(0, rows[0] - 1), max(0, columns[0] - 1)
    cut = inside[top : rows[-1] + 2, left : columns[-1] + 2].astype(np.float64)
    generator = contour_generator(z=cut, name="serial", fill_type=FillType.ChunkCombinedOffsetOffset)
    drawn: Any = generator.filled(0.5, 2.0)
    points, rings, polygons = (part[0] for part in drawn)
    xy = _place(frame, reached, lattice, surface, inside, points, top, left, limit)
    offsets = (rings.astype(np.int64), polygons.astype(np.int64), np.array([0, len(polygons) - 1]))
    return shapely.from_ragged_array(shapely.GeometryType.MULTIPOLYGON, xy, offsets)[0]


def without_specks(areas: NDArray[np.object_], lattice_cells: NDArray[np.float64]) -> NDArray[np.object_]:
    """Leave out islands and fill holes smaller than one lattice cell: they say more about the lattice than about the place.

    Rings stay nested: what lies inside a filled hole, or around a dropped island, is smaller still.

    Parameters
    ----------
    areas : (n,) array of MultiPolygon
    lattice_cells : (n,) float64
        Square degrees of a cell of each area's lattice.
    """
    kind, xy, (rings, polygons, wholes) = shapely.to_ragged_array(areas)
    x, y = (xy - np.repeat(xy[rings[:-1]], np.diff(rings), axis=0)).T
    cross = np.append(x[:-1] * y[1:] - x[1:] * y[:-1], 0.0)
    cross[rings[1:] - 1] = 0.0
    size = 0.5 * np.abs(np.add.reduceat(cross, rings[:-1]))
    polygon_of_ring = np.repeat(np.arange(len(polygons) - 1), np.diff(polygons))
    whole_of_polygon = np.repeat(np.arange(len(areas)), np.diff(wholes))
    large = size >= lattice_cells[whole_of_polygon[polygon_of_ring]]
    kept_polygon = large[polygons[:-1]]
    kept = large & kept_polygon[polygon_of_ring]
    rings_left = np.bincount(polygon_of_ring[kept], minlength=len(kept_polygon))[kept_polygon]
    polygons_left = np.bincount(whole_of_polygon[kept_polygon], minlength=len(areas))
    lengths = np.diff(rings)
    offsets = tuple(np.concatenate(([0], np.cumsum(n))) for n in (lengths[kept], rings_left, polygons_left))
    return shapely.from_ragged_array(kind, xy[np.repeat(kept, lengths)], offsets)  # type: ignore[no-any-return]


def _keep(inside: NDArray[np.bool_], rows: NDArray[np.int64], columns: NDArray[np.int64]) -> None:
    """Set the four nodes of each cell, as far as they lie in the window."""
    for row, column in itertools.product((rows, rows + 1), (columns, columns + 1)):
        here = (row >= 0) & (row < inside.shape[0]) & (column >= 0) & (column < inside.shape[1])
        inside[row[here], column[here]] = True


@compiled
def _place(frame, reached, lattice, surface, inside, points, top, left, limit):  # type: ignore[no-untyped-def]
    """Longitude and latitude of each vertex: the last step of its lattice edge, from the inner node, within the limit.

    A step depends on the limit only through "within or not" at fixed places, so that a larger limit never steps less far.
    Vertices on lattice nodes (at a window's border) stay there.
    """
    xy, pieces = np.empty((points.shape[0], 2)), surface.pieces
    piece_lon, piece_lat, piece_kind = frame.piece_lon, frame.piece_lat, frame.piece_kind
    step_lon, step_lat, cap, pace = lattice.step_lon, lattice.step_lat, frame.cap, frame.edges.connector_metres_per_second
    edge_of, edge_a, edge_b, to_a, to_b = frame.piece_edge, frame.edges.a, frame.edges.b, frame.to_a, frame.to_b
    at_junction, seed_first = reached.work.seconds, reached.seed_first
    both, parts, hint = np.empty(2, np.int32), np.empty((5, 2)), np.int32(UNKNOWN)
    for i in range(points.shape[0]):
        y, x = points[i, 1] + top, points[i, 0] + left
        row, column, down, right = _ends_of_edge(inside, y, x)
        lat0, lon0 = (surface.row + row) * step_lat, (surface.column + column) * step_lon
        north, east = (down - row) * step_lat, (right - column) * step_lon
        low, high, stride = 0, 0 if north == 0 and east == 0 else STEPS, STRIDE
        if high:
            for m, n in ((row, column), (down, right)):
                if pieces[m, n] == UNKNOWN:
                    pieces[m, n] = street_of_node(frame, lattice, surface.row + m, surface.column + n, hint)
                hint = pieces[m, n] if pieces[m, n] >= 0 else hint
        both[0], both[1] = pieces[row, column], pieces[down, right]
        is_parted = both[0] != both[1] and frame.water.grid.pieces.size > 0
        east_metres, north_metres = metres_per_degree(lat0 / UNITS)
        _set_parts(parts, piece_lon, piece_lat, both, lon0 / UNITS, lat0 / UNITS, east_metres, north_metres)
        east_metres, north_metres = east_metres * east / UNITS, north_metres * north / UNITS
        while high - low > 1:
            step = low + stride if low + stride < high else (low + high) // 2
            along = step / STEPS
            if is_parted:
                lon, lat = (lon0 + along * east) / UNITS, (lat0 + along * north) / UNITS
                k, share, metres = _nearer_on_land(frame, both, lon, lat)
            else:
                k, share, metres = _nearer(parts, piece_kind, both, along * east_metres, along * north_metres, cap)
            spent = np.inf
            if k >= 0:
                p, e = np.int64(both[k]), edge_of[both[k]]
                spent = seconds_by_junctions(at_junction[edge_a[e]], at_junction[edge_b[e]], to_a, to_b, p, share)
                if seed_first[e] >= 0:
                    spent = min(spent, seconds_along(frame, reached, p, share))
            if spent + metres / pace <= limit:
                low = step
            else:
                high, stride = step, STEPS
        step = max(1, low) if high else 0
        xy[i, 0] = (lon0 + round(east * step / STEPS)) / UNITS
        xy[i, 1] = (lat0 + round(north * step / STEPS)) / UNITS
    return xy


@compiled
def _nearer_on_land(frame, both, lon, lat):  # type: ignore[no-untyped-def]
    """As `_nearer`, of two streets that water may part from a place: then the one on its own bank."""
    east, north = metres_per_degree(lat)
    best, best_share, best_metres, best_kind = -1, 0.0, np.inf, WET + WET
    for k in range(2):
        p = both[k]
        if p < 0:
            continue
        lon0, lat0 = frame.piece_lon[p, 0], frame.piece_lat[p, 0]
        step_lon, step_lat = wrapped(frame.piece_lon[p, 1] - lon0), frame.piece_lat[p, 1] - lat0
        share, squared = project(lon0, lat0, step_lon, step_lat, lon, lat, east, north)
        metres, kind = math.sqrt(squared), int(frame.piece_kind[p])
        if metres > frame.cap:
            continue
        if crosses_water(frame.water, lon, lat, lon0 + share * step_lon, lat0 + share * step_lat, east, north):
            kind += WET
        if kind < best_kind or (kind == best_kind and (metres, p) < (best_metres, both[best])):
            best, best_share, best_metres, best_kind = k, share, metres, kind
    return best, best_share, best_metres


@compiled
def _ends_of_edge(inside, y, x):  # type: ignore[no-untyped-def]
    """Row and column of both nodes of the lattice edge a vertex lies on, the inner node first."""
    row, column, down, right = int(np.floor(y)), int(np.floor(x)), int(np.ceil(y)), int(np.ceil(x))
    return (row, column, down, right) if inside[row, column] else (down, right, row, column)


@compiled
def _set_parts(parts, piece_lon, piece_lat, both, lon, lat, east, north):  # type: ignore[no-untyped-def]
    """Put pieces into columns: x, y of the start, step x, y and 1 / squared length, in metres around (lon, lat)."""
    for i in range(2):
        p = both[i]
        if p < 0:
            continue
        x, step_x = piece_lon[p, 0] - lon, piece_lon[p, 1] - piece_lon[p, 0]
        if abs(x) > 180.0:
            x -= math.copysign(360.0, x)
        if abs(step_x) > 180.0:
            step_x -= math.copysign(360.0, step_x)
        step_x, step_y = step_x * east, (piece_lat[p, 1] - piece_lat[p, 0]) * north
        squared = step_x * step_x + step_y * step_y
        parts[0, i], parts[1, i], parts[2, i], parts[3, i] = x * east, (piece_lat[p, 0] - lat) * north, step_x, step_y
        parts[4, i] = 1.0 / squared if squared > 0.0 else 0.0


@compiled
def _project(parts, i, x, y):  # type: ignore[no-untyped-def]
    """Share along part `i` of the point nearest to (x, y), and the squared distance."""
    dx, dy = parts[0, i] - x, parts[1, i] - y
    share = min(1.0, max(0.0, -(dx * parts[2, i] + dy * parts[3, i]) * parts[4, i]))
    dx += share * parts[2, i]
    dy += share * parts[3, i]
    return share, dx * dx + dy * dy


@compiled
def _nearer(parts, piece_kind, both, x, y, cap):  # type: ignore[no-untyped-def]
    """The street (0 or 1, -1 for none) a place belongs to, of two, by the snapping rule; share along it and distance."""
    best, best_share, best_metres = -1, 0.0, np.inf
    for k in range(1 if both[0] == both[1] else 2):
        if both[k] < 0:
            continue
        share, squared = _project(parts, k, x, y)
        metres = math.sqrt(squared)
        if metres > cap:
            continue
        if best >= 0 and piece_kind[both[k]] != piece_kind[both[best]]:
            better = piece_kind[both[k]] < piece_kind[both[best]]
        else:
            better = metres < best_metres or (metres == best_metres and both[k] < both[best])
        if better:
            best, best_share, best_metres = k, share, metres
    return best, best_share, best_metres
