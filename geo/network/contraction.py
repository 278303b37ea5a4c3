"""Join segments between junctions into edges: a street of a hundred bends becomes one arc for the searches.

A node is passed through when exactly two segments meet there that are open in the same directions and of the same kind, so
that entering an edge part-way gives the same seconds as the uncontracted network.
"""

from __future__ import annotations

import numpy as np

from ..compiled import compiled
from .exact import on_grid

_on_grid = compiled(on_grid)


@compiled
def incidence(nodes, u, v):  # type: ignore[no-untyped-def]
    """List the segments at each node as CSR arrays (starts, segments)."""
    starts = np.zeros(nodes + 1, np.int64)
    for s in range(u.size):
        starts[u[s] + 1] += 1
        starts[v[s] + 1] += 1
    for n in range(nodes):
        starts[n + 1] += starts[n]
    fill = starts[:-1].copy()
    segments = np.empty(2 * u.size, np.int32)
    for s in range(u.size):
        segments[fill[u[s]]] = s
        fill[u[s]] += 1
        segments[fill[v[s]]] = s
        fill[v[s]] += 1
    return starts, segments


@compiled
def _passed_through(node, starts, segments, v, forward, backward, kind):  # type: ignore[no-untyped-def]
    if starts[node + 1] - starts[node] != 2:
        return False
    first, second = segments[starts[node]], segments[starts[node] + 1]
    if first == second or kind[first] != kind[second]:
        return False
    arrive_first = forward[first] if v[first] == node else backward[first]
    leave_first = backward[first] if v[first] == node else forward[first]
    arrive_second = forward[second] if v[second] == node else backward[second]
    leave_second = backward[second] if v[second] == node else forward[second]
    return arrive_first == leave_second and leave_first == arrive_second


@compiled
def contract(nodes, u, v, forward, backward, kind, stays):  # type: ignore[no-untyped-def]
    """Chain segments into edges.

    Parameters
    ----------
    nodes : int
    u, v : (s,) int32
        End nodes of each segment.
    forward, backward : (s,) bool
    kind : (s,) int8
        Segments of different kinds are never joined.
    stays : (nodes,) bool
        Nodes that are never passed through.

    Returns
    -------
    edge_starts : (e + 1,) int64
        Edge `i` consists of the pieces `edge_starts[i]:edge_starts[i + 1]`.
    piece_segments : (s,) int32
    piece_reversed : (s,) bool
        Whether the edge runs against the segment.
    """
    starts, segments = incidence(nodes, u, v)
    through = np.zeros(nodes, np.bool_)
    for node in range(nodes):
        through[node] = not stays[node] and _passed_through(node, starts, segments, v, forward, backward, kind)
    order = np.empty(u.size, np.int32)
    flipped = np.empty(u.size, np.bool_)
    edge_starts = np.empty(u.size + 1, np.int64)
    edge_starts[0] = 0
    done = np.zeros(u.size, np.bool_)
    edges = pieces = 0
    for ring in range(2):  # rings without a junction are left for the second round
        for node in range(nodes):
            if through[node] and ring == 0:
                continue
            for at in range(starts[node], starts[node + 1]):
                if not done[segments[at]]:
                    pieces = _follow(node, segments[at], starts, segments, u, v, through, done, order, flipped, pieces)
                    edges += 1
                    edge_starts[edges] = pieces
    return edge_starts[: edges + 1].copy(), order, flipped


@compiled
def _follow(start, segment, starts, segments, u, v, through, done, order, flipped, pieces):  # type: ignore[no-untyped-def]
    """Walk from `start` along `segment` to the next junction (or back to `start`)."""
    node = start
    while True:
        done[segment] = True
        order[pieces] = segment
        flipped[pieces] = v[segment] == node and u[segment] != node
        pieces += 1
        node = u[segment] if flipped[pieces - 1] else v[segment]
        if node == start or not through[node]:
            return pieces
        first = segments[starts[node]]
        segment = segments[starts[node] + 1] if first == segment else first


@compiled
def running_sums(edge_starts, values, before, after):  # type: ignore[no-untyped-def]
    """Sum `values` along each edge, each rounded to the grid: at both ends of each piece (p, 2), and each edge's total.

    What stands in `before` and `after` is added at once at the start and the end of a piece, not spread along it: the sums lie
    behind the former and before the latter. Either may be empty.
    """
    around = np.empty((values.size, 2))
    totals = np.empty(edge_starts.size - 1)
    for edge in range(edge_starts.size - 1):
        total = 0.0
        for piece in range(edge_starts[edge], edge_starts[edge + 1]):
            if before.size:
                total += before[piece]
            around[piece, 0] = total
            total += _on_grid(values[piece])
            around[piece, 1] = total
            if after.size:
                total += after[piece]
        totals[edge] = total
    return around, totals
