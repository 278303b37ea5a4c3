"""Take junctions out of a network one by one, so that what remains keeps all its fastest ways: the order and the shortcuts.

Metric-independent contraction (Dibbelt, Strasser & Wagner 2016, "Customizable Contraction Hierarchies"): a junction that is
taken out leaves a shortcut between every two of its neighbours, without asking whether it is needed; `hierarchy` asks
afterwards, which is far cheaper. Junctions with few neighbours go first, as in sparse factorisation (minimum degree, George &
Liu 1989), evenly over the map.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .compiled import compiled

OUT, BACK = 0, 2  # columns of `cost`: seconds, with metres in the column after
DEGREE_WEIGHT = 4  # against the level: a little evenness shortens the climbs by a tenth and costs few shortcuts
KEYS = 4096  # of the queue; beyond it junctions are all alike


class Links(NamedTuple):
    """Neighbours of the junctions that remain: junction `i` has the rows `first[i]:first[i] + degree[i]`.

    Attributes
    ----------
    first, degree, room : (n,) int64
        `room` is how many rows it may fill where it stands.
    head : (k,) int32
    cost : (k, 4) float64
        Seconds and metres to the neighbour, seconds and metres back; inf where there is no way.
    used : (1,) int64
        Rows given out so far.
    """

    first: NDArray[np.int64]
    degree: NDArray[np.int64]
    room: NDArray[np.int64]
    head: NDArray[np.int32]
    cost: NDArray[np.float64]
    used: NDArray[np.int64]


class Queue(NamedTuple):
    """Junctions by key, in doubly linked lists; -1 ends them."""

    first: NDArray[np.int32]
    after: NDArray[np.int32]
    before: NDArray[np.int32]
    key: NDArray[np.int32]


@compiled
def improve(cost, row, column, seconds, metres):  # type: ignore[no-untyped-def]
    """Take a faster way; of ways equally fast the shorter."""
    if seconds < cost[row, column] or (seconds == cost[row, column] and metres < cost[row, column + 1]):
        cost[row, column], cost[row, column + 1] = seconds, metres


@compiled
def improve_by(cost, row, column, legs, one, first, other, second):  # type: ignore[no-untyped-def]
    """Take the way by two legs if it is better."""
    improve(cost, row, column, legs[one, first] + legs[other, second], legs[one, first + 1] + legs[other, second + 1])


@compiled
def eliminate(nodes, edge_a, edge_b, forward, backward, metres):  # type: ignore[no-untyped-def]
    """Take out all junctions.

    Parameters
    ----------
    nodes : int
    edge_a, edge_b : (e,) int32
    forward, backward : (e,) float64
        Seconds from a to b and back; inf where closed.
    metres : (e,) float64

    Returns
    -------
    order : (n,) int32
        Junctions in the order they were taken out.
    starts : (n + 1,) int64
        The i-th had the neighbours `starts[i]:starts[i + 1]` at that moment, all of them taken out later.
    heads : (k,) int32
        The neighbours, as junctions.
    cost : (k, 4) float64
        As in `Links`: what leads there and back over junctions taken out before.
    """
    links = _links(nodes, edge_a, edge_b, forward, backward, metres)
    queue = _queue(nodes, links.degree)
    level, place = np.zeros(nodes, np.int32), np.full(nodes, -1, np.int64)
    order, starts = np.empty(nodes, np.int32), np.zeros(nodes + 1, np.int64)
    heads, cost = np.empty(5 * nodes + 64, np.int32), np.empty((5 * nodes + 64, 4))
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
            heads, cost = _longer(heads, cost, 2 * high)
        for i in range(links.degree[node]):
            row = links.first[node] + i
            heads[low + i] = links.head[row]
            for column in range(4):
                cost[low + i, column] = links.cost[row, column]
        links = _bridge(links, node, heads, cost, low, high, place)
        for i in range(low, high):
            other = heads[i]
            level[other] = max(level[other], level[node] + 1)
            key = min(KEYS - 1, DEGREE_WEIGHT * links.degree[other] + level[other])
            if key != queue.key[other]:
                _unlink(queue, other)
                _link(queue, other, key)
                lowest = min(lowest, key)
    return order, starts, heads[: starts[nodes]].copy(), cost[: starts[nodes]].copy()


@compiled
def _links(nodes, edge_a, edge_b, forward, backward, metres):  # type: ignore[no-untyped-def]
    """List every junction's neighbours once, with the best of parallel edges; rings go nowhere."""
    count = np.zeros(nodes, np.int64)
    for e in range(edge_a.size):
        if edge_a[e] != edge_b[e]:
            count[edge_a[e]] += 1
            count[edge_b[e]] += 1
    first, total = np.empty(nodes, np.int64), 0
    for node in range(nodes):
        first[node] = total
        total += count[node] + 1
    room = count + 1
    head, cost = np.empty(3 * total + 64, np.int32), np.empty((3 * total + 64, 4))
    links = Links(first, np.zeros(nodes, np.int64), room, head, cost, np.full(1, total))
    for e in range(edge_a.size):
        if edge_a[e] != edge_b[e]:
            _join(links, edge_a[e], edge_b[e], forward[e], backward[e], metres[e])
            _join(links, edge_b[e], edge_a[e], backward[e], forward[e], metres[e])
    return links


