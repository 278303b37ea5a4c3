"""Pairs of facilities: the nearest first, and never all pairs of a heap."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from lifecircle.analyses import facility_changes as changes
from lifecircle.analyses.facility_changes import MOVED_METRES, SAME_PLACE_METRES, facility_changes
from lifecircle.analyses.near_pairs import NEIGHBOURS, near_pairs
from lifecircle.geo.lengths import earth_centred, ellipsoidal_metres

METRE = 1 / 111_195


def heap(count, *, seed, across, ids="f", names=(None,), services=("s",), lat=0.0, lon=20.0):
    """Facilities anywhere in a square, in whole metres so that some share a spot."""
    random = np.random.default_rng(seed)
    east, north = random.integers(0, across, (2, count)) * METRE
    table = {
        "facility": [f"{ids}{at}" for at in random.permutation(count)],
        "service": random.choice(services, count),
        "name": pd.Series(random.choice(np.array(names, object), count), dtype="str"),
    }
    points = gpd.points_from_xy((lon + east / np.cos(np.radians(lat)) + 180) % 360 - 180, lat + north)
    return gpd.GeoDataFrame(table, geometry=points, crs="EPSG:4326")


def every_pair_nearest_first(before, after, metres):
    """Look at all pairs, the plain way."""
    x, y = before.geometry.x.to_numpy(), before.geometry.y.to_numpy()
    found = []
    for b, other in enumerate(after.itertuples()):
        away = ellipsoidal_metres(x, y, np.full(len(x), other.geometry.x), np.full(len(x), other.geometry.y))
        for a in np.flatnonzero((away <= metres) & (before["service"] == other.service)):
            one = before.iloc[a]
            known = pd.notna(one["name"]) and pd.notna(other.name)
            if metres <= SAME_PLACE_METRES or not known or one["name"] == other.name:
                found.append((away[a], one["facility"] != other.facility, int(a), b))
    pairs, used = [], (set(), set())
    for _, _, a, b in sorted(found):
        if a not in used[0] and b not in used[1]:
            used[0].add(a)
            used[1].add(b)
            pairs.append((a, b))
    return pairs


@pytest.mark.parametrize(("metres", "across"), [(SAME_PLACE_METRES, 120), (MOVED_METRES, 400)])
@pytest.mark.parametrize(("lat", "lon"), [(0.0, 20.0), (64.0, 20.0), (30.0, 179.999)])
def test_pairs_are_those_of_looking_at_all_of_them(metres, across, lat, lon):
    kinds = {"names": ("A", "B", None), "services": ("s", "t"), "lat": lat, "lon": lon}
    before, after = heap(150, seed=1, across=across, **kinds), heap(170, seed=2, across=across, **kinds)
    spots = before.geometry.to_numpy(), after.geometry.to_numpy()
    expected = every_pair_nearest_first(before, after, metres)
    assert changes._near(before, after, spots, metres, []) == expected
    assert len(expected) > 5


@pytest.fixture
def looked_at(monkeypatch):
    """How many pairs were looked at, round by round."""
    counts = []

    def counted(*asked, **options):
        found = near_pairs(*asked, **options)
        counts.append(len(found[0]))
        return found

    monkeypatch.setattr(changes, "near_pairs", counted)
    return counts


def test_of_a_heap_only_neighbours_are_looked_at(looked_at):
    found = facility_changes(heap(1_500, seed=1, across=35), heap(1_500, seed=2, across=35, ids="g"))  # all within 50 m
    assert (found["change"] == "same").all() and len(found) == 1_500
    assert max(looked_at) <= 2 * NEIGHBOURS * 1_500
    assert sum(looked_at) < 1_500**2 / 5


def test_a_heap_that_moved_as_one_meets_itself_in_order(looked_at):
    before = heap(600, seed=1, across=1)
    beside = shapely.transform(before.geometry.to_numpy(), lambda xy: xy + 1e-4)
    after = before.assign(facility=[f"g{at}" for at in range(600)]).set_geometry(beside, crs=before.crs)
    found = facility_changes(before, after)
    assert (found["change"] == "same").all()
    assert list(found["before"]) == list(before["facility"]) and list(found["after"]) == list(after["facility"])
    assert max(looked_at) <= 2 * NEIGHBOURS * 600


def test_names_of_a_heap_find_their_own(looked_at):
    names = pd.Series([f"n{at}" for at in range(500)])
    before, after = heap(500, seed=1, across=30).assign(name=names), heap(500, seed=2, across=30).assign(name=names[::-1].array)
    pairs = changes._near(before, after, (before.geometry.to_numpy(), after.geometry.to_numpy()), MOVED_METRES, [])
    assert sorted(pairs) == [(at, 499 - at) for at in range(500)]
    assert looked_at == [500]


def test_straight_lines_through_the_earth_are_as_long_as_the_ground():
    lon, lat = np.array([179.9999, -179.9996]), np.array([64.0, 64.0002])
    x, y, z = earth_centred(lon, lat)
    ground = ellipsoidal_metres(lon[:1], lat[:1], lon[1:], lat[1:])[0]
    assert np.sqrt(np.diff(x) ** 2 + np.diff(y) ** 2 + np.diff(z) ** 2)[0] == pytest.approx(ground, rel=1e-7)
