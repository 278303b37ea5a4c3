"""From a condition's text to its tree, or to one error that names the place and the nearest valid form."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from ...geo.errors import said
from ...geo.near_names import near_name
from .numbers import exact_number
from .tokens import Token, tokens
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

MOST_DEPTH: Final = 40
MOST_VALUES: Final = 2_000
COMPARISONS: Final = ("==", "!=", "<", "<=", ">", ">=")
AND, OR, NOT = ("and", "&", "且"), ("or", "|", "或"), ("not", "~", "非")
RESERVED: Final = frozenset((*AND, *OR, *NOT, "in", "is", "null", "true", "false"))
# Words after a column, and the form they mean; `matches` finds a regular expression anywhere in the text.
TEXT_FORMS: Final = {"contains": "contains", "startswith": "starts", "endswith": "ends", "matches": "matches"}
SPACED: Final = {"starts": "startswith", "ends": "endswith"}  # starts with, ends with
# What pandas queries say with a call, as fixed forms.
CALLS: Final = ("isnull", "isna", "notnull", "notna", "isin", "str.contains", "str.startswith", "str.endswith")
# Words of other languages, and what to write.
FOREIGN: Final = {
    "like": "write kind contains 'pool'",
    "between": "write 5 <= beds <= 10",
    "none": "write `is null`, or `is not null`",
    "nan": "write `is null`, or `is not null`",
    "xor": "write (a and not b) or (b and not a)",
    "lambda": "functions are no part of a condition; a condition is such as beds > 0 and kind == 'pool'",
    "if": "write the condition alone, such as beds > 0",
    "where": "write the condition alone, such as beds > 0",
}
EXAMPLE: Final = "a condition is such as beds > 0 and kind in ['pool', 'gym']"


@lru_cache(maxsize=256)
def parse_condition(where: str) -> Condition:
    """Parse a condition; the forms are listed in docs/study.md.

    Raises
    ------
    ConditionError
        Naming the character, and the nearest valid form.
    """
    return _Parser(where).whole()


class _Parser:
    """Recursive descent, one token ahead."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.words = list(tokens(where))
        self.place = 0
        self.depth = 0

    def whole(self) -> Condition:
        if self.now.kind == "end":
            raise self.wrong(said("the condition is empty; {example}", example=said(EXAMPLE)))
        condition = self.some()
        if self.now.kind != "end":
            raise self.unexpected("the condition could end here, or go on with `and` or `or`")
        return condition

    @property
    def now(self) -> Token:
        return self.words[self.place]

    def at_word(self, *words: str) -> bool:
        """Tell whether a sign, or a word in any case, is next."""
        return self.now.kind in ("name", "sign") and self.now.text.lower() in words

    def take(self, *words: str) -> bool:
        if self.at_word(*words):
            self.place += 1
            return True
        return False

    def wrong(self, problem: str, at: int | None = None) -> ConditionError:
        return ConditionError(problem, self.where, self.now.at if at is None else at)

    def unexpected(self, hint: str) -> ConditionError:
        """Say that the next word is none that belongs here; some are told apart by what people mean by them."""
        if self.now.kind == "end":
            return self.wrong(said("something is missing at the end; {hint}", hint=said(hint)))
        text = self.now.text
        if self.now.kind == "name" and text.lower() in FOREIGN:
            return self.wrong(
                said("{sign!r} has no place in a condition; {remedy}", sign=text, remedy=said(FOREIGN[text.lower()]))
            )
        if text == "-":
            return self.wrong("a condition does not calculate: put the result into a column of the file")
        if self.now.kind == "name" and text.lower() not in RESERVED:
            near = near_name(text.lower(), (*TEXT_FORMS, *SPACED), likeness=0.7)
            hint = said("did you mean `{near}`?", near=near) if near else hint
        return self.wrong(said("{text!r} has no place here; {hint}", text=text, hint=said(hint)))

    def some(self) -> Condition:
        return self.joined(OR, self.every, Some)

    def every(self) -> Condition:
        return self.joined(AND, self.negated, Every)

    def joined(
        self, words: tuple[str, ...], part: Callable[[], Condition], whole: Callable[[tuple[Condition, ...]], Condition]
    ) -> Condition:
        parts = [part()]
        while self.take(*words):
            parts.append(part())
        return parts[0] if len(parts) == 1 else whole(tuple(parts))

    def negated(self) -> Condition:
        if self.at_word(*NOT) or self.at_word("("):
            self.depth += 1
            if self.depth > MOST_DEPTH:
                raise self.wrong(said("brackets and `not` may stand at most {most_depth} deep", most_depth=MOST_DEPTH))
            condition = Not(self.negated()) if self.take(*NOT) else self.bracketed()
            self.depth -= 1
            return condition
        return self.comparison()

    def bracketed(self) -> Condition:
        opened = self.now.at
        self.take("(")
        condition = self.some()
        if self.now.kind == "end":
            raise self.wrong("the bracket that opens here is not closed", opened)
        if not self.take(")"):
            raise self.unexpected("the bracket could close here, or go on with `and` or `or`")
        return condition

    def comparison(self) -> Condition:
        left = self.operand()
        if self.at_word(*COMPARISONS):
            return self.chain(left)
        if not isinstance(left, Column):
            raise self.unexpected("after a value comes a comparison with a column, such as 0 < beds")
        return self.about(left)

    def chain(self, left: Operand) -> Condition:
        """Read `a < b`, and `a < b <= c` as both."""
        parts: list[Condition] = []
        while self.at_word(*COMPARISONS):
            operator = self.now.text
            self.place += 1
            right = self.operand()
            parts.append(self.compare(left, operator, right))
            left = right
        return parts[0] if len(parts) == 1 else Every(tuple(parts))

    def compare(self, left: Operand, operator: str, right: Operand) -> Condition:
        if not isinstance(left, Column) and not isinstance(right, Column):
            raise self.wrong("neither side is a column; a column stands bare or in backticks, not in quotes", left.at)
        column, other = (left, right) if isinstance(left, Column) else (right, left)
        if isinstance(column, Column) and operator == "==":
            self.check_not_blank(column, other)
        return Compare(left, operator, right)

    def check_not_blank(self, column: Column, value: Operand) -> None:
        if isinstance(value, Text) and not value.value.strip():
            raise self.wrong(said("a blank cell equals nothing; write {column} is null", column=column.name), value.at)

    def about(self, column: Column) -> Condition:
        """Read what is said of a column: in a list, blank, a part of its text; alone it states true or false."""
        if self.take("is"):
            return self.blank(column)
        if self.at_word("."):
            return self.called(column)
        negative = self.at_word("not")
        if negative:
            self.place += 1
        found = self.listed(column) if self.take("in") else self.text_form(column)
        if found is None and negative:
            raise self.unexpected("after a column and `not` come in, contains, startswith, endswith or matches")
        if found is None:
            return self.alone(column)
        return Not(found) if negative else found

    def alone(self, column: Column) -> Condition:
        if self.now.kind == "end" or self.at_word(*AND, *OR, ")"):
            return Stated(column)
        if self.at_word("("):
            raise self.wrong(said("functions are no part of a condition; {example}", example=said(EXAMPLE)), column.at)
        if self.at_word("["):
            raise self.wrong(said("a column stands whole; {example}", example=said(EXAMPLE)))
        raise self.unexpected("after a column comes ==, !=, <, <=, >, >=, in, is null, contains, startswith, endswith or matches")

    def blank(self, column: Column) -> Condition:
        negative = self.take("not")
        if not self.take("null"):
            raise self.unexpected("after `is` comes null or not null; values are compared with ==")
        return Not(Blank(column)) if negative else Blank(column)

    def listed(self, column: Column) -> Condition:
        if not self.at_word("(", "["):
            raise self.unexpected("after `in` comes a list, such as ['pool', 'gym']")
        closing = ")" if self.now.text == "(" else "]"
        self.place += 1
        values = [self.listed_value(column)]
        while self.take(","):
            if self.at_word(closing):
                break
            values.append(self.listed_value(column))
            if len(values) > MOST_VALUES:
                raise self.wrong(
                    said(
                        "a list has at most {most_values} values: mark the rows in a column of the file", most_values=MOST_VALUES
                    )
                )
        if not self.take(closing):
            raise self.unexpected(said("the list goes on with a comma, or ends with {closing}", closing=closing))
        return Among(column, tuple(values))

    def text_form(self, column: Column) -> Condition | None:
        if self.now.kind != "name":
            return None
        word = self.now.text.lower()
        if word in SPACED and self.words[self.place + 1].text.lower() == "with":
            word = SPACED[word]
            self.place += 1
        if word not in TEXT_FORMS:
            return None
        self.place += 1
        return self.matching(column, TEXT_FORMS[word])

    def matching(self, column: Column, form: str) -> Condition:
        if self.now.kind != "text":
            raise self.unexpected("here comes a text in quotes, such as 'pool'")
        token = self.now
        self.place += 1
        if form == "matches":
            self.check_pattern(token)
        return Matches(column, form, token.text)

    def check_pattern(self, token: Token) -> None:
        """RE2 reads expressions: it is linear in the text, whatever the expression; it knows no references back."""
        try:
            pc.match_substring_regex(pa.array([""]), token.text)
        except pa.ArrowException as error:
            reason = str(error).removeprefix("Invalid regular expression: ")
            raise self.wrong(
                said("this is no regular expression ({reason}); write contains 'pool' for a plain text", reason=reason), token.at
            ) from None

    def called(self, column: Column) -> Condition:
        """Read the calls that pandas queries are written with: fixed forms, each with one meaning."""
        name = ""
        while self.take("."):
            if self.now.kind != "name":
                raise self.unexpected(EXAMPLE)
            name += ("." if name else "") + self.now.text
            self.place += 1
        if name not in CALLS or not self.take("("):
            raise self.wrong(said(".{name} is no part of a condition; {example}", name=name, example=said(EXAMPLE)), column.at)
        if name == "isin":
            found = self.listed(column)
        elif name.startswith("str."):
            found = self.matching(column, {"contains": "matches"}.get(name[4:]) or TEXT_FORMS[name[4:]])
            if self.take(",") and not (self.take("na") and self.take("==") and self.take("false")):
                raise self.unexpected("only na=False, which holds anyway, may follow the text")
        else:
            found = Blank(column) if name.startswith("is") else Not(Blank(column))
        if not self.take(")"):
            raise self.unexpected("the bracket closes here")
        return found

    def listed_value(self, column: Column) -> Literal:
        value = self.operand()
        if isinstance(value, Column):
            raise self.wrong(
                said("a list holds values, not columns; a text stands in quotes: '{text}'", text=value.name), value.at
            )
        self.check_not_blank(column, value)
        return value

    def operand(self) -> Operand:
        token = self.now
        negative = self.take("-")
        number = self.now
        if number.kind == "number":
            self.place += 1
            return Number(exact_number(number.text) * (-1 if negative else 1), token.at)
        if negative:
            raise self.unexpected("after - comes a number")
        if token.kind == "text":
            self.place += 1
            return Text(token.text, token.at)
        if self.at_word("true", "false"):
            self.place += 1
            return Flag(token.text.lower() == "true", token.at)
        if token.kind == "column" or (token.kind == "name" and token.text.lower() not in RESERVED | FOREIGN.keys()):
            self.place += 1
            return Column(token.text, token.at)
        raise self.unexpected("here comes a column, a number, or a text in quotes, such as beds > 0 or kind == 'pool'")
