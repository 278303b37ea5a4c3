"""Parts of tables of snapped places, and several tables as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .snaps import Snaps, join_snaps

Rows = NDArray[np.int64]


def chosen_places(snaps: Snaps, places: Rows) -> Snaps:
    """Return the snaps of some places, which are numbered from 0 in the order given."""
    number = np.full(snaps.places, -1, np.int64)
    number[places] = np.arange(len(places))
    rows = np.flatnonzero(number[snaps.owner] >= 0)
    found = snaps.take(rows[np.argsort(number[snaps.owner[rows]], kind="stable")])
    return replace(found, owner=number[found.owner], places=len(places))


def numbered_on(parts: Sequence[Snaps]) -> Snaps:
    """Join the snaps of several tables; the places of each follow those of the one before."""
    first = np.cumsum([0, *(part.places for part in parts)])
    total = int(first[-1])
    return join_snaps([replace(part, owner=part.owner + at, places=total) for part, at in zip(parts, first[:-1], strict=True)])


def is_connected(snaps: Snaps) -> NDArray[np.bool_]:
    """Tell which places have a street."""
    found = np.zeros(snaps.places, bool)
    found[snaps.owner[snaps.edge >= 0]] = True
    return found
