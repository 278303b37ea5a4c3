"""The rest of a p-median problem, once most candidates are fixed, whole to HiGHS."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from .costs import Rows
from .highs import INFINITY, add_columns, add_rows, make_whole, new_model, run, scale_of
from .median_model import MedianModel


def solve_rest(model: MedianModel, *, seconds: float) -> tuple[Rows | None, float]:
    """Choose columns of a reduced model.

    Parameters
    ----------
    model : MedianModel
    seconds : float

    Returns
    -------
    int32 array or None
        Columns of the best plan found.
    float
        The proven bound, the model's constant included.
    """
    columns, rows, pairs = len(model.group), len(model.weight), len(model.rows.rows)
    row_of = np.repeat(np.arange(rows), np.diff(model.rows.starts))
    saved = model.weight[row_of] * (model.base[row_of] - model.rows.cost)
    scale = scale_of(float(saved.max(initial=1.0)))
    highs, width, each = new_model(), columns + pairs, np.arange(pairs)
    add_columns(highs, cost=np.concatenate((np.zeros(columns), -saved / scale)), lower=np.zeros(width), upper=np.ones(width))
    once = sparse.csr_array((np.ones(pairs), (row_of, columns + each)), shape=(rows, width))
    add_rows(highs, once, lower=np.full(rows, -INFINITY), upper=np.ones(rows))
    at = (np.concatenate((each, each)), np.concatenate((columns + each, model.rows.rows)))
    linked = sparse.csr_array((np.repeat([1.0, -1.0], pairs), at), shape=(pairs, width))
    add_rows(highs, linked, lower=np.full(pairs, -INFINITY), upper=np.zeros(pairs))
    rules = [(np.ones(columns), float(model.places))]
    rules += [((model.group == group).astype(float), 1.0) for group in np.unique(model.group[model.group >= 0])]
    for members, most in rules:
        line = sparse.csr_array(np.concatenate((members, np.zeros(pairs)))[None, :])
        add_rows(highs, line, lower=np.array([-INFINITY]), upper=np.array([most]))
    make_whole(highs, np.arange(columns))
    solved = run(highs, seconds=seconds)
    alone = model.constant + float(model.weight @ model.base)
    chosen = None if solved.values is None else np.flatnonzero(solved.values[:columns] > 0.5).astype(np.int32)
    return chosen, alone + solved.bound * scale
