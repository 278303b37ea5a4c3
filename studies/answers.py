"""The answers of a study while they are computed, goal by goal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..analyses.coverage import coverage
from ..analyses.gaps import gap_areas
from ..analyses.scorecard import GoalTable, scorecard_rows
from ..geo.modes import TravelMode
from ..geo.snapping import UNCONNECTED, Snaps, join_snaps
from ..layers.footprints import Footprints
from ..layers.goals import CircleGoal
from ..layers.units import unit_points
from ..layers.zones import assign_zones
from .inputs import Inputs, included
from .messages import Say
from .networks import Network, component_table, describe_network, snap_audit, travel_times
from .record import Record


class Audit(NamedTuple):
    """Tables for those who check: odd snaps, and the separate parts of each network."""

    snaps: pd.DataFrame
    components: pd.DataFrame


class Answers:
    """Collects what every goal gives; the tables are put together at the end."""

    def __init__(self, inputs: Inputs, prints: Footprints, record: Record, say: Say) -> None:
        self._inputs, self._prints, self._record, self._say = inputs, prints, record, say
        self._table = inputs.demand.table
        self.points = unit_points(self._table.geometry)
        self._zones = {level: assign_zones(*self.points, zone) for level, zone in inputs.zones.items()}
        self._zone_names = {level: zone.set_index("zone")["name"] for level, zone in inputs.zones.items()}
        self._columns: dict[str, Any] = {f"zone.{level}": ids.to_numpy() for level, ids in self._zones.items()}
        self._scorecard: list[pd.DataFrame] = []
        self._gaps: list[gpd.GeoDataFrame] = []
        self._snaps: list[pd.DataFrame] = []
        self._components: list[pd.DataFrame] = []
        self._note_outside()

    def add_network(self, network: Network) -> None:
        """Note what a mode's network is made of and how people met it."""
        mode = network.graph.mode
        self._record.counts.setdefault("networks", {})[mode_name(mode, self._say)] = describe_network(network.graph)
        if not np.isnan(network.graph.imputed_share):
            self._record.note(self._say("note.imputed", share=network.graph.imputed_share, table=mode.speeds))
        self._snaps.append(snap_audit(network.people, self._table["id"], kind="demand", mode=mode.kind))
        self._columns.setdefault("snap_metres", network.people.connector_metres)

    def add_goal(self, goal: CircleGoal, network: Network) -> Snaps:
        """Answer one goal; returns where its facilities met the streets."""
        name = goal.name(self._say.language)
        with self._record.stage(self._say("stage.times", goal=name)):
            nearest, snaps, ids = travel_times(network, self._inputs, goal)
        self._snaps.append(snap_audit(snaps, ids, kind="facility", mode=goal.mode))
        facility = pd.Series(ids.to_numpy(object)[nearest.facility] if len(ids) else None, index=self._table.index, dtype="str")
        facility = facility.where(nearest.facility >= 0)
        with self._record.stage(self._say("stage.judge", goal=name)):
            self._judge(goal, network, nearest.seconds / 60, facility)
        return snaps

    def add_components(self, network: Network, facilities: Sequence[Snaps]) -> None:
        """List the parts of a mode's network with the people and the facilities (of all services) on each."""
        first = np.cumsum([0, *(snaps.places for snaps in facilities)])
        total = int(first[-1])
        numbered = [
            replace(snaps, owner=snaps.owner + at, places=total) for snaps, at in zip(facilities, first[:-1], strict=True)
        ]
        people = self._table["people"].to_numpy(float)
        self._components.append(component_table(network, people, join_snaps(numbered), network.graph.mode.kind))

    def _judge(self, goal: CircleGoal, network: Network, minutes: NDArray[np.float64], facility: pd.Series) -> None:
        judged = self._goal_table(goal, network, minutes)
        self._columns |= {
            f"{goal.id}.minutes": judged.minutes,
            f"{goal.id}.status": judged.status,
            f"{goal.id}.facility": facility.to_numpy(),
        }
        mine = self._inputs.facilities.loc[self._inputs.facilities["service"] == goal.service]
        points = unit_points(mine.geometry) if len(mine) else (np.empty(0), np.empty(0))
        facility_zones = {level: assign_zones(*points, zone) for level, zone in self._inputs.zones.items()}
        self._scorecard.append(scorecard_rows(judged, self._zones, self._zone_names, facility_zones, len(mine)))
        self._gaps.append(gap_areas(judged, self._prints, facility, dict(zip(mine["facility"], mine["name"], strict=True))).areas)

    def _goal_table(self, goal: CircleGoal, network: Network, minutes: NDArray[np.float64]) -> GoalTable:
        """Give every unit its status for a goal."""
        inside = included(self._table, goal.population)
        people = self._table["people"].to_numpy(float)
        members = people if goal.group is None else self._table[f"group.{goal.group}"].fillna(0).to_numpy(float)
        return GoalTable(
            goal=goal,
            people=people,
            counted=np.where(inside, np.minimum(members, people), 0.0),
            minutes=minutes,
            status=coverage(minutes, network.people.status != UNCONNECTED, inside, goal.minutes),
        )

    def _note_outside(self) -> None:
        people = self._table["people"]
        for level, ids in self._zones.items():
            outside = float(people[ids.isna().to_numpy()].sum())
            if ids.isna().all():
                self._record.note(self._say("note.all_outside_zones", level=level))
            elif outside > 0:
                self._record.note(self._say("note.outside_zones", people=outside, level=level))

    def demand(self, goals: Sequence[CircleGoal]) -> gpd.GeoDataFrame:
        """Return the demand with the answers of all goals, in the order of the study whatever order they came in."""
        keys = [f"{goal.id}.{part}" for goal in goals for part in ("minutes", "status", "facility")]
        rest = [key for key in self._columns if key not in keys]
        return self._table.assign(**{key: self._columns[key] for key in [*rest, *keys]})

    def scorecard(self, goals: Sequence[CircleGoal]) -> pd.DataFrame:
        """Return the rows of all goals, in the order of the study."""
        rows = pd.concat(self._scorecard, ignore_index=True)
        order = {goal.id: position for position, goal in enumerate(goals)}
        return rows.sort_values("goal", key=lambda ids: ids.map(order), kind="stable", ignore_index=True)

    def gaps(self) -> gpd.GeoDataFrame:
        """Return the gaps of all goals."""
        return gpd.GeoDataFrame(pd.concat(self._gaps, ignore_index=True), geometry="geometry", crs="EPSG:4326")

    def audit(self) -> Audit:
        """Return the tables for those who check."""
        return Audit(pd.concat(self._snaps, ignore_index=True), pd.concat(self._components, ignore_index=True))


def mode_name(mode: TravelMode, say: Say) -> str:
    """Say a mode with its speed."""
    speed = f" {mode.speed_kmh:g} km/h" if mode.speed_kmh else f" ({mode.speeds})"
    return say(f"mode.{mode.kind}") + speed
