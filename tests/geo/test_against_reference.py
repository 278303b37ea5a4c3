"""The engine beside the reference model on real extracts: the same snaps, seconds and metres for random points."""

from functools import cache

import engine
import numpy as np
import pytest
import reference_model
from engine import classes, part

from lifecircle.geo.reading.osm import read_osm

FILES = {
    "porto-alegre": "porto-alegre-sao-paulo/poa/poa_osm.pbf",
    "northern-kentucky": "northern-kentucky/streets.osm.pbf",  # unsorted
    "shenzhen": "china-osm/shenzhen_longgang.osm",
    "comoros": "comoros/com-test-data/raw/osm/comores-latest.osm.pbf",
}
MODES = ("walk", "bicycle", "car")
CASES = [
    *[(place, mode, "scheduled") for place in FILES for mode in MODES],
    *[("comoros", "walk", ferries) for ferries in ("none", "free")],
]
ORIGINS = 8
CLOSE = {"rel": 2e-5, "abs": 2e-3, "nan_ok": True}


@cache
def streets(file):
    return read_osm(file).streets


def points_around(net, streets, seed):
    """Points near random street nodes, points near streets cut off from the main ones, and points far from everything."""
    rng = np.random.default_rng(seed)
    minor = np.flatnonzero(~net.graph.edge_sound & net.graph.edge_snaps)
    first = net.graph.edge_starts[rng.choice(minor, 10)] if len(minor) else np.empty(0, np.int64)
    node = rng.integers(0, len(streets.lon), 50)
    lon = np.concatenate(
        (streets.lon[node] + rng.normal(0, 0.0012, 50), net.graph.piece_lon[first, 0] + rng.normal(0, 0.0004, len(first)))
    )
    lat = np.concatenate(
        (streets.lat[node] + rng.normal(0, 0.0012, 50), net.graph.piece_lat[first, 0] + rng.normal(0, 0.0004, len(first)))
    )
    order = rng.permutation(len(lon))
    return np.append(lon[order], lon[:2] + 0.5), np.append(lat[order], lat[:2] + 0.5)


@pytest.fixture(params=CASES, ids="-".join)
def both(request, shared_data):
    """The same network twice: engine and reference, with the same points snapped to each."""
    place, mode, ferries = request.param
    file = shared_data / FILES[place]
    net = engine.network(streets(file), mode, ferries=ferries)
    reference = reference_model.network(file, mode, ferries=ferries)
    lon, lat = points_around(net, streets(file), seed=len(place) + len(mode))
    return net, net.snap(lon, lat), reference, reference.snap(lon, lat)


def test_engine_and_reference_agree(both):
    net, points, reference, snapped = both
    assert classes(points) == [snap.snap_class for snap in snapped]
    assert {0, 1} <= set(classes(points))
    assert points.connector_metres == pytest.approx([snap.metres for snap in snapped], **CLOSE)
    origins, destinations = part(points, range(ORIGINS)), part(points, range(ORIGINS, len(points)))
    for direction in ("to", "from"):
        seconds, metres, connectors = net.matrix(origins, destinations, direction=direction)
        expected = reference.matrix(snapped[:ORIGINS], snapped[ORIGINS:], direction=direction)
        assert np.isfinite(expected[0]).mean() > 0.2
        assert seconds == pytest.approx(expected[0], **CLOSE)
        assert metres == pytest.approx(expected[1], **CLOSE)
        assert connectors == pytest.approx(expected[2], **CLOSE)
        nearest, facility = net.nearest(origins, destinations, direction=direction)
        least = np.nanmin(np.where(np.isnan(expected[0]), np.inf, expected[0]), axis=1)
        assert nearest == pytest.approx(np.where(np.isinf(least), np.nan, least), **CLOSE)
        assert expected[0][facility >= 0, facility[facility >= 0]] == pytest.approx(least[facility >= 0], **CLOSE)


def test_the_points_meet_the_street_in_every_way_there_is(shared_data):
    """The comparison would be blind to classes that no point meets."""
    found = set()
    for name in FILES.values():
        for mode in ("walk", "car"):
            net = engine.network(streets(shared_data / name), mode)
            found |= set(classes(net.snap(*points_around(net, streets(shared_data / name), seed=1))))
    assert found >= {0, 1, 2}
