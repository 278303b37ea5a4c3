"""Protobuf on the wire: numbers, fields and packed lists, each read no further than an end that the caller knows.

A reader that meets something wrong returns the position BEYOND, which lies behind every end: loops over `position < end`
stop there, and a message is sound only where its last position is its end. No exceptions: raised in compiled code they leak
the arrays made so far.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...compiled import compiled

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]

BEYOND = 1 << 62
VARINT, LENGTH, UNKNOWN = 0, 2, -1  # wire types of protobuf, and of a field that is skipped
FIRST, LAST, SEEN = 0, 1, 2  # columns of `spots`: where a field's content lies (a number's value in FIRST), and if it is there
FIELDS = 11  # rows of `spots`: field numbers below are known

SOUND, ENDLESS, MISTYPED, UNEQUAL, NO_STRING, NO_PLACE, LACKING, NO_NUMBER = range(8)
REASONS = (
    "",
    "a number, a text or a list runs past its end",
    "a field is of the wrong type or stands twice",
    "lists that belong together differ in length",
    "a text is named that is not in the table of texts",
    "a coordinate is off every map",
    "a required field is missing",
    "a number is out of range",
)


@compiled
def read_varint(buffer, position, end):  # type: ignore[no-untyped-def]
    """Read one number of at most ten bytes; returns its value (two's complement for negatives) and the next position."""
    if position < end and buffer[position] < 128:  # nearly all are that short
        return np.int64(buffer[position]), position + 1
    value = np.int64(0)
    shift = np.int64(0)
    while position < end:
        byte = np.int64(buffer[position])
        position += 1
        if shift == 63:
            return (value | (byte << 63), position) if byte <= 1 else (np.int64(0), BEYOND)
        value |= (byte & 127) << shift
        if byte < 128:
            return value, position
        shift += 7
    return np.int64(0), BEYOND


@compiled
def zigzag(value):  # type: ignore[no-untyped-def]
    """Undo protobuf's coding of signed numbers."""
    return ((value >> 1) & np.int64(0x7FFFFFFFFFFFFFFF)) ^ -(value & 1)


@compiled
def read_tag(buffer, position, end):  # type: ignore[no-untyped-def]
    """Read what a field is: its number, its wire type and where its content starts."""
    tag, position = read_varint(buffer, position, end)
    field, wire = tag >> 3, tag & 7
    reserved = 19000 <= field <= 19999
    if tag < 8 or tag >= 1 << 32 or reserved or not (wire <= 2 or wire == 5):
        return np.int64(0), np.int64(0), BEYOND
    return field, wire, position


@compiled
def read_span(buffer, position, end):  # type: ignore[no-untyped-def]
    """Read a length; returns where the content starts and stops, or BEYOND twice."""
    size, position = read_varint(buffer, position, end)
    if position > end or size < 0 or size > end - position:
        return BEYOND, BEYOND
    return position, position + size


@compiled
def skip(buffer, position, end, wire):  # type: ignore[no-untyped-def]
    """Pass over the content of a field that nobody asked for."""
    if wire == VARINT:
        return read_varint(buffer, position, end)[1]
    if wire == LENGTH:
        return read_span(buffer, position, end)[1]
    position += 8 if wire == 1 else 4
    return position if position <= end else BEYOND


@compiled
def scan(buffer, position, end, wires, spots):  # type: ignore[no-untyped-def]
    """Find the known fields of one message, each at most once; `wires` has the wire type of each field, or UNKNOWN.

    Returns a reason; `spots` has a row per field: where its content starts and stops (of a number its value and its size in
    bytes), and whether it is there.
    """
    spots[:, :] = 0
    while position < end:
        field, wire, position = read_tag(buffer, position, end)
        if position > end:
            return ENDLESS
        if field >= FIELDS or wires[field] == UNKNOWN:
            position = skip(buffer, position, end, wire)
            continue
        if wire != wires[field] or spots[field, SEEN]:
            return MISTYPED
        spots[field, SEEN] = 1
        start = position
        if wire == VARINT:
            spots[field, FIRST], position = read_varint(buffer, start, end)
            spots[field, LAST] = position - start
        else:
            start, position = read_span(buffer, start, end)
            spots[field, FIRST], spots[field, LAST] = start, position
    return SOUND if position == end else ENDLESS


def known_fields(**wires: tuple[int, ...]) -> Ints:
    """Make the table of wire types that `scan` wants: `known_fields(varint=(1,), length=(2, 3))`."""
    table = np.full(FIELDS, UNKNOWN, np.int64)
    for name, fields in wires.items():
        table[list(fields)] = {"varint": VARINT, "length": LENGTH}[name]
    return table


@compiled
def count_packed(buffer, start, end):  # type: ignore[no-untyped-def]
    """Count the numbers of a packed list; -1 where one is longer than ten bytes, or the last does not end."""
    return _count_few(buffer, start, end) if end - start < 64 else _count_many(buffer, start, end)


@compiled
def _count_few(buffer, start, end):  # type: ignore[no-untyped-def]
    count = run = 0
    for position in range(start, end):
        byte = buffer[position]
        if byte < 128:
            if run == 9 and byte > 1:
                return -1
            count += 1
            run = 0
        else:
            run += 1
            if run > 9:
                return -1
    return count if run == 0 else -1


@compiled
def _count_many(buffer, start, end):  # type: ignore[no-untyped-def]
    """Count as `count_packed`, in loops that run over many bytes at once.

    Looking first and reading with `read_counted` afterwards takes half the time of minding the end byte by byte.
    """
    view = buffer[start:end]
    size = view.size
    if size != end - start or view[size - 1] >= 128:
        return -1
    count = 0
    for at in range(size):
        count += view[at] < 128
    overlong = np.uint8(0)
    for at in range(size - 9):
        nine = (
            view[at] & view[at + 1] & view[at + 2] & view[at + 3] & view[at + 4]
            & view[at + 5] & view[at + 6] & view[at + 7] & view[at + 8]
        )  # fmt: skip
        overlong |= np.uint8(nine >> 7) & np.uint8(view[at + 9] > 1)
    return -1 if overlong else count


@compiled
def read_counted(buffer, position):  # type: ignore[no-untyped-def]
    """Read one number of a list, without minding its end: only for as many as `count_packed` found in it."""
    value = np.int64(0)
    shift = np.int64(0)
    while True:
        byte = np.int64(buffer[position])
        position += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, position
        shift += 7


@compiled
def unpack_deltas(buffer, start, end, target, first, last):  # type: ignore[no-untyped-def]
    """Decode packed, delta-coded signed numbers into `target[first:last]`, all of it; returns a reason."""
    count = count_packed(buffer, start, end)
    if count != last - first or not 0 <= first <= last <= target.size:
        return ENDLESS if count < 0 else UNEQUAL
    value = np.int64(0)
    position = start
    for at in range(first, last):
        step, position = read_counted(buffer, position)
        value += zigzag(step)
        target[at] = value
    return SOUND


@compiled
def unpack_numbers(buffer, start, end, target, first, last, highest):  # type: ignore[no-untyped-def]
    """Decode packed numbers of 0 to `highest` into `target[first:last]`, all of it; returns a reason."""
    count = count_packed(buffer, start, end)
    if count != last - first or not 0 <= first <= last <= target.size:
        return ENDLESS if count < 0 else UNEQUAL
    position = start
    for at in range(first, last):
        value, position = read_counted(buffer, position)
        if value < 0 or value > highest:
            return NO_NUMBER
        target[at] = value
    return SOUND


@compiled
def check_numbers(buffer, start, end, count, delta, lowest, highest):  # type: ignore[no-untyped-def]
    """Check a packed list of `count` numbers, each (summed up where delta-coded) within bounds; returns a reason."""
    found = count_packed(buffer, start, end)
    if found != count:
        return ENDLESS if found < 0 else UNEQUAL
    value = np.int64(0)
    position = start
    for _ in range(count):
        step, position = read_counted(buffer, position)
        value = value + zigzag(step) if delta else step
        if value < lowest or value > highest:
            return NO_NUMBER
    return SOUND


@compiled
def grow(array, room):  # type: ignore[no-untyped-def]
    """Return the array with room for at least `room` numbers."""
    if room <= array.size:
        return array
    grown = np.empty(max(room, 2 * array.size), array.dtype)
    grown[: array.size] = array
    return grown
