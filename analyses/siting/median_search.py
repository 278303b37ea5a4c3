"""Greedy and swap for the p-median problem: good sites fast, without proof.

Resende & Werneck (2007), "A fast swap-based local search procedure for location problems", Annals of Operations Research 150:
the profit of exchanging one site for another is gain - loss + correction, and a swap only touches the rows it changes.
"""

from __future__ import annotations

import numpy as np

from ...geo.compiled import compiled
from .costs import Rows
from .median_model import MedianModel

LEAST_PROFIT = 1e-11  # of the present cost: smaller differences are rounding
MOST_CELLS = 60_000_000  # of corrections: half a gigabyte; beyond it greedy has to do

NOBODY = np.zeros(0, np.int32)


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
    groups = int(model.group.max(initial=-1)) + 1
    rows, sites = model.rows, model.sites
    _search(
        rows.starts, rows.rows, rows.cost, sites.starts, sites.rows, sites.cost,
        model.weight, model.base, model.group, groups, model.places, chosen, LEAST_PROFIT, MOST_CELLS,
    )  # fmt: skip
    return np.flatnonzero(chosen).astype(np.int32)


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
def _search(  # type: ignore[no-untyped-def]
    starts, sites, cost, site_starts, site_rows, site_cost, weight, base, group, groups, places, chosen, least, most_cells
):
    """Change `chosen` in place."""
    columns, rows = len(chosen), len(weight)
    one, two = base.copy(), base.copy()  # cost to the nearest and to the second nearest site
    nearest = np.full(rows, -1, np.int64)
    second = np.full(rows, -1, np.int64)
    taken = np.zeros(groups + 1, np.int64)
    gain, loss = np.zeros(columns), np.zeros(columns)
    number = 0
    for site in range(columns):
        if chosen[site]:
            number += 1
            taken[group[site]] += 1
    for row in range(rows):
        _find_two(row, starts, sites, cost, base, chosen, one, two, nearest, second)
        for pair in range(starts[row], starts[row + 1]):
            if cost[pair] >= one[row]:
                break
            gain[sites[pair]] += weight[row] * (one[row] - cost[pair])
    while number < places:
        best, best_gain = -1, 0.0
        for site in range(columns):
            if not chosen[site] and gain[site] > best_gain and (group[site] < 0 or taken[group[site]] == 0):
                best, best_gain = site, gain[site]
        if best < 0:
            break
        chosen[best] = True
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
    if (number + 1) * columns > most_cells or number == 0:
        return
    line_of = np.full(columns, -1, np.int64)
    site_at = np.zeros(number, np.int64)
    extra = np.zeros((number, columns))
    line = 0
    for site in range(columns):
        if chosen[site]:
            line_of[site], site_at[line] = line, site
            line += 1
    gain[:] = 0.0
    total = 0.0
    for row in range(rows):
        _find_two(row, starts, sites, cost, base, chosen, one, two, nearest, second)
        total += weight[row] * one[row]
        _count_row(row, 1.0, starts, sites, cost, weight, one, two, nearest, line_of, gain, loss, extra)
    while True:
        best_in, best_out, best_profit = -1, -1, least * total
        for site in range(columns):
            if chosen[site]:
                continue
            for at in range(number):
                out = site_at[at]
                profit = gain[site] - loss[out] + extra[at, site]
                if profit <= best_profit:
                    continue
                if group[site] >= 0 and taken[group[site]] > 0 and group[out] != group[site]:
                    continue
                best_in, best_out, best_profit = site, out, profit
        if best_in < 0:
            return
        touched = np.zeros(rows, np.bool_)
        for at in range(site_starts[best_in], site_starts[best_in + 1]):
            if site_cost[at] < two[site_rows[at]]:
                touched[site_rows[at]] = True
        for at in range(site_starts[best_out], site_starts[best_out + 1]):
            row = site_rows[at]
            if nearest[row] == best_out or second[row] == best_out:
                touched[row] = True
        changed = np.flatnonzero(touched)
        for at in range(len(changed)):
            row = changed[at]
            _count_row(row, -1.0, starts, sites, cost, weight, one, two, nearest, line_of, gain, loss, extra)
            total -= weight[row] * one[row]
        chosen[best_out], chosen[best_in] = False, True
        taken[group[best_out]] -= 1
        taken[group[best_in]] += 1
        line = line_of[best_out]
        line_of[best_out], line_of[best_in], site_at[line] = -1, line, best_in
        extra[line, :] = 0.0
        loss[best_out], loss[best_in] = 0.0, 0.0
        for at in range(len(changed)):
            row = changed[at]
            _find_two(row, starts, sites, cost, base, chosen, one, two, nearest, second)
            _count_row(row, 1.0, starts, sites, cost, weight, one, two, nearest, line_of, gain, loss, extra)
            total += weight[row] * one[row]


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
