"""清澜县: a fictional county on the coast of Zhejiang, the same every time, in the files a planner brings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import shapely

from .facilities import Spot, list_health, place_fitness, place_hospitals
from .names import NameGiver
from .people import NO_DATA, spread_people
from .roads import Roads, lay_roads
from .settlements import Place, place_hamlets, place_seats, place_villages
from .shapes import draw_coast, outline_cells, outline_rivers, outline_woods
from .streams import RIVERS
from .terrain import Terrain, make_terrain
from .ways import Way
from .writers import write_map, write_raster, write_table, write_zones
from .zones import draw_zones, unite_county


def make_county(folder: Path, *, seed: int = 14) -> None:
    """Write the generated county: streets, elevation, people, zones and health list.

    Parameters
    ----------
    folder : Path
        Where to write; made if missing.
    seed : int
        The same seed gives the same bytes.
    """
    random = np.random.default_rng(seed)
    names = NameGiver(random)
    terrain = make_terrain(random)
    seats = place_seats(terrain)
    roads = lay_roads(random, terrain, seats, place_villages(random, terrain, seats, names), names)
    hamlets = place_hamlets(random, terrain, np.vstack([way.metres for way in roads.ways]), names)
    townships = draw_zones(random, terrain, roads.grid, seats)
    county = unite_county(townships)
    places = [*seats, *roads.villages, *hamlets]
    folder.mkdir(parents=True, exist_ok=True)
    spots = [*_draw_ground(terrain, roads), *_tag_places(places)]
    spots += [*place_fitness(random, roads.towns, roads.villages), *place_hospitals(random, roads.towns)]
    write_map(folder / "streets.osm.pbf", ways=[*roads.ways, *_draw_lines(terrain)], spots=spots)
    write_raster(folder / "elevation.tif", np.where(terrain.land, terrain.elevation, 0.0), nodata=NO_DATA)
    write_raster(folder / "people.tif", spread_people(terrain, places, roads.streets, county["geometry"][0]), nodata=NO_DATA)
    write_zones(folder / "townships.shp", townships)
    write_zones(folder / "county.shp", county)
    write_table(folder / "health.csv", list_health(random, roads.towns, roads.villages))


def _draw_ground(terrain: Terrain, roads: Roads) -> list[Spot]:
    """Return water, woods and built-up ground."""
    streets = np.vstack([way.metres for way in roads.ways if "highway" in way.tags])
    lake = {"natural": "water", "water": "reservoir", "name": "湖山水库"}
    spots = [Spot(shape=shape, tags=lake) for shape in outline_cells(terrain.reservoir)]
    spots.append(Spot(shape=outline_rivers(terrain), tags={"natural": "water", "water": "river"}))
    spots += [Spot(shape=shape, tags={"natural": "wood"}) for shape in outline_woods(terrain, streets)]
    for lanes in roads.streets.values():
        lines = shapely.union_all([shapely.LineString(way.metres) for way in lanes])
        built_up = shapely.simplify(shapely.buffer(lines, 70, quad_segs=2), 10)
        whole = [shapely.Polygon(part.exterior) for part in shapely.get_parts(built_up)]
        spots += [Spot(shape=part, tags={"landuse": "residential"}) for part in whole]
    return spots


def _draw_lines(terrain: Terrain) -> list[Way]:
    """Return coast lines (land on the left) and the named rivers, flowing down."""
    coast = [Way(metres=line, tags={"natural": "coastline"}, level=1) for line in draw_coast(terrain.land)]
    rivers = [
        Way(metres=stream.metres[::-3], tags={"waterway": "river", "name": stream.name}, level=1)
        for stream in terrain.streams[: len(RIVERS) + 1]
    ]
    return [*coast, *rivers]


def _tag_places(places: list[Place]) -> list[Spot]:
    return [Spot(shape=shapely.Point(place.metres[0]), tags={"place": place.kind, "name": place.name}) for place in places]
