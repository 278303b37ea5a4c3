"""Trips worked out by hand where it matters how one came: gates, bollards, banned turns and signals."""

import engine
import numpy as np
import pytest
import toy_map
from toy_map import EAST, NORTH, ROAD

PACE = 30 / 3.6  # metres a second in residential streets
LONG = {**{n: (n, 0) for n in range(1, 40)}, 100: (5, 1), 101: (20, 1)}


def seconds(net, start, end):
    return net.matrix(net.at(start), net.at(end))[0][0, 0]


def shortcut(folder, word, mode="car"):
    """A street of 38 steps, and a loop beside it by 100 and 101 that is tagged `word`, with a limit that makes it faster."""
    loop = {"highway": "primary", "access": word, "bicycle": word, "maxspeed": "120"}
    ways = [(range(1, 40), ROAD), ([5, 100, 101, 20], loop)]
    return engine.network(toy_map.write_map(folder / f"{word}.osm", LONG, ways), mode)


def test_nobody_drives_through_a_private_street_but_everybody_in_and_out(tmp_path):
    """From 5 to 20 the private way is 15 steps at 108 km/h: faster, and not allowed; from a house on it both ends are open."""
    free, gated = shortcut(tmp_path, "yes"), shortcut(tmp_path, "private")
    straight = 14 * EAST / PACE
    assert seconds(free, (5.5, 0), (19.5, 0)) < straight / 2
    assert seconds(gated, (5.5, 0), (19.5, 0)) == pytest.approx(straight, abs=0.01)
    house = (6, 1)
    out = EAST / 30 + NORTH / 30 + 0.5 * EAST / PACE
    assert seconds(gated, house, (5.5, 0)) == pytest.approx(out, abs=0.01)
    assert seconds(gated, (5.5, 0), house) == pytest.approx(out, abs=0.01)
    assert seconds(gated, house, (19, 1)) == pytest.approx(13 * EAST / 30, abs=0.01), "along the private street itself"


def test_a_bollard_stops_cars_and_nobody_else(tmp_path):
    nodes, ways = toy_map.row(60), [(range(1, 60), ROAD)]
    for tags, passed in (({"barrier": "bollard"}, False), ({"barrier": "bollard", "motor_vehicle": "yes"}, True),
                         ({"barrier": "gate"}, True), ({"barrier": "gate", "access": "private"}, True),
                         ({"barrier": "lift_gate", "vehicle": "no"}, False)):  # fmt: skip
        file = toy_map.write_map(tmp_path / "toy.osm", nodes, ways, node_tags={30: tags})
        assert np.isfinite(seconds(engine.network(file, "car"), (27.5, 0), (30.5, 0))) == passed, tags
        for mode in ("walk", "bicycle"):
            assert np.isfinite(seconds(engine.network(file, mode), (27.5, 0), (30.5, 0)))


@pytest.mark.parametrize(("crossings", "waits"), [("none", 0.0), ("default", 3.0), ("busy", 12.0)])
def test_a_signal_is_paid_on_entering_its_node_in_either_direction(tmp_path, crossings, waits):
    file = toy_map.write_map(
        tmp_path / "toy.osm", toy_map.row(60), [(range(1, 60), ROAD)], node_tags={30: {"highway": "traffic_signals"}}
    )
    net = engine.network(file, "car", crossings=crossings)
    over, at = 2 * EAST / PACE + waits, EAST / PACE
    assert seconds(net, (28, 0), (30, 0)) == pytest.approx(over, abs=0.01)
    assert seconds(net, (30, 0), (28, 0)) == pytest.approx(over, abs=0.01)
    assert seconds(net, (28, 0), (29, 0)) == pytest.approx(at + waits, abs=0.01), "who ends at the lights has passed them"
    assert seconds(net, (29, 0), (30, 0)) == pytest.approx(at, abs=0.01), "who starts there has not"


def crossroads(folder, kind, start=1, end=3, **options):
    """Way 1 from the west and way 2 to the east meet ways 3 (north) and 4 (south) at node 50; 30 steps each."""
    west, east = {n: (n - 50, 0) for n in range(20, 50)}, {n: (n - 50, 0) for n in range(51, 81)}
    north, south = {100 + n: (0, n) for n in range(1, 31)}, {200 + n: (0, -n) for n in range(1, 31)}
    ways = [
        ([*west, 50], ROAD), ([50, *east], ROAD), ([50, *north], ROAD), ([50, *south], ROAD),
    ]  # fmt: skip
    nodes = {**west, 50: (0, 0), **east, **north, **south}
    turns = [(start, 50, end, kind)] if kind else []
    return engine.network(toy_map.write_map(folder / "cross.osm", nodes, ways, turns=turns), "car", **options)


def test_a_banned_turn_is_made_up_for_by_turning_round_at_the_next_node(tmp_path):
    """West to north: over the crossing to the next node, back, and then right. The nearest next node lies one step away."""
    direct = (5 * EAST + 5 * NORTH) / PACE
    assert seconds(crossroads(tmp_path, None), (-5, 0), (0, 5)) == pytest.approx(direct, abs=0.01)
    around = direct + 2 * NORTH / PACE  # a step south and back
    assert seconds(crossroads(tmp_path, "no_left_turn"), (-5, 0), (0, 5)) == pytest.approx(around, abs=0.01)
    assert seconds(crossroads(tmp_path, "no_left_turn"), (0, 5), (-5, 0)) == pytest.approx(direct, abs=0.01)
    assert seconds(crossroads(tmp_path, "only_straight_on", end=2), (-5, 0), (0, 5)) == pytest.approx(
        direct + 2 * EAST / PACE, abs=0.01
    )


def test_turn_restrictions_bind_cars_only(tmp_path):
    net = crossroads(tmp_path, "no_left_turn")
    file = tmp_path / "cross.osm"
    walk = engine.network(file, "walk")
    assert seconds(walk, (-5, 0), (0, 5)) == pytest.approx((5 * EAST + 5 * NORTH) / (5 / 3.6), abs=0.05)
    assert len(net.graph.extra_arcs.tails) and not len(walk.graph.extra_arcs.tails)
