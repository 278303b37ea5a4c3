"""What a condition says of a table's rows: true, false, or unknown where a cell it asks about is blank."""

from __future__ import annotations

import difflib
import operator
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandas.arrays import BooleanArray

from ..columns import MISSING_NUMBERS, as_numbers, as_text
from .parser import parse_condition
from .tree import (
    Among,
    Blank,
    Column,
    Compare,
    Condition,
    ConditionError,
    Every,
    Flag,
    Literal,
    Matches,
    Not,
    Number,
    Operand,
    Some,
    Stated,
    Text,
)

Flags = npt.NDArray[np.bool_]

OPERATORS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
ARROW_FORMS: Final[dict[str, Callable[[Any, str], Any]]] = {
    "contains": pc.match_substring,
    "starts": pc.starts_with,
    "ends": pc.ends_with,
    "matches": pc.match_substring_regex,
}


@dataclass(frozen=True)
class Choice:
    """The rows that a condition chooses.

    Attributes
    ----------
    chosen : (n,) bool
        Where the condition is true.
    unread : mapping of column to (n,) bool
        Rows left out because the condition asks for a number in this column, and the cell is no number, though not blank.
    """

    chosen: Flags
    unread: dict[str, Flags]


def choose_rows(table: pd.DataFrame, where: str) -> Choice:
    """Tell which rows of a table meet a condition.

    A comparison with a blank cell is unknown, neither true nor false, and so is `not` of it: only `is null` is true of a blank
    cell. A text in quotes is compared with the cell's text (ids keep their zeros), a number with its value.

    Parameters
    ----------
    table : DataFrame
    where : str

    Raises
    ------
    ConditionError
        If it is no condition, names a column that the table lacks, or compares what cannot be compared.
    """
    asked = _Asked(table, where)
    told = asked.answer(parse_condition(where))
    unknown = told.isna()
    chosen = np.asarray(told.fillna(False), dtype=bool)
    unread = {name: cells & unknown for name, cells in asked.unread.items() if (cells & unknown).any()}
    return Choice(chosen, unread)


