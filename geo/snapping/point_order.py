"""The order points are snapped in: cell by cell, so that neighbours share the search for their streets."""

from __future__ import annotations

import math

import numpy as np

from ..compiled import compiled

INNER_BITS = 5  # a square of 2^5 x 2^5 parts is ordered along a Z, so that each pair of bits of a key is a level of squares
DIGIT_BITS = 11  # sorted by so many bits at a time
NOWHERE = -1  # key of points that are not on the globe


@compiled
def part_keys(part_lon, part_lat, columns, lon, lat):  # type: ignore[no-untyped-def]
    """Number the small part of the globe each point lies in; parts are so many degrees wide and high, `columns` go around it.

    Keys shifted by 2 n bits number squares of 2^n x 2^n parts.
    """
    keys = np.full(lon.size, NOWHERE, np.int64)
    west = south = np.int64(1) << 40
    east = np.int64(0)
    for i in range(lon.size):
        if math.isfinite(lon[i]) and abs(lat[i]) <= 90.0:
            row, column = _part(part_lon, part_lat, columns, lon[i], lat[i])
            south, west, east = min(south, row), min(west, column), max(east, column)
    south, west = south >> INNER_BITS, west >> INNER_BITS
    width, inner = (east >> INNER_BITS) - west + 1, (1 << INNER_BITS) - 1
    for i in range(lon.size):
        if math.isfinite(lon[i]) and abs(lat[i]) <= 90.0:
            row, column = _part(part_lon, part_lat, columns, lon[i], lat[i])
            square = ((row >> INNER_BITS) - south) * width + (column >> INNER_BITS) - west
            keys[i] = (square << 2 * INNER_BITS) + (_spread(row & inner) << 1) + _spread(column & inner)
    return keys


@compiled
def _part(part_lon, part_lat, columns, lon, lat):  # type: ignore[no-untyped-def]
    return np.int64(math.floor((lat + 90.0) / part_lat)), np.int64(math.floor((lon + 180.0) / part_lon)) % columns


@compiled
def _spread(bits):  # type: ignore[no-untyped-def]
    """Put a zero between the bits of a number below 256."""
    bits = (bits | (bits << 4)) & 0x0F0F
    bits = (bits | (bits << 2)) & 0x3333
    return (bits | (bits << 1)) & 0x5555


@compiled
def sorted_rows(keys):  # type: ignore[no-untyped-def]
    """Return the rows with a key of at least 0, by key, equal keys in order (radix sort, least significant digit first)."""
    rows, count, top = np.empty(keys.size, np.int32), 0, np.int64(0)
    for i in range(keys.size):
        if keys[i] >= 0:
            rows[count] = i
            count += 1
            top = max(top, keys[i])
    rows, other, shift = rows[:count], np.empty(count, np.int32), 0
    digits = (1 << DIGIT_BITS) - 1
    while top >> shift:
        starts = np.zeros(digits + 2, np.int64)
        for i in range(count):
            starts[((keys[rows[i]] >> shift) & digits) + 1] += 1
        starts = np.cumsum(starts)
        for i in range(count):
            digit = (keys[rows[i]] >> shift) & digits
            other[starts[digit]] = rows[i]
            starts[digit] += 1
        rows, other = other, rows
        shift += DIGIT_BITS
    return rows
