"""Cells of a foreign table as they are written: ids keep their zeros, numbers their digits."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pandas as pd

from ...geo.errors import InputError, said
from ...geo.files import foreign_reader, require_file
from ...layers.columns import as_text
from ...layers.delimited import require_lines
from ...layers.encodings import text_encoding
from ...layers.geoparquet import read_geoparquet
from ...layers.source import Source, as_source
from ...layers.tables import select_rows
from ...layers.workbook import WORKBOOK_SUFFIXES, read_workbook

MARKS: Final = ",;\t|"
PLACES: Final = ("x", "y", "crs", "layer", "name")


def read_cells(source: Source | str | Path) -> pd.DataFrame:
    """Read .csv, .tsv, .txt (any usual delimiter and encoding), .xlsx or .parquet as text; blank cells are "".

    Returns
    -------
    DataFrame
        Index: row numbers of the file, from 1 below its header.

    Raises
    ------
    InputError
        If the file cannot be read, or a key means nothing for a table without places.
    """
    table = as_source(source)
    table.refuse(*PLACES, what="a table without places")
    kept, unread = select_rows(_cells(table), table.where, file=table.file.name)
    if len(unread):
        first = unread.iloc[0]
        raise InputError(
            "{file}: row {row}, column {column}: {value}: {reason}",
            file=table.file.name,
            row=first["row"],
            column=first["column"],
            value=first["value"],
            reason=said(first["reason"]),
        )
    return kept.fillna("")


def _cells(source: Source) -> pd.DataFrame:
    kind = source.file.suffix.lower()
    if kind in WORKBOOK_SUFFIXES:
        return _as_text(read_workbook(source)[0])
    source.refuse("sheet", what=kind)
    require_file(source.file)
    if kind == ".parquet":
        source.refuse("header_row", what=kind)
        with foreign_reader(source.file.name, "write it anew, or as CSV"):
            table = read_geoparquet(source.file)
            return _as_text(table.set_axis(pd.RangeIndex(1, len(table) + 1)))
    return _delimited(source)


def _delimited(source: Source) -> pd.DataFrame:
    """Read a table of costs, which may have many millions of rows, faster than tables of places are read."""
    path, above = source.file, (source.header_row or 1) - 1
    require_lines(path)
    codec = text_encoding(path, source.encoding)
    with foreign_reader(path.name, "this is no table with a header line: mend it"):
        with path.open(encoding=codec) as stream:
            header = [stream.readline() for _ in range(above + 1)][-1]
        mark = max(MARKS, key=header.count)
        cells = pd.read_csv(
            path, sep=mark, encoding=codec, dtype="str", keep_default_na=False, skip_blank_lines=True, skiprows=above
        )
    return cells.rename(columns=str.strip).set_axis(pd.RangeIndex(1, len(cells) + 1))


def _as_text(table: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({str(name): as_text(table[name]) for name in table.columns})
