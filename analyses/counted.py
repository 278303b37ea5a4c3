"""Whom a goal counts, and which facilities count for it: the only place that says so.

Belongs here: population (everyone, town, country), group, kinds and flags of units, stops of a mobile service by how often they
call. Whoever needs to know asks here: `run`, `site`, `access`, `isochrones`, `compare`, the checks and the map.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..layers.goals import CircleGoal, PeopleGoal, TimedGoal, Unit
from ..layers.zones import chosen_zones

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
GROUP = "group."


@dataclass(frozen=True)
class Counted:
    """Whom a goal counts in each demand unit.

    Attributes
    ----------
    inside : (n,) bool
        The units whose people the goal is about; everybody else is `excluded`.
    people : (n,) float64
        How many of them; 0 where the unit is not inside, and of a group where it is unknown.
    """

    inside: Flags
    people: Floats


def weight_column(group: str | None) -> str:
    """Return the demand column that a goal about a group counts; None is everyone."""
    return "people" if group is None else GROUP + group


def members(demand: pd.DataFrame, group: str | None) -> Floats:
    """Return the people of a group in each unit: nobody where it is unknown, and never more than there are people.

    Parameters
    ----------
    demand : DataFrame
        `people` and `group.<name>`.
    group : str or None
        None for everyone.
    """
    people: Floats = demand["people"].to_numpy(np.float64)
    if group is None:
        return people
    own: Floats = demand[weight_column(group)].fillna(0).to_numpy(np.float64)
    return np.minimum(own, people)


def whom(
    goal: TimedGoal, demand: pd.DataFrame, zone_of_unit: Mapping[str, pd.Series], zones: Mapping[str, gpd.GeoDataFrame]
) -> Counted:
    """Tell whom a goal counts.

    Parameters
    ----------
    goal : CircleGoal or MixGoal
    demand : DataFrame
        `people`, `group.<name>`, and `urban` (bool) where the goal is about town or country.
    zone_of_unit : mapping of level to Series
        Zone id of each demand unit, null outside.
    zones : mapping of level to GeoDataFrame
        As `layers.zones.read_zones` returns them.
    """
    inside = lives_in(demand, goal.population) & _in_units(len(demand), goal.unit, zone_of_unit, zones)
    return Counted(inside, np.where(inside, members(demand, goal.group), 0.0))


def lives_in(demand: pd.DataFrame, population: str) -> Flags:
    """Tell which units a population holds: `all`, `urban` or `rural`."""
    if population == "all":
        return np.ones(len(demand), bool)
    urban: Flags = demand["urban"].to_numpy(bool)
    return urban if population == "urban" else ~urban


def _in_units(
    count: int, unit: Unit | None, zone_of_unit: Mapping[str, pd.Series], zones: Mapping[str, gpd.GeoDataFrame]
) -> Flags:
    """Tell who lives in the units that a goal is about; a level alone leaves nobody out, kinds and flags do."""
    if unit is None or not (unit.kinds or unit.flag):
        return np.ones(count, bool)
    own = zones[unit.level]
    about: Flags = zone_of_unit[unit.level].isin(own.loc[chosen_zones(own, unit), "zone"]).to_numpy(bool)
    return about


def counts_for(goal: TimedGoal, facilities: pd.DataFrame) -> Flags:
    """Tell which facilities count for a goal: those of its services, and the stops of its mobile service that call often enough.

    Parameters
    ----------
    goal : CircleGoal or MixGoal
    facilities : DataFrame
        `service` and `number.every_days`.
    """
    fixed: Flags = facilities["service"].isin(goal.services).to_numpy(bool)
    stops, often = stops_of(goal, facilities)
    return fixed | (stops & often)


def stops_of(goal: TimedGoal, facilities: pd.DataFrame) -> tuple[Flags, Flags]:
    """Tell which facilities are stops of a goal's mobile service, and which call often enough to count for it.

    A stop that does not say how often it is visited does not count where the goal asks how often.
    """
    nothing = np.zeros(len(facilities), bool)
    if not isinstance(goal, CircleGoal) or goal.mobile is None:
        return nothing, nothing
    stops: Flags = (facilities["service"] == goal.mobile.service).to_numpy(bool)
    if goal.mobile.every_days is None:
        return stops, stops
    if "number.every_days" not in facilities:
        return stops, nothing
    often: Flags = (facilities["number.every_days"] <= goal.mobile.every_days).to_numpy(bool)
    return stops, often


def counted_people(demand: pd.DataFrame, goal: str, group: str | None) -> Floats:
    """Return the people of each unit whom an answered goal counts, as its statuses tell.

    Parameters
    ----------
    demand : DataFrame
        `people`, `group.<name>` and `<goal>.status`.
    goal : str
        Its id.
    group : str or None
        The group the goal is about; None for everyone.

    Returns
    -------
    (n,) float64
        0 where the unit is excluded, and of a group where it is unknown; never more than there are people.
    """
    return np.where(demand[f"{goal}.status"].astype(str) == "excluded", 0.0, members(demand, group))


def counted_in(demand: pd.DataFrame, goal: PeopleGoal | None, *, urban: bool | None = None) -> Floats:
    """Return the people of each unit whom a goal that asks for no travel counts: its population and group.

    Parameters
    ----------
    demand : DataFrame
    goal : PeopleGoal or None
        None for everyone.
    urban : bool or None
        Only town (True) or country (False), whatever the goal's population.
    """
    people = members(demand, None if goal is None else goal.group)
    population = "all" if goal is None else goal.population
    if urban is not None:
        population = "urban" if urban else "rural"
    return np.where(lives_in(demand, population), people, 0.0)


def people_of_groups(demand: pd.DataFrame, goal: str, group: str | None) -> Iterator[tuple[str, Floats]]:
    """Yield the name of each part of a goal's people that the demand tells apart, and how many of it each unit has.

    These are `urban` and `rural`, and the columns `group.<name>`. Of a goal about one group only town and country are told apart:
    nobody knows how many of the group belong to another one, too.

    Parameters
    ----------
    demand : DataFrame
        `people`, `group.<name>`, optional `urban` (bool), and `<goal>.status`.
    goal : str
        Its id.
    group : str or None
        The group the goal is about.
    """
    counted = counted_people(demand, goal, group)
    if "urban" in demand:
        for part in ("urban", "rural"):
            yield part, np.where(lives_in(demand, part), counted, 0.0)
    if group is None:
        for column in demand.columns[demand.columns.str.startswith(GROUP)]:
            yield str(column), counted_people(demand, goal, str(column).removeprefix(GROUP))
