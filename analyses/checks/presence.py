"""Presence: every unit has at least (and at most) so many facilities of a service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from .rows import UNIT_COLUMNS, only_where, overall_row, people_of, people_short, stacked, unit_rows, units_met, verdicts


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
    counted, doubtful : Series
        By unit id: facilities in the unit that certainly count, and those that may count (whether they carry the flag asked
        for is unknown).
    nearest_km : Series
        By unit id: straight-line distance from the unit to the nearest facility anywhere; NaN if there is none.
    minimum, maximum : float or None
        Facilities per unit, both inclusive; open where None.
    target : float
        Share of the units (0-1) that must have them.
    what : str
        The flag asked for, for the reasons.

    Returns
    -------
    DataFrame
        `rows.COLUMNS`: value = facilities; for all units the share that meets the goal. `details.nearest_km` only where a
        unit has none.
    """
    sure = counted.reindex(units["unit"]).fillna(0).to_numpy(float)
    most = sure + doubtful.reindex(units["unit"]).fillna(0).to_numpy(float)
    met = verdicts(sure, most, minimum=minimum, maximum=maximum)
    unknown = most > sure
    rows = unit_rows(
        units,
        facilities=most.astype(int),
        figure="facilities",
        value=np.where(unknown, np.nan, sure),
        at_least=sure,
        at_most=most,
        minimum=minimum,
        maximum=maximum,
        met=met,
        gap_people=people_short(units, met),
        gap_facilities=pd.array(np.ceil(np.maximum((minimum or 0) - most, 0)), dtype="Int64"),
        reason=only_where(unknown, "no_flag"),
        what=only_where(unknown, what),
        missing=pd.array(np.where(unknown, most - sure, np.nan), dtype="Int64"),
        of=pd.array(np.where(unknown, most, np.nan), dtype="Int64"),
        details=_nearest(units, most, nearest_km),
    )
    return stacked([_together(units, rows, target=target), rows])


def _nearest(units: pd.DataFrame, most: Any, nearest_km: pd.Series) -> list[dict[str, float] | None]:
    distances = nearest_km.reindex(units["unit"]).to_numpy(float)
    return [
        {"nearest_km": round(float(km), 1)} if count == 0 and not np.isnan(km) else None
        for count, km in zip(most, distances, strict=True)
    ]


def _together(units: pd.DataFrame, rows: pd.DataFrame, *, target: float) -> pd.DataFrame:
    gaps = rows["gap_people"]
    return overall_row(
        people_of(units),
        facilities=int(rows["facilities"].sum()),
        gap_people=float(gaps.sum()) if gaps.notna().all() and len(rows) else None,
        gap_facilities=int(rows["gap_facilities"].sum()),
        **units_met(rows, target=target),
    )


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
    met = verdicts(passed, passed + open_, minimum=len(each))
    reasons = pd.concat([rows["reason"] for rows in each], axis=1).bfill(axis=1).iloc[:, 0]
    counts = [dict(zip(parts, row, strict=True)) for row in zip(*(rows["facilities"] for rows in each), strict=True)]
    rows = unit_rows(
        units,
        facilities=sum(part["facilities"] for part in each),
        figure="services",
        value=np.where(open_ > 0, np.nan, passed),
        at_least=passed,
        at_most=passed + open_,
        minimum=len(each),
        met=met,
        gap_people=people_short(units, met),
        gap_facilities=sum(part["gap_facilities"] for part in each),
        reason=only_where(open_ > 0, reasons),
        details=[{name: float(count) for name, count in row.items() if count is not pd.NA} for row in counts],
    )
    return stacked([_together(units, rows, target=target), rows])


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
