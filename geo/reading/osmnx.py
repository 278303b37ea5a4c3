"""Exchange with OSMnx: a street graph becomes `Streets`, and back.

An OSMnx graph says by its directed edges who may go which way, and carries only what its filter kept: a `drive` graph has no
footways and no filter of OSMnx has ferries. What is missing there is missing here; nothing is guessed.

OSMnx and networkx take a second to import and few runs need them: only the functions that call them do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..coordinates import to_wgs84
from ..errors import InputError
from ..files import foreign_reader, require_file
from ..modes.limits import maxspeed_kmh
from ..modes.rules import REVERSED
from ..modes.travel_mode import parameters
from ..modes.words import ACCESS_KEYS, access_class
from ..streets import POINT_KEYS, STREET_KEYS, Streets
from .tag_table import tag_columns
from .unused import COORDINATES, WAYS_CUT, Unused

if TYPE_CHECKING:
    import networkx as nx

Points = tuple[tuple[float, float], ...]
Tags = dict[str, str]
WRITTEN_OUT = ("True", "False")  # booleans as GraphML has them


def streets_from_graphml(path: Path) -> tuple[Streets, Unused]:
    """Read a graph that `osmnx.save_graphml` wrote; nodes nowhere on the Earth are missing, and ways are cut there.

    Raises
    ------
    InputError
        If the file is no such graph.
    """
    import osmnx as ox

    require_file(path)
    with foreign_reader(path, "save it with osmnx.save_graphml"):
        graph = ox.load_graphml(path)
    try:
        with foreign_reader("the OSMnx graph", "save it with osmnx.save_graphml"):  # any attribute may hold anything
            return _streets_of(graph)
    except InputError as error:
        raise InputError("{file}: {error}", file=path, error=error) from error


def streets_from_osmnx(graph: nx.MultiDiGraph) -> Streets:
    """Turn an OSMnx graph into streets.

    Simplified or not, projected or not. An edge and its mirror image are one two-way street (`oneway=no`), an edge without
    one is a one-way street (`oneway=yes`) that walkers may use both ways as they may any. Edges of one OSM way are joined
    again. Where OSMnx merged ways into one edge and so gives a list of values, the most cautious one holds: of `highway` the
    class slowest by car (steps before all), of `maxspeed` the lowest, of access tags the most
    closed, else the first.

    Parameters
    ----------
    graph : MultiDiGraph
        Nodes with `x` and `y`; `graph.graph["crs"]` says in which system. Of the edges' attributes those that are tags of
        streets are kept, and `osmid` and `geometry` are used; all may be missing.

    Returns
    -------
    Streets
        Shape points of simplified edges, which have no id in the graph, and edges without `osmid` get negative ids. Node
        labels that are no integers are replaced by numbers from 1 on. Of several `osmid` the way takes the first.

    Raises
    ------
    InputError
        If the graph has no edges or no CRS, or a node has no coordinates or lies nowhere on the Earth.
    """
    return _streets_of(graph, cut=False)[0]


def _streets_of(graph: nx.MultiDiGraph, *, cut: bool = True) -> tuple[Streets, Unused]:
    """Turn a graph into streets; where a node lies nowhere they are cut, or else refused."""
    labels, x, y, crs = _nodes(graph)
    number = {label: row for row, label in enumerate(labels)}
    edges = [_edge(number[u], number[v], data, x, y) for u, v, data in graph.edges(data=True)]
    ways = [way for way in _pairs(edges, graph) if way.start != way.end or way.shape]
    if not ways:
        raise InputError("the OSMnx graph has no edges, so it has no streets.")
    streets, unused = _assemble(labels, x, y, crs, list(_join(ways)), cut=cut)
    return _with_points(streets, graph), unused


def _with_points(streets: Streets, graph: nx.MultiDiGraph) -> Streets:
    """Add the barriers and traffic signals among the nodes; OSMnx keeps both, but no turn restrictions."""
    tags = [_tags(data, POINT_KEYS) for _, data in graph.nodes(data=True)]
    ids = _numbers(list(graph.nodes))
    told = np.flatnonzero([bool(own.get("barrier")) or own.get("highway") == "traffic_signals" for own in tags])
    rows = np.minimum(np.searchsorted(streets.node_ids, ids[told]), len(streets.node_ids) - 1)
    there = streets.node_ids[rows] == ids[told]
    order = np.argsort(rows[there], kind="stable")
    kept = told[there][order]
    return replace(
        streets,
        point_nodes=rows[there][order].astype(np.int32),
        point_tags=tag_columns([tags[row] for row in kept.tolist()], POINT_KEYS),
    )


@dataclass(frozen=True)
class _Edge:
    """One edge, or several joined: from node row `start` over the points `shape` to node row `end`."""

    start: int
    end: int
    shape: tuple[tuple[float, float] | int, ...]  # points of its own, or rows of nodes it was joined at
    osm: tuple[int, ...]
    tags: Tags
    mirrored: bool

    def place(self) -> tuple[object, ...]:
        """Return the same for an edge and its mirror image."""
        there, back = (self.start, self.shape, self.end), (self.end, self.shape[::-1], self.start)
        return (tuple(sorted(self.osm)), *min(there, back))


def _nodes(graph: nx.MultiDiGraph) -> tuple[list[Any], NDArray[np.float64], NDArray[np.float64], str]:
    crs = graph.graph.get("crs")
    if crs is None:
        raise InputError('the OSMnx graph does not say its coordinate system; set graph.graph["crs"], for example "EPSG:4326".')
    labels = list(graph.nodes)
    places = np.empty((len(labels), 2))
    for row, (label, data) in enumerate(graph.nodes(data=True)):
        try:
            places[row] = float(data["x"]), float(data["y"])
        except (KeyError, TypeError, ValueError):
            raise InputError(
                "node {node!r} of the OSMnx graph has no usable x and y; add them or remove the node.", node=label
            ) from None
    return labels, places[:, 0], places[:, 1], crs if isinstance(crs, str) else crs.to_wkt()


def _edge(start: int, end: int, data: Mapping[str, Any], x: NDArray[np.float64], y: NDArray[np.float64]) -> _Edge:
    osm = [int(value) for value in _listed(data.get("osmid")) if isinstance(value, (int, np.integer))]
    line = data.get("geometry")
    shape: Points = ()
    if line is not None:
        shape = tuple(map(tuple, np.asarray(line.coords)[:, :2].tolist()))
        shape = _trimmed(shape, (x[start], y[start]), (x[end], y[end]))
    mirrored = data.get("reversed") is True or data.get("reversed") == "True"
    return _Edge(start, end, shape, tuple(osm), _tags(data), mirrored)


def _trimmed(line: Points, first: tuple[float, float], last: tuple[float, float]) -> Points:
    """Leave out the ends that are the nodes themselves; undirected graphs may draw a line from its end to its start."""
    if line[0] != first and line[0] == last:
        line = line[::-1]
    return line[line[0] == first : len(line) - (line[-1] == last)]


def _listed(value: Any) -> list[Any]:
    """Return the values of an attribute; OSMnx gives a list where it merged ways."""
    if isinstance(value, (list, tuple, set)):
        return list(value)
    missing = value is None or (isinstance(value, float) and np.isnan(value))
    return [] if missing else [value]


def _tags(data: Mapping[str, Any], keys: Sequence[str] = STREET_KEYS) -> Tags:
    values = {key: [_text(value) for value in _listed(data.get(key))] for key in keys}
    return {key: _cautious(key, texts) for key, texts in values.items() if texts}


def _text(value: Any) -> str:
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    return str(value)


def _cautious(key: str, values: Sequence[str]) -> str:
    """Choose among merged values the one that promises least."""
    if len(values) == 1:
        return values[0]
    if key == "highway":
        kmh = parameters("car")["speeds"]["default"]
        return min(values, key=lambda name: (name != "steps", kmh.get(name, 0), name))
    if key == "maxspeed":
        return min(values, key=lambda text: np.nan_to_num(maxspeed_kmh(text), nan=np.inf))
    return min(values, key=access_class) if key in ACCESS_KEYS else values[0]


def _pairs(edges: Sequence[_Edge], graph: nx.MultiDiGraph) -> Iterator[_Edge]:
    """Make one way of an edge and its mirror image, and say on every way who may go along."""
    if not graph.is_directed():
        yield from edges
        return
    if _drawn_one_way(graph):
        yield from map(_along_travel, edges)
        return
    groups: dict[tuple[object, ...], dict[tuple[int, object], _Edge]] = defaultdict(dict)
    for edge in edges:
        groups[edge.place()].setdefault((edge.start, edge.shape), edge)
    for images in groups.values():
        drawn = min(images.values(), key=lambda edge: edge.mirrored)
        oneway = "no" if len(images) > 1 or _is_own_mirror(drawn) else "yes"
        yield _changed(drawn, tags={**drawn.tags, "oneway": oneway})


def _is_own_mirror(edge: _Edge) -> bool:
    return edge.start == edge.end and edge.shape == edge.shape[::-1]


def _drawn_one_way(graph: nx.MultiDiGraph) -> bool:
    """Tell a graph made with `settings.all_oneway`: edges as OSM draws them, and `oneway` as OSM tags it."""
    edges = [data for _, _, data in graph.edges(data=True)]
    said = (value for data in edges for value in _listed(data.get("oneway")))
    return all("reversed" in data for data in edges) and not any(_is_boolean(value) for value in said)


def _along_travel(edge: _Edge) -> _Edge:
    """Rename `oneway=-1`: OSMnx has turned such edges round already."""
    if edge.tags.get("oneway") not in REVERSED:
        return edge
    return _changed(edge, tags={**edge.tags, "oneway": "yes"})


def _is_boolean(value: Any) -> bool:
    return isinstance(value, (bool, np.bool_)) or value in WRITTEN_OUT


def _changed(edge: _Edge, **changes: Any) -> _Edge:
    return _Edge(**{**{name: getattr(edge, name) for name in edge.__dataclass_fields__}, **changes})


def _join(edges: Iterable[_Edge]) -> Iterator[_Edge]:
    """Join the edges of one OSM way head to tail: a ferry's `duration` holds for the whole line, not for each edge."""
    groups: dict[tuple[object, ...], list[_Edge]] = defaultdict(list)
    for edge in edges:
        if edge.osm:
            groups[edge.osm, tuple(edge.tags.items())].append(edge)
        else:
            yield edge
    for group in groups.values():
        yield from _chains(group) if len(group) > 1 else group


