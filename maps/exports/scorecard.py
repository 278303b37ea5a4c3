"""The scorecard for spreadsheets and scripts: CSV, and JSON with the definitions it was judged by."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from ...analyses.results import Results
from ...analyses.scorecard import COLUMNS, DETAILS
from .scorecard_words import explanation
from .text import write_json


def scorecard_table(results: Results, language: str) -> pd.DataFrame:
    """Return the scorecard as CSV shows it, one row per goal, level and unit.

    Parameters
    ----------
    results : Results
    language : {"zh", "en"}
        Of the column `explanation`; all other columns are the same in both.
    """
    return _told(results.scorecard, language)


def variants_table(results: Results, language: str) -> pd.DataFrame:
    """Return the rows of every definition of the goals that have several, the one taken first (`variant` empty)."""
    taken = results.scorecard[results.scorecard["goal"].isin(results.variants["goal"])]
    return _told(pd.concat([taken, results.variants], ignore_index=True), language)


def write_scorecard_json(results: Results, path: str | Path, *, language: str = "zh") -> None:
    """Write goals, rows and competing definitions as one object."""
    content = {
        "study": results.name,
        "attribution": list(results.sources),
        "goals": [goal.model_dump(mode="json") for goal in (*results.goals, *results.checks)],
        "rows": _rows(results.scorecard, language),
        "variants": _rows(results.variants, language),
    }
    write_json(content, path)


def _told(rows: pd.DataFrame, language: str) -> pd.DataFrame:
    table = rows.reindex(columns=[*COLUMNS, *DETAILS])
    table["explanation"] = [explanation(row, language) for row in table.to_dict("records")]
    table["details"] = table["details"].map(_pairs)
    return table


def _pairs(details: Any) -> str | None:
    return "; ".join(f"{key}={value:.6g}" for key, value in details.items()) if isinstance(details, dict) else None


def _rows(table: pd.DataFrame, language: str) -> list[dict[str, Any]]:
    rows = table.reindex(columns=[*COLUMNS, *DETAILS]).to_dict("records")
    return [{**{str(key): value for key, value in row.items()}, "explanation": explanation(row, language)} for row in rows]
