"""What a condition says of a table's rows: true, false, or unknown where a cell it asks about is blank."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandas.arrays import BooleanArray

from ...geo.errors import said
from ...geo.near_names import SHORT_NAMES, near_name
from .cells import Cells
from .dates import compare_dates, literal_date, without_midnight
from .numbers import Flags, Numbers, compare, equals_any, long_whole, rounded, these_numbers
from .parser import parse_condition
from .tokens import NUMBER
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

ARROW_FORMS: Final[dict[str, Callable[[Any, str], Any]]] = {
    "contains": pc.match_substring,
    "starts": pc.starts_with,
    "ends": pc.ends_with,
    "matches": pc.match_substring_regex,
}
MIRRORED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
EQUALITIES: Final = ("==", "!=")
ORDERED: Final = "texts have no order, only numbers and dates written as 2021-06-30"


@dataclass(frozen=True)
class Unread:
    """Rows left out because a cell is not what the condition asks for, though not blank.

    Attributes
    ----------
    column : str
    asked : {"number", "date"}
    rows : (n,) bool
    """

    column: str
    asked: str
    rows: Flags


@dataclass(frozen=True)
class Choice:
    """The rows that a condition chooses.

    Attributes
    ----------
    chosen : (n,) bool
        Where the condition is true.
    unread : tuple of Unread
        Rows that it cannot tell of, for other reasons than a blank cell.
    """

    chosen: Flags
    unread: tuple[Unread, ...]


def choose_rows(table: pd.DataFrame, where: str) -> Choice:
    """Tell which rows of a table meet a condition.

    A comparison with a blank cell is unknown, neither true nor false, and so is `not` of it: only `is null` is true of a blank
    cell. A text in quotes is compared with the cell's text (ids keep their zeros), a number with its value, to the last
    figure. Numbers and dates have an order, texts have none.

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
    unread = [Unread(column, kind, rows & unknown) for (column, kind), rows in asked.unread.items()]
    return Choice(chosen, tuple(part for part in unread if part.rows.any()))


