"""Read OpenStreetMap extracts: one order-agnostic reading gives the streets and the tagged places.

Every format pyosmium reads is taken; .pbf goes through our own faster decoder (`pbf`). Ways that refer to nodes missing from
the file are split there, never dropped, and counted.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..errors import InputError
from ..files import require_file
from ..numbering import distinct, renumber
from ..streets import STREET_KEYS, Streets
from . import pbf
from .osm_formats import Readable, as_pbf
from .osmnx import streets_from_graphml
from .places import PLACE_KEYS, PlaceParts, assemble_places
from .unused import COORDINATES, MOST_EXAMPLES, VERSIONS, WAYS_CUT, Unused
from .versions import NodeTable, Occurrences, find, version_text

Ints = NDArray[np.int64]
Numbered = tuple[int, pbf.Blob]  # a block and its place among those of all files

DROPPED = {"nodes_nowhere": COORDINATES, "older_versions": VERSIONS}  # among the counts, after their kinds in `Unused`
NAMED_NODES = 5  # of a way that is cut
BATCH_BYTES = 64 * 1024 * 1024  # of inflated blocks worked on at once


@dataclass(frozen=True, kw_only=True)
class OsmExtract:
    """What one reading of one or several extracts gives.

    Attributes
    ----------
    streets : Streets
    places : GeoDataFrame
        `osm` ("n1", "w2", "r3"), `tags` (dict), `geometry` (EPSG:4326): features that may be a facility or a settlement.
    counts : dict
        What was read, split and skipped, for the run's record.
    unused : Unused
        What the map said that could not be used, with examples.
    """

    streets: Streets
    places: gpd.GeoDataFrame
    counts: dict[str, int]
    unused: Unused = field(default_factory=Unused)


def read_osm(paths: Path | Sequence[Path], *, place_keys: Collection[str] = PLACE_KEYS) -> OsmExtract:
    """Read one or several extracts as one; elements that stand in several files count once.

    Parameters
    ----------
    paths : Path or sequence of Path
        .osm.pbf, .osm, .xml, either packed as .gz or .bz2; or one .graphml, which has streets only.
    place_keys : collection of str
        Keys of PLACE_KEYS that make an element a place; none where only streets are wanted.

    Raises
    ------
    InputError
        If a file is missing, damaged, incomplete or of another kind, or if no street has a node.
    """
    files = [paths] if isinstance(paths, Path) else list(paths)
    if any(_is_graph(file) for file in files):
        return _read_graph(files)
    parts, unused = _Parts(places=PlaceParts(frozenset(place_keys))), Unused()
    with as_pbf(files) as readable:
        _read_elements(readable, parts)
        members = parts.places.missing_members()
        if len(members):
            _read_members(readable, parts, members)
        nodes = _read_nodes(readable, parts)
    parts.places.settle_nodes(nodes)
    node_ids, lon, lat = nodes.known()
    nodes.tell(unused)
    _tell_versions(parts, unused)
    streets, counts = _assemble_streets(parts, node_ids, lon, lat, unused)
    _require_nodes(counts, files)
    places, place_counts = assemble_places(parts.places, node_ids, lon, lat, unused)
    dropped = {name: unused.counts.get(kind, 0) for name, kind in DROPPED.items()}
    return OsmExtract(streets=streets, places=places, counts={**counts, **place_counts, **dropped}, unused=unused)


def _require_nodes(counts: dict[str, int], files: Sequence[Path]) -> None:
    """Refuse streets of which not a single node lies anywhere: coordinates may stand inside the ways, which is not read."""
    if not counts.pop("references_to_known_nodes") and counts["street_ways"]:
        raise InputError(
            "{file}: holds {ways:,} ways of streets but none of their nodes; export them with their nodes (Overpass: `out body; "
            ">; out skel qt;`): coordinates inside ways (`out geom`) are not read.",
            file=" + ".join(str(file) for file in files),
            ways=counts["street_ways"],
        )


def _tell_versions(parts: _Parts, unused: Unused) -> None:
    """Say which versions of streets and places a newer one replaced; of nodes their table knows."""
    streets = np.concatenate([np.empty(0, np.int64), *parts.way_at])
    places = np.array([*parts.places.ways_read], np.int64)
    relations = np.array([*parts.places.relations_read], np.int64)
    for letter, all_read, ours in (
        ("w", parts.all_ways, distinct(np.concatenate((streets, places)))),
        ("r", parts.all_relations, relations),
    ):
        older = np.intersect1d(all_read.older(), ours)
        numbers = np.concatenate([np.empty(0, np.int64), *all_read.ids])[older[:MOST_EXAMPLES]].tolist()
        texts = map(version_text, all_read.versions(older[:MOST_EXAMPLES]).tolist())
        unused.add_all(VERSIONS, [(f"{letter}{n}", text) for n, text in zip(numbers, texts, strict=True)], count=len(older))


def _is_graph(file: Path) -> bool:
    return file.name.lower().endswith(".graphml")


def _read_graph(files: Sequence[Path]) -> OsmExtract:
    """Read one OSMnx graph: its streets, and no places."""
    if len(files) > 1:
        raise InputError(
            "{file}: an OSMnx graph cannot be joined with other street files; name it alone.",
            file=next(filter(_is_graph, files)),
        )
    require_file(files[0])
    nothing = np.empty(0)
    places, counts = assemble_places(PlaceParts(frozenset()), np.empty(0, np.int64), nothing, nothing, Unused())
    _, none_split = _assemble_streets(_Parts(places=PlaceParts(frozenset())), np.empty(0, np.int64), nothing, nothing, Unused())
    none_split.pop("references_to_known_nodes")
    streets, unused = streets_from_graphml(files[0])
    read = {"street_ways": len(np.unique(streets.way_ids)), "street_nodes": len(streets.node_ids)}
    dropped = {name: unused.counts.get(kind, 0) for name, kind in {**DROPPED, "ways_split_at_missing_nodes": WAYS_CUT}.items()}
    return OsmExtract(streets=streets, places=places, counts={**none_split, **counts, **read, **dropped}, unused=unused)


@dataclass
class _Parts:
    """What the blocks gave so far; grows while reading, turned into arrays once at the end."""

    places: PlaceParts
    way_ids: list[Ints] = field(default_factory=list)
    way_lengths: list[Ints] = field(default_factory=list)
    refs: list[Ints] = field(default_factory=list)
    tag_ways: list[NDArray[np.int32]] = field(default_factory=list)  # three lists alike: way row, key code, value code
    tag_keys: list[NDArray[np.int8]] = field(default_factory=list)
    tag_values: list[NDArray[np.int32]] = field(default_factory=list)
    way_at: list[Ints] = field(default_factory=list)  # occurrence of each street among all ways
    values: dict[str, int] = field(default_factory=dict)
    ways: int = 0
    all_ways: Occurrences = field(default_factory=Occurrences)
    all_relations: Occurrences = field(default_factory=Occurrences)
    newest_ways: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, bool))
    node_blocks: set[int] = field(default_factory=set)
    way_blocks: set[int] = field(default_factory=set)
    located: list[tuple[Ints, Ints, Ints, Ints]] = field(default_factory=list)  # way's occurrence, node, lon, lat

    def value(self, text: bytes) -> int:
        """Number the values of street tags."""
        return self.values.setdefault(pbf.text_of(text), len(self.values))

    def take_located(self, ways: pbf.Entities, at: Ints) -> None:
        """Keep where ways say that their nodes lie (LocationsOnWays): such files may lack the nodes themselves."""
        if len(ways.first):
            self.located.append((np.repeat(at, np.diff(ways.offsets)), ways.refs, ways.first, ways.second))


def _each_block(
    files: Sequence[Readable],
    work: Callable[[pbf.Block], Any],
    take: Callable[[int, Any], None],
    only: Collection[int] | None = None,
) -> None:
    """Run `work` on every block on all cores and `take` its results, with the block's number, in file order.

    `only` has the numbers of the blocks that matter, where they are known from an earlier reading.
    """

    def one(numbered: Numbered) -> tuple[int, object]:
        number, blob = numbered
        return number, work(pbf.read_block(blob))

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        first = 0
        for file in files:
            for batch in _batches(pbf.data_blobs(file.path, file.named), first):
                with _text_trouble(file.named):
                    for number, result in pool.map(one, [wanted for wanted in batch if only is None or wanted[0] in only]):
                        take(number, result)
                first = batch[-1][0] + 1


def _batches(blobs: Iterable[pbf.Blob], first: int) -> Iterator[list[Numbered]]:
    """Number blocks from `first` and gather those to work on at once: few, and small, for decoded they wait in memory."""
    ahead = 4 * (os.cpu_count() or 1)
    batch: list[Numbered] = []
    size = 0
    for numbered in enumerate(blobs, start=first):
        size += numbered[1].inflated_size
        if len(batch) == ahead or (batch and size > BATCH_BYTES):
            yield batch
            batch, size = [], numbered[1].inflated_size
        batch.append(numbered)
    if batch:
        yield batch


@contextmanager
def _text_trouble(file: Path) -> Iterator[None]:
    """Say which file holds a text that is none."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise InputError(
            "{file}: holds a text that is not UTF-8 ({bytes!r}); download the file again.", file=file, bytes=error.object[:40]
        ) from error


