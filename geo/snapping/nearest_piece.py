"""The nearest street piece of one place, or of all places in a small circle: the one search behind snapping and surfaces.

A piece that is nearest to any place in a circle cannot be farther from its centre than the centre's own nearest street plus
the diameter, nor than the cap plus the radius; so a circle's places need to look at few candidates, and each gets the answer it
would get alone. Distances are measured in metres around the place itself, so an answer depends on nothing but place and streets.

Compiled code here takes its arrays one by one: taking them out of a tuple in a hot loop costs more than the arithmetic.
"""

from __future__ import annotations

import math

import numpy as np

from ..cell_grid import CELL_BITS, SIDE, SIDE_BITS, block_key, find_block
from ..compiled import compiled, inlined
from ..network.preference import MAIN

KINDS = 4  # of pieces, as in `preference`
TIE_METRES = 0.001  # distances that are the same number of these are equal
NODE_METRES = 0.01  # who enters a street so close to a node enters it there
ROUNDING = 1.0 + 1e-9  # cells are found in degrees, distances measured in metres
TINY = 1e-300  # changes no number but 0
PER_METRE = 1e-5  # scales at a circle's centre differ from those at its places: less than this per metre up to 89 degrees


@compiled
def project(lon0, lat0, step_lon, step_lat, lon, lat, east, north):  # type: ignore[no-untyped-def]
    """Nearest point of a piece, in metres around (lon, lat): share of the piece's length, squared distance."""
    away = lon0 - lon
    if away > 180.0:
        away -= 360.0
    elif away < -180.0:
        away += 360.0
    x, y, dx, dy = away * east, (lat0 - lat) * north, step_lon * east, step_lat * north
    # without branches, which nobody could predict; a piece without length keeps its start
    share = min(1.0, max(0.0, -(x * dx + y * dy) / (dx * dx + dy * dy + TINY)))
    x += share * dx
    y += share * dy
    return share, x * x + y * y


@compiled
def farthest(cap, radius, main_squared):  # type: ignore[no-untyped-def]
    """How far from a circle's centre a street can lie and still matter, the centre's nearest main street given (-1: whatever)."""
    metres = cap + radius if main_squared < 0.0 else min(cap + radius, math.sqrt(main_squared) + 2.0 * radius)
    return metres * (ROUNDING + PER_METRE * radius) + 2.0 * TIE_METRES


@compiled
def candidates(  # type: ignore[no-untyped-def]
    slots, slot_rows, starts, pieces, parts, kinds, grid, lon, lat, east, north, cap, radius, main_squared, found, away
):
    """List what can be the nearest street of a place within `radius` metres of (lon, lat).

    Parameters
    ----------
    grid : (float, float, int)
        Cell size in degrees, columns.
    main_squared : float
        Squared metres from (lon, lat) to any main street; inf if none is known, -1 to list all within the cap.
    found, away : (k,) int64, float64
        Room for the answer; grown where it is short.

    Returns
    -------
    found, away, count
        Entries of the grid and their squared distances; a piece in several cells may come several times.
    """
    cell_lon, cell_lat, columns = grid
    cell_x, cell_y, x, y = cell_lon * east, cell_lat * north, (lon + 180.0) / cell_lon, (lat + 90.0) / cell_lat
    block_x, block_y = math.floor(x) >> SIDE_BITS, math.floor(y) >> SIDE_BITS
    limit, count, ring = farthest(cap, radius, main_squared), 0, 0
    while ring <= columns and _metres_to_ring(ring, x, y, cell_x, cell_y) <= limit:
        for block_row in range(block_y - ring, block_y + ring + 1):
            bottom, step = block_row << SIDE_BITS, 1 if abs(block_row - block_y) == ring else max(1, 2 * ring)
            gap_y = max(bottom - y, y - bottom - SIDE, 0.0) * cell_y
            if gap_y > limit:
                continue
            for block_column in range(block_x - ring, block_x + ring + 1, step):
                left = block_column << SIDE_BITS
                gap_x = max(left - x, x - left - SIDE, 0.0) * cell_x
                if gap_x * gap_x + gap_y * gap_y > limit * limit:
                    continue
                block = find_block(slots, slot_rows, block_key(bottom, left, columns))
                while block >= 0:
                    short, count, main_squared, limit = _in_block(
                        starts, pieces, parts, kinds, block, left, bottom, (x, y, cell_x, cell_y), (lon, lat, east, north),
                        cap, radius, main_squared, limit, found, away, count,
                    )  # fmt: skip
                    if not short:
                        break
                    found, away = np.concatenate((found, found)), np.concatenate((away, away))
        ring += 1
    return found, away, _within(found, away, count, limit * limit)


