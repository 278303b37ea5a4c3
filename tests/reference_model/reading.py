"""What counts as read (section 2): the last version of every element, and the nodes that have a place on earth."""

import bz2
import gzip
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import osmium

Refs = list[int]
OPENERS: Mapping[str, Callable[[Any], bytes]] = {
    ".osm": lambda file: Path(file).read_bytes(),
    ".osm.gz": lambda file: gzip.decompress(Path(file).read_bytes()),
    ".osm.bz2": lambda file: bz2.decompress(Path(file).read_bytes()),
}
WATER_KEYS = ("natural", "waterway", "landuse")


@dataclass(frozen=True)
class Way:
    """Tags and node numbers of a way."""

    tags: dict[str, str]
    refs: Refs


@dataclass(frozen=True)
class Relation:
    """Tags and members (type n, w or r; number; role) of a relation."""

    tags: dict[str, str]
    members: list[tuple[str, int, str]]


@dataclass(frozen=True)
class Map:
    """Everything of a map that the travel model asks for, by number."""

    ways: Mapping[int, Way]
    relations: Mapping[int, Relation]
    places: Mapping[int, tuple[float, float]]  # lon, lat of the nodes
    node_tags: Mapping[int, dict[str, str]]  # of nodes with `highway` or `barrier`


def read_map(paths: Path | str | Sequence[Path | str]) -> Map:
    """Read one map from one or several files."""
    files = [paths] if isinstance(paths, Path | str) else list(paths)
    if any(".osc" in str(file) for file in files):
        raise ValueError("a change file is no map")
    relations = _last_versions(files, osmium.osm.RELATION, _relation)
    members = {number for relation in relations.values() for kind, number, _ in relation.members if kind == "w"}
    ways = _last_versions(files, osmium.osm.WAY, lambda way: _way(way, members))
    wanted = {ref for way in ways.values() for ref in way.refs}
    nodes = _last_versions(files, osmium.osm.NODE, lambda node: _node(node, wanted))
    node_tags = {number: tags for number, (_, tags) in nodes.items() if tags}
    return Map(ways, relations, {number: place for number, (place, _) in nodes.items()}, node_tags)


def _last_versions(files: Sequence[Any], kind: Any, read: Callable[[Any], Any]) -> dict[int, Any]:
    """What `read` makes of the last version of every element, in order of their numbers; deleted ones are gone."""
    best: dict[int, tuple[Any, Any]] = {}
    thrown_away = _thrown_away(files, {osmium.osm.NODE: "node", osmium.osm.WAY: "way", osmium.osm.RELATION: "relation"}[kind])
    for number, file in enumerate(files):
        for element in osmium.FileProcessor(str(file), kind):
            rank = element.version, element.timestamp, -number
            if element.id not in best or rank > best[element.id][0]:
                best[element.id] = rank, None if element.deleted else read(element)
    return {number: value for number, (_, value) in sorted(best.items()) if value is not None and number not in thrown_away}


def _thrown_away(files: Sequence[Any], kind: str) -> set[int]:
    """Elements that an editor marked with `action=delete`, which osmium does not tell."""
    found = set()
    for file in files:
        opener = next((opener for end, opener in OPENERS.items() if str(file).endswith(end)), None)
        if opener is None or b"action=" not in (text := opener(file)):
            continue
        elements = ElementTree.fromstring(text).iter(kind)
        found |= {int(element.get("id", 0)) for element in elements if element.get("action") == "delete"}
    return found


def _relation(relation: Any) -> Relation | None:
    tags = {tag.k: tag.v for tag in relation.tags}
    kind = tags.get("type", "")
    if kind != "multipolygon" and not kind.startswith("restriction") and tags.get("route") != "ferry":
        return None
    if kind == "multipolygon" and not any(key in tags for key in (*WATER_KEYS, "highway", "man_made", "railway")):
        return None
    return Relation(tags, [(member.type, member.ref, member.role) for member in relation.members])


def _way(way: Any, members: set[int]) -> Way | None:
    keys = ("highway", "route", "man_made", "railway", *WATER_KEYS)
    if way.id not in members and not any(key in way.tags for key in keys):
        return None
    return Way({tag.k: tag.v for tag in way.tags}, [node.ref for node in way.nodes])


def _node(node: Any, wanted: set[int]) -> tuple[tuple[float, float], dict[str, str] | None] | None:
    if node.id not in wanted or not node.location.valid():
        return None
    place = node.location.lon, node.location.lat
    if not all(math.isfinite(degrees) for degrees in place):
        return None
    told = "highway" in node.tags or "barrier" in node.tags
    return place, {tag.k: tag.v for tag in node.tags} if told else None


def places_of(world: Map, refs: Refs) -> list[tuple[float, float]] | None:
    """Places of all the nodes, None where one is missing."""
    return [world.places[ref] for ref in refs] if all(ref in world.places for ref in refs) else None


def multipolygons(world: Map) -> Iterator[tuple[int, Relation, dict[str, list[Refs]] | None]]:
    """Area relations with their rings (node numbers) by role, outer or inner; None where members are missing."""
    for number, relation in world.relations.items():
        if relation.tags.get("type") != "multipolygon":
            continue
        lines: dict[str, list[Refs]] = {"outer": [], "inner": []}
        whole = True
        for kind, way, role in relation.members:
            if kind != "w":
                continue
            whole = whole and way in world.ways and places_of(world, world.ways[way].refs) is not None
            if whole:
                lines["inner" if role == "inner" else "outer"].append(world.ways[way].refs)
        rings = {role: join_rings(refs) for role, refs in lines.items()} if whole else None
        yield number, relation, rings


def join_rings(lines: list[Refs]) -> list[Refs]:
    """Closed rings from lines that share their ends; lines that close no ring are left out."""
    rest, rings = [list(line) for line in lines if len(line) > 1], []
    while rest:
        ring = rest.pop(0)
        while ring[0] != ring[-1]:
            found = next((line for line in rest if ring[-1] in (line[0], line[-1])), None)
            if found is None:
                break
            rest.remove(found)
            ring += (found if found[0] == ring[-1] else found[::-1])[1:]
        if ring[0] == ring[-1] and len(ring) > 3:
            rings.append(ring)
    return rings
