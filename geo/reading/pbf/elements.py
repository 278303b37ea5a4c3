"""Ways and relations: ids, tags, and the lists of what they run through or hold together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...compiled import compiled
from .block import DATE_GRANULARITY, GRANULARITY, LAT_OFFSET, LON_OFFSET, RELATION, WAY, Block
from .info import read_info
from .nodes import LAST_LAT, LAST_LON, NOWHERE, scaled
from .tags import KEYS, no_tags, read_tags, triples
from .wire import (
    ENDLESS,
    FIELDS,
    FIRST,
    LACKING,
    LAST,
    NO_NUMBER,
    NO_PLACE,
    NO_STRING,
    SEEN,
    SOUND,
    UNEQUAL,
    Ints,
    count_packed,
    grow,
    known_fields,
    scan,
    unpack_deltas,
    unpack_numbers,
)

MEMBER_KINDS = 3  # node, way, relation
_EDGE = 1 << 31

_ELEMENT = known_fields(varint=(1,), length=(2, 3, 4, 8, 9, 10))  # 1 id, 2 keys, 3 values, 4 info
_REFS, _REF_LATS, _REF_LONS = 8, 9, 10  # lists of a way
_ROLES, _MEMBERS, _KINDS = 8, 9, 10  # lists of a relation


@dataclass(frozen=True)
class Entities:
    """The ways or relations of one block.

    Attributes
    ----------
    seen, stamps : (a,) int64
        Ids of all of them, kept or not, and numbers that order the versions of one: the larger is the newer.
    rows : (n,) int64
        Which of them are kept: visible, and wanted.
    offsets : (n + 1,) int64
        Element `i` holds `refs[offsets[i]:offsets[i + 1]]`.
    refs : (m,) int64
        Nodes of a way, members of a relation.
    first, second : (m,) int64
        Of a relation the kind of each member (0 node, 1 way, 2 relation) and its role (row of the table of texts).
        Of a way the longitude and latitude of each node (1e-7 degrees, NOWHERE where unknown); empty where none says them.
    tags : (t, 3) int64
        Row in `rows`, key and value in the table of texts.
    """

    seen: Ints
    stamps: Ints
    rows: Ints
    offsets: Ints
    refs: Ints
    first: Ints
    second: Ints
    tags: Ints

    @property
    def ids(self) -> Ints:
        """Ids of the elements that are kept."""
        return self.seen[self.rows]


def decode_ways(block: Block, *, wanted_keys: NDArray[np.bool_], wanted_ids: Ints) -> Entities:
    """Decode the ways that carry one of `wanted_keys` or whose id is in the sorted array `wanted_ids`.

    Raises
    ------
    DamagedBlock
        If any way is damaged, also one that nobody wants.
    """
    return _decode(block, WAY, wanted_keys, wanted_ids)


def decode_relations(block: Block, *, wanted_keys: NDArray[np.bool_]) -> Entities:
    """Decode the relations that carry one of `wanted_keys`.

    Raises
    ------
    DamagedBlock
        If any relation is damaged, also one that nobody wants.
    """
    return _decode(block, RELATION, wanted_keys, np.empty(0, np.int64))


def _decode(block: Block, kind: int, wanted_keys: NDArray[np.bool_], wanted_ids: Ints) -> Entities:
    mine = block.messages[block.messages[:, 0] == kind]
    reason, *columns = _elements(block.data, mine, kind == WAY, block.scale, len(block.string_starts), wanted_keys, wanted_ids)
    block.require(reason)
    return Entities(*columns)


@compiled
def _elements(buffer, messages, is_way, scale, strings, wanted, wanted_ids):  # type: ignore[no-untyped-def]
    """Decode all messages of one kind; returns a reason and the columns of `Entities`."""
    total = messages.shape[0]
    seen, stamps, rows = np.empty(total, np.int64), np.zeros(total, np.int64), np.empty(total, np.int64)
    offsets = np.zeros(total + 1, np.int64)
    refs, first, second = np.empty(4096, np.int64), np.empty(0, np.int64), np.empty(0, np.int64)
    spots, info_spots = np.empty((FIELDS, 3), np.int64), np.empty((FIELDS, 3), np.int64)
    tags = no_tags()
    count = filled = tagged = 0
    reason = SOUND
    for row in range(total):
        reason, keep = _read_head(buffer, messages, row, strings, scale, spots, info_spots, seen, stamps)
        if reason == SOUND:
            room = 3 * (tagged + spots[KEYS, LAST] - spots[KEYS, FIRST])
            tags = grow(tags, room) if room > tags.size else tags
            reason, tags_end, has_wanted = read_tags(buffer, spots, strings, count, tags, tagged, wanted)
            keep = keep and (has_wanted or _stands_in(wanted_ids, seen[row]))
        own = _count_lists(buffer, spots, is_way) if reason == SOUND else 0
        if own < 0:
            reason = -own
        if reason != SOUND:
            break
        end = filled + own
        refs = grow(refs, end) if end > refs.size else refs
        if not is_way or spots[_REF_LONS, FIRST] < spots[_REF_LONS, LAST] or first.size:
            first, second = _widen(first, refs.size), _widen(second, refs.size)
        if not is_way:
            reason = _read_relation(buffer, spots, strings, refs, first, second, filled, end)
        elif keep:
            reason = _read_way(buffer, spots, scale, refs, first, second, filled, end)
        if reason != SOUND:
            break
        if keep:
            rows[count] = row
            count += 1
            offsets[count] = filled = end
            tagged = tags_end
    sides = filled if first.size else 0
    return (
        reason, seen, stamps, rows[:count].copy(), offsets[: count + 1].copy(), refs[:filled].copy(),
        first[:sides].copy(), second[:sides].copy(), triples(tags, tagged),
    )  # fmt: skip


@compiled
def _read_head(buffer, messages, row, strings, scale, spots, info_spots, seen, stamps):  # type: ignore[no-untyped-def]
    """Find the fields of one element, its id and its stamp; returns a reason and whether it is visible."""
    reason = scan(buffer, messages[row, 1], messages[row, 2], _ELEMENT, spots)
    if reason == SOUND and not spots[1, SEEN]:
        reason = LACKING
    visible = True
    seen[row] = spots[1, FIRST]
    if reason == SOUND and spots[4, SEEN]:
        dates = scale[DATE_GRANULARITY]
        reason, stamps[row], visible = read_info(buffer, spots[4, FIRST], spots[4, LAST], strings, dates, info_spots)
    return reason, visible


@compiled
def _stands_in(ordered, value):  # type: ignore[no-untyped-def]
    if ordered.size == 0:
        return False
    at = np.searchsorted(ordered, value)
    return at < ordered.size and ordered[at] == value


@compiled
def _widen(array, size):  # type: ignore[no-untyped-def]
    """Return the array with at least `size` entries, NOWHERE in the new ones."""
    if array.size >= size:
        return array
    wide = np.full(size, NOWHERE, np.int64)
    wide[: array.size] = array
    return wide


@compiled
def _count_lists(buffer, spots, is_way):  # type: ignore[no-untyped-def]
    """Return how long the three lists of an element are; a reason below 0 where they do not hold together."""
    own = count_packed(buffer, spots[8, FIRST], spots[8, LAST])
    second = count_packed(buffer, spots[9, FIRST], spots[9, LAST])
    third = count_packed(buffer, spots[10, FIRST], spots[10, LAST])
    if own < 0 or second < 0 or third < 0:
        return -ENDLESS
    if is_way and second == 0 and third == 0:  # coordinates are rarely there
        return own
    return own if own == second == third else -UNEQUAL


@compiled
def _read_relation(buffer, spots, strings, refs, kinds, roles, filled, end):  # type: ignore[no-untyped-def]
    """Decode members, their kinds and their roles; returns a reason."""
    reason = unpack_deltas(buffer, spots[_MEMBERS, FIRST], spots[_MEMBERS, LAST], refs, filled, end)
    if reason == SOUND:
        reason = unpack_numbers(buffer, spots[_KINDS, FIRST], spots[_KINDS, LAST], kinds, filled, end, MEMBER_KINDS - 1)
    if reason == SOUND:
        reason = unpack_numbers(buffer, spots[_ROLES, FIRST], spots[_ROLES, LAST], roles, filled, end, strings - 1)
        reason = NO_STRING if reason == NO_NUMBER else reason
    return reason


@compiled
def _read_way(buffer, spots, scale, refs, lons, lats, filled, end):  # type: ignore[no-untyped-def]
    """Decode the nodes of a way and where they lie, if it says so; returns a reason."""
    reason = unpack_deltas(buffer, spots[_REFS, FIRST], spots[_REFS, LAST], refs, filled, end)
    if spots[_REF_LONS, FIRST] == spots[_REF_LONS, LAST]:
        if lons.size:
            lons[filled:end] = NOWHERE
        return reason
    for field, target in ((_REF_LATS, lats), (_REF_LONS, lons)):
        if reason == SOUND:
            reason = unpack_deltas(buffer, spots[field, FIRST], spots[field, LAST], target, filled, end)
    if reason != SOUND:
        return reason
    for at in range(filled, end):
        lon = scaled(lons[at], scale[GRANULARITY], scale[LON_OFFSET])
        lat = scaled(lats[at], scale[GRANULARITY], scale[LAT_OFFSET])
        if not (-_EDGE <= lon < _EDGE and -_EDGE <= lat < _EDGE):
            return NO_PLACE
        if not (-LAST_LON <= lon <= LAST_LON and -LAST_LAT <= lat <= LAST_LAT):
            lon = lat = np.int64(NOWHERE)
        lons[at], lats[at] = lon, lat
    return SOUND
