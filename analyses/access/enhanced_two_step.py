"""E2SFCA: 2SFCA in zones, so that close facilities count more than those at the edge of the catchment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from .decay import LUO_QI, step
from .two_step import weighted_two_step


def enhanced_two_step(
    costs: pd.DataFrame, demand: pd.Series[Any], supply: pd.Series[Any], *, weights: Mapping[float, float] = LUO_QI
) -> pd.Series[Any]:
    """Enhanced two-step floating catchment area (Luo & Qi 2009, Health & Place 15).

    Parameters
    ----------
    costs, demand, supply
        As in `two_step`.
    weights : mapping of upper limit in minutes to weight
        Default 1, 0.68 and 0.22 within 10, 20 and 30 minutes; `decay.scaled` stretches them to another limit.

    Returns
    -------
    Series
        Capacity per person, as in `two_step`.
    """
    return weighted_two_step(costs, demand, supply, decay=step(weights)).rename("e2sfca")
