"""Streets from which the rest of the network is reached, and which are reached from it: graphs worked out by hand."""

import numpy as np
import pytest

from lifecircle.geo.network.sound import sound_pieces


def sound(nodes, *pieces):
    """Pieces (u, v, directions, metres, kind): directions ">", "<" or "=", kind "open", "ends" or "ferry"."""
    u, v, way, metres, kind = zip(*pieces, strict=True)
    forward, backward = np.array([d != "<" for d in way]), np.array([d != ">" for d in way])
    kind = np.array(kind)
    found = sound_pieces(
        nodes, np.array(u), np.array(v), forward, backward, np.array(metres, float), kind == "open", kind == "ends"
    )
    return found.tolist()


RING = [(0, 1, ">", 800, "open"), (1, 2, ">", 800, "open"), (2, 0, ">", 400, "open")]  # 2,000 m, one way round


def test_a_one_way_ring_is_one_part_and_a_stub_of_it_is_none():
    assert sound(5, *RING, (2, 3, ">", 9000, "open"), (4, 2, ">", 9000, "open")) == [True, True, True, False, False]


def test_two_thousand_metres_are_enough_beside_a_longer_part():
    long = (3, 4, "=", 50_000, "open")
    assert sound(5, *RING, long) == [True] * 4
    assert sound(5, *[(u, v, d, m - 0.1, k) for u, v, d, m, k in RING], long) == [False] * 3 + [True]


def test_half_of_the_longest_part_is_enough_where_all_are_short():
    assert sound(6, (0, 1, "=", 100, "open"), (2, 3, "=", 50, "open"), (4, 5, "=", 49, "open")) == [True, True, False]


def test_ferries_join_no_parts():
    lanes = [(0, 1, "=", 5000, "open"), (2, 3, "=", 40, "open")]
    assert sound(4, *lanes, (1, 2, "=", 100, "ferry")) == [True, False, False]


@pytest.mark.parametrize(("gate", "inside"), [("=", True), (">", False), ("<", False)])
def test_a_private_road_is_sound_where_one_gets_in_and_out(gate, inside):
    """Node 1 is a gate of the open street 0-1; the compound has 1-2 (by the gate's direction) and 2-3 both ways."""
    compound = [(1, 2, gate, 50, "ends"), (2, 3, "=", 50, "ends")]
    assert sound(4, (0, 1, "=", 3000, "open"), *compound) == [True, inside, inside]


def test_a_private_road_in_by_one_gate_and_out_by_another_is_sound():
    compound = [(1, 3, ">", 50, "ends"), (3, 4, ">", 50, "ends"), (4, 2, ">", 50, "ends")]
    assert sound(5, *RING, *compound) == [True] * 6


def test_a_private_road_beyond_a_lane_of_its_own_is_not_sound():
    """From the main part to 3 only over an open piece that lies in no main part."""
    assert sound(5, *RING, (2, 3, ">", 10, "open"), (3, 4, "=", 10, "ends")) == [True, True, True, False, False]


def test_of_no_street_nothing_is_sound():
    assert sound(2, (0, 1, "=", 100, "ferry")) == [False]
