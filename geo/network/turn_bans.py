"""Turn restrictions laid onto the ends of edges."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..modes import TravelMode
from ..streets import Streets, Turns, no_turns
from .segments import Segments

Bans = dict[int, set[tuple[int, int]]]


class BindingTurns(NamedTuple):
    """Restrictions between streets that a mode may use.

    Attributes
    ----------
    turns : Turns
    nodes : (t,) int64
        Row of each one's node in `Segments`; a node with several sides stands in several rows.
    """

    turns: Turns
    nodes: NDArray[np.int64]


def binding_turns(streets: Streets, mode: TravelMode, segments: Segments) -> BindingTurns:
    """Return the restrictions that bind a mode: those between ways that it may use."""
    turns = streets.turns
    if not mode.traits.is_driven or not len(turns.only):
        return BindingTurns(no_turns(), np.empty(0, np.int64))
    used = np.zeros(len(streets.way_ids), bool)
    used[segments.way[segments.way >= 0]] = True
    open_ways = np.unique(streets.way_ids[used])
    row = np.minimum(np.searchsorted(streets.node_ids, turns.via_node), len(streets.node_ids) - 1)
    kept = (streets.node_ids[row] == turns.via_node) & np.isin(turns.from_way, open_ways) & np.isin(turns.to_way, open_ways)
    at = np.flatnonzero(kept)
    first = len(streets.node_ids)
    sides = np.flatnonzero(np.isin(segments.original[first:], row[at])) + first
    turn, side = np.nonzero(row[at][:, None] == segments.original[sides][None, :])
    rows = np.concatenate((at, at[turn]))
    chosen = Turns(turns.from_way[rows], turns.via_node[rows], turns.to_way[rows], turns.only[rows])
    return BindingTurns(chosen, np.concatenate((row[at], sides[side])))


def uncontracted(segments: Segments, binding: BindingTurns) -> NDArray[np.bool_]:
    """Nodes that must stay junctions: those of restrictions, and the next ones, where one may turn round at the soonest."""
    via = np.zeros(len(segments.original), bool)
    via[binding.nodes] = True
    stays = via.copy()
    for near, far in ((segments.u, segments.v), (segments.v, segments.u)):
        stays[far[via[near]]] = True
    return stays


def banned_turns(
    binding: BindingTurns, junction: NDArray[np.int64], end_junction: NDArray[np.int32], end_way: NDArray[np.int64]
) -> Bans:
    """Return the turns that may not be made, by junction.

    Parameters
    ----------
    binding : BindingTurns
    junction : (t,) int64
        Of each restriction; -1 where no street ends there (a barrier stands in the way).
    end_junction : (2e,) int32
        Junction of each end of an edge: rows 2 x edge and 2 x edge + 1.
    end_way : (2e,) int64
        OSM id of the way each end lies on.
    """
    order = np.argsort(end_junction, kind="stable")
    spans = np.searchsorted(end_junction[order], np.column_stack((junction, junction + 1)))
    bans: Bans = defaultdict(set)
    allowed: dict[tuple[int, int], set[int]] = defaultdict(set)  # by junction and end: where `only` leads
    ends_at: dict[int, list[int]] = {}
    rows = zip(junction.tolist(), spans.tolist(), *(column.tolist() for column in binding.turns), strict=True)
    for at, (low, high), from_way, _, to_way, only in rows:
        ends = ends_at.setdefault(at, order[low:high].tolist())
        sources, targets = ([end for end in ends if end_way[end] == way] for way in (from_way, to_way))
        if not sources or not targets:
            continue
        for source in sources:
            if only:
                allowed[at, source] |= {target for target in targets if target != source}
            elif from_way == to_way:
                bans[at].add((source, source))
            else:
                bans[at] |= {(source, target) for target in targets}
    for (at, source), targets_of in allowed.items():
        bans[at] |= {(source, end) for end in ends_at[at] if end not in targets_of}
    return dict(sorted(bans.items()))
