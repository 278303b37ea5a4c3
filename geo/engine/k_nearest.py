"""The k nearest facilities of every point, by one search in which each junction keeps its k best facilities."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..compiled import compiled
from ..network.graph import Graph
from ..snapping.snaps import Snaps
from .ends import along_edge, connector_seconds, edges_of, ends, junction_seconds, points_of, states_at
from .search import Direction


@dataclass(frozen=True)
class KNearest:
    """The nearest facilities of each point, nearest first.

    Attributes
    ----------
    seconds : (n, k) float64
        Connectors included; NaN where fewer facilities are reached.
    facility : (n, k) int64
        Rows of the facilities, each at most once per point; -1 where fewer are reached.
    """

    seconds: NDArray[np.float64]
    facility: NDArray[np.int64]


class _Labels(NamedTuple):
    """The best `kept` facilities of each junction."""

    seconds: NDArray[np.float64]
    owner: NDArray[np.int32]
    kept: NDArray[np.int32]


def k_nearest_facilities(
    graph: Graph, points: Snaps, facilities: Snaps, k: int, *, direction: Direction = "to", limit_seconds: float = np.inf
) -> KNearest:
    """Find for every point the k facilities reached first.

    Parameters
    ----------
    graph : Graph
    points, facilities : Snaps
        Snapped to `graph`; one row per point.
    k : int
    direction : {"to", "from"}
    limit_seconds : float
        Inclusive.

    Returns
    -------
    KNearest
    """
    to, limit = direction == "to", float(limit_seconds)  # an int would be compiled for once more
    seeds = ends(graph, facilities, leaving=not to)
    labels = _Labels(
        np.full((len(graph.lon), k), np.inf), np.full((len(graph.lon), k), -1, np.int32), np.zeros(len(graph.lon), np.int32)
    )
    arcs = graph.incoming if to else graph.outgoing
    _settle(arcs.starts, arcs.heads, arcs.seconds, seeds, limit, labels)
    order = np.argsort(seeds.points.edge, kind="stable")
    seconds, facility = np.full((points.places, k), np.nan), np.full((points.places, k), -1, np.int64)
    _arrive(
        edges_of(graph, leaving=to),
        points_of(graph, points),
        seeds,
        order,
        seeds.points.edge[order],
        labels,
        to,
        limit,
        seconds,
        facility,
    )
    return KNearest(seconds, facility)


@compiled
def _settle(starts, heads, arc_seconds, seeds, limit, labels):  # type: ignore[no-untyped-def]
    """Dijkstra's search in which a junction is settled once by each of its k nearest facilities."""
    k = labels.seconds.shape[1]
    queue = [(np.inf, np.int32(0), np.int32(0))]
    queue.pop()
    for s in range(seeds.a.size):
        owner = np.int32(seeds.points.owner[s])
        heappush(queue, (seeds.seconds_a[s] + seeds.connector_seconds[s], owner, seeds.a[s]))
        heappush(queue, (seeds.seconds_b[s] + seeds.connector_seconds[s], owner, seeds.b[s]))
    while queue:
        seconds, owner, node = heappop(queue)
        if seconds > limit or seconds == np.inf:
            break
        count = labels.kept[node]
        if count == k or _among(labels.owner[node], count, owner):
            continue
        labels.seconds[node, count], labels.owner[node, count] = seconds, owner
        labels.kept[node] = count + 1
        for arc in range(starts[node], starts[node + 1]):
            if labels.kept[heads[arc]] < k:
                heappush(queue, (seconds + arc_seconds[arc], owner, heads[arc]))


@compiled
def _among(owners, count, owner):  # type: ignore[no-untyped-def]
    for i in range(count):  # noqa: SIM110  (a loop compiles to less than a generator)
        if owners[i] == owner:
            return True
    return False


@compiled
def _arrive(edges, points, seeds, order, sorted_edges, labels, to, limit, seconds, facility):  # type: ignore[no-untyped-def]
    for p in range(points.edge.size):
        e = points.edge[p]
        if e < 0:
            continue
        seconds_a, seconds_b = junction_seconds(edges, points, p, to)
        connector = connector_seconds(points.connector_metres[p], edges.connector_metres_per_second)
        o = points.owner[p]
        a, b = states_at(edges, points, p)
        for node, spent in ((a, seconds_a), (b, seconds_b)):
            for i in range(labels.kept[node]):
                _offer(seconds[o], facility[o], labels.seconds[node, i] + spent + connector, labels.owner[node, i], limit)
        for at in range(np.searchsorted(sorted_edges, e), sorted_edges.size):
            if sorted_edges[at] != e:
                break
            f = order[at]
            along = along_edge(edges, points, p, seeds.points, f)[0] if to else along_edge(edges, seeds.points, f, points, p)[0]
            _offer(seconds[o], facility[o], along + seeds.connector_seconds[f] + connector, seeds.points.owner[f], limit)


@compiled
def _offer(seconds, facility, spent, owner, limit):  # type: ignore[no-untyped-def]
    """Put a facility into a point's sorted list, where it belongs there and is not in it with a better time."""
    if spent > limit or spent == np.inf:
        return
    k = seconds.size
    at = k
    for i in range(k):
        if facility[i] == owner:
            if seconds[i] <= spent:
                return
            at = i
            break
    if at == k:
        if facility[k - 1] >= 0 and (seconds[k - 1], facility[k - 1]) <= (spent, owner):
            return
        at = k - 1
    while at > 0 and (facility[at - 1] < 0 or (seconds[at - 1], facility[at - 1]) > (spent, owner)):
        seconds[at], facility[at] = seconds[at - 1], facility[at - 1]
        at -= 1
    seconds[at], facility[at] = spent, owner
