"""The nearest street of every lattice node, by the snapping rule, found for blocks of nodes at once.

A street that is nearest to any place in a square cannot be farther from the square's centre than the centre's own nearest
street plus twice the half diagonal; so each square hands only few candidates on to its four quarters. The answer is that of
snapping each node alone. Squares in reach of no reached street are left out.

Compiled code here takes its arrays one by one: taking them out of a tuple in a hot loop costs more than the arithmetic.
"""

from __future__ import annotations

import math

import numpy as np

from .cell_grid import find_cell
from .compiled import compiled
from .lattice import UNITS
from .lengths import metres_per_degree

LEVELS = 5
SKIPPED_LEVEL = 3  # squares of 8 x 8 nodes or more are left out where nothing is in reach
BLOCK = 1 << LEVELS  # nodes along the side of a block
_SLACK, _SLACK_METRES = 1.001, 0.01  # bounds are in metres at the block's centre, which differ slightly from a node's own


@compiled
def block_streets(frame, lattice, reach, block_row, block_column, pieces, shares, metres):  # type: ignore[no-untyped-def]
    """Fill (BLOCK, BLOCK) arrays with each node's street piece, share along it and distance.

    Parameters
    ----------
    reach : (p,) float64
        Metres that can be walked from each piece within the limit, negative for pieces that are not reached.
    pieces : (BLOCK, BLOCK) int32
        -1 where no street lies within the cap, and where neither the node nor any neighbour can be within the limit.
    """
    row0, column0, cap = block_row * BLOCK, block_column * BLOCK, frame.cap
    middle = 0.5 * (BLOCK - 1)
    lat, lon = (row0 + middle) * lattice.step_lat / UNITS, (column0 + middle) * lattice.step_lon / UNITS
    east, north = metres_per_degree(lat)
    dx, dy = lattice.step_lon / UNITS * east, lattice.step_lat / UNITS * north
    spacing = math.hypot(dx, dy)
    piece_lon, piece_lat, piece_scrap = frame.piece_lon, frame.piece_lat, frame.piece_scrap
    pieces[:, :] = -1
    near = _pieces_near(frame.grid, piece_lon, piece_lat, piece_scrap, cap, lon, lat, (middle + 1.0) * spacing)
    if not (reach[near] >= 0.0).any():
        return
    parts, lists = np.empty((LEVELS + 1, 5, near.size)), np.empty((LEVELS + 1, near.size), np.int32)
    _set_parts(parts[LEVELS], piece_lon, piece_lat, near, lon, lat, east, north)
    lists[LEVELS, :] = near
    counts = np.zeros(LEVELS + 1, np.int64)
    counts[LEVELS] = near.size
    squares, k = np.empty(near.size), 0
    while k < BLOCK * BLOCK:
        i, j = _unfold(k)
        y, x = (i - middle) * dy, (j - middle) * dx
        skipped = 0
        for level in range(LEVELS - 1, 0, -1):
            if k % (1 << 2 * level) == 0:
                half = 0.5 * ((1 << level) - 1)
                radius = (half + (1.0 if level >= SKIPPED_LEVEL else 0.0)) * spacing  # neighbours count where squares are skipped
                at_x, at_y = x + half * dx, y + half * dy
                alive = _narrow(parts, piece_scrap, reach, lists, counts, level, at_x, at_y, radius, cap, squares)
                if level >= SKIPPED_LEVEL and not alive:
                    skipped = 1 << 2 * level
                    break
        if skipped:
            k += skipped
            continue
        best = _nearest(parts[1], piece_scrap, lists[1], counts[1], x, y, cap)
        if best >= 0:
            share, squared = project(parts[1], best, x, y)
            if squared <= cap * cap:
                pieces[i, j], shares[i, j], metres[i, j] = lists[1, best], share, math.sqrt(squared)
        k += 1


@compiled
def _unfold(k):  # type: ignore[no-untyped-def]
    """Row and column of the k-th node in Z order."""
    i = j = 0
    for bit in range(LEVELS):
        j |= ((k >> (2 * bit)) & 1) << bit
        i |= ((k >> (2 * bit + 1)) & 1) << bit
    return i, j


@compiled
def set_part(parts, i, piece_lon, piece_lat, p, lon, lat, east, north):  # type: ignore[no-untyped-def]
    """Put a piece into column `i`: x, y of its start, step x, y and 1 / squared length, in metres around (lon, lat)."""
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
def project(parts, i, x, y):  # type: ignore[no-untyped-def]
    """Share along part `i` of the point nearest to (x, y), and the squared distance."""
    dx, dy = parts[0, i] - x, parts[1, i] - y
    share = min(1.0, max(0.0, -(dx * parts[2, i] + dy * parts[3, i]) * parts[4, i]))
    dx += share * parts[2, i]
    dy += share * parts[3, i]
    return share, dx * dx + dy * dy


