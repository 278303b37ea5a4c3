"""Siting on network times from a real extract: plans with proof, beside spopt (whole models to CBC)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .contenders import Contender, Job, Target, Task
from .folders import INPUTS

FOLDER = INPUTS / "siting"
LIMIT_MINUTES = 6.0
IN_TIME = 0.9  # of the target: a plan that cannot be proven optimal takes all the time it is given
PEER_SECONDS = 230  # spopt's longest time; what it has not answered then it does not answer


@dataclass(frozen=True)
class Question:
    """A problem over one of the tables."""

    table: str
    problem: str
    p: int
    seconds: float


def _own(question: Question) -> Job:
    from lifecircle.analyses.siting.costs import CostTable
    from lifecircle.analyses.siting.problem import SitingProblem
    from lifecircle.analyses.siting.solving import solve

    cost, people = _read(question)
    demand, candidate = np.indices(cost.shape, dtype=np.int32).reshape(2, -1)
    table = CostTable(demand=demand, candidate=candidate, cost=cost.ravel(), demands=cost.shape[0], candidates=cost.shape[1])
    limit = LIMIT_MINUTES if question.problem == "mclp" else None
    posed = SitingProblem(problem=question.problem, costs=table, people=people, p=question.p, limit=limit)
    return Job(lambda: solve(posed, time_limit_seconds=IN_TIME * question.seconds), _objective)


def _objective(plan: Any) -> np.ndarray:
    """The objective, where it is proven to within 1 %."""
    if plan.gap is None or plan.gap > 0.01:
        raise RuntimeError(f"the gap is {plan.gap}: more than 1 % is open.")
    return np.array([plan.objective])


def _spopt(question: Question) -> Job:
    import pulp
    from spopt.locate import MCLP, PMedian

    cost, people = _read(question)
    solver = pulp.PULP_CBC_CMD(msg=False, timeLimit=PEER_SECONDS)

    def run() -> Any:
        if question.problem == "mclp":
            model = MCLP.from_cost_matrix(cost, people, service_radius=LIMIT_MINUTES, p_facilities=question.p)
        else:
            model = PMedian.from_cost_matrix(cost, people, p_facilities=question.p)
        return model.solve(solver)

    return Job(run, lambda model: np.array([pulp.value(model.problem.objective)]))


def _read(question: Question) -> tuple[np.ndarray, np.ndarray]:
    return np.load(FOLDER / f"{question.table}-minutes.npy"), np.load(FOLDER / f"{question.table}-people.npy")


def _task(name: str, title: str, question: Question, *, peer_is_slow: bool) -> Task:
    return Task(
        name=name,
        title=title,
        contenders=(
            Contender("lifecircle", lambda: _own(question), "own"),
            Contender("spopt", lambda: _spopt(question), slow=peer_is_slow, note=f"CBC, at most {PEER_SECONDS} s"),
        ),
        targets=(Target(seconds=question.seconds),),
        inputs=("siting",),
        tolerance=1.0,
    )


TASKS = (
    _task("siting-mclp", "MCLP 1,000 x 200, p = 10, proven", Question("small", "mclp", 10, 0.5), peer_is_slow=False),
    _task("siting-median", "p-median 1,000 x 200, p = 10, proven", Question("small", "p-median", 10, 10.0), peer_is_slow=True),
    _task("siting-mclp-large", "MCLP 20,000 x 1,000, p = 20, gap < 1 %", Question("large", "mclp", 20, 60.0), peer_is_slow=True),
    _task(
        "siting-median-large",
        "p-median 20,000 x 1,000, p = 20, gap < 1 %",
        Question("large", "p-median", 20, 120.0),
        peer_is_slow=True,
    ),
)
