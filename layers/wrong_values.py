"""What pydantic finds wrong with a value, as a sentence: what to write instead, alike in studies and catalogues."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pydantic_core import ErrorDetails, PydanticCustomError

from ..geo.errors import Sentence, said
from ..geo.near_names import near

LONGEST_SHOWN: Final = 60  # characters of a value
PLAIN: Final = {
    "list_type": 'write a list: each entry on its own line with "- " in front',
    "string_type": "write text; put it in quotes if it looks like a number or yes/no",
    "path_type": "write a file name",
    "string_pattern_mismatch": "an id holds only letters a-z, digits, - and _; put other words into `title`",
    "too_short": "needs at least one entry",
    "dict_type": "write keys with values below it, as in `lifecircle new`",
    "bool_parsing": "write text; put it in quotes if it looks like a number or yes/no",
}
RANGES: Final = {
    "greater_than": (">", "gt"),
    "greater_than_equal": ("≥", "ge"),
    "less_than": ("<", "lt"),
    "less_than_equal": ("≤", "le"),
}


def refused(sentence: Sentence, *, shows_itself: bool = False) -> PydanticCustomError:
    """Make what a validator raises; `wrong_value` gives its sentence back whole, which may show the value in its own way."""
    return PydanticCustomError("refused", "{sentence}", {"sentence": sentence, "shows_itself": shows_itself})


def wrong_value(problem: ErrorDetails, keys: Iterable[str] = ()) -> Sentence:
    """Say what belongs where pydantic found something else.

    Parameters
    ----------
    problem : dict
        One of `ValidationError.errors()`.
    keys : iterable of str
        What a mapping in this place may hold.
    """
    kind, context = problem["type"], problem.get("ctx", {})
    if kind == "refused":
        return said(context["sentence"])
    if kind == "check":
        return said("write one of {checks} as `check`", checks=context["checks"])
    if kind in PLAIN:
        return said(PLAIN[kind])
    if kind in ("model_type", "model_attributes_type"):
        return said("write keys such as {keys}", keys=", ".join(keys))
    if kind == "literal_error":
        choices = context["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        hint = near(problem["input"], choices) or ""
        return said("write one of: {choices}{hint}", choices=", ".join(choices), hint=hint)
    if kind in RANGES:
        sign, key = RANGES[kind]
        share = said(" (a share: 0.9 is 90 %)") if problem["loc"][-1:] == ("target",) else ""
        return said("write a number {sign} {bound:g}{share}", sign=sign, bound=context[key], share=share)
    if kind.startswith("int"):
        return said("write a whole number")
    return said("write a number") if kind.startswith("float") else said(problem["msg"])


def shown(value: object) -> Sentence | str:
    """Quote what was written, where it is more than a blank."""
    if value is None:
        return said(" (nothing is given)")
    text = str(value)
    return said(" (given: {given})", given=text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 3]}...")
