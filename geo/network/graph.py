"""Streets seen by one mode: a compact graph of junctions and edges in seconds."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import blake2b
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ..cell_grid import CellGrid, build_cell_grid
from ..compiled import LEAST_ROWS
from ..errors import InputError
from ..modes import TravelMode
from ..numbering import renumber
from ..streets import Streets
from ..terrain import Heights
from ..waters import Waters
from . import preference
from .contraction import contract, running_sums
from .hierarchy import Hierarchy, build_hierarchy
from .landings import Landings, no_landings
from .segments import Segments, mode_segments
from .sound import sound_pieces
from .states import FREE, EdgeEnds, ExtraArcs, build_states
from .trip_ends import behind_gates, lead_through
from .turn_bans import BindingTurns, banned_turns, binding_turns, uncontracted

ARC = np.dtype([("head", np.int32), ("link", np.int32), ("seconds", np.float64), ("metres", np.float64)], align=True)
FERRY, ENDS_ONLY, RAISED, LINE, LANDING = 1, 2, 4, 8, 16  # kinds of segments, which never share an edge

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
NO_TOLL: Floats = np.empty(0)


@dataclass(frozen=True)
class Arcs:
    """Directed arcs as CSR: those leaving state `i` are `starts[i]:starts[i + 1]`; an arc's columns lie side by side.

    `links` names the edge of each: 2 x edge, plus 1 against it; FREE for arcs that cost nothing.
    """

    starts: NDArray[np.int64]
    heads: Ints
    seconds: Floats
    metres: Floats
    links: Ints

    @cached_property
    def bucket_seconds(self) -> float:
        """Width of a search's buckets: a third of a mean arc, so that few nodes are scanned twice and few buckets are empty."""
        return max(float(self.seconds.mean()) / 3.0, 1e-3) if len(self.seconds) else 1.0

    @cached_property
    def longest_seconds(self) -> float:
        """The longest arc."""
        return float(self.seconds.max(initial=0.0))


