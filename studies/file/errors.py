"""What pydantic finds wrong with a study, in the planner's words: the line, the key, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from ...layers.goals import CHECKS, GOAL_PARTS, GoalBase
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
# pydantic's kinds of error and the text that says them.
PLAIN = {
    "source": "study.source",
    "candidates": "study.candidates",
    "list_type": "study.list",
    "string_type": "study.text",
    "path_type": "study.file_name",
    "string_pattern_mismatch": "study.id",
    "too_short": "study.none",
    "dict_type": "study.mapping",
    "bool_parsing": "study.text",
    "idle": "study.idle",
}
RANGES = {
    "greater_than": (">", "gt"),
    "greater_than_equal": ("≥", "ge"),
    "less_than": ("<", "lt"),
    "less_than_equal": ("≤", "le"),
}
MOST_NAMES = 12
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
    names = [str(item) for item in known]
    near = get_close_matches(str(name), names, 1, 0.5)
    if near:
        return say("study.near", name=near[0])
    if not names:
        return say("study.none_known")
    return say("study.known", names=", ".join(names[:MOST_NAMES]) + (" ..." if len(names) > MOST_NAMES else ""))


def _explain(problem: ErrorDetails, text: StudyText) -> str:
    location, kind, say = problem["loc"], problem["type"], text.say
    # A mapping whose key is no text is reported at that key; the tags that tell sources and checks apart are no keys.
    keys = [part for part in _untagged(location) if part not in ("[key]", *KINDS)]
    if _is_unknown(problem):
        hint = nearest(location[-1], _keys(location), say)
        return text.place(keys) + say("study.unknown", key=keys[-1]) + hint
    if kind == "missing":
        return text.place(keys[:-1]) + say("study.missing", key=keys[-1])
    if kind == "condition":
        return text.place(keys) + translate(problem["ctx"]["said"], say.language)  # quotes what was given itself
    return text.place(keys) + _wrong_value(problem, say) + _given(problem["input"], say)


def _wrong_value(problem: ErrorDetails, say: Say) -> str:
    """Say what belongs there instead."""
    kind, context, location = problem["type"], problem.get("ctx", {}), problem["loc"]
    if kind in PLAIN:
        return say(PLAIN[kind])
    if kind == "check":
        return say("study.check", checks=", ".join(CHECKS))
    if kind in ("model_type", "model_attributes_type"):
        return say("study.keys", keys=", ".join(_keys((*location, ""))))
    if kind == "literal_error":
        choices = context["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        return say("study.choice", choices=", ".join(choices)) + _near_choice(problem["input"], choices, say)
    if kind in RANGES:
        sign, bound = RANGES[kind]
        share = say("study.share") if location[-1] == "target" else ""
        return say("study.range", limit=f"{sign} {context[bound]:g}") + share
    return say("study.number") if kind.startswith(("float", "int")) else problem["msg"]


def _near_choice(given: object, choices: Sequence[str], say: Say) -> str:
    near = get_close_matches(str(given), choices, 1, 0.5)
    return say("study.near", name=near[0]) if near else ""


def _is_unknown(problem: ErrorDetails) -> bool:
    return problem["type"] in ("extra_forbidden", "invalid_key")


def _meant(problem: ErrorDetails) -> str | None:
    near = get_close_matches(str(problem["loc"][-1]), _keys(problem["loc"]), 1, 0.5)
    return near[0] if near else None


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


def _given(value: object, say: Say) -> str:
    if value is None:
        return say("study.nothing")
    text = str(value)
    return say("study.given", given=text if len(text) <= 60 else f"{text[:57]}...")
