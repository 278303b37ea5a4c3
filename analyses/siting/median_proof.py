"""Branch and bound for the p-median problem on Lagrangian bounds: the most doubtful candidate is decided both ways."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .costs import Floats, Rows
from .median_bound import CLOSED, FREE, OPEN, Bounded, States, ascend, fix_states
from .median_model import MedianModel, select
from .pairs import turn

STEPS = 120  # per node; children start from their parent's prices
PACE = 0.6


class Node(NamedTuple):
    """States to decide further: no plan with them costs less than `bound`; of equal bounds the lower number comes first."""

    bound: float
    number: int
    states: States
    prices: Floats


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

    Returns
    -------
    float
        The proven bound, at most the best cost.
    """
    nodes = [Node(-np.inf, 0, np.zeros(len(model.group), np.int8), prices)]
    count = 1
    while nodes:
        if seconds_left() <= 0 or count > 2 * most_nodes:
            return min(best, nodes[0].bound)
        node = heapq.heappop(nodes)
        if node.bound > best - model.least_gain:
            return best
        best, children = _examine(model, node, best, improve)
        for child in children:
            heapq.heappush(nodes, child._replace(number=count))
            count += 1
    return best


def _examine(model: MedianModel, node: Node, best: float, improve: Callable[[Rows], float]) -> tuple[float, list[Node]]:
    """Raise a node's bound and try what it opens; return the best cost known then, and the node's children."""
    bounded = ascend(model, node.prices, node.states, best=best - model.constant, steps=STEPS, pace=PACE)
    bound = max(node.bound, bounded.bound + model.constant)
    best = improve(bounded.chosen)
    if bound > best - model.least_gain:
        return best, []
    states = fix_states(model, node.states, bounded, best - model.least_gain - model.constant)
    column = _most_doubtful(states, bounded)
    if column < 0:
        # Nothing left to decide: the node's plan is complete.
        return improve(np.flatnonzero(states == OPEN).astype(np.int32)), []
    children = []
    for state in (OPEN, CLOSED):
        child = states.copy()
        child[column] = state
        if np.count_nonzero(child == OPEN) <= model.places:
            children.append(Node(bound, 0, _close_group(model, child, column), bounded.prices))
    return best, children


def _most_doubtful(states: States, bounded: Bounded) -> int:
    """Return the free column whose share is nearest to a half; -1 if none is free."""
    free = np.flatnonzero(states == FREE)
    return int(free[np.argmin(np.abs(bounded.shares[free] - 0.5))]) if len(free) else -1


def _close_group(model: MedianModel, states: States, column: int) -> States:
    """Of one group only one may be open."""
    if model.group[column] >= 0 and states[column] == OPEN:
        states[(model.group == model.group[column]) & (states == FREE)] = CLOSED
    return states
