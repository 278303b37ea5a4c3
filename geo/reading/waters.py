"""Which elements of a map are waters that stand between a point and a street (travel model 2, section 5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ..waters import AREA_KIND, COAST_KIND, LINE_KIND, Waters

Tags = Mapping[str, str]

AREA_TAGS: Final[Mapping[str, frozenset[str]]] = {
    "natural": frozenset({"water"}),
    "waterway": frozenset({"riverbank", "dock"}),
    "landuse": frozenset({"reservoir", "basin"}),
}
LINE_TAGS: Final[Mapping[str, frozenset[str]]] = {"waterway": frozenset({"river", "canal"})}
COAST_TAGS: Final[Mapping[str, frozenset[str]]] = {"natural": frozenset({"coastline"})}
WATER_TAGS: Final[Mapping[str, frozenset[str]]] = {
    key: frozenset().union(*(tags.get(key, ()) for tags in (AREA_TAGS, LINE_TAGS, COAST_TAGS))) for key in AREA_TAGS
}


def _carries(tags: Tags, wanted: Mapping[str, frozenset[str]]) -> bool:
    return any(tags.get(key) in values for key, values in wanted.items())


def is_water(tags: Tags) -> bool:
    """Tell whether an element may be a water."""
    return _carries(tags, WATER_TAGS)


def is_water_line(tags: Tags) -> bool:
    """Tell coastlines, and rivers and canals above the ground."""
    open_line = _carries(tags, LINE_TAGS) and tags.get("tunnel", "no") == "no"
    return _carries(tags, COAST_TAGS) or open_line


def is_water_area(tags: Tags) -> bool:
    """Tell what is water where it is drawn as an area."""
    return _carries(tags, AREA_TAGS) and tags.get("type", "multipolygon") == "multipolygon"


def gather_waters(areas: Iterable[BaseGeometry | None], lines: Iterable[tuple[Tags, NDArray[np.float64]]]) -> Waters:
    """Put waters together.

    Parameters
    ----------
    areas : iterable of geometries
        Those that are no areas after all are left out.
    lines : iterable of (tags, (n, 2) array)
        Unbroken stretches.
    """
    shapes = [area for area in areas if area is not None and area.geom_type in ("Polygon", "MultiPolygon") and not area.is_empty]
    kinds = [AREA_KIND] * len(shapes)
    for tags, xy in lines:
        if len(xy) >= 2:
            shapes.append(shapely.LineString(xy))
            kinds.append(COAST_KIND if _carries(tags, COAST_TAGS) else LINE_KIND)
    gathered = np.empty(len(shapes), dtype=object)
    gathered[:] = shapes
    return Waters(kinds=np.array(kinds, np.uint8), shapes=gathered)
