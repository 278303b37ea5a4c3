"""Context: promises that no table of places can check. They stay on the scorecard and are said openly."""

from __future__ import annotations

import pandas as pd

from .rows import overall_row


def context(people: float | None = None) -> pd.DataFrame:
    """Return the one row of a goal that cannot be checked from space."""
    return overall_row(people, figure="none", reason="not_from_space")


def lacking(people: float | None, *, reason: str, what: str) -> pd.DataFrame:
    """Return the one row of a goal that this study's data cannot answer.

    Parameters
    ----------
    people : float or None
        Everyone in the study.
    reason : str
        What kind of thing is missing, such as `lacks_facilities`.
    what : str
        Which ones, by their names in the study file.
    """
    return overall_row(people, figure="none", reason=reason, what=what)
