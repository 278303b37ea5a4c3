"""k-nearest: how long to the k-th facility, and to the first k on average."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ...geo.errors import InputError
from .costs import number_pairs


def k_nearest(costs: pd.DataFrame, demand: pd.Series[Any], *, k: int = 1) -> pd.DataFrame:
    """Minutes to the nearest facilities.

    Parameters
    ----------
    costs : DataFrame
        `demand`, `facility`, `minutes`: reached pairs.
    demand : Series
        People by unit id.
    k : int
        1 is the nearest one; 3 tells whether people have a choice.

    Returns
    -------
    DataFrame
        Index as `demand`; `kth_minutes` and `mean_minutes` of the first k. Both are null where fewer than k are reached: a mean
        of two would look better than one of three.

    Raises
    ------
    InputError
        If the table cannot be used or k is below 1.
    """
    if k < 1:
        raise InputError("k must be 1 or more, not {k}.", k=k)
    pairs = number_pairs(costs, demand.index, pd.Index(costs["facility"].unique()))
    order = np.lexsort((pairs.minutes, pairs.unit))
    unit, minutes = pairs.unit[order], pairs.minutes[order]
    rank = np.arange(len(unit)) - np.searchsorted(unit, unit)
    kth = np.full(pairs.units, np.nan)
    kth[unit[rank == k - 1]] = minutes[rank == k - 1]
    first = rank < k
    mean = np.bincount(unit[first], weights=minutes[first], minlength=pairs.units) / k
    return pd.DataFrame({"kth_minutes": kth, "mean_minutes": np.where(np.isnan(kth), np.nan, mean)}, index=demand.index)
