"""A table by one bounded search per source: it costs only what lies within the limit."""

from __future__ import annotations

import numpy as np

from ..compiled import compiled
from .bucket_queue import spread
from .pairs import make_best, offer, offer_along

_make_best = compiled(make_best)

ROW = np.int64(0)  # of the one source at a time; whole numbers of one type throughout, or callees are compiled for each


@compiled
def search_block(pairs, node_starts, node_points, arcs, first, last, limit, work):  # type: ignore[no-untyped-def]
    """Search from the sources `first` to `last` and collect the targets each reaches within the limit.

    Parameters
    ----------
    pairs : Pairs
    node_starts, node_points
        Target entrances at each junction, see `ends.by_junction`.
    arcs : tuple
        starts, heads, seconds, metres, width of buckets, longest arc.
    first, last : int
    limit : float
    work : Workspace

    Returns
    -------
    source, target : (k,) int64
    found : (3, k) float64
        Seconds, metres and connector metres.
    """
    best = _make_best(1, pairs.targets)
    touched = np.empty(pairs.targets, np.int64)
    source_of, target_of, found = np.empty(1024, np.int64), np.empty(1024, np.int64), np.empty((3, 1024))
    filled = 0
    for source in range(first, last):
        low, high = pairs.source_rows[source], pairs.source_rows[source + 1]
        search_one(pairs, arcs, low, high, limit, work)
        count = _offer_visited(pairs, node_starts, node_points, best, limit, work, touched)
        for s in range(low, high):
            count = offer_along(pairs, best, ROW, s, limit, touched, count)
        if filled + count > source_of.size:
            source_of, target_of, found = _longer(source_of, target_of, found, filled, 2 * (filled + count))
        touched[:count].sort()
        source_of[filled : filled + count], target_of[filled : filled + count] = source, touched[:count]
        _take(best, touched[:count], found[:, filled : filled + count])
        filled += count
    return source_of[:filled].copy(), target_of[:filled].copy(), found[:, :filled].copy()


@compiled
def _offer_visited(pairs, node_starts, node_points, best, limit, work, touched):  # type: ignore[no-untyped-def]
    """Offer the trips to all entrances at the junctions visited; list the targets reached in `touched`, return how many."""
    points, count = pairs.points, 0
    for i in range(work.reached[0]):
        node = work.visited[i]
        for k in range(node_starts[node], node_starts[node + 1]):
            p = node_points[k] >> 1
            at_a = node_points[k] & 1 == 0
            spent = work.seconds[node] + (points.seconds_a[p] if at_a else points.seconds_b[p]) + points.connector_seconds[p]
            way = work.metres[node] + (points.metres_a[p] if at_a else points.metres_b[p])
            if offer(pairs, best, ROW, np.int64(work.label[node]), p, spent, way, limit):
                touched[count] = points.points.owner[p]
                count += 1
    return count


@compiled
def _take(best, targets, found):  # type: ignore[no-untyped-def]
    """Copy the best trips to some targets into `found` (3, k) and forget them."""
    for i, target in enumerate(targets):
        found[0, i], found[1, i] = best.seconds[ROW, target], best.metres[ROW, target]
        found[2, i] = best.connector_metres[ROW, target]
        best.seconds[ROW, target] = np.inf


@compiled
def search_one(pairs, arcs, low, high, limit, work):  # type: ignore[no-untyped-def]
    """Search outwards from the entrances `low` to `high` of one source; labels are entrance rows."""
    starts, heads, arc_seconds, arc_metres, width, span = arcs
    seeds, n = pairs.seeds, high - low
    nodes, labels = np.empty(2 * n, np.int32), np.empty(2 * n, np.int32)
    spent, metres = np.empty(2 * n), np.empty(2 * n)
    for i in range(n):
        s = low + i
        nodes[i], nodes[n + i] = seeds.a[s], seeds.b[s]
        spent[i] = seeds.seconds_a[s] + seeds.connector_seconds[s]
        spent[n + i] = seeds.seconds_b[s] + seeds.connector_seconds[s]
        metres[i], metres[n + i] = seeds.metres_a[s], seeds.metres_b[s]
        labels[i], labels[n + i] = s, s
    no_ceiling = np.empty(0)
    spread(starts, heads, arc_seconds, arc_metres, nodes, spent, metres, labels, limit, width, span, no_ceiling, work)


@compiled
def _longer(source_of, target_of, found, filled, size):  # type: ignore[no-untyped-def]
    sources, targets, wider = np.empty(size, np.int64), np.empty(size, np.int64), np.empty((3, size))
    sources[:filled], targets[:filled], wider[:, :filled] = source_of[:filled], target_of[:filled], found[:, :filled]
    return sources, targets, wider
