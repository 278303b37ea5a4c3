"""Travel times from every point to its nearest facility: one search from all facilities at once."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..compiled import compiled
from ..network.graph import Arcs, Graph
from ..snapping.snaps import Snaps
from .bucket_queue import NO_CEILING, Workspace, make_workspace, spread
from .ends import SAME_PLACE_METRES, Edges, Ends, Points, along_edge, connector_seconds, edges_of, ends, points_of, to_junctions

Direction = Literal["to", "from"]

POINTS_PER_PART = 50_000  # finished by one core at a time
UNTOUCHED, REACHED, HOLDS_SEED = 0, 1, 2  # what a search did with an edge


@dataclass(frozen=True)
class Nearest:
    """The nearest facility of each point.

    Attributes
    ----------
    seconds : (n,) float64
        Both connectors included; NaN where no facility is reached.
    facility : (n,) int64
        Row of the facility, -1 where none is reached. Of facilities reached at the same time the first row counts.
    """

    seconds: NDArray[np.float64]
    facility: NDArray[np.int64]


def nearest_facility(
    graph: Graph, points: Snaps, facilities: Snaps, *, direction: Direction = "to", limit_seconds: float = np.inf
) -> Nearest:
    """Find for every point the facility reached first.

    Parameters
    ----------
    graph : Graph
    points, facilities : Snaps
        Snapped to `graph`; a facility with several entrances has several rows.
    direction : {"to", "from"}
        Travel from the points to a facility, or from a facility to the points.
    limit_seconds : float
        Inclusive; facilities beyond it do not count as reached.

    Returns
    -------
    Nearest
        One row per point.
    """
    to = direction == "to"
    arcs = graph.incoming if to else graph.outgoing
    seeds = ends(graph, facilities, leaving=not to)
    work = make_workspace(len(graph.lon))
    spread_from(arcs, seeds_of(seeds), work, limit_seconds=limit_seconds)
    state = _edge_states(edges_of(graph, leaving=to), work.visited[: work.reached[0]], len(graph.lon))
    frame = search_frame(graph, points, seeds, work, state, to=to, limit_seconds=limit_seconds)
    return finish(frame, len(points), points.places)


class Seeds(NamedTuple):
    """Where a search begins: junctions, what is already spent there, and the facility each stands for."""

    nodes: NDArray[np.int32]
    seconds: NDArray[np.float64]
    metres: NDArray[np.float64]
    labels: NDArray[np.int32]


def seeds_of(facilities: Ends) -> Seeds:
    """Begin at both ends of every facility's edges."""
    return Seeds(
        np.concatenate((facilities.a, facilities.b)),
        np.concatenate((facilities.seconds_a, facilities.seconds_b)) + np.tile(facilities.connector_seconds, 2),
        np.concatenate((facilities.metres_a, facilities.metres_b)),
        np.tile(facilities.points.owner, 2).astype(np.int32),
    )


def spread_from(
    arcs: Arcs, seeds: Seeds, work: Workspace, *, limit_seconds: float = np.inf, ceiling: NDArray[np.float64] = NO_CEILING
) -> None:
    """Search outwards from seeds; `work` holds the answer."""
    spread(
        arcs.starts, arcs.heads, arcs.seconds, arcs.metres, *seeds, limit_seconds,
        arcs.bucket_seconds, arcs.longest_seconds, ceiling, work,
    )  # fmt: skip


class Frame(NamedTuple):
    """What the compiled last stretch reads."""

    edges: Edges
    points: Points
    seeds: Ends
    seed_rows: NDArray[np.int64]
    edge_state: NDArray[np.uint8]
    sorted_edges: NDArray[np.int32]
    work: Workspace
    to: bool
    limit: float


def search_frame(
    graph: Graph,
    points: Snaps,
    seeds: Ends,
    work: Workspace,
    edge_state: NDArray[np.uint8],
    *,
    to: bool,
    limit_seconds: float = np.inf,
) -> Frame:
    """Bring together what finishing a search at points needs; points on edges that are UNTOUCHED will not be looked at."""
    state = edge_state.copy()
    state[seeds.points.edge] = HOLDS_SEED
    order = np.argsort(seeds.points.edge, kind="stable")
    limit = float(limit_seconds)  # an int would be compiled for once more
    return Frame(
        edges_of(graph, leaving=to), points_of(graph, points), seeds, order, state, seeds.points.edge[order], work, to, limit
    )


