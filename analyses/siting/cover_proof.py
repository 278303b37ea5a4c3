"""The last step of a covering problem: candidates that cannot better the plan are fixed, the small rest is branched on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from .costs import Rows
from .cover_bound import CoverMaster, Relaxation
from .cover_model import CoverModel, Measure, keep_columns
from .cover_search import cover_counts
from .highs import INFINITY, add_columns, add_rows, make_whole, new_model, run, scale_of, suggest
from .pairs import Pairs
from .presolve import identical_rows

MOST_PAIRS = 250_000  # of the rest, to hand it to HiGHS with its demand rows; beyond it cuts stand for them


@dataclass(frozen=True, kw_only=True, eq=False)
class Rest:
    """Columns still undecided, those decided for, and the rows that still depend on them."""

    open: Rows
    undecided: Rows
    rows: Pairs
    measures: tuple[Measure, ...]


def worth_improving(model: CoverModel, best: float) -> float:
    """Return the least objective that beats `best`: the next whole number where all numbers are whole."""
    if model.worth is None:
        whole = bool((model.weight == np.round(model.weight)).all())
        return best - (1 - 1e-6 if whole else 1e-9 * abs(best))
    values = model.worth
    whole = all(bool((part == np.round(part)).all()) for part in (values.first, values.second, np.array([values.constant])))
    return best + (1 - 1e-6 if whole else 1e-9 * abs(best))


def fix_columns(model: CoverModel, relaxed: Relaxation, best: float) -> tuple[Rows, Rows]:
    """Return the columns decided for, and the undecided ones; deciding otherwise would bring no better plan than `best`."""
    aim = worth_improving(model, best)
    room = relaxed.bound - aim if model.worth is not None else aim - relaxed.bound
    decided = np.abs(relaxed.reduced) > max(room, 0.0)
    open_ = decided & (relaxed.columns > 0.5)
    return np.flatnonzero(open_).astype(np.int32), np.flatnonzero(~decided).astype(np.int32)


def rest_of(model: CoverModel, open_: Rows, undecided: Rows) -> Rest:
    """Reduce rows and measures to what the undecided columns can still change."""
    rows = keep_columns(model.rows, undecided, len(model.weight))
    count = cover_counts(model.sites, len(rows.starts) - 1, open_)
    groups = identical_rows(rows, with_cost=False)
    number = int(groups.max(initial=-1)) + 1
    first_row = np.unique(groups, return_index=True)[1]
    reachable = np.diff(rows.starts)[first_row] > 0
    parts = []
    for measure in model.measures:
        first = np.where(count == 0, measure.first, np.where(count == 1, measure.second, 0.0))
        second = np.where(count == 0, measure.second, 0.0)
        constant = measure.constant + measure.first[count >= 1].sum() + measure.second[count >= 2].sum()
        merged = [np.bincount(groups, weights=part, minlength=number).astype(np.float64) for part in (first, second)]
        parts.append((merged, float(constant), measure.need))
    useful = reachable & (sum((one + two for (one, two), _, _ in parts), np.zeros(number)) > 0)
    chosen = first_row[useful]
    sizes = np.diff(rows.starts)[chosen]
    starts = np.concatenate(([0], np.cumsum(sizes)))
    pairs = np.repeat(rows.starts[chosen] - starts[:-1], sizes) + np.arange(starts[-1])
    measures = tuple(
        Measure(first=one[useful], second=two[useful], constant=constant, need=need) for (one, two), constant, need in parts
    )
    return Rest(open=open_, undecided=undecided, rows=Pairs(starts, rows.rows[pairs], rows.cost[pairs]), measures=measures)


def branch_whole(model: CoverModel, rest: Rest, *, start: Rows | None, seconds: float) -> tuple[Rows | None, float]:
    """Hand the rest to HiGHS with its demand rows; return the chosen columns (None: no better plan) and the proven bound."""
    columns, rows = len(rest.undecided), len(rest.rows.starts) - 1
    has_worth = model.worth is not None
    twice = np.flatnonzero(sum((measure.second for measure in rest.measures), np.zeros(rows)) > 0)
    scale = scale_of(model.worth.most if model.worth is not None else float(model.weight.sum()))
    highs = new_model()
    nothing, width = np.zeros(rows + len(twice)), columns + rows + len(twice)
    site_cost = np.zeros(columns) if has_worth else model.weight[rest.undecided] / scale
    first, second = (rest.measures[0].first, rest.measures[0].second[twice]) if has_worth else (nothing[:rows], nothing[rows:])
    cost = np.concatenate((site_cost, -first / scale, -second / scale))
    add_columns(highs, cost=cost, lower=np.zeros(width), upper=np.ones(width))
    covers = sparse.csr_array((np.ones(len(rest.rows.rows)), rest.rows.rows, rest.rows.starts), shape=(rows, columns))
    second_of = sparse.csr_array((np.ones(len(twice)), (twice, np.arange(len(twice)))), shape=(rows, len(twice)))
    matrix = sparse.hstack((covers, -sparse.eye_array(rows), -second_of), format="csr")
    add_rows(highs, matrix, lower=np.zeros(rows), upper=np.full(rows, INFINITY))
    for measure in rest.measures[1:] if has_worth else rest.measures:
        size = max(measure.most, 1e-300)
        values = np.concatenate((np.zeros(columns), measure.first, measure.second[twice])) / size
        needed = np.array([(measure.need - measure.constant) / size])
        add_rows(highs, sparse.csr_array(values[None, :]), lower=needed, upper=np.array([INFINITY]))
    _add_rules(highs, model, rest, width)
    make_whole(highs, np.arange(columns))
    if start is not None:
        chosen = np.isin(rest.undecided, start)
        count = covers @ chosen.astype(float)
        values = np.concatenate((chosen, np.minimum(count, 1.0), (count >= 2)[twice]))
        suggest(highs, values.astype(float))
    solved = run(highs, seconds=seconds)
    if solved.status == "infeasible":
        return None, -np.inf if has_worth else np.inf
    base = rest.measures[0].constant if has_worth else float(model.weight[rest.open].sum())
    bound = base - solved.bound * scale if has_worth else base + solved.bound * scale
    if solved.values is None:
        return None, bound
    return np.sort(np.concatenate((rest.open, rest.undecided[solved.values[:columns] > 0.5]))).astype(np.int32), bound


def _add_rules(highs: object, model: CoverModel, rest: Rest, width: int) -> None:
    """Budget and groups over the undecided columns."""
    weight = model.weight[rest.undecided]
    padding = np.zeros(width - len(weight))
    if np.isfinite(model.budget):
        left = model.budget - float(model.weight[rest.open].sum())
        matrix = sparse.csr_array(np.concatenate((weight, padding))[None, :])
        add_rows(highs, matrix, lower=np.array([-INFINITY]), upper=np.array([left]))
    for group in np.unique(model.group[model.group >= 0]):
        members = (model.group[rest.undecided] == group).astype(float)
        left = 1.0 - float((model.group[rest.open] == group).sum())
        matrix = sparse.csr_array(np.concatenate((members, padding))[None, :])
        add_rows(highs, matrix, lower=np.array([-INFINITY]), upper=np.array([left]))


def branch_with_cuts(
    master: CoverMaster,
    open_: Rows,
    undecided: Rows,
    *,
    improve: Callable[[Rows], float],
    seconds_left: Callable[[], float],
) -> float:
    """Solve the candidates' model in whole numbers, cut at each answer, and repeat until nothing better is left.

    Parameters
    ----------
    master : CoverMaster
        With the cuts of its relaxation.
    open_, undecided : int32 array
        Columns decided for; columns to decide.
    improve : callable
        Is given the columns of each answer, and returns the best objective known then.

    Returns
    -------
    float
        The proven bound for plans that would be better than the best.
    """
    model, highs = master.model, master.highs
    has_worth = model.worth is not None
    columns = len(model.weight)
    _restrict(master, open_, undecided)
    bound = np.inf if has_worth else -np.inf
    while seconds_left() > 0:
        solved = run(highs, seconds=seconds_left())
        if solved.status == "infeasible":
            return -np.inf if has_worth else np.inf
        proven = master.bound_of(solved.bound)
        bound = min(bound, proven) if has_worth else max(bound, proven)
        if solved.values is None:
            break
        exact = (solved.values[:columns] > 0.5).astype(float)
        aim = worth_improving(model, improve(np.flatnonzero(exact).astype(np.int32)))
        if (bound < aim) if has_worth else (bound > aim):
            break
        if not master.cut(exact, answer=np.concatenate((exact, solved.values[columns:]))):
            break
    return bound


def _restrict(master: CoverMaster, open_: Rows, undecided: Rows) -> None:
    """Fix all columns but the undecided ones, which become whole numbers."""
    columns = np.arange(len(master.model.weight), dtype=np.int32)
    lower, upper = np.zeros(len(columns)), np.zeros(len(columns))
    lower[open_], upper[open_] = 1.0, 1.0
    upper[undecided] = 1.0
    master.highs.changeColsBounds(len(columns), columns, lower, upper)
    make_whole(master.highs, columns)
