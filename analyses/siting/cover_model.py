"""Covering problems in one form: what sites are worth, what must be reached, and what they take of the budget."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .choices import Choices
from .costs import Flags, Floats, Rows
from .pairs import Pairs, group_pairs, turn
from .presolve import dominated_sites, identical_rows
from .problem import SitingProblem


@dataclass(frozen=True, kw_only=True, eq=False)
class Measure:
    """A sum over rows that grows with every site.

    Attributes
    ----------
    first, second : (n,) float64
        What the first and the second site that covers a row add; first >= second.
    constant : float
        What stands without any free site.
    need : float
        Must be reached; -inf for none.
    """

    first: Floats
    second: Floats
    constant: float
    need: float = -np.inf

    @property
    def most(self) -> float:
        """Reached with every site open."""
        return float(self.constant + self.first.sum() + self.second.sum())


@dataclass(frozen=True, kw_only=True, eq=False)
class CoverModel:
    """A presolved covering problem.

    Attributes
    ----------
    rows, sites : Pairs
        Candidates per merged demand row, demand rows per candidate; columns are numbered anew.
    candidates : (f,) int32
        The problem's candidate row of each column.
    weight, group, budget
        As in `Choices`, for the columns.
    worth : Measure or None
        To be made large; None where the weight of the sites is to be made small.
    needs : tuple of Measure
        Each must reach its `need`.
    """

    rows: Pairs
    sites: Pairs
    candidates: Rows
    weight: Floats
    group: Rows
    budget: float
    worth: Measure | None
    needs: tuple[Measure, ...]

    @property
    def measures(self) -> tuple[Measure, ...]:
        """All of them, `worth` first."""
        return self.needs if self.worth is None else (self.worth, *self.needs)


def cover_model(problem: SitingProblem, made: Choices) -> CoverModel:
    """Build the model of mclp, budgeted-mclp, backup-coverage, and of lscp (which must reach everyone it can, or its share)."""
    table, limit = problem.costs, float(problem.limit or 0.0)
    column = np.full(table.candidates, -1, np.int32)
    column[made.free] = np.arange(len(made.free), dtype=np.int32)
    near = np.flatnonzero(table.cost <= limit)
    demand, candidate, cost = table.demand[near], table.candidate[near], table.cost[near]
    standing = np.isin(np.arange(table.candidates), made.fixed)
    already = np.bincount(demand[standing[candidate]], minlength=table.demands)
    kept = (column[candidate] >= 0) & (already < problem.traits.levels)[demand]
    rows = group_pairs(demand[kept], column[candidate[kept]], cost[kept], table.demands)
    rows = turn(turn(rows, len(made.free)), table.demands)  # ascending within each row
    reached = np.diff(rows.starts) > 0
    measures = _measures(problem, already, reached)
    groups = identical_rows(rows, with_cost=False) if problem.traits.levels == 1 else _apart(rows, already)
    rows, measures = _merge(rows, groups, measures)
    return _without_idle(problem, rows, measures, made)


def _apart(rows: Pairs, already: Rows) -> Rows:
    """Merge only rows that as many standing sites cover."""
    groups = identical_rows(rows, with_cost=False) * 3 + np.minimum(already, 2)
    return np.asarray(np.unique(groups, return_inverse=True)[1], np.int64)


def _measures(problem: SitingProblem, already: Rows, reached: Flags) -> list[Measure]:
    heads, weighted = problem.people, problem.weighted_people
    measures = []
    if problem.traits.levels > 1:
        share = problem.backup_weight
        first = np.where(already == 0, (1 - share) * weighted, np.where(already == 1, share * weighted, 0.0))
        second = np.where(already == 0, share * weighted, 0.0)
        constant = (1 - share) * weighted[already >= 1].sum() + share * weighted[already >= 2].sum()
        measures.append(Measure(first=first, second=second, constant=float(constant)))
    elif problem.traits.objective == "people":
        measures.append(_counted(weighted, already))
    else:
        within = float(heads[(already > 0) | reached].sum())
        need = within if problem.target_share is None else problem.target_share * float(heads.sum())
        measures.append(_counted(heads, already, need=need))
    for zone, floor in sorted(problem.zone_floors.items()):
        inside = np.where(problem.zones == zone, heads, 0.0)
        measures.append(_counted(inside, already, need=floor * float(inside.sum())))
    return measures


def _counted(people: Floats, already: Rows, *, need: float = -np.inf) -> Measure:
    """People within reach of at least one site; needs give way to rounding."""
    first = np.where(already == 0, people, 0.0)
    slack = 1e-9 * max(1.0, abs(need)) if np.isfinite(need) else 0.0
    return Measure(first=first, second=np.zeros(len(people)), constant=float(people[already > 0].sum()), need=need - slack)


def _merge(rows: Pairs, groups: Rows, measures: list[Measure]) -> tuple[Pairs, list[Measure]]:
    """Make one row of each group that matters to any measure and has a candidate."""
    count = int(groups.max(initial=-1)) + 1
    first = np.unique(groups, return_index=True)[1]
    summed = [[_summed(part, groups, count) for part in (measure.first, measure.second)] for measure in measures]
    useful = (sum((one + two for one, two in summed), np.zeros(count)) > 0) & (np.diff(rows.starts)[first] > 0)
    chosen = first[useful]
    sizes = np.diff(rows.starts)[chosen]
    starts = np.concatenate(([0], np.cumsum(sizes)))
    pairs = np.repeat(rows.starts[chosen] - starts[:-1], sizes) + np.arange(starts[-1])
    merged = [
        Measure(first=one[useful], second=two[useful], constant=measure.constant, need=measure.need)
        for measure, (one, two) in zip(measures, summed, strict=True)
    ]
    return Pairs(starts, rows.rows[pairs], rows.cost[pairs]), merged


def _summed(part: Floats, groups: Rows, count: int) -> Floats:
    return np.bincount(groups, weights=part, minlength=count).astype(np.float64)


def _without_idle(problem: SitingProblem, rows: Pairs, measures: list[Measure], made: Choices) -> CoverModel:
    """Leave out candidates that another one makes needless."""
    sites = turn(rows, len(made.free))
    idle = np.diff(sites.starts) == 0
    if problem.traits.levels == 1:
        idle = dominated_sites(sites, len(rows.starts) - 1, made.weight, made.group)
    kept = np.flatnonzero(~idle).astype(np.int32)
    rows = keep_columns(rows, kept, len(made.free))
    has_worth = problem.traits.objective == "people"
    return CoverModel(
        rows=rows,
        sites=turn(rows, len(kept)),
        candidates=made.free[kept],
        weight=made.weight[kept],
        group=made.group[kept],
        budget=made.budget,
        worth=measures[0] if has_worth else None,
        needs=tuple(measures[1:] if has_worth else measures),
    )


def keep_columns(rows: Pairs, kept: Rows, columns: int) -> Pairs:
    """Leave only some columns, numbered anew in the order given."""
    number = np.full(columns, -1, np.int32)
    number[kept] = np.arange(len(kept), dtype=np.int32)
    stays = number[rows.rows] >= 0
    starts = np.concatenate(([0], np.cumsum(stays)))[rows.starts]
    return Pairs(starts, number[rows.rows[stays]], rows.cost[stays])
