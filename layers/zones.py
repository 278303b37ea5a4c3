"""Zones: the areas that answer for their people (counties, townships, villages), and who lives in which."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from .columns import as_text, require_column
from .layer import Layer, first_reasons, refuse_empty, reject_rows
from .tables import read_table


def read_zones(
    path: str | Path,
    *,
    level: str,
    id: str,
    name: str | None = None,
    crs: str | None = None,
    encoding: str | None = None,
    layer: str | None = None,
) -> Layer:
    """Read the zones of one level.

    Parameters
    ----------
    path : str or Path
        A file of polygons.
    level : str
        County, township ...; named in the rejects.
    id, name : str
        Columns; ids are text, so that division codes keep their zeros and never grow a ".0".
    crs, encoding, layer
        As in `read_table`.

    Returns
    -------
    Layer
        `zone` (str, unique), `name` (str, null if none), `geometry`; in order of first appearance. Rows that share an
        id are one zone; invalid polygons are mended.

    Raises
    ------
    InputError
        If the file or a column cannot be used, or no zone is left.
    """
    path = Path(path)
    read = read_table(path, crs=crs, encoding=encoding, layer=layer)
    for column in (id, name):
        if column is not None:
            require_column(read.table, column, file=path.name)
    kept = refuse_empty(_reject_unusable(read, id, level=level, file=path.name), file=path.name)
    rows = kept.table
    names = as_text(rows[name]) if name is not None else pd.Series(None, index=rows.index, dtype="str")
    table = gpd.GeoDataFrame({"zone": as_text(rows[id]), "name": names}, geometry=rows.geometry, crs="EPSG:4326")
    return Layer(_dissolved(table), kept.rejected)


def assign_zones(lon: npt.ArrayLike, lat: npt.ArrayLike, zones: gpd.GeoDataFrame) -> pd.Series:
    """Tell which zone each point lies in.

    Parameters
    ----------
    lon, lat : array of float
        Degrees WGS 84.
    zones : GeoDataFrame
        `zone` and polygons, EPSG:4326.

    Returns
    -------
    Series of str
        Zone ids, null outside all zones; on a shared border the first by id.
    """
    points = shapely.points(np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64))
    ordered = zones.sort_values("zone")
    # Zones are asked for their points, not points for their zone: shapely prepares the shape that asks.
    asked, point = shapely.STRtree(points).query(ordered.geometry.to_numpy(), predicate="intersects")
    first = np.full(points.shape, len(ordered))
    np.minimum.at(first, point, asked)
    ids = np.array([*ordered["zone"], None], dtype=object)
    return pd.Series(ids[first], dtype="str", name="zone")


def _reject_unusable(layer: Layer, id: str, *, level: str, file: str) -> Layer:
    areas = shapely.get_dimensions(layer.table.geometry.to_numpy()) == 2
    ids = as_text(layer.table[id])
    reasons = first_reasons(
        len(ids),
        (ids.isna().to_numpy(dtype=bool), f"a zone of level {level} needs an id"),
        (~areas, f"a zone of level {level} must be a polygon"),
    )
    return reject_rows(layer, reasons, file=file, column=id, values=ids)


def _dissolved(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Join the rows that share an id; most files have none, and joining is slow."""
    shared = table["zone"].duplicated(keep=False)
    if not shared.any():
        return table.reset_index(drop=True)
    joined = table.loc[shared].dissolve(by="zone", aggfunc="first", as_index=False)
    both = gpd.GeoDataFrame(pd.concat([table.loc[~shared], joined]), geometry="geometry", crs="EPSG:4326")
    order = pd.Index(table["zone"].unique())
    return both.set_index("zone").loc[order].rename_axis("zone").reset_index()[["zone", "name", "geometry"]]
