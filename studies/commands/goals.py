"""`lifecircle goals`: what the catalogue promises, and what a study needs to answer it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ...geo.errors import StudyError
from ...layers.catalogue import Catalogue, Entry, find_entry, goal_catalogue, read_catalogue
from ...layers.goals import CHECKS, Goal, PresenceGoal
from ..goals.readiness import STATES, Readiness, goal_readiness, most_wanted
from ..goals.report import print_goal
from ..speech.goal_words import said_limit, said_proposals, said_units
from ..speech.messages import Say
from ..speech.terminal import add_cells, show
from .options import Lang, say_in

NUMERALS = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二", "十三", "十四", "十五")
SHOWN_WANTED = 10

Check = Enum("Check", {name: name for name in CHECKS}, type=str)  # type: ignore[misc]
State = Enum("State", {name: name for name in STATES}, type=str)  # type: ignore[misc]
OfCheck = Annotated[Check | None, typer.Option("--check", help="Only goals of one kind of check · 只看一种检查方式")]
OfChapter = Annotated[str | None, typer.Option("--chapter", help="Only one chapter: 8 or 八 · 只看一章")]
OfUnit = Annotated[str | None, typer.Option("--unit", help="Only one level: county, township ... · 只看一级单元")]
Files = Annotated[list[Path] | None, typer.Option("--catalogue", help="Catalogue files of your own as well · 另加自己的目标文件")]
AsJson = Annotated[bool, typer.Option("--json", help="Print as JSON · 以 JSON 输出")]

app = typer.Typer(help="Goals that come with lifecircle · 目标目录", no_args_is_help=True, add_completion=False)


@app.command("list")
def list_goals(
    check: OfCheck = None,
    chapter: OfChapter = None,
    unit: OfUnit = None,
    catalogue: Files = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """List the catalogue · 列出目标"""
    say = say_in(lang)
    entries = [entry for entry in _catalogue(catalogue).values() if _wanted(entry, check, chapter, unit)]
    if as_json:
        print(json.dumps([entry.as_dict() for entry in entries], ensure_ascii=False))
        return
    table = _table(say("goals.columns"))
    for entry in entries:
        goal = entry.example()
        limit = said_limit(goal, entry.missing(), say)
        check_name = say(f"goals.check.{goal.check}")
        words = f"{goal.section or ''} {goal.phrase or ''}".strip()
        add_cells(table, goal.id, goal.name(say.language), check_name, said_units(goal, say), limit, words)
    _print_table(table)
    show(Console(), say("goals.total", shown=len(entries), total=len(_catalogue(catalogue))))


@app.command("show")
def show_goal(
    goal: Annotated[str, typer.Argument(metavar="ID", help="Such as fitness-10min · 目标编号")],
    catalogue: Files = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Show everything about one goal: its words, numbers, sources, other definitions and data · 显示一个目标"""
    say = say_in(lang)
    entry = find_entry(goal, _catalogue(catalogue))
    if as_json:
        print(json.dumps(entry.as_dict(), ensure_ascii=False, indent=2))
        return
    print_goal(entry, Console(), say)


@app.command("check")
def check_study(
    study: Annotated[Path, typer.Argument(metavar="STUDY.yaml", help="The study file · 研究文件")],
    state: Annotated[State | None, typer.Option("--state", help="Only ready, asks, lacks or context · 只看一种状态")] = None,
    check: OfCheck = None,
    chapter: OfChapter = None,
    unit: OfUnit = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Tell which goals a study's data can answer and what the rest lacks · 检查研究数据能回答哪些目标"""
    say = say_in(lang)
    with Console(stderr=True).status(f"{say('progress.check')} ..."):
        found = [item for item in goal_readiness(study, lang=say.language) if _wanted(item.entry, check, chapter, unit)]
    shown = [item for item in found if state is None or item.state == state.value]
    if as_json:
        wanted = [{"key": key, "goals": goals} for key, goals in most_wanted(found)]
        said = {"study": str(study), "goals": [item.as_dict() for item in shown], "wanted": wanted}
        print(json.dumps(said, ensure_ascii=False))
        return
    _print_readiness(shown, say)
    _print_summary(found, say)


def _print_readiness(shown: Iterable[Readiness], say: Say) -> None:
    table = _table(say("goals.check_columns"))
    for item in shown:
        check_name, state = say(f"goals.check.{item.goal.check}"), say(f"goals.state.{item.state}")
        add_cells(table, item.goal.id, item.goal.name(say.language), check_name, state, _missing(item, say))
    _print_table(table)


def _print_summary(found: list[Readiness], say: Say) -> None:
    """Print how many goals are in each state, and what would help most."""
    console = Console()
    counts = {name: sum(item.state == name for item in found) for name in STATES}
    show(console, say("goals.states", total=len(found), **counts), style="bold")
    wanted = most_wanted(found)[:SHOWN_WANTED]
    if wanted:
        show(console, say("goals.wanted"))
    for key, goals in wanted:
        show(console, say("goals.wanted_row", key=key, goals=goals), indent=2)


def _missing(item: Readiness, say: Say) -> str:
    """Say what one goal waits for, one thing per line."""
    lines = [_lacking(key, item, say) for key in item.lacks]
    lines += [say("goals.asked", key=key, proposals=said_proposals(item.entry, key, say)) for key in item.asks]
    return "\n".join(lines)


def _lacking(key: str, item: Readiness, say: Say) -> str:
    count = item.in_osm.get(key.removeprefix("facilities."))
    return key if count is None else say("goals.in_osm", key=key, count=count)


def _catalogue(files: list[Path] | None) -> Catalogue:
    return read_catalogue(files) if files else goal_catalogue()


def _wanted(entry: Entry, check: Check | None, chapter: str | None, unit: str | None) -> bool:
    goal = entry.example()
    return (
        (check is None or goal.check == check.value)
        and (chapter is None or (goal.section or "").partition("(")[0] == _numeral(chapter))
        and (unit is None or unit in _levels(goal))
    )


def _levels(goal: Goal) -> set[str]:
    units = [level.unit for level in goal.each_level()] if isinstance(goal, PresenceGoal) else [goal.unit]
    return {unit.level for unit in units if unit is not None}


def _numeral(chapter: str) -> str:
    """Write a chapter as the plan does: 8 as 八."""
    if chapter in NUMERALS:
        return chapter
    if chapter.isdecimal() and 0 < int(chapter) <= len(NUMERALS):
        return NUMERALS[int(chapter) - 1]
    raise StudyError("--chapter {chapter}: write a number such as 8, or 八", chapter=chapter)


def _table(heads: str) -> Table:
    table = Table(show_lines=True)
    first, *rest = heads.split("|")
    table.add_column(first, no_wrap=True)
    for head in rest:
        table.add_column(head, overflow="fold")
    return table


def _print_table(table: Table) -> None:
    """Print a table; into a pipe as wide as it needs, so that no id is cut."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=max(console.width, 200))
    console.print(table)
