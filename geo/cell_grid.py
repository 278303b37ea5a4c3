"""A hashed grid of cells over street pieces: finds the pieces near a point without looking at the rest.

Hashed, not dense, so that islands an ocean apart cost nothing; longitudes wrap, so that the antimeridian is no border.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .compiled import compiled
from .lengths import metres_per_degree, wrapped

CELL_METRES = 150.0
ROW_STRIDE = np.int64(1 << 32)


class CellGrid(NamedTuple):
    """Pieces by cell. A tuple, so that compiled code takes it as it is.

    Attributes
    ----------
    cell_lon, cell_lat : float
        Cell size in degrees; columns go once around the globe.
    columns : int
    slots, slot_rows : (2^k,) int64
        Open-addressing hash table from cell key to row (-1 empty).
    starts : (cells + 1,) int64, pieces : (m,) int32
        Pieces of each cell.
    """

    cell_lon: float
    cell_lat: float
    columns: int
    slots: NDArray[np.int64]
    slot_rows: NDArray[np.int64]
    starts: NDArray[np.int64]
    pieces: NDArray[np.int32]


def build_cell_grid(lon: NDArray[np.float64], lat: NDArray[np.float64], keep: NDArray[np.bool_]) -> CellGrid:
    """Sort pieces into cells.

    Parameters
    ----------
    lon, lat : (p, 2) float64
        Ends of each piece, EPSG:4326.
    keep : (p,) bool
        Which pieces take part.
    """
    east, north = metres_per_degree(float(np.median(lat)) if len(lat) else 0.0)
    columns = max(4, int(360.0 * east / CELL_METRES))
    cell_lon, cell_lat = 360.0 / columns, CELL_METRES / north
    rows = np.flatnonzero(keep).astype(np.int32)
    counts = _piece_cells(lon, lat, rows, cell_lon, cell_lat, columns, np.empty(0, np.int64), np.empty(0, np.int64))
    keys, owners = np.empty(counts.sum(), np.int64), np.empty(counts.sum(), np.int64)
    _piece_cells(lon, lat, rows, cell_lon, cell_lat, columns, keys, owners)
    order = np.argsort(keys, kind="stable")
    cells, starts = np.unique(keys[order], return_index=True)
    slots, slot_rows = _hash_table(cells)
    return CellGrid(
        cell_lon,
        cell_lat,
        columns,
        slots,
        slot_rows,
        np.append(starts, len(keys)).astype(np.int64),
        owners[order].astype(np.int32),
    )


@compiled
def _piece_cells(lon, lat, rows, cell_lon, cell_lat, columns, keys, owners):  # type: ignore[no-untyped-def]
    """List the cells each piece touches, row by row; with empty `keys` only counts them."""
    counts = np.zeros(rows.size, np.int64)
    filled = 0
    for i in range(rows.size):
        p = rows[i]
        x0, y0 = (lon[p, 0] + 180.0) / cell_lon, (lat[p, 0] + 90.0) / cell_lat
        x1, y1 = x0 + wrapped(lon[p, 1] - lon[p, 0]) / cell_lon, (lat[p, 1] + 90.0) / cell_lat
        if y1 < y0:
            x0, y0, x1, y1 = x1, y1, x0, y0
        for row in range(math.floor(y0), math.floor(y1) + 1):
            low, high = x0, x1
            if y1 > y0:  # the part of the piece inside this row
                low = x0 + (x1 - x0) * min(1.0, max(0.0, (row - y0) / (y1 - y0)))
                high = x0 + (x1 - x0) * min(1.0, max(0.0, (row + 1 - y0) / (y1 - y0)))
            first, last = math.floor(min(low, high)), math.floor(max(low, high))
            counts[i] += last - first + 1
            if keys.size:
                for column in range(first, last + 1):
                    keys[filled] = row * ROW_STRIDE + column % columns
                    owners[filled] = p
                    filled += 1
    return counts


@compiled
def _slot(key, mask):  # type: ignore[no-untyped-def]
    mixed = key * np.int64(-7046029254386353131)  # Fibonacci hashing, 2^64 / golden ratio
    return (mixed >> 31) & mask


@compiled
def _hash_table(cells):  # type: ignore[no-untyped-def]
    size = 16
    while size < 2 * cells.size:
        size *= 2
    slots = np.full(size, -1, np.int64)
    rows = np.full(size, -1, np.int64)
    for row in range(cells.size):
        at = _slot(cells[row], size - 1)
        while rows[at] != -1:
            at = (at + 1) & (size - 1)
        slots[at] = cells[row]
        rows[at] = row
    return slots, rows


@compiled
def find_cell(grid, row, column):  # type: ignore[no-untyped-def]
    """Return the row of a cell in `grid.starts`, -1 where the cell is empty."""
    key = row * ROW_STRIDE + column % grid.columns
    mask = grid.slots.size - 1
    at = _slot(key, mask)
    while grid.slot_rows[at] != -1:
        if grid.slots[at] == key:
            return grid.slot_rows[at]
        at = (at + 1) & mask
    return -1
