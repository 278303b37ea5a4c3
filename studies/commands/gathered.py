"""Options that several commands take as one: named once, listed by --help wherever they are taken."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from enum import Enum
from functools import wraps
from typing import Any

Command = Callable[..., None]


def gathered(
    group: str, options: Mapping[str, inspect.Parameter], make: Callable[[dict[str, Any]], Any]
) -> Callable[[Command], Command]:
    """Let a command get several options as one value.

    Parameters
    ----------
    group : str
        The command's parameter that gets them; they are listed where it stands.
    options : mapping of name to Parameter
        As `option` makes them.
    make : callable
        What the command gets, from the values by name; those of an Enum are plain.
    """

    def decorated(command: Command) -> Command:
        @wraps(command)
        def run(**arguments: Any) -> None:
            given = {name: arguments.pop(name) for name in options}
            command(**arguments, **{group: make({name: _plain(value) for name, value in given.items()})})

        signature = inspect.signature(command, eval_str=True)
        listed: list[inspect.Parameter] = []
        for name, parameter in signature.parameters.items():
            listed += options.values() if name == group else [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)]
        run.__signature__ = signature.replace(parameters=listed)  # type: ignore[attr-defined]
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in listed}
        return run

    return decorated


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.value if isinstance(value, Enum) else value


def option(name: str, annotation: Any, default: Any = None) -> inspect.Parameter:
    """Describe one option of a group."""
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
