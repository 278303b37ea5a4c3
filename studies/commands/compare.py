"""`lifecircle compare`: two runs beside each other."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer
from rich.console import Console

from ...analyses.counted import GROUP
from ...maps.percent import percent
from ..comparing.causes import said_cause
from ..comparing.compare import compare
from ..comparing.comparison import Comparison
from ..speech.messages import Say
from ..speech.terminal import show
from .options import Lang, say_in
from .rows import plain_rows, records

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
    changed = done.facilities[done.facilities["change"] != "same"].drop(columns="geometry")
    return {
        "before": done.before,
        "after": done.after,
        "shares": plain_rows(done.shares),
        "gained": {goal: change.gained for goal, change in done.units.items()},
        "lost": {goal: change.lost for goal, change in done.units.items()},
        "facilities": plain_rows(pd.DataFrame(changed)),
        "groups": plain_rows(done.groups),
        "owed": plain_rows(done.owed),
        "causes": None if done.causes is None else plain_rows(done.causes),
        "not_again": list(done.not_again),
        "out": str(done.out),
    }


def _print(done: Comparison, console: Console, say: Say) -> None:
    everyone = done.shares[done.shares["level"] == "all"]
    headlines = [(str(row["goal"]), _headline(row, done.targets, say)) for row in records(everyone)]
    for goal, headline in headlines:
        if headline is not None:
            _print_goal(goal, headline, done, console, say)
    silent = sum(headline is None for _, headline in headlines)
    if silent:
        show(console, say("compare.unanswered", goals=silent))
    counts = done.facilities["change"].value_counts()
    show(console, say("compare.facility_changes", **{name: int(counts.get(name, 0)) for name in ("opened", "closed", "moved")}))
    if done.not_again:
        show(console, say("compare.no_causes", files=", ".join(done.not_again)), style="yellow")
    show(console, say("compare.out", out=done.out))


def _print_goal(goal: str, headline: str, done: Comparison, console: Console, say: Say) -> None:
    show(console, headline, style="bold")
    units = done.units.get(goal)
    if units is None:
        return
    if units.gained == units.lost == units.grown == 0:
        show(console, say("compare.no_change"), indent=2)
        return
    show(console, say("compare.people_change", gained=units.gained, lost=units.lost), indent=2)
    if units.grown:
        show(console, say("compare.grown", grown=units.grown), indent=2)
    for text in _details(goal, done, say):
        show(console, text, indent=4)


def _headline(row: Mapping[str, Any], targets: Mapping[str, tuple[float | None, float | None]], say: Say) -> str | None:
    """Say a goal before and after; None where there is no figure to compare."""
    before, after, change = (row[f"share_{part}"] for part in ("before", "after", "change"))
    if change == change:
        shares = _shares(row, targets[str(row["goal"])])
        return say("compare.headline", goal=row["goal"], before=shares[0], after=shares[1], change=100 * change)
    before, after, change = (row[f"value_{part}"] for part in ("before", "after", "change"))
    if change == change:
        return say("compare.headline_value", goal=row["goal"], before=before, after=after, change=change)
    return None


def _details(goal: str, done: Comparison, say: Say) -> Iterator[str]:
    """Say which facilities and groups the change belongs to, and what each cause did."""
    for entry in records(done.owed[done.owed["goal"] == goal].head(OWED_SHOWN)):
        name = entry["name"] if isinstance(entry["name"], str) else entry["facility"]
        words = {"change": say(f"compare.{entry['change']}"), "name": name, "gained": entry["gained"], "lost": entry["lost"]}
        yield say("compare.owed", **words)
    for entry in records(done.groups[done.groups["goal"] == goal]):
        if entry["share_change"] == entry["share_change"]:
            shares = dict(zip(("share_before", "share_after"), _shares(entry, done.targets[goal]), strict=True))
            said = {"group": _group(entry["group"], say), "change": 100 * entry["share_change"]}
            yield say("compare.group", **{**entry, **shares, **said})
    if done.causes is not None:
        yield say("compare.causes")
        for entry in records(done.causes[done.causes["goal"] == goal]):
            yield "  " + say("compare.cause", **{**entry, "cause": said_cause(entry["cause"], say)})


def _shares(row: Mapping[str, Any], targets: tuple[float | None, float | None]) -> tuple[str, str]:
    return percent(row["share_before"], targets[0]), percent(row["share_after"], targets[1])


def _group(group: str, say: Say) -> str:
    return say(f"population.{group}") if group in ("urban", "rural") else group.removeprefix(GROUP)
