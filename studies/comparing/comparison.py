"""What a comparison of two runs holds."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from ...analyses.comparison import UnitChange
from ...geo.shown import Portrait, Shown, counted, whole
from ...maps.percent import percent


@dataclass(frozen=True, kw_only=True, repr=False)
class Comparison(Shown):
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

    def portrait(self) -> Portrait:
        """Say what became of each goal, for everyone."""
        everyone = self.shares.loc[self.shares["level"] == "all"]
        moved = (
            counted(sum(getattr(change, what) for change in self.units.values()), f"person {what}", f"people {what}")
            for what in ("gained", "lost")
        )
        return Portrait(
            [counted(len(everyone), "goal"), *moved],
            name=f"{self.before} -> {self.after}",
            out=self.out,
            columns=("goal", "covered before", "covered after", "share before", "share after"),
            rows=[*map(self._row, everyone.to_dict("records"))],
        )

    def _row(self, row: Mapping[Hashable, Any]) -> tuple[str, ...]:
        people = (row[f"covered_{when}"] for when in ("before", "after"))
        targets = self.targets.get(row["goal"], (None, None))
        shares = (percent(row[f"share_{when}"], aim) for when, aim in zip(("before", "after"), targets, strict=True))
        return str(row["goal"]), *map(whole, people), *shares
