"""Tables with shapes: GeoPackage, GeoJSON and GeoParquet, each with its sources and what its columns hold.

Figures that do not exist are null. Nothing is rounded but the corners of GeoJSON.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import shapely

from ..figures import plain
from .about import joined_sources
from .columns import meaning
from .table import with_nulls, write_arrow

_PLACES: Final = 7
_DEGREES: Final = 1e-7  # RFC 7946 advises against more: about a centimetre
_EXTENSIONS: Final = """
CREATE TABLE IF NOT EXISTS gpkg_extensions (
    table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL, scope TEXT NOT NULL,
    CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
CREATE TABLE gpkg_data_columns (
    table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT, mime_type TEXT,
    constraint_name TEXT, CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name), CONSTRAINT gdc_tn UNIQUE (table_name, name));
CREATE TABLE gpkg_data_column_constraints (
    constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT, min NUMERIC, min_is_inclusive BOOLEAN,
    max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
    CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value));
CREATE TABLE gpkg_metadata (
    id INTEGER CONSTRAINT m_pk PRIMARY KEY ASC NOT NULL, md_scope TEXT NOT NULL DEFAULT 'dataset', md_standard_uri TEXT NOT NULL,
    mime_type TEXT NOT NULL DEFAULT 'text/xml', metadata TEXT NOT NULL DEFAULT '');
CREATE TABLE gpkg_metadata_reference (
    reference_scope TEXT NOT NULL, table_name TEXT, column_name TEXT, row_id_value INTEGER,
    timestamp DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')), md_file_id INTEGER NOT NULL, md_parent_id INTEGER,
    CONSTRAINT crmr_mfi_fk FOREIGN KEY (md_file_id) REFERENCES gpkg_metadata(id),
    CONSTRAINT crmr_mpi_fk FOREIGN KEY (md_parent_id) REFERENCES gpkg_metadata(id));
INSERT INTO gpkg_metadata_reference (reference_scope, md_file_id, timestamp)
    SELECT 'geopackage', 1, MIN(last_change) FROM gpkg_contents; -- the date of GDAL, which OGR_CURRENT_DATE sets
"""
_EXTENSION_ROW: Final = (
    "INSERT INTO gpkg_extensions VALUES (?, NULL, ?, 'http://www.geopackage.org/spec121/#extension_' || ?, 'read-write')"
)
_EXTENSION_TABLES: Final = (
    ("gpkg_data_columns", "gpkg_schema", "schema"),
    ("gpkg_data_column_constraints", "gpkg_schema", "schema"),
    ("gpkg_metadata", "gpkg_metadata", "metadata"),
    ("gpkg_metadata_reference", "gpkg_metadata", "metadata"),
)
_FEATURES_AT_ONCE: Final = 20_000  # each takes some kilobytes while it is written
_POLYGONS_AT_ONCE: Final = 100_000
_RIGHTS: Final = "http://purl.org/dc/terms/rights"


def write_geopackage(
    path: str | Path,
    layers: Mapping[str, gpd.GeoDataFrame],
    *,
    sources: Sequence[str],
    kinds: Mapping[str, str] | None = None,
    language: str = "zh",
) -> None:
    """Write layers (EPSG:4326) as one GeoPackage; an older file of that name goes.

    The lines of attribution are every layer's description and the file's metadata; the meaning of every column stands in
    `gpkg_data_columns`, as title in `language`, as description in both.

    Parameters
    ----------
    path : str or Path
    layers : mapping of name to GeoDataFrame
    sources : sequence of str
    kinds : mapping of layer to str, optional
        What its columns are looked up under (see `columns.meaning`); default `<file>/<layer>`.
    language : {"zh", "en"}
    """
    path = Path(path)
    path.unlink(missing_ok=True)
    for name, table in layers.items():
        kind = _geometry_type(table)
        for start, part in _parts(table, kind):
            # through Arrow: half the time, and no Python object per value
            about = {} if start else {"layer_options": {"IDENTIFIER": name, "DESCRIPTION": joined_sources(sources)}}
            pyogrio.write_dataframe(
                _of_type(with_nulls(part), kind), path, layer=name, driver="GPKG", append=path.exists(), geometry_type=kind,
                use_arrow=True, **about,
            )  # fmt: skip
    with closing(sqlite3.connect(path)) as connection, connection:
        _describe(connection, sources)
        _describe_columns(connection, {name: (kinds or {}).get(name, f"{path.name}/{name}") for name in layers}, language)


def _parts(table: gpd.GeoDataFrame, kind: str) -> Iterator[tuple[int, gpd.GeoDataFrame]]:
    """Cut a long layer of polygons, which is copied to be made one of multipolygons; other layers go whole, which is quicker."""
    step = _POLYGONS_AT_ONCE if kind == "MultiPolygon" else max(len(table), 1)
    for start in range(0, max(len(table), 1), step):
        yield start, table.iloc[start : start + step]


def _geometry_type(table: gpd.GeoDataFrame) -> str:
    """Return the layer's geometry type: readers dislike a layer that mixes polygons and multipolygons unsaid."""
    kinds = set(table.geometry.geom_type)
    if kinds <= {"Point"}:
        return "Point" if kinds else "Unknown"
    return "MultiPolygon" if kinds <= {"Polygon", "MultiPolygon"} else "Unknown"


