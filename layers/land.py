"""Land: water, green, railways and settlements of an extract, for basemaps. Borders are left out on purpose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely

from ..geo.plain_text import plain

COLUMNS: Final = ("kind", "name", "rank", "geometry")
# kind -> OSM key -> values
_AREAS: Final[Mapping[str, Mapping[str, frozenset[str]]]] = {
    "water": {
        "natural": frozenset({"water", "bay"}),
        "landuse": frozenset({"reservoir"}),
        "waterway": frozenset({"riverbank", "dock"}),
    },
    "green": {
        "leisure": frozenset({"park", "garden", "nature_reserve", "golf_course", "common"}),
        "landuse": frozenset({"forest", "grass", "village_green", "recreation_ground", "cemetery", "meadow"}),
        "natural": frozenset({"wood", "scrub", "grassland"}),
    },
}
_LINES: Final[Mapping[str, Mapping[str, frozenset[str]]]] = {
    "water": {"waterway": frozenset({"river", "canal"}), "natural": frozenset({"coastline"})},
    "railway": {"railway": frozenset({"rail"})},
}
_PLACES: Final[Mapping[str, int]] = {
    "city": 0, "town": 1, "island": 2, "suburb": 2, "village": 3, "quarter": 3, "neighbourhood": 4, "hamlet": 4, "islet": 4,
}  # fmt: skip


def land_of(places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Pick what a basemap shows from the tagged places of an extract.

    Parameters
    ----------
    places : GeoDataFrame
        `tags` (dict of OSM tags) and `geometry`, EPSG:4326, as `geo.osm.read_osm` returns them.

    Returns
    -------
    GeoDataFrame
        `kind` (water, green, railway or place), `name` (null if none), `rank` (of places: 0 city ... 4 hamlet; else 0),
        `geometry`: polygons and lines as mapped, settlements as points. Empty where the extract holds streets only.
    """
    dimension = shapely.get_dimensions(places.geometry.to_numpy())
    rows = [
        (kind, _name(tags), _PLACES.get(tags.get("place", ""), 0), shape if kind != "place" else shapely.point_on_surface(shape))
        for tags, shape, dim in zip(places["tags"], places.geometry, dimension, strict=True)
        if (kind := _kind(tags, int(dim))) is not None
    ]
    columns: list[Any] = [list(values) for values in zip(*rows, strict=True)] if rows else [[], [], [], []]
    kinds, names, ranks, shapes = columns
    table = {"kind": kinds, "name": names, "rank": np.array(ranks, np.int64)}
    return gpd.GeoDataFrame(table, geometry=shapes, crs="EPSG:4326").astype({"kind": "str", "name": "str"})


def _kind(tags: Mapping[str, str], dimension: int) -> str | None:
    """Tell what a tagged place is on a basemap; a settlement that is drawn as an area counts as its middle."""
    if tags.get("place") in _PLACES and "name" in tags and dimension != 1:
        return "place"
    forms = {1: _LINES, 2: _AREAS}.get(dimension, {})
    return next((kind for kind, keys in forms.items() if any(tags.get(key) in values for key, values in keys.items())), None)


def _name(tags: Mapping[str, str]) -> str | None:
    """The name as written on the ground; where the map also has simplified characters, those."""
    name = tags.get("name:zh-Hans") or tags.get("name")
    return plain(name) if name else None
