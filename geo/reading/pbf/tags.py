"""Tags of an element: two lists of rows in the block's table of texts."""

from __future__ import annotations

import numpy as np

from ...compiled import compiled
from .wire import ENDLESS, FIRST, LAST, NO_STRING, SOUND, UNEQUAL, count_packed, grow, read_counted

KEYS, VALUES = 2, 3  # fields of a node, a way and a relation alike


@compiled
def read_tags(buffer, spots, strings, row, tags, tagged, wanted):  # type: ignore[no-untyped-def]
    """Read the parallel lists of one element's keys and values behind the `tagged` tags that stand in `tags`.

    `tags` has room for as many more as the list of keys has bytes. Returns a reason, how many stand there now, and whether
    a wanted key was among them.
    """
    key_at, value_at = spots[KEYS, FIRST], spots[VALUES, FIRST]
    count = count_packed(buffer, key_at, spots[KEYS, LAST])
    values = count_packed(buffer, value_at, spots[VALUES, LAST])
    keep = False
    if count < 0 or count != values or 3 * (tagged + count) > tags.size:
        return (ENDLESS if count < 0 or values < 0 else UNEQUAL), tagged, keep
    for _ in range(count):
        key, key_at = read_counted(buffer, key_at)
        value, value_at = read_counted(buffer, value_at)
        if not (0 <= key < strings and 0 <= value < strings):
            return NO_STRING, tagged, keep
        keep = keep or wanted[key]
        tags[3 * tagged], tags[3 * tagged + 1], tags[3 * tagged + 2] = row, key, value
        tagged += 1
    return SOUND, tagged, keep


@compiled
def read_dense_tags(buffer, start, end, strings, first, count, tags, tagged, wanted):  # type: ignore[no-untyped-def]
    """Read the one list of all tags of `count` nodes, a 0 behind those of each; tags of nodes without a wanted key are dropped.

    Returns a reason, the list of tags (it may have grown) and how many stand in it.
    """
    left = count_packed(buffer, start, end)
    row, mark, keep = first, tagged, False
    position = start
    while left > 0:
        key, position = read_counted(buffer, position)
        left -= 1
        if key == 0:
            tagged = tagged if keep else mark
            row, mark, keep = row + 1, tagged, False
            continue
        if left == 0:
            return UNEQUAL, tags, mark
        value, position = read_counted(buffer, position)
        left -= 1
        if not (0 <= key < strings and 0 <= value < strings):
            return NO_STRING, tags, mark
        keep = keep or wanted[key]
        tags = grow(tags, 3 * tagged + 3)
        tags[3 * tagged], tags[3 * tagged + 1], tags[3 * tagged + 2] = row, key, value
        tagged += 1
    if left < 0:
        return ENDLESS, tags, mark
    return (SOUND if row == first + count and tagged == mark else UNEQUAL), tags, mark


@compiled
def triples(tags, tagged):  # type: ignore[no-untyped-def]
    """Return the flat list as rows of element, key and value."""
    return tags[: 3 * tagged].copy().reshape(tagged, 3)


@compiled
def no_tags():  # type: ignore[no-untyped-def]
    """Return an empty list that tags can be added to."""
    return np.empty(192, np.int64)
