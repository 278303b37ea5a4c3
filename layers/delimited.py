"""CSV and its relatives: any of the usual delimiters, any encoding, ragged rows set aside."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

import pandas as pd

from ..geo.errors import InputError, TooLargeError, said
from ..geo.files import foreign_reader, require_file
from .columns import infer_numbers
from .encodings import text_encoding
from .plain_tables import plain_table
from .rejects import join_rejects, rejected_rows
from .source import Source

DELIMITERS: Final = ",;\t|"
# Rows are turned into compact columns in portions, so that a long file never stands in memory as Python strings.
PORTION_ROWS: Final = 200_000
PORTION_CELLS: Final = 4_000_000
SNIFFED_LINES: Final = 20
REMEDY: Final = "export it again as CSV"
# Far beyond any table that somebody keeps, and within what a reader can hold.
MOST_LINE_BYTES: Final = 10_000_000
MOST_COLUMNS: Final = 10_000
MOST_CELLS: Final = 500_000_000
BLOCK_BYTES: Final = 1 << 20


def read_delimited(source: Source) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read a delimited text file with a header line.

    Parameters
    ----------
    source : Source
        Its `encoding` and `header_row` count.

    Returns
    -------
    table : DataFrame
        Index `row` (1-based data row); numbers where a column holds nothing else and their text is not lost, text otherwise.
    rejected : DataFrame
        Rows with more cells than the header, and notes of texts with hidden characters, which are taken out.

    Raises
    ------
    InputError
        If the file is empty, has no header line, or cannot be decoded.
    """
    path, above = source.file, (source.header_row or 1) - 1
    require_lines(path)
    codec = text_encoding(path, source.encoding)
    with foreign_reader(path.name, REMEDY), path.open(encoding=codec, newline="") as stream:
        rows = _Rows(
            path=path, codec=codec, delimiter=_delimiter(list(islice(stream, above, above + SNIFFED_LINES))), above=above
        )
    with foreign_reader(path.name, REMEDY):
        portions = [pd.DataFrame(cells, columns=rows.header, dtype="str") for cells in rows.portions()]
    table = pd.concat(portions, ignore_index=True) if portions else pd.DataFrame(columns=rows.header, dtype="str")
    table = table.mask(table == "")
    table.index = pd.Index(rows.numbers, name="row", dtype="int64")
    table, hidden = plain_table(table.apply(infer_numbers), file=path.name)
    return table, join_rejects([rows.rejected(), hidden])


def require_lines(path: Path) -> None:
    """Refuse a file whose lines have no end, before one of them is taken into memory.

    Raises
    ------
    InputError
        Naming the line.
    """
    require_file(path)
    length, lines = 0, 1
    with foreign_reader(path.name, REMEDY), path.open("rb") as stream:
        while block := stream.read(BLOCK_BYTES):
            ends = block.count(b"\n") + block.count(b"\r")
            if ends:
                length, lines = 0, lines + block.count(b"\n")
            length += len(block) - 1 - max(block.rfind(b"\n"), block.rfind(b"\r"))
            if length > MOST_LINE_BYTES:
                raise InputError(
                    "{file}: line {lines} has more than {most_line_bytes} MB: this is no table",
                    file=path.name,
                    lines=lines,
                    most_line_bytes=MOST_LINE_BYTES // 1_000_000,
                )


@dataclass
class _Rows:
    """The rows of one file as they are read: well-formed ones with their numbers, ragged ones apart."""

    path: Path
    codec: str
    delimiter: str
    above: int = 0  # lines over the header
    header: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    ragged: list[tuple[int, list[str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        with self.path.open(encoding=self.codec, newline="") as stream:
            first = next(self._cells(stream), [])
        self.header = header_names(first, file=self.path.name)

    def portions(self) -> Iterator[list[list[str]]]:
        with self.path.open(encoding=self.codec, newline="") as stream:
            good = self._good(islice(self._cells(stream), 1, None))  # without the header
            while portion := list(islice(good, max(1, min(PORTION_ROWS, PORTION_CELLS // len(self.header))))):
                if len(self.numbers) * len(self.header) > MOST_CELLS:
                    raise TooLargeError(
                        "{file}: has more than {most_cells:,} cells: leave out columns or rows",
                        file=self.path.name,
                        most_cells=MOST_CELLS,
                    )
                yield portion

    def rejected(self) -> pd.DataFrame:
        return rejected_rows(
            file=self.path.name,
            rows=[number for number, _ in self.ragged],
            column="",
            values=[self.delimiter.join(cells)[:200] for _, cells in self.ragged],
            reason=said(
                "more cells than the header's {header}: quote texts that hold {delimiter!r}",
                header=len(self.header),
                delimiter=self.delimiter,
            ),
        )

    def _cells(self, stream: Iterator[str]) -> Iterator[list[str]]:
        reader = csv.reader(islice(stream, self.above, None), delimiter=self.delimiter)
        try:
            yield from (cells for cells in reader if cells)
        except csv.Error as error:
            raise InputError(
                "{file}: line {above} cannot be read as CSV ({error}): mend its quotes",
                file=self.path.name,
                above=self.above + reader.line_num,
                error=error,
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


def header_names(cells: list[str], *, file: str) -> list[str]:
    """Return the names of a header line, stripped; a blank one is called by its place.

    Raises
    ------
    InputError
        If it is empty, has data instead of names, a name twice, or more names than a table has.
    """
    if not cells:
        raise InputError("{file}: the file is empty: it needs a header line such as id,lon,lat and rows below it", file=file)
    if len(cells) > MOST_COLUMNS:
        raise InputError(
            "{file}: the first line has {cells:,} cells, more than the {most:,} columns of any table",
            file=file,
            cells=len(cells),
            most=MOST_COLUMNS,
        )
    data = next((cell for cell in cells if _is_measured(cell)), None)
    if data is not None:
        raise InputError(
            "{file}: the first line is data, not column names (it holds {data!r}): add a header line such as id,name,lon,lat",
            file=file,
            data=data.strip(),
        )
    names = [cell.strip() or f"column_{place}" for place, cell in enumerate(cells, start=1)]
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise InputError("{file}: two columns are called {repeated!r}: rename one of them", file=file, repeated=repeated[0])
    return names


def _is_measured(cell: str) -> bool:
    """Tell a number with decimals, which no column is called (a year such as 2020 may be)."""
    try:
        float(cell)
    except ValueError:
        return False
    return "." in cell
