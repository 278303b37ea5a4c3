"""Any file a planner holds -> one table of features in WGS 84."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd

from ..geo.errors import InputError
from .columns import column_list, coordinate_columns
from .conditions import ConditionError, choose_rows
from .delimited import read_delimited
from .layer import Layer
from .placing import place_points, place_shapes
from .plain_tables import plain_table
from .rejects import join_rejects, no_rejects, rejected_rows
from .vector_files import VECTOR_SUFFIXES, read_parquet, read_vector

DELIMITED_SUFFIXES: Final = (".csv", ".tsv", ".txt")
PARQUET_SUFFIXES: Final = (".parquet", ".geoparquet")
# Why a row is listed that a condition cannot tell of, by what the condition asks for.
UNREAD: Final = {
    "number": "`where` asks for a number here, and this is none, or a rounded one",
    "date": "`where` asks for a date such as 2021-06-30 here, and this is none, or one less exact",
}


def read_table(
    path: str | Path,
    *,
    x: str | None = None,
    y: str | None = None,
    crs: str | None = None,
    encoding: str | None = None,
    where: str | None = None,
    layer: str | None = None,
) -> Layer:
    """Read CSV, GeoJSON, GeoPackage, Shapefile or (Geo)Parquet into one form.

    Parameters
    ----------
    path : str or Path
    x, y : str or None
        Columns of longitude (easting) and latitude (northing), for files without shapes; None guesses them by
        well-known English and Chinese names.
    crs : str or None
        `EPSG:...`, `GCJ-02`, `BD-09` or other pyproj input; goes before what the file declares. A file with shapes must
        declare a CRS or be given one; coordinates in columns are EPSG:4326 where they lie in the range of degrees.
    encoding : str or None
        None finds it by trial.
    where : str or None
        Condition such as `healthcare > 0` (docs/study.md lists the forms); other rows are left out, not rejected, unless the
        condition asks for a number in a cell that holds something else.
    layer : str or None
        Layer of a GeoPackage.

    Returns
    -------
    Layer
        The file's columns and `geometry`; invalid polygons are mended, missing and impossible places rejected.

    Raises
    ------
    InputError
        If the file, a column, the condition or the CRS cannot be used.
    """
    path = Path(path)
    source, noted = _read(path, encoding=encoding, layer=layer)
    kept, unread = _select(source, where, file=path.name)
    if isinstance(kept, gpd.GeoDataFrame):
        placed = place_shapes(kept, crs=crs, file=path.name)
    else:
        x, y = coordinate_columns(kept, x=x, y=y, file=path.name)
        placed = place_points(kept, x=x, y=y, crs=crs, file=path.name)
    return Layer(placed.table, join_rejects([noted, unread, placed.rejected]))


def _read(path: Path, *, encoding: str | None, layer: str | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    kind = path.suffix.lower()
    if kind not in (*DELIMITED_SUFFIXES, *PARQUET_SUFFIXES, *VECTOR_SUFFIXES):
        raise InputError(
            f"{path.name}: files of kind {kind or '(none)'} are not read: "
            "save it as CSV, GeoJSON, GeoPackage, Shapefile or GeoParquet"
        )
    if kind in DELIMITED_SUFFIXES:
        return read_delimited(path, encoding=encoding)
    table = read_parquet(path) if kind in PARQUET_SUFFIXES else read_vector(path, layer=layer, encoding=encoding)
    return plain_table(table.set_axis(pd.RangeIndex(1, len(table) + 1, name="row")), file=path.name)


def _select(table: pd.DataFrame, where: str | None, *, file: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Keep the rows that meet the condition, and list those that cannot tell."""
    if where is None:
        return table, no_rejects()
    try:
        choice = choose_rows(table, where)
    except ConditionError as error:
        raise InputError(f"{file}: {error}. The columns are: {column_list(table)}") from error
    notes = [
        rejected_rows(
            file=file,
            rows=table.index[unread.rows],
            column=unread.column,
            values=table.loc[unread.rows, unread.column],
            reason=UNREAD[unread.asked],
        )
        for unread in choice.unread
    ]
    return table.loc[choice.chosen], join_rejects(notes)
