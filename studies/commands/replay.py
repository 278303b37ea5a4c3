"""`lifecircle replay`: answer a recorded study again."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ..comparing.replay import Replay, replay
from ..speech.messages import Say
from ..speech.terminal import show
from .options import Lang, say_in
from .rows import plain_rows, records

SHOWN = 20


def command(
    run: Annotated[Path, typer.Argument(metavar="run.json", help="run.json of a finished run, or its folder · 运行记录")],
    out: Annotated[
        Path | None, typer.Option(help="Folder for the new run (default: `replay` in the run's folder) · 结果文件夹")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print differences as JSON · 以 JSON 输出差异")] = False,
    lang: Lang = None,
) -> None:
    """Run again from recorded inputs and report any difference; exit code 1 if there is one · 重现一次运行"""
    say = say_in(lang)
    done = replay(run, out=out, lang=say.language)
    if as_json:
        print(json.dumps(_as_json(done), ensure_ascii=False))
    else:
        _print(done, Console(), say)
    if not done.same:
        raise typer.Exit(1)


def _as_json(done: Replay) -> dict[str, object]:
    return {
        "same": done.same,
        "changed_inputs": [dataclasses.asdict(entry) for entry in done.changed],
        "versions": done.versions,
        "differences": plain_rows(done.differences),
        "units": plain_rows(done.units),
        "out": str(done.out),
    }


def _print(done: Replay, console: Console, say: Say) -> None:
    for entry in done.changed:
        what = "study" if entry.file == done.study else entry.what
        show(console, say(f"replay.{what}", file=entry.file), style="yellow")
    for name, (then, now) in done.versions.items():
        show(console, say("replay.version", name=name, then=then, now=now), style="dim")
    if done.same:
        show(console, say("replay.same"), style="bold")
        return
    show(console, say("replay.differs", figures=len(done.differences)), style="bold")
    for row in done.differences.head(SHOWN).itertuples(index=False):
        where = " ".join(dict.fromkeys([str(row.level), str(row.unit)]))
        show(console, say("replay.figure", goal=row.goal, where=where, figure=row.figure, then=row.then, now=row.now), indent=2)
    if len(done.differences) > SHOWN:
        show(console, say("replay.more", figures=len(done.differences) - SHOWN), indent=2)
    for unit in records(done.units):
        show(console, say("replay.units", **unit), indent=2)
