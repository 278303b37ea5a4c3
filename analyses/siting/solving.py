"""The door to siting: one call for every problem."""

from __future__ import annotations

from collections.abc import Callable

from .assignment import solve_assignment
from .center import solve_center
from .choices import Choices, choices
from .cover import solve_cover
from .median import solve_median
from .plan import OnPlan, Plan
from .problem import SitingProblem
from .reach import solve_reach
from .reasons import impossible, unserved_people
from .reporting import Reporter


def solve(problem: SitingProblem, *, time_limit_seconds: float = 60.0, on_plan: OnPlan | None = None) -> Plan:
    """Find the best plan and prove how good it is.

    Parameters
    ----------
    problem : SitingProblem
    time_limit_seconds : float
        After this the best plan so far is returned, with what is proven about it. The first plan comes in any case.
    on_plan : callable, optional
        Called with each better plan as it is found, the first within seconds.

    Returns
    -------
    Plan
        The same for the same problem, as long as the time limit does not cut it short.
    """
    reporter = Reporter(problem=problem, time_limit_seconds=time_limit_seconds, on_plan=on_plan, reasons=unserved_people(problem))
    made = choices(problem)
    hindrances = impossible(problem, made)
    if hindrances:
        return reporter.infeasible(hindrances, method="compared with all candidates together")
    return _solver(problem)(problem, made, reporter)


def _solver(problem: SitingProblem) -> Callable[[SitingProblem, Choices, Reporter], Plan]:
    traits = problem.traits
    if traits.has_capacities or (traits.objective == "person-minutes" and problem.zone_floors):
        return solve_assignment
    if traits.objective == "person-minutes":
        return solve_median
    if traits.objective == "longest":
        return solve_center
    if traits.objective == "spending" and problem.target_share is None:
        return solve_reach
    return solve_cover
