"""What sites achieve, reckoned from the problem's own tables alone: no method is trusted with its own result."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...geo.compiled import compiled
from .choices import site_weights
from .costs import Flags, Floats, Rows
from .plan import Flows
from .problem import SitingProblem


@dataclass(frozen=True, kw_only=True, eq=False)
class Evaluation:
    """Assignment, minutes (NaN for none), objective and covered heads, as in `Plan`; `served` tells who has a site at all."""

    assignment: Rows
    minutes: Floats
    objective: float
    covered_people: float
    served: Flags


def evaluate(problem: SitingProblem, sites: Rows, *, flows: Flows | None = None) -> Evaluation:
    """Reckon what open sites achieve.

    Parameters
    ----------
    problem : SitingProblem
    sites : int32 array
        Open candidate rows, existing ones included.
    flows : Flows, optional
        Who goes where, for problems with capacities.
    """
    if flows is not None:
        return _split(problem, flows)
    table = problem.costs
    limit = problem.limit if problem.traits.is_covering and problem.limit is not None else np.inf
    is_open = np.zeros(table.candidates, bool)
    is_open[sites] = True
    assignment, minutes, count = _nearest(table.demand, table.candidate, table.cost, is_open, table.demands, float(limit))
    served = assignment >= 0
    near = served if problem.limit is None else served & (minutes <= problem.limit)
    return Evaluation(
        assignment=assignment,
        minutes=minutes,
        objective=_objective(problem, sites, minutes, served, count),
        covered_people=float(problem.people[near].sum()),
        served=served,
    )


def spending(problem: SitingProblem, sites: Rows) -> float:
    """Sites, or money, that a plan takes: opened ones less existing ones given up; an upgrade is one opened site."""
    weight = site_weights(problem)
    opened, closed = np.setdiff1d(sites, problem.existing), np.setdiff1d(problem.existing, sites)
    given_up = np.intersect1d(closed, problem.closable)
    return float(weight[opened].sum() - weight[given_up].sum())


def _objective(problem: SitingProblem, sites: Rows, minutes: Floats, served: Flags, count: Rows) -> float:
    people = problem.weighted_people
    objective = problem.traits.objective
    if objective == "spending":
        return spending(problem, sites)
    if objective == "longest":
        return float(minutes[served & (problem.people > 0)].max(initial=0.0))
    if problem.traits.levels > 1:
        share = problem.backup_weight
        return float((1 - share) * people[count >= 1].sum() + share * people[count >= 2].sum())
    if objective == "person-minutes":
        return _person_minutes(problem, np.where(served, people, 0.0), np.where(served, minutes, 0.0))
    return float(people[served].sum())


def _person_minutes(problem: SitingProblem, going: Floats, minutes: Floats) -> float:
    """Time of those who go, and what those who stay without count for (nobody counts for more with a site than without)."""
    missing = problem.unserved_minutes
    if missing is None:
        return float(going @ minutes)
    reachable = problem.weighted_people
    return float(going @ np.minimum(minutes, missing) + missing * (reachable - going).sum())


def _split(problem: SitingProblem, flows: Flows) -> Evaluation:
    """Reckon with people of one row going to several sites."""
    table = problem.costs
    cost = pair_costs(problem, flows.demand, flows.candidate)
    going = np.zeros(table.demands)
    np.add.at(going, flows.demand, flows.people)
    order = np.lexsort((flows.candidate, -flows.people, flows.demand))
    rows, first = np.unique(flows.demand[order], return_index=True)
    assignment = np.full(table.demands, -1, np.int32)
    assignment[rows] = flows.candidate[order][first]
    minutes = np.full(table.demands, np.nan)
    spent = np.bincount(flows.demand, weights=flows.people * cost, minlength=table.demands)
    some = going > 0
    minutes[some] = spent[some] / going[some]
    part = np.divide(going, problem.people, out=np.zeros_like(going), where=problem.people > 0)
    weighted = problem.weighted_people * np.minimum(part, 1.0)
    if problem.traits.objective == "people":
        objective = float(weighted.sum())
    else:
        objective = _person_minutes(problem, weighted, np.where(some, minutes, 0.0))
    return Evaluation(
        assignment=assignment, minutes=minutes, objective=objective, covered_people=float(going.sum()), served=assignment >= 0
    )


def pair_costs(problem: SitingProblem, demand: Rows, candidate: Rows) -> Floats:
    """Look costs of pairs up; every pair must stand in the table."""
    table = problem.costs
    keys = table.demand.astype(np.int64) * table.candidates + table.candidate
    order = np.argsort(keys, kind="stable")
    wanted = demand.astype(np.int64) * table.candidates + candidate
    return table.cost[order[np.searchsorted(keys, wanted, sorter=order)]]


@compiled
def _nearest(demand, candidate, cost, is_open, demands, limit):  # type: ignore[no-untyped-def]
    """Nearest open site of each demand row within the limit (ties: lowest row), its cost, and how many there are."""
    assignment = np.full(demands, -1, np.int32)
    minutes = np.full(demands, np.nan)
    count = np.zeros(demands, np.int32)
    for pair in range(len(demand)):
        site = candidate[pair]
        if not is_open[site] or cost[pair] > limit:
            continue
        row = demand[pair]
        count[row] += 1
        best = assignment[row]
        if best < 0 or cost[pair] < minutes[row] or (cost[pair] == minutes[row] and site < best):
            assignment[row] = site
            minutes[row] = cost[pair]
    return assignment, minutes, count
