"""Streets for the ends of trips only: which parts of a network count as such, and which need a state of their own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]


def behind_gates(junctions: int, a: Ints, b: Ints, metres: NDArray[np.float64], ends_only: Flags) -> Flags:
    """Add to the edges that are for ends only the open parts that hang on a longer open part by such edges alone.

    Parameters
    ----------
    junctions : int
    a, b : (e,) int32
    metres : (e,) float64
    ends_only : (e,) bool

    Returns
    -------
    (e,) bool
    """
    if not ends_only.any():
        return ends_only
    whole = _parts(junctions, a, b)
    part = _parts(junctions, a[~ends_only], b[~ends_only])
    count = int(part.max(initial=-1)) + 1
    of_open = part[a[~ends_only]]
    length = np.bincount(of_open, metres[~ends_only], minlength=count)
    whole_of = np.zeros(count, np.int64)
    whole_of[part] = whole
    is_open = np.bincount(of_open, minlength=count) > 0
    order = np.lexsort((np.arange(count), -length, whole_of))
    order = order[is_open[order]]
    longest = np.ones(len(order), bool)
    longest[1:] = whole_of[order][1:] != whole_of[order][:-1]
    hangs = np.zeros(count, bool)
    hangs[order[~longest]] = True
    return ends_only | (~ends_only & hangs[part[a]])


def lead_through(junctions: int, a: Ints, b: Ints, ends_only: Flags, split: Flags) -> Flags:
    """Tell the edges for ends only that somebody could pass through: the others need no state of their own.

    A part that meets open streets at one junction at most is no short cut; nor is one that meets none at all. Where turns are
    restricted at that junction it might still serve for turning round.

    Parameters
    ----------
    junctions : int
    a, b : (e,) int32
    ends_only : (e,) bool
    split : (junctions,) bool
        Where turns are restricted.

    Returns
    -------
    (e,) bool
    """
    if not ends_only.any():
        return ends_only
    on_open, on_ends = np.zeros(junctions, bool), np.zeros(junctions, bool)
    for flags, edges in ((on_open, ~ends_only), (on_ends, ends_only)):
        flags[a[edges]] = flags[b[edges]] = True
    part = _parts(junctions, a[ends_only], b[ends_only])
    meets = np.flatnonzero(on_open & on_ends)
    contacts = np.bincount(part[meets], minlength=int(part.max()) + 1)
    contacts[part[meets[split[meets]]]] = 2
    return ends_only & (contacts[part[a]] > 1)


def _parts(junctions: int, a: Ints, b: Ints) -> Ints:
    """Weakly connected part of each junction."""
    links = coo_array((np.ones(len(a), np.int8), (a, b)), shape=(junctions, junctions))
    part: Ints = connected_components(links, directed=False)[1]
    return part
