"""Which of several versions of an element counts: the highest version, then the newest time, then the one read first.

History files hold every version of an element, and neighbouring extracts each a copy of what lies on their border. A version
that says the element was deleted counts like any other: where it is the newest, the element is gone. `pbf` makes one number
of version and time, the stamp; here they are compared.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..compiled import compiled
from .pbf import NOWHERE, Nodes

Ints = NDArray[np.int64]


@dataclass
class Occurrences:
    """Every way, or every relation, in the order of reading; an element may occur several times."""

    ids: list[Ints] = field(default_factory=list)
    stamps: list[Ints] = field(default_factory=list)
    count: int = 0

    def add(self, ids: Ints, stamps: Ints) -> int:
        """Take those of one block; returns the number of the first."""
        first = self.count
        self.ids.append(ids)
        self.stamps.append(stamps)
        self.count += len(ids)
        return first

    def newest(self) -> NDArray[np.bool_]:
        """Say of each occurrence whether it is the one that counts."""
        ids = np.concatenate([np.empty(0, np.int64), *self.ids])
        counts = np.ones(len(ids), bool)
        if len(ids) < 2 or (ids[1:] > ids[:-1]).all():
            return counts
        order = np.argsort(ids, kind="stable")
        again = ids[order[1:]] == ids[order[:-1]]
        repeated = order[np.append(again, False) | np.append(False, again)]
        stamps = np.concatenate(self.stamps)[repeated]
        ranked = repeated[np.lexsort((repeated, -stamps, ids[repeated]))]
        counts[ranked] = np.append(True, ids[ranked][1:] != ids[ranked][:-1])[: len(ranked)]
        return counts


class NodeTable:
    """Where the needed nodes lie, by their newest version.

    Attributes
    ----------
    ids : (n,) int64
        Ascending.
    lon, lat : (n,) int32
        In 1e-7 degrees; `lon` is NOWHERE where a node is missing, deleted or off the map.
    order : (n,) int64
        Which occurrence counts, as `occurrence` numbers them; -1 where there is none.
    """

    def __init__(self, ids: Ints) -> None:
        self.ids = ids
        self.lon = np.full(len(ids), NOWHERE, np.int32)
        self.lat = np.full(len(ids), NOWHERE, np.int32)
        self.order = np.full(len(ids), -1, np.int64)
        self._stamps = np.full(len(ids), -1, np.int64)

    def find(self, ids: Ints) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        """Return the row of each id and whether it is needed at all."""
        return find(self.ids, ids)

    def take(self, block: int, rows: NDArray[np.int32], hit: NDArray[np.bool_], nodes: Nodes) -> None:
        """Take the nodes of one block, `rows` and `hit` as `find` gives them."""
        _take(rows, hit, nodes.stamps, nodes.lon, nodes.lat, occurrence(block, 0), self._stamps, self.lon, self.lat, self.order)

    def fill(self, ids: Ints, lon: Ints, lat: Ints) -> None:
        """Take what ways say of their nodes, for those that no file holds; the first to say it is believed."""
        rows, hit = self.find(ids)
        new = np.flatnonzero(hit & (lon != NOWHERE))[::-1]  # backwards, so that the first of two alike is written last
        new = new[self.order[rows[new]] < 0]
        self.lon[rows[new]], self.lat[rows[new]] = lon[new], lat[new]

    def known(self) -> tuple[Ints, NDArray[np.float64], NDArray[np.float64]]:
        """Return ids and coordinates (degrees) of the nodes that lie somewhere."""
        there = self.lon != NOWHERE
        return self.ids[there], self.lon[there] / 1e7, self.lat[there] / 1e7


def occurrence(block: int, row: int) -> int:
    """Return a number for the node in one row of one block, ascending in the order of reading."""
    return block << 32 | row


def find(ordered: Ints, ids: Ints) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Return the row of each id among ascending ones, and whether it is there at all."""
    if not len(ordered):
        return np.zeros(len(ids), np.int32), np.zeros(len(ids), bool)
    rows = np.searchsorted(ordered, ids).astype(np.int32)
    np.minimum(rows, len(ordered) - 1, out=rows)
    return rows, ordered[rows] == ids


@compiled
def _take(rows, hit, stamps, x, y, first, best, lon, lat, order):  # type: ignore[no-untyped-def]
    """Keep each node that is newer than what is known of it; of two alike the earlier."""
    for at in range(rows.size):
        row = rows[at]
        if hit[at] and stamps[at] > best[row]:
            best[row] = stamps[at]
            lon[row], lat[row], order[row] = x[at], y[at], first + at
