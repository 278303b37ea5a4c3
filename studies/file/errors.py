"""What pydantic finds wrong with a study, in the planner's words: the line, the key, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from ...geo import near_names
from ...geo.near_names import near_name
from ...layers.goals import CHECKS, GOAL_PARTS, GoalBase
from ...layers.wrong_values import shown, wrong_value
from ..speech.messages import Say
from ..speech.rooms_text import translate
from .study import (
    Access,
    BicycleOptions,
    CandidateDemand,
    CandidateFile,
    CandidateStreets,
    CarOptions,
    Corrections,
    DemandSource,
    FacilityFile,
    FacilityOsm,
    IndicatorFile,
    MinimumShare,
    Modes,
    Polygons,
    Siting,
    SourcedFile,
    Study,
    Upgrade,
    UrbanRule,
    WalkOptions,
    ZoneLevel,
)
from .text import StudyText

Location = tuple[Any, ...]
CANDIDATES = {kind.__name__: kind for kind in (CandidateFile, CandidateDemand, CandidateStreets)}
KINDS = (FacilityFile.__name__, FacilityOsm.__name__, *CANDIDATES)  # tags that tell sources apart, no keys
TRAVEL: dict[str, type[BaseModel]] = {"walk": WalkOptions, "bicycle": BicycleOptions, "car": CarOptions}
MOST_PROBLEMS = 20  # more are rather one mistake many times


def explain(problems: Sequence[ErrorDetails], text: StudyText) -> str:
    """Say all problems, one line each; a missing key is not said where an unknown one is its misspelling."""
    unknown = [problem for problem in problems if _is_unknown(problem)][:MOST_PROBLEMS]
    meant = {(problem["loc"][:-1], _meant(problem)) for problem in unknown}
    said = [p for p in problems if not (p["type"] == "missing" and (p["loc"][:-1], p["loc"][-1]) in meant)]
    lines = list(dict.fromkeys(_explain(problem, text) for problem in said[:MOST_PROBLEMS]))
    rest = len(said) - MOST_PROBLEMS
    return "\n".join([*lines, text.say("study.more", count=rest)] if rest > 0 else lines)


def nearest(name: object, known: Iterable[str], say: Say) -> str:
    """Hint at the nearest known name, or list what is known."""
    return translate(near_names.nearest(name, known), say.language)


def _explain(problem: ErrorDetails, text: StudyText) -> str:
    location, kind, say = problem["loc"], problem["type"], text.say
    # A mapping whose key is no text is reported at that key; the tags that tell sources and checks apart are no keys.
    keys = [part for part in _untagged(location) if part not in ("[key]", *KINDS)]
    if _is_unknown(problem):
        hint = nearest(location[-1], _keys(location), say)
        return text.place(keys) + say("study.unknown", key=keys[-1]) + hint
    if kind == "missing":
        return text.place(keys[:-1]) + say("study.missing", key=keys[-1])
    wrong = translate(wrong_value(problem, _keys((*location, ""))), say.language)
    has_shown = problem["ctx"].get("shows_itself") if kind == "refused" else False
    return text.place(keys) + wrong + ("" if has_shown else translate(shown(problem["input"]), say.language))


def _is_unknown(problem: ErrorDetails) -> bool:
    return problem["type"] in ("extra_forbidden", "invalid_key")


def _meant(problem: ErrorDetails) -> str | None:
    return near_name(problem["loc"][-1], _keys(problem["loc"]))


def _keys(location: Location) -> list[str]:
    """Return the keys that mean something beside the one that stands last in `location`."""
    section = _section(location)
    return [name for name in section.model_fields if name not in getattr(section, "idle", ())]


def _section(location: Location) -> type[BaseModel]:
    """Return the section whose key stands last in `location`."""
    match location[:-1]:
        case ("elevation",):
            return SourcedFile
        case ("zones", _):
            return ZoneLevel
        case ("area",) | ("demand", "urban", "file"):
            return Polygons
        case ("overrides",):
            return Corrections
        case ("demand", "urban"):
            return UrbanRule
        case ("demand",):
            return DemandSource
        case ("indicators", *_):
            return IndicatorFile
        case ("facilities", *_, kind):
            return FacilityOsm if kind == FacilityOsm.__name__ else FacilityFile
        case ("siting", _, "candidates", *_, kind):
            return CANDIDATES.get(str(kind), CandidateFile)
        case ("siting", _, "upgrade"):
            return Upgrade
        case ("siting", _, "min_share"):
            return MinimumShare
        case ("siting", _):
            return Siting
        case ("access", _):
            return Access
        case ("goals", _, check, *parts) if check in CHECKS:
            return _goal_section(CHECKS[check], parts)
        case ("modes", mode) if mode in TRAVEL:
            return TRAVEL[mode]
        case ("modes",):
            return Modes
    return Study


def _untagged(location: Location) -> Location:
    """Leave out the check that tells a goal's model: it is no key of the file."""
    is_tagged = location[:1] == ("goals",) and len(location) > 2 and location[2] in CHECKS
    return (*location[:2], *location[3:]) if is_tagged else location


def _goal_section(goal: type[GoalBase], parts: Sequence[Any]) -> type[BaseModel]:
    named = [part for part in parts if part in GOAL_PARTS]
    return GOAL_PARTS[named[-1]] if named else goal
