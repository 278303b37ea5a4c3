"""GeoPackage: every layer in one file that QGIS opens in the map's colours."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from ...analyses.results import Results
from .styles import Style, demand_styles, facility_styles, gap_styles, zone_styles

_AT_ONCE = 100_000  # polygons
_STYLE_TABLE = """
CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
    f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
    useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
    update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')))
"""
_REGISTER = """
INSERT INTO gpkg_contents (table_name, data_type, identifier, description, srs_id)
VALUES ('layer_styles', 'attributes', 'layer_styles', '', 0)
"""
_INSERT = """
INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, styleQML,
    useAsDefault, description) VALUES ('', '', ?, 'geom', ?, ?, ?, ?)
"""


def write_geopackage(results: Results, path: str | Path) -> None:
    """Write the layers demand, facilities, zones and gaps with QGIS styles inside; EPSG:4326.

    `zones` holds every level, told apart by the column `level`, with the scorecard's share per goal
    (`<goal>.share`). QGIS applies the default style of each layer when it is loaded; demand and zones carry one style
    per goal.
    """
    path = Path(path)
    path.unlink(missing_ok=True)
    for name, table in _layers(results):
        # through Arrow: half the time, and no Python object per value
        kind = _kind(table)
        for part in _parts(table, kind):
            pyogrio.write_dataframe(
                part, path, layer=name, driver="GPKG", append=path.exists(), geometry_type=kind, use_arrow=True
            )
    styles = {
        "demand": demand_styles(results),
        "facilities": facility_styles(results),
        "zones": zone_styles(results),
        "gaps": gap_styles(results),
    }
    _write_styles(path, styles)


def _layers(results: Results) -> Iterator[tuple[str, gpd.GeoDataFrame]]:
    statuses = {f"{goal.id}.status": "str" for goal in results.goals}
    if len(results.demand):
        yield "demand", results.demand.astype(statuses)
    yield "facilities", results.facilities
    yield "zones", _zones(results)
    if results.goals:
        yield "gaps", results.gaps


def _zones(results: Results) -> gpd.GeoDataFrame:
    """Return all levels as one table, with the share covered of every goal."""
    tables = [table[["zone", "name", "geometry"]].assign(level=level) for level, table in results.zones.items()]
    if not tables:
        empty = pd.DataFrame({"level": [], "zone": [], "name": []}, dtype="str")
        return gpd.GeoDataFrame(empty, geometry=gpd.GeoSeries([], crs="EPSG:4326"))
    zones = gpd.GeoDataFrame(pd.concat(tables, ignore_index=True), crs="EPSG:4326")
    card = results.scorecard
    for goal in results.goals:
        shares = card.loc[card["goal"] == goal.id, ["level", "unit", "share"]]
        shares = shares.rename(columns={"unit": "zone", "share": f"{goal.id}.share"})
        zones = zones.merge(shares, on=["level", "zone"], how="left", validate="one_to_one")
    columns = [column for column in zones.columns if column not in {"level", "geometry"}]
    return zones[["level", *columns, "geometry"]]


def _kind(table: gpd.GeoDataFrame) -> str:
    """Return the layer's geometry type: readers dislike a layer that mixes polygons and multipolygons unsaid."""
    kinds = set(table.geometry.geom_type)
    if kinds <= {"Point"}:
        return "Point" if kinds else "Unknown"
    return "MultiPolygon" if kinds <= {"Polygon", "MultiPolygon"} else "Unknown"


def _parts(table: gpd.GeoDataFrame, kind: str) -> Iterator[gpd.GeoDataFrame]:
    """Cut a long layer of polygons, which is copied to be made one of multipolygons; other layers go whole, which is quicker."""
    step = _AT_ONCE if kind == "MultiPolygon" else max(len(table), 1)
    for start in range(0, max(len(table), 1), step):
        yield _of_kind(table.iloc[start : start + step], kind)


def _of_kind(table: gpd.GeoDataFrame, kind: str) -> gpd.GeoDataFrame:
    """Make single polygons of a layer of multipolygons such; through Arrow GDAL writes what it is given."""
    shapes = table.geometry.to_numpy()
    single = shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON
    if kind != "MultiPolygon" or not single.any():
        return table
    several = shapes.copy()
    several[single] = shapely.multipolygons(shapes[single], indices=np.arange(single.sum()))
    return table.set_geometry(gpd.GeoSeries(several, index=table.index, crs=table.crs))


def _write_styles(path: Path, styles: dict[str, list[Style]]) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(_STYLE_TABLE)
        connection.execute(_REGISTER)
        for layer, listed in styles.items():
            for position, style in enumerate(listed):
                row = (layer, style.name[:30], style.qml, position == 0, style.description)
                connection.execute(_INSERT, row)
