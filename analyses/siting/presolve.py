"""Making a problem smaller without changing its answer: identical demand rows become one, dominated candidates go."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ...geo.compiled import compiled
from .costs import Floats, Rows
from .pairs import Pairs

MOST_COMPARISONS = 400_000_000  # pairs of candidates that share a row; beyond it looking costs more than it saves

Groups = NDArray[np.int64]


def identical_rows(rows: Pairs, *, with_cost: bool) -> Groups:
    """Number the rows so that rows with the same candidates (and the same costs) share a number.

    Parameters
    ----------
    rows : Pairs
        Candidates ascending within each row.
    with_cost : bool
        Whether costs matter, or only which candidates there are.

    Returns
    -------
    (n,) int64
        Group of each row, numbered by first appearance.
    """
    marks = _fingerprints(rows.starts, rows.rows, rows.cost.view(np.int64), with_cost)
    order = np.argsort(marks, kind="stable")
    leader = _verified(order, marks, rows.starts, rows.rows, rows.cost, with_cost)
    _, groups = np.unique(leader, return_inverse=True)
    return np.asarray(groups, np.int64)


def dominated_sites(sites: Pairs, rows: int, weight: Floats, group: Rows) -> NDArray[np.bool_]:
    """Mark candidates that cover no row another one does not cover too, at no lower weight.

    Of equals the first stays. Only valid where a second site on a row is worth nothing. Candidates of a group stay: choosing one
    has a side effect.
    """
    nothing = np.diff(sites.starts) == 0
    one, other, same = contained(sites, rows)
    inside = (weight[other] <= weight[one]) & (group[one] < 0) & (group[other] < 0)
    same &= weight[one] == weight[other]
    inside &= ~same | (other < one)
    idle: NDArray[np.bool_] = nothing | (np.bincount(one[inside], minlength=len(weight)) > 0)
    return idle


def dominated_rows(rows: Pairs, columns: int) -> NDArray[np.bool_]:
    """Mark rows that have a site whenever another row has one; of equals the first stays."""
    one, other, same = contained(rows, columns)
    easy = other[~same | (one < other)]
    return np.bincount(easy, minlength=len(rows.starts) - 1) > 0


def contained(sets: Pairs, members: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Find sets inside others: the inner one, the outer one, and whether they are equal.

    Nothing is found where the comparison would take longer than it can save.
    """
    sizes = np.diff(sets.starts)
    common = np.bincount(sets.rows, minlength=members).astype(float)
    if float(common @ common) > MOST_COMPARISONS:
        empty = np.zeros(0, np.int64)
        return empty, empty, np.zeros(0, bool)
    belongs = sparse.csr_array((np.ones(len(sets.rows), np.int32), sets.rows, sets.starts), shape=(len(sizes), members))
    shared = (belongs @ belongs.T).tocoo()
    one, other = (np.asarray(side, np.int64) for side in shared.coords)
    inside = (shared.data == sizes[one]) & (one != other)
    one, other = one[inside], other[inside]
    return one, other, sizes[one] == sizes[other]


@compiled
def _fingerprints(starts, rows, cost, with_cost):  # type: ignore[no-untyped-def]
    """64-bit FNV-1a over the pairs of every row."""
    marks = np.empty(len(starts) - 1, np.uint64)
    for row in range(len(starts) - 1):
        mark = np.uint64(14695981039346656037)
        for pair in range(starts[row], starts[row + 1]):
            mark = (mark ^ np.uint64(rows[pair])) * np.uint64(1099511628211)
            if with_cost:
                mark = (mark ^ np.uint64(cost[pair])) * np.uint64(1099511628211)
                mark ^= mark >> np.uint64(29)
        marks[row] = mark
    return marks


@compiled
def _verified(order, marks, starts, rows, cost, with_cost):  # type: ignore[no-untyped-def]
    """First row that is truly the same, for each row; fingerprints only say where to look."""
    leader = np.arange(len(order))
    for at in range(1, len(order)):
        row = order[at]
        before = at - 1
        while before >= 0 and marks[order[before]] == marks[row]:
            other = leader[order[before]]
            size = starts[row + 1] - starts[row]
            same = starts[other + 1] - starts[other] == size
            for pair in range(size if same else 0):
                here, there = starts[row] + pair, starts[other] + pair
                if rows[here] != rows[there] or (with_cost and cost[here] != cost[there]):
                    same = False
                    break
            if same:
                leader[row] = other
                break
            before -= 1
    return leader