@compiled
def _edge_states(edges, visited, nodes):  # type: ignore[no-untyped-def]
    """Tell which edges a search reached: after a bounded one most points are answered by this alone."""
    here = np.zeros(nodes, np.uint8)
    for node in visited:
        here[node] = REACHED
    edge_a, edge_b, tied_a, tied_b = edges.a, edges.b, edges.tied_a, edges.tied_b
    state = np.empty(edge_a.size, np.uint8)
    for e in range(edge_a.size):
        state[e] = here[edge_a[e]] | here[edge_b[e]] | here[tied_a[e]] | here[tied_b[e]]
    return state


def finish(frame: Frame, rows: int, places: int) -> Nearest:
    """Finish at all points on all cores; where places have several rows, one core keeps their comparison simple."""
    seconds, facility = np.empty(places), np.empty(places, np.int64)
    if rows != places:
        _nothing_yet(seconds, facility, 0, places)
        _arrive(frame, 0, rows, seconds, facility)
        _arrive_along(frame, 0, rows, seconds, facility)
        return Nearest(seconds, facility)

    def one(first: int) -> None:
        last = min(first + POINTS_PER_PART, rows)
        _nothing_yet(seconds, facility, first, last)
        _arrive(frame, first, last, seconds, facility)
        _arrive_along(frame, first, last, seconds, facility)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(one, range(0, rows, POINTS_PER_PART)))
    return Nearest(seconds, facility)


@compiled
def _nothing_yet(seconds, facility, first, last):  # type: ignore[no-untyped-def]
    for row in range(first, last):
        seconds[row], facility[row] = np.nan, -1


@compiled
def _arrive(frame, first, last, seconds, facility):  # type: ignore[no-untyped-def]
    """Reach points by either end of their edge."""
    edges, state = frame.edges, frame.edge_state
    metres, forward, backward, open_forward, open_backward = (
        edges.metres, edges.forward, edges.backward, edges.open_forward, edges.open_backward,
    )  # fmt: skip
    edge_a, edge_b, tied_a, tied_b, pace = edges.a, edges.b, edges.tied_a, edges.tied_b, edges.connector_metres_per_second
    owner, edge, metres_at, forward_at, backward_at, connector_metres = frame.points
    node_seconds, node_label, to, limit = frame.work.seconds, frame.work.label, frame.to, frame.limit
    for p in range(first, last):
        e = edge[p]
        if e < 0 or state[e] == UNTOUCHED:
            continue
        by_a, by_b = to_junctions(
            metres_at[p], forward_at[p], backward_at[p], metres[e], forward[e], backward[e], open_forward[e], open_backward[e], to
        )
        a = tied_a[e] if metres_at[p] <= SAME_PLACE_METRES else edge_a[e]
        b = tied_b[e] if metres[e] - metres_at[p] <= SAME_PLACE_METRES else edge_b[e]
        best, who = node_seconds[a] + by_a, node_label[a]
        total = node_seconds[b] + by_b
        if total < best or (total == best and node_label[b] < who):
            best, who = total, node_label[b]
        _take(seconds, facility, owner[p], best + connector_seconds(connector_metres[p], pace), who, limit)


@compiled
def _arrive_along(frame, first, last, seconds, facility):  # type: ignore[no-untyped-def]
    """Reach points straight along their edge from the seeds on it; a loop of its own, since few points have any."""
    edges, points, seeds = frame.edges, frame.points, frame.seeds
    for p in range(first, last):
        e = points.edge[p]
        if e < 0 or frame.edge_state[e] != HOLDS_SEED:
            continue
        for at in range(np.searchsorted(frame.sorted_edges, e), frame.sorted_edges.size):
            if frame.sorted_edges[at] != e:
                break
            f = frame.seed_rows[at]
            if frame.to:
                along = along_edge(edges, points, p, seeds.points, f)[0]
            else:
                along = along_edge(edges, seeds.points, f, points, p)[0]
            last_stretch = connector_seconds(points.connector_metres[p], edges.connector_metres_per_second)
            total = along + seeds.connector_seconds[f] + last_stretch
            _take(seconds, facility, points.owner[p], total, seeds.points.owner[f], frame.limit)


@compiled
def _take(seconds, facility, o, total, who, limit):  # type: ignore[no-untyped-def]
    if total == np.inf or total > limit or seconds[o] < total or (seconds[o] == total and facility[o] <= who):
        return
    seconds[o], facility[o] = total, who
