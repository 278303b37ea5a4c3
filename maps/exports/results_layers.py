"""A run for GIS: its demand table, and one GeoPackage of all layers that QGIS opens in the map's colours."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import pandas as pd

from ...analyses.results import Results
from .styles import Style, demand_styles, facility_styles, gap_styles, zone_styles

_FIRST = ("id", "people")
_STYLE_TABLE = """
CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
    f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
    useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
    update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')))
"""
_REGISTER = """
INSERT INTO gpkg_contents (table_name, data_type, identifier, description, srs_id, last_change)
SELECT 'layer_styles', 'attributes', 'layer_styles', '', 0, MIN(last_change) FROM gpkg_contents
"""
_INSERT = """
INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, styleQML,
    useAsDefault, description, update_time)
SELECT '', '', ?, 'geom', ?, ?, ?, ?, MIN(last_change) FROM gpkg_contents
"""


def demand_table(results: Results) -> gpd.GeoDataFrame:
    """Return the demand with `id`, `people` and `geometry` first and statuses as texts, in input order."""
    demand = results.demand
    first = [*_FIRST, demand.geometry.name]
    table = demand[[*first, *(column for column in demand.columns if column not in first)]]
    return table.astype({f"{goal.id}.status": "str" for goal in results.goals})


def results_layers(results: Results) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers demand, facilities, zones and gaps.

    `zones` holds every level, told apart by the column `level`, with the scorecard's share per goal
    (`<goal>.share`).
    """
    return dict(_layers(results))


def write_styles(results: Results, path: str | Path) -> None:
    """Add QGIS styles to the GeoPackage of these layers.

    QGIS applies the default style of each layer when it is loaded; demand and zones carry one style per goal.
    """
    styles = {
        "demand": demand_styles(results),
        "facilities": facility_styles(results),
        "zones": zone_styles(results),
        "gaps": gap_styles(results),
    }
    _write_styles(Path(path), styles)


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


def _write_styles(path: Path, styles: dict[str, list[Style]]) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(_STYLE_TABLE)
        connection.execute(_REGISTER)
        for layer, listed in styles.items():
            for position, style in enumerate(listed):
                row = (layer, style.name[:30], style.qml, position == 0, style.description)
                connection.execute(_INSERT, row)
