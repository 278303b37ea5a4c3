"""What is asked: a siting problem over rows of demand and candidates, complete and checked once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from .costs import CostTable, Floats, Rows

Problem = Literal[
    "mclp",
    "lscp",
    "p-median",
    "p-center",
    "capacitated-mclp",
    "capacitated-p-median",
    "budgeted-mclp",
    "backup-coverage",
]
PROBLEMS: Final[tuple[Problem, ...]] = get_args(Problem)
NEEDS_P: Final = ("mclp", "p-median", "p-center", "capacitated-mclp", "capacitated-p-median", "backup-coverage")
NEEDS_LIMIT: Final = ("mclp", "lscp", "capacitated-mclp", "budgeted-mclp", "backup-coverage")
NEEDS_CAPACITY: Final = ("capacitated-mclp", "capacitated-p-median")


def _no_rows() -> Rows:
    return np.zeros(0, np.int32)


@dataclass(frozen=True, kw_only=True, eq=False)
class SitingProblem:
    """One siting question.

    Attributes
    ----------
    problem : Problem
        `mclp` most people within `limit` by `p` sites (target share: see `lscp`); `lscp` fewest sites (or least money, with
        `candidate_costs`) so that everyone a candidate can cover is within `limit`, or `target_share` of all people;
        `p-median` least person-minutes; `p-center` least longest time; `capacitated-…` the same with no site above its
        capacity (the people of one demand row may be split between sites); `budgeted-mclp` most people for `budget`;
        `backup-coverage` people within `limit` of one site, and of two (`backup_weight`; Hogan & ReVelle 1986).
    costs : CostTable
    people : (n,) float64
        Finite, >= 0. Rows without people need no site.
    p : int or None
        How many sites to open at most, on top of the existing ones. Closing one frees its place: opened - closed <= p.
    budget : float or None
        Money for opened sites less what closed ones save; `candidate_costs` are then needed.
    limit : float or None
        Inclusive, in the unit of the costs. For `p-median` and `p-center` it is needed only for `zone_floors`.
    target_share : float or None
        `lscp` only: share of all people (0 to 1) to be within `limit`.
    unserved_minutes : float or None
        `p-median` kinds only: what a person without a site counts for; None demands a site for everyone some candidate reaches.
    existing : (e,) int32
        Candidate rows that stand today: open, free of charge, not counted in `p`.
    required : (r,) int32
        New sites that must be opened; they count in `p` and cost money.
    forbidden : (f,) int32
        Rows that may not be opened.
    closable : (c,) int32
        Existing rows that may be closed.
    upgrades : mapping of candidate row to existing row
        Opening the key replaces the value at its place and counts in `p` as one site.
    candidate_costs : (m,) float64 or None
        Money to open a site; for closable ones what closing saves.
    capacities : (m,) float64 or None
        People per site.
    zones : (n,) int32 or None
        Zone row of each demand row, -1 outside all.
    zone_floors : mapping of zone row to share
        Equity floor: at least this share of the zone's people within `limit`.
    groups, group_weights : mapping of group name to (n,) people, and to weight
        A person of a group counts `weight` times in the objective (default 1). Shares, floors and capacities count heads.
    backup_weight : float
        Part of a person's cover that the second site brings, 0 to 0.5.

    Raises
    ------
    InputError
        If something needed is missing, of the wrong length, or contradicts itself.
    """

    problem: Problem
    costs: CostTable
    people: Floats
    p: int | None = None
    budget: float | None = None
    limit: float | None = None
    target_share: float | None = None
    unserved_minutes: float | None = None
    existing: Rows = field(default_factory=_no_rows)
    required: Rows = field(default_factory=_no_rows)
    forbidden: Rows = field(default_factory=_no_rows)
    closable: Rows = field(default_factory=_no_rows)
    upgrades: Mapping[int, int] = field(default_factory=dict)
    candidate_costs: Floats | None = None
    capacities: Floats | None = None
    zones: NDArray[np.int32] | None = None
    zone_floors: Mapping[int, float] = field(default_factory=dict)
    groups: Mapping[str, Floats] = field(default_factory=dict)
    group_weights: Mapping[str, float] = field(default_factory=dict)
    backup_weight: float = 0.5

    def __post_init__(self) -> None:
        from .checking import check_problem

        check_problem(self)

    @property
    def weighted_people(self) -> Floats:
        """People as the objective counts them, (n,) float64."""
        weights = self.people.copy()
        for group, weight in self.group_weights.items():
            weights += (weight - 1) * self.groups[group]
        return weights
