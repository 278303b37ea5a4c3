"""Columns of a table read from a file: finding them by name, and reading them as numbers or as text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
import pandas as pd

from ..geo.errors import InputError, said
from ..geo.near_names import SHORT_NAMES, near

# Longitude and latitude side by side, as files in English and Chinese call them; a column that says WGS 84 goes first,
# because exports from Chinese map services often carry GCJ-02 in the plain one.
COORDINATE_NAMES: Final = (
    ("wgs84_lon", "wgs84_lat"),
    ("wgs84_lng", "wgs84_lat"),
    ("lon_wgs84", "lat_wgs84"),
    ("lng_wgs84", "lat_wgs84"),
    ("wgs84lon", "wgs84lat"),
    ("wgs84lng", "wgs84lat"),
    ("wgs_lon", "wgs_lat"),
    ("wgs_lng", "wgs_lat"),
    ("wgs84经度", "wgs84纬度"),
    ("lon", "lat"),
    ("lng", "lat"),
    ("long", "lat"),
    ("longitude", "latitude"),
    ("经度", "纬度"),
    ("东经", "北纬"),
    ("point_x", "point_y"),
    ("x坐标", "y坐标"),
    ("x", "y"),
)
# Tools write a missing number as one of these; in a column of names "NA" stays a name.
MISSING_NUMBERS: Final = ("", "NA", "N/A", "#N/A", "NaN", "nan", "NULL", "null", "None", "-")
FLOAT_HOLDS: Final = 2**53  # whole numbers up to here each have a float of their own
# Leading zeros and more digits than a float holds mark a code, which must stay text.
PLAIN_NUMBER: Final = r"-?(?:(?:0|[1-9]\d{0,14})(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?"
# Numbers that are written the way in which they were read: 12E5 and 1.10 would come back as 1200000 and 1.1, and as ids be
# others'. Up to 15 digits, so that a float gives back each of them.
WHOLE_NUMBER: Final = r"0|-?[1-9]\d{0,14}"
POINT_NUMBER: Final = r"-?(?:0|[1-9]\d{0,4})\.\d{0,9}[1-9]|-?[1-9]\d{0,9}\.\d{0,4}[1-9]"
TINY_NUMBER: Final = r"-?0\.0000\d*"  # comes back as 1e-05
WHOLE_WITH_POINT: Final = r"(?:0|-?[1-9]\d{0,14})\.0"  # how programs write whole numbers beside a blank


def require_column(table: pd.DataFrame, column: str, *, file: str) -> str:
    """Return `column` if the table has it.

    Raises
    ------
    InputError
        Naming the nearest column and listing all.
    """
    if column in table.columns:
        return column
    hint = near(column, _names(table), likeness=SHORT_NAMES) or said(".")
    raise InputError(
        "{file}: no column {column!r}{hint} The columns are: {columns}",
        file=file,
        column=column,
        hint=hint,
        columns=column_list(table),
    )


def coordinate_columns(table: pd.DataFrame, *, x: str | None, y: str | None, file: str) -> tuple[str, str]:
    """Return the columns of longitude (easting) and latitude (northing): as given, or guessed by well-known names.

    Raises
    ------
    InputError
        If a named column is missing, only one is named, or none can be guessed.
    """
    if x is not None and y is not None:
        return require_column(table, x, file=file), require_column(table, y, file=file)
    if x is not None or y is not None:
        raise InputError("{file}: name both `x:` (longitude or easting) and `y:` (latitude or northing), or neither", file=file)
    by_name = {name.strip().casefold(): name for name in reversed(_names(table))}
    for lon, lat in COORDINATE_NAMES:
        if lon in by_name and lat in by_name:
            return by_name[lon], by_name[lat]
    raise InputError(
        "{file}: no coordinate columns such as lon and lat, or 经度 and 纬度; call two columns so, or name "
        "them with `x:` and `y:`. The columns are: {columns}",
        file=file,
        columns=column_list(table),
    )


def first_column(table: pd.DataFrame, names: Iterable[str]) -> str | None:
    """Return the first column called one of `names` (in any case), None where there is none."""
    by_name = {name.strip().casefold(): name for name in reversed(_names(table))}
    return next((by_name[name] for name in names if name in by_name), None)


def infer_numbers(column: pd.Series) -> pd.Series:
    """Turn a text column into numbers where `as_text` gives back every text as it stood; other numbers and codes stay text.

    Blank cells and a tool's word for missing are null in a column of numbers of either kind; a column without any number stays.
    """
    text = column.str.strip()
    missing = text.isna() | text.isin(MISSING_NUMBERS)
    if missing.all() or not (_matches(text, PLAIN_NUMBER) | missing).all():
        return column
    whole = _matches(text, WHOLE_NUMBER)
    exact = whole | (_matches(text, POINT_NUMBER) & ~_matches(text, TINY_NUMBER))
    if not (exact | missing).all() and not (_matches(text, WHOLE_WITH_POINT) | missing).all():
        return text.where(~missing)
    return pd.to_numeric(text.where(~missing)).astype(np.int64 if whole.all() else np.float64)


def _matches(text: pd.Series, pattern: str) -> pd.Series:
    return text.str.fullmatch(pattern).fillna(False).astype(bool)


def as_numbers(column: pd.Series) -> pd.Series:
    """Read a column as float64; what is no number, such as a date or a list, becomes NaN."""
    if pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_complex_dtype(column.dtype):
        return column.astype("Float64").astype(np.float64) if column.hasnans else column.astype(np.float64)
    values = column.astype("str").where(column.notna()).str.strip()
    return pd.to_numeric(values, errors="coerce").astype(np.float64)


def as_text(column: pd.Series) -> pd.Series:
    """Read a column of ids or names as stripped text, as it stands in the file; blank cells are null.

    The float 330102.0 is "330102": how programs keep whole numbers beside a blank.
    """
    if pd.api.types.is_float_dtype(column.dtype):
        return column.map(_number_text, na_action="ignore").astype("str")
    text = column.astype("str").str.strip()
    return text.where(column.notna() & text.ne("").fillna(False))


def _number_text(number: float) -> str:
    return str(int(number)) if float(number).is_integer() else repr(float(number))


def column_list(table: pd.DataFrame) -> str:
    """List the columns for an error message."""
    return ", ".join(_names(table))


def _names(table: pd.DataFrame) -> list[str]:
    return [str(name) for name in table.columns if name != "geometry"]
