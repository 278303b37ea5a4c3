"""The time surface: travel time spread off the streets over a lattice, each node by the rule a demand point there would get."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .compiled import compiled
from .errors import TooLargeError
from .lattice import UNITS, Lattice, to_lattice
from .lengths import metres_per_degree
from .street_raster import BLOCK, block_streets
from .street_times import Reached, ReachedPieces, StreetFrame, seconds_along, seconds_by_junctions

MOST_BLOCKS = 50_000_000  # one byte each while a surface is made


class Blocks(NamedTuple):
    """Blocks of the lattice that hold every node within the limit, and its neighbours.

    Attributes
    ----------
    row, column : int
        First block.
    marked : (rows, columns) bool
    """

    row: int
    column: int
    marked: NDArray[np.bool_]


class Surface(NamedTuple):
    """Travel times on a window of the lattice.

    Attributes
    ----------
    row, column : int
        Lattice node of the window's first row and column; rows run north, columns east.
    seconds : (rows, columns) float64
        Connectors included; inf beyond the limit of the search and wherever no street lies within the cap.
    pieces : (rows, columns) int32
        Street piece that each node belongs to, -1 if none.
    """

    row: int
    column: int
    seconds: NDArray[np.float64]
    pieces: NDArray[np.int32]


def reached_blocks(
    frame: StreetFrame, found: ReachedPieces, lattice: Lattice, origins: NDArray[np.float64], limit: float
) -> Blocks:
    """Mark the blocks around every street reached within `limit` seconds, and around the origins (lon, lat).

    Raises
    ------
    TooLargeError
        If the reached streets lie so far apart that even the marks would not fit.
    """
    pace = frame.edges.connector_metres_per_second
    areas = _areas(frame.piece_lon, frame.piece_lat, found.piece, found.least, lattice, origins, frame.cap, pace, limit)
    first, last = areas[:, :2].min(axis=0), areas[:, 2:].max(axis=0)
    rows, columns = (last - first + 1).tolist()
    if rows * columns > MOST_BLOCKS:
        raise TooLargeError(
            f"one surface over {rows * BLOCK:,} x {columns * BLOCK:,} cells of {lattice.cell_metres:g} m is too large; "
            "use larger cells, or draw each facility alone."
        )
    marked = np.zeros((rows, columns), np.bool_)
    _mark(areas, first, marked)
    return Blocks(int(first[0]), int(first[1]), marked)


@compiled
def _areas(piece_lon, piece_lat, pieces, least, lattice, origins, cap, pace, limit):  # type: ignore[no-untyped-def]
    """Blocks (first row, first column, last row, last column) around each reached piece and each origin.

    Around a piece lies what can be walked to in the time left there, and one node more.
    """
    areas = np.empty((pieces.size + origins.shape[0], 4), np.int64)
    for i in range(areas.shape[0]):
        if i < pieces.size:
            p = pieces[i]
            east, north = metres_per_degree(piece_lat[p, 0])
            metres = min(cap, (limit - least[i]) * pace) * 1.001
            pad_y = metres / (north * lattice.step_lat / UNITS) + 1.0
            pad_x = metres / (east * lattice.step_lon / UNITS) + 1.0
            y0, x0 = to_lattice(lattice, piece_lon[p, 0], piece_lat[p, 0])
            y1, x1 = to_lattice(lattice, piece_lon[p, 1], piece_lat[p, 1])
        else:
            y0, x0 = to_lattice(lattice, origins[i - pieces.size, 0], origins[i - pieces.size, 1])
            y1, x1, pad_y, pad_x = y0, x0, 2.0, 2.0
        areas[i, 0] = math.floor((min(y0, y1) - pad_y) / BLOCK)
        areas[i, 1] = math.floor((min(x0, x1) - pad_x) / BLOCK)
        areas[i, 2] = math.floor((max(y0, y1) + pad_y) / BLOCK)
        areas[i, 3] = math.floor((max(x0, x1) + pad_x) / BLOCK)
    return areas


@compiled
def _mark(areas, first, marked):  # type: ignore[no-untyped-def]
    for i in range(areas.shape[0]):
        for row in range(areas[i, 0] - first[0], areas[i, 2] - first[0] + 1):
            for column in range(areas[i, 1] - first[1], areas[i, 3] - first[1] + 1):
                marked[row, column] = True


def window_surface(
    frame: StreetFrame,
    reached: Reached,
    found: ReachedPieces,
    lattice: Lattice,
    blocks: Blocks,
    row: int,
    column: int,
    shape: tuple[int, int],
) -> Surface:
    """Work out the surface of a window of nodes; outside the marked blocks it is unreached."""
    seconds, pieces = np.full(shape, np.inf), np.full(shape, -1, np.int32)
    _fill(frame, reached, found.seconds, lattice, blocks, row, column, seconds, pieces)
    return Surface(row, column, seconds, pieces)


@compiled
def _fill(frame, reached, times, lattice, blocks, row, column, seconds, pieces):  # type: ignore[no-untyped-def]
    rows, columns = seconds.shape
    marked, pace = blocks.marked, frame.edges.connector_metres_per_second
    piece_row, seed_first, piece_edge = reached.piece_row, reached.seed_first, frame.pieces.edge
    near = np.empty((BLOCK, BLOCK), np.int32)
    shares, metres = np.empty((BLOCK, BLOCK)), np.empty((BLOCK, BLOCK))
    for block_row in range(row // BLOCK, (row + rows - 1) // BLOCK + 1):
        for block_column in range(column // BLOCK, (column + columns - 1) // BLOCK + 1):
            m, n = block_row - blocks.row, block_column - blocks.column
            if not (0 <= m < marked.shape[0] and 0 <= n < marked.shape[1] and marked[m, n]):
                continue
            block_streets(frame, lattice, reached.reach, block_row, block_column, near, shares, metres)
            top, left = block_row * BLOCK - row, block_column * BLOCK - column
            for i in range(max(0, -top), min(BLOCK, rows - top)):
                for j in range(max(0, -left), min(BLOCK, columns - left)):
                    p = near[i, j]
                    pieces[top + i, left + j] = p
                    if p >= 0 and piece_row[p] >= 0:
                        spent = seconds_by_junctions(times, piece_row[p], shares[i, j])
                        if seed_first[piece_edge[2 * p]] >= 0:
                            spent = min(spent, seconds_along(frame, reached, p, shares[i, j]))
                        seconds[top + i, left + j] = spent + metres[i, j] / pace
