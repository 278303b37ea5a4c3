"""Streets as they are drawn: nodes, ways and the tags that decide who may use them. No mode, no speed, no travel time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from .plain_text import plain
from .shown import Portrait, Shown, counted
from .waters import Waters

STREET_KEYS = (
    "highway", "route", "name", "access", "foot", "bicycle", "vehicle", "motor_vehicle", "motorcar", "oneway",
    "oneway:foot", "foot:oneway", "oneway:bicycle", "cycleway", "cycleway:left", "cycleway:right", "cycleway:both", "junction",
    "maxspeed", "maxspeed:forward", "maxspeed:backward", "motorroad", "expressway", "sidewalk", "conveying", "ramp",
    "ramp:wheelchair", "level", "man_made", "railway", "winter_road", "ice_road", "area", "duration", "interval", "bridge",
    "tunnel", "layer", "incline", "surface", "tracktype", "wheelchair", "sac_scale", "service", "seasonal",
    "access:conditional", "foot:conditional", "bicycle:conditional", "vehicle:conditional", "motor_vehicle:conditional",
    "motorcar:conditional", "oneway:conditional", "maxspeed:conditional",
)  # fmt: skip
POINT_KEYS = ("barrier", "highway", "access", "vehicle", "motor_vehicle", "motorcar")  # of nodes, that matter to who passes them
WALKED = {"man_made": "pier", "railway": "platform"}  # ways that are walked without being a highway


def _no_points() -> pd.DataFrame:
    return pd.DataFrame(index=pd.RangeIndex(0))


class Turns(NamedTuple):
    """Turn restrictions for cars, one row each.

    Attributes
    ----------
    from_way, via_node, to_way : (t,) int64
        OSM ids.
    only : (t,) bool
        Whether nothing but this turn may be made from there; else this one may not.
    """

    from_way: NDArray[np.int64]
    via_node: NDArray[np.int64]
    to_way: NDArray[np.int64]
    only: NDArray[np.bool_]


def no_turns() -> Turns:
    """Return no turn restrictions at all."""
    nothing = np.empty(0, np.int64)
    return Turns(nothing, nothing, nothing, np.empty(0, bool))


@dataclass(frozen=True, kw_only=True)
class Squares:
    """Areas drawn as relations that may be walked across; those drawn as one closed way stand among the ways.

    Attributes
    ----------
    ids : (q,) int64
        OSM ids of the relations.
    tags : DataFrame, one row per square
        Categorical columns like those of the streets.
    ring_square : (r,) int32
        The square of each ring, ascending.
    ring_inner : (r,) bool
        Whether it bounds a hole.
    ring_starts : (r + 1,) int64
        Ring `i` runs through `ring_nodes[ring_starts[i]:ring_starts[i + 1]]`, its first node again at its end.
    ring_nodes : (m,) int32
        Rows into the node arrays, -1 where no street passes.
    ring_lon, ring_lat : (m,) float64
        EPSG:4326.
    member_square : (k,) int32
    member_way : (k,) int64
        OSM ids of the ways that each square is made of.
    stub_nodes : (d,) int32
        Single nodes on streets that are all the extract holds of other ways: where these met a square it has a door.
    stub_ways : (d,) int64
        OSM ids of those ways.
    stub_tags : DataFrame, one row per stub
    """

    ids: NDArray[np.int64]
    tags: pd.DataFrame
    ring_square: NDArray[np.int32]
    ring_inner: NDArray[np.bool_]
    ring_starts: NDArray[np.int64]
    ring_nodes: NDArray[np.int32]
    ring_lon: NDArray[np.float64]
    ring_lat: NDArray[np.float64]
    member_square: NDArray[np.int32]
    member_way: NDArray[np.int64]
    stub_nodes: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))
    stub_ways: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    stub_tags: pd.DataFrame = field(default_factory=_no_points)


def no_squares() -> Squares:
    """Return no squares at all."""
    rows, ids = np.empty(0, np.int32), np.empty(0, np.int64)
    return Squares(
        ids=ids,
        tags=_no_points(),
        ring_square=rows,
        ring_inner=np.empty(0, bool),
        ring_starts=np.zeros(1, np.int64),
        ring_nodes=rows,
        ring_lon=np.empty(0),
        ring_lat=np.empty(0),
        member_square=rows,
        member_way=ids,
    )


@dataclass(frozen=True, kw_only=True, repr=False)
class Streets(Shown):
    """All streets and ferries of one or several extracts; every component is kept.

    Attributes
    ----------
    node_ids : (n,) int64
        OSM ids, ascending; nodes of corrections (`overrides`) stand behind them with negative ids.
    lon, lat : (n,) float64
        EPSG:4326.
    way_ids : (w,) int64
        OSM ids; a way broken by nodes missing from the extract stands once per unbroken piece.
    way_starts : (w + 1,) int64
        Way `i` runs through `way_nodes[way_starts[i]:way_starts[i + 1]]`.
    way_nodes : (m,) int32
        Rows into the node arrays.
    tags : DataFrame, one row per way
        Categorical columns named after OSM keys, of those in STREET_KEYS; missing where a way lacks the key.
    point_nodes : (k,) int32
        Rows of the nodes that carry `point_tags`: barriers and traffic signals.
    point_tags : DataFrame, one row per such node
        Categorical columns like `tags`, of the keys in POINT_KEYS.
    turns : Turns
    waters : Waters
        What nobody walks across on the way to a street.
    outlines : (o,) int32
        Rows of the ways that are streets only as outlines of squares, with the tags of these; for walkers alone.
    squares : Squares
    """

    node_ids: NDArray[np.int64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    way_ids: NDArray[np.int64]
    way_starts: NDArray[np.int64]
    way_nodes: NDArray[np.int32]
    tags: pd.DataFrame
    point_nodes: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))
    point_tags: pd.DataFrame = field(default_factory=_no_points)
    turns: Turns = field(default_factory=no_turns)
    waters: Waters = field(default_factory=Waters.none)
    outlines: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))
    squares: Squares = field(default_factory=no_squares)

    def portrait(self) -> Portrait:
        """Say how many streets there are, and where."""
        ferries = int(self.is_ferry.sum())
        figures = {"street": len(self.way_ids) - ferries, "ferry line": ferries, "node": len(self.lon)}
        rows = [(f"{name}s", f"{number:,}") for name, number in figures.items()]
        for axis, degrees in (("longitudes", self.lon), ("latitudes", self.lat)) if len(self.lon) else ():
            rows.append((axis, f"{degrees.min():.4f} to {degrees.max():.4f}"))
        return Portrait([counted(number, name) for name, number in figures.items()], columns=("", "of the extract"), rows=rows)

    def tag(self, key: str) -> pd.Series:
        """Return one tag of every way; all missing where no way carries the key."""
        return tag_of(self.tags, key)

    def has(self, key: str, *values: str) -> NDArray[np.bool_]:
        """Say for every way whether `key` holds one of `values`."""
        return self.tag(key).isin(values).to_numpy()

    @property
    def is_ferry(self) -> NDArray[np.bool_]:
        """Which ways are ferry lines."""
        return self.has("route", "ferry")


def tag_of(tags: pd.DataFrame, key: str) -> pd.Series:
    """Return one column of a table of tags; all missing where no element carries the key."""
    if key in tags:
        return tags[key]
    return pd.Series(pd.Categorical.from_codes(np.full(len(tags), -1), categories=pd.Index([], dtype=str)))


def street_lines(streets: Streets) -> gpd.GeoDataFrame:
    """Draw every street that has a `highway` tag.

    Returns
    -------
    GeoDataFrame
        `highway`, `name` (null if none), `geometry` (lines, EPSG:4326).
    """
    drawn = np.flatnonzero(streets.tag("highway").notna().to_numpy())
    lengths = np.diff(streets.way_starts)[drawn]
    nodes = np.concatenate([streets.way_nodes[a:b] for a, b in zip(*_spans(streets, drawn), strict=True)])
    xy = np.column_stack((streets.lon[nodes], streets.lat[nodes]))
    lines = shapely.linestrings(xy, indices=np.repeat(np.arange(len(drawn)), lengths))
    shown = {key: streets.tag(key).map(plain, na_action="ignore") for key in ("highway", "name")}
    columns = {key: texts.astype("str").to_numpy()[drawn] for key, texts in shown.items()}
    return gpd.GeoDataFrame(columns, geometry=lines, crs="EPSG:4326")


def _spans(streets: Streets, ways: NDArray[np.int64]) -> tuple[list[int], list[int]]:
    return streets.way_starts[ways].tolist(), streets.way_starts[ways + 1].tolist()
