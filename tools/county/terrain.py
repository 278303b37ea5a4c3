"""The generated land: coast, islands, streams, mountains and a reservoir, on the frame's grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree

from .frame import CELL_X, CELL_Y, COLUMNS, ROWS, Floats, Mask, cell_centres, distance_to, make_noise, to_cells
from .streams import DAM_METRES, DAMMED, Stream, grow_streams

HIGHEST_METRES = 905.0
HILLSIDE = 0.36
DAM_HEIGHT = 34.0

# Centre, radii east-west and north-south in metres. The first has a ferry, the second has none, the rest are rocks.
ISLANDS = (
    (31_600.0, 11_200.0, 2_100.0, 1_350.0),
    (32_300.0, 20_700.0, 750.0, 560.0),
    (30_200.0, 6_500.0, 420.0, 300.0),
    (33_600.0, 15_700.0, 330.0, 460.0),
    (29_100.0, 25_900.0, 380.0, 260.0),
)
FERRY_ISLAND, LONELY_ISLAND = ISLANDS[0][:2], ISLANDS[1][:2]


@dataclass(frozen=True, kw_only=True)
class Terrain:
    """The land on the frame's grid.

    Attributes
    ----------
    elevation : array of float
        Metres above the sea, 0 at sea, the water level on the reservoir.
    land : array of bool
        Everything that is not sea, the reservoir included.
    reservoir : array of bool
    to_sea, to_stream : array of float
        Metres to the nearest sea cell and stream.
    streams : list of Stream
    """

    elevation: Floats
    land: Mask
    reservoir: Mask
    to_sea: Floats
    to_stream: Floats
    streams: list[Stream]

    @property
    def dry(self) -> Mask:
        """Land without the reservoir."""
        return self.land & ~self.reservoir

    def at(self, metres: Floats) -> Floats:
        """Return the elevation at (n, 2) points."""
        return np.asarray(self.elevation[to_cells(metres)])


def make_terrain(random: np.random.Generator) -> Terrain:
    """Raise the land: streams first, hillsides away from them, hills by the sea, then fill the reservoir."""
    land = _make_land(random)
    to_sea = distance_to(~land)
    relief = _make_relief(to_sea)
    streams = grow_streams(random, land=land, relief=relief)
    elevation, to_stream, owner = _raise_hills(random, streams, relief=relief, to_sea=to_sea)
    elevation = _raise_coast(random, elevation, to_sea=to_sea, to_stream=to_stream, land=land)
    elevation, reservoir = _fill_reservoir(elevation, streams, owner)
    return Terrain(elevation=elevation, land=land, reservoir=reservoir, to_sea=to_sea, to_stream=to_stream, streams=streams)


def _make_land(random: np.random.Generator) -> Mask:
    x, y = cell_centres()
    wiggle = make_noise(random, metres=5_500, octaves=6)
    headland = 3_200 * np.exp(-(((y - 20_500) / 2_600) ** 2)) - 3_600 * np.exp(-(((y - 6_200) / 2_800) ** 2))
    estuary = -2_600 * np.exp(-(((y - 14_000) / 900) ** 2))
    inside = (24_600 + headland + estuary + 900 * wiggle - x) / 3_000
    for centre_x, centre_y, radius_x, radius_y in ISLANDS:
        away = np.hypot((x - centre_x) / radius_x, (y - centre_y) / radius_y)
        inside = np.maximum(inside, 1 - away + 0.24 * wiggle * (away < 2))
    land = inside > 0
    return _drop_specks(land, cells=12)


def _drop_specks(land: Mask, *, cells: int) -> Mask:
    """Remove islands smaller than `cells` and ponds that no longer touch the open sea."""
    labels, _ = ndimage.label(land)
    sizes = np.bincount(labels.ravel())
    land = land & (sizes[labels] >= cells)
    sea, _ = ndimage.label(~land)
    return np.asarray(sea != sea[0, -1])


def _make_relief(to_sea: Floats) -> Floats:
    """Return 0 on the coastal plain, rising to 1 in the mountains of the west."""
    x, y = cell_centres()
    inland = (17_200 + 1_800 * np.sin(y / 3_300) - x) / 10_500
    ramp = np.clip(inland, 0, 1) * (to_sea > 0)
    return np.asarray(ramp * ramp * (3 - 2 * ramp))


def _raise_hills(
    random: np.random.Generator, streams: list[Stream], *, relief: Floats, to_sea: Floats
) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Slope up from the nearest stream; where two catchments meet, a ridge appears by itself."""
    floor, owner = _rasterise(streams)
    to_stream, (rows, columns) = ndimage.distance_transform_edt(
        owner < 0, sampling=(CELL_Y, CELL_X), return_distances=True, return_indices=True
    )
    above = np.sqrt(np.maximum(to_stream - floor[rows, columns], 0) ** 2 + 60**2) - 60
    rough = np.clip(1 + 0.30 * make_noise(random, metres=2_600, octaves=5), 0.4, 1.9)
    hills = HILLSIDE * relief * above * rough
    plain = 2 + to_sea / 1_500
    beds = plain + (_blend_beds(streams) - plain) * np.clip(5 * relief, 0, 1)
    elevation = ndimage.gaussian_filter(beds + hills, 0.9)
    elevation *= HIGHEST_METRES / elevation.max()
    return elevation, to_stream, owner[rows, columns]


