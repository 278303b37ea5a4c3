"""Ways of the generated map, and how they come to share nodes where they meet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import shapely
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from .frame import Floats, Mask, to_cells

TOUCH_METRES = 1.0


@dataclass(frozen=True, kw_only=True)
class Way:
    """A line (or a ring, if closed) of the map: points in the frame and OSM tags.

    `level` is 0 at ground; ways on another level, and areas, are never joined to what they cross.
    """

    metres: Floats
    tags: Mapping[str, str]
    level: int = 0


def join_ways(ways: Sequence[Way]) -> list[Way]:
    """Give ways at ground level a common node wherever they cross or where one ends on another."""
    inserts: dict[tuple[int, int], list[Floats]] = defaultdict(list)
    ground = [number for number, way in enumerate(ways) if way.level == 0]
    owner, position, lines = _segments([ways[number] for number in ground], ground)
    for first, second, point in [*_crossings(lines), *_touches(lines)]:
        for row in (first, second):
            inserts[int(owner[row]), int(position[row])].append(point)
    return _merge_points([_insert(way, number, inserts) for number, way in enumerate(ways)])


def split_bridges(ways: Iterable[Way], rivers: Mask, *, kinds: Iterable[str]) -> list[Way]:
    """Cut roads of the given classes where they cross a river and tag what lies over the water as a bridge."""
    wanted = set(kinds)
    return [
        part
        for way in ways
        for part in (_split_bridge(way, rivers) if way.tags.get("highway") in wanted and way.level == 0 else [way])
    ]


def _segments(ways: Sequence[Way], numbers: Sequence[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    owner = np.concatenate([np.full(len(way.metres) - 1, number) for way, number in zip(ways, numbers, strict=True)])
    position = np.concatenate([np.arange(len(way.metres) - 1) for way in ways])
    pairs = np.concatenate([np.stack([way.metres[:-1], way.metres[1:]], axis=1) for way in ways])
    return owner, position, shapely.linestrings(pairs)


def _crossings(lines: np.ndarray) -> Iterable[tuple[int, int, Floats]]:
    first, second = shapely.STRtree(lines).query(lines, predicate="crosses")
    once = first < second
    first, second = first[once], second[once]
    points = shapely.get_coordinates(shapely.intersection(lines[first], lines[second]))
    return zip(first.tolist(), second.tolist(), np.round(points, 2), strict=True)


def _touches(lines: np.ndarray) -> Iterable[tuple[int, int, Floats]]:
    """Find segment ends that lie on (or within a metre of) another segment without being one of its ends."""
    ends = shapely.get_coordinates(lines).reshape(-1, 2, 2)
    points = np.unique(ends.reshape(-1, 2), axis=0)
    dots = shapely.points(points)
    dot, line = shapely.STRtree(lines).query(dots, predicate="dwithin", distance=TOUCH_METRES)
    apart = np.hypot(*(ends[line] - points[dot][:, None]).transpose(2, 0, 1)).min(axis=1) > TOUCH_METRES
    return [(row, row, points[number]) for number, row in zip(dot[apart], line[apart], strict=True)]


def _insert(way: Way, number: int, inserts: Mapping[tuple[int, int], list[Floats]]) -> Way:
    points = []
    for position, start in enumerate(way.metres):
        points.append(start)
        added = np.array(inserts.get((number, position), [])).reshape(-1, 2)
        points.extend(added[np.argsort(np.hypot(*(added - start).T), kind="stable")])
    return replace(way, metres=_drop_repeats(np.array(points)))


def _merge_points(ways: Sequence[Way]) -> list[Way]:
    """Make points of ground ways that lie within `TOUCH_METRES` of each other one point."""
    ground = np.vstack([way.metres for way in ways if way.level == 0])
    points, row_of = np.unique(ground, axis=0, return_inverse=True)
    pairs = cKDTree(points).query_pairs(TOUCH_METRES, output_type="ndarray")
    links = csr_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(points), len(points)))
    _, first, group = np.unique(connected_components(links, directed=False)[1], return_index=True, return_inverse=True)
    moved = iter(np.split(points[first][group][row_of], np.cumsum([len(w.metres) for w in ways if w.level == 0])[:-1]))
    merged = [replace(way, metres=next(moved)) if way.level == 0 else way for way in ways]
    return [replace(way, metres=_drop_repeats(way.metres)) for way in merged if len(_drop_repeats(way.metres)) > 1]


def _drop_repeats(metres: Floats) -> Floats:
    return metres[np.r_[True, np.hypot(*np.diff(metres, axis=0).T) > 0.01]]


def _split_bridge(way: Way, rivers: Mask) -> list[Way]:
    middle = (way.metres[:-1] + way.metres[1:]) / 2
    wet = rivers[to_cells(middle)]
    cuts = np.flatnonzero(np.diff(wet.astype(int))) + 1
    bounds = [0, *cuts.tolist(), len(wet)]
    return [
        replace(
            way,
            metres=way.metres[start : end + 1],
            tags={**way.tags, "bridge": "yes", "layer": "1"} if wet[start] else way.tags,
        )
        for start, end in pairwise(bounds)
    ]
