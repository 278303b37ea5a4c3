"""Trips (sections 3 and 4): ends-only stretches first and last, boarding, turns and signals, by Dijkstra over states.

A state is a base node in one of three stretches (0: ends-only at the start, 1: open, 2: ends-only at the end). Base nodes are
the nodes ashore, the same nodes on deck, and one more for each arrival at a node after which some turn is banned.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import dijkstra

from .snapping import TIED_METRES, Snap
from .turns import Banned

INSTANT = 1e-9  # scipy drops arcs of zero seconds, so a free step costs a nanosecond
Arc = tuple[int, int, float, float]  # from, to, seconds, metres
START, OPEN, END = 0, 1, 2


@dataclass(frozen=True)
class Searcher:
    """Arcs between states, without points."""

    pieces: np.ndarray
    node: np.ndarray  # OSM number of each node
    signal_seconds: np.ndarray  # on entering each node
    connector_kmh: float
    banned: Banned

    @property
    def _nodes(self) -> int:
        return len(self.node)

    @property
    def _base(self) -> int:
        return 2 * self._nodes + len(self._arrivals)

    @cached_property
    def _arrivals(self) -> dict[tuple[int, bool], int]:
        """Base node of each restricted arrival, by piece and whether one went along it."""
        ways = {way for way, _ in self.banned}
        found: dict[tuple[int, bool], int] = {}
        for piece in np.flatnonzero(np.isin(self.pieces["way"], list(ways)) & ~self.pieces["line"]).tolist():
            for along in (True, False):
                end = self.pieces["last" if along else "first"][piece]
                if (int(self.pieces["way"][piece]), int(self.node[end])) in self.banned:
                    found[piece, along] = 2 * self._nodes + len(found)
        return found

    @cached_property
    def _arrivals_at(self) -> dict[int, list[tuple[int, int]]]:
        """Restricted arrivals at each node: their piece and base node."""
        found = defaultdict(list)
        for (piece, along), base in self._arrivals.items():
            found[int(self.pieces["last" if along else "first"][piece])].append((piece, base))
        return found

    def _entered(self, piece: int, along: bool) -> int:
        """Base node of the end of a piece."""
        return self._arrivals.get((piece, along), int(self.pieces["last" if along else "first"][piece]))

    def _left(self, piece: int, along: bool) -> list[int]:
        """Base nodes from which one may enter a piece."""
        node = int(self.pieces["first" if along else "last"][piece])
        arrivals = self._arrivals_at.get(node, [])
        return [node, *(base for came, base in arrivals if not self._forbidden(came, piece, node))]

    def _forbidden(self, came: int, goes: int, node: int) -> bool:
        one, two = ((int(self.pieces["way"][piece]), int(self.pieces["place"][piece])) for piece in (came, goes))
        return self.banned[one[0], int(self.node[node])].forbids(one, two)

    # ------------------------------------------------------------ arcs between states

    @cached_property
    def arcs(self) -> np.ndarray:
        """From, to, seconds and metres of all arcs, as four rows."""
        streets = [self._street_arcs(along) for along in (True, False)]
        start, end, seconds, metres, ends_only = (np.concatenate(part) for part in zip(*streets, self._sea_arcs(), strict=True))
        ends = np.array([start, end, seconds, metres])[:, ends_only == 1]
        middle = np.array([start, end, seconds, metres])[:, ends_only == 0]
        every = np.arange(self._base, dtype=float)
        shore = np.unique(np.concatenate((self.pieces["first"], self.pieces["last"]))[np.tile(self.pieces["ferry"], 2)])
        alight = np.array([self._nodes + shore, shore, 0 * shore, 0 * shore], dtype=float)
        parts = [_shifted(ends, stretch * self._base, stretch * self._base) for stretch in (START, END)]
        parts += [_shifted(middle, self._base, self._base), _shifted(alight, self._base, self._base)]
        on = np.array([every, every, 0 * every, 0 * every])
        parts += [_shifted(on, 0, self._base), _shifted(on, self._base, 2 * self._base)]
        return np.concatenate(parts, axis=1)

    def _street_arcs(self, along: bool) -> tuple[np.ndarray, ...]:
        """Along the pieces, or against them."""
        first, last, name = ("first", "last", "along") if along else ("last", "first", "against")
        street = np.flatnonzero(~self.pieces["ferry"] & np.isfinite(self.pieces[name]))
        chosen = self.pieces[street]
        end = chosen[last].copy()
        for row in np.flatnonzero(np.isin(chosen["way"], list({way for way, _ in self.banned}))):
            end[row] = self._entered(int(street[row]), along)
        columns = [chosen[first], end, chosen[name] + self.signal_seconds[chosen[last]], chosen["metres"], chosen["ends_only"]]
        more = []
        for row in np.flatnonzero(np.isin(chosen[first], list(self._arrivals_at))):
            more += [(base, *(column[row] for column in columns[1:])) for base in self._left(int(street[row]), along)[1:]]
        extra = np.array(more, dtype=float).reshape(-1, 5).T
        return tuple(np.concatenate((column, part)) for column, part in zip(columns, extra, strict=True))

    def _sea_arcs(self) -> tuple[np.ndarray, ...]:
        """From shore to deck, and from deck to deck."""
        found: list[tuple[int, int, float, float, int]] = []
        for boat in self.pieces[self.pieces["ferry"]]:
            for first, last, name in (("first", "last", "along"), ("last", "first", "against")):
                if not np.isfinite(boat[name]):
                    continue
                on_deck, deck, metres = self._nodes + boat[first], self._nodes + boat[last], boat["metres"]
                found.append((on_deck, deck, boat[name], metres, 0))
                seconds = boat[name] + boat["boarding"]
                found += [(shore, deck, seconds, metres, 0) for shore in self._boarding(int(boat[first]))]
        return tuple(np.array(found, dtype=float).reshape(-1, 5).T)

    def _boarding(self, node: int) -> list[int]:
        """Base nodes ashore from which one may board a boat: `only_` binds boats too."""
        arrivals = self._arrivals_at.get(node, [])
        rules = [(base, self.banned[int(self.pieces["way"][came]), int(self.node[node])]) for came, base in arrivals]
        return [node, *(base for base, rule in rules if not rule.only)]

    # ------------------------------------------------------------ points

    def _tie(self, snap: Snap) -> int:
        """Node that the foot is tied to, or -1."""
        metres = self.pieces["metres"][snap.segment]
        if snap.share * metres <= TIED_METRES:
            return int(self.pieces["first"][snap.segment])
        return int(self.pieces["last"][snap.segment]) if (1 - snap.share) * metres <= TIED_METRES else -1

    def _way_in(self, snap: Snap, point: int) -> list[Arc]:
        """From a point into the network."""
        if not snap.snap_class:
            return []
        connector = 3.6 * snap.metres / self.connector_kmh
        if (node := self._tie(snap)) >= 0:
            return [(point, START * self._base + node, connector, 0.0)]
        piece, found = self.pieces[snap.segment], []
        stretch = START if piece["ends_only"] else OPEN
        for along, name, share, end in ((True, "along", 1 - snap.share, "last"), (False, "against", snap.share, "first")):
            if np.isfinite(piece[name]):
                seconds = connector + share * piece[name] + self.signal_seconds[piece[end]]
                state = stretch * self._base + self._entered(snap.segment, along)
                found.append((point, state, float(seconds), float(share * piece["metres"])))
        return found

    def _way_out(self, snap: Snap, point: int) -> list[Arc]:
        """From the network to a point."""
        if not snap.snap_class:
            return []
        connector = 3.6 * snap.metres / self.connector_kmh
        if (node := self._tie(snap)) >= 0:
            bases = [node, *(base for _, base in self._arrivals_at.get(node, []))]
            return [(END * self._base + base, point, connector, 0.0) for base in bases]
        piece, found = self.pieces[snap.segment], []
        stretch = END if piece["ends_only"] else OPEN
        for along, name, share in ((True, "along", snap.share), (False, "against", 1 - snap.share)):
            if np.isfinite(piece[name]):
                for base in self._left(snap.segment, along):
                    seconds = connector + share * piece[name]
                    found.append((stretch * self._base + base, point, float(seconds), float(share * piece["metres"])))
        return found

    def _straight(self, origin: Snap, destination: Snap, points: tuple[int, int]) -> list[Arc]:
        """Along one piece that two points are on."""
        if not origin.snap_class or not destination.snap_class or origin.segment != destination.segment:
            return []
        if self._tie(origin) >= 0 or self._tie(destination) >= 0:
            return []
        share = destination.share - origin.share
        seconds = abs(share) * self.pieces["along" if share >= 0 else "against"][origin.segment] if share else 0.0
        connectors = 3.6 * (origin.metres + destination.metres) / self.connector_kmh
        return [(*points, float(seconds + connectors), float(abs(share) * self.pieces["metres"][origin.segment]))]

    def with_points(self, origins: Sequence[Snap], destinations: Sequence[Snap]) -> tuple[np.ndarray, int]:
        """All arcs with those of the points, whose states follow (origins, then destinations) from the number returned."""
        size = 3 * self._base
        arcs: list[Arc] = []
        on: dict[int, list[int]] = defaultdict(list)
        for number, snap in enumerate(destinations):
            arcs += self._way_out(snap, size + len(origins) + number)
            on[snap.segment].append(number)
        for number, snap in enumerate(origins):
            arcs += self._way_in(snap, size + number)
            for other in on[snap.segment]:
                arcs += self._straight(snap, destinations[other], (size + number, size + len(origins) + other))
        return np.concatenate((self.arcs, np.array(arcs, dtype=float).reshape(-1, 4).T), axis=1), size


def quickest(arcs: np.ndarray, size: int, source: int, *, backwards: bool = False) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Seconds (inf: none) and metres from a state to all others (or back), and the state before the last (negative: none)."""
    start, end, seconds, metres = arcs
    if backwards:
        start, end = end, start
    order = np.lexsort((metres, seconds, end, start))
    order = order[np.isfinite(seconds[order])]
    pair = np.stack([start[order], end[order]]).astype(np.int64)
    order = order[np.r_[True, (pair[:, 1:] != pair[:, :-1]).any(axis=0)][: len(order)]]  # scipy would add up doubles
    start, end = start[order].astype(np.int64), end[order].astype(np.int64)
    graph = coo_array((np.maximum(seconds[order], INSTANT), (start, end)), shape=(size, size)).tocsr()
    best, before = dijkstra(graph, indices=source, return_predecessors=True)
    return best, _metres_travelled(graph, metres[order], before), before


def _shifted(arcs: np.ndarray, start: int, end: int) -> np.ndarray:
    return arcs + np.array([[start], [end], [0], [0]])


def _metres_travelled(graph: csr_array, metres: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Metres from the source to every state along the tree of predecessors, by doubling the steps back to the source."""
    size = len(before)
    rows = np.repeat(np.arange(size), np.diff(graph.indptr))
    travelled, back = np.zeros(size), np.arange(size)
    used = np.flatnonzero(before >= 0)
    travelled[used] = metres[np.searchsorted(rows * size + graph.indices, before[used].astype(np.int64) * size + used)]
    back[used] = before[used]
    while (back != back[back]).any():
        travelled, back = travelled + travelled[back], back[back]
    return travelled
