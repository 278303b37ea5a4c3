"""One goal on a page of the terminal: its words, numbers, sources, other definitions and the data it needs."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console

from ...layers.catalogue import Entry
from ...layers.goals import Goal
from ..speech.goal_words import SHOWN_APART, said_limit, said_proposals, said_service, said_source, said_units, said_value
from ..speech.messages import Say
from ..speech.terminal import show
from .readiness import data_needed


def print_goal(entry: Entry, console: Console, say: Say) -> None:
    """Print everything about a goal of the catalogue."""
    goal = entry.example()
    show(console, f"{goal.id} · {goal.name(say.language)}", style="bold")
    for line in _promise(entry, goal, say):
        show(console, line, indent=2)
    _print_part(console, say("goals.numbers"), _numbers(entry, goal, say))
    _print_part(console, say("goals.asked_for"), (_asked(entry, key, say) for key in entry.missing()))
    _print_part(console, say("goals.variants"), (_variant(goal, position, say) for position in range(len(goal.variants))))
    _print_part(console, say("goals.services"), (said_service(service, say) for service in goal.services))
    _print_part(console, say("goals.data"), data_needed(goal))


def _promise(entry: Entry, goal: Goal, say: Say) -> Iterator[str]:
    """Yield where the promise stands, its words, and how it is checked."""
    if entry.document is not None:
        document = getattr(entry.document.title, say.language)
        yield f"{document} {entry.document.number or ''} {goal.section or ''}".strip()
    if goal.phrase:
        yield f"“{goal.phrase}”" if "“" not in goal.phrase else f"「{goal.phrase}」"
    yield f"{say(f'goals.check.{goal.check}')}: {said_limit(goal, entry.missing(), say)}"
    if said_units(goal, say):
        yield say("goals.units", units=said_units(goal, say))
    if entry.asking.extends:
        yield say("goals.extends", goal=entry.asking.extends)
    if entry.looser:
        yield say("goals.looser", keys=", ".join(entry.looser))
    if goal.source:
        yield said_source(goal.source, say)
    if goal.note:
        yield getattr(goal.note, say.language)


def _numbers(entry: Entry, goal: Goal, say: Say) -> Iterator[str]:
    """Yield every key of the goal that says something, with its source."""
    for key, value in goal.model_dump(mode="json", exclude_defaults=True).items():
        if key in SHOWN_APART or key in entry.missing():
            continue
        source = goal.sources.get(key)
        yield f"{key}: {said_value(value, say)}" + (f" ({said_source(source, say)})" if source else "")


def _asked(entry: Entry, key: str, say: Say) -> str:
    return say("goals.asked", key=key, proposals=said_proposals(entry, key, say))


def _variant(goal: Goal, position: int, say: Say) -> str:
    variant = goal.variants[position]
    changes = said_value(variant.set, say)
    return f"{variant.id}: {getattr(variant.title, say.language)} [{changes}] - {said_source(variant.source, say)}"


def _print_part(console: Console, head: str, lines: Iterator[str] | tuple[str, ...]) -> None:
    """Print a headline with its lines; nothing where there is none."""
    said = list(lines)
    if not said:
        return
    show(console, head, style="bold")
    for line in said:
        show(console, line, indent=2)
