"""Workbooks (XLSX): one sheet as a table, within bounds that no office's sheet meets.

A workbook is a ZIP of XML: a few kilobytes may claim gigabytes, a sheet may claim cells that it does not have.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final
from zipfile import ZipFile

import openpyxl
import pandas as pd

from ..geo.errors import InputError, TooLargeError
from ..geo.files import foreign_reader, require_file
from .columns import infer_numbers
from .delimited import header_names

WORKBOOK_SUFFIXES: Final = (".xlsx", ".xlsm")
REMEDY: Final = "open it and save it again as XLSX"
MOST_BYTES: Final = 400_000_000  # unpacked
MOST_RATIO: Final = 200  # of what is unpacked to what is packed; sheets of one repeated word reach some 100
SMALL_BYTES: Final = 20_000_000  # whatever the ratio
MOST_PARTS: Final = 10_000
MOST_ROWS: Final = 1_048_576  # of a sheet, by its format
MOST_CELLS: Final = 50_000_000
MOST_READ: Final = 10 * MOST_CELLS  # with the blank ones that some programs write to the end of every row


def read_workbook(path: Path, *, sheet: str | None = None) -> pd.DataFrame:
    """Read one sheet whose first row holds the names of the columns.

    Parameters
    ----------
    path : Path
    sheet : str or None
        None takes the first.

    Returns
    -------
    DataFrame
        As `read_delimited` returns it; rows count from 1 below the header, blank ones are left out.

    Raises
    ------
    InputError
        If it is no workbook, or has no such sheet, or no header.
    TooLargeError
        If it holds more than any sheet that somebody keeps.
    """
    require_file(path)
    with foreign_reader(path.name, REMEDY):
        _require_size(path)
        book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
        try:
            rows = _rows(_sheet(book, sheet, path), path)
        finally:
            book.close()
    header, numbers, cells = rows
    table = pd.DataFrame(cells, columns=header, dtype="str")
    table = table.mask(table == "")
    table.index = pd.Index(numbers, name="row", dtype="int64")
    return table.apply(infer_numbers)


def _require_size(path: Path) -> None:
    """Believe the sizes that a ZIP states of its parts: zipfile never gives more than that."""
    with ZipFile(path) as packed:
        parts = packed.infolist()
    unpacked, packed_bytes = sum(part.file_size for part in parts), max(1, path.stat().st_size)
    if len(parts) > MOST_PARTS or unpacked > MOST_BYTES or (unpacked > SMALL_BYTES and unpacked > MOST_RATIO * packed_bytes):
        raise TooLargeError(f"{path.name}: unpacks to {unpacked:,} bytes, more than a sheet needs: save the sheet as CSV")


def _sheet(book: Any, sheet: str | None, path: Path) -> Any:
    if sheet is not None and sheet not in book.sheetnames:
        raise InputError(f"{path.name}: no sheet {sheet!r}; the sheets are: {', '.join(book.sheetnames)}")
    found = book[sheet] if sheet is not None else book.worksheets[0] if book.worksheets else None
    if found is None or not hasattr(found, "iter_rows"):
        raise InputError(f"{path.name}: no sheet of cells: {REMEDY}")
    return found


def _rows(sheet: Any, path: Path) -> tuple[list[str], list[int], list[list[str]]]:
    """Gather the header, and the number and cells of every row that is not blank."""
    sheet.reset_dimensions()  # what a sheet claims of its size is not believed
    given = sheet.iter_rows(max_row=MOST_ROWS, values_only=True)
    header = header_names(_trimmed(next(given, ())), file=path.name)
    numbers, cells, width, read = list[int](), list[list[str]](), len(header), 0
    for number, row in enumerate(given, start=1):
        read += len(row)
        texts = _trimmed(row)
        if texts:
            numbers.append(number)
            cells.append(texts)
            width = max(width, len(texts))
        if len(cells) * width > MOST_CELLS or read > MOST_READ:
            raise TooLargeError(f"{path.name}: has more than {MOST_CELLS:,} cells: save the sheet as CSV")
    header += [f"column_{place}" for place in range(len(header) + 1, width + 1)]
    return header, numbers, [[*row, *[""] * (len(header) - len(row))] for row in cells]


def _trimmed(row: Iterable[Any]) -> list[str]:
    """Return a row's texts without the blank cells at its end."""
    texts = [_text(value) for value in row]
    while texts and not texts[-1]:
        texts.pop()
    return texts


def _text(value: Any) -> str:
    """Write a cell as a spreadsheet's CSV would: whole numbers without a point, dates as 2021-06-30."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, dt.datetime) and value.time() == dt.time(0):
        return value.date().isoformat()
    return str(value).strip()
