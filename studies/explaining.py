"""Explanations while a study is answered: the facts of each goal's gaps, gathered while its network is in memory."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..analyses.gaps import Gaps
from ..analyses.scorecard import GoalTable
from ..geo.entrances import snap_places
from ..geo.search import nearest_facility
from ..layers.goals import CircleGoal, MixGoal, TimedGoal
from ..layers.units import unit_points
from ..layers.zones import assign_zones
from .gap_facts import Scene, explain_gaps, numbered
from .inputs import Inputs
from .journeys import visited
from .networks import Network, build_network

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


class Explainer:
    """Explains gaps goal by goal; keeps the routes it finds.

    Parameters
    ----------
    inputs : Inputs
    """

    def __init__(self, inputs: Inputs) -> None:
        self._inputs = inputs
        self._points = unit_points(inputs.demand.table.geometry)
        self._flat: tuple[Network, Network] | None = None
        self.routes: list[gpd.GeoDataFrame] = []

    def explain(self, goal: TimedGoal, judged: GoalTable, gaps: Gaps, network: Network) -> gpd.GeoDataFrame:
        """Return the gaps of a goal about one service with their reasons; keep the routes.

        A goal about several services is left as it is: which of them is missing differs from unit to unit.
        """
        if isinstance(goal, MixGoal) or len(goal.services) != 1 or gaps.areas.empty:
            return gaps.areas
        mine, left_out = self._facilities_of(goal)
        scene = Scene(
            table=judged,
            network=network,
            points=self._points,
            snaps=snap_places(network.snapper, mine.geometry.to_numpy()),
            left_out=snap_places(network.snapper, left_out.geometry.to_numpy()),
            zone_of_unit=self._zones_of_units,
            zone_of_facility=self._zone_names(*unit_points(mine.geometry)) if len(mine) else None,
            flat_minutes=self._flat_minutes(goal, network, mine),
        )
        areas, routes = explain_gaps(gaps, scene)
        self.routes.append(routes)
        return areas

    def _facilities_of(self, goal: CircleGoal) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
        """Return the facilities that count for a goal, and the mobile services' stops that call too rarely to count."""
        facilities = self._inputs.facilities
        counts = facilities["service"].isin(goal.services)
        if goal.mobile is None:
            return facilities.loc[counts], facilities.iloc[:0]
        stops = facilities["service"] == goal.mobile.service
        often = visited(facilities, goal.mobile.every_days) if goal.mobile.every_days is not None else stops
        return facilities.loc[counts | (stops & often)], facilities.loc[stops & ~often & ~counts]

    def all_routes(self) -> gpd.GeoDataFrame | None:
        """Return the routes of all goals, None where nobody travels."""
        if not self.routes:
            return None
        return gpd.GeoDataFrame(pd.concat(self.routes, ignore_index=True), geometry="geometry", crs="EPSG:4326")

    @cached_property
    def _zones_of_units(self) -> pd.Series | None:
        return self._zone_names(*self._points)

    def _zone_names(self, lon: Floats, lat: Floats) -> pd.Series | None:
        """Name the zone of the coarsest level each point lies in, by its id where it has no name."""
        if not self._inputs.zones:
            return None
        zones = next(iter(self._inputs.zones.values()))
        names = zones.set_index("zone")["name"]
        ids = assign_zones(lon, lat, zones)
        return ids.map(names).fillna(ids)

    def _flat_minutes(self, goal: CircleGoal, network: Network, facilities: gpd.GeoDataFrame) -> Callable[[Rows], Floats] | None:
        """Return what times the same trips on flat land; None where the network has no slopes."""
        if self._inputs.heights is None or goal.mode != "walk":
            return None

        def minutes(units: Rows) -> Floats:
            flat = self._flat_network(network)
            snaps = snap_places(flat.snapper, facilities.geometry.to_numpy())
            places = numbered(flat.people, units)
            return nearest_facility(flat.graph, places, snaps, direction=goal.direction).seconds / 60

        return minutes

    def _flat_network(self, network: Network) -> Network:
        """Build the flat twin of a network, once for all goals of its mode."""
        if self._flat is None or self._flat[0] is not network:
            self._flat = network, build_network(self._inputs.extract.streets, network.graph.mode, None, *self._points)
        return self._flat[1]
