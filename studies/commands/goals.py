"""`lifecircle goals`: what the catalogue promises."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ...layers.catalogue import find_entry, goal_catalogue
from ...layers.goals import CircleGoal
from .options import Lang, say_in

app = typer.Typer(help="Goals that come with lifecircle · 目标目录", no_args_is_help=True)


@app.command("list")
def list_goals(
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON · 以 JSON 输出")] = False,
    lang: Lang = None,
) -> None:
    """List the catalogue · 列出目标"""
    if as_json:
        print(json.dumps([entry.as_dict() for entry in goal_catalogue().values()], ensure_ascii=False))
        return
    say = say_in(lang)
    heads = say("goals.columns").split("|")
    table = Table(show_lines=True)
    table.add_column(heads[0], no_wrap=True)
    for head in heads[1:]:
        table.add_column(head, overflow="fold")
    for goal in (entry.example() for entry in goal_catalogue().values()):
        assert isinstance(goal, CircleGoal)
        mode = say(f"mode.{goal.mode}")
        table.add_row(goal.id, goal.name(say.language), goal.service, mode, f"{goal.minutes:g}", goal.phrase or "")
    Console().print(table)


@app.command("show")
def show(
    goal: Annotated[str, typer.Argument(metavar="ID", help="Such as fitness-10min · 目标编号")],
    lang: Lang = None,
) -> None:
    """Show everything about one goal · 显示一个目标"""
    print(json.dumps(find_entry(goal).as_dict(), ensure_ascii=False, indent=2))
