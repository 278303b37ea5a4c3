"""Which of several versions of an element counts: the highest version, then the newest time, then the one read first.

History files hold every version of an element, and neighbouring extracts each a copy of what lies on their border. A version
that says the element was deleted counts like any other: where it is the newest, the element is gone. `pbf` makes one number
of version and time, the stamp; here they are compared.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..compiled import compiled
from .pbf import NOWHERE, OFF_EARTH, Nodes
from .unused import COORDINATES, MOST_EXAMPLES, VERSIONS, Unused

Ints = NDArray[np.int64]
MOST_STRAYS = 1_000  # coordinates kept for the record, of which it shows a few


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
        """Say of each occurrence whether it is the one that counts; ask when all are read."""
        counts = np.ones(self.count, bool)
        ranked, first, _ = self._ranked
        counts[ranked] = first
        return counts

    def older(self) -> Ints:
        """Return the occurrences that count no more because a newer version does, ascending; copies are none."""
        ranked, first, stamps = self._ranked
        winner = np.maximum.accumulate(np.where(first, np.arange(len(first)), 0))
        return np.sort(ranked[stamps < stamps[winner]])

    def versions(self, at: Ints) -> Ints:
        """Return the version of some occurrences, 0 where it is not known."""
        return np.concatenate([np.empty(0, np.int64), *self.stamps])[at] >> 32

    @cached_property
    def _ranked(self) -> tuple[Ints, NDArray[np.bool_], Ints]:
        """Return where elements occur again, the newest of each first; whether each is that; and their stamps."""
        ids = np.concatenate([np.empty(0, np.int64), *self.ids])
        if len(ids) < 2 or (ids[1:] > ids[:-1]).all():
            return np.empty(0, np.int64), np.empty(0, bool), np.empty(0, np.int64)
        order = np.argsort(ids, kind="stable")
        again = ids[order[1:]] == ids[order[:-1]]
        repeated = order[np.append(again, False) | np.append(False, again)]
        stamps = np.concatenate(self.stamps)[repeated]
        rank = np.lexsort((repeated, -stamps, ids[repeated]))
        ranked = repeated[rank]
        return ranked, np.append(True, ids[ranked][1:] != ids[ranked][:-1])[: len(ranked)], stamps[rank]


class NodeTable:
    """Where the needed nodes lie, by their newest version.

    Attributes
    ----------
    ids : (n,) int64
        Ascending.
    lon, lat : (n,) int32
        In 1e-7 degrees; `lon` is NOWHERE where a node is missing, deleted or off the earth, `lat` then OFF_EARTH for the latter.
    order : (n,) int64
        Which occurrence counts, as `occurrence` numbers them; -1 where there is none.
    """

    def __init__(self, ids: Ints) -> None:
        self.ids = ids
        self.lon = np.full(len(ids), NOWHERE, np.int32)
        self.lat = np.full(len(ids), NOWHERE, np.int32)
        self.order = np.full(len(ids), -1, np.int64)
        self._stamps = np.full(len(ids), -1, np.int64)
        self._older = np.zeros((MOST_EXAMPLES, 2), np.int64)  # row and stamp of versions that a newer one replaced
        self._older_count = 0
        self._strays: dict[int, tuple[int, int]] = {}  # by occurrence: coordinates that are nowhere

    def find(self, ids: Ints) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        """Return the row of each id and whether it is needed at all."""
        return find(self.ids, ids)

    def take(self, block: int, rows: NDArray[np.int32], hit: NDArray[np.bool_], nodes: Nodes) -> None:
        """Take the nodes of one block, `rows` and `hit` as `find` gives them."""
        known = self._stamps, self.lon, self.lat, self.order
        self._older_count = _take(
            rows, hit, nodes.stamps, nodes.lon, nodes.lat, occurrence(block, 0), *known, self._older, self._older_count
        )
        if len(self._strays) < MOST_STRAYS:
            for row, lon, lat in nodes.strays[hit[nodes.strays[:, 0]]].tolist():
                self._strays[occurrence(block, row)] = lon, lat

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

    def tell(self, unused: Unused) -> None:
        """Say which nodes lie nowhere on the Earth, and which versions were older."""
        astray = np.flatnonzero((self.lon == NOWHERE) & (self.lat == OFF_EARTH))
        some = [(f"n{self.ids[row]}", self._stray_text(int(self.order[row]))) for row in astray[:MOST_EXAMPLES]]
        unused.add_all(COORDINATES, some, count=len(astray))
        older = self._older[: self._older_count].tolist()
        unused.add_all(
            VERSIONS, [(f"n{self.ids[row]}", version_text(stamp >> 32)) for row, stamp in older], count=self._older_count
        )

    def _stray_text(self, at: int) -> str:
        """Return what a file says of a place; nothing where it says none."""
        lon, lat = self._strays.get(at, (NOWHERE, NOWHERE))
        return "" if lon == NOWHERE else f"lon={lon / 1e7} lat={lat / 1e7}"


def version_text(version: int) -> str:
    """Return a version as OSM XML writes it; nothing where it is not known."""
    return f"version={version}" if version else ""


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
def _take(rows, hit, stamps, x, y, first, best, lon, lat, order, older, count):  # type: ignore[no-untyped-def]
    """Keep each node that is newer than what is known of it; of two alike the earlier. Returns how many older ones there were."""
    for at in range(rows.size):
        row = rows[at]
        if not hit[at]:
            continue
        if best[row] >= 0 and stamps[at] != best[row]:
            if count < len(older):
                older[count, 0], older[count, 1] = row, min(stamps[at], best[row])
            count += 1
        if stamps[at] > best[row]:
            best[row] = stamps[at]
            lon[row], lat[row], order[row] = x[at], y[at], first + at
    return count