def _read_elements(files: Sequence[Readable], parts: _Parts) -> None:
    """First reading: streets, place nodes, place ways and place relations."""
    node_keys = {key.encode() for key in parts.places.keys}
    way_keys = node_keys | {b"highway", b"route"}
    street_keys = {key.encode(): code for code, key in enumerate(STREET_KEYS)}
    nothing = np.empty(0, np.int64)

    def work(block: pbf.Block) -> tuple[object, ...]:
        strings = block.strings()
        on_nodes = np.array([text in node_keys for text in strings], bool)
        on_ways = np.array([text in way_keys for text in strings], bool)
        nodes = pbf.decode_nodes(block, wanted_keys=on_nodes) if on_nodes.any() else None
        ways = pbf.decode_ways(block, wanted_keys=on_ways, wanted_ids=nothing)
        relations = pbf.decode_relations(block, wanted_keys=on_nodes)
        return strings, block.has_nodes, nodes, ways, relations

    def take(number: int, result: tuple[list[bytes], bool, pbf.Nodes | None, pbf.Entities, pbf.Entities]) -> None:
        strings, has_nodes, nodes, ways, relations = result
        if has_nodes:
            parts.node_blocks.add(number)
        if len(ways.seen):
            parts.way_blocks.add(number)
        if nodes is not None:
            parts.places.add_nodes(nodes, strings, number)
        at = parts.all_ways.add(ways.seen, ways.stamps) + ways.rows
        if len(ways.rows):
            _take_ways(parts, ways, at, strings, street_keys)
        at = parts.all_relations.add(relations.seen, relations.stamps) + relations.rows
        parts.places.add_relations(relations, strings, at)

    _each_block(files, work, take)
    parts.newest_ways = parts.all_ways.newest()
    parts.places.settle(parts.newest_ways, parts.all_relations.newest())


