"""The answers of a study while they are computed, goal by goal."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...analyses.gaps import COLUMNS, gap_areas, with_groups
from ...analyses.scorecard import GoalTable, joined, scorecard_rows, variant_name, with_details
from ...geo.errors import TooLargeError
from ...geo.snapping.chosen import numbered_on
from ...layers.goals import TimedGoal
from ...maps.percent import short_percent
from ..situation.journeys import Journeys
from ..situation.networks import Network, component_table, describe_network, mode_name, people_by_class, snap_audit, snap_columns
from ..situation.situation import Situation
from ..speech.rooms_text import translate
from .explaining import Explainer
from .rings import MOST_FACILITIES, draws_rings, goal_rings

Floats = NDArray[np.float64]


class Audit(NamedTuple):
    """Tables for those who check: odd snaps, and the separate parts of each network."""

    snaps: pd.DataFrame
    components: pd.DataFrame


class Answers:
    """Collects what every goal gives; the tables are put together at the end."""

    def __init__(self, situation: Situation) -> None:
        self._situation, self._inputs = situation, situation.inputs
        self._record, self._say = situation.record, situation.say
        self._table = situation.demand
        self._columns: dict[str, Any] = {f"zone.{level}": ids.array for level, ids in situation.zone_of_unit.items()}
        self._connectors: dict[str, Floats] = {}
        self._scorecard: list[pd.DataFrame] = []
        self._variants: list[pd.DataFrame] = []
        self._gaps: list[gpd.GeoDataFrame] = []
        self._rings: list[gpd.GeoDataFrame] = []
        self._snaps: list[pd.DataFrame] = []
        self._components: list[pd.DataFrame] = []
        self._explainer = Explainer(situation)
        self._note_outside()
        self._note_blank_groups()

    def add_network(self, network: Network) -> None:
        """Note what a mode's network is made of and how people met it."""
        mode = network.graph.mode
        people, name = self._table["people"].to_numpy(float), mode_name(mode, self._say)
        snapped = people_by_class(network.people, people)
        self._record.counts.setdefault("networks", {})[name] = {**describe_network(network.graph), "people_by_snap": snapped}
        if snapped["second"] or snapped["third"] or snapped["none"]:
            self._record.note(self._say("note.snaps", mode=name, **snapped))
        if not np.isnan(network.graph.imputed_share):
            self._record.note(
                self._say("note.imputed", share=short_percent(network.graph.imputed_share, digits=1), table=mode.speeds)
            )
        self._snaps.append(snap_audit(network.people, self._table["id"], kind="demand", mode=mode.kind, people=people))
        nearest = self._connectors.get(mode.kind, np.nan)
        self._connectors[mode.kind] = np.fmin(nearest, network.people.connector_metres)

    def add_goal(self, goal: TimedGoal, journeys: Journeys) -> None:
        """Answer one goal for every unit and every zone."""
        name = goal.name(self._say.language)
        with self._record.stage(self._say("stage.times", goal=name)):
            journey = journeys.of_goal(goal)
        with self._record.stage(self._say("stage.judge", goal=name)):
            judged = self._situation.judge(goal, [journeys.network]).table(journey.minutes)
            facility = pd.Series(journey.facility, index=self._table.index, dtype="str")
            self._columns |= {
                f"{goal.id}.minutes": journey.minutes,
                f"{goal.id}.status": judged.status,
                f"{goal.id}.facility": facility.array,  # not an object per unit
            }
            self._scorecard.append(self._rows(goal, judged))
            mine = self._situation.facilities_of(goal)
            names = dict(zip(mine["facility"], mine["name"], strict=True))
            gaps = with_groups(gap_areas(judged, self._inputs.prints, facility, names), self._groups)
        with self._record.stage(self._say("stage.explain", goal=name)):
            self._gaps.append(self._explainer.explain(goal, judged, gaps, journeys.network))
        if draws_rings(goal):
            with self._record.stage(self._say("stage.rings", goal=name)):
                self._draw_rings(goal, name, journeys.network)

    def _draw_rings(self, goal: TimedGoal, name: str, network: Network) -> None:
        """Draw the rings of a goal's facilities where that is cheap; the run goes on without them."""
        mine = self._situation.facilities_of(goal)
        if len(mine) > MOST_FACILITIES:
            self._record.note(self._say("note.many_rings", goal=name, count=len(mine), most=MOST_FACILITIES))
            return
        try:
            self._rings.append(goal_rings(goal, network, mine))
        except TooLargeError as error:
            self._record.note(self._say("note.large_rings", goal=name, reason=translate(error, self._say.language)))

    @cached_property
    def _groups(self) -> pd.DataFrame:
        """People of every group by unit, never more than there are people."""
        names = [name for name in self._table.columns if name.startswith("group.")]
        members: pd.DataFrame = self._table[names].clip(upper=self._table["people"], axis=0)
        return members

    def add_definition(self, of: str, definition: TimedGoal, journeys: Journeys) -> None:
        """Answer a competing definition of the goal `of`, on the scorecard only."""
        judged = self._situation.judge(definition, [journeys.network]).table(journeys.of_goal(definition).minutes)
        self._variants.append(self._rows(definition, judged).assign(goal=of, variant=variant_name(definition.id)))

    def _rows(self, goal: TimedGoal, judged: GoalTable) -> pd.DataFrame:
        """Put a goal on the scorecard."""
        situation = self._situation
        mine = situation.facilities_of(goal)
        facility_zones = {level: ids.loc[mine.index] for level, ids in situation.zone_of_facility.items()}
        rows = scorecard_rows(judged, situation.zone_of_unit, situation.zone_names, facility_zones, len(mine))
        known = situation.study.facilities
        return with_details(rows, goal, unread=tuple(name for name in goal.services if name not in known))

    def add_components(self, journeys: Journeys) -> None:
        """List the parts of a mode's network with the people and the facilities (of all services) on each, and the odd snaps."""
        network, people = journeys.network, self._table["people"].to_numpy(float)
        self._snaps += journeys.audits
        facilities = numbered_on(list(journeys.snaps.values()))
        self._components.append(component_table(network, people, facilities, network.graph.mode.kind))

    def _note_outside(self) -> None:
        people = self._table["people"]
        if not len(people):
            return
        for level, ids in self._situation.zone_of_unit.items():
            outside = float(people[ids.isna().to_numpy()].sum())
            if ids.isna().all():
                self._record.note(self._say("note.all_outside_zones", level=level))
            elif outside > 0:
                self._record.note(self._say("note.outside_zones", people=outside, level=level))

    def _note_blank_groups(self) -> None:
        """Nobody of a group is counted where its number is unknown, so the unknown is said."""
        for name in (column for column in self._table if column.startswith("group.")):
            blank = self._table[name].isna()
            if blank.any():
                people = float(self._table.loc[blank, "people"].sum())
                group = name.removeprefix("group.")
                self._record.note(self._say("note.blank_group", group=group, units=int(blank.sum()), people=people))

    def demand(self, goals: Sequence[TimedGoal]) -> gpd.GeoDataFrame:
        """Return the demand with the answers of all goals, in the order of the study whatever order they came in."""
        self._columns |= snap_columns(self._connectors)
        keys = [f"{goal.id}.{part}" for goal in goals for part in ("minutes", "status", "facility")]
        rest = [key for key in self._columns if key not in keys]
        return self._table.assign(**{key: self._columns[key] for key in [*rest, *keys]})

    def scorecard(self) -> pd.DataFrame:
        """Return the rows of all goals."""
        return joined(self._scorecard)

    def variants(self) -> pd.DataFrame:
        """Return the rows of all competing definitions."""
        return joined(self._variants)

    def gaps(self) -> gpd.GeoDataFrame:
        """Return the gaps of all goals."""
        parts = self._gaps or [gpd.GeoDataFrame(pd.DataFrame(columns=list(COLUMNS)), geometry="geometry")]
        return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), geometry="geometry", crs="EPSG:4326")

    def routes(self) -> gpd.GeoDataFrame | None:
        """Return the ways from the middles of gaps to their nearest facilities, None where nobody travels."""
        return self._explainer.all_routes()

    def rings(self) -> gpd.GeoDataFrame | None:
        """Return the rings of the facilities of all goals, None where none were drawn."""
        if not self._rings:
            return None
        return gpd.GeoDataFrame(pd.concat(self._rings, ignore_index=True), geometry="geometry", crs="EPSG:4326")

    def audit(self) -> Audit:
        """Return the tables for those who check; without a column where nobody travels."""
        snaps, components = (pd.concat(parts or [pd.DataFrame()], ignore_index=True) for parts in (self._snaps, self._components))
        return Audit(snaps, components)
