"""The forms a condition is made of, and the error that says what is none of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ...geo.errors import InputError, said

SHOWN_CHARACTERS: Final = 100  # of a condition in an error; a long one is shown around the trouble


class ConditionError(InputError):
    """A condition that is none, or that the columns of a file cannot answer.

    Attributes
    ----------
    at : int
        0-based character of the condition that the error is about.
    """

    def __init__(self, problem: str, where: str, at: int) -> None:
        super().__init__(
            said("where {where!r}, character {at}: {problem}", where=_shown(where, at), at=at + 1, problem=said(problem))
        )
        self.at = at


def _shown(where: str, at: int) -> str:
    if len(where) <= SHOWN_CHARACTERS:
        return where
    first = max(0, at - SHOWN_CHARACTERS // 2)
    return ("…" if first else "") + where[first : first + SHOWN_CHARACTERS] + "…"


@dataclass(frozen=True)
class Column:
    """A column by its name; `at` is its character in the condition, as in all forms."""

    name: str
    at: int


@dataclass(frozen=True)
class Text:
    """A text in quotes."""

    value: str
    at: int


@dataclass(frozen=True)
class Number:
    """A finite number."""

    value: int | float
    at: int


@dataclass(frozen=True)
class Flag:
    """`true` or `false`."""

    value: bool
    at: int


Literal = Text | Number | Flag
Operand = Column | Literal


@dataclass(frozen=True)
class Compare:
    """`left operator right`; at least one side is a column."""

    left: Operand
    operator: str
    right: Operand


@dataclass(frozen=True)
class Among:
    """`column in [value, ...]`."""

    column: Column
    values: tuple[Literal, ...]


@dataclass(frozen=True)
class Blank:
    """`column is null`."""

    column: Column


@dataclass(frozen=True)
class Matches:
    """`column contains text`, and its like."""

    column: Column
    form: str
    text: str


@dataclass(frozen=True)
class Stated:
    """A column of true and false, by itself."""

    column: Column


@dataclass(frozen=True)
class Not:
    """`not part`."""

    part: Condition


@dataclass(frozen=True)
class Every:
    """`part and part and ...`."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class Some:
    """`part or part or ...`."""

    parts: tuple[Condition, ...]


Condition = Compare | Among | Blank | Matches | Stated | Not | Every | Some
