"""Origin-destination tables without a limit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from .contenders import Contender, Job, Target, Task
from .engines import is_prepared, osrm_files
from .folders import INPUTS
from .networks import pick, read_network, read_pickle, snap_junctions

COMPARED = 3  # destinations whose seconds from all origins are compared
CHUNK = 25  # searches a peer that returns dense rows runs at a time


@dataclass(frozen=True)
class Table:
    """Size and place of a table; `part` is the share of it that slower peers compute."""

    folder: Path
    origins: int
    destinations: int
    part: float

    def junctions(self) -> tuple[np.ndarray, np.ndarray]:
        """Origins and destinations, of the places where junctions reach each other."""
        main = np.load(self.folder / "main.npy")
        return pick(main, self.origins, seed=1), pick(main, self.destinations, seed=2)


SMALL = Table(INPUTS / "city", 2_000, 200, 0.25)
JOINED = Table(INPUTS / "joined-city", 2_000, 200, 0.1)
LARGE = Table(INPUTS / "city", 20_000, 1_000, 0.05)
METROPOLIS = Table(INPUTS / "metropolis", 2_000, 200, 0.05)


def _own(table: Table, *, first: bool = False) -> Job:
    """The engine prepares its network when a large table first asks for it; `first` starts from an unprepared one each time."""
    from lifecircle.geo.engine.matrix import trips

    graph = read_pickle(table.folder / "graph.pickle")
    origins, destinations = (snap_junctions(graph, rows) for rows in table.junctions())

    def run() -> Any:
        seconds = np.full((COMPARED, table.origins), np.nan)
        streets = replace(graph) if first else graph  # a copy without what was prepared
        for block in trips(streets, origins, destinations):
            shown = block.destination < COMPARED
            seconds[block.destination[shown], block.origin[shown]] = block.seconds[shown]
        return seconds

    return Job(run, lambda seconds: seconds)


def _scipy(table: Table, *, contracted: bool) -> Job:
    """Searches from the smaller side, against the direction of travel."""
    from scipy.sparse.csgraph import dijkstra

    network = read_network(table.folder)
    against = network.matrix(against=True)
    origins, destinations = table.junctions()
    if not contracted:
        junctions = np.load(table.folder / "junctions.npy")
        origins, destinations = junctions[origins], junctions[destinations]
    sources = destinations[: max(COMPARED, round(table.part * len(destinations)))]

    def run() -> Any:
        chunks = [sources[at : at + CHUNK] for at in range(0, len(sources), CHUNK)]
        return np.concatenate([dijkstra(against, indices=chunk)[:, origins] for chunk in chunks])

    return Job(run, _finite, len(sources) / table.destinations)


def _finite(seconds: Any) -> np.ndarray:
    return np.where(seconds[:COMPARED] < 1e300, seconds[:COMPARED], np.nan)


def _networkit(table: Table) -> Job:
    import networkit
    from scipy.sparse import coo_matrix

    network = read_network(table.folder)
    arcs = coo_matrix((network.seconds, (network.heads, network.tails)), shape=(network.nodes, network.nodes))
    graph = networkit.GraphFromCoo(arcs, n=network.nodes, weighted=True, directed=True)
    origins, destinations = table.junctions()
    sources = destinations[: round(table.part * len(destinations))].tolist()
    targets = origins.tolist()

    def run() -> Any:
        search = networkit.distance.SPSP(graph, sources, targets)
        search.run()
        return np.array(search.getDistances())

    return Job(run, _finite, table.part)


def _osrm(table: Table) -> Job:
    """OSRM answers from its own network, prepared by its own tools (contraction hierarchies; not timed, kept)."""
    import osrm

    prepared = str(osrm_files(table.folder.name))
    engine = osrm.OSRM(storage_config=prepared, use_shared_memory=False, max_locations_distance_table=100_000, algorithm="CH")
    lon, lat = np.load(table.folder / "lon.npy"), np.load(table.folder / "lat.npy")
    origins, destinations = table.junctions()
    rows = np.concatenate((origins, destinations))
    parameters = osrm.TableParameters(
        coordinates=list(zip(lon[rows].tolist(), lat[rows].tolist(), strict=True)),
        sources=list(range(len(origins))),
        destinations=list(range(len(origins), len(rows))),
        annotations=["duration"],
        generate_hints=False,
    )
    return Job(lambda: engine.Table(parameters))


OSRM_NOTE = "own car network; preparation not timed"
FIRST = "lifecircle, first table"


def _engine(table: Table) -> tuple[Contender, Contender]:
    """The engine on a network that an earlier table prepared, as other programs do beforehand, and on an unprepared one."""
    return (
        Contender("lifecircle", lambda: _own(table), "own", note="network prepared by an earlier table; preparation not timed"),
        Contender(FIRST, lambda: _own(table, first=True), "own", note="preparation timed"),
    )


TASKS = (
    Task(
        name="table-city",
        title="table 2,000 x 200, car, 248,000 contracted junctions of four cities",
        contenders=(
            *_engine(SMALL),
            Contender("scipy", lambda: _scipy(SMALL, contracted=True)),
            Contender("networkit", lambda: _networkit(SMALL), slow=True),
            Contender("OSRM", lambda: _osrm(SMALL), "engines", slow=True, ready=lambda: is_prepared("osrm-city"), note=OSRM_NOTE),
        ),
        targets=(Target(peer="OSRM", factor=1 / 3),),
        inputs=("city",),
        compiles=True,
    ),
    Task(
        name="table-city-large",
        title="table 20,000 x 1,000, the same junctions",
        contenders=(
            *_engine(LARGE),
            Contender("scipy", lambda: _scipy(LARGE, contracted=True)),
            Contender("OSRM", lambda: _osrm(LARGE), "engines", slow=True, ready=lambda: is_prepared("osrm-city"), note=OSRM_NOTE),
        ),
        targets=(Target(peer="scipy", factor=1 / 5), Target(contender=FIRST, peer="scipy", factor=1 / 5)),
        inputs=("city",),
    ),
    Task(
        name="table-city-joined",
        title="table 2,000 x 200, the four cities joined to one",
        contenders=(
            *_engine(JOINED),
            Contender("scipy", lambda: _scipy(JOINED, contracted=True)),
            Contender(
                "OSRM", lambda: _osrm(JOINED), "engines", slow=True, ready=lambda: is_prepared("osrm-joined-city"), note=OSRM_NOTE
            ),
        ),
        targets=(Target(peer="OSRM", factor=1 / 3),),
        inputs=("joined-city",),
    ),
    Task(
        name="table-metropolis",
        title="table 2,000 x 200, 1.6 M nodes",
        contenders=(
            *_engine(METROPOLIS),
            Contender("scipy", lambda: _scipy(METROPOLIS, contracted=False)),
        ),
        targets=(Target(peer="scipy", factor=1 / 5), Target(contender=FIRST, peer="scipy", factor=1 / 5)),
        inputs=("metropolis",),
    ),
)
