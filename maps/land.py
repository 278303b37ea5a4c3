"""Land: water, green, railways and place names under the cells, from the run's own extract; nothing is fetched."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from .packing import SHAPE_DEGREE, Bundle

AREAS = ("green", "water")  # drawn in this order
LINES = ("railway", "water")
_VERTICES = 60_000  # per kind, about 130 kB of page; the smallest are left out beyond it
_PLACES = 600
_TOLERANCE = 3 * SHAPE_DEGREE


def pack_land(land: gpd.GeoDataFrame | None, bundle: Bundle) -> dict[str, Any]:
    """Add what lies under the cells, largest first until the vertex budget of its kind is used up."""
    if land is None or land.empty:
        return {"areas": [], "lines": [], "places": None}
    dimension = shapely.get_dimensions(land.geometry.to_numpy())
    return {
        "areas": [_pack(land[(land["kind"] == kind) & (dimension == 2)], kind, "area", bundle) for kind in AREAS],
        "lines": [_pack(land[(land["kind"] == kind) & (dimension == 1)], kind, "line", bundle) for kind in LINES],
        "places": _pack_places(land[(land["kind"] == "place") & (dimension == 0)], bundle),
    }


def _pack(part: gpd.GeoDataFrame, kind: str, form: str, bundle: Bundle) -> dict[str, Any]:
    shapes = shapely.simplify(part.geometry.to_numpy(), _TOLERANCE)
    shapes = shapes[~shapely.is_empty(shapes)]
    shapes = shapes[_largest_first(shapes, form)]
    within = np.cumsum(shapely.get_num_coordinates(shapes)) <= _VERTICES
    return {"kind": kind, "shapes": bundle.add_shapes(f"land.{form}.{kind}", shapes[within])}


def _largest_first(shapes: NDArray[np.object_], form: str) -> NDArray[np.intp]:
    size = shapely.area(shapes) if form == "area" else shapely.length(shapes)
    return np.argsort(-size, kind="stable")


def _pack_places(places: gpd.GeoDataFrame, bundle: Bundle) -> dict[str, Any] | None:
    named = places[places["name"].notna()].sort_values(["rank", "name"], kind="stable").head(_PLACES)
    if named.empty:
        return None
    points = named.geometry.to_numpy()
    return {
        "names": named["name"].astype(str).tolist(),
        "ranks": bundle.add_integers("land.place.rank", named["rank"]),
        "points": bundle.add_points("land.place", shapely.get_x(points), shapely.get_y(points)),
    }
