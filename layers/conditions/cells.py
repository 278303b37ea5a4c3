"""The cells of one column, read as the texts, numbers or dates that they are."""

from __future__ import annotations

from functools import cached_property
from typing import Final, Literal

import pandas as pd

from ..columns import MISSING_NUMBERS, PLAIN_NUMBER, as_text
from .dates import read_dates, stored_dates
from .numbers import Flags, Numbers, read_numbers, stored_numbers

Stored = Literal["flag", "number", "date", "text"]
Kind = Literal["number", "date", "text", "blank"]


class Cells:
    """One column of a table; what is asked of it more than once is read once.

    Attributes
    ----------
    stored : {"flag", "number", "date", "text"}
        What the file's own type says.
    """

    def __init__(self, column: pd.Series) -> None:
        if column.dtype == object and pd.api.types.infer_dtype(column, skipna=True) == "boolean":
            column = column.astype("boolean")  # true and false with blanks between
        self.column = column
        self.stored: Final = _stored(column)

    @cached_property
    def texts(self) -> pd.Series:
        """Stripped text, dates as 2021-06-30, null where blank."""
        return as_text(_dates_as_text(self.column) if self.stored == "date" else self.column)

    @cached_property
    def blank(self) -> Flags:
        return (self.column if self.stored != "text" else self.texts).isna().to_numpy(bool)

    @cached_property
    def numbers(self) -> Numbers:
        return stored_numbers(self.column) if self.stored in ("flag", "number") else read_numbers(self.texts)

    @cached_property
    def no_numbers(self) -> Flags:
        """Cells that hold something, but neither a number nor a tool's word for a missing one."""
        return self._filled & ~self.numbers.known

    @cached_property
    def dates(self) -> pd.Series:
        return stored_dates(self.column) if self.stored == "date" else read_dates(self.texts)

    @cached_property
    def no_dates(self) -> Flags:
        return self._filled & self.dates.isna().to_numpy(bool)

    @cached_property
    def kind(self) -> Kind:
        """What most of the filled cells are, whatever stands in the others: one `unknown` turns no numbers into texts."""
        if not self._filled.any():
            return "blank"
        if self.stored != "text":
            return "date" if self.stored == "date" else "number"
        return "number" if self._mostly(~self.no_numbers) else "date" if self._mostly(~self.no_dates) else "text"

    @property
    def is_code(self) -> bool:
        """Tell whether equal values may be different texts: 0571 and 571 are two codes, 10 and 10.0 one number."""
        return not self._mostly(self.texts.str.fullmatch(PLAIN_NUMBER).fillna(False).to_numpy(bool))

    def shown(self, rows: Flags) -> str:
        """Return the first of some cells as an error shows it."""
        return repr(self.texts[rows].iloc[0])

    @cached_property
    def _filled(self) -> Flags:
        if self.stored != "text":
            return ~self.blank
        return (self.texts.notna() & ~self.texts.isin(MISSING_NUMBERS)).to_numpy(bool)

    def _mostly(self, rows: Flags) -> bool:
        return 2 * int((rows & self._filled).sum()) > int(self._filled.sum())


def _stored(column: pd.Series) -> Stored:
    kind = column.dtype
    if pd.api.types.is_bool_dtype(kind):
        return "flag"
    if pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_complex_dtype(kind):
        return "number"
    return "date" if pd.api.types.is_datetime64_any_dtype(kind) else "text"


def _dates_as_text(cells: pd.Series) -> pd.Series:
    whole = cells.dropna().dt.time.map(lambda time: time.isoformat() == "00:00:00").all()
    texts: pd.Series = cells.dt.strftime("%Y-%m-%d" if whole else "%Y-%m-%dT%H:%M:%S")
    return texts
