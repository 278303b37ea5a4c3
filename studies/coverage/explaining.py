"""Explanations while a study is answered: the facts of each goal's gaps, gathered while its network is in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...analyses.counted import counts_for, stops_of
from ...analyses.gaps import Gaps
from ...analyses.scorecard import GoalTable
from ...geo.engine.search import nearest_facility
from ...geo.modes import TRAITS
from ...geo.snapping.chosen import chosen_places
from ...geo.snapping.entrances import snap_places
from ...layers.goals import CircleGoal, MixGoal, TimedGoal
from ..situation.networks import Network, build_network
from ..situation.situation import Situation
from .gap_facts import Scene, explain_gaps

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


class Explainer:
    """Explains gaps goal by goal; keeps the routes it finds.

    Parameters
    ----------
    situation : Situation
    """

    def __init__(self, situation: Situation) -> None:
        self._situation, self._inputs = situation, situation.inputs
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
            points=self._situation.points,
            snaps=snap_places(network.snapper, mine.geometry.to_numpy()),
            left_out=snap_places(network.snapper, left_out.geometry.to_numpy()),
            zone_of_unit=self._zones_of_units,
            zone_of_facility=self._coarsest(self._situation.zones_of(mine)) if len(mine) else None,
            flat_minutes=self._flat_minutes(goal, network, mine),
        )
        areas, routes = explain_gaps(gaps, scene)
        self.routes.append(routes)
        return areas

    def _facilities_of(self, goal: CircleGoal) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
        """Return the facilities that count for a goal, and the mobile services' stops that call too rarely to count."""
        facilities = self._inputs.facilities
        counts, stops = counts_for(goal, facilities), stops_of(goal, facilities)[0]
        return facilities.loc[counts], facilities.loc[stops & ~counts]

    def all_routes(self) -> gpd.GeoDataFrame | None:
        """Return the routes of all goals, None where nobody travels."""
        if not self.routes:
            return None
        return gpd.GeoDataFrame(pd.concat(self.routes, ignore_index=True), geometry="geometry", crs="EPSG:4326")

    @cached_property
    def _zones_of_units(self) -> pd.Series | None:
        return self._coarsest(self._situation.zone_of_unit)

    def _coarsest(self, zones: Mapping[str, pd.Series]) -> pd.Series | None:
        """Name the zone of the coarsest level by row, by its id where it has no name."""
        if not zones:
            return None
        level, ids = next(iter(zones.items()))
        return ids.map(self._situation.zone_names[level]).fillna(ids).reset_index(drop=True)

    def _flat_minutes(self, goal: CircleGoal, network: Network, facilities: gpd.GeoDataFrame) -> Callable[[Rows], Floats] | None:
        """Return what times the same trips on flat land; None where the network has no slopes."""
        if self._inputs.heights is None or not TRAITS[goal.mode].on_slopes:
            return None

        def minutes(units: Rows) -> Floats:
            flat = self._flat_network(network)
            snaps = snap_places(flat.snapper, facilities.geometry.to_numpy())
            places = chosen_places(flat.people, units)
            return nearest_facility(flat.graph, places, snaps, direction=goal.direction).seconds / 60

        return minutes

    def _flat_network(self, network: Network) -> Network:
        """Build the flat twin of a network, once for all goals of its mode."""
        if self._flat is None or self._flat[0] is not network:
            self._flat = network, build_network(self._inputs.extract.streets, network.graph.mode, None, *self._situation.points)
        return self._flat[1]
