"""Places snapped to one graph are not used on another, whichever function gets them."""

import numpy as np
import pytest
import toy_map
from toy_study import STREET

from lifecircle.geo.engine.k_nearest import k_nearest_facilities
from lifecircle.geo.engine.matrix import trips
from lifecircle.geo.engine.routes import TimeField
from lifecircle.geo.engine.search import nearest_facility
from lifecircle.geo.engine.updates import ChangingFacilities
from lifecircle.geo.errors import InputError
from lifecircle.geo.modes import travel_mode
from lifecircle.geo.network.building import build_graph
from lifecircle.geo.reading.osm import read_osm
from lifecircle.geo.rings.isochrones import isochrones, merged_isochrones
from lifecircle.geo.snapping.chosen import chosen_places, numbered_on
from lifecircle.geo.snapping.snapper import Snapper

LON, LAT = np.array([2.0, 40.0]) * toy_map.DEGREES, np.zeros(2)
ORIGINS = np.column_stack((LON, LAT))
SEARCHES = {
    "nearest": lambda graph, points, others: nearest_facility(graph, points, others),
    "matrix": lambda graph, points, others: list(trips(graph, points, others)),
    "k nearest": lambda graph, points, others: k_nearest_facilities(graph, points, others, 2),
    "routes": lambda graph, points, others: TimeField(graph, others).routes(points),
    "changes": lambda graph, points, others: ChangingFacilities(graph, points, others).nearest,
    "rings": lambda graph, points, others: isochrones(graph, others, ORIGINS, limits_seconds=[60.0]),
    "merged rings": lambda graph, points, others: merged_isochrones(graph, others, ORIGINS, limits_seconds=[60.0]),
}


@pytest.fixture(scope="module")
def streets(tmp_path_factory):
    return read_osm([toy_map.write_map(tmp_path_factory.mktemp("wrong") / "s.osm", *STREET)]).streets


def graph_of(streets, **mode):
    return build_graph(streets, travel_mode("walk", **mode))


@pytest.mark.parametrize("name", SEARCHES)
def test_another_graph_is_refused_on_either_side(streets, name):
    one, other = graph_of(streets), graph_of(streets, speed_kmh=3.0)
    own, foreign = Snapper(one).snap_points(LON, LAT), Snapper(other).snap_points(LON, LAT)
    SEARCHES[name](one, own, own)
    with pytest.raises(InputError, match="2 places were snapped to another network"):
        SEARCHES[name](one, own, foreign)
    if "rings" not in name:
        with pytest.raises(InputError, match="snapped to another network"):
            SEARCHES[name](one, foreign, own)


def test_the_same_graph_built_again_is_the_same(streets):
    snaps = Snapper(graph_of(streets)).snap_points(LON, LAT)
    assert nearest_facility(graph_of(streets), snaps, snaps).seconds.tolist() == [0, 0]


def test_parts_of_snaps_know_where_they_lie(streets):
    snaps = Snapper(graph_of(streets)).snap_points(LON, LAT)
    for part in (chosen_places(snaps, np.array([1])), numbered_on([snaps, snaps]), snaps.connected()):
        assert part.network == snaps.network is not None
    with pytest.raises(InputError, match="another network"):
        numbered_on([snaps, Snapper(graph_of(streets, speed_kmh=3.0)).snap_points(LON, LAT)])
