"""Coverage: which status each demand unit has for one goal, and how many people that makes (DESIGN section 4)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..geo.errors import StudyError

STATUSES = ("covered", "beyond", "cut-off", "unconnected", "excluded")

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def coverage(minutes: Floats, connected: Flags, included: Flags, limit_minutes: float) -> pd.Categorical[str]:
    """Give every unit exactly one status.

    Parameters
    ----------
    minutes : (n,) float64
        To the nearest facility; NaN where none is reached.
    connected : (n,) bool
        Whether the unit has a street within the snap cap.
    included : (n,) bool
        Whether the goal is about the unit's people at all.
    limit_minutes : float
        Inclusive.

    Returns
    -------
    Categorical of STATUSES

    Raises
    ------
    StudyError
        If a unit without a street has a time: then the times belong to other units.
    """
    if (~connected & ~np.isnan(minutes)).any():
        raise StudyError("a unit without a street has a travel time: times and units do not belong together.")
    codes: NDArray[np.int64] = np.select(
        [~included, ~connected, np.isnan(minutes), minutes <= limit_minutes],
        [STATUSES.index(name) for name in ("excluded", "unconnected", "cut-off", "covered")],
        STATUSES.index("beyond"),
    )
    return pd.Categorical.from_codes(codes, categories=pd.Index(STATUSES))


def people_by_status(people: Floats, counted: Floats, status: pd.Categorical[str]) -> dict[str, float]:
    """Add up people per status; the sums meet the input to the person.

    Parameters
    ----------
    people : (n,) float64
        Everyone in each unit.
    counted : (n,) float64
        Those the goal is about (a group, or everyone); the rest of a unit counts as excluded.
    status : Categorical

    Returns
    -------
    dict
        People per status of STATUSES.
    """
    in_goal = np.where(status == "excluded", 0.0, counted)
    sums = np.bincount(status.codes, weights=in_goal, minlength=len(STATUSES))
    return {**dict(zip(STATUSES, sums.tolist(), strict=True)), "excluded": float((people - in_goal).sum())}
