"""Snaps: where points meet the street. What snapping gives to every search."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..network.graph import Graph

UNCONNECTED, FIRST, SECOND, THIRD = range(4)  # classes (travel model 2, section 5)
NOT_MAIN, OTHER_LEVEL, ACROSS_WATER = 1, 2, 4  # why a snap is not of the first class; they may come together
REASONS = {NOT_MAIN: "not-main", OTHER_LEVEL: "other-level", ACROSS_WATER: "across-water"}

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
    snap_class : (n,) uint8
        FIRST (a main street on dry land), SECOND (a street cut off from the main ones), THIRD (on another level or across water)
        or UNCONNECTED.
    reason : (n,) uint8
        Of the second and third class, bits of NOT_MAIN, OTHER_LEVEL and ACROSS_WATER; of the second class the last one means
        that main streets lie within the cap across water. 0 for all others.
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
    snap_class: NDArray[np.uint8]
    reason: NDArray[np.uint8]
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


def reason_names(reason: int) -> str:
    """Name the bits of a reason, separated by a space."""
    return " ".join(name for bit, name in REASONS.items() if reason & bit)


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
