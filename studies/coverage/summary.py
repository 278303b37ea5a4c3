"""The answer in a few lines, printed when a run ends."""

from __future__ import annotations

from typing import Any

import pandas as pd
from rich.console import Console

from ...layers.goals import GoalBase, TimedGoal
from ...maps.exports.scorecard_words import explanation, scorecard_words, shown_value, verdict
from ...maps.figures import plain, shown_people
from ...maps.percent import percent, short_percent
from ..speech.messages import Say
from ..speech.terminal import show
from .run import Run

STATUSES = ("covered", "beyond", "cut_off", "unconnected", "excluded")


def print_summary(run: Run, console: Console, say: Say) -> None:
    """Print how every goal is met and by how many people, then where the files are."""
    everyone = run.results.scorecard[run.results.scorecard["level"] == "all"].set_index("goal")
    for goal in run.results.goals:
        _print_goal(goal, everyone.loc[goal.id], console, say)
    for check in run.results.checks:
        _print_check(check, everyone.loc[check.id], console, say)
    _print_lacking(everyone, console, say)
    pages = (("map", "map.html"), ("report", "report.html")) if run.results.goals else (("scorecard", "scorecard.xlsx"),)
    for key, name in pages:
        # Never wrapped: a path is there to be copied.
        console.print(say(f"result.{key}", file=run.out / name), highlight=False, markup=False, soft_wrap=True)
    console.print(say("result.out", out=run.out), highlight=False, markup=False, soft_wrap=True)


def _print_goal(goal: TimedGoal, row: Any, console: Console, say: Say) -> None:
    """Print the headline, then everyone exactly once; statuses that nobody has are left out, `covered` never."""
    show(console, _headline(goal, row, say), style="bold")
    people = shown_people(row)  # rounded as on the map, so that the figures add up and agree with it
    lines = [(people[status], say(f"result.{status}", minutes=goal.minutes)) for status in STATUSES]
    shown = [(count, words) for position, (count, words) in enumerate(lines) if count > 0 or position == 0]
    width = len(f"{people['people']:,}")
    for count, words in [*shown, (people["people"], say("result.total"))]:
        console.print(f"  {count:>{width},}  {words}", highlight=False, markup=False, soft_wrap=True)


def _print_check(goal: GoalBase, row: Any, console: Console, say: Say) -> None:
    """Print one line for a goal that tables answer; those without an answer are summed up below all."""
    if row["figure"] == "none":
        return
    words = scorecard_words(say.language)
    told = explanation(row, say.language)
    figure = say(
        "result.figure", goal=goal.name(say.language), figure=words["figures"].get(row["figure"], ""), value=shown_value(row)
    )
    verdict_said = "" if plain(row["met"]) is None else f"  {verdict(row, say.language)}"
    show(console, figure + verdict_said, style="bold")
    if told:
        show(console, told, indent=2)


def _print_lacking(everyone: pd.DataFrame, console: Console, say: Say) -> None:
    rows = everyone[everyone["figure"] == "none"]
    lacking, context = int((rows["reason"] == "lacks").sum()), int((rows["reason"] == "not_from_space").sum())
    if lacking or context:
        show(console, say("result.unanswered", lacking=lacking, context=context, total=len(everyone)))


def _headline(goal: TimedGoal, row: Any, say: Say) -> str:
    name = goal.name(say.language)
    if row["share"] is None or row["share"] != row["share"]:
        return say("result.none", goal=name)
    said = say("result.share", goal=name, share=percent(row["share"], goal.target))
    if not goal.target:
        return said
    verdict = say("result.met" if row["met"] else "result.missed")
    return said + say("result.target", target=short_percent(goal.target), verdict=verdict)
