"""Travel times from every point to its nearest facility: one search from all facilities at once."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .bucket_queue import NO_CEILING, Workspace, make_workspace, spread
from .compiled import compiled
from .ends import Edges, Ends, Points, along_edge, edges_of, ends, junction_seconds, points_of
from .graph import Arcs, Graph
from .snapping import CHUNK, Snaps

Direction = Literal["to", "from"]


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
    frame = search_frame(graph, points, seeds, work, to=to, limit_seconds=limit_seconds)
    seconds, facility = np.full(points.places, np.nan), np.full(points.places, -1, np.int64)
    finish(frame, len(points), points.places, seconds, facility)
    return Nearest(seconds, facility)


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
    edge_has_seed: NDArray[np.bool_]
    sorted_edges: NDArray[np.int32]
    work: Workspace
    to: bool
    limit: float


def search_frame(graph: Graph, points: Snaps, seeds: Ends, work: Workspace, *, to: bool, limit_seconds: float = np.inf) -> Frame:
    """Bring together what finishing a search at points needs."""
    return Frame(edges_of(graph), points_of(points), seeds, *_by_edge(seeds, len(graph.edge_a)), work, to, limit_seconds)


def _by_edge(seeds: Ends, edges: int) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.int32]]:
    """Sort the seeds by edge and mark the edges that hold any."""
    order = np.argsort(seeds.points.edge, kind="stable")
    marked = np.zeros(edges, bool)
    marked[seeds.points.edge] = True
    return order, marked, seeds.points.edge[order]


def finish(frame: Frame, rows: int, places: int, seconds: NDArray[np.float64], facility: NDArray[np.int64]) -> None:
    """Finish at all points on all cores; where places have several rows, one core keeps their comparison simple."""
    if rows != places:
        _arrive(frame, 0, rows, seconds, facility)
        return
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        parts = [(at, min(at + CHUNK, rows)) for at in range(0, rows, CHUNK)]
        list(pool.map(lambda part: _arrive(frame, part[0], part[1], seconds, facility), parts))


@compiled
def _arrive(frame, first, last, seconds, facility):  # type: ignore[no-untyped-def]
    """Reach points by either end of their edge, or straight along it from a seed on the same edge."""
    edges, points, seeds, work, to = frame.edges, frame.points, frame.seeds, frame.work, frame.to
    for p in range(first, last):
        e = points.edge[p]
        if e < 0:
            continue
        seconds_a, seconds_b = junction_seconds(edges, points, p, to)
        best, who = work.seconds[edges.a[e]] + seconds_a, work.label[edges.a[e]]
        total = work.seconds[edges.b[e]] + seconds_b
        if total < best or (total == best and work.label[edges.b[e]] < who):
            best, who = total, work.label[edges.b[e]]
        if frame.edge_has_seed[e]:
            for at in range(np.searchsorted(frame.sorted_edges, e), frame.sorted_edges.size):
                if frame.sorted_edges[at] != e:
                    break
                f = frame.seed_rows[at]
                if to:
                    along = along_edge(edges, points, p, seeds.points, f)[0]
                else:
                    along = along_edge(edges, seeds.points, f, points, p)[0]
                total = along + seeds.connector_seconds[f]
                owner = seeds.points.owner[f]
                if total < best or (total == best and owner < who):
                    best, who = total, owner
        total = best + points.connector_metres[p] / edges.connector_metres_per_second
        o = points.owner[p]
        if best < np.inf and total <= frame.limit and not seconds[o] <= total:
            seconds[o], facility[o] = total, who