@compiled
def _pieces_near(grid, piece_lon, piece_lat, piece_scrap, cap, lon, lat, radius):  # type: ignore[no-untyped-def]
    """Pieces that can be the nearest of any place within `radius` of (lon, lat); one in several grid cells comes as often."""
    east, north = metres_per_degree(lat)
    cell_x, cell_y = grid.cell_lon * east, grid.cell_lat * north
    x, y = (lon + 180.0) / grid.cell_lon, (lat + 90.0) / grid.cell_lat
    column0, row0 = math.floor(x), math.floor(y)
    bound = (cap + radius) * _SLACK + _SLACK_METRES  # farthest a street can be and still matter
    found, away, part = np.empty(512, np.int32), np.empty(512), np.empty((5, 1))
    starts, listed = grid.starts, grid.pieces
    count = ring = 0
    while (ring - 1) * min(cell_x, cell_y) <= bound:
        for row in range(row0 - ring, row0 + ring + 1):
            step = 1 if abs(row - row0) == ring else max(1, 2 * ring)
            for column in range(column0 - ring, column0 + ring + 1, step):
                beside = max(column - x, x - column - 1.0, 0.0) * cell_x
                above = max(row - y, y - row - 1.0, 0.0) * cell_y
                if beside * beside + above * above > bound * bound:
                    continue
                at = find_cell(grid, row, column)
                if at < 0:
                    continue
                for k in range(starts[at], starts[at + 1]):
                    set_part(part, 0, piece_lon, piece_lat, listed[k], lon, lat, east, north)
                    metres = math.sqrt(project(part, 0, 0.0, 0.0)[1])
                    if metres > bound:
                        continue
                    if not piece_scrap[listed[k]]:
                        bound = min(bound, (metres + 2.0 * radius) * _SLACK + _SLACK_METRES)
                    if count == found.size:
                        found, away = np.concatenate((found, found)), np.concatenate((away, away))
                    found[count], away[count] = listed[k], metres
                    count += 1
        ring += 1
    return found[:count][away[:count] <= bound]


@compiled
def _set_parts(parts, piece_lon, piece_lat, near, lon, lat, east, north):  # type: ignore[no-untyped-def]
    for i in range(near.size):
        set_part(parts, i, piece_lon, piece_lat, near[i], lon, lat, east, north)


@compiled
def _measure(parts, count, x, y, squares):  # type: ignore[no-untyped-def]
    """Squared distances of all parts from (x, y)."""
    for k in range(count):
        squares[k] = project(parts, k, x, y)[1]


@compiled
def _narrow(parts, piece_scrap, reach, lists, counts, level, x, y, radius, cap, squares):  # type: ignore[no-untyped-def]
    """Hand on to a square those of its parent's candidates that can be the nearest of a place within `radius` of (x, y).

    Returns whether any of them can be within the limit there.
    """
    count, parent, child, copy, from_ = counts[level + 1], lists[level + 1], lists[level], parts[level], parts[level + 1]
    _measure(from_, count, x, y, squares)
    main = side = np.inf
    for k in range(count):
        if squares[k] < main and not piece_scrap[parent[k]]:
            main = squares[k]
        elif squares[k] < side and piece_scrap[parent[k]]:
            side = squares[k]
    main, side = math.sqrt(main), math.sqrt(side)
    main_bound = ((main + 2.0 * radius) * _SLACK + _SLACK_METRES) ** 2
    side_bound = ((side + 2.0 * radius) * _SLACK + _SLACK_METRES) ** 2
    if (main + radius) * _SLACK + _SLACK_METRES <= cap:
        side_bound = -1.0  # every place has a street that is no scrap
    either_bound = max(main_bound, side_bound)
    kept, alive = 0, False
    for k in range(count):
        if squares[k] <= either_bound and squares[k] <= (side_bound if piece_scrap[parent[k]] else main_bound):
            child[kept] = parent[k]
            for n in range(5):
                copy[n, kept] = from_[n, k]
            kept += 1
            ahead = reach[parent[k]]
            if not alive and ahead >= 0.0:
                alive = math.sqrt(squares[k]) - radius <= ahead * _SLACK + _SLACK_METRES
    counts[level] = kept
    return alive


@compiled
def _nearest(parts, piece_scrap, candidates, count, x, y, cap):  # type: ignore[no-untyped-def]
    """The nearest candidate, scraps only where nothing else lies within the cap; -1 if there is none at all."""
    main, main_squared = -1, np.inf
    side, side_squared = -1, np.inf
    for k in range(count):
        squared = project(parts, k, x, y)[1]
        if squared > main_squared:
            continue
        if piece_scrap[candidates[k]]:
            if squared < side_squared or (squared == side_squared and candidates[k] < candidates[side]):
                side, side_squared = k, squared
        elif squared < main_squared or candidates[k] < candidates[main]:
            main, main_squared = k, squared
    if side >= 0 and main_squared > cap * cap:
        return side
    return main
