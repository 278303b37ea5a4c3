"""The engine with the face of `reference_model.Network`: dense tables, so that the two can be laid side by side."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from toy_map import DEGREES

from lifecircle.geo.engine.matrix import trips
from lifecircle.geo.engine.search import nearest_facility
from lifecircle.geo.modes import travel_mode
from lifecircle.geo.network.building import build_graph
from lifecircle.geo.network.graph import Graph
from lifecircle.geo.reading.osm import read_osm
from lifecircle.geo.snapping.snapper import Snapper
from lifecircle.geo.snapping.snaps import Snaps
from lifecircle.geo.streets import Streets


@dataclass(frozen=True)
class Network:
    """Graph and snapper of one mode."""

    graph: Graph
    snapper: Snapper

    def snap(self, lon: Any, lat: Any) -> Snaps:
        """Snap points in degrees."""
        return self.snapper.snap_points(np.asarray(lon, float), np.asarray(lat, float))

    def at(self, *points: tuple[float, float]) -> Snaps:
        """Snap points given in steps of a toy map."""
        return self.snap([x * DEGREES for x, _ in points], [y * DEGREES for _, y in points])

    def matrix(self, origins: Snaps, destinations: Snaps, **options: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Seconds, street metres and connector metres of every pair, NaN where there is no trip."""
        tables = np.full((3, origins.places, destinations.places), np.nan)
        for block in trips(self.graph, origins, destinations, **options):
            assert np.isnan(tables[0, block.origin, block.destination]).all(), "a pair came twice"
            tables[:, block.origin, block.destination] = block.seconds, block.metres, block.connector_metres
        return tables[0], tables[1], tables[2]

    def nearest(self, points: Snaps, facilities: Snaps, **options: Any) -> tuple[np.ndarray, np.ndarray]:
        """Seconds to the nearest facility and which one."""
        found = nearest_facility(self.graph, points, facilities, **options)
        return found.seconds, found.facility


def network(source: Path | Streets, mode: str, **options: Any) -> Network:
    """Network of a map file, or of streets already read; options as in `travel_mode`."""
    streets = source if isinstance(source, Streets) else read_osm(source).streets
    graph = build_graph(streets, travel_mode(mode, **options))
    return Network(graph, Snapper(graph))


def part(snaps: Snaps, rows: Any) -> Snaps:
    """Some of several single points, numbered from 0 again."""
    chosen = snaps.take(np.asarray(rows, np.int64))
    return replace(chosen, owner=np.arange(len(chosen)), places=len(chosen))


def classes(snaps: Snaps) -> list[int]:
    """Class of each row: 1 to 3, 0 where it is unconnected."""
    return snaps.snap_class.tolist()
