"""Numbers of cells, exact: a whole number is never rounded to what a float holds, so that ids of 18 digits stay apart."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..columns import FLOAT_HOLDS, as_numbers

Flags = npt.NDArray[np.bool_]

MOST_DIGITS: Final = 400  # beyond, Python is slow to read a whole number, or refuses to; none that is finite has so many
INT64: Final = np.iinfo(np.int64)
OPERATORS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True)
class Numbers:
    """Numbers of a column, or of a condition.

    Attributes
    ----------
    values : (n,) int64, float64, or int and float objects
        0 where unknown.
    known : (n,) bool
    """

    values: npt.NDArray[Any]
    known: Flags


def exact_number(text: str) -> int | float:
    """Read a number as it is written: a whole one of any length exactly, another one as the nearest float."""
    if len(text) < MOST_DIGITS and text.isdigit():
        return int(text)
    if "e" in text.lower():  # digits are left out on purpose: 1e23 means the float that a file would hold
        return float(text)
    exact = Decimal(text)
    whole = int(exact)
    return whole if exact == whole else float(text)


def these_numbers(values: Sequence[int | float]) -> Numbers:
    """Return numbers as a condition states them."""
    return Numbers(_array(values), np.ones(len(values), bool))


def stored_numbers(cells: pd.Series) -> Numbers:
    """Return the numbers of a column of numbers, or of true and false as 1 and 0."""
    known = cells.notna().to_numpy(bool)
    if pd.api.types.is_bool_dtype(cells.dtype):
        return Numbers(cells.fillna(False).astype(np.int64).to_numpy(), known)
    if pd.api.types.is_integer_dtype(cells.dtype):
        values = cells.fillna(0).to_numpy()
        fits = values.dtype != np.uint64 or not len(values) or int(values.max()) <= INT64.max
        return Numbers(values.astype(np.int64) if fits else values.astype(object), known)
    # A float of 32 bits means the number it is shown as, 0.1 and not 0.10000000149.
    short = cells.dtype.itemsize < np.dtype(np.float64).itemsize  # type: ignore[union-attr]
    values = as_numbers(cells.astype("str") if short else cells).to_numpy()
    return Numbers(np.where(known, values, 0), known)


def read_numbers(texts: pd.Series) -> Numbers:
    """Return the numbers among texts; what `as_numbers` reads is one, unless infinite."""
    near = as_numbers(texts).to_numpy()
    known = np.isfinite(near)
    values = np.where(known, near, 0)
    long = np.abs(values) >= FLOAT_HOLDS
    if long.any():
        values = values.astype(object)
        values[long] = [exact_number(text) for text in texts[long]]
    return Numbers(values, known)


def compare(left: Numbers, sign: str, right: Numbers) -> Flags:
    """Compare row by row, or all rows with one number; what is unknown compares as 0."""
    told: Flags = np.asarray(OPERATORS[sign](*_alike(left.values, right.values)), bool)
    return told


def equals_any(cells: Numbers, wanted: Numbers) -> Flags:
    """Tell which numbers are one of `wanted`: the one meaning of ==, != and `in`."""
    values, several = _alike(cells.values, wanted.values)
    if values.dtype == object:
        among = set(several)
        return np.fromiter((value in among for value in values), bool, len(values))
    return np.isin(values, several)


def rounded(numbers: Numbers) -> Flags:
    """Tell which numbers are floats so large that each stands for several whole numbers."""
    return numbers.known & _beyond(numbers, float)


def long_whole(numbers: Numbers) -> Flags:
    """Tell which numbers are whole and longer than a float holds."""
    return numbers.known & _beyond(numbers, int)


def _beyond(numbers: Numbers, kind: type) -> Flags:
    values = numbers.values
    if values.dtype != object and (values.dtype == np.int64) is not (kind is int):
        return np.zeros(len(values), bool)
    beyond: Flags = np.asarray((values > FLOAT_HOLDS) | (values < -FLOAT_HOLDS), bool)
    if values.dtype == object:
        beyond[beyond] = [isinstance(value, kind) for value in values[beyond]]
    return beyond


def _array(values: Sequence[int | float]) -> npt.NDArray[Any]:
    if all(isinstance(value, int) and INT64.min <= value <= INT64.max for value in values):
        return np.array(values, np.int64)
    if all(isinstance(value, float) for value in values):
        return np.array(values, np.float64)
    return np.array(values, object)


def _alike(left: npt.NDArray[Any], right: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Bring both to one type that loses nothing; Python compares its int and float without rounding either."""
    if left.dtype == right.dtype:
        return left, right
    if all(_float_holds(values) for values in (left, right)):
        return left.astype(np.float64), right.astype(np.float64)
    return left.astype(object), right.astype(object)


def _float_holds(values: npt.NDArray[Any]) -> bool:
    if values.dtype == np.int64:
        return not len(values) or (int(values.min()) >= -FLOAT_HOLDS and int(values.max()) <= FLOAT_HOLDS)
    return values.dtype == np.float64
