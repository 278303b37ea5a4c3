"""Facts about gaps: what the network says of each, for `analyses.reasons` to judge and for the map to show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ...analyses.gaps import Gaps
from ...analyses.reasons import reasons
from ...analyses.scorecard import GoalTable
from ...geo.engine.matrix import trips
from ...geo.engine.routes import Route, TimeField
from ...geo.engine.search import nearest_facility
from ...geo.lengths import ellipsoidal_metres
from ...geo.links import shortest_links
from ...geo.snapping.chosen import chosen_places
from ...geo.snapping.snaps import Snaps
from ..situation.networks import Network

EXPLAINED: Final = 200  # gaps per goal, as many as the map holds
LINK_REACH_METRES: Final = 1_000.0
LINK_SAVES_MINUTES: Final = 2.0  # less is no reason to build
CAR_LINK_KMH: Final = 30.0

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One answered goal with everything its gaps are explained from.

    Attributes
    ----------
    table : GoalTable
    network : Network
        `people` has one row per unit.
    points : (n,) float64 twice
        Longitude and latitude of the units, EPSG:4326.
    snaps : Snaps
        Where the facilities that count for the goal meet the streets.
    left_out : Snaps
        Where those do that are of its kind but do not count.
    zone_of_unit, zone_of_facility : Series or None
        Names of the coarsest zones by row, where there are any.
    flat_minutes : function of (rows of units) to (k,) minutes, or None
        The same trips on flat land, where the network has slopes.
    """

    table: GoalTable
    network: Network
    points: tuple[Floats, Floats]
    snaps: Snaps
    left_out: Snaps
    zone_of_unit: pd.Series | None
    zone_of_facility: pd.Series | None
    flat_minutes: Callable[[Rows], Floats] | None


