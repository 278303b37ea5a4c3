"""Travel times from every point to its nearest facility: one search from all facilities at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .bucket_queue import make_workspace, spread
from .compiled import compiled
from .ends import along_edge, ends
from .graph import Graph
from .snapping import Snaps

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


def nearest_facility(graph: Graph, points: Snaps, facilities: Snaps, *, direction: Direction = "to") -> Nearest:
    """Find for every point the facility reached first.

    Parameters
    ----------
    graph : Graph
    points, facilities : Snaps
        Snapped to `graph`; a facility with several entrances has several rows.
    direction : {"to", "from"}
        Travel from the points to a facility, or from a facility to the points.

    Returns
    -------
    Nearest
        One row per point.
    """
    to = direction == "to"
    arcs = graph.incoming if to else graph.outgoing
    seeds = ends(graph, facilities, leaving=not to)
    work = make_workspace(len(graph.lon))
    spread(
        arcs.starts,
        arcs.heads,
        arcs.seconds,
        arcs.metres,
        np.concatenate((seeds.a, seeds.b)),
        np.concatenate((seeds.seconds_a, seeds.seconds_b)) + np.tile(seeds.connector_seconds, 2),
        np.concatenate((seeds.metres_a, seeds.metres_b)),
        np.tile(np.arange(len(seeds.owner), dtype=np.int32), 2),
        np.inf,
        arcs.bucket_seconds,
        arcs.longest_seconds,
        work,
    )
    seconds, seed = np.full(points.places, np.nan), np.full(points.places, -1, np.int64)
    order = np.argsort(seeds.edge, kind="stable")
    _arrive(ends(graph, points, leaving=to), seeds, order, seeds.edge[order], work, to, seconds, seed)
    facility = np.where(seed >= 0, seeds.owner[seed], -1) if len(seeds.owner) else seed
    return Nearest(seconds, facility)


@compiled
def _arrive(points, seeds, order, sorted_edges, work, to, seconds, seed):  # type: ignore[no-untyped-def]
    """Finish the search at the points: by either end of their edge, or straight along it from a seed on the same edge."""
    for p in range(points.owner.size):
        best, who = work.seconds[points.a[p]] + points.seconds_a[p], work.label[points.a[p]]
        total = work.seconds[points.b[p]] + points.seconds_b[p]
        if total < best or (total == best and work.label[points.b[p]] < who):
            best, who = total, work.label[points.b[p]]
        for at in range(np.searchsorted(sorted_edges, points.edge[p]), sorted_edges.size):
            if sorted_edges[at] != points.edge[p]:
                break
            f = order[at]
            along = along_edge(points, p, seeds, f)[0] if to else along_edge(seeds, f, points, p)[0]
            total = along + seeds.connector_seconds[f]
            if total < best or (total == best and f < who):
                best, who = total, f
        total = best + points.connector_seconds[p]
        o = points.owner[p]
        if best < np.inf and not seconds[o] <= total:
            seconds[o], seed[o] = total, who
