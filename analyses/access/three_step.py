"""3SFCA: people split their demand over the facilities they reach before they compete."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from .costs import capacity_of, number_pairs, people_of
from .decay import WAN, step
from .floating_catchment import shares, two_steps


def three_step(
    costs: pd.DataFrame, demand: pd.Series[Any], supply: pd.Series[Any], *, weights: Mapping[float, float] = WAN
) -> pd.Series[Any]:
    """Three-step floating catchment area (Wan, Zou & Sternberg 2012, Int. J. Geographical Information Science 26).

    G_ij = w_ij / sum over k of w_ik (who goes where);  R_j = S_j / sum over k of P_k G_kj w_kj;
    A_i = sum over j of R_j G_ij w_ij. The weight stands twice in each sum: reviewers call it a double impedance. Use it to
    compare with older studies.

    Parameters
    ----------
    costs, demand, supply
        As in `two_step`.
    weights : mapping of upper limit in minutes to weight
        Default 0.962, 0.704, 0.377 and 0.042 within 10, 20, 30 and 60 minutes.

    Returns
    -------
    Series
        Capacity per person, as in `two_step`.
    """
    pairs = number_pairs(costs, demand.index, supply.index)
    weight = step(weights)(pairs.minutes)
    twice = weight * shares(weight, pairs.per_unit(weight)[pairs.unit])
    access = two_steps(pairs, people_of(demand), capacity_of(supply), twice, twice)
    return pd.Series(access, index=demand.index, name="3sfca")
