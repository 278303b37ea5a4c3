"""A condition cut into its words: names, texts, numbers and signs, each with its place."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ...geo.errors import said
from .tree import ConditionError

MOST_CHARACTERS: Final = 20_000
# What a Chinese keyboard writes instead of the sign; quotes are told apart below.
WIDE_SIGNS: Final = str.maketrans("＝＞＜！（）［］【】，＆｜～．－；＠｀０１２３４５６７８９", "=><!()[][],&|~.-;@`0123456789")
SPELLINGS: Final = {"=": "==", "<>": "!=", "≥": ">=", "≤": "<=", "≠": "!="}
QUOTES: Final = {"'": "'", '"': '"', "“": "“”", "”": "“”", "‘": "‘’", "’": "‘’", "「": "」", "＂": "＂"}
SIGN: Final = re.compile(r"==|!=|<>|<=|>=|[=<>≥≤≠()\[\],.&|~-]")
NUMBER: Final = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
NAME: Final = re.compile(r"[^\W\d]\w*")
# Signs that other languages have here, and what to write.
FOREIGN: Final = {
    "&&": "write `and`",
    "||": "write `or`",
    "=>": "write >=",
    "=<": "write <=",
    "===": "write ==",
    "!": "write `not`, or != between two values",
    "@": "nothing but the file's columns can be named: write the value itself, such as kind == 'pool'",
    "`": "the column's name ends with another `",
    "+": "a condition does not calculate: put the result into a column of the file",
    "*": "a condition does not calculate: put the result into a column of the file",
    "/": "a condition does not calculate: put the result into a column of the file",
    "%": "a condition does not calculate: put the result into a column of the file",
}


@dataclass(frozen=True)
class Token:
    """One word of a condition.

    Attributes
    ----------
    kind : str
        name, column (in backticks), text, number, sign or end.
    text : str
        A sign in its usual spelling; a name or a text as it stands.
    at : int
        0-based character.
    """

    kind: str
    text: str
    at: int


def tokens(where: str) -> Iterator[Token]:
    """Cut a condition into words; the last one is its end.

    Raises
    ------
    ConditionError
        If it is too long, or holds a sign that no condition has.
    """
    if len(where) > MOST_CHARACTERS:
        raise ConditionError(
            said(
                "a condition has at most {most_characters} characters: mark the rows in a column of the file",
                most_characters=MOST_CHARACTERS,
            ),
            where,
            0,
        )
    plain = where.translate(WIDE_SIGNS)
    at = 0
    while at < len(where):
        if where[at].isspace():
            at += 1
            continue
        token, at = _token(where, plain, at)
        yield token
    yield Token("end", "", len(where))


def _token(where: str, plain: str, at: int) -> tuple[Token, int]:
    """Return the word that starts at `at`, and where it ends."""
    if where[at] in QUOTES:
        return _quoted(where, at, QUOTES[where[at]], "text")
    if plain[at] == "`":
        return _quoted(plain if where[at] != "`" else where, at, "`", "column")
    foreign = next((sign for sign in FOREIGN if plain.startswith(sign, at) and not plain.startswith("!=", at)), None)
    if foreign is not None:
        raise ConditionError(
            said("{sign!r} has no place in a condition; {remedy}", sign=foreign, remedy=said(FOREIGN[foreign])), where, at
        )
    for kind, pattern in (("number", NUMBER), ("name", NAME), ("sign", SIGN)):
        found = pattern.match(plain, at)
        if found:
            return _checked(Token(kind, SPELLINGS.get(found[0], found[0]), at), where, found.end()), found.end()
    raise ConditionError(
        said("{sign!r} has no place in a condition; a condition is such as beds > 0 and kind == 'pool'", sign=where[at]),
        where,
        at,
    )


def _quoted(where: str, at: int, closing: str, kind: str) -> tuple[Token, int]:
    """Read up to the closing quote; one that is doubled or has a backslash before it belongs to the text."""
    text, end = "", at + 1
    while end < len(where):
        one, following = where[end], where[end + 1 : end + 2]
        if one == "\\" and following and following in closing and kind == "text":
            text, end = text + following, end + 2
        elif one in closing and following == one and one in closing[-1]:
            text, end = text + one, end + 2
        elif one in closing:
            return Token(kind, text, at), end + 1
        else:
            text, end = text + one, end + 1
    raise ConditionError(
        said(
            "the {kind} that starts here has no closing {closing}",
            kind=said("column" if kind == "column" else "text"),
            closing=closing[-1],
        ),
        where,
        at,
    )


def _checked(token: Token, where: str, end: int) -> Token:
    if token.kind != "number":
        return token
    if NAME.match(where, end):
        name = where[token.at : NAME.match(where, end).end()]  # type: ignore[union-attr]
        raise ConditionError(
            said("a column whose name starts with a figure stands in backticks: `{name}`", name=name), where, token.at
        )
    if not math.isfinite(float(token.text)):
        raise ConditionError("the number is too large for any column", where, token.at)
    return token
