"""States: what a search stands in at a junction, where it matters how one came there.

Most junctions have one state. Where turns are restricted each end of an edge has one for arriving over it and one for leaving
over it, joined by arcs that cost nothing for every turn that may be made. Streets for the ends of trips only stand twice,
before and after the open middle of a trip ([ends only]* [open]* [ends only]*): from the first copy one gets to the open streets,
from these to the second copy, and never back. So every search stays as it is.
"""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]

FREE = -1  # link of an arc that is no edge
_MIDDLE, _BEFORE, _AFTER = range(3)  # layers
_ONWARD = {(_MIDDLE, _MIDDLE), (_BEFORE, _BEFORE), (_AFTER, _AFTER), (_BEFORE, _MIDDLE), (_MIDDLE, _AFTER), (_BEFORE, _AFTER)}


class EdgeEnds(NamedTuple):
    """States at the junctions of each edge, for one who leaves a place on it, or for one who comes to it.

    Attributes
    ----------
    a, b : (e,) int32
        From (or to) a place part-way.
    tied_a, tied_b : (e,) int32
        From (or to) the junction itself, whatever the edge.
    """

    a: Ints
    b: Ints
    tied_a: Ints
    tied_b: Ints


class ExtraArcs(NamedTuple):
    """Arcs beside those of edges that stand once.

    Attributes
    ----------
    tails, heads : (k,) int32
        States.
    links : (k,) int32
        2 x edge, plus 1 against it; FREE for arcs that cost nothing.
    """

    tails: Ints
    heads: Ints
    links: Ints


class States(NamedTuple):
    """All states of a network.

    Attributes
    ----------
    junction : (n,) int32
        Of each state, ascending.
    leaving, entering : EdgeEnds
    twice : (e,) bool
        Edges that stand before and after the open middle; their arcs are among `extra`.
    extra : ExtraArcs
    """

    junction: Ints
    leaving: EdgeEnds
    entering: EdgeEnds
    twice: Flags
    extra: ExtraArcs


def one_state_each(junctions: int, a: Ints, b: Ints) -> States:
    """Return the states of a network in which it never matters how one came to a junction."""
    nothing, ends = np.empty(0, np.int32), EdgeEnds(a, b, a, b)
    return States(np.arange(junctions, dtype=np.int32), ends, ends, np.zeros(len(a), bool), ExtraArcs(nothing, nothing, nothing))


def build_states(
    junctions: int,
    a: Ints,
    b: Ints,
    open_forward: Flags,
    open_backward: Flags,
    twice: Flags,
    banned: dict[int, set[tuple[int, int]]],
) -> States:
    """Give every junction as many states as it needs.

    Parameters
    ----------
    junctions : int
    a, b : (e,) int32
        Junctions of each edge.
    open_forward, open_backward, twice : (e,) bool
    banned : mapping of junction to pairs of ends of edges
        Turns that may not be made: from an end to an end; 2 x edge is its end at a, 2 x edge + 1 that at b.

    Returns
    -------
    States
    """
    if not twice.any() and not banned:
        return one_state_each(junctions, a, b)
    junction_of = np.column_stack((a, b)).ravel()  # of each end
    twice_end = np.repeat(twice, 2)
    split = np.zeros(junctions, bool)
    split[list(banned)] = True
    plain, double = (np.bincount(junction_of[flags], minlength=junctions) for flags in (~twice_end, twice_end))
    count = np.where(split, 2 * plain + 4 * double + 2, np.minimum(plain, 1) + 2 * np.minimum(double, 1))
    layers = _layers(count, plain)
    # of each end, by layer: the state one arrives in over the edge, and the one it is entered from
    arrive = np.stack([layer[junction_of] for layer in layers])
    enter = arrive.copy()
    start, stop = (np.where(double > 0, layers[layer], layers[_MIDDLE]) for layer in (_BEFORE, _AFTER))
    tails, heads = _between_layers(plain, double, split, *layers)
    turns = _split_junctions(banned, junction_of, twice_end, layers[_MIDDLE], arrive, enter, start, stop)
    extra = _joined(tails, heads, turns, _twice_arcs(arrive, enter, np.flatnonzero(twice), open_forward, open_backward))
    leave = np.where(twice_end, arrive[_BEFORE], arrive[_MIDDLE])
    come = np.where(twice_end, enter[_AFTER], enter[_MIDDLE])
    return States(
        np.repeat(np.arange(junctions, dtype=np.int32), count),
        _edge_ends(leave, start[junction_of]),
        _edge_ends(come, stop[junction_of]),
        twice,
        extra,
    )


