"""Indicator: a figure that somebody counted, joined from the user's table and held against its target."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from .rows import ALL, only_where, overall_row, people_of, stacked, unit_rows, units_met, verdicts


def indicator(
    units: pd.DataFrame,
    figures: pd.Series,
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    target: float = 1.0,
    what: str,
) -> pd.DataFrame:
    """Judge the latest figure of every unit.

    Parameters
    ----------
    units : DataFrame
        `rows.UNIT_COLUMNS`.
    figures : Series
        By unit id; the entry `all` is the figure of the whole study, which no mean of percentages could replace.
    minimum, maximum : float or None
        Inclusive limits in the figure's own unit; without both it is reported and not judged.
    target : float
        Share of the units (0-1) that must keep them, where no figure for the whole is given.
    what : str
        The indicator's name, for the reasons.

    Returns
    -------
    DataFrame
        `rows.COLUMNS`; without a figure for all the first row counts the units that reach the target.
    """
    limits = {"minimum": minimum, "maximum": maximum}
    rows = unit_rows(units, **_judged(figures.reindex(units["unit"]).to_numpy(float), limits, what))
    whole = figures.reindex([ALL]).to_numpy(float)
    if np.isnan(whole[0]):
        return stacked([_counted(units, rows, limits, target, what), rows])
    judged = {key: value[0] if isinstance(value, np.ndarray) else value for key, value in _judged(whole, limits, what).items()}
    return stacked([overall_row(people_of(units), **judged), rows])


def _judged(values: Any, limits: dict[str, float | None], what: str) -> dict[str, Any]:
    known = ~np.isnan(values)
    return {
        "figure": "indicator",
        "value": values,
        **limits,
        "met": only_where(known, verdicts(values, values, **limits)),
        "reason": only_where(~known, "no_indicator"),
        "what": only_where(~known, what),
    }


def _counted(units: pd.DataFrame, rows: pd.DataFrame, limits: dict[str, float | None], target: float, what: str) -> pd.DataFrame:
    """Sum up where nobody gave a figure for the whole."""
    if rows["value"].isna().all():
        return overall_row(people_of(units), figure="indicator", reason="no_indicator", what=what)
    if not any(limit is not None for limit in limits.values()):
        return overall_row(people_of(units), figure="indicator", reason="no_figure_for_all", what=what)
    return overall_row(people_of(units), **units_met(rows, target=target))