def _take_ways(parts: _Parts, ways: pbf.Entities, at: Ints, strings: list[bytes], street_keys: dict[bytes, int]) -> None:
    """Sort the ways of one block into streets and places."""
    key_codes = np.array([street_keys.get(text, -1) for text in strings])
    rows, keys, values = ways.tags.T
    is_ferry = np.array([text == b"ferry" for text in strings])
    street = np.zeros(len(ways.rows), bool)
    street[rows[key_codes[keys] == street_keys[b"highway"]]] = True
    street[rows[(key_codes[keys] == street_keys[b"route"]) & is_ferry[values]]] = True
    parts.places.add_ways(ways, strings, street, at)
    parts.take_located(ways, at)

    kept = np.flatnonzero(street)
    parts.way_ids.append(ways.ids[kept])
    parts.way_at.append(at[kept])
    lengths = np.diff(ways.offsets)
    parts.way_lengths.append(lengths[kept])
    parts.refs.append(ways.refs[np.repeat(street, lengths)])

    useful = street[rows] & (key_codes[keys] >= 0)
    texts, inverse = np.unique(values[useful], return_inverse=True)
    codes = np.array([parts.value(strings[text]) for text in texts.tolist()], np.int32)
    position = np.cumsum(street) - 1 + parts.ways
    parts.tag_ways.append(position[rows[useful]].astype(np.int32))
    parts.tag_keys.append(key_codes[keys[useful]].astype(np.int8))
    parts.tag_values.append(codes[inverse])
    parts.ways += len(kept)


