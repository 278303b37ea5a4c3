"""The command line: one file per command, each a thin door to a function of the same name."""

from __future__ import annotations

import io
import sys

import typer

from . import access, check, compare, demo, fetch, goals, isochrones, matrix, new, replay, run, site
from .errors import Commands, silence_leftovers
from .stopping import raise_on_signals

app = typer.Typer(
    name="lifecircle",
    cls=Commands,
    help="Who cannot reach the public services a plan promises, why, and where would the next facility help most?\n\n"
    "生活圈：谁享受不到规划承诺的公共服务、为什么、下一处设施建在哪里最有用？",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("demo")(demo.command)
app.command("new")(new.command)
app.command("check")(check.command)
app.command("run")(run.command)
app.command("isochrones")(isochrones.command)
app.command("matrix")(matrix.command)
app.command("access")(access.command)
app.command("site")(site.command)
app.command("compare")(compare.command)
app.command("replay")(replay.command)
app.command("fetch")(fetch.command)
app.add_typer(goals.app, name="goals")


def main() -> None:
    """Run the command line."""
    raise_on_signals()
    silence_leftovers()
    for stream in (sys.stdout, sys.stderr):
        # A Chinese Windows writes GBK into files and pipes, which has no check mark: better a "?" than no answer.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    app(prog_name="lifecircle")
