"""Errors on the command line: one message and exit code 1 for what a user can mend, no traceback."""

from __future__ import annotations

import errno
from typing import Any

import typer
from rich.console import Console
from typer.core import TyperGroup

from ...geo.errors import LifecircleError
from ..messages import default_language, speaker
from ..rooms_text import translate
from ..terminal import show


class Commands(TyperGroup):
    """The group of all commands."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command; what it raises on purpose, and what the system refuses, becomes one message."""
        try:
            return super().invoke(ctx)
        except LifecircleError as error:
            message = translate(str(error), default_language())
        except OSError as error:
            if error.errno == errno.EPIPE:  # `lifecircle ... | head`: the reader has seen enough
                raise
            message = _refused(error)
        except MemoryError:
            message = speaker(default_language())("error.memory")
        # The language is asked for only now: a command sets it while it reads its options.
        show(Console(stderr=True), speaker(default_language())("error", message=message), style="red")
        raise typer.Exit(1)


def _refused(error: OSError) -> str:
    """Say which file the system refused, and why; libraries sometimes tell neither."""
    say, problem = speaker(default_language()), error.strerror or str(error)
    return say("error.file", file=error.filename, problem=problem) if error.filename else say("error.system", problem=problem)
