"""Waters of an extract once more, by osmium's own areas and shapely, to check the fast ones against (travel model 2, section 5).

It shares no code with the package and must not import it.
"""

from dataclasses import dataclass
from math import cos, radians
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import osmium
import shapely
from shapely import affinity

NORTH_METRES = 110_574.0  # about, per degree: half a metre need not be exact
AREAS = {("natural", "water"), ("landuse", "reservoir"), ("landuse", "basin"), ("waterway", "riverbank"), ("waterway", "dock")}


@dataclass(frozen=True)
class Waters:
    """Areas half a metre smaller, rivers and canals, coastlines; longitudes and latitudes."""

    areas: np.ndarray
    lines: np.ndarray
    coasts: np.ndarray

    def part(self, start: tuple[float, float], end: tuple[float, float]) -> bool:
        """Tell whether water parts a point from its foot on a street."""
        way, here = shapely.LineString([start, end]), shapely.Point(start)
        own = [area for area in self.areas if area.intersects(here)]
        if any(area.intersects(way) for area in self.areas if not any(area is mine for mine in own)):
            return True
        outside = way.difference(shapely.union_all(own)) if own else way
        if any(line.intersects(outside) and line.distance(here) > 1e-11 for line in self.lines):
            return True
        met = shapely.union_all([coast.intersection(way) for coast in self.coasts])
        places = [part for part in shapely.get_parts(met) if not part.is_empty]
        return len(places) > 0 and len(places) % 2 == 0


def read_waters(path: Path) -> Waters:
    """Read all waters of an extract, sorted first."""
    areas: list[shapely.Geometry] = []
    lines: list[shapely.Geometry] = []
    coasts: list[shapely.Geometry] = []
    factory = osmium.geom.WKBFactory()
    with TemporaryDirectory() as folder:
        ordered = f"{folder}/ordered.osm.pbf"
        reader = osmium.MergeInputReader()
        reader.add_file(str(path))
        with osmium.WriteHandler(ordered) as writer:
            reader.apply(writer)
        for element in osmium.FileProcessor(ordered).with_areas().with_locations():
            tags = {tag.k: tag.v for tag in element.tags}
            if element.is_area() and AREAS & set(tags.items()):
                areas.append(_smaller(shapely.from_wkb(factory.create_multipolygon(element))))
            elif element.is_way() and not AREAS & set(tags.items()):
                places = [(node.lon, node.lat) for node in element.nodes if node.location.valid()]
                if len(places) >= 2 and tags.get("natural") == "coastline":
                    coasts.append(shapely.LineString(places))
                elif len(places) >= 2 and tags.get("waterway") in ("river", "canal") and tags.get("tunnel", "no") == "no":
                    lines.append(shapely.LineString(places))
    return Waters(*(_array(shapes) for shapes in (areas, lines, coasts)))


def _array(shapes: list[shapely.Geometry]) -> np.ndarray:
    array = np.empty(len(shapes), dtype=object)
    array[:] = shapes
    return array


def _smaller(area: shapely.Geometry) -> shapely.Geometry:
    east = NORTH_METRES * cos(radians(area.centroid.y))
    metres = affinity.scale(area, east, NORTH_METRES, origin=(0, 0))
    return affinity.scale(metres.buffer(-0.5), 1 / east, 1 / NORTH_METRES, origin=(0, 0))
