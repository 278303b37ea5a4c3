"""One study, read: the only way from its file to whom a goal counts, what counts for it, and who gets there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ...analyses.counted import Counted, counts_for, whom
from ...analyses.coverage import coverage
from ...analyses.scorecard import GoalTable
from ...geo.errors import StudyError
from ...geo.modes import TravelMode
from ...geo.snapping.chosen import is_connected
from ...layers.goals import TimedGoal
from ...layers.units import unit_points
from ...layers.zones import assign_zones
from ..file.goal_mode import goal_mode
from ..file.study import Study
from ..folder.record import Record
from ..speech.messages import Say
from ..speech.terminal import show
from ..warm_up import needs_compiling
from .inputs import Inputs, read_inputs, study_area
from .journeys import Journeys
from .networks import Network, NetworkBuilder, mode_name
from .unused import tell_unused, unused_landings

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Judge:
    """Turns travel times into statuses, for one goal.

    Attributes
    ----------
    goal : CircleGoal or MixGoal
    people : (n,) float64
        Everyone, by demand unit.
    counted : Counted
    connected : (n,) bool
        The units with a street within the snap cap.
    """

    goal: TimedGoal
    people: Floats
    counted: Counted
    connected: Flags

    def status(self, minutes: Floats) -> pd.Categorical[str]:
        """Give every unit its status."""
        return coverage(minutes, self.connected, self.counted.inside, self.goal.minutes)

    def table(self, minutes: Floats) -> GoalTable:
        """Give every unit its status, and put it with whom the goal counts there."""
        return GoalTable(
            goal=self.goal, people=self.people, counted=self.counted.people, minutes=minutes, status=self.status(minutes)
        )


class Situation:
    """A study's inputs, and what every command asks of them.

    Parameters
    ----------
    study : Study
    inputs : Inputs
    record : Record
        Of the command that asks.
    say : Say
    """

    def __init__(self, study: Study, inputs: Inputs, record: Record, say: Say) -> None:
        self.study, self.inputs, self.record, self.say = study, inputs, record, say
        self._told: set[str] = set()  # kinds of modes whose ferries were told

    @property
    def demand(self) -> gpd.GeoDataFrame:
        """One row per demand unit."""
        return self.inputs.demand.table

    @property
    def facilities(self) -> gpd.GeoDataFrame:
        """Those of all services."""
        return self.inputs.facilities

    @cached_property
    def points(self) -> tuple[Floats, Floats]:
        """Where the demand units are snapped from, degrees."""
        return unit_points(self.demand.geometry)

    @cached_property
    def zone_of_unit(self) -> Mapping[str, pd.Series]:
        """Zone id of every demand unit per level, null outside."""
        return {level: assign_zones(*self.points, zones) for level, zones in self.inputs.zones.items()}

    @cached_property
    def zone_names(self) -> Mapping[str, pd.Series]:
        """Name of every zone per level, by its id."""
        return {level: zones.set_index("zone")["name"] for level, zones in self.inputs.zones.items()}

    def zones_of(self, facilities: gpd.GeoDataFrame) -> Mapping[str, pd.Series]:
        """Return the zone id of facilities per level, null outside; index as `facilities`."""
        points = unit_points(facilities.geometry) if len(facilities) else (np.empty(0), np.empty(0))
        return {level: assign_zones(*points, zones).set_axis(facilities.index) for level, zones in self.inputs.zones.items()}

    @cached_property
    def zone_of_facility(self) -> Mapping[str, pd.Series]:
        """Zone id of every facility per level."""
        return self.zones_of(self.facilities)

    def counted(self, goal: TimedGoal) -> Counted:
        """Tell whom a goal counts in each demand unit."""
        return whom(goal, self.demand, self.zone_of_unit, self.inputs.zones)

    def facilities_of(self, goal: TimedGoal) -> gpd.GeoDataFrame:
        """Return the facilities that count for a goal; the index is that of all facilities."""
        return self.facilities.loc[counts_for(goal, self.facilities)]

    def mode_of(self, goal: TimedGoal) -> TravelMode:
        """Return how people travel for a goal."""
        return goal_mode(goal, self.study.modes)

    def networks(self, modes: Iterable[TravelMode]) -> Iterator[tuple[TravelMode, Network]]:
        """Yield the network of each mode with everyone on it; only one is in memory as long as the asker lets go of the last."""
        builder = NetworkBuilder(self.inputs.extract.streets, self.inputs.heights, *self.points)
        for mode in modes:
            with self.record.stage(self.say("stage.network", mode=mode_name(mode, self.say))):
                network = builder.build(mode)
            if mode.kind not in self._told:  # at other speeds they are the same
                self._told.add(mode.kind)
                tell_unused(unused_landings(network.graph), self.record, self.say)
            yield mode, network
            del network

    def journeys(self, network: Network) -> Journeys:
        """Return the ways of everyone over a network."""
        return Journeys(network, self.facilities)

    def judge(self, goal: TimedGoal, networks: Sequence[Network]) -> Judge:
        """Return what gives every unit its status for a goal that any of some networks may meet."""
        connected: Flags = np.logical_or.reduce([is_connected(network.people) for network in networks])
        return Judge(goal, self.demand["people"].to_numpy(float), self.counted(goal), connected)

    @cached_property
    def in_area(self) -> Flags:
        """The units of the study area: all of them unless the study was read whole."""
        if self.study.area is None:
            return np.ones(len(self.demand), bool)
        inside: Flags = shapely.intersects_xy(study_area(self.study.area), *self.points)
        if not inside.any():
            raise StudyError(self.say("check.area_apart", file=self.study.area.file.name) + " " + self.say("check.area_apart.do"))
        return inside


def reading_stages(study: Study) -> int:
    """Foresee how many stages there are until a study is read."""
    return 2 + bool(study.streets) + (study.elevation is not None)


def read_situation(study: Study, folder: Path, record: Record, say: Say, *, whole: bool = False) -> Situation:
    """Read everything a study names; the cache of its streets lies in `folder`.

    Parameters
    ----------
    study : Study
    folder : Path
    record : Record
    say : Say
    whole : bool
        Keep the people outside the study area, who compete for its facilities; `Situation.in_area` tells them apart.
    """
    if needs_compiling():
        show(record.teller.console, say("progress.compiling"), style="dim")
    asked = study.model_copy(update={"area": None}) if whole else study
    return Situation(study, read_inputs(asked, folder, record, say), record, say)
