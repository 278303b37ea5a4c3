"""What all ways of computing a table share: the places at both ends, the last stretch to them, the best trip of a pair."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..compiled import compiled
from ..network.graph import Graph
from ..snapping.snaps import Snaps
from .ends import Edges, Ends, along_edge, edges_of, ends

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


class Pairs(NamedTuple):
    """The places of a table: one searches from sources to targets, whichever way one travels.

    Attributes
    ----------
    edges : Edges
    seeds : Ends
        Entrances of the sources, sorted by source.
    source_rows : (sources + 1,) int64
        Source `i` has the entrances `source_rows[i]:source_rows[i + 1]`.
    points : Ends
        Entrances of the targets.
    edge_order, sorted_edges
        Rows of `points` by edge, and those edges.
    targets : int
    outward : bool
        Whether one travels from the sources.
    """

    edges: Edges
    seeds: Ends
    source_rows: Rows
    points: Ends
    edge_order: Rows
    sorted_edges: NDArray[np.int32]
    targets: int
    outward: bool


class Best(NamedTuple):
    """The best trip found so far, by row of the source and target: seconds are inf where there is none.

    Attributes
    ----------
    seconds, metres, connector_metres : (r, targets) float64
    entrance : (r, targets) int32
        Row of the source's entrance.
    """

    seconds: Floats
    metres: Floats
    connector_metres: Floats
    entrance: NDArray[np.int32]


def pairs_between(graph: Graph, sources: Snaps, targets: Snaps, *, outward: bool) -> Pairs:
    """Prepare a table's places for search."""
    seeds, points = ends(graph, sources, leaving=outward), ends(graph, targets, leaving=not outward)
    source_rows = np.searchsorted(seeds.points.owner, np.arange(sources.places + 1))
    order = np.argsort(points.points.edge, kind="stable")
    return Pairs(
        edges_of(graph, leaving=not outward),
        seeds,
        source_rows,
        points,
        order,
        points.points.edge[order],
        targets.places,
        outward,
    )


def make_best(rows: int, targets: int) -> Best:
    """Return room for `rows` sources."""
    shape = (rows, targets)
    return Best(np.full(shape, np.inf), np.empty(shape), np.empty(shape), np.empty(shape, np.int32))


@compiled
def offer(pairs, best, row, s, p, seconds, metres, limit):  # type: ignore[no-untyped-def]
    """Take a trip from entrance `s` to entrance `p` if it beats what its target has; returns whether that was nothing.

    Of trips equally fast the first entrance's counts, then the shortest: whoever finds them in whatever order, the same stays.
    """
    target = pairs.points.points.owner[p]
    old = best.seconds[row, target]
    if seconds > limit or seconds > old or seconds == np.inf:
        return False
    connector = pairs.points.points.connector_metres[p] + pairs.seeds.points.connector_metres[s]
    if seconds == old:
        kept = best.entrance[row, target], best.metres[row, target], best.connector_metres[row, target]
        if (s, metres, connector) >= kept:
            return False
    best.seconds[row, target], best.metres[row, target] = seconds, metres
    best.connector_metres[row, target], best.entrance[row, target] = connector, s
    return old == np.inf


@compiled
def offer_along(pairs, best, row, s, limit, touched, count):  # type: ignore[no-untyped-def]
    """Offer the trips straight along the edge of entrance `s`; adds targets reached for the first time to `touched`."""
    seeds, points = pairs.seeds, pairs.points
    for at in range(np.searchsorted(pairs.sorted_edges, seeds.points.edge[s]), pairs.sorted_edges.size):
        if pairs.sorted_edges[at] != seeds.points.edge[s]:
            break
        p = pairs.edge_order[at]
        if pairs.outward:
            spent, metres = along_edge(pairs.edges, seeds.points, s, points.points, p)
        else:
            spent, metres = along_edge(pairs.edges, points.points, p, seeds.points, s)
        spent += seeds.connector_seconds[s] + points.connector_seconds[p]
        if offer(pairs, best, row, s, p, spent, metres, limit):
            touched[count] = points.points.owner[p]
            count += 1
    return count
