"""Benders cuts for covering problems: the demand rows are projected out, only the candidates stay in the model.

After Cordeau, Furini & Ljubić (2019), "Benders decomposition for very large scale partial set covering and maximal covering
location problems", European Journal of Operational Research 275(3). What the rows bring is a concave function of the
candidates; its tangents at fractional points are the cuts. The points to cut at lie between the model's answer and the one
before ("in-out"), which halves the number of cuts.

HiGHS takes no cuts while it branches, so the relaxation is cut until nothing is violated and whole solutions are cut in rounds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from .costs import Floats
from .cover_model import CoverModel, Measure
from .highs import INFINITY, Solved, add_columns, add_rows, new_model, run, scale_of

VIOLATED = 1e-7  # of a measure's largest value: a smaller violation is rounding
MOST_ROUNDS = 3000
STALL_ROUNDS = 60  # the relaxation is left as it is when so many cuts move its bound by less than STALL
STALL = 1e-4
PURGE_ROUNDS = 100  # cuts that hold nothing back are dropped so often


@dataclass(frozen=True, kw_only=True, eq=False)
class Relaxation:
    """The relaxation's answer: columns, the proven bound in the model's sense, and reduced costs; `closed` tells it is exact."""

    columns: Floats
    bound: float
    reduced: Floats
    closed: bool


class CoverMaster:
    """The candidates' model with cuts for every measure; minimises (a worth enters with a minus sign)."""

    def __init__(self, model: CoverModel) -> None:
        self.model = model
        rows, columns = len(model.rows.starts) - 1, len(model.weight)
        ones = np.ones(len(model.rows.rows))
        self.covers = sparse.csr_array((ones, model.rows.rows, model.rows.starts), shape=(rows, columns))
        self.covered = sparse.csr_array(self.covers.T)
        largest = float(model.weight.sum()) if model.worth is None else model.worth.most
        self.scale = scale_of(largest)
        self.highs = new_model()
        self._add_columns()
        self._add_rules()
        self.rules = self.highs.getNumRow()
        self.cut(np.full(columns, min(1.0, model.budget / max(model.weight.sum(), 1e-300))))

    def _add_columns(self) -> None:
        model = self.model
        has_worth = model.worth is not None
        sites = np.zeros(len(model.weight)) if has_worth else model.weight / self.scale
        add_columns(self.highs, cost=sites, lower=np.zeros(len(sites)), upper=np.ones(len(sites)))
        # One column per measure, scaled to 1 at its most.
        for number, measure in enumerate(model.measures):
            counted = -_most(measure) / self.scale if has_worth and number == 0 else 0.0
            lower = -INFINITY if not np.isfinite(measure.need) else (measure.need - measure.constant) / _most(measure)
            add_columns(self.highs, cost=np.array([counted]), lower=np.array([lower]), upper=np.array([INFINITY]))

    def _add_rules(self) -> None:
        model = self.model
        if np.isfinite(model.budget):
            matrix = sparse.csr_array(model.weight[None, :])
            add_rows(self.highs, matrix, lower=np.array([-INFINITY]), upper=np.array([model.budget]))
        for group in np.unique(model.group[model.group >= 0]):
            matrix = sparse.csr_array((model.group == group).astype(float)[None, :])
            add_rows(self.highs, matrix, lower=np.array([-INFINITY]), upper=np.array([1.0]))

    @property
    def _offset(self) -> float:
        return 0.0 if self.model.worth is None else self.model.worth.constant

    def cut(self, columns: Floats, *, answer: Floats | None = None) -> int:
        """Add each measure's tangent at a point, where it cuts `answer` off; return how many were added."""
        count = self.covers @ columns
        added = 0
        for number, measure in enumerate(self.model.measures):
            slope = np.where(count < 1 - 1e-9, measure.first, np.where(count < 2 - 1e-9, measure.second, 0.0))
            values = slope @ self.covers
            # The tangent's height above the origin: the most a row brings beyond its slope.
            rest = float(np.maximum(0.0, np.maximum(measure.first - slope, measure.first + measure.second - 2 * slope)).sum())
            most = _most(measure)
            if answer is not None:
                allowed = (rest + values @ answer[: len(values)]) / most
                if answer[len(values) + number] <= allowed + VIOLATED:
                    continue
            used = np.flatnonzero(values)
            entries = np.append(-values[used] / most, 1.0)
            at = np.append(used, len(values) + number)
            matrix = sparse.csr_array((entries, at, [0, len(at)]), shape=(1, len(values) + len(self.model.measures)))
            add_rows(self.highs, matrix, lower=np.array([-INFINITY]), upper=np.array([rest / most]))
            added += 1
        return added

    def bound_of(self, solved: float) -> float:
        """Turn the model's objective into worth (or weight)."""
        return solved * self.scale if self.model.worth is None else self._offset - solved * self.scale

    def relax(self, *, seconds_left: Callable[[], float]) -> Relaxation | None:
        """Cut until the relaxation is exact or the time is over; None if no plan can meet the rules."""
        columns = len(self.model.weight)
        inner: Floats | None = None
        bounds: list[float] = []
        last: Solved | None = None
        for _ in range(MOST_ROUNDS):
            solved = run(self.highs, seconds=seconds_left())
            if solved.status == "infeasible":
                return None
            if solved.status == "stopped" or solved.values is None:
                break
            last = solved
            answer = solved.values
            outer = answer[:columns]
            between = outer if inner is None else (outer + inner) / 2
            added = self.cut(between, answer=answer)
            if added < len(self.model.measures):
                added += self.cut(outer, answer=answer)
            inner = between
            bounds.append(solved.bound)
            if not added or seconds_left() <= 0 or _stalls(bounds):
                return self._read(last, closed=not added)
            if len(bounds) % PURGE_ROUNDS == 0:
                self._purge()
        return self._read(last, closed=False) if last is not None else None

    def _purge(self) -> None:
        """Drop cuts that the last answer does not touch; the bound stays proven."""
        solution, lp = self.highs.getSolution(), self.highs.getLp()
        value, dual = np.array(solution.row_value), np.array(solution.row_dual)
        upper = np.array(lp.row_upper_)[: len(value)]
        slack = (upper - value > 1e-6) & (dual == 0)
        slack[: self.rules] = False
        idle = np.flatnonzero(slack).astype(np.int32)
        self.highs.deleteRows(len(idle), idle)

    def _read(self, solved: Solved, *, closed: bool) -> Relaxation:
        columns = len(self.model.weight)
        assert solved.values is not None
        reduced = np.array(self.highs.getSolution().col_dual)[:columns] * self.scale
        return Relaxation(columns=solved.values[:columns], bound=self.bound_of(solved.bound), reduced=reduced, closed=closed)


def _stalls(bounds: list[float]) -> bool:
    """Whether the last rounds hardly moved the bound."""
    if len(bounds) <= STALL_ROUNDS:
        return False
    before, now = bounds[-STALL_ROUNDS - 1], bounds[-1]
    return abs(now - before) <= STALL * max(abs(now), 1e-9)


def _most(measure: Measure) -> float:
    """What the measure's column is scaled by."""
    return max(measure.most - measure.constant, 1e-300)
