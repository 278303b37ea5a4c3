"""Goals in words: limits, units, sources and data, for tables on the command line and for errors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...layers.catalogue import SOURCE_WORDS, Entry
from ...layers.goals import (
    ContextGoal,
    DisparityGoal,
    Goal,
    IndicatorGoal,
    MixGoal,
    PeopleGoal,
    PresenceGoal,
    RatioGoal,
    ShareGoal,
    Source,
    Text,
    TilingGoal,
    TimedGoal,
    TrendGoal,
    Unit,
)
from ...layers.services import service_catalogue
from ...maps.percent import short_percent
from .messages import Say, texts

SHOWN_APART = {"id", "title", "document", "section", "phrase", "plan_row", "check", "source", "sources", "note", "variants"}


def said_source(source: Source, say: Say) -> str:
    """Say where a number comes from: the short words of a catalogue in the user's language, prose as it stands."""
    if isinstance(source, Text):
        return str(getattr(source, say.language))
    return say(f"source.{source}") if source in SOURCE_WORDS else source


def said_proposals(entry: Entry, key: str, say: Say) -> str:
    """Say the values proposed for a number that the document does not give."""
    proposals = entry.asking.proposes[key]
    return "; ".join(f"{said_value(proposal.value, say)} ({said_source(proposal.source, say)})" for proposal in proposals)


def said_value(value: Any, say: Say) -> str:
    """Say a value of a catalogue: mappings and lists on one line, numbers without needless zeros."""
    if isinstance(value, dict):
        return ", ".join(f"{key}: {said_value(item, say)}" for key, item in value.items() if item not in (None, [], ()))
    if isinstance(value, list | tuple):
        return " · ".join(said_value(item, say) for item in value)
    if value is None:
        return say("goals.open")
    return f"{value:,g}" if isinstance(value, float) else str(value)


def said_unit(unit: Unit | None, say: Say) -> str:
    """Say which units a goal judges, such as 县(市、区)(县、县级市)."""
    if unit is None:
        return ""
    filters = [_known(f"kind.{kind}", kind, say) for kind in unit.kinds] + ([f"[{unit.flag}]"] if unit.flag else [])
    return _known(f"level.{unit.level}", unit.level, say) + (f" ({', '.join(filters)})" if filters else "")


def said_units(goal: Goal, say: Say) -> str:
    """Say whom a goal is about: the units of all its levels, and which people."""
    units = [level.unit for level in goal.each_level()] if isinstance(goal, PresenceGoal) else [goal.unit]
    people = _people(goal, say) if isinstance(goal, PeopleGoal) else ()
    return " / ".join(dict.fromkeys(part for part in (*(said_unit(unit, say) for unit in units), *people) if part))


def _people(goal: PeopleGoal, say: Say) -> Iterator[str]:
    if goal.population != "all":
        yield say(f"population.{goal.population}")
    if goal.group is not None:
        yield goal.group


def said_service(service: str, say: Say) -> str:
    """Name a service, with its id."""
    known = service_catalogue().get(service)
    return f"{getattr(known.title, say.language)} ({service})" if known else service


def said_limit(goal: Goal, asked: tuple[str, ...], say: Say) -> str:
    """Say what a goal asks for in a few signs; a number that the study must give is a question mark."""
    parts = [*_limit(goal, asked, say)]
    if goal.target is not None:
        parts.append(say("goals.target", target=short_percent(goal.target)))
    if goal.due is not None:
        parts.append(say("goals.due", year=goal.due))
    return ", ".join(part for part in parts if part)


def _limit(goal: Goal, asked: tuple[str, ...], say: Say) -> Iterator[str]:
    if isinstance(goal, TimedGoal):
        minutes = "?" if "minutes" in asked else f"{goal.minutes:g}"
        yield say("goals.within", minutes=minutes, mode=say(f"mode.{goal.mode}"))
    if isinstance(goal, MixGoal):
        yield say("goals.types", least="?" if "at_least" in asked else goal.at_least, types=len(goal.types))
    elif isinstance(goal, PresenceGoal):
        yield from dict.fromkeys(_bounds(level.at_least, level.at_most) for level in goal.each_level())
    elif isinstance(goal, IndicatorGoal) and "at_least" in asked:
        yield "≥ ?"
    elif isinstance(goal, RatioGoal | IndicatorGoal | DisparityGoal):
        yield _bounds(goal.at_least, goal.at_most)
    if isinstance(goal, RatioGoal):
        yield f"{goal.of} / {f'{goal.scale:,g} ' if goal.scale != 1 else ''}{goal.per}"
    if isinstance(goal, DisparityGoal | TrendGoal) and goal.towards is not None:
        yield say(f"goals.{goal.towards}")
    if isinstance(goal, ShareGoal):
        yield goal.flag + (say("goals.among", flag=goal.among) if goal.among else "")
    elif isinstance(goal, TilingGoal):
        yield goal.tiles
    elif isinstance(goal, ContextGoal):
        yield say("goals.not_checkable")


def _bounds(at_least: float | None, at_most: float | None) -> str:
    least = "" if at_least is None else f"≥ {at_least:,g}"
    most = "" if at_most is None else f"≤ {at_most:,g}"
    return " ".join(part for part in (least, most) if part)


def _known(key: str, fallback: str, say: Say) -> str:
    """Say a text, or the user's own word where there is none."""
    return say(key) if key in texts(say.language) else fallback
