"""What a study lacks to answer a goal: the keys of the study file that would have to be added."""

from __future__ import annotations

from collections.abc import Iterator

from ...layers.goals import (
    FACILITY_LEVEL,
    WHOLE_STUDY,
    CircleGoal,
    DisparityGoal,
    Goal,
    IndicatorGoal,
    MixGoal,
    PeopleGoal,
    PresenceGoal,
    RatioGoal,
    ShareGoal,
    TilingGoal,
    Travel,
    TrendGoal,
    Unit,
)
from .study import FacilityFile, FacilityOsm, Study


def lacks(goal: Goal, study: Study) -> tuple[str, ...]:
    """Say which keys are missing before a goal can be answered at all.

    Parameters
    ----------
    goal : Goal
    study : Study

    Returns
    -------
    tuple of str
        Such as `facilities.health`, `zones.county.kind` or `demand.groups.elderly`, with ` / ` between keys of which one is
        enough; empty where nothing lacks. Blank cells in the files are another matter: they leave single figures open, with a
        reason.
    """
    return tuple(dict.fromkeys(_lacks(goal, study)))


def _lacks(goal: Goal, study: Study) -> Iterator[str]:
    if isinstance(goal, Travel):
        yield from _travel(goal, study)
    if isinstance(goal, PeopleGoal):
        yield from _population(goal, study)
    if isinstance(goal, PresenceGoal):
        yield from _presence(goal, study)
    elif isinstance(goal, ShareGoal):
        yield from _share(goal, study)
    elif isinstance(goal, TilingGoal):
        yield from [*_level(goal.tiles, study), *_unit(goal.unit, study)]
    elif isinstance(goal, RatioGoal):
        yield from _ratio(goal, study)
    elif isinstance(goal, DisparityGoal):
        yield from _disparity(goal, study)
    elif isinstance(goal, TrendGoal | IndicatorGoal):
        yield from _indicator(goal.indicator, goal.unit, study)


def _travel(goal: Travel, study: Study) -> Iterator[str]:
    if not study.streets:
        yield "streets"
    if study.demand is None:
        yield "demand"
    if goal.unit is not None and (goal.unit.kinds or goal.unit.flag):
        yield from _unit(goal.unit, study)  # it says whom the goal is about; a level alone only how rows are added up
    if isinstance(goal, CircleGoal):
        # Without stops of a mobile service the fixed ones still answer it.
        yield from _services(goal.missing(study.facilities), study)
    elif isinstance(goal, MixGoal) and not any(service in study.facilities for service in goal.types):
        yield from _services(goal.types, study)


def _services(services: tuple[str, ...], study: Study) -> Iterator[str]:
    return (f"facilities.{service}" for service in services if service not in study.facilities)


def _population(goal: PeopleGoal, study: Study) -> Iterator[str]:
    if goal.group is not None and goal.group not in study.groups:
        yield f"demand.groups.{goal.group}"
    if goal.population != "all" and (study.demand is None or study.demand.urban is None):
        yield "demand.urban"


def _unit(unit: Unit | None, study: Study) -> Iterator[str]:
    if unit is None or unit.level in (WHOLE_STUDY, FACILITY_LEVEL):
        return
    if unit.level not in study.zones:
        yield f"zones.{unit.level}"
        return
    zones = study.zones[unit.level]
    if unit.kinds and zones.kind is None:
        yield f"zones.{unit.level}.kind"
    if unit.flag is not None and unit.flag not in zones.flags:
        yield f"zones.{unit.level}.flags.{unit.flag}"


def _level(level: str, study: Study) -> Iterator[str]:
    return (f"zones.{name}" for name in (level,) if name not in study.zones)


def _presence(goal: PresenceGoal, study: Study) -> Iterator[str]:
    """A promise on several levels is answered on those that can be."""
    by_level = [
        [*_services((level.service,), study), *_unit(level.unit, study), *_flag(level.service, goal.flag, study)]
        for level in goal.each_level()
    ]
    if all(by_level):
        yield from (key for keys in by_level for key in keys)


def _flag(service: str | None, flag: str | None, study: Study) -> Iterator[str]:
    sources = study.facilities.get(service or "", [])
    told = any(isinstance(source, FacilityFile) and flag in source.flags for source in sources)
    if flag is not None and sources and not told:
        yield f"facilities.{service}.flags.{flag}"


def _share(goal: ShareGoal, study: Study) -> Iterator[str]:
    yield from _unit(goal.unit, study)
    for flag in (goal.flag, goal.among):
        if goal.of == "facilities":
            yield from _flag(goal.service, flag, study)
        elif flag is not None and goal.unit.level in study.zones and flag not in study.zones[goal.unit.level].flags:
            yield f"zones.{goal.unit.level}.flags.{flag}"
    yield from _services(goal.services, study)


def _ratio(goal: RatioGoal, study: Study) -> Iterator[str]:
    yield from _services(goal.services, study)
    yield from _unit(goal.unit, study)
    yield from _number(goal.service, goal.of, study)
    if goal.per == "people":
        yield from _people(goal, goal.unit, study)
    else:
        yield from _number(goal.service, goal.per, study)


def _number(service: str, number: str, study: Study) -> Iterator[str]:
    """A capacity or another figure of the facilities; OSM states capacities only."""
    sources = study.facilities.get(service, [])
    if number == "facilities" or not sources:
        return
    if number == "capacity":
        if not any(isinstance(source, FacilityOsm) or source.capacity for source in sources):
            yield f"facilities.{service}.capacity"
    elif not any(isinstance(source, FacilityFile) and number in source.numbers for source in sources):
        yield f"facilities.{service}.numbers.{number}"


def _people(goal: PeopleGoal, unit: Unit, study: Study) -> Iterator[str]:
    """Everyone may stand in the zones; town, country and groups only in the demand."""
    some = goal.population != "all" or goal.group is not None
    levels = study.zones.values() if unit.level == WHOLE_STUDY else [study.zones[unit.level]] if unit.level in study.zones else []
    if study.demand is None and (some or not any(zones.people for zones in levels)):
        level = unit.level if unit.level != WHOLE_STUDY else next(iter(study.zones), "")
        yield f"demand / zones.{level}.people" if level and not some else "demand"


def _disparity(goal: DisparityGoal, study: Study) -> Iterator[str]:
    yield from _unit(goal.unit, study)
    if goal.between == "urban-rural" and (study.demand is None or study.demand.urban is None):
        yield "demand.urban"
    if goal.of == "indicator":
        found = [list(_indicator(name, goal.unit, study)) for name in goal.among]
    elif goal.of == "coverage":
        known = {other.id for other in study.goals}
        found = [[] if name in known else [f"goals.{name}"] for name in goal.among]
    else:
        found = [[*_services((name,), study), *(_number(name, goal.of, study))] for name in goal.among]
        yield from _people(goal, goal.unit, study)
    if all(found):  # what can be compared is compared, the rest is said
        yield from (key for keys in found for key in keys)


def _indicator(name: str, unit: Unit, study: Study) -> Iterator[str]:
    yield from _unit(unit, study)
    if not any(
        name in source.values and (source.level or WHOLE_STUDY) in (unit.level, WHOLE_STUDY) for source in study.indicators
    ):
        yield f"indicators.{name}"
