"""From streets to the graph of one mode: segments are chained into edges, junctions get their states."""

from __future__ import annotations

from dataclasses import replace
from hashlib import blake2b
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ..errors import InputError
from ..modes import TravelMode
from ..numbering import renumber
from ..streets import Streets
from ..terrain import Heights
from . import preference
from .contraction import contract, running_sums
from .graph import Chains, Graph
from .segments import Segments, mode_segments
from .sound import sound_pieces
from .states import build_states
from .trip_ends import behind_gates, lead_through
from .turn_bans import BindingTurns, banned_turns, binding_turns, uncontracted

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int32]
NO_TOLL: Floats = np.empty(0)


def build_graph(streets: Streets, mode: TravelMode, heights: Heights | None = None, like: Graph | None = None) -> Graph:
    """Build the graph of one mode from streets; heights slow walkers on slopes.

    Parameters
    ----------
    streets : Streets
    mode : TravelMode
    heights : Heights, optional
    like : Graph, optional
        Of the same streets. Where nothing but the seconds differs the rest is taken from it, its index of streets too.

    Raises
    ------
    InputError
        If no street at all is open to the mode.
    """
    segments = mode_segments(streets, mode, heights)
    if not len(segments.u):
        raise InputError("no street in this extract is open to mode {mode}; check the streets file.", mode=mode.kind)
    binding = binding_turns(streets, mode, segments)
    digest = _digest(segments, binding)
    if like is not None and like.chains is not None and like.chains.digest == digest:
        return _at_other_speeds(like, like.chains, mode, segments)
    return _chained(segments.streets, mode, segments, binding, digest)


class _Chained(NamedTuple):
    """Segments chained into edges.

    Attributes
    ----------
    nodes : (k,) int64
        Street node of each node in use.
    starts : (e + 1,) int64
    chains : Chains
    ends : (p, 2) int32
        Nodes at the start and end of each piece.
    junctions : (j,) int64
        Nodes that are junctions, neighbours together.
    number : (k,) int32
        Junction of each node that is one.
    """

    nodes: NDArray[np.integer[Any]]
    starts: NDArray[np.int64]
    chains: Chains
    ends: Ints
    junctions: NDArray[np.int64]
    number: Ints


def _chained(streets: Streets, mode: TravelMode, segments: Segments, binding: BindingTurns, digest: bytes) -> Graph:
    """Chain segments into the edges of a new graph."""
    used, ends = renumber(np.concatenate((segments.u, segments.v)), len(segments.original))
    u, v = np.split(ends, 2)
    component, sizes = _components(segments, used, u, v)
    chained = _chain(streets, segments, binding, used, u, v, digest)
    del ends, u, v  # with the segments below half the peak
    starts, order, flipped = chained.starts, chained.chains.order, chained.chains.flipped
    first, last = starts[:-1], starts[1:] - 1
    head, turned = order[first], flipped[first]
    a, b = chained.number[chained.ends[first, 0]], chained.number[chained.ends[last, 1]]
    opened = (segments.forward_open[head], segments.backward_open[head])
    opened = np.where(turned, opened[1], opened[0]), np.where(turned, opened[0], opened[1])
    metres = running_sums(starts, segments.metres[order], NO_TOLL, NO_TOLL)
    ends_only, sound = _ends_and_sound(segments, len(chained.junctions), a, b, opened, metres[1], head)
    ways = _way_ids(segments, head)
    bans = _bans(binding, chained, used, a, b, np.column_stack((ways, _way_ids(segments, order[last]))).ravel())
    split = np.zeros(len(chained.junctions), bool)
    split[list(bans)] = True
    twice = lead_through(len(chained.junctions), a, b, ends_only, split)
    states = build_states(len(chained.junctions), a, b, *opened, twice, bans)
    forward, backward = _seconds_along(segments, starts, chained.chains, _piece_tolls(segments, chained.chains))
    piece, place = chained.nodes[chained.ends], chained.nodes[chained.junctions][states.junction]
    return Graph(
        mode=mode,
        lon=streets.lon[place],
        lat=streets.lat[place],
        leaving=states.leaving,
        entering=states.entering,
        edge_twice=twice,
        extra_arcs=states.extra,
        edge_metres=metres[1],
        edge_forward=forward[1],
        edge_backward=backward[1],
        open_forward=opened[0],
        open_backward=opened[1],
        edge_starts=starts,
        piece_lon=streets.lon[piece],
        piece_lat=streets.lat[piece],
        piece_metres=metres[0],
        piece_forward=forward[0],
        piece_backward=backward[0],
        edge_way=ways,
        edge_ferry=segments.ferry[head],
        edge_line=segments.line[head] | segments.landing[head],
        edge_sound=sound,
        edge_ends_only=ends_only,
        edge_raised=segments.raised[head],
        piece_place=preference.places(_way_ids(segments, order), order),
        edge_component=component[chained.ends[first, 0]],
        component_nodes=sizes,
        imputed_share=_imputed_share(segments),
        landings=segments.landings,
        waters=streets.waters,
        chains=chained.chains,
    )


