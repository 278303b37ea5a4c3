"""Errors and reasons of the lower rooms in the planner's language: those rooms speak English and know no other."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    import pandas as pd  # every command's errors come through here, and pandas takes a third of a second to import

HOLE, NOTE = "{}", "note: "  # readers mark rows that stay, with a value set aside, as notes


def translate(message: str, language: str) -> str:
    """Say a message of geo, layers or analyses in `language`; a message without a translation stays as it is.

    Parameters
    ----------
    message : str
        As raised or listed, with names and figures in it.
    language : {"zh", "en"}
    """
    if language == "en":
        return message
    for pattern, text in _patterns(language):
        found = pattern.fullmatch(message)
        if found:
            # A hole may hold a message in turn, such as the reason of a row.
            return text.format(*(translate(part, language) for part in found.groups()))
    return message


def translate_reasons(rejected: pd.DataFrame, language: str) -> pd.DataFrame:
    """Return refused rows with their `reason` in `language`."""
    said = rejected["reason"].map(lambda reason: _translate_reason(reason, language)).astype("str")
    return rejected.assign(reason=said)


@cache
def templates(language: str) -> Mapping[str, str]:
    """Return the known messages in English, with `{}` where names and figures stand, and their translations."""
    file = resources.files(__package__).joinpath(f"text/rooms.{language}.yaml")
    entries: dict[str, str] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return entries


def _translate_reason(reason: str, language: str) -> str:
    body = translate(reason.removeprefix(NOTE), language)
    mark = templates(language)[NOTE.strip()] if language != "en" and reason.startswith(NOTE) else ""
    return reason if language == "en" else mark + body


@cache
def _patterns(language: str) -> list[tuple[re.Pattern[str], str]]:
    """The wordiest message first: short ones may match parts of long ones."""
    entries = sorted(templates(language).items(), key=lambda entry: -len(entry[0].replace(HOLE, "")))
    return [(re.compile("(.+?)".join(map(re.escape, english.split(HOLE))), re.DOTALL), text) for english, text in entries]
