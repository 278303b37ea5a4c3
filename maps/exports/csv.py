"""CSV: the scorecard, for spreadsheets and scripts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from ...analyses.results import Results
from ...analyses.scorecard import COLUMNS, DETAILS
from .scorecard_words import explanation
from .table import write_csv


def write_scorecard(results: Results, path: str | Path, *, language: str = "zh", encoding: str = "utf-8") -> None:
    """Write the scorecard, one row per goal, level and unit; figures that do not exist are empty.

    Parameters
    ----------
    results : Results
    path : str or Path
    language : {"zh", "en"}
        Of the column `explanation`; all other columns are the same in both.
    encoding : str
        "utf-8" by default. A byte order mark ("utf-8-sig") makes Excel show Chinese at a double click, but turns the
        first column's name into one that plain readers, Python's csv among them, no longer find.
    """
    _write(results.scorecard, results, path, language, encoding)


def write_variants(results: Results, path: str | Path, *, language: str = "zh", encoding: str = "utf-8") -> None:
    """Write the rows of every definition of the goals that have several, the one taken first (`variant` empty)."""
    taken = results.scorecard[results.scorecard["goal"].isin(results.variants["goal"])]
    _write(pd.concat([taken, results.variants], ignore_index=True), results, path, language, encoding)


def _write(rows: pd.DataFrame, results: Results, path: str | Path, language: str, encoding: str) -> None:
    table = rows.reindex(columns=[*COLUMNS, *DETAILS])
    table["explanation"] = [explanation(row, language) for row in table.to_dict("records")]
    table["attribution"] = "; ".join(results.sources)
    table["details"] = table["details"].map(_pairs)
    write_csv(table, path, encoding=encoding)


def _pairs(details: Any) -> str | None:
    return "; ".join(f"{key}={value:.6g}" for key, value in details.items()) if isinstance(details, dict) else None
