"""A layer: features read from a file in WGS 84, with the rows that had to be refused beside them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from ..geo.errors import InputError, said
from .rejects import join_rejects, rejected_rows


@dataclass(frozen=True)
class Layer:
    """Features and refused rows.

    Attributes
    ----------
    table : GeoDataFrame
        EPSG:4326; index `row` is the 1-based data row of the file (the header not counted).
    rejected : DataFrame
        `file, row, column, value, reason`; a row listed here is missing from `table` unless the reason says that only
        a value was set aside.
    assumed : bool
        Whether the places were taken for WGS 84 because neither the file nor its source says what they are in.
    own_ids : str or None
        The file's own column of ids (see `ids.own_ids`).
    """

    table: gpd.GeoDataFrame
    rejected: pd.DataFrame
    assumed: bool = False
    own_ids: str | None = None


Reasons = npt.NDArray[np.object_]
Flags = npt.NDArray[np.bool_]


def first_reasons(count: int, *rules: tuple[Flags, str]) -> Reasons:
    """Give each of `count` rows the reason of the first rule that refuses it, empty text where none does."""
    reasons = np.full(count, "", dtype=object)
    for refused, reason in reversed(rules):
        reasons[refused] = reason
    return reasons


def reject_rows(layer: Layer, reasons: Reasons, *, file: str, column: str, values: pd.Series) -> Layer:
    """Move the rows that have a reason from the table to the rejects.

    Parameters
    ----------
    layer : Layer
    reasons : array of object
        One per row of the table; empty where the row is fine.
    file, column : str
        Where the trouble is.
    values : Series
        The offending values by row; rows that are fine need none.
    """
    bad = (reasons != "").astype(bool)
    if not bad.any():
        return layer
    rows = layer.table.index[bad]
    rejected = rejected_rows(file=file, rows=rows, column=column, values=values.loc[rows], reason=reasons[bad])
    return replace(layer, table=layer.table.loc[~bad], rejected=join_rejects([layer.rejected, rejected]))


def refuse_empty(layer: Layer, *, file: str) -> Layer:
    """Return the layer, unless all its rows were rejected: then the file is not what it was declared to be.

    Raises
    ------
    InputError
        With the reason of the first rejected row.
    """
    if len(layer.table) == 0 and len(layer.rejected) > 0:
        first = layer.rejected.iloc[0]
        raise InputError(
            "{file}: no row can be used, {rejected} rejected; row {row}: {reason}",
            file=file,
            rejected=len(layer.rejected),
            row=first["row"],
            reason=said(first["reason"]),
        )
    return layer
