"""Take junctions out of a network one by one and link their neighbours: the order of a hierarchy, and where shortcuts may lie.

Metric-independent contraction (Dibbelt, Strasser & Wagner 2016, "Customizable Contraction Hierarchies"): a junction that is
taken out leaves a link between every two of its neighbours, without asking what it costs or whether it is needed; `hierarchy`
asks afterwards, which is far cheaper. Junctions with few neighbours go first, as in sparse factorisation (minimum degree,
George & Liu 1989), evenly over the map.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..compiled import compiled

DEGREE_WEIGHT = 4  # against the level: a little evenness shortens the climbs by a tenth and costs few shortcuts
KEYS = 4096  # of the queue; beyond it junctions are all alike


class Links(NamedTuple):
    """Neighbours of the junctions that remain: junction `i` has the rows `first[i]:first[i] + degree[i]`.

    Attributes
    ----------
    first, degree, room : (n,) int64
        `room` is how many rows it may fill where it stands.
    head : (k,) int32
    used : (1,) int64
        Rows given out so far.
    """

    first: NDArray[np.int64]
    degree: NDArray[np.int64]
    room: NDArray[np.int64]
    head: NDArray[np.int32]
    used: NDArray[np.int64]


class Queue(NamedTuple):
    """Junctions by key, in doubly linked lists; -1 ends them."""

    first: NDArray[np.int32]
    after: NDArray[np.int32]
    before: NDArray[np.int32]
    key: NDArray[np.int32]


@compiled
def eliminate(nodes, edge_a, edge_b):  # type: ignore[no-untyped-def]
    """Take out all junctions.

    Parameters
    ----------
    nodes : int
    edge_a, edge_b : (e,) int32
        Their directions do not matter.

    Returns
    -------
    order : (n,) int32
        Junctions in the order they were taken out.
    starts : (n + 1,) int64
        The i-th had the neighbours `starts[i]:starts[i + 1]` at that moment, all of them taken out later.
    heads : (k,) int32
        The neighbours, as junctions.
    """
    links = _links(nodes, edge_a, edge_b)
    queue = _queue(nodes, links.degree)
    level, marked = np.zeros(nodes, np.int32), np.full(nodes, -1, np.int32)
    order, starts = np.empty(nodes, np.int32), np.zeros(nodes + 1, np.int64)
    heads = np.empty(5 * nodes + 64, np.int32)
    lowest = 0
    for taken in range(nodes):
        while queue.first[lowest] < 0:
            lowest += 1
        node = queue.first[lowest]
        _unlink(queue, node)
        order[taken] = node
        low = starts[taken]
        high = starts[taken + 1] = low + links.degree[node]
        if high > heads.size:
            heads = _longer(heads, 2 * high)
        for i in range(links.degree[node]):
            heads[low + i] = links.head[links.first[node] + i]
        links = _bridge(links, node, heads[low:high], marked)
        for other in heads[low:high]:
            level[other] = max(level[other], level[node] + 1)
            key = min(KEYS - 1, DEGREE_WEIGHT * links.degree[other] + level[other])
            if key != queue.key[other]:
                _unlink(queue, other)
                _link(queue, other, key)
                lowest = min(lowest, key)
    return order, starts, heads[: starts[nodes]].copy()


@compiled
def _links(nodes, edge_a, edge_b):  # type: ignore[no-untyped-def]
    """List every junction's neighbours once; rings go nowhere."""
    count = np.zeros(nodes, np.int64)
    for e in range(edge_a.size):
        if edge_a[e] != edge_b[e]:
            count[edge_a[e]] += 1
            count[edge_b[e]] += 1
    first, total = np.empty(nodes, np.int64), 0
    for node in range(nodes):
        first[node] = total
        total += count[node] + 1
    links = Links(first, np.zeros(nodes, np.int64), count + 1, np.empty(3 * total + 64, np.int32), np.full(1, total))
    for e in range(edge_a.size):
        if edge_a[e] != edge_b[e]:
            _join(links, edge_a[e], edge_b[e])
            _join(links, edge_b[e], edge_a[e])
    return links


@compiled
def _join(links, tail, head):  # type: ignore[no-untyped-def]
    first = links.first[tail]
    for row in range(first, first + links.degree[tail]):
        if links.head[row] == head:
            return
    links.head[first + links.degree[tail]] = head
    links.degree[tail] += 1


@compiled
def _bridge(links, node, neighbours, marked):  # type: ignore[no-untyped-def]
    """Link all neighbours of a junction with each other and take it out."""
    for x in neighbours:
        links = _make_room(links, x, neighbours.size)
        head, first = links.head, links.first[x]
        end = first + links.degree[x]
        gap = first
        marked[x] = x
        for row in range(first, end):
            marked[head[row]] = x
            if head[row] == node:
                gap = row
        end -= 1
        head[gap] = head[end]
        for y in neighbours:
            if marked[y] != x:
                head[end] = y
                end += 1
        links.degree[x] = end - first
    return links


@compiled
def _make_room(links, node, more):  # type: ignore[no-untyped-def]
    """Move a junction's neighbours to the end where more might not fit."""
    first, degree = links.first[node], links.degree[node]
    if degree + more <= links.room[node]:
        return links
    room = 2 * (degree + more)
    begin = links.used[0]
    head = links.head
    if begin + room > head.size:
        head = _longer(head, 2 * (begin + room))
    for i in range(degree):
        head[begin + i] = head[first + i]
    links.first[node], links.room[node] = begin, room
    links.used[0] = begin + room
    return Links(links.first, links.degree, links.room, head, links.used)


@compiled
def _longer(heads, size):  # type: ignore[no-untyped-def]
    longer = np.empty(size, np.int32)
    longer[: heads.size] = heads
    return longer


@compiled
def _queue(nodes, degree):  # type: ignore[no-untyped-def]
    queue = Queue(
        np.full(KEYS, -1, np.int32), np.full(nodes, -1, np.int32), np.full(nodes, -1, np.int32), np.empty(nodes, np.int32)
    )
    for node in range(nodes - 1, -1, -1):
        _link(queue, node, min(KEYS - 1, DEGREE_WEIGHT * degree[node]))
    return queue


@compiled
def _link(queue, node, key):  # type: ignore[no-untyped-def]
    follower = queue.first[key]
    queue.key[node], queue.after[node], queue.before[node] = key, follower, -1
    if follower >= 0:
        queue.before[follower] = node
    queue.first[key] = node


@compiled
def _unlink(queue, node):  # type: ignore[no-untyped-def]
    before, after = queue.before[node], queue.after[node]
    if before >= 0:
        queue.after[before] = after
    else:
        queue.first[queue.key[node]] = after
    if after >= 0:
        queue.before[after] = before
