"""Places: what a spot on the map is called, so that a gap is more than a number."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

_NEAR_DEGREES = 0.02  # a street further than about 2 km does not name a place


def nearest_street_names(streets: gpd.GeoDataFrame, points: NDArray[np.object_]) -> list[str | None]:
    """Return the name of the nearest named street of each point (degrees), None where none is near."""
    named = streets[streets["name"].notna()]
    if named.empty or not len(points):
        return [None] * len(points)
    tree = shapely.STRtree(named.geometry.to_numpy())
    pairs = tree.query_nearest(points, max_distance=_NEAR_DEGREES, all_matches=False)
    names: list[str | None] = [None] * len(points)
    for point, street in zip(*pairs, strict=True):
        names[point] = str(named["name"].iloc[street])
    return names


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
