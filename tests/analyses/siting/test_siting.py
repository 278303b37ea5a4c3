"""Siting: every problem against trying everything, bounds, presolve and what is said about requests that cannot be met."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from siting_cases import (
    LARGER_IS_BETTER,
    allowed_sets,
    best_objective,
    objective_of,
    read_pmed,
    read_san_francisco,
    small_problems,
    table_of,
    with_upgrade,
)

from lifecircle.analyses.siting.build_order import build_order
from lifecircle.analyses.siting.costs import CostTable
from lifecircle.analyses.siting.kinds import PROBLEMS
from lifecircle.analyses.siting.plan import Plan
from lifecircle.analyses.siting.problem import SitingProblem
from lifecircle.analyses.siting.solving import solve
from lifecircle.geo.errors import InputError

FEW = settings(max_examples=25)


def assert_best(problem: SitingProblem) -> Plan:
    plan, best = solve(problem, time_limit_seconds=5), best_objective(problem)
    if best is None:
        assert plan.status == "infeasible", (plan.status, plan.objective)
        assert any(reason.numbers or reason.kind == "floors-together" for reason in plan.explanation)
        return plan
    assert plan.status == "optimal" and plan.gap == 0.0, (best, plan)
    assert plan.objective == pytest.approx(best, rel=1e-6, abs=1e-6)
    assert tuple(plan.sites.tolist()) in allowed_sets(problem)
    assert objective_of(problem, tuple(plan.sites.tolist())) == pytest.approx(plan.objective, rel=1e-6, abs=1e-6)
    return plan


@pytest.mark.parametrize("kind", PROBLEMS)
@FEW
@given(data=st.data())
def test_every_problem_equals_trying_everything(kind: str, data: st.DataObject) -> None:
    assert_best(data.draw(small_problems(kind)))


@FEW
@given(data=st.data(), kind=st.sampled_from(["capacitated-mclp", "capacitated-p-median"]))
def test_upgrades_replace_what_they_upgrade(data: st.DataObject, kind: str) -> None:
    problem = with_upgrade(data.draw(small_problems(kind)))
    assume(problem is not None)
    assert problem is not None
    assert_best(problem)


@pytest.mark.parametrize("kind", ["mclp", "p-median", "p-center"])
@settings(max_examples=15)
@given(data=st.data())
def test_splitting_a_row_of_people_in_two_changes_nothing(kind: str, data: st.DataObject) -> None:
    problem = replace(data.draw(small_problems(kind)), zones=None, zone_floors={}, groups={}, group_weights={})
    table = problem.costs
    twice = replace(
        table,
        demand=np.concatenate((table.demand, table.demand + table.demands)).astype(np.int32),
        candidate=np.concatenate((table.candidate, table.candidate)),
        cost=np.concatenate((table.cost, table.cost)),
        demands=2 * table.demands,
    )
    halves = np.concatenate((problem.people / 2, problem.people / 2))
    one, other = solve(problem), solve(replace(problem, costs=twice, people=halves))
    assert other.status == one.status
    assert other.objective == pytest.approx(one.objective, nan_ok=True)


def large(kind: str, **asked: object) -> SitingProblem:
    """300 people at random places of a square, 60 candidates."""
    draw = np.random.default_rng(5)
    homes, sites = draw.uniform(0, 100, (300, 2)), draw.uniform(0, 100, (60, 2))
    cost = np.hypot(*(homes[:, None] - sites[None]).transpose(2, 0, 1))
    people = draw.integers(1, 50, 300).astype(float)
    return SitingProblem(problem=kind, costs=table_of(cost), people=people, **asked)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["mclp", "p-median", "backup-coverage"])
def test_no_exchange_of_sites_betters_a_proven_plan(kind: str) -> None:
    problem = large(kind, p=6, limit=15.0)
    told: list[Plan] = []
    plan = solve(problem, on_plan=told.append)
    assert plan.status == "optimal" and plan.bound == pytest.approx(plan.objective, rel=1e-8)
    sign = 1 if kind in LARGER_IS_BETTER else -1
    for out in plan.sites:
        for new in np.setdiff1d(np.arange(60), plan.sites):
            value = objective_of(problem, tuple({*plan.sites.tolist(), int(new)} - {int(out)}))
            assert value is not None and sign * value <= sign * plan.objective + 1e-6
    objectives = [sign * each.objective for each in told]
    assert objectives == sorted(objectives) and objectives[-1] == pytest.approx(sign * plan.objective)
    assert solve(problem).sites.tolist() == plan.sites.tolist()


def test_the_time_limit_leaves_a_plan_with_an_honest_bound() -> None:
    problem = large("p-median", p=6)
    hurried, proven = solve(problem, time_limit_seconds=0.0), solve(problem)
    assert len(hurried.sites) == 6 and hurried.objective >= proven.objective
    assert hurried.bound is not None and hurried.bound <= proven.objective + 1e-6


def test_more_than_can_be_done_is_explained_with_numbers() -> None:
    matrix = np.array([[1.0, np.nan], [np.nan, 1.0], [np.nan, 30.0], [np.nan, np.nan]])
    people = np.array([10.0, 20.0, 30.0, 40.0])

    def ask(kind: str, **asked: object) -> Plan:
        return solve(SitingProblem(problem=kind, costs=table_of(matrix), people=people, **asked))  # type: ignore[arg-type]

    far = ask("mclp", p=1, limit=10.0)
    assert [(reason.kind, reason.people, reason.demand.tolist()) for reason in far.explanation] == [
        ("no-way", 40.0, [3]),
        ("beyond-limit", 30.0, [2]),
    ]
    few = ask("p-median", p=1)
    assert few.status == "infeasible" and few.explanation[0].numbers == {"needed": 2.0, "p": 1.0}
    target = ask("lscp", limit=10.0, target_share=0.95)
    assert target.status == "infeasible" and target.explanation[0].numbers == {"best_share": 0.3, "target_share": 0.95}
    floor = ask("mclp", p=2, limit=10.0, zones=np.zeros(4, np.int32), zone_floors={0: 0.5})
    assert floor.status == "infeasible" and floor.explanation[0].numbers == {"zone": 0.0, "best_share": 0.3, "floor": 0.5}
    small = ask("capacitated-p-median", p=2, capacities=np.array([10.0, 20.0]))
    assert small.status == "infeasible" and small.explanation[0].numbers == {"capacity": 30.0, "people": 60.0}
    forced = ask("mclp", p=0, limit=10.0, required=np.array([1], np.int32))
    assert forced.status == "infeasible" and forced.explanation[0].numbers == {"needed": 1.0, "p": 0.0}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"problem": "mclp", "limit": 5.0}, "needs p"),
        ({"problem": "mclp", "p": 1}, "needs limit"),
        ({"problem": "budgeted-mclp", "limit": 5.0, "budget": 3.0}, "needs candidate_costs"),
        ({"problem": "capacitated-mclp", "limit": 5.0, "p": 1}, "needs capacities"),
        ({"problem": "p-median", "p": 1, "target_share": 0.5}, "does not use target_share"),
        ({"problem": "p-median", "p": -1}, "p is -1"),
        ({"problem": "p-median", "p": 1, "people": np.array([1.0, np.nan])}, "people is nan in row 2"),
        ({"problem": "p-median", "p": 1, "required": np.array([0]), "forbidden": np.array([0])}, "both required and forbidden"),
        ({"problem": "p-median", "p": 1, "closable": np.array([0])}, "not among the existing"),
        ({"problem": "p-median", "p": 1, "existing": np.array([7])}, "outside 0 to 1"),
        ({"problem": "p-center", "p": 1, "limit": 5.0, "zone_floors": {0: 0.5}}, "floors .* use mclp, .* or backup-coverage"),
        ({"problem": "p-maximum", "p": 1}, "no siting problem"),
    ],
)
def test_problems_that_cannot_be_meant_are_refused(asked: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        SitingProblem(**{"costs": table_of(np.ones((2, 2))), "people": np.ones(2), **asked})  # type: ignore[arg-type]


@pytest.mark.parametrize("cost", [[1.0, -1.0], [1.0, np.inf], [1.0, np.nan], [5.0, 1e6], [5.0, 4294967.295]])
def test_numbers_that_stand_for_no_way_are_refused(cost: list[float]) -> None:
    rows = np.arange(2, dtype=np.int32)
    with pytest.raises(InputError, match="leave out pairs without a way"):
        CostTable(demand=rows, candidate=rows, cost=np.array(cost), demands=2, candidates=2)


def test_a_pair_may_stand_only_once() -> None:
    rows = np.array([0, 1, 0], np.int32)
    with pytest.raises(InputError, match="twice"):
        CostTable(demand=rows, candidate=rows, cost=np.ones(3), demands=2, candidates=2)


def test_the_order_of_building_starts_with_what_helps_most() -> None:
    # Site 0 covers 50 people for 10, site 1 covers 30 for 5 (20 of them are site 0's), site 2 covers 25 others for 2.
    matrix = np.array([[1.0, np.nan, np.nan], [1.0, 2.0, np.nan], [np.nan, 1.0, np.nan], [np.nan, np.nan, 3.0]])
    problem = SitingProblem(
        problem="budgeted-mclp",
        costs=table_of(matrix),
        people=np.array([30.0, 20.0, 10.0, 25.0]),
        budget=17.0,
        limit=5.0,
        candidate_costs=np.array([10.0, 5.0, 2.0]),
        zones=np.array([0, 0, 1, 1], np.int32),
    )
    order = build_order(problem, solve(problem))
    assert order["site"].tolist() == [-1, 2, 1, 0]  # 12.5, 6 and then 3 people per unit of money
    assert order["gain"].tolist() == [0.0, 25.0, 30.0, 30.0]
    assert order["gain"].sum() == order["covered_people"].iloc[-1] == 85.0
    assert order["total_cost"].iloc[-1] == 17.0
    assert order["lowest_zone_share"].iloc[1] == 0.0 and order["share.1"].iloc[1] == pytest.approx(25 / 35)


def test_closing_comes_last_in_the_order_and_costs_people() -> None:
    matrix = np.array([[1.0, np.nan, np.nan], [np.nan, 1.0, np.nan], [np.nan, 1.0, 1.0]])
    problem = SitingProblem(
        problem="mclp",
        costs=table_of(matrix),
        people=np.array([1.0, 20.0, 30.0]),
        p=0,
        limit=5.0,
        existing=np.array([0], np.int32),
        closable=np.array([0], np.int32),
    )
    plan = solve(problem)
    order = build_order(problem, plan)
    assert (plan.opened.tolist(), plan.closed.tolist(), plan.objective) == ([1], [0], 50.0)
    assert list(zip(order["action"], order["gain"], strict=True)) == [("today", 0.0), ("open", 50.0), ("close", -1.0)]


# Quick ones of the twenty; `docs/siting.md` says how to run them all.
@pytest.mark.parametrize(
    ("number", "optimum"), [(1, 5819), (5, 1355), (8, 4445), (10, 1255), (13, 4374), (15, 1729), (17, 6999), (20, 1789)]
)
def test_or_library_optima_are_reproduced_and_proven(shared_data: Path, number: int, optimum: int) -> None:
    problem = read_pmed(shared_data / "siting" / "orlib-pmed" / f"pmed{number}.txt")
    plan = solve(problem)
    assert (plan.objective, plan.gap, plan.status) == (optimum, 0.0, "optimal")
    assert len(plan.sites) == problem.p


@pytest.mark.parametrize(
    ("asked", "optimum"),
    [
        ({"problem": "lscp", "limit": 5000.0}, 8),
        ({"problem": "mclp", "limit": 5000.0, "p": 4}, 875_247),
        ({"problem": "p-median", "p": 4}, 2_848_268_129.71),
        ({"problem": "p-center", "p": 4}, 7_403.0638),
    ],
)
def test_san_francisco_optima_are_reproduced_and_proven(shared_data: Path, asked: dict[str, object], optimum: float) -> None:
    costs, people = read_san_francisco(shared_data / "siting" / "spopt-san-francisco")
    plan = solve(SitingProblem(costs=costs, people=people, **asked))  # type: ignore[arg-type]
    assert plan.objective == pytest.approx(optimum, rel=1e-8)
    assert (plan.gap, plan.status) == (0.0, "optimal")
