"""Undeclared GCJ-02 and BD-09: found where points lie on streets, silent where nothing can be told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lifecircle.geo.coordinates import bd09_from_wgs84, gcj02_from_wgs84
from lifecircle.geo.osm import read_osm
from lifecircle.geo.streets import Streets
from lifecircle.layers.units import unit_points
from lifecircle.studies.situation.offsets import likely_offset

SHIFTS = {None: lambda lon, lat: (lon, lat), "GCJ-02": gcj02_from_wgs84, "BD-09": bd09_from_wgs84}


def roads(west: float, south: float) -> Streets:
    """Eleven straight roads from south to north, about 2 km apart."""
    lon = np.repeat(west + 0.02 * np.arange(11), 2)
    lat = np.tile([south, south + 0.2], 11)
    return Streets(
        node_ids=np.arange(1, 23),
        lon=lon,
        lat=lat,
        way_ids=np.arange(1, 12),
        way_starts=np.arange(0, 23, 2),
        way_nodes=np.arange(22, dtype=np.int32),
        tags=pd.DataFrame({"highway": pd.Categorical(["primary"] * 11)}),
    )


def beside(streets: Streets, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Places within about 20 m of a road."""
    random = np.random.default_rng(5)
    lon = random.choice(streets.lon, count) + random.uniform(-2e-4, 2e-4, count)
    return lon, random.uniform(streets.lat.min() + 0.02, streets.lat.max() - 0.02, count)


@pytest.mark.parametrize("system", SHIFTS, ids=str)
@pytest.mark.parametrize("count", [12, 2_000])
def test_the_system_of_a_list_beside_roads_is_named(system, count):
    streets = roads(120.0, 29.0)
    assert likely_offset(*SHIFTS[system](*beside(streets, count)), streets) == system


def test_few_points_prove_nothing():
    streets = roads(120.0, 29.0)
    assert likely_offset(*gcj02_from_wgs84(*beside(streets, 5)), streets) is None


def test_points_that_are_nowhere_near_a_street_in_any_system_prove_nothing():
    streets = roads(120.0, 29.0)
    random = np.random.default_rng(6)
    assert likely_offset(random.uniform(120, 120.2, 300), random.uniform(29, 29.2, 300), streets) is None


def test_no_points_no_streets_and_other_continents_are_silent():
    streets, nothing = roads(120.0, 29.0), np.empty(0)
    assert likely_offset(nothing, nothing, streets) is None
    europe = roads(9.0, 47.0)
    lon, lat = beside(europe, 50)
    assert likely_offset(*bd09_from_wgs84(lon, lat), europe) is None


def test_no_real_list_in_wgs84_is_called_shifted(shared_data):
    """And every one of them is seen once shifted to BD-09, which moves a place by some 1,000 m."""
    tested = 0
    for file in sorted((shared_data / "china-osm").glob("*.osm")):
        extract = read_osm(file)
        if len(extract.places) >= 50:
            lon, lat = unit_points(extract.places.geometry)
            assert likely_offset(lon, lat, extract.streets) is None, file.name
            assert likely_offset(*bd09_from_wgs84(lon, lat), extract.streets) == "BD-09", file.name
            tested += 1
    assert tested >= 5