def _chain(
    streets: Streets, segments: Segments, binding: BindingTurns, used: NDArray[np.int64], u: Ints, v: Ints, digest: bytes
) -> _Chained:
    """Join segments of one kind between junctions."""
    kinds = (segments.ferry, segments.ends_only, segments.raised, segments.line, segments.landing)
    kind = sum(flags * (1 << bit) for bit, flags in enumerate(kinds))
    stays = uncontracted(segments, binding)[used]
    opened = segments.forward_open, segments.backward_open
    starts, order, flipped = contract(len(used), u, v, *opened, np.asarray(kind, np.int8), stays)
    ends = np.column_stack((np.where(flipped, v[order], u[order]), np.where(flipped, u[order], v[order])))
    nodes = segments.original[used]
    corners = np.concatenate((ends[starts[:-1], 0], ends[starts[1:] - 1, 1]))
    junctions, number = _number_junctions(streets, nodes, corners)
    return _Chained(nodes, starts, Chains(digest, order, flipped), ends, junctions, number)


def _ends_and_sound(
    segments: Segments, junctions: int, a: Ints, b: Ints, opened: tuple[Flags, Flags], metres: Floats, head: Ints
) -> tuple[Flags, Flags]:
    """Tell the edges that are for the ends of trips only, and those one can come from and get away on."""
    ferry, line, landing = segments.ferry[head], segments.line[head], segments.landing[head]
    ends_only = segments.ends_only[head].copy()
    drawn = np.where(segments.boarding[head], 0.0, metres)  # the first piece of a line counts once
    ends_only[~landing] = behind_gates(junctions, a[~landing], b[~landing], drawn[~landing], ends_only[~landing])
    ends_only &= ~ferry  # a boat belongs to the middle of a trip, whatever streets it serves
    streets_only = ~(ferry | line | landing)
    counts = streets_only & ~ends_only
    return ends_only, sound_pieces(junctions, a, b, *opened, metres, counts, ends_only & streets_only)


def _bans(
    binding: BindingTurns, chained: _Chained, used: NDArray[np.int64], a: Ints, b: Ints, end_way: NDArray[np.int64]
) -> dict[int, set[tuple[int, int]]]:
    """Return the turns that may not be made, by junction."""
    at = _rows_of(used, binding.nodes)
    junction = np.where(at < 0, -1, chained.number[at])
    return banned_turns(binding, junction, np.column_stack((a, b)).ravel(), end_way)


