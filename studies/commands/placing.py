"""Options that say how the files of a command are read: the keys of a source, as a study writes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from ...geo.errors import InputError
from ...layers.source import Source
from ..speech.messages import default_language
from ..speech.rooms_text import translate
from .gathered import Command, gathered, option

# What each key says, and the type of its value.
KEYS: Final[dict[str, tuple[type, str]]] = {
    "crs": (str, "Coordinate system: EPSG:4549, GCJ-02, BD-09 ... · 坐标系"),
    "x": (str, "Column of longitude or easting · 经度或东坐标列"),
    "y": (str, "Column of latitude or northing · 纬度或北坐标列"),
    "id": (str, "Column of ids (default: id, else row numbers) · 编号列"),
    "layer": (str, "Layer, where the file has several · 图层"),
    "sheet": (str, "Sheet of a workbook (default: the first) · 工作表"),
    "header_row": (int, "Row of the column names (default: 1) · 表头所在行"),
    "where": (str, "Condition that rows must meet, such as 'beds > 0' · 条件"),
    "encoding": (str, "Encoding of the texts (default: found by trial) · 编码"),
}
OF_AREAS: Final = ("crs", "layer", "where", "encoding")


class Placing:
    """How the files of one call are read.

    Parameters
    ----------
    given : dict
        Values of the options by name; None where one is not given.
    """

    def __init__(self, given: dict[str, Any]) -> None:
        self._given = {name: value for name, value in given.items() if value is not None}
        self.files: list[str] = []

    def __bool__(self) -> bool:
        return bool(self._given)

    def source(self, file: Path, role: str = "") -> Source:
        """Return a file with what the options say of it: those of its own role go before those for all."""
        self.files.append(file.name)
        own = {key: self._given.get(f"{role}_{key}", self._given.get(key)) for key in KEYS}
        return Source(file=file, **own)


def with_placing(about: str, *, roles: tuple[str, ...] = (), keys: tuple[str, ...] = tuple(KEYS)) -> Callable[[Command], Command]:
    """Give a command options that say how its files are read; it gets them as `placing`, its last parameter.

    Parameters
    ----------
    about : str
        Which files, as the help calls them.
    roles : tuple of str
        Of several files: each gets options of its own, such as --origins-crs.
    keys : tuple of str
        Of KEYS.
    """
    options = {key: _option(key, about) for key in keys}
    options |= {f"{role}_{key}": _option(key, f"--{role}", role) for role in roles for key in keys}
    described = {name: option(name, kind) for name, kind in options.items()}

    def decorated(command: Command) -> Command:
        @wraps(command)
        def run(placing: Placing, **arguments: Any) -> None:
            with _remedies_as_options(placing):
                command(**arguments, placing=placing)

        return gathered("placing", described, Placing)(run)

    return decorated


@contextmanager
def _remedies_as_options(placing: Placing) -> Iterator[None]:
    """Let errors of a command's own files, which name the keys of a study, name its options instead."""
    try:
        yield
    except InputError as error:
        if str(error.sentence.values.get("file")) not in placing.files:
            raise
        raise type(error)(translate(error, default_language(), spelled=_keys_as_options)) from error


def _keys_as_options(template: str) -> str:
    return re.sub(rf"`({'|'.join(KEYS)}):`", _as_option, template)


def _as_option(key: re.Match[str]) -> str:
    return f"`--{key[1].replace('_', '-')}`"


def _option(key: str, about: str, role: str = "") -> Any:
    kind, says = KEYS[key]
    name = "-".join(filter(None, (role, key.replace("_", "-"))))
    described = typer.Option(f"--{name}", help=says, rich_help_panel=f"Reading {about}", min=1 if kind is int else None)
    return Annotated[kind | None, described]
