"""The sparse table of travel times that every measure reads, checked once and numbered by row."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...geo.errors import InputError, Sentence, said

COLUMNS: Final = ("demand", "facility", "minutes")
MOST_MINUTES: Final = 100_000.0  # ten weeks: larger numbers are some program's mark for "not reached"

UNIT: Final = said("demand unit")
FACILITY: Final = said("facility")

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Reached pairs by row number.

    Attributes
    ----------
    unit, facility : (n,) int64
        Rows of the demand and of the supply.
    minutes : (n,) float64
    units, facilities : int
        How many there are, unreached ones included.
    """

    unit: Ints
    facility: Ints
    minutes: Floats
    units: int
    facilities: int

    def where(self, keep: Flags) -> Pairs:
        """Return the pairs that a flag keeps."""
        return Pairs(
            unit=self.unit[keep],
            facility=self.facility[keep],
            minutes=self.minutes[keep],
            units=self.units,
            facilities=self.facilities,
        )

    def per_unit(self, values: Floats) -> Floats:
        """Add up values of pairs for every unit; 0 for a unit without pairs."""
        return np.bincount(self.unit, weights=values, minlength=self.units).astype(np.float64, copy=False)

    def per_facility(self, values: Floats) -> Floats:
        """Add up values of pairs for every facility; 0 for a facility without pairs."""
        return np.bincount(self.facility, weights=values, minlength=self.facilities).astype(np.float64, copy=False)


def number_pairs(costs: pd.DataFrame, units: pd.Index[Any], facilities: pd.Index[Any]) -> Pairs:
    """Check a table of travel times and number its pairs by the rows of demand and supply.

    Parameters
    ----------
    costs : DataFrame
        `demand`, `facility` (ids) and `minutes`, one row per reached pair; what has no row is not reached.
    units, facilities : Index
        Ids of all demand units and of all facilities.

    Returns
    -------
    Pairs

    Raises
    ------
    InputError
        If a column is missing, an id unknown, a pair there twice, or a time no travel time (below 0, endless, missing).
    """
    missing = [name for name in COLUMNS if name not in costs.columns]
    if missing:
        raise InputError(
            "the table of travel times has no column {missing!r}; it needs {columns}.",
            missing=missing[0],
            columns=", ".join(COLUMNS),
        )
    minutes = costs["minutes"].to_numpy(np.float64)
    # A time must be written so that it is one: -1, 4294967.295 and empty cells all stand for "not reached" somewhere.
    bad = ~((minutes >= 0) & (minutes <= MOST_MINUTES))
    if bad.any():
        row = costs.iloc[int(np.argmax(bad))]
        raise InputError(
            "{demand!r} to {facility!r} has {minutes} minutes, which is no travel time; leave pairs that are "
            "not reached out of the table.",
            demand=row["demand"],
            facility=row["facility"],
            minutes=row["minutes"],
        )
    unit = _rows(costs["demand"], units, UNIT)
    facility = _rows(costs["facility"], facilities, FACILITY)
    pairs = Pairs(unit=unit, facility=facility, minutes=minutes, units=len(units), facilities=len(facilities))
    _refuse_repeated(pairs, costs)
    return pairs


def people_of(demand: pd.Series[Any]) -> Floats:
    """Return the people of every unit.

    Raises
    ------
    InputError
        If an id comes twice, or people are missing or below 0; it names the unit.
    """
    return _amounts(demand, UNIT, said("people"))


def capacity_of(supply: pd.Series[Any]) -> Floats:
    """Return the capacity of every facility.

    Raises
    ------
    InputError
        If an id comes twice, or a capacity is missing or below 0; it names the facility.
    """
    return _amounts(supply, FACILITY, said("capacity"))


def _amounts(amounts: pd.Series[Any], what: Sentence, name: Sentence) -> Floats:
    repeated = amounts.index.duplicated()
    if repeated.any():
        raise InputError("{what} {id!r} stands there twice; ids must be unique.", what=what, id=_first(amounts.index, repeated))
    values = amounts.to_numpy(np.float64)
    missing = np.isnan(values)
    if missing.any():
        others = missing.sum() - 1
        lack = said(" and {missing:,} more have", missing=others) if others else said(" has")
        raise InputError(
            "{what} {id!r}{lack} no {name}; give one, or state a default.",
            what=what,
            id=_first(amounts.index, missing),
            lack=lack,
            name=name,
        )
    wrong = (values < 0) | np.isinf(values)
    if wrong.any():
        raise InputError(
            "{what} {id!r} has {value:g} as {name}; write a number from 0 up.",
            what=what,
            id=_first(amounts.index, wrong),
            value=values[wrong][0],
            name=name,
        )
    return values


def _first(index: pd.Index[Any], flags: Flags) -> Hashable:
    label: Hashable = index[int(np.argmax(flags))]
    return label


def _rows(ids: pd.Series[Any], known: pd.Index[Any], what: Sentence) -> Ints:
    rows: Ints = known.get_indexer(pd.Index(ids)).astype(np.int64)
    if (rows < 0).any():
        raise InputError(
            "the table of travel times names the {what} {id!r}, which is not known.",
            what=what,
            id=ids.iloc[int(np.argmax(rows < 0))],
        )
    return rows


def _refuse_repeated(pairs: Pairs, costs: pd.DataFrame) -> None:
    key = pairs.facility * pairs.units + pairs.unit
    other = pairs.unit * pairs.facilities + pairs.facility
    # Tables from a search come sorted by one side: then equal pairs would be neighbours and nothing need be sorted.
    if (np.diff(key) > 0).all() or (np.diff(other) > 0).all():
        return
    repeated = pd.Series(key).duplicated().to_numpy()
    if repeated.any():
        row = costs.iloc[int(np.argmax(repeated))]
        raise InputError(
            "{demand!r} to {facility!r} stands twice in the table of travel times; keep the faster one.",
            demand=row["demand"],
            facility=row["facility"],
        )
