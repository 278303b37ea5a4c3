"""Relations that make streets of ways: squares drawn as areas, and ferry lines (travel model 2, sections 3 and 7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..lengths import ellipsoidal_metres
from ..modes import parameters
from ..modes.durations import clock_seconds
from ..streets import WALKED, Squares
from .pbf import NOWHERE, Entities, text_of
from .tag_table import tag_columns
from .unused import RELATION_INCOMPLETE, Unused
from .versions import NodeTable, find

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Tags = Mapping[str, str]
Members = list[tuple[int, str]]  # ways with their roles

KEYS = ("highway", "route", *WALKED)
ON_LAND = ("highway", "man_made", "railway", "public_transport")  # members of ferry lines with one of these are no water
WAY = 1  # kind of a member
INNER = "inner"


class _Read(NamedTuple):
    number: int
    tags: Tags
    members: Members


class _Way(NamedTuple):
    tags: Tags
    refs: Ints


@dataclass(frozen=True)
class MemberWays:
    """Streets that ways are by their relations.

    Attributes
    ----------
    ids : list of int
    refs : list of int64 arrays
    tags : list of mappings
        Their own and those of the relation.
    outline : list of bool
        Whether each is the outline of a square, for walkers only.
    replaced : list of int
        Ids of ways that stand here instead of by themselves.
    """

    ids: list[int] = field(default_factory=list)
    refs: list[Ints] = field(default_factory=list)
    tags: list[Tags] = field(default_factory=list)
    outline: list[bool] = field(default_factory=list)
    replaced: list[int] = field(default_factory=list)


@dataclass
class RelationParts:
    """Relations as they are read, by their occurrence among all of them, for a newer version may follow."""

    read: dict[int, _Read] = field(default_factory=dict)
    areas: list[_Read] = field(default_factory=list)
    ferries: list[_Read] = field(default_factory=list)
    ways: dict[int, _Way] = field(default_factory=dict)

    def add(self, relations: Entities, strings: list[bytes], at: Ints) -> None:
        """Take the squares and ferry lines of one block."""
        for row in np.flatnonzero(streets_among(relations, strings)).tolist():
            tags = _tags_of(relations, strings, row)
            span = slice(relations.offsets[row], relations.offsets[row + 1])
            columns = (relations.refs[span], relations.first[span], relations.second[span])
            members = [
                (way, text_of(strings[role]))
                for way, kind, role in zip(*(c.tolist() for c in columns), strict=True)
                if kind == WAY
            ]
            if tags.get("type") == "multipolygon" or tags.get("route") == "ferry":
                self.read[int(at[row])] = _Read(int(relations.ids[row]), tags, members)

    def settle(self, newest: NDArray[np.bool_]) -> None:
        """Keep the relations whose version counts, in order of their ids."""
        counted = sorted((found for at, found in self.read.items() if newest[at]), key=lambda found: found.number)
        self.areas = [found for found in counted if found.tags.get("type") == "multipolygon"]
        self.ferries = [found for found in counted if found.tags.get("route") == "ferry"]

    def missing_members(self) -> Ints:
        """Return the ids of all ways that these relations are made of, ascending."""
        return np.array(sorted({way for found in (*self.areas, *self.ferries) for way, _ in found.members}), np.int64)

    def add_members(self, ways: Entities, strings: list[bytes], newest: NDArray[np.bool_], wanted: Ints) -> None:
        """Take those of the ways that the relations asked for, where their version counts."""
        for row in np.flatnonzero(newest & find(wanted, ways.ids)[1]).tolist():
            refs = ways.refs[ways.offsets[row] : ways.offsets[row + 1]]
            self.ways.setdefault(int(ways.ids[row]), _Way(_tags_of(ways, strings, row), refs))

    def refs(self) -> list[Ints]:
        """Return the ids of the nodes that the members run through."""
        return [way.refs for way in self.ways.values()]

    def member_ways(self, nodes: NodeTable) -> MemberWays:
        """Make streets of members: ferry lines with what the relation says of them, and bare outlines of squares."""
        made = MemberWays()
        sailed = self._sailed(nodes)
        outlines = {
            way: found.tags
            for found in self.areas
            if "highway" in found.tags
            for way, _ in found.members
            if way in self.ways and way not in sailed and not {"highway"} & self.ways[way].tags.keys()
        }
        for way, tags in chain(sailed.items(), outlines.items()):
            made.ids.append(way)
            made.refs.append(self.ways[way].refs)
            made.tags.append(tags)
            made.outline.append(way not in sailed)
        made.replaced.extend(sailed)
        return made

    def _sailed(self, nodes: NodeTable) -> dict[int, Tags]:
        """Return the tags of the ways of ferry relations: what a way does not say its relation does; the first of several."""
        sailed: dict[int, Tags] = {}
        for _, tags, members in self.ferries:
            own = {way: sailed.get(way, self.ways[way].tags) for way, _ in members if way in self.ways}
            own = {way: said for way, said in own.items() if way in sailed or not any(key in said for key in ON_LAND)}
            metres = {way: _metres(nodes, self.ways[way].refs) for way in own}
            for way, said in own.items():
                given = {**tags, **_share(tags, metres[way], sum(metres.values()))}
                sailed[way] = {**given, **said, "route": "ferry"}
        return sailed

    def squares(self, known: tuple[Ints, Floats, Floats], node_ids: Ints, unused: Unused) -> Squares:
        """Return the areas whose outline is complete; the others are told.

        Parameters
        ----------
        known : ids, longitudes and latitudes
            Of all nodes that lie somewhere.
        node_ids : int64
            Of the streets.
        unused : Unused
        """
        ids, lon, lat = known
        whole = []
        for found in self.areas:
            lost = [way for way, _ in found.members if way not in self.ways or not find(ids, self.ways[way].refs)[1].all()]
            if lost and not _may_be_walked(found.tags):
                continue
            if lost:
                what = " ".join(f"{key}={found.tags[key]}" for key in (*KEYS, "name") if key in found.tags)
                unused.add(RELATION_INCOMPLETE, f"r{found.number}", ", ".join([what, *(f"w{way}" for way in lost[:5])]))
            else:
                whole.append(found)
        rings = [(number, inner, ring) for number, found in enumerate(whole) for inner, ring in self._rings(found)]
        members = [(number, way) for number, found in enumerate(whole) for way, _ in found.members]
        member_square, member_way = np.array(members, np.int64).reshape(-1, 2).T
        nodes = np.array([ref for *_, ring in rings for ref in ring], np.int64)
        (rows, on_street), (places, _) = find(node_ids, nodes), find(ids, nodes)
        return Squares(
            ids=np.array([found.number for found in whole], np.int64),
            tags=tag_columns([found.tags for found in whole]),
            ring_square=np.array([number for number, *_ in rings], np.int32),
            ring_inner=np.array([inner for _, inner, _ in rings], bool),
            ring_starts=np.cumsum([0, *(len(ring) for *_, ring in rings)], dtype=np.int64),
            ring_nodes=np.where(on_street, rows, np.int32(-1)),
            ring_lon=lon[places],
            ring_lat=lat[places],
            member_square=member_square.astype(np.int32),
            member_way=np.ascontiguousarray(member_way),
        )

    def _rings(self, found: _Read) -> Iterator[tuple[bool, list[int]]]:
        for inner in (False, True):
            lines = [self.ways[way].refs.tolist() for way, role in found.members if (role == INNER) == inner]
            yield from ((inner, ring) for ring in joined_rings(lines))


def _may_be_walked(tags: Tags) -> bool:
    return tags.get("highway") in parameters("walk")["open_highways"] or any(
        tags.get(key) == word for key, word in WALKED.items()
    )


def streets_among(elements: Entities, strings: list[bytes]) -> NDArray[np.bool_]:
    """Which elements are streets or ferries: whatever is a highway, and the values of other keys that are walked or sailed."""
    rows, keys, values = elements.tags.T
    telling = np.array([text == b"highway" for text in strings], bool)[keys]
    for name, word in {**WALKED, "route": "ferry"}.items():
        is_key, is_word = (np.array([text == wanted.encode() for text in strings], bool) for wanted in (name, word))
        telling |= is_key[keys] & is_word[values]
    street = np.zeros(len(elements.rows), bool)
    street[rows[telling]] = True
    return street


def joined_rings(lines: list[list[int]]) -> list[list[int]]:
    """Close rings of lines that share their ends, in the order of the lines; what closes no ring is left out."""
    rest = [line for line in lines if len(line) > 1]
    rings = []
    while rest:
        ring = list(rest.pop(0))
        while ring[0] != ring[-1]:
            position = next((at for at, line in enumerate(rest) if ring[-1] in (line[0], line[-1])), None)
            if position is None:
                break
            line = rest.pop(position)
            ring += line[1:] if line[0] == ring[-1] else line[-2::-1]
        if ring[0] == ring[-1] and len(ring) > 3:
            rings.append(ring)
    return rings


def _tags_of(elements: Entities, strings: list[bytes], row: int) -> dict[str, str]:
    element = elements.tags[:, 0]  # ascending
    own = elements.tags[slice(*np.searchsorted(element, (row, row + 1)))]
    return {text_of(strings[key]): text_of(strings[value]) for _, key, value in own.tolist()}


def _metres(nodes: NodeTable, refs: Ints) -> float:
    """Length of a way without what lies between missing nodes."""
    rows, known = nodes.find(refs)
    known &= nodes.lon[rows] != NOWHERE
    lon, lat = nodes.lon[rows] / 1e7, nodes.lat[rows] / 1e7
    metres = ellipsoidal_metres(lon[:-1], lat[:-1], lon[1:], lat[1:])
    return float(metres[known[:-1] & known[1:]].sum())


def _share(tags: Tags, metres: float, whole: float) -> Tags:
    """Return the share of one way in the duration of its relation; nothing where that is not understood."""
    seconds = clock_seconds(tags["duration"]) if "duration" in tags else np.nan
    return {"duration": f"PT{seconds * metres / whole:.6f}S"} if seconds > 0 and whole > 0 else {}
