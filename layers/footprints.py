"""Footprints: which patch of ground each demand unit stands for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from affine import Affine
from numpy.typing import NDArray
from pyproj import CRS
from scipy.spatial import KDTree

from ..geo.coordinates import Floats, to_wgs84
from .demand import H3_CELL
from .hexagons import METRES_PER_DEGREE, hexagons, local_metres
from .population_raster import Grid
from .units import distinct_places

Kind = Literal["polygon", "rectangle", "square", "circle"]
SAMPLE: Final = 2000
ROUNDING_DEGREES: Final = 1e-6  # coordinates that differ by less, as texts round them, are the same line of a lattice
OFF_LATTICE: Final = 0.05  # share of a step
SQUARE_LIKENESS: Final = 0.2
CIRCLE_METRES: Final = (10.0, 2000.0)  # a lone village stands for itself, however far the next one is
CIRCLE_CORNERS: Final = 32
EAST: Final = np.array([0, 1, 1, 0])  # the corners of a cell, from its row's and column's own
SOUTH: Final = np.array([0, 0, 1, 1])


@dataclass(frozen=True, kw_only=True)
class Footprints:
    """The ground of demand units, in input order.

    Attributes
    ----------
    kind : {"polygon", "rectangle", "square", "circle"}
        `rectangle` is `width` by `height` degrees (a cell of a raster in longitude and latitude); `square` is `width`
        metres wide; `circle` is `width` metres across, for points that stand for no known patch.
    x, y : (n,) array of float
        A place inside each, degrees.
    polygons : (n,) array of Polygon or MultiPolygon, or None
        Only where `kind` is polygon.
    width, height : float
    grid : Grid or None
        Where the units are cells of a raster or of a lattice in degrees: their rows and columns.
    share_corners : bool
        Whether neighbours have their common corners to the last bit and none lie on each other.
    """

    kind: Kind
    x: Floats
    y: Floats
    polygons: NDArray[np.object_] | None = None
    width: float = 0.0
    height: float = 0.0
    grid: Grid | None = None
    share_corners: bool = False


def footprints(geometry: gpd.GeoSeries, *, ids: pd.Series, cell_metres: float | None, grid: Grid | None = None) -> Footprints:
    """Return the ground that demand units stand for.

    Polygons are themselves. Points are the cells of the raster they come from or of the lattice they form in degrees,
    squares of `cell_metres`, hexagons where their ids are H3 indexes, else circles that just touch their typical
    neighbour.

    Parameters
    ----------
    geometry : GeoSeries (n,)
        Points or polygons, EPSG:4326.
    ids : Series of str (n,)
    cell_metres : float or None
        Edge of the square cells that points stand for, as in `Demand`.
    grid : Grid or None
        The raster that the units come from.
    """
    shapes = geometry.to_numpy()
    points = shapely.get_type_id(shapes) == shapely.GeometryType.POINT
    centres = shapes if points.all() else shapely.point_on_surface(shapes)
    x, y = shapely.get_x(centres), shapely.get_y(centres)
    if not points.all():
        return Footprints(kind="polygon", x=x, y=y, polygons=_with_circles(shapes, points))
    if cell_metres is not None:
        return _cells(x, y, cell_metres, grid)
    cells = hexagons(x, y) if ids.astype("str").str.fullmatch(H3_CELL).all() else None
    if cells is not None:
        return Footprints(kind="polygon", x=x, y=y, polygons=cells, share_corners=True)
    return Footprints(kind="circle", x=x, y=y, width=_spacing(x, y))


def outlines(prints: Footprints, at: NDArray[np.int64]) -> NDArray[np.object_]:
    """Return the ground of the units at positions `at` as polygons, EPSG:4326.

    Cells of a grid are cut along the grid's own lines, whatever its coordinate system.
    """
    if prints.polygons is not None:
        return prints.polygons[at]
    if prints.grid is not None:
        return _grid_cells(prints.grid, at)
    x, y = prints.x[at], prints.y[at]
    if prints.kind == "circle":
        return _circles(x, y, prints.width)
    half_x, half_y = _half_degrees(y, prints.width)
    return np.asarray(shapely.box(x - half_x, y - half_y, x + half_x, y + half_y), dtype=object)


def distinct_ground(prints: Footprints, at: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Number the distinct patches of ground of the units at positions `at`: any number of units may share one.

    Returns
    -------
    same : (m,) int64
        The patch of each, numbered in the order of their first units.
    first : (k,) int64
        Where in `at` the first unit of every patch stands.
    """
    if prints.polygons is None:
        first, same = distinct_places(prints.x[at], prints.y[at])
    else:
        _, first, same = np.unique(pd.factorize(shapely.to_wkb(prints.polygons[at]))[0], return_index=True, return_inverse=True)
    number = np.empty_like(first)
    number[np.argsort(first)] = np.arange(len(first))
    return number[same], np.sort(first)


