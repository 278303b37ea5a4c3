"""A hierarchy of junctions: every fastest way climbs it and then descends, so that large tables need only short climbs.

`elimination` says where arcs lie; their costs come from the bottom up ("basic customization", Dibbelt, Strasser & Wagner
2016), and from the top down ("perfect customization") those go that a way over higher junctions beats. What remains holds a
fastest way, first up and then down, between any two junctions; times are sums of the same numbers as everywhere else
(`exact`), so they are the same to the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..compiled import compiled
from ..memory import require_memory
from .elimination import eliminate

OUT, BACK = 0, 2  # columns of costs: seconds upwards and downwards, with metres in the column after
BYTES_PER_JUNCTION = 500  # at the peak of the making; some 150 stay

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


class Climb(NamedTuple):
    """Arcs from lower to higher junctions as CSR, both numbered by rank: those of rank `r` are `starts[r]:starts[r + 1]`.

    Attributes
    ----------
    starts : (n + 1,) int64
    heads : (k,) int32
    seconds, metres : (k,) float64
    """

    starts: NDArray[np.int64]
    heads: Ints
    seconds: Floats
    metres: Floats


@dataclass(frozen=True)
class Hierarchy:
    """Junctions in order of importance.

    Attributes
    ----------
    rank : (n,) int32
        Of each junction, the least important first.
    parent : (n,) int32
        By rank: the lowest junction above, -1 at the top. Everything that can be climbed to lies on the chain of parents.
    up, down : Climb
        Ways up in the direction of travel; ways down, listed against the direction of travel.
    """

    rank: Ints
    parent: Ints
    up: Climb
    down: Climb


def build_hierarchy(nodes: int, edge_a: Ints, edge_b: Ints, forward: Floats, backward: Floats, metres: Floats) -> Hierarchy:
    """Build the hierarchy of a network: about three microseconds per junction.

    Parameters
    ----------
    nodes : int
    edge_a, edge_b : (e,) int32
    forward, backward : (e,) float64
        Seconds from a to b and back; inf where closed.
    metres : (e,) float64

    Returns
    -------
    Hierarchy

    Raises
    ------
    TooLargeError
        If it would not fit in memory.
    """
    require_memory(nodes * BYTES_PER_JUNCTION, "preparing the network for large tables", "ask for smaller tables")
    order, starts, heads = eliminate(nodes, edge_a, edge_b)
    rank = np.empty(nodes, np.int32)
    rank[order] = np.arange(nodes, dtype=np.int32)
    heads = rank[heads]
    cost = _costs(starts, heads, rank[edge_a], rank[edge_b], forward, backward, metres)
    keep_up, keep_down = _thin_out(starts, heads, cost)
    return Hierarchy(
        rank=rank,
        parent=_parents(starts, heads),
        up=_climb(starts, heads, cost[:, OUT], cost[:, OUT + 1], keep_up),
        down=_climb(starts, heads, cost[:, BACK], cost[:, BACK + 1], keep_down),
    )


@compiled
def _improve(cost, row, column, seconds, metres):  # type: ignore[no-untyped-def]
    """Take a faster way; of ways equally fast the shorter."""
    if seconds < cost[row, column] or (seconds == cost[row, column] and metres < cost[row, column + 1]):
        cost[row, column], cost[row, column + 1] = seconds, metres


@compiled
def _improve_by(cost, row, column, one, first, other, second):  # type: ignore[no-untyped-def]
    """Take the way over two arcs if it is better."""
    _improve(cost, row, column, cost[one, first] + cost[other, second], cost[one, first + 1] + cost[other, second + 1])


@compiled
def _costs(starts, heads, edge_a, edge_b, forward, backward, metres):  # type: ignore[no-untyped-def]
    """What each arc costs upwards and downwards, along its street or over junctions below, from the bottom up."""
    nodes = starts.size - 1
    cost = np.full((heads.size, 4), np.inf)
    for e in range(edge_a.size):
        if edge_a[e] != edge_b[e]:
            k = starts[min(edge_a[e], edge_b[e])]
            while heads[k] != max(edge_a[e], edge_b[e]):
                k += 1
            up, down = (forward[e], backward[e]) if edge_a[e] < edge_b[e] else (backward[e], forward[e])
            _improve(cost, k, OUT, up, metres[e])
            _improve(cost, k, BACK, down, metres[e])
    place = np.full(nodes, -1, np.int64)
    for low in range(nodes):
        for k in range(starts[low], starts[low + 1]):
            place[heads[k]] = k
        for k in range(starts[low], starts[low + 1]):
            middle = heads[k]
            for m in range(starts[middle], starts[middle + 1]):  # low - middle - high is a triangle
                q = place[heads[m]]
                if q >= 0:
                    _improve_by(cost, m, OUT, k, BACK, q, OUT)
                    _improve_by(cost, m, BACK, q, BACK, k, OUT)
        for k in range(starts[low], starts[low + 1]):
            place[heads[k]] = -1
    return cost


@compiled
def _thin_out(starts, heads, cost):  # type: ignore[no-untyped-def]
    """Mark the arcs, upwards and downwards, that no way over higher junctions beats, from the top down."""
    best = cost.copy()
    nodes = starts.size - 1
    place = np.full(nodes, -1, np.int64)
    for low in range(nodes - 1, -1, -1):
        for k in range(starts[low], starts[low + 1]):
            place[heads[k]] = k
        for k in range(starts[low], starts[low + 1]):
            middle = heads[k]
            for m in range(starts[middle], starts[middle + 1]):  # low - middle - high is a triangle
                q = place[heads[m]]
                if q >= 0:
                    _improve_by(best, q, OUT, k, OUT, m, OUT)
                    _improve_by(best, q, BACK, m, BACK, k, BACK)
                    _improve_by(best, k, OUT, q, OUT, m, BACK)
                    _improve_by(best, k, BACK, m, OUT, q, BACK)
        for k in range(starts[low], starts[low + 1]):
            place[heads[k]] = -1
    keep_up, keep_down = np.empty(heads.size, np.bool_), np.empty(heads.size, np.bool_)
    for k in range(heads.size):
        keep_up[k] = _kept(cost, best, k, OUT)
        keep_down[k] = _kept(cost, best, k, BACK)
    return keep_up, keep_down


@compiled
def _kept(cost, best, k, column):  # type: ignore[no-untyped-def]
    return cost[k, column] < np.inf and cost[k, column] == best[k, column] and cost[k, column + 1] == best[k, column + 1]


@compiled
def _parents(starts, heads):  # type: ignore[no-untyped-def]
    parent = np.full(starts.size - 1, -1, np.int32)
    for low in range(parent.size):
        for k in range(starts[low], starts[low + 1]):
            if parent[low] < 0 or heads[k] < parent[low]:
                parent[low] = heads[k]
    return parent


def _climb(starts: NDArray[np.int64], heads: Ints, seconds: Floats, metres: Floats, keep: NDArray[np.bool_]) -> Climb:
    before = np.concatenate(([0], np.cumsum(keep))).astype(np.int64)
    return Climb(before[starts], heads[keep], seconds[keep], metres[keep])
