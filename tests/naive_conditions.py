"""A second, plain reading of conditions: cell by cell, with Python's own numbers; it shares nothing with the product.

A table is a dict of columns, a column a pair of its type and its cells; a condition is a tuple whose first item names its form.
"""

import operator
import re
from decimal import Decimal

SIGNS = {"==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
MISSING = {"", "NA", "N/A", "#N/A", "NaN", "nan", "NULL", "null", "None", "-"}
BIG = 2**53
UNKNOWN = None


class Refused(Exception):
    """The condition asks what the columns cannot answer."""


class Column:
    def __init__(self, name, stored, cells):
        self.name, self.stored = name, stored
        self.cells = [None if isinstance(cell, str) and not cell.strip() else cell for cell in cells]

    def number(self, row):
        cell = self.cells[row]
        if cell is None or self.stored == "date":
            return None
        return written_number(cell.strip()) if self.stored == "text" else exact(cell)

    def date(self, row):
        cell = self.cells[row]
        return written_date(cell.strip()) if isinstance(cell, str) else None

    def is_filled(self, row):
        cell = self.cells[row]
        return cell is not None and not (isinstance(cell, str) and cell.strip() in MISSING)

    def is_mostly(self, told):
        filled = [row for row in range(len(self.cells)) if self.is_filled(row)]
        return sum(told(row) for row in filled) * 2 > len(filled)

    @property
    def kind(self):
        if not any(map(self.is_filled, range(len(self.cells)))):
            return "blank"
        if self.stored != "text":
            return "date" if self.stored == "date" else "number"
        if self.is_mostly(lambda row: self.number(row) is not None):
            return "number"
        return "date" if self.is_mostly(lambda row: self.date(row) is not None) else "text"

    @property
    def has_plain_numbers(self):
        """Numbers that a CSV file's reader would take for numbers: no code with zeros before, none of 16 figures."""
        return self.is_mostly(
            lambda row: bool(re.fullmatch(r"-?((0|[1-9][0-9]{0,14})(\.[0-9]*)?|\.[0-9]+)([eE].*)?", self.cells[row].strip()))
        )


def exact(value):
    """Return an int as it is, a float as the decimal it is shown as, unless it stands for several whole numbers."""
    if not isinstance(value, float):
        return int(value)
    return value if abs(value) > BIG else Decimal(repr(value))


def written_number(text):
    if not re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", text) or abs(float(text)) == float("inf"):
        return None
    return exact(float(text)) if "e" in text.lower() else Decimal(text)


def written_date(text):
    """Return year, month, day, hour, minute and second as far as they are written."""
    found = re.fullmatch(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?)?)?)?", text)
    if not found or not 1 <= int(found[2] or 1) <= 12 or not 1 <= int(found[3] or 1) <= 31:
        return None
    return [int(part) for part in found.groups() if part is not None]


