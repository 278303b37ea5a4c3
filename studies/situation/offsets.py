"""Lists in GCJ-02 or BD-09 that do not say so: found by whether their points meet the streets (pitfall 25)."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from ...geo.coordinates import GCJ02_BOX, Floats, wgs84_from_bd09, wgs84_from_gcj02
from ...geo.streets import Streets

UNSHIFTED: Final = {"GCJ-02": wgs84_from_gcj02, "BD-09": wgs84_from_bd09}
MOST_POINTS: Final = 500
# Chosen on OSM places of Chinese extracts, as they are and shifted, so that no true list is ever called shifted: most lists
# shifted to BD-09 are found, of those shifted to GCJ-02 only where streets lie farther apart than the shift.
NEARER_BY: Final = 0.5
CHANCE: Final = 0.001  # of so many points being nearer by luck (sign test)
NEIGHBOURHOOD_DEGREES: Final = 0.02  # streets farther than this from all points cannot be anyone's nearest
METRES_PER_DEGREE: Final = 111_195.0


def likely_offset(lon: npt.ArrayLike, lat: npt.ArrayLike, streets: Streets) -> str | None:
    """Name the offset system a list of places is probably in, though it was read as WGS 84.

    Both systems move a place by 100 to 1,300 m. The list is taken to be in one of them if undoing the shift brings its
    points clearly nearer to the streets: at most half the median distance, and more of the points than luck would give.
    Where streets are as dense as the shift is long (city centres) nothing is said.

    Parameters
    ----------
    lon, lat : array of float
        Places as read, degrees; those outside the box where the systems differ from WGS 84 are not asked.
    streets : Streets

    Returns
    -------
    {"GCJ-02", "BD-09"} or None
        None where the points fit as they are, or are too few to tell.
    """
    places = _asked(np.asarray(lon, float), np.asarray(lat, float), streets)
    if not places.shape[1]:
        return None
    distances = _StreetDistances(places, streets)
    given = distances.metres(*places)
    fits = {system: distances.metres(*unshift(*places)) for system, unshift in UNSHIFTED.items()}
    best = min(fits, key=lambda system: float(np.median(fits[system])))
    nearer = np.median(fits[best]) <= NEARER_BY * np.median(given)
    return best if nearer and _chance(int((fits[best] < given).sum()), len(given)) < CHANCE else None


def _chance(heads: int, throws: int) -> float:
    """Chance of at least so many heads of a fair coin."""
    return sum(math.comb(throws, count) for count in range(heads, throws + 1)) / (1 << throws)


def _asked(lon: Floats, lat: Floats, streets: Streets) -> Floats:
    """Choose at most 500 places evenly from those within the streets' extent and the systems' box."""
    if not len(streets.lon):
        return np.empty((2, 0))
    west, south, east, north = GCJ02_BOX
    inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    pad = NEIGHBOURHOOD_DEGREES
    inside &= (lon >= streets.lon.min() - pad) & (lon <= streets.lon.max() + pad)
    inside &= (lat >= streets.lat.min() - pad) & (lat <= streets.lat.max() + pad)
    chosen = np.flatnonzero(inside)
    chosen = chosen[:: max(1, -(-len(chosen) // MOST_POINTS))]
    return np.vstack((lon[chosen], lat[chosen]))


class _StreetDistances:
    """Distances to the nearest street around some places; flat metres are exact enough to compare."""

    def __init__(self, places: Floats, streets: Streets) -> None:
        self._scale = METRES_PER_DEGREE * np.array([np.cos(np.radians(places[1].mean())), 1.0])
        low, high = places.min(axis=1) - NEIGHBOURHOOD_DEGREES, places.max(axis=1) + NEIGHBOURHOOD_DEGREES
        pieces = _pieces(streets)
        near = (pieces.min(axis=1) <= high).all(axis=1) & (pieces.max(axis=1) >= low).all(axis=1)
        self._tree = shapely.STRtree(shapely.linestrings(pieces[near] * self._scale))

    def metres(self, lon: Floats, lat: Floats) -> Floats:
        """Return the distance of each place to its nearest street, infinite where there is none around."""
        points = shapely.points(np.column_stack((lon, lat)) * self._scale)
        _, metres = self._tree.query_nearest(points, all_matches=False, return_distance=True)
        return np.asarray(metres, float) if len(metres) else np.full(len(points), np.inf)


def _pieces(streets: Streets) -> Floats:
    """Straight pieces of street as (n, 2 ends, lon and lat); ferries are no place to stand."""
    way = np.repeat(np.arange(len(streets.way_ids)), np.diff(streets.way_starts))
    start, end = streets.way_nodes[:-1], streets.way_nodes[1:]
    kept = (way[:-1] == way[1:]) & ~streets.is_ferry[way[:-1]]
    places = np.column_stack((streets.lon, streets.lat))
    return np.stack((places[start[kept]], places[end[kept]]), axis=1)
