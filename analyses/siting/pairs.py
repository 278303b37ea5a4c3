"""Pairs grouped by one of their sides, as the compiled methods read them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...geo.compiled import compiled
from .costs import Floats, Rows

Starts = NDArray[np.int64]


class Pairs(NamedTuple):
    """Pairs of one side's row `i` are `starts[i]:starts[i + 1]`: rows of the other side, and costs."""

    starts: Starts
    rows: Rows
    cost: Floats


def group_pairs(keys: Rows, others: Rows, cost: Floats, count: int) -> Pairs:
    """Group pairs by `keys` (rows 0 to count - 1), keeping their order within a row."""
    return Pairs(*_group(np.asarray(keys, np.int32), np.asarray(others, np.int32), np.asarray(cost, np.float64), count))


def turn(pairs: Pairs, count: int) -> Pairs:
    """Group the same pairs by the other side, which has `count` rows; ascending within each row."""
    return group_pairs(pairs.rows, np.repeat(np.arange(len(pairs.starts) - 1), np.diff(pairs.starts)), pairs.cost, count)


def sort_by_cost(pairs: Pairs) -> Pairs:
    """Bring the pairs of every row into the order of their costs; ties by row of the other side."""
    rows, cost = np.empty_like(pairs.rows), np.empty_like(pairs.cost)
    for row in range(len(pairs.starts) - 1):
        part = slice(pairs.starts[row], pairs.starts[row + 1])
        order = np.argsort(pairs.cost[part], kind="stable")
        rows[part], cost[part] = pairs.rows[part][order], pairs.cost[part][order]
    return Pairs(pairs.starts, rows, cost)


@compiled
def _group(keys, others, cost, count):  # type: ignore[no-untyped-def]
    starts = np.zeros(count + 1, np.int64)
    for key in keys:
        starts[key + 1] += 1
    for row in range(count):
        starts[row + 1] += starts[row]
    at = starts[:-1].copy()
    rows, costs = np.empty(len(keys), np.int32), np.empty(len(keys), np.float64)
    for pair in range(len(keys)):
        place = at[keys[pair]]
        at[keys[pair]] += 1
        rows[place] = others[pair]
        costs[place] = cost[pair]
    return starts, rows, costs
