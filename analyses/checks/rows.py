"""The one form in which every check answers: a row per unit and a row for all of them together."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.extensions import ExtensionArray

UNIT_COLUMNS: Final = ("level", "unit", "name", "people")
ALL: Final = "all"
NUMBERS: Final = ("people", "value", "target", "minimum", "maximum", "at_least", "at_most", "gap_people")
COUNTS: Final = ("facilities", "gap_facilities", "missing", "of")
MEASURED: Final = ("value", "at_least", "at_most", "gap_people")
FOUND: Final = ("facilities", "gap_facilities", "missing", "of")
WORDS: Final = ("figure", "met", "reason", "what", "details")
COLUMNS: Final = (
    *UNIT_COLUMNS, "facilities", "figure", "value", "target", "minimum", "maximum", "at_least", "at_most", "met",
    "gap_people", "gap_facilities", "reason", "missing", "of", "what", "details",
)  # fmt: skip

Floats = NDArray[np.float64]
Objects = NDArray[np.object_]


def unit_rows(units: pd.DataFrame, **columns: Any) -> pd.DataFrame:
    """Lay the columns of a check beside its units.

    Parameters
    ----------
    units : DataFrame
        UNIT_COLUMNS: `level`, `unit` (id), `name` (null if none), `people` (NaN if unknown).
    **columns
        Any of COLUMNS, one value or one per unit; those not given are null.

    Returns
    -------
    DataFrame
        COLUMNS, typed.
    """
    made = {name: _column(name, columns.get(name), len(units)) for name in COLUMNS[len(UNIT_COLUMNS) :]}
    told = {name: units[name].astype(np.float64 if name == "people" else object) for name in UNIT_COLUMNS}
    words = {name: pd.Series(made[name], index=units.index, dtype=object) for name in WORDS}
    return pd.DataFrame({**told, **made, **words}, index=units.index)


def _column(name: str, value: Any, count: int) -> Any:
    """Make one typed column from one value for all units or one for each."""
    values = list(value) if isinstance(value, list | np.ndarray | pd.Series | ExtensionArray) else [value] * count
    if name in NUMBERS:
        return np.array([np.nan if part is None or part is pd.NA else part for part in values], dtype=np.float64)
    if name in COUNTS:
        return pd.array([pd.NA if part is None or part is pd.NA or part != part else int(part) for part in values], dtype="Int64")
    return [None if part is pd.NA or part != part else part for part in values]


def overall_row(people: float | None, **columns: Any) -> pd.DataFrame:
    """Return the row for all units together, in the same form."""
    whole = pd.DataFrame({"level": [ALL], "unit": [ALL], "name": [""], "people": [np.nan if people is None else people]})
    return unit_rows(whole, **{key: [value] for key, value in columns.items()})


def typed(rows: pd.DataFrame) -> pd.DataFrame:
    """Give a table of rows its types: numbers, whole numbers that may be null, and objects for the rest."""
    kinds: dict[str, Any] = {**dict.fromkeys(NUMBERS, np.float64), **dict.fromkeys(COUNTS, "Int64")}
    return with_nulls(rows[list(COLUMNS)].astype(kinds), WORDS)


def with_nulls(table: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    """Make columns objects whose missing values are None, where pandas would turn them into NaN."""
    plain = {name: table[name].astype(object) for name in columns}
    return table.assign(**{name: values.where(values.notna(), None) for name, values in plain.items()})


def stacked(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Put tables of rows under each other."""
    return pd.concat(parts, ignore_index=True) if parts else typed(pd.DataFrame(columns=list(COLUMNS)))


def verdicts(at_least: Any, at_most: Any, *, minimum: float | None = None, maximum: float | None = None) -> Objects:
    """Judge figures that are only known to lie between two bounds.

    Parameters
    ----------
    at_least, at_most : (n,) array of float
        Equal where the figure is known, NaN where nothing bounds it.
    minimum, maximum : float or None
        What it must not be below or above, inclusive.

    Returns
    -------
    (n,) array of object
        True where every figure between the bounds passes, False where none does, None where the bounds do not decide
        or nothing is asked.
    """
    low = np.where(np.isnan(np.asarray(at_least, np.float64)), -np.inf, np.asarray(at_least, np.float64))
    high = np.where(np.isnan(np.asarray(at_most, np.float64)), np.inf, np.asarray(at_most, np.float64))
    floor, ceiling = -np.inf if minimum is None else minimum, np.inf if maximum is None else maximum
    result = np.full(low.shape, None, dtype=object)
    if minimum is None and maximum is None:
        return result
    result[(low >= floor) & (high <= ceiling)] = True
    result[(high < floor) | (low > ceiling)] = False
    return result


