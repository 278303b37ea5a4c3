"""Nearest facilities under change: opening or closing one touches only the streets it serves or served."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..compiled import compiled
from ..network.graph import Graph
from ..snapping.snaps import Snaps, join_snaps
from .bucket_queue import clear, make_workspace
from .ends import Ends, by_junction, ends
from .search import REACHED, Direction, Nearest, Seeds, finish, nearest_facility, search_frame, seeds_of, spread_from

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Change:
    """What one update did.

    Attributes
    ----------
    points : (m,) int64
        Rows of the points whose time or nearest facility changed, ascending.
    before, after : Nearest
        Of those points.
    """

    points: Rows
    before: Nearest
    after: Nearest


class ChangingFacilities:
    """The nearest facility of every point, kept up to date while facilities open and close.

    Parameters
    ----------
    graph : Graph
    points : Snaps
        One row per point.
    facilities : Snaps
        Those open at first; facility rows count on from here as more open.
    direction : {"to", "from"}
    """

    def __init__(self, graph: Graph, points: Snaps, facilities: Snaps, *, direction: Direction = "to") -> None:
        self._graph, self._points, self._to = graph, points, direction == "to"
        self._arcs, self._back = (graph.incoming, graph.outgoing) if self._to else (graph.outgoing, graph.incoming)
        self._open, self._facilities = facilities, facilities.places
        self._base, self._trial = make_workspace(len(graph.lon)), make_workspace(len(graph.lon))
        spread_from(self._arcs, seeds_of(self._seeds(facilities)), self._base)
        self._nearest = nearest_facility(graph, points, facilities, direction=direction)
        connected = ends(graph, points, leaving=self._to)
        starts, entries = by_junction(connected, len(graph.lon))
        self._at_node = starts, connected.points.owner[entries >> 1]
        self._at_edge = np.argsort(points.edge, kind="stable")

    @property
    def nearest(self) -> Nearest:
        """The answer as things stand."""
        return Nearest(self._nearest.seconds.copy(), self._nearest.facility.copy())

    def open(self, facility: Snaps) -> Change:
        """Open one facility (all rows of `facility`); its row is one more than the last facility's."""
        new = replace(facility, owner=np.full(len(facility), self._facilities), places=self._facilities + 1)
        seeds = self._seeds(new)
        spread_from(self._arcs, seeds_of(seeds), self._trial, ceiling=self._base.seconds)
        self._facilities += 1
        self._open = join_snaps([replace(self._open, places=self._facilities), new])
        return self._commit(seeds.points.edge)

    def close(self, row: int) -> Change:
        """Close one facility.

        Raises
        ------
        KeyError
            If no open facility has this row.
        """
        mine = self._open.owner == row
        if not mine.any():
            raise KeyError(row)
        gone = self._seeds(self._open.take(np.flatnonzero(mine)))
        self._open = self._open.take(np.flatnonzero(~mine))
        orphans = _served(self._arcs.starts, self._arcs.heads, np.concatenate((gone.a, gone.b)), row, self._base.label)
        self._base.seconds[orphans], self._base.label[orphans] = np.inf, -1
        self._refill(orphans)
        return self._commit(gone.points.edge, orphans)

    def _seeds(self, facilities: Snaps) -> Ends:
        return ends(self._graph, facilities, leaving=not self._to)

    def _refill(self, orphans: Rows) -> None:
        """Search into the orphaned junctions from their neighbours and from facilities on their own edges."""
        rim = Seeds(*_rim(self._back.starts, self._back.heads, self._back.seconds, orphans, self._base))
        own = seeds_of(self._seeds(self._open))
        orphaned = np.zeros(len(self._graph.lon), bool)
        orphaned[orphans] = True
        near = np.flatnonzero(orphaned[own.nodes])
        both = Seeds(
            np.concatenate((own.nodes[near], rim.nodes)),
            np.concatenate((own.seconds[near], rim.seconds)),
            np.concatenate((own.metres[near], rim.metres)),
            np.concatenate((own.labels[near], rim.labels)),
        )
        spread_from(self._arcs, both, self._trial, ceiling=self._base.seconds)

    def _commit(self, edges: NDArray[np.int32], orphans: Rows | None = None) -> Change:
        """Move the trial into the base and answer again for the points at changed junctions and edges."""
        changed = self._trial.visited[: self._trial.reached[0]].astype(np.int64)
        for values, trial in ((self._base.seconds, self._trial.seconds), (self._base.label, self._trial.label)):
            values[changed] = trial[changed]
        clear(self._trial)
        junctions = changed if orphans is None else np.union1d(changed, orphans)
        rows = np.unique(np.concatenate((_at(*self._at_node, junctions), self._on_edges(edges))))
        before = Nearest(self._nearest.seconds[rows], self._nearest.facility[rows])
        after = self._answer(rows)
        self._nearest.seconds[rows], self._nearest.facility[rows] = after.seconds, after.facility
        differs = ~((before.seconds == after.seconds) | (np.isnan(before.seconds) & np.isnan(after.seconds)))
        differs |= before.facility != after.facility
        return Change(
            rows[differs],
            Nearest(before.seconds[differs], before.facility[differs]),
            Nearest(after.seconds[differs], after.facility[differs]),
        )

    def _answer(self, rows: Rows) -> Nearest:
        points = replace(self._points.take(rows), owner=np.arange(len(rows)), places=len(rows))
        anywhere = np.full(len(self._graph.edge_metres), REACHED, np.uint8)
        frame = search_frame(self._graph, points, self._seeds(self._open), self._base, anywhere, to=self._to)
        return finish(frame, len(rows), len(rows))

    def _on_edges(self, edges: NDArray[np.int32]) -> Rows:
        ordered = self._points.edge[self._at_edge]
        spans = [np.arange(*np.searchsorted(ordered, (edge, edge + 1))) for edge in np.unique(edges)]
        rows: Rows = self._at_edge[np.concatenate([np.empty(0, np.int64), *spans])]
        return rows


