"""The street of a place where water is near: connectors across it count for less (travel model 2, section 5)."""

from __future__ import annotations

import math

import numpy as np

from ..compiled import compiled
from ..lengths import wrapped
from ..network.preference import CUT_OFF, CUT_OFF_AND_RAISED, MAIN, RAISED
from ..water_index import crosses_water, is_near_water
from .nearest_piece import TIE_METRES, candidates, farthest, foot, tied_up_to
from .snaps import ACROSS_WATER, NOT_MAIN, OTHER_LEVEL, UNCONNECTED

FIRST_METRES = 60.0  # looked around at first, then twice as far and so on up to the cap


@compiled
def water_matters(water, pieces, kinds, found, away, count, lon, lat, east, north, cap, radius):  # type: ignore[no-untyped-def]
    """Tell whether water may lie between any place of a circle and the streets among its candidates."""
    if water.grid.pieces.size == 0:
        return False
    closest = np.inf
    for i in range(count):
        if away[i] < closest and kinds[pieces[found[i]]] == MAIN:
            closest = away[i]
    return is_near_water(water, lon, lat, east, north, farthest(cap, radius, closest))


@compiled
def settled(grid, kinds, ranks, water, entry, share, metres, lon, lat, east, north, cap):  # type: ignore[no-untyped-def]
    """Settle the street of a place where water is near, given what `nearest` says: where that is wet or no main street, the
    street is looked for among all within the cap.

    Returns
    -------
    entry, share, metres, snap_class, reason
    """
    is_main = entry >= 0 and kinds[grid.pieces[entry]] == MAIN
    if is_main and not is_wet(grid.parts, water, entry, share, lon, lat, east, north):
        return entry, share, metres, 1, 0
    radius = min(cap, FIRST_METRES if entry < 0 else 2.0 * metres + FIRST_METRES)
    found, away, looked = np.empty(256, np.int64), np.empty(256), -1.0
    while True:
        found, away, count = candidates(
            grid.slots, grid.slot_rows, grid.starts, grid.pieces, grid.parts, kinds,
            (grid.cell_lon, grid.cell_lat, grid.columns), lon, lat, east, north, radius + TIE_METRES, 0.0, -1.0, found, away,
        )  # fmt: skip
        order = np.argsort(away[:count], kind="mergesort")
        entry = _first_dry(grid, kinds, ranks, water, found, away, order, MAIN, lon, lat, east, north, looked, radius)
        if entry >= 0:
            share, metres = foot(grid.parts, entry, lon, lat, east, north)
            return entry, share, metres, 1, 0
        if radius >= cap:
            return _lower_class(grid, kinds, ranks, water, found, away, order, lon, lat, east, north, cap)
        looked, radius = radius, min(cap, 2.0 * radius)


@compiled
def is_wet(parts, water, k, share, lon, lat, east, north):  # type: ignore[no-untyped-def]
    """Tell whether the connector to a share of an entry crosses water."""
    to_lon, to_lat = wrapped(parts[k, 0] + share * parts[k, 2]), parts[k, 1] + share * parts[k, 3]
    return crosses_water(water, lon, lat, to_lon, to_lat, east, north)


@compiled
def _first_dry(grid, kinds, ranks, water, found, away, order, kind, lon, lat, east, north, beyond, cap):  # type: ignore[no-untyped-def]
    """The nearest candidate of a kind, beyond some metres, that no water parts from the place; -1 if none within the cap."""
    best, bar, last = np.int64(-1), np.inf, np.int32(-1)
    for i in order:  # by distance
        k = found[i]
        p = grid.pieces[k]
        if away[i] > bar:
            break
        if kinds[p] != kind or p == last or math.sqrt(away[i]) <= beyond or (best >= 0 and ranks[p] >= ranks[grid.pieces[best]]):
            continue
        if math.sqrt(away[i]) > cap and best < 0:
            break
        last = p
        share, _ = foot(grid.parts, k, lon, lat, east, north)
        if is_wet(grid.parts, water, k, share, lon, lat, east, north):
            continue
        if best < 0:
            bar = tied_up_to(math.sqrt(away[i]))
        best = k
    return best


@compiled
def _lower_class(grid, kinds, ranks, water, found, away, order, lon, lat, east, north, cap):  # type: ignore[no-untyped-def]
    """The street of a place that no main street on dry land is near, of all streets within the cap."""
    entry = _first_dry(grid, kinds, ranks, water, found, away, order, CUT_OFF, lon, lat, east, north, -1.0, cap)
    if entry >= 0:
        main = _first_of_kinds(grid, kinds, ranks, found, away, order, MAIN, MAIN, cap)
        share, metres = foot(grid.parts, entry, lon, lat, east, north)
        return entry, share, metres, 2, NOT_MAIN | (ACROSS_WATER if main >= 0 else 0)
    entry = _first_of_kinds(grid, kinds, ranks, found, away, order, MAIN, RAISED, cap)
    if entry < 0:
        entry = _first_of_kinds(grid, kinds, ranks, found, away, order, CUT_OFF, CUT_OFF_AND_RAISED, cap)
    if entry < 0:
        return entry, 0.0, np.nan, UNCONNECTED, 0
    share, metres = foot(grid.parts, entry, lon, lat, east, north)
    wet = is_wet(grid.parts, water, entry, share, lon, lat, east, north)
    return entry, share, metres, 3, reason_of(kinds[grid.pieces[entry]], wet)


@compiled
def _first_of_kinds(grid, kinds, ranks, found, away, order, one, other, cap):  # type: ignore[no-untyped-def]
    """The nearest candidate of two kinds, whatever lies between."""
    best, bar = np.int64(-1), np.inf
    for i in order:
        k = found[i]
        p = grid.pieces[k]
        if away[i] > bar:
            break
        if kinds[p] != one and kinds[p] != other:
            continue
        if best < 0:
            if math.sqrt(away[i]) > cap:
                break
            best, bar = k, tied_up_to(math.sqrt(away[i]))
        elif ranks[p] < ranks[grid.pieces[best]]:
            best = k
    return best


@compiled
def reason_of(kind, wet):  # type: ignore[no-untyped-def]
    """Why an edge of a kind is not of the first class."""
    reason = NOT_MAIN if kind in (CUT_OFF, CUT_OFF_AND_RAISED) else 0
    reason |= OTHER_LEVEL if kind in (RAISED, CUT_OFF_AND_RAISED) else 0
    return reason | (ACROSS_WATER if wet else 0)


@compiled
def dry_class(kind):  # type: ignore[no-untyped-def]
    """Class of a snap to a kind of piece with no water between."""
    return 1 if kind == MAIN else 2 if kind == CUT_OFF else 3
