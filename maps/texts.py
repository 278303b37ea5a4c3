"""The words planners read, in Chinese and English: `text/zh.yaml` and `text/en.yaml` hold the same keys."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any
from unicodedata import east_asian_width

import yaml

from ..geo.errors import InputError

LANGUAGES = ("zh", "en")


def in_sentence(title: str, language: str) -> str:
    """Return a title as it reads within a sentence: English ones lose their capital, abbreviations keep it."""
    keeps = language != "en" or title[1:2].isupper()
    return title if keeps else title[:1].lower() + title[1:]


def text_width(text: str) -> int:
    """Return how wide a text is in Latin letters; a Chinese character is as wide as two."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def shortened(text: str, width: int) -> str:
    """Return a text on one line of a picture, cut with … where it is wider than `width` Latin letters."""
    line = " ".join(text.split())
    if text_width(line) <= width:
        return line
    last = next(at for at in range(len(line) + 1) if text_width(line[: at + 1]) >= width)
    return line[:last].rstrip() + "…"


@cache
def texts(language: str) -> dict[str, Any]:
    """Return every text of the maps room in one language.

    Parameters
    ----------
    language : {"zh", "en"}

    Returns
    -------
    dict
        Sections `shared`, `map` and `report`, each a nested mapping of key to text.

    Raises
    ------
    InputError
        If there are no texts in this language.
    """
    if language not in LANGUAGES:
        raise InputError(f"language {language!r} is not one of {', '.join(LANGUAGES)}")
    path = resources.files(__package__).joinpath("text", f"{language}.yaml")
    loaded: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded
