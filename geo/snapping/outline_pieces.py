"""Street pieces that come close to the outlines of areas."""

from __future__ import annotations

import math

import numpy as np

from ..cell_grid import find_cell
from ..compiled import compiled
from ..lengths import metres_per_degree, wrapped
from ..network.preference import MAIN
from ..water_index import crosses_water
from .nearest_piece import NODE_METRES, project


@compiled
def pieces_along(grid, kinds, water, piece_lon, piece_lat, lon, lat, reach):  # type: ignore[no-untyped-def]
    """Pairs of outline part and main street piece closer than `reach` on dry land, with the nearest point on the piece."""
    found = [(np.int64(0), np.int64(0), 0.0, 0.0) for _ in range(0)]
    for i in range(lon.shape[0]):
        east, north = metres_per_degree(lat[i, 0])
        pad_x, pad_y = reach / east / grid.cell_lon, reach / north / grid.cell_lat
        x0 = (lon[i, 0] + 180.0) / grid.cell_lon
        x1 = x0 + wrapped(lon[i, 1] - lon[i, 0]) / grid.cell_lon
        y0, y1 = (lat[i, 0] + 90.0) / grid.cell_lat, (lat[i, 1] + 90.0) / grid.cell_lat
        for row in range(math.floor(min(y0, y1) - pad_y), math.floor(max(y0, y1) + pad_y) + 1):
            for column in range(math.floor(min(x0, x1) - pad_x), math.floor(max(x0, x1) + pad_x) + 1):
                at = find_cell(grid, row, column)
                if at < 0:
                    continue
                for k in range(grid.starts[at], grid.starts[at + 1]):
                    p = grid.pieces[k]
                    if kinds[p] != MAIN:
                        continue
                    share, along, metres = _closest(piece_lon[p], piece_lat[p], lon[i], lat[i], east, north)
                    if metres > reach:
                        continue
                    share = _at_node(share, piece_lon[p], piece_lat[p], east, north)
                    (x, y), (to_x, to_y) = _at(lon[i], lat[i], along), _at(piece_lon[p], piece_lat[p], share)
                    if metres == 0.0 or not crosses_water(water, x, y, to_x, to_y, east, north):
                        found.append((np.int64(i), np.int64(p), share, metres))
    return (
        np.array([row[0] for row in found], np.int64),
        np.array([row[1] for row in found], np.int64),
        np.array([row[2] for row in found], np.float64),
        np.array([row[3] for row in found], np.float64),
    )


@compiled
def _at(lon, lat, share):  # type: ignore[no-untyped-def]
    """Where a share of a straight line lies."""
    return wrapped(lon[0] + share * wrapped(lon[1] - lon[0])), lat[0] + share * (lat[1] - lat[0])


@compiled
def _at_node(share, lon, lat, east, north):  # type: ignore[no-untyped-def]
    """Share of a piece at which one enters it: at its end where that is close."""
    length = math.hypot(wrapped(lon[1] - lon[0]) * east, (lat[1] - lat[0]) * north)
    return share if min(share, 1.0 - share) * length > NODE_METRES else 0.0 if share < 0.5 else 1.0


@compiled
def _closest(piece_lon, piece_lat, lon, lat, east, north):  # type: ignore[no-untyped-def]
    """Where a street piece comes closest to a straight part of an outline: share along the piece, along the part, distance."""
    crossing, along = _crossing(piece_lon, piece_lat, lon, lat)
    if crossing >= 0.0:
        return crossing, along, 0.0
    along = 0.0
    share, squared = _nearest_on(piece_lon, piece_lat, lon[0], lat[0], east, north)
    other, farther = _nearest_on(piece_lon, piece_lat, lon[1], lat[1], east, north)
    if farther < squared:
        share, along, squared = other, 1.0, farther
    for end in range(2):
        other, away = _nearest_on(lon, lat, piece_lon[end], piece_lat[end], east, north)
        if away < squared:
            share, along, squared = float(end), other, away
    return share, along, math.sqrt(squared)


@compiled
def _nearest_on(line_lon, line_lat, lon, lat, east, north):  # type: ignore[no-untyped-def]
    """Share along a straight line of the point nearest to (lon, lat), squared metres."""
    return project(line_lon[0], line_lat[0], wrapped(line_lon[1] - line_lon[0]), line_lat[1] - line_lat[0], lon, lat, east, north)


@compiled
def _crossing(piece_lon, piece_lat, lon, lat):  # type: ignore[no-untyped-def]
    """Shares along the piece and along the part where they cross, -1 if they do not."""
    ax, ay = wrapped(piece_lon[1] - piece_lon[0]), piece_lat[1] - piece_lat[0]
    bx, by = wrapped(lon[1] - lon[0]), lat[1] - lat[0]
    denominator = ax * by - ay * bx
    if denominator == 0.0:
        return -1.0, -1.0
    cx, cy = wrapped(lon[0] - piece_lon[0]), lat[0] - piece_lat[0]
    along, across = (cx * by - cy * bx) / denominator, (cx * ay - cy * ax) / denominator
    return (along, across) if 0.0 <= along <= 1.0 and 0.0 <= across <= 1.0 else (-1.0, -1.0)
