"""Streets on their way from blocks to arrays: what a reading gives piece by piece, and how it is put together."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..numbering import distinct, renumber
from ..streets import STREET_KEYS, Streets
from . import pbf
from .places import PlaceParts
from .street_points import PointParts
from .street_relations import MemberWays, RelationParts
from .tag_table import TagParts, drained, tag_columns
from .turns import TurnParts
from .unused import MOST_EXAMPLES, WAYS_CUT, Unused
from .versions import NodeTable, Occurrences, find

Ints = NDArray[np.int64]
NAMED_NODES = 5  # of a way that is cut


@dataclass
class StreetParts:
    """What the blocks gave so far; grows while reading, turned into arrays once at the end."""

    places: PlaceParts
    way_ids: list[Ints] = field(default_factory=list)
    way_lengths: list[Ints] = field(default_factory=list)
    refs: list[Ints] = field(default_factory=list)
    tags: TagParts = field(default_factory=lambda: TagParts(STREET_KEYS))
    way_at: list[Ints] = field(default_factory=list)  # occurrence of each street among all ways
    points: PointParts = field(default_factory=PointParts)
    turns: TurnParts = field(default_factory=TurnParts)
    relations: RelationParts = field(default_factory=RelationParts)
    member_ways: MemberWays = field(default_factory=MemberWays)
    all_ways: Occurrences = field(default_factory=Occurrences)
    all_relations: Occurrences = field(default_factory=Occurrences)
    newest_ways: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, bool))
    newest_relations: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, bool))
    node_blocks: set[int] = field(default_factory=set)
    way_blocks: set[int] = field(default_factory=set)
    located: list[tuple[Ints, Ints, Ints, Ints]] = field(default_factory=list)  # way's occurrence, node, lon, lat

    def take_located(self, ways: pbf.Entities, at: Ints) -> None:
        """Keep where ways say that their nodes lie (LocationsOnWays): such files may lack the nodes themselves."""
        if len(ways.first):
            self.located.append((np.repeat(at, np.diff(ways.offsets)), ways.refs, ways.first, ways.second))

    def add_member_ways(self, made: MemberWays) -> None:
        """Take what relations make of ways, behind all ways as they were read."""
        self.member_ways = made
        self.way_ids.append(np.array(made.ids, np.int64))
        self.way_lengths.append(np.array([len(refs) for refs in made.refs], np.int64))
        self.refs.extend(made.refs)
        self.tags.add_texts(made.tags)

    def counted(self, ids: Ints) -> NDArray[np.bool_]:
        """Say of each way taken whether it counts: the newest version of its own, or what relations make of it."""
        made = self.member_ways
        newest = self.newest_ways[np.concatenate([np.empty(0, np.int64), *self.way_at])]
        kept = newest & ~np.isin(ids[: len(newest)], made.replaced)
        return np.concatenate((kept, np.ones(len(made.ids), bool)))


def assemble_streets(parts: StreetParts, nodes: NodeTable, unused: Unused) -> tuple[Streets, dict[str, int]]:
    """Turn the collected ways into arrays: each way once, split where its nodes are missing."""
    known = node_ids, lon, lat = nodes.known()
    way_ids, pieces, starts, rows, lost, counts = _assemble_ways(parts, node_ids, unused)
    used, way_nodes = renumber(rows, len(node_ids))
    node_ids = node_ids[used]
    squares = replace(parts.relations.squares(known, node_ids, unused), **_stubs(parts, lost, used))
    tags = parts.tags.table(pieces)
    point_nodes, point_tags = _points(parts, nodes, node_ids)
    streets = Streets(
        node_ids=node_ids,
        lon=lon[used],
        lat=lat[used],
        way_ids=way_ids,
        way_starts=starts,
        way_nodes=way_nodes,
        tags=tags,
        point_nodes=point_nodes,
        point_tags=point_tags,
        turns=parts.turns.turns(parts.newest_relations, way_ids, node_ids, unused),
        outlines=np.flatnonzero(_are_outlines(parts, pieces)).astype(np.int32),
        squares=squares,
    )
    return streets, {**counts, "street_nodes": len(used)}


def _stubs(parts: StreetParts, lost: tuple[NDArray[np.int32], NDArray[np.int32]], used: Ints) -> dict[str, Any]:
    """Return the ways of which a single node is known, where that lies on another street: squares have doors there."""
    way, node = lost
    rows, on_street = find(used, node.astype(np.int64))
    tags = parts.tags.texts(way[on_street])
    ids = np.concatenate([np.empty(0, np.int64), *parts.way_ids])[way[on_street]]
    return {"stub_nodes": rows[on_street], "stub_ways": ids, "stub_tags": tag_columns(tags)}


def _are_outlines(parts: StreetParts, pieces: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Which unbroken pieces are bare outlines of squares."""
    made = parts.member_ways.outline
    outline = np.zeros(parts.tags.count, bool)
    outline[len(outline) - len(made) :] = made
    return outline[pieces]


