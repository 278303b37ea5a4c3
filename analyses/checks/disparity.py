"""Disparity: how far figures lie apart between units, or between town and country."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from ..equity import MEASURES, Floats, theil, theil_between
from .rows import ALL, only_where, overall_row, people_of, stacked, unit_rows, verdicts

Towards = Literal["up", "down"]


def disparity(
    units: pd.DataFrame,
    figures: Mapping[float, pd.DataFrame],
    weight: pd.Series,
    *,
    index: str = "cv",
    minimum: float | None = None,
    maximum: float | None = None,
    towards: Towards | None = None,
    within: pd.Series | None = None,
) -> pd.DataFrame:
    """Measure how unequal units are, and whether that changes.

    Parameters
    ----------
    units : DataFrame
        `rows.UNIT_COLUMNS`.
    figures : mapping of year to DataFrame
        By unit id (rows) what is compared (columns), 0 or more, NaN where unknown; the last year is judged. With several
        columns the most unequal one counts.
    weight : Series
        By unit id: the people each unit counts for.
    index : {"cv", "gini", "theil", "palma", "max-min"}
    minimum, maximum : float or None
        Inclusive bounds on the index.
    towards : {"up", "down"} or None
        Where it should go from the first year to the last; needs two.
    within : Series or None
        By unit id: the larger unit (the city of a county); splits Theil's T into between and within.

    Returns
    -------
    DataFrame
        `rows.COLUMNS`: the index for all units, `what` naming the column it belongs to, then each unit with its own figure in
        that column. Units whose figure is unknown take no part and are said; fewer than two leave the index null.
    """
    found = _measured(units, figures, weight, index, changing=towards is not None)
    together = _overall(units, found, index, minimum, maximum, towards, within)
    unknown = only_where(np.isnan(found.values), "no_figure")
    return stacked([together, unit_rows(units, figure="supply", value=found.values, reason=unknown, what=found.name)])


class _Measured(NamedTuple):
    """What is compared in the last year: the index of each column, the most unequal one, its figures and the units' weights."""

    indices: dict[str, float]
    name: str
    values: Floats
    weights: Floats
    change: dict[str, float]


def _measured(
    units: pd.DataFrame, figures: Mapping[float, pd.DataFrame], weight: pd.Series, index: str, *, changing: bool
) -> _Measured:
    years = sorted(figures)
    latest = figures[years[-1]].reindex(units["unit"])
    weights = weight.reindex(units["unit"]).to_numpy(float)
    indices = {str(name): _index(latest[name].to_numpy(float), weights, index) for name in latest}
    name = max(indices, key=lambda key: (indices[key] == indices[key], indices[key]))
    change = _change(figures, years, units, weights, name, index) if changing else {}
    return _Measured(indices, name, latest[name].to_numpy(float), weights, change)


def _overall(
    units: pd.DataFrame,
    found: _Measured,
    index: str,
    minimum: float | None,
    maximum: float | None,
    towards: Towards | None,
    within: pd.Series | None,
) -> pd.DataFrame:
    value, use = found.indices[found.name], _used(found.values, found.weights)
    groups = None if within is None else within.reindex(units["unit"])[use]
    return overall_row(
        people_of(units),
        figure=index,
        value=value,
        minimum=minimum,
        maximum=maximum,
        met=_verdict(value, minimum, maximum, towards, found.change) if use.all() else None,
        details=_details(found.indices, found.values[use], found.weights[use], found.change, groups),
        **_lacking(use, value, found.name, lone_year=towards is not None and not found.change),
    )


def _used(values: Floats, weights: Floats) -> Any:
    return ~np.isnan(values) & (weights > 0)


def _index(values: Floats, weights: Floats, index: str) -> float:
    use = _used(values, weights)
    return MEASURES[index](values[use], weights[use]) if use.sum() > 1 else float("nan")


