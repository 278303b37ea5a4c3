"""A large table by the hierarchy: a short climb from each source, then one sweep down to all targets for many sources at once.

Restricted PHAST (Delling, Goldberg & Werneck 2011, "Faster Batched Shortest Paths in Road Networks"): only junctions from which
some target is reached by descending are swept, from the top, sixteen sources side by side, so that one look at an arc serves
them all and the processor compares several at once. Climbs follow the chain of parents, no queue is needed.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..compiled import compiled
from .pairs import Best, make_best, offer, offer_along

LANES = 16  # entrances of sources swept together


class Descent(NamedTuple):
    """The junctions above all targets, the highest first, with the arcs that descend to them.

    Attributes
    ----------
    place : (n,) int32
        Row of each rank in this list, -1 for the others.
    starts : (r + 1,) int64
        Into row `i` descend the arcs `starts[i]:starts[i + 1]`.
    tails : (k,) int32
        Rows they come from, all before `i`.
    seconds, metres : (k,) float64
    """

    place: NDArray[np.int32]
    starts: NDArray[np.int64]
    tails: NDArray[np.int32]
    seconds: NDArray[np.float64]
    metres: NDArray[np.float64]


class Lanes(NamedTuple):
    """Reusable room for one batch of sources.

    Attributes
    ----------
    climbed : (n, 2) float64
        Seconds and metres on one climb, by rank; seconds are inf before and after.
    values : (r, 2 * LANES) float64
        Seconds, then metres, of all lanes.
    begun : (r,) bool
        Rows a climb has come to.
    best : Best
        Of as many sources as there are lanes; no trips before and after.
    """

    climbed: NDArray[np.float64]
    values: NDArray[np.float64]
    begun: NDArray[np.bool_]
    best: Best


def make_lanes(descent: Descent, targets: int) -> Lanes:
    """Return fresh room."""
    rows = len(descent.starts) - 1
    climbed = np.zeros((len(descent.place), 2))
    climbed[:, 0] = np.inf
    return Lanes(climbed, np.empty((rows, 2 * LANES)), np.zeros(rows, bool), make_best(LANES, targets))


@compiled
def descent_to(ways, ranks):  # type: ignore[no-untyped-def]
    """List the junctions from which some of `ranks` is reached by descending; `ways` as in `Hierarchy`."""
    nodes = ways.starts.size - 1
    place = np.full(nodes, -1, np.int32)
    for rank in ranks:
        place[rank] = 0
    rows = arcs = 0
    for rank in range(nodes):
        if place[rank] >= 0:
            rows += 1
            arcs += ways.starts[rank + 1] - ways.starts[rank]
            for k in range(ways.starts[rank], ways.starts[rank + 1]):
                place[ways.heads[k]] = 0
    starts, tails = np.zeros(rows + 1, np.int64), np.empty(arcs, np.int32)
    seconds, metres = np.empty(arcs), np.empty(arcs)
    row = filled = 0
    for rank in range(nodes - 1, -1, -1):
        if place[rank] >= 0:
            place[rank] = row
            for k in range(ways.starts[rank], ways.starts[rank + 1]):
                tails[filled], seconds[filled], metres[filled] = place[ways.heads[k]], ways.seconds[k], ways.metres[k]
                filled += 1
            row += 1
            starts[row] = filled
    return place, starts, tails, seconds, metres


@compiled
def sweep_block(pairs, seed_ranks, point_rows, ways_up, parent, descent, first, last, limit, lanes):  # type: ignore[no-untyped-def]
    """Reach all targets from the sources `first` to `last`, at most as many as there are lanes.

    Parameters
    ----------
    pairs : Pairs
    seed_ranks : (s, 2) int32
        Ranks of the junctions at the edge of each entrance.
    point_rows : (p, 2) int32
        Rows in `descent` of the junctions at the edge of each target's entrance.
    ways_up : Climb
    parent : (n,) int32
    descent : Descent
    first, last : int
    limit : float
    lanes : Lanes

    Returns
    -------
    source, target : (k,) int64
    found : (3, k) float64
        Seconds, metres and connector metres.
    """
    best = lanes.best
    touched = np.empty(pairs.targets, np.int64)
    owners = pairs.seeds.points.owner
    reached = 0
    for low in range(pairs.source_rows[first], pairs.source_rows[last], LANES):
        high = min(low + LANES, pairs.source_rows[last])
        for s in range(low, high):
            _climb(pairs.seeds, seed_ranks, s, ways_up, parent, descent.place, s - low, lanes)
        _sweep(descent.starts, descent.tails, descent.seconds, descent.metres, lanes.values, lanes.begun)
        reached += _finish(pairs, point_rows, lanes.values, best, first, low, high, limit)
        for s in range(low, high):
            reached += offer_along(pairs, best, owners[s] - first, s, limit, touched, np.int64(0))
    return _collect(best, first, last, reached)


@compiled
def _climb(seeds, seed_ranks, s, ways, parent, place, lane, lanes):  # type: ignore[no-untyped-def]
    """Climb from entrance `s`, by the parents of both its states until they meet, and hand over what the sweep passes."""
    climbed, values = lanes.climbed, lanes.values
    for end in range(2):
        spent = (seeds.seconds_a[s] if end == 0 else seeds.seconds_b[s]) + seeds.connector_seconds[s]
        _improve(climbed, seed_ranks[s, end], spent, seeds.metres_a[s] if end == 0 else seeds.metres_b[s])
    one, other = seed_ranks[s, 0], seed_ranks[s, 1]
    while one >= 0 or other >= 0:
        rank = one if other < 0 or 0 <= one < other else other
        seconds, metres = climbed[rank, 0], climbed[rank, 1]
        if seconds < np.inf:
            climbed[rank, 0] = np.inf
            for k in range(ways.starts[rank], ways.starts[rank + 1]):
                _improve(climbed, ways.heads[k], seconds + ways.seconds[k], metres + ways.metres[k])
            row = place[rank]
            if row >= 0:
                if not lanes.begun[row]:
                    lanes.begun[row] = True
                    values[row, :LANES] = np.inf
                values[row, lane], values[row, LANES + lane] = seconds, metres
        above = parent[rank]
        one, other = (above if one == rank else one), (above if other == rank else other)


@compiled
def _improve(climbed, rank, seconds, metres):  # type: ignore[no-untyped-def]
    if seconds < climbed[rank, 0] or (seconds == climbed[rank, 0] and metres < climbed[rank, 1]):
        climbed[rank, 0], climbed[rank, 1] = seconds, metres


@compiled
def _sweep(starts, tails, arc_seconds, arc_metres, values, begun):  # type: ignore[no-untyped-def]
    """Descend row by row; the inner loops are written so that they compile to vector instructions."""
    here = np.empty(2 * LANES)
    for row in range(begun.size):
        if begun[row]:
            begun[row] = False
            for lane in range(2 * LANES):
                here[lane] = values[row, lane]
        else:
            for lane in range(LANES):
                here[lane], here[LANES + lane] = np.inf, 0.0
        for k in range(starts[row], starts[row + 1]):
            tail, more_seconds, more_metres = tails[k], arc_seconds[k], arc_metres[k]
            for lane in range(LANES):
                seconds, metres = values[tail, lane] + more_seconds, values[tail, LANES + lane] + more_metres
                better = (seconds < here[lane]) | ((seconds == here[lane]) & (metres < here[LANES + lane]))
                here[lane] = seconds if better else here[lane]
                here[LANES + lane] = metres if better else here[LANES + lane]
        for lane in range(2 * LANES):
            values[row, lane] = here[lane]


@compiled
def _finish(pairs, point_rows, values, best, first, low, high, limit):  # type: ignore[no-untyped-def]
    """Offer the trips of all lanes by both ends of the targets' edges; returns how many targets are new."""
    points, owners, new = pairs.points, pairs.seeds.points.owner, 0
    for p in range(points.a.size):
        a, b = point_rows[p, 0], point_rows[p, 1]
        by_a, by_b = points.seconds_a[p] + points.connector_seconds[p], points.seconds_b[p] + points.connector_seconds[p]
        for lane in range(high - low):
            seconds, metres = values[a, lane] + by_a, values[a, LANES + lane] + points.metres_a[p]
            other, way = values[b, lane] + by_b, values[b, LANES + lane] + points.metres_b[p]
            if other < seconds or (other == seconds and way < metres):
                seconds, metres = other, way
            new += offer(pairs, best, owners[low + lane] - first, low + lane, p, seconds, metres, limit)
    return new


@compiled
def _collect(best, first, last, reached):  # type: ignore[no-untyped-def]
    source, target, found = np.empty(reached, np.int64), np.empty(reached, np.int64), np.empty((3, reached))
    filled = 0
    for row in range(last - first):
        for o in range(best.seconds.shape[1]):
            if best.seconds[row, o] < np.inf:
                source[filled], target[filled] = first + row, o
                found[0, filled], found[1, filled] = best.seconds[row, o], best.metres[row, o]
                found[2, filled] = best.connector_metres[row, o]
                best.seconds[row, o] = np.inf
                filled += 1
    return source, target, found
