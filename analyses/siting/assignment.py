"""Problems in which it matters who goes where: capacities, and p-median with floors; whole to HiGHS, with an honest gap.

The people of one demand row may be split between sites, so that only opening a site is a whole decision: with sites given, who
goes where is a transport problem.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from .choices import Choices, site_weights
from .costs import Floats, Rows
from .evaluation import evaluate
from .highs import INFINITY, Solved, add_columns, add_rows, make_whole, new_model, run, scale_of, suggest
from .plan import Flows, Plan, Reason
from .problem import SitingProblem
from .reach import fewest_to_reach
from .reporting import Reporter

METHOD = "greedy, then sites and assignment in one model (HiGHS branch and bound)"
LEAST_FLOW = 1e-7  # of a row's people: less is rounding
LEAST_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Network:
    """The pairs that may be used: rows of demand with people, candidates that may stand, their cost."""

    demand: Rows
    candidate: Rows
    cost: Floats
    rows: Rows  # demand rows with people and a pair


def solve_assignment(problem: SitingProblem, made: Choices, reporter: Reporter) -> Plan:
    """Solve a capacitated problem, or a p-median problem with floors.

    Parameters
    ----------
    problem : SitingProblem
    made : Choices
    reporter : Reporter
        Holds the clock and is told every better plan.
    """
    network = _network(problem, made)
    if not len(network.rows):
        alone = reporter.plan(made.fixed, method=METHOD, bound=None, flows=_if_split(problem, _no_flows()))
        return reporter.plan(made.fixed, method=METHOD, bound=alone.objective, flows=_if_split(problem, _no_flows()))
    start = _greedy(problem, made, network)
    flows = _flows(problem, network, start, seconds=max(reporter.seconds_left, LEAST_SECONDS))
    if flows is not None:
        reporter.tell(start, method="greedy", flows=_if_split(problem, flows))
    solved = _solve_whole(problem, made, network, start, flows, reporter)
    if solved.status == "infeasible":
        return reporter.infeasible(_why_not(problem, made, network), method=METHOD)
    bound = _bound(problem, network, solved)
    sites = start
    if solved.values is not None:
        found = np.flatnonzero(solved.values[: problem.costs.candidates] > 0.5).astype(np.int32)
        better = _flows(problem, network, found, seconds=LEAST_SECONDS + reporter.seconds_left)
        if better is not None:
            plan = reporter.tell(found, method=METHOD, flows=_if_split(problem, better))
            if reporter.best is plan or flows is None:
                sites, flows = found, better
    if flows is None:
        return reporter.infeasible((Reason(kind="undecided"),), method=METHOD, bound=bound)
    return reporter.plan(sites, method=METHOD, bound=bound, flows=_if_split(problem, flows))


def _if_split(problem: SitingProblem, flows: Flows) -> Flows | None:
    """Without capacities everyone goes to the nearest site."""
    return flows if problem.traits.has_capacities else None


def _no_flows() -> Flows:
    nothing = np.zeros(0, np.int32)
    return Flows(demand=nothing, candidate=nothing, people=np.zeros(0))


def _network(problem: SitingProblem, made: Choices) -> Network:
    table = problem.costs
    able = np.zeros(table.candidates, bool)
    able[made.fixed] = able[made.free] = True
    kept = able[table.candidate] & (problem.people > 0)[table.demand]
    if problem.traits.is_covering and problem.limit is not None:
        kept &= table.cost <= problem.limit
    if problem.unserved_minutes is not None:
        kept &= table.cost < problem.unserved_minutes
    demand = table.demand[kept]
    return Network(demand=demand, candidate=table.candidate[kept], cost=table.cost[kept], rows=np.unique(demand))


def _capacity(problem: SitingProblem) -> Floats:
    if problem.capacities is not None:
        return problem.capacities
    return np.full(problem.costs.candidates, float(problem.people.sum()))


def _greedy(problem: SitingProblem, made: Choices, network: Network) -> Rows:
    """Open the site that still unserved people fill most, again and again."""
    capacity, left = _capacity(problem), problem.people.copy()
    order = np.lexsort((network.cost, network.candidate))
    starts = np.searchsorted(network.candidate[order], np.arange(problem.costs.candidates + 1))
    chosen: list[int] = []
    groups: set[int] = set()

    def fill(site: int) -> None:
        rows = network.demand[order[starts[site] : starts[site + 1]]]
        before = np.cumsum(left[rows]) - left[rows]
        left[rows] -= np.clip(capacity[site] - before, 0.0, left[rows])
        chosen.append(site)

    for site in made.fixed:
        fill(int(site))
    while len(chosen) - len(made.fixed) < np.floor(made.budget):
        waiting = np.bincount(network.candidate, weights=left[network.demand], minlength=problem.costs.candidates)[made.free]
        gain = np.minimum(waiting, capacity[made.free])
        gain[np.isin(made.free, chosen) | np.isin(made.group, list(groups))] = 0.0
        best = int(np.argmax(gain)) if len(gain) else -1
        if best < 0 or gain[best] <= 0:
            break
        if made.group[best] >= 0:
            groups.add(int(made.group[best]))
        fill(int(made.free[best]))
    replaced = {problem.upgrades[site] for site in chosen if site in problem.upgrades}
    return np.array(sorted(set(chosen) - replaced), np.int32)


def _flows(problem: SitingProblem, network: Network, sites: Rows, *, seconds: float) -> Flows | None:
    """Send people to open sites at least cost; None if not everyone who must be served can be."""
    if not problem.traits.has_capacities:
        return _nearest_flows(problem, network, sites)
    pairs = np.flatnonzero(np.isin(network.candidate, sites))
    if not len(pairs):
        all_must = problem.traits.serves_everyone and problem.unserved_minutes is None
        return None if all_must else _no_flows()
    model = _Model(problem, network, pairs)
    model.add_capacities(np.isin(np.arange(problem.costs.candidates), sites).astype(float))
    solved = run(model.highs, seconds=seconds)
    if solved.values is None:
        return None
    share = solved.values[: len(pairs)]
    used = share > LEAST_FLOW
    demand = network.demand[pairs][used]
    people = problem.people[demand] * np.minimum(share[used], 1.0)
    return Flows(demand=demand, candidate=network.candidate[pairs][used], people=people)


def best_flows(problem: SitingProblem, sites: Rows) -> Flows | None:
    """Send people to given sites at least cost, or as many as fit; None if not everyone who must be served can be."""
    everything = Choices(
        fixed=sites, free=np.zeros(0, np.int32), weight=np.zeros(0), group=np.zeros(0, np.int32), budget=0.0, spent=0.0
    )
    network = _network(problem, everything)
    return _flows(problem, network, sites, seconds=LEAST_SECONDS) if len(network.rows) else _no_flows()


def _nearest_flows(problem: SitingProblem, network: Network, sites: Rows) -> Flows | None:
    """Everyone to the nearest site; None if somebody has none, or a floor is not met."""
    found = evaluate(problem, sites)
    if problem.unserved_minutes is None and not found.served[network.rows].all():
        return None
    near = found.served & (np.nan_to_num(found.minutes, nan=np.inf) <= (problem.limit or 0.0))
    for zone, floor in problem.zone_floors.items():
        inside = problem.zones == zone
        total = float(problem.people[inside].sum())
        if float(problem.people[inside & near].sum()) < floor * total - 1e-9 * max(1.0, total):
            return None
    served = found.served & (problem.people > 0)
    if problem.unserved_minutes is not None:
        served &= np.nan_to_num(found.minutes, nan=np.inf) < problem.unserved_minutes
    rows = np.flatnonzero(served).astype(np.int32)
    return Flows(demand=rows, candidate=found.assignment[rows], people=problem.people[rows])


class _Model:
    """Columns: the share of each pair, then (with a price for it) the share of each row that stays without a site."""

    def __init__(self, problem: SitingProblem, network: Network, pairs: Rows, *, sites: int = 0) -> None:
        self.problem, self.network, self.pairs = problem, network, pairs
        self.sites = sites
        self.demand, self.candidate = network.demand[pairs], network.candidate[pairs]
        self.rows = network.rows
        self.line = np.searchsorted(self.rows, self.demand)
        weight = problem.weighted_people
        self.wins = problem.traits.larger_is_better
        cost = -weight[self.demand] if self.wins else weight[self.demand] * network.cost[pairs]
        missing = problem.unserved_minutes
        self.lonely = 0 if self.wins or missing is None else len(self.rows)
        lonely = weight[self.rows[: self.lonely]] * (missing or 0.0)
        self.scale = scale_of(float(np.abs(np.concatenate((cost, lonely, [0.0]))).max()))
        self.highs = new_model()
        costs = np.concatenate((np.zeros(sites), cost / self.scale, lonely / self.scale))
        add_columns(self.highs, cost=costs, lower=np.zeros(len(costs)), upper=np.ones(len(costs)))
        self.width = len(costs)
        self._serve_rows()

    def matrix(self, rows: Any, columns: Any, values: Any, count: int) -> sparse.csr_array:
        """A block of rows over all columns."""
        return sparse.csr_array((np.asarray(values, float), (rows, columns)), shape=(count, self.width))

    def _serve_rows(self) -> None:
        count = len(self.rows)
        pairs = self.sites + np.arange(len(self.pairs))
        alone = self.sites + len(self.pairs) + np.arange(self.lonely)
        rows = np.concatenate((self.line, np.arange(self.lonely)))
        block = self.matrix(rows, np.concatenate((pairs, alone)), np.ones(len(rows)), count)
        lower = np.full(count, -INFINITY) if self.wins else np.ones(count)
        add_rows(self.highs, block, lower=lower, upper=np.ones(count))

    def add_capacities(self, open_: Floats) -> None:
        """Limit what each open site takes (sites given)."""
        capacity = _capacity(self.problem) * open_
        pairs = self.sites + np.arange(len(self.pairs))
        people = self.problem.people[self.demand]
        block = self.matrix(self.candidate, pairs, people, len(capacity))
        add_rows(self.highs, block, lower=np.full(len(capacity), -INFINITY), upper=capacity)

    def add_sites(self, made: Choices) -> None:
        """Make sites a decision: whole numbers, capacity, budget, upgrades, and no share of a closed site."""
        count, pairs = self.sites, self.sites + np.arange(len(self.pairs))
        capacity = np.minimum(_capacity(self.problem), float(self.problem.people.sum()))
        if self.problem.traits.has_capacities:
            rows = np.concatenate((self.candidate, np.arange(count)))
            values = np.concatenate((self.problem.people[self.demand], -capacity))
            block = self.matrix(rows, np.concatenate((pairs, np.arange(count))), values, count)
            add_rows(self.highs, block, lower=np.full(count, -INFINITY), upper=np.zeros(count))
        each = np.arange(len(self.pairs))
        linked = self.matrix(
            np.concatenate((each, each)), np.concatenate((pairs, self.candidate)), np.repeat([1.0, -1.0], len(each)), len(each)
        )
        add_rows(self.highs, linked, lower=np.full(len(each), -INFINITY), upper=np.zeros(len(each)))
        weight = site_weights(self.problem)[made.free]
        budget = self.matrix(np.zeros(len(made.free), int), made.free, weight, 1)
        add_rows(self.highs, budget, lower=np.array([-INFINITY]), upper=np.array([made.budget]))
        self._bound_sites(made)
        make_whole(self.highs, np.arange(count))

    def _bound_sites(self, made: Choices) -> None:
        """Standing sites stand unless an upgrade replaces them; the others are free or closed."""
        lower, upper = np.zeros(self.sites), np.zeros(self.sites)
        upper[made.free] = upper[made.fixed] = lower[made.fixed] = 1.0
        replaced = np.array(sorted(set(self.problem.upgrades.values())), np.int32)
        lower[replaced] = 0.0
        self.highs.changeColsBounds(self.sites, np.arange(self.sites, dtype=np.int32), lower, upper)
        for existing in replaced:
            able = [up for up, old in self.problem.upgrades.items() if old == existing and upper[up] > 0]
            block = self.matrix(np.zeros(len(able) + 1, int), [existing, *able], np.ones(len(able) + 1), 1)
            add_rows(self.highs, block, lower=np.ones(1), upper=np.ones(1))

    def values_of(self, sites: Rows, flows: Flows) -> Floats:
        """The model's columns for a plan."""
        count = self.problem.costs.candidates
        keys = self.demand.astype(np.int64) * count + self.candidate
        order = np.argsort(keys, kind="stable")
        at = order[np.searchsorted(keys, flows.demand.astype(np.int64) * count + flows.candidate, sorter=order)]
        share = np.zeros(len(self.pairs))
        share[at] = flows.people / self.problem.people[flows.demand]
        served = np.zeros(len(self.rows))
        np.add.at(served, self.line, share)
        standing = np.isin(np.arange(self.sites), sites).astype(float)
        return np.concatenate((standing, share, np.maximum(0.0, 1.0 - served[: self.lonely])))

    def add_floors(self) -> None:
        """Shares of zones within the limit."""
        near = self.network.cost[self.pairs] <= (self.problem.limit or 0.0)
        zones = self.problem.zones
        for zone, floor in self.problem.zone_floors.items():
            assert zones is not None
            inside = np.flatnonzero(near & (zones[self.demand] == zone))
            total = float(self.problem.people[zones == zone].sum())
            if total <= 0:
                continue  # nobody lives there
            people = self.problem.people[self.demand[inside]] / total
            block = self.matrix(np.zeros(len(inside), int), self.sites + inside, people, 1)
            add_rows(self.highs, block, lower=np.array([floor - 1e-9]), upper=np.array([INFINITY]))


