"""Streets seen by one mode: a compact graph of junctions and edges in seconds."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..cell_grid import CellGrid, build_cell_grid
from ..compiled import LEAST_ROWS
from ..modes import TravelMode
from ..waters import Waters
from . import preference
from .hierarchy import Hierarchy, build_hierarchy
from .landings import Landings, no_landings
from .states import FREE, EdgeEnds, ExtraArcs

ARC = np.dtype([("head", np.int32), ("link", np.int32), ("seconds", np.float64), ("metres", np.float64)], align=True)

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


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
