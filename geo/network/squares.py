"""Squares: straight ways across walkable areas, between any two of their doors (travel model 2, section 3)."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ..lengths import metres_per_degree
from ..modes import TravelMode, Traversal, traversal
from ..streets import Streets, no_squares, tag_of

MOST_DOORS = 60  # of one square: the first in the order of its rings
TOLERANCE_METRES = 0.1  # straight ways may leave a square by so much
LEAST_NODES = 4  # of a ring, its first one again at its end

Ints = NDArray[np.int64]
Rows = NDArray[np.int32]
Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]


class _Rings(NamedTuple):
    """Outlines of all squares: first those of ways, then those of relations.

    Attributes
    ----------
    ring_square : (r,) int
        The square of each ring, ascending.
    ring_inner : (r,) bool
        Whether it bounds a hole.
    ring, node, lon, lat : (m,)
        Ring, row of the street node (-1: none) and place of each point.
    member_square, member_way : (k,) int
        Which ways each square is made of.
    """

    ring_square: Ints
    ring_inner: Flags
    ring: Ints
    node: Rows
    lon: Floats
    lat: Floats
    member_square: Ints
    member_way: Ints


def straight_ways(streets: Streets, mode: TravelMode, use: Traversal) -> tuple[Streets, Traversal]:
    """Return the straight ways across squares as streets of two nodes each, with their use.

    Parameters
    ----------
    streets : Streets
    mode : TravelMode
        Others than walkers have none.
    use : Traversal
        Of the streets by this mode.
    """
    drawn = _drawn_as_ways(streets, use)
    squares = _all_squares(streets, drawn)
    own = traversal(squares, mode)
    ends, square = np.empty((0, 2), np.int32), np.empty(0, np.int64)
    if mode.kind == "walk" and len(squares.way_ids):
        rings = _rings(streets, drawn)
        ends, square = _pairs(*_doors(streets, mode, use, rings, own.forward | own.backward))
        inside = _inside(streets, rings, ends, square) if len(ends) else np.empty(0, bool)
        ends, square = ends[inside], square[inside]
    lines = replace(
        squares,
        way_ids=squares.way_ids[square],
        way_starts=2 * np.arange(len(square) + 1, dtype=np.int64),
        way_nodes=ends.ravel().astype(np.int32),
        tags=squares.tags.iloc[square].reset_index(drop=True),
    )
    flat = mode.speed_kmh or np.nan  # across a lift as well: its time is that of going up
    return lines, Traversal(
        forward=own.forward[square],
        backward=own.backward[square],
        kmh=np.where(np.isnan(own.kmh), flat, own.kmh)[square],
        backward_kmh=np.where(np.isnan(own.backward_kmh), flat, own.backward_kmh)[square],
        seconds=np.full(len(square), np.nan),
        imputed=own.imputed[square],
        ends_only=own.ends_only[square],
    )


def _drawn_as_ways(streets: Streets, use: Traversal) -> Ints:
    """Rows of the open ways that are areas and whole: their ring closes."""
    first, last = streets.way_nodes[streets.way_starts[:-1]], streets.way_nodes[streets.way_starts[1:] - 1]
    area = streets.has("area", "yes") & (first == last) & (np.diff(streets.way_starts) >= LEAST_NODES)
    area[streets.outlines] = False
    return np.flatnonzero(area & (use.forward | use.backward) & ~streets.is_ferry)


def _all_squares(streets: Streets, drawn: Ints) -> Streets:
    """Return ids and tags of all squares, those drawn as ways first, as streets without nodes."""
    relations = streets.squares
    tags = [streets.tags.iloc[drawn], relations.tags]
    keys = dict.fromkeys(key for table in tags for key in table.columns.astype(str))
    texts = {key: np.concatenate([tag_of(table, key).astype(object).to_numpy() for table in tags]) for key in keys}
    columns = {key: pd.Categorical(values) for key, values in texts.items()}
    ids = np.concatenate((streets.way_ids[drawn], relations.ids))
    return _without_nodes(streets, ids, pd.DataFrame(columns, index=pd.RangeIndex(len(ids))))


def _without_nodes(streets: Streets, ids: Ints, tags: pd.DataFrame) -> Streets:
    """Return ways by their tags alone, for the rules to look at."""
    return replace(
        streets,
        way_ids=ids,
        way_starts=np.zeros(len(ids) + 1, np.int64),
        way_nodes=np.empty(0, np.int32),
        tags=tags,
        outlines=np.empty(0, np.int32),
        squares=no_squares(),
    )


def _rings(streets: Streets, drawn: Ints) -> _Rings:
    relations, count = streets.squares, len(drawn)
    lengths = np.concatenate((np.diff(streets.way_starts)[drawn], np.diff(relations.ring_starts)))
    square = np.concatenate((np.arange(count), relations.ring_square.astype(np.int64) + count))
    own = _spans(streets.way_starts[drawn], np.diff(streets.way_starts)[drawn])
    node = streets.way_nodes[own]
    return _Rings(
        ring_square=square,
        ring_inner=np.concatenate((np.zeros(count, bool), relations.ring_inner)),
        ring=np.repeat(np.arange(len(lengths)), lengths),
        node=np.concatenate((node, relations.ring_nodes)),
        lon=np.concatenate((streets.lon[node], relations.ring_lon)),
        lat=np.concatenate((streets.lat[node], relations.ring_lat)),
        member_square=np.concatenate((np.arange(count), relations.member_square.astype(np.int64) + count)),
        member_way=np.concatenate((streets.way_ids[drawn], relations.member_way)),
    )


def _spans(starts: Ints, lengths: Ints) -> Ints:
    """Numbers from each start on, as many as each length says."""
    first = np.repeat(starts - np.concatenate(([0], np.cumsum(lengths)))[:-1], lengths)
    return first + np.arange(len(first))


def _doors(streets: Streets, mode: TravelMode, use: Traversal, rings: _Rings, open_: Flags) -> tuple[Ints, Rows]:
    """Square and node of each door, in the order of the squares and their rings, the first of each square only."""
    square = rings.ring_square[rings.ring]
    at = np.flatnonzero((rings.node >= 0) & open_[square])
    keys = square[at] * len(streets.node_ids) + rings.node[at]
    _, first = np.unique(keys, return_index=True)
    at = at[np.sort(first)]  # each node of an outline once
    at = at[_meets_another(_passing(streets, mode, use, rings.node[at]), rings, square[at], rings.node[at])]
    at = at[np.argsort(square[at], kind="stable")]
    number = np.arange(len(at)) - np.searchsorted(square[at], square[at])
    at = at[number < MOST_DOORS]
    return square[at], rings.node[at]


def _meets_another(passing: tuple[Rows, Ints], rings: _Rings, square: Ints, node: Rows) -> Flags:
    """Tell where a way passes that the square is not made of; `passing` are nodes, ascending, and ways."""
    passed, by = passing
    low, high = (np.searchsorted(passed, node, side=side) for side in ("left", "right"))
    row = np.repeat(np.arange(len(node)), high - low)
    numbers, codes = np.unique(np.concatenate((by, rings.member_way)), return_inverse=True)
    own = rings.member_square * len(numbers) + codes[len(by) :]
    other = ~np.isin(square[row] * len(numbers) + codes[_spans(low, high - low)], own)
    meets = np.zeros(len(node), bool)
    meets[row[other]] = True
    return meets


def _passing(streets: Streets, mode: TravelMode, use: Traversal, nodes: Rows) -> tuple[Rows, Ints]:
    """Return which walkable ways pass some nodes: nodes, ascending, and the ids of ways; those cut off beyond included."""
    stubs = streets.squares
    use_of_stubs = traversal(_without_nodes(streets, stubs.stub_ways, stubs.stub_tags), mode)
    walked = (use.forward | use.backward) & ~streets.is_ferry
    wanted = np.zeros(len(streets.node_ids), bool)
    wanted[nodes] = True
    way = np.repeat(np.arange(len(walked)), np.diff(streets.way_starts))
    at = np.flatnonzero(wanted[streets.way_nodes] & walked[way])
    ended = np.flatnonzero(use_of_stubs.forward | use_of_stubs.backward)
    passed = np.concatenate((streets.way_nodes[at], stubs.stub_nodes[ended]))
    order = np.argsort(passed, kind="stable")
    return passed[order], np.concatenate((streets.way_ids[way[at]], stubs.stub_ways[ended]))[order]


def _pairs(square: Ints, door: Rows) -> tuple[Rows, Ints]:
    """Any two doors of each square, in the order of its doors."""
    squares, first, count = np.unique(square, return_index=True, return_counts=True)
    ends, owner = [np.empty((0, 2), np.int64)], [np.empty(0, np.int64)]
    for doors in np.unique(count[count > 1]).tolist():
        chosen = np.flatnonzero(count == doors)
        both = np.column_stack(np.triu_indices(doors, 1))
        ends.append((first[chosen][:, None, None] + both).reshape(-1, 2))
        owner.append(np.repeat(squares[chosen], len(both)))
    whose = np.concatenate(owner)
    order = np.argsort(whose, kind="stable")
    return door[np.concatenate(ends)[order]], whose[order]


def _inside(streets: Streets, rings: _Rings, ends: Rows, square: Ints) -> Flags:
    """Tell which straight lines lie inside their squares."""
    chosen, row = np.unique(square, return_inverse=True)
    areas = _areas(rings, chosen)
    scale = np.ones((len(chosen), 2))
    there = ~shapely.is_empty(areas)
    scale[there] = [metres_per_degree(lat) for lat in shapely.get_y(shapely.centroid(areas[there])).tolist()]
    wider = shapely.buffer(_scaled(areas, scale), TOLERANCE_METRES, quad_segs=16)
    shapely.prepare(wider)
    xy = np.stack((streets.lon[ends], streets.lat[ends]), axis=-1) * scale[row][:, None, :]
    inside: Flags = shapely.covers(wider[row], shapely.linestrings(xy)) & there[row]
    return inside


def _areas(rings: _Rings, squares: Ints) -> NDArray[np.object_]:
    """Outer rings less the inner ones, in degrees."""
    wanted = np.flatnonzero(np.isin(rings.ring_square, squares))
    at = np.isin(rings.ring, wanted)
    xy = np.column_stack((rings.lon[at], rings.lat[at]))
    drawn = shapely.linearrings(xy, indices=np.searchsorted(wanted, rings.ring[at]))
    discs = shapely.make_valid(shapely.polygons(drawn))
    owner, inner = np.searchsorted(squares, rings.ring_square[wanted]), rings.ring_inner[wanted]
    areas = np.empty(len(squares), object)
    alone = (np.bincount(owner, minlength=len(squares)) == 1) & (np.bincount(owner[inner], minlength=len(squares)) == 0)
    areas[owner[alone[owner]]] = discs[alone[owner]]
    for number in np.flatnonzero(~alone).tolist():
        mine = owner == number
        areas[number] = shapely.difference(shapely.union_all(discs[mine & ~inner]), shapely.union_all(discs[mine & inner]))
    return areas


def _scaled(areas: NDArray[np.object_], scale: NDArray[np.float64]) -> NDArray[np.object_]:
    xy, row = shapely.get_coordinates(areas, return_index=True)
    scaled: NDArray[np.object_] = shapely.set_coordinates(areas.copy(), xy * scale[row])
    return scaled
