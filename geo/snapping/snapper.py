"""Tie points and areas to the street: the nearest point on an edge, by classes (travel model 2, section 5)."""

from __future__ import annotations

import math
import os
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..cell_grid import CellGrid
from ..compiled import compiled
from ..lengths import metres_per_degree, wrapped
from ..network.graph import Graph
from ..water_index import WaterIndex
from .nearest_piece import candidates, narrowed, nearest, squared_to, without_repeats
from .outline_pieces import pieces_along
from .past_water import dry_class, reason_of, settled, water_matters
from .point_order import part_keys, sorted_rows
from .snaps import FIRST, UNCONNECTED, Snaps

TIED_METRES = 0.01  # a foot this close to a node of its street stands on it
CHUNK = 65_536
MOST_AT_ONCE = 400_000  # points sorted together; more would take more memory, not less time
GATHERING = 8  # so many points in a square look for their streets together
SHARING = 6  # so many points in a part of it narrow the choice together
LEVELS = 3  # a square, its quarters and theirs
PARTS = 2  # of the grid's cells, along their side

Floats = NDArray[np.float64]


class Found(NamedTuple):
    """Where points lie on the pieces of a graph, whatever its speeds.

    Attributes
    ----------
    piece : (n,) int32
        -1 if unconnected.
    share, metres : (n,) float64
        How far along the piece, and how far away.
    snap_class, reason : (n,) uint8
        As in `Snaps`.
    """

    piece: NDArray[np.int32]
    share: Floats
    metres: Floats
    snap_class: NDArray[np.uint8]
    reason: NDArray[np.uint8]


class _Streets(NamedTuple):
    """What compiled snapping reads."""

    grid: CellGrid
    kinds: NDArray[np.uint8]
    ranks: NDArray[np.int32]
    water: WaterIndex
    edge_of_piece: NDArray[np.int32]
    lon: Floats
    lat: Floats
    metres: Floats
    forward: Floats
    backward: Floats
    edge_starts: NDArray[np.int64]
    edge_forward: Floats