def explain_gaps(gaps: Gaps, scene: Scene) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Add to the largest gaps of a goal why they are gaps and what would close them.

    Returns
    -------
    areas : GeoDataFrame
        The gaps with `reason` of `analyses.reasons`, and `pass_minutes, line_metres, route_metres, detour, ferry_minutes,
        flat_minutes, facility_zone, cover_people, link_metres, link_minutes`; missing where a fact does not apply.
    routes : GeoDataFrame
        `goal, gap` and the line from the middle of a gap to its nearest facility, EPSG:4326.
    """
    areas = gaps.areas.iloc[:EXPLAINED]
    middle = _middles(gaps, scene, len(areas))
    places = chosen_places(scene.network.people, middle)
    field = TimeField(scene.network.graph, scene.snaps, direction=scene.table.goal.direction)
    routes = field.routes(places)
    facts = _route_facts(areas, scene, middle, routes)
    facts["reason"] = reasons(facts)
    facts["cover_people"] = _cover_people(scene, places)
    facts[["link_metres", "link_minutes"]] = _link_facts(scene, field, middle, facts["minutes"].to_numpy(float))
    shown = facts.drop(columns=["status", "limit_minutes", "minutes", "pass_minutes", "excluded_minutes", "across"])
    explained = pd.concat([pd.concat([areas.drop(columns="reason"), shown], axis=1), gaps.areas.iloc[EXPLAINED:]])
    return gpd.GeoDataFrame(explained, geometry="geometry", crs="EPSG:4326"), _lines(areas, scene, middle, routes)


def _middles(gaps: Gaps, scene: Scene, count: int) -> Rows:
    """Return for each gap the unit nearest to the middle of its people."""
    at = np.flatnonzero((gaps.gap_of > 0) & (gaps.gap_of <= count))
    gap, weight = gaps.gap_of[at] - 1, scene.table.counted[at]
    lon, lat = (values[at] for values in scene.points)
    total = np.bincount(gap, weight, count)
    middle_lon, middle_lat = np.bincount(gap, weight * lon, count) / total, np.bincount(gap, weight * lat, count) / total
    away = np.hypot((lon - middle_lon[gap]) * np.cos(np.radians(lat)), lat - middle_lat[gap])
    order = np.lexsort((away, gap))
    return at[order[np.searchsorted(gap[order], np.arange(count))]]


def _route_facts(areas: gpd.GeoDataFrame, scene: Scene, middle: Rows, routes: list[Route | None]) -> pd.DataFrame:
    """Put together what `reasons` asks for; seen from the middle of each gap."""
    goal = scene.table.goal
    seen = pd.DataFrame(
        [(np.nan, np.nan, np.nan, -1) if r is None else _of_route(r) for r in routes],
        columns=["minutes", "route_metres", "ferry_minutes", "row"],
        index=areas.index,
    )
    straight = _straight_metres(scene, middle)
    line = straight.min(axis=1) if straight.size else np.full(len(middle), np.nan)
    theirs = None if scene.zone_of_facility is None else scene.zone_of_facility.reindex(seen["row"]).to_numpy(object)
    mine = None if scene.zone_of_unit is None else scene.zone_of_unit.iloc[middle].to_numpy(object)
    across = (
        np.zeros(len(areas), bool) if theirs is None or mine is None else pd.notna(theirs) & pd.notna(mine) & (theirs != mine)
    )
    return seen.drop(columns="row").assign(
        status=np.asarray(scene.table.status)[middle],
        limit_minutes=goal.minutes,
        pass_minutes=areas["pass_minutes"],
        line_metres=line,
        detour=seen["route_metres"] / line,
        flat_minutes=np.nan if scene.flat_minutes is None else scene.flat_minutes(middle),
        excluded_minutes=_excluded_minutes(scene, middle),
        across=across,
        facility_zone=pd.Series(theirs, index=areas.index, dtype="str").where(across),
    )


def _excluded_minutes(scene: Scene, middle: Rows) -> Floats | float:
    """Minutes from each middle to the nearest facility that does not count."""
    if not scene.left_out.places:
        return np.nan
    places = chosen_places(scene.network.people, middle)
    return nearest_facility(scene.network.graph, places, scene.left_out, direction=scene.table.goal.direction).seconds / 60


def _of_route(route: Route) -> tuple[float, float, float, int]:
    return route.seconds / 60, route.metres + route.connector_metres, route.ferry_seconds / 60, route.facility


def _straight_metres(scene: Scene, middle: Rows) -> Floats:
    """(gaps, facilities) metres as the crow flies, each facility by its nearest entrance."""
    entrances = scene.snaps.connected()
    if not len(entrances):
        return np.empty((len(middle), 0))
    lon, lat = (values[middle] for values in scene.points)
    metres = np.full((len(middle), scene.snaps.places), np.inf)
    for row in range(len(middle)):
        away = ellipsoidal_metres(
            np.full(len(entrances), lon[row]), np.full(len(entrances), lat[row]), entrances.lon, entrances.lat
        )
        np.minimum.at(metres[row], entrances.owner, away)
    return metres


def _cover_people(scene: Scene, places: Snaps) -> Floats:
    """People not covered today whom a facility in the middle of each gap would cover."""
    missed = np.flatnonzero(np.isin(np.asarray(scene.table.status), ["beyond", "cut-off"]) & (scene.table.counted > 0))
    people, goal = np.zeros(places.places), scene.table.goal
    snaps = chosen_places(scene.network.people, missed)
    graph, limit = scene.network.graph, goal.minutes * 60
    for block in trips(graph, snaps, places, direction=goal.direction, limit_seconds=limit):
        people += np.bincount(block.destination, scene.table.counted[missed[block.origin]], places.places)
    return people


def _link_facts(scene: Scene, field: TimeField, middle: Rows, minutes: Floats) -> pd.DataFrame:
    """Metres of the shortest straight link that would bring each middle within the limit, and the minutes it would then take."""
    lon, lat = (values[middle] for values in scene.points)
    speed_kmh = scene.network.graph.mode.speed_kmh or CAR_LINK_KMH
    links = shortest_links(
        field, lon=lon, lat=lat, limit_seconds=scene.table.goal.minutes * 60, reach_metres=LINK_REACH_METRES, speed_kmh=speed_kmh
    )
    taken = links.seconds / 60
    helps = ~(minutes - taken < LINK_SAVES_MINUTES)  # where there is no way today, any link helps
    return pd.DataFrame({"metres": np.where(helps, links.metres, np.nan), "minutes": np.where(helps, taken, np.nan)})


def _lines(areas: gpd.GeoDataFrame, scene: Scene, middle: Rows, routes: list[Route | None]) -> gpd.GeoDataFrame:
    """Draw each route from the unit itself over the streets to the facility's street."""
    lon, lat = scene.points
    own = [(at, route) for at, route in enumerate(routes) if route is not None]
    lines = [shapely.LineString(np.vstack(([lon[middle[at]], lat[middle[at]]], route.line))) for at, route in own]
    rows = [at for at, _ in own]
    table = {"goal": areas["goal"].iloc[rows].to_numpy(), "gap": areas["gap"].iloc[rows].to_numpy()}
    return gpd.GeoDataFrame(table, geometry=lines, crs="EPSG:4326")
