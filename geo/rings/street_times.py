"""Travel time at any point of a street, once a search has settled the junctions around it.

Compiled code here takes its arrays one by one: taking them out of a tuple in a hot loop costs more than the arithmetic.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..cell_grid import CELL_BITS, SIDE_BITS, CellGrid, block_key, find_block
from ..compiled import compiled
from ..engine.bucket_queue import Workspace, make_workspace
from ..engine.ends import Edges, Ends, Points, along_edge, edges_of, ends, junction_seconds
from ..engine.search import Direction, Seeds, seeds_of, spread_from
from ..lengths import metres_per_degree, wrapped
from ..network.contraction import incidence
from ..network.graph import Arcs, Graph
from ..network.preference import MAIN
from ..snapping.snaps import Snaps
from ..water_index import WaterIndex

BOXES_PER_CAP = 4.0  # reached pieces are looked at in boxes of this part of the farthest street

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
    piece_kind, piece_rank : (p,) arrays
        Which pieces places are tied to before others.
    water : WaterIndex
    piece_edge : (p,) int32
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
    piece_kind: NDArray[np.uint8]
    piece_rank: Ints
    water: WaterIndex
    piece_edge: Ints
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
    least, latest : (p,) float64
        No place on a piece is reached sooner, none later, connectors of facilities included; inf for pieces not reached.
    block_least, block_latest : (b,) float64
        The same for the pieces of each block of the grid, the latest of main streets only.
    seed_first : (e,) int32, seed_next : (k,) int32
        Entrances on each edge as linked lists, -1 at their ends.
    """

    work: Workspace
    least: Floats
    latest: Floats
    block_least: Floats
    block_latest: Floats
    seed_first: Ints
    seed_next: Ints


class ReachedPieces(NamedTuple):
    """What a search reached within its limit.

    Attributes
    ----------
    pieces : (k,) int32
        Street pieces.
    boxes : (n, 5) float64
        Around some of them each: first and last latitude, first and last longitude (unwrapped, so at times beyond 180), and the
        soonest any of them is reached.
    blocks : (b,) int64
        Blocks of the grid that the pieces may pass through.
    """

    pieces: Ints
    boxes: Floats
    blocks: NDArray[np.int64]


