"""The door to siting: one call for every problem."""

from __future__ import annotations

from .plan import OnPlan, Plan
from .problem import SitingProblem


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
    raise NotImplementedError
