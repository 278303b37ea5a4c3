"""Presence: every unit has at least (and at most) so many facilities of a service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from .rows import UNIT_COLUMNS, bounded_count, only_where, overall_row, together, unit_rows, units_met


def presence(
    units: pd.DataFrame,
    counted: pd.Series,
    doubtful: pd.Series,
    nearest_km: pd.Series,
    *,
    minimum: float | None = 1,
    maximum: float | None = None,
    target: float = 1.0,
    what: str = "",
) -> pd.DataFrame:
    """Judge whether every unit has the service.

    Parameters
    ----------
    units : DataFrame
        `rows.UNIT_COLUMNS`.
    counted, doubtful, nearest_km : Series
        By unit id: facilities in it that certainly count, those that may (nobody knows whether they have the flag), and how far
        the nearest facility anywhere is in a straight line (NaN if there is none).
    minimum, maximum : float or None
        Facilities per unit, both inclusive; open where None.
    target : float
        Share of the units (0-1) that must have them.
    what : str
        The flag asked for, for the reasons.

    Returns
    -------
    DataFrame
        `rows.COLUMNS`: value = facilities, for all units the share that passes; `details.nearest_km` only for units without.
    """
    sure = counted.reindex(units["unit"]).fillna(0).to_numpy(float)
    most = sure + doubtful.reindex(units["unit"]).fillna(0).to_numpy(float)
    rows = unit_rows(
        units,
        facilities=most.astype(int),
        figure="facilities",
        gap_facilities=pd.array(np.ceil(np.maximum((minimum or 0) - most, 0)), dtype="Int64"),
        details=_nearest(units, most, nearest_km),
        **bounded_count(units, sure, most, minimum=minimum, maximum=maximum),
        **_doubts(sure, most, what),
    )
    return together(units, rows, target=target)


def _doubts(sure: Any, most: Any, what: str) -> dict[str, Any]:
    """Say of how many facilities of a unit nobody knows whether they have the flag."""
    unknown = most > sure
    return {
        "reason": only_where(unknown, "no_flag"),
        "what": only_where(unknown, what),
        "missing": pd.array(np.where(unknown, most - sure, np.nan), dtype="Int64"),
        "of": pd.array(np.where(unknown, most, np.nan), dtype="Int64"),
    }


def _nearest(units: pd.DataFrame, most: Any, nearest_km: pd.Series) -> list[dict[str, float] | None]:
    distances = nearest_km.reindex(units["unit"]).to_numpy(float)
    return [
        {"nearest_km": round(float(km), 1)} if count == 0 and not np.isnan(km) else None
        for count, km in zip(most, distances, strict=True)
    ]


def together_of_services(parts: Mapping[str, pd.DataFrame], *, target: float = 1.0) -> pd.DataFrame:
    """Join the rows of several services that are asked for in the same units: a unit passes when it has all of them.

    Parameters
    ----------
    parts : mapping of service to DataFrame
        As `presence` returns them, of the same units in the same order.
    target : float
        Share of the units (0-1) that must pass.

    Returns
    -------
    DataFrame
        `rows.COLUMNS`: value = services present; `details` holds the facilities of each.
    """
    units = next(iter(parts.values())).iloc[1:][list(UNIT_COLUMNS)].reset_index(drop=True)
    each = [rows.iloc[1:].reset_index(drop=True) for rows in parts.values()]
    passed = sum((rows["met"] == True).to_numpy(int) for rows in each)  # noqa: E712
    failed = sum((rows["met"] == False).to_numpy(int) for rows in each)  # noqa: E712
    open_ = len(each) - passed - failed
    reasons = pd.concat([rows["reason"] for rows in each], axis=1).bfill(axis=1).iloc[:, 0]
    counts = [dict(zip(parts, row, strict=True)) for row in zip(*(rows["facilities"] for rows in each), strict=True)]
    rows = unit_rows(
        units,
        facilities=sum(part["facilities"] for part in each),
        figure="services",
        gap_facilities=sum(part["gap_facilities"] for part in each),
        reason=only_where(open_ > 0, reasons),
        details=[{name: float(count) for name, count in row.items() if count is not pd.NA} for row in counts],
        **bounded_count(units, passed, passed + open_, minimum=len(each)),
    )
    return together(units, rows, target=target)


def together_of_levels(rows: pd.DataFrame, *, target: float = 1.0) -> pd.DataFrame:
    """Return one row over the units of several levels: a four-level goal is met when every level has its facilities.

    People are left out: those of a county live in its townships too.
    """
    return overall_row(
        None,
        facilities=int(rows["facilities"].sum()),
        gap_facilities=int(rows["gap_facilities"].sum()),
        **units_met(rows, target=target),
    )
