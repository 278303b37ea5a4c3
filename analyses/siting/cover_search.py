"""Greedy and swap for covering: good sites fast, without proof.

The swap keeps gains, losses and their corrections up to date as in Resende & Werneck (2007), "A fast swap-based local search
procedure for location problems", Annals of Operations Research 150: a swap only touches the rows it changes.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...geo.compiled import compiled
from .costs import Flags, Floats, Rows
from .pairs import Pairs

LEAST_GAIN = 1e-9  # of all there is to win: smaller differences are rounding
MOST_CELLS = 60_000_000  # of corrections between sites and candidates: half a gigabyte; beyond it greedy has to do
SPARE_LINES = 64  # of corrections, for sites that a swap adds

Counts = NDArray[np.int64]


class _Cover(NamedTuple):
    """A covering problem; n rows, m candidates."""

    row_starts: Counts  # (n + 1,)
    row_sites: Rows  # candidates that cover each row
    site_starts: Counts  # (m + 1,)
    site_rows: Rows  # rows that each candidate covers
    first: Floats  # (n,), as is second
    second: Floats
    weight: Floats  # (m,), as is group
    group: Rows
    budget: float


class _Plan(NamedTuple):
    """What a search knows of the sites chosen so far."""

    chosen: Flags  # (m,)
    taken: Counts  # (groups + 1,), sites chosen of each group; the last is no group
    covering: Counts  # (n,), how many chosen sites cover each row
    gain: Floats  # (m,), what a candidate would add
    loss: Floats  # (m,), what would be lost with a site


class _Trades(NamedTuple):
    """Corrections of "gain less loss" where a candidate takes the place of a site, one line per site."""

    place: Counts  # (m,), the line of each chosen site
    site_at: Counts  # (m,), the site of each line
    extra: Floats  # (room, m)


def search_cover(
    rows: Pairs,
    sites: Pairs,
    first: Floats,
    second: Floats,
    *,
    weight: Floats,
    group: Rows,
    budget: float,
    start: Rows,
) -> Rows:
    """Add sites greedily, then swap while that helps.

    Parameters
    ----------
    rows, sites : Pairs
        Candidates that cover each row; rows that each candidate covers.
    first, second : (n,) float64
        What the first and the second site that covers a row are worth.
    weight : (m,) float64
        Of the budget, per candidate; > 0.
    group : (m,) int32
        Of one group only one may be chosen; -1 for none.
    budget : float
    start : int32 array
        Sites to begin with, within the budget.

    Returns
    -------
    int32 array
        Chosen candidates, ascending.
    """
    chosen = np.zeros(len(weight), np.bool_)
    chosen[start] = True
    groups = int(group.max(initial=-1)) + 1
    least = LEAST_GAIN * float(first.sum() + second.sum())
    cover = _Cover(rows.starts, rows.rows, sites.starts, sites.rows, first, second, weight, group, float(budget))
    _search(cover, chosen, groups, least, MOST_CELLS)
    return np.flatnonzero(chosen).astype(np.int32)


def cover_value(sites: Pairs, first: Floats, second: Floats, chosen: NDArray[np.integer]) -> float:
    """Return what the chosen sites are worth."""
    count = cover_counts(sites, len(first), chosen)
    return float(first[count >= 1].sum() + second[count >= 2].sum())


def cover_counts(sites: Pairs, rows: int, chosen: NDArray[np.integer]) -> NDArray[np.int64]:
    """Count the chosen sites that cover each row."""
    parts = [sites.rows[sites.starts[site] : sites.starts[site + 1]] for site in chosen]
    return np.bincount(np.concatenate(parts) if parts else np.zeros(0, np.int64), minlength=rows)


@compiled
def _search(cover, chosen, groups, least, most_cells):  # type: ignore[no-untyped-def]
    """Change `chosen` in place."""
    plan, used = _begin(cover, chosen, groups)
    used = _add_greedily(cover, plan, used, least)
    room = np.count_nonzero(chosen) + SPARE_LINES
    if room * chosen.size <= most_cells:
        _swap(cover, plan, used, least, room)


@compiled
def _begin(cover, chosen, groups):  # type: ignore[no-untyped-def]
    """Count what the sites to begin with cover and use, and what each candidate would add."""
    row_starts, row_sites, site_starts, site_rows, first, second, weight, group, _ = cover
    count, taken, used = np.zeros(first.size, np.int64), np.zeros(groups + 1, np.int64), 0.0
    for site in np.flatnonzero(chosen):
        used += weight[site]
        taken[group[site]] += 1
        for pair in range(site_starts[site], site_starts[site + 1]):
            count[site_rows[pair]] += 1
    gain = np.zeros(chosen.size)
    for row in range(count.size):
        worth = _worth(first[row], second[row], count[row])
        if worth > 0:
            for pair in range(row_starts[row], row_starts[row + 1]):
                gain[row_sites[pair]] += worth
    return _Plan(chosen, taken, count, gain, np.zeros(chosen.size)), used


@compiled
def _worth(first, second, number):  # type: ignore[no-untyped-def]
    """What one more site is worth to a row that `number` sites cover."""
    return first if number == 0 else (second if number == 1 else 0.0)


@compiled
def _add_greedily(cover, plan, used, least):  # type: ignore[no-untyped-def]
    """Add the candidate with the most gain per unit of budget while there is one; return the budget used."""
    row_starts, row_sites, site_starts, site_rows, first, second, weight, group, budget = cover
    chosen, taken, count, gain, _ = plan
    while True:
        best = _best_addition(weight, group, budget, chosen, taken, gain, used, least)
        if best < 0:
            return used
        chosen[best] = True
        used += weight[best]
        taken[group[best]] += 1
        for pair in range(site_starts[best], site_starts[best + 1]):
            row = site_rows[pair]
            before = _worth(first[row], second[row], count[row])
            count[row] += 1
            after = _worth(first[row], second[row], count[row])
            if before != after:
                for other in range(row_starts[row], row_starts[row + 1]):
                    gain[row_sites[other]] += after - before


@compiled
def _best_addition(weight, group, budget, chosen, taken, gain, used, least):  # type: ignore[no-untyped-def]
    """The candidate that gains most per unit of budget; -1 if none may be added."""
    best, best_rate = -1, 0.0
    for site in range(weight.size):
        if chosen[site] or used + weight[site] > budget or gain[site] <= least:
            continue
        if group[site] >= 0 and taken[group[site]] > 0:
            continue
        if gain[site] / weight[site] > best_rate:
            best, best_rate = site, gain[site] / weight[site]
    return best


@compiled
def _swap(cover, plan, used, least, room):  # type: ignore[no-untyped-def]
    """Make the best exchange of one for one (or one more, where the budget allows it) while there is one."""
    trades, lines = _make_trades(cover, plan, room)
    while True:
        site, out = _best_trade(cover, plan, trades, lines, used, least)
        if site < 0:
            return
        if out >= 0:
            used, lines = _close(cover, plan, trades, lines, used, out)
        used, lines = _open(cover, plan, trades, lines, used, site)


@compiled
def _make_trades(cover, plan, room):  # type: ignore[no-untyped-def]
    """Give every chosen site a line, and count gains, losses and corrections from all rows."""
    row_starts, row_sites, _, _, first, second, _, _, _ = cover
    chosen, _, count, gain, loss = plan
    place, site_at = np.full(chosen.size, -1, np.int64), np.full(chosen.size, -1, np.int64)
    extra, lines = np.zeros((room, chosen.size)), 0
    for site in np.flatnonzero(chosen):
        place[site], site_at[lines] = lines, site
        lines += 1
    gain[:] = 0.0
    for row in range(count.size):
        _count_row(row, 1.0, row_starts, row_sites, first, second, count, chosen, place, gain, loss, extra)
    return _Trades(place, site_at, extra), lines


@compiled
def _best_trade(cover, plan, trades, lines, used, least):  # type: ignore[no-untyped-def]
    """The candidate to open (-1 for none) and the site to close for it (-1 for none) that profit most."""
    weight, group, budget, (_, site_at, extra) = cover.weight, cover.group, cover.budget, trades
    chosen, taken, _, gain, loss = plan
    best_in, best_out, best_profit = -1, -1, least
    for site in range(weight.size):
        if chosen[site]:
            continue
        free = group[site] < 0 or taken[group[site]] == 0
        if free and lines < extra.shape[0] and used + weight[site] <= budget and gain[site] > best_profit:
            best_in, best_out, best_profit = site, -1, gain[site]
        for line in range(lines):
            out = site_at[line]
            profit = gain[site] - loss[out] + extra[line, site]
            if profit <= best_profit or used + weight[site] - weight[out] > budget:
                continue
            if not free and group[out] != group[site]:
                continue
            best_in, best_out, best_profit = site, out, profit
    return best_in, best_out


@compiled
def _close(cover, plan, trades, lines, used, site):  # type: ignore[no-untyped-def]
    """Close a site; the last line of corrections moves to where its own was."""
    place, site_at, extra = trades
    _count_site(cover, plan, trades, site, -1.0, 0)
    line, last = place[site], lines - 1
    plan.chosen[site], plan.loss[site], place[site] = False, 0.0, -1
    plan.taken[cover.group[site]] -= 1
    if line != last:
        moved = site_at[last]
        site_at[line], place[moved] = moved, line
        extra[line, :] = extra[last, :]
    extra[last, :] = 0.0
    _count_site(cover, plan, trades, site, 1.0, -1)
    return used - cover.weight[site], last


@compiled
def _open(cover, plan, trades, lines, used, site):  # type: ignore[no-untyped-def]
    """Open a site, with a line of corrections of its own."""
    _count_site(cover, plan, trades, site, -1.0, 0)
    plan.chosen[site], plan.loss[site] = True, 0.0
    plan.taken[cover.group[site]] += 1
    trades.place[site], trades.site_at[lines] = lines, site
    _count_site(cover, plan, trades, site, 1.0, 1)
    return used + cover.weight[site], lines + 1


@compiled
def _count_site(cover, plan, trades, site, sign, step):  # type: ignore[no-untyped-def]
    """Count the rows of a site in (sign 1) or out (-1), after `step` more sites cover them."""
    row_starts, row_sites, site_starts, site_rows, first, second, _, _, _ = cover
    (chosen, _, count, gain, loss), (place, _, extra) = plan, trades
    for pair in range(site_starts[site], site_starts[site + 1]):
        row = site_rows[pair]
        count[row] += step
        _count_row(row, sign, row_starts, row_sites, first, second, count, chosen, place, gain, loss, extra)


@compiled
def _count_row(row, sign, row_starts, row_sites, first, second, count, chosen, place, gain, loss, extra):  # type: ignore[no-untyped-def]
    """Add a row to the gains of candidates, the losses of sites and the corrections of both (or take it back)."""
    number = count[row]
    if number > 2:
        return
    worth = _worth(first[row], second[row], number)
    lost = 0.0 if number == 0 else (first[row] if number == 1 else second[row])
    if worth == 0.0 and lost == 0.0:
        return
    for pair in range(row_starts[row], row_starts[row + 1]):
        site = row_sites[pair]
        gain[site] += sign * worth
        if number > 0 and chosen[site]:
            loss[site] += sign * lost
            line = place[site]
            for other in range(row_starts[row], row_starts[row + 1]):
                extra[line, row_sites[other]] += sign * (lost - worth)
