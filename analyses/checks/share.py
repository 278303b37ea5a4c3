"""Share: how many facilities, or units, carry a flag. A blank flag is unknown, which is not no."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from .rows import ALL, only_where, overall_row, people_of, people_short, stacked, unit_rows, units_met, verdicts


def share_of_facilities(
    units: pd.DataFrame, unit_of: pd.Series, flag: pd.Series, *, target: float | None, what: str
) -> pd.DataFrame:
    """Judge which share of the facilities carries a flag, unit by unit and in all.

    Parameters
    ----------
    units : DataFrame
        `rows.UNIT_COLUMNS`.
    unit_of : Series
        Unit id of each facility, null outside.
    flag : Series of nullable boolean
        Of each facility, in the same order.
    target : float or None
        Share (0-1) that must carry it.
    what : str
        Name of the flag, for the reasons.

    Returns
    -------
    DataFrame
        `rows.COLUMNS`. Where flags are unknown the value is null and the bounds say what the known ones allow; a unit
        without facilities has no share, not 0.
    """
    answers = pd.DataFrame({"unit": unit_of.to_numpy(object), "flag": flag.array})
    whole = _counts(answers.assign(unit=ALL)).reindex([ALL]).fillna(0)
    per_unit = _counts(answers.dropna(subset="unit")).reindex(units["unit"]).fillna(0)
    together = overall_row(people_of(units), **{key: value[0] for key, value in _shares(whole, target, what).items()})
    return stacked([together, unit_rows(units, **_shares(per_unit, target, what))])


def share_of_units(units: pd.DataFrame, flag: pd.Series, *, target: float | None, what: str) -> pd.DataFrame:
    """Judge which share of the units carries a flag.

    Parameters
    ----------
    units : DataFrame
        `rows.UNIT_COLUMNS`.
    flag : Series of nullable boolean
        By unit id.
    target : float or None
        Share of the units (0-1).
    what : str
        Name of the flag, for the reasons.
    """
    known = flag.reindex(units["unit"]).astype("boolean")
    unknown = known.isna().to_numpy(bool)
    met = only_where(~unknown, known.fillna(False).to_numpy(object))
    rows = unit_rows(
        units,
        figure="flag",
        value=np.where(unknown, np.nan, known.fillna(False).to_numpy(float)),
        met=met,
        gap_people=people_short(units, met),
        reason=only_where(unknown, "no_flag"),
        what=only_where(unknown, what),
    )
    summary = units_met(rows, target=target)
    lacking = {"reason": "no_flag", "what": what} if summary.get("reason") == "units_unknown" else {}
    return stacked([overall_row(people_of(units), **{**summary, **lacking}), rows])


def _counts(answers: pd.DataFrame) -> pd.DataFrame:
    """Count yes and unknown per unit, beside all."""
    grouped = answers.assign(yes=answers["flag"].fillna(False), unknown=answers["flag"].isna()).groupby("unit", sort=False)
    return pd.DataFrame({"yes": grouped["yes"].sum(), "unknown": grouped["unknown"].sum(), "of": grouped.size()}).astype(float)


def _shares(counts: pd.DataFrame, target: float | None, what: str) -> dict[str, Any]:
    yes, unknown, of = (counts[name].to_numpy(float) for name in ("yes", "unknown", "of"))
    total = np.where(of > 0, of, np.nan)
    low, high = yes / total, (yes + unknown) / total
    needed = np.full(len(of), np.nan) if target is None else np.ceil(target * of - 1e-9)
    reason = np.select([of == 0, unknown > 0], ["no_facilities", "no_flag"], "")
    return {
        "facilities": pd.array(of, dtype="Int64"),
        "figure": ["share_of_facilities"] * len(of),
        "value": np.where(unknown > 0, np.nan, low),
        "at_least": low,
        "at_most": high,
        "target": [target] * len(of),
        "met": only_where(of > 0, verdicts(low, high, minimum=target)),
        "gap_facilities": pd.array(np.where(of > 0, np.maximum(needed - yes - unknown, 0), np.nan), dtype="Int64"),
        "reason": only_where(reason != "", reason),
        "missing": pd.array(np.where(unknown > 0, unknown, np.nan), dtype="Int64"),
        "of": pd.array(np.where(unknown > 0, of, np.nan), dtype="Int64"),
        "what": only_where(reason == "no_flag", what),
    }