@inlined
def _metres_to_ring(ring, x, y, cell_x, cell_y):  # type: ignore[no-untyped-def]
    """How far away blocks so many blocks off are at least."""
    if ring == 0:
        return 0.0
    left, bottom = math.floor(x) >> SIDE_BITS << SIDE_BITS, math.floor(y) >> SIDE_BITS << SIDE_BITS
    beside, above = min(x - left, left + SIDE - x) * cell_x, min(y - bottom, bottom + SIDE - y) * cell_y
    return min(beside + (ring - 1) * SIDE * cell_x, above + (ring - 1) * SIDE * cell_y)


@inlined
def _in_block(  # type: ignore[no-untyped-def]
    starts, pieces, parts, kinds, block, left, bottom, spot, place, cap, radius, main_squared, limit, found, away, count
):
    """Add the entries of a block's cells, from the nearest outwards, so that the limit soon comes down.

    Returns whether `found` and `away` were too short (then nothing is added), the count, and what brings the limit down.
    """
    first, (x, y, cell_x, cell_y), (lon, lat, east, north) = count, spot, place
    start_row, start_column = min(max(math.floor(y) - bottom, 0), SIDE - 1), min(max(math.floor(x) - left, 0), SIDE - 1)
    for n in range(1, 2 * SIDE):
        row = start_row + ((n >> 1) if n & 1 else -(n >> 1))
        if row < 0 or row >= SIDE:
            continue
        high = max(bottom + row - y, y - bottom - row - 1.0, 0.0) * cell_y
        if high > limit:
            continue
        for m in range(1, 2 * SIDE):
            column = start_column + ((m >> 1) if m & 1 else -(m >> 1))
            if column < 0 or column >= SIDE:
                continue
            wide = max(left + column - x, x - left - column - 1.0, 0.0) * cell_x
            if wide * wide + high * high > limit * limit:
                continue
            cell = (block << CELL_BITS) + (row << SIDE_BITS) + column
            for k in range(starts[cell], starts[cell + 1]):
                squared = project(parts[k, 0], parts[k, 1], parts[k, 2], parts[k, 3], lon, lat, east, north)[1]
                if squared > limit * limit:
                    continue
                if count == found.size:
                    return True, first, main_squared, limit
                found[count], away[count] = k, squared
                count += 1
                if squared < main_squared and kinds[pieces[k]] == MAIN:
                    main_squared = squared
                    limit = farthest(cap, radius, main_squared)
    return False, count, main_squared, limit


@compiled
def _within(found, away, count, limit_squared):  # type: ignore[no-untyped-def]
    """Keep entries up to a distance, in place."""
    kept = 0
    for i in range(count):
        if away[i] <= limit_squared:
            found[kept], away[kept] = found[i], away[i]
            kept += 1
    return kept


@compiled
def without_repeats(pieces, found, away, count, lists):  # type: ignore[no-untyped-def]
    """Copy one entry of each piece into the first list, distances likewise."""
    size = 8
    while size < 2 * count:
        size *= 2
    seen, kept = np.full(size, -1, np.int32), 0  # a hash table
    for i in range(count):
        p = pieces[found[i]]
        at = p & (size - 1)
        while seen[at] >= 0 and seen[at] != p:
            at = (at + 1) & (size - 1)
        if seen[at] < 0:
            seen[at] = p
            lists[kept], away[kept] = found[i], away[i]
            kept += 1
    return kept


