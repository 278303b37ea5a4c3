"""Missing links: the straight connection to a nearby street that would shorten a place's way to its facility most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from .graph import Graph
from .lengths import ellipsoidal_metres, metres_per_degree

MARGIN = 1.2  # one scale for all latitudes of a study

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Links:
    """The best link of each place.

    Attributes
    ----------
    metres : (n,) float64
        Length as the crow flies; NaN where no link shortens the way.
    seconds : (n,) float64
        Of the whole way with the link; NaN likewise.
    lon, lat : (n,) float64
        Where the link meets the streets, EPSG:4326; NaN likewise.
    """

    metres: Floats
    seconds: Floats
    lon: Floats
    lat: Floats


def best_links(
    graph: Graph, seconds: Floats, *, lon: Floats, lat: Floats, seconds_now: Floats, reach_metres: float, speed_kmh: float
) -> Links:
    """Find for each place the junction within reach that, joined to it by a straight link, shortens its way most.

    Parameters
    ----------
    graph : Graph
    seconds : (junctions,) float64
        From each junction to its nearest facility, inf where none is reached (`routes.TimeField.seconds`).
    lon, lat : (n,) float64
        Places, EPSG:4326.
    seconds_now : (n,) float64
        Their time today, NaN where they reach no facility.
    reach_metres : float
        Longest link looked at.
    speed_kmh : float
        On the link.

    Notes
    -----
    A link is a straight line: whether a bridge or a path can be built there is for the planner to say.
    """
    best = Links(*(np.full(len(lon), np.nan) for _ in range(4)))
    served = np.flatnonzero(np.isfinite(seconds))
    if not len(served) or not len(lon):
        return best
    plane = np.array(metres_per_degree(float(np.median(lat))))  # good enough to find neighbours in a province
    tree = KDTree(np.column_stack((graph.lon[served], graph.lat[served])) * plane)
    for row, near in enumerate(tree.query_ball_point(np.column_stack((lon, lat)) * plane, MARGIN * reach_metres)):
        at = served[np.asarray(near, np.int64)]
        metres = ellipsoidal_metres(np.full(len(at), lon[row]), np.full(len(at), lat[row]), graph.lon[at], graph.lat[at])
        total = np.where(metres <= reach_metres, metres / (speed_kmh / 3.6) + seconds[at], np.inf)
        chosen = int(np.argmin(total)) if len(at) else -1
        if chosen < 0 or not total[chosen] < (np.inf if np.isnan(seconds_now[row]) else seconds_now[row]):
            continue
        best.metres[row], best.seconds[row] = metres[chosen], total[chosen]
        best.lon[row], best.lat[row] = graph.lon[at[chosen]], graph.lat[at[chosen]]
    return best
