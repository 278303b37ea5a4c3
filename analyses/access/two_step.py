"""2SFCA: capacity per person, shared by everyone within a limit of the facility."""

from __future__ import annotations

from typing import Any

import pandas as pd

from .costs import capacity_of, number_pairs, people_of
from .decay import Decay, binary
from .floating_catchment import two_steps


def two_step(costs: pd.DataFrame, demand: pd.Series[Any], supply: pd.Series[Any], *, minutes: float) -> pd.Series[Any]:
    """Two-step floating catchment area.

    R_j = S_j / sum of P_k within the limit of j;  A_i = sum of R_j within the limit of i. Radke & Mu 2000 (Geographic Information
    Sciences 6), Luo & Wang 2003 (Environment and Planning B 30).

    Parameters
    ----------
    costs : DataFrame
        `demand`, `facility`, `minutes`: reached pairs, at least up to the limit.
    demand : Series
        People by unit id.
    supply : Series
        Capacity by facility id.
    minutes : float
        Inclusive limit.

    Returns
    -------
    Series
        Capacity per person; index as `demand`. 0 where no facility is reached, which is true; null where nobody lives and no one
        else shares the facility. The sum of access x people is the capacity of the facilities somebody reaches.

    Raises
    ------
    InputError
        If the table cannot be used, or people or a capacity are missing.
    """
    return weighted_two_step(costs, demand, supply, decay=binary(minutes)).rename("2sfca")


def weighted_two_step(costs: pd.DataFrame, demand: pd.Series[Any], supply: pd.Series[Any], *, decay: Decay) -> pd.Series[Any]:
    """Two-step floating catchment area with any decay: people ask, and receive, less the farther away they live.

    R_j = S_j / sum over k of P_k f(t_kj);  A_i = sum over j of R_j f(t_ij).

    Parameters
    ----------
    costs, demand, supply
        As in `two_step`.
    decay : function of minutes

    Returns
    -------
    Series
        As in `two_step`.
    """
    pairs = number_pairs(costs, demand.index, supply.index)
    weights = decay(pairs.minutes)
    access = two_steps(pairs, people_of(demand), capacity_of(supply), weights, weights)
    return pd.Series(access, index=demand.index, name="weighted_2sfca")
