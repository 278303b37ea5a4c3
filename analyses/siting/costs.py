"""What siting is reckoned on: a sparse table of network times between demand and candidates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...geo.compiled import compiled
from ...geo.errors import InputError, said

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Rows = NDArray[np.integer[Any]]

# What other programs write where there is no way: the search radius, a large round number, the largest 32-bit integers.
SENTINELS = (1e6, 9999.0, 99999.0, 999999.0, 9999999.0, 1e7, 1e8, 1e9, 4294967.295, 4294967295.0, 2147483647.0)
APART = 0.25  # of the cost: candidates at one place differ by less
MOST_ZEROS = 200  # pairs that are looked at
DWARFED = 20.0  # times the largest other cost


@dataclass(frozen=True, kw_only=True, eq=False)
class CostTable:
    """Pairs that are near enough to matter; a pair that is absent is unreachable or too far, never a number.

    Attributes
    ----------
    demand, candidate : (k,) int32
        Rows of the pair; each pair at most once, in any order.
    cost : (k,) float64
        Minutes along the network (or the foreign table's own unit); finite and >= 0.
    demands, candidates : int
        Numbers of rows on both sides, those without any pair included.

    Raises
    ------
    InputError
        If the arrays do not fit together, a row is outside the table, a pair stands twice, or a cost is no cost.
    """

    demand: Rows
    candidate: Rows
    cost: Floats
    demands: int
    candidates: int

    def __post_init__(self) -> None:
        if not len(self.demand) == len(self.candidate) == len(self.cost):
            raise InputError("a cost table needs as many demand rows and candidate rows as costs.")
        for name, rows, count in (
            (said("demand"), self.demand, self.demands),
            (said("candidate"), self.candidate, self.candidates),
        ):
            if len(rows) and not (rows.min() >= 0 and rows.max() < count):
                raise InputError("a cost table names a {name} row outside 0 to {last}.", name=name, last=count - 1)
        refuse_sentinels(self.cost)
        pair = int(_second_of_twins(self.demand, self.candidate, self.demands, self.candidates))
        if pair >= 0:
            raise InputError(
                "a cost table names the pair of demand row {demand} and candidate row {candidate} twice: keep one of them.",
                demand=self.demand[pair],
                candidate=self.candidate[pair],
            )


def refuse_sentinels(cost: Floats) -> None:
    """Refuse numbers that stand for "no way": they would be taken for travel times (NaN is refused as well).

    Parameters
    ----------
    cost : (k,) float64

    Raises
    ------
    InputError
        As `sentinel_in` finds.
    """
    fault = sentinel_in(cost)
    if fault is not None:
        row, reason = fault
        raise InputError(
            "the cost table: cost {cost:g} in row {row} {reason}; leave out pairs without a way.",
            cost=cost[row],
            row=row + 1,
            reason=said(reason),
        )


def sentinel_in(cost: Floats) -> tuple[int, str] | None:
    """Return the first row (0-based) whose cost is no cost, and why; None where all are.

    NaN, infinite and negative costs are none. One of SENTINELS is none where it stands more than once or dwarfs every other
    cost.
    """
    for bad, reason in (
        (np.isnan(cost), "is no number"),
        (np.isinf(cost), "is infinite"),
        (cost < 0, "is negative"),
    ):
        if bad.any():
            return int(np.argmax(bad)), reason
    return _out_of_line(cost)


def _out_of_line(cost: Floats) -> tuple[int, str] | None:
    """One of the usual numbers, more often than chance or far from all others."""
    marked = np.isin(cost, SENTINELS)
    if not marked.any():
        return None
    rest = cost[~marked].max(initial=0.0)
    for value in np.unique(cost[marked]):
        at = cost == value
        if np.count_nonzero(at) > 1 or value > DWARFED * rest:
            return int(np.argmax(at)), "is what programs write for 'unreachable'"
    return None


def zero_filled(table: CostTable) -> tuple[int, int, int] | None:
    """Find zeros that stand for "no way": a demand row at no distance from two candidates that are far apart for all others.

    Only meant for tables from elsewhere: with columns that stand for several places at once it proves nothing.

    Returns
    -------
    tuple of int or None
        Pair (row of the table), and the two candidates.
    """
    zeros = np.flatnonzero(table.cost == 0)
    zeros = zeros[np.argsort(table.demand[zeros], kind="stable")]
    followers = np.flatnonzero(np.diff(table.demand[zeros]) == 0) + 1
    asked: set[tuple[int, int]] = set()
    for at in followers[:MOST_ZEROS]:
        pair = int(zeros[at])
        one, other = int(table.candidate[zeros[at - 1]]), int(table.candidate[pair])
        if (one, other) not in asked and _are_apart(table, one, other):
            return pair, one, other
        asked.add((one, other))
    return None


def _are_apart(table: CostTable, one: int, other: int) -> bool:
    """Whether the costs of two candidates differ as those of one place would not (rounding left aside)."""
    sides = np.full((2, table.demands), np.nan)
    for line, candidate in enumerate((one, other)):
        pairs = table.candidate == candidate
        sides[line, table.demand[pairs]] = table.cost[pairs]
    both = sides[:, ~np.isnan(sides).any(axis=0)]
    return float(np.abs(both[0] - both[1]).sum()) > APART * float(both.max(axis=0).sum())


@compiled
def _second_of_twins(demand, candidate, demands, candidates):  # type: ignore[no-untyped-def]
    """Find a pair that stands twice; -1 if none does."""
    starts = np.zeros(candidates + 1, np.int64)
    for site in candidate:
        starts[site + 1] += 1
    for site in range(candidates):
        starts[site + 1] += starts[site]
    order = np.empty(len(candidate), np.int64)
    for pair in range(len(candidate)):
        order[starts[candidate[pair]]] = pair
        starts[candidate[pair]] += 1
    seen_by = np.full(demands, -1, np.int64)
    for at in range(len(order)):
        pair = order[at]
        if seen_by[demand[pair]] == candidate[pair]:
            return pair
        seen_by[demand[pair]] = candidate[pair]
    return -1
