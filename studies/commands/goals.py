"""`lifecircle goals`: what the catalogue promises."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ...layers.catalogue import find_goal, goal_catalogue
from ..messages import default_language
from .options import Lang

app = typer.Typer(help="Goals that come with lifecircle · 目标目录", no_args_is_help=True)


@app.command("list")
def list_goals(
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    lang: Lang = None,
) -> None:
    """List the catalogue · 列出目标"""
    entries = [goal.model_dump(mode="json") for goal in goal_catalogue().values()]
    if as_json:
        print(json.dumps(entries, ensure_ascii=False))
        return
    language = lang.value if lang else default_language()
    table = Table("id", "title", "service", "mode", "minutes", "phrase")
    for goal in goal_catalogue().values():
        table.add_row(goal.id, goal.name(language), goal.service, goal.mode, f"{goal.minutes:g}", goal.phrase or "")
    Console().print(table)


@app.command("show")
def show(goal: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Show everything about one goal · 显示一个目标"""
    print(json.dumps(find_goal(goal).model_dump(mode="json"), ensure_ascii=False, indent=2))
