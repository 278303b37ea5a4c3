"""Decode the blocks of an .osm.pbf file into arrays.

Only bytes to numbers: which ways matter and what their tags mean is decided in `osm`. Written by hand because this pass
decides how long a planner waits for the first answer: the compiled kernels read a block about ten times faster than
building one Python object per node. Format: https://wiki.openstreetmap.org/wiki/PBF_Format
"""

from __future__ import annotations

import mmap
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .compiled import compiled
from .errors import InputError

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]

SUPPORTED_FEATURES = {b"OsmSchema-V0.6", b"DenseNodes", b"HistoricalInformation"}
LARGEST_BLOCK = 32 * 1024 * 1024  # bytes once inflated, by the format


class UnsupportedCompression(InputError):
    """A block packed by a method this reader does not know (anything but raw and zlib)."""


@dataclass(frozen=True)
class Block:
    """One decoded PrimitiveBlock: its bytes, its string table and where its groups lie."""

    data: Bytes
    string_starts: Ints
    string_ends: Ints
    groups: Ints  # (n, 2) start and end of each PrimitiveGroup
    granularity: int
    lat_offset: int
    lon_offset: int

    def text(self, index: int) -> str:
        """Return one string of the block's table."""
        return self.raw(index).decode("utf-8", errors="replace")

    def raw(self, index: int) -> bytes:
        """Return one string of the block's table as bytes."""
        return self.data[self.string_starts[index] : self.string_ends[index]].tobytes()

    def strings(self) -> list[bytes]:
        """Return the whole string table."""
        data = self.data.tobytes()
        return [data[a:b] for a, b in zip(self.string_starts.tolist(), self.string_ends.tolist(), strict=True)]


@dataclass(frozen=True)
class Entities:
    """Elements of one kind from one block; `tag_*` are rows (element, key string, value string) of the block's table."""

    ids: Ints
    offsets: Ints  # into refs
    refs: Ints  # node ids of a way, member ids of a relation
    kinds: Ints  # member types of a relation (0 node, 1 way, 2 relation), else empty
    roles: Ints  # member role strings of a relation, else empty
    tags: Ints  # (n, 3): row in ids, key string, value string


Nodes = tuple[Ints, NDArray[np.int32], NDArray[np.int32], Ints]  # ids, lon, lat, tags


def blob_positions(data: mmap.mmap | bytes, path: Path) -> list[tuple[int, int]]:
    """Return start and end of each OSMData blob in the file."""
    positions: list[tuple[int, int]] = []
    position, size = 0, len(data)
    while position < size:
        header_size = int.from_bytes(data[position : position + 4], "big")
        start = position + 4 + header_size
        if header_size > 64 * 1024 or start > size:
            raise InputError(f"{path}: not an OSM PBF file, or cut off at byte {position}; download it again.")
        with _damage_told(path):
            header = dict(_fields(data[position + 4 : start]))
            kind, end = header[1], start + int(header[3])
        if end > size:
            raise InputError(f"{path}: cut off: a block should end at byte {end}, the file has {size}; download it again.")
        if kind == b"OSMData":
            positions.append((start, end))
        elif kind == b"OSMHeader":
            _check_features(_inflate(data[start:end], path), path)
        else:
            raise InputError(f"{path}: a block is of unknown kind {kind!r}; download the file again.")
        position = end
    if not positions:
        raise InputError(f"{path}: holds no OSM data.")
    return positions


@contextmanager
def _damage_told(path: Path) -> Iterator[None]:
    """Turn what a broken message makes Python stumble over into one sentence."""
    try:
        yield
    except InputError:
        raise
    except (IndexError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path}: a block is damaged; download the file again.") from error


def _check_features(header: bytes, path: Path) -> None:
    with _damage_told(path):
        for field, value in _fields(header):
            if field == 4 and value not in SUPPORTED_FEATURES:
                raise InputError(f"{path}: needs the feature {value!r}, which lifecircle does not read.")


def _fields(message: bytes) -> Iterator[tuple[int, Any]]:
    """Yield (field number, value) of a small protobuf message; a ValueError or IndexError means that it is damaged."""
    position = 0
    while position < len(message):
        tag, position = _varint(message, position)
        if tag < 8 or tag & 7 not in (0, 2):
            raise ValueError(f"unexpected tag {tag}")
        number, position = _varint(message, position)
        if tag & 7 == 0:
            yield tag >> 3, number
            continue
        if position + number > len(message):
            raise ValueError("a field runs past the end")
        yield tag >> 3, message[position : position + number]
        position += number


