"""`lifecircle compare`: two runs beside each other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from rich.console import Console

from ..compare import Comparison, compare
from ..messages import Say
from ..terminal import show
from .options import Lang, say_in

OWED_SHOWN = 8


def command(
    before: Annotated[Path, typer.Argument(metavar="A", help="A finished run (folder or run.json) or a study file · 之前的运行")],
    after: Annotated[Path, typer.Argument(metavar="B", help="The run to compare with it · 之后的运行")],
    out: Annotated[
        Path | None, typer.Option(help="Folder for tables and map (default: `compare` in B's folder) · 结果文件夹")
    ] = None,
    causes: Annotated[bool, typer.Option("--causes/--no-causes", help="Answer again to tell causes apart · 逐项分解原因")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print the comparison as JSON · 以 JSON 输出")] = False,
    lang: Lang = None,
) -> None:
    """Compare two runs: who gains, who loses, and why · 比较两次运行"""
    say = say_in(lang)
    done = compare(before, after, out=out, causes=causes, lang=say.language)
    if as_json:
        print(json.dumps(_as_json(done), ensure_ascii=False))
    else:
        _print(done, Console(), say)


def _as_json(done: Comparison) -> dict[str, object]:
    def rows(table: pd.DataFrame) -> object:
        return json.loads(table.to_json(orient="records"))

    changed = done.facilities[done.facilities["change"] != "same"].drop(columns="geometry")
    return {
        "before": done.before,
        "after": done.after,
        "shares": rows(done.shares),
        "gained": {goal: change.gained for goal, change in done.units.items()},
        "lost": {goal: change.lost for goal, change in done.units.items()},
        "facilities": rows(pd.DataFrame(changed)),
        "owed": rows(done.owed),
        "causes": None if done.causes is None else rows(done.causes),
        "not_again": list(done.not_again),
        "out": str(done.out),
    }


def _print(done: Comparison, console: Console, say: Say) -> None:
    everyone = done.shares[done.shares["level"] == "all"].set_index("goal")
    for goal, row in everyone.iterrows():
        _print_goal(str(goal), row, done, console, say)
    counts = done.facilities["change"].value_counts()
    show(console, say("compare.facility_changes", **{name: int(counts.get(name, 0)) for name in ("opened", "closed", "moved")}))
    if done.not_again:
        show(console, say("compare.no_causes", files=", ".join(done.not_again)), style="yellow")
    show(console, say("compare.out", out=done.out))


def _print_goal(goal: str, row: pd.Series, done: Comparison, console: Console, say: Say) -> None:
    if pd.isna(row["share_before"]) or pd.isna(row["share_after"]):
        show(console, say("compare.headline_none", goal=goal), style="bold")
        return
    change = 100 * row["share_change"]
    show(
        console,
        say("compare.headline", goal=goal, before=row["share_before"], after=row["share_after"], change=change),
        style="bold",
    )
    units = done.units.get(goal)
    if units is None:
        return
    if units.gained == units.lost == 0:
        show(console, say("compare.no_change"), indent=2)
        return
    show(console, say("compare.people_change", gained=units.gained, lost=units.lost), indent=2)
    for entry in done.owed[done.owed["goal"] == goal].head(OWED_SHOWN).itertuples(index=False):
        name = entry.facility if pd.isna(entry.name) else entry.name
        words = {"change": say(f"compare.{entry.change}"), "name": name, "gained": entry.gained, "lost": entry.lost}
        show(console, say("compare.owed", **words), indent=2)
    if done.causes is not None:
        show(console, say("compare.causes"), indent=2)
        for cause in done.causes[done.causes["goal"] == goal].itertuples(index=False):
            said = say("compare.cause", cause=say(f"compare.{cause.cause}"), people=cause.people, points=cause.points)
            show(console, said, indent=4)
