"""The way of a study's people to each service over one network, and what a goal about several services makes of it."""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...analyses.checks.circle import bundle
from ...analyses.counted import stops_of
from ...geo.engine.search import nearest_facility
from ...geo.snapping.chosen import chosen_places
from ...geo.snapping.entrances import snap_places
from ...geo.snapping.snaps import Snaps
from ...layers.goals import CircleGoal, Direction, TimedGoal
from .networks import Network, snap_audit

Floats = NDArray[np.float64]
Objects = NDArray[np.object_]


class Journey(NamedTuple):
    """The journey of every demand unit that decides a goal.

    Attributes
    ----------
    minutes : (n,) float64
        NaN where the goal's services are not reached.
    facility : (n,) array of object
        Id of the facility it leads to, None where there is none.
    """

    minutes: Floats
    facility: Objects


class Journeys:
    """Travel times over one network; each service is searched once, however many goals ask for it."""

    def __init__(self, network: Network, facilities: gpd.GeoDataFrame) -> None:
        self.network = network
        self.snaps: dict[str, Snaps] = {}
        self.audits: list[pd.DataFrame] = []
        self._facilities = facilities
        self._found: dict[tuple[str, str, float | None], Journey] = {}

    def of_goal(self, goal: TimedGoal) -> Journey:
        """Return the journeys that decide a goal: to the nearest, or to the last of all services that it asks for."""
        found = [self._service(service, goal) for service in goal.services]
        if len(found) == 1:
            return found[0]
        minutes = np.column_stack([journey.minutes for journey in found])
        decided = bundle(minutes, at_least=goal.services_needed)
        leads = np.column_stack([journey.facility for journey in found])[np.arange(len(minutes)), decided.service]
        leads[decided.service < 0] = None
        return Journey(decided.minutes, leads)

    def _service(self, service: str, goal: TimedGoal) -> Journey:
        facilities = self._facilities
        fixed = self._nearest(service, goal.direction, (facilities["service"] == service).to_numpy(bool))
        stops, often = stops_of(goal, facilities)
        if not isinstance(goal, CircleGoal) or goal.mobile is None:
            return fixed
        calling = self._nearest(goal.mobile.service, goal.direction, stops & often, rhythm=goal.mobile.every_days)
        sooner = np.isnan(fixed.minutes) | (calling.minutes < fixed.minutes)
        return Journey(np.where(sooner, calling.minutes, fixed.minutes), np.where(sooner, calling.facility, fixed.facility))

    def _nearest(self, service: str, direction: Direction, chosen: NDArray[np.bool_], rhythm: float | None = None) -> Journey:
        key = (service, direction, rhythm)
        if key not in self._found:
            self._found[key] = self._search(service, direction, chosen)
        return self._found[key]

    def _search(self, service: str, direction: Direction, chosen: NDArray[np.bool_]) -> Journey:
        snaps, rows = self._snapped(service)
        places = np.flatnonzero(chosen[rows])
        own = chosen_places(snaps, places)
        nearest = nearest_facility(self.network.graph, self.network.people, own, direction=direction)
        # place -1, no facility, is the last
        ids = np.array([*self._facilities["facility"].to_numpy(object)[rows[places]], None], dtype=object)
        return Journey(nearest.seconds / 60, ids[nearest.facility])

    def _snapped(self, service: str) -> tuple[Snaps, NDArray[np.int64]]:
        """Return the snaps of all facilities of a service, whatever a goal thinks of them, and their rows."""
        rows = np.flatnonzero(self._facilities["service"] == service)
        if service not in self.snaps:
            facilities = self._facilities.iloc[rows]
            self.snaps[service] = snap_places(self.network.snapper, facilities.geometry.to_numpy())
            odd = snap_audit(self.snaps[service], facilities["facility"], kind="facility", mode=self.network.graph.mode.kind)
            self.audits.append(odd)
        return self.snaps[service], rows
