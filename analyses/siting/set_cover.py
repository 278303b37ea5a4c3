"""Fewest (or cheapest) sites that leave no demand row out: the location set covering problem, whole to HiGHS."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from .costs import Floats, Rows
from .highs import INFINITY, add_columns, add_rows, make_whole, new_model, run, scale_of, suggest
from .pairs import Pairs
from .presolve import dominated_rows


@dataclass(frozen=True, kw_only=True, eq=False)
class Cover:
    """Chosen columns (None where it was not found out), the proven least weight, and whether any cover exists."""

    columns: Rows | None
    bound: float
    possible: bool


def set_cover(rows: Pairs, weight: Floats, group: Rows, *, start: Rows | None, seconds: float) -> Cover:
    """Choose columns of least weight so that every row has one.

    Parameters
    ----------
    rows : Pairs
        Columns that cover each row, each row with at least one.
    weight : (f,) float64
    group : (f,) int32
        At most one of a group; -1 for none.
    start : int32 array or None
        A cover to begin with.
    seconds : float
    """
    columns = len(weight)
    rows = _hardest(rows, columns)
    count = len(rows.starts) - 1
    highs, scale = new_model(), scale_of(float(weight.max(initial=1.0)))
    add_columns(highs, cost=weight / scale, lower=np.zeros(columns), upper=np.ones(columns))
    covers = sparse.csr_array((np.ones(len(rows.rows)), rows.rows, rows.starts), shape=(count, columns))
    add_rows(highs, covers, lower=np.ones(count), upper=np.full(count, INFINITY))
    for number in np.unique(group[group >= 0]):
        members = sparse.csr_array((group == number).astype(float)[None, :])
        add_rows(highs, members, lower=np.array([-INFINITY]), upper=np.array([1.0]))
    make_whole(highs, np.arange(columns))
    if start is not None:
        suggest(highs, np.isin(np.arange(columns), start).astype(float))
    solved = run(highs, seconds=seconds)
    if solved.status == "infeasible":
        return Cover(columns=None, bound=np.inf, possible=False)
    chosen = None if solved.values is None else np.flatnonzero(solved.values > 0.5).astype(np.int32)
    return Cover(columns=chosen, bound=max(0.0, solved.bound * scale), possible=True)


def _hardest(rows: Pairs, columns: int) -> Pairs:
    """Leave out rows that are covered whenever another one is."""
    kept = ~dominated_rows(rows, columns)
    sizes = np.diff(rows.starts)
    pairs = np.repeat(kept, sizes)
    return Pairs(np.concatenate(([0], np.cumsum(sizes[kept]))).astype(np.int64), rows.rows[pairs], rows.cost[pairs])
