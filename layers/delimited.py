"""CSV and its relatives: any of the usual delimiters, any encoding, ragged rows set aside."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

import pandas as pd

from ..geo.errors import InputError
from .columns import infer_numbers
from .encodings import text_encoding
from .rejects import rejected_rows

DELIMITERS: Final = ",;\t|"
# Rows are turned into compact columns in portions, so that a long file never stands in memory as Python strings.
PORTION_ROWS: Final = 200_000
SNIFFED_LINES: Final = 20


def read_delimited(path: Path, *, encoding: str | None = None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read a delimited text file with a header line.

    Parameters
    ----------
    path : Path
    encoding : str or None
        Codec; None finds it by trial.

    Returns
    -------
    table : DataFrame
        Index `row` (1-based data row); numbers where a column holds nothing else, text otherwise.
    rejected : DataFrame
        Rows with more cells than the header.

    Raises
    ------
    InputError
        If the file is empty, has no header line, or cannot be decoded.
    """
    codec = text_encoding(path, encoding)
    with path.open(encoding=codec, newline="") as stream:
        rows = _Rows(path=path, codec=codec, delimiter=_delimiter(list(islice(stream, SNIFFED_LINES))))
    portions = [pd.DataFrame(cells, columns=rows.header, dtype="str") for cells in rows.portions()]
    table = pd.concat(portions, ignore_index=True) if portions else pd.DataFrame(columns=rows.header, dtype="str")
    table = table.mask(table == "")
    table.index = pd.Index(rows.numbers, name="row", dtype="int64")
    return table.apply(infer_numbers), rows.rejected()


@dataclass
class _Rows:
    """The rows of one file as they are read: well-formed ones with their numbers, ragged ones apart."""

    path: Path
    codec: str
    delimiter: str
    header: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    ragged: list[tuple[int, list[str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        with self.path.open(encoding=self.codec, newline="") as stream:
            first = next(self._cells(stream), [])
        self.header = _header(first, file=self.path.name)

    def portions(self) -> Iterator[list[list[str]]]:
        with self.path.open(encoding=self.codec, newline="") as stream:
            good = self._good(islice(self._cells(stream), 1, None))
            while portion := list(islice(good, PORTION_ROWS)):
                yield portion

    def rejected(self) -> pd.DataFrame:
        return rejected_rows(
            file=self.path.name,
            rows=[number for number, _ in self.ragged],
            column="",
            values=[self.delimiter.join(cells)[:200] for _, cells in self.ragged],
            reason=f"more cells than the header's {len(self.header)}: quote texts that hold {self.delimiter!r}",
        )

    def _cells(self, stream: Iterator[str]) -> Iterator[list[str]]:
        reader = csv.reader(stream, delimiter=self.delimiter)
        try:
            yield from (cells for cells in reader if cells)
        except csv.Error as error:
            raise InputError(
                f"{self.path.name}: line {reader.line_num} cannot be read as CSV ({error}): mend its quotes"
            ) from error

    def _good(self, rows: Iterator[list[str]]) -> Iterator[list[str]]:
        width = len(self.header)
        for number, cells in enumerate(rows, start=1):
            if len(cells) > width and any(cell.strip() for cell in cells[width:]):
                self.ragged.append((number, cells))
                continue
            self.numbers.append(number)
            # Spreadsheets drop or add empty cells at the end of a line; that loses nothing.
            yield cells if len(cells) == width else cells[:width] + [""] * (width - len(cells))


def _delimiter(lines: list[str]) -> str:
    """Choose the mark that all lines hold equally often, then the one the header holds most."""
    if not lines:
        return DELIMITERS[0]
    return max(DELIMITERS, key=lambda mark: (_is_even(lines, mark), lines[0].count(mark)))


def _is_even(lines: list[str], mark: str) -> bool:
    return mark in lines[0] and len({line.count(mark) for line in lines}) == 1


def _header(cells: list[str], *, file: str) -> list[str]:
    if not cells:
        raise InputError(f"{file}: the file is empty: it needs a header line such as id,lon,lat and rows below it")
    data = next((cell for cell in cells if _is_measured(cell)), None)
    if data is not None:
        raise InputError(
            f"{file}: the first line is data, not column names (it holds {data.strip()!r}): "
            "add a header line such as id,name,lon,lat"
        )
    names = [cell.strip() or f"column_{place}" for place, cell in enumerate(cells, start=1)]
    repeated = next((name for name in names if names.count(name) > 1), None)
    if repeated is not None:
        raise InputError(f"{file}: two columns are called {repeated!r}: rename one of them")
    return names


def _is_measured(cell: str) -> bool:
    """Tell a number with decimals, which no column is called (a year such as 2020 may be)."""
    try:
        float(cell)
    except ValueError:
        return False
    return "." in cell
