"""Cells of a foreign table as they are written: ids keep their zeros, numbers their digits."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pandas as pd

from ...geo.files import foreign_reader, require_file
from ...layers.delimited import require_lines
from ...layers.encodings import text_encoding
from ...layers.geoparquet import read_geoparquet

MARKS: Final = ",;\t|"


def read_cells(path: Path) -> pd.DataFrame:
    """Read .csv, .tsv, .txt (any usual delimiter and encoding) or .parquet as text; blank cells are "".

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    require_file(path)
    if path.suffix.lower() == ".parquet":
        with foreign_reader(path.name, "write it anew, or as CSV"):
            return _as_cells(read_geoparquet(path))
    require_lines(path)
    codec = text_encoding(path, None)
    with foreign_reader(path.name, "this is no table with a header line: mend it"):
        with path.open(encoding=codec) as stream:
            header = stream.readline()
        mark = max(MARKS, key=header.count)
        cells = pd.read_csv(path, sep=mark, encoding=codec, dtype="str", keep_default_na=False, skip_blank_lines=True)
    return cells.rename(columns=str.strip).fillna("")


def _as_cells(table: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({str(name): table[name].astype("str").where(table[name].notna(), "") for name in table.columns})
