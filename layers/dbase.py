"""Whole numbers of a dBASE table as they are written: GDAL reads those of 19 figures and more as floats, and rounds them.

Its own remedy (ADJUST_TYPE) ends the process on some damaged files.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Final, TypeVar

import numpy as np
import pandas as pd

from .long_numbers import is_rounded

HEAD: Final = struct.Struct("<4xIHH")  # number of records, bytes of the header, bytes of a record
FIELD_BYTES: Final = 32
NAME_BYTES: Final = 11
WIDTH_AT: Final = 16
DELETED: Final = ord("*")
BLANK: Final = " \0*"  # a number that is missing is a row of asterisks
Table = TypeVar("Table", bound=pd.DataFrame)


def with_whole_numbers(table: Table, path: Path) -> Table:
    """Replace columns of floats that stand for long whole numbers by the texts of the file.

    Parameters
    ----------
    table : DataFrame
        All records of the file; names of columns have one character for each of their bytes.
    path : Path
        The .dbf file.
    """
    rounded = [str(name) for name in table.columns if is_rounded(table[name])]
    if not rounded:
        return table
    texts = _texts(path.read_bytes(), rounded)
    columns = {name: pd.Series(text, index=table.index, dtype="str") for name, text in texts.items() if len(text) == len(table)}
    whole = {name: text.where(text != "") for name, text in columns.items() if text.str.fullmatch(r"(-?\d+)?").all()}
    return table.assign(**whole)


def _texts(table: bytes, names: list[str]) -> dict[str, list[str]]:
    """Return the texts of fields without the blanks around them; records that are marked as deleted are left out."""
    count, start, width = HEAD.unpack(table[: HEAD.size].ljust(HEAD.size, b"\0"))
    cells = np.frombuffer(table, np.uint8, offset=min(start, len(table)))
    rows = min(count, len(cells) // width) if width else 0
    records = cells[: rows * width].reshape(rows, width)
    records = records[records[:, 0] != DELETED] if width else records
    texts = {}
    for name, first, last in _fields(table[FIELD_BYTES:start]):
        if name in names and last <= width:
            texts[name] = [bytes(cell).decode("latin-1").strip(BLANK) for cell in records[:, first:last]]
    return texts


def _fields(descriptors: bytes) -> list[tuple[str, int, int]]:
    """Return the name of every field, and where its text begins and ends in a record."""
    found, first = [], 1
    for at in range(0, len(descriptors) - FIELD_BYTES + 1, FIELD_BYTES):
        field = descriptors[at : at + FIELD_BYTES]
        name = field[:NAME_BYTES].partition(b"\0")[0].decode("latin-1")
        width = field[WIDTH_AT]
        if width:
            found.append((name, first, first + width))
        first += width
    return found
