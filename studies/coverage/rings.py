"""Rings while a study is answered: the ground within a goal's limit of each facility, for the map to show on a click."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import shapely

from ...geo.modes import TRAITS
from ...geo.rings.isochrones import isochrones
from ...geo.snapping.entrances import snap_places
from ...layers.goals import TimedGoal
from ..situation.networks import Network

MOST_FACILITIES: Final = 400


def draws_rings(goal: TimedGoal) -> bool:
    """Tell whether a goal's rings are worth drawing in every run."""
    return TRAITS[goal.mode].has_small_rings


def goal_rings(goal: TimedGoal, network: Network, facilities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return what lies within a goal's limit of each of its facilities.

    Parameters
    ----------
    goal : TimedGoal
    network : Network
        Of the goal's mode.
    facilities : GeoDataFrame
        `facility` and `geometry`, EPSG:4326.

    Returns
    -------
    GeoDataFrame
        `goal, facility, geometry` (MultiPolygon, EPSG:4326); a facility that meets no street has no row.

    Raises
    ------
    TooLargeError
        If a surface would not fit in memory.
    """
    shapes = facilities.geometry.to_numpy()
    found = isochrones(
        network.graph,
        snap_places(network.snapper, shapes),
        shapely.get_coordinates(shapely.point_on_surface(shapes)),
        limits_seconds=[60 * goal.minutes],
        direction=goal.direction,
    )
    table = {"goal": goal.id, "facility": facilities["facility"].to_numpy()[found.facility]}
    return gpd.GeoDataFrame(table, geometry=found.geometry, crs="EPSG:4326")
