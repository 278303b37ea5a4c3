"""The command line: one file per command, each a thin door to a function of the same name."""

from __future__ import annotations

import io
import sys
from importlib.metadata import version
from typing import Annotated

import typer

from .errors import silence_leftovers
from .lazily import LazyCommands
from .stopping import raise_on_signals

app = typer.Typer(
    name="lifecircle",
    cls=LazyCommands,
    help="Who cannot reach the public services a plan promises, why, and where would the next facility help most?\n\n"
    "生活圈：谁享受不到规划承诺的公共服务、为什么、下一处设施建在哪里最有用？",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _print_version(asked: bool) -> None:
    if asked:
        print(f"lifecircle {version('lifecircle')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version · 显示版本")
    ] = False,
) -> None:
    """Take what stands before the name of a command."""


def main() -> None:
    """Run the command line."""
    raise_on_signals()
    silence_leftovers()
    for stream in (sys.stdout, sys.stderr):
        # A Chinese Windows writes GBK into files and pipes, which has no check mark: better a "?" than no answer.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    app(prog_name="lifecircle")
