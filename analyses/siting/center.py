"""p-center: the shortest longest time, by bisection over covering problems.

Within a limit everyone is covered by p sites or not (Minieka 1970, "The m-center problem", SIAM Review 12(1)); the limits that
matter are the costs of the table.
"""

from __future__ import annotations

import numpy as np

from .choices import Choices
from .costs import Floats, Rows
from .cover_model import cover_model
from .cover_start import start_cover
from .evaluation import evaluate
from .plan import Plan, Reason
from .problem import SitingProblem
from .reach import cover_all, fewest_to_reach, within
from .reporting import Reporter

METHOD = "bisection of the longest time over set covering problems (greedy and swap; HiGHS)"
LEAST_SECONDS = 5.0


def solve_center(problem: SitingProblem, made: Choices, reporter: Reporter) -> Plan:
    """Solve a p-center problem.

    Parameters
    ----------
    problem : SitingProblem
    made : Choices
    reporter : Reporter
        Holds the clock and is told every better plan.
    """
    limits = _limits(problem, made)
    if not len(limits):
        return reporter.plan(made.fixed, method=METHOD, bound=0.0)
    low, high = 0, len(limits) - 1  # the answer is one of limits[low..high]; limits[high] is known to do once `best` is set
    best: Rows | None = None
    doubted = False
    while best is None or low < high:
        if reporter.seconds_left <= 0 and (best is not None or doubted):
            break
        middle = high if best is None else (low + high) // 2
        sites, decided = _coverable(problem, made, float(limits[middle]), reporter)
        if sites is not None:
            plan = reporter.tell(sites, method=METHOD, bound=float(limits[low]))
            best = sites
            high = min(middle, int(np.searchsorted(limits, plan.objective)))
        elif best is None:
            return _none(problem, made, reporter, decided=decided)
        elif not decided:
            doubted = True
            break
        else:
            low = middle + 1
    assert best is not None
    return reporter.plan(best, method=METHOD, bound=float(limits[low]))


def _limits(problem: SitingProblem, made: Choices) -> Floats:
    """Costs that the longest time can have: none is below the largest of the rows' nearest candidates."""
    table = problem.costs
    able = np.zeros(table.candidates, bool)
    able[made.fixed] = able[made.free] = True
    used = able[table.candidate] & (problem.people > 0)[table.demand]
    nearest = np.full(table.demands, np.inf)
    np.minimum.at(nearest, table.demand[used], table.cost[used])
    least = nearest[np.isfinite(nearest)].max(initial=0.0)
    limits: Floats = np.unique(table.cost[used])
    return np.asarray(limits[limits >= least], np.float64)


def _coverable(problem: SitingProblem, made: Choices, limit: float, reporter: Reporter) -> tuple[Rows | None, bool]:
    """Return sites that cover everyone within a limit, else None and whether there are none for sure."""
    model = cover_model(within(problem, limit), made)
    if not _same_people(problem, made, limit):
        return None, True
    start = start_cover(model)
    if start is None or model.weight[start].sum() > made.budget:
        found = cover_all(model, start=start, seconds=max(reporter.seconds_left, LEAST_SECONDS))
        if not found.possible or np.ceil(found.bound - 1e-6) > made.budget:
            return None, True
        start = found.columns
        if start is None or model.weight[start].sum() > made.budget:
            return None, False
    return np.concatenate((made.fixed, model.candidates[start])).astype(np.int32), True


def _same_people(problem: SitingProblem, made: Choices, limit: float) -> bool:
    """Whether every row that some candidate reaches is within the limit of one."""
    everywhere = np.concatenate((made.fixed, made.free)).astype(np.int32)
    found = evaluate(problem, everywhere)
    return bool((found.minutes[found.served & (problem.people > 0)] <= limit).all())


def _none(problem: SitingProblem, made: Choices, reporter: Reporter, *, decided: bool) -> Plan:
    if not decided:
        return reporter.infeasible((Reason(kind="undecided"),), method=METHOD)
    needed = fewest_to_reach(problem, made, seconds=max(reporter.seconds_left, LEAST_SECONDS))
    numbers = {"needed": needed + made.spent, "p": float(problem.p or 0)}
    return reporter.infeasible((Reason(kind="too-few-sites", numbers=numbers),), method=METHOD)
