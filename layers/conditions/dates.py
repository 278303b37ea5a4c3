"""Dates in order, as they are written: 2021-06-30, with or without a time, or only 2021-06 or 2021."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import pandas as pd

from .numbers import OPERATORS, Flags

CLOCK: Final = r"[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?"
ZONE: Final = r"(?:Z|[+-]\d{2}:?\d{2})"
DATE: Final = rf"\d{{4}}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01])(?:{CLOCK}{ZONE}?)?)?)?"
MIDNIGHT: Final = r"T00:00(?::00(?:\.0*)?)?$"


def literal_date(text: str) -> str | None:
    """Return the date that a text in a condition is, None where it is none; its zone is left out, as those of cells are."""
    return str(_plain(pd.Series([text], dtype="str"))[0]) if re.fullmatch(DATE, text, re.ASCII) else None


def stored_dates(cells: pd.Series) -> pd.Series:
    """Write a column of points in time as texts, to the second."""
    texts: pd.Series = cells.dt.strftime("%Y-%m-%dT%H:%M:%S").astype("str")
    return texts


def read_dates(texts: pd.Series) -> pd.Series:
    """Return the dates among texts, each as far as it is written; null where a text is none."""
    return _plain(texts.where(texts.str.fullmatch(DATE, flags=re.ASCII).fillna(False).astype(bool)).astype("str"))


def without_midnight(dates: pd.Series) -> pd.Series:
    """Leave out the times of midnight: a file of another kind would hold only the day."""
    return dates.str.replace(MIDNIGHT, "", regex=True)


def compare_dates(left: pd.Series, sign: str, right: pd.Series) -> tuple[Flags, Flags, Flags]:
    """Compare dates without blanks, row by row, as far as both are written.

    Returns
    -------
    told : (n,) bool
    left_vague, right_vague : (n,) bool
        Where this one is written less far, and is equal so far: then nothing is told.
    """
    told = OPERATORS[sign](left, right).to_numpy(bool)  # a date is written so that its characters are in its order
    lengths = [side.str.len().to_numpy(np.int64) for side in (left, right)]
    vague = np.zeros((2, len(told)), bool)
    for row in np.flatnonzero(lengths[0] != lengths[1]).tolist():
        one, other = str(left.iat[row]), str(right.iat[row])
        vague[0, row], vague[1, row] = other.startswith(one), one.startswith(other)
    return told, vague[0], vague[1]


def _plain(dates: pd.Series) -> pd.Series:
    return dates.str.replace(" ", "T", regex=False).str.replace(rf"(T.*?){ZONE}$", r"\1", regex=True)
