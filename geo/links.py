"""Missing links: the shortest straight connection to a nearby street that would bring a place within the limit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from .engine.routes import TimeField
from .lengths import ellipsoidal_metres, metres_per_degree

MARGIN = 1.2  # one scale for all latitudes of a study
CELL_ROWS = float(1 << 24)  # more than there are cells around the earth; whole numbers stay exact

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Links:
    """The shortest helpful link of each place.

    Attributes
    ----------
    metres : (n,) float64
        Length as the crow flies; NaN where no link brings the place within the limit.
    seconds : (n,) float64
        Of the whole way with the link; NaN likewise.
    lon, lat : (n,) float64
        Where the link meets the streets, EPSG:4326; NaN likewise.
    """

    metres: Floats
    seconds: Floats
    lon: Floats
    lat: Floats


def shortest_links(
    field: TimeField, *, lon: Floats, lat: Floats, limit_seconds: float, reach_metres: float, speed_kmh: float
) -> Links:
    """Find for each place the nearest street corner that, joined to it by a straight link, brings it within the limit.

    Parameters
    ----------
    field : TimeField
        Of the facilities.
    lon, lat : (n,) float64
        Places, EPSG:4326.
    limit_seconds : float
        Inclusive, for the whole way.
    reach_metres : float
        Longest link looked at.
    speed_kmh : float
        On the link.

    Notes
    -----
    A link is a straight line: whether a bridge or a path can be built there is for the planner to say.
    """
    found = Links(*(np.full(len(lon), np.nan) for _ in range(4)))
    if not len(lon):
        return found
    plane = np.array(metres_per_degree(float(np.median(lat))))  # good enough to find neighbours in a province
    corner_lon, corner_lat, seconds = field.corners(_near(lon, lat, reach_metres, plane))
    tree = KDTree(np.column_stack((corner_lon, corner_lat)) * plane)
    for row, near in enumerate(tree.query_ball_point(np.column_stack((lon, lat)) * plane, MARGIN * reach_metres)):
        at = np.asarray(near, np.int64)
        metres = ellipsoidal_metres(np.full(len(at), lon[row]), np.full(len(at), lat[row]), corner_lon[at], corner_lat[at])
        total = metres / (speed_kmh / 3.6) + seconds[at]
        helps = np.where((metres <= reach_metres) & (total <= limit_seconds), metres, np.inf)
        if not np.isfinite(helps).any():
            continue
        chosen = int(np.argmin(helps))
        found.metres[row], found.seconds[row] = metres[chosen], total[chosen]
        found.lon[row], found.lat[row] = corner_lon[at[chosen]], corner_lat[at[chosen]]
    return found


def _near(lon: Floats, lat: Floats, reach_metres: float, plane: Floats) -> Callable[[Floats, Floats], NDArray[np.bool_]]:
    """Tell corners that lie in a square cell of some place, or next to one, from all others."""
    cell = MARGIN * reach_metres / plane

    def numbers(east: Floats, north: Floats) -> NDArray[np.int64]:
        number: NDArray[np.int64] = (np.floor(east / cell[0]) * CELL_ROWS + np.floor(north / cell[1])).astype(np.int64)
        return number

    around = [numbers(lon + i * cell[0], lat + j * cell[1]) for i in (-1, 0, 1) for j in (-1, 0, 1)]
    wanted = np.unique(np.concatenate(around))
    return lambda east, north: np.isin(numbers(east, north), wanted)
