"""How few sites reach everyone: lscp for all, and what p-median and p-center need to know about it."""

from __future__ import annotations

import numpy as np

from .choices import Choices
from .costs import Rows
from .cover_model import CoverModel, cover_model
from .cover_start import start_cover
from .plan import Plan, Reason
from .problem import SitingProblem
from .reporting import Reporter
from .set_cover import Cover, set_cover

METHOD = "greedy and swap; set covering, presolved, branch and bound (HiGHS)"


def solve_reach(problem: SitingProblem, made: Choices, reporter: Reporter) -> Plan:
    """Solve lscp for everyone whom a candidate can cover."""
    model = cover_model(problem, made)
    start = start_cover(model)
    if start is not None:
        reporter.tell(_sites(model, made, start), method="greedy and swap")
    found = cover_all(model, start=start, seconds=reporter.seconds_left)
    if not found.possible:
        return reporter.infeasible((Reason(kind="floors-together"),), method=METHOD)
    columns = found.columns if found.columns is not None else start
    if columns is None:
        return reporter.infeasible((Reason(kind="undecided"),), method=METHOD)
    if start is not None and model.weight[start].sum() < model.weight[columns].sum():
        columns = start
    return reporter.plan(_sites(model, made, columns), method=METHOD, bound=_proven(model, found) + made.spent)


def cover_all(model: CoverModel, *, start: Rows | None, seconds: float) -> Cover:
    """Choose columns of least weight for all rows of a covering model."""
    if not len(model.rows.starts) - 1:
        return Cover(columns=np.zeros(0, np.int32), bound=0.0, possible=True)
    return set_cover(model.rows, model.weight, model.group, start=start, seconds=seconds)


def fewest_to_reach(problem: SitingProblem, made: Choices, *, seconds: float) -> float:
    """Return how many free sites it takes at least so that everyone a candidate reaches has one (a proven lower bound).

    Infinite where upgrades that exclude each other make it impossible.
    """
    model = cover_model(within(problem, float(problem.costs.cost.max(initial=0.0))), made)
    return _proven(model, cover_all(model, start=None, seconds=seconds))


def within(problem: SitingProblem, limit: float) -> SitingProblem:
    """Return the question how few sites cover everyone within a limit, over the same candidates."""
    return SitingProblem(
        problem="lscp",
        costs=problem.costs,
        people=problem.people,
        limit=limit,
        existing=problem.existing,
        required=problem.required,
        forbidden=problem.forbidden,
        closable=problem.closable,
        upgrades=problem.upgrades,
    )


def _proven(model: CoverModel, found: Cover) -> float:
    whole = bool((model.weight == np.round(model.weight)).all())
    return float(np.ceil(found.bound - 1e-6)) if whole and np.isfinite(found.bound) else found.bound


def _sites(model: CoverModel, made: Choices, columns: Rows) -> Rows:
    return np.concatenate((made.fixed, model.candidates[columns])).astype(np.int32)
