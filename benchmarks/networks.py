"""Networks for all contenders: the engine gets its graph, the peers the same arcs as CSR arrays, and every street node a name."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

SEED = 20250110
SMALL_GROUP = 1_000
STILL = 1e-9  # scipy drops nothing, but a weight of exactly 0 means "no arc" to some peers

Rows = NDArray[np.int64]


def write_arcs(folder: Path, *, nodes: int, tails: Rows, heads: Rows, seconds: NDArray[np.float64]) -> None:
    """Write directed arcs as CSR arrays; of parallel arcs the fastest stays."""
    order = np.lexsort((seconds, heads, tails))
    tails, heads, seconds = tails[order], heads[order], seconds[order]
    first = np.ones(len(tails), bool)
    first[1:] = (tails[1:] != tails[:-1]) | (heads[1:] != heads[:-1])
    first &= tails != heads
    starts = np.searchsorted(tails[first], np.arange(nodes + 1))
    np.save(folder / "starts.npy", starts.astype(np.int32))
    np.save(folder / "heads.npy", heads[first].astype(np.int32))
    np.save(folder / "seconds.npy", np.maximum(seconds[first], STILL))


def write_street_network(folder: Path, graph: Any, segments: Any) -> None:
    """Write a graph, the uncontracted arcs it stands for, and where each street node lies on it.

    The pieces of the graph's edges are the segments in another order: `contract` says which.
    """
    from lifecircle.geo.network.contraction import contract
    from lifecircle.geo.numbering import renumber

    used, ends = renumber(np.concatenate((segments.u, segments.v)), len(segments.lon))
    u, v = np.split(ends, 2)
    kind = segments.ferry.astype(np.int8)
    starts, order, flipped = contract(len(used), u, v, segments.forward_open, segments.backward_open, kind)
    if not np.array_equal(starts, graph.edge_starts):
        raise RuntimeError("contracted differently; bring benchmarks/networks.py in line with geo/network/graph.py.")
    there, back = segments.forward_open, segments.backward_open
    write_arcs(
        folder,
        nodes=len(used),
        tails=np.concatenate((u[there], v[back])).astype(np.int64),
        heads=np.concatenate((v[there], u[back])).astype(np.int64),
        seconds=np.concatenate((segments.forward_seconds[there], segments.backward_seconds[back])),
    )
    first, last = np.where(flipped, v[order], u[order]), np.where(flipped, u[order], v[order])
    junctions = np.empty(len(graph.lon), np.int64)
    junctions[graph.edge_a], junctions[graph.edge_b] = first[starts[:-1]], last[starts[1:] - 1]
    np.save(folder / "junctions.npy", junctions)
    np.save(folder / "main.npy", well_connected(graph.outgoing))
    np.save(folder / "pieces.npy", np.stack((graph.piece_lon, graph.piece_lat), axis=2)[_snapped_to(graph)])
    np.save(folder / "lon.npy", segments.lon[used])
    np.save(folder / "lat.npy", segments.lat[used])
    _write_pickle(folder / "graph.pickle", graph)
    if graph.mode.kind == "walk":
        _write_pickle(folder / "node-snaps.pickle", snap_nodes(graph, len(used), first, last))


def _snapped_to(graph: Any) -> NDArray[np.bool_]:
    """Pieces that points are tied to before any other: sound and on the ground."""
    return np.repeat(graph.edge_snaps & graph.edge_sound & ~graph.edge_raised, np.diff(graph.edge_starts))


def snap_nodes(graph: Any, nodes: int, first: Rows, last: Rows) -> Any:
    """Place every street node on an edge without searching: `first` and `last` are the nodes each piece runs between."""
    pieces = np.arange(len(first))
    node, piece = np.concatenate((first, last)), np.tile(pieces, 2)
    end = np.repeat([0, 1], len(first))
    rows = np.unique(node, return_index=True)[1]
    if len(rows) != nodes:
        raise RuntimeError("some street nodes lie on no edge.")
    edge_of_piece = np.repeat(np.arange(len(graph.edge_a)), np.diff(graph.edge_starts))
    at, side = piece[rows], end[rows]
    return _snaps(
        edge=edge_of_piece[at],
        metres=graph.piece_metres[at, side],
        forward=graph.piece_forward[at, side],
        backward=graph.piece_backward[at, side],
        lon=graph.piece_lon[at, side],
        lat=graph.piece_lat[at, side],
    )


def snap_junctions(graph: Any, junctions: Rows) -> Any:
    """Place junctions at the end of one of their edges."""
    edges = np.arange(len(graph.edge_a))
    any_edge = np.empty(len(graph.lon), np.int64)
    any_edge[graph.edge_b], any_edge[graph.edge_a] = edges, edges
    edge = any_edge[junctions]
    at_b = graph.edge_a[edge] != junctions
    zero = np.zeros(len(edge))
    return _snaps(
        edge=edge,
        metres=np.where(at_b, graph.edge_metres[edge], zero),
        forward=np.where(at_b, graph.edge_forward[edge], zero),
        backward=np.where(at_b, graph.edge_backward[edge], zero),
        lon=graph.lon[junctions],
        lat=graph.lat[junctions],
    )


def _snaps(**arrays: Any) -> Any:
    from lifecircle.geo.snapping.snaps import Snaps

    count = len(arrays["edge"])
    return Snaps(
        owner=np.arange(count),
        edge=arrays["edge"].astype(np.int32),
        metres_at=arrays["metres"],
        forward_at=arrays["forward"],
        backward_at=arrays["backward"],
        connector_metres=np.zeros(count),
        lon=arrays["lon"],
        lat=arrays["lat"],
        snap_class=np.ones(count, np.uint8),
        reason=np.zeros(count, np.uint8),
        places=count,
    )


def write_junction_network(folder: Path, graph: Any) -> None:
    """Write a graph and its contracted arcs: peers search exactly what the engine searches."""
    arcs = graph.outgoing
    tails = np.repeat(np.arange(len(graph.lon)), np.diff(arcs.starts))
    heads = arcs.heads.astype(np.int64)
    write_arcs(folder, nodes=len(graph.lon), tails=tails, heads=heads, seconds=arcs.seconds)
    np.save(folder / "lon.npy", graph.lon)
    np.save(folder / "lat.npy", graph.lat)
    np.save(folder / "main.npy", well_connected(arcs))
    _write_pickle(folder / "graph.pickle", graph)


def well_connected(arcs: Any) -> Rows:
    """Return the junctions of groups that can all reach each other, small groups left out."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    nodes = len(arcs.starts) - 1
    links = csr_array((np.ones(len(arcs.heads), np.int8), arcs.heads, arcs.starts), shape=(nodes, nodes))
    _, group = connected_components(links, directed=True, connection="strong")
    return np.flatnonzero(np.bincount(group)[group] >= SMALL_GROUP)