class Snapper:
    """Snaps places to the streets of one graph, not across its waters; graph and waters keep their indexes."""

    def __init__(self, graph: Graph) -> None:
        self._cap_metres = float(graph.mode.snap_cap_metres)
        self._network = graph.fingerprint
        self._streets = _Streets(
            graph.street_grid,
            graph.piece_kind,
            graph.piece_rank,
            graph.waters.index,
            graph.piece_edge,
            graph.piece_lon,
            graph.piece_lat,
            graph.piece_metres,
            graph.piece_forward,
            graph.piece_backward,
            graph.edge_starts,
            graph.edge_forward,
        )

    def snap_points(self, lon: Floats, lat: Floats) -> Snaps:
        """Snap each point alone to the nearest point on an edge.

        Parameters
        ----------
        lon, lat : (n,) float64
            EPSG:4326.

        Returns
        -------
        Snaps
            One row per point.
        """
        return self.place(self.find(lon, lat))

    def find(self, lon: Floats, lat: Floats) -> Found:
        """Find the street of each point; see `snap_points`.

        Points are worked on cell by cell, up to MOST_AT_ONCE at a time on each core: the answer of one depends on no other.
        """
        count, streets = len(lon), self._streets
        found = Found(np.empty(count, np.int32), np.empty(count), np.empty(count), *np.empty((2, count), np.uint8))
        step = min(MOST_AT_ONCE, max(CHUNK, -(-count // (os.cpu_count() or 1))))

        def snap(at: int) -> None:
            rows = slice(at, at + step)
            # copies, since columns of a table and arrays one may not write to would each be compiled for anew
            x, y = np.array(lon[rows], float), np.array(lat[rows], float)
            found.piece[rows], found.share[rows] = _find(
                streets.grid, streets.kinds, streets.ranks, streets.water, x, y, self._cap_metres,
                found.metres[rows], found.snap_class[rows], found.reason[rows],
            )  # fmt: skip

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(snap, range(0, count, step)))
        return found

    def place(self, found: Found) -> Snaps:
        """Return snaps in this graph's seconds of points found on its streets, or on those of a graph of the same pieces."""
        count = len(found.piece)
        snaps = _room_for(np.arange(count), count, self._network)
        snaps.connector_metres[:], snaps.snap_class[:], snaps.reason[:] = found.metres, found.snap_class, found.reason
        _place(self._streets, found.piece, found.share, _arrays(snaps))
        return snaps

    def snap_entrances(self, lon: Floats, lat: Floats, owner: NDArray[np.int64], places: int, reach_metres: float) -> Snaps:
        """Find an entrance wherever an area's outline comes within `reach_metres` of a street of the first class.

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
        streets = self._streets
        part, piece, share, metres = pieces_along(
            streets.grid, streets.kinds, streets.water, streets.lon, streets.lat, lon, lat, reach_metres
        )
        order = np.lexsort((metres, piece, owner[part]))
        first = np.ones(len(order), bool)
        same = (owner[part][order][1:] == owner[part][order][:-1]) & (piece[order][1:] == piece[order][:-1])
        first[1:] = ~same
        rows = order[first]
        snaps = _room_for(owner[part[rows]], places, self._network)
        snaps.connector_metres[:], snaps.snap_class[:], snaps.reason[:] = metres[rows], FIRST, 0
        _place(streets, piece[rows].astype(np.int32), share[rows], _arrays(snaps))
        return snaps


def _room_for(owner: NDArray[np.int64], places: int, network: bytes) -> Snaps:
    """Rows yet to be filled."""
    count = len(owner)
    along, forward, backward, connector, lon, lat = (np.empty(count) for _ in range(6))
    grade, reason = np.empty((2, count), np.uint8)
    return Snaps(owner, np.empty(count, np.int32), along, forward, backward, connector, lon, lat, grade, reason, places, network)


class _Arrays(NamedTuple):
    """Columns of `Snaps` as compiled code fills them."""

    edge: NDArray[np.int32]
    metres_at: Floats
    forward_at: Floats
    backward_at: Floats
    connector_metres: Floats
    lon: Floats
    lat: Floats


def _arrays(snaps: Snaps) -> _Arrays:
    return _Arrays(*(getattr(snaps, name) for name in _Arrays._fields))


@compiled
def _place(streets, piece, share, into):  # type: ignore[no-untyped-def]
    """Write down where on its edge each point lies; piece -1 for nowhere."""
    edge_of_piece, piece_lon, piece_lat = streets.edge_of_piece, streets.lon, streets.lat
    metres, forward, backward = streets.metres, streets.forward, streets.backward
    edge_starts, edge_forward = streets.edge_starts, streets.edge_forward
    edge, metres_at, forward_at, backward_at = into.edge, into.metres_at, into.forward_at, into.backward_at
    lon, lat = into.lon, into.lat
    for i in range(piece.size):
        p, part = piece[i], share[i]
        if p < 0:
            edge[i] = -1
            metres_at[i] = forward_at[i] = backward_at[i] = lon[i] = lat[i] = np.nan
            continue
        e = edge_of_piece[p]
        edge[i] = e
        length = metres[p, 1] - metres[p, 0]
        if part * length <= TIED_METRES:  # behind the signal there who came along the edge, before it who comes back
            part, metres_at[i], forward_at[i] = 0.0, metres[p, 0], forward[p, 0]
            backward_at[i] = 0.0 if p == edge_starts[e] else backward[p - 1, 1]
        elif (1.0 - part) * length <= TIED_METRES:
            part, metres_at[i], backward_at[i] = 1.0, metres[p, 1], backward[p, 1]
            forward_at[i] = edge_forward[e] if p + 1 == edge_starts[e + 1] else forward[p + 1, 0]
        else:
            metres_at[i] = metres[p, 0] + part * length
            forward_at[i] = forward[p, 0] + part * (forward[p, 1] - forward[p, 0])
            backward_at[i] = backward[p, 0] + part * (backward[p, 1] - backward[p, 0])
        step = piece_lon[p, 1] - piece_lon[p, 0]
        at = piece_lon[p, 0] + part * (step if abs(step) <= 180.0 else wrapped(step))
        lon[i] = at if abs(at) <= 180.0 else wrapped(at)
        lat[i] = piece_lat[p, 0] + part * (piece_lat[p, 1] - piece_lat[p, 0])


@compiled
def _scales(lat):  # type: ignore[no-untyped-def]
    """Metres per degree of longitude and latitude at each point; a row of a raster needs them only once."""
    scales = np.empty((lat.size, 2))
    last, east, north = np.nan, 0.0, 0.0
    for i in range(lat.size):
        if lat[i] != last:
            last = lat[i]
            east, north = metres_per_degree(last)
        scales[i, 0], scales[i, 1] = east, north
    return scales


@compiled
def _find(grid, kinds, ranks, water, lon, lat, cap, metres, snap_class, reason):  # type: ignore[no-untyped-def]
    """Find the street of every point, piece and share along it; those of a square, and of its quarters, share candidates."""
    slots, slot_rows, starts, pieces, parts = grid.slots, grid.slot_rows, grid.starts, grid.pieces, grid.parts
    shape = (grid.cell_lon, grid.cell_lat, grid.columns)
    keys = part_keys(grid.cell_lon / PARTS, grid.cell_lat / PARTS, grid.columns * PARTS, lon, lat)
    order, scales = sorted_rows(keys), _scales(lat)
    entry, share = np.full(lon.size, -1, np.int64), np.empty(lon.size)
    metres[:], snap_class[:], reason[:] = np.nan, UNCONNECTED, 0
    into = (entry, share, metres, snap_class, reason)
    found, away, lists = np.empty(256, np.int64), np.empty(256), np.empty(LEVELS * 256, np.int64)
    last, at = np.int64(-1), 0
    while at < order.size:
        stop = _end_of_part(keys, order, at, order.size, 0)
        if stop - at < GATHERING:
            stop = at + 1  # alone
        x, y, radius, east, north = _circle(lon, lat, scales, order, at, stop)
        known = squared_to(pieces, parts, kinds, last, x, y, east, north)
        found, away, count = candidates(
            slots, slot_rows, starts, pieces, parts, kinds, shape, x, y, east, north, cap, radius, known, found, away
        )
        wet = water_matters(water, pieces, kinds, found, away, count, x, y, east, north, cap, radius)
        if stop - at > 1:
            if LEVELS * found.size > lists.size:
                lists = np.empty(LEVELS * found.size, np.int64)
            count = without_repeats(pieces, found, away, count, lists)
            last = _find_together(
                pieces, parts, kinds, ranks, keys, order, scales, lon, lat, cap, into, at, stop, lists, away, count, last
            )
        else:
            i = order[at]
            k, share[i], metres[i] = nearest(pieces, parts, kinds, ranks, found, 0, count, x, y, east, north, cap)
            if k >= 0:
                last = entry[i] = k
                snap_class[i], reason[i] = dry_class(kinds[pieces[k]]), reason_of(kinds[pieces[k]], False)
        if wet:
            _settle(grid, kinds, ranks, water, order, scales, lon, lat, cap, into, at, stop)
        at = stop
    piece = np.full(lon.size, -1, np.int32)
    for i in range(lon.size):
        if entry[i] >= 0:
            piece[i] = pieces[entry[i]]
    return piece, share


@compiled
def _settle(grid, kinds, ranks, water, order, scales, lon, lat, cap, into, first, stop):  # type: ignore[no-untyped-def]
    """Look again at points that water may lie beside, whose `into` holds what they would get without it."""
    entry, share, metres, snap_class, reason = into
    for at in range(first, stop):
        i = order[at]
        k, share[i], metres[i], snap_class[i], reason[i] = settled(
            grid, kinds, ranks, water, entry[i], share[i], metres[i], lon[i], lat[i], scales[i, 0], scales[i, 1], cap
        )
        entry[i] = k


@compiled
def _find_together(  # type: ignore[no-untyped-def]
    pieces, parts, kinds, ranks, keys, order, scales, lon, lat, cap, into, first, stop, lists, away, count, last
):
    """Find the streets of the points `first` to `stop` of a square among its `count` candidates; return the last one's entry.

    Parts with enough points narrow the candidates further: `lists` (LEVELS * k,) has room for each level's.
    """
    entry, share, metres, snap_class, reason = into
    stops, at_list, counts = np.full(LEVELS, first), np.zeros(LEVELS, np.int64), np.full(LEVELS, count)
    stops[0], room = stop, lists.size // LEVELS
    for at in range(first, stop):
        for level in range(1, LEVELS):
            if at < stops[level]:
                continue
            above = level - 1
            stops[level] = _end_of_part(keys, order, at, stops[above], level)
            at_list[level], counts[level] = at_list[above], counts[above]
            if stops[level] - at >= SHARING and counts[above] > SHARING:
                x, y, radius, east, north = _circle(lon, lat, scales, order, at, stops[level])
                at_list[level] = level * room
                counts[level] = narrowed(
                    pieces, parts, kinds, lists, at_list[above], counts[above], at_list[level],
                    x, y, east, north, cap, radius, away,
                )  # fmt: skip
        i = order[at]
        k, share[i], metres[i] = nearest(
            pieces, parts, kinds, ranks, lists, at_list[-1], counts[-1], lon[i], lat[i], scales[i, 0], scales[i, 1], cap
        )
        if k >= 0:
            last = entry[i] = k
            snap_class[i], reason[i] = dry_class(kinds[pieces[k]]), reason_of(kinds[pieces[k]], False)
    return last


@compiled
def _end_of_part(keys, order, at, until, level):  # type: ignore[no-untyped-def]
    """Where the points of the square (or, from level to level, the quarter) of the point at `at` end."""
    shift, stop = 2 * (LEVELS - 1 - level), at + 1
    number = keys[order[at]] >> shift
    while stop < until and keys[order[stop]] >> shift == number:
        stop += 1
    return stop


@compiled
def _circle(lon, lat, scales, order, first, stop):  # type: ignore[no-untyped-def]
    """A circle around points of one cell: longitude, latitude, radius in metres, scales at one of them."""
    start, west, east = lon[order[first]], 0.0, 0.0
    south = north = lat[order[first]]
    for n in range(first + 1, stop):
        away, up = lon[order[n]] - start, lat[order[n]]
        if abs(away) > 180.0:
            away = wrapped(away)
        west, east, south, north = min(west, away), max(east, away), min(south, up), max(north, up)
    scale_x, scale_y = scales[order[first], 0], scales[order[first], 1]
    radius = 0.5 * math.hypot((east - west) * scale_x, (north - south) * scale_y)
    return start + 0.5 * (west + east), 0.5 * (south + north), radius, scale_x, scale_y
