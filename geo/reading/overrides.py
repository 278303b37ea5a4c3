"""Corrections a planner knows better than the map: closed roads, speeds, new roads and local ferries, from a table.

They are applied to `Streets` before any mode looks at them, so every search and every mode sees the same corrected map.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ..errors import InputError, said
from ..lengths import metres_per_degree
from ..modes.durations import clock_seconds
from ..modes.rules import SPEED_KEY
from ..modes.traits import MODES, TRAITS, Kind
from ..streets import Streets

MONTH = re.compile("0?[1-9]|1[0-2]")
ACTIONS = ("close", "speed", "road", "ferry")
JOIN_METRES = 50.0  # ends of new roads and ferries join the nearest street within this distance
SAME_NODE_METRES = 5.0  # a street is not split this close to one of its nodes


@dataclass(frozen=True, kw_only=True)
class Override:
    """One correction.

    Attributes
    ----------
    action : {"close", "speed", "road", "ferry"}
    way : int or None
        OSM id of the way to close or to correct.
    line : shapely LineString or None
        Course of a new road or ferry, EPSG:4326.
    tags : mapping
        OSM tags of a new road or ferry.
    modes : sequence of Kind
        Modes a closure holds for; empty means all.
    speed_kmh : float or None
        Speed actually driven, taken as it is (no share of a limit).
    """

    action: str
    way: int | None = None
    line: shapely.LineString | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    modes: Sequence[Kind] = ()
    speed_kmh: float | None = None


@dataclass(frozen=True)
class Applied:
    """Corrected streets, and why some corrections could not be made (by position in the list)."""

    streets: Streets
    refused: dict[int, str]


def apply_overrides(streets: Streets, overrides: Sequence[Override]) -> Applied:
    """Apply corrections in order; one that cannot be made is reported and leaves the others alone."""
    refused: dict[int, str] = {}
    tags = {str(key): streets.tags[key].astype(object).to_numpy(copy=True) for key in streets.tags}
    added: list[Override] = []
    for position, override in enumerate(overrides):
        if override.line is not None:
            added.append(override)
            continue
        rows = np.flatnonzero(streets.way_ids == override.way)
        if not len(rows):
            refused[position] = said("the streets hold no way {way}", way=override.way)
            continue
        for key, value in _changes(override):
            tags.setdefault(key, np.full(len(streets.way_ids), None, object))[rows] = value
    changed = replace(streets, tags=_categorical(tags))
    return Applied(_with_lines(changed, added), refused)


def _changes(override: Override) -> Iterator[tuple[str, str]]:
    """Tags that make a way closed or give it a speed."""
    if override.action == "speed":
        yield SPEED_KEY, f"{override.speed_kmh:g}"
        return
    yield from ((TRAITS[mode].tag, "no") for mode in override.modes or MODES)


def _categorical(columns: Mapping[str, NDArray[np.object_]]) -> pd.DataFrame:
    return pd.DataFrame({key: pd.Categorical(pd.array(values, dtype="str")) for key, values in columns.items()})


def _with_lines(streets: Streets, added: Sequence[Override]) -> Streets:
    """Append new ways; their ends join the nearest street."""
    for number, override in enumerate(added, 1):
        assert override.line is not None
        streets = _with_line(streets, override.line, override.tags, way_id=-number)
    return streets


def _with_line(streets: Streets, line: shapely.LineString, tags: Mapping[str, str], *, way_id: int) -> Streets:
    xy = shapely.get_coordinates(line)
    start, streets = _join(streets, *xy[0])
    stop, streets = _join(streets, *xy[-1])
    bends, streets = _with_nodes(streets, xy[1:-1])
    table = pd.concat([streets.tags.astype(object), pd.DataFrame([dict(tags)])], ignore_index=True)
    nodes = np.concatenate(([start], bends, [stop]))
    return replace(
        streets,
        way_ids=np.append(streets.way_ids, way_id),
        way_starts=np.append(streets.way_starts, streets.way_starts[-1] + len(nodes)),
        way_nodes=np.concatenate((streets.way_nodes, nodes.astype(np.int32))),
        tags=_categorical({str(key): table[key].to_numpy(object) for key in table}),
    )


def _with_nodes(streets: Streets, xy: NDArray[np.float64]) -> tuple[NDArray[np.int64], Streets]:
    """Append nodes with ids below all others; returns their rows."""
    first = min(int(streets.node_ids.min(initial=0)), 0) - 1
    rows = len(streets.node_ids) + np.arange(len(xy))
    grown = replace(
        streets,
        node_ids=np.concatenate((streets.node_ids, first - np.arange(len(xy)))),
        lon=np.concatenate((streets.lon, xy[:, 0])),
        lat=np.concatenate((streets.lat, xy[:, 1])),
    )
    return rows, grown


def _join(streets: Streets, lon: float, lat: float) -> tuple[int, Streets]:
    """Find the node where a new line begins: on the nearest street within reach, splitting it, or a free end of its own."""
    inside = np.ones(len(streets.way_nodes), bool)
    inside[streets.way_starts[1:] - 1] = False
    at = np.flatnonzero(inside)
    u, v = streets.way_nodes[at], streets.way_nodes[at + 1]
    east, north = metres_per_degree(lat)
    x, y = ((streets.lon[u] - lon + 180) % 360 - 180) * east, (streets.lat[u] - lat) * north
    dx, dy = ((streets.lon[v] - streets.lon[u] + 180) % 360 - 180) * east, (streets.lat[v] - streets.lat[u]) * north
    length = np.hypot(dx, dy)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.clip(np.nan_to_num(-(x * dx + y * dy) / length**2), 0, 1)
    away = np.hypot(x + share * dx, y + share * dy)
    best = int(np.argmin(away))
    if away[best] > JOIN_METRES:
        rows, streets = _with_nodes(streets, np.array([[lon, lat]]))
        return int(rows[0]), streets
    for node, gap in ((u[best], share[best] * length[best]), (v[best], (1 - share[best]) * length[best])):
        if gap <= SAME_NODE_METRES:
            return int(node), streets
    place = [lon + (x[best] + share[best] * dx[best]) / east, lat + (y[best] + share[best] * dy[best]) / north]
    rows, streets = _with_nodes(streets, np.array([place]))
    return int(rows[0]), _split(streets, int(u[best]), int(v[best]), int(rows[0]))


def _split(streets: Streets, u: int, v: int, node: int) -> Streets:
    """Put a node between `u` and `v` wherever a way runs from one to the other."""
    nodes = streets.way_nodes
    inside = np.ones(len(nodes), bool)
    inside[streets.way_starts[1:] - 1] = False
    after = np.flatnonzero(inside[:-1] & (((nodes[:-1] == u) & (nodes[1:] == v)) | ((nodes[:-1] == v) & (nodes[1:] == u))))
    starts = streets.way_starts + np.searchsorted(after, streets.way_starts - 1, side="left")
    return replace(streets, way_nodes=np.insert(nodes, after + 1, np.int32(node)), way_starts=starts)


def ferry_in_season(months: str, month: int | None) -> bool:
    """Say whether a ferry of the months "4-10" or "11-3" sails in `month` (1-12); without either it does.

    Raises
    ------
    InputError
        If the months cannot be read.
    """
    if not months or month is None:
        return True
    first, _, last = months.partition("-")
    if not all(MONTH.fullmatch(name.strip()) for name in (first, last or first)):
        raise InputError("season {months!r} should read like 4-10", months=months)
    start, stop = int(first), int(last or first)
    return start <= month <= stop if start <= stop else month >= start or month <= stop


def mean_headway_seconds(headway_minutes: float | None, first_boat: str, last_boat: str, sailings: float | None) -> float | None:
    """Return the headway given, or that of evenly spread sailings between first and last boat; None if neither is known."""
    if headway_minutes is not None:
        return 60 * headway_minutes
    first, last = clock_seconds(first_boat) if first_boat else np.nan, clock_seconds(last_boat) if last_boat else np.nan
    if sailings is None or np.isnan(first) or np.isnan(last) or sailings < 2 or last <= first:
        return None
    return float((last - first) / (sailings - 1))
