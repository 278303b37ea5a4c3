"""One label-setting search for everything: a bucket queue over CSR arcs.

Nodes wait in buckets one `width` of seconds wide (Dial 1969, generalised to real costs as in Cherkassky, Goldberg & Radzik
1996): an entry whose node has since improved is skipped, a node improved inside the current bucket is scanned again, so the
seconds are exact whatever the width. All state lives in a reusable workspace: a search costs what it visits, not what the
network holds.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..compiled import LEAST_ROWS, compiled

STATE = np.dtype([("seconds", np.float64), ("metres", np.float64), ("label", np.int32), ("unused", np.int32, (3,))])
NO_CEILING = np.empty(0)


class Workspace(NamedTuple):
    """Arrays of one running search; `seconds` is inf and `label` -1 wherever the last search did not go.

    What belongs to one node lies side by side: a search waits for memory more than for anything else.

    Attributes
    ----------
    seconds, metres : (n,) float64
        At least LEAST_ROWS, whatever the number of nodes.
    label : (n,) int32
        Row of the seed each node was reached from.
    visited : (n,) int32
        Nodes touched, first `reached[0]` rows.
    reached : (1,) int64
    """

    seconds: NDArray[np.float64]
    metres: NDArray[np.float64]
    label: NDArray[np.int32]
    visited: NDArray[np.int32]
    reached: NDArray[np.int64]


def make_workspace(nodes: int) -> Workspace:
    """Return a fresh workspace for a graph of `nodes` junctions."""
    state = np.zeros(max(nodes, LEAST_ROWS), STATE)
    state["seconds"], state["label"] = np.inf, -1
    return Workspace(state["seconds"], state["metres"], state["label"], np.empty(nodes, np.int32), np.zeros(1, np.int64))


@compiled
def clear(work):  # type: ignore[no-untyped-def]
    """Undo the last search, touching only what it visited."""
    for i in range(work.reached[0]):
        node = work.visited[i]
        work.seconds[node] = np.inf
        work.label[node] = -1
    work.reached[0] = 0


@compiled
def _improve(work, node, seconds, metres, label):  # type: ignore[no-untyped-def]
    """Take a better way to a node; ties go to the lower label, then the shorter way: no answer depends on the order of search."""
    old = work.seconds[node]
    if seconds > old:
        return False
    if seconds == old and (label, metres) >= (work.label[node], work.metres[node]):
        return False
    if old == np.inf:
        work.visited[work.reached[0]] = node
        work.reached[0] += 1
    work.seconds[node] = seconds
    work.metres[node] = metres
    work.label[node] = label
    return True


@compiled
def spread(  # type: ignore[no-untyped-def]
    starts, heads, arc_seconds, arc_metres, seeds, seed_seconds, seed_metres, seed_labels, limit, width, span, ceiling, work
):
    """Search outwards from seeds until everything within `limit` seconds is settled.

    Parameters
    ----------
    starts, heads, arc_seconds, arc_metres : CSR arcs
    seeds, seed_seconds, seed_metres, seed_labels : (k,) arrays
        Where the search begins, with what is already spent; rows with infinite seconds are ignored.
    limit : float
        Inclusive, in seconds.
    width : float
        Seconds per bucket.
    span : float
        Longest arc, in seconds.
    ceiling : (n,) or (0,) float64
        Junctions are only reached sooner than this; empty where nothing is known yet.
    work : Workspace
        Cleared first; holds the answer afterwards.
    """
    clear(work)
    first, last = _range_of(seed_seconds, limit)
    if first == np.inf:
        return
    bucket = _make_buckets(width, max(min(span, limit), last - first))
    entry_node, entry_next = np.empty(max(seeds.size, 256), np.int32), np.empty(max(seeds.size, 256), np.int32)
    pace = 1.0 / width  # multiplying is several times faster than dividing
    waiting = 0
    for i in range(seeds.size):
        if seed_seconds[i] > limit or seed_seconds[i] == np.inf or (ceiling.size and seed_seconds[i] >= ceiling[seeds[i]]):
            continue
        if _improve(work, seeds[i], seed_seconds[i], seed_metres[i], seed_labels[i]):
            at = np.int64(seed_seconds[i] * pace) & (bucket.size - 1)
            entry_node[waiting], entry_next[waiting] = seeds[i], bucket[at]
            bucket[at] = waiting
            waiting += 1
    _settle(
        starts, heads, arc_seconds, arc_metres, limit, ceiling, work,
        bucket, entry_node, entry_next, waiting, pace, np.int64(first * pace),
    )  # fmt: skip


@compiled
def _range_of(seed_seconds, limit):  # type: ignore[no-untyped-def]
    """The soonest and the latest seed within the limit; inf and -inf where there is none."""
    first, last = np.inf, -np.inf
    for seconds in seed_seconds:
        if seconds <= limit and seconds < np.inf:
            first, last = min(first, seconds), max(last, seconds)
    return first, last


@compiled
def _make_buckets(width, seconds):  # type: ignore[no-untyped-def]
    """Empty buckets, a power of two, that no two entries `seconds` apart need to share."""
    buckets = 16
    while buckets * width < seconds + 3.0 * width:
        buckets *= 2
    return np.full(buckets, -1, np.int32)


@compiled
def _settle(  # type: ignore[no-untyped-def]
    starts, heads, arc_seconds, arc_metres, limit, ceiling, work, bucket, entry_node, entry_next, waiting, pace, current
):
    """Empty one bucket after the other from the `current` one on, improving the junctions that arcs lead to.

    `bucket` holds the first entry of each bucket, -1 for none; `entry_node` and `entry_next` (k,) its junction and the entry
    after it. The first `waiting` entries are in use; later on those given back form a list of their own.
    """
    mask, used, free = bucket.size - 1, waiting, -1
    while waiting:
        slot = current & mask
        while bucket[slot] >= 0:
            entry = bucket[slot]
            bucket[slot] = entry_next[entry]
            node = entry_node[entry]
            entry_next[entry], free = free, entry
            waiting -= 1
            seconds = work.seconds[node]
            if np.int64(seconds * pace) != current:
                continue  # improved meanwhile and scanned from its earlier bucket
            label, metres = work.label[node], work.metres[node]
            for arc in range(starts[node], starts[node + 1]):
                reached = seconds + arc_seconds[arc]
                head = heads[arc]
                if reached > limit or reached > work.seconds[head] or (ceiling.size and reached >= ceiling[head]):
                    continue
                if not _improve(work, head, reached, metres + arc_metres[arc], label):
                    continue
                if free >= 0:
                    entry, free = free, entry_next[free]
                else:
                    if used == entry_node.size:
                        entry_node, entry_next = _doubled(entry_node), _doubled(entry_next)
                    entry = used
                    used += 1
                at = np.int64(reached * pace) & mask
                entry_node[entry], entry_next[entry] = head, bucket[at]
                bucket[at] = entry
                waiting += 1
        current += 1


@compiled
def _doubled(array):  # type: ignore[no-untyped-def]
    grown = np.empty(2 * array.size, np.int32)
    grown[: array.size] = array
    return grown
