"""Branch and bound for the p-median problem on Lagrangian bounds: the most doubtful candidate is decided both ways."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .costs import Floats, Rows
from .median_bound import CLOSED, FREE, OPEN, Bounded, States, ascend, fix_states
from .median_model import MedianModel, select
from .pairs import turn

STEPS = 120  # per node; children start from their parent's prices
PACE = 0.6

Node = tuple[float, int, States, Floats]


def reduce_model(model: MedianModel, states: States) -> tuple[MedianModel, NDArray[np.bool_]]:
    """Take closed columns out of the model and turn open ones into what rows cost anyway; return also which rows are left."""
    rows = model.rows
    sizes = np.diff(rows.starts)
    base, stranded = model.base.copy(), model.stranded.copy()
    row_of = np.repeat(np.arange(len(sizes)), sizes)
    there = states[rows.rows] == OPEN
    np.minimum.at(base, row_of[there], rows.cost[there])
    stranded &= base >= model.base
    kept = (states == FREE)[rows.rows] & (rows.cost < base[row_of])
    number = np.cumsum(states == FREE).astype(np.int32) - 1
    useful = np.bincount(row_of[kept], minlength=len(sizes)) > 0
    picked = select(rows, kept, useful)
    picked = picked._replace(rows=number[picked.rows])
    columns = int(np.count_nonzero(states == FREE))
    reduced = replace(
        model,
        rows=picked,
        sites=turn(picked, columns),
        weight=model.weight[useful],
        base=base[useful],
        stranded=stranded[useful],
        candidates=model.candidates[states == FREE],
        group=model.group[states == FREE],
        places=model.places - int(np.count_nonzero(states == OPEN)),
        constant=model.constant + float(model.weight[~useful] @ base[~useful]),
    )
    return reduced, useful


def branch(
    model: MedianModel,
    prices: Floats,
    *,
    best: float,
    improve: Callable[[Rows], float],
    seconds_left: Callable[[], float],
    most_nodes: int,
) -> float:
    """Decide column by column until no node can hold a better plan, or nodes or time are used up.

    Parameters
    ----------
    model : MedianModel
        Reduced.
    prices : (n,) float64
        To begin with.
    best : float
        Cost of the best plan.
    improve : callable
        Is given columns that a node opens, and returns the best cost known then.
    seconds_left : callable
    most_nodes : int

    Returns
    -------
    float
        The proven bound, at most the best cost.
    """
    first = np.zeros(len(model.group), np.int8)
    nodes: list[Node] = [(-np.inf, 0, first, prices)]
    count = 1
    while nodes:
        bound, _, states, prices = nodes[0]
        if seconds_left() <= 0 or count > 2 * most_nodes:
            return min(best, bound)
        heapq.heappop(nodes)
        if bound > best - model.least_gain:
            return best
        bounded = ascend(model, prices, states, best=best - model.constant, steps=STEPS, pace=PACE)
        reached = max(bound, bounded.bound + model.constant)
        best = improve(bounded.chosen)
        if reached > best - model.least_gain:
            continue
        states = fix_states(model, states, bounded, best - model.least_gain - model.constant)
        column = _most_doubtful(states, bounded)
        if column < 0:
            # Nothing left to decide: the node's plan is complete.
            best = improve(np.flatnonzero(states == OPEN).astype(np.int32))
            continue
        for state in (OPEN, CLOSED):
            child = states.copy()
            child[column] = state
            if np.count_nonzero(child == OPEN) <= model.places:
                heapq.heappush(nodes, (reached, count, _close_group(model, child, column), bounded.prices))
                count += 1
    return best


def _most_doubtful(states: States, bounded: Bounded) -> int:
    """Return the free column whose share is nearest to a half; -1 if none is free."""
    free = np.flatnonzero(states == FREE)
    return int(free[np.argmin(np.abs(bounded.shares[free] - 0.5))]) if len(free) else -1


def _close_group(model: MedianModel, states: States, column: int) -> States:
    """Of one group only one may be open."""
    if model.group[column] >= 0 and states[column] == OPEN:
        states[(model.group == model.group[column]) & (states == FREE)] = CLOSED
    return states
