"""Waters that nobody walks across: areas, rivers and canals, coastlines."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from .lengths import metres_per_degree
from .water_index import COAST, LINE, WaterIndex, build_water_index

AREA_KIND, LINE_KIND, COAST_KIND = range(3)
SMALLER_METRES = 0.5  # areas are taken so much smaller, so that roads on a bank are dry from their side

Shapes = NDArray[np.object_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Waters:
    """What stands between a point and a street; EPSG:4326, no longitude beyond 180.

    Attributes
    ----------
    kinds : (n,) uint8
        AREA_KIND, LINE_KIND or COAST_KIND.
    shapes : (n,) array of shapely geometries
        Areas (Polygon or MultiPolygon), lines (LineString).
    """

    kinds: NDArray[np.uint8]
    shapes: Shapes

    @classmethod
    def none(cls) -> Waters:
        """Return no water at all."""
        return cls(kinds=np.empty(0, np.uint8), shapes=np.empty(0, object))

    def __len__(self) -> int:
        return len(self.kinds)

    @cached_property
    def index(self) -> WaterIndex:
        """What compiled code looks waters up in; made when first asked for."""
        rings, area = shapely.get_parts(_smaller(self.shapes[self.kinds == AREA_KIND]), return_index=True)
        bounds, owner = shapely.get_rings(rings, return_index=True)
        lines, coasts = (self.shapes[self.kinds == kind] for kind in (LINE_KIND, COAST_KIND))
        drawn = np.concatenate((bounds, lines, coasts))
        part = np.concatenate((area[owner], np.full(len(lines), LINE), np.full(len(coasts), COAST)))
        xy, row = shapely.get_coordinates(drawn, return_index=True)
        inside = row[1:] == row[:-1]
        lon, lat = (np.column_stack((axis[:-1], axis[1:]))[inside] for axis in xy.T)
        lon[:, 1] = lon[:, 0] + (lon[:, 1] - lon[:, 0] + 180.0) % 360.0 - 180.0
        return build_water_index(lon, lat, part[row[1:][inside]].astype(np.int32))


def _smaller(areas: Shapes) -> Shapes:
    """Shrink areas, drawn in metres around each; across the antimeridian longitudes go on beyond 180."""
    if not len(areas):
        return areas
    xy, row = shapely.get_coordinates(areas, return_index=True)
    first = np.flatnonzero(np.diff(row, prepend=-1))
    lon0, lat0 = xy[first, 0], 0.5 * (np.minimum.reduceat(xy[:, 1], first) + np.maximum.reduceat(xy[:, 1], first))
    east, north = np.array([metres_per_degree(lat) for lat in lat0.tolist()]).T
    x = ((xy[:, 0] - lon0[row] + 180.0) % 360.0 - 180.0) * east[row]
    y = (xy[:, 1] - lat0[row]) * north[row]
    flat = shapely.set_coordinates(areas.copy(), np.column_stack((x, y)))
    small = shapely.buffer(flat, -SMALLER_METRES, quad_segs=2)
    xy, row = shapely.get_coordinates(small, return_index=True)
    degrees = np.column_stack((xy[:, 0] / east[row] + lon0[row], xy[:, 1] / north[row] + lat0[row]))
    return np.asarray(shapely.set_coordinates(small, degrees), dtype=object)
