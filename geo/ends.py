"""The last stretch: from a snapped point along its edge to the junctions at both ends, in the wanted direction of travel."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .compiled import compiled
from .graph import Graph
from .snapping import Snaps

Floats = NDArray[np.float64]


class Ends(NamedTuple):
    """Connected snaps in the form the compiled searches take.

    Attributes
    ----------
    owner : (n,) int64
    edge, a, b : (n,) int32
        The edge and its junctions.
    seconds_a, seconds_b, metres_a, metres_b : (n,) float64
        Between the snapped point and each junction; seconds are inf where that direction is closed.
    forward_at, backward_at : (n,) float64
        Seconds from junction a to the point, and back.
    open_forward, open_backward : (n,) bool
    connector_seconds, connector_metres : (n,) float64
    """

    owner: NDArray[np.int64]
    edge: NDArray[np.int32]
    a: NDArray[np.int32]
    b: NDArray[np.int32]
    seconds_a: Floats
    seconds_b: Floats
    metres_a: Floats
    metres_b: Floats
    forward_at: Floats
    backward_at: Floats
    open_forward: NDArray[np.bool_]
    open_backward: NDArray[np.bool_]
    connector_seconds: Floats
    connector_metres: Floats


def ends(graph: Graph, snaps: Snaps, *, leaving: bool) -> Ends:
    """Prepare snaps for travel away from the snapped points (leaving) or towards them; unconnected rows are left out."""
    on = snaps.connected()
    e = on.edge
    forward, backward = graph.open_forward[e], graph.open_backward[e]
    if leaving:
        seconds_a, seconds_b = on.backward_at, graph.edge_forward[e] - on.forward_at
        open_a, open_b = backward, forward
    else:
        seconds_a, seconds_b = on.forward_at, graph.edge_backward[e] - on.backward_at
        open_a, open_b = forward, backward
    return Ends(
        owner=on.owner,
        edge=e,
        a=graph.edge_a[e],
        b=graph.edge_b[e],
        seconds_a=np.where(open_a, seconds_a, np.inf),
        seconds_b=np.where(open_b, seconds_b, np.inf),
        metres_a=on.metres_at,
        metres_b=graph.edge_metres[e] - on.metres_at,
        forward_at=on.forward_at,
        backward_at=on.backward_at,
        open_forward=forward,
        open_backward=backward,
        connector_seconds=on.connector_metres / (graph.mode.connector_kmh / 3.6),
        connector_metres=on.connector_metres,
    )


@compiled
def along_edge(start, s, stop, t):  # type: ignore[no-untyped-def]
    """Seconds and metres straight along the edge that points `s` and `t` share; inf where that direction is closed."""
    metres = stop.metres_a[t] - start.metres_a[s]
    if metres >= 0.0:
        return (stop.forward_at[t] - start.forward_at[s] if start.open_forward[s] else np.inf), metres
    return (start.backward_at[s] - stop.backward_at[t] if start.open_backward[s] else np.inf), -metres
