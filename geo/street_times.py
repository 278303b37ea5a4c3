"""Travel time at any point of a street, once a search has settled the junctions around it.

Compiled code here takes its arrays one by one: taking them out of a tuple in a hot loop costs more than the arithmetic.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .bucket_queue import Workspace, make_workspace
from .cell_grid import CellGrid, build_cell_grid
from .compiled import compiled
from .contraction import incidence
from .ends import Edges, Ends, Points, along_edge, edges_of, ends, junction_seconds
from .graph import Arcs, Graph
from .search import Direction, Seeds, seeds_of, spread_from
from .snapping import Snaps

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


class StreetFrame(NamedTuple):
    """What compiled surfaces read: the streets of one mode, one direction of travel, the entrances of all facilities.

    Attributes
    ----------
    to : bool
        Whether one travels to the facilities.
    cap : float
        Farthest street in metres.
    grid : CellGrid
        Finds pieces by place.
    pieces : Points
        Start and end of each street piece as points of its edge: rows 2p and 2p + 1.
    to_a, to_b : (2p,) float64
        Seconds between these points and junctions a and b of their edge, in the direction of travel.
    node_starts, node_edges
        Edges at each junction, as CSR.
    seeds : Ends, starts : Seeds
        The entrances, and where a search from them begins.
    """

    to: bool
    cap: float
    grid: CellGrid
    piece_lon: Floats
    piece_lat: Floats
    piece_scrap: NDArray[np.bool_]
    pieces: Points
    to_a: Floats
    to_b: Floats
    edges: Edges
    edge_starts: NDArray[np.int64]
    ferry: NDArray[np.bool_]
    node_starts: NDArray[np.int64]
    node_edges: Ints
    seeds: Ends
    starts: Seeds


class Reached(NamedTuple):
    """Room for one search, reusable.

    Attributes
    ----------
    work : Workspace
    piece_row : (p,) int32
        Row of each reached piece in `ReachedPieces`, -1 for others.
    reach : (p,) float64
        Metres that can be walked from each piece within the limit, -1 for those not reached.
    seed_first : (e,) int32, seed_next : (k,) int32
        Entrances on each edge as linked lists, -1 at their ends.
    """

    work: Workspace
    piece_row: Ints
    reach: Floats
    seed_first: Ints
    seed_next: Ints


class ReachedPieces(NamedTuple):
    """Street pieces reached within a limit.

    Attributes
    ----------
    piece : (k,) int32
    seconds : (k, 4) float64
        By junction a at the piece's start and end, by junction b at its start and end; connectors of facilities included.
    least : (k,) float64
        The soonest anywhere on the piece.
    """

    piece: Ints
    seconds: Floats
    least: Floats


def street_frame(graph: Graph, facilities: Snaps, *, direction: Direction) -> StreetFrame:
    """Gather what surfaces around `facilities` need."""
    counts = np.diff(graph.edge_starts)
    piece_edge = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    edges, to = edges_of(graph), direction == "to"
    seeds = ends(graph, facilities, leaving=not to)
    pieces = Points(
        owner=np.repeat(np.arange(len(piece_edge)), 2),
        edge=np.repeat(piece_edge, 2),
        metres_at=graph.piece_metres.ravel(),
        forward_at=graph.piece_forward.ravel(),
        backward_at=graph.piece_backward.ravel(),
        connector_metres=np.zeros(2 * len(piece_edge)),
    )
    to_a, to_b = _junction_seconds(edges, pieces, to)
    node_starts, node_edges = incidence(len(graph.lon), graph.edge_a, graph.edge_b)
    return StreetFrame(
        to=to,
        cap=graph.mode.snap_cap_metres,
        grid=build_cell_grid(graph.piece_lon, graph.piece_lat, ~graph.edge_ferry[piece_edge]),
        piece_lon=graph.piece_lon,
        piece_lat=graph.piece_lat,
        piece_scrap=graph.is_scrap[piece_edge],
        pieces=pieces,
        to_a=to_a,
        to_b=to_b,
        edges=edges,
        edge_starts=graph.edge_starts,
        ferry=graph.edge_ferry,
        node_starts=node_starts,
        node_edges=node_edges,
        seeds=seeds,
        starts=seeds_of(seeds),
    )


@compiled
def _junction_seconds(edges, pieces, leaving):  # type: ignore[no-untyped-def]
    to_a, to_b = np.empty(pieces.edge.size), np.empty(pieces.edge.size)
    for i in range(pieces.edge.size):
        to_a[i], to_b[i] = junction_seconds(edges, pieces, i, leaving)
    return to_a, to_b


def make_reached(frame: StreetFrame) -> Reached:
    """Return fresh room for one search."""
    return Reached(
        make_workspace(len(frame.node_starts) - 1),
        np.full(len(frame.piece_scrap), -1, np.int32),
        np.full(len(frame.piece_scrap), -1.0),
        np.full(len(frame.ferry), -1, np.int32),
        np.full(len(frame.seeds.a), -1, np.int32),
    )


def reach(frame: StreetFrame, arcs: Arcs, reached: Reached, first: int, last: int, limit_seconds: float) -> ReachedPieces:
    """Search outwards from the entrances `first` to `last` and list the pieces within the limit; `forget` them afterwards."""
    other = len(frame.seeds.a)  # seeds stand there once per end of their edge
    rows = np.concatenate((np.arange(first, last), np.arange(other + first, other + last)))
    nodes, seconds, metres, labels = frame.starts
    starts = Seeds(nodes[rows], seconds[rows], metres[rows], labels[rows])
    spread_from(arcs, starts, reached.work, limit_seconds=limit_seconds)
    return ReachedPieces(*_list_pieces(frame, reached, first, last, limit_seconds))


def forget(frame: StreetFrame, reached: Reached, found: ReachedPieces, first: int, last: int) -> None:
    """Make room for the next search."""
    reached.piece_row[found.piece], reached.reach[found.piece] = -1, -1.0
    reached.seed_first[frame.seeds.points.edge[first:last]] = -1


@compiled
def _list_pieces(frame, reached, first, last, limit):  # type: ignore[no-untyped-def]
    """List every piece with a point within the limit, once."""
    seed_edge, seconds = frame.seeds.points.edge, reached.work.seconds
    node_starts, node_edges, edge_a, ferry = frame.node_starts, frame.node_edges, frame.edges.a, frame.ferry
    visited = reached.work.visited[: reached.work.reached[0]]
    touched = np.empty(_count_edges(node_starts, visited) + last - first, np.int32)
    count = room = 0
    for s in range(first, last):
        reached.seed_next[s] = reached.seed_first[seed_edge[s]]
        reached.seed_first[seed_edge[s]] = s
        touched[count] = seed_edge[s]
        count += 1
    for node in visited:
        for k in range(node_starts[node], node_starts[node + 1]):
            e = node_edges[k]
            if not ferry[e] and (edge_a[e] == node or seconds[edge_a[e]] == np.inf):  # once, from one of its ends
                touched[count] = e
                count += 1
    for e in touched[:count]:
        room += frame.edge_starts[e + 1] - frame.edge_starts[e]
    piece, times, least = np.empty(room, np.int32), np.empty((room, 4)), np.empty(room)
    kept = _add_pieces(frame, reached, touched[:count], limit, piece, times, least)
    return piece[:kept].copy(), times[:kept].copy(), least[:kept].copy()


@compiled
def _count_edges(node_starts, visited):  # type: ignore[no-untyped-def]
    count = 0
    for node in visited:
        count += node_starts[node + 1] - node_starts[node]
    return count


@compiled
def _add_pieces(frame, reached, touched, limit, piece, times, least):  # type: ignore[no-untyped-def]
    edge_a, edge_b, edge_starts, to_a, to_b = frame.edges.a, frame.edges.b, frame.edge_starts, frame.to_a, frame.to_b
    seconds, seed_first, piece_row, ahead = reached.work.seconds, reached.seed_first, reached.piece_row, reached.reach
    pace = frame.edges.connector_metres_per_second
    kept = 0
    for e in touched:
        at_a, at_b = seconds[edge_a[e]], seconds[edge_b[e]]
        for p in range(edge_starts[e], edge_starts[e + 1]):
            if piece_row[p] >= 0:
                continue
            times[kept, 0], times[kept, 1] = at_a + to_a[2 * p], at_a + to_a[2 * p + 1]
            times[kept, 2], times[kept, 3] = at_b + to_b[2 * p], at_b + to_b[2 * p + 1]
            soonest = min(min(times[kept, 0], times[kept, 1]), min(times[kept, 2], times[kept, 3]))
            if seed_first[e] >= 0:
                soonest = min(soonest, _soonest_along(frame, reached, p))
            if soonest <= limit:
                piece[kept], least[kept], piece_row[p], ahead[p] = p, soonest, kept, (limit - soonest) * pace
                kept += 1
    return kept


@compiled
def _soonest_along(frame, reached, p):  # type: ignore[no-untyped-def]
    """The soonest on a piece straight from an entrance on its edge: at the entrance itself, or at the piece's nearer end."""
    best = min(seconds_along(frame, reached, p, 0.0), seconds_along(frame, reached, p, 1.0))
    start, end = frame.pieces.metres_at[2 * p], frame.pieces.metres_at[2 * p + 1]
    s = reached.seed_first[frame.pieces.edge[2 * p]]
    while s >= 0:
        if start <= frame.seeds.points.metres_at[s] <= end:
            best = min(best, frame.seeds.connector_seconds[s])
        s = reached.seed_next[s]
    return best


