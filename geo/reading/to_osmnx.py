"""Streets as a graph of OSMnx, for those who go on with it."""

from __future__ import annotations

import datetime as dt
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..lengths import ellipsoidal_metres
from ..modes import TRAITS, TravelMode, traversal
from ..modes.rules import vehicle_directions
from ..streets import Streets

if TYPE_CHECKING:
    import networkx as nx


def streets_to_osmnx(streets: Streets, *, mode: TravelMode | None = None) -> nx.MultiDiGraph:
    """Turn streets into an unsimplified OSMnx graph.

    Parameters
    ----------
    streets : Streets
    mode : TravelMode, optional
        Only the ways open to this mode, in the directions open to it. Without it every way, in the directions that `oneway`
        and `junction` leave to vehicles: right for driving, not for walking.

    Returns
    -------
    MultiDiGraph
        EPSG:4326. Nodes: `x`, `y`, `street_count`, tags of barriers and signals;
        edges: `osmid`, the tags, `oneway`, `reversed` and `length` in metres on the
        ellipsoid (OSMnx's own are on a sphere and differ by up to 0.6 %).
    """
    import networkx as nx
    import osmnx as ox

    forward, backward = vehicle_directions(streets) if mode is None else _mode_directions(streets, mode)
    graph = nx.MultiDiGraph(
        created_date=f"{dt.datetime.now():%Y-%m-%d %H:%M:%S}",
        created_with=f"lifecircle {version('lifecircle')}",
        crs="epsg:4326",
    )
    way, u, v = _segments(streets, forward | backward)
    rows = np.unique(np.concatenate((u, v)))
    places = zip(streets.node_ids[rows].tolist(), streets.lon[rows].tolist(), streets.lat[rows].tolist(), strict=True)
    graph.add_nodes_from((node, {"x": lon, "y": lat}) for node, lon, lat in places)
    points = zip(streets.node_ids[streets.point_nodes].tolist(), _rows_of_tags(streets.point_tags), strict=True)
    graph.add_nodes_from((node, tags) for node, tags in points if node in graph)
    metres = ellipsoidal_metres(streets.lon[u], streets.lat[u], streets.lon[v], streets.lat[v])
    attributes = _attributes(streets)
    ends = streets.node_ids[u].tolist(), streets.node_ids[v].tolist()
    for row, tail, head, length in zip(way.tolist(), *ends, metres.tolist(), strict=True):
        said = {**attributes[row], "oneway": not (forward[row] and backward[row]), "length": length}
        if forward[row]:
            graph.add_edge(tail, head, **said, reversed=False)
        if backward[row]:
            graph.add_edge(head, tail, **said, reversed=bool(forward[row]))
    nx.set_node_attributes(graph, ox.stats.count_streets_per_node(graph), name="street_count")
    return graph


def _mode_directions(streets: Streets, mode: TravelMode) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    use = traversal(streets, mode)
    return use.forward, use.backward


def _segments(streets: Streets, wanted: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
    """Way, first and last node row of every straight piece of the wanted ways."""
    way = np.repeat(np.arange(len(streets.way_ids)), np.diff(streets.way_starts))
    u, v = streets.way_nodes[:-1], streets.way_nodes[1:]
    at = np.flatnonzero((way[1:] == way[:-1]) & wanted[way[1:]] & (u != v))
    return way[at], u[at], v[at]


def _attributes(streets: Streets) -> list[dict[str, Any]]:
    """Return `osmid` and tags of every way; outlines of squares say that they are for walkers alone."""
    attributes = [{"osmid": way, **tags} for way, tags in zip(streets.way_ids.tolist(), _rows_of_tags(streets.tags), strict=True)]
    for row in streets.outlines.tolist():
        attributes[row] |= {traits.tag: "no" for kind, traits in TRAITS.items() if kind != "walk"}
    return attributes


def _rows_of_tags(table: pd.DataFrame) -> list[dict[str, str]]:
    """Return the tags of each element that carries any."""
    rows: list[dict[str, str]] = [{} for _ in range(len(table))]
    for key in table.columns.astype(str):
        known = table[key].dropna()
        for row, value in zip(known.index.tolist(), known.tolist(), strict=True):
            rows[row][key] = value
    return rows
