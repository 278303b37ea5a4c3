"""A two-level grid over street pieces: hashed blocks of small cells, each with copies of the pieces that pass through it.

Blocks are hashed, not dense, so that islands an ocean apart cost nothing, and one look tells that nothing is near;
longitudes wrap, so that the antimeridian is no border.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .compiled import compiled
from .lengths import metres_per_degree, wrapped

CELL_METRES = 60.0
SIDE_BITS = 3
SIDE = 1 << SIDE_BITS  # cells along the side of a block
CELL_BITS = 2 * SIDE_BITS
ROW_STRIDE = np.int64(1 << 32)


class CellGrid(NamedTuple):
    """Pieces by cell. A tuple, so that compiled code takes it as it is.

    Attributes
    ----------
    cell_lon, cell_lat : float
        Cell size in degrees; columns go once around the globe.
    columns : int
        A multiple of SIDE.
    slots, slot_rows : (2^k,) int64
        Open-addressing hash table from block key to block (-1 empty).
    starts : (SIDE^2 blocks + 1,) int64
        Entries of each cell; the cells of a block follow each other row by row.
    pieces : (m,) int32
        The piece of each entry.
    parts : (m, 4) float64
        Longitude and latitude of its start, and the step from there to its end: copied, so that a cell is read in one go.
    """

    cell_lon: float
    cell_lat: float
    columns: int
    slots: NDArray[np.int64]
    slot_rows: NDArray[np.int64]
    starts: NDArray[np.int64]
    pieces: NDArray[np.int32]
    parts: NDArray[np.float64]


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
    columns = SIDE * max(4, int(360.0 * east / (SIDE * CELL_METRES)))
    cell_lon, cell_lat = 360.0 / columns, CELL_METRES / north
    shape = (cell_lon, cell_lat, columns)
    blocks = np.unique(_block_keys(lon, lat, keep, *shape))
    slots, slot_rows = _hash_table(blocks)
    starts = np.zeros((len(blocks) << CELL_BITS) + 1, np.int64)
    _sort_in(lon, lat, keep, *shape, slots, slot_rows, starts[1:], np.empty(0, np.int32), np.empty((0, 4)))
    np.cumsum(starts, out=starts)
    pieces, parts = np.empty(starts[-1], np.int32), np.empty((starts[-1], 4))
    _sort_in(lon, lat, keep, *shape, slots, slot_rows, starts[:-1].copy(), pieces, parts)
    return CellGrid(*shape, slots, slot_rows, starts, pieces, parts)


@compiled
def _in_cells(lon, lat, p, cell_lon, cell_lat):  # type: ignore[no-untyped-def]
    """Ends of a piece in cells, the southern one first."""
    x0, y0 = (lon[p, 0] + 180.0) / cell_lon, (lat[p, 0] + 90.0) / cell_lat
    x1, y1 = x0 + wrapped(lon[p, 1] - lon[p, 0]) / cell_lon, (lat[p, 1] + 90.0) / cell_lat
    return (x0, y0, x1, y1) if y0 <= y1 else (x1, y1, x0, y0)


@compiled
def _columns_in_row(x0, y0, x1, y1, row):  # type: ignore[no-untyped-def]
    """First and last column that a piece passes through in a row."""
    low, high = x0, x1
    if y1 > y0:  # the part of the piece inside this row
        low = x0 + (x1 - x0) * min(1.0, max(0.0, (row - y0) / (y1 - y0)))
        high = x0 + (x1 - x0) * min(1.0, max(0.0, (row + 1 - y0) / (y1 - y0)))
    return math.floor(min(low, high)), math.floor(max(low, high))


@compiled
def block_key(row, column, columns):  # type: ignore[no-untyped-def]
    """Key of the block that holds a cell; columns may be counted beyond the antimeridian."""
    return (row >> SIDE_BITS) * ROW_STRIDE + ((column % columns) >> SIDE_BITS)


@compiled
def _block_keys(lon, lat, keep, cell_lon, cell_lat, columns):  # type: ignore[no-untyped-def]
    """Keys of the blocks pieces pass through, most of them several times."""
    keys, count, last = np.empty(1024, np.int64), 0, np.int64(-1)
    for p in range(keep.size):
        if not keep[p]:
            continue
        x0, y0, x1, y1 = _in_cells(lon, lat, p, cell_lon, cell_lat)
        for row in range(math.floor(y0), math.floor(y1) + 1):
            first, final = _columns_in_row(x0, y0, x1, y1, row)
            for column in range(first, final + 1):
                key = block_key(row, column, columns)
                if key == last:
                    continue
                if count == keys.size:
                    keys = np.concatenate((keys, keys))
                keys[count], last = key, key
                count += 1
    return keys[:count]


@compiled
def _sort_in(lon, lat, keep, cell_lon, cell_lat, columns, slots, slot_rows, cursors, pieces, parts):  # type: ignore[no-untyped-def]
    """Put pieces where the cursor of each cell points and move it on; without room for pieces only the cursors move."""
    last, block = np.int64(-1), np.int64(-1)
    for p in range(keep.size):
        if not keep[p]:
            continue
        x0, y0, x1, y1 = _in_cells(lon, lat, p, cell_lon, cell_lat)
        for row in range(math.floor(y0), math.floor(y1) + 1):
            first, final = _columns_in_row(x0, y0, x1, y1, row)
            for column in range(first, final + 1):
                key = block_key(row, column, columns)
                if key != last:
                    last, block = key, find_block(slots, slot_rows, key)
                cell = cell_number(block, row, column, columns)
                at = cursors[cell]
                cursors[cell] += 1
                if pieces.size:
                    pieces[at] = p
                    parts[at, 0], parts[at, 1] = lon[p, 0], lat[p, 0]
                    parts[at, 2], parts[at, 3] = wrapped(lon[p, 1] - lon[p, 0]), lat[p, 1] - lat[p, 0]


@compiled
def _slot(key, mask):  # type: ignore[no-untyped-def]
    mixed = key * np.int64(-7046029254386353131)  # Fibonacci hashing, 2^64 / golden ratio
    return (mixed >> 31) & mask


@compiled
def _hash_table(keys):  # type: ignore[no-untyped-def]
    size = 16
    while size < 2 * keys.size:
        size *= 2
    slots = np.full(size, -1, np.int64)
    rows = np.full(size, -1, np.int64)
    for row in range(keys.size):
        at = _slot(keys[row], size - 1)
        while rows[at] != -1:
            at = (at + 1) & (size - 1)
        slots[at] = keys[row]
        rows[at] = row
    return slots, rows


@compiled
def find_block(slots, slot_rows, key):  # type: ignore[no-untyped-def]
    """Return the block of a key, -1 where no piece passes through it."""
    mask = slots.size - 1
    at = _slot(key, mask)
    while slot_rows[at] != -1:
        if slots[at] == key:
            return slot_rows[at]
        at = (at + 1) & mask
    return np.int64(-1)


@compiled
def find_cell(grid, row, column):  # type: ignore[no-untyped-def]
    """Return the number of a cell in `grid.starts`, -1 where its block is empty."""
    block = find_block(grid.slots, grid.slot_rows, block_key(row, column, grid.columns))
    return cell_number(block, row, column, grid.columns) if block >= 0 else np.int64(-1)


@compiled
def cell_number(block, row, column, columns):  # type: ignore[no-untyped-def]
    """Return the number of a cell in `CellGrid.starts`."""
    return (block << CELL_BITS) + ((row & (SIDE - 1)) << SIDE_BITS) + (column % columns & (SIDE - 1))