class Chains(NamedTuple):
    """How segments became edges: what the graph of the same segments at other speeds takes over.

    Attributes
    ----------
    digest : bytes
        Of the segments but for their seconds.
    order : (p,) int32
        The segment of each piece.
    flipped : (p,) bool
        Whether the piece runs against it.
    """

    digest: bytes
    order: Ints
    flipped: NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Graph:
    """What the searches run on: edges between junctions, whose pieces are their straight parts, and states at the junctions.

    Most junctions have one state; `states` says when there are more. Times in both directions include what signals cost on
    entering a node, so a piece's seconds jump where it is left.

    Attributes
    ----------
    mode : TravelMode
    lon, lat : (n,) float64
        States, EPSG:4326, in Hilbert order.
    leaving, entering : EdgeEnds
        States at both junctions of each edge, for one who leaves a place on it and for one who comes to it.
    edge_twice : (e,) bool
        Edges that stand before and after the open middle of a trip.
    extra_arcs : ExtraArcs
    edge_metres, edge_forward, edge_backward : (e,) float64
        Length, and seconds from a to b and from b to a.
    open_forward, open_backward : (e,) bool
        Where False, that direction's seconds mean nothing.
    edge_starts : (e + 1,) int64
        Edge `e` consists of the pieces `edge_starts[e]:edge_starts[e + 1]`, in order from a to b.
    piece_lon, piece_lat : (p, 2) float64
        Start and end of each piece, EPSG:4326.
    piece_metres, piece_forward, piece_backward : (p, 2) float64
        Metres and seconds from junction a at the start and end of each piece (backward: from there back to a), on the piece: what
        signals cost at its start is behind one there, and what they cost at its end still ahead.
    edge_way : (e,) int64
        OSM id of the way of each edge's first piece, 0 for alighting from a ferry and across squares.
    edge_ferry : (e,) bool
        Ferry lines and boarding.
    edge_line : (e,) bool
        Straight ways across squares, and connectors of ferries; points never snap to them.
    edge_sound : (e,) bool
        Edges from which a main part of the network is reached, and which are reached from it.
    edge_ends_only : (e,) bool
        Streets for the first and the last stretch of a trip, those behind them included.
    edge_raised : (e,) bool
        Bridges, tunnels, other levels, motorways: nobody steps onto them from the ground beside.
    piece_place : (p,) int32
        Pieces numbered by way id, and along each way.
    edge_component : (e,) int32
    component_nodes : (c,) int64
        Street nodes of each component, as in OSM.
    imputed_share : float
        Share of street length whose speed comes from a class table; NaN where the mode has no tagged speeds.
    landings : Landings
        How ferries that meet no street were tied to streets.
    waters : Waters
        What nobody walks across on the way to a street.
    chains : Chains or None
        What `build_graph` can take over from this graph.
    """

    mode: TravelMode
    lon: Floats
    lat: Floats
    leaving: EdgeEnds
    entering: EdgeEnds
    edge_twice: NDArray[np.bool_]
    extra_arcs: ExtraArcs
    edge_metres: Floats
    edge_forward: Floats
    edge_backward: Floats
    open_forward: NDArray[np.bool_]
    open_backward: NDArray[np.bool_]
    edge_starts: NDArray[np.int64]
    piece_lon: Floats
    piece_lat: Floats
    piece_metres: Floats
    piece_forward: Floats
    piece_backward: Floats
    edge_way: NDArray[np.int64]
    edge_ferry: NDArray[np.bool_]
    edge_line: NDArray[np.bool_]
    edge_sound: NDArray[np.bool_]
    edge_ends_only: NDArray[np.bool_]
    edge_raised: NDArray[np.bool_]
    piece_place: Ints
    edge_component: Ints
    component_nodes: NDArray[np.int64]
    imputed_share: float
    landings: Landings = field(default_factory=no_landings)
    waters: Waters = field(default_factory=Waters.none)
    chains: Chains | None = None

    @cached_property
    def fingerprint(self) -> bytes:
        """Names the edges with their metres and seconds: what places on them are told in."""
        digest = blake2b(self.chains.digest if self.chains else b"", digest_size=16)
        for array in (*self.entering, *self.leaving, self.edge_metres, self.edge_forward, self.edge_backward):
            digest.update(np.ascontiguousarray(array).data)
        return digest.digest()

    @cached_property
    def piece_edge(self) -> Ints:
        """(p,) int32: the edge each piece belongs to."""
        return np.repeat(np.arange(len(self.edge_metres), dtype=np.int32), np.diff(self.edge_starts))

    @property
    def edge_snaps(self) -> NDArray[np.bool_]:
        """(e,) bool: streets, which points may be tied to."""
        return ~(self.edge_ferry | self.edge_line)

    @property
    def edge_a(self) -> Ints:
        """(e,) int32: a state at each edge's junction a."""
        return self.entering.a

    @property
    def edge_b(self) -> Ints:
        """(e,) int32: a state at each edge's junction b."""
        return self.entering.b

    @cached_property
    def street_grid(self) -> CellGrid:
        """Finds pieces by place, of those that points may be tied to."""
        return build_cell_grid(self.piece_lon, self.piece_lat, self.edge_snaps[self.piece_edge])

    @cached_property
    def piece_kind(self) -> NDArray[np.uint8]:
        """(p,) uint8: the kind of each piece, as in `preference`."""
        return preference.kinds(self.edge_sound, self.edge_raised)[self.piece_edge]

    @cached_property
    def piece_rank(self) -> Ints:
        """(p,) int32: of pieces equally far a point is tied to the one with the lowest."""
        forward = np.where(self.open_forward[self.piece_edge], np.diff(self.piece_forward).ravel(), np.inf)
        backward = np.where(self.open_backward[self.piece_edge], np.diff(self.piece_backward).ravel(), np.inf)
        return preference.ranks(np.diff(self.piece_metres).ravel(), np.minimum(forward, backward), self.piece_place)

    @cached_property
    def outgoing(self) -> Arcs:
        """Arcs in the direction of travel."""
        return self._arcs(reverse=False)

    @cached_property
    def incoming(self) -> Arcs:
        """Arcs against the direction of travel, for searches towards a place."""
        return self._arcs(reverse=True)

    @property
    def has_hierarchy(self) -> bool:
        """Whether the hierarchy has been made."""
        return "hierarchy" in vars(self)

    @cached_property
    def hierarchy(self) -> Hierarchy:
        """Junctions by importance, for large tables in either direction; made when first asked for."""
        same = ~self.edge_twice & (self.entering.a == self.leaving.a) & (self.entering.b == self.leaving.b)
        tails, heads, _, seconds, metres = self._one_way_arcs(~same)
        one_way = np.full(len(tails), np.inf)
        forward = np.where(self.open_forward, self.edge_forward, np.inf)[same]
        backward = np.where(self.open_backward, self.edge_backward, np.inf)[same]
        return build_hierarchy(
            len(self.lon),
            np.concatenate((self.entering.a[same], tails)),
            np.concatenate((self.entering.b[same], heads)),
            np.concatenate((forward, seconds)),
            np.concatenate((backward, one_way)),
            np.concatenate((self.edge_metres[same], metres)),
        )

    def _one_way_arcs(self, edges: NDArray[np.bool_]) -> tuple[Ints, Ints, Ints, Floats, Floats]:
        """Tails, heads, links, seconds and metres of the arcs of some edges, and of the extra ones."""
        chosen = edges & ~self.edge_twice
        forward, backward = np.flatnonzero(chosen & self.open_forward), np.flatnonzero(chosen & self.open_backward)
        links = np.concatenate((2 * forward, 2 * backward + 1, self.extra_arcs.links)).astype(np.int32)
        edge, against = links >> 1, (links & 1).astype(bool)
        seconds = np.where(against, self.edge_backward[edge], self.edge_forward[edge])
        return (
            np.concatenate((self.entering.a[forward], self.entering.b[backward], self.extra_arcs.tails)),
            np.concatenate((self.leaving.b[forward], self.leaving.a[backward], self.extra_arcs.heads)),
            links,
            np.where(links == FREE, 0.0, seconds),
            np.where(links == FREE, 0.0, self.edge_metres[edge]),
        )

    def _arcs(self, *, reverse: bool) -> Arcs:
        tails, heads, links, seconds, metres = self._one_way_arcs(np.ones(len(self.edge_metres), bool))
        if reverse:
            tails, heads = heads, tails
        order = np.lexsort((heads, tails))
        starts = np.searchsorted(tails[order], np.arange(len(self.lon) + 1))
        arcs = np.zeros(max(len(order), LEAST_ROWS), ARC)
        for name, values in (("head", heads), ("link", links), ("seconds", seconds), ("metres", metres)):
            arcs[name][: len(order)] = values[order]
        return Arcs(starts, arcs["head"], arcs["seconds"], arcs["metres"], arcs["link"])


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


