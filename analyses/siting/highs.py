"""HiGHS with few words: models built from arrays, solved quietly, with what was proven."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Literal

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ..solver import QuietSolver
from .costs import Floats

INFINITY = highspy.kHighsInf
THREADS = 2
# HiGHS keeps rows to 1e-6 or so: costs far from 1 would lose or invent digits.
LARGEST_COST = 1e4


@dataclass(frozen=True, kw_only=True, eq=False)
class Solved:
    """A model's answer.

    Attributes
    ----------
    status : {"optimal", "infeasible", "stopped"}
    values : (columns,) float64 or None
        None without a solution.
    objective : float
    bound : float
        Proven: nothing is below it (minimising).
    """

    status: Literal["optimal", "infeasible", "stopped"]
    values: Floats | None
    objective: float
    bound: float


def new_model() -> Any:
    """Return an empty, silent model that minimises, with a gap of 0 asked for."""
    model = QuietSolver()
    for name, value in (
        ("threads", THREADS),
        ("mip_rel_gap", 0.0),
        ("mip_abs_gap", 1e-7),
        ("mip_feasibility_tolerance", 1e-7),
        ("primal_feasibility_tolerance", 1e-8),
        ("dual_feasibility_tolerance", 1e-8),
        ("random_seed", 1),
    ):
        model.setOptionValue(name, value)
    return model


def add_columns(model: Any, *, cost: Floats, lower: Floats, upper: Floats) -> None:
    """Append columns without entries."""
    count = len(cost)
    nothing = np.zeros(0)
    model.addCols(count, cost, lower, upper, 0, np.zeros(count, np.int32), nothing.astype(np.int32), nothing)


def add_rows(model: Any, matrix: sparse.csr_array, *, lower: Floats, upper: Floats) -> None:
    """Append rows."""
    matrix = sparse.csr_array(matrix)
    model.addRows(
        matrix.shape[0],
        lower,
        upper,
        matrix.nnz,
        matrix.indptr[:-1].astype(np.int32),
        matrix.indices.astype(np.int32),
        matrix.data.astype(np.float64),
    )


def make_whole(model: Any, columns: NDArray[np.integer]) -> None:
    """Demand whole numbers of some columns."""
    kinds = np.full(len(columns), highspy.HighsVarType.kInteger)
    model.changeColsIntegrality(len(columns), np.asarray(columns, np.int32), kinds)


def suggest(model: Any, values: Floats) -> None:
    """Offer a complete starting solution."""
    model.setSolution(len(values), np.arange(len(values), dtype=np.int32), np.asarray(values, np.float64))


def run(model: Any, *, seconds: float) -> Solved:
    """Solve, and read what came out; solve again from nothing where the values are not those of the objective.

    HiGHS 1.16 sometimes hands back the suggested solution's values with the objective of a better one.
    """
    end = time.perf_counter() + max(seconds, 0.01)
    solved = _run(model, end)
    if solved.values is not None and not _belongs(model, solved):
        model.clearSolver()
        solved = _run(model, end)
    return solved


def _belongs(model: Any, solved: Solved) -> bool:
    """Whether the values have the objective they came with."""
    if solved.values is None:
        return False
    reckoned = float(np.array(model.getLp().col_cost_) @ solved.values)
    return abs(reckoned - solved.objective) <= 1e-5 * max(1.0, abs(solved.objective))


def _run(model: Any, end: float) -> Solved:
    model.setOptionValue("time_limit", float(model.getRunTime() + max(end - time.perf_counter(), 0.01)))
    model.run()
    state = model.getModelStatus()
    info = model.getInfo()
    has_values = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    values = np.array(model.getSolution().col_value) if has_values else None
    whole = bool(model.getLp().integrality_)
    kinds = highspy.HighsModelStatus
    if state == kinds.kOptimal:
        bound = info.mip_dual_bound if whole else info.objective_function_value
        return Solved(status="optimal", values=values, objective=info.objective_function_value, bound=bound)
    if state in (kinds.kInfeasible, kinds.kUnboundedOrInfeasible):
        return Solved(status="infeasible", values=None, objective=np.inf, bound=np.inf)
    bound = info.mip_dual_bound if whole else -np.inf
    return Solved(status="stopped", values=values, objective=info.objective_function_value if has_values else np.inf, bound=bound)


def scale_of(largest: float) -> float:
    """Return what to divide costs by so that none is above LARGEST_COST."""
    return max(float(largest), 1e-300) / LARGEST_COST
