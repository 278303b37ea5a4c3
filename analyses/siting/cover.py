"""Covering problems from start to proof: mclp, budgeted-mclp, backup-coverage, and lscp for a share of the people."""

from __future__ import annotations

import numpy as np

from .choices import Choices
from .costs import Rows
from .cover_bound import CoverMaster, Relaxation
from .cover_model import CoverModel, cover_model
from .cover_proof import MOST_PAIRS, branch_whole, branch_with_cuts, fix_columns, rest_of, worth_improving
from .cover_search import cover_value
from .cover_start import meets_needs, start_cover
from .plan import Plan, Reason
from .problem import SitingProblem
from .reporting import Reporter

SLACK = 1e-7
ROUNDINGS = 8  # plans started from the relaxation's columns
METHOD = "greedy and swap; Benders cuts on the candidates, reduced-cost fixing, branch and bound (HiGHS)"


def solve_cover(problem: SitingProblem, made: Choices, reporter: Reporter) -> Plan:
    """Solve a covering problem.

    Parameters
    ----------
    problem : SitingProblem
    made : Choices
    reporter : Reporter
        Holds the clock and is told every better plan.
    """
    model = cover_model(problem, made)
    return _Cover(model, made, reporter).solve()


class _Cover:
    """The state of one solution: the best columns so far and what is proven."""

    def __init__(self, model: CoverModel, made: Choices, reporter: Reporter) -> None:
        self.model, self.made, self.reporter = model, made, reporter
        self.best: Rows | None = None
        self.objective = -np.inf if model.worth is not None else np.inf
        self.bound: float | None = None

    def solve(self) -> Plan:
        if len(self.model.weight) == 0:
            return self._without_choice()
        self.keep(start_cover(self.model))
        master = CoverMaster(self.model)
        relaxed = master.relax(seconds_left=lambda: self.reporter.seconds_left)
        if relaxed is None:
            return self._failed(proven=self.reporter.seconds_left > 0)
        self.bound = self._rounded(relaxed.bound)
        self._round(relaxed)
        if not self._done():
            self._branch(master, relaxed)
        return self._finished()

    def keep(self, columns: Rows | None) -> None:
        """Take columns as the best plan if they are allowed and better."""
        if columns is None or not self._allowed(columns):
            return
        objective = self._value(columns)
        if (objective > self.objective) if self.model.worth is not None else (objective < self.objective):
            self.best, self.objective = columns, objective
            self.reporter.tell(self._sites(columns), method=METHOD, bound=self.bound)

    def improve(self, columns: Rows) -> float:
        """Search on from an answer of the exact part."""
        self.keep(columns)
        self.keep(start_cover(self.model, start=columns))
        return self.objective

    def _without_choice(self) -> Plan:
        """No candidate changes anything: today is the answer, if it meets the needs."""
        nothing = np.zeros(0, np.int32)
        if not meets_needs(self.model, nothing):
            return self._failed(proven=True)
        self.objective = self._value(nothing)
        return self.reporter.plan(
            self._sites(nothing), method="no candidate changes anything", bound=self._stated(self.objective)
        )

    def _round(self, relaxed: Relaxation) -> None:
        """Start the search from the relaxation: its largest columns, then drawn with its values as chances."""
        draw = np.random.default_rng(1)
        chances = relaxed.columns / np.maximum(self.model.weight, 1e-300)
        self.improve(np.argsort(-chances, kind="stable")[: np.count_nonzero(chances > 1e-6)])
        for _ in range(ROUNDINGS):
            if self._done() or self.reporter.seconds_left <= 0:
                return
            order = np.argsort(-relaxed.columns * draw.random(len(chances)), kind="stable")
            self.improve(order[: np.count_nonzero(relaxed.columns > 1e-6)])

    def _branch(self, master: CoverMaster, relaxed: Relaxation) -> None:
        if self.best is None:
            open_: Rows = np.zeros(0, np.int32)
            undecided: Rows = np.arange(len(self.model.weight), dtype=np.int32)
        else:
            open_, undecided = fix_columns(self.model, relaxed, self.objective)
        rest = rest_of(self.model, open_, undecided)
        left = self.reporter.seconds_left
        if len(rest.rows.rows) <= MOST_PAIRS:
            found, bound = branch_whole(self.model, rest, start=self.best, seconds=left)
            self.keep(found)
        else:
            bound = branch_with_cuts(master, open_, undecided, improve=self.improve, seconds_left=self.reporter.left)
        self._tighten(bound)

    def _tighten(self, bound: float) -> None:
        """Plans are either no better than the best, or in the rest that was branched on."""
        if self.model.worth is not None:
            self.bound = min(self.bound if self.bound is not None else np.inf, max(self._rounded(bound), self.objective))
        else:
            self.bound = max(self.bound if self.bound is not None else -np.inf, min(self._rounded(bound), self.objective))

    def _rounded(self, bound: float) -> float:
        """Where only whole numbers are possible, the bound is one."""
        if not np.isfinite(bound):
            return bound
        measures = (self.model.worth.first, self.model.worth.second) if self.model.worth is not None else (self.model.weight,)
        if not all(bool((part == np.round(part)).all()) for part in measures):
            return bound
        constant = self.model.worth.constant if self.model.worth is not None else 0.0
        slack = SLACK * max(1.0, abs(bound))  # the models' own tolerance
        if slack >= 0.5:
            return bound
        part = bound - constant
        return float(constant + (np.floor(part + slack) if self.model.worth is not None else np.ceil(part - slack)))

    def _done(self) -> bool:
        if self.best is None or self.bound is None:
            return False
        aim = worth_improving(self.model, self.objective)
        return self.bound < aim if self.model.worth is not None else self.bound > aim

    def _allowed(self, columns: Rows) -> bool:
        """Methods are not trusted: budget, groups and needs are checked anew."""
        model = self.model
        groups = model.group[columns]
        groups = groups[groups >= 0]
        within = float(model.weight[columns].sum()) <= model.budget * (1 + 1e-12)
        return within and len(np.unique(groups)) == len(groups) and meets_needs(model, columns)

    def _value(self, columns: Rows) -> float:
        worth = self.model.worth
        if worth is None:
            return float(self.model.weight[columns].sum())
        return worth.constant + cover_value(self.model.sites, worth.first, worth.second, columns)

    def _sites(self, columns: Rows) -> Rows:
        return np.concatenate((self.made.fixed, self.model.candidates[columns])).astype(np.int32)

    def _stated(self, bound: float | None) -> float | None:
        """The bound as plans state it: with what is spent before any choice."""
        if bound is None or self.model.worth is not None:
            return bound
        return bound + self.made.spent

    def _finished(self) -> Plan:
        if self.best is None:
            return self._failed(proven=self.bound is not None and not np.isfinite(self.bound))
        bound = self.objective if self._done() else self.bound
        return self.reporter.plan(self._sites(self.best), method=METHOD, bound=self._stated(bound))

    def _failed(self, *, proven: bool) -> Plan:
        if not proven:
            return self.reporter.infeasible((Reason(kind="undecided"),), method=METHOD)
        return self.reporter.infeasible((Reason(kind="floors-together"),), method=METHOD)
