"""How long a ferry takes: crossing, boarding and waiting (DESIGN section 3)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

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
    kmh = np.select(
        [metres < given["short_metres"], metres > given["long_metres"]],
        [given["short_kmh"], given["long_kmh"]],
        given["middle_kmh"],
    )
    believed = tagged >= np.maximum(metres / (given["fastest_kmh"] / 3.6), 1e-9)
    return np.where(believed, tagged, metres / (kmh / 3.6))


def boarding_seconds(streets: Streets, mode: TravelMode) -> NDArray[np.float64]:
    """Return what going aboard each ferry way costs: nothing if free, else boarding plus half the known headway."""
    if mode.ferries == "free":
        return np.zeros(len(streets.way_ids))
    interval = by_category(streets.tag("interval"), interval_seconds)
    boarding = 60.0 * float(parameters("ferry")["boarding_minutes"])
    return boarding + np.where(interval > 0, interval / 2, 0.0)
