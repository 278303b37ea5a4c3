"""Read OpenStreetMap extracts: one order-agnostic reading gives the streets, the waters and the tagged places.

Every format pyosmium reads is taken; .pbf goes through our own faster decoder (`pbf`). Ways that refer to nodes missing from
the file are split there, never dropped, and counted.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..files import require_file
from ..numbering import distinct
from ..streets import Streets
from ..waters import Waters
from . import pbf, turns
from .osm_formats import Readable, as_pbf
from .osmnx import streets_from_graphml
from .places import PLACE_KEYS, PlaceParts, assemble_places
from .street_parts import StreetParts, assemble_streets
from .street_points import TELLING
from .street_relations import KEYS as STREET_RELATION_KEYS
from .street_relations import streets_among
from .unread_words import tell_unread
from .unused import COORDINATES, MOST_EXAMPLES, VERSIONS, WAYS_CUT, Unused
from .versions import NodeTable, version_text
from .waters import WATER_TAGS

Ints = NDArray[np.int64]
Numbered = tuple[int, pbf.Blob]  # a block and its place among those of all files

DROPPED = {"nodes_nowhere": COORDINATES, "older_versions": VERSIONS}  # among the counts, after their kinds in `Unused`
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

    @property
    def waters(self) -> Waters:
        """Waters that nobody walks across; none in OSMnx graphs."""
        return self.streets.waters


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
    parts, unused = StreetParts(places=PlaceParts(frozenset(place_keys))), Unused()
    with as_pbf(files) as readable:
        _read_elements(readable, parts)
        members = distinct(np.concatenate((parts.places.missing_members(), parts.relations.missing_members())))
        if len(members):
            _read_members(readable, parts, members)
        nodes = _read_nodes(readable, parts)
    parts.add_member_ways(parts.relations.member_ways(nodes))
    parts.places.settle_nodes(nodes)
    _tell_versions(parts, unused)
    nodes.tell(unused)
    streets, counts = assemble_streets(parts, nodes, unused)
    _require_nodes(counts, files)
    places, waters, place_counts = assemble_places(parts.places, *nodes.known(), unused)
    streets = replace(streets, waters=waters)
    tell_unread(streets, unused)
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


def _tell_versions(parts: StreetParts, unused: Unused) -> None:
    """Say which versions of streets and places a newer one replaced; of nodes their table knows."""
    streets = np.concatenate([np.empty(0, np.int64), *parts.way_at])
    places = np.array([*parts.places.ways_read], np.int64)
    relations = np.array([*parts.places.relations_read], np.int64)
    for letter, all_read, ours in (
        ("w", parts.all_ways, distinct(np.concatenate((streets, places)))),
        ("r", parts.all_relations, relations),
    ):
        older = np.intersect1d(all_read.older(), ours)
        if not len(older):
            continue  # what follows copies the ids of all ways of a country
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
    nothing, no_places, no_ids = np.empty(0), PlaceParts(frozenset()), np.empty(0, np.int64)
    places, _, counts = assemble_places(no_places, no_ids, nothing, nothing, Unused())
    _, none_split = assemble_streets(StreetParts(places=no_places), NodeTable(no_ids), Unused())
    none_split.pop("references_to_known_nodes")
    streets, unused = streets_from_graphml(files[0])
    tell_unread(streets, unused)
    read = {"street_ways": len(np.unique(streets.way_ids)), "street_nodes": len(streets.node_ids)}
    dropped = {name: unused.counts.get(kind, 0) for name, kind in {**DROPPED, "ways_split_at_missing_nodes": WAYS_CUT}.items()}
    return OsmExtract(streets=streets, places=places, counts={**none_split, **counts, **read, **dropped}, unused=unused)


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


def _read_elements(files: Sequence[Readable], parts: StreetParts) -> None:
    """First reading: streets, place nodes, place ways and place relations."""
    node_keys = {key.encode() for key in parts.places.keys}
    area_keys = node_keys | {key.encode() for key in WATER_TAGS}
    way_keys = area_keys | {*(key.encode() for key in STREET_RELATION_KEYS)}
    point_keys, relation_keys = node_keys | {*TELLING}, way_keys | {key.encode() for key in turns.KEYS}
    nothing = np.empty(0, np.int64)

    def work(block: pbf.Block) -> tuple[object, ...]:
        strings = block.strings()
        on_nodes, on_relations = (np.array([text in keys for text in strings], bool) for keys in (point_keys, relation_keys))
        on_ways = np.array([text in way_keys for text in strings], bool)
        nodes = pbf.decode_nodes(block, wanted_keys=on_nodes) if on_nodes.any() else None
        ways = pbf.decode_ways(block, wanted_keys=on_ways, wanted_ids=nothing)
        relations = pbf.decode_relations(block, wanted_keys=on_relations)
        return strings, block.has_nodes, nodes, ways, relations

    def take(number: int, result: tuple[list[bytes], bool, pbf.Nodes | None, pbf.Entities, pbf.Entities]) -> None:
        strings, has_nodes, nodes, ways, relations = result
        if has_nodes:
            parts.node_blocks.add(number)
        if len(ways.seen):
            parts.way_blocks.add(number)
        if nodes is not None:
            parts.places.add_nodes(nodes, strings, number)
            parts.points.add(nodes, strings, number)
        at = parts.all_ways.add(ways.seen, ways.stamps) + ways.rows
        if len(ways.rows):
            _take_ways(parts, ways, at, strings)
        at = parts.all_relations.add(relations.seen, relations.stamps) + relations.rows
        parts.places.add_relations(relations, strings, at)
        parts.turns.add(relations, strings, at)
        parts.relations.add(relations, strings, at)

    _each_block(files, work, take)
    parts.newest_ways = parts.all_ways.newest()
    parts.newest_relations = parts.all_relations.newest()
    parts.places.settle(parts.newest_ways, parts.newest_relations)
    parts.relations.settle(parts.newest_relations)


def _take_ways(parts: StreetParts, ways: pbf.Entities, at: Ints, strings: list[bytes]) -> None:
    """Sort the ways of one block into streets and places."""
    street = streets_among(ways, strings)
    parts.places.add_ways(ways, strings, at)
    parts.take_located(ways, at)
    lengths = np.diff(ways.offsets)
    parts.way_ids.append(ways.ids[street])
    parts.way_at.append(at[street])
    parts.way_lengths.append(lengths[street])
    parts.refs.append(ways.refs[np.repeat(street, lengths)])
    parts.tags.add(ways.tags, strings, street)


def _read_members(files: Sequence[Readable], parts: StreetParts, wanted: Ints) -> None:
    """Second reading, only where relations need it: ways without tags of their own, and all those of squares and ferries."""
    read = 0
    of_streets = parts.relations.missing_members()

    def work(block: pbf.Block) -> tuple[list[bytes], pbf.Entities]:
        none = np.zeros(len(block.string_starts), bool)
        return block.strings(), pbf.decode_ways(block, wanted_keys=none, wanted_ids=wanted)

    def take(_: int, result: tuple[list[bytes], pbf.Entities]) -> None:
        nonlocal read
        strings, ways = result
        at = read + ways.rows
        parts.places.add_members(ways, parts.newest_ways[at])
        parts.relations.add_members(ways, strings, parts.newest_ways[at], of_streets)
        parts.take_located(ways, at)
        read += len(ways.seen)

    _each_block(files, work, take, only=parts.way_blocks)


def _read_nodes(files: Sequence[Readable], parts: StreetParts) -> NodeTable:
    """Last reading: where the nodes lie that ways run through, and which version of place nodes counts."""
    table = NodeTable(
        distinct(np.concatenate([np.empty(0, np.int64), *parts.refs, *parts.places.refs(), *parts.relations.refs()]))
    )

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
