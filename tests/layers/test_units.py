"""Units as places: spots that several share, and the lattice that points may form."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial import cKDTree

from lifecircle.layers import units
from lifecircle.layers.units import distinct_places, lattice_metres

COORDINATES = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=30)


@given(COORDINATES)
def test_every_point_has_a_spot_and_every_spot_its_first_point(points):
    x, y = np.array(points, float).T
    first, place = distinct_places(x, y)
    assert [points[row] for row in first[place]] == points
    assert [points.index(point) for point in points] == first[place].tolist()
    assert len(first) == len(set(points))


def test_a_tree_holds_each_spot_once(monkeypatch):
    held = []
    monkeypatch.setattr(units, "cKDTree", lambda places: held.append(len(places)) or cKDTree(places))
    east, north = np.meshgrid(120 + np.arange(20) * 0.001, 30 + np.arange(20) * 0.001)
    lon, lat = np.append(east.ravel(), [120.0] * 5), np.append(north.ravel(), [30.0] * 5)
    assert lattice_metres(lon, lat) is not None  # six of 405 on one spot: still a lattice
    assert held == [400]


def test_points_on_one_spot_are_no_lattice_and_ask_for_no_neighbours(monkeypatch):
    monkeypatch.setattr(units, "cKDTree", None)
    assert lattice_metres(np.full(100, 120.0), np.full(100, 30.0)) is None
    half = np.arange(100) * 0.001
    assert lattice_metres(np.append(120 + half, np.full(100, 120.0)), np.full(200, 30.0)) is None
