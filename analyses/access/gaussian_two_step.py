"""Gaussian 2SFCA: 2SFCA with a smooth decay that ends at the limit."""

from __future__ import annotations

from typing import Any

import pandas as pd

from .decay import bounded_gaussian
from .two_step import weighted_two_step


def gaussian_two_step(costs: pd.DataFrame, demand: pd.Series[Any], supply: pd.Series[Any], *, minutes: float) -> pd.Series[Any]:
    """Gaussian two-step floating catchment area (Dai 2010, Health & Place 16).

    Parameters
    ----------
    costs, demand, supply
        As in `two_step`.
    minutes : float
        Where the weight has fallen to 0. A facility exactly there counts nothing, unlike in `two_step`.

    Returns
    -------
    Series
        Capacity per person, as in `two_step`.
    """
    return weighted_two_step(costs, demand, supply, decay=bounded_gaussian(minutes)).rename("g2sfca")
