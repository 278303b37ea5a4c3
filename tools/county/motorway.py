"""The motorway of the generated county: two carriageways, tunnels, bridges, and diamond interchanges."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import shapely
from scipy.interpolate import CubicSpline

from .frame import HEIGHT, Floats
from .terrain import Terrain
from .ways import Way

COURSE = (
    (16_300, HEIGHT),
    (15_300, 26_700),
    (14_900, 22_300),
    (15_500, 18_300),
    (16_200, 14_600),
    (17_300, 10_300),
    (17_200, 6_000),
    (16_400, 0),
)
NAME, REF = "沿海高速", "X90"
CARRIAGEWAY_METRES = 13.0
TUNNEL_METRES = 55.0
RAMP_METRES = 420.0
JOIN_METRES = 95.0
SHORTEST_METRES = 300.0  # of a road that carries an interchange
RAMP_BEND = 0.12


def centre_line() -> Floats:
    """Return the middle of the motorway from north to south, a point about every 120 m."""
    points = np.array(COURSE, dtype=float)
    chord = np.r_[0, np.cumsum(np.hypot(*np.diff(points, axis=0).T))]
    return np.asarray(CubicSpline(chord, points)(np.linspace(0, chord[-1], int(chord[-1] / 120))))


def lay_motorway(terrain: Terrain, roads: list[Way]) -> tuple[list[Way], list[Way]]:
    """Lay the motorway over the finished roads.

    Returns
    -------
    tuple of list of Way
        Carriageways and ramps, and `roads` with the nodes where ramps end.
    """
    centre = centre_line()
    right, left = _offset(centre, -CARRIAGEWAY_METRES), _offset(centre, CARRIAGEWAY_METRES)[::-1]
    ramps: list[Way] = []
    roads = list(roads)
    for number, crossing in _crossings(centre, roads):
        carriageways = [right, left]
        for side, line in enumerate(carriageways):
            line, roads[number], pair = _lay_ramps(line, roads[number], crossing)
            carriageways[side] = line
            ramps += pair
        right, left = carriageways
    return [part for line in (right, left) for part in _split(line, terrain)] + ramps, roads


def _offset(line: Floats, metres: float) -> Floats:
    along = np.gradient(line, axis=0)
    across = np.column_stack([-along[:, 1], along[:, 0]]) / np.hypot(*along.T)[:, None]
    return np.asarray(np.round(line + metres * across, 2))


def _crossings(centre: Floats, roads: list[Way]) -> list[tuple[int, Floats]]:
    """Find where the motorway crosses a secondary road: there stands an interchange, one per road."""
    middle = shapely.LineString(centre)
    found: dict[str, tuple[int, Floats]] = {}
    for number, way in enumerate(roads):
        name = way.tags.get("name", "")
        if way.tags.get("highway") != "secondary" or name in found or _length(way.metres) < SHORTEST_METRES:
            continue
        points = shapely.get_coordinates(shapely.intersection(middle, shapely.LineString(way.metres)))
        if len(points):
            found[name] = (number, points[0])
    return list(found.values())


def _length(line: Floats) -> float:
    return float(np.hypot(*np.diff(line, axis=0).T).sum())


def _lay_ramps(line: Floats, road: Way, crossing: Floats) -> tuple[Floats, Way, list[Way]]:
    """Lead one carriageway off to the crossing road and back on, ahead of and behind the crossing."""
    here = shapely.LineString(line).project(shapely.Point(crossing))
    line, leave = _insert_at(line, here - RAMP_METRES)
    line, enter = _insert_at(line, here + RAMP_METRES)
    joint, metres = _joint(road.metres, line, crossing)
    ramps = [
        Way(metres=_bend(leave, joint), tags={"highway": "motorway_link", "oneway": "yes"}, level=1),
        Way(metres=_bend(joint, enter), tags={"highway": "motorway_link", "oneway": "yes"}, level=1),
    ]
    return line, Way(metres=metres, tags=road.tags, level=road.level), ramps


def _joint(road: Floats, carriageway: Floats, crossing: Floats) -> tuple[Floats, Floats]:
    """Return where ramps meet the road, on the carriageway's own side, and the road with that node."""
    line = shapely.LineString(road)
    here = line.project(shapely.Point(crossing))
    lane = shapely.LineString(carriageway)
    options = [_insert_at(road, here + step) for step in (-JOIN_METRES, JOIN_METRES)]
    near = [lane.distance(shapely.Point(point)) for _, point in options]
    metres, point = options[int(np.argmin(near))]
    return point, metres


def _insert_at(line: Floats, metres: float) -> tuple[Floats, Floats]:
    along = np.r_[0, np.cumsum(np.hypot(*np.diff(line, axis=0).T))]
    metres = float(np.clip(metres, 1, along[-1] - 1))
    point = np.round([np.interp(metres, along, line[:, axis]) for axis in (0, 1)], 2)
    where = int(np.searchsorted(along, metres))
    return np.insert(line, where, point, axis=0), np.asarray(point)


def _bend(start: Floats, end: Floats) -> Floats:
    """Return a gently curved ramp between two points."""
    across = np.array([-(end - start)[1], (end - start)[0]])
    middle = [start + (end - start) * t + RAMP_BEND * across * t * (1 - t) for t in (0.25, 0.5, 0.75)]
    return np.vstack([start, np.round(middle, 2), end])


def _split(line: Floats, terrain: Terrain) -> list[Way]:
    """Cut a carriageway where it enters a hill: tunnel above the limit, bridge elsewhere as it crosses everything."""
    high = terrain.at((line[:-1] + line[1:]) / 2) > TUNNEL_METRES
    cuts = [0, *(np.flatnonzero(np.diff(high.astype(int))) + 1).tolist(), len(high)]
    base = {"highway": "motorway", "name": NAME, "ref": REF, "oneway": "yes", "maxspeed": "100"}
    return [
        Way(
            metres=line[start : end + 1],
            tags={**base, **({"tunnel": "yes", "layer": "-1"} if high[start] else {"bridge": "yes", "layer": "1"})},
            level=1,
        )
        for start, end in pairwise(cuts)
    ]