def _layers(count: NDArray[np.int64], plain: NDArray[np.int64]) -> tuple[Ints, Ints, Ints]:
    """The state of each junction in each layer: the first of its states, and the two behind it where streets stand twice."""
    middle = (np.cumsum(count) - count).astype(np.int32)
    before = middle + np.minimum(plain, 1).astype(np.int32)
    return middle, before, before + np.int32(1)


def _edge_ends(part_way: Ints, tied: Ints) -> EdgeEnds:
    return EdgeEnds(*(np.ascontiguousarray(values[side::2]) for values in (part_way, tied) for side in (0, 1)))


def _between_layers(
    plain: NDArray[np.int64], double: NDArray[np.int64], split: Flags, middle: Ints, before: Ints, after: Ints
) -> tuple[Ints, Ints]:
    """Arcs within junctions that are not split: onward from layer to layer."""
    both, only = np.flatnonzero((double > 0) & (plain > 0) & ~split), np.flatnonzero((double > 0) & (plain == 0) & ~split)
    tails = np.concatenate((before[both], middle[both], before[only]))
    return tails, np.concatenate((middle[both], after[both], after[only]))


def _split_junctions(
    banned: dict[int, set[tuple[int, int]]], junction_of: Ints, twice_end: Flags, first: Ints,
    arrive: Ints, enter: Ints, start: Ints, stop: Ints,
) -> list[tuple[int, int]]:  # fmt: skip
    """Number the states of junctions where turns are restricted, write them into the tables, and return the turns as arcs."""
    order = np.argsort(junction_of, kind="stable")
    spans = np.searchsorted(
        junction_of[order], np.column_stack((list(banned), np.array(list(banned), np.int64) + 1)).reshape(-1, 2)
    )
    arcs: list[tuple[int, int]] = []
    for (junction, bans), (low, high) in zip(banned.items(), spans.tolist(), strict=True):
        ends = order[low:high].tolist()
        state = int(first[junction])
        start[junction], stop[junction] = state, state + 1
        arcs.append((state, state + 1))
        state += 2
        copies = [(end, layer) for end in ends for layer in ((_BEFORE, _AFTER) if twice_end[end] else (_MIDDLE,))]
        for end, layer in copies:
            arrive[layer, end], enter[layer, end] = state, state + 1
            state += 2
            arcs += [(int(start[junction]), state - 1), (state - 2, int(stop[junction]))]
        arcs += [
            (int(arrive[layer, end]), int(enter[other_layer, other]))
            for (end, layer), (other, other_layer) in product(copies, copies)
            if (end, other) not in bans and (layer, other_layer) in _ONWARD
        ]
    return arcs


def _twice_arcs(arrive: Ints, enter: Ints, edges: NDArray[np.int64], open_forward: Flags, open_backward: Flags) -> list[Ints]:
    """Tails, heads and links of the edges that stand twice, in both of their copies."""
    columns: list[list[Ints]] = [[], [], []]
    for layer, (opened, side) in product((_BEFORE, _AFTER), ((open_forward, 0), (open_backward, 1))):
        mine = edges[opened[edges]]
        for column, values in zip(
            columns, (enter[layer, 2 * mine + side], arrive[layer, 2 * mine + 1 - side], 2 * mine + side), strict=True
        ):
            column.append(values.astype(np.int32))
    return [np.concatenate(column) for column in columns]


def _joined(tails: Ints, heads: Ints, turns: list[tuple[int, int]], twice: list[Ints]) -> ExtraArcs:
    turn_tails, turn_heads = np.array(turns, np.int32).reshape(-1, 2).T
    free = np.full(len(tails) + len(turns), FREE, np.int32)
    return ExtraArcs(
        np.concatenate((tails, turn_tails, twice[0])).astype(np.int32),
        np.concatenate((heads, turn_heads, twice[1])).astype(np.int32),
        np.concatenate((free, twice[2])),
    )
