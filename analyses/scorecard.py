"""The scorecard: one row per goal, level and unit, and one for everyone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..layers.goals import CircleGoal
from .coverage import people_by_status

COLUMNS = (
    "goal", "level", "unit", "name", "people", "covered", "beyond", "cut_off", "unconnected", "excluded",
    "share", "target", "met", "median_minutes", "p90_minutes", "facilities",
)  # fmt: skip
OUTSIDE = ""  # unit of the people who live in no zone of a level

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class GoalTable:
    """What the scorecard needs to know of one goal.

    Attributes
    ----------
    goal : CircleGoal
    people, counted, minutes : (n,) float64
        Everyone in each unit, those the goal is about, and their travel time (NaN if none).
    status : Categorical
    """

    goal: CircleGoal
    people: Floats
    counted: Floats
    minutes: Floats
    status: pd.Categorical[str]


def scorecard_rows(
    table: GoalTable,
    unit_zones: Mapping[str, pd.Series],
    zone_names: Mapping[str, pd.Series],
    facility_zones: Mapping[str, pd.Series],
    facilities: int,
) -> pd.DataFrame:
    """Judge one goal for everyone and for every zone of every level.

    Parameters
    ----------
    table : GoalTable
    unit_zones : mapping of level to Series (n,)
        Zone id of each demand unit, null outside.
    zone_names : mapping of level to Series
        Name by zone id, in the order of the zones.
    facility_zones : mapping of level to Series
        Zone id of each facility of the goal's service, null outside.
    facilities : int
        How many facilities the goal's service has, those outside all zones included.

    Returns
    -------
    DataFrame
        COLUMNS. People outside all zones of a level have a row of their own, so that every level adds up to everyone.
    """
    everyone = np.arange(len(table.people))
    rows = [_row(table, everyone, "all", "all", "", facilities)]
    for level, zones in unit_zones.items():
        members = {
            key: np.sort(at) for key, at in zones.fillna(OUTSIDE).groupby(zones.fillna(OUTSIDE).to_numpy()).indices.items()
        }
        counts = facility_zones[level].value_counts()
        for zone, name in zone_names[level].items():
            own = members.get(zone, everyone[:0])
            rows.append(_row(table, own, level, str(zone), "" if pd.isna(name) else str(name), int(counts.get(zone, 0))))
        if OUTSIDE in members:
            outside = int(facility_zones[level].isna().sum())
            rows.append(_row(table, members[OUTSIDE], level, OUTSIDE, "", outside))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(table: GoalTable, at: NDArray[np.int64], level: str, unit: str, name: str, facilities: int) -> tuple[object, ...]:
    sums = people_by_status(table.people[at], table.counted[at], table.status[at])
    people = float(table.people[at].sum())
    in_goal = people - sums["excluded"]
    share = sums["covered"] / in_goal if in_goal > 0 else None
    target = table.goal.target
    met = None if target is None or share is None else share >= target
    median, p90 = weighted_quantiles(
        table.minutes[at], np.where(table.status[at] == "excluded", 0, table.counted[at]), (0.5, 0.9)
    )
    return (
        table.goal.id, level, unit, name, people, sums["covered"], sums["beyond"], sums["cut-off"], sums["unconnected"],
        sums["excluded"], share, target, met, median, p90, facilities,
    )  # fmt: skip


def weighted_quantiles(values: Floats, weights: Floats, shares: tuple[float, ...]) -> list[float | None]:
    """Return the smallest value within which each share of the weight lies; None where nothing has weight.

    Missing values take no part: these are quantiles of the people who reach a facility at all.
    """
    use = ~np.isnan(values) & (weights > 0)
    if not use.any():
        return [None] * len(shares)
    order = np.argsort(values[use], kind="stable")
    running = np.cumsum(weights[use][order])
    at = np.searchsorted(running, np.array(shares) * running[-1] * (1 - 1e-12))
    return [float(value) for value in values[use][order][at]]
