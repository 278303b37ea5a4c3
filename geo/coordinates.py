"""Coordinates: from whatever a file declares to WGS 84, and to a local metric CRS for measuring.

GCJ-02 (map services in China) and BD-09 (Baidu) have no EPSG code: they are offset systems, kept as a declared name.
The published formulas are used; how close they come to the official offset is not published, about a metre is usual.
Axis order is always x = longitude or easting, y = latitude or northing, whatever the EPSG definition says.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from .errors import InputError

Floats = npt.NDArray[np.float64]
Pair = tuple[Floats, Floats]

KRASSOVSKY_METRES: Final = 6378245.0
KRASSOVSKY_E2: Final = 0.00669342162296594323
# Where the published formula applies; outside this box nothing is shifted.
GCJ02_BOX: Final = (72.004, 0.8293, 137.8347, 55.8271)
BD09_ANGLE: Final = np.pi * 3000 / 180
# 1e-10 degrees is 0.01 mm; the iteration gains two digits a step, so the cap is never met inside the box.
INVERSE_TOLERANCE_DEGREES: Final = 1e-10
INVERSE_STEPS: Final = 20
GK_FIRST_EPSG: Final = 4534  # CGCS2000 / 3-degree Gauss-Kruger CM 75E; the next 20 codes follow every 3 degrees


def gcj02_from_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Pair:
    """Shift WGS 84 degrees to GCJ-02 degrees; points outside the formula's box stay as they are."""
    return _inside_box(_gcj02_unbounded, *_floats(lon, lat))


