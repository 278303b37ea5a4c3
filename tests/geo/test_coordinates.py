"""Coordinates: the offsets, the projections, and the choice of a metric system."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from lifecircle.geo.coordinates import (
    bd09_from_wgs84,
    equal_area_crs,
    gcj02_from_wgs84,
    is_offset_system,
    metric_crs,
    to_wgs84,
    wgs84_from_bd09,
    wgs84_from_gcj02,
)
from lifecircle.geo.errors import InputError

GEOD = Geod(ellps="WGS84")
# metres from WGS 84 to GCJ-02 and to BD-09, computed apart from this program
OFFSETS = {
    "Hangzhou": (120.15, 30.27, 521, 1154),
    "Wenzhou": (120.70, 28.00, 540, 1086),
    "Dinghai": (122.10, 30.02, 489, 1123),
    "Qingyuan": (119.06, 27.62, 603, 1188),
}
# On the central meridian the northing is the distance from the equator along it.
MERIDIAN_TO_30 = GEOD.inv(120, 0, 120, 30)[2]
inside_lon = st.floats(73.5, 135)
inside_lat = st.floats(3, 53)


def metres(first, second):
    return GEOD.inv(*first, *second)[2]


@pytest.mark.parametrize("place", OFFSETS)
def test_offsets_are_as_far_as_published(place):
    lon, lat, gcj, bd = OFFSETS[place]
    assert metres((lon, lat), gcj02_from_wgs84(lon, lat)) == pytest.approx(gcj, abs=1)
    assert metres((lon, lat), bd09_from_wgs84(lon, lat)) == pytest.approx(bd, abs=1)


def test_gcj02_lies_east_and_south_in_zhejiang():
    lon, lat = gcj02_from_wgs84(120.15, 30.27)
    assert lon > 120.15
    assert lat < 30.27


@given(inside_lon, inside_lat)
def test_inverses_return_to_under_a_millimetre(lon, lat):
    assert metres((lon, lat), wgs84_from_gcj02(*gcj02_from_wgs84(lon, lat))) < 1e-3
    assert metres((lon, lat), wgs84_from_bd09(*bd09_from_wgs84(lon, lat))) < 1e-3


@given(
    st.one_of(
        st.tuples(st.floats(-180, 72), st.floats(-90, 90)),
        st.tuples(st.floats(138, 180), st.floats(-90, 90)),
        st.tuples(st.floats(-180, 180), st.floats(-90, 0.8)),
        st.tuples(st.floats(-180, 180), st.floats(55.9, 90)),
    )
)
def test_nothing_outside_the_box_is_shifted(point):
    for shift in (gcj02_from_wgs84, wgs84_from_gcj02, bd09_from_wgs84, wgs84_from_bd09):
        lon, lat = shift(*point)
        assert (float(lon), float(lat)) == point


def test_missing_coordinates_stay_missing():
    lon, lat = to_wgs84([120, np.nan], [30, 30], "GCJ-02")
    assert np.isfinite(lon).tolist() == [True, False]
    assert lat[1] == 30


@pytest.mark.parametrize("spelling", ["GCJ-02", "GCJ02", "gcj_02", "BD-09", "bd09", "BD09LL"])
def test_offset_systems_have_many_spellings(spelling):
    assert is_offset_system(spelling)
    lon, _ = to_wgs84(120.15, 30.27, spelling)
    assert 0.003 < 120.15 - lon < 0.012


@pytest.mark.parametrize("other", ["EPSG:4326", "EPSG:4490", "WGS84"])
def test_epsg_codes_are_no_offset_systems(other):
    assert not is_offset_system(other)


@pytest.mark.parametrize(
    ("x", "y", "crs"),
    [
        (120, 30, "EPSG:4326"),
        (120, 30, "EPSG:4490"),
        (500_000, MERIDIAN_TO_30, "EPSG:4549"),
        (40_500_000, MERIDIAN_TO_30, "EPSG:4528"),
    ],
)
def test_one_place_in_four_systems(x, y, crs):
    """EPSG says latitude first for 4326 and 4490, northing first for 4549: here x is always the easting."""
    assert metres((120, 30), to_wgs84(x, y, crs)) < 0.01


def test_input_arrays_stay_as_they_were():
    x, y = np.array([120.0]), np.array([30.0])
    lon, _ = to_wgs84(x, y, "EPSG:4326")
    lon[0] = 0
    to_wgs84(x, y, "BD-09")
    assert (x[0], y[0]) == (120.0, 30.0)


@pytest.mark.parametrize("crs", ["EPSG:99", "Hangzhou 1980", 'LOCAL_CS["site"]'])
def test_unknown_system_is_refused_by_name(crs):
    with pytest.raises(InputError, match=r"coordinate system .*" + crs[:5]):
        to_wgs84(1, 2, crs)


@pytest.mark.parametrize(
    ("lon", "lat", "epsg"),
    [
        (120.15, 30.27, 4549),
        (118.4, 29.1, 4548),
        (122.4, 30.7, 4550),
        (107.0, 29.5, 4545),
        (-51.2, -30.0, 32722),
        (43.3, -11.7, 32738),
        (127.0, 37.5, 32652),  # Seoul: in the GCJ-02 box, yet not where CGCS2000 is used
        ([177.0, -179.0], [-19.0, -16.0], 32760),  # Fiji
    ],
)
def test_metric_system_of_an_extent(lon, lat, epsg):
    assert metric_crs(lon, lat).to_epsg() == epsg


def test_metric_system_needs_a_point():
    with pytest.raises(InputError, match="no point"):
        metric_crs([np.nan], [30])


def test_equal_area_system_keeps_area_and_shrugs_at_a_slightly_larger_extent():
    crs = equal_area_crs([119.6, 120.3], [29.7, 30.4])
    assert crs == equal_area_crs([119.6, 120.4], [29.7, 30.4])
    square = np.array([[0, 0], [1000, 0], [1000, 1000], [0, 1000]]) + 40_000
    lon, lat = to_wgs84(square[:, 0], square[:, 1], crs.to_wkt())
    assert abs(GEOD.polygon_area_perimeter(lon, lat)[0]) == pytest.approx(1e6, rel=1e-6)
