"""Where the edges of waters run, and whether a straight connector crosses water (travel model 2, section 5)."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .cell_grid import CELL_BITS, SIDE, SIDE_BITS, CellGrid, block_key, build_cell_grid, find_block, find_cell
from .compiled import compiled
from .lengths import wrapped

LINE, COAST = -1, -2  # in place of the number of an area
BAND_EDGES = 8  # an area is cut into bands of about so many edges
BOX_DEGREES = 0.05
BOX_COLUMNS = 7200
TOUCH_METRES = 1e-6  # nearer is met
CELL_SLACK = 1e-6  # of a cell

Floats = NDArray[np.float64]


class WaterIndex(NamedTuple):
    """Straight parts of shores, lines and coasts; a tuple, so that compiled code takes it as it is.

    Attributes
    ----------
    grid : CellGrid
        Finds parts by place.
    lon, lat : (s, 2) float64
        Ends of each part; beyond 180 where an area goes across the antimeridian.
    area : (s,) int32
        The area whose shore it is, LINE or COAST.
    boxes : (a, 4) float64
        West, south, east, north of each area.
    box_keys : (k,) int64, ascending; box_areas : (k,) int32
        Areas whose box touches each square of BOX_DEGREES.
    band_first : (a + 1,) int64
        The first band of each area: bands are equally high and run from south to north.
    band_starts : (b + 1,) int64; band_parts : (m,) int32
        Parts that reach into each band.
    """

    grid: CellGrid
    lon: Floats
    lat: Floats
    area: NDArray[np.int32]
    boxes: Floats
    box_keys: NDArray[np.int64]
    box_areas: NDArray[np.int32]
    band_first: NDArray[np.int64]
    band_starts: NDArray[np.int64]
    band_parts: NDArray[np.int32]


def build_water_index(lon: Floats, lat: Floats, area: NDArray[np.int32]) -> WaterIndex:
    """Sort the parts of waters; those of one area wind around it, ring by ring.

    Parameters
    ----------
    lon, lat : (s, 2) float64
        EPSG:4326, no step of a longitude beyond 180 degrees.
    area : (s,) int32
        Number of the area, LINE or COAST.
    """
    grid = build_cell_grid(lon, lat, np.ones(len(lon), bool))
    shores = np.flatnonzero(area >= 0)
    number = int(area.max(initial=-1)) + 1
    boxes = np.tile([np.inf, np.inf, -np.inf, -np.inf], (max(number, 0), 1))
    for column, axis, least in ((0, lon, True), (1, lat, True), (2, lon, False), (3, lat, False)):
        ends = axis[shores].min(axis=1, initial=np.inf) if least else axis[shores].max(axis=1, initial=-np.inf)
        (np.minimum if least else np.maximum).at(boxes[:, column], area[shores], ends)
    counts = np.bincount(area[shores], minlength=len(boxes))
    boxes[counts == 0] = 0.0  # too narrow to hold anything
    keys, areas = _box_keys(boxes, counts > 0)
    order = np.argsort(keys, kind="stable")
    band_first = np.concatenate(([0], np.cumsum(np.maximum(1, counts // BAND_EDGES))))
    starts = np.zeros(band_first[-1] + 1, np.int64)
    _sort_into_bands(lat, area, boxes, band_first, starts[1:], np.empty(0, np.int32))
    np.cumsum(starts, out=starts)
    parts = np.empty(starts[-1], np.int32)
    _sort_into_bands(lat, area, boxes, band_first, starts[:-1].copy(), parts)
    return WaterIndex(grid, lon, lat, area, boxes, keys[order], areas[order], band_first, starts, parts)


@compiled
def _box_keys(boxes, used):  # type: ignore[no-untyped-def]
    """Squares that the boxes of areas touch."""
    count = 0
    for fill in range(2):
        if fill:
            keys, areas = np.empty(count, np.int64), np.empty(count, np.int32)
        count = 0
        for a in range(boxes.shape[0]):
            if not used[a]:
                continue
            for row in range(_square(boxes[a, 1] + 90.0), _square(boxes[a, 3] + 90.0) + 1):
                for column in range(_square(boxes[a, 0] + 180.0), _square(boxes[a, 2] + 180.0) + 1):
                    if fill:
                        keys[count], areas[count] = row * BOX_COLUMNS + column % BOX_COLUMNS, a
                    count += 1
    return keys, areas


@compiled
def _square(degrees):  # type: ignore[no-untyped-def]
    return np.int64(math.floor(degrees / BOX_DEGREES))


@compiled
def _band(lat, south, north, bands):  # type: ignore[no-untyped-def]
    """Band of an area that a latitude lies in."""
    return min(bands - 1, max(0, np.int64(math.floor((lat - south) / max(north - south, 1e-12) * bands))))


@compiled
def _sort_into_bands(lat, area, boxes, band_first, cursors, parts):  # type: ignore[no-untyped-def]
    """Put parts where the cursor of each band points and move it on; without room for parts only the cursors move."""
    for s in range(area.size):
        a = area[s]
        if a < 0:
            continue
        bands = band_first[a + 1] - band_first[a]
        low = _band(min(lat[s, 0], lat[s, 1]), boxes[a, 1], boxes[a, 3], bands)
        high = _band(max(lat[s, 0], lat[s, 1]), boxes[a, 1], boxes[a, 3], bands)
        for band in range(band_first[a] + low, band_first[a] + high + 1):
            at = cursors[band]
            cursors[band] += 1
            if parts.size:
                parts[at] = s


@compiled
def holds(water, a, lon, lat):  # type: ignore[no-untyped-def]
    """Tell whether a place lies in an area."""
    west, south, east, north = water.boxes[a, 0], water.boxes[a, 1], water.boxes[a, 2], water.boxes[a, 3]
    x = west + (lon - west) % 360.0
    if lat < south or lat > north or x > east:
        return False
    bands = water.band_first[a + 1] - water.band_first[a]
    band = water.band_first[a] + _band(lat, south, north, bands)
    inside = False
    for k in range(water.band_starts[band], water.band_starts[band + 1]):
        s = water.band_parts[k]
        y0, y1 = water.lat[s, 0], water.lat[s, 1]
        if (y0 > lat) != (y1 > lat):
            x0, x1 = water.lon[s, 0], water.lon[s, 1]
            if x < x0 + (lat - y0) * (x1 - x0) / (y1 - y0):
                inside = not inside
    return inside


@compiled
def areas_holding(water, lon, lat):  # type: ignore[no-untyped-def]
    """List the areas that a place lies in."""
    key = _square(lat + 90.0) * BOX_COLUMNS + _square(lon + 180.0) % BOX_COLUMNS
    at, found = np.searchsorted(water.box_keys, key), np.empty(0, np.int32)
    while at < water.box_keys.size and water.box_keys[at] == key:
        a = water.box_areas[at]
        if holds(water, a, lon, lat):
            found = np.append(found, np.int32(a))
        at += 1
    return found


@compiled
def is_near_water(water, lon, lat, east, north, metres):  # type: ignore[no-untyped-def]
    """Tell whether the edge of any water may come within some metres of a place; east, north in metres per degree."""
    grid = water.grid
    if grid.pieces.size == 0:
        return False
    starts, x, y = grid.starts, (lon + 180.0) / grid.cell_lon, (lat + 90.0) / grid.cell_lat
    wide, high = metres / (east * grid.cell_lon), metres / (north * grid.cell_lat)
    left, right = math.floor(x - wide), math.floor(x + wide)
    bottom, top = math.floor(y - high), math.floor(y + high)
    for m in range(bottom >> SIDE_BITS, (top >> SIDE_BITS) + 1):
        for n in range(left >> SIDE_BITS, (right >> SIDE_BITS) + 1):
            block = find_block(grid.slots, grid.slot_rows, block_key(m << SIDE_BITS, n << SIDE_BITS, grid.columns))
            if block < 0:
                continue
            first, last = max(0, left - (n << SIDE_BITS)), min(SIDE - 1, right - (n << SIDE_BITS))
            for row in range(max(0, bottom - (m << SIDE_BITS)), min(SIDE - 1, top - (m << SIDE_BITS)) + 1):
                cell = (block << CELL_BITS) + (row << SIDE_BITS)
                if starts[cell + first] < starts[cell + last + 1]:
                    return True
    return False


@compiled
def crosses_water(water, lon, lat, to_lon, to_lat, east, north):  # type: ignore[no-untyped-def]
    """Tell whether the straight way from a point to a foot on a street crosses water.

    A point in the water is free to leave it; a street in the water gives no such right.
    """
    if water.grid.pieces.size == 0:
        return False
    x, y = wrapped(to_lon - lon) * east, (to_lat - lat) * north
    if math.hypot(x, y) <= TOUCH_METRES:
        return False
    hits, count = np.empty(0, np.int64), 0
    x0, y0 = (lon + 180.0) / water.grid.cell_lon, (lat + 90.0) / water.grid.cell_lat
    x1, y1 = x0 + wrapped(to_lon - lon) / water.grid.cell_lon, (to_lat + 90.0) / water.grid.cell_lat
    if y1 < y0:
        x0, y0, x1, y1 = x1, y1, x0, y0
    for row in range(math.floor(y0 - CELL_SLACK), math.floor(y1 + CELL_SLACK) + 1):
        low, high = x0, x1
        if y1 > y0:
            low = x0 + (x1 - x0) * min(1.0, max(0.0, (row - CELL_SLACK - y0) / (y1 - y0)))
            high = x0 + (x1 - x0) * min(1.0, max(0.0, (row + 1 + CELL_SLACK - y0) / (y1 - y0)))
        low, high = min(low, high) - CELL_SLACK, max(low, high) + CELL_SLACK
        for column in range(math.floor(low), math.floor(high) + 1):
            cell = find_cell(water.grid, row, column)
            if cell < 0:
                continue
            for k in range(water.grid.starts[cell], water.grid.starts[cell + 1]):
                s = water.grid.pieces[k]
                if not math.isnan(_met_at(water, s, lon, lat, x, y, east, north)):
                    if count == hits.size:
                        hits = np.concatenate((hits, np.empty(8 + count, np.int64)))
                    hits[count] = s
                    count += 1
    return count > 0 and _is_wet(water, hits[:count], lon, lat, x, y, east, north)


@compiled
def _met_at(water, s, lon, lat, x, y, east, north):  # type: ignore[no-untyped-def]
    """Share of the way from (lon, lat) by (x, y) metres at which it meets part `s`, ends included; NaN if it does not."""
    ax, ay = wrapped(water.lon[s, 0] - lon) * east, (water.lat[s, 0] - lat) * north
    dx, dy = (water.lon[s, 1] - water.lon[s, 0]) * east, (water.lat[s, 1] - water.lat[s, 0]) * north
    denominator = x * dy - y * dx
    if denominator == 0.0:
        return np.nan
    along, across = (ax * dy - ay * dx) / denominator, (ax * y - ay * x) / denominator
    near_way, near_part = TOUCH_METRES / math.hypot(x, y), TOUCH_METRES / math.hypot(dx, dy)
    met = -near_way <= along <= 1.0 + near_way and -near_part <= across <= 1.0 + near_part
    return along if met else np.nan


@compiled
def _is_wet(water, hits, lon, lat, x, y, east, north):  # type: ignore[no-untyped-def]
    """Judge a way that meets the edges of waters."""
    holding, length = areas_holding(water, lon, lat), math.hypot(x, y)
    coast, count = np.empty(hits.size), 0
    for s in hits:
        along, a = _met_at(water, s, lon, lat, x, y, east, north), water.area[s]
        if a >= 0:
            if not _contains(holding, a):
                return True
        elif a == LINE:
            at_lon, at_lat, inside = lon + along * x / east, lat + along * y / north, along * length <= TOUCH_METRES
            for area in holding:  # lines in a water that one is in already do not count
                inside = inside or holds(water, area, at_lon, at_lat)
            if not inside:
                return True
        else:
            coast[count] = along
            count += 1
    return _meetings(np.sort(coast[:count]), 2.0 * TOUCH_METRES / length) % 2 == 0 and count > 0


@compiled
def _contains(numbers, number):  # type: ignore[no-untyped-def]
    for other in numbers:  # noqa: SIM110  # numba knows no generator in any()
        if other == number:
            return True
    return False


@compiled
def _meetings(shares, same):  # type: ignore[no-untyped-def]
    """Number of distinct places among sorted shares of a way: a corner belongs to two parts, a part to several cells."""
    count, last = 0, -np.inf
    for share in shares:
        if share - last > same:
            count += 1
        last = share
    return count
