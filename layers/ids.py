"""Ids and names: what the rows of a file are called, alike for every reader; an id is the text that stands in the file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from .columns import FLOAT_HOLDS, as_text, first_column, require_column
from .layer import Layer, Reasons, reject_rows
from .rejects import join_rejects, no_rejects, rejected_rows
from .source import Source

OWN: Final = ("id",)
NAMES: Final = ("name", "名称", "设施名称", "name_zh", "title")
MISSING: Final = "the id is missing"
NO_NAMES: Final = "note: most rows of this column have no id of their own; the rows are called by their number"
ROUNDED: Final = "note: a number of more digits than the file keeps; the last digits of the id may be wrong"


@dataclass(frozen=True)
class Ids:
    """What rows are called.

    Attributes
    ----------
    column : str or None
        Where the ids stand; None where rows are called by their number.
    texts : Series of str
        Null where blank; index as the rows.
    reasons : array of object
        Why a row's id cannot be used, empty where it can: it is blank, or an earlier row has it.
    notes : DataFrame
        What to know of the column, as rejects.
    """

    column: str | None
    texts: pd.Series
    reasons: Reasons
    notes: pd.DataFrame


def find_ids(rows: pd.DataFrame, source: Source, *, numbered: str = "") -> Ids:
    """Read the ids of rows: the column that the source names, else the file's own `id`, else the row numbers.

    Parameters
    ----------
    rows : DataFrame
        Index: row numbers of the file.
    source : Source
        A file's own column `id` (in any capitals) counts where at least half of the rows have an id of their own in it:
        drawing programs make such columns and leave them blank.
    numbered : str
        Stands before the number of a row without ids.

    Raises
    ------
    InputError
        If the named column is missing.
    """
    column, notes = _column(rows, source)
    if column is None:
        numbers = numbered + pd.Series(rows.index, index=rows.index).astype("str")
        return Ids(None, numbers, np.full(len(rows), "", dtype=object), notes)
    texts = as_text(rows[column])
    return Ids(column, texts, _reasons(texts), join_rejects([notes, rounded_ids(rows[column], source)]))


def with_ids(layer: Layer, source: Source, *, numbered: str = "") -> tuple[Layer, pd.Series]:
    """Reject the rows whose id is blank or stands in an earlier row; return the others, and their ids."""
    ids = find_ids(layer.table, source, numbered=numbered)
    noted = replace(layer, rejected=join_rejects([layer.rejected, ids.notes]))
    kept = reject_rows(noted, ids.reasons, file=source.file.name, column=ids.column or "id", values=ids.texts)
    return kept, ids.texts.loc[kept.table.index]


def id_column(rows: pd.DataFrame, source: Source) -> str:
    """Return the column of what rows are about, such as the zone they are a part of: named, else the file's own `id`.

    Raises
    ------
    InputError
        If there is none.
    """
    column = first_column(rows, OWN) if source.id is None else source.id
    return require_column(rows, OWN[0] if column is None else column, file=source.file.name)


def read_names(rows: pd.DataFrame, source: Source) -> pd.Series:
    """Return the names of rows: of the column that the source names, else of one called name or 名称, else null.

    Raises
    ------
    InputError
        If the named column is missing.
    """
    own = first_column(rows, NAMES)
    column = own if source.name is None else require_column(rows, source.name, file=source.file.name)
    return pd.Series(None, index=rows.index, dtype="str") if column is None else as_text(rows[column])


def _column(rows: pd.DataFrame, source: Source) -> tuple[str | None, pd.DataFrame]:
    if source.id is not None:
        return require_column(rows, source.id, file=source.file.name), no_rejects()
    own = first_column(rows, OWN)
    if own is None:
        return None, no_rejects()
    texts = as_text(rows[own])
    if 2 * texts.nunique() >= len(texts):
        return own, no_rejects()
    return None, rejected_rows(file=source.file.name, rows=[None], column=own, values=[None], reason=NO_NAMES)


def _reasons(texts: pd.Series) -> Reasons:
    repeated = texts.notna() & texts.duplicated()
    first = texts.drop_duplicates().dropna()
    row_of = pd.Series(first.index, index=first.to_numpy())
    reasons = np.where(texts.isna(), MISSING, "").astype(object)
    rows = texts[repeated].map(row_of)
    reasons[repeated.to_numpy(bool)] = [f"the id stands in row {row} already" for row in rows]
    return reasons


def rounded_ids(column: pd.Series, source: Source) -> pd.DataFrame:
    """Tell numbers so long that a column of floats holds only the nearest of them."""
    if not pd.api.types.is_float_dtype(column.dtype):
        return no_rejects()
    long = column[(column.abs() >= FLOAT_HOLDS).fillna(False).astype(bool)]
    return rejected_rows(file=source.file.name, rows=long.index, column=str(column.name), values=as_text(long), reason=ROUNDED)
