"""Gaps: connected areas of uncovered people with one reason each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ..layers.footprints import Footprints, outlines
from .scorecard import GoalTable

REASONS: Final[Mapping[str, str]] = {"beyond": "too_far", "cut-off": "cut_off", "unconnected": "no_street"}
COLUMNS: Final = ("goal", "gap", "people", "facility", "facility_name", "minutes", "minutes_over", "reason", "units", "geometry")
NEAR_DEGREES: Final = 1e-7  # a centimetre: corners this close to a straight line are none

Ints = NDArray[np.int64]


def gap_areas(
    table: GoalTable, prints: Footprints, facility: pd.Series, facility_names: Mapping[str, str | None]
) -> gpd.GeoDataFrame:
    """Join uncovered neighbours with the same reason into gaps.

    Parameters
    ----------
    table : GoalTable
    prints : Footprints
        The ground of the n units; those that touch, at a corner or more, are neighbours.
    facility : Series (n,)
        Id of the nearest facility, null if none is reached.
    facility_names : mapping of facility id to name or None

    Returns
    -------
    GeoDataFrame
        COLUMNS, most people first; EPSG:4326.
    """
    parts = [_gaps_of(table, prints, facility, status) for status in REASONS]
    gaps = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    gaps = gaps.sort_values("people", ascending=False, kind="stable", ignore_index=True)
    gaps["goal"], gaps["gap"] = table.goal.id, np.arange(1, len(gaps) + 1)
    gaps["facility_name"] = gaps["facility"].map(dict(facility_names)).astype("str")
    gaps["minutes_over"] = gaps["minutes"] - table.goal.minutes
    return gpd.GeoDataFrame(gaps[list(COLUMNS)], geometry="geometry", crs="EPSG:4326")


def _gaps_of(table: GoalTable, prints: Footprints, facility: pd.Series, status: str) -> pd.DataFrame:
    at = np.flatnonzero((table.status == status) & (table.counted > 0))
    areas = outlines(prints, at)
    label = _touching_areas(areas) if prints.grid is None else _touching_cells(prints.grid.rows[at], prints.grid.columns[at])
    people, minutes = table.counted[at], table.minutes[at]
    frame = pd.DataFrame({"label": label, "people": people, "facility": facility.iloc[at].to_numpy()})
    grouped = frame.assign(weighted=people * minutes).groupby("label", sort=True)
    total = grouped["people"].sum()
    return pd.DataFrame(
        {
            "people": total.to_numpy(),
            "facility": _most_people(frame),
            "minutes": (grouped["weighted"].sum(min_count=1) / total).to_numpy(),
            "reason": REASONS[status],
            "units": grouped.size().to_numpy(),
            "geometry": _joined(areas, label, share_corners=prints.share_corners),
        }
    ).astype({"facility": "str", "people": float, "minutes": float})


def _touching_areas(areas: NDArray[np.object_]) -> Ints:
    """Number the groups of areas that touch, in order of first appearance."""
    first, second = shapely.STRtree(areas).query(areas, predicate="intersects")
    return _groups(first, second, len(areas))


def _touching_cells(rows: NDArray[np.int32], columns: NDArray[np.int32]) -> Ints:
    """Number the groups of cells that touch along an edge or at a corner.

    Cells are looked up by one number each, so that a few far islands need no raster of the sea between them.
    """
    width = int(columns.max(initial=0)) + 2  # an empty column keeps the end of a row apart from the next one's start
    number = rows.astype(np.int64) * width + columns
    order = np.argsort(number, kind="stable")
    ordered = number[order]
    links = []
    for step in (0, 1, width - 1, width, width + 1):
        found = np.minimum(np.searchsorted(ordered, number + step), len(ordered) - 1)
        hit = np.flatnonzero(ordered[found] == number + step) if len(ordered) else found
        links.append((hit, order[found[hit]]))
    first, second = (np.concatenate(ends) for ends in zip(*links, strict=True))
    return _groups(first, second, len(number))


def _groups(first: Ints, second: Ints, count: int) -> Ints:
    links = coo_array((np.ones(len(first), np.int8), (first, second)), shape=(count, count))
    return np.asarray(connected_components(links, directed=False)[1], np.int64)


def _joined(areas: NDArray[np.object_], label: Ints, *, share_corners: bool) -> list[shapely.Geometry]:
    """Return one area per label, without the corners that lie on a straight line."""
    join = shapely.coverage_union_all if share_corners else shapely.union_all
    order = np.argsort(label, kind="stable")
    groups = np.split(areas[order], np.flatnonzero(np.diff(label[order])) + 1)
    joined = [group[0] if len(group) == 1 else join(group) for group in groups if len(group)]
    return list(shapely.simplify(np.array(joined, dtype=object), NEAR_DEGREES))


def _most_people(frame: pd.DataFrame) -> list[str | None]:
    """The facility that most people of each group have as their nearest."""
    sums = frame.dropna(subset="facility").groupby(["label", "facility"], sort=True)["people"].sum().reset_index()
    best = sums.sort_values("people", ascending=False, kind="stable").drop_duplicates("label").set_index("label")["facility"]
    return [best.get(label) for label in range(frame["label"].max() + 1)] if len(frame) else []
