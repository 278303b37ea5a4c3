"""Places: what a spot on the map is called, so that a gap is more than a number."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

_NEAR_DEGREES = 0.02  # a street further than about 2 km does not name a place
_SETTLEMENT_DEGREES = 0.05  # nor does a settlement further than about 5 km
_CITY = 0  # rank of what is too large to tell two areas apart

Geometries = NDArray[np.object_]


def area_names(
    areas: Geometries, spots: Geometries, *, streets: gpd.GeoDataFrame, land: gpd.GeoDataFrame | None
) -> list[str | None]:
    """Name areas (degrees): by the settlement inside that is nearest to the spot, else by the nearest settlement or street.

    Parameters
    ----------
    areas, spots : (n,) arrays of geometry
        Polygons, and the point that stands for each.
    streets, land : GeoDataFrame
        As in `Results`.

    Returns
    -------
    list of str or None
        None where nothing named is near.
    """
    settlements = _settlements(land)
    inside = _names_inside(areas, spots, settlements)
    by_settlement, settlement_away = _nearest_names(settlements, spots, _SETTLEMENT_DEGREES)
    by_street, street_away = _nearest_names(streets[streets["name"].notna()], spots, _NEAR_DEGREES)
    nearer = np.where(settlement_away <= street_away, by_settlement, by_street)
    return list(np.where(pd.notna(inside), inside, nearer))


def nearest_street_names(streets: gpd.GeoDataFrame, points: Geometries) -> list[str | None]:
    """Return the name of the nearest named street of each point (degrees), None where none is near."""
    return list(_nearest_names(streets[streets["name"].notna()], points, _NEAR_DEGREES)[0])


def _settlements(land: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    """Return the named settlements below the rank of a city."""
    if land is None:
        return gpd.GeoDataFrame({"name": []}, geometry=[])
    points = shapely.get_dimensions(land.geometry.to_numpy()) == 0
    return land[(land["kind"] == "place") & (land["rank"] > _CITY) & land["name"].notna() & points]


def _names_inside(areas: Geometries, spots: Geometries, settlements: gpd.GeoDataFrame) -> NDArray[np.object_]:
    names = np.full(len(areas), None, dtype=object)
    points, known = settlements.geometry.to_numpy(), settlements["name"].to_numpy(object)
    at, of = shapely.STRtree(points).query(areas, predicate="intersects")
    for i in np.argsort(-shapely.distance(spots[at], points[of]), kind="stable"):  # the nearest is written last
        names[at[i]] = str(known[of[i]])
    return names


def _nearest_names(named: gpd.GeoDataFrame, spots: Geometries, most: float) -> tuple[NDArray[np.object_], NDArray[np.float64]]:
    """Return the nearest name within `most` degrees of each spot, and how far it is (infinite where there is none)."""
    names, away = np.full(len(spots), None, dtype=object), np.full(len(spots), np.inf)
    if len(named) and len(spots):
        tree = shapely.STRtree(named.geometry.to_numpy())
        (at, of), distance = tree.query_nearest(spots, max_distance=most, all_matches=False, return_distance=True)
        names[at], away[at] = named["name"].to_numpy(object)[of], distance
    return names, away


def zone_names(zones: gpd.GeoDataFrame, points: NDArray[np.object_]) -> list[str | None]:
    """Return the name of the zone each point (degrees) lies in, None where it lies in none."""
    names: list[str | None] = [None] * len(points)
    if zones.empty or not len(points):
        return names
    tree = shapely.STRtree(zones.geometry.to_numpy())
    for point, zone in zip(*tree.query(points, predicate="within"), strict=True):
        name = zones["name"].iloc[zone]
        names[point] = names[point] or (None if pd.isna(name) else str(name))
    return names


def coordinates(point: shapely.Point) -> str:
    """Return where a point (degrees) lies, to about 100 m: what a place without any name is called."""
    north, east = "N" if point.y >= 0 else "S", "E" if point.x >= 0 else "W"
    return f"{abs(point.y):.3f}°{north} {abs(point.x):.3f}°{east}"
