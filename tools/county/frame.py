"""The generated county's frame: a grid of 3-arc-second cells, and metres east and north of its south-west corner."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

# 3 arc seconds is the cell of SRTM elevation and of WorldPop's "100 m" people, the rasters a user most likely brings.
CELL_DEGREES = 1 / 1200
ROWS, COLUMNS = 324, 432
WEST, NORTH = 121.10, 28.44

# WGS 84 lengths of one degree at 28.3 N: the frame is flat, and 35 km are too short for that to show.
METRES_PER_LON, METRES_PER_LAT = 98_110.0, 110_840.0
CELL_X, CELL_Y = METRES_PER_LON * CELL_DEGREES, METRES_PER_LAT * CELL_DEGREES
WIDTH, HEIGHT = COLUMNS * CELL_X, ROWS * CELL_Y


def to_degrees(metres: Floats) -> Floats:
    """Turn (n, 2) metres east and north into (n, 2) longitude and latitude, EPSG:4326."""
    metres = np.asarray(metres, dtype=float)
    return np.column_stack(
        [WEST + metres[:, 0] / METRES_PER_LON, NORTH + (metres[:, 1] - HEIGHT) / METRES_PER_LAT],
    )


def to_cells(metres: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return row and column of the cell that holds each point; points outside fall on the border cells."""
    metres = np.atleast_2d(np.asarray(metres, dtype=float))
    rows = np.clip((HEIGHT - metres[:, 1]) // CELL_Y, 0, ROWS - 1).astype(np.int64)
    columns = np.clip(metres[:, 0] // CELL_X, 0, COLUMNS - 1).astype(np.int64)
    return rows, columns


def cell_centres() -> tuple[Floats, Floats]:
    """Return x and y in metres of all cell centres, both of shape (ROWS, COLUMNS)."""
    x = (np.arange(COLUMNS) + 0.5) * CELL_X
    y = HEIGHT - (np.arange(ROWS) + 0.5) * CELL_Y
    grid_x, grid_y = np.meshgrid(x, y)
    return grid_x, grid_y


def distance_to(mask: Mask) -> Floats:
    """Return metres from every cell to the nearest cell where `mask` is true."""
    return np.asarray(ndimage.distance_transform_edt(~mask, sampling=(CELL_Y, CELL_X)))


def make_noise(random: np.random.Generator, *, metres: float, octaves: int = 4) -> Floats:
    """Return smooth noise: mean 0, deviation 1, coarsest bumps `metres` apart, each octave half as wide."""
    total = np.zeros((ROWS, COLUMNS))
    for octave in range(octaves):
        step = metres / 2**octave
        shape = (int(HEIGHT / step) + 4, int(WIDTH / step) + 4)
        rows = np.arange(ROWS) * CELL_Y / step + 1
        columns = np.arange(COLUMNS) * CELL_X / step + 1
        where = np.meshgrid(rows, columns, indexing="ij")
        total += ndimage.map_coordinates(random.standard_normal(shape), where, order=3) / 2**octave
    return np.asarray((total - total.mean()) / total.std())


def smooth_line(metres: Floats, *, rounds: int = 2) -> Floats:
    """Cut the corners of a line, keeping both ends (Chaikin 1974); a closed line stays closed."""
    closed = bool(np.allclose(metres[0], metres[-1])) and len(metres) > 3
    for _ in range(rounds):
        near = metres[:-1] * 0.75 + metres[1:] * 0.25
        far = metres[:-1] * 0.25 + metres[1:] * 0.75
        cut = np.stack([near, far], axis=1).reshape(-1, 2)
        metres = np.vstack([cut, cut[:1]]) if closed else np.vstack([metres[:1], cut[1:-1], metres[-1:]])
    return metres
