"""Lengths on the ellipsoid."""

import numpy as np
from pyproj import Geod

GEOD = Geod(ellps="WGS84")


def metres_per_degree(lat: float) -> tuple[float, float]:
    """Metres of a degree east and of a degree north."""
    sine2 = np.sin(np.radians(lat)) ** 2
    east = np.radians(1) * GEOD.a / np.sqrt(1 - GEOD.es * sine2) * np.cos(np.radians(lat))
    return float(east), float(np.radians(1) * GEOD.a * (1 - GEOD.es) / (1 - GEOD.es * sine2) ** 1.5)


def turn(degrees: np.ndarray) -> np.ndarray:
    """Difference of longitudes, the short way round."""
    return (degrees + 180) % 360 - 180
