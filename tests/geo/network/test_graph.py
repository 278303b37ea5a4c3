"""The compact graph of a mode: few edges, and nothing lost of the streets they are made of."""

from collections import Counter
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
import reference_model
import toy_map
from toy_map import EAST, ROAD, row, street

from lifecircle.geo.modes import travel_mode
from lifecircle.geo.network.building import build_graph
from lifecircle.geo.reading.osm import read_osm

HELSINKI = Path(str(resources.files("lifecircle.studies.demo").joinpath("data/Helsinki.osm.pbf")))  # the bundled city centre


@pytest.fixture(scope="module")
def helsinki():
    return read_osm(HELSINKI).streets


@pytest.mark.parametrize("mode", ["walk", "bicycle", "car"])
def test_pieces_form_their_edges_end_to_end(helsinki, mode):
    graph = build_graph(helsinki, travel_mode(mode, crossings="none" if mode == "car" else None))
    first, last = graph.edge_starts[:-1], graph.edge_starts[1:] - 1
    for junctions, pieces, end in ((graph.edge_a, first, 0), (graph.edge_b, last, 1)):
        np.testing.assert_array_equal(graph.lon[junctions], graph.piece_lon[pieces, end])
        np.testing.assert_array_equal(graph.lat[junctions], graph.piece_lat[pieces, end])
    inside = np.ones(len(graph.piece_lon), bool)
    inside[first] = False
    at = np.flatnonzero(inside)
    for ends in (graph.piece_lon, graph.piece_lat, graph.piece_metres):
        np.testing.assert_array_equal(ends[at, 0], ends[at - 1, 1])
    np.testing.assert_allclose(graph.piece_metres[last, 1], graph.edge_metres, rtol=1e-12)
    np.testing.assert_allclose(graph.piece_forward[last, 1], graph.edge_forward, rtol=1e-12)


@pytest.mark.parametrize("mode", ["walk", "bicycle", "car"])
def test_no_metre_of_open_street_is_lost_or_doubled(helsinki, mode):
    graph = build_graph(helsinki, travel_mode(mode, ferries="none", crossings="none" if mode == "car" else None))
    segments = reference_model.network(HELSINKI, mode, ferries="none")
    assert len(graph.piece_lon) == len(segments.metres)
    assert graph.edge_metres.sum() == pytest.approx(segments.metres.sum(), rel=1e-8)
    seconds = sum(graph_seconds[is_open].sum() for graph_seconds, is_open in directions(graph))
    expected = np.concatenate((segments.along_seconds, segments.against_seconds))
    assert seconds == pytest.approx(expected[np.isfinite(expected)].sum(), rel=1e-8)


def directions(graph):
    return (graph.edge_forward, graph.open_forward), (graph.edge_backward, graph.open_backward)


def test_a_long_street_is_one_edge_and_a_crossing_makes_four(tmp_path):
    nodes = {**row(60), **{100 + n: (30, n) for n in (-2, -1, 1, 2)}}
    plain = toy_map.write_map(tmp_path / "plain.osm", row(60), [street(60)])
    crossed = toy_map.write_map(tmp_path / "crossed.osm", nodes, [street(60), ([98, 99, 31, 101, 102], ROAD)])
    for file, edges, junctions in ((plain, 1, 2), (crossed, 4, 5)):
        graph = build_graph(read_osm(file).streets, travel_mode("walk"))
        assert (len(graph.edge_a), len(graph.lon)) == (edges, junctions)
    assert graph.edge_metres.sum() == pytest.approx(59 * EAST + 4 * toy_map.NORTH, abs=0.01)


def test_ways_join_where_only_their_names_change_and_stay_apart_where_directions_do(tmp_path):
    ways = [(range(1, 4), {**ROAD, "name": "A"}), (range(3, 6), {**ROAD, "name": "B"}), (range(5, 8), {**ROAD, "oneway": "yes"})]
    streets = read_osm(toy_map.write_map(tmp_path / "toy.osm", row(7), ways)).streets
    assert len(build_graph(streets, travel_mode("walk")).edge_a) == 1
    car = build_graph(streets, travel_mode("car"))
    assert sorted(zip(car.open_forward.tolist(), car.open_backward.tolist(), strict=True)) in (
        [(False, True), (True, True)],
        [(True, False), (True, True)],
    )


def test_speeds_may_change_inside_an_edge(tmp_path):
    """Two limits on one street: entering it in the second half takes the second half's seconds."""
    ways = [(range(1, 4), {**ROAD, "maxspeed": "40"}), (range(3, 6), {**ROAD, "maxspeed": "80"})]
    graph = build_graph(read_osm(toy_map.write_map(tmp_path / "toy.osm", row(5), ways)).streets, travel_mode("car"))
    assert len(graph.edge_a) == 1
    assert graph.edge_forward[0] == pytest.approx(2 * EAST / 10 + 2 * EAST / 20, rel=1e-6)
    assert sorted(np.diff(graph.piece_forward)[:, 0].round(4)) == sorted(np.round([EAST / 20] * 2 + [EAST / 10] * 2, 4))


def test_arcs_are_the_open_directions_and_turned_round_for_searches_towards_a_place(helsinki):
    graph = build_graph(helsinki, travel_mode("car"))
    out, back = graph.outgoing, graph.incoming
    once = graph.open_forward[~graph.edge_twice].sum() + graph.open_backward[~graph.edge_twice].sum()
    assert len(out.heads) == len(back.heads) == once + len(graph.extra_arcs.heads)
    tails = [np.repeat(np.arange(len(graph.lon)), np.diff(arcs.starts)) for arcs in (out, back)]
    there = Counter(zip(tails[0].tolist(), out.heads.tolist(), out.seconds.tolist(), strict=True))
    again = Counter(zip(back.heads.tolist(), tails[1].tolist(), back.seconds.tolist(), strict=True))
    assert there == again
    assert not (graph.open_forward & graph.open_backward).all(), "some streets must be one-way"
