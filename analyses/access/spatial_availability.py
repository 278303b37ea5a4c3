"""Spatial availability: the part of the whole supply that is there for each unit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ...geo.errors import InputError
from .costs import capacity_of, number_pairs, people_of
from .decay import Decay
from .floating_catchment import shares


def spatial_availability(
    costs: pd.DataFrame, demand: pd.Series[Any], supply: pd.Series[Any], *, decay: Decay, alpha: float = 1.0
) -> pd.Series[Any]:
    """Divide every facility among the units by people and nearness.

    V_i = sum over j of S_j P_i^alpha f(t_ij) / sum over k of P_k^alpha f(t_kj): the product of the paper's population and
    impedance factors, whose own sums cancel. Soukhov, Paez, Higgins & Mohamed 2023 (PLoS ONE 18). With alpha = 1 availability
    per person is the weighted 2SFCA with the same decay.

    Parameters
    ----------
    costs, demand, supply
        As in `two_step`.
    decay : function of minutes
    alpha : float
        Above 1 large places draw more than their share.

    Returns
    -------
    Series
        Capacity (not per person); index as `demand`. The sum is the capacity of the facilities somebody reaches. 0 where nothing
        is reached or nobody lives, which is true.
    """
    if not alpha > 0:
        raise InputError("alpha must be above 0, not {alpha:g}.", alpha=alpha)
    pairs = number_pairs(costs, demand.index, supply.index)
    people = people_of(demand)
    # Only ratios count, so the largest unit is 1: alpha cannot drive numbers out of range.
    size = (people / max(float(people.max(initial=0.0)), np.finfo(float).tiny)) ** alpha
    pull = size[pairs.unit] * decay(pairs.minutes)
    parts = shares(pull, pairs.per_facility(pull)[pairs.facility])
    available = pairs.per_unit(capacity_of(supply)[pairs.facility] * parts)
    return pd.Series(available, index=demand.index, name="spatial_availability")
