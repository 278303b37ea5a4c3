"""Tagged places of an extract - nodes, closed ways, multipolygons - that may be facilities or settlements."""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from .pbf import Entities

Ints = NDArray[np.int64]
Tags = dict[str, str]

PLACE_KEYS = (
    "amenity", "leisure", "healthcare", "shop", "office", "social_facility", "emergency", "tourism", "public_transport",
    "railway", "sport", "club", "government", "place", "landuse", "natural", "waterway", "highway", "community_centre",
)  # fmt: skip
# keys that mostly tag things which are no places; only these values count
ONLY_VALUES = {
    "highway": {"bus_stop", "services", "rest_area"},
    "landuse": {"cemetery", "recreation_ground", "village_green", "forest", "grass", "reservoir", "residential"},
    "natural": {"water", "wood", "coastline", "bay"},
    "waterway": {"river", "riverbank", "canal", "dock"},
    "railway": {"station", "halt", "tram_stop", "subway_entrance", "rail"},
}
AREA_RELATIONS = {"multipolygon", "boundary", "site"}


def is_place(tags: Tags) -> bool:
    """Say whether an element with these tags is kept as a place."""
    return any(key in tags and (key not in ONLY_VALUES or tags[key] in ONLY_VALUES[key]) for key in PLACE_KEYS)


@dataclass
class PlaceParts:
    """Places while an extract is being read; grows block by block, assembled once at the end."""

    nodes: list[tuple[int, float, float, Tags]] = field(default_factory=list)
    ways: dict[int, Tags] = field(default_factory=dict)
    relations: dict[int, tuple[Tags, list[tuple[int, str]]]] = field(default_factory=dict)
    way_refs: dict[int, Ints] = field(default_factory=dict)

    def add_nodes(self, ids: Ints, lon: NDArray[np.int32], lat: NDArray[np.int32], tags: Ints, strings: list[bytes]) -> None:
        """Take the place nodes of one block (coordinates in 1e-7 degrees)."""
        for row, own in _by_row(tags, strings):
            self.nodes.append((int(ids[row]), lon[row] / 1e7, lat[row] / 1e7, own))

    def add_ways(self, ways: Entities, strings: list[bytes], street: NDArray[np.bool_]) -> None:
        """Take the place ways of one block; a street is no place unless it carries another place tag than highway."""
        for row, own in _by_row(ways.tags, strings):
            if street[row] and not any(key in own for key in ("amenity", "leisure", "tourism", "railway")):
                continue
            self.ways.setdefault(int(ways.ids[row]), own)
            self.way_refs[int(ways.ids[row])] = _refs(ways, row)

    def add_relations(self, relations: Entities, strings: list[bytes]) -> None:
        """Take the place relations of one block that describe an area."""
        for row, own in _by_row(relations.tags, strings):
            if own.get("type") not in AREA_RELATIONS:
                continue
            span = slice(relations.offsets[row], relations.offsets[row + 1])
            members = [
                (member, strings[role].decode())
                for member, kind, role in zip(
                    relations.refs[span].tolist(),
                    relations.kinds[span].tolist(),
                    relations.roles[span].tolist(),
                    strict=True,
                )
                if kind == 1
            ]
            self.relations.setdefault(int(relations.ids[row]), (own, members))

    def add_members(self, ways: Entities) -> None:
        """Take ways that only relations asked for."""
        for row, way in enumerate(ways.ids.tolist()):
            self.way_refs.setdefault(way, _refs(ways, row))

    def missing_members(self) -> Ints:
        """Return the ids of ways that relations name and that were not read yet, ascending."""
        wanted = {way for _, members in self.relations.values() for way, _ in members}
        return np.array(sorted(wanted - self.way_refs.keys()), np.int64)

    def refs(self) -> list[Ints]:
        """Return the node ids that the kept ways run through."""
        return list(self.way_refs.values())


def _refs(ways: Entities, row: int) -> Ints:
    return ways.refs[ways.offsets[row] : ways.offsets[row + 1]]


