"""Flags and numbers of facilities and zones: yes or no or unknown, and figures that are set aside where they are none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from .columns import as_numbers, as_text, require_column
from .rejects import join_rejects, no_rejects, rejected_rows

YES: Final = frozenset(
    {"yes", "y", "true", "1", "是", "有", "对", "√", "✓", "已", "已建", "已达标", "达标", "开放", "已开放", "合格"}
)
NO: Final = frozenset(
    {"no", "n", "false", "0", "否", "无", "没有", "×", "✗", "未", "未建", "不达标", "未达标", "不开放", "未开放", "不合格"}
)


def read_flags(rows: pd.DataFrame, flags: Mapping[str, str], *, file: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read columns of yes and no.

    Parameters
    ----------
    rows : DataFrame
        Index: row numbers of the file.
    flags : mapping of name to column
    file : str

    Returns
    -------
    table : DataFrame
        `flag.<name>` (nullable boolean) per flag; null where the cell is blank or neither yes nor no.
    rejected : DataFrame
        The cells that are neither.

    Raises
    ------
    InputError
        If a column is missing.
    """
    columns: dict[str, pd.Series] = {}
    notes = [no_rejects()]
    for name, column in flags.items():
        stated = as_text(rows[require_column(rows, column, file=file)])
        words = stated.str.casefold()
        yes, no = words.isin(YES), words.isin(NO)
        columns[f"flag.{name}"] = yes.astype("boolean").where(yes | no)
        strange = stated.notna() & ~yes & ~no
        notes.append(_set_aside(stated, strange, column, file, "note: neither yes nor no (是 or 否); the flag counts as unknown"))
    return pd.DataFrame(columns, index=rows.index), join_rejects(notes)


def read_numbers(rows: pd.DataFrame, numbers: Mapping[str, str], *, file: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read columns of figures from 0 up; `95%` is 0.95.

    Parameters
    ----------
    rows, file
        As in `read_flags`.
    numbers : mapping of name to column

    Returns
    -------
    table : DataFrame
        `number.<name>` (float64, NaN where the cell is blank or no figure) per name.
    rejected : DataFrame
        The cells that are no figure.

    Raises
    ------
    InputError
        If a column is missing.
    """
    columns: dict[str, pd.Series] = {}
    notes = [no_rejects()]
    for name, column in numbers.items():
        stated = rows[require_column(rows, column, file=file)]
        values = figures(stated)
        usable = np.isfinite(values) & (values >= 0)
        columns[f"number.{name}"] = values.where(usable)
        strange = as_text(stated).notna() & ~usable
        notes.append(_set_aside(stated, strange, column, file, "note: no number from 0 up; the figure counts as unknown"))
    return pd.DataFrame(columns, index=rows.index), join_rejects(notes)


def figures(stated: pd.Series) -> pd.Series:
    """Read numbers, and per cent as shares; what is neither is NaN."""
    if not pd.api.types.is_string_dtype(stated.dtype):
        return as_numbers(stated)
    text = stated.str.strip().str.replace("％", "%")
    percent = text.str.endswith("%").fillna(False).astype(bool)
    values = as_numbers(text.str.removesuffix("%"))
    return values.where(~percent, values / 100)


def _set_aside(stated: pd.Series, strange: pd.Series, column: str, file: str, reason: str) -> pd.DataFrame:
    return rejected_rows(file=file, rows=stated.index[strange], column=column, values=stated[strange], reason=reason)
