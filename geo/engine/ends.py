"""The last stretch: from a snapped point along its edge to the junctions at both ends, in the wanted direction of travel."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..compiled import compiled
from ..network.exact import on_grid
from ..network.graph import Graph
from ..snapping.snaps import Snaps, require_snapped_to

SAME_PLACE_METRES = 0.0005  # half a millimetre: a point this close to a junction stands on it

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_on_grid = compiled(on_grid)


class Edges(NamedTuple):
    """Edges of a graph in the form compiled code takes; columns as in `Graph`, states those of one direction of travel."""

    a: NDArray[np.int32]
    b: NDArray[np.int32]
    tied_a: NDArray[np.int32]
    tied_b: NDArray[np.int32]
    metres: Floats
    forward: Floats
    backward: Floats
    open_forward: Flags
    open_backward: Flags
    connector_metres_per_second: float


class Points(NamedTuple):
    """Snapped points in the form compiled code takes; columns as in `Snaps`."""

    owner: NDArray[np.int64]
    edge: NDArray[np.int32]
    metres_at: Floats
    forward_at: Floats
    backward_at: Floats
    connector_metres: Floats


class Ends(NamedTuple):
    """Connected points with what lies between each and its junctions.

    Attributes
    ----------
    points : Points
    a, b : (n,) int32
        States at the junctions.
    seconds_a, seconds_b, metres_a, metres_b : (n,) float64
        Between the snapped point and each junction; seconds are inf where that direction is closed.
    connector_seconds : (n,) float64
    """

    points: Points
    a: NDArray[np.int32]
    b: NDArray[np.int32]
    seconds_a: Floats
    seconds_b: Floats
    metres_a: Floats
    metres_b: Floats
    connector_seconds: Floats


def edges_of(graph: Graph, *, leaving: bool) -> Edges:
    """Return what the compiled searches need to know of a graph's edges, for travel away from places on them or to these."""
    return Edges(
        *(graph.leaving if leaving else graph.entering), graph.edge_metres, graph.edge_forward, graph.edge_backward,
        graph.open_forward, graph.open_backward, graph.mode.connector_kmh / 3.6,
    )  # fmt: skip


def points_of(graph: Graph, snaps: Snaps) -> Points:
    """Return snaps, the unconnected ones included, in the form compiled code takes; the way of all of them to a search.

    Raises
    ------
    InputError
        If they lie on another graph.
    """
    require_snapped_to(graph, snaps)
    return Points(snaps.owner, snaps.edge, snaps.metres_at, snaps.forward_at, snaps.backward_at, snaps.connector_metres)


def ends(graph: Graph, snaps: Snaps, *, leaving: bool) -> Ends:
    """Prepare snaps for travel away from the snapped points (leaving) or towards them; unconnected rows are left out."""
    points = points_of(graph, snaps.connected())
    edges = edges_of(graph, leaving=leaving)
    tied_a, tied_b = points.metres_at <= SAME_PLACE_METRES, edges.metres[points.edge] - points.metres_at <= SAME_PLACE_METRES
    seconds_a, seconds_b = _all_junction_seconds(edges, points, leaving)
    return Ends(
        points=points,
        a=np.where(tied_a, edges.tied_a[points.edge], edges.a[points.edge]),
        b=np.where(tied_b, edges.tied_b[points.edge], edges.b[points.edge]),
        seconds_a=seconds_a,
        seconds_b=seconds_b,
        metres_a=on_grid(points.metres_at),
        metres_b=on_grid(edges.metres[points.edge] - points.metres_at),
        connector_seconds=on_grid(points.connector_metres / edges.connector_metres_per_second),
    )


def by_junction(points: Ends, junctions: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """List the points at each junction as CSR (starts, entries); an entry is 2 x point, plus 1 at the edge's junction b."""
    junction = np.concatenate((points.a, points.b))
    entry = np.concatenate((2 * np.arange(len(points.a)), 2 * np.arange(len(points.b)) + 1))
    order = np.argsort(junction, kind="stable")
    starts = np.concatenate((np.zeros(1, np.int64), np.cumsum(np.bincount(junction, minlength=junctions))))
    return starts, entry[order]


@compiled
def _all_junction_seconds(edges, points, leaving):  # type: ignore[no-untyped-def]
    seconds_a, seconds_b = np.empty(points.edge.size), np.empty(points.edge.size)
    for p in range(points.edge.size):
        seconds_a[p], seconds_b[p] = junction_seconds(edges, points, p, leaving)
    return seconds_a, seconds_b


@compiled
def junction_seconds(edges, points, p, leaving):  # type: ignore[no-untyped-def]
    """Seconds between point `p` and junctions a and b; none at the junction itself, whichever way its edge may be used."""
    e = points.edge[p]
    return to_junctions(
        points.metres_at[p], points.forward_at[p], points.backward_at[p], edges.metres[e], edges.forward[e], edges.backward[e],
        edges.open_forward[e], edges.open_backward[e], leaving,
    )  # fmt: skip


@compiled
def to_junctions(  # type: ignore[no-untyped-def]
    metres_at, forward_at, backward_at, metres, forward, backward, open_forward, open_backward, leaving
):
    """`junction_seconds` of one point and its edge, number by number: hot loops lose time taking arrays out of tuples."""
    if leaving:
        to_a = backward_at if open_backward else np.inf
        to_b = forward - forward_at if open_forward else np.inf
    else:
        to_a = forward_at if open_forward else np.inf
        to_b = backward - backward_at if open_backward else np.inf
    if metres_at <= SAME_PLACE_METRES:
        to_a = 0.0
    if metres - metres_at <= SAME_PLACE_METRES:
        to_b = 0.0
    return _on_grid(to_a), _on_grid(to_b)


@compiled
def states_at(edges, points, p):  # type: ignore[no-untyped-def]
    """States at the junctions a and b of point `p`: those of the junction itself where it stands on it."""
    e = points.edge[p]
    a = edges.tied_a[e] if points.metres_at[p] <= SAME_PLACE_METRES else edges.a[e]
    b = edges.tied_b[e] if edges.metres[e] - points.metres_at[p] <= SAME_PLACE_METRES else edges.b[e]
    return a, b


@compiled
def connector_seconds(metres, metres_per_second):  # type: ignore[no-untyped-def]
    """Seconds on a straight connector."""
    return _on_grid(metres / metres_per_second)


@compiled
def along_edge(edges, start, s, stop, t):  # type: ignore[no-untyped-def]
    """Seconds and metres straight along the edge that points `s` and `t` share; inf where that direction is closed."""
    e = start.edge[s]
    metres = stop.metres_at[t] - start.metres_at[s]
    if abs(metres) <= SAME_PLACE_METRES:
        return 0.0, 0.0
    if metres > 0.0:
        seconds = stop.forward_at[t] - start.forward_at[s] if edges.open_forward[e] else np.inf
    else:
        seconds = start.backward_at[s] - stop.backward_at[t] if edges.open_backward[e] else np.inf
    return _on_grid(seconds), _on_grid(abs(metres))
