"""Options that hold several values: "10,15,30", also with Chinese commas."""

from __future__ import annotations

import re
from collections.abc import Sequence

import typer

from ..speech.messages import default_language, speaker

COMMAS = r"[,，、;；]"


def minutes_list(text: str) -> list[float]:
    """Read limits.

    Raises
    ------
    typer.BadParameter
        If a part is no number above 0.
    """
    try:
        limits = [float(part) for part in re.split(COMMAS, text)]
    except ValueError as error:
        raise typer.BadParameter(speaker(default_language())("usage.no_minutes", given=text)) from error
    if not all(0 < limit < float("inf") for limit in limits):
        raise typer.BadParameter(speaker(default_language())("usage.no_minutes", given=text))
    return limits


def names_list(given: Sequence[str] | None) -> list[str] | None:
    """Split names that were given repeatedly, or with commas between them; None where nothing was given."""
    names = [name.strip() for text in given or () for name in re.split(COMMAS, text)]
    return [name for name in names if name] or None
