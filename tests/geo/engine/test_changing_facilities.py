"""Opening, closing and k nearest facilities, each compared with asking everything anew."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lifecircle.geo.engine.k_nearest import k_nearest_facilities
from lifecircle.geo.engine.matrix import trips
from lifecircle.geo.engine.search import nearest_facility
from lifecircle.geo.engine.updates import ChangingFacilities
from lifecircle.geo.modes import travel_mode
from lifecircle.geo.network.building import build_graph
from lifecircle.geo.network.graph import Graph
from lifecircle.geo.reading.osm import read_osm
from lifecircle.geo.snapping.snapper import Snapper
from lifecircle.geo.snapping.snaps import Snaps

WEST, SOUTH, EAST, NORTH = -51.26, -30.11, -51.14, -29.99


@pytest.fixture(scope="module", params=["walk", "car"])
def city(request: pytest.FixtureRequest, shared_data: Path) -> tuple[Graph, Snaps, Snaps]:
    streets = read_osm(shared_data / "porto-alegre-sao-paulo" / "poa" / "poa_osm.pbf", place_keys=()).streets
    graph = build_graph(streets, travel_mode(request.param))
    snapper, chance = Snapper(graph), np.random.default_rng(3)
    people = snapper.snap_points(chance.uniform(WEST, EAST, 3000), chance.uniform(SOUTH, NORTH, 3000))
    places = snapper.snap_points(chance.uniform(WEST, EAST, 80), chance.uniform(SOUTH, NORTH, 80)).connected()
    return graph, people, chosen(places, np.arange(30))


def chosen(snaps: Snaps, rows: np.ndarray) -> Snaps:
    some = snaps.take(np.asarray(rows))
    return replace(some, owner=np.arange(len(some)), places=len(some))


@pytest.mark.parametrize("direction", ["to", "from"])
def test_opening_and_closing_equal_asking_anew(city: tuple[Graph, Snaps, Snaps], direction: str) -> None:
    graph, people, places = city
    state = ChangingFacilities(graph, people, chosen(places, np.arange(20)), direction=direction)
    is_open = {row: row for row in range(20)}  # row in `state` -> row in `places`
    for step in range(10):
        if step % 2:
            gone = sorted(is_open)[step]
            del is_open[gone]
            change = state.close(gone)
        else:
            is_open[20 + step // 2] = 20 + step // 2
            change = state.open(chosen(places, [20 + step // 2]))
        rows = np.array(sorted(is_open))
        anew = nearest_facility(graph, people, chosen(places, rows), direction=direction)
        np.testing.assert_allclose(state.nearest.seconds, anew.seconds, rtol=0, atol=1e-9)
        np.testing.assert_array_equal(state.nearest.facility, np.where(anew.facility >= 0, rows[anew.facility], -1))
        np.testing.assert_array_equal(change.after.seconds, state.nearest.seconds[change.points])
        assert len(change.points) < len(people)


def test_opening_changes_only_points_that_gain(city: tuple[Graph, Snaps, Snaps]) -> None:
    graph, people, places = city
    state = ChangingFacilities(graph, people, chosen(places, np.arange(5)))
    change = state.open(chosen(places, [7]))
    assert (change.after.facility == 5).all()
    assert not (change.after.seconds > change.before.seconds).any()


def test_closing_an_unknown_facility_is_refused(city: tuple[Graph, Snaps, Snaps]) -> None:
    graph, people, places = city
    with pytest.raises(KeyError):
        ChangingFacilities(graph, people, places).close(999)


@pytest.mark.parametrize("direction", ["to", "from"])
def test_k_nearest_are_the_k_best_of_the_whole_table(city: tuple[Graph, Snaps, Snaps], direction: str) -> None:
    graph, people, places = city
    table = np.full((people.places, places.places), np.inf)
    for block in trips(graph, people, places, direction=direction):
        table[block.origin, block.destination] = block.seconds
    best = np.sort(table, axis=1)[:, :4]
    found = k_nearest_facilities(graph, people, places, 4, direction=direction)
    np.testing.assert_allclose(found.seconds, np.where(np.isinf(best), np.nan, best), rtol=0, atol=1e-9)
    reached = found.facility >= 0
    rows = np.broadcast_to(np.arange(people.places)[:, None], found.facility.shape)
    np.testing.assert_allclose(table[rows[reached], found.facility[reached]], found.seconds[reached], rtol=0, atol=1e-9)
