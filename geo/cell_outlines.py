"""Outlines of groups of lattice cells: borders are walked from cell to cell, in time that grows as the cells do.

No union of polygons and no raster of the ground between far islands: cells are looked up by number among those there are.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from .compiled import compiled

Ints = NDArray[np.int64]

SIDES = 4  # of a cell, clockwise from the top: 0 top, 1 right, 2 bottom, 3 left; borders run with their cells on the right
NOBODY = -1


class Rings(NamedTuple):
    """Closed borders, corner by corner.

    Attributes
    ----------
    rows, columns : (n,) int64
        Lattice lines that each corner lies on; the first corner of a ring is not repeated.
    ring : (n,) int64
        Number of the ring of each corner, rising.
    polygon : (rings,) int64
        Number of the polygon of each ring.
    group : (polygons,) int64
        Number of the group of each polygon, rising.
    """

    rows: Ints
    columns: Ints
    ring: Ints
    polygon: Ints
    group: Ints


def cell_rings(rows: Ints, columns: Ints, group: Ints, *, every: int = 0) -> Rings:
    """Walk the borders of groups of cells.

    Cells that share a side make one polygon, and those of a group that meet at a corner only make several: so polygons are
    valid, and their holes touch at points at most. A polygon's outer ring comes first among its rings.

    Parameters
    ----------
    rows, columns : (n,) int
        Cells, in any order; the same cell twice in a group counts once.
    group : (n,) int
        From 0 up.
    every : int
        Besides corners, keep a point of straight borders on every so-many-eth line of the lattice (0: none): where straight
        lines of the lattice are bent on the globe.
    """
    if not len(rows):
        nothing = np.empty(0, np.int64)
        return Rings(nothing, nothing, nothing, nothing, nothing)
    step = max(every, 1)  # lines are counted from a multiple, so that the same lines are kept whatever cells are asked for
    top, left = int(rows.min()) // step * step, int(columns.min()) // step * step
    width = int(columns.max()) - left + 2  # an empty column and row keep lines, and groups, apart
    stride = (int(rows.max()) - top + 2) * width
    number = _once(group.astype(np.int64) * stride + (rows.astype(np.int64) - top) * width + (columns - left))
    beside = _beside(number, width)
    polygon = _side_by_side(beside)
    edges, starts = _walk(number, width, beside)
    edges, starts, right_turns = _outer_first(edges, starts, polygon)
    ring = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(edges)))
    row, column, kept = _corners(edges, starts, number % stride, width, every)
    cell = edges[starts] // SIDES
    return Rings(
        rows=row[kept] + top,
        columns=column[kept] + left,
        ring=ring[kept],
        polygon=polygon[cell],
        group=number[cell[right_turns > 0]] // stride,
    )


def _once(number: Ints) -> Ints:
    """Return the numbers in order, each once."""
    ordered = np.sort(number)  # np.unique hashes, which takes many times as long
    return ordered[np.insert(np.diff(ordered) > 0, 0, True)]


def _outer_first(edges: Ints, starts: Ints, polygon: Ints) -> tuple[Ints, Ints, Ints]:
    """Sort rings by polygon, the outer one first: all in all it turns right, the ring of a hole left."""
    lengths = np.diff(starts, append=len(edges))
    side = edges % SIDES
    turn = (side - side[_before(starts, lengths)] + 1) % SIDES - 1
    right_turns = np.add.reduceat(turn, starts)
    order = np.lexsort((-right_turns, polygon[edges[starts] // SIDES]))
    sorted_lengths = lengths[order]
    sorted_starts = np.cumsum(sorted_lengths) - sorted_lengths
    at = np.repeat(starts[order] - sorted_starts, sorted_lengths) + np.arange(len(edges))
    return edges[at], sorted_starts, right_turns[order]


def _before(starts: Ints, lengths: Ints) -> Ints:
    """Return the place of the edge before each, the last of its ring before the first."""
    before = np.arange(-1, int(lengths.sum()) - 1)
    before[starts] = starts + lengths - 1
    return before


def _corners(edges: Ints, starts: Ints, line: Ints, width: int, every: int) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """Return row and column of where each edge begins, and which of these places are kept."""
    side, cell = edges % SIDES, line[edges // SIDES]
    row, column = cell // width + (side >= 2), cell % width + ((side == 1) | (side == 2))
    kept = side != side[_before(starts, np.diff(starts, append=len(edges)))]
    if every:
        kept |= np.where(side % 2, row, column) % every == 0
    return row, column, kept


def _side_by_side(beside: NDArray[np.int32]) -> Ints:
    """Number the groups of cells that share sides, in the order of their first cells."""
    count = len(beside)
    cells = np.arange(count)
    right, below = beside[:, 1], beside[:, 2]
    first = np.concatenate((cells[right >= 0], cells[below >= 0]))
    second = np.concatenate((right[right >= 0], below[below >= 0]))
    links = coo_array((np.ones(len(first), np.int8), (first, second)), shape=(count, count))
    return np.asarray(connected_components(links, directed=False)[1], np.int64)


@compiled
def _beside(number: Ints, width: int) -> NDArray[np.int32]:
    """Return the row of the cell across each side of every cell, NOBODY where there is none; `number` rises."""
    count = len(number)
    beside = np.full((count, SIDES), np.int32(NOBODY))
    below = 0
    for cell in range(count):
        if cell + 1 < count and number[cell + 1] == number[cell] + 1:
            beside[cell, 1] = cell + 1
            beside[cell + 1, 3] = cell
        while below < count and number[below] < number[cell] + width:
            below += 1
        if below < count and number[below] == number[cell] + width:
            beside[cell, 2] = below
            beside[below, 0] = cell
    return beside


@compiled
def _across_corner(number: Ints, width: int, cell: int, side: int) -> int:
    """Return the cell that touches `cell` at the corner where `side` ends and nowhere else; NOBODY where there is none."""
    if side == 0:
        wanted = number[cell] - width + 1
    elif side == 1:
        wanted = number[cell] + width + 1
    elif side == 2:
        wanted = number[cell] + width - 1
    else:
        wanted = number[cell] - width - 1
    found = np.searchsorted(number, wanted)
    return int(found) if found < len(number) and number[found] == wanted else NOBODY


@compiled
def _next_edge(beside: NDArray[np.int32], edge: int) -> int:
    """Return the border edge after an edge, staying with its cell where another one only touches the corner."""
    cell, side = edge // SIDES, edge % SIDES
    ahead = beside[cell, (side + 1) % SIDES]
    if ahead == NOBODY:
        return cell * SIDES + (side + 1) % SIDES
    aside = beside[ahead, side]
    return int(ahead * SIDES + side if aside == NOBODY else aside * SIDES + (side + 3) % SIDES)


@compiled
def _walk(number: Ints, width: int, beside: NDArray[np.int32]) -> tuple[Ints, Ints]:
    """Walk all borders: their edges (cell times SIDES plus side) ring after ring, and where each ring starts.

    A walk that comes back to a corner it has passed closes a ring there, and goes on from that corner with what was before:
    so no ring touches itself.
    """
    border = (beside == NOBODY).sum()
    edges, starts = np.empty(border, np.int64), np.empty(border // SIDES, np.int64)
    walked, place = np.zeros(beside.size, np.bool_), np.full(beside.size, np.int32(NOBODY))  # the edge's place on the stack
    stack = np.empty(border, np.int64)
    done = rings = 0
    for start in range(beside.size):
        if walked[start] or beside[start // SIDES, start % SIDES] != NOBODY:
            continue
        edge, high = start, 0
        while high == 0 or edge != start:
            walked[edge] = True
            stack[high], place[edge] = edge, high
            high += 1
            following = _next_edge(beside, edge)
            passed = _passed(number, width, place, edge) if following // SIDES == edge // SIDES else NOBODY
            if passed != NOBODY:
                starts[rings], rings = done, rings + 1
                edges[done : done + high - passed - 1] = stack[passed + 1 : high]
                place[stack[passed + 1 : high]] = NOBODY
                done, high = done + high - passed - 1, passed + 1
            edge = following
        starts[rings], rings = done, rings + 1
        edges[done : done + high] = stack[:high]
        place[stack[:high]] = NOBODY
        done += high
    return edges, starts[:rings]


@compiled
def _passed(number: Ints, width: int, place: NDArray[np.int32], edge: int) -> int:
    """Return the place on the stack of the edge that passed the corner where this one ends, NOBODY where none did."""
    other = _across_corner(number, width, edge // SIDES, edge % SIDES)
    return NOBODY if other == NOBODY else int(place[other * SIDES + (edge + 2) % SIDES])
