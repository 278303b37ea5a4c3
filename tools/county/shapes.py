"""From cells to outlines: coast, lakes, woods and rivers of the generated county as polygons in frame metres."""

from __future__ import annotations

import numpy as np
import shapely
from rasterio import Affine, features

from .frame import CELL_X, CELL_Y, HEIGHT, WIDTH, Floats, Mask, distance_to, smooth_line, to_cells
from .streams import RIVERS
from .terrain import Terrain

TRANSFORM = Affine(CELL_X, 0, 0, 0, -CELL_Y, HEIGHT)
FRAME = shapely.box(0, 0, WIDTH, HEIGHT)
MARGIN = 30
MIN_WOOD = 400_000


def outline_cells(cells: Mask, *, tolerance: float = 70.0) -> list[shapely.Polygon]:
    """Return smooth outlines of the connected areas of a mask, largest first."""
    wide = np.pad(cells, MARGIN, mode="edge")  # so that smoothing rounds the coast and not the corners of the frame
    transform = TRANSFORM @ Affine.translation(-MARGIN, -MARGIN)
    found = features.shapes(wide.astype(np.uint8), mask=wide, transform=transform)
    polygons = [shapely.make_valid(_smooth(shapely.geometry.shape(shape), tolerance)) for shape, _ in found]
    parts = shapely.get_parts(polygons)
    return sorted(parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON], key=lambda part: -part.area)


def draw_coast(land: Mask) -> list[Floats]:
    """Return the coast as lines with land on the left; where land leaves the frame there is none."""
    inner = shapely.buffer(FRAME, -100)
    lines = []
    for polygon in outline_cells(land):
        ring = np.array(shapely.orient_polygons(polygon).exterior.coords)[:-1]
        inside = shapely.contains_xy(inner, ring[:, 0], ring[:, 1])
        start = 0 if inside.all() else int(np.flatnonzero(inside & ~np.roll(inside, 1))[0])
        ring, inside = np.roll(ring, -start, axis=0), np.roll(inside, -start)
        lines.append(np.vstack([ring, ring[:1]]) if inside.all() else ring[: int(np.argmin(inside))])
    return lines


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
    parts = shapely.get_parts([shapely.intersection(part, FRAME) for part in outline_cells(wooded, tolerance=90)])
    return [part for part in parts if part.area > MIN_WOOD]


def _smooth(polygon: shapely.Polygon, tolerance: float) -> shapely.Polygon:
    simple = shapely.simplify(polygon, tolerance)
    rings = [smooth_line(np.array(ring.coords)) for ring in (simple.exterior, *simple.interiors)]
    return shapely.set_precision(shapely.Polygon(rings[0], [ring for ring in rings[1:] if len(ring) > 8]), 0.01)
