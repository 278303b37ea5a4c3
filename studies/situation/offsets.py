"""Lists in GCJ-02 or BD-09 that do not say so: found by whether their points meet the streets, else asked about (pitfall 25)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from ...geo.coordinates import GCJ02_BOX, Floats, wgs84_from_bd09, wgs84_from_gcj02
from ...geo.streets import Streets
from ...layers.source import Source
from ...layers.units import unit_points

UNSHIFTED: Final = {"GCJ-02": wgs84_from_gcj02, "BD-09": wgs84_from_bd09}
MOST_POINTS: Final = 500
# Chosen on OSM places of Chinese extracts, as they are and shifted, so that no true list is ever called shifted: most lists
# shifted to BD-09 are found, of those shifted to GCJ-02 only where streets lie farther apart than the shift.
NEARER_BY: Final = 0.5
CHANCE: Final = 0.001  # of so many points being nearer by luck (sign test)
NEIGHBOURHOOD_DEGREES: Final = 0.02  # streets farther than this from all points cannot be anyone's nearest
METRES_PER_DEGREE: Final = 111_195.0
# Around China, generously: who works just outside it is asked a needless question, who works in it is never left unasked.
CHINA: Final = shapely.Polygon([
    (73, 38), (73.2, 40.2), (76.5, 41.2), (79.5, 42.8), (79.8, 45.4), (82, 45.8), (82.4, 47.6), (85, 47.6), (85.3, 48.8),
    (87.5, 49.6), (90.5, 48.2), (91.5, 46), (91.4, 45.4), (95.6, 44.6), (96.8, 43.1), (101.5, 42.9), (104.8, 42), (110, 43),
    (111.3, 44), (111.2, 45), (114, 45.5), (115.5, 46.1), (118, 47.2), (119.5, 47.2), (115, 47.5), (114.8, 48.4), (116, 50.3),
    (119, 50.6), (119.7, 53), (121.5, 53.9), (125.5, 53.6), (128, 50.6), (128, 49.9), (131, 49.2), (131.3, 48.2), (135, 49),
    (135.4, 48.3), (134, 46), (133, 44.6), (131.8, 44.4), (131.8, 42.2), (130.5, 42), (128.4, 41.4), (126.7, 40.9),
    (124.9, 39.7), (124, 38.5), (124, 30), (123.5, 27), (123, 24), (121.5, 21.2), (117, 19.5), (112.5, 14.5), (107.8, 17.3),
    (107.3, 21.2), (105.5, 22.5), (103.5, 22), (102.5, 22), (102, 20.6), (98.8, 21.4), (97.2, 23.5), (97.2, 27.5), (93, 26),
    (91.2, 27), (88.6, 27), (87, 27.75), (85.9, 27.9), (84, 28.5), (80.7, 29.6), (78, 31), (77.5, 34.5), (75, 36.2),
])  # fmt: skip


@dataclass(frozen=True)
class Doubt:
    """A file of places that does not say which coordinate system they are in.

    Attributes
    ----------
    label : str
        What the asker called it.
    file : str
    suspected : {"GCJ-02", "BD-09"} or None
        What it is probably in; None where nothing tells, and somebody must.
    """

    label: str
    file: str
    suspected: str | None

    @property
    def text(self) -> str:
        """The key of the text that says it."""
        return "note.unstated" if self.suspected is None else "note.offset"


class Doubts:
    """Files of places, each asked about once, whatever they are read for."""

    def __init__(self) -> None:
        self._asked: dict[Path, list[tuple[gpd.GeoSeries, bool]]] = {}
        self._labels: dict[Path, str] = {}
        self._told: set[Path] = set()

    def ask(self, source: Source, places: gpd.GeoSeries, *, assumed: bool, label: str = "") -> None:
        """Take note of places; a source that states their system is believed.

        Parameters
        ----------
        source : Source
        places : GeoSeries
            EPSG:4326, as read.
        assumed : bool
            Whether not even the file states a system (`Layer.assumed`).
        label : str
            Kept with the doubt; that of the first who asks.
        """
        if source.crs is None and len(places):
            self._asked.setdefault(source.file, []).append((places, assumed))
            self._labels.setdefault(source.file, label)

    def found(self, streets: Streets | None) -> list[Doubt]:
        """Judge the files that were not judged yet.

        Parameters
        ----------
        streets : Streets or None
            What the places are held against, where there is anything.
        """
        doubts = []
        for file in [file for file in self._asked if file not in self._told]:
            self._told.add(file)
            lon, lat = (
                np.concatenate(axis) for axis in zip(*(unit_points(places) for places, _ in self._asked[file]), strict=True)
            )
            system = None if streets is None else likely_offset(lon, lat, streets)
            unstated = any(assumed for _, assumed in self._asked[file]) and _lies_in_china(lon, lat)
            if system is not None or unstated:
                doubts.append(Doubt(self._labels[file], file.name, system))
        return doubts


def _lies_in_china(lon: Floats, lat: Floats) -> bool:
    return bool(2 * shapely.contains_xy(CHINA, lon, lat).sum() > len(lon))


def likely_offset(lon: npt.ArrayLike, lat: npt.ArrayLike, streets: Streets) -> str | None:
    """Name the offset system a list of places is probably in, though it was read as WGS 84.

    Both systems move a place by 100 to 1,300 m. The list is taken to be in one of them if undoing the shift brings its
    points clearly nearer to the streets: at most half the median distance, and more of the points than luck would give.
    Where streets are as dense as the shift is long (city centres) nothing is said.

    Parameters
    ----------
    lon, lat : array of float
        Places as read, degrees; those outside the box where the systems differ from WGS 84 are not asked.
    streets : Streets

    Returns
    -------
    {"GCJ-02", "BD-09"} or None
        None where the points fit as they are, or are too few to tell.
    """
    places = _asked(np.asarray(lon, float), np.asarray(lat, float), streets)
    if not places.shape[1]:
        return None
    distances = _StreetDistances(places, streets)
    given = distances.metres(*places)
    fits = {system: distances.metres(*unshift(*places)) for system, unshift in UNSHIFTED.items()}
    best = min(fits, key=lambda system: float(np.median(fits[system])))
    nearer = np.median(fits[best]) <= NEARER_BY * np.median(given)
    return best if nearer and _chance(int((fits[best] < given).sum()), len(given)) < CHANCE else None


def _chance(heads: int, throws: int) -> float:
    """Chance of at least so many heads of a fair coin."""
    return sum(math.comb(throws, count) for count in range(heads, throws + 1)) / (1 << throws)


def _asked(lon: Floats, lat: Floats, streets: Streets) -> Floats:
    """Choose at most 500 places evenly from those within the streets' extent and the systems' box."""
    if not len(streets.lon):
        return np.empty((2, 0))
    west, south, east, north = GCJ02_BOX
    inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    pad = NEIGHBOURHOOD_DEGREES
    inside &= (lon >= streets.lon.min() - pad) & (lon <= streets.lon.max() + pad)
    inside &= (lat >= streets.lat.min() - pad) & (lat <= streets.lat.max() + pad)
    chosen = np.flatnonzero(inside)
    chosen = chosen[:: max(1, -(-len(chosen) // MOST_POINTS))]
    return np.vstack((lon[chosen], lat[chosen]))


class _StreetDistances:
    """Distances to the nearest street around some places; flat metres are exact enough to compare."""

    def __init__(self, places: Floats, streets: Streets) -> None:
        self._scale = METRES_PER_DEGREE * np.array([np.cos(np.radians(places[1].mean())), 1.0])
        low, high = places.min(axis=1) - NEIGHBOURHOOD_DEGREES, places.max(axis=1) + NEIGHBOURHOOD_DEGREES
        pieces = _pieces(streets)
        near = (pieces.min(axis=1) <= high).all(axis=1) & (pieces.max(axis=1) >= low).all(axis=1)
        self._tree = shapely.STRtree(shapely.linestrings(pieces[near] * self._scale))

    def metres(self, lon: Floats, lat: Floats) -> Floats:
        """Return the distance of each place to its nearest street, infinite where there is none around."""
        points = shapely.points(np.column_stack((lon, lat)) * self._scale)
        _, metres = self._tree.query_nearest(points, all_matches=False, return_distance=True)
        return np.asarray(metres, float) if len(metres) else np.full(len(points), np.inf)


def _pieces(streets: Streets) -> Floats:
    """Straight pieces of street as (n, 2 ends, lon and lat); ferries are no place to stand."""
    way = np.repeat(np.arange(len(streets.way_ids)), np.diff(streets.way_starts))
    start, end = streets.way_nodes[:-1], streets.way_nodes[1:]
    kept = (way[:-1] == way[1:]) & ~streets.is_ferry[way[:-1]]
    places = np.column_stack((streets.lon, streets.lat))
    return np.stack((places[start[kept]], places[end[kept]]), axis=1)
