"""Tagged places of an extract - nodes, closed ways, multipolygons - that may be facilities or settlements."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ..waters import Waters
from .pbf import NOWHERE, OFF_EARTH, Entities, Nodes, text_of
from .unused import RELATION_INCOMPLETE, Unused
from .versions import NodeTable, occurrence
from .waters import WATER_TAGS, gather_waters, is_water, is_water_area, is_water_line

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
BACKGROUND = {"natural", "landuse", "waterway", "place"}  # the part of a lake or a wood that is there says more than its centre
NAMED_MEMBERS = 5  # of an area that lacks some


@dataclass
class PlaceParts:
    """Places and waters while an extract is being read; grows block by block, assembled once at the end.

    What was read stands in `*_read` by its occurrence, for a newer version may follow; what counts is settled afterwards.
    """

    keys: frozenset[str] = frozenset(PLACE_KEYS)
    nodes_read: dict[int, tuple[int, tuple[int, int, Tags]]] = field(default_factory=dict)
    ways_read: dict[int, tuple[int, Tags, Ints]] = field(default_factory=dict)
    relations_read: dict[int, tuple[int, tuple[Tags, list[tuple[int, str]]]]] = field(default_factory=dict)
    street_ways: set[int] = field(default_factory=set)  # streets that are no places, but waters
    stray_nodes: list[int] = field(default_factory=list)  # off the earth
    nodes: dict[int, tuple[int, int, Tags]] = field(default_factory=dict)
    ways: dict[int, Tags] = field(default_factory=dict)
    relations: dict[int, tuple[Tags, list[tuple[int, str]]]] = field(default_factory=dict)
    way_refs: dict[int, Ints] = field(default_factory=dict)

    def add_nodes(self, nodes: Nodes, strings: list[bytes], block: int) -> None:
        """Take the place nodes of one block."""
        for row, own in _by_row(nodes.tags, strings, _telling(nodes.tags, strings, self.keys)):
            if nodes.lon[row] != NOWHERE:
                place = int(nodes.lon[row]), int(nodes.lat[row]), own
                self.nodes_read[occurrence(block, row)] = int(nodes.ids[row]), place
            elif nodes.lat[row] == OFF_EARTH:
                self.stray_nodes.append(int(nodes.ids[row]))

    def add_ways(self, ways: Entities, strings: list[bytes], at: Ints) -> None:
        """Take place ways and waters of one block.

        A road or ferry is no place unless it carries a place tag beside; a pier may be.
        """
        for row, own in _by_row(ways.tags, strings, self._telling_areas(ways.tags, strings)):
            road = "highway" in own or own.get("route") == "ferry"
            if road and not any(key in own for key in ("amenity", "leisure", "tourism", "railway")):
                if not is_water(own):
                    continue
                self.street_ways.add(int(ways.ids[row]))
            self.ways_read[int(at[row])] = int(ways.ids[row]), own, _refs(ways, row)

    def add_relations(self, relations: Entities, strings: list[bytes], at: Ints) -> None:
        """Take the relations of one block that describe an area: of a place or of water."""
        for row, own in _by_row(relations.tags, strings, self._telling_areas(relations.tags, strings)):
            if own.get("type") not in AREA_RELATIONS:
                continue
            span = slice(relations.offsets[row], relations.offsets[row + 1])
            members = [
                (member, text_of(strings[role]))
                for member, kind, role in zip(
                    relations.refs[span].tolist(),
                    relations.first[span].tolist(),
                    relations.second[span].tolist(),
                    strict=True,
                )
                if kind == 1
            ]
            self.relations_read[int(at[row])] = int(relations.ids[row]), (own, members)

    def _telling_areas(self, tags: Ints, strings: list[bytes]) -> NDArray[np.bool_]:
        return _telling(tags, strings, self.keys) | _telling(tags, strings, WATER_TAGS, WATER_TAGS)

    def is_place(self, tags: Tags) -> bool:
        """Tell whether an element is one of the places asked for, and not only water."""
        return not self.keys.isdisjoint(_place_keys(tags))

    def settle(self, newest_ways: NDArray[np.bool_], newest_relations: NDArray[np.bool_]) -> None:
        """Keep the ways and relations whose version counts."""
        for at, (way, own, refs) in self.ways_read.items():
            if newest_ways[at]:
                self.ways[way], self.way_refs[way] = own, refs
        self.relations = {number: found for at, (number, found) in self.relations_read.items() if newest_relations[at]}

    def settle_nodes(self, nodes: NodeTable) -> None:
        """Keep the nodes whose version counts."""
        for at, (number, place) in self.nodes_read.items():
            row = np.searchsorted(nodes.ids, number)
            if nodes.order[row] == at:
                self.nodes[number] = place

    def add_members(self, ways: Entities, newest: NDArray[np.bool_]) -> None:
        """Take ways that only relations asked for, where their version counts."""
        for row, way in enumerate(ways.ids.tolist()):
            if newest[row]:
                self.way_refs.setdefault(way, _refs(ways, row))

    def missing_members(self) -> Ints:
        """Return the ids of ways that relations name and that were not read yet, ascending."""
        wanted = {way for _, members in self.relations.values() for way, _ in members}
        return np.array(sorted(wanted - self.way_refs.keys()), np.int64)

    def refs(self) -> list[Ints]:
        """Return the ids of the nodes that the kept ways run through, and of those that may be places."""
        numbers = [*(number for number, _ in self.nodes_read.values()), *self.stray_nodes]
        return [*self.way_refs.values(), np.array(numbers, np.int64)]


def _refs(ways: Entities, row: int) -> Ints:
    return ways.refs[ways.offsets[row] : ways.offsets[row + 1]]


def _by_row(tags: Ints, strings: list[bytes], telling: NDArray[np.bool_]) -> list[tuple[int, Tags]]:
    """Group the tag rows of one block by element and keep those with a telling one; only their strings are decoded."""
    if not telling.any():
        return []
    place = np.zeros(tags[-1, 0] + 1, bool)
    place[tags[telling, 0]] = True
    rows: dict[int, Tags] = {}
    for row, key, value in tags[place[tags[:, 0]]].tolist():
        rows.setdefault(row, {})[text_of(strings[key])] = text_of(strings[value])
    return list(rows.items())


def _telling(
    tags: Ints, strings: list[bytes], keys: Iterable[str], only_values: Mapping[str, Collection[str]] = ONLY_VALUES
) -> NDArray[np.bool_]:
    """Which tag rows of a block carry one of the keys, and of those in `only_values` one of their values."""
    index = {text: row for row, text in enumerate(strings)}
    telling = np.zeros(len(tags), bool)
    for key in keys:
        row = index.get(key.encode())
        if row is None:
            continue
        mine = tags[:, 1] == row
        if key in only_values:
            mine &= np.isin(tags[:, 2], [index[value.encode()] for value in only_values[key] if value.encode() in index])
        telling |= mine
    return telling


def assemble_places(
    parts: PlaceParts, node_ids: Ints, lon: NDArray[np.float64], lat: NDArray[np.float64], unused: Unused
) -> tuple[gpd.GeoDataFrame, Waters, dict[str, int]]:
    """Build the geometries of all places and waters.

    An area that lacks a part of its outline stands as a point, the centre of what is there, and is told to `unused`; of a water
    the rings that close are kept.

    Returns
    -------
    places : GeoDataFrame
        `osm`, `tags`, `geometry`, EPSG:4326, sorted by kind and OSM id so that file order does not matter.
    waters : Waters
    counts : dict
        How many places were built and how many lacked their geometry.
    """
    nodes, ways, relations = (sorted(found) for found in (parts.nodes, parts.ways, parts.relations))
    lines = _Lines(parts.way_refs, node_ids, lon, lat)
    shapes = [
        shapely.points([(parts.nodes[i][0] / 1e7, parts.nodes[i][1] / 1e7) for i in nodes]) if nodes else [],
        _with_remains(ways, parts.ways, _way_shapes([parts.ways[i] for i in ways], [lines.of(i) for i in ways]), lines, unused),
        [_relation_shape(i, *parts.relations[i], lines, unused) for i in relations],
    ]
    osm = [*(f"n{i}" for i in nodes), *(f"w{i}" for i in ways), *(f"r{i}" for i in relations)]
    tags = [*(parts.nodes[i][2] for i in nodes), *(parts.ways[i] for i in ways), *(parts.relations[i][0] for i in relations)]
    geometry = np.array([shape for kind in shapes for shape in kind], dtype=object)
    waters = _waters(parts, ways, relations, geometry[len(nodes) :], lines)
    asked = np.array([parts.is_place(own) for own in tags], bool)
    asked[len(nodes) : len(nodes) + len(ways)] &= np.array([way not in parts.street_ways for way in ways], bool)
    built = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    whole = np.flatnonzero(asked & built)
    places = gpd.GeoDataFrame(
        {"osm": [osm[i] for i in whole], "tags": [tags[i] for i in whole]}, geometry=geometry[whole], crs="EPSG:4326"
    )
    return places, waters, {"places": len(whole), "places_without_geometry": int((asked & ~built).sum())}


def _waters(parts: PlaceParts, ways: list[int], relations: list[int], shapes: NDArray[np.object_], lines: _Lines) -> Waters:
    """Gather waters among ways and relations, whose geometries are given in this order."""
    turned = lines.turned()

    def areas() -> Iterator[BaseGeometry | None]:
        for i, shape in zip(ways, shapes[: len(ways)], strict=True):
            if is_water_area(parts.ways[i]):
                yield _way_shapes([parts.ways[i]], [turned.of(i)])[0] if _is_round_the_globe(shape) else shape
        for i, shape in zip(relations, shapes[len(ways) :], strict=True):
            if is_water_area(parts.relations[i][0]):
                yield _area(parts.relations[i][1], turned) if _is_round_the_globe(shape) else shape

    drawn = [i for i in ways if is_water_line(parts.ways[i]) and not is_water_area(parts.ways[i])]
    return gather_waters(areas(), ((parts.ways[i], stretch) for i in drawn for stretch in lines.stretches(i)))


def _is_round_the_globe(shape: BaseGeometry | None) -> bool:
    """Tell what lies on both sides of the antimeridian: drawn there in degrees it may cross itself."""
    return shape is not None and not shape.is_empty and shape.bounds[2] - shape.bounds[0] > 180.0


class _Lines:
    """Coordinates of ways by id; references to missing nodes are left out."""

    def __init__(self, way_refs: dict[int, Ints], node_ids: Ints, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> None:
        refs = np.concatenate([np.empty(0, np.int64), *way_refs.values()])
        rows = np.minimum(np.searchsorted(node_ids, refs), max(len(node_ids) - 1, 0))
        present = node_ids[rows] == refs if len(node_ids) else np.zeros(len(refs), bool)
        way = np.repeat(np.arange(len(way_refs)), [len(own) for own in way_refs.values()])
        self._xy = np.column_stack((lon[rows[present]], lat[rows[present]]))
        self._starts = np.searchsorted(way[present], np.arange(len(way_refs) + 1))
        self._at = np.flatnonzero(present)
        self._row = {way: row for row, way in enumerate(way_refs)}
        self._refs = way_refs

    def is_whole(self, way: int) -> bool:
        """Tell whether a way and all its nodes are known."""
        return way in self._row and 0 < len(self._refs[way]) == len(self.of(way))

    def is_closed(self, way: int) -> bool:
        """Tell whether a way ends where it starts, its missing nodes included."""
        refs = self._refs[way]
        return len(refs) >= 4 and bool(refs[0] == refs[-1])

    def pieces(self, way: int) -> list[NDArray[np.float64]]:
        """Return the coordinates of a way, cut at its missing nodes."""
        row = self._row.get(way)
        if row is None:
            return []
        at = self._at[self._starts[row] : self._starts[row + 1]]
        return np.split(self.of(way), np.flatnonzero(np.diff(at) > 1) + 1)

    def of(self, way: int) -> NDArray[np.float64]:
        """Return the (n, 2) coordinates of a way; empty if it is not known."""
        row = self._row.get(way)
        return self._xy[:0] if row is None else self._xy[self._starts[row] : self._starts[row + 1]]

    def stretches(self, way: int) -> list[NDArray[np.float64]]:
        """Return the (n, 2) coordinates of a way, cut where nodes are missing."""
        row = self._row[way]
        at = self._at[self._starts[row] : self._starts[row + 1]]
        return np.split(self.of(way), np.flatnonzero(np.diff(at) > 1) + 1)

    def turned(self) -> _Lines:
        """Return the same lines with longitudes of 0 to 360."""
        lines = copy(self)
        lines._xy = self._xy % (360.0, np.inf) if len(self._xy) else self._xy
        return lines


def _way_shapes(tags: list[Tags], lines: list[NDArray[np.float64]]) -> NDArray[np.object_]:
    """Closed ways are areas unless tagged otherwise; ways of fewer than two known nodes have no shape."""
    shapes = np.full(len(lines), None, dtype=object)
    area = np.array([_is_ring(line) and not _is_linear(own) for line, own in zip(lines, tags, strict=True)], bool)
    usable = np.array([len(line) >= 2 for line in lines], bool)
    for rows, build in ((np.flatnonzero(area), _polygons), (np.flatnonzero(usable & ~area), shapely.linestrings)):
        if len(rows):
            index = np.repeat(np.arange(len(rows)), [len(lines[row]) for row in rows])
            shapes[rows] = build(np.concatenate([lines[row] for row in rows]), indices=index)
    for row in np.flatnonzero(area)[~shapely.is_valid(shapes[area])]:
        shapes[row] = _valid(shapes[row])
    return shapes


def _polygons(xy: NDArray[np.float64], *, indices: NDArray[np.int64]) -> NDArray[np.object_]:
    return np.asarray(shapely.polygons(shapely.linearrings(xy, indices=indices)), dtype=object)


def _is_ring(line: NDArray[np.float64]) -> bool:
    return len(line) >= 4 and line[0, 0] == line[-1, 0] and line[0, 1] == line[-1, 1]


def _is_linear(tags: Tags) -> bool:
    return tags.get("area") == "no" or "highway" in tags or tags.get("railway") == "rail" or tags.get("natural") == "coastline"


def _valid(area: BaseGeometry) -> BaseGeometry:
    """Mend a self-crossing outline, keeping only its areas."""
    if area.is_valid:
        return area
    mended = shapely.make_valid(area)
    areas = [part for part in shapely.get_parts(mended) if part.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.union_all(areas) if areas else mended


def _relation_shape(
    number: int, tags: Tags, members: list[tuple[int, str]], lines: _Lines, unused: Unused
) -> BaseGeometry | None:
    """Return the area of a relation; a point where a part of a facility's outline is missing, None where the whole has no end.

    Either is told to `unused`.
    """
    area = _area(members, lines)
    missing = [way for way, _ in members if not lines.is_whole(way)]
    if _is_background(tags) or (area is not None and not missing):
        return area
    lost = [f"w{way}" for way in missing[:NAMED_MEMBERS]]
    unused.add(RELATION_INCOMPLETE, f"r{number}", ", ".join([_named(tags), *lost]))
    return _centre([piece for way, _ in members for piece in lines.pieces(way)]) if missing else None


def _with_remains(
    ways: list[int], tags: dict[int, Tags], shapes: NDArray[np.object_], lines: _Lines, unused: Unused
) -> NDArray[np.object_]:
    """Let facilities whose outline lacks nodes stand in the middle of what is there, and tell of them; lines keep their rest."""
    for row, way in enumerate(ways):
        if _is_background(tags[way]) or (shapes[row] is not None and lines.is_whole(way)):
            continue
        unused.add(RELATION_INCOMPLETE, f"w{way}", _named(tags[way]))
        if shapes[row] is None or (lines.is_closed(way) and not _is_linear(tags[way])):
            shapes[row] = _centre(lines.pieces(way))
    return shapes


def _is_background(tags: Tags) -> bool:
    """Tell what no facility can be: lakes, woods, squares, rails."""
    return all(key in BACKGROUND or (key, tags[key]) == ("railway", "rail") for key in _place_keys(tags))


def _place_keys(tags: Tags) -> list[str]:
    return [key for key in PLACE_KEYS if key in tags and (key not in ONLY_VALUES or tags[key] in ONLY_VALUES[key])]


def _named(tags: Tags) -> str:
    """Return what makes an element a place, and its name, as tags."""
    return " ".join(f"{key}={tags[key]}" for key in (*_place_keys(tags), "name") if key in tags)


def _centre(ways: list[NDArray[np.float64]]) -> BaseGeometry | None:
    """Return the middle of what is there of an outline, None where nothing is."""
    drawn = [shapely.LineString(way) for way in ways if len(way) >= 2]
    if drawn:
        return shapely.centroid(shapely.multilinestrings(drawn))
    points = np.concatenate([np.empty((0, 2)), *ways])
    return shapely.Point(points.mean(axis=0)) if len(points) else None


def _area(members: list[tuple[int, str]], lines: _Lines) -> BaseGeometry | None:
    """Outer rings minus inner rings; rings may be made of several ways and be clipped open."""
    shape = _rings([lines.of(way) for way, role in members if role != "inner"])
    if shape is None:
        return None
    holes = _rings([lines.of(way) for way, role in members if role == "inner"])
    return shape if holes is None else shape.difference(holes)


def _rings(ways: list[NDArray[np.float64]]) -> BaseGeometry | None:
    """Close the rings that a list of ways forms; None where there is none."""
    drawn = [shapely.LineString(way) for way in ways if len(way) >= 2]
    if not drawn:
        return None
    merged = shapely.line_merge(shapely.multilinestrings(drawn))
    rings = [part for part in shapely.get_parts(merged) if part.is_ring and len(part.coords) >= 4]
    return shapely.union_all([_valid(shapely.Polygon(ring)) for ring in rings]) if rings else None
