"""Snaps: where points meet the street. What snapping gives to every search."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..network.graph import Graph

CONNECTED, OVERRIDDEN, SCRAP, UNCONNECTED = range(4)
STATUS_NAMES = ("connected", "overridden", "scrap", "unconnected")

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Snaps:
    """Where points meet the street; row `i` belongs to place `owner[i]`.

    Attributes
    ----------
    owner : (n,) int64
        Row of the point or facility; an area has one row per entrance.
    edge : (n,) int32
        Edge of the graph, -1 if unconnected.
    metres_at, forward_at, backward_at : (n,) float64
        Metres and seconds along the edge from its junction a to the snapped point (backward: from there back to a).
    connector_metres : (n,) float64
        Straight line to the street; NaN if unconnected.
    lon, lat : (n,) float64
        The snapped point, EPSG:4326; NaN if unconnected.
    status : (n,) uint8
        CONNECTED, OVERRIDDEN (a nearer scrap was passed by), SCRAP (only a scrap lies within the cap) or UNCONNECTED.
    places : int
        How many points or facilities were snapped.
    network : bytes or None
        `Graph.fingerprint` of the graph they lie on; None where nobody said.
    """

    owner: NDArray[np.int64]
    edge: NDArray[np.int32]
    metres_at: Floats
    forward_at: Floats
    backward_at: Floats
    connector_metres: Floats
    lon: Floats
    lat: Floats
    status: NDArray[np.uint8]
    places: int
    network: bytes | None = None

    def __len__(self) -> int:
        return len(self.edge)

    def take(self, rows: NDArray[np.int64]) -> Snaps:
        """Return some rows, owners unchanged."""
        return Snaps(**{name: getattr(self, name)[rows] for name in _COLUMNS}, places=self.places, network=self.network)

    def connected(self) -> Snaps:
        """Return the rows that lie on a street."""
        return self.take(np.flatnonzero(self.edge >= 0))


_COLUMNS = tuple(field.name for field in fields(Snaps) if field.name not in ("places", "network"))


def require_snapped_to(graph: Graph, snaps: Snaps) -> None:
    """Refuse places that lie on another graph: their edges would be taken for others of the same numbers.

    Raises
    ------
    InputError
    """
    if snaps.network is not None and snaps.network != graph.fingerprint:
        raise _of_another(snaps)


def _of_another(snaps: Snaps) -> InputError:
    return InputError(
        "{places:,} places were snapped to another network than the one to be searched: snap them with a Snapper of that graph",
        places=snaps.places,
    )


def join_snaps(parts: Iterable[Snaps]) -> Snaps:
    """Put the snaps of several calls over the same places and graph into one, ordered by owner.

    Raises
    ------
    InputError
        If they lie on several graphs.
    """
    listed = list(parts)
    for part in listed:
        if part.network != listed[0].network:
            raise _of_another(part)
    arrays = {name: np.concatenate([getattr(part, name) for part in listed]) for name in _COLUMNS}
    joined = Snaps(**arrays, places=listed[0].places, network=listed[0].network)
    return joined.take(np.argsort(joined.owner, kind="stable"))