def _by_row(tags: Ints, strings: list[bytes]) -> list[tuple[int, Tags]]:
    """Group the tag rows of one block by element and keep the places."""
    if not len(tags):
        return []
    cuts = np.flatnonzero(np.diff(tags[:, 0])) + 1
    rows = []
    for group in np.split(tags, cuts):
        own = {
            strings[key].decode("utf-8", "replace"): strings[value].decode("utf-8", "replace") for _, key, value in group.tolist()
        }
        if is_place(own):
            rows.append((int(group[0, 0]), own))
    return rows


def assemble_places(
    parts: PlaceParts, node_ids: Ints, lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> tuple[gpd.GeoDataFrame, dict[str, int]]:
    """Build the geometries of all places.

    Returns
    -------
    places : GeoDataFrame
        `osm`, `tags`, `geometry`, EPSG:4326, sorted by kind and OSM id so that file order does not matter.
    counts : dict
        How many were built and how many lacked their geometry.
    """
    lines = {way: _line(refs, node_ids, lon, lat) for way, refs in parts.way_refs.items()}
    rows: list[tuple[str, Tags, BaseGeometry | None]] = []
    seen = {identity: (x, y, own) for identity, x, y, own in parts.nodes}
    rows += [(f"n{i}", own, shapely.Point(x, y)) for i, (x, y, own) in sorted(seen.items())]
    rows += [(f"w{i}", own, _way_shape(lines[i], own)) for i, own in sorted(parts.ways.items())]
    rows += [(f"r{i}", own, _area(members, lines)) for i, (own, members) in sorted(parts.relations.items())]
    whole = [row for row in rows if row[2] is not None and not row[2].is_empty]
    places = gpd.GeoDataFrame(
        {"osm": [row[0] for row in whole], "tags": [row[1] for row in whole]},
        geometry=[row[2] for row in whole],
        crs="EPSG:4326",
    )
    return places, {"places": len(whole), "places_without_geometry": len(rows) - len(whole)}


def _line(refs: Ints, node_ids: Ints, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Coordinates of a way; references to missing nodes are left out."""
    if not len(node_ids):
        return np.empty((0, 2))
    rows = np.minimum(np.searchsorted(node_ids, refs), len(node_ids) - 1)
    rows = rows[node_ids[rows] == refs]
    return np.column_stack((lon[rows], lat[rows]))


def _way_shape(line: NDArray[np.float64], tags: Tags) -> BaseGeometry | None:
    """Closed ways are areas unless tagged otherwise."""
    if len(line) < 2:
        return None
    closed = len(line) >= 4 and (line[0] == line[-1]).all()
    linear = tags.get("area") == "no" or "highway" in tags or tags.get("railway") == "rail" or tags.get("natural") == "coastline"
    if closed and not linear:
        return _valid(shapely.Polygon(line))
    return shapely.LineString(line)


def _valid(area: BaseGeometry) -> BaseGeometry:
    """Mend a self-crossing outline, keeping only its areas."""
    if area.is_valid:
        return area
    mended = shapely.make_valid(area)
    areas = [part for part in shapely.get_parts(mended) if part.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.union_all(areas) if areas else mended


def _area(members: list[tuple[int, str]], lines: dict[int, NDArray[np.float64]]) -> BaseGeometry | None:
    """Outer rings minus inner rings; rings may be made of several ways and be clipped open."""
    outer = [lines[way] for way, role in members if role != "inner" and way in lines and len(lines[way]) >= 2]
    inner = [lines[way] for way, role in members if role == "inner" and way in lines and len(lines[way]) >= 2]
    shape = _rings(outer)
    if shape is None:
        return None
    holes = _rings(inner)
    return shape if holes is None else shape.difference(holes)


def _rings(ways: list[NDArray[np.float64]]) -> BaseGeometry | None:
    """Close the rings that a list of ways forms; None where there is none."""
    if not ways:
        return None
    merged = shapely.line_merge(shapely.multilinestrings([shapely.LineString(way) for way in ways]))
    rings = [part for part in shapely.get_parts(merged) if part.is_ring and len(part.coords) >= 4]
    return shapely.union_all([_valid(shapely.Polygon(ring)) for ring in rings]) if rings else None