@compiled
def _join(links, tail, head, there, back, metres):  # type: ignore[no-untyped-def]
    row = links.first[tail]
    while row < links.first[tail] + links.degree[tail] and links.head[row] != head:
        row += 1
    if row == links.first[tail] + links.degree[tail]:
        links.degree[tail] += 1
        links.head[row] = head
        for column in range(4):
            links.cost[row, column] = np.inf
    improve(links.cost, row, OUT, there, metres)
    improve(links.cost, row, BACK, back, metres)


@compiled
def _bridge(links, node, heads, cost, low, high, place):  # type: ignore[no-untyped-def]
    """Link all neighbours `low:high` of a junction with each other and take it out; `place` is -1 before and after."""
    for i in range(low, high):
        x = heads[i]
        links = _make_room(links, x, high - low)
        head, costs, first = links.head, links.cost, links.first[x]
        end = first + links.degree[x]
        for row in range(first, end):
            place[head[row]] = row
        end -= 1
        gap = place[node]
        place[node] = -1
        if gap != end:
            head[gap] = head[end]
            place[head[gap]] = gap
            for column in range(4):
                costs[gap, column] = costs[end, column]
        for j in range(low, high):
            y = heads[j]
            if y == x:
                continue
            row = place[y]
            if row < 0:
                row, end = end, end + 1
                head[row] = y
                for column in range(4):
                    costs[row, column] = np.inf
            improve_by(costs, row, OUT, cost, i, BACK, j, OUT)
            improve_by(costs, row, BACK, cost, j, BACK, i, OUT)
        links.degree[x] = end - first
        for row in range(first, end):
            place[head[row]] = -1
    return links


@compiled
def _make_room(links, node, more):  # type: ignore[no-untyped-def]
    """Move a junction's neighbours to the end where they no longer fit."""
    first, count = links.first[node], links.degree[node]
    if count + more <= links.room[node]:
        return links
    room = 2 * (count + more)
    begin = links.used[0]
    head, cost = links.head, links.cost
    if begin + room > head.size:
        head, cost = _longer(head, cost, 2 * (begin + room))
    for i in range(count):
        head[begin + i] = head[first + i]
        for column in range(4):
            cost[begin + i, column] = cost[first + i, column]
    links.first[node], links.room[node] = begin, room
    links.used[0] = begin + room
    return Links(links.first, links.degree, links.room, head, cost, links.used)


@compiled
def _longer(heads, cost, size):  # type: ignore[no-untyped-def]
    more_heads, more_cost = np.empty(size, np.int32), np.empty((size, 4))
    more_heads[: heads.size], more_cost[: heads.size] = heads, cost
    return more_heads, more_cost


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