def _points(parts: StreetParts, nodes: NodeTable, node_ids: Ints) -> tuple[NDArray[np.int32], pd.DataFrame]:
    """Return the street nodes that are barriers or signals, ascending, with their tags."""
    chosen, ids = parts.points.counted(nodes)
    rows, on_street = find(node_ids, ids)
    order = np.argsort(rows[on_street], kind="stable")
    return rows[on_street][order], parts.points.tags.table(chosen[on_street][order])


def _assemble_ways(
    parts: StreetParts, node_ids: Ints, unused: Unused
) -> tuple[Ints, NDArray[np.int32], Ints, NDArray[np.int32], tuple[NDArray[np.int32], NDArray[np.int32]], dict[str, int]]:
    """Put the ways together: id and collected way of each unbroken piece, where pieces start, their nodes' rows; and counts.

    Before the counts, collected way and node row of pieces that are single nodes.
    """
    ids = np.concatenate([np.empty(0, np.int64), *parts.way_ids])
    lengths = np.concatenate([np.empty(0, np.int64), *parts.way_lengths])
    once = parts.counted(ids)
    way = np.repeat(np.arange(len(ids), dtype=np.int32), lengths)
    keep = once[way]
    refs = drained(parts.refs, np.int64)
    rows, present = find(node_ids, refs)
    _tell_cuts(ids, way, refs, ~present & keep, unused)
    del refs
    pieces, starts, kept, (alone, at) = _unbroken(way, present & keep)
    counts = {
        "street_ways": int(once.sum()),
        "ways_split_at_missing_nodes": unused.counts.get(WAYS_CUT, 0),
        "references_to_missing_nodes": int((~present & keep).sum()),
        "references_to_known_nodes": int((present & keep).sum()),
        "ways_without_two_known_nodes": int(once.sum()) - len(distinct(pieces)),
        "ways_read_twice": int((~once).sum()) - len(distinct(ids[~once & np.isin(ids, parts.member_ways.replaced)])),
    }
    return ids[pieces], pieces, starts, rows[kept], (alone, rows[at]), counts


def _tell_cuts(ids: Ints, way: NDArray[np.int32], refs: Ints, missing: NDArray[np.bool_], unused: Unused) -> None:
    """Say which ways are cut, and at which nodes: by their ids, for the order of ways in a file means nothing."""
    at = np.flatnonzero(missing)
    cut = np.unique(way[at])
    some = cut[np.argsort(ids[cut], kind="stable")[:MOST_EXAMPLES]]
    lost = [distinct(refs[at[way[at] == row]])[:NAMED_NODES].tolist() for row in some]
    examples = [(f"w{ids[row]}", " ".join(f"n{node}" for node in nodes)) for row, nodes in zip(some, lost, strict=True)]
    unused.add_all(WAYS_CUT, examples, count=len(cut))


def _unbroken(
    way: NDArray[np.int32], present: NDArray[np.bool_]
) -> tuple[NDArray[np.int32], Ints, Ints, tuple[NDArray[np.int32], Ints]]:
    """Cut ways at absent references; returns the way of each piece, where pieces start, and the references kept.

    Last come way and reference of pieces that are single nodes, and no longer streets.
    """
    at = np.flatnonzero(present)
    if not len(at):
        return np.empty(0, np.int32), np.zeros(1, np.int64), at, (np.empty(0, np.int32), at)
    way = way[at]
    new = np.ones(len(at), bool)
    new[1:] = (np.diff(at) > 1) | (way[1:] != way[:-1])
    lengths = np.diff(np.append(np.flatnonzero(new), len(at)))
    long_enough = lengths >= 2
    kept = np.repeat(long_enough, lengths)
    alone = (way[new][~long_enough], at[~kept])
    return way[new][long_enough], np.concatenate(([0], np.cumsum(lengths[long_enough]))), at[kept], alone
