"""CSV: the scorecard, for spreadsheets and scripts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from ...analyses.results import Results
from ...analyses.scorecard import COLUMNS

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_TEXT_COLUMNS = ("goal", "level", "unit", "name")


def write_scorecard(results: Results, path: str | Path, *, encoding: str = "utf-8") -> None:
    """Write the scorecard, one row per goal, level and unit; figures that do not exist are empty.

    Parameters
    ----------
    results : Results
    path : str or Path
    encoding : str
        "utf-8" by default. A byte order mark ("utf-8-sig") makes Excel show Chinese at a double click, but turns the
        first column's name into one that plain readers, Python's csv among them, no longer find.
    """
    table = results.scorecard[list(COLUMNS)]
    table = table.assign(**{column: defuse(table[column]) for column in _TEXT_COLUMNS})
    table.to_csv(path, index=False, encoding=encoding, lineterminator="\n")


def defuse(texts: pd.Series[Any]) -> pd.Series[Any]:
    """Put an apostrophe before texts that a spreadsheet would run as a formula; a name is never a program."""
    risky = texts.astype("object").map(lambda text: isinstance(text, str) and text.startswith(_FORMULA_STARTS))
    return texts.astype("object").where(~risky.astype(bool), "'" + texts.astype("object").astype(str))
