"""Access of zones: what the people of a county or township have on average, and what stands there for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from ..scorecard import weighted_quantiles
from .costs import Flags, Floats
from .measures import Column

MEDIAN: Final = "_median"
OUTSIDE: Final = ""  # unit of the people who live in no zone of a level, as on the scorecard
HEAD: Final = (
    "level", "unit", "name", "people", "reached", "unconnected", "facilities_here", "capacity_here", "capacity_here_per_1000",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class UnitAccess:
    """What is known of every demand unit.

    Attributes
    ----------
    values : DataFrame
        Columns of measures, one row per unit; null where there is no value.
    columns : mapping of name to Column
        How each is averaged.
    people : (n,) float64
        Those the rows are about; 0 in units that do not belong to them.
    reached, connected : (n,) bool
        Whether a unit reaches any facility within the limit, and has a street at all.
    """

    values: pd.DataFrame
    columns: Mapping[str, Column]
    people: Floats
    reached: Flags
    connected: Flags


@dataclass(frozen=True, kw_only=True)
class Level:
    """The zones of one level.

    Attributes
    ----------
    name : str
    names : Series
        Zone name by zone id, in order.
    of_units, of_facilities : Series
        Zone id of each unit and of each facility of the service, null outside.
    """

    name: str
    names: pd.Series[Any]
    of_units: pd.Series[Any]
    of_facilities: pd.Series[Any]


def zone_rows(units: UnitAccess, capacity: Floats, levels: list[Level]) -> pd.DataFrame:
    """Sum up the units for everyone and for every zone of every level.

    Parameters
    ----------
    units : UnitAccess
    capacity : (facilities,) float64
        NaN where unknown.
    levels : list of Level

    Returns
    -------
    DataFrame
        HEAD, and for every measure its mean (or sum) and, called `<measure>_median`, what half of the people have or exceed. The
        first row is for everyone; people outside all zones of a level have a row of their own, so that every level adds up.
        `capacity_here` is what stands in the zone, whoever uses it: empty where unknown.
    """
    rows = [_row(units, np.ones(len(units.people), bool), capacity, np.ones(len(capacity), bool), ("all", "all", ""))]
    for level in levels:
        of_units, of_facilities = level.of_units.fillna(OUTSIDE).to_numpy(), level.of_facilities.fillna(OUTSIDE).to_numpy()
        for zone, name in _zones(level):
            rows.append(_row(units, of_units == zone, capacity, of_facilities == zone, (level.name, zone, name)))
    return pd.DataFrame(rows, columns=[*HEAD, *(name for column in units.columns.items() for name in _names(*column))])


def _names(name: str, column: Column) -> list[str]:
    return [name] if column.mean == "sum" else [name, name + MEDIAN]


def _zones(level: Level) -> Iterator[tuple[str, str]]:
    yield from ((str(zone), "" if pd.isna(name) else str(name)) for zone, name in level.names.items())
    if level.of_units.isna().any():
        yield OUTSIDE, ""


def _row(units: UnitAccess, at: Flags, capacity: Floats, stands: Flags, label: tuple[str, str, str]) -> list[object]:
    people = units.people[at]
    everyone, here = float(people.sum()), float(capacity[stands].sum())
    head = [
        everyone,
        float(people[units.reached[at]].sum()),
        float(people[~units.connected[at]].sum()),
        int(stands.sum()),
        here,
        1000 * here / everyone if everyone > 0 else np.nan,
    ]
    figures = [
        figure
        for name, column in units.columns.items()
        for figure in _figures(units.values[name].to_numpy(np.float64)[at], people, column)
    ]
    return [*label, *head, *figures]


def _figures(values: Floats, people: Floats, column: Column) -> list[float]:
    """Sum up a column as it asks for; NaN where nobody is there to be averaged."""
    if column.mean == "sum":
        return [float(np.nansum(values[people > 0]))]
    # Those without a street reach nothing that counts, so they count as 0 and never improve a zone by falling out of it.
    filled = np.nan_to_num(values) if column.mean == "everyone" else values
    weights = np.where(np.isnan(filled), 0.0, people)
    mean = float(np.nan_to_num(filled) @ weights / weights.sum()) if weights.any() else np.nan
    (half,) = weighted_quantiles(filled, weights, (0.5,))
    return [mean, np.nan if half is None else half]
