"""What the columns of all files hold, in Chinese and English: `text/columns.yaml` is the one place where that is written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

import pandas as pd
import yaml

EVERYWHERE: Final = "all"
HEAD: Final = ("file", "column", "unit", "zh", "en")


@dataclass(frozen=True)
class Meaning:
    """What a column holds; all texts are empty where nothing is known of it.

    Attributes
    ----------
    unit : str
        A key of the section `units` of `text/columns.yaml`, or empty.
    zh, en : str
        With the unit.
    """

    unit: str
    zh: str
    en: str

    @property
    def both(self) -> str:
        """Both languages on one line."""
        return f"{self.zh} · {self.en}" if self.en else ""


Describe = Callable[[str, str], Meaning]
UNKNOWN: Final = Meaning("", "", "")


def meaning(file: str, column: str) -> Meaning:
    """Say what a column holds.

    Parameters
    ----------
    file : str
        Name of a file, or of a file and its layer: `results.gpkg/demand`.
    column : str
    """
    exact, patterns = _tables(file)
    if column in exact:
        return _meaning(exact[column], ())
    for pattern, texts in patterns:
        found = pattern.fullmatch(column)
        if found:
            return _meaning(texts, found.groups())
    return UNKNOWN


def unit_of(file: str, column: str) -> str:
    """Return the unit of a column, empty where it has none."""
    return meaning(file, column).unit


def dictionary(files: Mapping[str, Iterable[str]], sources: Sequence[str], describe: Describe = meaning) -> pd.DataFrame:
    """Say of every column of some files what it holds, and at the end whose data all of it is.

    Parameters
    ----------
    files : mapping of file (and layer) to columns
    sources : sequence of str
        Lines of attribution.
    describe : function of file and column, optional

    Returns
    -------
    DataFrame
        HEAD; the last rows have an empty `file`.
    """
    return pd.DataFrame(_rows(files, sources, describe), columns=list(HEAD), dtype="str")


def _rows(files: Mapping[str, Iterable[str]], sources: Sequence[str], describe: Describe) -> Iterator[tuple[str, ...]]:
    for file, columns in files.items():
        for column in map(str, columns):
            of = describe(file, column)
            yield file, column, of.unit, of.zh, of.en
    yield from (("", "", "", line, line) for line in sources)


def _meaning(texts: Sequence[str], parts: Sequence[str]) -> Meaning:
    unit, *said = texts
    words = [text.format(*parts) for text in said]
    if unit:
        zh, en = columns_text()["units"][unit]
        words = [f"{words[0]}（{zh}）", f"{words[1]} [{en}]"]
    return Meaning(unit, *words)


@cache
def columns_text() -> Mapping[str, Any]:
    """Return `text/columns.yaml`."""
    file = resources.files("lifecircle.maps").joinpath("text", "columns.yaml")
    loaded: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return loaded


@cache
def _tables(file: str) -> tuple[dict[str, Any], list[tuple[re.Pattern[str], Any]]]:
    """Return the columns of a file by name, and those with a `*` in their name; a file's own go before those of all files."""
    files = columns_text()["files"]
    own: Mapping[str, Any] = next((columns for names, columns in files.items() if file in names.split()), {})
    parts = [own, files[EVERYWHERE]]
    exact = {name: texts for part in reversed(parts) for name, texts in part.items() if "*" not in name}
    starred = [(name, texts) for part in parts for name, texts in part.items() if "*" in name]
    return exact, [(re.compile("(.+)".join(map(re.escape, name.split("*")))), texts) for name, texts in starred]
