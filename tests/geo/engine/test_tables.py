"""Large tables: the hierarchy they climb, when it is made, and places with more entrances than a sweep takes at once."""

from dataclasses import replace
from unittest import mock

import numpy as np
import pytest
from toy_map import EAST, row, street

from lifecircle.geo.engine import matrix
from lifecircle.geo.errors import TooLargeError
from lifecircle.geo.network.elimination import eliminate
from lifecircle.geo.network.exact import STEPS, on_grid
from lifecircle.geo.network.hierarchy import build_hierarchy

WALK = 5 / 3.6


def ladder(rungs):
    """Two streets of `rungs` nodes, joined at every step: many junctions on a small map."""
    nodes = {**row(rungs), **row(rungs, y=1.0, first=rungs + 1)}
    return nodes, [
        street(rungs),
        street(rungs, first=rungs + 1),
        *(([n, rungs + n], {"highway": "service"}) for n in range(1, rungs + 1)),
    ]


def random_network(seed, nodes=60, edges=110):
    chance = np.random.default_rng(seed)
    ends = chance.integers(0, nodes, (2, edges)).astype(np.int32)
    there, back = on_grid(chance.uniform(1, 100, (2, edges)))
    there[chance.random(edges) < 0.2] = np.inf
    back[chance.random(edges) < 0.2] = np.inf
    return nodes, *ends, there, back, on_grid(chance.uniform(10, 1000, edges))


@pytest.mark.parametrize("seed", range(5))
def test_every_junction_is_taken_out_once_and_links_only_to_later_ones(seed):
    nodes, a, b, *_ = random_network(seed)
    order, starts, heads = eliminate(nodes, a, b)
    assert sorted(order.tolist()) == list(range(nodes))
    rank = np.argsort(order)
    lower = np.repeat(np.arange(nodes), np.diff(starts))
    assert (rank[heads] > lower).all()
    assert len(np.unique(np.column_stack((lower, heads)), axis=0)) == len(heads)


@pytest.mark.parametrize("seed", range(5))
def test_all_that_can_be_climbed_to_lies_on_the_chain_of_parents(seed):
    order = build_hierarchy(*random_network(seed))
    for ways in (order.up, order.down):
        for low in range(len(order.parent)):
            chain = {low}
            while order.parent[max(chain)] >= 0:
                chain.add(int(order.parent[max(chain)]))
            assert set(ways.heads[ways.starts[low] : ways.starts[low + 1]].tolist()) <= chain


@pytest.mark.parametrize("seed", range(5))
def test_an_arc_of_the_hierarchy_is_never_longer_than_the_fastest_way(seed):
    """By Floyd and Warshall's three loops, written out: the sums are exact, so they are equal."""
    nodes, a, b, there, back, metres = random_network(seed)
    fastest = np.full((nodes, nodes), np.inf)
    np.fill_diagonal(fastest, 0.0)
    np.minimum.at(fastest, (a, b), there)
    np.minimum.at(fastest, (b, a), back)
    for middle in range(nodes):
        fastest = np.minimum(fastest, fastest[:, [middle]] + fastest[[middle]])
    order = build_hierarchy(nodes, a, b, there, back, metres)
    node = np.argsort(order.rank)
    for ways, table in ((order.up, fastest), (order.down, fastest.T)):
        low = np.repeat(np.arange(nodes), np.diff(ways.starts))
        assert len(low) > nodes / 2
        np.testing.assert_array_equal(ways.seconds, table[node[low], node[ways.heads]])


def test_a_large_table_makes_the_hierarchy_and_a_small_or_short_one_does_not(toy):
    net = toy(*ladder(300))
    everywhere = net.at(*((x + 0.5, 0) for x in range(299)))
    net.matrix(net.at((3, 0)), everywhere)
    net.matrix(everywhere, everywhere, limit_seconds=120)
    assert not net.graph.has_hierarchy
    seconds = net.matrix(everywhere, everywhere)[0]
    assert net.graph.has_hierarchy
    steps = np.abs(np.subtract.outer(np.arange(299), np.arange(299)))
    assert seconds == pytest.approx(steps * EAST / WALK, abs=1e-3)


def test_without_memory_for_the_hierarchy_one_searches_instead(toy):
    net = toy(*ladder(300))
    points = net.at(*((x + 0.5, 0) for x in range(299)))
    with mock.patch.object(matrix.Graph, "hierarchy", property(mock.Mock(side_effect=TooLargeError("full")))):
        refused = net.matrix(points, points)
    np.testing.assert_array_equal(refused, net.matrix(points, points))


def test_an_area_may_have_more_entrances_than_are_swept_at_once(toy):
    net = toy(*ladder(100))
    entrances = net.at(*((x, 0) for x in range(20, 60)))
    area = replace(entrances, owner=np.zeros(40, np.int64), places=1)
    points = net.at(*((x, 0) for x in range(100)))
    with mock.patch.object(matrix, "sweeps_pay", return_value=True):
        seconds = net.matrix(points, area)[0][:, 0]
    away = [max(20 - x, x - 59, 0) for x in range(100)]
    assert seconds == pytest.approx(np.array(away) * EAST / WALK, abs=1e-3)


def test_a_third_of_a_second_is_rounded_to_a_hundred_millionth():
    assert on_grid(1 / 3) * STEPS == round(STEPS / 3)
    assert on_grid(np.inf) == np.inf
    assert sum(on_grid(np.full(30, 0.1))) == 30 * on_grid(0.1)
