"""Rows refused, and values set aside, with the reason: the one form in which every reader reports them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import repeat
from typing import Any, Final

import pandas as pd

COLUMNS: Final = ("file", "row", "column", "value", "reason")


def rejected_rows(
    *, file: str, rows: Iterable[int | None], column: str, values: Iterable[Any], reason: str | Iterable[str]
) -> pd.DataFrame:
    """List rows refused.

    Parameters
    ----------
    file : str
        Name of the file the rows stand in.
    rows : iterable of int
        1-based data rows, the header not counted; None where no single row is meant.
    column : str
        Where the trouble is; `geometry` for shapes.
    values : iterable
        The offending values, one per row; written as text.
    reason : str or iterable of str
        One for all rows, or one for each.
    """
    pairs = list(zip(rows, values, strict=True))
    reasons = repeat(reason, len(pairs)) if isinstance(reason, str) else reason
    records = [(file, row, column, _shown(value), why) for (row, value), why in zip(pairs, reasons, strict=True)]
    return _typed(pd.DataFrame(records, columns=list(COLUMNS), dtype=object)) if records else no_rejects()


def no_rejects() -> pd.DataFrame:
    """Return an empty table of the same form."""
    return _none().copy()


def join_rejects(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Stack several tables of rejects."""
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else no_rejects()


@cache
def _none() -> pd.DataFrame:
    """Most columns hold nothing odd, and typing an empty table takes milliseconds."""
    return _typed(pd.DataFrame(columns=list(COLUMNS)))


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    return table.astype(
        {"file": "str", "row": "Int64", "column": "str", "value": "str", "reason": object}
    )  # a Sentence is more than its text


def _shown(value: Any) -> str:
    return "" if value is None or value is pd.NA or value != value else str(value)