def topmost(prints: Footprints) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the last unit of every patch of ground, which hides the others when all are drawn in turn, and how many share it."""
    backwards = np.arange(len(prints.x))[::-1]
    same, last = distinct_ground(prints, backwards)
    return backwards[last][::-1], np.bincount(same)[::-1].astype(np.int64)


def _cells(x: Floats, y: Floats, cell_metres: float, grid: Grid | None) -> Footprints:
    if grid is None:
        grid = _lattice_grid(x, y, cell_metres)
    if grid is None:
        return Footprints(kind="square", x=x, y=y, width=cell_metres)
    alone = pd.Index(grid.rows.astype(np.int64) * grid.shape[1] + grid.columns).is_unique
    if grid.crs.is_geographic and grid.transform.is_rectilinear:
        width, height = abs(grid.transform.a), abs(grid.transform.e)
        return Footprints(kind="rectangle", x=x, y=y, width=width, height=height, grid=grid, share_corners=alone)
    return Footprints(kind="square", x=x, y=y, width=cell_metres, grid=grid, share_corners=alone)


def _lattice_grid(x: Floats, y: Floats, cell_metres: float) -> Grid | None:
    """Return the grid in degrees whose cells have these centres, None where there is none."""
    width, height = _lattice_step(x), _lattice_step(y)
    if not (_is_edge(width, cell_metres) and _is_edge(height, cell_metres)):
        return None
    west, north = float(x.min()) - width / 2, float(y.max()) + height / 2
    columns, rows = ((x - west) // width).astype(np.int32), ((north - y) // height).astype(np.int32)
    shape = int(rows.max()) + 1, int(columns.max()) + 1
    return Grid(
        crs=CRS.from_epsg(4326), transform=Affine(width, 0, west, 0, -height, north), shape=shape, rows=rows, columns=columns
    )


def _lattice_step(values: Floats) -> float:
    """Return the step of the regular lattice the values lie on, in degrees, or 0 where they lie on none."""
    whole = np.sort(pd.unique(np.round(values / ROUNDING_DEGREES).astype(np.int64)))  # few lines, many cells
    whole = whole[np.insert(np.diff(whole) > 2, 0, True)]  # two quanta: the same line, written with rounding
    if len(whole) < 2:
        return 0.0
    gaps = np.diff(whole)
    step = float(np.mean(gaps[gaps <= 1.5 * gaps.min()]))  # a mean, since rounded steps alternate, as 833 and 834
    place = (whole - whole[0]) / step
    place /= place[-1] / np.round(place[-1])
    if np.abs(place - np.round(place)).max() > OFF_LATTICE:
        return 0.0
    return float(values.max() - values.min()) / float(np.round(place[-1]))


def _is_edge(step_degrees: float, cell_metres: float) -> bool:
    """Tell whether a lattice step is about the edge of a cell: a raster in degrees is up to twice as tall as wide."""
    return 1 - SQUARE_LIKENESS < step_degrees * METRES_PER_DEGREE / cell_metres < 2.0


def _grid_cells(grid: Grid, at: NDArray[np.int64]) -> NDArray[np.object_]:
    """Return cells with corners computed from whole rows and columns alone, so that neighbours agree on them."""
    column, row = (at_corner.ravel() for at_corner in (grid.columns[at][:, None] + EAST, grid.rows[at][:, None] + SOUTH))
    a, b, c, d, e, f = grid.transform[:6]
    lon, lat = to_wgs84(a * column + b * row + c, d * column + e * row + f, grid.crs.to_wkt())
    return np.asarray(shapely.polygons(np.column_stack([lon, lat]).reshape(-1, 4, 2)), dtype=object)


def _with_circles(shapes: NDArray[np.object_], points: NDArray[np.bool_]) -> NDArray[np.object_]:
    """Return polygons as they are, and circles for the points among them."""
    if not points.any():
        return shapes
    x, y = shapely.get_x(shapes[points]), shapely.get_y(shapes[points])
    areas = shapes.copy()
    areas[points] = _circles(x, y, _spacing(x, y))
    return areas


def _circles(x: Floats, y: Floats, metres: float) -> NDArray[np.object_]:
    half_x, half_y = _half_degrees(y, metres)
    turn = np.linspace(0, 2 * np.pi, CIRCLE_CORNERS, endpoint=False)
    lon, lat = x[:, None] + half_x[:, None] * np.cos(turn), y[:, None] + half_y[:, None] * np.sin(turn)
    return np.asarray(shapely.polygons(np.stack([lon, lat], axis=-1)), dtype=object)


def _half_degrees(lat: Floats, metres: float) -> tuple[Floats, Floats]:
    """Return half of a length in degrees of longitude and of latitude."""
    half_y = np.full(len(lat), metres / 2 / METRES_PER_DEGREE)
    return half_y / np.cos(np.radians(lat)), half_y


def _spacing(x: Floats, y: Floats) -> float:
    """Return the typical distance to the nearest other point in metres, within CIRCLE_METRES; 100 where there is none."""
    plane = np.unique(local_metres(x, y), axis=0)
    if len(plane) < 2:
        return 100.0
    distance, _ = KDTree(plane).query(plane[:: max(1, len(plane) // SAMPLE)], k=2)
    return float(np.clip(np.median(distance[:, 1]), *CIRCLE_METRES))
