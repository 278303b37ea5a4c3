"""Capacity: what a facility offers (beds, seats, doctors); unknown is never 1 unless somebody says so."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ...geo.errors import InputError


def with_default(supply: pd.Series[Any], default_capacity: float) -> pd.Series[Any]:
    """Give the facilities without a capacity the one the user states.

    Parameters
    ----------
    supply : Series
        Capacity by facility id, NaN where unknown.
    default_capacity : float
        For those; 0 or more.

    Raises
    ------
    InputError
        If the default is no capacity.
    """
    if not (np.isfinite(default_capacity) and default_capacity >= 0):
        raise InputError("the default capacity {default_capacity:g} is no number from 0 up.", default_capacity=default_capacity)
    return supply.astype(np.float64).fillna(default_capacity)
