"""Routes: the way itself from a place to its nearest facility, found by walking down the seconds of the one search."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..compiled import compiled
from ..network.graph import Graph
from ..snapping.snaps import Snaps
from .bucket_queue import make_workspace
from .ends import Edges, Ends, along_edge, edges_of, ends
from .search import Direction, seeds_of, spread_from

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Route:
    """One way from a place to a facility.

    Attributes
    ----------
    facility : int
        Row of the facility.
    seconds : float
        Both connectors included.
    metres, connector_metres : float
        Along streets and ferries, and both straight connectors.
    ferry_seconds, ferry_metres : float
        Boarding, waiting and sailing.
    line : (k, 2) float64
        Longitude and latitude from the place's street to the facility's, EPSG:4326, in the order from place to facility whatever
        the direction of travel.
    """

    facility: int
    seconds: float
    metres: float
    connector_metres: float
    ferry_seconds: float
    ferry_metres: float
    line: Floats


class TimeField:
    """Seconds between every junction and its nearest facility, with the routes behind them.

    Parameters
    ----------
    graph : Graph
    facilities : Snaps
    direction : {"to", "from"}
        Travel to the facilities or from them.
    """

    def __init__(self, graph: Graph, facilities: Snaps, *, direction: Direction = "to") -> None:
        self._graph, self._to = graph, direction == "to"
        self._entrances = facilities.connected()
        self._seeds: Ends = ends(graph, self._entrances, leaving=not self._to)
        work = make_workspace(len(graph.lon))
        found, walked = (graph.incoming, graph.outgoing) if self._to else (graph.outgoing, graph.incoming)
        spread_from(found, seeds_of(self._seeds), work)
        seeded = np.zeros(len(graph.lon), bool)
        seeded[self._seeds.a] = seeded[self._seeds.b] = True
        self._edges = edges_of(graph, leaving=self._to)
        arcs = walked.starts, walked.heads, walked.seconds, walked.links
        self._field = _Field(self._edges, *arcs, work.seconds, work.label, self._seeds, seeded)

    def routes(self, places: Snaps) -> list[Route | None]:
        """Return the route of each place; None where it is unconnected or reaches no facility.

        Parameters
        ----------
        places : Snaps
            One row per place.
        """
        found = ends(self._graph, places, leaving=self._to)
        routes: list[Route | None] = [None] * places.places
        for row in range(len(found.a)):
            routes[int(found.points.owner[row])] = self._route(found, row)
        return routes

    def corners(self, chosen: Callable[[Floats, Floats], NDArray[np.bool_]]) -> tuple[Floats, Floats, Floats]:
        """Return longitude, latitude and seconds of the street corners that reach a facility, and of the facilities' entrances.

        Parameters
        ----------
        chosen : function of (longitudes, latitudes) to flags
            Which corners are wanted.
        """
        g, field = self._graph, self._field
        pieces = np.flatnonzero(chosen(g.piece_lon[:, 0], g.piece_lat[:, 0]))
        edge = np.searchsorted(g.edge_starts, pieces, side="right") - 1
        pieces, edge = pieces[~g.edge_ferry[edge]], edge[~g.edge_ferry[edge]]
        forward, backward = g.piece_forward[pieces, 0], g.piece_backward[pieces, 0]
        if self._to:
            by_a, by_b = backward, g.edge_forward[edge] - forward
            open_a, open_b = g.open_backward[edge], g.open_forward[edge]
        else:
            by_a, by_b = forward, g.edge_backward[edge] - backward
            open_a, open_b = g.open_forward[edge], g.open_backward[edge]
        seconds = np.fmin(
            np.where(open_a, field.seconds[self._edges.a[edge]] + by_a, np.inf),
            np.where(open_b, field.seconds[self._edges.b[edge]] + by_b, np.inf),
        )
        near = np.flatnonzero(chosen(self._entrances.lon, self._entrances.lat))
        lon = np.concatenate((g.piece_lon[pieces, 0], self._entrances.lon[near]))
        lat = np.concatenate((g.piece_lat[pieces, 0], self._entrances.lat[near]))
        seconds = np.concatenate((seconds, self._seeds.connector_seconds[near]))
        served = np.isfinite(seconds)
        return lon[served], lat[served], seconds[served]

    def _route(self, places: Ends, row: int) -> Route | None:
        edges, starts, stops, ahead, seed, seconds = _trace(self._field, places, row, self._to)
        if seed < 0:
            return None
        lines = [_stretch(self._graph, *part) for part in zip(edges, starts, stops, strict=True)]
        metres = np.abs(stops - starts)
        ferry = self._graph.edge_ferry[edges]
        connectors = places.points.connector_metres[row] + self._seeds.points.connector_metres[seed]
        return Route(
            facility=int(self._seeds.points.owner[seed]),
            seconds=float(seconds),
            metres=float(metres.sum()),
            connector_metres=float(connectors),
            ferry_seconds=float(self._edge_seconds(edges, ahead)[ferry].sum()),
            ferry_metres=float(metres[ferry].sum()),
            line=np.concatenate(lines) if lines else np.empty((0, 2)),
        )

    def _edge_seconds(self, edges: NDArray[np.int64], ahead: NDArray[np.bool_]) -> Floats:
        """Seconds of whole edges in the direction of travel; `ahead` where they run from the place's side to the facility's."""
        return np.where(ahead == self._to, self._graph.edge_forward[edges], self._graph.edge_backward[edges])


class _Field(NamedTuple):
    """Everything the compiled walk reads."""

    edges: Edges
    starts: NDArray[np.int64]
    heads: NDArray[np.int32]
    arc_seconds: Floats
    links: NDArray[np.int32]
    seconds: Floats
    label: NDArray[np.int32]
    seeds: Ends
    seeded: NDArray[np.bool_]


def _stretch(graph: Graph, edge: int, start_metres: float, stop_metres: float) -> Floats:
    """Return the line along an edge between two distances from its junction a."""
    rows = slice(graph.edge_starts[edge], graph.edge_starts[edge + 1])
    metres = np.append(graph.piece_metres[rows, 0], graph.edge_metres[edge])
    lon = np.append(graph.piece_lon[rows, 0], graph.piece_lon[rows, 1][-1])
    if lon.max() - lon.min() > 180.0:  # across the antimeridian
        lon = np.unwrap(lon, period=360.0)
    lat = np.append(graph.piece_lat[rows, 0], graph.piece_lat[rows, 1][-1])
    low, high = min(start_metres, stop_metres), max(start_metres, stop_metres)
    at = np.concatenate(([low], metres[(metres > low) & (metres < high)], [high]))
    line = np.column_stack((np.interp(at, metres, lon), np.interp(at, metres, lat)))
    return line if start_metres <= stop_metres else line[::-1]


@compiled
def _first_step(field, places, row, to):  # type: ignore[no-untyped-def]
    """Best beginning: by junction a (0), by b (1), or straight along the shared edge to a seed (2 + seed row)."""
    edges, seeds = field.edges, field.seeds
    best, choice = field.seconds[places.a[row]] + places.seconds_a[row], 0
    by_b = field.seconds[places.b[row]] + places.seconds_b[row]
    if by_b < best:
        best, choice = by_b, 1
    for s in range(seeds.a.size):
        if seeds.points.edge[s] != places.points.edge[row]:
            continue
        if to:
            along = along_edge(edges, places.points, row, seeds.points, s)[0]
        else:
            along = along_edge(edges, seeds.points, s, places.points, row)[0]
        if along + seeds.connector_seconds[s] < best:
            best, choice = along + seeds.connector_seconds[s], 2 + s
    return best, choice


@compiled
def _seed_at(field, node):  # type: ignore[no-untyped-def]
    """Row of the seed that `node` has its seconds from (sums are exact), and whether by junction a; -1 if there is none."""
    seeds, seconds = field.seeds, field.seconds[node]
    if field.seeded[node]:
        for s in range(seeds.a.size):
            if seeds.points.owner[s] != field.label[node]:
                continue
            if seeds.a[s] == node and seeds.seconds_a[s] + seeds.connector_seconds[s] == seconds:
                return s, True
            if seeds.b[s] == node and seeds.seconds_b[s] + seeds.connector_seconds[s] == seconds:
                return s, False
    return -1, False


@compiled
def _next_arc(field, node, came):  # type: ignore[no-untyped-def]
    """The arc by which `node` has its seconds; not straight back over an edge without length, which would never end."""
    best, chosen = np.inf, -1
    for arc in range(field.starts[node], field.starts[node + 1]):
        back = field.arc_seconds[arc] == 0.0 and field.links[arc] >= 0 and field.links[arc] == came ^ 1
        total = field.seconds[field.heads[arc]] + field.arc_seconds[arc]
        if total < best and not back:
            best, chosen = total, arc
    return chosen


@compiled
def _trace(field, places, row, to):  # type: ignore[no-untyped-def]
    """Follow the seconds downhill.

    Returns
    -------
    edges, begin, end : edges in order with the metres (from junction a) where each is entered and left
    ahead : whether each is followed from its junction a to b
    seed : row of the seed reached, -1 if none
    seconds : in all
    """
    edges, seeds = field.edges, field.seeds
    seconds, choice = _first_step(field, places, row, to)
    edge, at = np.int64(places.points.edge[row]), places.points.metres_at[row]
    way, begin, end, ahead = [edge], [at], [at], [choice == 1]
    seed, by_a = -1, False
    if choice >= 2:
        seed = choice - 2
        end[0] = seeds.points.metres_at[seed]
        ahead[0] = end[0] >= at
    elif seconds < np.inf:
        node = np.int64(places.a[row] if choice == 0 else places.b[row])
        end[0] = 0.0 if choice == 0 else edges.metres[edge]
        seed, by_a = _seed_at(field, node)
        came, steps = np.int64(-1), 0  # a place that stands on a junction may go on along its own edge
        while seed < 0 and steps <= field.seconds.size:  # junctions at the same spot could pass a walk to and fro
            arc, steps = _next_arc(field, node, came), steps + 1
            if arc < 0:
                break
            node, came = np.int64(field.heads[arc]), np.int64(field.links[arc])
            if came >= 0:
                edge, from_a = came >> 1, (came & 1 == 0) == to
                way.append(edge)
                begin.append(0.0 if from_a else edges.metres[edge])
                end.append(edges.metres[edge] if from_a else 0.0)
                ahead.append(from_a)
            seed, by_a = _seed_at(field, node)
        if seed >= 0:
            way.append(np.int64(seeds.points.edge[seed]))
            begin.append(0.0 if by_a else edges.metres[seeds.points.edge[seed]])
            end.append(seeds.points.metres_at[seed])
            ahead.append(by_a)
    return np.array(way), np.array(begin), np.array(end), np.array(ahead), seed, seconds + places.connector_seconds[row]
