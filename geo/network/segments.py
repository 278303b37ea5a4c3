"""The straight segments one mode may use, with metres and seconds; ferries are set apart so that boarding can cost time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..lengths import ellipsoidal_metres
from ..memory import require_memory
from ..modes import TravelMode, Traversal, boarding_seconds, crossing_seconds, parameters, traversal
from ..modes.nodes import crossing_seconds_of_nodes, stopping_nodes
from ..modes.rules import is_raised
from ..streets import Streets
from ..terrain import Heights, segment_grades, tobler_factor
from .landings import Landings, Shores, cut_pieces, no_landings, tie_ends
from .squares import straight_ways

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Rows = NDArray[np.integer[Any]]

BYTES_PER_STREET_NODE = 300  # peak of building a graph, per node that a way runs through (measured: 100 to 250)


@dataclass(frozen=True, kw_only=True)
class Segments:
    """Uncontracted network of one mode.

    Attributes
    ----------
    streets : Streets
    u, v : (s,) int32
        Nodes; those from `len(streets.node_ids)` on are the ferry sides of piers, and the sides of barriers.
    metres, forward_seconds, backward_seconds : (s,) float64
        One array for both directions where all take as long there as back.
    forward_open, backward_open, ferry, imputed, ends_only, raised : (s,) bool
    line : (s,) bool
        Straight ways across squares: walked, but no streets that anybody enters part-way.
    landing : (s,) bool
        Connectors from ferries to streets.
    boarding : (s,) bool
        From the street to the first point of a line: its first piece once more, with boarding.
    way : (s,) int32
        Row of each segment's way, -1 for alighting from a ferry and across squares.
    original : (n,) int32
        The street node that each node stands for, the sides of piers and barriers included.
    toll : (n,) float64
        Seconds that entering each node costs.
    has_limits : bool
        Whether the mode reads speeds from tags.
    landings : Landings
        What the connectors are.
    """

    streets: Streets
    u: Rows
    v: Rows
    metres: Floats
    forward_seconds: Floats
    backward_seconds: Floats
    forward_open: Flags
    backward_open: Flags
    ferry: Flags
    imputed: Flags
    ends_only: Flags
    raised: Flags
    line: Flags
    landing: Flags
    boarding: Flags
    way: Rows
    original: Rows
    toll: Floats
    has_limits: bool
    landings: Landings

    @cached_property
    def lon(self) -> Floats:
        """(n,) float64, EPSG:4326."""
        return self.streets.lon[self.original]

    @cached_property
    def lat(self) -> Floats:
        """(n,) float64, EPSG:4326."""
        return self.streets.lat[self.original]


def mode_segments(streets: Streets, mode: TravelMode, heights: Heights | None = None) -> Segments:
    """Cut the open ways into segments and give each its metres and seconds; heights slow walkers on slopes."""
    require_memory(BYTES_PER_STREET_NODE * len(streets.way_nodes), "the street network", "use a smaller extract")
    use = traversal(streets, mode)
    pieces = _pieces(streets, mode, heights, use)
    lines, use_of_lines = straight_ways(streets, mode, use)
    across = _pieces(lines, mode, heights, use_of_lines)
    ferry = streets.is_ferry[pieces.way]
    toll = crossing_seconds_of_nodes(streets, mode, pieces.u[~ferry], pieces.v[~ferry])
    u, v, original = _apart(pieces.u, pieces.v, ~ferry, len(streets.node_ids), stopping_nodes(streets, mode))
    pieces = pieces._replace(u=u, v=v)
    streets, pieces, original, tied, landings = _landed(streets, mode, use, pieces, across, use_of_lines, original)
    way, u, v, metres, along, against = pieces
    ferry, first = streets.is_ferry[way], len(original)
    piers, u, v = _ferry_sides(u, v, ferry, first=first)
    on_street = _on_street((u[~ferry], v[~ferry], tied.u), piers)
    alight = _alighting(piers, on_street, first=first)
    board = _boarding(streets, mode, use, way, u, v, ferry, piers, on_street, metres, along, first=first)
    boards, walked = len(alight.u) + len(board.u), len(across.u) + len(tied.u)
    one_way = across.along is across.against and along is against
    forward = np.concatenate((along, alight.seconds, board.seconds, across.along, tied.seconds))
    original = np.concatenate((original, original[piers]))
    toll = np.concatenate((toll, np.zeros(len(streets.lon) - len(toll))))
    never, no_line, connects = np.zeros(boards, bool), np.zeros(walked, bool), np.zeros(len(tied.u), bool)
    return Segments(
        streets=streets,
        u=np.concatenate((u, alight.u, board.u, across.u, tied.u)),
        v=np.concatenate((v, alight.v, board.v, across.v, tied.v)),
        metres=np.concatenate((metres, alight.metres, board.metres, across.metres, tied.metres)),
        forward_seconds=forward,
        backward_seconds=(
            forward if one_way else np.concatenate((against, alight.seconds, board.seconds, across.against, tied.seconds))
        ),
        forward_open=np.concatenate((use.forward[way], ~never, use_of_lines.forward[across.way], ~connects)),
        backward_open=np.concatenate((use.backward[way], never, use_of_lines.backward[across.way], ~connects)),
        ferry=np.concatenate((ferry, ~never, no_line)),
        imputed=np.concatenate((use.imputed[way], never, no_line)),
        ends_only=np.concatenate((use.ends_only[way], never, use_of_lines.ends_only[across.way], connects)),
        raised=np.concatenate((is_raised(streets)[way], never, is_raised(lines)[across.way], connects)),
        line=np.concatenate((np.zeros(len(way) + boards, bool), np.ones(len(across.u), bool), connects)),
        landing=np.concatenate((np.zeros(len(way) + boards + len(across.u), bool), ~connects)),
        boarding=np.concatenate((np.zeros(len(way) + len(alight.u), bool), np.ones(len(board.u), bool), no_line)),
        way=np.concatenate((way, alight.way, board.way, np.full(walked, -1, np.int32))),
        original=original,
        toll=np.where(_is_pier(original, first, len(piers)), 0.0, toll[original]),
        has_limits=mode.traits.has_limits,
        landings=landings,
    )


class _Pieces(NamedTuple):
    """Straight parts of the ways that are open."""

    way: Rows
    u: Rows
    v: Rows
    metres: Floats
    along: Floats
    against: Floats


def _pieces(streets: Streets, mode: TravelMode, heights: Heights | None, use: Traversal) -> _Pieces:
    """Cut the open ways and give each piece its metres and seconds; a slope too steep is no street, nor may one snap to it."""
    at, way, u, v = _cut(streets, use)
    metres = ellipsoidal_metres(streets.lon[u], streets.lat[u], streets.lon[v], streets.lat[v])
    forward, backward = _seconds(streets, use, way, metres, streets.is_ferry[way])
    along, against, passable = _on_slopes(streets, mode, heights, at, way, forward, backward)
    pieces = _Pieces(way, u, v, metres, along, against)
    if passable.all():
        return pieces
    return _Pieces(way[passable], u[passable], v[passable], metres[passable], along[passable], against[passable])


def _is_pier(original: Rows, first: int, piers: int) -> Flags:
    """Which nodes are the ferry sides of piers: who is aboard waits at no signal."""
    number = np.arange(len(original))
    return (number >= first) & (number < first + piers)


def _apart(u: Rows, v: Rows, street: Flags, nodes: int, stops: Rows) -> tuple[Rows, Rows, Rows]:
    """Give every street that ends at a barrier a node of its own there, so that none leads on; and the node each stands for."""
    is_stop = np.zeros(nodes, bool)
    is_stop[stops] = True
    ends = np.concatenate((u, v))
    at = np.flatnonzero(is_stop[ends] & np.tile(street, 2))
    original = np.concatenate((np.arange(nodes, dtype=np.int32), ends[at]))
    ends[at] = np.arange(nodes, len(original))
    return ends[: len(u)], ends[len(u) :], original


def _landed(
    streets: Streets, mode: TravelMode, use: Traversal, pieces: _Pieces, across: _Pieces, use_of_lines: Traversal, original: Rows
) -> tuple[Streets, _Pieces, Rows, _Extra, Landings]:
    """Tie ends of ferries that meet no street to streets, which are cut there; new nodes stand behind all others."""
    ferry = streets.is_ferry[pieces.way]
    if not ferry.any():
        return streets, pieces, original, _no_extra(), no_landings()
    no_line, line = np.zeros(len(ferry), bool), np.ones(len(across.u), bool)
    tied, landings = tie_ends(
        Shores(
            lon=streets.lon[original],
            lat=streets.lat[original],
            u=np.concatenate((pieces.u, across.u)),
            v=np.concatenate((pieces.v, across.v)),
            metres=np.concatenate((pieces.metres, across.metres)),
            along=np.concatenate((pieces.along, across.along)),
            against=np.concatenate((pieces.against, across.against)),
            forward=np.concatenate((use.forward[pieces.way], use_of_lines.forward[across.way])),
            backward=np.concatenate((use.backward[pieces.way], use_of_lines.backward[across.way])),
            ferry=np.concatenate((ferry, ~line)),
            line=np.concatenate((no_line, line)),
            ends_only=np.concatenate((use.ends_only[pieces.way], use_of_lines.ends_only[across.way])),
            raised=np.concatenate((is_raised(streets)[pieces.way], ~line)),
            way_id=np.concatenate((streets.way_ids[pieces.way], np.zeros(len(line), np.int64))),
        )
    )
    if not len(tied.end):
        return streets, pieces, original, _no_extra(), landings
    cut = cut_pieces(pieces.u, pieces.v, tied, first=len(original))
    along = pieces.along[cut.piece] * cut.share
    against = along if pieces.against is pieces.along else pieces.against[cut.piece] * cut.share
    pieces = _Pieces(pieces.way[cut.piece], cut.u, cut.v, pieces.metres[cut.piece] * cut.share, along, against)
    new = len(streets.lon) + np.arange(len(cut.lon), dtype=np.int32)
    grown = replace(streets, lon=np.concatenate((streets.lon, cut.lon)), lat=np.concatenate((streets.lat, cut.lat)))
    seconds = tied.metres / (mode.connector_kmh / 3.6)
    connectors = _Extra(
        tied.end.astype(np.int32), cut.foot.astype(np.int32), tied.metres, seconds, np.full(len(seconds), -1, np.int32)
    )
    return grown, pieces, np.concatenate((original, new)), connectors, landings


def _no_extra() -> _Extra:
    rows, nothing = np.empty(0, np.int32), np.empty(0)
    return _Extra(rows, rows, nothing, nothing, rows)


def _cut(streets: Streets, use: Traversal) -> tuple[Rows, Rows, Rows, Rows]:
    """Position, way, first and last node of each segment of the open ways; segments from a node to itself are left out."""
    lengths = np.diff(streets.way_starts)
    way = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
    inside = np.ones(len(way), bool)
    inside[streets.way_starts[1:] - 1] = False
    inside &= (use.forward | use.backward)[way]
    inside[:-1] &= streets.way_nodes[:-1] != streets.way_nodes[1:]
    at = np.flatnonzero(inside)
    return at, way[at], streets.way_nodes[at], streets.way_nodes[at + 1]


def _seconds(streets: Streets, use: Traversal, way: Rows, metres: Floats, ferry: Flags) -> tuple[Floats, Floats]:
    """Length over speed along and against streets; on ferries and in lifts each segment's share of what the whole way takes.

    One array where both directions take as long.
    """
    forward = metres / (use.kmh / 3.6)[way]
    is_even = np.array_equal(use.kmh, use.backward_kmh, equal_nan=True)
    backward = forward if is_even else metres / (use.backward_kmh / 3.6)[way]
    whole = ferry | ~np.isnan(use.seconds[way])
    if whole.any():
        # a way broken by missing nodes stands in several rows: its time is spread over all of them
        line = np.unique(streets.way_ids, return_inverse=True)[1]
        line_metres: Floats = np.bincount(line[way[whole]], metres[whole], minlength=len(line)).astype(float)[line]
        pieces = np.bincount(line[way[whole]], minlength=len(line))[line]
        taken = np.where(np.isnan(use.seconds), crossing_seconds(streets, line_metres), use.seconds)[way[whole]]
        length, count = line_metres[way[whole]], pieces[way[whole]]
        share = np.divide(metres[whole], length, out=1.0 / count, where=length > 0)
        forward[whole] = backward[whole] = taken * share
    return forward, backward


def _on_slopes(
    streets: Streets, mode: TravelMode, heights: Heights | None, at: Rows, way: Rows, forward: Floats, backward: Floats
) -> tuple[Floats, Floats, Flags]:
    """Seconds along and against each segment, and whether it is gentle enough, for walkers where heights are known.

    Steps are climbed at half speed or at the slope's speed, whichever is slower, not at both: half speed already is what
    climbing costs.
    """
    everything = np.ones(len(at), bool)
    if heights is None or not mode.traits.on_slopes or not len(at):
        return forward, backward, everything
    flat = streets.is_ferry | streets.has("highway", "elevator")
    grade = np.where(flat[way], 0.0, segment_grades(streets, heights, at, way))
    steps = streets.has("highway", "steps")[way]
    along, against = (_climbing(tobler_factor(sign * grade), steps) for sign in (1, -1))
    passable = everything if mode.max_grade is None else np.abs(grade) <= mode.max_grade
    return forward / along, backward / against, passable


def _climbing(factor: Floats, steps: Flags) -> Floats:
    return np.where(steps, np.minimum(1.0, factor / parameters("walk")["steps_factor"]), factor)


def _ferry_sides(u: Rows, v: Rows, ferry: Flags, *, first: int) -> tuple[Rows, Rows, Rows]:
    """Give the ferry segments nodes of their own; returns the street node behind each new node."""
    piers = np.unique(np.concatenate((u[ferry], v[ferry])))
    u, v = u.copy(), v.copy()
    u[ferry] = np.searchsorted(piers, u[ferry]) + first
    v[ferry] = np.searchsorted(piers, v[ferry]) + first
    return piers, u, v


class _Extra(NamedTuple):
    """Segments that are not drawn on the map; all run from u to v only."""

    u: Rows
    v: Rows
    metres: Floats
    seconds: Floats
    way: Rows


def _on_street(nodes: Sequence[Rows], piers: Rows) -> Flags:
    """Which piers a street reaches, or a connector; `nodes` are their ends."""
    streets = np.zeros(int(piers.max(initial=-1)) + 1, bool)
    for ends in nodes:
        streets[ends[ends < len(streets)]] = True
    return streets[piers]


def _alighting(piers: Rows, on_street: Flags, *, first: int) -> _Extra:
    """From the ferry side of every pier to the street, at no cost."""
    at = np.flatnonzero(on_street)
    nothing = np.zeros(len(at))
    no_way = np.full(len(at), -1, np.int32)
    return _Extra((at + first).astype(np.int32), piers[at].astype(np.int32), nothing, nothing, no_way)


def _boarding(
    streets: Streets, mode: TravelMode, use: Traversal, way: Rows, u: Rows, v: Rows, ferry: Flags, piers: Rows, on_street: Flags,
    metres: Floats, seconds: Floats, *, first: int,
) -> _Extra:  # fmt: skip
    """From the street straight to the first point of each line that leaves a pier: boarding, waiting and sailing there.

    One segment per line, not one per pier: so every line costs its own wait, while stepping from ferry to ferry costs none.
    """
    cost = boarding_seconds(streets, mode)
    parts = []
    for start, end, is_open in ((u, v, use.forward[way]), (v, u, use.backward[way])):
        at = np.flatnonzero(ferry & is_open)
        at = at[on_street[start[at] - first]]
        parts.append((piers[start[at] - first], end[at], metres[at], seconds[at] + cost[way[at]], way[at]))
    return _Extra(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
