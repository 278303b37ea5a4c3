"""How many rows a file has, before it is read: enough to foresee what it will take, within a second."""

from __future__ import annotations

from typing import Final

import pyarrow.parquet as pq

from ..geo.files import foreign_reader, require_file
from .source import Source
from .tables import DELIMITED_SUFFIXES, PARQUET_SUFFIXES
from .vector_files import feature_count

BLOCK_BYTES: Final = 1 << 22
COUNTED_SUFFIXES: Final = (".gpkg", ".shp", ".fgb")  # their headers say it; GeoJSON would have to be read


def row_count(source: Source) -> int | None:
    """Return the number of rows of a table or layer, None where only reading it would tell.

    Parameters
    ----------
    source : Source
        Of a delimited file the lines count, the header among them; of several layers, where none is named, the largest.

    Raises
    ------
    InputError
        If the file cannot be opened.
    """
    path = source.file
    kind = path.suffix.lower()
    if kind in DELIMITED_SUFFIXES:
        with foreign_reader(path.name, "export it again as CSV"), require_file(path).open("rb") as opened:
            return sum(block.count(b"\n") for block in iter(lambda: opened.read(BLOCK_BYTES), b""))
    if kind in PARQUET_SUFFIXES:
        with foreign_reader(path.name, "export it again"):
            return int(pq.ParquetFile(require_file(path)).metadata.num_rows)
    if kind in COUNTED_SUFFIXES:
        return feature_count(source)
    return None
