"""Hilbert order: places near each other get numbers near each other, which keeps the searches in the processor's cache."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

ORDER = 16


def hilbert_order(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the permutation that sorts points along a Hilbert curve (Wikipedia, "Hilbert curve", xy2d)."""
    x, y = _scaled(lon), _scaled(lat)
    key = np.zeros(len(x), np.int64)
    side = 1 << (ORDER - 1)
    while side:
        right, upper = (x & side) > 0, (y & side) > 0
        key += side * side * ((3 * right) ^ upper)
        flip = ~upper & right
        x, y = np.where(flip, (1 << ORDER) - 1 - x, x), np.where(flip, (1 << ORDER) - 1 - y, y)
        x, y = np.where(upper, x, y), np.where(upper, y, x)
        side >>= 1
    order: NDArray[np.int64] = np.argsort(key, kind="stable")
    return order


def _scaled(values: NDArray[np.float64]) -> NDArray[np.int64]:
    low, span = values.min(), np.ptp(values) or 1.0
    scaled: NDArray[np.int64] = ((values - low) / span * ((1 << ORDER) - 1)).astype(np.int64)
    return scaled
