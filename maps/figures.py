"""Figures: the scorecard rows that headlines, legends and reports print, never computed anew."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from ..analyses.results import Results, State
from ..analyses.scorecard import COLUMNS
from ..geo.errors import InputError

ALL = "all"
FIGURES = COLUMNS[COLUMNS.index("people") :]
UNCOVERED = ("beyond", "cut_off", "unconnected")


def overall(results: Results | State, goal: str) -> dict[str, Any]:
    """Return the scorecard figures of a goal for the whole study, missing ones as None."""
    card = results.scorecard
    rows = card[(card["goal"] == goal) & (card["level"] == ALL)]
    if len(rows) != 1:
        raise InputError(
            "the scorecard has {rows} rows with level 'all' for goal {goal!r}: it must have one",
            rows=len(rows),
            goal=goal,
        )
    return figures(rows.iloc[0])


def figures(row: pd.Series[Any]) -> dict[str, Any]:
    """Return the figures of one scorecard row as plain Python values, missing ones as None."""
    return {name: plain(row[name]) for name in FIGURES}


def plain(value: Any) -> Any:
    """Return a table value as a plain Python one; missing, infinite and not-a-number become None."""
    value = value.item() if hasattr(value, "item") else value
    if value is None or value is pd.NA or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value


def uncovered(row: Mapping[str, Any]) -> float:
    """Return the people of the goal who are not covered, for whatever reason."""
    return float(sum(row[name] for name in UNCOVERED))


def column(status: str) -> str:
    """Return the scorecard column that counts a status."""
    return status.replace("-", "_")


def whole(value: float) -> int:
    """Round people to whole ones, halves up, as browsers do."""
    return math.floor(value + 0.5)


def shown_people(row: Mapping[str, Any]) -> dict[str, int]:
    """Round the people of a scorecard row to whole ones that add up.

    Everybody and the covered are rounded as they are; what rounding leaves over goes to those whom the goal is not
    about, else to the uncovered. `runtime/text.js` rounds the same way.

    Returns
    -------
    dict
        `people`, the statuses as the scorecard's columns, `counted` (the goal's people) and `uncovered`.
    """
    total, covered, missing = whole(row["people"]), whole(row["covered"]), uncovered(row)
    excluded = max(0, total - covered - whole(missing)) if whole(row["excluded"]) else 0
    if missing == 0:
        covered = total - excluded
    left = total - covered - excluded
    parts = dict(zip(UNCOVERED, rounded_parts([row[name] for name in UNCOVERED], left), strict=True))
    return {"people": total, "covered": covered, **parts, "excluded": excluded, "counted": total - excluded, "uncovered": left}


def rounded_parts(parts: Sequence[float], total: float) -> list[int]:
    """Round parts to whole numbers that add up to the rounded total: the largest remainders are rounded up.

    Printed classes must add up to the printed total. `runtime/text.js` rounds the same way.
    """
    shown = [math.floor(part) for part in parts]
    left = whole(total) - sum(shown)
    order = sorted((i for i, part in enumerate(parts) if part > 0), key=lambda i: (shown[i] - parts[i], i))
    for i in order[: max(left, 0)]:
        shown[i] += 1
    return shown
