"""Lagrangian bounds for the p-median problem: every row pays a price for being served, and the best sites collect it.

Beasley (1993), "Lagrangean heuristics for location problems", European Journal of Operational Research 65(3): relaxing "each
row is served once" leaves a problem solved by sorting, for any prices a proven bound, and reduced costs that fix candidates.
Prices follow a smoothed subgradient, scaled by the people of each row.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...geo.compiled import compiled
from .costs import Floats, Rows
from .median_model import MedianModel

FREE, OPEN, CLOSED = 0, 1, -1
IDLE_STEPS = 12  # that raise the bound by next to nothing: then shorter ones follow, from the best prices

States = NDArray[np.int8]


@dataclass(frozen=True, kw_only=True, eq=False)
class Bounded:
    """A proven bound, and what it was reached with.

    Attributes
    ----------
    bound : float
        No plan with these states costs less (without the model's constant).
    prices : (n,) float64
        Per person.
    reduced : (f,) float64
        What each column saves the relaxation at these prices; <= 0.
    chosen : int32 array
        Columns the relaxation opens, forced ones included.
    shares : (f,) float64
        How often each column was open of late: near 0 or 1 it is clear, near a half it is worth branching on.
    """

    bound: float
    prices: Floats
    reduced: Floats
    chosen: Rows
    shares: Floats


def first_prices(model: MedianModel, sites: Rows) -> Floats:
    """Return prices to begin with: half-way between the nearest column and the second nearest of the sites."""
    open_ = np.zeros(len(model.group), np.bool_)
    open_[sites] = True
    prices: Floats = _second_cost(model.rows.starts, model.rows.rows, model.rows.cost, model.base, open_)
    return prices


def ascend(model: MedianModel, prices: Floats, states: States, *, best: float, steps: int, pace: float) -> Bounded:
    """Raise the bound by changing prices.

    Parameters
    ----------
    model : MedianModel
    prices : (n,) float64
    states : (f,) int8
        FREE, OPEN or CLOSED.
    best : float
        Cost of the best plan (without the model's constant); steps aim at it.
    steps : int
    pace : float
        Of the first step, 0 to 2.
    """
    groups = int(model.group.max(initial=-1)) + 1
    bound, kept, reduced, chosen, shares = _ascend(
        model.rows, model.weight, model.base, model.group, groups, model.places, prices, states, float(best), steps, pace
    )
    return Bounded(bound=bound, prices=kept, reduced=reduced, chosen=np.flatnonzero(chosen).astype(np.int32), shares=shares)


def fix_states(model: MedianModel, states: States, bounded: Bounded, aim: float) -> States:
    """Return the states with every column fixed whose other state would bring no plan below `aim`."""
    fixed = states.copy()
    free = states == FREE
    if (model.group >= 0).any():
        return fixed  # exchanging within a group is cheaper than the reduced costs say
    is_open = np.zeros(len(states), bool)
    is_open[bounded.chosen] = True
    inside, outside = np.flatnonzero(free & is_open), np.flatnonzero(free & ~is_open)
    room = aim - bounded.bound
    left = model.places - int(np.count_nonzero(is_open))
    worst = bounded.reduced[inside].max(initial=-np.inf) if left == 0 else 0.0
    next_best = bounded.reduced[outside].min(initial=0.0) if len(outside) else 0.0
    if len(inside) or left > 0:
        fixed[outside[bounded.reduced[outside] - worst > room]] = CLOSED
    else:
        fixed[outside] = CLOSED
    fixed[inside[next_best - bounded.reduced[inside] > room]] = OPEN
    return fixed


@compiled
def _second_cost(starts, sites, cost, base, open_):  # type: ignore[no-untyped-def]
    prices = base.copy()
    for row in range(len(base)):
        seen = 0
        nearest = base[row]
        for pair in range(starts[row], starts[row + 1]):
            if open_[sites[pair]]:
                seen += 1
                if seen == 1:
                    nearest = cost[pair]
                else:
                    prices[row] = (nearest + cost[pair]) / 2
                    break
        if seen == 1:
            prices[row] = min(base[row], nearest * 1.5)
    return prices


@compiled
def _ascend(rows, weight, base, group, groups, places, prices, states, best, steps, pace):  # type: ignore[no-untyped-def]
    """Step prices (n,) along a smoothed subgradient; n rows, f columns; return what `Bounded` holds, chosen as (f,) bool."""
    columns = len(states)
    price, direction = prices.copy(), np.zeros(len(weight))
    reduced, is_open, shares = np.zeros(columns), np.zeros(columns, np.bool_), np.zeros(columns)
    kept, kept_bound, kept_reduced, kept_open = prices.copy(), -np.inf, np.zeros(columns), np.zeros(columns, np.bool_)
    idle = 0
    for _ in range(steps):
        bound = _reduce(rows.starts, rows.rows, rows.cost, weight, price, reduced)
        bound = _open_best(reduced, states, group, groups, places, bound, is_open)
        shares *= 0.95
        for column in range(columns):
            if is_open[column]:
                shares[column] += 0.05
        if bound > kept_bound:
            idle = idle + 1 if bound - kept_bound < 1e-6 * abs(bound) else 0
            kept_bound = bound
            kept[:], kept_reduced[:], kept_open[:] = price, reduced, is_open
            if bound >= best:
                break
        else:
            idle += 1
        if idle >= IDLE_STEPS:
            idle = 0
            pace *= 0.6
            price[:], direction[:] = kept, 0.0
            if pace < 1e-4:
                break
            continue
        length = _turn(rows.starts, rows.rows, rows.cost, weight, base, price, is_open, direction)
        if length <= 0.0:
            break
        _step(rows.starts, rows.cost, base, price, direction, pace * max(best - bound, 1e-9 * abs(best)) / length)
    return kept_bound, kept, kept_reduced, kept_open, shares


@compiled
def _reduce(starts, sites, cost, weight, price, reduced):  # type: ignore[no-untyped-def]
    """Write down what each column would save at these prices; return what the rows pay."""
    reduced[:] = 0.0
    paid_by_all = 0.0
    for row in range(len(weight)):
        paid = price[row]
        paid_by_all += weight[row] * paid
        for pair in range(starts[row], starts[row + 1]):
            if cost[pair] >= paid:
                break
            reduced[sites[pair]] -= weight[row] * (paid - cost[pair])
    return paid_by_all


@compiled
def _open_best(reduced, states, group, groups, places, paid, is_open):  # type: ignore[no-untyped-def]
    """Open the forced columns and those that save most, one per group; return the bound: what is paid, less all they save."""
    bound, number = paid, 0
    taken = np.zeros(groups + 1, np.bool_)
    is_open[:] = states == OPEN
    for column in np.flatnonzero(is_open):
        bound += reduced[column]
        number += 1
        if group[column] >= 0:
            taken[group[column]] = True
    for column in np.argsort(reduced):
        if number >= places or reduced[column] >= 0.0:
            break
        if states[column] != FREE or (group[column] >= 0 and taken[group[column]]):
            continue
        is_open[column] = True
        bound += reduced[column]
        number += 1
        if group[column] >= 0:
            taken[group[column]] = True
    return bound


@compiled
def _turn(starts, sites, cost, weight, base, price, is_open, direction):  # type: ignore[no-untyped-def]
    """Turn the direction towards the subgradient, 1 less the open columns that a row pays; return its squared length."""
    length = 0.0
    for row in range(len(weight)):
        slope = 1.0
        for pair in range(starts[row], starts[row + 1]):
            if cost[pair] >= price[row]:
                break
            if is_open[sites[pair]]:
                slope -= 1.0
        if slope > 0.0 and price[row] >= base[row]:
            slope = 0.0
        direction[row] = slope + 0.5 * direction[row]
        length += weight[row] * direction[row] * direction[row]
    return length


@compiled
def _step(starts, cost, base, price, direction, stride):  # type: ignore[no-untyped-def]
    """Change prices, each between the row's nearest column and what it costs without any."""
    for row in range(len(base)):
        floor = base[row] if starts[row] == starts[row + 1] else cost[starts[row]]
        price[row] = min(base[row], max(floor, price[row] + stride * direction[row]))