def _write_pickle(path: Path, value: Any) -> None:
    with path.open("wb") as opened:
        pickle.dump(value, opened, protocol=pickle.HIGHEST_PROTOCOL)


def read_pickle(path: Path) -> Any:
    """Read what this module wrote."""
    with path.open("rb") as opened:
        return pickle.load(opened)


@dataclass(frozen=True)
class Network:
    """Arcs as the peers take them: those leaving node `i` are `starts[i]:starts[i + 1]`."""

    starts: NDArray[np.int32]
    heads: NDArray[np.int32]
    seconds: NDArray[np.float64]

    @property
    def nodes(self) -> int:
        """How many nodes there are."""
        return len(self.starts) - 1

    @property
    def tails(self) -> NDArray[np.int32]:
        """Where each arc begins."""
        return np.repeat(np.arange(self.nodes, dtype=np.int32), np.diff(self.starts))

    def matrix(self, *, against: bool = False) -> Any:
        """Return a scipy matrix, of the arcs against the direction of travel if wanted."""
        from scipy.sparse import csr_array

        along = csr_array((self.seconds, self.heads, self.starts), shape=(self.nodes, self.nodes))
        return along.T.tocsr() if against else along


def read_network(folder: Path) -> Network:
    """Read the arcs of one input."""
    return Network(*(np.load(folder / f"{name}.npy") for name in ("starts", "heads", "seconds")))


def pick(candidates: int | Rows, count: int, *, seed: int = 0) -> Rows:
    """Draw rows without repetition, the same in every process."""
    chosen: Rows = np.random.default_rng(SEED + seed).choice(candidates, count, replace=False)
    return chosen
