"""Nodes that matter to who passes them on a street: barriers and traffic signals, while an extract is read."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..streets import POINT_KEYS
from .pbf import Nodes
from .tag_table import TagParts
from .versions import NodeTable, occurrence

Ints = NDArray[np.int64]
TELLING = (b"barrier", b"highway")  # keys of such nodes
SIGNALS = b"traffic_signals"


@dataclass
class PointParts:
    """What the blocks gave so far; an element may stand here in several versions."""

    ids: list[Ints] = field(default_factory=list)
    at: list[Ints] = field(default_factory=list)  # occurrence of each among all nodes
    tags: TagParts = field(default_factory=lambda: TagParts(POINT_KEYS))

    def add(self, nodes: Nodes, strings: list[bytes], block: int) -> None:
        """Take the barriers and signals of one block."""
        rows, keys, values = nodes.tags.T
        barrier, highway = (np.array([text == key for text in strings], bool) for key in TELLING)
        signals = np.array([text == SIGNALS for text in strings], bool)
        telling = barrier[keys] | (highway[keys] & signals[values])
        if not telling.any():
            return
        kept = np.zeros(len(nodes.ids), bool)
        kept[rows[telling]] = True
        self.ids.append(nodes.ids[kept])
        self.at.append(np.array([occurrence(block, row) for row in np.flatnonzero(kept).tolist()], np.int64))
        self.tags.add(nodes.tags, strings, kept)

    def counted(self, nodes: NodeTable) -> tuple[Ints, Ints]:
        """Return which of those taken count, by the version of their node, and their ids."""
        ids, at = (np.concatenate([np.empty(0, np.int64), *parts]) for parts in (self.ids, self.at))
        rows, hit = nodes.find(ids)
        chosen = np.flatnonzero(hit)
        chosen = chosen[nodes.order[rows[chosen]] == at[chosen]]
        return chosen, ids[chosen]
