"""What access is asked about: which services, how far, by which means; refused with the nearest name where it cannot be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypedDict

import pandas as pd

from ...analyses.access.capacity import with_default
from ...analyses.access.measures import MEASURES
from ...geo.errors import StudyError
from ...layers.goals import CircleGoal, Mode
from ..file.errors import nearest
from ..file.study import Study
from ..speech.messages import Say

MOST_MINUTES: Final = 24 * 60.0
MOST_PAIRS: Final = 1_500_000  # an allocation over more pairs takes many minutes: only those who name it wait for it


@dataclass(frozen=True, kw_only=True)
class AccessTask:
    """One service under one goal's terms of travel.

    Attributes
    ----------
    goal : CircleGoal
        About this service alone; its id is the prefix of the columns.
    limits : tuple of float
        Minutes, ascending.
    whole : CircleGoal or None
        The bundle that this service is one of.
    """

    goal: CircleGoal
    limits: tuple[float, ...]
    whole: CircleGoal | None = None

    @property
    def services(self) -> tuple[str, ...]:
        """The service, and that of its mobile stops."""
        return (self.goal.service,) if self.goal.mobile is None else (self.goal.service, self.goal.mobile.service)


class AccessQuestion(TypedDict, total=False):
    """What a caller asks; every key may be left out.

    Attributes
    ----------
    measure : sequence of str
        Names of `analyses.access.measures.MEASURES`; default all that the facilities' data allow.
    service : sequence of str
        Services of the study; default every one that a goal is about, each as that goal travels.
    minutes : sequence of float
        Limits in place of the goals' own.
    mode : {"walk", "bicycle", "car"}
        Only goals of this mode; for a service without any, how people travel there.
    default_capacity : float
        For facilities without a capacity; goes before the study's own.
    """

    measure: Sequence[str] | None
    service: Sequence[str] | None
    minutes: Sequence[float] | None
    mode: Mode | None
    default_capacity: float | None


def access_tasks(study: Study, asked: AccessQuestion, say: Say) -> list[AccessTask]:
    """Choose what to answer: every service of every goal, or the services named.

    Raises
    ------
    StudyError
        If a measure or service is unknown, or nothing says how far people go to it.
    """
    require_measures(asked.get("measure"), say)
    service, minutes, mode = asked.get("service"), asked.get("minutes"), asked.get("mode")
    for named in [*(service or ()), *study.access]:
        if named not in study.facilities:
            raise StudyError(say("access.no_service", service=named, hint=nearest(named, study.facilities, say)))
    limits = _limits(minutes, say) if minutes else ()
    wholes = {_alone(goal, one).id: goal for goal in study.circles if goal.bundle is not None for one in goal.services}
    goals = [_alone(goal, one) for goal in study.circles for one in goal.services if mode in (None, goal.mode)]
    if service is not None:
        goals = [goal for one in dict.fromkeys(service) for goal in _goals_of(one, goals, limits, mode, say)]
    if not goals:
        raise StudyError(say("access.no_goal"))
    return [AccessTask(goal=goal, limits=limits or (goal.minutes,), whole=wholes.get(goal.id)) for goal in goals]


def _limits(minutes: Sequence[float], say: Say) -> tuple[float, ...]:
    wrong = [limit for limit in minutes if not 0 < limit <= MOST_MINUTES]
    if wrong:
        raise StudyError(say("access.limit", minutes=wrong[0], most=MOST_MINUTES))
    return tuple(sorted(set(map(float, minutes))))


def _alone(goal: CircleGoal, service: str) -> CircleGoal:
    """Return a goal about one of its services, with the stops that count for it."""
    if goal.bundle is None:
        return goal
    return goal.model_copy(update={"id": f"{goal.id}-{service}", "service": service, "bundle": None})


def _goals_of(
    service: str, goals: Sequence[CircleGoal], limits: Sequence[float], mode: Mode | None, say: Say
) -> list[CircleGoal]:
    own = [goal for goal in goals if goal.service == service]
    if own:
        return own
    if not limits or mode is None:
        raise StudyError(say("access.no_limit", service=service))
    return [CircleGoal(id=f"{service}-{mode}", service=service, mode=mode, minutes=limits[-1])]


def require_measures(names: Sequence[str] | None, say: Say) -> None:
    """Refuse a measure that does not exist.

    Raises
    ------
    StudyError
        Naming the nearest one.
    """
    for name in names or ():
        if name not in MEASURES:
            raise StudyError(say("access.no_measure", measure=name, hint=nearest(name, MEASURES, say)))


def offered(
    facilities: pd.DataFrame, goal: CircleGoal, default_capacity: float | None, *, needed: bool, say: Say
) -> tuple[pd.Series[Any], list[str]]:
    """Return the capacity of a goal's facilities, and remarks: as `stated_capacity`, and mobile stops as far as they say.

    A stop that says nothing is reached, but offers no place that anybody could take: guessing one would make room up.
    """
    fixed = facilities["service"].isin(goal.services).to_numpy(bool)
    capacity, notes = facilities["capacity"].astype(float).reset_index(drop=True), list[str]()
    if fixed.any():
        stated, notes = stated_capacity(facilities.loc[fixed], goal.service, default_capacity, needed=needed, say=say)
        capacity.loc[fixed] = stated.to_numpy()
        if stated.isna().all():
            return capacity.where(fixed), notes
    silent = ~fixed & capacity.isna().to_numpy(bool)
    if silent.any():
        notes = [*notes, say("access.stops", service=goal.service, stops=int(silent.sum()))]
    return capacity.mask(silent, 0.0), notes


def stated_capacity(
    facilities: pd.DataFrame, service: str, default_capacity: float | None, *, needed: bool, say: Say
) -> tuple[pd.Series[Any], list[str]]:
    """Return the capacity of a service's facilities, and remarks on those that are missing.

    Parameters
    ----------
    facilities : DataFrame
        `facility`, `name`, `capacity`, `source` of one service.
    service : str
    default_capacity : float or None
        For facilities without one.
    needed : bool
        Whether the user named a measure that cannot do without.
    say : Say

    Returns
    -------
    capacity : Series
        By row; all NaN where no facility states one and none is needed.
    notes : list of str

    Raises
    ------
    StudyError
        If some facilities have none, or all and it is needed: never is one taken for 1.
    """
    capacity = facilities["capacity"].astype(float).reset_index(drop=True)
    missing = capacity.isna()
    if not missing.any():
        return capacity, []
    counts = {"service": service, "missing": int(missing.sum()), "total": len(missing)}
    if default_capacity is not None:
        return with_default(capacity, default_capacity), [say("access.default", capacity=default_capacity, **counts)]
    if missing.all() and not needed:
        return capacity, [say("access.left_out", service=service)]
    first = facilities.iloc[int(missing.to_numpy().argmax())]
    raise StudyError(say("access.no_capacity", facility=_named(first), source=first["source"], **counts))


def _named(facility: pd.Series[Any]) -> str:
    return str(facility["facility"]) if pd.isna(facility["name"]) else f"{facility['name']} ({facility['facility']})"


def chosen_measures(
    measure: Sequence[str] | None,
    capacity: pd.Series[Any],
    *,
    people: float,
    people_per_capacity: float | None,
    pairs: int,
    service: str,
    say: Say,
) -> tuple[list[str], list[str]]:
    """Return the measures to compute and remarks on those that are left out or make little sense with this capacity.

    Left to itself the choice is everything the capacity allows, but no allocation of people to beds taken for places, and
    none over so many pairs that it would take many minutes.
    """
    scarce = people_per_capacity is None and bool(capacity.notna().all()) and capacity.sum() < people / 2
    words = {"service": service, "places": capacity.sum(), "people": people}
    if measure is not None:
        return list(dict.fromkeys(measure)), [say("access.places", **words)] if scarce and "allocation" in measure else []
    possible = [name for name, each in MEASURES.items() if capacity.notna().all() or not each.needs_capacity]
    notes = [say("access.places", **words)] if scarce else []
    if pairs > MOST_PAIRS and not scarce and "allocation" in possible:
        notes = [say("access.large", service=service, pairs=pairs / 1e6)]
    return [name for name in possible if name != "allocation" or not notes], notes
