"""Whole numbers that a column of floats would round: ids of 16 and more figures in a column with blanks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa

from .columns import FLOAT_HOLDS


def keep_figures(table: pd.DataFrame, read: Callable[[list[str]], pa.Table]) -> pd.DataFrame:
    """Read columns again as text where a blank among whole numbers has turned all of them to floats, and rounded some.

    Ids of that length in a CSV file are text too.

    Parameters
    ----------
    table : DataFrame
        As a library has read it.
    read : callable
        Gives columns as they stand in the file, row by row the same.
    """
    names = [str(name) for name in table.columns if is_rounded(table[name])]
    cells = read(names) if names else None
    whole = [name for name in names if cells is not None and pa.types.is_integer(cells.schema.field(name).type)]
    texts = {name: cells.column(name).cast(pa.string()).to_pandas().to_numpy() for name in whole}  # type: ignore[union-attr]
    return table.assign(**{name: pd.Series(text, index=table.index, dtype="str") for name, text in texts.items()})


def is_rounded(column: pd.Series) -> bool:
    """Tell whether a column of floats holds numbers so long that each stands for several whole ones."""
    return column.dtype == np.float64 and bool(column.abs().ge(FLOAT_HOLDS).any())
