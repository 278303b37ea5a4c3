"""Whether a siting problem is complete and free of contradictions; every refusal names the argument and says what to do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from ...geo.errors import InputError
from .costs import Floats, Rows

if TYPE_CHECKING:
    from .problem import SitingProblem


def check_problem(problem: SitingProblem) -> None:
    """Refuse a problem that cannot be meant.

    Raises
    ------
    InputError
    """
    _check_kind(problem)
    _check_lengths(problem)
    _check_numbers(problem)
    _check_rows(problem)
    _check_upgrades(problem)
    _check_floors(problem)


def _check_kind(problem: SitingProblem) -> None:
    from .problem import NEEDS_CAPACITY, NEEDS_LIMIT, NEEDS_P, PROBLEMS

    kind = problem.problem
    if kind not in PROBLEMS:
        raise InputError(f"there is no siting problem {kind!r}; choose one of {', '.join(PROBLEMS)}.")
    needs = [
        ("p", kind in NEEDS_P, problem.p),
        ("limit", kind in NEEDS_LIMIT or bool(problem.zone_floors), problem.limit),
        ("capacities", kind in NEEDS_CAPACITY, problem.capacities),
        ("budget", kind == "budgeted-mclp", problem.budget),
        ("candidate_costs", kind == "budgeted-mclp", problem.candidate_costs),
    ]
    for name, needed, value in needs:
        if needed and value is None:
            raise InputError(f"the problem {kind} needs {name}: give it.")
    idle = [
        ("p", kind in NEEDS_P, problem.p),
        ("budget", kind == "budgeted-mclp", problem.budget),
        ("target_share", kind == "lscp", problem.target_share),
        ("unserved_minutes", kind in ("p-median", "capacitated-p-median"), problem.unserved_minutes),
        ("capacities", kind in NEEDS_CAPACITY, problem.capacities),
    ]
    for name, used, value in idle:
        if value is not None and not used:
            raise InputError(f"the problem {kind} does not use {name}: leave it out, or choose another problem.")
    if problem.zone_floors and kind in (*NEEDS_CAPACITY, "p-center"):
        raise InputError(
            f"floors per zone are not answered for {kind}: use mclp, lscp, budgeted-mclp, backup-coverage or p-median."
        )


def _check_lengths(problem: SitingProblem) -> None:
    demands, candidates = problem.costs.demands, problem.costs.candidates
    columns: list[tuple[str, Floats | Rows | None, int]] = [
        ("people", problem.people, demands),
        ("zones", problem.zones, demands),
        *((f"group {name}", values, demands) for name, values in problem.groups.items()),
        ("candidate_costs", problem.candidate_costs, candidates),
        ("capacities", problem.capacities, candidates),
    ]
    for name, values, rows in columns:
        if values is not None and len(values) != rows:
            raise InputError(f"{name} has {len(values)} rows, the cost table {rows}: they must be the same.")
        if name != "zones" and values is not None and not (np.isfinite(values) & (values >= 0)).all():
            row = int(np.argmin(np.isfinite(values) & (values >= 0)))
            raise InputError(f"{name} is {values[row]} in row {row + 1}: it must be a number of 0 or more.")


def _check_numbers(problem: SitingProblem) -> None:
    for name, value, top in (
        ("p", problem.p, np.inf),
        ("budget", problem.budget, np.inf),
        ("limit", problem.limit, np.inf),
        ("target_share", problem.target_share, 1.0),
        ("unserved_minutes", problem.unserved_minutes, np.inf),
        ("backup_weight", problem.backup_weight, 0.5),
        *((f"weight of group {name}", weight, np.inf) for name, weight in problem.group_weights.items()),
        *((f"floor of zone {zone}", share, 1.0) for zone, share in problem.zone_floors.items()),
    ):
        if value is not None and not (np.isfinite(value) and 0 <= value <= top):
            raise InputError(f"{name} is {value}: it must lie between 0 and {top:g}.")
    unknown = sorted(set(problem.group_weights) - set(problem.groups))
    if unknown:
        raise InputError(
            f"group_weights names {unknown[0]}, which is no group: the groups are {', '.join(problem.groups) or 'none'}."
        )


def _check_rows(problem: SitingProblem) -> None:
    lists = {name: getattr(problem, name) for name in ("existing", "required", "forbidden", "closable")}
    for name, rows in lists.items():
        if len(rows) and not (rows.min() >= 0 and rows.max() < problem.costs.candidates):
            raise InputError(f"{name} names a candidate row outside 0 to {problem.costs.candidates - 1}.")
    _refuse_overlap("existing", problem.existing, "required", problem.required)
    _refuse_overlap("existing", problem.existing, "forbidden", problem.forbidden)
    _refuse_overlap("required", problem.required, "forbidden", problem.forbidden)
    _refuse_strangers("closable", problem.closable, problem.existing)


def _check_upgrades(problem: SitingProblem) -> None:
    _refuse_strangers("upgrades", problem.upgrades.values(), problem.existing)
    _refuse_overlap("closable", problem.closable, "replaced by upgrades", list(problem.upgrades.values()))
    _refuse_overlap("existing", problem.existing, "upgrades", list(problem.upgrades))
    for row in problem.upgrades:
        if not 0 <= row < problem.costs.candidates:
            raise InputError(f"upgrades names a candidate row outside 0 to {problem.costs.candidates - 1}.")


def _check_floors(problem: SitingProblem) -> None:
    if not problem.zone_floors:
        return
    if problem.zones is None:
        raise InputError("zone_floors needs zones: give the zone row of every demand row.")
    strangers = sorted(set(problem.zone_floors) - set(problem.zones.tolist()))
    if strangers:
        raise InputError(f"zone_floors names zone {strangers[0]}, in which no demand row lies: correct it or leave it out.")


def _refuse_overlap(one: str, rows: Iterable[int], other: str, others: Iterable[int]) -> None:
    both = sorted(set(map(int, rows)) & set(map(int, others)))
    if both:
        raise InputError(f"candidate row {both[0]} is both {one} and {other}: it can only be one of them.")


def _refuse_strangers(name: str, rows: Iterable[int], existing: Rows) -> None:
    strange = sorted(set(map(int, rows)) - set(existing.tolist()))
    if strange:
        raise InputError(f"{name} names candidate row {strange[0]}, which is not among the existing ones: add it there.")
