"""From cells to outlines: coast, lakes, woods and rivers of the generated county as polygons in frame metres."""

from __future__ import annotations

import numpy as np
import shapely
from affine import Affine
from rasterio import features

from .frame import CELL_X, CELL_Y, HEIGHT, Floats, Mask, distance_to, smooth_line, to_cells
from .streams import RIVERS
from .terrain import Terrain

TRANSFORM = Affine(CELL_X, 0, 0, 0, -CELL_Y, HEIGHT)


def outline_cells(cells: Mask, *, tolerance: float = 70.0) -> list[shapely.Polygon]:
    """Return smooth outlines of the connected areas of a mask, largest first."""
    found = features.shapes(cells.astype(np.uint8), mask=cells, transform=TRANSFORM)
    polygons = [_smooth(shapely.geometry.shape(shape), tolerance) for shape, _ in found]
    return sorted((part for part in polygons if part.is_valid), key=lambda part: -part.area)


def outline_rivers(terrain: Terrain) -> shapely.Geometry:
    """Return the water of the named rivers: a few metres wide in the hills, 150 m at the mouth."""
    parts = []
    for stream in terrain.streams[: len(RIVERS)]:
        for start in range(0, int(len(stream.metres) * 0.75), 10):
            reach = stream.metres[start : start + 11]
            width = 10 + 65 * np.exp(-stream.along[start] / 5_000)
            parts.append(shapely.buffer(shapely.LineString(reach), width, quad_segs=2))
    return shapely.simplify(shapely.union_all(parts), 4)


def outline_woods(terrain: Terrain, streets: Floats) -> list[shapely.Polygon]:
    """Return the wooded hills: high ground away from the streets (`streets`: points on all of them)."""
    near = np.zeros(terrain.land.shape, dtype=bool)
    near[to_cells(streets)] = True
    wooded = terrain.dry & (terrain.elevation > 45) & (distance_to(near) > 150) & (distance_to(terrain.reservoir) > 90)
    return [part for part in outline_cells(wooded, tolerance=90) if part.area > 400_000]


def _smooth(polygon: shapely.Polygon, tolerance: float) -> shapely.Polygon:
    simple = shapely.simplify(polygon, tolerance)
    rings = [smooth_line(np.array(ring.coords)) for ring in (simple.exterior, *simple.interiors)]
    return shapely.set_precision(shapely.Polygon(rings[0], [ring for ring in rings[1:] if len(ring) > 8]), 0.01)
