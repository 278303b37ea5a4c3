"""What is answered: a plan with its proof, or why there is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from .costs import Floats, Rows
from .kinds import Problem

Status = Literal["optimal", "time limit", "infeasible"]
ReasonKind = Literal[
    "no-way",  # no candidate reaches these people at all
    "beyond-limit",  # the nearest candidate is farther than the limit
    "forbidden",  # only forbidden candidates are near enough
    "too-few-sites",  # numbers: needed, p
    "budget-short",  # numbers: needed, budget
    "capacity-short",  # numbers: capacity, people
    "target-unreachable",  # numbers: best_share, target_share
    "floor-unreachable",  # numbers: zone, best_share, floor
    "floors-together",  # each floor can be met, but not all of them with these sites or this money
    "undecided",  # the time ran out before any plan was found
]


@dataclass(frozen=True, kw_only=True, eq=False)
class Reason:
    """Why people stay without a site, or a request cannot be met.

    Attributes
    ----------
    kind : ReasonKind
    people : float
        How many people it is about; 0 where it is about the request.
    demand : (k,) int32
        Their demand rows.
    numbers : mapping of name to number
        As named beside each kind.
    """

    kind: ReasonKind
    people: float = 0.0
    demand: Rows = field(default_factory=lambda: np.zeros(0, np.int32))
    numbers: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, eq=False)
class Flows:
    """Who goes where when a row's people are split: (k,) demand row, candidate row, people."""

    demand: Rows
    candidate: Rows
    people: Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class Plan:
    """Sites and what they achieve, recomputed from the sites and the problem's own tables.

    Attributes
    ----------
    problem : Problem
    sites : (s,) int32
        All open candidate rows, ascending, existing ones included.
    opened, closed : int32 arrays
        New sites; existing ones given up (closed or replaced by an upgrade).
    assignment : (n,) int32
        Candidate row that serves each demand row: the nearest open one (within the limit for covering problems; the one
        that takes most people where `flows` split them), -1 for none. Ties go to the lower row.
    minutes : (n,) float64
        Cost to it, NaN for none.
    objective : float
        Covered people (`mclp` kinds, weighted), number or money of opened less closed sites (`lscp`), person-minutes
        (`p-median` kinds), longest time (`p-center`).
    bound : float or None
        Proven: no plan is better than this. None where nothing is proven.
    gap : float or None
        |objective - bound| / |objective|: 0.0 is proven optimal; None where nothing is proven.
    method : str
        What found and proved it, in words for a report.
    seconds : float
    status : Status
    covered_people : float
        Heads within the limit (with a limit) or with a site (without), capacity respected.
    flows : Flows or None
        For capacitated problems.
    explanation : tuple of Reason
        Why it is infeasible; for other plans the people no allowed candidate can serve at all.
    """

    problem: Problem
    sites: Rows
    opened: Rows
    closed: Rows
    assignment: Rows
    minutes: Floats
    objective: float
    bound: float | None
    gap: float | None
    method: str
    seconds: float
    status: Status
    covered_people: float
    flows: Flows | None = None
    explanation: tuple[Reason, ...] = ()


OnPlan = Callable[[Plan], None]
