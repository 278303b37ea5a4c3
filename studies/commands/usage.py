"""Options and arguments that a command cannot read, in the planner's words: what is wrong, what to write, where help is.

typer says these things in English, and differently from version to version; what its errors carry is said anew here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError

from ...geo.errors import said
from ...geo.near_names import near
from ...layers.wrong_values import shown, wrong_value
from ..speech.messages import Say
from ..speech.rooms_text import translate

EXIT = 2  # as every command line says of wrong usage


class NoSuchCommand(Exception):
    """A command that there is none of."""

    exit_code = EXIT

    def __init__(self, name: str, known: Iterable[str], context: Any) -> None:
        super().__init__(name)
        self.command_name, self.possibilities, self.ctx = name, known, context

    def format_message(self) -> str:
        """Say it as typer's own errors do."""
        return f"No such command {self.command_name!r}."


def is_usage_error(error: Exception) -> bool:
    """Tell wrong usage from chosen exits, whichever class it has in this version of typer."""
    return getattr(error, "exit_code", None) == EXIT and hasattr(error, "format_message")


def wrong_usage(error: Any, say: Say) -> str:
    """Say wrong usage, with the command whose help tells more."""
    context = getattr(error, "ctx", None)
    name = context.command_path if context is not None else "lifecircle"
    return say("usage.help", problem=_problem(error, say), command=name)


def _problem(error: Any, say: Say) -> str:
    kind: str = type(error).__name__
    parameter: Any = getattr(error, "param", None)
    if kind == "NoSuchOption":
        return say("usage.unknown_option", option=error.option_name) + _near(error.option_name, error.possibilities or (), say)
    if kind == "NoSuchCommand":
        return say("usage.unknown_command", name=error.command_name) + _near(error.command_name, error.possibilities, say)
    if kind == "BadOptionUsage":
        return say("usage.needs_value", option=error.option_name)
    if kind == "MissingParameter":
        return say(f"usage.missing_{parameter.param_type_name}", name=_name(parameter))
    message = _wrong(error, parameter, say) if kind == "BadParameter" else say("usage.other", message=error.format_message())
    return message if parameter is None else say("usage.at", name=_name(parameter), problem=message)


def _wrong(error: Any, parameter: Any, say: Say) -> str:
    cause = error.__cause__ or error.__context__
    if not isinstance(cause, ValidationError):
        return str(error.message)  # ours, in the planner's language
    problem, choices = cause.errors()[0], _choices(parameter)
    wrong = wrong_value(problem)
    if choices:
        wrong = said("write one of: {choices}{hint}", choices=", ".join(choices), hint=near(problem["input"], choices) or "")
    return translate(wrong, say.language) + translate(shown(problem["input"]), say.language)


def _choices(parameter: Any) -> list[str]:
    descriptor = getattr(parameter, "type_descriptor", None) or getattr(parameter, "type", None)
    return [str(getattr(choice, "value", choice)) for choice in getattr(descriptor, "choices", None) or ()]


def _near(name: str, known: Iterable[str], say: Say) -> str:
    hint = near(name, known)
    return "" if hint is None else translate(hint, say.language)


def _name(parameter: Any) -> str:
    """Call a parameter as --help does."""
    if parameter.param_type_name == "argument":
        return str(parameter.metavar or parameter.name.upper())
    return " / ".join(parameter.opts)
