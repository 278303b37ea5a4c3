"""Areas of land that a study is about or counts as urban: polygons from a file; what is no polygon is told, not left out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import shapely

from .layer import Layer, first_reasons, refuse_empty, reject_rows
from .source import Source, as_source
from .tables import read_table

NO_POLYGON = "an area is a polygon; points and lines enclose nothing"


def read_areas(source: Source | str | Path) -> Layer:
    """Read polygons.

    Returns
    -------
    Layer
        The file's columns and `geometry`, polygons only; other shapes are rejected.

    Raises
    ------
    InputError
        If the file cannot be used, or holds no polygon.
    """
    placing = as_source(source)
    read = refuse_empty(read_table(placing), file=placing.file.name)
    flat = shapely.get_dimensions(read.table.geometry.to_numpy()) < 2
    reasons = first_reasons(len(flat), (np.asarray(flat, bool), NO_POLYGON))
    kinds = read.table.geometry.geom_type
    kept = reject_rows(read, reasons, file=placing.file.name, column="geometry", values=kinds)
    return refuse_empty(kept, file=placing.file.name)
