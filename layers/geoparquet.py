"""Parquet files, with shapes (GeoParquet) or without: a broken shape is a row without one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import pyarrow.parquet as pq
import shapely
from pyproj import CRS

from ..geo.errors import TooLargeError
from .long_numbers import keep_figures

MOST_CELLS: Final = 500_000_000
DEFAULT_CRS: Final = "OGC:CRS84"  # of GeoParquet, where a file does not say


def read_geoparquet(path: Path) -> pd.DataFrame:
    """Read a Parquet file; whatever the libraries raise is the caller's.

    Raises
    ------
    TooLargeError
        If it claims more cells than fit.
    """
    opened: Any
    table: pd.DataFrame
    with pq.ParquetFile(path.resolve()) as opened:
        about = opened.metadata
        if about.num_rows * about.num_columns > MOST_CELLS:
            raise TooLargeError(
                "{file}: claims {num_rows:,} rows of {num_columns} columns: too many to read",
                file=path.name,
                num_rows=about.num_rows,
                num_columns=about.num_columns,
            )
        told = (opened.schema_arrow.metadata or {}).get(b"geo")
        cells = opened.read()
        cells.validate(full=True)  # or a text that is no UTF-8 shows only when somebody compares it
        table = keep_figures(cells.to_pandas(date_as_object=False), cells.select).reset_index(drop=True)
    if told is None:
        return table
    about_shapes = json.loads(told)
    name = about_shapes["primary_column"]
    column = about_shapes["columns"][name]
    if column["encoding"] != "WKB":
        # GeoArrow's columns of numbers hold no shape that cannot be read.
        return keep_figures(gpd.read_parquet(path, to_pandas_kwargs={"date_as_object": False}), cells.select)
    table = _with_shapes(table, name, column)
    return table


def _with_shapes(table: pd.DataFrame, name: str, column: dict[str, Any]) -> gpd.GeoDataFrame:
    """Decode the main column of shapes; other ones stay bytes."""
    shapes = shapely.from_wkb(table[name].to_numpy(), on_invalid="ignore")
    crs = column.get("crs", DEFAULT_CRS)
    system = CRS.from_json_dict(crs) if isinstance(crs, dict) else crs
    return gpd.GeoDataFrame(table.drop(columns=name), geometry=gpd.GeoSeries(shapes, index=table.index, crs=system))
