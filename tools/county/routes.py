"""Least-cost routes over the terrain: roads follow valleys, share what is already built, and meet in shared nodes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from .frame import CELL_X, CELL_Y, COLUMNS, ROWS, Floats, Mask, cell_centres
from .terrain import Terrain

STEP = 2  # cells between route nodes: about 170 m
GRADE_COST = 26.0
RIVER_COST_METRES = 500.0
SHARED = 0.45
_ROWS, _COLUMNS = ROWS // STEP, COLUMNS // STEP

Ints = NDArray[np.int64]


class RouteGrid:
    """A grid of possible road nodes on dry land and the cost of every step between neighbours.

    Attributes
    ----------
    metres : array (n, 2)
        Nodes, moved off the regular grid at random so that roads do not follow it.
    """

    def __init__(self, random: np.random.Generator, terrain: Terrain, *, rivers: Mask) -> None:
        x, y = (grid[::STEP, ::STEP].ravel() for grid in cell_centres())
        shift = random.uniform(-0.33, 0.33, (len(x), 2)) * np.array([CELL_X, CELL_Y]) * STEP
        self.metres = np.column_stack([x, y]) + shift
        wet = ndimage.binary_dilation(~terrain.land) | ndimage.binary_dilation(terrain.reservoir, iterations=2)
        self._open = ~wet[::STEP, ::STEP].ravel()
        self._ends = _neighbours()
        self._ends = self._ends[self._open[self._ends].all(axis=1)]
        self.lengths = np.hypot(*(self.metres[self._ends[:, 0]] - self.metres[self._ends[:, 1]]).T)
        self._costs = self._price(terrain, rivers)
        self._row_of = {(int(a), int(b)): row for row, (a, b) in enumerate(self._ends)}

    def _price(self, terrain: Terrain, rivers: Mask) -> Floats:
        height = ndimage.uniform_filter(terrain.elevation, 3)[::STEP, ::STEP].ravel()
        grade = np.abs(height[self._ends[:, 0]] - height[self._ends[:, 1]]) / self.lengths
        river = rivers[::STEP, ::STEP].ravel()
        crossing = river[self._ends].any(axis=1) * RIVER_COST_METRES
        return np.asarray(self.lengths * (1 + GRADE_COST * grade**1.5) + crossing)

    def nearest(self, metres: Floats) -> int:
        """Return the open node nearest to a point."""
        away = np.hypot(*(self.metres - metres).T)
        return int(np.argmin(np.where(self._open, away, np.inf)))

    def share(self, path: Ints) -> None:
        """Make steps along a finished road cheap and forbid crossing it between nodes."""
        for a, b in zip(path[:-1].tolist(), path[1:].tolist(), strict=True):
            row = self._row_of[min(a, b), max(a, b)]
            self._costs[row] = min(self._costs[row], SHARED * self.lengths[row] * 1.5)
            crossing = self._row_of.get(_other_diagonal(a, b), row)
            if crossing != row:
                self._costs[crossing] = np.inf

    def route(self, start: int, end: int, *, dearest: float = np.inf) -> Ints:
        """Return the cheapest path, or an empty one where no land way between the two costs at most `dearest`."""
        _, before = dijkstra(self._matrix(), directed=False, indices=start, return_predecessors=True, limit=dearest)
        return _trace(before, end)

    def costs_from(self, starts: list[int]) -> Floats:
        """Return the cost from each start to every node, shape (starts, nodes)."""
        return np.asarray(dijkstra(self._matrix(), directed=False, indices=starts))

    def branches(self, network: Ints, ends: list[int]) -> list[Ints]:
        """Return for each end its cheapest path from the network; together they form a forest."""
        _, before, _ = dijkstra(
            self._matrix(), directed=False, indices=np.unique(network), return_predecessors=True, min_only=True
        )
        return [_trace(before, end) for end in ends]

    def _matrix(self) -> csr_matrix:
        usable = np.isfinite(self._costs)
        ends = self._ends[usable]
        size = len(self.metres)
        return csr_matrix((self._costs[usable], (ends[:, 0], ends[:, 1])), shape=(size, size))


def _neighbours() -> Ints:
    number = np.arange(_ROWS * _COLUMNS).reshape(_ROWS, _COLUMNS)
    pairs = [
        (number[:, :-1], number[:, 1:]),
        (number[:-1], number[1:]),
        (number[:-1, :-1], number[1:, 1:]),
        (number[:-1, 1:], number[1:, :-1]),
    ]
    return np.vstack([np.column_stack([a.ravel(), b.ravel()]) for a, b in pairs])


def _other_diagonal(a: int, b: int) -> tuple[int, int]:
    """Return the step that crosses the step a-b: the other diagonal of its square; a straight step itself."""
    (row_a, column_a), (row_b, column_b) = divmod(a, _COLUMNS), divmod(b, _COLUMNS)
    c, d = row_a * _COLUMNS + column_b, row_b * _COLUMNS + column_a
    return min(c, d), max(c, d)


def _trace(before: NDArray[np.int32], end: int) -> Ints:
    path = [end]
    while before[path[-1]] >= 0:
        path.append(int(before[path[-1]]))
    return np.array(path[::-1] if len(path) > 1 else [], dtype=np.int64)
