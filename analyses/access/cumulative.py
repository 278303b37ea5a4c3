"""Cumulative opportunities: how many facilities, or how much capacity, lie within a limit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ...geo.errors import InputError
from .costs import Floats, Pairs, capacity_of, number_pairs


def cumulative_count(costs: pd.DataFrame, demand: pd.Series[Any], *, limits: Sequence[float]) -> pd.DataFrame:
    """Count the facilities within limits.

    Parameters
    ----------
    costs : DataFrame
        `demand`, `facility`, `minutes`: reached pairs, at least up to the largest limit.
    demand : Series
        People by unit id.
    limits : sequence of float
        Minutes, inclusive.

    Returns
    -------
    DataFrame
        Index as `demand`, one column per limit. Nobody competes here: everyone counts every facility they reach. A unit that
        reaches none has 0, which is true.

    Raises
    ------
    InputError
        If the table cannot be used or there is no limit.
    """
    pairs = number_pairs(costs, demand.index, pd.Index(costs["facility"].unique()))
    return _within(pairs, np.ones(len(pairs.unit)), limits, demand)


def cumulative_capacity(
    costs: pd.DataFrame, demand: pd.Series[Any], supply: pd.Series[Any], *, limits: Sequence[float]
) -> pd.DataFrame:
    """Add up the capacity within limits.

    Parameters
    ----------
    costs, demand, limits
        As in `cumulative_count`.
    supply : Series
        Capacity by facility id.

    Returns
    -------
    DataFrame
        Index as `demand`, one column per limit; 0 where nothing is reached.

    Raises
    ------
    InputError
        If the table cannot be used, there is no limit or a capacity is missing.
    """
    pairs = number_pairs(costs, demand.index, supply.index)
    return _within(pairs, capacity_of(supply)[pairs.facility], limits, demand)


def _within(pairs: Pairs, values: Floats, limits: Sequence[float], demand: pd.Series[Any]) -> pd.DataFrame:
    if not limits or not all(limit > 0 for limit in limits):
        raise InputError("the limits {limits} must be minutes above 0, at least one.", limits=list(limits))
    columns = {limit: pairs.per_unit(values * (pairs.minutes <= limit)) for limit in limits}
    return pd.DataFrame(columns, index=demand.index)
