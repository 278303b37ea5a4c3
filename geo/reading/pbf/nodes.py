"""Nodes: dense tables of them, or one message each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...compiled import compiled
from .block import DATE_GRANULARITY, DENSE, GRANULARITY, LAT_OFFSET, LON_OFFSET, NODE, Block
from .info import read_dense_info, read_info
from .tags import KEYS, no_tags, read_dense_tags, read_tags, triples
from .wire import (
    ENDLESS,
    FIELDS,
    FIRST,
    LACKING,
    LAST,
    NO_PLACE,
    SEEN,
    SOUND,
    Ints,
    count_packed,
    grow,
    known_fields,
    scan,
    unpack_deltas,
    zigzag,
)

NOWHERE = (1 << 31) - 1  # longitude of a node that is deleted, or lies outside 180 and 90 degrees
OFF_EARTH = NOWHERE - 1  # latitude of the latter; of a deleted one it is NOWHERE
LAST_LON, LAST_LAT = 1_800_000_000, 900_000_000
LARGEST_NANODEGREES = 1 << 42  # far off any map, and far from overflowing
_EDGE = 1 << 31  # coordinates in 1e-7 degrees must fit 32 bits, as everywhere in OSM

_IDS, _LON, _LAT, _STAMPS, _HIDDEN = range(5)  # rows of the table that the kernels fill
_STRAY = 2  # in the last row: visible, but off the earth
_NODE = known_fields(varint=(1, 8, 9), length=(2, 3, 4))  # 1 id, 2 keys, 3 values, 4 info, 8 latitude, 9 longitude
_DENSE_NODES = known_fields(length=(1, 5, 8, 9, 10))  # 1 ids, 5 info, 8 latitudes, 9 longitudes, 10 tags


@dataclass(frozen=True)
class Nodes:
    """The nodes of one block.

    Attributes
    ----------
    ids, stamps : (n,) int64
        `stamps` order the versions of one node: the larger is the newer.
    lon, lat : (n,) int64
        In 1e-7 degrees, within 32 bits; `lon` is NOWHERE where a node is deleted or off the earth, and `lat` then tells which.
    tags : (t, 3) int64
        Row of the node, key and value in the block's table of texts.
    strays : (s, 3) int64
        Row, longitude and latitude of the nodes off the earth, as the file has them.
    """

    ids: Ints
    lon: Ints
    lat: Ints
    stamps: Ints
    tags: Ints
    strays: Ints


def decode_nodes(block: Block, *, wanted_keys: NDArray[np.bool_] | None = None) -> Nodes:
    """Decode every node of a block.

    Parameters
    ----------
    block : Block
    wanted_keys : bool array over the block's texts, or None
        Tags are returned for nodes that carry one of these keys; None returns no tags.

    Raises
    ------
    DamagedBlock
    """
    strings = len(block.string_starts)
    wanted = np.zeros(strings, np.bool_) if wanted_keys is None else wanted_keys
    reason, count = _count(block.data, block.messages)
    block.require(reason)
    table = np.empty((5, count), np.int64)
    reason, tags = _nodes(block.data, block.messages, block.scale, strings, wanted, table)
    block.require(reason)
    stray = np.flatnonzero(table[_HIDDEN] == _STRAY)
    strays = np.column_stack((stray, table[_LON, stray], table[_LAT, stray]))
    table[_LON, stray], table[_LAT, stray] = NOWHERE, OFF_EARTH
    return Nodes(table[_IDS], table[_LON], table[_LAT], table[_STAMPS], tags, strays)


@compiled
def _count(buffer, messages):  # type: ignore[no-untyped-def]
    """Count the nodes of a block; returns a reason and their number."""
    spots = np.empty((FIELDS, 3), np.int64)
    count = 0
    for row in range(messages.shape[0]):
        if messages[row, 0] == NODE:
            count += 1
        elif messages[row, 0] == DENSE:
            reason = scan(buffer, messages[row, 1], messages[row, 2], _DENSE_NODES, spots)
            own = count_packed(buffer, spots[1, FIRST], spots[1, LAST]) if reason == SOUND else 0
            if own < 0:
                reason = ENDLESS
            if reason != SOUND:
                return reason, 0
            count += own
    return SOUND, count


@compiled
def _nodes(buffer, messages, scale, strings, wanted, table):  # type: ignore[no-untyped-def]
    """Fill the table of all nodes of a block; returns a reason and the tags."""
    spots = np.empty((FIELDS, 3), np.int64)
    tags = no_tags()
    count = tagged = 0
    reason = SOUND
    for row in range(messages.shape[0]):
        start, stop = messages[row, 1], messages[row, 2]
        if messages[row, 0] == NODE:
            reason, tags, tagged = _one(buffer, start, stop, spots, scale, strings, wanted, table, count, tags, tagged)
            count += 1
        elif messages[row, 0] == DENSE:
            reason = scan(buffer, start, stop, _DENSE_NODES, spots)
            own = count_packed(buffer, spots[1, FIRST], spots[1, LAST]) if reason == SOUND else 0
            if reason == SOUND:
                reason, tags, tagged = _dense(buffer, spots, scale, strings, wanted, table, count, count + own, tags, tagged)
            count += own
        if reason != SOUND:
            break
    return reason, triples(tags, tagged)


@compiled
def _dense(buffer, spots, scale, strings, wanted, table, first, end, tags, tagged):  # type: ignore[no-untyped-def]
    """Fill `table[:, first:end]` from a dense table of nodes; returns a reason and the tags."""
    reason = SOUND
    for field, column in ((1, _IDS), (8, _LAT), (9, _LON)):
        if reason == SOUND:
            reason = unpack_deltas(buffer, spots[field, FIRST], spots[field, LAST], table[column], first, end)
    table[_STAMPS, first:end] = 0
    table[_HIDDEN, first:end] = 0
    if reason == SOUND and spots[5, SEEN]:
        start, stop = spots[5, FIRST], spots[5, LAST]
        reason = read_dense_info(
            buffer, start, stop, end - first, strings, scale[DATE_GRANULARITY], table[_STAMPS], table[_HIDDEN], first
        )
    if reason == SOUND:
        reason = _to_degrees(scale, table, first, end)
    if reason == SOUND and spots[10, FIRST] < spots[10, LAST]:
        at, stop = spots[10, FIRST], spots[10, LAST]
        reason, tags, tagged = read_dense_tags(buffer, at, stop, strings, first, end - first, tags, tagged, wanted)
    return reason, tags, tagged


@compiled
def _one(buffer, start, stop, spots, scale, strings, wanted, table, row, tags, tagged):  # type: ignore[no-untyped-def]
    """Fill `table[:, row]` from the message of one node; returns a reason and the tags."""
    reason = scan(buffer, start, stop, _NODE, spots)
    if reason != SOUND:
        return reason, tags, tagged
    before = tagged
    tags = grow(tags, 3 * (tagged + spots[KEYS, LAST] - spots[KEYS, FIRST]))
    reason, tagged, keep = read_tags(buffer, spots, strings, row, tags, tagged, wanted)
    if not keep:
        tagged = before
    has_info, info_start, info_stop = spots[4, SEEN], spots[4, FIRST], spots[4, LAST]
    table[_IDS, row] = zigzag(spots[1, FIRST])
    table[_LAT, row], table[_LON, row] = zigzag(spots[8, FIRST]), zigzag(spots[9, FIRST])
    table[_STAMPS, row] = table[_HIDDEN, row] = 0
    if not (spots[1, SEEN] and spots[8, SEEN] and spots[9, SEEN]):
        reason = LACKING
    if reason == SOUND and has_info:
        reason, newest, visible = read_info(buffer, info_start, info_stop, strings, scale[DATE_GRANULARITY], spots)
        table[_STAMPS, row], table[_HIDDEN, row] = newest, not visible
    if reason == SOUND:
        reason = _to_degrees(scale, table, row, row + 1)
    return reason, tags, tagged


@compiled
def _to_degrees(scale, table, first, end):  # type: ignore[no-untyped-def]
    """Turn raw coordinates into 1e-7 degrees, those of deleted nodes into NOWHERE, and mark strays; returns a reason."""
    for row in range(first, end):
        lon, lat = table[_LON, row], table[_LAT, row]
        if table[_HIDDEN, row]:
            table[_LON, row], table[_LAT, row] = NOWHERE, NOWHERE
            continue
        if scale[GRANULARITY] != 100 or scale[LON_OFFSET] != 0 or scale[LAT_OFFSET] != 0:
            lon = scaled(lon, scale[GRANULARITY], scale[LON_OFFSET])
            lat = scaled(lat, scale[GRANULARITY], scale[LAT_OFFSET])
        if not (-_EDGE <= lon < _EDGE and -_EDGE <= lat < _EDGE):
            return NO_PLACE
        if not (-LAST_LON <= lon <= LAST_LON and -LAST_LAT <= lat <= LAST_LAT):
            table[_HIDDEN, row] = _STRAY
        table[_LON, row], table[_LAT, row] = lon, lat
    return SOUND


@compiled
def scaled(raw, granularity, offset):  # type: ignore[no-untyped-def]
    """Return raw units as 1e-7 degrees, cut off towards zero as libosmium does; what would overflow is far off the map."""
    limit = LARGEST_NANODEGREES // granularity
    if not -limit <= raw <= limit:
        return np.int64(LARGEST_NANODEGREES)
    nanodegrees = raw * granularity + offset
    return nanodegrees // 100 if nanodegrees >= 0 else -(-nanodegrees // 100)