def _rows_of(ascending: NDArray[np.int64], numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Row of each number among ascending ones, -1 where it is not there."""
    rows = np.minimum(np.searchsorted(ascending, numbers), len(ascending) - 1)
    return np.where(ascending[rows] == numbers, rows, -1)


def _piece_tolls(segments: Segments, chains: Chains) -> tuple[Floats, Floats]:
    """What entering the node at the start and at the end of each piece costs; empty where nothing costs anything."""
    if not segments.toll.any():
        return NO_TOLL, NO_TOLL
    u, v = segments.toll[segments.u[chains.order]], segments.toll[segments.v[chains.order]]
    return np.where(chains.flipped, v, u), np.where(chains.flipped, u, v)


def _number_junctions(
    streets: Streets, node: NDArray[np.integer[Any]], ends: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return the rows of `node` at the ends of edges, neighbours together, and the junction of each row of `node`."""
    junctions, _ = renumber(ends, len(node))
    junctions = junctions[_neighbours_together(streets.lon[node[junctions]], streets.lat[node[junctions]])]
    number = np.empty(len(node), np.int32)
    number[junctions] = np.arange(len(junctions), dtype=np.int32)
    return junctions, number


def _neighbours_together(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the permutation along a Hilbert curve, which keeps the searches in the processor's cache."""
    along = gpd.GeoSeries(gpd.points_from_xy(lon, lat)).hilbert_distance().to_numpy()
    order: NDArray[np.int64] = np.argsort(along, kind="stable")
    return order


def _digest(segments: Segments, binding: BindingTurns) -> bytes:
    """Name segments by all that a graph holds of them, seconds and shares of tags left out."""
    digest = blake2b()
    same = (
        segments.u, segments.v, segments.metres, segments.forward_open, segments.backward_open, segments.ferry, segments.way,
        segments.ends_only, segments.raised, segments.line, segments.landing, *binding.turns,
    )  # fmt: skip
    for array in same:
        digest.update(np.ascontiguousarray(array).data)
    return digest.digest()


def _at_other_speeds(like: Graph, chains: Chains, mode: TravelMode, segments: Segments) -> Graph:
    """Return a graph of the same edges with the seconds of other speeds."""
    forward, backward = _seconds_along(segments, like.edge_starts, chains, _piece_tolls(segments, chains))
    graph = replace(
        like,
        mode=mode,
        edge_forward=forward[1],
        edge_backward=backward[1],
        piece_forward=forward[0],
        piece_backward=backward[0],
        imputed_share=_imputed_share(segments),
    )
    timeless = ("piece_edge", "piece_kind", "street_grid")
    vars(graph).update({name: found for name, found in vars(like).items() if name in timeless})
    return graph


def _seconds_along(
    segments: Segments, starts: NDArray[np.int64], chains: Chains, toll: tuple[Floats, Floats]
) -> tuple[tuple[Floats, Floats], ...]:
    """Seconds forward and seconds backward: at both ends of each piece, and in total for each edge."""
    forward, backward, order, flipped = segments.forward_seconds, segments.backward_seconds, chains.order, chains.flipped
    at_start, at_end = toll
    there = _one_way(starts, order, flipped, (forward, backward), (NO_TOLL, at_end))
    if forward is backward and not len(at_start):
        return there, there
    return there, _one_way(starts, order, flipped, (backward, forward), (at_start, NO_TOLL))


def _one_way(
    starts: NDArray[np.int64],
    order: Ints,
    flipped: NDArray[np.bool_],
    seconds: tuple[Floats, Floats],
    toll: tuple[Floats, Floats],
) -> tuple[Floats, Floats]:
    along, against = seconds
    values = along[order] if along is against else np.where(flipped, against[order], along[order])
    sums: tuple[Floats, Floats] = running_sums(starts, values, *toll)
    return sums


def _way_ids(segments: Segments, rows: Ints) -> NDArray[np.int64]:
    way = segments.way[rows]
    return np.where(way >= 0, segments.streets.way_ids[way], 0)


def _components(segments: Segments, used: NDArray[np.int64], u: Ints, v: Ints) -> tuple[Ints, NDArray[np.int64]]:
    """Weakly connected component of each node, and how many OSM nodes each component has."""
    links = coo_array((np.ones(len(u), np.int8), (u, v)), shape=(len(used), len(used)))
    count, component = connected_components(links, directed=False)
    # the street side and the ferry side of a pier are one node of OSM
    second = np.zeros(len(segments.original), bool)
    second[segments.u[(segments.way < 0) & segments.ferry]] = True
    nodes = np.bincount(component[~second[used]], minlength=count)
    return component.astype(np.int32), nodes


def _imputed_share(segments: Segments) -> float:
    if not segments.has_limits:
        return float("nan")
    streets = ~segments.ferry
    total = segments.metres[streets].sum()
    if total == 0:
        return float("nan")
    return float(segments.metres[streets & segments.imputed].sum() / total)
