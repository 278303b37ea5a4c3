"""Isochrones: everything within a travel time of a facility, as nested areas drawn from one time surface."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from ..engine.search import Direction
from ..errors import InputError, said
from ..network.graph import Arcs, Graph
from ..snapping.snaps import Snaps
from .contours import outline, without_specks
from .lattice import UNITS, Lattice, make_lattice, to_lattice
from .street_raster import BLOCK
from .street_times import Reached, ReachedPieces, StreetFrame, forget, make_reached, reach, street_frame
from .surface import Blocks, reached_blocks, window_surface

POLYGON = 3  # shapely's type id
MERGED = -1  # row of a ring that belongs to all facilities
WINDOW = 2048  # nodes along the side of the largest surface held at once

Floats = NDArray[np.float64]
Mapper = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]


class Refused(NamedTuple):
    """A ring that does not exist, and why; the limit is NaN where the facility has none at all."""

    facility: int
    limit_seconds: float
    reason: str


class Ring(NamedTuple):
    """A ring as drawn, None where nothing lies within its limit."""

    facility: int
    limit: float
    area: Any
    lattice: Lattice


@dataclass(frozen=True)
class Isochrones:
    """Rings; a smaller ring lies inside every larger one of the same facility.

    Attributes
    ----------
    facility : (n,) int64
        Row of the facility, -1 for all of them merged.
    limit_seconds : (n,) float64
    geometry : (n,) array of MultiPolygon
        Everything within the limit, EPSG:4326, cut at the antimeridian.
    refused : list of Refused
    """

    facility: NDArray[np.int64]
    limit_seconds: Floats
    geometry: NDArray[np.object_]
    refused: list[Refused]


def isochrones(
    graph: Graph,
    facilities: Snaps,
    origins: Floats,
    *,
    limits_seconds: Sequence[float],
    direction: Direction = "to",
    cell_metres: float | None = None,
) -> Isochrones:
    """Draw the rings of every facility alone.

    Parameters
    ----------
    facilities : Snaps
        Snapped to `graph`, ordered by owner; a facility with several entrances has several rows.
    origins : (n, 2) float64
        Longitude and latitude of each facility, EPSG:4326; for areas any point inside.
    limits_seconds : sequence of float
        Inclusive.
    direction : {"to", "from"}
        Travel to the facility, or from it.
    cell_metres : float, optional
        Spacing of the surface; by mode if not given.

    Returns
    -------
    Isochrones
        Facilities in order, the largest ring first, so that smaller ones are drawn on top.

    Raises
    ------
    InputError
        If a limit or the spacing is not positive.
    TooLargeError
        If a surface would not fit in memory.
    """
    spacing = _checked_spacing(graph, cell_metres, limits_seconds)
    limits = sorted({float(limit) for limit in limits_seconds}, reverse=True)
    frame = street_frame(graph, facilities, direction=direction)
    seeds = np.searchsorted(frame.seeds.points.owner, np.arange(facilities.places + 1))
    connected = np.flatnonzero(np.diff(seeds))
    drawn = _draw_each(frame, _arcs(graph, direction), seeds, connected, origins, limits, spacing)
    return _collect(drawn, _unconnected(graph, connected, facilities.places), spacing)


def merged_isochrones(
    graph: Graph,
    facilities: Snaps,
    origins: Floats,
    *,
    limits_seconds: Sequence[float],
    direction: Direction = "to",
    cell_metres: float | None = None,
) -> Isochrones:
    """Draw the rings around all facilities together: within the limit of any of them.

    Parameters, result and errors are those of `isochrones`; `facility` is -1 in every row.
    """
    spacing = _checked_spacing(graph, cell_metres, limits_seconds)
    limits = sorted({float(limit) for limit in limits_seconds}, reverse=True)
    frame = street_frame(graph, facilities, direction=direction)
    reached, count = make_reached(frame), len(frame.seeds.a)
    connected = np.unique(frame.seeds.points.owner)
    refused = _unconnected(graph, connected, facilities.places)
    if not count:
        return _collect([], refused, spacing)
    lattice = _common_lattice(origins[connected], spacing)
    found = reach(frame, _arcs(graph, direction), reached, 0, count, limits[0])
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        areas = _draw_rings(frame, reached, found, lattice, 0, count, origins[connected], limits, pool.map)
    drawn = [Ring(MERGED, limit, area, lattice) for limit, area in zip(limits, areas, strict=True)]
    return _collect(drawn, refused, spacing)


def _checked_spacing(graph: Graph, cell_metres: float | None, limits: Sequence[float]) -> float:
    spacing = graph.mode.traits.surface_metres if cell_metres is None else cell_metres
    if not 1.0 <= spacing < np.inf:
        raise InputError("cells of {spacing:g} m cannot be drawn; give at least 1 m.", spacing=spacing)
    if not len(limits) or not all(0.0 < limit < np.inf for limit in limits):
        raise InputError("a ring needs a limit above 0 minutes.")
    return spacing


def _arcs(graph: Graph, direction: Direction) -> Arcs:
    """Return the arcs a search from the facilities follows."""
    return graph.incoming if direction == "to" else graph.outgoing


def _draw_each(
    frame: StreetFrame,
    arcs: Arcs,
    seeds: NDArray[np.int64],
    connected: NDArray[np.int64],
    origins: Floats,
    limits: list[float],
    spacing: float,
) -> list[Ring]:
    """Draw the rings of each connected facility; the entrances of facility `i` are `seeds[i]:seeds[i + 1]`."""
    spare: list[Reached] = []

    def draw(row: int) -> list[Ring]:
        reached = spare.pop() if spare else make_reached(frame)
        first, last = int(seeds[row]), int(seeds[row + 1])
        lattice = make_lattice(origins[row, 0], origins[row, 1], spacing)
        found = reach(frame, arcs, reached, first, last, limits[0])
        areas = _draw_rings(frame, reached, found, lattice, first, last, origins[[row]], limits, map)
        forget(frame, reached, found, first, last)
        spare.append(reached)
        return [Ring(row, limit, area, lattice) for limit, area in zip(limits, areas, strict=True)]

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return [ring for rings in pool.map(draw, connected.tolist()) for ring in rings]


def _common_lattice(origins: Floats, spacing: float) -> Lattice:
    """One lattice for several facilities, whatever their order; they may lie on both sides of the antimeridian."""
    turned = np.exp(1j * np.radians(origins[:, 0])).sum()
    latitude = 0.5 * (origins[:, 1].min() + origins[:, 1].max())
    return make_lattice(float(np.degrees(np.angle(turned))), float(latitude), spacing)


def _draw_rings(
    frame: StreetFrame,
    reached: Reached,
    found: ReachedPieces,
    lattice: Lattice,
    first: int,
    last: int,
    origins: Floats,
    limits: list[float],
    mapper: Mapper,
) -> list[Any]:
    """Outline every limit on one surface; None where nothing lies within it."""
    blocks = reached_blocks(frame, found, lattice, origins, limits[0])
    cells = np.floor([to_lattice(lattice, lon, lat) for lon, lat in origins]).astype(np.int64)
    owners = np.unique(frame.seeds.points.owner[first:last], return_index=True)[1]
    spent = np.minimum.reduceat(frame.seeds.connector_seconds[first:last], owners)  # at the street, origin by origin

    def draw(window: tuple[int, int, tuple[int, int]]) -> list[Any]:
        surface = window_surface(frame, reached, lattice, blocks, np.array(limits[::-1]), *window)
        return [outline(frame, reached, lattice, surface, cells[spent <= limit], limit) for limit in limits]

    drawn = list(mapper(draw, list(_windows(blocks))))
    return [_joined([parts[k] for parts in drawn if parts[k] is not None]) for k in range(len(limits))]


def _windows(blocks: Blocks) -> Iterator[tuple[int, int, tuple[int, int]]]:
    """Cut the marked blocks and one node around them into windows that share their border nodes."""
    rows, columns = (BLOCK * n + 2 for n in blocks.marked.shape)
    for top in range(0, rows - 1, WINDOW):
        for left in range(0, columns - 1, WINDOW):
            shape = (min(WINDOW + 1, rows - top), min(WINDOW + 1, columns - left))
            south, west = max(0, top - 1) // BLOCK, max(0, left - 1) // BLOCK
            north, east = (top + shape[0]) // BLOCK, (left + shape[1]) // BLOCK
            if blocks.marked[south : north + 1, west : east + 1].any():
                yield blocks.row * BLOCK - 1 + top, blocks.column * BLOCK - 1 + left, shape


def _joined(parts: list[Any]) -> Any:
    """Join what neighbouring windows drew; they meet in the same points."""
    if len(parts) < 2:
        return parts[0] if parts else None
    joined = shapely.coverage_union_all(parts)
    return shapely.multipolygons([joined]) if joined.geom_type == "Polygon" else joined


def _collect(drawn: list[Ring], refused: list[Refused], spacing: float) -> Isochrones:
    """Bring rings into their final form; those that hold nothing are refused."""
    kept = [ring for ring in drawn if ring.area is not None]
    reason = said(
        "the way from the facility to its street leaves no time to get anywhere on cells of {spacing:g} m", spacing=spacing
    )
    refused += [Refused(ring.facility, ring.limit, reason) for ring in drawn if ring.area is None]
    areas = np.array([ring.area for ring in kept], object)
    if kept:
        cells = np.array([ring.lattice.step_lon * ring.lattice.step_lat / UNITS**2 for ring in kept])
        areas = shapely.normalize([_on_the_globe(area) for area in without_specks(areas, cells)])
    facility = np.array([ring.facility for ring in kept], np.int64)
    return Isochrones(facility, np.array([ring.limit for ring in kept], float), areas, refused)


def _unconnected(graph: Graph, connected: NDArray[np.int64], places: int) -> list[Refused]:
    reason = said(
        "no street open to mode {mode} within {cap:g} m",
        mode=graph.mode.kind,
        cap=graph.mode.snap_cap_metres,
    )
    return [Refused(row, np.nan, reason) for row in np.setdiff1d(np.arange(places), connected).tolist()]


def _on_the_globe(ring: Any) -> Any:
    """Bring longitudes back to -180..180, cutting at the antimeridian."""
    west, _, east, _ = ring.bounds
    if west >= -180.0 and east <= 180.0:
        return ring
    globe = shapely.box(-180.0, -90.0, 180.0, 90.0)
    turned = [shapely.transform(ring, lambda xy, turn=turn: xy + np.array((turn, 0.0))) for turn in (-360.0, 0.0, 360.0)]
    parts = shapely.get_parts(shapely.intersection(turned, globe))
    return shapely.multipolygons(parts[(shapely.get_type_id(parts) == POLYGON) & ~shapely.is_empty(parts)])