def unknown_units(rows: pd.DataFrame, units: Collection[str], *, target: float | None = None) -> pd.DataFrame:
    """Take back what a check says of units that its data does not reach: none found there says nothing.

    Parameters
    ----------
    rows : DataFrame
        COLUMNS, the row for all first.
    units : collection of str
        Ids.
    target : float or None
        Of the share of units that meet the goal, where the first row is one.
    """
    hidden = rows["unit"].isin(units).to_numpy(bool)
    if not hidden.any():
        return rows
    blank: dict[str, Any] = {name: rows[name].mask(hidden) for name in (*MEASURED, *FOUND)}
    words: dict[str, Any] = {name: only_where(~hidden, rows[name]) for name in ("met", "details", "what")}
    words["reason"] = np.where(hidden, "beyond_data", rows["reason"].to_numpy(object))
    left = rows.assign(**blank, **{name: pd.Series(part, index=rows.index, dtype=object) for name, part in words.items()})
    first, rest = left.iloc[:1], left.iloc[1:]
    people = None if np.isnan(rows["people"].iloc[0]) else float(rows["people"].iloc[0])
    if first["figure"].iloc[0] == "share_of_units":
        again = overall_row(people, facilities=int(rows["facilities"].iloc[0]), **units_met(rest, target=target))
    else:
        again = overall_row(people, figure=first["figure"].iloc[0], reason="beyond_data", missing=int(hidden.sum()), of=len(rest))
    return stacked([again, rest])


def only_where(condition: Any, value: Any) -> Objects:
    """Return the value where the condition holds, and null elsewhere."""
    told = np.full(len(condition), None, dtype=object)
    at = np.asarray(condition, dtype=bool)
    told[at] = np.asarray(value, dtype=object)[at] if isinstance(value, np.ndarray | pd.Series) else value
    return told


def bounded_count(
    units: pd.DataFrame, at_least: Any, at_most: Any, *, minimum: float | None, maximum: float | None = None
) -> dict[str, Any]:
    """Return the columns of a count known between bounds: null where they differ, judged, with the people of units that fail."""
    met = verdicts(at_least, at_most, minimum=minimum, maximum=maximum)
    return {
        "value": np.where(at_most > at_least, np.nan, at_least),
        "at_least": at_least,
        "at_most": at_most,
        "minimum": minimum,
        "maximum": maximum,
        "met": met,
        "gap_people": people_short(units, met),
    }


def together(units: pd.DataFrame, rows: pd.DataFrame, *, target: float) -> pd.DataFrame:
    """Put the row for all above those of the units: the share that passes, facilities and gaps summed up."""
    gaps = rows["gap_people"]
    overall = overall_row(
        people_of(units),
        facilities=int(rows["facilities"].sum()),
        gap_people=float(gaps.sum()) if gaps.notna().all() and len(rows) else None,
        gap_facilities=int(rows["gap_facilities"].sum()),
        **units_met(rows, target=target),
    )
    return stacked([overall, rows])


def people_short(units: pd.DataFrame, met: Objects) -> Floats:
    """Return the people of units that fail, 0 where they pass, NaN where nobody can tell."""
    people = units["people"].to_numpy(np.float64)
    return np.select([met == True, met == False], [np.zeros(len(met)), people], np.nan)  # noqa: E712


def people_of(units: pd.DataFrame) -> float | None:
    """Return the people of all units, None where any unit's people are unknown or there is no unit."""
    known = len(units) > 0 and units["people"].notna().all()
    return float(units["people"].sum()) if known else None


def units_met(rows: pd.DataFrame, *, target: float | None) -> dict[str, Any]:
    """Sum up judged units: the share that meets the goal, between bounds where some cannot be judged.

    Returns
    -------
    dict
        Columns of the overall row: figure `share_of_units` with its bounds, the verdict, and what is missing.
    """
    of, good, bad = len(rows), int((rows["met"] == True).sum()), int((rows["met"] == False).sum())  # noqa: E712
    unknown = of - good - bad
    low, high = (good / of, (good + unknown) / of) if of else (None, None)
    met = verdicts([np.nan if low is None else low], [np.nan if high is None else high], minimum=target)[0] if of else None
    lacking = {"reason": "units_unknown", "missing": unknown, "of": of} if unknown else {}
    return {
        "figure": "share_of_units",
        "value": low if not unknown else None,
        "at_least": low,
        "at_most": high,
        "target": target,
        "met": met,
        **(lacking if of else {"reason": "no_units"}),
    }
