"""Origin-destination tables: bounded searches from the smaller side, streamed in blocks, never a dense matrix."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .bucket_queue import NO_CEILING, Workspace, make_workspace, spread
from .compiled import compiled
from .ends import Edges, Ends, along_edge, by_junction, edges_of, ends
from .graph import Graph
from .memory import require_memory
from .search import Direction
from .snapping import Snaps

SOURCES_PER_BLOCK = 64
PAIRS_PER_BLOCK = 4_000_000  # wide tables go in blocks of fewer sources
BYTES_PER_PAIR = 80  # while a block is collected and copied
BYTES_PER_JUNCTION = 24


@dataclass(frozen=True)
class Trips:
    """Reached pairs of one block of a table.

    Attributes
    ----------
    origin, destination : (n,) int64
        Rows of the snapped places.
    seconds : (n,) float64
        Fastest trip, both connectors included.
    metres : (n,) float64
        Along streets on that trip.
    connector_metres : (n,) float64
        Both straight connectors of that trip.
    """

    origin: NDArray[np.int64]
    destination: NDArray[np.int64]
    seconds: NDArray[np.float64]
    metres: NDArray[np.float64]
    connector_metres: NDArray[np.float64]


def trips(
    graph: Graph, origins: Snaps, destinations: Snaps, *, direction: Direction = "to", limit_seconds: float = np.inf
) -> Iterator[Trips]:
    """Yield all pairs within a limit, block by block.

    Parameters
    ----------
    graph : Graph
    origins, destinations : Snaps
        Snapped to `graph`.
    direction : {"to", "from"}
        Travel from origins to destinations, or from destinations to origins.
    limit_seconds : float
        Inclusive.

    Yields
    ------
    Trips
        Sorted by source (the smaller side) within and between blocks.

    Raises
    ------
    TooLargeError
        If even the blocks in work would not fit in memory.
    """
    swap = destinations.places < origins.places
    sources, targets = (destinations, origins) if swap else (origins, destinations)
    outward = (direction == "to") != swap  # whether one travels from the searched side
    arcs = graph.outgoing if outward else graph.incoming
    seeds, points = ends(graph, sources, leaving=outward), ends(graph, targets, leaving=not outward)
    source_rows = np.searchsorted(seeds.points.owner, np.arange(sources.places + 1))
    at_nodes = by_junction(points, len(graph.lon))
    order = np.argsort(points.points.edge, kind="stable")
    frame = _Frame(
        arcs.starts, arcs.heads, arcs.seconds, arcs.metres, arcs.bucket_seconds, arcs.longest_seconds,
        edges_of(graph), seeds, source_rows, points, *at_nodes, order, points.points.edge[order], targets.places, outward,
    )  # fmt: skip
    limit = float(limit_seconds)  # an int would be compiled for once more
    for block in _blocks(frame, sources.places, len(graph.lon), limit):
        source, target, seconds, metres, connector = block
        yield (Trips(target, source, seconds, metres, connector) if swap else Trips(source, target, seconds, metres, connector))


class _Frame(NamedTuple):
    """Everything the compiled search reads."""

    starts: NDArray[np.int64]
    heads: NDArray[np.int32]
    arc_seconds: NDArray[np.float64]
    arc_metres: NDArray[np.float64]
    width: float
    span: float
    edges: Edges
    seeds: Ends
    source_rows: NDArray[np.int64]
    points: Ends
    node_starts: NDArray[np.int64]
    node_points: NDArray[np.int64]
    edge_order: NDArray[np.int64]
    sorted_edges: NDArray[np.int32]
    targets: int
    outward: bool


def _blocks(frame: _Frame, sources: int, nodes: int, limit: float) -> Iterator[tuple[NDArray, ...]]:  # type: ignore[type-arg]
    """Run blocks of sources on all cores, in order; a few blocks wait at a time, so memory stays bounded."""
    workers = os.cpu_count() or 1
    step = max(1, min(SOURCES_PER_BLOCK, PAIRS_PER_BLOCK // max(frame.targets, 1)))
    in_work = 2 * workers * step * frame.targets * BYTES_PER_PAIR + workers * nodes * BYTES_PER_JUNCTION
    require_memory(in_work, "the table", "split the destinations into several files")
    spare = [make_workspace(nodes) for _ in range(workers)]

    def one(first: int) -> tuple[NDArray, ...]:  # type: ignore[type-arg]
        work: Workspace = spare.pop()
        try:
            return _reach(frame, first, min(first + step, sources), limit, work)  # type: ignore[no-any-return]
        finally:
            spare.append(work)

    firsts = range(0, sources, step)
    with ThreadPoolExecutor(workers) as pool:
        for at in range(0, len(firsts), 2 * workers):
            yield from pool.map(one, firsts[at : at + 2 * workers])


@compiled
def _reach(frame, first, last, limit, work):  # type: ignore[no-untyped-def]
    """Search from the sources `first` to `last` and collect the targets each reaches within the limit."""
    seeds, points = frame.seeds, frame.points
    seconds = np.full(frame.targets, np.inf)
    metres = np.empty(frame.targets)
    connector = np.empty(frame.targets)
    touched = np.empty(frame.targets, np.int64)
    room = 1024
    source_of, target_of = np.empty(room, np.int64), np.empty(room, np.int64)
    found = np.empty((3, room))
    filled = 0
    for source in range(first, last):
        low, high = frame.source_rows[source], frame.source_rows[source + 1]
        _search_one(frame, low, high, limit, work)
        count = 0
        for i in range(work.reached[0]):
            node = work.visited[i]
            s = work.label[node]
            for k in range(frame.node_starts[node], frame.node_starts[node + 1]):
                p = frame.node_points[k] >> 1
                at_a = frame.node_points[k] & 1 == 0
                spent = work.seconds[node] + (points.seconds_a[p] if at_a else points.seconds_b[p]) + points.connector_seconds[p]
                way = work.metres[node] + (points.metres_a[p] if at_a else points.metres_b[p])
                count = _offer(points, p, seeds, s, spent, way, limit, seconds, metres, connector, touched, count)
        for s in range(low, high):
            for at in range(np.searchsorted(frame.sorted_edges, seeds.points.edge[s]), frame.sorted_edges.size):
                if frame.sorted_edges[at] != seeds.points.edge[s]:
                    break
                p = frame.edge_order[at]
                spent, way = _along(frame, s, p)
                spent += seeds.connector_seconds[s] + points.connector_seconds[p]
                count = _offer(points, p, seeds, s, spent, way, limit, seconds, metres, connector, touched, count)
        while filled + count > room:
            room *= 2
            source_of, target_of = _longer(source_of, room), _longer(target_of, room)
            wider = np.empty((3, room))
            wider[:, :filled] = found[:, :filled]
            found = wider
        touched[:count].sort()
        for i in range(count):
            o = touched[i]
            source_of[filled], target_of[filled] = source, o
            found[0, filled], found[1, filled], found[2, filled] = seconds[o], metres[o], connector[o]
            seconds[o] = np.inf
            filled += 1
    return (
        source_of[:filled].copy(),
        target_of[:filled].copy(),
        found[0, :filled].copy(),
        found[1, :filled].copy(),
        found[2, :filled].copy(),
    )


@compiled
def _search_one(frame, low, high, limit, work):  # type: ignore[no-untyped-def]
    """Search outwards from the entrances `low` to `high` of one source; labels are entrance rows."""
    n = high - low
    nodes, labels = np.empty(2 * n, np.int32), np.empty(2 * n, np.int32)
    spent, metres = np.empty(2 * n), np.empty(2 * n)
    for i in range(n):
        s = low + i
        nodes[i], nodes[n + i] = frame.seeds.a[s], frame.seeds.b[s]
        spent[i] = frame.seeds.seconds_a[s] + frame.seeds.connector_seconds[s]
        spent[n + i] = frame.seeds.seconds_b[s] + frame.seeds.connector_seconds[s]
        metres[i], metres[n + i] = frame.seeds.metres_a[s], frame.seeds.metres_b[s]
        labels[i], labels[n + i] = s, s
    spread(
        frame.starts,
        frame.heads,
        frame.arc_seconds,
        frame.arc_metres,
        nodes,
        spent,
        metres,
        labels,
        limit,
        frame.width,
        frame.span,
        NO_CEILING,
        work,
    )


@compiled
def _along(frame, s, p):  # type: ignore[no-untyped-def]
    if frame.outward:
        return along_edge(frame.edges, frame.seeds.points, s, frame.points.points, p)
    return along_edge(frame.edges, frame.points.points, p, frame.seeds.points, s)


@compiled
def _offer(points, p, seeds, s, spent, way, limit, seconds, metres, connector, touched, count):  # type: ignore[no-untyped-def]
    """Take a trip if it beats what its target has; returns how many targets are touched."""
    o = points.points.owner[p]
    if spent > limit or spent >= seconds[o]:
        return count
    if seconds[o] == np.inf:
        touched[count] = o
        count += 1
    seconds[o], metres[o] = spent, way
    connector[o] = points.points.connector_metres[p] + seeds.points.connector_metres[s]
    return count


@compiled
def _longer(array, size):  # type: ignore[no-untyped-def]
    grown = np.empty(size, np.int64)
    grown[: array.size] = array
    return grown
