"""Tags on their way from blocks to a table: one categorical column per key that matters, one row per element."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from . import pbf

Ints = NDArray[np.int64]


class TagParts:
    """Tags of the elements taken so far; grows block by block, turned into a table once at the end.

    Parameters
    ----------
    keys : tuple of str
        Those that matter.
    """

    def __init__(self, keys: tuple[str, ...]) -> None:
        self._keys = keys
        self._codes = {key.encode(): code for code, key in enumerate(keys)}
        self._values: dict[str, int] = {}
        self._rows: list[NDArray[np.int32]] = []  # three lists alike: row of the element, key code, value code
        self._key_codes: list[NDArray[np.int8]] = []
        self._value_codes: list[NDArray[np.int32]] = []
        self.count = 0

    def add(self, tags: Ints, strings: list[bytes], kept: NDArray[np.bool_]) -> None:
        """Take the tags (element, key, value in the block) of the `kept` elements of one block."""
        codes = np.array([self._codes.get(text, -1) for text in strings])
        rows, keys, values = tags.T
        useful = kept[rows] & (codes[keys] >= 0)
        texts, inverse = np.unique(values[useful], return_inverse=True)
        numbers = np.array([self._number(strings[text]) for text in texts.tolist()], np.int32)
        position = np.cumsum(kept) - 1 + self.count
        self._rows.append(position[rows[useful]].astype(np.int32))
        self._key_codes.append(codes[keys[useful]].astype(np.int8))
        self._value_codes.append(numbers[inverse])
        self.count += int(kept.sum())

    def _number(self, text: bytes) -> int:
        return self._values.setdefault(pbf.text_of(text), len(self._values))

    def table(self, chosen: NDArray[Any]) -> pd.DataFrame:
        """Return the tags of the chosen elements, a row each; to be asked once, for the parts are let go."""
        rows, keys, values = (
            drained(self._rows, np.int32),
            drained(self._key_codes, np.int8),
            drained(self._value_codes, np.int32),
        )
        texts = np.array([*self._values, ""], dtype=object)
        columns = {}
        for code, key in enumerate(self._keys):
            mine = keys == code
            if not mine.any():
                continue
            found, inverse = np.unique(values[mine], return_inverse=True)
            column = np.full(self.count, -1, np.int32)
            column[rows[mine]] = inverse
            categories, order = np.unique(texts[found].astype(str), return_inverse=True)
            own = np.where(column >= 0, order[column], -1)
            columns[key] = pd.Categorical.from_codes(own[chosen], categories=pd.Index(categories, dtype=str))
        return pd.DataFrame(columns, index=pd.RangeIndex(len(chosen)))


def drained(parts: list[NDArray[Any]], kind: type[Any]) -> NDArray[Any]:
    """Join the parts and let them go: together they are the largest thing in memory while streets are put together."""
    joined = np.concatenate([np.empty(0, kind), *parts])
    parts.clear()
    return joined
