"""How long a ferry takes: crossing, boarding and waiting (DESIGN section 3)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..lengths import ellipsoidal_metres
from ..streets import Streets
from .durations import clock_seconds, interval_seconds
from .rules import by_category
from .travel_mode import TravelMode, parameters


def crossing_seconds(streets: Streets, metres: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how long each ferry way takes from end to end.

    Parameters
    ----------
    streets : Streets
    metres : (w,) float64
        Length of each way.

    Returns
    -------
    (w,) float64
        The `duration` tag where readable and no faster than any ship, else length at the speed for its length class.
    """
    given = parameters("ferry")
    tagged = by_category(streets.tag("duration"), clock_seconds)
    believed = (tagged > 0) & ~is_too_fast(streets, metres)
    kmh = np.select(
        [metres < given["short_metres"], metres > given["long_metres"]],
        [given["short_kmh"], given["long_kmh"]],
        given["middle_kmh"],
    )
    return np.where(believed, tagged, metres / (kmh / 3.6))


def is_too_fast(streets: Streets, metres: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell the ways whose `duration` no ship keeps: an error of units, most often."""
    tagged = by_category(streets.tag("duration"), clock_seconds)
    too_fast: NDArray[np.bool_] = tagged < metres / (parameters("ferry")["fastest_kmh"] / 3.6)
    return too_fast


def line_metres(streets: Streets) -> NDArray[np.float64]:
    """Return the length of each ferry way, all of its parts where nodes are missing; 0 for streets."""
    ferry = streets.is_ferry
    way = np.repeat(np.arange(len(streets.way_ids)), np.diff(streets.way_starts))
    at = np.flatnonzero((way[1:] == way[:-1]) & ferry[way[1:]])
    u, v = streets.way_nodes[at], streets.way_nodes[at + 1]
    metres = ellipsoidal_metres(streets.lon[u], streets.lat[u], streets.lon[v], streets.lat[v])
    line = np.unique(streets.way_ids, return_inverse=True)[1]
    whole = np.bincount(line[way[at]], metres, minlength=len(line))[line]
    return np.where(ferry, whole, 0.0)


def boarding_seconds(streets: Streets, mode: TravelMode) -> NDArray[np.float64]:
    """Return what going aboard each ferry way costs: nothing if free, else boarding plus half the known headway."""
    if mode.ferries == "free":
        return np.zeros(len(streets.way_ids))
    interval = by_category(streets.tag("interval"), interval_seconds)
    boarding = 60.0 * float(parameters("ferry")["boarding_minutes"])
    return boarding + np.where(interval > 0, interval / 2, 0.0)
