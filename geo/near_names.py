"""Names that are meant where another was written: one rule for columns, goals, services, options and words of conditions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any, Final

from .errors import Sentence, said

MOST_NAMES: Final = 12
LIKENESS: Final = 0.5  # of the letters; half of them are a slip of the pen, fewer are another word
SHORT_NAMES: Final = 0.4  # Chinese names have few letters, of which one is wrong


def near_name(name: object, known: Iterable[object], *, likeness: float = LIKENESS) -> str | None:
    """Return the known name that is most like another, where one is."""
    found = get_close_matches(str(name), [str(each) for each in known], 1, likeness)
    return found[0] if found else None


def near(name: object, known: Iterable[object], *, likeness: float = LIKENESS) -> Sentence | None:
    """Hint at it, as the end of a sentence."""
    found = near_name(name, known, likeness=likeness)
    return None if found is None else said("; did you mean {near!r}?", near=found)


def nearest(name: object, known: Iterable[object]) -> Sentence:
    """Hint at the nearest known name, or list what is known."""
    names = [str(item) for item in known]
    hint = near(name, names)
    if hint is None and not names:
        hint = said("; none is given.")
    return hint or said(". Known: {names}.", names=_first(names))


def _first(names: Sequence[Any]) -> str:
    return ", ".join(names[:MOST_NAMES]) + (" ..." if len(names) > MOST_NAMES else "")
