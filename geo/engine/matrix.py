"""Origin-destination tables: from the smaller side, by bounded searches or by sweeps, streamed in blocks, never a dense matrix.

Both ways give the same trips to the last bit; which one costs less is estimated beforehand.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import TooLargeError
from ..memory import require_memory
from ..network.graph import Graph
from ..snapping.snaps import Snaps
from .bucket_queue import make_workspace
from .ends import by_junction
from .pairs import Pairs, pairs_between
from .search import Direction
from .table_search import search_block, search_one
from .table_sweep import LANES, Descent, descent_to, make_lanes, sweep_block

Block = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]  # sources, targets, (seconds, metres, connectors)

SOURCES_PER_BLOCK = 64
PAIRS_PER_BLOCK = 4_000_000  # wide tables go in blocks of fewer sources
BYTES_PER_PAIR = 80  # while a block is collected and copied
BYTES_PER_JUNCTION = 36  # of one search
BYTES_PER_SWEPT = 16 * LANES + 24  # of one sweep, per junction

# What the ways of computing cost, in junctions visited by a bounded search (some 0.1 microseconds each, measured on 300,000
# junctions): only which way is taken depends on them, no answer does.
PREPARING = 30.0  # per junction
CLIMBING = 50.0  # per source
SWEEPING = 0.01  # per source and arc
ARCS_PER_TARGET, ARCS_PER_JUNCTION = 80.0, 3.0  # of a sweep: so many above each target, at most so many in all
TRIED = 8  # sources searched from to see how far a limit reaches


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
    pairs, limit = pairs_between(graph, sources, targets, outward=outward), float(limit_seconds)
    work = _by_sweeps(graph, pairs, limit) if sweeps_pay(graph, pairs, limit) else _by_searches(graph, pairs, limit)
    for source, target, found in _in_order(work):
        yield Trips(target, source, *found) if swap else Trips(source, target, *found)


class _Work(NamedTuple):
    """Blocks of sources to be computed one by one: `compute(first, last, room)`, with room of its own for each core."""

    sources: int
    per_block: int
    compute: Callable[[int, int, Any], Block]
    make_room: Callable[[], Any]


def _in_order(work: _Work) -> Iterator[Block]:
    """Compute on all cores and hand over in order; a few blocks wait at a time, so memory stays bounded."""
    workers = os.cpu_count() or 1
    spare: list[Any] = []

    def one(first: int) -> Block:
        room = spare.pop() if spare else work.make_room()
        found = work.compute(first, min(first + work.per_block, work.sources), room)
        spare.append(room)
        return found

    firsts = range(0, work.sources, work.per_block)
    with ThreadPoolExecutor(workers) as pool:
        for at in range(0, len(firsts), 2 * workers):
            yield from pool.map(one, firsts[at : at + 2 * workers])


def _by_searches(graph: Graph, pairs: Pairs, limit: float) -> _Work:
    nodes = len(graph.lon)
    per_block = _checked_block(SOURCES_PER_BLOCK, pairs, nodes * BYTES_PER_JUNCTION)
    arcs, at_nodes = _arcs(graph, pairs), by_junction(pairs.points, nodes)

    def compute(first: int, last: int, room: Any) -> Block:
        return search_block(pairs, *at_nodes, arcs, first, last, limit, room)  # type: ignore[no-any-return]

    return _Work(len(pairs.source_rows) - 1, per_block, compute, lambda: make_workspace(nodes))


def _by_sweeps(graph: Graph, pairs: Pairs, limit: float) -> _Work:
    order = graph.hierarchy
    climb, ways_down = (order.up, order.down) if pairs.outward else (order.down, order.up)
    seeds, points = (order.rank[np.column_stack((side.a, side.b))] for side in (pairs.seeds, pairs.points))
    descent = Descent(*descent_to(ways_down, points.ravel()))
    rows = descent.place[points]
    per_block = _checked_block(LANES, pairs, len(descent.starts) * BYTES_PER_SWEPT)

    def compute(first: int, last: int, room: Any) -> Block:
        return sweep_block(pairs, seeds, rows, climb, order.parent, descent, first, last, limit, room)  # type: ignore[no-any-return]

    return _Work(len(pairs.source_rows) - 1, per_block, compute, lambda: make_lanes(descent, pairs.targets))


def _checked_block(sources: int, pairs: Pairs, room_bytes: float) -> int:
    """How many sources go into a block; refuses what would not fit in memory."""
    workers = os.cpu_count() or 1
    per_block = max(1, min(sources, PAIRS_PER_BLOCK // max(pairs.targets, 1)))
    in_work = 2 * workers * per_block * pairs.targets * BYTES_PER_PAIR + workers * room_bytes
    require_memory(in_work, "the table", "split the destinations into several files")
    return per_block


def _arcs(graph: Graph, pairs: Pairs) -> tuple[Any, ...]:
    arcs = graph.outgoing if pairs.outward else graph.incoming
    return arcs.starts, arcs.heads, arcs.seconds, arcs.metres, arcs.bucket_seconds, arcs.longest_seconds


def sweeps_pay(graph: Graph, pairs: Pairs, limit: float) -> bool:
    """Tell whether the hierarchy, made for this table if need be, costs less than searching from every source."""
    rows, nodes = len(pairs.seeds.a), len(graph.lon)
    arcs = min(ARCS_PER_JUNCTION * nodes, ARCS_PER_TARGET * len(pairs.points.a))
    cost = rows * (CLIMBING + SWEEPING * arcs) + (0.0 if graph.has_hierarchy else PREPARING * nodes)
    edges = np.bincount(graph.edge_component)
    within = edges[graph.edge_component[pairs.seeds.points.edge]].sum() * nodes / max(len(graph.edge_metres), 1)
    if within <= cost:
        return False
    if limit < np.inf and _tried(graph, pairs, limit) * rows <= cost:
        return False
    try:
        return graph.hierarchy is not None
    except TooLargeError:
        return False


def _tried(graph: Graph, pairs: Pairs, limit: float) -> float:
    """Junctions that a search visits on average, of a few sources spread over the list."""
    rows, work, arcs = len(pairs.seeds.a), make_workspace(len(graph.lon)), _arcs(graph, pairs)
    tried = np.unique(np.linspace(0, rows - 1, min(TRIED, 1 + rows // LANES)).astype(np.int64))
    visited = 0
    for row in tried.tolist():
        search_one(pairs, arcs, row, row + 1, limit, work)
        visited += int(work.reached[0])
    return visited / len(tried)
