"""Township and county polygons: every place belongs to the seat it reaches most easily, so borders follow ridges."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from rasterio import features
from scipy import ndimage

from .frame import COLUMNS, HEIGHT, ROWS, Floats
from .routes import STEP, RouteGrid
from .settlements import COUNTY_CODE, COUNTY_NAME, Place
from .shapes import TRANSFORM, outline_cells
from .terrain import Terrain


def draw_zones(random: np.random.Generator, terrain: Terrain, grid: RouteGrid, seats: list[Place]) -> pd.DataFrame:
    """Return the townships: `code`, `name`, `geometry` (in frame metres), one row per seat, land only."""
    labels = _label_cells(grid, seats)
    found = list(features.shapes(labels.astype(np.int32), transform=TRANSFORM))
    simple = shapely.coverage_simplify([shapely.geometry.shape(shape) for shape, _ in found], 150)
    land = draw_county(random, terrain)
    rows = []
    for number, seat in enumerate(seats):
        parts = [part for part, (_, label) in zip(simple, found, strict=True) if int(label) == number]
        rows.append((seat.code, seat.name, shapely.set_precision(shapely.union_all(parts).intersection(land), 0.01)))
    return pd.DataFrame(rows, columns=["code", "name", "geometry"])


def unite_county(townships: pd.DataFrame) -> pd.DataFrame:
    """Return the county as one row with the townships' columns."""
    whole = shapely.union_all(list(townships["geometry"]))
    return pd.DataFrame([(COUNTY_CODE, COUNTY_NAME, whole)], columns=["code", "name", "geometry"])


def draw_county(random: np.random.Generator, terrain: Terrain) -> shapely.Geometry:
    """Return the county's land: inside a border that winds along the western, northern and southern hills."""
    land = shapely.union_all(outline_cells(terrain.land))
    steps = np.arange(0, 1.0001, 1 / 14)
    wander = 1_500 + np.cumsum(random.normal(0, 180, (3, len(steps))), axis=1)
    wander = np.clip(wander, 700, 2_300)
    south = np.column_stack([steps * 36_000, wander[0]])
    west = np.column_stack([wander[1], HEIGHT * steps])
    north = np.column_stack([steps * 36_000, HEIGHT - wander[2]])
    inner = west[(west[:, 1] > 2_400) & (west[:, 1] < HEIGHT - 2_400)]
    start, end = south[south[:, 0] > 2_400], north[north[:, 0] > 2_400]
    outline = shapely.Polygon(np.vstack([start, end[::-1], inner[::-1]]))
    return shapely.intersection(land, outline)


def _label_cells(grid: RouteGrid, seats: list[Place]) -> NDArray[np.int64]:
    """Give every cell the number of the seat with the least travel cost; water goes to the nearest labelled land."""
    costs = grid.costs_from([grid.nearest(seat.metres[0]) for seat in seats])
    best = np.where(np.isfinite(costs.min(axis=0)), costs.argmin(axis=0), -1).reshape(ROWS // STEP, COLUMNS // STEP)
    labels = np.kron(best, np.ones((STEP, STEP), dtype=np.int64))
    _, (rows, columns) = ndimage.distance_transform_edt(labels < 0, return_indices=True)
    filled = labels[rows, columns]
    shares = [ndimage.gaussian_filter((filled == number).astype(float), 3) for number in range(len(seats))]
    return np.asarray(np.argmax(shares, axis=0))


def is_inside(geometry: shapely.Geometry, metres: Floats) -> NDArray[np.bool_]:
    """Tell for (n, 2) points whether they lie inside."""
    shapely.prepare(geometry)
    return np.asarray(shapely.contains_xy(geometry, metres[:, 0], metres[:, 1]))
