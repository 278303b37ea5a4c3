"""RAAM: what a visit costs people who choose between near and uncrowded facilities."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd
from scipy.optimize import minimize

from ...geo.errors import InputError
from .costs import Floats, Ints, Pairs, capacity_of, number_pairs, people_of

# Spreads at which choices are smoothed, coarse to fine, each started from the one before; in units of `tau`.
SPREADS: Final = (0.1, 0.03, 0.01, 0.003, 0.001, 3e-4, 1e-4, 1e-5)
ENOUGH: Final = 5e-5  # relative gap: what all people together could still save by choosing anew
HOPELESS: Final = 40.0  # spreads by which a facility is worse than the best: e^-40 of a unit's people would go there


def raam(
    costs: pd.DataFrame,
    demand: pd.Series[Any],
    supply: pd.Series[Any],
    *,
    tau_minutes: float = 60.0,
    people_per_capacity: float | None = None,
) -> pd.Series[Any]:
    """Rational agent access model (Saxon & Snow 2020, Annals of the American Association of Geographers 110).

    Going to facility j costs unit i  t_ij / tau + X_j / (rho S_j), where X_j are all people who go there: travel and crowding.
    Everybody goes where it costs least, until nobody gains by changing. That equilibrium, which the published heuristic
    approaches in steps, is unique; it is found exactly, as the minimum of its convex potential (Beckmann).

    Parameters
    ----------
    costs, demand, supply
        As in `two_step`. There is no limit: whoever reaches a facility in the table may go there.
    tau_minutes : float
        Travel as bad as a facility crowded to `people_per_capacity`. More means people travel farther to avoid crowds.
    people_per_capacity : float, optional
        rho: load per unit of capacity that counts 1; default all people per all capacity.

    Returns
    -------
    Series
        Cost, lower is better; index as `demand`. Null where no facility with capacity is reached: not served is no cost of 0.

    Raises
    ------
    InputError
        If the table cannot be used, people or a capacity are missing, or a parameter is not above 0.
    """
    people, capacity = people_of(demand), capacity_of(supply)
    pairs = number_pairs(costs, demand.index, supply.index)
    pairs = pairs.where(capacity[pairs.facility] > 0)
    if not len(pairs.unit) or not people[pairs.unit].any():
        return pd.Series(np.nan, index=demand.index, name="raam")
    rho = people.sum() / capacity.sum() if people_per_capacity is None else people_per_capacity
    _require_positive(tau_minutes, rho)
    choice = _choice(pairs, people, rho * capacity, tau_minutes)
    values = np.full(len(people), np.nan)
    values[choice.unit] = choice.cheapest(_crowding(choice))
    return pd.Series(values, index=demand.index, name="raam")


def _require_positive(tau: float, rho: float) -> None:
    if not (tau > 0 and rho > 0):
        raise InputError("tau_minutes ({tau:g}) and people_per_capacity ({rho:g}) must be above 0.", tau=tau, rho=rho)


@dataclass(frozen=True, kw_only=True)
class _Choice:
    """Who may go where: pairs sorted by unit; `first` is the first pair of each of the reached units `unit`."""

    unit: Ints
    first: Ints
    row: Ints  # of each pair, into `unit`
    facility: Ints
    travel: Floats
    people: Floats
    room: Floats  # people at whom a facility's crowding is 1

    def cheapest(self, crowding: Floats) -> Floats:
        """Return what the best facility costs each unit."""
        cost: Floats = np.minimum.reduceat(self.travel + crowding[self.facility], self.first)
        return cost

    def without_hopeless(self, crowding: Floats, margin: float) -> _Choice:
        """Leave out pairs that cost more than the best of their unit by a margin."""
        keep = self.travel + crowding[self.facility] <= (self.cheapest(crowding) + margin)[self.row]
        row = self.row[keep]
        first = np.searchsorted(row, np.arange(len(self.unit)))
        return replace(self, first=first, row=row, facility=self.facility[keep], travel=self.travel[keep])

    def going(self, crowding: Floats, spread: float) -> tuple[Floats, Floats]:
        """Return the people on each pair when choices are smoothed, and the smoothed cost of each unit."""
        cost = self.travel + crowding[self.facility]
        low = np.minimum.reduceat(cost, self.first)
        weight = np.exp((low[self.row] - cost) / spread)
        total = np.add.reduceat(weight, self.first)
        return weight * (self.people / total)[self.row], low - spread * np.log(total)


def _choice(pairs: Pairs, people: Floats, room: Floats, tau_minutes: float) -> _Choice:
    order = np.argsort(pairs.unit, kind="stable")
    unit, first, row = np.unique(pairs.unit[order], return_index=True, return_inverse=True)
    used, facility = np.unique(pairs.facility[order], return_inverse=True)
    travel = pairs.minutes[order] / tau_minutes
    return _Choice(unit=unit, first=first, row=row, facility=facility, travel=travel, people=people[unit], room=room[used])


def _crowding(choice: _Choice) -> Floats:
    """Find the equilibrium's crowding of each facility.

    It maximises the dual of the potential, a concave function with one variable per facility. That has kinks where people
    hesitate between facilities, so they are first smoothed away and then brought back.
    """
    crowding, near = np.zeros(len(choice.room)), choice
    for spread in SPREADS:
        crowding = _smooth_crowding(near, crowding, spread)
        if _gap(choice, crowding, spread) <= ENOUGH:
            break
        near = choice.without_hopeless(crowding, HOPELESS * spread)
    return crowding


def _smooth_crowding(choice: _Choice, start: Floats, spread: float) -> Floats:
    scale, everyone = np.sqrt(choice.room), choice.people.sum()

    def dual(scaled: Floats) -> tuple[float, Floats]:
        crowding = scaled / scale
        going, cost = choice.going(crowding, spread)
        value = choice.people @ cost - 0.5 * (scaled @ scaled)
        load = np.bincount(choice.facility, weights=going, minlength=len(scale))
        return -value / everyone, (scaled - load / scale) / everyone

    # What smoothing itself adds to the costs is of the order of the spread: finer steps than a part of it are wasted.
    options = {"maxiter": 500, "maxcor": 20, "ftol": 1e-6 * spread, "gtol": 1e-10}
    found = minimize(dual, start * scale, jac=True, method="L-BFGS-B", options=options)
    crowding: Floats = found.x / scale
    return crowding


def _gap(choice: _Choice, crowding: Floats, spread: float) -> float:
    """Return the share of all costs that people would save if everybody could choose anew."""
    going, _ = choice.going(crowding, spread)
    load = np.bincount(choice.facility, weights=going, minlength=len(crowding)) / choice.room
    best = float(choice.people @ choice.cheapest(load))
    paid = float(going @ (choice.travel + load[choice.facility]))
    return (paid - best) / best if best > 0 else 0.0
