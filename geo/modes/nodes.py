"""Nodes that stop cars, and those that hold them up (travel model 2, sections 3 and 4)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..streets import Streets, tag_of
from . import words
from .rules import CAR_KEYS
from .travel_mode import TravelMode, parameters

Rows = NDArray[np.integer[Any]]


def stopping_nodes(streets: Streets, mode: TravelMode) -> Rows:
    """Return the rows of the nodes that no trip of a mode passes: bollards and closed gates for cars, none for others."""
    if not mode.traits.is_driven:
        return np.empty(0, np.int32)
    barrier = tag_of(streets.point_tags, "barrier")
    access = words.access(streets.point_tags, *CAR_KEYS, "access")
    narrow = barrier.isin(parameters(mode.kind)["stopping_barriers"]).to_numpy() & (access != words.OPEN)
    closed = barrier.notna().to_numpy() & (access == words.CLOSED)
    stops: Rows = streets.point_nodes[narrow | closed]
    return stops


def crossing_seconds_of_nodes(streets: Streets, mode: TravelMode, u: Rows, v: Rows) -> NDArray[np.float64]:
    """Return what entering each node costs by traffic signals, and by junctions where these count.

    Parameters
    ----------
    streets : Streets
    mode : TravelMode
    u, v : (s,) int32
        Ends of all pieces of street open to the mode.

    Returns
    -------
    (n,) float64
        Per node of `streets`.
    """
    seconds = np.zeros(len(streets.node_ids))
    if mode.crossings is None:
        return seconds
    given = parameters(mode.kind)["crossings"][mode.crossings]
    if given["junction_seconds"]:
        seconds[_neighbours(u, v, len(seconds)) >= 3] = given["junction_seconds"]
    signals = tag_of(streets.point_tags, "highway").eq("traffic_signals").to_numpy()
    seconds[streets.point_nodes[signals]] = given["signal_seconds"]
    return seconds


def _neighbours(u: Rows, v: Rows, nodes: int) -> NDArray[np.int64]:
    """How many distinct nodes each one is joined to."""
    low, high = np.minimum(u, v).astype(np.int64), np.maximum(u, v).astype(np.int64)
    pairs = np.unique(low * nodes + high)
    return np.bincount(np.concatenate((pairs // nodes, pairs % nodes)), minlength=nodes)
