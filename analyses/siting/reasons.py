"""Why people stay without a site, and why a request cannot be met: in numbers, before anything is solved."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .choices import Choices
from .plan import Reason
from .problem import SitingProblem


def unserved_people(problem: SitingProblem) -> tuple[Reason, ...]:
    """List the people whom no candidate that may be opened can serve, by reason; nobody is in two reasons."""
    table = problem.costs
    forbidden = np.zeros(table.candidates, bool)
    forbidden[problem.forbidden] = True
    limited = problem.traits.is_covering and problem.limit is not None
    near = table.cost <= problem.limit if limited and problem.limit is not None else np.ones(len(table.cost), bool)
    anywhere = np.bincount(table.demand, minlength=table.demands) > 0
    within = _rows_with(problem, near) if limited else anywhere
    allowed = _rows_with(problem, near & ~forbidden[table.candidate]) if forbidden.any() else within
    living = problem.people > 0
    found = (
        ("no-way", living & ~anywhere),
        ("beyond-limit", living & anywhere & ~within),
        ("forbidden", living & within & ~allowed),
    )
    return tuple(
        Reason(
            kind=kind,  # type: ignore[arg-type]
            people=float(problem.people[rows].sum()),
            demand=np.flatnonzero(rows).astype(np.int32),
            numbers={"limit": float(problem.limit)} if kind == "beyond-limit" and problem.limit is not None else {},
        )
        for kind, rows in found
        if rows.any()
    )


def impossible(problem: SitingProblem, made: Choices) -> tuple[Reason, ...]:
    """Return what makes a request impossible whatever is chosen; empty if nothing obvious does."""
    return tuple(_too_little(problem, made) + _out_of_reach(problem))


def _too_little(problem: SitingProblem, made: Choices) -> list[Reason]:
    """Required sites alone already take more than there is."""
    if made.budget >= 0:
        return []
    needed = made.spent
    if problem.budget is not None:
        return [Reason(kind="budget-short", numbers={"needed": needed, "budget": float(problem.budget)})]
    return [Reason(kind="too-few-sites", numbers={"needed": needed, "p": float(problem.p or 0)})]


def _out_of_reach(problem: SitingProblem) -> list[Reason]:
    """Shares that even every candidate together cannot reach."""
    if problem.limit is None:
        return []
    table = problem.costs
    forbidden = np.zeros(table.candidates, bool)
    forbidden[problem.forbidden] = True
    within = _rows_with(problem, (table.cost <= problem.limit) & ~forbidden[table.candidate])
    reasons = []
    if problem.target_share is not None:
        share = _share(problem.people, within)
        if share < problem.target_share - 1e-12:
            reasons.append(Reason(kind="target-unreachable", numbers={"best_share": share, "target_share": problem.target_share}))
    for zone, floor in sorted(problem.zone_floors.items()):
        inside = problem.zones == zone
        share = _share(problem.people[inside], within[inside])
        if share < floor - 1e-12:
            reasons.append(Reason(kind="floor-unreachable", numbers={"zone": float(zone), "best_share": share, "floor": floor}))
    return reasons


def _share(people: NDArray[np.float64], within: NDArray[np.bool_]) -> float:
    total = float(people.sum())
    return float(people[within].sum()) / total if total > 0 else 1.0


def _rows_with(problem: SitingProblem, pairs: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Demand rows that stand in one of the pairs."""
    found = np.zeros(problem.costs.demands, bool)
    found[problem.costs.demand[pairs]] = True
    return found
