"""The time surface: travel time spread off the streets over a lattice, each node by the rule a demand point there would get."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..compiled import compiled
from ..errors import TooLargeError
from ..lengths import metres_per_degree, wrapped
from .lattice import UNITS, Lattice
from .street_raster import BLOCK, UNKNOWN, fill
from .street_times import Reached, ReachedPieces, StreetFrame

MOST_BLOCKS = 200_000_000  # one byte each while a surface is made


class Blocks(NamedTuple):
    """Blocks of the lattice that hold every node within the limit.

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
        Connectors included, where the node's piece is known; elsewhere any time within the same limits. Inf wherever no street
        lies within the cap.
    pieces : (rows, columns) int32
        Street piece that each node belongs to, NOBODY or UNKNOWN.
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
    areas = _areas(found.boxes, lattice, origins, frame.cap, pace, limit)
    first, last = areas[:, :2].min(axis=0), areas[:, 2:].max(axis=0)
    rows, columns = (last - first + 1).tolist()
    if rows * columns > MOST_BLOCKS:
        raise TooLargeError(
            "one surface over {rows:,} x {columns:,} cells of {cell_metres:g} m is too large; use larger "
            "cells, or draw each facility alone.",
            rows=rows * BLOCK,
            columns=columns * BLOCK,
            cell_metres=lattice.cell_metres,
        )
    marked = np.zeros((rows, columns), np.bool_)
    _mark(areas, first, marked)
    return Blocks(int(first[0]), int(first[1]), marked)


@compiled
def _areas(boxes, lattice, origins, cap, pace, limit):  # type: ignore[no-untyped-def]
    """Blocks (first row, first column, last row, last column) around each box of reached pieces and each origin.

    Around a box lies what can be walked to in the time left there, and one node more.
    """
    areas = np.empty((boxes.shape[0] + origins.shape[0], 4), np.int32)
    per_lat, per_lon, middle = UNITS / lattice.step_lat, UNITS / lattice.step_lon, lattice.middle_lon
    at, east, north = np.inf, 0.0, 0.0
    for i in range(areas.shape[0]):
        k = i - boxes.shape[0]
        if k < 0:
            y0, y1, x0, x1 = boxes[i, 0], boxes[i, 1], boxes[i, 2], boxes[i, 3]
            metres = min(cap, (limit - boxes[i, 4]) * pace)
        else:
            y0, y1, x0, x1, metres = origins[k, 1], origins[k, 1], origins[k, 0], origins[k, 0], 0.0
        if abs(y0 - at) > 0.01:  # up to 85 degrees of latitude a step this small changes scales by less than 0.2 %
            at = y0
            east, north = metres_per_degree(at)
        turn = 0.0 if abs(x0 - middle) <= 180.0 else wrapped(x0 - middle) - (x0 - middle)
        pad_y, pad_x = 1.003 * metres / north * per_lat + 1.0, 1.003 * metres / east * per_lon + 1.0
        areas[i, 0] = math.floor((y0 * per_lat - pad_y) / BLOCK)
        areas[i, 1] = math.floor(((x0 + turn) * per_lon - pad_x) / BLOCK)
        areas[i, 2] = math.floor((y1 * per_lat + pad_y) / BLOCK)
        areas[i, 3] = math.floor(((x1 + turn) * per_lon + pad_x) / BLOCK)
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
    lattice: Lattice,
    blocks: Blocks,
    limits: NDArray[np.float64],
    row: int,
    column: int,
    shape: tuple[int, int],
) -> Surface:
    """Work out which nodes of a window are within which of the limits (ascending); outside the marked blocks none is."""
    seconds, pieces = np.full(shape, np.inf), np.full(shape, UNKNOWN, np.int32)
    fill(frame, reached, lattice, blocks, limits, row, column, seconds, pieces)
    return Surface(row, column, seconds, pieces)
