"""CSV that people open: no cell of a table is ever run as a formula."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_csv(table: pd.DataFrame, path: str | Path, *, encoding: str = "utf-8") -> None:
    """Write a table as CSV; figures that do not exist are empty.

    Parameters
    ----------
    table : DataFrame
        Without its index. Texts that a spreadsheet would run get an apostrophe in front.
    path : str or Path
    encoding : str
    """
    texts = [column for column in table if table[column].dtype == object or pd.api.types.is_string_dtype(table[column])]
    safe = table.assign(**{str(column): defuse(table[column]) for column in texts})
    safe.to_csv(path, index=False, encoding=encoding, lineterminator="\n")


def defuse(texts: pd.Series[Any]) -> pd.Series[Any]:
    """Put an apostrophe before texts that a spreadsheet would run as a formula; a name is never a program."""
    risky = texts.astype("object").map(lambda text: isinstance(text, str) and text.startswith(_FORMULA_STARTS))
    return texts.astype("object").where(~risky.astype(bool), "'" + texts.astype("object").astype(str))