def _chained(streets: Streets, mode: TravelMode, segments: Segments, binding: BindingTurns, digest: bytes) -> Graph:
    """Chain segments into the edges of a new graph."""
    used, ends = renumber(np.concatenate((segments.u, segments.v)), len(segments.original))
    u, v = np.split(ends, 2)
    component, sizes = _components(segments, used, u, v)
    kind = (
        segments.ferry * FERRY
        + segments.ends_only * ENDS_ONLY
        + segments.raised * RAISED
        + segments.line * LINE
        + segments.landing * LANDING
    )
    starts, order, flipped = contract(
        len(used),
        u,
        v,
        segments.forward_open,
        segments.backward_open,
        kind.astype(np.int8),
        uncontracted(segments, binding)[used],
    )
    ends_of = np.column_stack((np.where(flipped, v[order], u[order]), np.where(flipped, u[order], v[order])))
    node = segments.original[used]
    chains = Chains(digest, order, flipped)
    toll = _piece_tolls(segments, chains)
    del ends, u, v  # with the segments below half the peak
    first, last = starts[:-1], starts[1:] - 1
    junctions, number = _number_junctions(streets, node, np.concatenate((ends_of[first, 0], ends_of[last, 1])))
    a, b = number[ends_of[first, 0]], number[ends_of[last, 1]]
    head, tail = order[first], order[last]
    opened = (segments.forward_open[head], segments.backward_open[head])
    open_forward = np.where(flipped[first], opened[1], opened[0])
    open_backward = np.where(flipped[first], opened[0], opened[1])
    metres = running_sums(starts, segments.metres[order], NO_TOLL, NO_TOLL)
    ferry, line, landing = segments.ferry[head], segments.line[head], segments.landing[head]
    ends_only = segments.ends_only[head].copy()
    drawn = np.where(segments.boarding[head], 0.0, metres[1])  # the first piece of a line counts once
    ends_only[~landing] = behind_gates(len(junctions), a[~landing], b[~landing], drawn[~landing], ends_only[~landing])
    ends_only &= ~ferry  # a boat belongs to the middle of a trip, whatever streets it serves
    streets_only = ~(ferry | line | landing)
    open_streets = streets_only & ~ends_only
    sound = sound_pieces(len(junctions), a, b, open_forward, open_backward, metres[1], open_streets, ends_only & streets_only)
    at = _rows_of(used, binding.nodes)
    bans = banned_turns(
        binding,
        np.where(at < 0, -1, number[at]),
        np.column_stack((a, b)).ravel(),
        np.column_stack((_way_ids(segments, head), _way_ids(segments, tail))).ravel(),
    )
    split = np.zeros(len(junctions), bool)
    split[list(bans)] = True
    twice = lead_through(len(junctions), a, b, ends_only, split)
    states = build_states(len(junctions), a, b, open_forward, open_backward, twice, bans)
    place_of_piece = preference.places(_way_ids(segments, order), order)
    ways, share, raised = _way_ids(segments, head), _imputed_share(segments), segments.raised[head]
    forward, backward = _seconds_along(segments, starts, chains, toll)
    edge_component = component[ends_of[first, 0]]
    ends_of, place = node[ends_of], node[junctions][states.junction]
    landings = segments.landings
    del segments, node
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
        open_forward=open_forward,
        open_backward=open_backward,
        edge_starts=starts,
        piece_lon=streets.lon[ends_of],
        piece_lat=streets.lat[ends_of],
        piece_metres=metres[0],
        piece_forward=forward[0],
        piece_backward=backward[0],
        edge_way=ways,
        edge_ferry=ferry,
        edge_line=line | landing,
        edge_sound=sound,
        edge_ends_only=ends_only,
        edge_raised=raised,
        piece_place=place_of_piece,
        edge_component=edge_component,
        component_nodes=sizes,
        imputed_share=share,
        landings=landings,
        waters=streets.waters,
        chains=chains,
    )


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
