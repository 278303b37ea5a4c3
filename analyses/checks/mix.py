"""Mix: how many of the named types of service a unit holds, where no travel time is asked for."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .rows import overall_row, people_of, people_short, stacked, unit_rows, units_met, verdicts


def mix(
    units: pd.DataFrame,
    counts: pd.DataFrame,
    *,
    minimum: int,
    unread: int = 0,
    target: float = 1.0,
) -> pd.DataFrame:
    """Judge whether every unit holds at least so many of the types.

    Parameters
    ----------
    units : DataFrame
        `rows.UNIT_COLUMNS`.
    counts : DataFrame
        Facilities by unit id (rows) and type (columns); only types that the study has a source for.
    minimum : int
        Types wanted.
    unread : int
        Types of the goal that the study has no source for: a unit may have them, nobody can tell.
    target : float
        Share of the units (0-1) that must have them.

    Returns
    -------
    DataFrame
        `rows.COLUMNS`: value = types present; `details` holds the facilities of each type.
    """
    held = counts.reindex(units["unit"]).fillna(0)
    types = (held > 0).sum(axis=1).to_numpy(float)
    met = verdicts(types, types + unread, minimum=minimum)
    rows = unit_rows(
        units,
        facilities=pd.array(held.sum(axis=1).to_numpy(), dtype="Int64"),
        figure="types",
        value=types if not unread else np.full(len(types), np.nan),
        at_least=types,
        at_most=types + unread,
        minimum=minimum,
        met=met,
        gap_people=people_short(units, met),
        gap_facilities=pd.array(np.maximum(minimum - types - unread, 0), dtype="Int64"),
        reason="types_unread" if unread else None,
        missing=unread or None,
        of=len(counts.columns) + unread if unread else None,
        details=[{str(name): float(number) for name, number in row.items()} for row in held.to_dict("records")],
    )
    gaps = rows["gap_people"]
    together = overall_row(
        people_of(units),
        facilities=int(rows["facilities"].sum()),
        gap_people=float(gaps.sum()) if gaps.notna().all() and len(rows) else None,
        gap_facilities=int(rows["gap_facilities"].sum()),
        **units_met(rows, target=target),
    )
    return stacked([together, rows])
