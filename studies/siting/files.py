"""Cells of a foreign table as they are written: ids keep their zeros, numbers their digits."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pandas as pd
from pandas.errors import EmptyDataError, ParserError

from ...geo.errors import InputError
from ...layers.encodings import text_encoding

MARKS: Final = ",;\t|"


def read_cells(path: Path) -> pd.DataFrame:
    """Read .csv, .tsv, .txt (any usual delimiter and encoding) or .parquet as text; blank cells are "".

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    if not path.is_file():
        raise InputError(f"{path.name}: there is no such file: correct its path.")
    if path.suffix.lower() == ".parquet":
        return _as_cells(_read_parquet(path))
    codec = text_encoding(path, None)
    with path.open(encoding=codec) as stream:
        header = stream.readline()
    mark = max(MARKS, key=header.count)
    try:
        cells = pd.read_csv(path, sep=mark, encoding=codec, dtype="str", keep_default_na=False, skip_blank_lines=True)
    except (EmptyDataError, ParserError) as error:
        raise InputError(f"{path.name}: this is no table with a header line ({str(error).strip()}): mend it.") from error
    return cells.rename(columns=str.strip).fillna("")


def _read_parquet(path: Path) -> pd.DataFrame:
    try:
        return pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise InputError(f"{path.name}: this is no Parquet file ({error}): write it anew, or as CSV.") from error


def _as_cells(table: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({str(name): table[name].astype("str").where(table[name].notna(), "") for name in table.columns})