def _blend_beds(streams: list[Stream]) -> Floats:
    """Blend the beds of the nearest stream points by inverse distance, so that no step stands on a watershed."""
    x, y = cell_centres()
    points = np.vstack([stream.metres[::3] for stream in streams])
    beds = np.concatenate([stream.bed[::3] for stream in streams])
    away, nearest = cKDTree(points).query(np.column_stack([x.ravel(), y.ravel()]), k=24)
    weight = 1 / (away + 30) ** 2.5
    return np.asarray(((beds[nearest] * weight).sum(1) / weight.sum(1)).reshape(x.shape))


def _rasterise(streams: list[Stream]) -> tuple[Floats, NDArray[np.int64]]:
    floor = np.zeros((ROWS, COLUMNS))
    owner = np.full((ROWS, COLUMNS), -1, dtype=np.int64)
    for number, stream in enumerate(streams):
        cells = to_cells(stream.metres)
        free = owner[cells] < 0
        cells = (cells[0][free], cells[1][free])
        floor[cells], owner[cells] = stream.floor_metres, number
    return floor, owner


def _raise_coast(random: np.random.Generator, elevation: Floats, *, to_sea: Floats, to_stream: Floats, land: Mask) -> Floats:
    """Add the separate hills of the plain and the islands, then press everything down to the beach."""
    x, y = cell_centres()
    bumps = np.clip(make_noise(random, metres=3_800, octaves=5) - 0.75, 0, None)
    headland = np.exp(-(((x - 25_500) / 3_000) ** 2 + ((y - 20_300) / 2_700) ** 2))
    hills = 150 * bumps * (1 + 1.6 * headland) * np.clip((to_stream - 500) / 900, 0, 1) * (x < 28_500)
    for centre_x, centre_y, radius_x, radius_y in ISLANDS:
        away = np.hypot((x - centre_x) / radius_x, (y - centre_y) / radius_y)
        hills = np.maximum(hills, 0.085 * np.sqrt(radius_x * radius_y) * np.clip(1.05 - away, 0, None) ** 0.9)
    beach = np.clip(to_sea / 450, 0.05, 1)
    raised = np.maximum((elevation + ndimage.gaussian_filter(hills, 1.0)) * beach, 1.5)
    return np.where(land, raised, 0.0)


def _fill_reservoir(elevation: Floats, streams: list[Stream], owner: NDArray[np.int64]) -> tuple[Floats, Mask]:
    """Dam one valley: everything upstream of the dam and below the crest is water."""
    dammed = next(number for number, stream in enumerate(streams) if stream.name == DAMMED)
    stream = streams[dammed]
    level = float(elevation[to_cells(stream.point_at(DAM_METRES))][0]) + DAM_HEIGHT
    arms = [number for number, branch in enumerate(streams) if branch.parent == dammed and branch.joins >= DAM_METRES]
    upstream = np.isin(owner, arms) | ((owner == dammed) & (_metres_along(stream) >= DAM_METRES))
    labels, _ = ndimage.label(upstream & (elevation < level) & (elevation > 0))
    water = labels == np.bincount(labels[labels > 0]).argmax()
    return np.where(water, level, elevation), np.asarray(water)


def _metres_along(stream: Stream) -> Floats:
    """Return for each cell how far up the stream its nearest point lies."""
    x, y = cell_centres()
    _, nearest = cKDTree(stream.metres).query(np.column_stack([x.ravel(), y.ravel()]))
    return np.asarray(stream.along[nearest].reshape(x.shape))
