"""Presence: every unit has at least (and at most) so many facilities of a service."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from .rows import only_where, overall_row, people_of, people_short, stacked, unit_rows, units_met, verdicts


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
