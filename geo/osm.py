"""Read OpenStreetMap extracts: one order-agnostic reading gives the streets and the tagged places.

Every format pyosmium reads is taken; .pbf goes through our own faster decoder (`pbf`). Ways that refer to nodes missing from
the file are split there, never dropped, and counted.
"""

from __future__ import annotations

import mmap
import os
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
from numpy.typing import NDArray

from . import pbf
from .errors import InputError
from .numbering import distinct, renumber
from .places import PLACE_KEYS, PlaceParts, assemble_places
from .streets import Streets

Ints = NDArray[np.int64]
Found = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]  # rows among the needed nodes, lon, lat

STREET_KEYS = (
    "highway", "route", "name", "access", "foot", "bicycle", "vehicle", "motor_vehicle", "motorcar", "oneway",
    "oneway:foot", "foot:oneway", "oneway:bicycle", "cycleway", "cycleway:left", "cycleway:right", "cycleway:both", "junction",
    "maxspeed", "area", "duration", "interval", "bridge", "tunnel", "layer", "incline", "surface", "tracktype", "wheelchair",
    "sac_scale", "service",
)  # fmt: skip
SUFFIXES = (".osm", ".osm.gz", ".osm.bz2", ".pbf", ".graphml")


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
    """

    streets: Streets
    places: gpd.GeoDataFrame
    counts: dict[str, int]


def read_osm(paths: Path | Sequence[Path], *, place_keys: Collection[str] = PLACE_KEYS) -> OsmExtract:
    """Read one or several extracts as one; elements that stand in several files count once.

    Parameters
    ----------
    paths : Path or sequence of Path
        .osm.pbf, .osm, .osm.gz or .osm.bz2; or one .graphml, which has streets only.
    place_keys : collection of str
        Keys of PLACE_KEYS that make an element a place; none where only streets are wanted.

    Raises
    ------
    InputError
        If a file is missing, damaged or of another kind.
    """
    files = [paths] if isinstance(paths, Path) else list(paths)
    if any(_is_graph(file) for file in files):
        return _read_graph(files)
    parts = _Parts(places=PlaceParts(frozenset(place_keys)))
    with _as_pbf(files) as readable:
        for file in readable:
            _read_elements(file, parts)
        members = parts.places.missing_members()
        if len(members):
            for file in readable:
                _read_ways(file, parts, members)
        node_ids, lon, lat = _read_nodes(readable, _needed_nodes(parts))
    streets, counts = _assemble_streets(parts, node_ids, lon, lat)
    places, place_counts = assemble_places(parts.places, node_ids, lon, lat)
    return OsmExtract(streets=streets, places=places, counts={**counts, **place_counts})


def _is_graph(file: Path) -> bool:
    return file.name.lower().endswith(".graphml")


def _read_graph(files: Sequence[Path]) -> OsmExtract:
    """Read one OSMnx graph: its streets, and no places."""
    from .osmnx import streets_from_graphml  # OSMnx takes a second to import, and few runs need it

    if len(files) > 1:
        raise InputError(
            f"{next(filter(_is_graph, files))}: an OSMnx graph cannot be joined with other street files; name it alone."
        )
    if not files[0].is_file():
        raise InputError(f"{files[0]}: no such file.")
    nothing = np.empty(0)
    places, counts = assemble_places(PlaceParts(frozenset()), np.empty(0, np.int64), nothing, nothing)
    _, none_split = _assemble_streets(_Parts(places=PlaceParts(frozenset())), np.empty(0, np.int64), nothing, nothing)
    streets = streets_from_graphml(files[0])
    read = {"street_ways": len(np.unique(streets.way_ids)), "street_nodes": len(streets.node_ids)}
    return OsmExtract(streets=streets, places=places, counts={**none_split, **counts, **read})


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
    values: dict[bytes, int] = field(default_factory=dict)
    ways: int = 0


@contextmanager
def _as_pbf(files: Sequence[Path]) -> Iterator[list[Path]]:
    """Give every file as .pbf that our decoder reads; other formats pass through pyosmium first."""
    with tempfile.TemporaryDirectory(prefix="lifecircle-") as folder:
        yield [_readable(file, Path(folder) / f"{index}.osm.pbf") for index, file in enumerate(files)]


def _readable(file: Path, copy: Path) -> Path:
    if not file.is_file():
        raise InputError(f"{file}: no such file.")
    if not file.name.lower().endswith(SUFFIXES[:4]):
        raise InputError(f"{file}: streets are read from {', '.join(SUFFIXES)} files.")
    if file.name.lower().endswith(".pbf"):
        try:
            with _mapped(file) as data:
                if all(pbf.is_zlib(data, start, file) for start, _ in pbf.blob_positions(data, file)):
                    return file
        except pbf.UnsupportedCompression:
            pass
    try:
        osmium.apply(str(file), osmium.WriteHandler(str(copy)))
    except RuntimeError as error:
        raise InputError(f"{file}: cannot be read as OpenStreetMap data ({error}).") from error
    with _mapped(copy) as data:
        pbf.blob_positions(data, file)  # so that a file without data is named as the user knows it
    return copy


@contextmanager
def _mapped(file: Path) -> Iterator[mmap.mmap]:
    with file.open("rb") as opened:
        if os.fstat(opened.fileno()).st_size == 0:
            raise InputError(f"{file}: is empty.")
        with mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as data:
            yield data


def _each_block(file: Path, work: Callable[[pbf.Block], object], take: Callable[..., None]) -> None:
    """Run `work` on every block on all cores and `take` its results in file order."""
    with _mapped(file) as data:
        positions = pbf.blob_positions(data, file)

        def one(position: tuple[int, int]) -> tuple[pbf.Block, object]:
            block = pbf.read_block(data, *position, file)
            return block, work(block)

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            ahead = 4 * (os.cpu_count() or 1)  # bounds how many decoded blocks wait in memory
            for first in range(0, len(positions), ahead):
                for block, result in pool.map(one, positions[first : first + ahead]):
                    take(block, result)


def _read_elements(file: Path, parts: _Parts) -> None:
    """First reading: streets, place nodes, place ways and place relations."""
    node_keys = {key.encode() for key in parts.places.keys}
    way_keys = node_keys | {b"highway", b"route"}
    street_keys = {key.encode(): code for code, key in enumerate(STREET_KEYS)}
    nothing = np.empty(0, np.int64)

    def work(block: pbf.Block) -> tuple[object, ...]:
        strings = block.strings()
        on_nodes = np.array([text in node_keys for text in strings] + [False])
        on_ways = np.array([text in way_keys for text in strings] + [False])
        nodes = pbf.decode_nodes(block, wanted_keys=on_nodes) if on_nodes.any() else None
        ways = pbf.decode_ways(block, wanted_keys=on_ways, wanted_ids=nothing)
        return strings, nodes, ways, pbf.decode_relations(block, wanted_keys=on_nodes)

    def take(block: pbf.Block, result: tuple[list[bytes], pbf.Nodes | None, pbf.Entities, pbf.Entities]) -> None:
        strings, nodes, ways, relations = result
        if nodes is not None:
            parts.places.add_nodes(*nodes, strings)
        if len(ways.ids):
            _take_ways(parts, ways, strings, street_keys)
        parts.places.add_relations(relations, strings)

    _each_block(file, work, take)


def _take_ways(parts: _Parts, ways: pbf.Entities, strings: list[bytes], street_keys: dict[bytes, int]) -> None:
    """Sort the ways of one block into streets and places."""
    key_codes = np.array([street_keys.get(text, -1) for text in strings])
    rows, keys, values = ways.tags.T
    is_ferry = np.array([text == b"ferry" for text in strings])
    street = np.zeros(len(ways.ids), bool)
    street[rows[key_codes[keys] == street_keys[b"highway"]]] = True
    street[rows[(key_codes[keys] == street_keys[b"route"]) & is_ferry[values]]] = True
    parts.places.add_ways(ways, strings, street)

    kept = np.flatnonzero(street)
    parts.way_ids.append(ways.ids[kept])
    lengths = np.diff(ways.offsets)
    parts.way_lengths.append(lengths[kept])
    parts.refs.append(ways.refs[np.repeat(street, lengths)])

    useful = street[rows] & (key_codes[keys] >= 0)
    texts, inverse = np.unique(values[useful], return_inverse=True)
    codes = np.array([parts.values.setdefault(strings[text], len(parts.values)) for text in texts.tolist()], np.int32)
    position = np.cumsum(street) - 1 + parts.ways
    parts.tag_ways.append(position[rows[useful]].astype(np.int32))
    parts.tag_keys.append(key_codes[keys[useful]].astype(np.int8))
    parts.tag_values.append(codes[inverse])
    parts.ways += len(kept)


def _read_ways(file: Path, parts: _Parts, wanted: Ints) -> None:
    """Second reading, only where relations need it: ways without tags of their own."""

    def work(block: pbf.Block) -> pbf.Entities:
        none = np.zeros(len(block.string_starts) + 1, bool)
        return pbf.decode_ways(block, wanted_keys=none, wanted_ids=wanted)

    def take(_: pbf.Block, ways: pbf.Entities) -> None:
        parts.places.add_members(ways)

    _each_block(file, work, take)


def _needed_nodes(parts: _Parts) -> Ints:
    return distinct(np.concatenate([np.empty(0, np.int64), *parts.refs, *parts.places.refs()]))


def _read_nodes(files: Sequence[Path], needed: Ints) -> tuple[Ints, NDArray[np.float64], NDArray[np.float64]]:
    """Last reading: coordinates of the needed nodes, ascending by id, each once; of a node read twice the first."""
    lon, lat = np.empty(len(needed), np.int32), np.empty(len(needed), np.int32)
    known = np.zeros(len(needed), bool)

    def work(block: pbf.Block) -> Found:
        found, x, y, _ = pbf.decode_nodes(block, wanted_keys=None)
        rows, hit = _rows(needed, found)
        return rows[hit], x[hit], y[hit]

    def take(_: pbf.Block, result: Found) -> None:
        rows, x, y = result
        new = np.flatnonzero(~known[rows])[::-1]  # backwards, so that the first of two alike is written last
        lon[rows[new]], lat[rows[new]] = x[new], y[new]
        known[rows] = True

    for file in files:
        _each_block(file, work, take)
    return needed[known], lon[known] / 1e7, lat[known] / 1e7


def _assemble_streets(
    parts: _Parts, node_ids: Ints, lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> tuple[Streets, dict[str, int]]:
    """Turn the collected ways into arrays: each way once, split where its nodes are missing."""
    way_ids, pieces, starts, rows, counts = _assemble_ways(parts, node_ids)
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


def _assemble_ways(parts: _Parts, node_ids: Ints) -> tuple[Ints, NDArray[np.int32], Ints, NDArray[np.int32], dict[str, int]]:
    """Put the ways together: id and collected way of each unbroken piece, where pieces start, their nodes' rows, and counts."""
    ids = np.concatenate([np.empty(0, np.int64), *parts.way_ids])
    lengths = np.concatenate([np.empty(0, np.int64), *parts.way_lengths])
    once = np.zeros(len(ids), bool)
    once[np.unique(ids, return_index=True)[1]] = True
    way = np.repeat(np.arange(len(ids), dtype=np.int32), lengths)
    keep = once[way]
    rows, present = _rows(node_ids, _drained(parts.refs, np.int64))
    pieces, starts, kept = _unbroken(way, present & keep)
    counts = {
        "street_ways": int(once.sum()),
        "ways_split_at_missing_nodes": len(np.unique(way[~present & keep])),
        "references_to_missing_nodes": int((~present & keep).sum()),
        "ways_without_two_known_nodes": int(once.sum()) - len(distinct(pieces)),
        "ways_read_twice": int((~once).sum()),
    }
    return ids[pieces], pieces, starts, rows[kept], counts


def _drained(parts: list[NDArray[Any]], kind: type[Any]) -> NDArray[Any]:
    """Join the parts and let them go: together they are the largest thing in memory while streets are put together."""
    joined = np.concatenate([np.empty(0, kind), *parts])
    parts.clear()
    return joined


def _rows(node_ids: Ints, refs: Ints) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Find the row of each reference and whether it is there at all."""
    if not len(node_ids):
        return np.zeros(len(refs), np.int32), np.zeros(len(refs), bool)
    rows = np.searchsorted(node_ids, refs).astype(np.int32)
    np.minimum(rows, len(node_ids) - 1, out=rows)
    return rows, node_ids[rows] == refs


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
    texts = np.array([text.decode("utf-8", errors="replace") for text in parts.values] + [""], dtype=object)
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
