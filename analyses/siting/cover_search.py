"""Greedy and swap for covering: good sites fast, without proof.

The swap keeps gains, losses and their corrections up to date as in Resende & Werneck (2007), "A fast swap-based local search
procedure for location problems", Annals of Operations Research 150: a swap only touches the rows it changes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...geo.compiled import compiled
from .costs import Floats, Rows
from .pairs import Pairs

LEAST_GAIN = 1e-9  # of all there is to win: smaller differences are rounding
MOST_CELLS = 60_000_000  # of corrections between sites and candidates: half a gigabyte; beyond it greedy has to do


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
    arguments = (rows.starts, rows.rows, sites.starts, sites.rows, first, second, weight, group, groups, float(budget))
    _search(*arguments, chosen, least, MOST_CELLS)
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
def _search(  # type: ignore[no-untyped-def]
    row_starts, row_sites, site_starts, site_rows, first, second, weight, group, groups, budget, chosen, least, most_cells
):
    """Change `chosen` in place."""
    count = np.zeros(len(first), np.int64)
    place = np.full(len(weight), -1, np.int64)  # of chosen sites: their line in `extra`
    site_at = np.full(len(weight), -1, np.int64)
    taken = np.zeros(groups + 1, np.int64)
    gain = np.zeros(len(weight))
    loss = np.zeros(len(weight))
    lines, used = 0, 0.0
    for site in range(len(weight)):
        if chosen[site]:
            used += weight[site]
            taken[group[site]] += 1
            for pair in range(site_starts[site], site_starts[site + 1]):
                count[site_rows[pair]] += 1
    for row in range(len(first)):
        worth = first[row] if count[row] == 0 else (second[row] if count[row] == 1 else 0.0)
        if worth > 0:
            for pair in range(row_starts[row], row_starts[row + 1]):
                gain[row_sites[pair]] += worth
    # Greedy: most gain per unit of budget.
    while True:
        best, best_rate = -1, 0.0
        for site in range(len(weight)):
            if chosen[site] or used + weight[site] > budget or gain[site] <= least:
                continue
            if group[site] >= 0 and taken[group[site]] > 0:
                continue
            if gain[site] / weight[site] > best_rate:
                best, best_rate = site, gain[site] / weight[site]
        if best < 0:
            break
        chosen[best] = True
        used += weight[best]
        taken[group[best]] += 1
        for pair in range(site_starts[best], site_starts[best + 1]):
            row = site_rows[pair]
            before = first[row] if count[row] == 0 else (second[row] if count[row] == 1 else 0.0)
            count[row] += 1
            after = second[row] if count[row] == 1 else 0.0
            if before != after:
                for other in range(row_starts[row], row_starts[row + 1]):
                    gain[row_sites[other]] += after - before
    chosen_count = 0
    for site in range(len(weight)):
        if chosen[site]:
            chosen_count += 1
    room = chosen_count + 64
    if room * len(weight) > most_cells:
        return
    # Swap: the best exchange of one for one (or one more, where the budget allows it).
    extra = np.zeros((room, len(weight)))
    for site in range(len(weight)):
        if chosen[site]:
            place[site], site_at[lines] = lines, site
            lines += 1
    gain[:] = 0.0
    for row in range(len(first)):
        _count_row(row, 1.0, row_starts, row_sites, first, second, count, chosen, place, gain, loss, extra)
    while True:
        best_in, best_out, best_profit = -1, -1, least
        for site in range(len(weight)):
            if chosen[site]:
                continue
            free = group[site] < 0 or taken[group[site]] == 0
            if free and lines < room and used + weight[site] <= budget and gain[site] > best_profit:
                best_in, best_out, best_profit = site, -1, gain[site]
            for line in range(lines):
                out = site_at[line]
                profit = gain[site] - loss[out] + extra[line, site]
                if profit <= best_profit or used + weight[site] - weight[out] > budget:
                    continue
                if not free and group[out] != group[site]:
                    continue
                best_in, best_out, best_profit = site, out, profit
        if best_in < 0:
            break
        for site, step in ((best_out, -1), (best_in, 1)):
            if site < 0:
                continue
            for pair in range(site_starts[site], site_starts[site + 1]):
                row = site_rows[pair]
                _count_row(row, -1.0, row_starts, row_sites, first, second, count, chosen, place, gain, loss, extra)
            if step < 0:
                line = place[site]
                chosen[site] = False
                place[site] = -1
                used -= weight[site]
                taken[group[site]] -= 1
                lines -= 1
                moved = site_at[lines]
                if line != lines:
                    site_at[line], place[moved] = moved, line
                    extra[line, :] = extra[lines, :]
                extra[lines, :] = 0.0
                loss[site] = 0.0
            else:
                chosen[site] = True
                place[site], site_at[lines] = lines, site
                lines += 1
                used += weight[site]
                taken[group[site]] += 1
                loss[site] = 0.0
            for pair in range(site_starts[site], site_starts[site + 1]):
                row = site_rows[pair]
                count[row] += step
                _count_row(row, 1.0, row_starts, row_sites, first, second, count, chosen, place, gain, loss, extra)


@compiled
def _count_row(row, sign, row_starts, row_sites, first, second, count, chosen, place, gain, loss, extra):  # type: ignore[no-untyped-def]
    """Add a row to the gains of candidates, the losses of sites and the corrections of both (or take it back)."""
    number = count[row]
    if number > 2:
        return
    worth = first[row] if number == 0 else (second[row] if number == 1 else 0.0)
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
