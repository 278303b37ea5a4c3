"""The one form in which a finished run is handed to `maps`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import geopandas as gpd
import pandas as pd

from ..geo.shown import Portrait, Shown, counted
from ..layers.goals import GoalBase, TimedGoal
from ..layers.services import Service


@dataclass(frozen=True, kw_only=True)
class State:
    """What a run is compared with.

    Attributes
    ----------
    name : str
        What the reader calls it, such as a year.
    demand : DataFrame
        One row per demand unit of the run, in its order: per goal `<goal>.minutes` and `<goal>.status`.
    scorecard : DataFrame
        Columns as in `scorecard.COLUMNS`.
    """

    name: str
    demand: pd.DataFrame
    scorecard: pd.DataFrame


@dataclass(frozen=True, kw_only=True, repr=False)
class Results(Shown):
    """A finished run: only tables, all geometries in EPSG:4326.

    Attributes
    ----------
    name : str
        The study's name.
    goals : sequence of CircleGoal or MixGoal
        Those that travel times answer.
    checks : sequence of GoalBase
        All others, and those that the study's data cannot answer.
    services : mapping of service id to Service
        Names for the services that the goals use.
    demand : GeoDataFrame
        One row per demand unit in input order: `id` (str), `people` (float), `geometry` (Point or Polygon), optional
        `urban` (bool), one column per group (`group.<name>`, float), `zone.<level>` (zone id, null outside), and per goal
        `<goal>.minutes` (float, NaN if none), `<goal>.status` (categorical of `coverage.STATUSES`),
        `<goal>.facility` (facility id, null if none); `snap_metres` (float, NaN if unconnected).
    cell_metres : float or None
        Edge of the square cells that point demand stands for (a raster's cells, a regular grid), None if unknown.
    facilities : GeoDataFrame
        `facility` (str, unique), `service`, `name` (null if none), `capacity` (float), `source`, `geometry`, and for a siting
        plan `rank` (int): 1 for the site to build first, 0 for what stands today.
    zones : mapping of level name to GeoDataFrame, coarse to fine
        `zone` (str, unique in its level), `name`, `geometry`.
    scorecard : DataFrame
        Columns as in `scorecard.COLUMNS` and `scorecard.DETAILS`, all goals and checks.
    gaps : GeoDataFrame
        `goal`, `gap` (rank in its goal, 1 = most people), `people`, `facility`, `facility_name`, `minutes` (people-weighted mean,
        NaN if nobody reaches any), `minutes_over`, `pass_minutes`, `reason`, `units`, `geometry` (polygons), `group.<name>`
        (people) where the demand has groups, and for the largest gaps the facts behind the reason (`maps.explanations.FACTS`).
    streets : GeoDataFrame
        Lines for the basemap: `highway` (OSM class), `name` (null if none), `geometry`.
    variants : DataFrame
        Rows of the same form for every competing definition of goals that have any; `variant` names it.
    sources : sequence of str
        Attribution lines; OSM's is always among them where OSM data was used.
    routes : GeoDataFrame or None
        `goal`, `gap` and the line from the middle of that gap to its nearest facility.
    land : GeoDataFrame or None
        For the basemap: `kind` (water, green, railway or place), `name` (null if none), `rank` (0 = most important) and
        `geometry` (polygons, lines, points of places).
    rings : GeoDataFrame or None
        `facility`, `goal` and the ground within the goal's limit of that facility.
    before : State or None
        The same units last year or before a plan; then the map shows the change.
    """

    name: str
    goals: Sequence[TimedGoal]
    services: Mapping[str, Service]
    demand: gpd.GeoDataFrame
    cell_metres: float | None
    facilities: gpd.GeoDataFrame
    zones: Mapping[str, gpd.GeoDataFrame]
    scorecard: pd.DataFrame
    gaps: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    checks: Sequence[GoalBase] = ()
    variants: pd.DataFrame = field(default_factory=pd.DataFrame)
    sources: Sequence[str] = field(default=("© OpenStreetMap contributors (ODbL)",))
    routes: gpd.GeoDataFrame | None = None
    land: gpd.GeoDataFrame | None = None
    rings: gpd.GeoDataFrame | None = None
    before: State | None = None

    def portrait(self) -> Portrait:
        """Say what the tables are about."""
        tables = (counted(len(self.demand), "demand unit"), counted(len(self.facilities), "facility", "facilities"))
        goals = counted(len(self.goals) + len(self.checks), "goal")
        return Portrait([goals, counted(self.demand["people"].sum(), "person", "people"), *tables], name=self.name)
