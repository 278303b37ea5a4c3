"""The command line: one file per command, each a thin door to a function of the same name."""

from __future__ import annotations

import sys

import typer
from rich.console import Console

from ...geo.errors import LifecircleError
from ..messages import default_language, speaker
from . import demo, goals, matrix, new, run

app = typer.Typer(
    name="lifecircle",
    help="Who cannot reach the public services a plan promises, why, and where would the next facility help most? (生活圈)",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("demo")(demo.command)
app.command("new")(new.command)
app.command("run")(run.command)
app.command("matrix")(matrix.command)
app.add_typer(goals.app, name="goals")


def main() -> None:
    """Run the command line; errors the user can mend are one message and exit code 1."""
    try:
        app()
    except LifecircleError as error:
        console = Console(stderr=True)
        console.print(
            f"{speaker(default_language())('wrong')}: {error}", style="red", highlight=False, markup=False, soft_wrap=True
        )
        sys.exit(1)
