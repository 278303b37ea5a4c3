"""p-median from start to proof."""

from __future__ import annotations

import numpy as np

from .choices import Choices
from .costs import CostTable, Floats, Rows
from .median_bound import FREE, OPEN, Bounded, States, ascend, first_prices, fix_states
from .median_model import median_model
from .median_proof import branch, reduce_model
from .median_rest import solve_rest
from .median_search import median_value, search_median
from .plan import Plan, Reason
from .problem import SitingProblem
from .reach import fewest_to_reach
from .reporting import Reporter

METHOD = "greedy and swap; Lagrangian relaxation, fixing by reduced costs, branch and bound on the rest (HiGHS where it is small)"
STEPS = 100  # between two searches from the relaxation's sites
ROUNDS = 12
WORTHWHILE = 1e-5  # a round that raises the bound by less ends the rounds
EASY_PAIRS = 5_000  # a rest so small goes to HiGHS at once
MOST_PAIRS = 60_000  # ... and one so large not at all
MOST_NODES = 300  # before a middling rest goes to HiGHS
DRAFT_PAIRS = 3_000_000  # larger tables get a draft of the first plan from a part of the rows
DRAFT_ROWS = 1500
LEAST_SECONDS = 5.0  # to find out why nobody can be served, even when the time is over
PENALTIES = (4.0, 400.0, 40000.0)  # for people without a site, in largest costs; raised while a plan leaves somebody out
PACES = (1.0, 0.7, 0.5, 0.4, 0.3)


def solve_median(problem: SitingProblem, made: Choices, reporter: Reporter) -> Plan:
    """Solve a p-median problem without floors.

    Parameters
    ----------
    problem : SitingProblem
    made : Choices
    reporter : Reporter
        Holds the clock and is told every better plan.
    """
    if len(problem.costs.cost) > DRAFT_PAIRS:
        _draft(problem, made, reporter)
    for penalty in PENALTIES:
        solution = _Median(problem, made, reporter, penalty)
        solution.solve()
        if not solution.alone:
            return solution.finished()
        if penalty == PENALTIES[0] and (plan := _too_few(problem, made, reporter)) is not None:
            return plan
    return reporter.infeasible((Reason(kind="undecided"),), method=METHOD, bound=solution.bound)


def _too_few(problem: SitingProblem, made: Choices, reporter: Reporter) -> Plan | None:
    """Tell that the sites are too few to reach everyone, where that can be shown."""
    needed = fewest_to_reach(problem, made, seconds=max(LEAST_SECONDS, reporter.seconds_left))
    if needed <= made.budget:
        return None
    numbers = {"needed": needed + made.spent, "p": float(problem.p or 0)}
    return reporter.infeasible((Reason(kind="too-few-sites", numbers=numbers),), method="fewest sites that reach everyone")


def _draft(problem: SitingProblem, made: Choices, reporter: Reporter) -> None:
    """Tell a first plan made for a part of the rows: a large table takes seconds to sort."""
    table = problem.costs
    number = np.full(table.demands, -1, np.int32)
    drawn = np.random.default_rng(1).choice(table.demands, min(DRAFT_ROWS, table.demands), replace=False)
    number[drawn] = np.arange(len(drawn), dtype=np.int32)
    kept = number[table.demand] >= 0
    part = CostTable(
        demand=number[table.demand[kept]],
        candidate=table.candidate[kept],
        cost=table.cost[kept],
        demands=len(drawn),
        candidates=table.candidates,
    )
    model = median_model(_part(problem, part, drawn), made, penalty=PENALTIES[0])
    sites = np.concatenate((made.fixed, model.candidates[search_median(model)])).astype(np.int32)
    if problem.unserved_minutes is not None or _serves_all(problem, sites):
        reporter.tell(sites, method="greedy and swap over a part of the rows")


def _part(problem: SitingProblem, table: CostTable, drawn: Rows) -> SitingProblem:
    return SitingProblem(
        problem="p-median",
        costs=table,
        people=problem.weighted_people[drawn],
        p=problem.p,
        unserved_minutes=problem.unserved_minutes,
        existing=problem.existing,
        required=problem.required,
        forbidden=problem.forbidden,
        closable=problem.closable,
        upgrades=problem.upgrades,
    )


