"""Filling a time surface, blocks of nodes at once.

Only what decides between the limits is worked out: where all streets around a square of nodes are reached early enough, or too
late, its nodes need no street of their own. Every other node gets exactly the answer of snapping it alone.

Compiled code here takes its arrays one by one: taking them out of a tuple in a hot loop costs more than the arithmetic.
"""

from __future__ import annotations

import math

import numpy as np

from ..compiled import compiled
from ..lengths import metres_per_degree, wrapped
from ..network.cell_grid import CELL_METRES, SIDE_BITS, block_key, find_block
from ..snapping.nearest_piece import PER_METRE, candidates, narrowed, nearest, project, squared_to, without_repeats
from .lattice import UNITS
from .street_times import seconds_along, seconds_by_junctions

BLOCK_BITS = 3
BLOCK = 1 << BLOCK_BITS  # nodes along the side of a block
GROUP_METRES = 2.0 * CELL_METRES  # a block, or parts of it up to this size, look for their streets together
NOBODY, UNKNOWN = -1, -2  # in place of a piece: no street within the cap; not looked for
SLACK_SECONDS = 1e-6  # bounds are rounded otherwise than times
SLACK = 1.001  # and distances are in metres at the block's centre, where the nodes' own differ slightly


@compiled
def fill(frame, reached, lattice, blocks, limits, row, column, seconds, pieces):  # type: ignore[no-untyped-def]
    """Fill a window of the surface, block by block, square by square.

    Parameters
    ----------
    limits : (k,) float64
        Ascending.
    seconds, pieces : (rows, columns) arrays
        The window, filled with inf and UNKNOWN, which stay where no limit is in reach.
    """
    marked, scrap, cap, pace = blocks.marked, frame.piece_scrap, frame.cap, frame.edges.connector_metres_per_second
    slots, slot_rows, starts, listed, parts = (
        frame.grid.slots, frame.grid.slot_rows, frame.grid.starts, frame.grid.pieces, frame.grid.parts,
    )  # fmt: skip
    shape = (frame.grid.cell_lon, frame.grid.cell_lat, frame.grid.columns)
    least, latest, block_least, block_latest = reached.least, reached.latest, reached.block_least, reached.block_latest
    edge_of, edge_a, edge_b, to_a, to_b = frame.piece_edge, frame.edges.a, frame.edges.b, frame.to_a, frame.to_b
    at_junction, seed_first = reached.work.seconds, reached.seed_first
    (rows, columns), step_lat, step_lon = seconds.shape, lattice.step_lat / UNITS, lattice.step_lon / UNITS
    bits = _group_bits(lattice.cell_metres)
    side, room, last = 1 << bits, 256, np.int64(-1)
    found, away, lists = np.empty(room, np.int64), np.empty(room), np.empty(room * (BLOCK_BITS + 1), np.int64)
    counts, groups = np.zeros(BLOCK_BITS + 1, np.int64), 1 << 2 * (BLOCK_BITS - bits)
    base = row // BLOCK * BLOCK
    scales = _row_scales(base, rows + 2 * BLOCK, step_lat)
    for square in range(((row + rows - 1) // BLOCK - row // BLOCK + 1) * ((column + columns - 1) // BLOCK - column // BLOCK + 1)):
        across = (column + columns - 1) // BLOCK - column // BLOCK + 1
        bottom, left = (row // BLOCK + square // across) * BLOCK, (column // BLOCK + square % across) * BLOCK
        m, n = bottom // BLOCK - blocks.row, left // BLOCK - blocks.column
        if not (0 <= m < marked.shape[0] and 0 <= n < marked.shape[1] and marked[m, n]):
            continue
        lat, lon = (bottom + 0.5 * (BLOCK - 1)) * step_lat, (left + 0.5 * (BLOCK - 1)) * step_lon
        east, north = scales[bottom - base + BLOCK // 2, 0], scales[bottom - base + BLOCK // 2, 1]
        spacing = SLACK * math.hypot(step_lon * east, step_lat * north)
        metres = SLACK * cap + 0.5 * (BLOCK - 1) * spacing + 1.0
        soonest, _ = _around(slots, slot_rows, shape, block_least, block_latest, lon, lat, east, north, metres)
        soonest -= SLACK_SECONDS
        if soonest > limits[-1]:
            continue
        group = 0
        while group < groups:
            i, j = unfold(group)
            top, start, scale = bottom + (i << bits), left + (j << bits), BLOCK_BITS
            lat = lon = east = north = radius = known = 0.0
            while scale >= bits:
                if group & ((1 << 2 * (scale - bits)) - 1) == 0:  # a square of this size begins
                    half, middle = 0.5 * ((1 << scale) - 1), top - base + (1 << scale >> 1)
                    lat, lon, radius = (top + half) * step_lat, (start + half) * step_lon, half * spacing
                    east, north = scales[middle, 0], scales[middle, 1]
                    known = squared_to(listed, parts, scrap, last, lon, lat, east, north)
                    metres = (math.sqrt(known) + radius) * (1.0 + PER_METRE * radius) + 1e-6  # to a street, from every node of it
                    if metres <= cap:
                        near = SLACK * (metres + radius)
                        _, late = _around(slots, slot_rows, shape, block_least, block_latest, lon, lat, east, north, near)
                        limit = _only_limit(limits, soonest, late + metres / pace + SLACK_SECONDS)
                        if limit >= 0.0:
                            _fill_square(seconds, top - row, start - column, 1 << scale, limit)
                            break
                scale -= 1
            if scale >= bits:
                group += 1 << 2 * (scale - bits)
                continue
            group += 1
            found, away, count = candidates(
                slots, slot_rows, starts, listed, parts, scrap, shape, lon, lat, east, north, cap, radius, known, found, away
            )
            if found.size > room:
                room = found.size
                lists = np.empty(room * (BLOCK_BITS + 1), np.int64)
            counts[bits] = without_repeats(listed, found, away, count, lists)
            last, k = _closest_street(listed, scrap, lists, away, counts[bits], last), 0
            while k < side * side:
                i, j = unfold(k)
                value, level = np.nan, bits
                while level >= 0:
                    if k & ((1 << 2 * level) - 1) == 0:  # a square of this level begins
                        half, first = 0.5 * ((1 << level) - 1), (bits - level) * room
                        if 0 < level < bits:
                            lat, lon, middle = (
                                (top + i + half) * step_lat,
                                (start + j + half) * step_lon,
                                top + i - base + (1 << level >> 1),
                            )
                            counts[level] = narrowed(
                                listed, parts, scrap, lists, first - room, counts[level + 1], first,
                                lon, lat, scales[middle, 0], scales[middle, 1], cap, half * spacing, away,
                            )  # fmt: skip
                        if level > 1 or level == bits:
                            value = _settled(
                                listed, scrap, least, latest, lists, first, counts[level], away, half * spacing, cap, pace, limits
                            )
                            if not math.isnan(value):
                                break
                    level -= 1
                if level >= 0:
                    _fill_square(seconds, top + i - row, start + j - column, 1 << level, value)
                    k += 1 << 2 * level
                    continue
                k += 1
                m, n = top + i - row, start + j - column
                if not (0 <= m < rows and 0 <= n < columns):
                    continue
                level, middle = min(1, bits), top + i - base
                entry, share, metres, _ = nearest(
                    listed, parts, scrap, lists, (bits - level) * room, counts[level],
                    (start + j) * step_lon, (top + i) * step_lat, scales[middle, 0], scales[middle, 1], cap,
                )  # fmt: skip
                pieces[m, n] = NOBODY
                if entry >= 0:
                    p = listed[entry]
                    pieces[m, n], e = p, edge_of[p]
                    spent = seconds_by_junctions(at_junction[edge_a[e]], at_junction[edge_b[e]], to_a, to_b, p, share)
                    if seed_first[e] >= 0:
                        spent = min(spent, seconds_along(frame, reached, p, share))
                    seconds[m, n] = spent + metres / pace


@compiled
def street_of_node(frame, lattice, row, column, hint):  # type: ignore[no-untyped-def]
    """Street piece that a node belongs to, NOBODY if none lies within the cap; `hint` is any piece nearby, or negative."""
    grid, lat, lon = frame.grid, row * (lattice.step_lat / UNITS), column * (lattice.step_lon / UNITS)
    east, north = metres_per_degree(lat)
    known = np.inf
    if hint >= 0 and not frame.piece_scrap[hint]:
        lon0, lat0 = frame.piece_lon[hint, 0], frame.piece_lat[hint, 0]
        step_lon, step_lat = wrapped(frame.piece_lon[hint, 1] - lon0), frame.piece_lat[hint, 1] - lat0
        known = project(lon0, lat0, step_lon, step_lat, lon, lat, east, north)[1]
    found, _, count = candidates(
        grid.slots, grid.slot_rows, grid.starts, grid.pieces, grid.parts, frame.piece_scrap,
        (grid.cell_lon, grid.cell_lat, grid.columns), lon, lat, east, north, frame.cap, 0.0, known,
        np.empty(64, np.int64), np.empty(64),
    )  # fmt: skip
    entry = nearest(grid.pieces, grid.parts, frame.piece_scrap, found, 0, count, lon, lat, east, north, frame.cap)[0]
    return np.int64(grid.pieces[entry]) if entry >= 0 else np.int64(NOBODY)


@compiled
def _row_scales(first, rows, step_lat):  # type: ignore[no-untyped-def]
    """Metres per degree of longitude and latitude along some rows."""
    scales = np.empty((rows, 2))
    for i in range(rows):
        scales[i, 0], scales[i, 1] = metres_per_degree((first + i) * step_lat)
    return scales


@compiled
def _group_bits(cell_metres):  # type: ignore[no-untyped-def]
    bits = 0
    while bits < BLOCK_BITS and (2 << bits) * cell_metres <= GROUP_METRES:
        bits += 1
    return bits


@compiled
def _around(slots, slot_rows, shape, block_least, block_latest, lon, lat, east, north, metres):  # type: ignore[no-untyped-def]
    """When streets closer to a place than `metres` are reached: none sooner, none later."""
    cell_lon, cell_lat, columns = shape
    x, y = (lon + 180.0) / cell_lon, (lat + 90.0) / cell_lat
    wide, high = metres / (east * cell_lon), metres / (north * cell_lat)
    soonest, late = np.inf, -np.inf
    for m in range(math.floor(y - high) >> SIDE_BITS, (math.floor(y + high) >> SIDE_BITS) + 1):
        for n in range(math.floor(x - wide) >> SIDE_BITS, (math.floor(x + wide) >> SIDE_BITS) + 1):
            block = find_block(slots, slot_rows, block_key(m << SIDE_BITS, n << SIDE_BITS, columns))
            if block >= 0:
                soonest, late = min(soonest, block_least[block]), max(late, block_latest[block])
    return soonest, late


@compiled
def _only_limit(limits, soonest, late):  # type: ignore[no-untyped-def]
    """The smallest limit that times from `soonest` to `late` are all within; -1 if that is not the same for all, inf if none."""
    for limit in limits:
        if late <= limit:
            return limit
        if soonest <= limit:
            return -1.0
    return np.inf


@compiled
def _settled(listed, scrap, least, latest, lists, first, count, away, radius, cap, pace, limits):  # type: ignore[no-untyped-def]
    """The limit that all places of a circle are within, given its candidates; inf beyond all limits, NaN if places differ."""
    soonest, late, close, slack = np.inf, -np.inf, np.inf, 1.0 + PER_METRE * radius
    for i in range(count):
        p, metres = listed[lists[first + i]], math.sqrt(away[i])
        soonest = min(soonest, least[p] + max(0.0, metres / slack - radius) / pace)
        if not scrap[p]:
            late, close = max(late, latest[p]), min(close, metres)
    farthest = (close + radius) * slack + 1e-6
    late = late + farthest / pace if farthest <= cap else np.inf
    limit = _only_limit(limits, soonest - SLACK_SECONDS, late + SLACK_SECONDS)
    return limit if limit >= 0.0 else np.nan


@compiled
def _closest_street(listed, scrap, lists, away, count, otherwise):  # type: ignore[no-untyped-def]
    """The entry nearest to the centre of a circle that is no scrap."""
    best, closest = otherwise, np.inf
    for i in range(count):
        if away[i] < closest and not scrap[listed[lists[i]]]:
            best, closest = lists[i], away[i]
    return best


@compiled
def _fill_square(seconds, row, column, side, value):  # type: ignore[no-untyped-def]
    for i in range(max(0, row), min(seconds.shape[0], row + side)):
        for j in range(max(0, column), min(seconds.shape[1], column + side)):
            seconds[i, j] = value


@compiled
def unfold(k):  # type: ignore[no-untyped-def]
    """Row and column of the k-th node of a square in Z order."""
    i = j = 0
    for bit in range(BLOCK_BITS):
        j |= ((k >> (2 * bit)) & 1) << bit
        i |= ((k >> (2 * bit + 1)) & 1) << bit
    return i, j