def _of_type(table: gpd.GeoDataFrame, kind: str) -> gpd.GeoDataFrame:
    """Make single polygons of a layer of multipolygons such; through Arrow GDAL writes what it is given."""
    shapes = table.geometry.to_numpy()
    single = shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON
    if kind != "MultiPolygon" or not single.any():
        return table
    several = shapes.copy()
    several[single] = shapely.multipolygons(shapes[single], indices=np.arange(single.sum()))
    return table.set_geometry(gpd.GeoSeries(several, index=table.index, crs=table.crs))


def _describe(connection: sqlite3.Connection, sources: Sequence[str]) -> None:
    """Say whose data it is as plain text: GDAL's own metadata would put an .aux.xml beside the file of whoever opens it."""
    connection.executescript(_EXTENSIONS)
    connection.executemany(_EXTENSION_ROW, _EXTENSION_TABLES)
    row = (1, "dataset", _RIGHTS, "text/plain", joined_sources(sources))
    connection.execute("INSERT INTO gpkg_metadata VALUES (?, ?, ?, ?, ?)", row)


def _describe_columns(connection: sqlite3.Connection, kinds: Mapping[str, str], language: str) -> None:
    """Say what the columns hold where GeoPackages say it; GIS programs show it as alias and comment of a field."""
    for layer, kind in kinds.items():
        for (column,) in connection.execute("SELECT name FROM pragma_table_info(?)", (layer,)).fetchall():
            of = meaning(kind, column)
            if of.en:
                row = (layer, column, column, getattr(of, language), of.both)
                connection.execute("INSERT INTO gpkg_data_columns VALUES (?, ?, ?, ?, ?, NULL, NULL)", row)


def write_geojson(table: gpd.GeoDataFrame, path: str | Path, *, name: str, sources: Sequence[str]) -> None:
    """Write a table as RFC 7946 GeoJSON in WGS 84 with the member `attribution`; values that do not exist are null.

    GDAL would leave null members out of some features, and a reader would take the schema from the first one.
    """
    head = _json({"type": "FeatureCollection", "name": name, "attribution": joined_sources(sources)})
    with Path(path).open("w", encoding="utf-8", newline="\n") as opened:
        opened.write(head[:-1] + ',"features":[')
        for start in range(0, len(table), _FEATURES_AT_ONCE):
            opened.write("," * bool(start) + ",".join(_features(table.iloc[start : start + _FEATURES_AT_ONCE])))
        opened.write("]}\n")


def _features(table: gpd.GeoDataFrame) -> list[str]:
    shapes = shapely.to_geojson(shapely.orient_polygons(_rounded(table.geometry.to_numpy()), exterior_cw=False))
    rows = table.drop(columns=table.geometry.name).to_dict("records")
    return [_feature(row, shape) for row, shape in zip(rows, shapes, strict=True)]


def _rounded(shapes: Any) -> Any:
    """Round corners; where that makes a border cross itself, the slow way."""
    rounded = shapely.transform(shapes, lambda corners: np.round(corners / _DEGREES) * _DEGREES)
    broken = ~shapely.is_valid(rounded)
    rounded[broken] = shapely.set_precision(shapes[broken], _DEGREES)
    return shapely.transform(rounded, lambda corners: np.round(corners, _PLACES))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _feature(row: Any, shape: str | None) -> str:
    properties = {name: plain(value) for name, value in row.items()}
    return '{"type":"Feature","properties":' + _json(properties) + ',"geometry":' + (shape or "null") + "}"


def write_geoparquet(table: gpd.GeoDataFrame, path: str | Path, *, sources: Sequence[str]) -> None:
    """Write a table as GeoParquet 1.1; sources and the meaning of the columns stand in the file's metadata beside `geo`."""
    arrow = pa.Table.from_pandas(pd.DataFrame(with_nulls(table).to_wkb()), preserve_index=False)
    write_arrow(arrow, path, sources=sources, more={"geo": json.dumps(_geo(table))})


def _geo(table: gpd.GeoDataFrame) -> dict[str, Any]:
    """Return what GeoParquet says of its one column of shapes."""
    name, shapes = table.geometry.name, table.geometry
    about: dict[str, Any] = {
        "encoding": "WKB",
        "geometry_types": sorted(set(shapes.geom_type.dropna() + shapes.has_z.map({True: " Z", False: ""}))),
        "crs": None if table.crs is None else table.crs.to_json_dict(),
        "edges": "planar",
    }
    if len(table):
        about["bbox"] = [float(edge) for edge in table.total_bounds]
    return {"version": "1.1.0", "primary_column": name, "columns": {name: about}}
