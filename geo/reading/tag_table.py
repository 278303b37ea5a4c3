"""Tags on their way from blocks to a table: one categorical column per key that matters, one row per element."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..streets import STREET_KEYS
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

    def add_texts(self, tags: Sequence[Mapping[str, str]]) -> None:
        """Take the tags of some more elements, as they read."""
        useful = [
            (self.count + row, self._codes[key.encode()], self._values.setdefault(value, len(self._values)))
            for row, own in enumerate(tags)
            for key, value in own.items()
            if key.encode() in self._codes
        ]
        rows, keys, values = np.array(useful, np.int64).reshape(-1, 3).T
        self._rows.append(rows.astype(np.int32))
        self._key_codes.append(keys.astype(np.int8))
        self._value_codes.append(values.astype(np.int32))
        self.count += len(tags)

    def _number(self, text: bytes) -> int:
        return self._values.setdefault(pbf.text_of(text), len(self._values))

    def texts(self, chosen: NDArray[np.integer[Any]]) -> list[dict[str, str]]:
        """Return the tags of a few elements, to be asked before the table."""
        found: dict[int, dict[str, str]] = {row: {} for row in chosen.tolist()}
        wanted = np.zeros(self.count, bool)
        wanted[chosen] = True
        values = list(self._values)
        for rows, key_codes, value_codes in zip(self._rows, self._key_codes, self._value_codes, strict=True):
            at = np.flatnonzero(wanted[rows])
            for row, key, value in zip(rows[at].tolist(), key_codes[at].tolist(), value_codes[at].tolist(), strict=True):
                found[row][self._keys[key]] = values[value]
        return [found[row] for row in chosen.tolist()]

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


def tag_columns(tags: Sequence[Mapping[str, str]], keys: Sequence[str] = STREET_KEYS) -> pd.DataFrame:
    """Return a table of tags, a row per mapping and a column for each of the keys that any carries."""
    columns = {}
    for key in keys:
        values = [own.get(key) for own in tags]
        known = sorted({value for value in values if value is not None})
        if known:
            columns[key] = pd.Categorical(values, categories=pd.Index(known, dtype=str))
    return pd.DataFrame(columns, index=pd.RangeIndex(len(tags)))


def drained(parts: list[NDArray[Any]], kind: type[Any]) -> NDArray[Any]:
    """Join the parts and let them go: together they are the largest thing in memory while streets are put together."""
    joined = np.concatenate([np.empty(0, kind), *parts])
    parts.clear()
    return joined
