"""Allocation: who goes where when facilities are full at their capacity and everything is arranged as well as it can be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import highspy
import numpy as np
import pandas as pd

from ...geo.errors import LifecircleError
from ..solver import QuietSolver
from .costs import Floats, Ints, Pairs, capacity_of, number_pairs, people_of
from .decay import binary

NEAREST_FIRST: Final = 3  # pairs of each unit that the first round knows, and that each round may add
TOLERANCE: Final = 1e-6  # minutes by which a pair must be better to be worth adding


@dataclass(frozen=True, kw_only=True)
class Allocation:
    """The best arrangement.

    Attributes
    ----------
    flows : DataFrame
        `demand`, `facility`, `people`, `minutes`: who goes where; a unit may be split.
    units : DataFrame
        Index as the demand: `served` and `unserved` (people), `minutes` (mean of those served, null where none is).
    facilities : DataFrame
        Index as the supply: `people` served, `left` (capacity not used).
    """

    flows: pd.DataFrame
    units: pd.DataFrame
    facilities: pd.DataFrame


def allocate(costs: pd.DataFrame, demand: pd.Series[Any], supply: pd.Series[Any], *, minutes: float) -> Allocation:
    """Serve as many people as possible within a limit, and those with the least travel in all.

    The transportation problem (Hitchcock 1941, J. Mathematics and Physics 20) with unserved demand; as an access measure:
    optimal supply and demand allocation (Zhai et al. 2022, Acta Geographica Sinica 77(4)). A linear program, solved to
    proven optimality by HiGHS: it starts with the nearest facilities of each unit, and pairs that the prices of the last round
    show to be worth it are added until there is none, so most of a large table is never handed over.

    Parameters
    ----------
    costs, demand
        As in `two_step`.
    supply : Series
        Capacity in people, by facility id.
    minutes : float
        Inclusive limit.

    Returns
    -------
    Allocation

    Raises
    ------
    InputError
        If the table cannot be used, or people or a capacity are missing.
    """
    people, capacity = people_of(demand), capacity_of(supply)
    pairs = number_pairs(costs, demand.index, supply.index)
    within = binary(minutes)(pairs.minutes) > 0
    pairs = pairs.where(within & (people[pairs.unit] > 0) & (capacity[pairs.facility] > 0))
    flow = _best_flow(pairs, people, capacity, minutes)
    used = flow > 0
    return _tables(pairs.where(used), flow[used], demand, supply)


def _best_flow(pairs: Pairs, people: Floats, capacity: Floats, limit_minutes: float) -> Floats:
    """Return the people on each pair."""
    # One more person served displaces others along a chain that visits no facility twice: with this bonus it always pays.
    bonus = (len(np.unique(pairs.facility)) + 1) * limit_minutes
    model = _Model(pairs, people, capacity, bonus)
    known = np.zeros(len(pairs.unit), bool)
    rank = _rank(pairs.unit, pairs.minutes)
    adding = np.flatnonzero(rank < NEAREST_FIRST)
    while len(adding):
        known[adding] = True
        price = model.solve_with(adding)
        loss = pairs.minutes - bonus - price[pairs.unit] - price[pairs.units + pairs.facility]
        better = np.flatnonzero((loss < -TOLERANCE) & ~known)
        adding = better[_rank(pairs.unit[better], loss[better]) < NEAREST_FIRST]
    return model.flow()


class _Model:
    """The linear program over the pairs it was given so far; units and facilities are its rows."""

    def __init__(self, pairs: Pairs, people: Floats, capacity: Floats, bonus: float) -> None:
        self._pairs, self._bonus = pairs, bonus
        self._columns: Ints = np.empty(0, np.int64)
        self._solver = QuietSolver()
        rows = pairs.units + pairs.facilities
        below = np.full(rows, -highspy.kHighsInf)
        nothing = np.empty(0, np.int32)
        self._solver.addRows(rows, below, np.append(people, capacity), 0, np.zeros(rows, np.int32), nothing, np.empty(0))

    def solve_with(self, adding: Ints) -> Floats:
        """Add pairs, solve on from the last solution and return the price of each row."""
        pairs, count = self._pairs, len(adding)
        self._columns = np.append(self._columns, adding)
        rows = np.column_stack((pairs.unit[adding], pairs.units + pairs.facility[adding])).ravel().astype(np.int32)
        starts = np.arange(0, 2 * count, 2, dtype=np.int32)
        cost, high = pairs.minutes[adding] - self._bonus, np.full(count, highspy.kHighsInf)
        self._solver.addCols(count, cost, np.zeros(count), high, 2 * count, starts, rows, np.ones(2 * count))
        self._solver.run()
        if self._solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise LifecircleError("HiGHS stopped without an allocation: {solver}.", solver=self._solver.getModelStatus())
        return np.asarray(self._solver.getSolution().row_dual, np.float64)

    def flow(self) -> Floats:
        """Return the people on each pair of the table."""
        flow = np.zeros(len(self._pairs.unit))
        if len(self._columns):
            flow[self._columns] = np.maximum(self._solver.getSolution().col_value, 0.0)
        return flow


def _rank(unit: Ints, value: Floats) -> Ints:
    """Rank the pairs of each unit by value, from 0."""
    order = np.lexsort((value, unit))
    rank = np.empty(len(unit), np.int64)
    rank[order] = np.arange(len(unit)) - np.searchsorted(unit[order], unit[order])
    return rank


def _tables(pairs: Pairs, flow: Floats, demand: pd.Series[Any], supply: pd.Series[Any]) -> Allocation:
    served, taken = pairs.per_unit(flow), pairs.per_facility(flow)
    minutes = np.divide(pairs.per_unit(flow * pairs.minutes), served, out=np.full(len(served), np.nan), where=served > 0)
    people, capacity = demand.to_numpy(np.float64), supply.to_numpy(np.float64)
    units = {"served": served, "unserved": np.maximum(people - served, 0.0), "minutes": minutes}
    flows = {
        "demand": demand.index.to_numpy()[pairs.unit],
        "facility": supply.index.to_numpy()[pairs.facility],
        "people": flow,
        "minutes": pairs.minutes,
    }
    return Allocation(
        flows=pd.DataFrame(flows),
        units=pd.DataFrame(units, index=demand.index),
        facilities=pd.DataFrame({"people": taken, "left": np.maximum(capacity - taken, 0.0)}, index=supply.index),
    )
