"""Squares (section 3): walkable areas are walked along their outline, and straight across between their doors."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import shapely
from shapely import LineString, MultiPolygon, Polygon

from .places import metres_per_degree
from .reading import Map, Refs, Way, multipolygons, places_of
from .water import as_polygon

MOST_DOORS = 60
TOLERANCE_METRES = 0.1


@dataclass(frozen=True)
class Square:
    """A walkable area: its tags, rings of nodes, the ways it is made of, and its polygon (None: broken)."""

    number: int
    tags: dict[str, str]
    rings: list[Refs]
    members: set[int]
    polygon: Polygon | MultiPolygon


def area_ways(world: Map) -> dict[int, Way]:
    """Bare outline ways of multipolygons, with the tags of their relation."""
    found = {}
    for _, relation, _ in multipolygons(world):
        for kind, number, _ in relation.members:
            way = world.ways.get(number) if kind == "w" else None
            if way and "highway" not in way.tags and "highway" in relation.tags:
                found[number] = Way(relation.tags, way.refs)
    return found


def squares(world: Map) -> Iterator[Square]:
    """All areas with a highway, whoever may walk there."""
    for number, way in world.ways.items():
        places = places_of(world, way.refs)
        if way.tags.get("area") == "yes" and places and way.refs[0] == way.refs[-1] and len(places) > 3:
            yield Square(number, way.tags, [way.refs], {number}, shapely.make_valid(Polygon(places)))
    for number, relation, rings in multipolygons(world):
        if rings:
            members = {way for kind, way, _ in relation.members if kind == "w"}
            yield Square(number, relation.tags, [*rings["outer"], *rings["inner"]], members, as_polygon(world, rings))


def ways_at_nodes(ways: dict[int, Way]) -> dict[int, set[int]]:
    """Numbers of the ways at each node."""
    at = defaultdict(set)
    for number, way in ways.items():
        for ref in way.refs:
            at[ref].add(number)
    return at


def straight_lines(world: Map, square: Square, at: dict[int, set[int]]) -> list[tuple[int, int]]:
    """Pairs of doors whose straight line lies inside the square."""
    outline = list(dict.fromkeys(ref for ring in square.rings for ref in ring))
    doors = [ref for ref in outline if at.get(ref, set()) - square.members][:MOST_DOORS]
    if len(doors) < 2 or square.polygon.is_empty:
        return []
    scale = np.array(metres_per_degree(square.polygon.centroid.y))
    wider = shapely.transform(square.polygon, lambda degrees: degrees * scale).buffer(TOLERANCE_METRES)
    shapely.prepare(wider)
    pairs = list(combinations(doors, 2))
    lines = [LineString([np.array(world.places[a]) * scale, np.array(world.places[b]) * scale]) for a, b in pairs]
    inside = shapely.covers(wider, np.array(lines, dtype=object))
    return [pair for pair, is_inside in zip(pairs, inside, strict=True) if is_inside]