class _Asked:
    """A table that answers the forms of one condition."""

    def __init__(self, table: pd.DataFrame, where: str) -> None:
        self.table, self.where = table, where
        self.unread: dict[str, Flags] = {}

    def answer(self, condition: Condition) -> BooleanArray:
        match condition:
            case Every(parts):
                return reduce(operator.and_, map(self.answer, parts))
            case Some(parts):
                return reduce(operator.or_, map(self.answer, parts))
            case Not(part):
                return ~self.answer(part)
            case Compare():
                return self.compared(condition)
            case Among(column, values):
                return self.among(column, values)
            case Blank(column):
                blank = as_text(self.column(column)).isna().to_numpy(bool)
                return BooleanArray(blank, np.zeros(len(blank), bool))
            case Matches():
                return self.matched(condition)
            case Stated(column):
                return self.stated(column)

    def column(self, column: Column) -> pd.Series:
        if column.name in self.table.columns and column.name != _shape(self.table):
            return self.table[column.name]
        names = [str(name) for name in self.table.columns]
        near = difflib.get_close_matches(column.name, names, n=1, cutoff=0.4)
        hint = f"did you mean {near[0]!r}?" if near else f"a text stands in quotes: '{column.name}'"
        raise ConditionError(f"no column {column.name!r}; {hint}", self.where, column.at)

    def stated(self, column: Column) -> BooleanArray:
        values = self.column(column)
        if not pd.api.types.is_bool_dtype(values.dtype):
            raise ConditionError(f"column {column.name!r} alone is no condition such as {column.name} > 0", self.where, column.at)
        known = values.notna().to_numpy(bool)
        return BooleanArray(values.fillna(False).to_numpy(bool), ~known)

    def among(self, column: Column, values: tuple[Literal, ...]) -> BooleanArray:
        """Texts are asked for as texts, numbers as numbers; a list may hold both."""
        texts = [value.value.strip() for value in values if isinstance(value, Text)]
        numbers = [value for value in values if isinstance(value, Number)]
        flags = [self.compared(Compare(column, "==", value)) for value in values if isinstance(value, Flag)]
        parts = list(flags)
        if texts:
            cells = self.texts(column)
            parts.append(BooleanArray(cells.isin(texts).to_numpy(bool), cells.isna().to_numpy(bool)))
        if numbers:
            cells = self.numbers(column, asked=numbers[0])
            parts.append(BooleanArray(cells.isin([n.value for n in numbers]).to_numpy(bool), cells.isna().to_numpy(bool)))
        return reduce(operator.or_, parts)

    def matched(self, condition: Matches) -> BooleanArray:
        cells = self.texts(condition.column)
        found = ARROW_FORMS[condition.form](pa.array(cells, type=pa.large_string(), from_pandas=True), condition.text)
        return BooleanArray(found.fill_null(False).to_numpy(zero_copy_only=False), cells.isna().to_numpy(bool))

    def compared(self, condition: Compare) -> BooleanArray:
        sides = (condition.left, condition.right)
        if any(isinstance(side, Flag) for side in sides):
            left, right = (self.flags(side) for side in sides)
        elif any(isinstance(side, Number) for side in sides) or any(
            self.is_number(side) for side in sides if not _is_text(sides)
        ):
            number = next((side for side in sides if isinstance(side, Number)), None)
            left, right = (self.numbers(side, asked=number) for side in sides)
        else:
            self.require_texts(condition)
            left, right = (self.texts(side) for side in sides)
        blank = np.zeros(len(self.table), bool)
        for side in (left, right):
            if isinstance(side, pd.Series):
                blank |= side.isna().to_numpy(bool)
        result = OPERATORS[condition.operator](left, right)
        return BooleanArray(result.fillna(False).to_numpy(bool), blank)

    def is_number(self, side: Operand) -> bool:
        return isinstance(side, Column) and pd.api.types.is_numeric_dtype(self.column(side).dtype)

    def require_texts(self, condition: Compare) -> None:
        """Texts in order are in the order of their characters: of numbers that is never meant."""
        for side, other in ((condition.left, condition.right), (condition.right, condition.left)):
            if condition.operator not in ("==", "!=") and isinstance(side, Column) and self.is_number(side):
                said = other.value if isinstance(other, Text) else "5"
                form = f"{side.name} {condition.operator} {said}"
                raise ConditionError(
                    f"column {side.name!r} holds numbers; write a number without quotes: {form}", self.where, other.at
                )

    def texts(self, side: Operand) -> Any:
        """Return a column's cells as stripped text, dates as 2021-06-30; a literal as it is."""
        if isinstance(side, Column):
            cells = self.column(side)
            return as_text(_dates_as_text(cells) if pd.api.types.is_datetime64_any_dtype(cells.dtype) else cells)
        return side.value.strip() if isinstance(side, Text) else side.value

    def numbers(self, side: Operand, *, asked: Number | None) -> Any:
        """Return a column's cells as numbers; cells that are none are unknown, and remembered."""
        if not isinstance(side, Column):
            return side.value
        cells = self.column(side)
        if pd.api.types.is_bool_dtype(cells.dtype):
            return as_numbers(cells.astype("Float64").astype(float))
        if pd.api.types.is_numeric_dtype(cells.dtype):
            return cells
        values, stated = as_numbers(self.texts(side)), self.texts(side)
        odd = (values.isna() & stated.notna() & ~stated.isin(MISSING_NUMBERS)).to_numpy(bool)
        if odd.any() and not values.notna().any():
            shown = f"{stated[odd].iloc[0]!r}"
            if asked is None:
                raise ConditionError(f"column {side.name!r} holds texts such as {shown}, the other numbers", self.where, side.at)
            form = f"{side.name} == '{asked.value}'"
            raise ConditionError(
                f"column {side.name!r} holds texts such as {shown}, no numbers; write {form}", self.where, side.at
            )
        if odd.any():
            self.unread[side.name] = odd | self.unread.get(side.name, False)
        return values

    def flags(self, side: Operand) -> Any:
        if not isinstance(side, Column):
            return side.value
        cells = self.column(side)
        if not pd.api.types.is_bool_dtype(cells.dtype):
            shown = next((str(value) for value in as_text(cells).dropna()[:1]), "是")
            form = f"{side.name} == {shown if self.is_number(side) else repr(shown)}"
            raise ConditionError(f"column {side.name!r} holds no true and false; write {form}", self.where, side.at)
        return cells.astype("boolean")


def _is_text(sides: tuple[Operand, Operand]) -> bool:
    return any(isinstance(side, Text) for side in sides)


def _shape(table: pd.DataFrame) -> object:
    """The column of shapes, which is none to ask about."""
    return getattr(table, "_geometry_column_name", None)


def _dates_as_text(cells: pd.Series) -> pd.Series:
    whole = cells.dropna().dt.time.map(lambda time: time.isoformat() == "00:00:00").all()
    texts: pd.Series = cells.dt.strftime("%Y-%m-%d" if whole else "%Y-%m-%dT%H:%M:%S")
    return texts