def _solve_whole(
    problem: SitingProblem, made: Choices, network: Network, start: Rows, flows: Flows | None, reporter: Reporter
) -> Solved:
    """Sites and assignment in one model."""
    count = problem.costs.candidates
    model = _Model(problem, network, np.arange(len(network.cost)), sites=count)
    model.add_sites(made)
    model.add_floors()
    if flows is not None:
        suggest(model.highs, model.values_of(start, flows))
    solved = run(model.highs, seconds=reporter.seconds_left)
    return Solved(
        status=solved.status, values=solved.values, objective=solved.objective * model.scale, bound=solved.bound * model.scale
    )


def _bound(problem: SitingProblem, network: Network, solved: Solved) -> float:
    """The model's bound in the objective's sense, with the people no site can serve."""
    if problem.traits.larger_is_better:
        return -solved.bound
    if problem.unserved_minutes is None:
        return solved.bound
    weight = problem.weighted_people
    outside = np.ones(len(weight), bool)
    outside[network.rows] = False
    return solved.bound + problem.unserved_minutes * float(weight[outside].sum())


def _why_not(problem: SitingProblem, made: Choices, network: Network) -> tuple[Reason, ...]:
    """Tell too few sites from too little capacity."""
    if problem.unserved_minutes is None:
        needed = fewest_to_reach(problem, made, seconds=LEAST_SECONDS)
        if needed > made.budget:
            return (Reason(kind="too-few-sites", numbers={"needed": needed + made.spent, "p": float(problem.p or 0)}),)
    if problem.zone_floors:
        return (Reason(kind="floors-together"),)
    best = np.sort(_capacity(problem)[made.free])[::-1][: int(made.budget)]
    capacity = float(best.sum() + _capacity(problem)[made.fixed].sum())
    people = float(problem.people[network.rows].sum())
    return (Reason(kind="capacity-short", numbers={"capacity": capacity, "people": people}),)
