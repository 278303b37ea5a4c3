"""Who wrote an element and when: checked as strictly as the rest, kept as one number that orders the versions of an element."""

from __future__ import annotations

import numpy as np

from ...compiled import compiled
from .wire import (
    ENDLESS,
    FIELDS,
    FIRST,
    LAST,
    NO_NUMBER,
    NO_STRING,
    SEEN,
    SOUND,
    UNEQUAL,
    check_numbers,
    count_packed,
    known_fields,
    read_counted,
    scan,
    unpack_numbers,
    zigzag,
)

VERSION, TIMESTAMP, CHANGESET, USER_ID, USER, VISIBLE = range(1, 7)  # fields of Info and DenseInfo alike
LARGEST_INT32, LARGEST_UINT32 = (1 << 31) - 1, (1 << 32) - 1
_INFO = known_fields(varint=(1, 2, 3, 4, 5, 6))
_DENSE = known_fields(length=(1, 2, 3, 4, 5, 6))


@compiled
def stamp(version, time, date_granularity):  # type: ignore[no-untyped-def]
    """Return a number that is larger for a newer version, and of two alike for a later time (whole seconds)."""
    return (max(version, np.int64(0)) << 32) | seconds(time, date_granularity)


@compiled
def seconds(time, date_granularity):  # type: ignore[no-untyped-def]
    """Return a time as whole seconds, which OSM counts in 32 bits."""
    if date_granularity != 1000:
        millis = time * date_granularity
        time = millis // 1000 if millis >= 0 else -(-millis // 1000)
    return time & np.int64(LARGEST_UINT32)


@compiled
def read_info(buffer, start, end, strings, date_granularity, spots):  # type: ignore[no-untyped-def]
    """Read the Info of one element; returns a reason, its stamp and whether it is visible."""
    reason = scan(buffer, start, end, _INFO, spots)
    if reason != SOUND:
        return reason, np.int64(0), True
    version, changeset = spots[VERSION, FIRST], spots[CHANGESET, FIRST]
    visible = spots[VISIBLE, FIRST] != 0 or not spots[VISIBLE, SEEN]
    newest = stamp(version, spots[TIMESTAMP, FIRST], date_granularity)
    if version < -1 or version > LARGEST_INT32 or changeset < -1 or changeset >= LARGEST_UINT32:
        return NO_NUMBER, newest, visible
    if spots[VISIBLE, SEEN] and (spots[VISIBLE, LAST] != 1 or spots[VISIBLE, FIRST] > 1):
        return NO_NUMBER, newest, visible
    if spots[USER, SEEN] and not 0 <= spots[USER, FIRST] < strings:
        return NO_STRING, newest, visible
    return SOUND, newest, visible


@compiled
def read_dense_info(buffer, start, end, count, strings, date_granularity, stamps, hidden, first):  # type: ignore[no-untyped-def]
    """Read the DenseInfo of `count` nodes into `stamps[first:]` and `hidden[first:]`; returns a reason.

    A list may be left out; one that is there has an entry for every node.
    """
    spots = np.empty((FIELDS, 3), np.int64)
    reason = scan(buffer, start, end, _DENSE, spots)
    at, stop = spots[CHANGESET, FIRST], spots[CHANGESET, LAST]
    if reason == SOUND and at < stop:
        reason = check_numbers(buffer, at, stop, count, True, -1, LARGEST_UINT32 - 1)
    at, stop = spots[USER, FIRST], spots[USER, LAST]
    if reason == SOUND and at < stop:
        reason = check_numbers(buffer, at, stop, count, True, 0, strings - 1)
        reason = NO_STRING if reason == NO_NUMBER else reason
    at, stop = spots[USER_ID, FIRST], spots[USER_ID, LAST]
    if reason == SOUND and at < stop:
        seen = count_packed(buffer, at, stop)
        reason = ENDLESS if seen < 0 else (SOUND if seen == count else UNEQUAL)
    last = first + count
    if reason == SOUND:
        reason = _dense_versions(buffer, spots[VERSION, FIRST], spots[VERSION, LAST], stamps, first, last)
    if reason == SOUND:
        reason = _dense_times(buffer, spots[TIMESTAMP, FIRST], spots[TIMESTAMP, LAST], date_granularity, stamps, first, last)
    at, stop = spots[VISIBLE, FIRST], spots[VISIBLE, LAST]
    if reason == SOUND and at < stop:
        reason = unpack_numbers(buffer, at, stop, hidden, first, last, 1)
        hidden[first:last] = 1 - hidden[first:last]
    return reason


@compiled
def _dense_versions(buffer, start, end, stamps, first, last):  # type: ignore[no-untyped-def]
    """Write the versions of nodes as stamps without time; returns a reason."""
    count = count_packed(buffer, start, end)
    if count != last - first and start < end:
        return ENDLESS if count < 0 else UNEQUAL
    position = start
    version = np.int64(0)
    for row in range(first, last):
        if count > 0:
            version, position = read_counted(buffer, position)
        if version < -1 or version > LARGEST_INT32:
            return NO_NUMBER
        stamps[row] = max(version, np.int64(0)) << 32
    return SOUND


@compiled
def _dense_times(buffer, start, end, date_granularity, stamps, first, last):  # type: ignore[no-untyped-def]
    """Write the times of nodes into stamps that have their versions; returns a reason."""
    count = count_packed(buffer, start, end)
    if count != last - first:
        return SOUND if start == end else (ENDLESS if count < 0 else UNEQUAL)
    position = start
    time = np.int64(0)
    for row in range(first, last):
        step, position = read_counted(buffer, position)
        time += zigzag(step)
        stamps[row] |= seconds(time, date_granularity)
    return SOUND