class _Asked:
    """A table that answers the forms of one condition."""

    def __init__(self, table: pd.DataFrame, where: str) -> None:
        self.table, self.where = table, where
        self.read: dict[str, Cells] = {}
        self.unread: dict[tuple[str, str], Flags] = {}

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
                return _told(self.cells(column).blank, True)
            case Matches():
                return self.matched(condition)
            case Stated(column):
                return self.stated(column)

    def cells(self, column: Column) -> Cells:
        if column.name not in self.table.columns or column.name == _shape(self.table):
            raise self.wrong(said("no column {column!r}; {hint}", column=column.name, hint=self.nearest(column.name)), column)
        if column.name not in self.read:
            self.read[column.name] = Cells(self.table[column.name])
        return self.read[column.name]

    def nearest(self, name: str) -> str:
        near = near_name(name, self.table.columns, likeness=SHORT_NAMES)
        return said("did you mean {near!r}?", near=near) if near else said("a text stands in quotes: '{text}'", text=name)

    def wrong(self, problem: str, at: Operand) -> ConditionError:
        return ConditionError(problem, self.where, at.at)

    def set_aside(self, column: Column, asked: str, rows: Flags) -> None:
        """Remember cells that are not what is asked for; they are listed where the whole condition is unknown."""
        if rows.any():
            self.unread[column.name, asked] = rows | self.unread.get((column.name, asked), False)

    def stated(self, column: Column) -> BooleanArray:
        cells = self.cells(column)
        if cells.stored != "flag":
            raise self.wrong(said("column {column!r} alone is no condition such as {column} > 0", column=column.name), column)
        return _told(cells.numbers.values == 1, cells.numbers.known)

    def matched(self, condition: Matches) -> BooleanArray:
        cells = self.cells(condition.column)
        found = ARROW_FORMS[condition.form](pa.array(cells.texts, type=pa.large_string(), from_pandas=True), condition.text)
        return _told(found.fill_null(False).to_numpy(zero_copy_only=False), ~cells.blank)

    def compared(self, condition: Compare) -> BooleanArray:
        """Compare a column with a value, on either side, or with another column."""
        left, sign, right = condition.left, condition.operator, condition.right
        if not isinstance(left, Column):
            left, sign, right = right, MIRRORED.get(sign, sign), left
        assert isinstance(left, Column)  # the parser sees to it
        if isinstance(right, Column):
            return self.two_columns(left, sign, right)
        if sign in EQUALITIES:
            among = self.among(left, (right,))
            return among if sign == "==" else ~among
        if isinstance(right, Text):
            return self.before_or_after(left, sign, right)
        numbers = self.flags(left, right) if isinstance(right, Flag) else self.numbers(left, right)
        return _told(compare(numbers, sign, these_numbers([right.value])), numbers.known)

    def among(self, column: Column, values: Sequence[Literal]) -> BooleanArray:
        """Tell where a cell is one of several values: texts are asked for as texts, numbers as numbers."""
        texts = [value for value in values if isinstance(value, Text)]
        numbers = [value for value in values if isinstance(value, Number)]
        flags = [value for value in values if isinstance(value, Flag)]
        parts = []
        if flags:
            cells = self.flags(column, flags[0])
            parts.append(_told(equals_any(cells, these_numbers([int(flag.value) for flag in flags])), cells.known))
        if texts:
            parts.append(self.among_texts(column, texts))
        if numbers:
            parts.append(self.among_numbers(column, numbers, beside_texts=bool(texts)))
        return reduce(operator.or_, parts)

    def among_texts(self, column: Column, texts: Sequence[Text]) -> BooleanArray:
        """Compare characters; points in time, which are stored as none, as far as a date is written."""
        cells = self.cells(column)
        if cells.stored == "flag":
            raise self.wrong(said("column {column!r} holds true and false; write {column} == true", column=column.name), texts[0])
        wanted = [text.value.strip() for text in texts]
        if cells.stored != "date":
            return _told(cells.texts.isin(wanted), ~cells.blank)
        dates = [date for date in map(literal_date, wanted) if date is not None]
        found = [cells.dates.str[:length].isin(dates) for length in {len(date) for date in dates}]
        return _told(np.any(found, axis=0) if found else np.zeros(len(cells.dates), bool), ~cells.blank)

    def among_numbers(self, column: Column, numbers: Sequence[Number], *, beside_texts: bool) -> BooleanArray:
        """Compare values; beside texts in the same list a cell that is no number is just none of these numbers."""
        cells, wanted = self.cells(column), these_numbers([number.value for number in numbers])
        known = ~cells.blank if beside_texts else self.numbers(column, numbers[0]).known
        told_apart = self.told_apart(column, bool(long_whole(wanted).any()))
        return _told(cells.numbers.known & equals_any(cells.numbers, wanted), known & told_apart)

    def numbers(self, column: Column, asked: Number) -> Numbers:
        """Return a column's numbers, because the condition states one; cells that are none are unknown."""
        cells = self.cells(column)
        if cells.no_numbers.any() and not cells.numbers.known.any():
            shown = cells.shown(cells.no_numbers)
            form = f"{column.name} >= {shown}" if cells.kind == "date" else f"{column.name} == '{asked.value}'"
            raise self.wrong(
                said(
                    "column {column!r} holds texts such as {example}, no numbers; write {form}",
                    column=column.name,
                    example=shown,
                    form=form,
                ),
                column,
            )
        self.set_aside(column, "number", cells.no_numbers)
        return cells.numbers

    def told_apart(self, column: Column, long: Flags | bool) -> Flags:
        """Tell which cells have enough figures to be equal to a `long` whole number or not."""
        cells = self.cells(column)
        vague = rounded(cells.numbers) & long
        if vague.any() and cells.stored == "number":
            raise self.wrong(
                said(
                    "column {column!r} holds numbers rounded to some 15 figures, such as {vague}: too few to tell "
                    "whole numbers as long as these apart; save the column as text",
                    column=column.name,
                    vague=cells.shown(vague),
                ),
                column,
            )
        self.set_aside(column, "number", vague)
        return ~vague

    def flags(self, column: Column, asked: Flag) -> Numbers:
        """Return a column of true and false as 1 and 0."""
        cells = self.cells(column)
        if cells.stored != "flag":
            shown = next(iter(cells.texts.dropna()), "是")
            form = f"{column.name} == {shown if cells.stored == 'number' else repr(shown)}"
            raise self.wrong(
                said("column {column!r} holds no true and false; write {form}", column=column.name, form=form), asked
            )
        return cells.numbers

    def before_or_after(self, column: Column, sign: str, text: Text) -> BooleanArray:
        """Compare with a date in quotes; an order of characters is never meant."""
        self.require_dates(column, sign, text)
        cells, date = self.cells(column), literal_date(text.value.strip())
        if date is None:
            raise self.wrong(said("{value!r} is no date: {remedy}", value=text.value, remedy=said(ORDERED)), text)
        if cells.kind == "text":
            raise self.wrong(
                said(
                    "column {column!r} holds texts such as {example}: {remedy}",
                    column=column.name,
                    example=cells.shown(cells.no_dates),
                    remedy=said(ORDERED),
                ),
                column,
            )
        dates, known = cells.dates.fillna(""), cells.dates.notna().to_numpy(bool)
        told, vague, _ = compare_dates(dates.str[: len(date)], sign, pd.Series(date, index=dates.index))
        self.set_aside(column, "date", cells.no_dates | (vague & known))
        return _told(told, known & ~vague)

    def require_dates(self, column: Column, sign: str, text: Text) -> None:
        """Say how numbers, and true and false, are compared: without quotes."""
        cells, number = self.cells(column), text.value.strip()
        if cells.stored == "flag":
            raise self.wrong(said("column {column!r} holds true and false; write {column} == true", column=column.name), text)
        if "number" in (cells.stored, cells.kind):
            form = f"{column.name} {sign} {number if NUMBER.fullmatch(number) else 5}"
            raise self.wrong(
                said("column {column!r} holds numbers; write a number without quotes: {form}", column=column.name, form=form),
                text,
            )

    def two_columns(self, left: Column, sign: str, right: Column) -> BooleanArray:
        """Compare as numbers or dates where most cells of both are; equal texts are told too, but have no order."""
        one, other = cells = (self.cells(left), self.cells(right))
        kinds = {part.kind for part in cells} - {"blank"}
        ordered = sign not in EQUALITIES
        typed = ordered or any(part.stored != "text" and part.kind != "blank" for part in cells)
        if kinds <= {"number"} and (typed or not any(part.is_code for part in cells)):
            return self.two_numbers(left, sign, right)
        if kinds == {"date"} and typed:
            return self.two_dates(left, sign, right)
        if typed:
            raise self.unlike(left, right)
        told = one.texts.eq(other.texts).fillna(False)
        return _told(told if sign == "==" else ~told, ~one.blank & ~other.blank)

    def two_numbers(self, left: Column, sign: str, right: Column) -> BooleanArray:
        one, other = self.cells(left).numbers, self.cells(right).numbers
        known = one.known & other.known
        for column in (left, right):
            self.set_aside(column, "number", self.cells(column).no_numbers)
        if sign in EQUALITIES:
            known &= self.told_apart(left, long_whole(other)) & self.told_apart(right, long_whole(one))
        return _told(compare(one, sign, other), known)

    def two_dates(self, left: Column, sign: str, right: Column) -> BooleanArray:
        dates = [without_midnight(self.cells(column).dates) for column in (left, right)]
        known = (dates[0].notna() & dates[1].notna()).to_numpy(bool)
        told, *vague = compare_dates(dates[0].fillna(""), sign, dates[1].fillna(""))
        for column, rows in zip((left, right), vague, strict=True):
            self.set_aside(column, "date", self.cells(column).no_dates | (rows & known))
        return _told(told, known & ~vague[0] & ~vague[1])

    def unlike(self, left: Column, right: Column) -> ConditionError:
        """Say which of two columns keeps them from being compared."""
        kinds = [self.cells(column).kind for column in (left, right)]
        column = left if kinds[0] == "text" or (kinds[0] == "date" and kinds[1] == "number") else right
        cells = self.cells(column)
        shown = cells.shown(cells.no_numbers if "number" in kinds else cells.no_dates)
        if "number" in kinds:
            return self.wrong(
                said("column {column!r} holds texts such as {example}, the other numbers", column=column.name, example=shown),
                column,
            )
        if "date" in kinds:
            return self.wrong(
                said("column {column!r} holds texts such as {example}, the other dates", column=column.name, example=shown),
                column,
            )
        return self.wrong(
            said(
                "column {column!r} holds texts such as {example}: {remedy}",
                column=column.name,
                example=shown,
                remedy=said(ORDERED),
            ),
            column,
        )


def _told(found: Any, known: Any) -> BooleanArray:
    """True or false where known, unknown elsewhere."""
    found = np.asarray(found, bool)
    unknown = np.broadcast_to(~np.asarray(known, bool), found.shape).copy()
    return BooleanArray(found & ~unknown, unknown)


def _shape(table: pd.DataFrame) -> object:
    """The column of shapes, which is none to ask about."""
    return getattr(table, "_geometry_column_name", None)
