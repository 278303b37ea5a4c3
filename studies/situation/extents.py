"""Whether layers lie where the streets are, and whether they would with longitude and latitude exchanged."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from ...geo.coordinates import Floats
from ...geo.errors import StudyError
from ...geo.streets import Streets
from ...layers.source import Source
from ...layers.units import unit_points
from ..speech.messages import Say

MARGIN_DEGREES = 0.01  # about the largest snap cap: a point this far outside may still reach a street


FAR_DEGREES = 1.0  # places that far off are in another region


def outside_streets(lon: Floats, lat: Floats, streets: Streets, margin: float = MARGIN_DEGREES) -> npt.NDArray[np.bool_]:
    """Tell which points lie beyond the streets' extent, where no street can be near.

    Parameters
    ----------
    lon, lat : (n,) float64
        Degrees, EPSG:4326.
    streets : Streets
    margin : float
        How far around the extent a point is not yet beyond, degrees.

    Returns
    -------
    (n,) bool
        All True where there is no street at all.
    """
    if not len(streets.lon):
        return np.ones(len(lon), bool)
    west, south, east, north = extent(streets)
    inside = (lon >= west - margin) & (lon <= east + margin)
    inside &= (lat >= south - margin) & (lat <= north + margin)
    return ~inside


def require_unexchanged(places: gpd.GeoSeries, streets: Streets, source: Source, say: Say, *, columns: str = "") -> None:
    """Refuse places of another region, half of which lie among the streets with longitude and latitude exchanged.

    Degrees of half the world can be exchanged without leaving the globe, so that no reader of a single file sees it.

    Parameters
    ----------
    places : GeoSeries
        EPSG:4326, as read.
    streets : Streets
    source : Source
    say : Say
    columns : str
        What holds the coordinates, where that is known; else what `source` names.

    Raises
    ------
    StudyError
    """
    lon, lat = unit_points(places) if len(places) else (np.empty(0), np.empty(0))
    if not len(lon) or not outside_streets(lon, lat, streets, FAR_DEGREES).all():
        return
    fit = int((~outside_streets(lat, lon, streets)).sum())
    if 2 * fit < len(lon):
        return
    named = columns or " / ".join(filter(None, (source.x, source.y))) or say("input.exchanged.columns")
    where = {"lon": lon[0], "lat": lat[0], "columns": named}
    raise StudyError(say("input.exchanged", file=source.file.name, places=len(lon), fit=fit, **where))


def extent(streets: Streets) -> tuple[float, float, float, float]:
    """Return west, south, east and north of the streets; all NaN where there are none."""
    if not len(streets.lon):
        return (float("nan"),) * 4
    return float(streets.lon.min()), float(streets.lat.min()), float(streets.lon.max()), float(streets.lat.max())
