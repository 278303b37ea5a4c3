"""Tiling: polygons cover an area once, with nothing left out and nothing covered twice."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from .rows import overall_row, people_of, stacked, unit_rows, verdicts

Shapes = NDArray[np.object_]


def tiling(
    units: pd.DataFrame,
    areas: Shapes,
    tiles: Shapes,
    *,
    target: float = 1.0,
    tolerance: float = 0.001,
) -> pd.DataFrame:
    """Judge whether tiles cover every unit once.

    Parameters
    ----------
    units : DataFrame
        `rows.UNIT_COLUMNS`.
    areas : (n,) array of polygons
        The units' ground, in an equal-area CRS in metres.
    tiles : (m,) array of polygons
        In the same CRS.
    target : float
        Share of the area (0-1) that must be covered.
    tolerance : float
        Share of the area that may be missing, or covered twice, before it counts: borders drawn twice never meet exactly.

    Returns
    -------
    DataFrame
        `rows.COLUMNS`: value = share of the area covered; `details` holds `uncovered` and `doubly` as shares. Not met where
        more than the tolerance is covered twice.
    """
    size = shapely.area(areas)
    covered, twice = _covered(areas, tiles)
    measured = [_row_of(*figures, target, tolerance) for figures in zip(size, covered, twice, strict=True)]
    columns = {key: [row[key] for row in measured] for key in measured[0]} if measured else {}
    counts = _tiles_per_unit(areas, tiles)
    whole = _row_of(float(size.sum()), float(covered.sum()), float(twice.sum()), target, tolerance)
    together = overall_row(people_of(units), facilities=len(tiles), **whole)
    return stacked([together, unit_rows(units, **columns, facilities=counts)])


def _covered(areas: Shapes, tiles: Shapes) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Square metres of each area that are covered at all, and covered more than once."""
    covered, sums = np.zeros(len(areas)), np.zeros(len(areas))
    tree = shapely.STRtree(tiles)
    for at, area in enumerate(areas):
        parts = shapely.intersection(tiles[tree.query(area, predicate="intersects")], area)
        covered[at] = shapely.area(shapely.union_all(parts))
        sums[at] = shapely.area(parts).sum()
    return covered, sums - covered


def _tiles_per_unit(areas: Shapes, tiles: Shapes) -> NDArray[np.int64]:
    """Count the tiles whose inner point lies in each area."""
    asked, _ = shapely.STRtree(shapely.point_on_surface(tiles)).query(areas, predicate="intersects")
    return np.bincount(asked, minlength=len(areas))


def _row_of(size: float, covered: float, twice: float, target: float, tolerance: float) -> dict[str, object]:
    if size <= 0:
        return {"figure": "share_of_area", "value": None, "target": target, "met": None, "reason": "no_area", "details": None}
    share = min(covered / size, 1.0)
    complete = verdicts([share + tolerance], [share + tolerance], minimum=target)[0]
    doubly = max(twice, 0.0) / size
    return {
        "figure": "share_of_area",
        "value": share,
        "target": target,
        "met": bool(complete) and doubly <= tolerance,
        "reason": "covered_twice" if doubly > tolerance else None,
        "details": {"uncovered": 1 - share, "doubly": doubly},
    }
