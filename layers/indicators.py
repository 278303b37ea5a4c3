"""Indicators: figures that others counted, by unit and year, from the tables planners keep."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from ..geo.errors import InputError
from .columns import as_text, require_column
from .flags import figures
from .ids import id_column, rounded_ids
from .rejects import join_rejects, rejected_rows
from .source import Source, as_source
from .tables import DELIMITED_SUFFIXES, Rows, read_rows
from .workbook import WORKBOOK_SUFFIXES

COLUMNS: Final = ("level", "unit", "year", "indicator", "value")
WHOLE: Final = "all"  # level and unit of figures for the whole study


def read_indicators(
    source: Source | str | Path, *, values: Mapping[str, str], level: str | None = None, year: str | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read a table of figures.

    Parameters
    ----------
    source : Source or path
        CSV, TSV or XLSX. With a level the figures belong to the zones in its column `id`, without both to the whole study.
    values : mapping of indicator to column
        Numbers of any sign; `95%` is 0.95.
    level : str or None
        Of zones.
    year : str or None
        Column of the year, or a year that all rows have.

    Returns
    -------
    table : DataFrame
        COLUMNS, one row per figure; `year` NaN where none is given. Blank cells are no figure and have no row.
    rejected : DataFrame
        Rows without a unit or a year, figures that are none, and figures given twice.

    Raises
    ------
    InputError
        If the file or a column cannot be used.
    """
    placing = as_source(source)
    file = placing.file.name
    read = _read(placing)
    rows = read.table
    id = id_column(rows, placing) if placing.id is not None or level is not None else None
    units = pd.Series(WHOLE, index=rows.index, dtype="str") if id is None else as_text(rows[id])
    years = _years(rows, year, file=file)
    placed = units.notna() & (years.notna() if year is not None else True)
    lost = _note(rows.index[~placed], units[~placed], id or year or "", file, "the unit or the year is missing")
    notes = [read.rejected, lost, *([] if id is None else [rounded_ids(rows[id], placing)])]
    parts = []
    for indicator, column in values.items():
        stated = rows.loc[placed, require_column(rows, column, file=file)]
        part, found = _one_indicator(stated, units[placed], years[placed], column, file=file)
        parts.append(part.assign(level=WHOLE if level is None else level, indicator=indicator))
        notes += found
    return _typed(pd.concat(parts)), join_rejects(notes)


def _one_indicator(
    stated: pd.Series, units: pd.Series, years: pd.Series, column: str, *, file: str
) -> tuple[pd.DataFrame, list[pd.DataFrame]]:
    """Read the figures of a column; those that are none, and second ones of a unit and year, are left out and noted."""
    numbers = figures(stated)
    good = np.isfinite(numbers)
    wrong = as_text(stated).notna() & ~good
    part = pd.DataFrame({"unit": units, "year": years, "value": numbers})[good]
    twice = part.duplicated(["unit", "year"])
    again = part.loc[twice, "unit"]
    return part[~twice], [
        _note(stated.index[wrong], stated[wrong], column, file, "note: no number; the figure counts as unknown"),
        _note(again.index, again, column, file, "the unit has this figure twice; the first counts"),
    ]


def no_indicators() -> pd.DataFrame:
    """Return an empty table of the same form."""
    return _typed(pd.DataFrame(columns=list(COLUMNS)))


def join_indicators(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Stack the figures of several files."""
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else no_indicators()


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    kinds: dict[str, Any] = {"level": "str", "unit": "str", "year": np.float64, "indicator": "str", "value": np.float64}
    return table[list(COLUMNS)].astype(kinds).reset_index(drop=True)


def _read(source: Source) -> Rows:
    if source.file.suffix.lower() not in (*DELIMITED_SUFFIXES, *WORKBOOK_SUFFIXES):
        raise InputError("{file}: figures are read from CSV, TSV and XLSX: save it as one of these", file=source.file.name)
    source.refuse("x", "y", "crs", "name", what="a table of figures")
    return read_rows(source)


def _years(rows: pd.DataFrame, year: str | None, *, file: str) -> pd.Series:
    if year is None:
        return pd.Series(np.nan, index=rows.index)
    if year not in rows.columns and year.isdigit() and len(year) == 4:
        return pd.Series(float(year), index=rows.index)
    stated = as_text(rows[require_column(rows, year, file=file)])
    return pd.to_numeric(stated.str.removesuffix("年").str.slice(0, 4), errors="coerce").astype(np.float64)


def _note(rows: pd.Index, values: pd.Series, column: str, file: str, reason: str) -> pd.DataFrame:
    return rejected_rows(file=file, rows=rows, column=column, values=values, reason=reason)
