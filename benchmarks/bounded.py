"""Searches that stop at a limit, one source at a time, on 1.6 M nodes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from .contenders import Contender, Job, Target, Task
from .folders import INPUTS
from .networks import pick, read_network, read_pickle

TEN_MINUTES, NINETY_MINUTES = 600.0, 5400.0
COMPARED = 3  # sources whose seconds at all junctions are compared
FOLDERS = {TEN_MINUTES: INPUTS / "metropolis", NINETY_MINUTES: INPUTS / "metropolis-car"}  # on foot, by car
PART = {TEN_MINUTES: 0.1, NINETY_MINUTES: 0.25}  # of the sources, for peers that take long
SOURCES = {TEN_MINUTES: 1000, NINETY_MINUTES: 40}


def _sources(limit: float, share: float = 1.0) -> np.ndarray:
    """Junctions to search from; a smaller share is the beginning of the same list."""
    count = len(np.load(FOLDERS[limit] / "junctions.npy", mmap_mode="r"))
    chosen = pick(count, SOURCES[limit])
    return chosen[: round(share * len(chosen))]


def _search_loop() -> Callable[..., Any]:
    """Compile the loop over sources that the engine's own tables run."""
    import numba

    from lifecircle.geo.engine.bucket_queue import NO_CEILING, spread

    @numba.njit(nogil=True)
    def loop(starts, heads, seconds, metres, width, span, sources, limit, work, kept):  # type: ignore[no-untyped-def]
        zero, label = np.zeros(1), np.zeros(1, np.int32)
        seed = np.empty(1, np.int32)
        for i in range(sources.size):
            seed[0] = sources[i]
            spread(starts, heads, seconds, metres, seed, zero, zero, label, limit, width, span, NO_CEILING, work)
            if i < kept.shape[0]:
                kept[i] = work.seconds

    return loop


def _own(limit: float, threads: int) -> Job:
    from lifecircle.geo.engine.bucket_queue import make_workspace

    arcs = read_pickle(FOLDERS[limit] / "graph.pickle").outgoing
    nodes, sources, loop = len(arcs.starts) - 1, _sources(limit), _search_loop()
    parts = np.array_split(sources, threads)
    spaces = [make_workspace(nodes) for _ in parts]
    kept = [np.empty((COMPARED if row == 0 else 0, nodes)) for row in range(threads)]

    def one(row: int) -> None:
        loop(
            arcs.starts, arcs.heads, arcs.seconds, arcs.metres, arcs.bucket_seconds, arcs.longest_seconds,
            parts[row], limit, spaces[row], kept[row],
        )  # fmt: skip

    def run() -> Any:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(one, range(threads)))
        return kept[0]

    return Job(run, lambda seconds: np.where(np.isfinite(seconds), seconds, np.nan))


def _scipy(limit: float) -> Job:
    from scipy.sparse.csgraph import dijkstra

    along, junctions = read_network(FOLDERS[limit]).matrix(), np.load(FOLDERS[limit] / "junctions.npy")
    sources = junctions[_sources(limit, PART[limit])]

    def run() -> Any:
        kept: list[np.ndarray] = []
        for source in sources:
            seconds = dijkstra(along, indices=source, limit=limit)
            if len(kept) < COMPARED:
                kept.append(seconds[junctions])
        return np.array(kept)

    return Job(run, lambda seconds: np.where(np.isfinite(seconds), seconds, np.nan), PART[limit])


def _networkx(limit: float) -> Job:
    import networkx

    graph = networkx.from_scipy_sparse_array(read_network(FOLDERS[limit]).matrix(), create_using=networkx.DiGraph)
    junctions = np.load(FOLDERS[limit] / "junctions.npy")
    share = 1.0 if limit == TEN_MINUTES else 0.05
    sources = junctions[_sources(limit, share)].tolist()

    def run() -> Any:
        for source in sources:
            networkx.single_source_dijkstra_path_length(graph, source, cutoff=limit, weight="weight")

    return Job(run, share=share)


def _task(name: str, limit: float, targets: tuple[Target, ...]) -> Task:
    how = FOLDERS[limit].name
    return Task(
        name=name,
        title=f"searches bounded at {limit / 60:g} minutes {'by car' if how.endswith('car') else 'on foot'}, 1.6 M nodes",
        contenders=(
            Contender("lifecircle", lambda: _own(limit, 1), "own", note="one thread"),
            Contender("lifecircle, 2 threads", lambda: _own(limit, 2), "own"),
            Contender("scipy", lambda: _scipy(limit)),
            Contender("networkx", lambda: _networkx(limit), slow=True),
        ),
        targets=targets,
        inputs=(how,),
        units=SOURCES[limit],
        unit="source",
    )


TASKS = (
    _task("bounded-10", TEN_MINUTES, (Target(seconds=0.000_02),)),
    _task(
        "bounded-90",
        NINETY_MINUTES,
        (Target(peer="scipy", factor=1 / 3), Target(contender="lifecircle, 2 threads", peer="scipy", factor=1 / 6)),
    ),
)
