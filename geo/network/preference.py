"""Which pieces a point is tied to before others (travel model 2, section 5)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

# kinds of pieces, in the order in which points are tied to them where no water lies between
MAIN, CUT_OFF, RAISED, CUT_OFF_AND_RAISED = range(4)
SPEED_DECIMALS = 2  # km/h worked out from rounded seconds: equal speeds must stay equal

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def kinds(sound: Flags, raised: Flags) -> NDArray[np.uint8]:
    """Return the kind of each edge."""
    return (~sound + 2 * raised).astype(np.uint8)


def ranks(metres: Floats, seconds: Floats, place: NDArray[np.integer[Any]]) -> NDArray[np.int32]:
    """Rank pieces that may be equally far from a point, the lowest first: the fastest, then the first by `place`.

    Parameters
    ----------
    metres : (p,) float64
    seconds : (p,) float64
        In the quicker direction.
    place : (p,) int
        Pieces numbered by way id, and along each way.
    """
    kmh = np.round(3.6 * np.divide(metres, seconds, out=np.zeros(len(metres)), where=seconds > 0), SPEED_DECIMALS)
    rank = np.empty(len(place), np.int32)
    rank[np.lexsort((place, -kmh))] = np.arange(len(place), dtype=np.int32)
    return rank


def places(way_ids: NDArray[np.int64], order: NDArray[np.integer[Any]]) -> NDArray[np.int32]:
    """Number pieces by way id and along each way: `order` says where each stands among all as they were cut from the ways."""
    place = np.empty(len(order), np.int32)
    place[np.lexsort((order, way_ids))] = np.arange(len(order), dtype=np.int32)
    return place
