"""Mix: how many of the named types of service a unit holds, where no travel time is asked for."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .rows import bounded_count, together, unit_rows


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
    rows = unit_rows(
        units,
        facilities=pd.array(held.sum(axis=1).to_numpy(), dtype="Int64"),
        figure="types",
        gap_facilities=pd.array(np.maximum(minimum - types - unread, 0), dtype="Int64"),
        reason="types_unread" if unread else None,
        missing=unread or None,
        of=len(counts.columns) + unread if unread else None,
        details=[{str(name): float(number) for name, number in row.items()} for row in held.to_dict("records")],
        **bounded_count(units, types, types + unread, minimum=minimum),
    )
    return together(units, rows, target=target)
