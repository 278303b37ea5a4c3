"""Lengths and local scales on the WGS 84 ellipsoid."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from pyproj import Geod

from .compiled import compiled

SEMI_MAJOR_METRES = 6378137.0  # WGS 84
FLATTENING = 1 / 298.257223563
ECCENTRICITY_SQUARED = FLATTENING * (2 - FLATTENING)
LONG_METRES = 5_000.0

_GEOD = Geod(ellps="WGS84")


@compiled
def metres_per_degree(lat: float) -> tuple[float, float]:
    """Return the length of one degree of longitude and of latitude at a latitude, from the radii of curvature."""
    phi = math.radians(lat)
    w = 1.0 - ECCENTRICITY_SQUARED * math.sin(phi) ** 2
    east = SEMI_MAJOR_METRES / math.sqrt(w) * math.cos(phi)
    north = SEMI_MAJOR_METRES * (1.0 - ECCENTRICITY_SQUARED) / w**1.5
    return math.radians(east), math.radians(north)


@compiled
def wrapped(degrees: float) -> float:
    """Bring a difference of longitudes to -180..180, so that streets may cross the antimeridian."""
    return (degrees + 180.0) % 360.0 - 180.0


def earth_centred(
    lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return places on the ellipsoid in metres from its middle: straight lines between near ones are as long as the ground."""
    phi, turn = np.radians(lat), np.radians(lon)
    across = SEMI_MAJOR_METRES / np.sqrt(1.0 - ECCENTRICITY_SQUARED * np.sin(phi) ** 2)
    off_axis = across * np.cos(phi)
    return off_axis * np.cos(turn), off_axis * np.sin(turn), across * (1.0 - ECCENTRICITY_SQUARED) * np.sin(phi)


@compiled
def _short_metres(lon0, lat0, lon1, lat1):  # type: ignore[no-untyped-def]
    metres = np.empty(lon0.size)
    for i in range(lon0.size):
        east, north = metres_per_degree(0.5 * (lat0[i] + lat1[i]))
        metres[i] = math.hypot(wrapped(lon1[i] - lon0[i]) * east, (lat1[i] - lat0[i]) * north)
    return metres


def ellipsoidal_metres(
    lon0: NDArray[np.float64], lat0: NDArray[np.float64], lon1: NDArray[np.float64], lat1: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return geodesic lengths between pairs of points (EPSG:4326).

    Up to 5 km by the mid-latitude formula (closer than 1e-6 to the geodesic up to 80 degrees of latitude), beyond by PROJ.
    """
    metres: NDArray[np.float64] = _short_metres(lon0, lat0, lon1, lat1)
    far = np.flatnonzero(metres > LONG_METRES)
    if len(far):
        metres[far] = _GEOD.inv(lon0[far], lat0[far], lon1[far], lat1[far])[2]
    return metres
