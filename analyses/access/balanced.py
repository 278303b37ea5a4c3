"""BFCA: floating catchments that count every person, and every facility's level of service, once."""

from __future__ import annotations

from typing import Any

import pandas as pd

from .costs import capacity_of, number_pairs, people_of
from .decay import Decay
from .floating_catchment import shares, two_steps


def balanced(costs: pd.DataFrame, demand: pd.Series[Any], supply: pd.Series[Any], *, decay: Decay) -> pd.Series[Any]:
    """Balanced floating catchment area (Paez, Higgins & Vivona 2019, PLoS ONE 14: "Demand and level of service inflation").

    L_j = S_j / sum over k of P_k w_kj / w_k. ;  A_i = sum over j of L_j w_ij / w_.j, where w_k. and w_.j are the sums of the
    weights of a unit and of a facility. So the demand of all facilities adds up to the people who reach any, and the access of
    all units adds up to the L_j of all facilities. It is not the sum of access x people that is kept here: access is the level of
    service a unit gets a part of, and a unit cut into two gets two half parts. Compare units of like kind only.

    Parameters
    ----------
    costs, demand, supply
        As in `two_step`.
    decay : function of minutes

    Returns
    -------
    Series
        Level of service; index as `demand`. 0 where nothing is reached, which is true.
    """
    pairs = number_pairs(costs, demand.index, supply.index)
    weights = decay(pairs.minutes)
    asking = shares(weights, pairs.per_unit(weights)[pairs.unit])
    receiving = shares(weights, pairs.per_facility(weights)[pairs.facility])
    access = two_steps(pairs, people_of(demand), capacity_of(supply), asking, receiving)
    return pd.Series(access, index=demand.index, name="bfca")
