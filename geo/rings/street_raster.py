"""Filling a time surface, blocks of nodes at once.

Only what decides between the limits is worked out: where all streets around a square of nodes are reached early enough, or too
late, its nodes need no street of their own. Every other node gets exactly the answer of snapping it alone.

Compiled code here takes its arrays one by one: taking them out of a tuple in a hot loop costs more than the arithmetic.
"""

from __future__ import annotations

import math

import numpy as np

from ..cell_grid import CELL_METRES, SIDE_BITS, block_key, find_block
from ..compiled import compiled, inlined
from ..lengths import metres_per_degree, wrapped
from ..network.preference import MAIN
from ..snapping.nearest_piece import PER_METRE, candidates, narrowed, nearest, project, squared_to, without_repeats
from ..snapping.past_water import settled, water_matters
from ..water_index import is_near_water
from .lattice import UNITS
from .street_times import seconds_along, seconds_by_junctions

BLOCK_BITS = 3
BLOCK = 1 << BLOCK_BITS  # nodes along the side of a block
NODES = BLOCK * BLOCK
LEVELS = BLOCK_BITS + 1  # of squares within a block: its own, quarters ... single nodes
GROUP_METRES = 2.0 * CELL_METRES  # a block, or parts of it up to this size, look for their streets together
NOBODY, UNKNOWN = -1, -2  # in place of a piece: no street within the cap; not looked for
SLACK_SECONDS = 1e-6  # bounds are rounded otherwise than times
SLACK = 1.001  # and distances are in metres at the block's centre, where the nodes' own differ slightly


@compiled
def fill(frame, reached, lattice, blocks, limits, row, column, seconds, pieces):  # type: ignore[no-untyped-def]
    """Fill a window of the surface, block by block, square by square.

    Parameters
    ----------
    limits : (k,) float64, ascending
    seconds, pieces : (rows, columns) arrays
        The window, filled with inf and UNKNOWN, which stay where no limit is in reach.
    """
    grid, kinds, cap, pace = frame.grid, frame.piece_kind, frame.cap, frame.edges.connector_metres_per_second
    slots, slot_rows, starts, listed, parts = grid.slots, grid.slot_rows, grid.starts, grid.pieces, grid.parts
    shape, ranks, water = (grid.cell_lon, grid.cell_lat, grid.columns), frame.piece_rank, frame.water
    least, latest, block_least, block_latest = reached.least, reached.latest, reached.block_least, reached.block_latest
    edge_of, edge_a, edge_b, to_a, to_b = frame.piece_edge, frame.edges.a, frame.edges.b, frame.to_a, frame.to_b
    at_junction, seed_first = reached.work.seconds, reached.seed_first
    bits, base = _group_bits(lattice.cell_metres), row // BLOCK * BLOCK
    steps, origin = (lattice.step_lat / UNITS, lattice.step_lon / UNITS), (row, column, base)
    scales = _row_scales(base, seconds.shape[0] + 2 * BLOCK, steps[0])
    found, away, counts = np.empty(256, np.int64), np.empty(256), np.zeros(LEVELS, np.int64)
    lists, last = np.empty(256 * LEVELS, np.int64), np.int64(-1)
    corners, times, spacings = _blocks_in_reach(frame, reached, blocks, scales, steps, origin, seconds.shape, limits[-1])
    for block in range(times.size):
        rule, group = (bits, spacings[block], cap, pace), 0
        while group < NODES >> 2 * bits:
            scale, limit, i, j, circle = _settle_from_afar(
                slots, slot_rows, shape, block_least, block_latest, listed, parts, kinds, water, scales, limits,
                group, corners[block, 0], corners[block, 1], base, steps, rule, last, times[block],
            )  # fmt: skip
            group += 1 << 2 * max(0, scale - bits)
            if scale >= bits:
                _fill_square(seconds, i - row, j - column, 1 << scale, limit)
                continue
            found, away, count = candidates(slots, slot_rows, starts, listed, parts, kinds, shape, *circle, found, away)  # type: ignore[call-arg]
            wet = water_matters(water, listed, kinds, found, away, count, *circle[:6])
            if found.size * LEVELS > lists.size:
                lists = np.empty(found.size * LEVELS, np.int64)
            counts[bits] = without_repeats(listed, found, away, count, lists)
            last = _closest_street(listed, kinds, lists, away, counts[bits], last)
            if wet:
                _fill_by_water(frame, reached, scales, lists, counts[bits], i, j, origin, steps, rule, seconds, pieces)
                continue
            k = 0
            while k < 1 << 2 * bits:
                k, m, n, p, share, way = _fill_group(
                    at_junction, edge_of, edge_a, edge_b, to_a, to_b, seed_first, listed, parts, kinds, ranks, least, latest,
                    scales, limits, lists, counts, away, k, i, j, origin, steps, rule, seconds, pieces,
                )  # fmt: skip
                if p >= 0:
                    seconds[m, n] = min(seconds[m, n], seconds_along(frame, reached, p, share) + way)