@compiled
def _at(starts, entries, junctions):  # type: ignore[no-untyped-def]
    """Points at some junctions."""
    count = 0
    for j in junctions:
        count += starts[j + 1] - starts[j]
    found = np.empty(count, np.int64)
    filled = 0
    for j in junctions:
        for k in range(starts[j], starts[j + 1]):
            found[filled] = entries[k]
            filled += 1
    return found


@compiled
def _served(starts, heads, roots, row, label):  # type: ignore[no-untyped-def]
    """Junctions whose nearest facility is `row`: they hang together, since the way there leads through its own catchment."""
    seen = {np.int64(-1)}
    waiting = [np.int64(-1)]
    waiting.pop()
    for root in roots:
        if label[root] == row and np.int64(root) not in seen:
            seen.add(np.int64(root))
            waiting.append(np.int64(root))
    found = waiting.copy()
    while waiting:
        node = waiting.pop()
        for arc in range(starts[node], starts[node + 1]):
            head = np.int64(heads[arc])
            if label[head] == row and head not in seen:
                seen.add(head)
                waiting.append(head)
                found.append(head)
    return np.array(found)


@compiled
def _rim(starts, heads, arc_seconds, orphans, base):  # type: ignore[no-untyped-def]
    """Seeds along the border of the orphaned junctions: their neighbours' times plus the arc between."""
    count = 0
    for node in orphans:
        count += starts[node + 1] - starts[node]
    nodes, labels = np.empty(count, np.int32), np.empty(count, np.int32)
    seconds, metres = np.empty(count), np.zeros(count)
    filled = 0
    for node in orphans:
        for arc in range(starts[node], starts[node + 1]):
            tail = heads[arc]
            if base.seconds[tail] < np.inf:
                nodes[filled], labels[filled] = node, base.label[tail]
                seconds[filled] = base.seconds[tail] + arc_seconds[arc]
                filled += 1
    return nodes[:filled], seconds[:filled], metres[:filled], labels[:filled]
