"""What all elements of a block share: the table of texts, the groups and the scale of numbers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...compiled import compiled
from ...errors import InputError, said
from .blobs import Blob
from .wire import (
    BEYOND,
    ENDLESS,
    LACKING,
    LENGTH,
    MISTYPED,
    NO_NUMBER,
    REASONS,
    SOUND,
    VARINT,
    Bytes,
    Ints,
    grow,
    read_span,
    read_tag,
    read_varint,
    skip,
)

LONGEST_TEXT = 1024  # bytes: OSM allows 255 characters, of at most four bytes
GRANULARITY, DATE_GRANULARITY, LAT_OFFSET, LON_OFFSET = range(4)  # places in `Block.scale`
LARGEST_GRANULARITY = 1_000_000_000  # nanodegrees: whole degrees
LARGEST_OFFSET = 360_000_000_000  # nanodegrees
NODE, DENSE, WAY, RELATION = range(1, 5)  # fields of a PrimitiveGroup

_TABLE, _GROUP = 1, 2  # fields of a PrimitiveBlock; its numbers are fields 17 to 20


class DamagedBlock(InputError):
    """A block whose bytes do not hold together."""

    def __init__(self, path: Path, reason: int) -> None:
        super().__init__(
            said("{file}: a block is damaged ({reasons}); download the file again.", file=path, reasons=said(REASONS[reason]))
        )
        self.reason = reason


@dataclass(frozen=True)
class Block:
    """One inflated PrimitiveBlock: its bytes, its table of texts and where its elements lie.

    Attributes
    ----------
    string_starts, string_ends : (s,) int64
        Where each text lies in `data`.
    messages : (n, 3) int64
        NODE, DENSE, WAY or RELATION, and where each element (or table of nodes) starts and ends.
    scale : (4,) int64
        Granularity of coordinates (nanodegrees) and dates (milliseconds), offsets of latitude and longitude (nanodegrees).
    """

    path: Path
    data: Bytes
    string_starts: Ints
    string_ends: Ints
    messages: Ints
    scale: Ints

    @property
    def has_nodes(self) -> bool:
        """Whether any node stands in it."""
        return bool(np.isin(self.messages[:, 0], (NODE, DENSE)).any())

    def strings(self) -> list[bytes]:
        """Return the whole table of texts."""
        data = self.data.tobytes()
        return [data[a:b] for a, b in zip(self.string_starts.tolist(), self.string_ends.tolist(), strict=True)]

    def require(self, reason: int) -> None:
        """Refuse the file if a kernel gives a reason.

        Raises
        ------
        DamagedBlock
        """
        if reason != SOUND:
            raise DamagedBlock(self.path, reason)


def read_block(blob: Blob) -> Block:
    """Inflate one blob and find its texts and elements.

    Raises
    ------
    InputError
        If it is damaged.
    """
    data = blob.inflate()
    scale = np.array([100, 1000, 0, 0], np.int64)
    reason, table, groups = _layout(data, scale)
    if reason == SOUND:
        reason, starts, ends = _texts(data, table[0], table[1])
    if reason == SOUND:
        reason, messages = _messages(data, groups)
    if reason != SOUND:
        raise DamagedBlock(blob.path, reason)
    return Block(blob.path, data, starts, ends, messages, scale)


@compiled
def _layout(buffer, scale):  # type: ignore[no-untyped-def]
    """Find the table of texts, the groups and the scale of a PrimitiveBlock; returns a reason, the table and the groups."""
    end = buffer.size
    table = np.zeros(2, np.int64)
    groups = np.empty(32, np.int64)
    found = position = 0
    reason = SOUND
    while position < end and reason == SOUND:
        field, wire, position = read_tag(buffer, position, end)
        known = field in (_TABLE, _GROUP) or 17 <= field <= 20
        if position > end or not known:
            position = skip(buffer, position, end, wire)
        elif wire != (LENGTH if field < 17 else VARINT) or (field == _TABLE and table[1]):
            reason = MISTYPED
        elif field >= 17:
            value, position = read_varint(buffer, position, end)
            scale[field - 17] = value
        else:
            start, position = read_span(buffer, position, end)
            if field == _TABLE:
                table[0], table[1] = start, position
            else:
                groups = grow(groups, found + 2)
                groups[found], groups[found + 1] = start, position
                found += 2
    if reason == SOUND and position != end:
        reason = ENDLESS
    if reason == SOUND and table[1] == 0:
        reason = LACKING
    if reason == SOUND:
        reason = _check_scale(scale)
    return reason, table, groups[:found]


@compiled
def _messages(buffer, groups):  # type: ignore[no-untyped-def]
    """Find all elements in all groups; returns a reason and the rows of `Block.messages`."""
    messages = np.empty(192, np.int64)
    found = 0
    for group in range(0, groups.size, 2):
        position, end = groups[group], groups[group + 1]
        while position < end:
            field, wire, position = read_tag(buffer, position, end)
            if position > end or not NODE <= field <= RELATION:
                position = skip(buffer, position, end, wire)
                continue
            if wire != LENGTH:
                return MISTYPED, messages[:0].reshape(0, 3)
            start, position = read_span(buffer, position, end)
            messages = grow(messages, found + 3)
            messages[found], messages[found + 1], messages[found + 2] = field, start, position
            found += 3
        if position != end:
            return ENDLESS, messages[:0].reshape(0, 3)
    return SOUND, messages[:found].reshape(found // 3, 3)


@compiled
def _check_scale(scale):  # type: ignore[no-untyped-def]
    for place in (GRANULARITY, DATE_GRANULARITY):
        if not 1 <= scale[place] <= LARGEST_GRANULARITY:
            return NO_NUMBER
    for place in (LAT_OFFSET, LON_OFFSET):
        if not -LARGEST_OFFSET <= scale[place] <= LARGEST_OFFSET:
            return NO_NUMBER
    return SOUND


@compiled
def _texts(buffer, position, end):  # type: ignore[no-untyped-def]
    """Find the texts of the table; returns a reason, where they start and where they end."""
    starts = np.empty((end - position) // 2 + 1, np.int64)  # a text takes two bytes at least
    ends = np.empty_like(starts)
    found = 0
    reason = SOUND
    while position < end:
        field, wire, position = read_tag(buffer, position, end)
        if position > end:
            break
        if field != 1:
            position = skip(buffer, position, end, wire)
            continue
        start = position
        start, position = read_span(buffer, start, end) if wire == LENGTH else (start, BEYOND)
        if position > end:
            break
        if position - start > LONGEST_TEXT or not _without_nul(buffer, start, position):
            reason = NO_NUMBER
            break
        starts[found], ends[found] = start, position
        found += 1
    if reason == SOUND and position != end:
        reason = ENDLESS
    return reason, starts[:found].copy(), ends[:found].copy()


@compiled
def _without_nul(buffer, start, end):  # type: ignore[no-untyped-def]
    """Say whether a text is free of NUL, at which other programs end it and begin another."""
    sound = True
    for position in range(start, end):
        sound &= buffer[position] != 0
    return sound


def text_of(raw: bytes) -> str:
    """Return one text of a table.

    Raises
    ------
    UnicodeDecodeError
        If it is not UTF-8.
    """
    return raw.decode("utf-8")
