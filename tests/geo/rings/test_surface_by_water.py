"""The surface that rings are drawn from is the model at every node, beside water too."""

import numpy as np
import pytest
from toy_map import DEGREES, ROAD, row, street

from lifecircle.geo.engine.search import nearest_facility
from lifecircle.geo.rings.lattice import UNITS, make_lattice
from lifecircle.geo.rings.street_raster import BLOCK
from lifecircle.geo.rings.street_times import forget, make_reached, reach, street_frame
from lifecircle.geo.rings.surface import reached_blocks, window_surface

LIMITS = np.array([120.0, 300.0, 600.0])


@pytest.mark.parametrize("spacing", [12.0, 30.0, 100.0])
def test_the_surface_is_the_model_at_every_node_by_water(toy, spacing):
    """Two streets with a canal and a pond between, joined by a bridge; an islet with a path of its own in the pond."""
    nodes = {**row(30), **row(30, y=3, first=101), 301: (-1, 1.4), 302: (31, 1.6)}
    nodes |= {
        401: (4, 0.3),
        402: (9, 0.3),
        403: (9, 1.2),
        404: (4, 1.2),
        501: (6, 0.6),
        502: (7, 0.6),
        503: (7, 0.9),
        504: (6, 0.9),
    }
    nodes |= {601: (6.2, 0.7), 602: (6.8, 0.8)}
    ways = [street(30), street(30, first=101), ([20, 120], {**ROAD, "bridge": "yes"}), ([301, 302], {"waterway": "canal"})]
    ways += [([401, 402, 403, 404, 401], {}), ([501, 502, 503, 504, 501], {}), ([601, 602], {"highway": "path"})]
    pond = ([(5, "outer"), (6, "inner")], {"type": "multipolygon", "natural": "water"})
    net = toy(nodes, ways, relations=[pond])
    clinic = net.at((15, 0))
    frame = street_frame(net.graph, clinic, direction="to")
    room, lattice = make_reached(frame), make_lattice(15 * DEGREES, 0.0, spacing)
    found = reach(frame, net.graph.incoming, room, 0, 1, LIMITS[-1])
    blocks = reached_blocks(frame, found, lattice, np.array([[15 * DEGREES, 0.0]]), LIMITS[-1])
    shape = tuple(BLOCK * n + 3 for n in blocks.marked.shape)
    surface = window_surface(frame, room, lattice, blocks, LIMITS, blocks.row * BLOCK - 2, blocks.column * BLOCK - 1, shape)
    rows, columns = np.indices(shape)
    lat, lon = (surface.row + rows) * lattice.step_lat / UNITS, (surface.column + columns) * lattice.step_lon / UNITS
    snaps = net.snap(lon.ravel(), lat.ravel())
    assert {1, 2} <= set(snaps.snap_class)
    exact = np.nan_to_num(nearest_facility(net.graph, snaps, clinic).seconds.reshape(shape), nan=np.inf)
    doubtful = (np.abs(exact[..., None] - LIMITS) < 0.01).any(axis=2)
    for limit in LIMITS:
        np.testing.assert_array_equal((surface.seconds <= limit)[~doubtful], (exact <= limit)[~doubtful])
    known = (surface.pieces >= 0) & (exact <= LIMITS[-1])
    assert known.sum() > 20
    np.testing.assert_allclose(surface.seconds[known], exact[known], rtol=0, atol=0.01)
    forget(frame, room, found, 0, 1)
