"""Small siting problems, and their answers by trying everything."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from lifecircle.analyses.siting.costs import CostTable
from lifecircle.analyses.siting.problem import SitingProblem

ROLES = ("existing", "required", "forbidden", "closable")
PRICES = (0.0, 1.0, 2.5, 3.0, 7.0)
LARGER_IS_BETTER = ("mclp", "capacitated-mclp", "budgeted-mclp", "backup-coverage")


def table_of(matrix: np.ndarray) -> CostTable:
    """Costs as a table; NaN has no pair."""
    demand, candidate = np.nonzero(~np.isnan(matrix))
    return CostTable(
        demand=demand.astype(np.int32),
        candidate=candidate.astype(np.int32),
        cost=matrix[demand, candidate].astype(float),
        demands=matrix.shape[0],
        candidates=matrix.shape[1],
    )


@st.composite
def small_problems(draw: st.DrawFn, kind: str) -> SitingProblem:
    """Problems of up to 7 demand rows and 6 candidates with everything that may be asked for."""
    rows, columns = draw(st.integers(1, 7)), draw(st.integers(1, 6))
    cost = st.one_of(st.none(), st.integers(0, 9), st.floats(0.5, 9, width=16))
    cells = draw(st.lists(cost, min_size=rows * columns, max_size=rows * columns))
    matrix = np.array([np.nan if cell is None else float(cell) for cell in cells]).reshape(rows, columns)
    people = np.array(draw(st.lists(st.integers(0, 20), min_size=rows, max_size=rows)), float)
    given = st.sampled_from(["", "", "", *ROLES])
    roles = draw(st.lists(given, min_size=columns, max_size=columns))
    at = {role: np.flatnonzero([name == role for name in roles]).astype(np.int32) for role in ROLES}
    extra: dict[str, Any] = {}
    if kind not in ("lscp", "budgeted-mclp"):
        extra["p"] = draw(st.integers(0, 4))
    if kind in ("mclp", "lscp", "capacitated-mclp", "budgeted-mclp", "backup-coverage"):
        extra["limit"] = 5.0
    if kind == "budgeted-mclp" or (kind == "lscp" and draw(st.booleans())):
        prices = draw(st.lists(st.sampled_from(PRICES), min_size=columns, max_size=columns))
        extra["candidate_costs"] = np.array(prices)
    if kind == "budgeted-mclp":
        extra["budget"] = draw(st.sampled_from([0.0, 3.0, 6.5, 12.0]))
    if kind == "lscp" and draw(st.booleans()):
        extra["target_share"] = draw(st.sampled_from([0.3, 0.5, 0.9]))
    if kind.startswith("capacitated"):
        extra["capacities"] = np.array(draw(st.lists(st.integers(0, 40), min_size=columns, max_size=columns)), float)
    if kind in ("p-median", "capacitated-p-median") and draw(st.booleans()):
        extra["unserved_minutes"] = draw(st.sampled_from([4.0, 30.0]))
    if kind == "backup-coverage":
        extra["backup_weight"] = draw(st.sampled_from([0.1, 0.5]))
    if kind in ("mclp", "lscp", "budgeted-mclp", "backup-coverage", "p-median") and draw(st.integers(0, 3)) == 0:
        extra["limit"] = 5.0
        extra["zones"] = (np.arange(rows) % 2).astype(np.int32)
        extra["zone_floors"] = {0: draw(st.sampled_from([0.3, 0.8]))}
    if draw(st.booleans()):
        extra["groups"] = {"children": np.floor(people / 2)}
        extra["group_weights"] = {"children": draw(st.sampled_from([0.5, 2.0]))}
    existing = np.union1d(at["existing"], at["closable"]).astype(np.int32)
    return SitingProblem(
        problem=kind,  # type: ignore[arg-type]
        costs=table_of(matrix),
        people=people,
        existing=existing,
        closable=at["closable"],
        required=at["required"],
        forbidden=at["forbidden"],
        **extra,
    )


def with_upgrade(problem: SitingProblem) -> SitingProblem | None:
    """The same problem with a free candidate as an upgrade of a standing facility, if there are both."""
    fixed = np.setdiff1d(problem.existing, problem.closable)
    taken = np.concatenate((problem.existing, problem.forbidden, problem.required))
    free = np.setdiff1d(np.arange(problem.costs.candidates), taken)
    if not len(fixed) or not len(free):
        return None
    return replace(problem, upgrades={int(row): int(fixed[0]) for row in free[:2]})


def best_objective(problem: SitingProblem) -> float | None:
    """The best objective of all allowed sets of sites; None if none is allowed."""
    found = [value for sites in allowed_sets(problem) if (value := objective_of(problem, sites)) is not None]
    if not found:
        return None
    return max(found) if problem.problem in LARGER_IS_BETTER else min(found)


def allowed_sets(problem: SitingProblem) -> list[tuple[int, ...]]:
    """Sets of open candidates that keep to what is required, forbidden, closable, and to p or the budget."""
    count = problem.costs.candidates
    existing, closable = set(problem.existing.tolist()), set(problem.closable.tolist())
    sets = []
    for chosen in itertools.product([False, True], repeat=count):
        opened = {row for row in range(count) if chosen[row]}
        replaced = [problem.upgrades[row] for row in opened if row in problem.upgrades]
        if len(replaced) != len(set(replaced)):
            continue
        if existing - closable - set(replaced) - opened or set(replaced) & opened:
            continue
        if set(problem.required.tolist()) - opened or set(problem.forbidden.tolist()) & opened:
            continue
        if not _affordable(problem, opened):
            continue
        sets.append(tuple(sorted(opened)))
    return sets


def spent(problem: SitingProblem, opened: set[int]) -> float:
    """Sites or money, new ones less closed ones."""
    money = (
        problem.candidate_costs if problem.problem in ("budgeted-mclp", "lscp") and problem.candidate_costs is not None else None
    )
    weight = np.ones(problem.costs.candidates) if money is None else money
    existing = set(problem.existing.tolist())
    closed = (existing - opened) & set(problem.closable.tolist())
    return float(sum(weight[row] for row in opened - existing) - sum(weight[row] for row in closed))


def _affordable(problem: SitingProblem, opened: set[int]) -> bool:
    if problem.problem == "lscp":
        return True
    limit = problem.budget if problem.problem == "budgeted-mclp" else problem.p
    assert limit is not None
    return spent(problem, opened) <= limit + 1e-9


def dense(problem: SitingProblem) -> np.ndarray:
    """Costs as a matrix, inf where there is no pair."""
    matrix = np.full((problem.costs.demands, problem.costs.candidates), np.inf)
    matrix[problem.costs.demand, problem.costs.candidate] = problem.costs.cost
    return matrix


def objective_of(problem: SitingProblem, sites: tuple[int, ...]) -> float | None:
    """What sites achieve, reckoned the plain way; None if they break a rule about people."""
    matrix, heads, people = dense(problem), problem.people, problem.weighted_people
    usable = np.setdiff1d(np.arange(matrix.shape[1]), problem.forbidden)
    limit = np.inf if problem.limit is None else problem.limit
    nearest = matrix[:, list(sites)].min(axis=1, initial=np.inf)
    near = nearest <= limit if problem.limit is not None else np.isfinite(nearest)
    for zone, floor in problem.zone_floors.items():
        inside = problem.zones == zone
        if heads[inside & near].sum() < floor * heads[inside].sum() - 1e-9:
            return None
    kind = problem.problem
    able = matrix[:, usable].min(axis=1, initial=np.inf)
    if kind == "lscp":
        needed = (able <= limit) & (heads > 0)
        share = problem.target_share
        enough = near[needed].all() if share is None else heads[near].sum() >= share * heads.sum() - 1e-9
        return spent(problem, set(sites)) if enough else None
    if kind in ("mclp", "budgeted-mclp"):
        return float(people[near].sum())
    if kind == "backup-coverage":
        count = (matrix[:, list(sites)] <= limit).sum(axis=1)
        return float((1 - problem.backup_weight) * people[count >= 1].sum() + problem.backup_weight * people[count >= 2].sum())
    if kind.startswith("capacitated"):
        return _transport(problem, matrix, list(sites), able)
    reachable = np.isfinite(able) & (heads > 0)
    if kind == "p-center":
        return None if np.isinf(nearest[reachable]).any() else float(nearest[reachable].max(initial=0.0))
    if problem.unserved_minutes is not None:
        return float(people @ np.minimum(nearest, problem.unserved_minutes))
    if np.isinf(nearest[reachable]).any():
        return None
    return float(people[reachable] @ nearest[reachable])


def _transport(problem: SitingProblem, matrix: np.ndarray, sites: list[int], able: np.ndarray) -> float | None:
    """The transport problem by scipy: shares of rows to sites."""
    heads, people = problem.people, problem.weighted_people
    rows = np.flatnonzero(heads > 0)
    wins = problem.problem == "capacitated-mclp"
    far = problem.limit if wins else problem.unserved_minutes
    within = np.isfinite(matrix) & (matrix <= (np.inf if far is None else far))
    pairs = [(row, site) for row in rows for site in sites if within[row, site]]
    missing = problem.unserved_minutes
    cost = [-people[row] if wins else people[row] * (matrix[row, site] - (missing or 0.0)) for row, site in pairs]
    served = np.array([[float(row == other) for row, _ in pairs] for other in rows]).reshape(len(rows), len(pairs))
    full = np.array([[heads[row] * (site == other) for row, site in pairs] for other in sites]).reshape(len(sites), len(pairs))
    assert problem.capacities is not None
    must = not wins and missing is None
    needed = np.isfinite(able[rows]) if must else np.zeros(len(rows), bool)
    base = 0.0 if wins or missing is None else missing * float(people.sum())
    if not pairs:
        return None if needed.any() else base
    found = linprog(
        cost,
        A_ub=np.vstack((served, full)),
        b_ub=np.concatenate((np.ones(len(rows)), problem.capacities[sites])),
        A_eq=served[needed] if needed.any() else None,
        b_eq=np.ones(int(needed.sum())) if needed.any() else None,
        bounds=(0, 1),
    )
    if found.status != 0:
        return None
    return -float(found.fun) if wins else base + float(found.fun)


def read_pmed(path: Path) -> SitingProblem:
    """An OR-Library p-median problem: every node is demand and candidate; of a repeated edge the last one counts."""
    numbers = np.array(path.read_text().split(), int)
    nodes, edges, p = numbers[:3].tolist()
    length = np.zeros((nodes, nodes))
    for one, other, cost in numbers[3 : 3 + 3 * edges].reshape(-1, 3):
        length[one - 1, other - 1] = length[other - 1, one - 1] = cost
    matrix = dijkstra(csr_array(length), directed=False)
    return SitingProblem(problem="p-median", costs=table_of(matrix), people=np.ones(nodes), p=p)


def read_san_francisco(folder: Path) -> tuple[CostTable, np.ndarray]:
    """Network metres from 205 tracts to 16 stores, and people of the tracts."""
    tracts = pd.read_csv(folder / "SF_demand_205_centroid_uniform_weight.csv")
    pairs = pd.read_csv(folder / "SF_network_distance_candidateStore_16_censusTract_205_new.csv")
    stores = sorted(pairs["name"].unique())
    rows = pd.Index(tracts["NAME"].round(2)).get_indexer(pd.Index(pairs["DestinationName"].round(2)))
    table = CostTable(
        demand=rows.astype(np.int32),
        candidate=pd.Index(stores).get_indexer(pd.Index(pairs["name"])).astype(np.int32),
        cost=pairs["distance"].to_numpy(float),
        demands=len(tracts),
        candidates=len(stores),
    )
    return table, tracts["POP2000"].to_numpy(float)