def _chains(group: Sequence[_Edge]) -> Iterator[_Edge]:
    leaving: dict[int, list[_Edge]] = defaultdict(list)
    for edge in group:
        leaving[edge.start].append(edge)
    reached = {edge.end for edge in group}
    heads = [start for start in leaving if start not in reached] + list(leaving)
    for head in heads:
        while leaving[head]:
            chain = leaving[head].pop(0)
            while leaving[chain.end] and chain.end != head:
                following = leaving[chain.end].pop(0)
                chain = _changed(chain, end=following.end, shape=(*chain.shape, following.start, *following.shape))
            yield chain


def _assemble(
    labels: Sequence[Any], x: NDArray[np.float64], y: NDArray[np.float64], crs: str, ways: Sequence[_Edge], *, cut: bool
) -> tuple[Streets, Unused]:
    """Number the points and lay the ways out as arrays."""
    ids = _numbers(labels)
    first_free = min(0, int(ids.min())) - 1
    own = [point for way in ways for point in way.shape if isinstance(point, tuple)]
    own_x, own_y = np.array(own, float).reshape(-1, 2).T
    lon, lat = to_wgs84(np.concatenate((x, own_x)), np.concatenate((y, own_y)), crs)
    lost = ~((np.abs(lon) <= 180) & (np.abs(lat) <= 90))  # true for what is no number
    ids = np.concatenate((ids, first_free - np.arange(len(own))))
    fresh = iter(range(len(labels), len(ids)))
    refs = [[way.start, *(next(fresh) if isinstance(point, tuple) else point for point in way.shape), way.end] for way in ways]
    if lost.any() and not cut:
        raise _nowhere(labels, lost, refs)
    unused = _lost(ids, np.concatenate((x, own_x)), np.concatenate((y, own_y)), lost, refs, _way_ids(ways))
    pieces = [(number, piece) for number, ref in enumerate(refs) for piece in _sound_pieces(ref, lost)]
    if not pieces:
        raise InputError("the OSMnx graph has no edges, so it has no streets.")
    whole = [ways[number] for number, _ in pieces]
    order = np.argsort(ids)
    row = np.empty(len(ids), np.int64)
    row[order] = np.arange(len(ids))
    used, way_nodes = np.unique(row[np.concatenate([piece for _, piece in pieces])], return_inverse=True)
    streets = Streets(
        node_ids=ids[order][used],
        lon=lon[order][used],
        lat=lat[order][used],
        way_ids=_way_ids(ways)[[number for number, _ in pieces]],
        way_starts=np.concatenate(([0], np.cumsum([len(piece) for _, piece in pieces]))),
        way_nodes=way_nodes.astype(np.int32),
        tags=tag_columns([way.tags for way in whole]),
    )
    return streets, unused


