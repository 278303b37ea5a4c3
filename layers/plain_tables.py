"""Tables whose texts show what they hold; which characters do not is said in `geo.plain_text`."""

from __future__ import annotations

from typing import Final

import pandas as pd

from ..geo.plain_text import HIDDEN, SEARCHED, hidden_characters, plain
from .rejects import no_rejects, rejected_rows

NOTE: Final = "note: characters that cannot be seen were taken out of the text"


def plain_table(table: pd.DataFrame, *, file: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Take hidden characters out of every text of a table.

    Parameters
    ----------
    table : DataFrame
        Its index numbers the rows of the file.
    file : str

    Returns
    -------
    table : DataFrame
        The same object where there was nothing to take out.
    notes : DataFrame
        One reject note per changed cell, with the characters instead of the text: it must not be shown as it was.
    """
    notes, changed = [], {}
    for name in table.columns:
        column = table[name]
        if not _may_hold_text(column):
            continue
        pattern = HIDDEN if column.dtype == object else SEARCHED
        odd = column[column.str.contains(pattern, regex=True).fillna(False).astype(bool)]
        if odd.empty:
            continue
        values = [" ".join(hidden_characters(text)) for text in odd]
        rows = [int(row) for row in odd.index]
        notes.append(rejected_rows(file=file, rows=rows, column=str(name), values=values, reason=NOTE))
        changed[name] = column.where(~column.index.isin(odd.index), column.map(plain, na_action="ignore"))
    if not changed:
        return table, no_rejects()
    return table.assign(**changed), pd.concat(notes, ignore_index=True)


def _may_hold_text(column: pd.Series) -> bool:
    """Parquet also brings objects that are no texts: decimals, times of day, bytes, true and false with blanks between."""
    if column.dtype != object:
        return bool(pd.api.types.is_string_dtype(column.dtype))
    return pd.api.types.infer_dtype(column, skipna=True) in ("string", "mixed", "mixed-integer")
