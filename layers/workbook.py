"""Workbooks (XLSX): one sheet as a table, within bounds that no office's sheet meets.

A workbook is a ZIP of XML: a few kilobytes may claim gigabytes, a sheet may claim cells that it does not have.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any, Final
from zipfile import ZipFile

import openpyxl
import pandas as pd

from ..geo.errors import InputError, TooLargeError, said
from ..geo.files import foreign_reader, require_file
from .columns import infer_numbers
from .delimited import header_names
from .ids import OWN
from .rejects import join_rejects, rejected_rows
from .source import Source

WORKBOOK_SUFFIXES: Final = (".xlsx", ".xlsm")
REMEDY: Final = "open it and save it again as XLSX"
MOST_BYTES: Final = 400_000_000  # unpacked
MOST_RATIO: Final = 200  # of what is unpacked to what is packed; sheets of one repeated word reach some 100
SMALL_BYTES: Final = 20_000_000  # whatever the ratio
MOST_PARTS: Final = 10_000
MOST_ROWS: Final = 1_048_576  # of a sheet, by its format
MOST_CELLS: Final = 50_000_000
ZEROS: Final = re.compile("0{2,}")
KEPT_DIGITS: Final = 15
ROUNDED: Final = (
    "note: spreadsheets keep 15 digits of a number, so the last ones may be wrong: make the column text and enter it again"
)
DATED: Final = "note: the spreadsheet has made a date of this id: make the column text and enter it again"
MOST_READ: Final = 10 * MOST_CELLS  # with the blank ones that some programs write to the end of every row


def read_workbook(source: Source) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read one sheet with a row of column names.

    Parameters
    ----------
    source : Source
        Its `sheet` and `header_row` count.

    Returns
    -------
    table : DataFrame
        As `read_delimited` returns it; rows count from 1 below the header, blank ones are left out.
    rejected : DataFrame
        Notes of numbers so long that a spreadsheet has lost their last digits, and of ids of which it has made dates.

    Raises
    ------
    InputError
        If it is no workbook, or has no such sheet, or no header.
    TooLargeError
        If it holds more than any sheet that somebody keeps.
    """
    path = source.file
    require_file(path)
    with foreign_reader(path.name, REMEDY):
        _require_size(path)
        book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
        try:
            rows = _Rows(_sheet(book, source.sheet, path), source)
        finally:
            book.close()
    table = pd.DataFrame(rows.cells, columns=rows.header, dtype="str")
    table = table.mask(table == "")
    table.index = pd.Index(rows.numbers, name="row", dtype="int64")
    return table.apply(infer_numbers), rows.notes()


def _require_size(path: Path) -> None:
    """Believe the sizes that a ZIP states of its parts: zipfile never gives more than that."""
    with ZipFile(path) as packed:
        parts = packed.infolist()
    unpacked, packed_bytes = sum(part.file_size for part in parts), max(1, path.stat().st_size)
    if len(parts) > MOST_PARTS or unpacked > MOST_BYTES or (unpacked > SMALL_BYTES and unpacked > MOST_RATIO * packed_bytes):
        raise TooLargeError(
            "{file}: unpacks to {unpacked:,} bytes, more than a sheet needs: save the sheet as CSV",
            file=path.name,
            unpacked=unpacked,
        )


def _sheet(book: Any, sheet: str | None, path: Path) -> Any:
    if sheet is not None and sheet not in book.sheetnames:
        raise InputError(
            "{file}: no sheet {sheet!r}; the sheets are: {sheetnames}",
            file=path.name,
            sheet=sheet,
            sheetnames=", ".join(book.sheetnames),
        )
    found = book[sheet] if sheet is not None else book.worksheets[0] if book.worksheets else None
    if found is None or not hasattr(found, "iter_rows"):
        raise InputError("{file}: no sheet of cells: {remedy}", file=path.name, remedy=said(REMEDY))
    return found


class _Rows:
    """The header of a sheet, and the number and cells of every row that is not blank."""

    def __init__(self, sheet: Any, source: Source) -> None:
        self.file, above = source.file.name, (source.header_row or 1) - 1
        self.numbers, self.cells, self._noted = list[int](), list[list[str]](), list[tuple[int, str, int, str]]()
        sheet.reset_dimensions()  # what a sheet claims of its size is not believed
        given = sheet.iter_rows(min_row=above + 1, max_row=MOST_ROWS)
        self.header = header_names(_trimmed([_text(cell) for cell in next(given, ())]), file=self.file)
        self._ids = [place for place, name in enumerate(self.header) if name == source.id or name.casefold() in OWN]
        self._read(given)
        width = max((len(row) for row in self.cells), default=0)
        self.header += [f"column_{place}" for place in range(len(self.header) + 1, width + 1)]
        self.cells = [[*row, *[""] * (len(self.header) - len(row))] for row in self.cells]

    def notes(self) -> pd.DataFrame:
        """List the numbers whose last digits a spreadsheet has lost, and the ids of which it has made dates."""
        notes = []
        for (place, reason), noted in groupby(sorted(self._noted), key=lambda note: note[:2]):
            _, _, rows, texts = zip(*noted, strict=True)
            notes.append(rejected_rows(file=self.file, rows=rows, column=self.header[place], values=texts, reason=reason))
        return join_rejects(notes)

    def _read(self, given: Iterable[Sequence[Any]]) -> None:
        width, read = len(self.header), 0
        for number, row in enumerate(given, start=1):
            read += len(row)
            texts = _trimmed([_text(cell) for cell in row])
            if texts:
                self.numbers.append(number)
                self.cells.append(texts)
                self._noted += [(at, ROUNDED, number, texts[at]) for at, cell in enumerate(row) if _is_rounded(cell.value)]
                self._noted += [(at, DATED, number, texts[at]) for at in self._ids if _is_date(row, at)]
                width = max(width, len(texts))
            if len(self.cells) * width > MOST_CELLS or read > MOST_READ:
                raise TooLargeError(
                    "{file}: has more than {most_cells:,} cells: save the sheet as CSV", file=self.file, most_cells=MOST_CELLS
                )


def _trimmed(texts: list[str]) -> list[str]:
    """Leave out the blank cells at a row's end."""
    while texts and not texts[-1]:
        texts.pop()
    return texts


def _text(cell: Any) -> str:
    """Write a cell as it is shown: whole numbers without a point, with the zeros of a format 0000, dates as 2021-06-30."""
    value = cell.value
    if value is None:
        return ""
    whole = _whole(value)
    if whole is not None:
        zeros = cell.number_format if ZEROS.fullmatch(cell.number_format or "") else ""
        return str(whole).zfill(len(zeros))
    if isinstance(value, dt.datetime) and value.time() == dt.time(0):
        return value.date().isoformat()
    return str(value).strip()


def _is_date(row: Sequence[Any], at: int) -> bool:
    return at < len(row) and isinstance(row[at].value, (dt.date, dt.time, dt.timedelta))


def _whole(value: Any) -> int | None:
    if isinstance(value, float) and value.is_integer():
        return int(Decimal(repr(value)))  # the digits that were written, not those of the nearest float
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _is_rounded(value: Any) -> bool:
    """Tell numbers of more digits than a spreadsheet keeps; a program that is none may have written all of them into the file."""
    whole = _whole(value)
    if whole is None or abs(whole) < 10**KEPT_DIGITS:
        return False
    return isinstance(value, float) or not str(abs(whole))[KEPT_DIGITS:].strip("0")
