"""Tables: CSV that people open, and Parquet; the only place where a table becomes a file.

Figures that do not exist are empty (null), never a number or a word that stands for nothing. CSV rounds to `DECIMALS`, no cell of
it is ever run as a formula, and it begins with a byte order mark, without which a spreadsheet on a Chinese Windows reads GBK.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from .about import file_metadata, joined_sources
from .columns import unit_of

DECIMALS: Final[Mapping[str, int]] = {"metres": 2, "degrees": 7}  # by unit: a centimetre
OTHER_DECIMALS: Final = 6  # minutes (60 microseconds), shares, people of a raster's cells
ATTRIBUTION: Final = "attribution"
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d+)?")
ARROW: Final = {float: pa.float64(), str: pa.string()}

Table = TypeVar("Table", bound=pd.DataFrame)
Write = Callable[[pd.DataFrame], None]


def write_csv(
    table: pd.DataFrame, path: str | Path, *, sources: Sequence[str] | None = None, exact: bool = False, bom: bool = True
) -> None:
    """Write a table as CSV in UTF-8.

    Parameters
    ----------
    table : DataFrame
        Without its index. Texts that a spreadsheet would run get an apostrophe in front.
    path : str or Path
        Its name says which columns are minutes, metres and degrees (see `columns`).
    sources : sequence of str, optional
        Whose data it is: a last column `attribution`; without them there is no such column.
    exact : bool
        Keep every digit, for tables that are read back and compared.
    bom : bool
        Begin with a byte order mark; off for tables that only programs read.
    """
    own = Path(path).name
    shown = {str(name): _shown(table[name], None if exact else _decimals(own, str(name))) for name in table}
    if sources is not None:
        shown[ATTRIBUTION] = pd.Series(joined_sources(sources), index=table.index, dtype="str")
    pd.DataFrame(shown, index=table.index).to_csv(
        path, index=False, encoding="utf-8-sig" if bom else "utf-8", lineterminator="\n"
    )


def write_arrow(table: Any, path: str | Path, *, sources: Sequence[str], more: Mapping[str, str] | None = None) -> None:
    """Write an Arrow table as Parquet; `more` are further entries of its metadata."""
    about = {**file_metadata(Path(path).name, table.column_names, sources), **(more or {})}
    pq.write_table(table.replace_schema_metadata({**(table.schema.metadata or {}), **about}), path, compression="zstd")


@contextmanager
def table_blocks(path: Path, columns: Mapping[str, type], *, kind: str, sources: Sequence[str]) -> Iterator[Write]:
    """Open a table that is too large to hold at once; gives what writes a block of its rows.

    Parameters
    ----------
    path : Path
        `.csv`, without a byte order mark and without a column of sources since only programs read so many rows, or `.parquet`.
    columns : mapping of name to float or str
        Texts of a CSV must have been through `defuse`: it is far cheaper before they are repeated.
    kind : str
        What the columns are looked up under (see `columns.meaning`): the file bears the user's name.
    sources : sequence of str
        For Parquet's metadata.
    """
    if path.suffix == ".csv":
        decimals = {name: _decimals(kind, name) for name, of in columns.items() if of is float}
        with path.open("w", encoding="utf-8", newline="") as opened:
            opened.write(",".join(columns) + "\n")
            yield lambda rows: with_nulls(rows).round(decimals).to_csv(opened, index=False, header=False)
        return
    fields = [pa.field(name, ARROW[of]) for name, of in columns.items()]
    schema = pa.schema(fields, metadata=file_metadata(kind, columns, sources))
    with pq.ParquetWriter(path, schema) as writer:
        yield lambda rows: writer.write_table(pa.Table.from_pandas(with_nulls(rows), schema=schema, preserve_index=False))


def with_nulls(table: Table) -> Table:
    """Return a table whose infinite figures are none: no file says inf."""
    endless = {str(name): _finite(table[name]) for name in table if _is_float(table[name]) and np.isinf(table[name]).any()}
    return table.assign(**endless) if endless else table


def defuse(texts: pd.Series[Any], *, numbers: bool = True) -> pd.Series[Any]:
    """Put an apostrophe before texts that a spreadsheet would run as a formula; a name is never a program.

    Parameters
    ----------
    texts : Series
    numbers : bool
        Also before numbers with a sign, which it would only calculate; off where programs look ids up.
    """
    whole = texts.astype("object")
    risky = whole.map(
        lambda text: isinstance(text, str) and text.startswith(_FORMULA_STARTS) and (numbers or _NUMBER.fullmatch(text) is None)
    )
    return whole.where(~risky.astype(bool), "'" + whole.astype(str))


def fused(texts: pd.Series[Any]) -> pd.Series[Any]:
    """Take away the apostrophes that `defuse` put before formulas."""
    without = texts.str.removeprefix("'")
    return without.where(defuse(without) == texts, texts).astype("str")


def _shown(values: pd.Series[Any], decimals: int | None) -> pd.Series[Any]:
    """Return a column as CSV shows it."""
    if _is_float(values):
        finite = _finite(values)
        return finite if decimals is None else finite.round(decimals) + 0.0  # -0.0 is 0
    is_text = values.dtype == object or pd.api.types.is_string_dtype(values)
    return defuse(values) if is_text else values


def _is_float(values: pd.Series[Any]) -> bool:
    return isinstance(values.dtype, np.dtype) and values.dtype.kind == "f"


def _finite(values: pd.Series[Any]) -> pd.Series[Any]:
    return values.where(np.isfinite(values))


def _decimals(file: str, column: str) -> int:
    return DECIMALS.get(unit_of(file, column), OTHER_DECIMALS)
