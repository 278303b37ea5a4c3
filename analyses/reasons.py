"""Why a gap is a gap, and what would close it: one typed reason from plain facts, no sentence and no network."""

from __future__ import annotations

from typing import Final, Literal, get_args

import numpy as np
import pandas as pd

Reason = Literal["no_street", "cut_off", "just_over", "ferry", "slope", "excluded", "detour", "border", "too_few"]
REASONS: Final[tuple[Reason, ...]] = get_args(Reason)

JUST_OVER_SHARE: Final = 1.2  # within a fifth of the limit: rounding, a crossing or another walking speed would tip it
USUAL_DETOUR: Final = 1.3  # streets over straight line in built-up areas; the literature's usual figure


def reasons(facts: pd.DataFrame) -> pd.Series:
    """Give every gap exactly one reason: the first of REASONS that holds.

    Parameters
    ----------
    facts : DataFrame
        One row per gap, seen from the unit in its middle; missing where a fact does not apply:

        - `status` : beyond, cut-off or unconnected
        - `limit_minutes`
        - `minutes` : from the middle to the nearest facility
        - `pass_minutes` : limit at which nine in ten of the gap's people would be covered
        - `route_metres` : along the route to that facility, connectors included
        - `line_metres` : to the facility nearest in a straight line
        - `ferry_minutes` : of the route, boarding and waiting included
        - `flat_minutes` : the same route's time if the land were flat
        - `excluded_minutes` : to the nearest facility that does not count (a mobile service's stop that it visits too rarely)
        - `across` : whether the nearest facility lies in another zone of the coarsest level

    Returns
    -------
    Series of str
    """
    limit, minutes = facts["limit_minutes"], facts["minutes"]
    ferry = facts["ferry_minutes"].fillna(0.0)
    metres_per_minute = facts["route_metres"] / minutes.where(minutes > 0)
    by_line = facts["line_metres"] * USUAL_DETOUR / metres_per_minute
    tests: dict[Reason, pd.Series] = {
        "no_street": facts["status"] == "unconnected",
        "cut_off": facts["status"] == "cut-off",
        "just_over": facts["pass_minutes"] <= JUST_OVER_SHARE * limit,
        "ferry": (ferry > 0) & (minutes - ferry <= limit),
        "slope": facts["flat_minutes"] <= limit,
        "excluded": facts["excluded_minutes"] <= limit,
        "detour": by_line <= limit,
        "border": facts["across"].fillna(False).astype(bool),
    }
    holds = [np.asarray(test.fillna(False), bool) for test in tests.values()]
    return pd.Series(np.select(holds, list(tests), "too_few"), index=facts.index, dtype="str")
