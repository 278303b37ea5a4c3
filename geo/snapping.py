"""Tie points and areas to the street: the nearest point on an edge, within the mode's cap, past scraps (DESIGN section 3)."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from .cell_grid import CellGrid, build_cell_grid, find_cell
from .compiled import compiled
from .graph import Graph
from .lengths import metres_per_degree, wrapped

CONNECTED, OVERRIDDEN, SCRAP, UNCONNECTED = range(4)
STATUS_NAMES = ("connected", "overridden", "scrap", "unconnected")
CHUNK = 65_536

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

    def __len__(self) -> int:
        return len(self.edge)

    def take(self, rows: NDArray[np.int64]) -> Snaps:
        """Return some rows, owners unchanged."""
        arrays = {f.name: getattr(self, f.name)[rows] for f in fields(self) if f.name != "places"}
        return Snaps(**arrays, places=self.places)

    def connected(self) -> Snaps:
        """Return the rows that lie on a street."""
        return self.take(np.flatnonzero(self.edge >= 0))


class Snapper:
    """Snaps places to the streets of one graph; the index is built once."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        pieces = np.diff(graph.edge_starts)
        self._edge_of_piece = np.repeat(np.arange(len(pieces), dtype=np.int32), pieces)
        self._scrap = graph.is_scrap[self._edge_of_piece]
        self._grid: CellGrid = build_cell_grid(graph.piece_lon, graph.piece_lat, ~graph.edge_ferry[self._edge_of_piece])

    def snap_points(self, lon: Floats, lat: Floats) -> Snaps:
        """Snap each point alone to the nearest point on an edge.

        Parameters
        ----------
        lon, lat : (n,) float64
            EPSG:4326.
        """
        # copies, since columns of a table and arrays one may not write to would each be compiled for anew
        piece, share, metres, status = _in_chunks(self._nearest, np.array(lon, float), np.array(lat, float))
        return self._placed(np.arange(len(piece)), piece, share, metres, status, len(piece))

    def snap_entrances(self, lon: Floats, lat: Floats, owner: NDArray[np.int64], places: int, reach_metres: float) -> Snaps:
        """Find an entrance wherever an area's outline comes within `reach_metres` of a street.

        Parameters
        ----------
        lon, lat : (n, 2) float64
            Ends of the straight parts of the outlines, EPSG:4326.
        owner : (n,) int64
            The place each part belongs to.
        places : int
        reach_metres : float

        Returns
        -------
        Snaps
            At most one entrance per street piece and place; places without any have no row.
        """
        g = self._graph
        part, piece, share, metres = _entrances(self._grid, g.piece_lon, g.piece_lat, self._scrap, lon, lat, reach_metres)
        order = np.lexsort((metres, piece, owner[part]))
        first = np.ones(len(order), bool)
        same = (owner[part][order][1:] == owner[part][order][:-1]) & (piece[order][1:] == piece[order][:-1])
        first[1:] = ~same
        rows = order[first]
        return self._placed(owner[part[rows]], piece[rows], share[rows], metres[rows], np.zeros(len(rows), np.uint8), places)

    def _nearest(self, lon: Floats, lat: Floats) -> tuple[NDArray[np.int64], Floats, Floats, NDArray[np.uint8]]:
        g = self._graph
        return _snap(self._grid, g.piece_lon, g.piece_lat, self._scrap, lon, lat, g.mode.snap_cap_metres)  # type: ignore[no-any-return]

    def _placed(
        self,
        owner: NDArray[np.int64],
        piece: NDArray[np.int64],
        share: Floats,
        metres: Floats,
        status: NDArray[np.uint8],
        places: int,
    ) -> Snaps:
        """Turn (piece, share of its length) into positions along edges."""
        g, on = self._graph, piece >= 0
        at = np.where(on, piece, 0)

        def between(values: Floats) -> Floats:
            return np.where(on, values[at, 0] + share * (values[at, 1] - values[at, 0]), np.nan)

        step = (g.piece_lon[at, 1] - g.piece_lon[at, 0] + 180.0) % 360.0 - 180.0
        return Snaps(
            owner=owner,
            edge=np.where(on, self._edge_of_piece[at], -1).astype(np.int32),
            metres_at=between(g.piece_metres),
            forward_at=between(g.piece_forward),
            backward_at=between(g.piece_backward),
            connector_metres=metres,
            lon=np.where(on, (g.piece_lon[at, 0] + share * step + 180.0) % 360.0 - 180.0, np.nan),
            lat=between(g.piece_lat),
            status=status,
            places=places,
        )


