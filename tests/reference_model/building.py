"""From a map to pieces: one per pair of neighbouring OSM nodes of a way that the mode may use."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from . import rules
from .ferries import boarding_seconds, ferry_kmh, ferry_ways, way_metres
from .places import GEOD
from .reading import Map, Way
from .squares import area_ways, squares, straight_lines, ways_at_nodes

LIFT_SECONDS = 60.0
PIECE = np.dtype(
    [
        *[(name, np.int64) for name in ("first", "last", "way", "place")],  # nodes as row numbers; place: within the way
        *[(name, np.float64) for name in ("metres", "along", "against", "kmh", "boarding")],  # seconds, inf where closed
        *[(name, np.bool_) for name in ("ends_only", "raised", "ferry", "line", "landing", "sound")],
    ]
)
Row = tuple[int, int, int, int, float, float, float, float, bool, bool, bool, bool]


@dataclass(frozen=True)
class Profile:
    """Who travels how."""

    mode: str
    flat_kmh: float
    car_speeds_kmh: Mapping[str, float]
    steps: bool
    ferries: str


@dataclass(frozen=True)
class Built:
    """Pieces, the OSM numbers and places of their nodes, and the ways they come from."""

    pieces: np.ndarray
    node: np.ndarray
    lon: np.ndarray
    lat: np.ndarray
    ways: dict[int, Way]


def build(world: Map, profile: Profile) -> Built:
    """All pieces, before anything is known of the network as a whole."""
    every = world.ways | (area_ways(world) if profile.mode == "walk" else {})
    boats = ferry_ways(world)
    streets = {number: way for number, way in every.items() if number not in boats and _access(way, profile) != rules.CLOSED}
    rows: list[Row] = []
    for number, way in streets.items():
        rows += _street(world, number, way, profile)
    if profile.mode == "walk":
        rows += _lines(world, streets, profile)
    if profile.ferries != "none":
        for number, (way, seconds) in boats.items():
            if rules.ferry_usable(way.tags, profile.mode):
                rows += _boat(world, number, way, seconds, profile)
    return _as_arrays(world, rows, streets, profile)


def _access(way: Way, profile: Profile) -> str:
    if profile.mode == "walk" and not profile.steps and not rules.by_wheelchair(way.tags):
        return rules.CLOSED
    return rules.street_access(way.tags, profile.mode)


def _pairs(world: Map, way: Way) -> list[tuple[int, int, int]]:
    """Place in the way, and the two nodes, of each piece."""
    pairs = enumerate(pairwise(way.refs))
    return [(place, a, b) for place, (a, b) in pairs if a != b and a in world.places and b in world.places]


def _street(world: Map, number: int, way: Way, profile: Profile) -> list[Row]:
    speeds = rules.speeds_kmh(way.tags, profile.mode, profile.flat_kmh, profile.car_speeds_kmh)
    if way.tags.get("highway") == "elevator":
        speeds = (3.6 * way_metres(world, way.refs) / LIFT_SECONDS,) * 2
    return _rows(world, number, way, profile, speeds, (0.0, False, False))


def _boat(world: Map, number: int, way: Way, seconds: float | None, profile: Profile) -> list[Row]:
    speed = ferry_kmh(way_metres(world, way.refs), seconds)
    return _rows(world, number, way, profile, (speed, speed), (boarding_seconds(way.tags, profile.ferries), True, False))


def _lines(world: Map, streets: dict[int, Way], profile: Profile) -> list[Row]:
    at = ways_at_nodes(streets)
    rows: list[Row] = []
    for square in squares(world):
        way = Way(square.tags, [])
        if _access(way, profile) != rules.CLOSED:
            for place, pair in enumerate(straight_lines(world, square, at)):
                one = Way(square.tags, list(pair))
                speeds = rules.speeds_kmh(square.tags, profile.mode, profile.flat_kmh, profile.car_speeds_kmh)
                crossing = _rows(world, square.number, one, profile, speeds, (0.0, False, True))
                rows += [(*row[:3], place, *row[4:]) for row in crossing]
    return rows


def _rows(
    world: Map, number: int, way: Way, profile: Profile, speeds: tuple[float, float], kind: tuple[float, bool, bool]
) -> list[Row]:
    open_ways = rules.directions(way.tags, profile.mode)
    kmh = tuple(speed if is_open else 0.0 for speed, is_open in zip(speeds, open_ways, strict=True))
    if not any(open_ways):
        return []
    boarding, ferry, line = kind
    ends_only = not ferry and _access(way, profile) == rules.ENDS
    rest = (*kmh, max(kmh), boarding, ends_only, rules.is_raised(way.tags), ferry, line)
    return [(a, b, number, place, *rest) for place, a, b in _pairs(world, way)]


def _as_arrays(world: Map, rows: list[Row], streets: dict[int, Way], profile: Profile) -> Built:
    pieces = np.zeros(len(rows), PIECE)
    names = ("first", "last", "way", "place", "along", "against", "kmh", "boarding", "ends_only", "raised", "ferry", "line")
    for name, column in zip(names, zip(*rows, strict=True), strict=False):
        pieces[name] = column
    node, index = np.unique(np.concatenate((pieces["first"], pieces["last"])), return_inverse=True)
    pieces["first"], pieces["last"] = index[: len(rows)], index[len(rows) :]
    if profile.mode == "car":
        node = _cut(pieces, node, {n for n, tags in world.node_tags.items() if rules.stops_cars(tags)})
    lon, lat = np.array([world.places[number] for number in node.tolist()]).reshape(-1, 2).T
    first, last = pieces["first"], pieces["last"]
    pieces["metres"] = GEOD.inv(lon[first], lat[first], lon[last], lat[last])[2]
    for name in ("along", "against"):
        kmh = pieces[name]
        seconds = np.divide(3.6 * pieces["metres"], kmh, out=np.zeros(len(rows)), where=(kmh > 0) & (pieces["metres"] > 0))
        pieces[name] = np.where((kmh > 0) | ((pieces["kmh"] == 0) & (pieces["metres"] == 0)), seconds, np.inf)
    return Built(pieces, node, lon, lat, streets)


def _cut(pieces: np.ndarray, node: np.ndarray, barriers: set[int]) -> np.ndarray:
    """Give every piece at a barrier an end of its own."""
    stops = np.isin(node, np.fromiter(barriers, np.int64, len(barriers)))
    numbers = list(node)
    for name in ("first", "last"):
        for row in np.flatnonzero(stops[pieces[name]] & ~pieces["ferry"]):
            numbers.append(node[pieces[name][row]])
            pieces[name][row] = len(numbers) - 1
    return np.array(numbers, np.int64)
