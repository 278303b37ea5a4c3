"""Whether a connector crosses water (section 5)."""

from dataclasses import dataclass

import numpy as np
import shapely
from shapely import LineString, MultiPolygon, Point, Polygon, STRtree

from .places import metres_per_degree
from .reading import Map, Refs, multipolygons, places_of
from .rules import Tags

BANK_METRES = 0.5  # areas are taken that much smaller
Place = tuple[float, float]


@dataclass(frozen=True)
class Water:
    """Areas (already smaller), rivers and canals, and coastlines of a map, each with an index."""

    areas: np.ndarray
    rivers: np.ndarray
    coasts: np.ndarray
    area_tree: STRtree
    river_tree: STRtree
    coast_tree: STRtree

    def is_crossed(self, point: Place, foot: Place) -> bool:
        """Whether the straight connector from a point to its foot on an edge crosses water."""
        connector = LineString([point, foot])
        areas = self.areas[self.area_tree.query(connector, "intersects")]
        around = [area for area in areas if shapely.intersects(area, Point(point))]
        if any(area not in around for area in areas):
            return True
        for river in self.rivers[self.river_tree.query(connector, "intersects")]:
            if not shapely.difference(shapely.intersection(connector, river), shapely.union_all(around)).is_empty:
                return True
        met = [shapely.intersection(connector, coast) for coast in self.coasts[self.coast_tree.query(connector, "intersects")]]
        times = len(shapely.get_parts(shapely.union_all(met)))
        return times > 0 and times % 2 == 0


def read_water(world: Map) -> Water:
    """Water of a map; what lacks nodes or members is not seen."""
    areas, rivers, coasts = [], [], []
    for way in world.ways.values():
        places = places_of(world, way.refs)
        closed = places is not None and way.refs[0] == way.refs[-1] and len(way.refs) > 3
        if _is_area(way.tags) and closed:
            areas.append(_smaller(Polygon(places)))
        elif way.tags.get("waterway") in ("river", "canal") and way.tags.get("tunnel", "no") == "no":
            rivers += _lines(world, way.refs)
        if way.tags.get("natural") == "coastline":
            coasts += _lines(world, way.refs)
    for _, relation, rings in multipolygons(world):
        if _is_area(relation.tags) and rings:
            areas.append(_smaller(as_polygon(world, rings)))
    kinds = [np.array([shape for shape in shapes if not shape.is_empty], dtype=object) for shapes in (areas, rivers, coasts)]
    return Water(*kinds, *(STRtree(shapes) for shapes in kinds))


def _is_area(tags: Tags) -> bool:
    by_waterway = tags.get("waterway") in ("riverbank", "dock")
    return tags.get("natural") == "water" or by_waterway or tags.get("landuse") in ("reservoir", "basin")


def as_polygon(world: Map, rings: dict[str, list[Refs]]) -> Polygon | MultiPolygon:
    """Outer rings less the inner ones."""
    outer, inner = (
        shapely.union_all([shapely.make_valid(Polygon([world.places[ref] for ref in ring])) for ring in rings[role]])
        for role in ("outer", "inner")
    )
    return shapely.difference(outer, inner)


def _smaller(area: Polygon | MultiPolygon) -> Polygon | MultiPolygon:
    """The area without its outermost half metre, measured in a plane around it."""
    if area.is_empty:
        return area
    scale = np.array(metres_per_degree(area.centroid.y))
    plane = shapely.transform(shapely.make_valid(area), lambda degrees: degrees * scale)
    return shapely.transform(plane.buffer(-BANK_METRES), lambda metres: metres / scale)


def _lines(world: Map, refs: Refs) -> list[LineString]:
    """The line, without what lies between missing nodes."""
    lines: list[list[Place]] = [[]]
    for ref in refs:
        if ref in world.places:
            lines[-1].append(world.places[ref])
        else:
            lines.append([])
    return [LineString(line) for line in lines if len(line) > 1]