def _sound_pieces(ref: Sequence[int], lost: NDArray[np.bool_]) -> list[list[int]]:
    """Cut a way at the points that lie nowhere; a single point between two of them is no piece."""
    groups = groupby(ref, key=lambda point: bool(lost[point]))
    pieces = [list(points) for is_lost, points in groups if not is_lost]
    return [piece for piece in pieces if len(piece) > 1]


def _nowhere(labels: Sequence[Any], lost: NDArray[np.bool_], refs: Sequence[Sequence[int]]) -> InputError:
    """Name the first node that lies nowhere by its own label; a shape point has none, so its street's ends are named."""
    first = int(np.argmax(lost))
    if first < len(labels):
        return InputError(
            "node {node!r} of the OSMnx graph lies nowhere on the Earth; correct its x and y, or the graph's crs.",
            node=labels[first],
        )
    bent = next(ref for ref in refs if first in ref)
    return InputError(
        "the geometry between nodes {start!r} and {end!r} of the OSMnx graph lies nowhere on the Earth; "
        "correct it, or the graph's crs.",
        start=labels[bent[0]],
        end=labels[bent[-1]],
    )


def _lost(
    ids: NDArray[np.int64],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    lost: NDArray[np.bool_],
    refs: Sequence[Sequence[int]],
    way_ids: NDArray[np.int64],
) -> Unused:
    """Say which points lie nowhere, and which ways are cut there."""
    unused = Unused()
    unused.add_all(COORDINATES, [(f"n{ids[row]}", f"x={x[row]} y={y[row]}") for row in np.flatnonzero(lost).tolist()])
    cut = [(number, [point for point in ref if lost[point]]) for number, ref in enumerate(refs)] if lost.any() else []
    unused.add_all(WAYS_CUT, [(f"w{way_ids[number]}", f"n{ids[points[0]]}") for number, points in cut if points])
    return unused


def _numbers(labels: Sequence[Any]) -> NDArray[np.int64]:
    if all(isinstance(label, (int, np.integer)) for label in labels):
        return np.array(labels, np.int64)
    return np.arange(1, len(labels) + 1)


def _way_ids(ways: Sequence[_Edge]) -> NDArray[np.int64]:
    return np.array([way.osm[0] if way.osm else -row for row, way in enumerate(ways, start=1)], np.int64)