class Naive:
    """Answers a condition for one row after the other; `unread` gathers (column, what is asked, row)."""

    def __init__(self, table):
        self.columns = {name: Column(name, *column) for name, column in table.items()}
        self.rows = len(next(iter(table.values()))[1])

    def choose(self, tree):
        """Return the chosen rows, and the unread cells of rows that it cannot tell of."""
        self.unread = set()
        told = [self.answer(tree, row) for row in range(self.rows)]
        unknown = {row for row, one in enumerate(told) if one is UNKNOWN}
        return [one is True for one in told], {cell for cell in self.unread if cell[2] in unknown}

    def answer(self, tree, row):
        form, *rest = tree
        if form == "and":
            parts = [self.answer(part, row) for part in rest]
            return False if False in parts else UNKNOWN if UNKNOWN in parts else True
        if form == "or":
            parts = [self.answer(part, row) for part in rest]
            return True if True in parts else UNKNOWN if UNKNOWN in parts else False
        if form == "not":
            told = self.answer(rest[0], row)
            return UNKNOWN if told is UNKNOWN else not told
        column = self.columns[rest[0]]
        if form == "null":
            return column.cells[row] is None
        if form == "alone":
            if column.stored != "flag":
                raise Refused
            return column.cells[row]
        if form == "in":
            return self.among(column, rest[1], row)
        if form == "columns":
            return self.columns_alike(column, rest[1], self.columns[rest[2]], row)
        return self.compared(column, rest[1], rest[2], row)

    def compared(self, column, sign, literal, row):
        if sign in ("==", "!="):
            told = self.among(column, [literal], row)
            return told if told is UNKNOWN or sign == "==" else not told
        kind, value = literal
        if kind == "text":
            return self.before_or_after(column, sign, written_date(value.strip()), row)
        if not self.has_numbers(column):
            raise Refused
        number = self.number_or_unread(column, row)
        return UNKNOWN if number is None else SIGNS[sign](number, exact(value))

    def before_or_after(self, column, sign, wanted, row):
        if column.kind in ("number", "text") or column.stored in ("number", "flag") or wanted is None:
            raise Refused
        if column.cells[row] is None:
            return UNKNOWN
        date = moment(column.cells[row]) if column.stored == "date" else column.date(row)
        if date is None or (len(date) < len(wanted) and wanted[: len(date)] == date):
            if column.is_filled(row):
                self.unread.add((column.name, "date", row))
            return UNKNOWN
        return SIGNS[sign](date[: len(wanted)], wanted)

    def among(self, column, literals, row):
        texts = [value.strip() for kind, value in literals if kind == "text"]
        numbers = [value for kind, value in literals if kind == "number"]
        if column.stored == "flag" and texts:
            raise Refused
        if numbers and not texts and not self.has_numbers(column):
            raise Refused
        if any(abs(value) > BIG and isinstance(value, int) for value in numbers):
            self.require_figures(column)
        if column.cells[row] is None:
            return UNKNOWN
        if self.is_text(column, texts, row):
            return True
        return self.is_number(column, numbers, row, beside_texts=bool(texts)) if numbers else False

    def is_text(self, column, texts, row):
        cell = column.cells[row]
        if column.stored == "date":
            dates = [date for date in map(written_date, texts) if date is not None]
            return any(moment(cell)[: len(date)] == date for date in dates)
        if column.stored == "number":
            return (str(int(cell)) if cell == int(cell) else repr(cell)) in texts
        return column.stored == "text" and cell.strip() in texts

    def is_number(self, column, numbers, row, *, beside_texts):
        number = column.number(row) if beside_texts else self.number_or_unread(column, row)
        if number is None:
            return False if beside_texts else UNKNOWN
        if isinstance(number, float) and any(isinstance(value, int) and abs(value) > BIG for value in numbers):
            self.unread.add((column.name, "number", row))
            return UNKNOWN
        return any(number == exact(value) for value in numbers)

    def require_figures(self, column):
        if column.stored == "number" and any(isinstance(column.number(row), float) for row in range(self.rows)):
            raise Refused

    def has_numbers(self, column):
        """Tell whether a column may be asked for a number: it has one, or nothing else."""
        rows = range(self.rows)
        filled = any(column.is_filled(row) and column.number(row) is None for row in rows)
        return not filled or any(column.number(row) is not None for row in rows)

    def number_or_unread(self, column, row):
        number = column.number(row)
        if number is None and column.is_filled(row):
            self.unread.add((column.name, "number", row))
        return number

    def columns_alike(self, left, sign, right, row):
        kinds = {left.kind, right.kind} - {"blank"}
        ordered = sign not in ("==", "!=")
        typed = any(column.stored != "text" and column.kind != "blank" for column in (left, right))
        if kinds <= {"number"} and (ordered or typed or (left.has_plain_numbers and right.has_plain_numbers)):
            return self.numbers_alike(left, sign, right, row)
        if kinds == {"date"} and (ordered or typed):
            return self.dates_alike(left, sign, right, row)
        if ordered or typed:
            raise Refused
        one, other = left.cells[row], right.cells[row]
        return UNKNOWN if one is None or other is None else SIGNS[sign](one.strip(), other.strip())

    def numbers_alike(self, left, sign, right, row):
        if sign in ("==", "!="):
            for column, beside in ((left, right), (right, left)):
                pairs = [(column.number(place), beside.number(place)) for place in range(self.rows)]
                if any(isinstance(one, float) and is_long(other) for one, other in pairs):
                    self.require_figures(column)
        one, other = self.number_or_unread(left, row), self.number_or_unread(right, row)
        if one is None or other is None:
            return UNKNOWN
        for column, number, beside in ((left, one, other), (right, other, one)):
            if sign in ("==", "!=") and isinstance(number, float) and is_long(beside):
                self.unread.add((column.name, "number", row))
                return UNKNOWN
        return SIGNS[sign](one, other)

    def dates_alike(self, left, sign, right, row):
        dates = []
        for column in (left, right):
            cell = column.cells[row]
            date = None if cell is None else moment(cell) if column.stored == "date" else column.date(row)
            if date is None and column.is_filled(row):
                self.unread.add((column.name, "date", row))
            dates.append(date)
        if None in dates:
            return UNKNOWN
        one, other = (date[:3] if date[3:] in ([0, 0], [0, 0, 0]) else date for date in dates)
        if len(one) != len(other) and one[: len(other)] == other[: len(one)]:
            self.unread.add(((left if len(one) < len(other) else right).name, "date", row))
            return UNKNOWN
        return SIGNS[sign](one, other)


def is_long(value):
    return value is not None and not isinstance(value, float) and value == int(value) and abs(value) > BIG


def moment(cell):
    return [cell.year, cell.month, cell.day, cell.hour, cell.minute, cell.second]
