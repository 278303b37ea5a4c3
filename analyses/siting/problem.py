"""What is asked: a siting problem over rows of demand and candidates, complete and checked once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ...geo.errors import InputError, said
from .costs import CostTable, Floats, Rows
from .kinds import OWN_ARGUMENTS, PROBLEMS, TRAITS, Problem, Traits


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
        _check_kind(self)
        _check_lengths(self)
        _check_numbers(self)
        _check_rows(self)
        _check_upgrades(self)
        _check_floors(self)

    @property
    def traits(self) -> Traits:
        """What sets this kind of problem apart."""
        return TRAITS[self.problem]

    @property
    def weighted_people(self) -> Floats:
        """People as the objective counts them, (n,) float64."""
        weights = self.people.copy()
        for group, weight in self.group_weights.items():
            weights += (weight - 1) * self.groups[group]
        return weights


def _check_kind(problem: SitingProblem) -> None:
    """Refuse an unknown problem, and one that lacks what it needs or is given what it does not use."""
    name = problem.problem
    if name not in PROBLEMS:
        raise InputError("there is no siting problem {name!r}; choose one of {known}.", name=name, known=", ".join(PROBLEMS))
    traits = problem.traits
    needed = {*traits.needs, *(("limit",) if problem.zone_floors else ())}
    for argument in ("p", "limit", "capacities", "budget", "candidate_costs"):
        if argument in needed and getattr(problem, argument) is None:
            raise InputError("the problem {problem} needs {argument}: give it.", problem=name, argument=argument)
    for argument in OWN_ARGUMENTS:
        if getattr(problem, argument) is not None and argument not in (*traits.needs, *traits.takes):
            raise InputError(
                "the problem {problem} does not use {argument}: leave it out, or choose another problem.",
                problem=name,
                argument=argument,
            )
    if problem.zone_floors and not traits.takes_floors:
        able = [other for other in PROBLEMS if TRAITS[other].takes_floors]
        raise InputError(
            "floors per zone are not answered for {problem}: use {those} or {last}.",
            problem=name,
            those=", ".join(able[:-1]),
            last=able[-1],
        )


def _check_lengths(problem: SitingProblem) -> None:
    demands, candidates = problem.costs.demands, problem.costs.candidates
    columns: list[tuple[str, Floats | Rows | None, int]] = [
        ("people", problem.people, demands),
        ("zones", problem.zones, demands),
        *((said("group {name}", name=name), values, demands) for name, values in problem.groups.items()),
        ("candidate_costs", problem.candidate_costs, candidates),
        ("capacities", problem.capacities, candidates),
    ]
    for name, values, rows in columns:
        if values is not None and len(values) != rows:
            raise InputError(
                "{name} has {count} rows, the cost table {rows}: they must be the same.",
                name=name,
                count=len(values),
                rows=rows,
            )
        if name != "zones" and values is not None and not (np.isfinite(values) & (values >= 0)).all():
            row = int(np.argmin(np.isfinite(values) & (values >= 0)))
            raise InputError(
                "{name} is {value} in row {row}: it must be a number of 0 or more.", name=name, value=values[row], row=row + 1
            )


def _check_numbers(problem: SitingProblem) -> None:
    for name, value, top in (
        ("p", problem.p, np.inf),
        ("budget", problem.budget, np.inf),
        ("limit", problem.limit, np.inf),
        ("target_share", problem.target_share, 1.0),
        ("unserved_minutes", problem.unserved_minutes, np.inf),
        ("backup_weight", problem.backup_weight, 0.5),
        *((said("weight of group {name}", name=name), weight, np.inf) for name, weight in problem.group_weights.items()),
        *((said("floor of zone {zone}", zone=zone), share, 1.0) for zone, share in problem.zone_floors.items()),
    ):
        if value is not None and not (np.isfinite(value) and 0 <= value <= top):
            raise InputError("{name} is {value}: it must lie between 0 and {top:g}.", name=name, value=value, top=top)
    unknown = sorted(set(problem.group_weights) - set(problem.groups))
    if unknown:
        raise InputError(
            "group_weights names {unknown}, which is no group: the groups are {groups}.",
            unknown=unknown[0],
            groups=", ".join(problem.groups) or said("none"),
        )


def _check_rows(problem: SitingProblem) -> None:
    lists = {name: getattr(problem, name) for name in ("existing", "required", "forbidden", "closable")}
    for name, rows in lists.items():
        if len(rows) and not (rows.min() >= 0 and rows.max() < problem.costs.candidates):
            raise InputError("{name} names a candidate row outside 0 to {last}.", name=name, last=problem.costs.candidates - 1)
    _refuse_overlap("existing", problem.existing, "required", problem.required)
    _refuse_overlap("existing", problem.existing, "forbidden", problem.forbidden)
    _refuse_overlap("required", problem.required, "forbidden", problem.forbidden)
    _refuse_strangers("closable", problem.closable, problem.existing)


def _check_upgrades(problem: SitingProblem) -> None:
    _refuse_strangers("upgrades", problem.upgrades.values(), problem.existing)
    _refuse_overlap("closable", problem.closable, said("replaced by upgrades"), list(problem.upgrades.values()))
    _refuse_overlap("existing", problem.existing, "upgrades", list(problem.upgrades))
    for row in problem.upgrades:
        if not 0 <= row < problem.costs.candidates:
            raise InputError("upgrades names a candidate row outside 0 to {last}.", last=problem.costs.candidates - 1)


def _check_floors(problem: SitingProblem) -> None:
    if not problem.zone_floors:
        return
    if problem.zones is None:
        raise InputError("zone_floors needs zones: give the zone row of every demand row.")
    strangers = sorted(set(problem.zone_floors) - set(problem.zones.tolist()))
    if strangers:
        raise InputError(
            "zone_floors names zone {zone}, in which no demand row lies: correct it or leave it out.", zone=strangers[0]
        )


def _refuse_overlap(one: str, rows: Iterable[int], other: str, others: Iterable[int]) -> None:
    both = sorted(set(map(int, rows)) & set(map(int, others)))
    if both:
        raise InputError(
            "candidate row {both} is both {one} and {other}: it can only be one of them.", both=both[0], one=one, other=other
        )


def _refuse_strangers(name: str, rows: Iterable[int], existing: Rows) -> None:
    strange = sorted(set(map(int, rows)) - set(existing.tolist()))
    if strange:
        raise InputError(
            "{name} names candidate row {row}, which is not among the existing ones: add it there.",
            name=name,
            row=strange[0],
        )
