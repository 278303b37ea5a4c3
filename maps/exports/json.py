"""JSON: the scorecard with the definitions it was judged by, for scripts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from ...analyses.results import Results
from ...analyses.scorecard import COLUMNS, DETAILS
from ..figures import plain
from .scorecard_words import explanation


def write_scorecard(results: Results, path: str | Path, *, language: str = "zh") -> None:
    """Write goals, rows and competing definitions as one object; figures that do not exist are null.

    Parameters
    ----------
    results : Results
    path : str or Path
    language : {"zh", "en"}
        Of `explanation`.
    """
    content = {
        "study": results.name,
        "attribution": list(results.sources),
        "goals": [goal.model_dump(mode="json") for goal in (*results.goals, *results.checks)],
        "rows": _rows(results.scorecard, language),
        "variants": _rows(results.variants, language),
    }
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    Path(path).write_text(text + "\n", encoding="utf-8", newline="\n")


def _rows(table: pd.DataFrame, language: str) -> list[dict[str, Any]]:
    rows = table.reindex(columns=[*COLUMNS, *DETAILS]).to_dict("records")
    return [
        {**{str(key): _plain(value) for key, value in row.items()}, "explanation": explanation(row, language)} for row in rows
    ]


def _plain(value: Any) -> Any:
    return {key: plain(part) for key, part in value.items()} if isinstance(value, dict) else plain(value)
