"""Which candidates a plan may choose, what each takes of the budget, and which stand anyway."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .costs import Floats, Rows
from .problem import SitingProblem

LEAST_WEIGHT = 1e-9  # what a free site takes of the budget: rates of gain need a divisor


@dataclass(frozen=True, kw_only=True, eq=False)
class Choices:
    """The decisions of a problem.

    Attributes
    ----------
    fixed : int32 array
        Candidate rows open in every plan: existing ones that stay, and required ones.
    free : (f,) int32
        Candidate rows to decide about, ascending; existing ones that may be closed are among them.
    weight : (f,) float64
        What each takes of the budget: money, or one site.
    group : (f,) int32
        Upgrades of the same existing facility share a number, of which one may be chosen; -1 for the others.
    budget : float
        For the free ones: what `p` or the money leaves, plus what closing every closable one would give; infinite for lscp.
    spent : float
        What the plan spends before any free one is chosen (required ones less closable ones).
    """

    fixed: Rows
    free: Rows
    weight: Floats
    group: Rows
    budget: float
    spent: float


def choices(problem: SitingProblem) -> Choices:
    """Sort the candidates of a problem into fixed, free and forbidden ones."""
    count = problem.costs.candidates
    closable = np.zeros(count, bool)
    closable[problem.closable] = True
    fixed = np.zeros(count, bool)
    fixed[problem.existing] = True
    fixed[problem.required] = True
    fixed &= ~closable
    allowed = ~fixed
    allowed[problem.forbidden] = False
    free = np.flatnonzero(allowed).astype(np.int32)
    weight = site_weights(problem)
    spent = float(weight[problem.required].sum() - weight[problem.closable].sum())
    limit = problem.p if problem.budget is None else problem.budget
    return Choices(
        fixed=np.flatnonzero(fixed).astype(np.int32),
        free=free,
        weight=np.maximum(weight[free], LEAST_WEIGHT),
        group=_groups(problem)[free],
        budget=np.inf if limit is None else float(limit) - spent + len(free) * LEAST_WEIGHT,
        spent=spent,
    )


def site_weights(problem: SitingProblem) -> Floats:
    """What each candidate takes of the budget, (m,): money where money is counted, else one site."""
    if problem.traits.counts_money and problem.candidate_costs is not None:
        return problem.candidate_costs
    return np.ones(problem.costs.candidates)


def _groups(problem: SitingProblem) -> Rows:
    group = np.full(problem.costs.candidates, -1, np.int32)
    numbers = {row: number for number, row in enumerate(sorted(set(problem.upgrades.values())))}
    for upgrade, replaced in problem.upgrades.items():
        group[upgrade] = numbers[replaced]
    return group