def street_frame(graph: Graph, facilities: Snaps, *, direction: Direction) -> StreetFrame:
    """Gather what surfaces around `facilities` need."""
    piece_edge = graph.piece_edge
    to = direction == "to"
    edges = edges_of(graph, leaving=to)
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
    node_starts, node_edges = incidence(len(graph.lon), edges.a, edges.b)
    return StreetFrame(
        to=to,
        cap=graph.mode.snap_cap_metres,
        grid=graph.street_grid,
        piece_lon=graph.piece_lon,
        piece_lat=graph.piece_lat,
        piece_kind=graph.piece_kind,
        piece_rank=graph.piece_rank,
        water=graph.waters.index,
        piece_edge=piece_edge,
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
    """As `junction_seconds`, but one who is on a piece pays the signal at the junction ahead, however near that is."""
    to_a, to_b = np.empty(pieces.edge.size), np.empty(pieces.edge.size)
    for i in range(pieces.edge.size):
        e = pieces.edge[i]
        to_a[i], to_b[i] = junction_seconds(edges, pieces, i, leaving)
        if leaving and edges.open_backward[e]:
            to_a[i] = pieces.backward_at[i]
        if leaving and edges.open_forward[e]:
            to_b[i] = edges.forward[e] - pieces.forward_at[i]
    return to_a, to_b


def make_reached(frame: StreetFrame) -> Reached:
    """Return fresh room for one search."""
    pieces, blocks = len(frame.piece_kind), (len(frame.grid.starts) - 1) >> CELL_BITS
    return Reached(
        make_workspace(len(frame.node_starts) - 1),
        np.full(pieces, np.inf),
        np.full(pieces, np.inf),
        np.full(blocks, np.inf),
        np.full(blocks, np.inf),
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
    pieces = _list_pieces(frame, reached, first, last, limit_seconds)
    size = frame.cap / BOXES_PER_CAP / metres_per_degree(0.0)[0]
    boxes = _boxes_around(frame.piece_lon, frame.piece_lat, pieces, reached.least, size)
    return ReachedPieces(pieces, boxes, _sum_up_blocks(frame, reached, boxes))


def forget(frame: StreetFrame, reached: Reached, found: ReachedPieces, first: int, last: int) -> None:
    """Make room for the next search."""
    _forget(reached, found.pieces, found.blocks)
    reached.seed_first[frame.seeds.points.edge[first:last]] = -1


@compiled
def _forget(reached, pieces, blocks):  # type: ignore[no-untyped-def]
    least, latest = reached.least, reached.latest
    for p in pieces:
        least[p] = latest[p] = np.inf
    reached.block_least[blocks] = np.inf
    reached.block_latest[blocks] = np.inf


@compiled
def _list_pieces(frame, reached, first, last, limit):  # type: ignore[no-untyped-def]
    """List every piece with a point within the limit, once."""
    seed_edge, seconds = frame.seeds.points.edge, reached.work.seconds
    node_starts, node_edges, edge_a, ferry = frame.node_starts, frame.node_edges, frame.edges.a, frame.ferry
    edge_starts, seed_first, seed_next = frame.edge_starts, reached.seed_first, reached.seed_next
    visited = reached.work.visited[: reached.work.reached[0]]
    touched = np.empty(_count_edges(node_starts, visited) + last - first, np.int32)
    count = room = 0
    for s in range(first, last):
        seed_next[s] = seed_first[seed_edge[s]]
        seed_first[seed_edge[s]] = s
        touched[count] = seed_edge[s]
        count += 1
    for node in visited:
        for k in range(node_starts[node], node_starts[node + 1]):
            e = node_edges[k]
            if not ferry[e] and (edge_a[e] == node or seconds[edge_a[e]] == np.inf):  # once, from one of its ends
                touched[count] = e
                count += 1
    for i in range(count):
        room += edge_starts[touched[i] + 1] - edge_starts[touched[i]]
    listed = np.empty(room, np.int32)
    return listed[: _add_pieces(frame, reached, touched[:count], limit, listed)]


@compiled
def _count_edges(node_starts, visited):  # type: ignore[no-untyped-def]
    count = 0
    for node in visited:
        count += node_starts[node + 1] - node_starts[node]
    return count


@compiled
def _add_pieces(frame, reached, touched, limit, listed):  # type: ignore[no-untyped-def]
    edge_a, edge_b, edge_starts, to_a, to_b = frame.edges.a, frame.edges.b, frame.edge_starts, frame.to_a, frame.to_b
    seconds, seed_first, least, latest = reached.work.seconds, reached.seed_first, reached.least, reached.latest
    kept = 0
    for e in touched:
        at_a, at_b = seconds[edge_a[e]], seconds[edge_b[e]]
        for p in range(edge_starts[e], edge_starts[e + 1]):
            if least[p] < np.inf:
                continue
            start_a, end_a = at_a + to_a[2 * p], at_a + to_a[2 * p + 1]
            start_b, end_b = at_b + to_b[2 * p], at_b + to_b[2 * p + 1]
            soonest = min(min(start_a, end_a), min(start_b, end_b))
            if seed_first[e] >= 0:
                soonest = min(soonest, _soonest_along(frame, reached, p))
            if soonest <= limit:
                least[p], latest[p] = soonest, min(max(start_a, end_a), max(start_b, end_b))
                listed[kept] = p
                kept += 1
    return kept


@compiled
def _sum_up_blocks(frame, reached, boxes):  # type: ignore[no-untyped-def]
    """Fill `block_least` and `block_latest` wherever pieces were reached; return these blocks."""
    grid, kinds = frame.grid, frame.piece_kind
    starts, pieces, least, latest = grid.starts, grid.pieces, reached.least, reached.latest
    block_least, block_latest = reached.block_least, reached.block_latest
    blocks = _blocks_of(grid, boxes, block_least)
    for block in blocks:
        soonest, late = np.inf, -np.inf
        for k in range(starts[block << CELL_BITS], starts[(block + 1) << CELL_BITS]):
            p = pieces[k]
            soonest = min(soonest, least[p])
            if kinds[p] == MAIN:
                late = max(late, latest[p])
        block_least[block], block_latest[block] = soonest, late
    return blocks


@compiled
def _boxes_around(piece_lon, piece_lat, listed, least, size):  # type: ignore[no-untyped-def]
    """Put pieces that follow each other into one box while it stays below `size` degrees."""
    boxes, count = np.empty((listed.size, 5)), 0
    south, north, west, east, soonest = np.inf, -np.inf, np.inf, -np.inf, np.inf
    for p in listed:
        lon, step = piece_lon[p, 0], piece_lon[p, 1] - piece_lon[p, 0]
        end = lon + (step if abs(step) <= 180.0 else wrapped(step))
        low, high = min(piece_lat[p, 0], piece_lat[p, 1]), max(piece_lat[p, 0], piece_lat[p, 1])
        left, right = min(lon, end), max(lon, end)
        if count and max(north, high) - min(south, low) <= size and max(east, right) - min(west, left) <= size:
            south, north, west, east = min(south, low), max(north, high), min(west, left), max(east, right)
            soonest = min(soonest, least[p])
        else:
            count += 1
            south, north, west, east, soonest = low, high, left, right, least[p]
        box = boxes[count - 1]
        box[0], box[1], box[2], box[3], box[4] = south, north, west, east, soonest
    return boxes[:count].copy()


@compiled
def _blocks_of(grid, boxes, block_least):  # type: ignore[no-untyped-def]
    """Blocks that boxes touch, each once."""
    cell_lon, cell_lat, columns, slots, slot_rows = grid.cell_lon, grid.cell_lat, grid.columns, grid.slots, grid.slot_rows
    blocks, count = np.empty(64, np.int64), 0
    for i in range(boxes.shape[0]):
        first_row, last_row = _block_at(boxes[i, 0] + 90.0, cell_lat), _block_at(boxes[i, 1] + 90.0, cell_lat)
        first_column, last_column = _block_at(boxes[i, 2] + 180.0, cell_lon), _block_at(boxes[i, 3] + 180.0, cell_lon)
        for row in range(first_row, last_row + 1):
            for column in range(first_column, last_column + 1):
                block = find_block(slots, slot_rows, block_key(row << SIDE_BITS, column << SIDE_BITS, columns))
                if block >= 0 and block_least[block] == np.inf:
                    block_least[block] = 0.0
                    if count == blocks.size:
                        blocks = np.concatenate((blocks, blocks))
                    blocks[count] = block
                    count += 1
    return blocks[:count]


@compiled
def _block_at(degrees, cell):  # type: ignore[no-untyped-def]
    return np.int64(math.floor(degrees / cell)) >> SIDE_BITS


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
def seconds_by_junctions(at_a, at_b, to_a, to_b, p, share):  # type: ignore[no-untyped-def]
    """Seconds at a share of a piece by the junctions of its edge, reached after `at_a` and `at_b`.

    Time changes evenly along a piece; where a direction is closed only the junction itself, at an end, is reached.
    """
    start_a, end_a = at_a + to_a[2 * p], at_a + to_a[2 * p + 1]
    start_b, end_b = at_b + to_b[2 * p], at_b + to_b[2 * p + 1]
    if share <= 0.0:
        return min(start_a, start_b)
    if share >= 1.0:
        return min(end_a, end_b)
    by_a = by_b = np.inf
    if start_a < np.inf and end_a < np.inf:
        by_a = start_a + share * (end_a - start_a)
    if start_b < np.inf and end_b < np.inf:
        by_b = start_b + share * (end_b - start_b)
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
