"""The basemap: streets by class and their names, from the run's own street table; nothing is fetched."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from .packing import SHAPE_DEGREE, Bundle

# Drawing ranks, most important first. Classes not listed are drawn as paths.
_RANKS = (
    ("motorway", "trunk"),
    ("primary",),
    ("secondary",),
    ("tertiary",),
    ("unclassified", "residential", "living_street", "road", "pedestrian"),
)
_PATH_RANK = len(_RANKS)
_VERTICES = 180_000  # about 400 kB of page; less important classes are left out beyond it
_NAMES = 1_500
_TOLERANCE = 2 * SHAPE_DEGREE


def street_ranks(highway: pd.Series[Any]) -> NDArray[np.int64]:
    """Return the drawing rank of each OSM class: 0 motorways ... 5 paths; links rank with their parents."""
    ranks = {name: rank for rank, names in enumerate(_RANKS) for name in names}
    found = highway.astype("object").str.removesuffix("_link").map(ranks)
    return np.asarray(found.fillna(_PATH_RANK), dtype=np.int64)


def pack_streets(streets: gpd.GeoDataFrame, bundle: Bundle) -> dict[str, Any]:
    """Add the streets, most important first, until the vertex budget is used up; whole classes only."""
    if streets.empty:
        return {"count": 0}
    ranks = street_ranks(streets["highway"])
    kept, vertices = [], 0
    for rank in range(_PATH_RANK + 1):
        rows = np.flatnonzero(ranks == rank)
        lines = shapely.simplify(streets.geometry.to_numpy()[rows], _TOLERANCE)
        vertices += int(shapely.get_num_coordinates(lines).sum())
        if rank and vertices > _VERTICES:
            break
        kept.append((rows, lines))
    rows, lines = (np.concatenate(parts) for parts in zip(*kept, strict=True))
    order = np.lexsort([streets.geometry.iloc[rows].hilbert_distance(streets.total_bounds).to_numpy(), ranks[rows]])
    return {
        "count": len(rows),
        "ranks": bundle.add_integers("streets.rank", ranks[rows][order]),
        "shapes": bundle.add_shapes("streets", lines[order]),
    }


def pack_street_names(streets: gpd.GeoDataFrame, bundle: Bundle) -> dict[str, Any]:
    """Add one label per street name: the middle of its longest stretch, and the angle there."""
    named = streets[streets["name"].notna()]
    if named.empty:
        return {"names": []}
    table = pd.DataFrame(
        {"name": named["name"].astype(str).to_numpy(), "rank": street_ranks(named["highway"])}, index=named.index
    )
    table["length"] = shapely.length(named.geometry.to_numpy())
    total = table.groupby("name")["length"].transform("sum")
    longest = table.assign(total=total).sort_values(["length", "name"], ascending=[False, True]).drop_duplicates("name")
    chosen = longest.sort_values(["rank", "total", "name"], ascending=[True, False, True]).head(_NAMES)
    lines = shapely.get_parts(named.geometry.loc[chosen.index].to_numpy(), return_index=True)
    first = lines[0][np.unique(lines[1], return_index=True)[1]]
    middle, angle = _middles(first)
    return {
        "names": chosen["name"].tolist(),
        "ranks": bundle.add_integers("names.rank", chosen["rank"]),
        "lengths": bundle.add_integers("names.length", np.round(chosen["length"] / SHAPE_DEGREE)),
        "angles": bundle.add_integers("names.angle", np.round(np.degrees(angle))),
        "points": bundle.add_points("names", shapely.get_x(middle), shapely.get_y(middle)),
    }


def _middles(lines: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.float64]]:
    """Return the middle of each line and the direction there on a Mercator screen, in radians."""
    before, middle, after = (shapely.line_interpolate_point(lines, at, normalized=True) for at in (0.4, 0.5, 0.6))
    stretch = np.cos(np.radians(shapely.get_y(middle)))
    dx = (shapely.get_x(after) - shapely.get_x(before)) * stretch
    return middle, np.arctan2(shapely.get_y(after) - shapely.get_y(before), dx)
