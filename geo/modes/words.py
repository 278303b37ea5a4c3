"""Words of access tags: open, for the ends of a trip only, or closed (travel model 2, section 3)."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..streets import tag_of

ACCESS_KEYS: Final = ("access", "foot", "bicycle", "vehicle", "motor_vehicle", "motorcar")
CLOSED, ENDS_ONLY, OPEN = range(3)
SILENT = -1  # no tag says anything
OPEN_WORDS: Final = (
    "yes", "designated", "official", "permissive", "public", "allowed", "discouraged", "unknown", "dismount",
)  # fmt: skip
ENDS_WORDS: Final = ("destination", "customers", "private", "residents", "permit", "delivery", "visitors")
CLOSED_WORDS: Final = (
    "no", "military", "emergency", "psv", "bus", "taxi", "agricultural", "forestry", "use_sidepath",
)  # fmt: skip
_CLASS: Final = {
    **dict.fromkeys(OPEN_WORDS, OPEN),
    **dict.fromkeys(ENDS_WORDS, ENDS_ONLY),
    **dict.fromkeys(CLOSED_WORDS, CLOSED),
}


def words_of(text: str) -> list[str]:
    """Split a value at `;`, trimmed and in lower case."""
    return [word for word in (part.strip().lower() for part in text.split(";")) if word]


def is_understood(text: str) -> bool:
    """Tell whether every word of a value is one of the lists."""
    return all(word in _CLASS for word in words_of(text))


def access_class(text: str) -> int:
    """Return the class of a value: of several words the most permissive holds; a word of no list opens the ends of trips."""
    return max((_CLASS.get(word, ENDS_ONLY) for word in words_of(text)), default=SILENT)


def access(tags: pd.DataFrame, *keys: str) -> NDArray[np.int8]:
    """Return each row's class by the most specific key that it carries, the first of `keys`; SILENT without any."""
    found = np.full(len(tags), SILENT, np.int8)
    for key in reversed(keys):
        own = classes(tag_of(tags, key))
        found = np.where(own != SILENT, own, found)
    return found


def classes(tag: pd.Series) -> NDArray[np.int8]:
    """Return the class of each value of a tag; SILENT where it is missing."""
    by_word = np.array([*map(access_class, tag.cat.categories), SILENT], np.int8)
    return by_word[tag.cat.codes.to_numpy()]
