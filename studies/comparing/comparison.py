"""What a comparison of two runs holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from ...analyses.comparison import UnitChange


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two runs beside each other.

    Attributes
    ----------
    before, after : str
        What the runs are called.
    shares : DataFrame
        `analyses.comparison.SHARES`, of the goals both have.
    targets : mapping of goal id to (before, after)
        The shares that each of them should reach, None where a goal has no target.
    units : mapping of goal id to UnitChange
        Of the goals that both answer by travel times.
    groups : DataFrame
        `goal` and `analyses.comparison.GROUPS`.
    facilities : GeoDataFrame
        As `facility_changes` returns them.
    owed : DataFrame
        `goal` and what `attribute` returns.
    causes : DataFrame or None
        As `causes.Causes` has them; None where an input of either run is gone or has changed, or nothing was asked.
    not_again : sequence of str
        Those inputs.
    out : Path
    """

    before: str
    after: str
    shares: pd.DataFrame
    targets: Mapping[str, tuple[float | None, float | None]]
    units: Mapping[str, UnitChange]
    groups: pd.DataFrame
    facilities: gpd.GeoDataFrame
    owed: pd.DataFrame
    causes: pd.DataFrame | None
    not_again: Sequence[str]
    out: Path
