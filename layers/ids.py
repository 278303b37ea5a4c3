"""Ids and names: what the rows of a file are called, alike for every reader; an id is the text that stands in the file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from ..geo.errors import said
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


def own_ids(rows: pd.DataFrame) -> str | None:
    """Return a file's own column of ids, where it has one: it is called `id`, in any capitals.

    At least half of the rows must have an id of their own in it: drawing programs make such columns and leave them blank.
    """
    own = first_column(rows, OWN)
    return own if own is not None and 2 * as_text(rows[own]).nunique() >= len(rows) else None


def find_ids(layer: Layer, source: Source, *, numbered: str = "") -> Ids:
    """Read the ids of rows: of the column that the source names, else of the file's own, else the row numbers.

    Parameters
    ----------
    layer : Layer
    source : Source
    numbered : str
        Stands before the number of a row without ids.

    Raises
    ------
    InputError
        If the named column is missing.
    """
    rows, file = layer.table, source.file.name
    column = layer.own_ids if source.id is None else require_column(rows, source.id, file=file)
    if column is not None:
        texts = as_text(rows[column])
        return Ids(column, texts, _reasons(texts), rounded_ids(rows[column], source))
    numbers = numbered + pd.Series(rows.index, index=rows.index).astype("str")
    passed_by = [name for name in (first_column(rows, OWN),) if name is not None]
    notes = [rejected_rows(file=file, rows=[None], column=name, values=[None], reason=NO_NAMES) for name in passed_by]
    return Ids(None, numbers, np.full(len(rows), "", dtype=object), join_rejects(notes))


def with_ids(layer: Layer, source: Source, *, numbered: str = "") -> tuple[Layer, pd.Series]:
    """Reject the rows whose id is blank or stands in an earlier row; return the others, and their ids."""
    ids = find_ids(layer, source, numbered=numbered)
    noted = replace(layer, rejected=join_rejects([layer.rejected, ids.notes]))
    kept = reject_rows(noted, ids.reasons, file=source.file.name, column=ids.column or "", values=ids.texts)
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


def _reasons(texts: pd.Series) -> Reasons:
    repeated = texts.notna() & texts.duplicated()
    first = texts.drop_duplicates().dropna()
    row_of = pd.Series(first.index, index=first.to_numpy())
    reasons = np.where(texts.isna(), MISSING, "").astype(object)
    rows = texts[repeated].map(row_of)
    reasons[repeated.to_numpy(bool)] = [said("the id stands in row {row} already", row=row) for row in rows]
    return reasons


def rounded_ids(column: pd.Series, source: Source) -> pd.DataFrame:
    """Tell numbers so long that a column of floats holds only the nearest of them."""
    if not pd.api.types.is_float_dtype(column.dtype):
        return no_rejects()
    long = column[(column.abs() >= FLOAT_HOLDS).fillna(False).astype(bool)]
    return rejected_rows(file=source.file.name, rows=long.index, column=str(column.name), values=as_text(long), reason=ROUNDED)
