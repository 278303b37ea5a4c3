"""Any file a planner holds -> one table of features in WGS 84."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd
from pandas.errors import UndefinedVariableError

from ..geo.errors import InputError
from .columns import column_list, coordinate_columns
from .delimited import read_delimited
from .layer import Layer
from .placing import place_points, place_shapes
from .plain_tables import plain_table
from .rejects import join_rejects, no_rejects
from .vector_files import VECTOR_SUFFIXES, read_parquet, read_vector

DELIMITED_SUFFIXES: Final = (".csv", ".tsv", ".txt")
PARQUET_SUFFIXES: Final = (".parquet", ".geoparquet")
# What pandas raises for a condition that is misspelt, names no column, or compares what cannot be compared.
CONDITION_ERRORS: Final = (
    UndefinedVariableError,
    SyntaxError,
    TypeError,
    ValueError,
    KeyError,
    AttributeError,
    NotImplementedError,
)


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
        Condition in the syntax of `DataFrame.query`, such as `healthcare > 0`; other rows are left out, not rejected.
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
    source, ragged = _read(path, encoding=encoding, layer=layer)
    source, hidden = plain_table(source, file=path.name)
    kept = _select(source, where, file=path.name)
    if isinstance(kept, gpd.GeoDataFrame):
        placed = place_shapes(kept, crs=crs, file=path.name)
    else:
        x, y = coordinate_columns(kept, x=x, y=y, file=path.name)
        placed = place_points(kept, x=x, y=y, crs=crs, file=path.name)
    return Layer(placed.table, join_rejects([ragged, hidden, placed.rejected]))


def _read(path: Path, *, encoding: str | None, layer: str | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    kind = path.suffix.lower()
    if kind not in (*DELIMITED_SUFFIXES, *PARQUET_SUFFIXES, *VECTOR_SUFFIXES):
        raise InputError(
            f"{path.name}: files of kind {kind or '(none)'} are not read: "
            "save it as CSV, GeoJSON, GeoPackage, Shapefile or GeoParquet"
        )
    if not path.exists():
        raise InputError(f"{path.name}: there is no such file: correct its path")
    if kind in DELIMITED_SUFFIXES:
        return read_delimited(path, encoding=encoding)
    table = read_parquet(path) if kind in PARQUET_SUFFIXES else read_vector(path, layer=layer, encoding=encoding)
    return table.set_axis(pd.RangeIndex(1, len(table) + 1, name="row")), no_rejects()


def _select(table: pd.DataFrame, where: str | None, *, file: str) -> pd.DataFrame:
    """Keep the rows that meet the condition; a blank cell meets none."""
    if where is None:
        return table
    try:
        # Empty scopes: a condition sees the columns and nothing else.
        chosen = table.eval(where, engine="python", local_dict={}, global_dict={})
    except CONDITION_ERRORS as error:
        raise InputError(
            f"{file}: where {where!r} cannot be answered ({error}). The columns are: {column_list(table)}"
        ) from error
    if not (isinstance(chosen, pd.Series) and pd.api.types.is_bool_dtype(chosen.dtype)):
        raise InputError(f"{file}: where {where!r} is no condition such as healthcare > 0. The columns are: {column_list(table)}")
    return table.loc[chosen.fillna(False).astype(bool)]
