"""The study as it stands and with the plan in place, measured by the coverage code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...analyses.gaps import gap_areas
from ...analyses.scorecard import GoalTable, scorecard_rows
from ...geo.engine.search import Nearest
from ...geo.snapping.snaps import Snaps
from ...layers.goals import CircleGoal
from ..situation.networks import Network
from ..situation.situation import Situation
from .times import nearest_of

Floats = NDArray[np.float64]
COMPARED = ("people", "covered", "share", "median_minutes", "p90_minutes", "facilities")


@dataclass(frozen=True, kw_only=True)
class Judged:
    """Everyone's answer with one set of facilities.

    Attributes
    ----------
    table : GoalTable
    facility : Series (n,)
        Id of the nearest facility, null if none is reached.
    card : DataFrame
        The scorecard.
    gaps : GeoDataFrame
    """

    table: GoalTable
    facility: pd.Series
    card: pd.DataFrame
    gaps: gpd.GeoDataFrame


class Measure:
    """Judges sets of facilities with everything else the same.

    Parameters
    ----------
    situation : Situation
    networks : sequence of Network
    goal : CircleGoal
    """

    def __init__(self, situation: Situation, networks: Sequence[Network], goal: CircleGoal) -> None:
        self.situation, self._networks, self._goal = situation, networks, goal
        self._judge = situation.judge(goal, networks)
        self.people, self.counted = self._judge.people, self._judge.counted.people
        self.settlement = _settlement(situation.demand)
        self.zones = situation.zone_of_unit

    def nearest(self, snaps: Sequence[Snaps]) -> Nearest:
        """Return everyone's nearest of some facilities, by the fastest mode."""
        return nearest_of(self._networks, snaps, self._goal.direction)

    def status(self, minutes: Floats) -> pd.Categorical[str]:
        """Give every unit its status."""
        return self._judge.status(minutes)

    def state(self, goal: CircleGoal, facilities: gpd.GeoDataFrame, nearest: Nearest) -> Judged:
        """Judge facilities.

        Parameters
        ----------
        goal : CircleGoal
            The measured goal under the title of this state.
        facilities : GeoDataFrame
            `facility, name, geometry`; rows as `nearest` names them.
        nearest : Nearest
        """
        ids = facilities["facility"].to_numpy(object)
        named = ids[nearest.facility] if len(ids) else np.full(len(self.people), None, object)
        facility = pd.Series(named, dtype="str").where(nearest.facility >= 0)
        table = replace(self._judge.table(nearest.seconds / 60), goal=goal)
        situation = self.situation
        facility_zones = situation.zones_of(facilities)
        card = scorecard_rows(table, self.zones, situation.zone_names, facility_zones, len(facilities))
        names = dict(zip(facilities["facility"], facilities["name"], strict=True))
        gaps = gap_areas(table, situation.inputs.prints, facility, names).areas
        return Judged(table=table, facility=facility, card=card, gaps=gaps)


def _settlement(table: gpd.GeoDataFrame) -> dict[str, NDArray[np.bool_]]:
    """Which units are urban and which rural, where the study tells them apart."""
    if "urban" not in table:
        return {}
    urban = table["urban"].to_numpy(bool)
    return {"urban": urban, "rural": ~urban}


def compare_states(before: Judged, after: Judged) -> pd.DataFrame:
    """Lay the scorecards side by side.

    Returns
    -------
    DataFrame
        `level, unit, name`, COMPARED before and after, and `gained` (people newly covered, less those who lost it).
    """
    keys = ["level", "unit", "name"]
    sides = [state.card[[*keys, *COMPARED]].reset_index(drop=True) for state in (before, after)]
    people = sides[0]["people"] - before.card["excluded"].to_numpy(float)
    table = sides[0][keys].assign(people=people)
    for key in COMPARED[1:]:
        table[f"{key}_before"], table[f"{key}_after"] = sides[0][key], sides[1][key]
    return table.assign(gained=table["covered_after"] - table["covered_before"])


def demand_columns(judged: Judged, zones: Mapping[str, pd.Series], snaps: Mapping[str, Floats]) -> dict[str, object]:
    """Return the columns that a run's demand table has."""
    goal = judged.table.goal.id
    return {
        **{f"zone.{level}": ids.to_numpy() for level, ids in zones.items()},
        **snaps,
        f"{goal}.minutes": judged.table.minutes,
        f"{goal}.status": judged.table.status,
        f"{goal}.facility": judged.facility.to_numpy(),
    }
