"""The file around the blocks: frames, headers and compression, read from front to end without a map of the file in memory.

A file that another program cuts short while it is read is then a short read, not a dead process.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ...errors import InputError
from .wire import FIELDS, FIRST, LAST, LENGTH, SEEN, SOUND, Bytes, Ints, known_fields, read_span, read_tag, scan, skip

FEATURES = {b"OsmSchema-V0.6", b"DenseNodes", b"HistoricalInformation", b"LocationsOnWays"}
LARGEST_BLOCK = 32 * 1024 * 1024  # bytes, packed or inflated, by the format
LARGEST_HEADER = 64 * 1024

_BLOB_HEADER = known_fields(length=(1, 2), varint=(3,))
_BLOB = known_fields(length=(1, 3, 4, 5, 6, 7), varint=(2,))
_RAW, _RAW_SIZE, _ZLIB = 1, 2, 3
_BOX = known_fields(varint=(1, 2, 3, 4))
_BOX_FIELD, _FEATURE_FIELD = 1, 4


class UnsupportedCompression(InputError):
    """A block packed by a method this reader does not know (anything but raw and zlib)."""


@dataclass(frozen=True)
class Blob:
    """One block of data as it lies in the file, packed."""

    path: Path
    packed: Bytes
    is_zlib: bool
    inflated_size: int

    def inflate(self) -> Bytes:
        """Return the content, of exactly the size that was declared.

        Raises
        ------
        InputError
            If it is damaged or swells to any other size.
        """
        if not self.is_zlib:
            return self.packed
        unpacker = zlib.decompressobj()
        try:
            content = unpacker.decompress(self.packed.data, self.inflated_size)
            rest = unpacker.decompress(unpacker.unconsumed_tail, 1)  # reads the checksum; gives a byte only if there is too much
        except zlib.error as error:
            raise InputError(
                "{file}: a block is damaged ({error}); download the file again.", file=self.path, error=error
            ) from error
        if len(content) != self.inflated_size or rest or not unpacker.eof or unpacker.unused_data:
            raise InputError("{file}: a block is damaged (its size is wrong); download the file again.", file=self.path)
        return np.frombuffer(content, np.uint8)


def data_blobs(file: Path, path: Path) -> Iterator[Blob]:
    """Yield the blocks of data of a file, in its order.

    Parameters
    ----------
    file : Path
    path : Path
        What the user calls it: errors name this one.

    Raises
    ------
    InputError
        If the frames around the blocks are damaged, the file needs a feature unknown here, or holds no data.
    UnsupportedCompression
        If a block is packed by another method than zlib.
    """
    with file.open("rb") as opened:
        size = os.fstat(opened.fileno()).st_size
        if size == 0:
            raise InputError("{file}: is empty.", file=path)
        blobs = 0
        while opened.tell() < size:
            kind, blob = _read_blob(opened, path, size)
            if kind != (b"OSMData" if blobs else b"OSMHeader"):
                raise InputError("{file}: a block is of unknown kind {kind!r}; download the file again.", file=path, kind=kind)
            if blobs:
                yield blob
            else:
                _check_header(blob.inflate(), path)
            blobs += 1
    if blobs < 2:
        raise InputError("{file}: holds no OSM data.", file=path)


def _read_blob(opened: BinaryIO, path: Path, size: int) -> tuple[bytes, Blob]:
    """Read one frame: the size of the header, the header, and the blob it announces."""
    start = opened.tell()
    header_size = int.from_bytes(opened.read(4), "big")
    if not 0 < header_size <= LARGEST_HEADER or start + 4 + header_size > size:
        raise InputError("{file}: not an OSM PBF file, or cut off at byte {start}; download it again.", file=path, start=start)
    header = np.frombuffer(opened.read(header_size), np.uint8)
    spots = _fields(header, _BLOB_HEADER, path)
    data_size = int(spots[3, FIRST])
    if not 0 < data_size <= LARGEST_BLOCK:
        raise _damage(path)
    if opened.tell() + data_size > size:
        end = opened.tell() + data_size
        raise InputError(
            "{file}: cut off: a block should end at byte {end}, the file has {size}; download it again.",
            file=path,
            end=end,
            size=size,
        )
    content = np.frombuffer(opened.read(data_size), np.uint8)
    if len(header) < header_size or len(content) < data_size:
        raise InputError("{file}: was cut short while it was read; wait until it is whole.", file=path)
    return header[spots[1, FIRST] : spots[1, LAST]].tobytes(), _blob(content, path)


def _blob(content: Bytes, path: Path) -> Blob:
    """Find the packed data of one blob and the size it claims."""
    spots = _fields(content, _BLOB, path)
    methods = [field for field in range(FIELDS) if spots[field, SEEN] and field != _RAW_SIZE]
    declared = int(spots[_RAW_SIZE, FIRST]) if spots[_RAW_SIZE, SEEN] else None
    if methods not in ([_RAW], [_ZLIB]):
        raise UnsupportedCompression("{file}: a block is packed by a method other than zlib.", file=path)
    (method,) = methods
    packed = content[spots[method, FIRST] : spots[method, LAST]]
    size = len(packed) if method == _RAW and declared is None else declared
    if size is None or not 0 < size <= LARGEST_BLOCK or (method == _RAW and size != len(packed)):
        raise _damage(path)
    return Blob(path, packed, method == _ZLIB, size)


def _fields(message: Bytes, wires: Ints, path: Path) -> Ints:
    """Find the known fields of a small message."""
    spots = np.zeros((FIELDS, 3), np.int64)
    if scan(message, 0, len(message), wires, spots) != SOUND:
        raise _damage(path)
    return spots


def _damage(path: Path) -> InputError:
    return InputError("{file}: a block is damaged; download the file again.", file=path)


def _check_header(header: Bytes, path: Path) -> None:
    """Refuse a file that needs more than this reader knows."""
    position, size = 0, len(header)
    while position < size:
        field, wire, position = read_tag(header, position, size)
        start, stop = read_span(header, position, size) if wire == LENGTH else (position, position)
        position = skip(header, position, size, wire)
        if position > size or (wire != LENGTH and field in (_BOX_FIELD, _FEATURE_FIELD)):
            raise _damage(path)
        if field == _BOX_FIELD and not _fields(header[start:stop], _BOX, path)[1:5, SEEN].all():
            raise _damage(path)
        feature = header[start:stop].tobytes()
        if field == _FEATURE_FIELD and feature not in FEATURES:
            raise InputError("{file}: needs the feature {feature!r}, which lifecircle does not read.", file=path, feature=feature)