def _change(
    figures: Mapping[float, pd.DataFrame], years: list[float], units: pd.DataFrame, weights: Floats, name: str, index: str
) -> dict[str, float]:
    """Return the index of the first and the last year, empty where only one can be had."""
    ends = {f"{year:g}": figures[year].reindex(units["unit"]) for year in (years[0], years[-1])}
    found = {year: _index(table[name].to_numpy(float), weights, index) for year, table in ends.items() if name in table}
    return found if len(found) == 2 and not any(np.isnan(value) for value in found.values()) else {}


def _verdict(value: float, minimum: float | None, maximum: float | None, towards: Towards | None, change: Any) -> bool | None:
    """Judge the bounds and the direction; both must hold where both are asked for."""
    judged: list[bool | None] = []
    if minimum is not None or maximum is not None:
        judged.append(verdicts([value], [value], minimum=minimum, maximum=maximum)[0] if value == value else None)
    if towards is not None:
        first, last = change.values() if change else (0.0, 0.0)
        judged.append((last > first if towards == "up" else last < first) if change else None)
    if not judged or (None in judged and False not in judged):
        return None
    return all(judged)


def _details(
    indices: dict[str, float], values: Floats, weights: Floats, change: dict[str, float], groups: pd.Series | None
) -> dict[str, float] | None:
    """All indices of one column, or the chosen index of each of several."""
    found = dict(indices)
    if len(indices) == 1:
        found = {name: measure(values, weights) for name, measure in MEASURES.items()} if len(values) > 1 else {}
        if groups is not None and len(values) > 1:
            between = theil_between(values, weights, groups.fillna("").to_numpy(object))
            found |= {"theil_between": between, "theil_within": theil(values, weights) - between}
    return {key: value for key, value in (found | change).items() if value == value} or None


def _lacking(use: Any, value: float, name: str, *, lone_year: bool) -> dict[str, Any]:
    missing, of = int((~use).sum()), len(use)
    if of - missing < 2:
        return {"reason": "too_few_units", "missing": missing, "of": of, "what": name}
    if missing:
        return {"reason": "units_left_out", "missing": missing, "of": of, "what": name}
    if lone_year:
        return {"reason": "one_date", "what": name}
    return {"what": name} if value == value else {"reason": "nothing_to_compare", "what": name}


def urban_to_rural(
    units: pd.DataFrame,
    urban: pd.Series,
    rural: pd.Series,
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    what: str = "",
) -> pd.DataFrame:
    """Compare town and country in each unit: the urban figure over the rural one, 1 where they are equal.

    Parameters
    ----------
    units : DataFrame
        `rows.UNIT_COLUMNS`.
    urban, rural : Series
        By unit id, and `all` for the whole; NaN where unknown or where nobody lives in that class.
    minimum, maximum : float or None
        Inclusive bounds on the ratio.
    what : str
        What is compared, for the reasons.

    Returns
    -------
    DataFrame
        `rows.COLUMNS`; null where one side is unknown or the rural figure is 0.
    """
    whole = pd.DataFrame({"level": [ALL], "unit": [ALL], "name": [""], "people": [people_of(units)]})
    return stacked([_compared(part, urban, rural, minimum, maximum, what) for part in (whole, units)])


def _compared(
    units: pd.DataFrame, urban: pd.Series, rural: pd.Series, minimum: float | None, maximum: float | None, what: str
) -> pd.DataFrame:
    town, country = (side.reindex(units["unit"]).to_numpy(float) for side in (urban, rural))
    known = ~np.isnan(town) & ~np.isnan(country)
    both = known & (country > 0)
    ratio = np.divide(town, country, out=np.full(len(town), np.nan), where=both)
    sides = zip(town, country, known, strict=True)
    return unit_rows(
        units,
        figure="urban_to_rural",
        value=ratio,
        minimum=minimum,
        maximum=maximum,
        met=only_where(both, verdicts(ratio, ratio, minimum=minimum, maximum=maximum)),
        reason=only_where(~both, np.where(known, "nothing_rural", "one_side_only")),
        what=only_where(~both, what),
        details=[{"urban": float(there), "rural": float(here)} if two else None for there, here, two in sides],
    )
