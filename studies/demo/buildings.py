"""Buildings of an OpenStreetMap extract as polygons, with the tags that tell how many people may live in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import osmium
import shapely


@dataclass(frozen=True, kw_only=True)
class Building:
    """One building: its OSM key (`w12`, `r34`), its tags and its outline in EPSG:4326."""

    id: str
    tags: Mapping[str, str]
    outline: shapely.Geometry


@dataclass(kw_only=True)
class _Parts:
    """What one reading of the file leaves in memory, in whatever order the file holds it."""

    nodes: dict[int, tuple[float, float]] = field(default_factory=dict)
    ways: dict[int, list[int]] = field(default_factory=dict)
    tagged: dict[str, dict[str, str]] = field(default_factory=dict)
    members: dict[str, list[int]] = field(default_factory=dict)


def read_buildings(extract: Path) -> list[Building]:
    """Read every building of an extract.

    Blocks of the file may come in any order. The outer ring of a building relation that is tagged as a building
    itself counts once. Outlines that cannot be closed are left out: the extract's edge cuts them.

    Parameters
    ----------
    extract : Path
        An OSM file.

    Returns
    -------
    list of Building
        In the file's order, ways before relations.
    """
    parts = _read_parts(extract)
    in_relations = {way for key in parts.tagged for way in parts.members.get(key, [])}
    return [
        Building(id=key, tags=tags, outline=outline)
        for key, tags in parts.tagged.items()
        if not (key.startswith("w") and int(key[1:]) in in_relations)
        for outline in _outlines(key, parts)
    ]


def _read_parts(extract: Path) -> _Parts:
    parts = _Parts()
    for item in osmium.FileProcessor(str(extract)):
        if isinstance(item, osmium.osm.Node):
            parts.nodes[item.id] = (item.location.lon, item.location.lat)
        elif isinstance(item, osmium.osm.Way):
            parts.ways[item.id] = [node.ref for node in item.nodes]
            _remember(parts, f"w{item.id}", item.tags)
        elif isinstance(item, osmium.osm.Relation) and item.tags.get("type") == "multipolygon":
            _remember(parts, f"r{item.id}", item.tags)
            parts.members[f"r{item.id}"] = [member.ref for member in item.members if member.type == "w"]
    return parts


def _remember(parts: _Parts, key: str, tags: osmium.osm.TagList) -> None:
    if "building" in tags:
        parts.tagged[key] = dict(tags)


def _outlines(key: str, parts: _Parts) -> Iterator[shapely.Geometry]:
    ways = parts.members.get(key, [int(key[1:])])
    lines = [
        shapely.LineString([parts.nodes[node] for node in nodes])
        for nodes in (parts.ways.get(way, []) for way in ways)
        if len(nodes) > 1 and all(node in parts.nodes for node in nodes)
    ]
    area = shapely.make_valid(shapely.build_area(shapely.GeometryCollection(lines)))
    if not area.is_empty and area.area > 0:
        yield area
