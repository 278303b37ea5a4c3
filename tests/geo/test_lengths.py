"""Lengths on the ellipsoid beside PROJ's geodesics."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from lifecircle.geo.lengths import LONG_METRES, ellipsoidal_metres

GEOD = Geod(ellps="WGS84")


def ours(*ends):
    return float(ellipsoidal_metres(*(np.array([value]) for value in ends))[0])


@given(lon=st.floats(-180, 180), lat=st.floats(-79, 79), azimuth=st.floats(0, 360), metres=st.floats(0.1, 100_000))
def test_every_length_is_within_a_millionth_of_the_geodesic(lon, lat, azimuth, metres):
    end = GEOD.fwd(lon, lat, azimuth, metres)[:2]
    assert ours(lon, lat, *end) == pytest.approx(metres, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("metres", [LONG_METRES * 0.999, LONG_METRES * 1.001])
def test_it_holds_for_the_longest_approximated_length_in_the_far_north(metres):
    azimuth = np.arange(0.0, 360.0)
    start = np.zeros(360), np.full(360, 80.0)
    lon, lat, _ = GEOD.fwd(*start, azimuth, np.full(360, metres))
    assert ellipsoidal_metres(*start, lon, lat) == pytest.approx(metres, rel=1.1e-6)


def test_a_degree_along_the_equator_and_along_a_meridian():
    """From the ellipsoid's definition: a x pi / 180, and Bessel's meridian arc from 0 to 1 degree."""
    assert ours(0, 0, 1, 0) == pytest.approx(111_319.4908, abs=1e-3)
    assert ours(0, 0, 0, 1) == pytest.approx(110_574.3886, abs=1e-3)


def test_the_antimeridian_is_no_detour():
    assert ours(179.9995, 10, -179.9995, 10) == pytest.approx(ours(0, 10, 0.001, 10), rel=1e-9)


def test_many_lengths_at_once_are_each_alone():
    rng = np.random.default_rng(1)
    ends = rng.uniform(-60, 60, (4, 50))
    together = ellipsoidal_metres(*ends)
    assert together.tolist() == [ours(*column) for column in ends.T]
    assert together == pytest.approx(GEOD.inv(*ends)[2], rel=1e-6)


def test_no_lengths_are_no_error():
    assert ellipsoidal_metres(*(np.empty(0) for _ in range(4))).shape == (0,)