def _varint(message: mmap.mmap | bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[position]
        position += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, position
        shift += 7


def is_zlib(data: mmap.mmap | bytes, start: int, path: Path) -> bool:
    """Say whether a blob is packed by zlib, whose checksum lets the compiled decoder trust every byte."""
    with _damage_told(path):
        if data[start] == 0x10:  # the inflated size comes first
            _, start = _varint(data, start + 1)
        return data[start] == 0x1A


def _inflate(blob: bytes, path: Path) -> bytes:
    with _damage_told(path):
        fields = dict(_fields(blob))
        if 3 in fields:
            try:
                inflated = zlib.decompress(fields[3], bufsize=min(fields[2], LARGEST_BLOCK))
            except zlib.error as error:
                raise InputError(f"{path}: a block is damaged ({error}); download the file again.") from error
            if len(inflated) != fields[2]:
                raise InputError(f"{path}: a block is damaged (its size is wrong); download the file again.")
            return inflated
        if 1 in fields:
            return b"".join((fields[1],))
    raise UnsupportedCompression(f"{path}: a block is packed by a method other than zlib.")


def read_block(data: mmap.mmap | bytes, start: int, end: int, path: Path) -> Block:
    """Inflate one blob and find its strings and groups."""
    buffer = np.frombuffer(_inflate(data[start:end], path), np.uint8)
    starts, ends, groups, numbers = _layout(buffer)
    return Block(buffer, starts, ends, groups, int(numbers[0]), int(numbers[1]), int(numbers[2]))


@compiled
def _read(buffer, position):  # type: ignore[no-untyped-def]
    """Read one varint; returns its value (two's complement for negatives) and the next position."""
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
def _zigzag(value):  # type: ignore[no-untyped-def]
    return ((value >> 1) & np.int64(0x7FFFFFFFFFFFFFFF)) ^ -(value & 1)


@compiled
def _skip(buffer, position, wire):  # type: ignore[no-untyped-def]
    if wire == 0:
        return _read(buffer, position)[1]
    if wire == 1:
        return position + 8
    if wire == 5:
        return position + 4
    size, position = _read(buffer, position)
    return position + size


@compiled
def _layout(buffer):  # type: ignore[no-untyped-def]
    """Find string table, groups and coordinate scale of a PrimitiveBlock."""
    table_start = table_end = groups_found = 0
    numbers = np.array([100, 0, 0], np.int64)
    groups = np.empty((16, 2), np.int64)
    position = 0
    while position < buffer.size:
        tag, position = _read(buffer, position)
        field, wire = tag >> 3, tag & 7
        if wire == 0:
            value, position = _read(buffer, position)
            if field == 17:
                numbers[0] = value
            elif field == 19:
                numbers[1] = value
            elif field == 20:
                numbers[2] = value
            continue
        if wire != 2:
            position = _skip(buffer, position, wire)
            continue
        size, position = _read(buffer, position)
        if field == 1:
            table_start, table_end = position, position + size
        elif field == 2:
            if groups_found == groups.shape[0]:
                groups = np.concatenate((groups, np.empty_like(groups)))
            groups[groups_found, 0], groups[groups_found, 1] = position, position + size
            groups_found += 1
        position += size
    starts = np.empty((table_end - table_start) // 2 + 1, np.int64)
    ends = np.empty_like(starts)
    strings = 0
    position = table_start
    while position < table_end:
        _, position = _read(buffer, position)
        size, position = _read(buffer, position)
        starts[strings], ends[strings] = position, position + size
        strings += 1
        position += size
    return starts[:strings].copy(), ends[:strings].copy(), groups[:groups_found].copy(), numbers


def decode_nodes(block: Block, *, wanted_keys: NDArray[np.bool_] | None) -> Nodes:
    """Decode every node of a block.

    Parameters
    ----------
    block : Block
    wanted_keys : bool array over the block's strings, or None
        Tags are returned for nodes that carry one of these keys; None returns no tags.

    Returns
    -------
    ids, lon, lat : arrays
        Coordinates in units of 1e-7 degrees.
    tags : (n, 3) array
        Node row, key string, value string.
    """
    wanted = np.zeros(len(block.string_starts) + 1, np.bool_) if wanted_keys is None else wanted_keys
    ids, lon, lat, tags = _nodes(block.data, block.groups, wanted, wanted_keys is not None)
    return (
        ids,
        _degrees(lon, block.granularity, block.lon_offset),
        _degrees(lat, block.granularity, block.lat_offset),
        tags,
    )


def _degrees(raw: Ints, granularity: int, offset: int) -> NDArray[np.int32]:
    """Scale raw coordinates (nanodegrees / granularity) to 1e-7 degrees."""
    if granularity == 100 and offset == 0:
        return raw.astype(np.int32)
    return np.round((raw * granularity + offset) / 100).astype(np.int32)


@compiled
def _nodes(buffer, groups, wanted, with_tags):  # type: ignore[no-untyped-def]
    ids = np.empty(1024, np.int64)
    lon = np.empty(1024, np.int64)
    lat = np.empty(1024, np.int64)
    tags = np.empty((64, 3), np.int64)
    count = tagged = 0
    for group in range(groups.shape[0]):
        position, end = groups[group, 0], groups[group, 1]
        while position < end:
            tag, position = _read(buffer, position)
            field, wire = tag >> 3, tag & 7
            if wire != 2 or field > 2:
                position = _skip(buffer, position, wire)
                continue
            size, position = _read(buffer, position)
            stop = position + size
            room = count + (size if field == 2 else 1)
            if room > ids.size:
                grown = max(room, 2 * ids.size)
                ids = _grow(ids, grown)
                lon = _grow(lon, grown)
                lat = _grow(lat, grown)
            if field == 2:
                count, tagged, tags = _dense(buffer, position, stop, ids, lon, lat, count, tags, tagged, wanted, with_tags)
            else:
                tagged, tags = _plain_node(buffer, position, stop, ids, lon, lat, count, tags, tagged, wanted, with_tags)
                count += 1
            position = stop
    return ids[:count].copy(), lon[:count].copy(), lat[:count].copy(), tags[:tagged].copy()


@compiled
def _grow(array, size):  # type: ignore[no-untyped-def]
    grown = np.empty(size, np.int64)
    grown[: array.size] = array
    return grown


@compiled
def _deltas(buffer, position, end, target, count):  # type: ignore[no-untyped-def]
    """Decode packed, delta-coded signed varints; returns how many stand in `target` now."""
    value = np.int64(0)
    while position < end:
        step, position = _read(buffer, position)
        value += _zigzag(step)
        target[count] = value
        count += 1
    return count


@compiled
def _dense(buffer, position, end, ids, lon, lat, count, tags, tagged, wanted, with_tags):  # type: ignore[no-untyped-def]
    first = count
    tags_start = tags_end = 0
    while position < end:
        tag, position = _read(buffer, position)
        field, wire = tag >> 3, tag & 7
        if wire != 2:
            position = _skip(buffer, position, wire)
            continue
        size, position = _read(buffer, position)
        stop = position + size
        if field == 1:
            count = _deltas(buffer, position, stop, ids, first)
        elif field == 8:
            _deltas(buffer, position, stop, lat, first)
        elif field == 9:
            _deltas(buffer, position, stop, lon, first)
        elif field == 10:
            tags_start, tags_end = position, stop
        position = stop
    if with_tags:
        row, position, mark, keep = first, tags_start, tagged, False
        while position < tags_end:
            key, position = _read(buffer, position)
            if key == 0:
                if not keep:
                    tagged = mark
                row, mark, keep = row + 1, tagged, False
                continue
            value, position = _read(buffer, position)
            keep = keep or wanted[key]
            tags = _add_tag(tags, tagged, row, key, value)
            tagged += 1
    return count, tagged, tags


@compiled
def _add_tag(tags, tagged, row, key, value):  # type: ignore[no-untyped-def]
    if tagged == tags.shape[0]:
        tags = np.concatenate((tags, np.empty_like(tags)))
    tags[tagged, 0], tags[tagged, 1], tags[tagged, 2] = row, key, value
    return tags


@compiled
def _plain_node(buffer, position, end, ids, lon, lat, row, tags, tagged, wanted, with_tags):  # type: ignore[no-untyped-def]
    keys_start = keys_end = values_start = 0
    while position < end:
        tag, position = _read(buffer, position)
        field, wire = tag >> 3, tag & 7
        if wire == 0:
            value, position = _read(buffer, position)
            if field == 1:
                ids[row] = _zigzag(value)
            elif field == 8:
                lat[row] = _zigzag(value)
            elif field == 9:
                lon[row] = _zigzag(value)
            continue
        size, position = _read(buffer, position)
        if field == 2:
            keys_start, keys_end = position, position + size
        elif field == 3:
            values_start = position
        position += size
    if with_tags:
        before = tagged
        tagged, tags, keep = _tags(buffer, keys_start, keys_end, values_start, row, tags, tagged, wanted)
        if not keep:
            tagged = before
    return tagged, tags


@compiled
def _tags(buffer, key_at, keys_end, value_at, row, tags, tagged, wanted):  # type: ignore[no-untyped-def]
    """Decode the parallel key and value lists of one element; says whether a wanted key was among them."""
    keep = False
    while key_at < keys_end:
        key, key_at = _read(buffer, key_at)
        value, value_at = _read(buffer, value_at)
        keep = keep or wanted[key]
        tags = _add_tag(tags, tagged, row, key, value)
        tagged += 1
    return tagged, tags, keep


def decode_ways(block: Block, *, wanted_keys: NDArray[np.bool_], wanted_ids: Ints) -> Entities:
    """Decode the ways that carry one of `wanted_keys` or whose id is in the sorted array `wanted_ids`."""
    return Entities(*_elements(block.data, block.groups, 3, wanted_keys, wanted_ids))


def decode_relations(block: Block, *, wanted_keys: NDArray[np.bool_]) -> Entities:
    """Decode the relations that carry one of `wanted_keys`."""
    return Entities(*_elements(block.data, block.groups, 4, wanted_keys, np.empty(0, np.int64)))


@compiled
def _elements(buffer, groups, kind, wanted, wanted_ids):  # type: ignore[no-untyped-def]
    """Decode ways (kind 3: refs in field 8) or relations (kind 4: roles 8, members 9, types 10)."""
    ids = np.empty(1024, np.int64)
    offsets = np.zeros(1025, np.int64)
    refs = np.empty(4096, np.int64)
    kinds = np.empty(64 if kind == 4 else 0, np.int64)
    roles = np.empty(64 if kind == 4 else 0, np.int64)
    tags = np.empty((256, 3), np.int64)
    count = filled = tagged = 0
    for group in range(groups.shape[0]):
        position, end = groups[group, 0], groups[group, 1]
        while position < end:
            tag, position = _read(buffer, position)
            field, wire = tag >> 3, tag & 7
            if wire != 2 or field != kind:
                position = _skip(buffer, position, wire)
                continue
            size, position = _read(buffer, position)
            stop = position + size
            spots = _spots(buffer, position, stop)
            position = stop
            mark = tagged
            tagged, tags, keep = _tags(buffer, spots[1], spots[2], spots[3], count, tags, tagged, wanted)
            if not keep and wanted_ids.size:
                at = np.searchsorted(wanted_ids, spots[0])
                keep = at < wanted_ids.size and wanted_ids[at] == spots[0]
            if not keep:
                tagged = mark
                continue
            list_field = 8 if kind == 3 else 9
            start, list_end = (spots[4], spots[5]) if list_field == 8 else (spots[6], spots[7])
            room = filled + list_end - start
            if room > refs.size:
                refs = _grow(refs, max(room, 2 * refs.size))
            if kind == 4:
                if room > kinds.size:
                    kinds = _grow(kinds, max(room, 2 * kinds.size))
                    roles = _grow(roles, max(room, 2 * roles.size))
                _plain(buffer, spots[4], spots[5], roles, filled)
                _plain(buffer, spots[8], spots[9], kinds, filled)
            filled = _deltas(buffer, start, list_end, refs, filled)
            if count == ids.size:
                ids = _grow(ids, 2 * ids.size)
                offsets = _grow(offsets, 2 * offsets.size)
            ids[count] = spots[0]
            count += 1
            offsets[count] = filled
    members = filled if kind == 4 else 0
    return (
        ids[:count].copy(),
        offsets[: count + 1].copy(),
        refs[:filled].copy(),
        kinds[:members].copy(),
        roles[:members].copy(),
        tags[:tagged].copy(),
    )


@compiled
def _plain(buffer, position, end, target, count):  # type: ignore[no-untyped-def]
    while position < end:
        target[count], position = _read(buffer, position)
        count += 1


@compiled
def _spots(buffer, position, end):  # type: ignore[no-untyped-def]
    """Find the parts of one way or relation: id, keys, values, then start and end of fields 8, 9 and 10."""
    spots = np.zeros(10, np.int64)
    while position < end:
        tag, position = _read(buffer, position)
        field, wire = tag >> 3, tag & 7
        if wire == 0:
            value, position = _read(buffer, position)
            if field == 1:
                spots[0] = value
            continue
        if wire != 2:
            position = _skip(buffer, position, wire)
            continue
        size, position = _read(buffer, position)
        if field == 2:
            spots[1], spots[2] = position, position + size
        elif field == 3:
            spots[3] = position
        elif 8 <= field <= 10:
            spots[2 * field - 12], spots[2 * field - 11] = position, position + size
        position += size
    return spots
