"""Trend: whether a figure rises or falls, which takes at least two dates."""

from __future__ import annotations

from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from .rows import ALL, only_where, overall_row, people_of, stacked, unit_rows, units_met

Towards = Literal["up", "down"]
DECIMALS: Final = 9  # of a change: from 20 % to 30 % is 10 %, which the computer's own fractions miss in the last digit


def trend(
    units: pd.DataFrame, series: pd.DataFrame, *, towards: Towards, by: float | None = None, target: float = 1.0, what: str
) -> pd.DataFrame:
    """Judge the change of a figure from its first date to its last.

    Parameters
    ----------
    units : DataFrame
        `rows.UNIT_COLUMNS`.
    series : DataFrame
        `unit` (id, or `all` for the whole study), `year` (number), `value`.
    towards : {"up", "down"}
        Where it should go; standing still is neither.
    by : float or None
        Least change, inclusive.
    target : float
        Share of the units (0-1) that must go there, where no figure for the whole is given.
    what : str
        The figure's name, for the reasons.

    Returns
    -------
    DataFrame
        `rows.COLUMNS`: value = last minus first; `details` holds both with their years.
    """
    known = series.dropna(subset=["value", "year"]).sort_values("year", kind="stable")
    by_unit = {str(unit): part for unit, part in known.groupby("unit", sort=False)}
    rows = unit_rows(units, **_changes([by_unit.get(str(unit)) for unit in units["unit"]], towards, by, what))
    if ALL in by_unit:
        whole = {key: value[0] for key, value in _changes([by_unit[ALL]], towards, by, what).items()}
        return stacked([overall_row(people_of(units), **whole), rows])
    if rows["met"].isna().all():
        reason = "one_date" if (rows["reason"] == "one_date").any() else "no_indicator"
        return stacked([overall_row(people_of(units), figure="change", reason=reason, what=what), rows])
    return stacked([overall_row(people_of(units), **units_met(rows, target=target)), rows])


def _changes(parts: list[pd.DataFrame | None], towards: Towards, by: float | None, what: str) -> dict[str, Any]:
    """Compare the last date of each unit with its first."""
    spans = [_span(part) for part in parts]
    change = np.array([np.nan if span is None else span[1][1] - span[0][1] for span in spans]).round(DECIMALS)
    gained = change if towards == "up" else -change
    wanted = gained > 0 if by is None else gained >= by
    met = only_where(~np.isnan(change), wanted)
    lacks = [
        "no_indicator" if part is None else "one_date" if span is None else None for part, span in zip(parts, spans, strict=True)
    ]
    return {
        "figure": ["change"] * len(parts),
        "value": change,
        "met": met,
        "reason": np.array(lacks, dtype=object),
        "what": np.array([what if lack else None for lack in lacks], dtype=object),
        "details": [None if span is None else {f"{year:g}": value for year, value in span} for span in spans],
    }


def _span(part: pd.DataFrame | None) -> tuple[tuple[float, float], tuple[float, float]] | None:
    if part is None or part["year"].nunique() < 2:
        return None
    first, last = part.iloc[0], part.iloc[-1]
    return (float(first["year"]), float(first["value"])), (float(last["year"]), float(last["value"]))
