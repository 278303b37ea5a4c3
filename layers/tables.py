"""Any file a planner holds -> one table of rows, and of features in WGS 84."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd

from ..geo.errors import InputError, said
from .columns import column_list, coordinate_columns
from .conditions import ConditionError, choose_rows
from .delimited import read_delimited
from .ids import own_ids
from .layer import Layer
from .placing import place_points, place_shapes
from .plain_tables import plain_table
from .rejects import join_rejects, no_rejects, rejected_rows
from .source import Source, as_source
from .vector_files import VECTOR_SUFFIXES, read_parquet, read_vector
from .workbook import WORKBOOK_SUFFIXES, read_workbook

DELIMITED_SUFFIXES: Final = (".csv", ".tsv", ".txt")
PARQUET_SUFFIXES: Final = (".parquet", ".geoparquet")
# Why a row is listed that a condition cannot tell of, by what the condition asks for.
UNREAD: Final = {
    "number": "`where` asks for a number here, and this is none, or a rounded one",
    "date": "`where` asks for a date such as 2021-06-30 here, and this is none, or one less exact",
}
# Keys that mean nothing for files of a kind.
OTHERS: Final = {
    DELIMITED_SUFFIXES: ("layer", "sheet"),
    WORKBOOK_SUFFIXES: ("layer",),
    PARQUET_SUFFIXES: ("layer", "sheet", "header_row"),
    VECTOR_SUFFIXES: ("sheet", "header_row"),
}
SHAPES_COUNT: Final = "note: the file has shapes of its own, and they count, not these columns"


@dataclass(frozen=True)
class Rows:
    """The rows of a file that meet its source's condition.

    Attributes
    ----------
    table : DataFrame
        Index `row` is the 1-based data row of the file (the header not counted); a GeoDataFrame where the file has shapes, in
        the file's own coordinates.
    rejected, own_ids
        As in `Layer`.
    """

    table: pd.DataFrame
    rejected: pd.DataFrame
    own_ids: str | None


def read_table(source: Source | str | Path) -> Layer:
    """Read CSV, XLSX, GeoJSON, GeoPackage, Shapefile or (Geo)Parquet into one form.

    Parameters
    ----------
    source : Source or path

    Returns
    -------
    Layer
        The file's columns and `geometry`; invalid polygons are mended, missing and impossible places rejected.

    Raises
    ------
    InputError
        If the file, a column, the condition or the CRS cannot be used.
    """
    placing = as_source(source)
    return place_rows(read_rows(placing), placing)


def read_rows(source: Source) -> Rows:
    """Read the rows of a file, wherever they are.

    Raises
    ------
    InputError
        If the file or the condition cannot be used.
    """
    table, noted = _read(source)
    kept, unread = select_rows(table, source.where, file=source.file.name)
    return Rows(kept, join_rejects([noted, unread]), own_ids(kept))


def place_rows(rows: Rows, source: Source) -> Layer:
    """Give rows their places in WGS 84.

    Raises
    ------
    InputError
        If a column or the CRS cannot be used.
    """
    table, file = rows.table, source.file.name
    if isinstance(table, gpd.GeoDataFrame):
        placed, unused = place_shapes(table, crs=source.crs, file=file), _unused_columns(source)
    else:
        x, y = coordinate_columns(table, x=source.x, y=source.y, file=file)
        placed, unused = place_points(table, x=x, y=y, crs=source.crs, file=file), no_rejects()
    return replace(placed, rejected=join_rejects([rows.rejected, unused, placed.rejected]), own_ids=rows.own_ids)


def _read(source: Source) -> tuple[pd.DataFrame, pd.DataFrame]:
    path, kind = source.file, source.file.suffix.lower()
    others = next((keys for suffixes, keys in OTHERS.items() if kind in suffixes), None)
    if others is None:
        raise InputError(
            "{file}: files of kind {kind} are not read: save it as CSV, XLSX, GeoJSON, GeoPackage, Shapefile or GeoParquet",
            file=path.name,
            kind=kind or said("(none)"),
        )
    source.refuse(*others, what=kind)
    if kind in DELIMITED_SUFFIXES:
        return read_delimited(source)
    if kind in WORKBOOK_SUFFIXES:
        table, noted = read_workbook(source)
    else:
        read = read_parquet(path) if kind in PARQUET_SUFFIXES else read_vector(source)
        table, noted = read.set_axis(pd.RangeIndex(1, len(read) + 1, name="row")), no_rejects()
    table, hidden = plain_table(table, file=path.name)
    return table, join_rejects([noted, hidden])


def _unused_columns(source: Source) -> pd.DataFrame:
    given = [column for column in (source.x, source.y) if column is not None]
    nowhere = [None] * len(given[:1])
    return rejected_rows(file=source.file.name, rows=nowhere, column=" ".join(given), values=nowhere, reason=SHAPES_COUNT)


def select_rows(table: pd.DataFrame, where: str | None, *, file: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Keep the rows that meet a condition, and list those of which it cannot tell.

    Raises
    ------
    InputError
        If the condition cannot be asked of the table.
    """
    if where is None:
        return table, no_rejects()
    try:
        choice = choose_rows(table, where)
    except ConditionError as error:
        raise InputError(
            "{file}: {error}. The columns are: {columns}", file=file, error=error, columns=column_list(table)
        ) from error
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
