"""The words planners read, in Chinese and English: `text/zh.yaml` and `text/en.yaml` hold the same keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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


def wrapped(parts: Sequence[str], width: int, *, between: str = "  ·  ", most_lines: int = 5) -> str:
    """Set texts one after the other on lines at most `width` Latin letters wide; each begins a line where it would not fit.

    What does not fit on `most_lines` lines ends with …: the files themselves hold all of it.
    """
    lines: list[str] = []
    for part in (piece for text in parts for piece in _pieces(" ".join(text.split()), width)):
        joined = between.join([lines[-1], part]) if lines else part
        if lines and text_width(joined) <= width:
            lines[-1] = joined
        else:
            lines.append(part)
    kept = lines[:most_lines]
    return "\n".join([*kept[:-1], shortened(kept[-1] + "…" * width, width)] if len(lines) > most_lines else kept)


def _pieces(text: str, width: int) -> Iterator[str]:
    """Cut a text that is wider than a line, between words where it has any."""
    while text_width(text) > width:
        fits = next(at for at in range(len(text), 0, -1) if text_width(text[:at]) <= width)
        space = text.rfind(" ", 0, fits + 1)
        cut = space if space > fits // 2 else fits
        yield text[:cut].rstrip()
        text = text[cut:].lstrip()
    yield text


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
        raise InputError("language {language!r} is not one of {languages}", language=language, languages=", ".join(LANGUAGES))
    path = resources.files(__package__).joinpath("text", f"{language}.yaml")
    loaded: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded
