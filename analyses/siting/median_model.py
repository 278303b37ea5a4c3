"""p-median in the form its methods read: rows sorted by cost, and what a row costs without any free site."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .choices import Choices
from .costs import Flags, Floats, Rows
from .pairs import Pairs, group_pairs, sort_by_cost, turn
from .presolve import identical_rows
from .problem import SitingProblem

ROUNDING = 1e-11  # of a plan's likely cost: smaller differences are rounding


@dataclass(frozen=True, kw_only=True, eq=False)
class MedianModel:
    """A presolved p-median problem.

    Attributes
    ----------
    rows : Pairs
        Columns of each merged demand row, cheapest first; only those cheaper than `base`.
    sites : Pairs
        The same by column.
    weight : (n,) float64
        People of each row.
    base : (n,) float64
        Cost per person without any free site: the nearest standing site, or what staying without counts for.
    stranded : (n,) bool
        Rows whose `base` is a penalty, not a cost: a plan must serve them.
    candidates : (f,) int32
        The problem's candidate row of each column.
    group : (f,) int32
    places : int
        How many columns may be chosen.
    constant : float
        Person-minutes of rows that nothing changes.
    """

    rows: Pairs
    sites: Pairs
    weight: Floats
    base: Floats
    stranded: Flags
    candidates: Rows
    group: Rows
    places: int
    constant: float
    least_gain: float


def median_model(problem: SitingProblem, made: Choices, *, penalty: float) -> MedianModel:
    """Presolve a p-median problem: standing sites become `base`, identical rows one row.

    Parameters
    ----------
    problem : SitingProblem
    made : Choices
    penalty : float
        What a person without any site counts for where that is not allowed, in largest costs of the table.
    """
    table, people = problem.costs, problem.weighted_people
    column = np.full(table.candidates, -1, np.int32)
    column[made.free] = np.arange(len(made.free), dtype=np.int32)
    standing = np.zeros(table.candidates, bool)
    standing[made.fixed] = True
    base = np.full(table.demands, np.inf if problem.unserved_minutes is None else float(problem.unserved_minutes))
    if standing.any():
        there = standing[table.candidate]
        np.minimum.at(base, table.demand[there], table.cost[there])
    if (column >= 0).all():
        rows = group_pairs(table.demand, table.candidate, table.cost, table.demands)
    else:
        kept = column[table.candidate] >= 0
        rows = group_pairs(table.demand[kept], column[table.candidate[kept]], table.cost[kept], table.demands)
    return _presolved(sort_by_cost(rows), people, base, made, penalty)


def _presolved(rows: Pairs, people: Floats, base: Floats, made: Choices, penalty: float) -> MedianModel:
    sizes = np.diff(rows.starts)
    stranded = np.isinf(base) & (sizes > 0)
    largest = max(float(rows.cost.max(initial=0.0)), 1e-9)
    base = np.where(stranded, penalty * largest, np.where(np.isinf(base), 0.0, base))
    cheaper = rows.cost < np.repeat(base, sizes)
    useful = (people > 0) & (np.bincount(np.repeat(np.arange(len(sizes)), sizes)[cheaper], minlength=len(sizes)) > 0)
    constant = float(people[~useful] @ base[~useful])
    rows = select(rows, cheaper & np.repeat(useful, sizes), useful)
    groups = identical_rows(rows, with_cost=True)
    keys = np.stack((groups.astype(float), base[useful], stranded[useful].astype(float)), axis=1)
    _, first, merged = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    chosen = np.zeros(len(groups), bool)
    chosen[first] = True
    number = np.empty(len(first), np.int64)
    number[np.argsort(first)] = np.arange(len(first))
    weight = np.bincount(number[merged.ravel()], weights=people[useful], minlength=len(first)).astype(np.float64)
    rows = select(rows, np.repeat(chosen, np.diff(rows.starts)), chosen)
    return MedianModel(
        rows=rows,
        sites=turn(rows, len(made.free)),
        weight=weight,
        base=base[useful][chosen],
        stranded=stranded[useful][chosen],
        candidates=made.free,
        group=made.group,
        places=int(min(np.floor(made.budget), len(made.free))),
        constant=constant,
        least_gain=_least_gain(people, rows.cost, base[useful][chosen], constant),
    )


def _least_gain(people: Floats, cost: Floats, base: Floats, constant: float) -> float:
    whole = all(bool((part == np.round(part)).all()) for part in (people, cost, base))
    return 1.0 - 1e-6 if whole else ROUNDING * (constant + float(people.sum()) * float(cost.mean() if len(cost) else 0.0))


def select(rows: Pairs, pairs: Flags, kept: Flags) -> Pairs:
    """Keep some pairs, and some rows; pairs of other rows must not be kept."""
    counts = np.concatenate(([0], np.cumsum(pairs)))
    sizes = (counts[rows.starts[1:]] - counts[rows.starts[:-1]])[kept]
    return Pairs(np.concatenate(([0], np.cumsum(sizes))).astype(np.int64), rows.rows[pairs], rows.cost[pairs])
