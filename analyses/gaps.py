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

from .scorecard import GoalTable

REASONS: Final[Mapping[str, str]] = {"beyond": "too_far", "cut-off": "cut_off", "unconnected": "no_street"}
COLUMNS: Final = ("goal", "gap", "people", "facility", "facility_name", "minutes", "minutes_over", "reason", "units", "geometry")
METRES_PER_DEGREE: Final = 111_320.0
OVERLAP: Final = 1.0005  # squares of neighbouring cells must meet although their corners are rounded


def footprints(
    geometry: gpd.GeoSeries, cell_metres: float | None, cell_degrees: tuple[float, float] | None
) -> NDArray[np.object_]:
    """Give every unit an area to draw.

    Parameters
    ----------
    geometry : GeoSeries
        Points or polygons, EPSG:4326.
    cell_metres : float or None
        Edge of the squares that points stand for; None takes the usual distance between neighbours.
    cell_degrees : (float, float) or None
        Width and height of a raster's cells, where the points are their centres.

    Returns
    -------
    (n,) array of polygons
        Polygons as they are; points as squares (raster cells, lattices) or discs (scattered points).
    """
    shapes = geometry.to_numpy()
    points = shapely.get_type_id(shapes) == 0
    if not points.any():
        return np.asarray(shapes, dtype=object)
    x, y = shapely.get_x(shapes[points]), shapely.get_y(shapes[points])
    stretch = np.cos(np.radians(y))
    if cell_degrees is not None:
        half_x, half_y = np.full(len(x), cell_degrees[0] / 2), np.full(len(x), cell_degrees[1] / 2)
    else:
        half_y = np.full(len(x), (cell_metres or _neighbour_metres(x, y)) / 2 / METRES_PER_DEGREE)
        half_x = half_y / stretch
    areas = np.asarray(shapes, dtype=object).copy()
    half_x, half_y = half_x * OVERLAP, half_y * OVERLAP
    areas[points] = shapely.box(x - half_x, y - half_y, x + half_x, y + half_y)
    return areas


def _neighbour_metres(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> float:
    """Median distance to the nearest other point; 100 m for a single one."""
    xy = np.column_stack((lon * np.cos(np.radians(lat.mean())), lat)) * METRES_PER_DEGREE
    if len(xy) < 2:
        return 100.0
    tree = shapely.STRtree(shapely.points(xy))
    sample = shapely.points(xy[:: max(1, len(xy) // 2000)])
    _, distances = tree.query_nearest(sample, exclusive=True, return_distance=True, all_matches=False)
    return float(np.clip(np.median(distances), 10.0, 2000.0))


def gap_areas(
    table: GoalTable, areas: NDArray[np.object_], facility: pd.Series, facility_names: Mapping[str, str | None]
) -> gpd.GeoDataFrame:
    """Join uncovered neighbours with the same reason into gaps.

    Parameters
    ----------
    table : GoalTable
    areas : (n,) array of polygons
        From `footprints`; units whose areas touch are neighbours.
    facility : Series (n,)
        Id of the nearest facility, null if none is reached.
    facility_names : mapping of facility id to name or None

    Returns
    -------
    GeoDataFrame
        COLUMNS, most people first; EPSG:4326.
    """
    parts = [_gaps_of(table, areas, facility, status) for status in REASONS]
    gaps = pd.concat([part for part in parts if len(part)], ignore_index=True) if any(len(part) for part in parts) else parts[0]
    gaps = gaps.sort_values("people", ascending=False, kind="stable", ignore_index=True)
    gaps["goal"], gaps["gap"] = table.goal.id, np.arange(1, len(gaps) + 1)
    gaps["facility_name"] = gaps["facility"].map(dict(facility_names)).astype("str")
    gaps["minutes_over"] = gaps["minutes"] - table.goal.minutes
    return gpd.GeoDataFrame(gaps[list(COLUMNS)], geometry="geometry", crs="EPSG:4326")


def _gaps_of(table: GoalTable, areas: NDArray[np.object_], facility: pd.Series, status: str) -> pd.DataFrame:
    at = np.flatnonzero((table.status == status) & (table.counted > 0))
    label = _touching(areas[at])
    frame = pd.DataFrame(
        {
            "label": label,
            "people": table.counted[at],
            "weighted": table.counted[at] * table.minutes[at],
            "facility": facility.iloc[at].to_numpy(),
        }
    )
    grouped = frame.groupby("label", sort=True)
    people = grouped["people"].sum()
    order = np.argsort(label, kind="stable")
    cuts = np.flatnonzero(np.diff(label[order])) + 1
    return pd.DataFrame(
        {
            "people": people.to_numpy(),
            "facility": _most_people(frame),
            "minutes": (grouped["weighted"].sum(min_count=1) / people).to_numpy(),
            "reason": REASONS[status],
            "units": grouped.size().to_numpy(),
            "geometry": [shapely.union_all(group) for group in np.split(areas[at][order], cuts) if len(group)],
        }
    ).astype({"facility": "str", "people": float, "minutes": float})


def _touching(areas: NDArray[np.object_]) -> NDArray[np.int64]:
    """Number the groups of areas that touch, in order of first appearance."""
    first, second = shapely.STRtree(areas).query(areas, predicate="intersects")
    links = coo_array((np.ones(len(first), np.int8), (first, second)), shape=(len(areas), len(areas)))
    return np.asarray(connected_components(links, directed=False)[1], np.int64)


def _most_people(frame: pd.DataFrame) -> list[str | None]:
    """The facility that most people of each group have as their nearest."""
    sums = frame.dropna(subset="facility").groupby(["label", "facility"], sort=True)["people"].sum().reset_index()
    best = sums.sort_values("people", ascending=False, kind="stable").drop_duplicates("label").set_index("label")["facility"]
    return [best.get(label) for label in range(frame["label"].max() + 1)] if len(frame) else []
