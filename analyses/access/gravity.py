"""Gravity: all capacity, each facility counting less the farther away it is."""

from __future__ import annotations

from typing import Any

import pandas as pd

from .costs import capacity_of, number_pairs
from .decay import Decay


def gravity(costs: pd.DataFrame, demand: pd.Series[Any], supply: pd.Series[Any], *, decay: Decay) -> pd.Series[Any]:
    """Add up capacity weighted by decay: A_i = sum over j of S_j f(t_ij).

    Hansen 1959 (J. American Institute of Planners 25). With a binary decay it is `cumulative_capacity`.

    Parameters
    ----------
    costs : DataFrame
        `demand`, `facility`, `minutes`: reached pairs, as far as the decay is worth counting.
    demand : Series
        People by unit id.
    supply : Series
        Capacity by facility id.
    decay : function of minutes

    Returns
    -------
    Series
        Index as `demand`; 0 where nothing is reached, which is true. Nobody competes here.

    Raises
    ------
    InputError
        If the table cannot be used or a capacity is missing.
    """
    pairs = number_pairs(costs, demand.index, supply.index)
    values = capacity_of(supply)[pairs.facility] * decay(pairs.minutes)
    return pd.Series(pairs.per_unit(values), index=demand.index, name="gravity")
