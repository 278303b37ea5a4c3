"""Ratio: what facilities offer per people, per member of a group, or per other thing counted of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from .rows import ALL, Floats, only_where, overall_row, people_of, stacked, unit_rows, verdicts
from .share import share_of_facilities


def ratio(
    units: pd.DataFrame,
    unit_of: pd.Series,
    supply: pd.Series,
    base: pd.Series,
    *,
    per: float = 1.0,
    minimum: float | None = None,
    maximum: float | None = None,
    what: str = "capacity",
    figure: str = "ratio",
) -> pd.DataFrame:
    """Judge supply per base, unit by unit and in all.

    Parameters
    ----------
    units : DataFrame
        `rows.UNIT_COLUMNS`.
    unit_of, supply : Series (m,)
        Unit id of each facility (null outside), and what it offers (NaN where unknown).
    base : Series
        By unit id: people, members of a group, or another sum that the supply is divided by; NaN where unknown. The entry
        `all` holds the whole.
    per : float
        The ratio is supply x per / base: 1000 for places per 1,000 children.
    minimum, maximum : float or None
        Inclusive limits of the ratio.
    what : str
        Name of the supply, for the reasons.
    figure : str

    Returns
    -------
    DataFrame
        `rows.COLUMNS`. A facility of unknown supply makes the ratio null and leaves a lower bound; units without any
        facility have a ratio of 0 only because they truly hold none.
    """
    offers = pd.DataFrame({"unit": unit_of.to_numpy(object), "supply": supply.to_numpy(float)})
    limits: dict[str, Any] = {"per": per, "minimum": minimum, "maximum": maximum, "what": what, "figure": figure}
    usual = float(offers["supply"].median()) if offers["supply"].notna().any() else None
    whole = _sums(offers.assign(unit=ALL)).reindex([ALL]).fillna(0)
    per_unit = _sums(offers.dropna(subset="unit")).reindex(units["unit"]).fillna(0)
    of_all = _ratios(whole, base.reindex([ALL]).to_numpy(float), usual, **limits)
    rows = unit_rows(units, **_ratios(per_unit, base.reindex(units["unit"]).to_numpy(float), usual, **limits))
    return stacked([overall_row(people_of(units), **{key: value[0] for key, value in of_all.items()}), rows])


def _sums(offers: pd.DataFrame) -> pd.DataFrame:
    grouped = offers.groupby("unit", sort=False)["supply"]
    return pd.DataFrame({"known": grouped.sum(), "unknown": grouped.size() - grouped.count(), "of": grouped.size()}).astype(float)


def _ratios(
    sums: pd.DataFrame,
    base: Floats,
    usual: float | None,
    *,
    per: float,
    minimum: float | None,
    maximum: float | None,
    what: str,
    figure: str,
) -> dict[str, Any]:
    known, unknown, of = (sums[name].to_numpy(float) for name in ("known", "unknown", "of"))
    usable = base > 0
    low = np.divide(known * per, base, out=np.full(len(base), np.nan), where=usable)
    value = np.where(unknown > 0, np.nan, low)
    met = only_where(usable, verdicts(low, value, minimum=minimum, maximum=maximum))
    reason = np.select([np.isnan(base), ~usable, unknown > 0], ["no_base", "base_zero", "no_supply"], "")
    lacking = reason == "no_supply"
    short = np.full(len(base), np.nan) if minimum is None else np.maximum(minimum * base / per - known, 0)
    short = np.where(usable & (unknown == 0), short, np.nan)
    return {
        "facilities": pd.array(of, dtype="Int64"),
        "figure": [figure] * len(of),
        "value": value,
        "minimum": [minimum] * len(of),
        "maximum": [maximum] * len(of),
        "at_least": low,
        "at_most": value,
        "met": met,
        "gap_people": short * per / minimum if minimum else short,
        "gap_facilities": pd.array(np.ceil(short / usual - 1e-9) if usual else np.full(len(of), np.nan), dtype="Int64"),
        "reason": only_where(reason != "", reason),
        "missing": pd.array(np.where(lacking, unknown, np.nan), dtype="Int64"),
        "of": pd.array(np.where(lacking, of, np.nan), dtype="Int64"),
        "what": only_where((reason != "") & (reason != "base_zero"), what),
        "details": [
            {"supply": float(held), "base": float(by)} if by == by else None for held, by in zip(known, base, strict=True)
        ],
    }


def each_ratio(supply: pd.Series, base: pd.Series, *, per: float = 1.0) -> Floats:
    """Return supply x per / base of every facility, (m,); NaN where one of them is unknown or the base is 0."""
    by: Floats = base.where(base > 0).to_numpy(float)
    return supply.to_numpy(float) * per / by


def within_limits(
    units: pd.DataFrame,
    unit_of: pd.Series,
    supply: pd.Series,
    base: pd.Series,
    *,
    per: float = 1.0,
    minimum: float | None,
    maximum: float | None,
    target: float = 1.0,
    what: str,
) -> pd.DataFrame:
    """Judge a limit on every single facility, such as pupils per class: the share of facilities that keeps it.

    Parameters
    ----------
    units, unit_of, supply, per, minimum, maximum, what
        As in `ratio`, the limits for each facility.
    base : Series (m,)
        Of each facility: its classes, its beds; NaN where unknown.
    target : float
        Share of the facilities that must keep the limits.
    """
    each = each_ratio(supply, base, per=per)
    kept = verdicts(each, each, minimum=minimum, maximum=maximum)
    flag = pd.Series(only_where(~np.isnan(each), kept), dtype="boolean")
    rows = share_of_facilities(units, unit_of, flag, target=target, what=what)
    reason = rows["reason"].where(rows["reason"] != "no_flag", "no_supply")
    return rows.assign(reason=reason, minimum=minimum, maximum=maximum, figure="share_within_limits")