def join_snaps(parts: Iterable[Snaps]) -> Snaps:
    """Put the snaps of several calls over the same places into one, ordered by owner."""
    listed = list(parts)
    arrays = {f.name: np.concatenate([getattr(part, f.name) for part in listed]) for f in fields(Snaps) if f.name != "places"}
    joined = Snaps(**arrays, places=listed[0].places)
    return joined.take(np.argsort(joined.owner, kind="stable"))


def _in_chunks(work, lon: Floats, lat: Floats) -> list[NDArray]:  # type: ignore[no-untyped-def, type-arg]
    """Run `work` over chunks of points on all cores and join its arrays."""
    cuts = range(0, max(len(lon), 1), CHUNK)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda at: work(lon[at : at + CHUNK], lat[at : at + CHUNK]), cuts))
    return [np.concatenate(arrays) for arrays in zip(*results, strict=True)]


@compiled
def _project(lon0, lat0, lon1, lat1, lon, lat, east, north):  # type: ignore[no-untyped-def]
    """Nearest point of a piece, in metres around (lon, lat): share of the piece's length, distance."""
    x0, y0 = wrapped(lon0 - lon) * east, (lat0 - lat) * north
    dx, dy = wrapped(lon1 - lon0) * east, (lat1 - lat0) * north
    squared = dx * dx + dy * dy
    share = 0.0 if squared == 0.0 else min(1.0, max(0.0, -(x0 * dx + y0 * dy) / squared))
    return share, math.hypot(x0 + share * dx, y0 + share * dy)


@compiled
def _snap(grid, piece_lon, piece_lat, scrap, lon, lat, cap):  # type: ignore[no-untyped-def]
    """Nearest piece of each point, searched in growing rings of cells; scraps only where nothing else lies within the cap."""
    n = lon.size
    best_piece = np.full(n, -1, np.int64)
    best_share = np.zeros(n)
    best_metres = np.full(n, np.nan)
    status = np.full(n, UNCONNECTED, np.uint8)
    for i in range(n):
        if not (math.isfinite(lon[i]) and math.isfinite(lat[i])):
            continue
        east, north = metres_per_degree(lat[i])
        cell = min(grid.cell_lon * east, grid.cell_lat * north)
        x, y = math.floor((lon[i] + 180.0) / grid.cell_lon), math.floor((lat[i] + 90.0) / grid.cell_lat)
        main, main_share, main_metres = -1, 0.0, math.inf
        side, side_share, side_metres = -1, 0.0, math.inf
        ring = 0
        while (ring - 1) * cell <= min(cap, main_metres):
            for row in range(y - ring, y + ring + 1):
                step = 1 if abs(row - y) == ring else max(1, 2 * ring)
                for column in range(x - ring, x + ring + 1, step):
                    at = find_cell(grid, row, column)
                    if at < 0:
                        continue
                    for k in range(grid.starts[at], grid.starts[at + 1]):
                        p = grid.pieces[k]
                        share, metres = _project(
                            piece_lon[p, 0],
                            piece_lat[p, 0],
                            piece_lon[p, 1],
                            piece_lat[p, 1],
                            lon[i],
                            lat[i],
                            east,
                            north,
                        )
                        if scrap[p]:
                            if metres < side_metres or (metres == side_metres and p < side):
                                side, side_share, side_metres = p, share, metres
                        elif metres < main_metres or (metres == main_metres and p < main):
                            main, main_share, main_metres = p, share, metres
            ring += 1
        if main_metres <= cap:
            best_piece[i], best_share[i], best_metres[i] = main, main_share, main_metres
            status[i] = OVERRIDDEN if side_metres < main_metres else CONNECTED
        elif side_metres <= cap:
            best_piece[i], best_share[i], best_metres[i] = side, side_share, side_metres
            status[i] = SCRAP
    return best_piece, best_share, best_metres, status


