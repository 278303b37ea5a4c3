"""Errors on the command line: one message and exit code 1, no traceback; that of a fault of ours goes to a file to report."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import tempfile
import traceback
from itertools import pairwise
from typing import Any, Final

import typer
from rich.console import Console
from typer.core import TyperGroup

from ...geo.errors import LifecircleError
from ...geo.files import told
from ..speech.messages import LANGUAGES, choose_language, default_language, speaker
from ..speech.progress import Lines, telling
from ..speech.rooms_text import translate
from ..speech.terminal import show
from .stopping import exit_code
from .usage import EXIT, NoSuchCommand, is_usage_error, wrong_usage

TRACEBACK: Final = "LIFECIRCLE_TRACEBACK"  # set, unforeseen errors come out as Python shows them


class Commands(TyperGroup):
    """The group of all commands."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command in the language asked for; who calls commands from Python has the locale's again afterwards."""
        choose_language(_asked_language(ctx))  # wrong usage is met before the option is read
        try:
            return self._in_messages(ctx)
        finally:
            choose_language(None)

    def _in_messages(self, ctx: Any) -> Any:
        """Run a command; what it raises on purpose, and what the system refuses, becomes one message."""
        try:
            with telling(Lines()):
                return super().invoke(ctx)
        except LifecircleError as error:
            message = translate(error, default_language())
        except OSError as error:
            if error.errno == errno.EPIPE:  # `lifecircle ... | head`: the reader has seen enough
                raise
            message = _refused(error)
        except MemoryError:
            message = speaker(default_language())("error.memory")
        except KeyboardInterrupt as error:
            show(Console(stderr=True), speaker(default_language())("error.stopped"), style="yellow")
            raise typer.Exit(exit_code(error)) from error
        except Exception as error:
            if is_usage_error(error):
                with contextlib.suppress(OSError):
                    show(Console(stderr=True), wrong_usage(error, speaker(default_language())), style="red")
                raise typer.Exit(EXIT) from error
            # Chosen exits carry a code; which classes they are hangs on typer's version.
            if hasattr(error, "exit_code") or isinstance(error, typer.Abort) or os.environ.get(TRACEBACK):
                raise
            message = _unforeseen(error)
        # The language is asked for only now: a command sets it while it reads its options.
        with contextlib.suppress(OSError):  # a log on the disk that is full
            show(Console(stderr=True), speaker(default_language())("error", message=message), style="red")
        raise typer.Exit(1)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find a command by its name."""
        known = self.list_commands(ctx)
        if args and not args[0].startswith("-") and args[0] not in known:
            raise NoSuchCommand(args[0], known, ctx)
        return super().resolve_command(ctx, args)


def _asked_language(ctx: Any) -> str | None:
    """Find --lang among the words that are still to be read."""
    words = [*getattr(ctx, "_protected_args", ()), *ctx.args]
    given = [after for word, after in pairwise(words) if word == "--lang"]
    given += [word.partition("=")[2] for word in words if word.startswith("--lang=")]
    asked = given[0] if given else None
    return asked if asked in LANGUAGES else None


def silence_leftovers() -> None:
    """Keep what libraries stumble over while they clear up after an error off the screen: the error itself has been told."""
    if not os.environ.get(TRACEBACK):
        sys.unraisablehook = lambda leftover: None


def _refused(error: OSError) -> str:
    """Say which file the system refused, and why; libraries sometimes tell neither."""
    say, problem = speaker(default_language()), error.strerror or str(error)
    return say("error.file", file=error.filename, problem=problem) if error.filename else say("error.system", problem=problem)


def _unforeseen(error: Exception) -> str:
    """Say that a fault is ours, and where it is written down: nobody should have to run for hours once more to show it."""
    say, problem = speaker(default_language()), f"{type(error).__name__}: {told(error)}"
    try:
        with tempfile.NamedTemporaryFile("w", prefix="lifecircle-error-", suffix=".txt", delete=False, encoding="utf-8") as log:
            log.write("".join(traceback.format_exception(error)))
    except OSError:
        return say("error.unforeseen_here", problem=problem)
    return say("error.unforeseen", problem=problem, log=log.name)
