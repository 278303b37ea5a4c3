"""Whether layers lie where the streets are."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ...geo.coordinates import Floats
from ...geo.streets import Streets

MARGIN_DEGREES = 0.01  # about the largest snap cap: a point this far outside may still reach a street


def outside_streets(lon: Floats, lat: Floats, streets: Streets) -> npt.NDArray[np.bool_]:
    """Tell which points lie beyond the streets' extent, where no street can be near.

    Parameters
    ----------
    lon, lat : (n,) float64
        Degrees, EPSG:4326.
    streets : Streets

    Returns
    -------
    (n,) bool
        All True where there is no street at all.
    """
    if not len(streets.lon):
        return np.ones(len(lon), bool)
    west, south, east, north = extent(streets)
    inside = (lon >= west - MARGIN_DEGREES) & (lon <= east + MARGIN_DEGREES)
    inside &= (lat >= south - MARGIN_DEGREES) & (lat <= north + MARGIN_DEGREES)
    return ~inside


def extent(streets: Streets) -> tuple[float, float, float, float]:
    """Return west, south, east and north of the streets; all NaN where there are none."""
    if not len(streets.lon):
        return (float("nan"),) * 4
    return float(streets.lon.min()), float(streets.lat.min()), float(streets.lon.max()), float(streets.lat.max())
