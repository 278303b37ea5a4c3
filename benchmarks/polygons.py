"""Areas within a travel time, the search included."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .contenders import Contender, Job, Target, Task
from .engines import is_prepared, valhalla_config
from .folders import INPUTS
from .networks import pick, read_network, read_pickle, snap_junctions

BUFFER_METRES = 25.0  # around every reached street, as in osmnx's own example
CONCAVITY = 0.05


@dataclass(frozen=True)
class Ring:
    """One polygon task; `part` is the share of the facilities that slower peers draw."""

    folder: Path
    seconds: float
    facilities: int
    part: float

    def junctions(self, share: float = 1.0) -> np.ndarray:
        """Facilities at junctions from which one gets somewhere."""
        chosen = pick(np.load(self.folder / "main.npy"), self.facilities, seed=3)
        return chosen[: round(share * len(chosen))]


WALK = Ring(INPUTS / "porto", 600.0, 100, 0.1)
DRIVE = Ring(INPUTS / "metropolis-car", 5400.0, 5, 0.2)


def _own(ring: Ring) -> Job:
    from lifecircle.geo.rings.isochrones import isochrones

    graph = read_pickle(ring.folder / "graph.pickle")
    places = snap_junctions(graph, ring.junctions())
    origins = np.column_stack((places.lon, places.lat))
    return Job(lambda: isochrones(graph, places, origins, limits_seconds=[ring.seconds], direction="from"))


def _plane(ring: Ring) -> np.ndarray:
    """Nodes in metres, near enough for drawing."""
    lon, lat = np.load(ring.folder / "lon.npy"), np.load(ring.folder / "lat.npy")
    return np.column_stack((lon * 111_320.0 * np.cos(np.radians(lat.mean())), lat * 111_320.0))


def _sources(ring: Ring) -> np.ndarray:
    return np.asarray(np.load(ring.folder / "junctions.npy")[ring.junctions(ring.part)])


def _buffered_edges(ring: Ring) -> Job:
    """The recipe of osmnx's isochrone example: the streets within reach, buffered and united."""
    import networkx
    import shapely

    graph = networkx.from_scipy_sparse_array(read_network(ring.folder).matrix(), create_using=networkx.DiGraph)
    places, sources = _plane(ring), _sources(ring).tolist()

    def draw(source: int) -> Any:
        reached = networkx.ego_graph(graph, source, radius=ring.seconds, distance="weight")
        lines = shapely.linestrings(places[np.array(reached.edges)])
        return shapely.union_all(shapely.buffer(lines, BUFFER_METRES))

    return Job(lambda: [draw(source) for source in sources], share=ring.part)


def _concave_hull(ring: Ring) -> Job:
    """A hull around the nodes within reach: quick, and the wrong shape."""
    import shapely
    from scipy.sparse.csgraph import dijkstra

    along, places, sources = read_network(ring.folder).matrix(), _plane(ring), _sources(ring)

    def draw(source: int) -> Any:
        seconds = dijkstra(along, indices=source, limit=ring.seconds)
        return shapely.concave_hull(shapely.multipoints(places[np.isfinite(seconds)]), ratio=CONCAVITY)

    return Job(lambda: [draw(source) for source in sources], share=ring.part)


def _valhalla(ring: Ring) -> Job:
    """Valhalla answers from its own network, prepared by its own tools (not timed, kept)."""
    from valhalla import Actor

    actor = Actor(str(valhalla_config()))
    places = read_places(ring)
    asked = [
        json.dumps(
            {
                "locations": [{"lon": lon, "lat": lat}],
                "costing": "pedestrian",
                "costing_options": {"pedestrian": {"walking_speed": 5.0}},
                "contours": [{"time": ring.seconds / 60}],
                "polygons": True,
            }
        )
        for lon, lat in places
    ]
    return Job(lambda: [actor.isochrone(one) for one in asked])


def read_places(ring: Ring) -> list[tuple[float, float]]:
    """Return longitude and latitude of all facilities."""
    rows = np.load(ring.folder / "junctions.npy")[ring.junctions()]
    lon, lat = np.load(ring.folder / "lon.npy")[rows], np.load(ring.folder / "lat.npy")[rows]
    return list(zip(lon.tolist(), lat.tolist(), strict=True))


TASKS = (
    Task(
        name="polygon-10",
        title="10-minute polygon on foot, Porto",
        contenders=(
            Contender("lifecircle", lambda: _own(WALK), "own", note="all cores"),
            Contender("buffered edges", lambda: _buffered_edges(WALK), note="osmnx's recipe: networkx and shapely"),
            Contender("concave hull", lambda: _concave_hull(WALK), note="scipy and shapely; wrong shape"),
            Contender(
                "Valhalla",
                lambda: _valhalla(WALK),
                "engines",
                slow=True,
                ready=lambda: is_prepared("valhalla-porto"),
                note="own network; preparation not timed",
            ),
        ),
        targets=(Target(seconds=0.003),),
        inputs=("porto",),
        compiles=True,
        units=WALK.facilities,
        unit="facility",
    ),
    Task(
        name="polygon-90",
        title="90-minute polygon by car, 1.6 M nodes",
        contenders=(
            Contender("lifecircle", lambda: _own(DRIVE), "own", note="all cores"),
            Contender("concave hull", lambda: _concave_hull(DRIVE), note="scipy and shapely; wrong shape"),
        ),
        targets=(Target(seconds=0.15),),
        inputs=("metropolis-car",),
        units=DRIVE.facilities,
        unit="facility",
    ),
)
