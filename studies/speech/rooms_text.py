"""Errors and reasons of the lower rooms in the planner's language: those rooms speak English and know no other.

A sentence is looked up by its template and filled with its own values (see `geo.errors`); no text is taken apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import yaml

from ...geo.errors import LifecircleError, Sentence

if TYPE_CHECKING:
    import pandas as pd  # every command's errors come through here, and pandas takes a third of a second to import

Spelling = Callable[[str], str]
NOTE = "note: "  # readers mark rows that stay, with a value set aside, as notes


def translate(message: str | LifecircleError, language: str, *, spelled: Spelling = str) -> str:
    """Say a message of geo, layers or analyses in `language`; a message without a translation stays as it is.

    Parameters
    ----------
    message : Sentence, error or str
        A str without a template is its own template.
    language : {"zh", "en"}
    spelled : callable, optional
        Changes templates before they are filled: a command has options where a study has keys.
    """
    sentence = message.sentence if isinstance(message, LifecircleError) else message
    return _filled(sentence, getattr(sentence, "template", sentence), language, spelled)


def translate_reason(reason: str, language: str) -> str:
    """Say why a row was refused; what marks a row that stays is said in `language` too."""
    template = getattr(reason, "template", reason)
    if language == "en" or not template.startswith(NOTE):
        return translate(reason, language)
    return templates(language)[NOTE.strip()] + without_note(reason, language)


def without_note(reason: str, language: str) -> str:
    """Say a reason without the mark of rows that stay."""
    template = getattr(reason, "template", reason).removeprefix(NOTE)
    return _filled(reason, template, language)


def translate_reasons(rejected: pd.DataFrame, language: str) -> pd.DataFrame:
    """Return refused rows with their `reason` in `language`."""
    told = rejected["reason"].map(lambda reason: translate_reason(reason, language)).astype("str")
    return rejected.assign(reason=told)


@cache
def templates(language: str) -> Mapping[str, str]:
    """Return the sentences known, by their English templates."""
    file = resources.files(__package__).joinpath(f"text/rooms.{language}.yaml")
    entries: dict[str, str] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return entries


def _filled(sentence: str, template: str, language: str, spelled: Spelling = str) -> str:
    text = spelled(template if language == "en" else templates(language).get(template, template))
    if not isinstance(sentence, Sentence) or not sentence.values:
        return text
    told = {
        name: translate(value, language, spelled=spelled) if isinstance(value, Sentence | LifecircleError) else value
        for name, value in sentence.values.items()
    }
    return text.format(**told)
