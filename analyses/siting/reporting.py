"""From sites to plans: what every method hands back, with its proof and the time it took."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np

from .costs import Rows
from .evaluation import evaluate
from .plan import Flows, OnPlan, Plan, Reason
from .problem import SitingProblem

PROVEN = 1e-8  # relative difference of objective and bound that is rounding, not doubt
WRONG = 1e-5  # beyond rounding and the tolerances of HiGHS


@dataclass(kw_only=True)
class Reporter:
    """Knows the problem, the clock and whom to tell; remembers the best plan told."""

    problem: SitingProblem
    time_limit_seconds: float
    on_plan: OnPlan | None = None
    reasons: tuple[Reason, ...] = ()
    started: float = field(default_factory=time.perf_counter)
    best: Plan | None = None

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.perf_counter() - self.started

    @property
    def seconds_left(self) -> float:
        """Until the time limit, never negative."""
        return max(0.0, self.time_limit_seconds - self.seconds)

    def left(self) -> float:
        """`seconds_left`, to be handed on."""
        return self.seconds_left

    def tell(self, sites: Rows, *, method: str, bound: float | None = None, flows: Flows | None = None) -> Plan:
        """Reckon a plan and pass it on if it is better than the best so far."""
        plan = self.plan(sites, method=method, bound=bound, flows=flows)
        if self.best is None or better(self.problem, plan.objective, self.best.objective):
            self.best = plan
            if self.on_plan is not None:
                self.on_plan(plan)
        return plan

    def plan(self, sites: Rows, *, method: str, bound: float | None, flows: Flows | None = None) -> Plan:
        """Reckon what sites achieve and how far from the bound it is."""
        problem = self.problem
        sites = _standing(problem, np.unique(sites).astype(np.int32))
        found = evaluate(problem, sites, flows=flows)
        gap, bound = _gap(problem, found.objective, bound)
        return Plan(
            problem=problem.problem,
            sites=sites,
            opened=np.setdiff1d(sites, problem.existing).astype(np.int32),
            closed=np.setdiff1d(problem.existing, sites).astype(np.int32),
            assignment=found.assignment,
            minutes=found.minutes,
            objective=found.objective,
            bound=bound,
            gap=gap,
            method=method,
            seconds=self.seconds,
            status="optimal" if gap == 0.0 else "time limit",
            covered_people=found.covered_people,
            flows=flows,
            explanation=self.reasons,
        )

    def infeasible(self, reasons: tuple[Reason, ...], *, method: str, bound: float | None = None) -> Plan:
        """Return the plan that is none, and why."""
        demands = self.problem.costs.demands
        undecided = any(reason.kind == "undecided" for reason in reasons)
        return Plan(
            problem=self.problem.problem,
            sites=np.zeros(0, np.int32),
            opened=np.zeros(0, np.int32),
            closed=np.zeros(0, np.int32),
            assignment=np.full(demands, -1, np.int32),
            minutes=np.full(demands, np.nan),
            objective=float("nan"),
            bound=bound,
            gap=None,
            method=method,
            seconds=self.seconds,
            status="time limit" if undecided else "infeasible",
            covered_people=0.0,
            explanation=(*reasons, *self.reasons),
        )


def better(problem: SitingProblem, objective: float, than: float) -> bool:
    """Whether an objective beats another by more than rounding."""
    least = PROVEN * max(abs(objective), abs(than))
    return objective > than + least if problem.traits.larger_is_better else objective < than - least


def _standing(problem: SitingProblem, sites: Rows) -> Rows:
    """Take away existing facilities that a chosen upgrade replaces."""
    replaced = [problem.upgrades[int(row)] for row in sites if int(row) in problem.upgrades]
    return np.setdiff1d(sites, np.array(replaced, np.int32)).astype(np.int32)


def _gap(problem: SitingProblem, objective: float, bound: float | None) -> tuple[float | None, float | None]:
    if bound is None or not np.isfinite(bound):
        return None, None
    beaten = objective - bound if problem.traits.larger_is_better else bound - objective
    distance = abs(objective - bound)
    if beaten > WRONG * max(abs(objective), abs(bound), 1.0):
        return None, None  # a bound that its own plan beats proves nothing
    if beaten >= 0 or distance <= PROVEN * max(abs(objective), abs(bound)) or (objective == 0 and distance < PROVEN):
        return 0.0, objective
    return (distance / abs(objective) if objective else None), bound