@compiled
def _blocks_in_reach(frame, reached, blocks, scales, steps, origin, size, limit):  # type: ignore[no-untyped-def]
    """Marked blocks of a window of (rows, columns) where a street within the cap of a node is reached within the limit.

    Returns
    -------
    corners : (n, 2) int64
        First row and column of each block.
    soonest, spacing : (n,) float64
        No node is reached sooner; metres across one cell.
    """
    grid, marked, (row, column, base), (step_lat, step_lon) = frame.grid, blocks.marked, origin, steps
    most, count = (size[0] // BLOCK + 2) * (size[1] // BLOCK + 2), 0
    corners, soonest, spacing = np.empty((most, 2), np.int64), np.empty(most), np.empty(most)
    for bottom in range(base, row + size[0], BLOCK):
        for left in range(column // BLOCK * BLOCK, column + size[1], BLOCK):
            m, n = bottom // BLOCK - blocks.row, left // BLOCK - blocks.column
            if not (0 <= m < marked.shape[0] and 0 <= n < marked.shape[1] and marked[m, n]):
                continue
            lat, lon = (bottom + 0.5 * (BLOCK - 1)) * step_lat, (left + 0.5 * (BLOCK - 1)) * step_lon
            east, north = scales[bottom - base + BLOCK // 2, 0], scales[bottom - base + BLOCK // 2, 1]
            corners[count, 0], corners[count, 1] = bottom, left
            spacing[count] = SLACK * math.hypot(step_lon * east, step_lat * north)
            metres = SLACK * frame.cap + 0.5 * (BLOCK - 1) * spacing[count] + 1.0
            shape = (grid.cell_lon, grid.cell_lat, grid.columns)
            first, _ = _around(
                grid.slots, grid.slot_rows, shape, reached.block_least, reached.block_latest, lon, lat, east, north, metres
            )
            soonest[count] = first - SLACK_SECONDS
            if soonest[count] <= limit:
                count += 1
    return corners[:count], soonest[:count], spacing[:count]


@inlined
def _settle_from_afar(  # type: ignore[no-untyped-def]
    slots, slot_rows, shape, block_least, block_latest, listed, parts, kinds, water, scales, limits,
    group, bottom, left, base, steps, rule, last, soonest,
):  # fmt: skip
    """Find the largest square beginning with a group whose nodes are all within the same limit, going by the blocks around it.

    Returns
    -------
    scale, limit, row, column, circle
        Scale below that of a group if there is none; where the group begins; the last circle looked at, as `candidates` takes it.
    """
    (bits, spacing, cap, pace), (i, j) = rule, unfold(group)
    top, start = bottom + (i << bits), left + (j << bits)
    lat = lon = east = north = radius = known = limit = 0.0
    scale = BLOCK_BITS
    while scale >= bits:
        if group & ((1 << 2 * (scale - bits)) - 1) == 0:  # a square of this size begins
            half, middle = 0.5 * ((1 << scale) - 1), top - base + (1 << scale >> 1)
            lat, lon, radius = (top + half) * steps[0], (start + half) * steps[1], half * spacing
            east, north = scales[middle, 0], scales[middle, 1]
            known = squared_to(listed, parts, kinds, last, lon, lat, east, north)
            metres = (math.sqrt(known) + radius) * (1.0 + PER_METRE * radius) + 1e-6  # to a street, from every node of it
            near = SLACK * (metres + radius)
            if metres <= cap and not is_near_water(water, lon, lat, east, north, near):
                _, late = _around(slots, slot_rows, shape, block_least, block_latest, lon, lat, east, north, near)
                limit = _only_limit(limits, soonest, late + metres / pace + SLACK_SECONDS)
                if limit >= 0.0:
                    break
        scale -= 1
    return scale, limit, top, start, (lon, lat, east, north, cap, radius, known)


@compiled
def _fill_group(  # type: ignore[no-untyped-def]
    at_junction, edge_of, edge_a, edge_b, to_a, to_b, seed_first, listed, parts, kinds, ranks, least, latest,
    scales, limits, lists, counts, away, k, top, start, origin, steps, rule, seconds, pieces,
):  # fmt: skip
    """Fill a group of nodes in Z order from the k-th on, squares of them at once where all are within the same limit.

    `lists` (LEVELS * k,) holds the group's candidates first, then those of ever smaller squares; `counts` (LEVELS,) how many.
    Returns where to go on, k, m, n, p, share, way: it stops after a node (m, n) on a piece p (else -1) of an edge with an
    entrance, which can also be reached straight along the edge.
    """
    (row, column, base), (bits, spacing, cap, pace), room = origin, rule, lists.size // LEVELS
    while k < 1 << 2 * bits:
        i, j = unfold(k)
        i, j, level, limit = top + i, start + j, bits, np.nan
        while level >= 0:
            if k & ((1 << 2 * level) - 1) == 0:  # a square of this level begins
                half, first, middle = 0.5 * ((1 << level) - 1), (bits - level) * room, i - base + (1 << level >> 1)
                if 0 < level < bits:
                    counts[level] = narrowed(
                        listed, parts, kinds, lists, first - room, counts[level + 1], first, (j + half) * steps[1],
                        (i + half) * steps[0], scales[middle, 0], scales[middle, 1], cap, half * spacing, away,
                    )  # fmt: skip
                if level > 1 or level == bits:
                    radius = half * spacing
                    limit = _settled(listed, kinds, least, latest, lists, first, counts[level], away, radius, cap, pace, limits)
                    if not math.isnan(limit):
                        break
            level -= 1
        k, m, n = k + (1 << 2 * max(0, level)), i - row, j - column
        if level >= 0:
            _fill_square(seconds, m, n, 1 << level, limit)
        elif 0 <= m < seconds.shape[0] and 0 <= n < seconds.shape[1]:
            first, count = (bits - min(1, bits)) * room, counts[min(1, bits)]
            entry, share, metres = nearest(
                listed, parts, kinds, ranks, lists, first, count,
                j * steps[1], i * steps[0], scales[i - base, 0], scales[i - base, 1], cap,
            )  # fmt: skip
            pieces[m, n] = p = listed[entry] if entry >= 0 else NOBODY
            if p >= 0:
                seconds[m, n], has_entrance = _at_piece(
                    at_junction, edge_of, edge_a, edge_b, to_a, to_b, seed_first, p, share, metres / pace
                )
                if has_entrance:
                    return k, m, n, p, share, metres / pace
    return k, -1, -1, np.int32(-1), 0.0, 0.0


@compiled
def _fill_by_water(  # type: ignore[no-untyped-def]
    frame, reached, scales, lists, count, top, start, origin, steps, rule, seconds, pieces
):
    """Fill a group of nodes that water may lie beside, one by one."""
    (row, column, base), (bits, _, _, pace) = origin, rule
    for k in range(1 << 2 * bits):
        i, j = unfold(k)
        i, j = top + i, start + j
        m, n = i - row, j - column
        if not (0 <= m < seconds.shape[0] and 0 <= n < seconds.shape[1]):
            continue
        entry, share, metres = _street_by_water(
            frame, lists, count, j * steps[1], i * steps[0], scales[i - base, 0], scales[i - base, 1]
        )
        pieces[m, n] = p = frame.grid.pieces[entry] if entry >= 0 else NOBODY
        if p < 0:
            continue
        spent, has_entrance = _at_piece(
            reached.work.seconds, frame.piece_edge, frame.edges.a, frame.edges.b, frame.to_a, frame.to_b, reached.seed_first,
            p, share, metres / pace,
        )  # fmt: skip
        if has_entrance:
            spent = min(spent, seconds_along(frame, reached, p, share) + metres / pace)
        seconds[m, n] = spent


@compiled
def _street_by_water(frame, lists, count, lon, lat, east, north):  # type: ignore[no-untyped-def]
    """Entry of the grid, share and metres of the street of a place that water may lie beside."""
    grid, kinds, ranks = frame.grid, frame.piece_kind, frame.piece_rank
    entry, share, metres = nearest(grid.pieces, grid.parts, kinds, ranks, lists, 0, count, lon, lat, east, north, frame.cap)
    return settled(grid, kinds, ranks, frame.water, entry, share, metres, lon, lat, east, north, frame.cap)[:3]


@compiled
def _at_piece(at_junction, edge_of, edge_a, edge_b, to_a, to_b, seed_first, p, share, way):  # type: ignore[no-untyped-def]
    """Seconds by the junctions of a piece's edge, and whether there is an entrance on it."""
    e = edge_of[p]
    spent = seconds_by_junctions(at_junction[edge_a[e]], at_junction[edge_b[e]], to_a, to_b, p, share)
    return spent + way, seed_first[e] >= 0


@compiled
def street_of_node(frame, lattice, row, column, hint):  # type: ignore[no-untyped-def]
    """Street piece that a node belongs to, NOBODY if none lies within the cap; `hint` is any piece nearby, or negative."""
    grid, lat, lon = frame.grid, row * (lattice.step_lat / UNITS), column * (lattice.step_lon / UNITS)
    east, north = metres_per_degree(lat)
    known = np.inf
    if hint >= 0 and frame.piece_kind[hint] == MAIN:
        lon0, lat0 = frame.piece_lon[hint, 0], frame.piece_lat[hint, 0]
        step_lon, step_lat = wrapped(frame.piece_lon[hint, 1] - lon0), frame.piece_lat[hint, 1] - lat0
        known = project(lon0, lat0, step_lon, step_lat, lon, lat, east, north)[1]
    found, away, count = candidates(
        grid.slots, grid.slot_rows, grid.starts, grid.pieces, grid.parts, frame.piece_kind,
        (grid.cell_lon, grid.cell_lat, grid.columns), lon, lat, east, north, frame.cap, 0.0, known,
        np.empty(64, np.int64), np.empty(64),
    )  # fmt: skip
    kinds, ranks = frame.piece_kind, frame.piece_rank
    if water_matters(frame.water, grid.pieces, kinds, found, away, count, lon, lat, east, north, frame.cap, 0.0):
        entry = _street_by_water(frame, found, count, lon, lat, east, north)[0]
    else:
        entry = nearest(grid.pieces, grid.parts, kinds, ranks, found, 0, count, lon, lat, east, north, frame.cap)[0]
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
def _settled(listed, kinds, least, latest, lists, first, count, away, radius, cap, pace, limits):  # type: ignore[no-untyped-def]
    """The limit that all places of a circle are within, given its candidates; inf beyond all limits, NaN if places differ."""
    soonest, late, close, slack = np.inf, -np.inf, np.inf, 1.0 + PER_METRE * radius
    for i in range(count):
        p, metres = listed[lists[first + i]], math.sqrt(away[i])
        soonest = min(soonest, least[p] + max(0.0, metres / slack - radius) / pace)
        if kinds[p] == MAIN:
            late, close = max(late, latest[p]), min(close, metres)
    farthest = (close + radius) * slack + 1e-6
    late = late + farthest / pace if farthest <= cap else np.inf
    limit = _only_limit(limits, soonest - SLACK_SECONDS, late + SLACK_SECONDS)
    return limit if limit >= 0.0 else np.nan


@compiled
def _closest_street(listed, kinds, lists, away, count, otherwise):  # type: ignore[no-untyped-def]
    """The entry nearest to the centre of a circle of the main streets."""
    best, closest = otherwise, np.inf
    for i in range(count):
        if away[i] < closest and kinds[listed[lists[i]]] == MAIN:
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
