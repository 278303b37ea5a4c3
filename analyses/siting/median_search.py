"""Greedy and swap for the p-median problem: good sites fast, without proof.

Resende & Werneck (2007), "A fast swap-based local search procedure for location problems", Annals of Operations Research 150:
the profit of exchanging one site for another is gain - loss + correction, and a swap only touches the rows it changes.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...geo.compiled import compiled
from .costs import Flags, Floats, Rows
from .median_model import MedianModel

LEAST_PROFIT = 1e-11  # of the present cost: smaller differences are rounding
MOST_CELLS = 60_000_000  # of corrections: half a gigabyte; beyond it greedy has to do

NOBODY = np.zeros(0, np.int32)


class _Demand(NamedTuple):
    """A p-median problem of n rows and f columns, and which columns are open."""

    starts: NDArray[np.int64]  # (n + 1,)
    sites: Rows  # columns of each row, cheapest first
    cost: Floats
    weight: Floats  # (n,), as is base
    base: Floats
    open_: Flags  # (f,)
    group: Rows  # (f,)
    taken: NDArray[np.int64]  # (groups + 1,), open columns of each group; the last is no group


class _Served(NamedTuple):
    """The two nearest open columns of each of n rows (-1 for none), and what the row costs with them."""

    one: Floats
    two: Floats
    nearest: NDArray[np.int64]
    second: NDArray[np.int64]


class _Trades(NamedTuple):
    """The profit of opening column `i` for `site_at[k]` is `gain[i] - loss[site_at[k]] + extra[k, i]`."""

    gain: Floats  # (f,), as is loss
    loss: Floats
    line_of: NDArray[np.int64]  # (f,), -1 where closed
    site_at: NDArray[np.int64]  # (open columns,)
    extra: Floats  # (open columns, f)


def search_median(model: MedianModel, *, start: Rows = NOBODY) -> Rows:
    """Add sites greedily to `start`, then swap while that helps.

    Returns
    -------
    int32 array
        Chosen columns, ascending.
    """
    chosen = np.zeros(len(model.group), np.bool_)
    taken: set[int] = set()
    for column in start[: model.places]:
        group = int(model.group[column])
        if group < 0 or group not in taken:
            chosen[column] = True
            taken.add(group)
    taken_of = np.zeros(int(model.group.max(initial=-1)) + 2, np.int64)
    demand = _Demand(*model.rows, model.weight, model.base, chosen, model.group, taken_of)
    served = _unserved(len(model.weight))
    _add_greedily(demand, served, *model.sites, model.places)
    opened = np.flatnonzero(chosen)
    if len(opened) and (len(opened) + 1) * len(chosen) <= MOST_CELLS:
        _swap(demand, served, _make_trades(opened, len(chosen)), *model.sites, LEAST_PROFIT)
    return np.flatnonzero(chosen).astype(np.int32)


def _unserved(rows: int) -> _Served:
    return _Served(np.empty(rows), np.empty(rows), np.empty(rows, np.int64), np.empty(rows, np.int64))


def _make_trades(opened: NDArray[np.int64], columns: int) -> _Trades:
    """Give every open column a line of corrections, all zero."""
    line_of = np.full(columns, -1, np.int64)
    line_of[opened] = np.arange(len(opened))
    return _Trades(np.zeros(columns), np.zeros(columns), line_of, opened, np.zeros((len(opened), columns)))


def median_value(model: MedianModel, chosen: Rows) -> tuple[float, int]:
    """Return the cost of chosen columns (penalties included), and how many rows stay stranded."""
    open_ = np.zeros(len(model.group), np.bool_)
    open_[chosen] = True
    nearest = _nearest_cost(model.rows.starts, model.rows.rows, model.rows.cost, model.base, open_)
    alone = model.stranded & (nearest >= model.base)
    return float(model.weight @ nearest) + model.constant, int(np.count_nonzero(alone))


@compiled
def _nearest_cost(starts, sites, cost, base, open_):  # type: ignore[no-untyped-def]
    nearest = base.copy()
    for row in range(len(base)):
        for pair in range(starts[row], starts[row + 1]):
            if open_[sites[pair]]:
                nearest[row] = cost[pair]
                break
    return nearest


@compiled
def _add_greedily(demand, served, site_starts, site_rows, site_cost, places):  # type: ignore[no-untyped-def]
    """Open the column that saves most while there is one and a place for it."""
    starts, sites, cost, weight, base, open_, group, taken = demand
    one, two, nearest, second = served
    gain, number = np.zeros(open_.size), np.count_nonzero(open_)
    for site in np.flatnonzero(open_):
        taken[group[site]] += 1
    for row in range(weight.size):
        _find_two(row, starts, sites, cost, base, open_, one, two, nearest, second)
        for pair in range(starts[row], starts[row + 1]):
            if cost[pair] >= one[row]:
                break
            gain[sites[pair]] += weight[row] * (one[row] - cost[pair])
    while number < places:
        best = _best_addition(open_, group, taken, gain)
        if best < 0:
            return
        open_[best] = True
        taken[group[best]] += 1
        number += 1
        for at in range(site_starts[best], site_starts[best + 1]):
            row, new = site_rows[at], site_cost[at]
            if new >= one[row]:
                continue
            for pair in range(starts[row], starts[row + 1]):
                if cost[pair] >= one[row]:
                    break
                gain[sites[pair]] -= weight[row] * (one[row] - max(cost[pair], new))
            one[row] = new


@compiled
def _best_addition(open_, group, taken, gain):  # type: ignore[no-untyped-def]
    """The column that saves most; -1 if none may be opened or none saves anything."""
    best, best_gain = -1, 0.0
    for site in range(open_.size):
        if not open_[site] and gain[site] > best_gain and (group[site] < 0 or taken[group[site]] == 0):
            best, best_gain = site, gain[site]
    return best


@compiled
def _swap(demand, served, trades, site_starts, site_rows, site_cost, least):  # type: ignore[no-untyped-def]
    """Make the best exchange of one column for another while it saves enough of the present cost."""
    total = _enter(demand, served, trades, np.arange(demand.weight.size), 0.0)
    while True:
        best_in, best_out = _best_exchange(demand, trades, least * total)
        if best_in < 0:
            return
        changed = _changed(served, site_starts, site_rows, site_cost, best_in, best_out)
        total = _withdraw(demand, served, trades, changed, total)
        _exchange(demand, trades, best_in, best_out)
        total = _enter(demand, served, trades, changed, total)


@compiled
def _best_exchange(demand, trades, least):  # type: ignore[no-untyped-def]
    """The column to open and the one to close for it that profit most, and more than `least`; -1 for none."""
    open_, group, taken = demand.open_, demand.group, demand.taken
    gain, loss, _, site_at, extra = trades
    best_in, best_out, best_profit = -1, -1, least
    for site in range(open_.size):
        if open_[site]:
            continue
        for at in range(site_at.size):
            out = site_at[at]
            profit = gain[site] - loss[out] + extra[at, site]
            if profit <= best_profit:
                continue
            if group[site] >= 0 and taken[group[site]] > 0 and group[out] != group[site]:
                continue
            best_in, best_out, best_profit = site, out, profit
    return best_in, best_out


@compiled
def _changed(served, site_starts, site_rows, site_cost, opened, closed):  # type: ignore[no-untyped-def]
    """Rows whose two nearest columns an exchange can change."""
    _, two, nearest, second = served
    touched = np.zeros(two.size, np.bool_)
    for at in range(site_starts[opened], site_starts[opened + 1]):
        if site_cost[at] < two[site_rows[at]]:
            touched[site_rows[at]] = True
    for at in range(site_starts[closed], site_starts[closed + 1]):
        row = site_rows[at]
        if nearest[row] == closed or second[row] == closed:
            touched[row] = True
    return np.flatnonzero(touched)


@compiled
def _exchange(demand, trades, opened, closed):  # type: ignore[no-untyped-def]
    """Open one column for another, which hands its line of corrections over, emptied."""
    _, loss, line_of, site_at, extra = trades
    demand.open_[closed], demand.open_[opened] = False, True
    demand.taken[demand.group[closed]] -= 1
    demand.taken[demand.group[opened]] += 1
    line = line_of[closed]
    line_of[closed], line_of[opened], site_at[line] = -1, line, opened
    extra[line, :] = 0.0
    loss[closed], loss[opened] = 0.0, 0.0


@compiled
def _enter(demand, served, trades, rows, total):  # type: ignore[no-untyped-def]
    """Serve rows by the columns now open and count them in; return the total cost with them."""
    starts, sites, cost, weight, base, open_, _, _ = demand
    (one, two, nearest, second), (gain, loss, line_of, _, extra) = served, trades
    for row in rows:
        _find_two(row, starts, sites, cost, base, open_, one, two, nearest, second)
        total += weight[row] * one[row]
        _count_row(row, 1.0, starts, sites, cost, weight, one, two, nearest, line_of, gain, loss, extra)
    return total


@compiled
def _withdraw(demand, served, trades, rows, total):  # type: ignore[no-untyped-def]
    """Take rows out of the counts again; return the total cost without them."""
    starts, sites, cost, weight, _, _, _, _ = demand
    (one, two, nearest, _), (gain, loss, line_of, _, extra) = served, trades
    for row in rows:
        _count_row(row, -1.0, starts, sites, cost, weight, one, two, nearest, line_of, gain, loss, extra)
        total -= weight[row] * one[row]
    return total


@compiled
def _find_two(row, starts, sites, cost, base, chosen, one, two, nearest, second):  # type: ignore[no-untyped-def]
    """Look the two nearest chosen sites of a row up."""
    one[row], two[row], nearest[row], second[row] = base[row], base[row], -1, -1
    for pair in range(starts[row], starts[row + 1]):
        if chosen[sites[pair]]:
            if nearest[row] < 0:
                one[row], nearest[row] = cost[pair], sites[pair]
            else:
                two[row], second[row] = cost[pair], sites[pair]
                return


@compiled
def _count_row(row, sign, starts, sites, cost, weight, one, two, nearest, line_of, gain, loss, extra):  # type: ignore[no-untyped-def]
    """Add a row to gains, losses and corrections, or take it back."""
    served = nearest[row]
    if served >= 0:
        loss[served] += sign * weight[row] * (two[row] - one[row])
    for pair in range(starts[row], starts[row + 1]):
        if cost[pair] >= two[row]:
            return
        site = sites[pair]
        if cost[pair] < one[row]:
            gain[site] += sign * weight[row] * (one[row] - cost[pair])
        if served >= 0:
            extra[line_of[served], site] += sign * weight[row] * (two[row] - max(cost[pair], one[row]))
