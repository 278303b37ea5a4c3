"""Which streets one can both come from and leave for the rest of the network (travel model 2, section 5: sound)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components

MAIN_METRES = 2_000.0  # a strongly connected part with so many metres of street is a main one
MAIN_SHARE = 0.5  # so is one with this share of the longest part's

Flags = NDArray[np.bool_]
Rows = NDArray[np.integer[Any]]
Floats = NDArray[np.float64]


def sound_pieces(
    nodes: int, u: Rows, v: Rows, forward: Flags, backward: Flags, metres: Floats, counts: Flags, ends_only: Flags | None = None
) -> Flags:
    """Tell the pieces that lie in a main part, both ways, or are tied to main parts both ways by pieces for ends only.

    Parameters
    ----------
    nodes : int
        Nodes are numbered below it.
    u, v : (s,) int
        Ends of each piece.
    forward, backward : (s,) bool
        Whether it is open from u to v, and from v to u.
    metres : (s,) float64
    counts : (s,) bool
        Streets open to whole trips: those make the parts. Ferries, landings and lines across squares are none.
    ends_only : (s,) bool, optional
        Pieces that only the ends of trips may use.

    Returns
    -------
    (s,) bool
    """
    part, is_main = _parts(nodes, u, v, forward, backward, metres, counts)
    in_main = is_main[part]
    sound: Flags = counts & (part[u] == part[v]) & in_main[u]
    if ends_only is not None and ends_only.any():
        out = _reached(nodes, *_arcs(u, v, forward, backward, ends_only), in_main)
        back = _reached(nodes, *_arcs(u, v, backward, forward, ends_only), in_main)
        tied = out & back
        sound |= ends_only & tied[u] & tied[v]
    found: Flags = sound
    return found


def _parts(
    nodes: int, u: Rows, v: Rows, forward: Flags, backward: Flags, metres: Floats, counts: Flags
) -> tuple[NDArray[np.int32], Flags]:
    """Strongly connected part of each node, and which parts are main ones."""
    tails, heads = _arcs(u, v, forward, backward, counts)
    number, part = connected_components(_links(nodes, tails, heads), directed=True, connection="strong")
    inside = counts & (part[u] == part[v])
    length = np.bincount(part[u[inside]], metres[inside], minlength=number)
    longest = float(length.max(initial=0.0))
    return part, (length >= min(MAIN_METRES, MAIN_SHARE * longest)) & (length > 0)


def _arcs(u: Rows, v: Rows, forward: Flags, backward: Flags, which: Flags) -> tuple[Rows, Rows]:
    """Tails and heads of the open directions of some pieces."""
    along, against = np.flatnonzero(which & forward), np.flatnonzero(which & backward)
    return np.concatenate((u[along], v[against])), np.concatenate((v[along], u[against]))


def _links(nodes: int, tails: Rows, heads: Rows) -> csr_array:
    return csr_array((np.ones(len(tails), bool), (tails, heads)), shape=(nodes, nodes))


def _reached(nodes: int, tails: Rows, heads: Rows, starts: Flags) -> Flags:
    """Nodes that arcs lead to from any start, starts included."""
    first = np.flatnonzero(starts)
    source = np.full(len(first), nodes)  # one node before all starts
    links = _links(nodes + 1, np.concatenate((tails, source)), np.concatenate((heads, first)))
    found = np.zeros(nodes + 1, bool)
    found[breadth_first_order(links, nodes, directed=True, return_predecessors=False)] = True
    reached: Flags = found[:nodes]
    return reached
