"""Every street node to its nearest of 500 facilities, on 1.6 M nodes."""

from __future__ import annotations

from typing import Any

import numpy as np

from .contenders import Contender, Job, Target, Task
from .folders import INPUTS
from .networks import Network, pick, read_network, read_pickle

FOLDER = INPUTS / "metropolis"
FACILITIES = 500
TEN_MINUTES = 600.0


def _facilities(nodes: int) -> np.ndarray:
    return pick(nodes, FACILITIES)


def _with_source(network: Network) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Arcs against the direction of travel and from one node more to all facilities, for programs that search from one node."""
    facilities = _facilities(network.nodes)
    extra = np.full(FACILITIES, network.nodes)
    tails = np.concatenate((network.heads, extra))
    heads = np.concatenate((network.tails, facilities))
    return tails, heads, np.concatenate((network.seconds, np.zeros(FACILITIES)))


def _own(limit: float) -> Job:
    from lifecircle.geo.engine.search import nearest_facility

    graph, nodes = read_pickle(FOLDER / "graph.pickle"), read_pickle(FOLDER / "node-snaps.pickle")
    rows = _facilities(len(nodes))
    chosen = nodes.take(rows)
    facilities = type(chosen)(**{**vars(chosen), "owner": np.arange(FACILITIES), "places": FACILITIES})

    def run() -> Any:
        return nearest_facility(graph, nodes, facilities, limit_seconds=limit)

    return Job(run, lambda nearest: nearest.seconds)


def _scipy(limit: float) -> Job:
    from scipy.sparse.csgraph import dijkstra

    network = read_network(FOLDER)
    against, facilities = network.matrix(against=True), _facilities(network.nodes)
    return Job(lambda: dijkstra(against, indices=facilities, min_only=True, limit=limit), _finite)


def _finite(seconds: Any) -> np.ndarray:
    values = np.asarray(seconds, float)
    return np.where(values < 1e300, values, np.nan)


def _networkit() -> Job:
    import networkit
    from scipy.sparse import coo_matrix

    network = read_network(FOLDER)
    tails, heads, seconds = _with_source(network)
    size = network.nodes + 1
    arcs = coo_matrix((seconds, (tails, heads)), shape=(size, size))
    graph = networkit.GraphFromCoo(arcs, n=size, weighted=True, directed=True)

    def run() -> Any:
        search = networkit.distance.Dijkstra(graph, network.nodes, storePaths=False)
        search.run()
        return search.getDistances(asarray=True)

    return Job(run, lambda found: _finite(found)[:-1])


def _igraph() -> Job:
    import igraph

    network = read_network(FOLDER)
    tails, heads, seconds = _with_source(network)
    graph = igraph.Graph(network.nodes + 1, np.column_stack((tails, heads)), directed=True)
    weights = seconds.tolist()
    return Job(lambda: graph.distances(source=[network.nodes], weights=weights), lambda found: _finite(found[0])[:-1])


def _rustworkx() -> Job:
    import rustworkx

    network = read_network(FOLDER)
    tails, heads, seconds = _with_source(network)
    graph = rustworkx.PyDiGraph(multigraph=True)
    graph.add_nodes_from(range(network.nodes + 1))
    graph.add_edges_from(list(zip(tails.tolist(), heads.tolist(), seconds.tolist(), strict=True)))

    def run() -> Any:
        return rustworkx.dijkstra_shortest_path_lengths(graph, network.nodes, float)

    def answer(found: Any) -> np.ndarray:
        values = np.full(network.nodes, np.nan)
        rows = np.fromiter(found.keys(), np.int64, len(found))
        values[rows] = np.fromiter(found.values(), float, len(found))
        values[_facilities(network.nodes)] = 0.0
        return values

    return Job(run, answer)


def _networkx(limit: float | None) -> Job:
    import networkx

    network = read_network(FOLDER)
    graph = networkx.from_scipy_sparse_array(network.matrix(against=True), create_using=networkx.DiGraph)
    facilities = _facilities(network.nodes).tolist()

    def run() -> Any:
        return networkx.multi_source_dijkstra_path_length(graph, facilities, cutoff=limit)

    def answer(found: Any) -> np.ndarray:
        values = np.full(network.nodes, np.nan)
        values[np.fromiter(found.keys(), np.int64, len(found))] = np.fromiter(found.values(), float, len(found))
        return values

    return Job(run, answer)


def _pandana() -> Job:
    """Pandana contracts the whole network first (minutes); that is not timed."""
    import pandana
    import pandas as pd

    network = read_network(FOLDER)
    place = pd.DataFrame({"x": np.load(FOLDER / "lon.npy"), "y": np.load(FOLDER / "lat.npy")})
    arcs = pd.DataFrame({"seconds": network.seconds})
    net = pandana.Network(place.x, place.y, pd.Series(network.tails), pd.Series(network.heads), arcs, twoway=False)
    rows = _facilities(network.nodes)
    net.set_pois("all", TEN_MINUTES, 1, place.x.iloc[rows], place.y.iloc[rows])
    return Job(lambda: net.nearest_pois(TEN_MINUTES, "all", num_pois=1))


TASKS = (
    Task(
        name="nearest",
        title="every node to its nearest of 500, no limit, 1.6 M nodes",
        contenders=(
            Contender("lifecircle", lambda: _own(np.inf), "own"),
            Contender("scipy", lambda: _scipy(np.inf)),
            Contender("networkit", _networkit),
            Contender("igraph", _igraph, slow=True),
            Contender("rustworkx", _rustworkx, slow=True),
            Contender("networkx", lambda: _networkx(None), slow=True),
        ),
        targets=(Target(peer="scipy", factor=1 / 4),),
        inputs=("metropolis",),
        compiles=True,
    ),
    Task(
        name="nearest-10",
        title="the same, 10 minutes",
        contenders=(
            Contender("lifecircle", lambda: _own(TEN_MINUTES), "own"),
            Contender("scipy", lambda: _scipy(TEN_MINUTES)),
            Contender("networkx", lambda: _networkx(TEN_MINUTES), slow=True),
            Contender("pandana", _pandana, slow=True, note="after contracting the network, not timed"),
        ),
        targets=(Target(peer="scipy", factor=1 / 2),),
        inputs=("metropolis",),
    ),
)
