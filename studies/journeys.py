"""The way of a study's people to each service over one network, and what a goal about several services makes of it."""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..analyses.checks.circle import bundle
from ..geo.entrances import snap_places
from ..geo.search import nearest_facility
from ..geo.snapping import Snaps
from ..layers.goals import CircleGoal, Direction, MixGoal, MobileService, TimedGoal
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
        wanted = goal.at_least if isinstance(goal, MixGoal) else goal.bundle.of if goal.bundle else "any"
        minutes = np.column_stack([journey.minutes for journey in found])
        decided = bundle(minutes, at_least=wanted)
        leads = np.column_stack([journey.facility for journey in found])[np.arange(len(minutes)), decided.service]
        leads[decided.service < 0] = None
        return Journey(decided.minutes, leads)

    def _service(self, service: str, goal: TimedGoal) -> Journey:
        fixed = self._nearest(service, goal.direction, None)
        if not isinstance(goal, CircleGoal) or goal.mobile is None:
            return fixed
        stops = self._nearest(goal.mobile.service, goal.direction, goal.mobile)
        sooner = np.isnan(fixed.minutes) | (stops.minutes < fixed.minutes)
        return Journey(np.where(sooner, stops.minutes, fixed.minutes), np.where(sooner, stops.facility, fixed.facility))

    def _nearest(self, service: str, direction: Direction, mobile: MobileService | None) -> Journey:
        rhythm = None if mobile is None else mobile.every_days
        key = (service, direction, rhythm)
        if key not in self._found:
            self._found[key] = self._search(service, direction, rhythm)
        return self._found[key]

    def _search(self, service: str, direction: Direction, every_days: float | None) -> Journey:
        facilities = self._facilities.loc[self._facilities["service"] == service]
        if every_days is not None:
            facilities = facilities.loc[visited(facilities, every_days)]
        snaps = snap_places(self.network.snapper, facilities.geometry.to_numpy())
        nearest = nearest_facility(self.network.graph, self.network.people, snaps, direction=direction)
        if service not in self.snaps:
            self.snaps[service] = snaps
            self.audits.append(snap_audit(snaps, facilities["facility"], kind="facility", mode=self.network.graph.mode.kind))
        ids = np.array([*facilities["facility"], None], dtype=object)  # place -1, no facility, is the last
        return Journey(nearest.seconds / 60, ids[nearest.facility])


def visited(stops: gpd.GeoDataFrame, every_days: float) -> pd.Series:
    """Tell which stops are visited often enough; where nobody says how often, nobody can count on it."""
    if "number.every_days" not in stops:
        return pd.Series(False, index=stops.index)
    often: pd.Series = stops["number.every_days"] <= every_days
    return often
