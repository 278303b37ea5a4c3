"""The searches against scipy's on the uncontracted network: every mode, both directions, flat and hilly, three real places."""

from dataclasses import replace
from itertools import product
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from lifecircle.geo.engine import matrix
from lifecircle.geo.engine.matrix import trips
from lifecircle.geo.modes import travel_mode
from lifecircle.geo.network.building import build_graph
from lifecircle.geo.network.graph import Graph
from lifecircle.geo.network.segments import Segments, mode_segments
from lifecircle.geo.network.trip_ends import behind_gates
from lifecircle.geo.reading.osm import read_osm
from lifecircle.geo.snapping.snaps import Snaps
from lifecircle.geo.streets import Streets, no_turns
from lifecircle.geo.terrain import Heights, node_heights

PLACES = {
    "porto-alegre": ("porto-alegre-sao-paulo/poa/poa_osm.pbf", "porto-alegre-sao-paulo/poa/poa_elevation.tif"),
    "portland": ("portland/portland-central-filtered.osm.pbf", "portland/portland-ned.tif"),
    "comoros": ("comoros/com-test-data/raw/osm/comores-latest.osm.pbf", None),
}
POINTS = 25


@pytest.fixture(scope="module", params=PLACES)
def place(request: pytest.FixtureRequest, shared_data: Path) -> tuple[Streets, Heights]:
    extract, raster = PLACES[request.param]
    streets = read_osm(shared_data / extract, place_keys=()).streets
    if raster is None:  # a made-up cone: the island's own raster has one cell per kilometre
        away = np.hypot(streets.lon - streets.lon.mean(), streets.lat - streets.lat.mean())
        return streets, Heights(2000 * np.exp(-20 * away))
    return streets, node_heights(streets, shared_data / raster)


def chosen_nodes(graph: Graph, segments: Segments) -> tuple[Snaps, np.ndarray]:
    """Nodes in the middle of streets as well as junctions: their place on the graph, and their row in the segments."""
    chance = np.random.default_rng(11)
    streets = np.flatnonzero(~np.repeat(graph.edge_ferry, np.diff(graph.edge_starts)))
    pieces = chance.choice(streets, 4 * POINTS, replace=False)
    row = {}
    for node in np.unique(np.concatenate((segments.u[~segments.ferry], segments.v[~segments.ferry]))):
        row.setdefault((segments.lon[node], segments.lat[node]), []).append(node)
    nodes = [row[key] for key in zip(graph.piece_lon[pieces, 0], graph.piece_lat[pieces, 0], strict=True)]
    single = [position for position, found in enumerate(nodes) if len(found) == 1][:POINTS]
    pieces = pieces[single]
    toll = segments.toll[[nodes[position][0] for position in single]]
    edge = np.repeat(np.arange(len(graph.edge_a), dtype=np.int32), np.diff(graph.edge_starts))[pieces]
    snaps = Snaps(
        owner=np.arange(len(pieces)),
        edge=edge,
        metres_at=graph.piece_metres[pieces, 0],
        forward_at=graph.piece_forward[pieces, 0],
        backward_at=graph.piece_backward[pieces, 0] - toll,
        connector_metres=np.zeros(len(pieces)),
        lon=graph.piece_lon[pieces, 0],
        lat=graph.piece_lat[pieces, 0],
        snap_class=np.ones(len(pieces), np.uint8),
        reason=np.zeros(len(pieces), np.uint8),
        places=len(pieces),
    )
    return snaps, np.array([nodes[position][0] for position in single])


def plain_seconds(segments: Segments, nodes: np.ndarray) -> np.ndarray:
    """Dijkstra over every segment; of parallel segments the fastest, zero seconds as a nanosecond (scipy drops zeros).

    Nodes stand three times: on streets for the ends of trips before the open ones, on these, and on such streets after them.
    """
    size = len(segments.lon)
    ends_only = behind_gates(size, segments.u, segments.v, segments.metres, segments.ends_only)
    tails, heads, seconds = [], [], []
    for layer, mine in ((0, ends_only), (1, ~ends_only), (2, ends_only)):
        for u, v, spent, is_open in (
            (segments.u, segments.v, segments.forward_seconds, segments.forward_open & mine),
            (segments.v, segments.u, segments.backward_seconds, segments.backward_open & mine),
        ):
            tails.append(u[is_open] + layer * size)
            heads.append(v[is_open] + layer * size)
            seconds.append((spent + segments.toll[v])[is_open])
    nothing = np.zeros(2 * size)
    tails, heads = np.concatenate((*tails, np.arange(2 * size))), np.concatenate((*heads, size + np.arange(2 * size)))
    seconds = np.maximum(np.concatenate((*seconds, nothing)), 1e-9)
    order = np.lexsort((seconds, heads, tails))
    first = np.ones(len(order), bool)
    first[1:] = (np.diff(tails[order]) != 0) | (np.diff(heads[order]) != 0)
    keep = order[first]
    network = csr_array((seconds[keep], (tails[keep], heads[keep])), shape=(3 * size, 3 * size))
    return dijkstra(network, indices=nodes)[:, 2 * size + nodes]


@pytest.mark.parametrize("hilly", [False, True], ids=["flat", "hilly"])
@pytest.mark.parametrize("mode", ["walk", "bicycle", "car", "wheelchair"])
def test_seconds_equal_scipys_on_the_uncontracted_network(place: tuple[Streets, Heights], mode: str, hilly: bool) -> None:
    streets, heights = replace(place[0], turns=no_turns()), place[1]
    travel = travel_mode("walk", profile=mode) if mode == "wheelchair" else travel_mode(mode)
    segments = mode_segments(streets, travel, heights if hilly else None)
    graph = build_graph(streets, travel, heights if hilly else None)
    points, nodes = chosen_nodes(graph, segments)
    plain = plain_seconds(segments, nodes)
    ways = (False, True) if not hilly and mode in ("walk", "car") else (False,)
    for (direction, expected), swept in product((("to", plain), ("from", plain.T)), ways):
        table = np.full((len(nodes), len(nodes)), np.inf)
        with mock.patch.object(matrix, "sweeps_pay", return_value=swept):
            for block in trips(graph, points, points, direction=direction):
                table[block.origin, block.destination] = block.seconds
        np.testing.assert_array_equal(np.isinf(table), np.isinf(expected))
        reached = np.isfinite(expected)
        assert reached.sum() > len(nodes)
        np.testing.assert_allclose(table[reached], expected[reached], rtol=0, atol=1e-3)
