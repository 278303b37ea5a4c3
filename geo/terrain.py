"""Heights along streets: sampled from a raster at every node, bridges and tunnels laid straight between their portals."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from rasterio.enums import ColorInterp
from rasterio.windows import Window
from scipy.sparse import coo_array, diags_array
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import spsolve

from .errors import InputError
from .files import foreign_reader
from .lengths import ellipsoidal_metres
from .rasters import REMEDY, open_raster
from .streets import Streets

TILE_CELLS = 1024
LOWEST_METRES, HIGHEST_METRES = -500.0, 9_000.0  # what lies beyond is no height on Earth but a void that nobody declared
MOST_BANDS = 2  # heights, and perhaps which of them hold
GRADE_METRES = 40.0  # grades are taken over at least this length, or noise of the raster would pass for hills (domain.md 3.3)
STEEPEST_GRADE = 0.5  # beyond it the raster is wrong about the path: nobody built a street that steep
TOBLER_DECAY, TOBLER_SHIFT = 3.5, 0.05  # W = 6 exp(-3.5 |S + 0.05|) km/h, Tobler 1993

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Heights:
    """Height of every street node.

    Attributes
    ----------
    metres : (n,) float64
        NaN where the raster holds nothing.
    """

    metres: Floats

    @property
    def missing_share(self) -> float:
        """Share of nodes without a height; streets there count as flat."""
        return float(np.isnan(self.metres).mean()) if len(self.metres) else 0.0


def node_heights(streets: Streets, raster: Path) -> Heights:
    """Sample a raster of heights at every node and lay bridges and tunnels straight.

    Parameters
    ----------
    streets : Streets
    raster : Path
        Heights in metres once its scale and offset are applied, any CRS, first band; read tile by tile. What is masked, not
        finite or no height on Earth is missing.

    Raises
    ------
    InputError
        If the raster cannot be read, is a picture, has no CRS, or covers no street at all.
    """
    metres = _sample(raster, streets.lon, streets.lat)
    if np.isnan(metres).all():
        raise InputError(
            "{raster}: holds no height from {lowest:,.0f} to {highest:,.0f} m at any street; check that it covers the study "
            "area, its CRS and its unit.",
            raster=raster,
            lowest=LOWEST_METRES,
            highest=HIGHEST_METRES,
        )
    return Heights(_straighten(streets, metres))


def _sample(raster: Path, lon: Floats, lat: Floats) -> Floats:
    with open_raster(raster) as source:
        _refuse_picture(raster, source)
        if source.crs is None:
            raise InputError("{raster}: declares no coordinate system; write one into the file.", raster=raster)
        with foreign_reader(raster.name, REMEDY):
            to_raster = Transformer.from_crs(CRS.from_epsg(4326), CRS.from_user_input(source.crs), always_xy=True)
            x, y = to_raster.transform(lon, lat)
            to_cell = ~source.transform
            column = to_cell.a * np.asarray(x) + to_cell.b * np.asarray(y) + to_cell.c - 0.5
            row = to_cell.d * np.asarray(x) + to_cell.e * np.asarray(y) + to_cell.f - 0.5
            return _bilinear(source, row, column)


def _refuse_picture(raster: Path, source: rasterio.DatasetReader) -> None:
    """Refuse numbers that are colours: they would pass for hills."""
    coloured = source.dtypes[0] in ("uint8", "int8") and source.colorinterp[0] not in (ColorInterp.gray, ColorInterp.undefined)
    if source.count > MOST_BANDS or coloured:
        raise InputError(
            "{raster}: is a picture ({bands} bands of {kind}), whose numbers are colours, not heights; name the elevation model "
            "itself, with one band in metres.",
            raster=raster,
            bands=source.count,
            kind=source.dtypes[0],
        )
    if source.dtypes[0].startswith("complex"):
        raise InputError("{dataset}: its cells are complex numbers: export real ones", dataset=raster.name)


def _bilinear(source: rasterio.DatasetReader, row: Floats, column: Floats) -> Floats:
    """Interpolate between the four cells around each place, ignoring cells without data; NaN where all four lack it."""
    heights = np.full(len(row), np.nan)
    inside = np.isfinite(row) & np.isfinite(column) & (row > -1) & (column > -1) & (row < source.height) & (column < source.width)
    at = np.flatnonzero(inside)
    tile = (row[at].astype(np.int64) // TILE_CELLS) * (1 << 32) + column[at].astype(np.int64) // TILE_CELLS
    order = np.argsort(tile, kind="stable")
    for group in np.split(at[order], np.flatnonzero(np.diff(tile[order])) + 1):
        if len(group):
            heights[group] = _in_tile(source, row[group], column[group])
    return heights


def _in_tile(source: rasterio.DatasetReader, row: Floats, column: Floats) -> Floats:
    first_row, first_column = max(0, int(np.floor(row.min()))), max(0, int(np.floor(column.min())))
    last_row, last_column = int(np.ceil(row.max())) + 1, int(np.ceil(column.max())) + 1
    window = Window(first_column, first_row, last_column - first_column + 1, last_row - first_row + 1)
    cells = _metres(source, window)
    r, c = row - first_row, column - first_column
    total, weight = np.zeros(len(r)), np.zeros(len(r))
    for down in (0, 1):
        for right in (0, 1):
            near_row, near_column = np.floor(r).astype(int) + down, np.floor(c).astype(int) + right
            share = np.maximum(0, 1 - abs(r - near_row)) * np.maximum(0, 1 - abs(c - near_column))
            known = (near_row >= 0) & (near_row < cells.shape[0]) & (near_column >= 0) & (near_column < cells.shape[1])
            value = np.where(known, cells[np.where(known, near_row, 0), np.where(known, near_column, 0)], np.nan)
            known = ~np.isnan(value) & (share > 0)
            total[known] += share[known] * value[known]
            weight[known] += share[known]
    with np.errstate(invalid="ignore"):
        return np.where(weight > 0, total / weight, np.nan)


def _metres(source: rasterio.DatasetReader, window: Window) -> Floats:
    """Read heights as what they stand for; NaN where there is none."""
    raw = source.read(1, window=window, boundless=False, masked=True).astype(np.float64).filled(np.nan)
    metres = raw * source.scales[0] + source.offsets[0]
    return np.where((metres >= LOWEST_METRES) & (metres <= HIGHEST_METRES), metres, np.nan)


def _straighten(streets: Streets, metres: Floats) -> Floats:
    """Give nodes that only bridges and tunnels reach heights in proportion to the distance from the portals.

    The heights between portals solve a network of resistors (harmonic interpolation), which along a single bridge is the
    straight line, and also holds where a bridge is drawn as several ways or forks.
    """
    lengths = np.diff(streets.way_starts)
    way = np.repeat(np.arange(len(lengths)), lengths)
    raised = streets.tag("bridge").notna().to_numpy() & ~streets.has("bridge", "no")
    raised |= streets.tag("tunnel").notna().to_numpy() & ~streets.has("tunnel", "no")
    on_ground = np.zeros(len(metres), bool)
    on_ground[streets.way_nodes[~raised[way]]] = True
    start, stop = streets.way_starts[:-1], streets.way_starts[1:] - 1
    inside = np.ones(len(way), bool)
    inside[stop] = False
    at = np.flatnonzero(inside & raised[way])
    u, v = streets.way_nodes[at].astype(np.int64), streets.way_nodes[at + 1].astype(np.int64)
    ends = np.concatenate((streets.way_nodes[start[raised]], streets.way_nodes[stop[raised]]))
    dead_ends = np.bincount(np.concatenate((u, v)), minlength=len(metres)) == 1
    fixed = (on_ground | (dead_ends & np.isin(np.arange(len(metres)), ends))) & ~np.isnan(metres)
    return _interpolate(streets, metres, u, v, fixed)


def _interpolate(streets: Streets, metres: Floats, u: Rows, v: Rows, fixed: NDArray[np.bool_]) -> Floats:
    """Solve for the heights of nodes that are not fixed and hang together with at least one that is."""
    if not len(u):
        return metres
    n = len(metres)
    conductance = 1 / np.maximum(ellipsoidal_metres(streets.lon[u], streets.lat[u], streets.lon[v], streets.lat[v]), 0.01)
    matrix = coo_array((np.tile(conductance, 2), (np.concatenate((u, v)), np.concatenate((v, u)))), shape=(n, n)).tocsr()
    part = connected_components(matrix, directed=False)[1]
    anchored = np.zeros(part.max() + 1, bool)
    anchored[part[fixed]] = True
    touched = np.zeros(n, bool)
    touched[u] = touched[v] = True
    free = np.flatnonzero(touched & ~fixed & anchored[part])
    if not len(free):
        return metres
    known = np.where(fixed & touched, np.nan_to_num(metres), 0.0)
    laplacian = (diags_array(np.asarray(matrix.sum(axis=1)).ravel()) - matrix).tocsr()
    solved = metres.copy()
    solved[free] = spsolve(laplacian[free][:, free].tocsc(), (matrix @ known)[free])
    return solved


def segment_grades(streets: Streets, heights: Heights, at: NDArray[np.integer[Any]], way: NDArray[np.integer[Any]]) -> Floats:
    """Return rise over run along each segment in its drawn direction, smoothed along its way.

    Parameters
    ----------
    streets : Streets
    heights : Heights
    at : (s,) int
        Position of each segment's first node in `streets.way_nodes`.
    way : (s,) int
        The way of each segment.

    Returns
    -------
    (s,) float64
        Taken over the segment or at least GRADE_METRES of its way, whichever is longer; 0 where a height is missing.
    """
    nodes = streets.way_nodes
    steps = ellipsoidal_metres(streets.lon[nodes[:-1]], streets.lat[nodes[:-1]], streets.lon[nodes[1:]], streets.lat[nodes[1:]])
    position = np.concatenate(([0.0], np.cumsum(steps)))
    first, last = position[streets.way_starts[way]], position[streets.way_starts[way + 1] - 1]
    middle, length = (position[at] + position[at + 1]) / 2, position[at + 1] - position[at]
    half = np.maximum(length, GRADE_METRES) / 2
    low, high = np.maximum(middle - half, first), np.minimum(middle + half, last)
    profile = heights.metres[nodes]
    rise = np.interp(high, position, profile) - np.interp(low, position, profile)
    with np.errstate(invalid="ignore", divide="ignore"):
        grades: Floats = np.clip(rise / (high - low), -STEEPEST_GRADE, STEEPEST_GRADE)
    return np.nan_to_num(grades)


def tobler_factor(grade: Floats) -> Floats:
    """Return walking speed on a grade as a multiple of that on flat ground.

    Tobler (1993), three presentations on geographical analysis and modeling, NCGIA 93-1: W = 6 exp(-3.5 |S + 0.05|).
    """
    return np.asarray(np.exp(-TOBLER_DECAY * (np.abs(grade + TOBLER_SHIFT) - TOBLER_SHIFT)))
