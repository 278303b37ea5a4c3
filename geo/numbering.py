"""Small jobs on large arrays of numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def distinct(values: NDArray[Any]) -> NDArray[Any]:
    """Return the distinct values, ascending.

    By sorting: on millions of ids several times faster than `numpy.unique`, which hashes since NumPy 2.3.
    """
    ordered = np.sort(values)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])] if len(ordered) else ordered


def renumber(rows: NDArray[np.integer[Any]], count: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Number the rows in use from 0.

    Parameters
    ----------
    rows : (n,) int
        Values below `count`, repeated at will.
    count : int

    Returns
    -------
    used : (k,) int64
        The distinct rows, ascending.
    numbers : (n,) int32
        Position of each of `rows` in `used`.
    """
    seen = np.zeros(count, bool)
    seen[rows] = True
    number = np.cumsum(seen, dtype=np.int32) - np.int32(1)
    return np.flatnonzero(seen), number[rows]