def wgs84_from_gcj02(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Pair:
    """Undo `gcj02_from_wgs84` to under a millimetre, by iteration; points outside the box stay as they are."""
    return _inside_box(_inverse_of(_gcj02_unbounded), *_floats(lon, lat))


def bd09_from_gcj02(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Pair:
    """Shift GCJ-02 degrees to BD-09 degrees; points outside the box stay as they are."""
    return _inside_box(_bd09_unbounded, *_floats(lon, lat))


def gcj02_from_bd09(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Pair:
    """Undo `bd09_from_gcj02` to under a millimetre; points outside the box stay as they are."""
    return _inside_box(_inverse_of(_bd09_unbounded), *_floats(lon, lat))


def bd09_from_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Pair:
    """Shift WGS 84 degrees to BD-09 degrees."""
    return bd09_from_gcj02(*gcj02_from_wgs84(lon, lat))


def wgs84_from_bd09(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Pair:
    """Undo `bd09_from_wgs84` to under a millimetre."""
    return wgs84_from_gcj02(*gcj02_from_bd09(lon, lat))


def is_offset_system(crs: str) -> bool:
    """Tell whether `crs` names GCJ-02 or BD-09, in any usual spelling (GCJ-02, gcj02, BD_09, bd09ll)."""
    return _offset_name(crs) is not None


def to_wgs84(x: npt.ArrayLike, y: npt.ArrayLike, crs: str) -> Pair:
    """Turn coordinates into WGS 84 longitude and latitude.

    Parameters
    ----------
    x, y : array of float
        Longitude or easting, latitude or northing, in this order whatever the axis order of the EPSG definition.
    crs : str
        `"EPSG:4549"` or any other pyproj user input, or the offset systems `"GCJ-02"` and `"BD-09"`.

    Returns
    -------
    lon, lat : array of float64
        Degrees; NaN where the projection has no answer.

    Raises
    ------
    InputError
        If `crs` is not known, or is not tied to the Earth.
    """
    offset = _offset_name(crs)
    if offset is not None:
        return (wgs84_from_gcj02 if offset == "GCJ-02" else wgs84_from_bd09)(x, y)
    transformer = _wgs84_transformer(crs)
    lon, lat = _floats(x, y)
    if transformer is None:
        return lon.copy(), lat.copy()
    lon, lat = transformer.transform(lon, lat)
    lost = ~(np.isfinite(lon) & np.isfinite(lat))
    return np.where(lost, np.nan, lon), np.where(lost, np.nan, lat)


def parse_crs(crs: str) -> CRS:
    """Return the pyproj CRS that `crs` names.

    Raises
    ------
    InputError
        If pyproj does not know it.
    """
    try:
        return CRS.from_user_input(crs)
    except CRSError as error:
        raise InputError(
            "unknown coordinate system {crs!r}: give an EPSG code such as EPSG:4326 or EPSG:4549, or GCJ-02 or BD-09", crs=crs
        ) from error


def metric_crs(lon: npt.ArrayLike, lat: npt.ArrayLike) -> CRS:
    """Choose a metric CRS for measuring within a study's extent.

    CGCS2000 3-degree Gauss-Kruger where EPSG declares that zone's area of use (China), UTM elsewhere; the zone is that
    of the extent's centre. Both are transverse Mercator: lengths over a whole Chinese province are off by 0.1 %.

    Parameters
    ----------
    lon, lat : array of float
        Points or corners of the extent, WGS 84 degrees; an extent across the antimeridian is understood as such.

    Raises
    ------
    InputError
        If there is no finite point.
    """
    middle_lon, middle_lat = _middle(lon, lat)
    return CRS.from_epsg(_gauss_kruger_code(middle_lon, middle_lat) or _utm_code(middle_lon, middle_lat))


def equal_area_crs(lon: npt.ArrayLike, lat: npt.ArrayLike) -> CRS:
    """Choose a local equal-area CRS (metres) for counting per area: Lambert's azimuthal, centred on the extent.

    The centre is rounded to whole degrees, so that a slightly larger study gets the same cells.

    Parameters
    ----------
    lon, lat : array of float
        Points or corners of the extent, WGS 84 degrees.

    Raises
    ------
    InputError
        If there is no finite point.
    """
    middle_lon, middle_lat = _middle(lon, lat)
    return CRS.from_dict({"proj": "laea", "lat_0": round(middle_lat), "lon_0": round(middle_lon), "datum": "WGS84"})


def _floats(x: npt.ArrayLike, y: npt.ArrayLike) -> Pair:
    return np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)


def _offset_name(crs: str) -> str | None:
    spelling = re.sub(r"[\s_-]", "", str(crs)).upper()
    return {"GCJ02": "GCJ-02", "BD09": "BD-09", "BD09LL": "BD-09"}.get(spelling)


def _inside_box(shift: Callable[[Floats, Floats], Pair], lon: Floats, lat: Floats) -> Pair:
    west, south, east, north = GCJ02_BOX
    inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    # A harmless place stands in for points outside, so that the formulas never see NaN or infinity.
    shifted_lon, shifted_lat = shift(np.where(inside, lon, 105.0), np.where(inside, lat, 35.0))
    return np.where(inside, shifted_lon, lon), np.where(inside, shifted_lat, lat)


def _inverse_of(shift: Callable[[Floats, Floats], Pair]) -> Callable[[Floats, Floats], Pair]:
    def undo(lon: Floats, lat: Floats) -> Pair:
        found_lon, found_lat = lon, lat
        for _ in range(INVERSE_STEPS):
            there_lon, there_lat = shift(found_lon, found_lat)
            step_lon, step_lat = lon - there_lon, lat - there_lat
            found_lon, found_lat = found_lon + step_lon, found_lat + step_lat
            if max(np.abs(step_lon).max(initial=0), np.abs(step_lat).max(initial=0)) < INVERSE_TOLERANCE_DEGREES:
                break
        return found_lon, found_lat

    return undo


def _gcj02_unbounded(lon: Floats, lat: Floats) -> Pair:
    """The published offset: polynomials and sines in metres, turned into degrees on the Krassovsky ellipsoid."""
    x, y = lon - 105, lat - 35
    root, ripple = np.sqrt(np.abs(x)), 20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)
    north = -100 + 2 * x + 3 * y + 0.2 * y**2 + 0.1 * x * y + 0.2 * root
    north = north + (ripple + _waves(y, 20, 40, 1, 3) + _waves(y, 160, 320, 12, 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x**2 + 0.1 * x * y + 0.1 * root
    east = east + (ripple + _waves(x, 20, 40, 1, 3) + _waves(x, 150, 300, 12, 30)) * 2 / 3
    phi = np.radians(lat)
    flattening = 1 - KRASSOVSKY_E2 * np.sin(phi) ** 2
    meridian = KRASSOVSKY_METRES * (1 - KRASSOVSKY_E2) / flattening**1.5
    parallel = KRASSOVSKY_METRES / np.sqrt(flattening) * np.cos(phi)
    return lon + np.degrees(east / parallel), lat + np.degrees(north / meridian)


def _waves(t: Floats, first: float, second: float, first_length: float, second_length: float) -> Floats:
    return first * np.sin(np.pi * t / first_length) + second * np.sin(np.pi * t / second_length)


def _bd09_unbounded(lon: Floats, lat: Floats) -> Pair:
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * BD09_ANGLE)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * BD09_ANGLE)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


@lru_cache(maxsize=64)
def _wgs84_transformer(crs: str) -> Transformer | None:
    """Return the transformer to WGS 84, None where the coordinates are WGS 84 already."""
    source = parse_crs(crs)
    if source.is_geographic and source.to_2d().equals(CRS.from_epsg(4326), ignore_axis_order=True):
        return None
    try:
        return Transformer.from_crs(source, CRS.from_epsg(4326), always_xy=True)
    except ProjError as error:
        raise InputError("coordinate system {crs!r} cannot be turned into WGS 84: declare another `crs:`", crs=crs) from error


def _middle(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[float, float]:
    lons, lats = _floats(lon, lat)
    known = np.isfinite(lons) & np.isfinite(lats)
    if not known.any():
        raise InputError("no point has coordinates: there is no extent to choose a metric coordinate system for")
    return _middle_longitude(lons[known]), float((lats[known].min() + lats[known].max()) / 2)


def _middle_longitude(lon: Floats) -> float:
    """Middle of the shortest arc that holds all longitudes: the arc opposite to the widest gap."""
    turned = np.sort(lon % 360)
    gaps = np.diff(turned, append=turned[0] + 360)
    widest = int(gaps.argmax())
    start = float(turned[(widest + 1) % turned.size])
    middle = start + (360 - float(gaps[widest])) / 2
    return (middle + 180) % 360 - 180


def _gauss_kruger_code(lon: float, lat: float) -> int | None:
    zone = round((lon - 75) / 3)
    if not 0 <= zone <= 20:
        return None
    area = CRS.from_epsg(GK_FIRST_EPSG + zone).area_of_use
    inside = area is not None and area.west <= lon <= area.east and area.south <= lat <= area.north
    return GK_FIRST_EPSG + zone if inside else None


def _utm_code(lon: float, lat: float) -> int:
    zone = int((lon + 180) // 6) % 60 + 1
    return (32600 if lat >= 0 else 32700) + zone