def _read_members(files: Sequence[Readable], parts: _Parts, wanted: Ints) -> None:
    """Second reading, only where relations need it: ways without tags of their own."""
    read = 0

    def work(block: pbf.Block) -> pbf.Entities:
        none = np.zeros(len(block.string_starts), bool)
        return pbf.decode_ways(block, wanted_keys=none, wanted_ids=wanted)

    def take(_: int, ways: pbf.Entities) -> None:
        nonlocal read
        at = read + ways.rows
        parts.places.add_members(ways, parts.newest_ways[at])
        parts.take_located(ways, at)
        read += len(ways.seen)

    _each_block(files, work, take, only=parts.way_blocks)


def _read_nodes(files: Sequence[Readable], parts: _Parts) -> NodeTable:
    """Last reading: where the nodes lie that ways run through, and which version of place nodes counts."""
    table = NodeTable(distinct(np.concatenate([np.empty(0, np.int64), *parts.refs, *parts.places.refs()])))

    def work(block: pbf.Block) -> tuple[pbf.Nodes, tuple[NDArray[np.int32], NDArray[np.bool_]]]:
        nodes = pbf.decode_nodes(block)
        return nodes, table.find(nodes.ids)

    def take(number: int, result: tuple[pbf.Nodes, tuple[NDArray[np.int32], NDArray[np.bool_]]]) -> None:
        nodes, (rows, hit) = result
        table.take(number, rows, hit, nodes)

    _each_block(files, work, take, only=parts.node_blocks)
    for at, refs, lon, lat in parts.located:
        mine = parts.newest_ways[at]
        table.fill(refs[mine], lon[mine], lat[mine])
    return table


def _assemble_streets(
    parts: _Parts, node_ids: Ints, lon: NDArray[np.float64], lat: NDArray[np.float64], unused: Unused
) -> tuple[Streets, dict[str, int]]:
    """Turn the collected ways into arrays: each way once, split where its nodes are missing."""
    way_ids, pieces, starts, rows, counts = _assemble_ways(parts, node_ids, unused)
    tags = _tag_table(parts, pieces)
    used, way_nodes = renumber(rows, len(node_ids))
    streets = Streets(
        node_ids=node_ids[used],
        lon=lon[used],
        lat=lat[used],
        way_ids=way_ids,
        way_starts=starts,
        way_nodes=way_nodes,
        tags=tags,
    )
    return streets, {**counts, "street_nodes": len(used)}