@compiled
def narrowed(  # type: ignore[no-untyped-def]
    pieces, parts, kinds, lists, wide, count, into, lon, lat, east, north, cap, radius, away
):
    """Of the candidates of a circle, keep those of a smaller one inside it.

    Parameters
    ----------
    lists : (k,) int64
        Entries of the grid: candidates of the wide circle from `wide` on, room for those of the small one from `into` on.
    away : (k,) float64
        Filled with the squared distances of those kept.

    Returns
    -------
    int
        How many candidates are left.
    """
    main_squared = np.inf
    for i in range(count):
        k = lists[wide + i]
        squared = project(parts[k, 0], parts[k, 1], parts[k, 2], parts[k, 3], lon, lat, east, north)[1]
        away[i] = squared
        if squared < main_squared and kinds[pieces[k]] == MAIN:
            main_squared = squared
    limit, kept = farthest(cap, radius, main_squared) ** 2, 0
    for i in range(count):
        if away[i] <= limit:
            lists[into + kept], away[kept] = lists[wide + i], away[i]
            kept += 1
    return kept


@inlined
def tied_up_to(metres):  # type: ignore[no-untyped-def]
    """The square of the largest distance that is the same to the millimetre."""
    return ((math.floor(metres / TIE_METRES + 0.5) + 0.5) * TIE_METRES) ** 2


@compiled
def nearest(pieces, parts, kinds, ranks, lists, first, count, lon, lat, east, north, cap):  # type: ignore[no-untyped-def]
    """Pick a place's street from candidates where no water is near: the nearest of the first kind that lies within the cap.

    Returns
    -------
    entry, share, metres
        The entry of the grid (-1 if none lies within the cap), where on it, how far.
    """
    for kind in range(KINDS):
        best, lowest, best_squared = np.int64(-1), np.int32(0), np.inf  # the first of those as near as the nearest
        least, bar, beaten, again = np.inf, np.inf, np.inf, False
        for i in range(first, first + count):
            k = lists[i]
            squared = project(parts[k, 0], parts[k, 1], parts[k, 2], parts[k, 3], lon, lat, east, north)[1]
            if squared > bar or kinds[pieces[k]] != kind:
                continue
            rank = ranks[pieces[k]]
            if squared < least:
                least, bar = squared, tied_up_to(math.sqrt(squared))
            if best_squared > bar:
                again = again or beaten <= bar  # one that was beaten by what is too far now
                best, lowest, best_squared = k, rank, squared
            elif rank < lowest:
                beaten = min(beaten, best_squared)
                best, lowest, best_squared = k, rank, squared
            elif rank > lowest:
                beaten = min(beaten, squared)
        if best >= 0 and math.sqrt(least) <= cap:
            if again:
                best = _first_of_tied(pieces, parts, kinds, ranks, lists, first, count, lon, lat, east, north, kind, bar, best)
            share, metres = foot(parts, best, lon, lat, east, north)
            return best, share, metres
    return np.int64(-1), 0.0, np.nan


@compiled
def _first_of_tied(  # type: ignore[no-untyped-def]
    pieces, parts, kinds, ranks, lists, first, count, lon, lat, east, north, kind, bar, best
):
    """Of the candidates of a kind up to a squared distance return the one with the lowest rank."""
    lowest = np.int64(1) << 40
    for i in range(first, first + count):
        k = lists[i]
        p = pieces[k]
        if kinds[p] == kind and ranks[p] < lowest:
            squared = project(parts[k, 0], parts[k, 1], parts[k, 2], parts[k, 3], lon, lat, east, north)[1]
            if squared <= bar:
                best, lowest = k, np.int64(ranks[p])
    return best


@compiled
def foot(parts, k, lon, lat, east, north):  # type: ignore[no-untyped-def]
    """Share along an entry of the grid and metres to the place where one enters it: at its end where that is close."""
    share, squared = project(parts[k, 0], parts[k, 1], parts[k, 2], parts[k, 3], lon, lat, east, north)
    length = math.hypot(parts[k, 2] * east, parts[k, 3] * north)
    from_end = min(share, 1.0 - share) * length
    if 0.0 < from_end <= NODE_METRES:
        return (0.0 if share < 0.5 else 1.0), math.sqrt(squared + from_end * from_end)
    return share, math.sqrt(squared)


@compiled
def squared_to(pieces, parts, kinds, k, lon, lat, east, north):  # type: ignore[no-untyped-def]
    """Squared metres to an entry of the grid, inf if it is no main street or -1."""
    if k < 0 or kinds[pieces[k]] != MAIN:
        return np.inf
    return project(parts[k, 0], parts[k, 1], parts[k, 2], parts[k, 3], lon, lat, east, north)[1]
