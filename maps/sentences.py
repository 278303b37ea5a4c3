"""Sentences: the headline of a goal, and how people and minutes are written wherever words are printed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ..analyses.results import Results
from ..layers.goals import TimedGoal
from .figures import overall, shown_people, whole
from .percent import percent, short_percent
from .texts import in_sentence, texts


def headline(results: Results, goal: TimedGoal, language: str) -> str:
    """Return what share of whom reaches the service, and whether the target is met."""
    words = texts(language)
    report, shared = words["report"], words["shared"]
    row = overall(results, goal.id)
    if row["share"] is None:
        return str(report["nobody"])
    said = shared[f"sentence_{goal.direction}"].format(
        share=percent(row["share"], row["target"]),
        who=shared["who"][goal.population] if goal.group is None else shared["groups"].get(goal.group, goal.group),
        mode=shared["modes"][goal.mode],
        minutes=f"{goal.minutes:g}",
        service=service_in_sentence(results, goal, language),
    )
    verdict = "none" if row["target"] is None else ("met" if row["met"] else "not_met")
    target = "" if row["target"] is None else short_percent(row["target"])
    judged = report[f"verdict_{verdict}"].format(target=target, people=people(shown_people(row)["uncovered"]))
    return f"{said} {judged}" if language == "en" else said + judged


def goal_title(results: Results, goal: TimedGoal, language: str) -> str:
    """Return what a goal is called: its title, else what it asks for; a goal about several services keeps its id."""
    service = results.services.get(goal.service)
    if goal.title or service is None or len(goal.services) != 1:
        return goal.name(language)
    shared = texts(language)["shared"]
    mode, minutes = shared["modes"][goal.mode], f"{goal.minutes:g}"
    return str(shared["goal_title"].format(service=getattr(service.title, language), mode=mode, minutes=minutes))


def service_in_sentence(results: Results, goal: TimedGoal, language: str) -> str:
    """Return the goal's service as it reads within a sentence."""
    service = results.services.get(goal.service)
    return in_sentence(getattr(service.title, language), language) if service else goal.service


def people(value: float | None) -> str:
    """Return people as a whole number with thousands separators."""
    return "—" if value is None else f"{whole(value):,}"


def minutes(value: float | None, report: Mapping[str, Any]) -> str:
    """Return minutes rounded up to tenths, as the map shows them."""
    if value is None:
        return str(report["unknown"])
    tenths = math.ceil(value * 10)
    tenths -= (tenths - 1) / 10 >= value
    return str(report["minutes"].format(minutes=f"{tenths / 10:g}"))