@compiled
def seconds_by_junctions(times, row, share):  # type: ignore[no-untyped-def]
    """Seconds at a share of a reached piece by the junctions of its edge.

    Time changes evenly along a piece; where a direction is closed only the junction itself, at an end, is reached.
    """
    if share <= 0.0:
        return min(times[row, 0], times[row, 2])
    if share >= 1.0:
        return min(times[row, 1], times[row, 3])
    by_a = by_b = np.inf
    if times[row, 0] < np.inf and times[row, 1] < np.inf:
        by_a = times[row, 0] + share * (times[row, 1] - times[row, 0])
    if times[row, 2] < np.inf and times[row, 3] < np.inf:
        by_b = times[row, 2] + share * (times[row, 3] - times[row, 2])
    return min(by_a, by_b)


@compiled
def seconds_along(frame, reached, p, share):  # type: ignore[no-untyped-def]
    """Seconds straight along the edge from (or to) an entrance on it, that facility's connector included."""
    pieces, seeds = frame.pieces, frame.seeds
    point = Points(
        np.zeros(1, np.int64),
        pieces.edge[2 * p : 2 * p + 1],
        _between(pieces.metres_at, p, share),
        _between(pieces.forward_at, p, share),
        _between(pieces.backward_at, p, share),
        np.zeros(1),
    )
    best = np.inf
    s = reached.seed_first[pieces.edge[2 * p]]
    while s >= 0:
        if frame.to:
            along = along_edge(frame.edges, point, 0, seeds.points, s)[0]
        else:
            along = along_edge(frame.edges, seeds.points, s, point, 0)[0]
        best = min(best, along + seeds.connector_seconds[s])
        s = reached.seed_next[s]
    return best


@compiled
def _between(values, p, share):  # type: ignore[no-untyped-def]
    return np.array([values[2 * p] + share * (values[2 * p + 1] - values[2 * p])])
