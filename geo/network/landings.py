"""Landings: ends of ferry lines that meet no street are tied to the nearest one (travel model 2, section 7)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ..lengths import ellipsoidal_metres, metres_per_degree
from .sound import sound_pieces
from .trip_ends import behind_gates

REACH_METRES = 200.0
SAME_NODE_METRES = 0.01  # a foot so near to a node is that node
CELL_DEGREES = 0.1  # of the cells in which streets near ends are looked for
LONG_METRES = 1_500.0  # longer pieces are looked at whatever cell they begin in

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]
Rows = NDArray[np.integer[Any]]


class Landings(NamedTuple):
    """How ferry lines that meet no street were tied to streets.

    Attributes
    ----------
    way : (l,) int64
        OSM id of the line that ends there.
    lon, lat : (l,) float64
        Its end.
    metres : (l,) float64
        From there to the street.
    missing : (m,) int64
        OSM ids of lines that nobody can board: neither they nor those they meet have a landing.
    """

    way: Ints
    lon: Floats
    lat: Floats
    metres: Floats
    missing: Ints


def no_landings() -> Landings:
    """Return that every line meets a street, or that there is none."""
    nothing = np.empty(0)
    return Landings(nothing.astype(np.int64), nothing, nothing, nothing, nothing.astype(np.int64))


class Shores(NamedTuple):
    """Pieces of streets and ferries as they are before anything is tied.

    Attributes
    ----------
    lon, lat : (n,) float64
        Of the nodes.
    u, v : (s,) int
    metres, along, against : (s,) float64
    forward, backward, ferry, line, ends_only, raised : (s,) bool
    way_id : (s,) int64
    """

    lon: Floats
    lat: Floats
    u: Rows
    v: Rows
    metres: Floats
    along: Floats
    against: Floats
    forward: Flags
    backward: Flags
    ferry: Flags
    line: Flags
    ends_only: Flags
    raised: Flags
    way_id: Ints


class Tied(NamedTuple):
    """Connectors from ends of ferries to streets.

    Attributes
    ----------
    end : (l,) int
        Node of each end.
    piece : (l,) int
        The piece its foot lies on.
    share : (l,) float64
        Where on it, of its length; 0 and 1 are its nodes.
    lon, lat, metres : (l,) float64
        Foot, and how far off.
    """

    end: Ints
    piece: Ints
    share: Floats
    lon: Floats
    lat: Floats
    metres: Floats


def tie_ends(shores: Shores) -> tuple[Tied, Landings]:
    """Find a street for each end of a ferry line that meets none: the nearest sound one, else the nearest on the ground."""
    ends, way_of_end = _ends(shores)
    open_ = _open_streets(shores)
    ashore = np.zeros(len(shores.lon), bool)
    ashore[shores.u[open_]] = ashore[shores.v[open_]] = True
    lonely = np.flatnonzero(~ashore[ends])
    ends, way_of_end = ends[lonely], way_of_end[lonely]
    tied = _nearest(shores, open_, ends)
    missing = _without_landing(shores, tied.end)
    row = np.searchsorted(ends, tied.end)
    return tied, Landings(way_of_end[row], shores.lon[tied.end], shores.lat[tied.end], tied.metres, missing)


def _ends(shores: Shores) -> tuple[Ints, Ints]:
    """Nodes where ferry lines begin and end, ascending, and a line of each."""
    boats = np.flatnonzero(shores.ferry)
    boats = boats[np.argsort(shores.way_id[boats], kind="stable")]
    way = shores.way_id[boats]
    last = np.flatnonzero(np.append(way[1:] != way[:-1], True))
    first = np.append(0, last[:-1] + 1)
    nodes = np.concatenate((shores.u[boats[first]], shores.v[boats[last]])).astype(np.int64)
    ends, row = np.unique(nodes, return_index=True)
    return ends, np.tile(way[first], 2)[row]


def _open_streets(shores: Shores) -> Flags:
    """Which pieces whole trips may use, those behind gates left out."""
    ends_only = behind_gates(
        len(shores.lon), shores.u.astype(np.int32), shores.v.astype(np.int32), shores.metres, shores.ends_only
    )
    return ~ends_only & ~shores.ferry


def _nearest(shores: Shores, open_: Flags, ends: Ints) -> Tied:
    streets = ~(shores.ferry | shores.line)
    sound = sound_pieces(
        len(shores.lon),
        shores.u,
        shores.v,
        shores.forward,
        shores.backward,
        shores.metres,
        streets & open_,
        streets & ~open_,
    )
    near = _pieces_near(shores, np.flatnonzero(streets & ~shores.raised), ends)
    found = [(end, foot) for end in ends.tolist() if (foot := _foot(shores, near, sound, end)) is not None]
    columns = [np.array([foot[column] for _, foot in found]) for column in range(4)]
    tied, piece = np.array([end for end, _ in found], np.int64), columns[0].astype(np.int64)
    share, lon, lat = (column.astype(float) for column in columns[1:])
    off = share * shores.metres[piece], (1 - share) * shores.metres[piece]
    share = np.where(off[0] <= SAME_NODE_METRES, 0.0, np.where(off[1] <= SAME_NODE_METRES, 1.0, share))
    return Tied(tied, piece, share, lon, lat, ellipsoidal_metres(lon, lat, shores.lon[tied], shores.lat[tied]))


def _pieces_near(shores: Shores, pieces: Ints, ends: Ints) -> Ints:
    """Leave out pieces that begin in no cell around an end, as long as they are short."""
    columns = round(360 / CELL_DEGREES)

    def cells(nodes: Rows) -> tuple[Ints, Ints]:
        return tuple(np.floor(axis[nodes] / CELL_DEGREES).astype(np.int64) for axis in (shores.lon, shores.lat))  # type: ignore[return-value]

    x, y = cells(ends)
    around = [(y + down) * columns + (x + right) % columns for down in (-1, 0, 1) for right in (-1, 0, 1)]
    x, y = cells(shores.u[pieces])
    chosen: Flags = np.isin(y * columns + x % columns, np.concatenate(around)) | (shores.metres[pieces] > LONG_METRES)
    return pieces[chosen]


def _foot(shores: Shores, near: Ints, sound: Flags, end: int) -> tuple[int, float, float, float] | None:
    """Return piece, share and place of the foot of one end; None where no street is near enough."""
    lon, lat = float(shores.lon[end]), float(shores.lat[end])
    east, north = metres_per_degree(lat)
    u, v = shores.u[near], shores.v[near]
    x, y = _turn(shores.lon[u] - lon) * east, (shores.lat[u] - lat) * north
    dx, dy = _turn(shores.lon[v] - shores.lon[u]) * east, (shores.lat[v] - shores.lat[u]) * north
    squared = dx * dx + dy * dy
    share = np.clip(-(x * dx + y * dy) / np.where(squared > 0, squared, 1.0), 0.0, 1.0)
    x, y = x + share * dx, y + share * dy
    metres = np.hypot(x, y)
    within = metres <= REACH_METRES
    if not within.any():
        return None
    chosen = np.flatnonzero(within & sound[near]) if (within & sound[near]).any() else np.flatnonzero(within)
    quickest = np.minimum(
        np.where(shores.forward, shores.along, np.inf)[near[chosen]],
        np.where(shores.backward, shores.against, np.inf)[near[chosen]],
    )
    kmh = np.round(3.6 * np.divide(shores.metres[near[chosen]], quickest, out=np.zeros(len(chosen)), where=quickest > 0), 2)
    best = chosen[np.lexsort((near[chosen], shores.way_id[near[chosen]], -kmh, np.round(metres[chosen], 3)))[0]]
    return int(near[best]), float(share[best]), float(lon + x[best] / east), float(lat + y[best] / north)


def _turn(degrees: Floats) -> Floats:
    return (degrees + 180.0) % 360.0 - 180.0


def _without_landing(shores: Shores, tied: Ints) -> Ints:
    """Ids of the ferry lines from which no street is reached, by whatever other lines."""
    boats = shores.ferry
    links = coo_array((np.ones(int(boats.sum()), np.int8), (shores.u[boats], shores.v[boats])), shape=(len(shores.lon),) * 2)
    part = connected_components(links, directed=False)[1]
    landed = np.zeros(len(shores.lon), bool)
    for nodes in (tied, shores.u[~boats], shores.v[~boats]):
        landed[part[nodes]] = True
    return np.unique(shores.way_id[boats][~landed[part[shores.u[boats]]]])


class Cut(NamedTuple):
    """Pieces cut where connectors meet them.

    Attributes
    ----------
    piece : (s,) int
        The piece that each part is of.
    u, v : (s,) int
    share : (s,) float64
        Of the piece's length.
    foot : (l,) int
        Node where each connector ends.
    lon, lat : (k,) float64
        Of the new nodes.
    """

    piece: Ints
    u: Rows
    v: Rows
    share: Floats
    foot: Ints
    lon: Floats
    lat: Floats


def cut_pieces(u: Rows, v: Rows, tied: Tied, *, first: int) -> Cut:
    """Put a node into pieces where connectors meet them part-way, numbered from `first` on."""
    part_way = (tied.share > 0.0) & (tied.share < 1.0)
    foot = np.where(tied.share == 0.0, u[tied.piece], v[tied.piece]).astype(np.int64)
    spots = np.column_stack((tied.piece, tied.share))[part_way]
    cuts, one, number = np.unique(spots, axis=0, return_index=True, return_inverse=True)
    foot[part_way] = first + number.ravel()
    at, share = cuts[:, 0].astype(np.int64), cuts[:, 1]  # ascending
    piece = np.sort(np.concatenate((np.arange(len(u)), at)))
    begins = np.append(True, piece[1:] != piece[:-1])
    ends = np.append(begins[1:], True)
    low, high = np.zeros(len(piece)), np.ones(len(piece))
    start, stop = u[piece], v[piece]
    nodes = (first + np.arange(len(at))).astype(u.dtype)
    low[~begins], high[~ends] = share, share
    start[~begins], stop[~ends] = nodes, nodes
    return Cut(piece, start, stop, high - low, foot, tied.lon[part_way][one], tied.lat[part_way][one])
