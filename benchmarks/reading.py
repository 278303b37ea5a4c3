"""From an extract to a network that can be routed on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np

from .contenders import Contender, Job, Target, Task
from .folders import INPUTS

TILED = INPUTS / "tiled" / "tiled.osm.pbf"
SMALL = INPUTS / "small" / "small.osm.pbf"
SMALL_XML = INPUTS / "small" / "small.osm"
CLOSED = {
    "motorway", "motorway_link", "construction", "proposed", "planned", "abandoned", "disused", "razed", "raceway",
    "bus_guideway", "escape", "elevator", "platform", "rest_area", "services", "no",
}  # fmt: skip


def _own(extract: Path) -> Job:
    from lifecircle.geo.modes import travel_mode
    from lifecircle.geo.network.building import build_graph
    from lifecircle.geo.reading.osm import read_osm

    def run() -> Any:
        graph = build_graph(read_osm(extract, place_keys=()).streets, travel_mode("walk"))
        return graph.outgoing, graph.incoming

    return Job(run)


def _pyosmium() -> Job:
    """The least one can do with pyosmium: its own pass with locations, ways collected in Python, arrays from there."""
    import osmium
    from scipy.sparse import csr_array

    def run() -> Any:
        refs, lon, lat, lengths = [], [], [], []
        ways = osmium.FileProcessor(str(TILED), osmium.osm.NODE | osmium.osm.WAY).with_locations("flex_mem")
        ways.with_filter(osmium.filter.EntityFilter(osmium.osm.WAY)).with_filter(osmium.filter.KeyFilter("highway"))
        for way in cast(Iterator[osmium.osm.Way], ways):
            if way.tags["highway"] in CLOSED or way.tags.get("foot") in ("no", "private"):
                continue
            known = [(node.ref, node.lon, node.lat) for node in way.nodes if node.location.valid()]
            lengths.append(len(known))
            for ref, x, y in known:
                refs.append(ref)
                lon.append(x)
                lat.append(y)
        nodes, rows = np.unique(np.array(refs), return_inverse=True)
        x, y = np.radians(np.array(lon)), np.radians(np.array(lat))
        inside = np.ones(len(rows), bool)
        inside[np.cumsum(lengths) - 1] = False
        at = np.flatnonzero(inside[:-1])
        metres = 6_371_009.0 * np.hypot((x[at + 1] - x[at]) * np.cos(y[at]), y[at + 1] - y[at])
        u, v = rows[at], rows[at + 1]
        both = (np.concatenate((u, v)), np.concatenate((v, u)))
        return csr_array((np.tile(metres / (5 / 3.6), 2), both), shape=(len(nodes), len(nodes)))

    return Job(run)


def _osmnx() -> Job:
    import osmnx

    def run() -> Any:
        graph = osmnx.graph_from_xml(SMALL_XML, bidirectional=True, retain_all=True)
        for _, _, street in graph.edges(data=True):
            street["seconds"] = street["length"] / (5 / 3.6)
        return graph

    return Job(run)


def _cached() -> Job:
    from lifecircle.geo.reading.cache import load_osm

    folder = INPUTS / "cache"
    city = INPUTS / "tiles" / "city.osm.pbf"
    load_osm([city], folder)

    def run() -> Any:
        loaded = load_osm([city], folder)
        if not loaded.cached:
            raise RuntimeError("the cache did not answer.")
        return loaded

    return Job(run)


TASKS = (
    Task(
        name="extract",
        title="extract to routable walk graph, 62 MB, 6.3 M nodes",
        contenders=(
            Contender("lifecircle", lambda: _own(TILED), "own"),
            Contender("pyosmium", _pyosmium, note="bare pass, ways collected in Python, CSR by scipy"),
        ),
        targets=(Target(peer="pyosmium"), Target(gigabytes=1.0)),
        inputs=("tiled",),
    ),
    Task(
        name="small-extract",
        title="the same, city of 0.9 MB",
        contenders=(
            Contender("lifecircle", lambda: _own(SMALL), "own"),
            Contender("osmnx", _osmnx, note="graph_from_xml, from the same data as XML"),
        ),
        targets=(Target(peer="osmnx", factor=1 / 20),),
        inputs=("small",),
        compiles=True,
    ),
    Task(
        name="cached",
        title="a city's parsed streets and places, second run",
        contenders=(Contender("lifecircle", _cached, "own"),),
        targets=(Target(seconds=0.2),),
        inputs=("tiles",),
    ),
)