def _serves_all(problem: SitingProblem, sites: Rows) -> bool:
    table = problem.costs
    open_, able, reached = np.zeros(table.candidates, bool), np.ones(table.candidates, bool), np.zeros((2, table.demands), bool)
    open_[sites], able[problem.forbidden] = True, False
    for row, allowed in enumerate((open_, able)):
        reached[row, table.demand[allowed[table.candidate]]] = True
    return bool((reached[0] | ~reached[1] | (problem.people == 0)).all())


class _Median:
    """The state of one solution; columns of a reduced model are translated back before they are kept."""

    def __init__(self, problem: SitingProblem, made: Choices, reporter: Reporter, penalty: float) -> None:
        self.made, self.reporter = made, reporter
        self.model = median_model(problem, made, penalty=penalty)
        self.best: Rows | None = None
        self.cost = np.inf  # penalties included
        self.alone = 0
        self.bound = -np.inf

    def solve(self) -> None:
        """Search, raise the bound, branch."""
        self._keep(search_median(self.model))
        if len(self.model.weight) == 0 or self.model.places <= 0:
            self.bound = self.cost
            return
        bounded, states = self._relax()
        if not self._done():
            self._branch(bounded, states)

    def _relax(self) -> tuple[Bounded, States]:
        """Raise the bound in rounds; search from the relaxation's sites; forget what cannot help."""
        model, states = self.model, np.zeros(len(self.model.group), np.int8)
        assert self.best is not None
        prices: Floats = first_prices(model, self.best)
        for round_ in range(ROUNDS):
            before = self.bound
            pace = PACES[min(round_, len(PACES) - 1)]
            bounded = ascend(model, prices, states, best=self.cost - model.constant, steps=STEPS, pace=pace)
            prices = bounded.prices
            self.bound = max(self.bound, bounded.bound + model.constant)
            self._keep(search_median(model, start=bounded.chosen))
            states = fix_states(model, states, bounded, self._aim() - model.constant)
            if self._done() or self.reporter.seconds_left <= 0 or self.bound - before < WORTHWHILE * abs(self.bound):
                break
        return bounded, states

    def _branch(self, bounded: Bounded, states: States) -> None:
        """Go on with what is undecided."""
        columns, opened = np.flatnonzero(states == FREE), np.flatnonzero(states == OPEN)
        reduced, useful = reduce_model(self.model, states)

        def improve(chosen: Rows) -> float:
            found = search_median(reduced, start=chosen)
            self._keep(np.sort(np.concatenate((opened, columns[found]))).astype(np.int32))
            return self.cost

        if not len(reduced.weight):
            self.bound = max(self.bound, improve(np.zeros(0, np.int32)))
            return
        pairs, bound = len(reduced.rows.rows), -np.inf
        if pairs > EASY_PAIRS:
            nodes = MOST_NODES if pairs <= MOST_PAIRS else np.iinfo(np.int64).max
            prices, left = bounded.prices[useful], self.reporter.left
            bound = branch(reduced, prices, best=self.cost, improve=improve, seconds_left=left, most_nodes=nodes)
            self.bound = max(self.bound, min(bound, self.cost))
        if pairs <= MOST_PAIRS and not self._done():
            chosen, bound = solve_rest(reduced, seconds=self.reporter.seconds_left)
            if chosen is not None:
                improve(chosen)
            self.bound = max(self.bound, min(bound, self.cost))

    def _keep(self, columns: Rows) -> None:
        cost, alone = median_value(self.model, columns)
        if cost < self.cost:
            self.best, self.cost, self.alone = columns, cost, alone
            if not alone:
                self.reporter.tell(self._sites(), method=METHOD, bound=self.bound)

    def _sites(self) -> Rows:
        assert self.best is not None
        return np.concatenate((self.made.fixed, self.model.candidates[self.best])).astype(np.int32)

    def _aim(self) -> float:
        return self.cost - self.model.least_gain

    def _done(self) -> bool:
        return self.bound > self._aim()

    def finished(self) -> Plan:
        """The plan with its proof."""
        return self.reporter.plan(self._sites(), method=METHOD, bound=self.cost if self._done() else self.bound)