@compiled
def _entrances(grid, piece_lon, piece_lat, scrap, lon, lat, reach):  # type: ignore[no-untyped-def]
    """Pairs of outline part and street piece closer than `reach`, with the nearest point on the piece."""
    found = [(np.int64(0), np.int64(0), 0.0, 0.0) for _ in range(0)]
    for i in range(lon.shape[0]):
        east, north = metres_per_degree(lat[i, 0])
        pad_x, pad_y = reach / east / grid.cell_lon, reach / north / grid.cell_lat
        x0 = (lon[i, 0] + 180.0) / grid.cell_lon
        x1 = x0 + wrapped(lon[i, 1] - lon[i, 0]) / grid.cell_lon
        y0, y1 = (lat[i, 0] + 90.0) / grid.cell_lat, (lat[i, 1] + 90.0) / grid.cell_lat
        for row in range(math.floor(min(y0, y1) - pad_y), math.floor(max(y0, y1) + pad_y) + 1):
            for column in range(math.floor(min(x0, x1) - pad_x), math.floor(max(x0, x1) + pad_x) + 1):
                at = find_cell(grid, row, column)
                if at < 0:
                    continue
                for k in range(grid.starts[at], grid.starts[at + 1]):
                    p = grid.pieces[k]
                    if scrap[p]:
                        continue
                    share, metres = _closest(piece_lon[p], piece_lat[p], lon[i], lat[i], east, north)
                    if metres <= reach:
                        found.append((np.int64(i), np.int64(p), share, metres))
    return (
        np.array([row[0] for row in found], np.int64),
        np.array([row[1] for row in found], np.int64),
        np.array([row[2] for row in found], np.float64),
        np.array([row[3] for row in found], np.float64),
    )


@compiled
def _closest(piece_lon, piece_lat, lon, lat, east, north):  # type: ignore[no-untyped-def]
    """Where a street piece comes closest to a straight part of an outline: share along the piece, distance."""
    crossing = _crossing(piece_lon, piece_lat, lon, lat)
    if crossing >= 0.0:
        return crossing, 0.0
    share, metres = _project(piece_lon[0], piece_lat[0], piece_lon[1], piece_lat[1], lon[0], lat[0], east, north)
    other, farther = _project(piece_lon[0], piece_lat[0], piece_lon[1], piece_lat[1], lon[1], lat[1], east, north)
    if farther < metres:
        share, metres = other, farther
    for end in range(2):
        _, away = _project(lon[0], lat[0], lon[1], lat[1], piece_lon[end], piece_lat[end], east, north)
        if away < metres:
            share, metres = float(end), away
    return share, metres


@compiled
def _crossing(piece_lon, piece_lat, lon, lat):  # type: ignore[no-untyped-def]
    """Share along the piece where it crosses the part, -1 if it does not."""
    ax, ay = wrapped(piece_lon[1] - piece_lon[0]), piece_lat[1] - piece_lat[0]
    bx, by = wrapped(lon[1] - lon[0]), lat[1] - lat[0]
    denominator = ax * by - ay * bx
    if denominator == 0.0:
        return -1.0
    cx, cy = wrapped(lon[0] - piece_lon[0]), lat[0] - piece_lat[0]
    along, across = (cx * by - cy * bx) / denominator, (cx * ay - cy * ax) / denominator
    return along if 0.0 <= along <= 1.0 and 0.0 <= across <= 1.0 else -1.0