def _assemble_ways(
    parts: _Parts, node_ids: Ints, unused: Unused
) -> tuple[Ints, NDArray[np.int32], Ints, NDArray[np.int32], dict[str, int]]:
    """Put the ways together: id and collected way of each unbroken piece, where pieces start, their nodes' rows, and counts."""
    ids = np.concatenate([np.empty(0, np.int64), *parts.way_ids])
    lengths = np.concatenate([np.empty(0, np.int64), *parts.way_lengths])
    once = parts.newest_ways[np.concatenate([np.empty(0, np.int64), *parts.way_at])]
    way = np.repeat(np.arange(len(ids), dtype=np.int32), lengths)
    keep = once[way]
    refs = _drained(parts.refs, np.int64)
    rows, present = find(node_ids, refs)
    _tell_cuts(ids, way, refs, ~present & keep, unused)
    del refs
    pieces, starts, kept = _unbroken(way, present & keep)
    counts = {
        "street_ways": int(once.sum()),
        "ways_split_at_missing_nodes": unused.counts.get(WAYS_CUT, 0),
        "references_to_missing_nodes": int((~present & keep).sum()),
        "references_to_known_nodes": int((present & keep).sum()),
        "ways_without_two_known_nodes": int(once.sum()) - len(distinct(pieces)),
        "ways_read_twice": int((~once).sum()),
    }
    return ids[pieces], pieces, starts, rows[kept], counts


def _tell_cuts(ids: Ints, way: NDArray[np.int32], refs: Ints, missing: NDArray[np.bool_], unused: Unused) -> None:
    """Say which ways are cut, and at which nodes: by their ids, for the order of ways in a file means nothing."""
    at = np.flatnonzero(missing)
    cut = np.unique(way[at])
    some = cut[np.argsort(ids[cut], kind="stable")[:MOST_EXAMPLES]]
    lost = [distinct(refs[at[way[at] == row]])[:NAMED_NODES].tolist() for row in some]
    examples = [(f"w{ids[row]}", " ".join(f"n{node}" for node in nodes)) for row, nodes in zip(some, lost, strict=True)]
    unused.add_all(WAYS_CUT, examples, count=len(cut))


def _drained(parts: list[NDArray[Any]], kind: type[Any]) -> NDArray[Any]:
    """Join the parts and let them go: together they are the largest thing in memory while streets are put together."""
    joined = np.concatenate([np.empty(0, kind), *parts])
    parts.clear()
    return joined


def _unbroken(way: NDArray[np.int32], present: NDArray[np.bool_]) -> tuple[NDArray[np.int32], Ints, Ints]:
    """Cut ways at absent references; returns the way of each piece, where pieces start, and the references kept."""
    at = np.flatnonzero(present)
    if not len(at):
        return np.empty(0, np.int32), np.zeros(1, np.int64), at
    way = way[at]
    new = np.ones(len(at), bool)
    new[1:] = (np.diff(at) > 1) | (way[1:] != way[:-1])
    lengths = np.diff(np.append(np.flatnonzero(new), len(at)))
    long_enough = lengths >= 2
    kept = np.repeat(long_enough, lengths)
    return way[new][long_enough], np.concatenate(([0], np.cumsum(lengths[long_enough]))), at[kept]


def _tag_table(parts: _Parts, pieces: NDArray[np.int32]) -> pd.DataFrame:
    """One categorical column per street key, one row per piece of a way."""
    rows, values = (_drained(column, np.int32) for column in (parts.tag_ways, parts.tag_values))
    keys = _drained(parts.tag_keys, np.int8)
    texts = np.array([*parts.values, ""], dtype=object)
    columns = {}
    for code, key in enumerate(STREET_KEYS):
        mine = keys == code
        if not mine.any():
            continue
        found, inverse = np.unique(values[mine], return_inverse=True)
        column = np.full(parts.ways, -1, np.int32)
        column[rows[mine]] = inverse
        categories, order = np.unique(texts[found].astype(str), return_inverse=True)
        codes = np.where(column >= 0, order[column], -1)
        columns[key] = pd.Categorical.from_codes(codes[pieces], categories=pd.Index(categories, dtype=str))
    return pd.DataFrame(columns, index=pd.RangeIndex(len(pieces)))
