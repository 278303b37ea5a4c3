"""Networks built one after the other: what one lends the next changes no figure of it."""

from dataclasses import fields, replace
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from lifecircle.geo.modes import travel_mode
from lifecircle.geo.network.graph import Graph
from lifecircle.geo.reading.osm import read_osm
from lifecircle.geo.snapping.snaps import Snaps
from lifecircle.geo.terrain import Heights
from lifecircle.studies.situation.networks import NetworkBuilder, build_network

HELSINKI = Path(str(resources.files("lifecircle.studies.demo").joinpath("data/Helsinki.osm.pbf")))  # the bundled city centre
WALK = travel_mode("walk")


@pytest.fixture(scope="module")
def streets():
    return read_osm(HELSINKI).streets


@pytest.fixture(scope="module")
def people(streets):
    random = np.random.default_rng(1)
    return tuple(random.uniform(axis.min(), axis.max(), 2_000) for axis in (streets.lon, streets.lat))


@pytest.fixture(scope="module", params=[False, True], ids=["flat", "hilly"])
def heights(request, streets):
    hills = 20 * np.sin(2_000 * streets.lon) * np.sin(3_000 * streets.lat)
    return Heights(hills) if request.param else None


def assert_same(one, other, kind, *, but=()):
    for field in fields(kind):
        if field.name not in but:
            mine, others = ((value if isinstance(value, tuple) else (value,)) for value in _values(one, other, field.name))
            for array, same in zip(mine, others, strict=True):
                np.testing.assert_array_equal(array, same, err_msg=field.name)


def _values(one, other, name):
    return getattr(one, name), getattr(other, name)


def test_networks_in_a_row_are_those_built_alone_to_the_last_bit(streets, heights, people):
    modes = [
        *(travel_mode("walk", speed_kmh=speed) for speed in (5.0, 3.0, 6.0)),
        replace(WALK, snap_cap_metres=80.0),
        *(travel_mode("bicycle", speed_kmh=speed) for speed in (15.0, 12.0)),
        travel_mode("car"),
        travel_mode("walk", ferries="none"),
        WALK,
    ]
    builder = NetworkBuilder(streets, heights, *people)
    for mode in modes:
        mine, alone = builder.build(mode), build_network(streets, mode, heights, *people)
        assert mine.graph.mode == mode
        assert_same(mine.graph, alone.graph, Graph, but=("mode", "chains"))
        assert_same(mine.people, alone.people, Snaps)
        for arcs, others in ((mine.graph.outgoing, alone.graph.outgoing), (mine.graph.incoming, alone.graph.incoming)):
            np.testing.assert_array_equal(arcs.heads, others.heads)
            np.testing.assert_array_equal(arcs.seconds, others.seconds)


def test_only_what_speed_leaves_alone_is_taken_over(streets, people):
    """Without lifts, which take as long for everybody: of streets equally near, the fastest is another for slow walkers."""
    streets = replace(streets, tags=streets.tags.assign(highway=streets.tags["highway"].cat.remove_categories("elevator")))
    builder = NetworkBuilder(streets, None, *people)
    usual, slow = builder.build(WALK), builder.build(travel_mode("walk", speed_kmh=3.0))
    assert slow.graph.street_grid is usual.graph.street_grid and slow.found is usual.found
    assert slow.graph.edge_forward.sum() > usual.graph.edge_forward.sum()
    near = builder.build(travel_mode("walk", snap_cap_metres=80.0))
    assert near.graph.street_grid is usual.graph.street_grid and near.found is not usual.found
    assert builder.build(travel_mode("bicycle")).graph.street_grid is not usual.graph.street_grid
