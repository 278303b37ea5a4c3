"""The files of a comparison: tables for spreadsheets, and what changed on the ground for GIS."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from ..maps.exports.csv import defuse

if TYPE_CHECKING:
    from .compare import Comparison

ATTRIBUTION = "© OpenStreetMap contributors (ODbL)"


def write_comparison(comparison: Comparison, folder: Path) -> None:
    """Write shares, units, facilities, what is owed to them, and causes."""
    tables = {
        "shares": comparison.shares,
        "units": _units(comparison),
        "facilities": pd.DataFrame(comparison.facilities.drop(columns="geometry")),
        "owed": comparison.owed,
    }
    if comparison.causes is not None:
        tables["causes"] = comparison.causes
    for name, table in tables.items():
        texts = table.select_dtypes(["object", "string"]).columns
        safe = table.assign(**{column: defuse(table[column]) for column in texts}, attribution=ATTRIBUTION)
        safe.to_csv(folder / f"{name}.csv", index=False, encoding="utf-8", lineterminator="\n")
    if len(comparison.facilities):
        comparison.facilities.to_file(folder / "facilities.geojson", driver="GeoJSON")


def _units(comparison: Comparison) -> pd.DataFrame:
    """List the units whose coverage changed, of all goals."""
    parts = []
    for goal, change in comparison.units.items():
        table = change.table
        changed = table[table["covered_before"] != table["covered_after"]]
        parts.append(changed.assign(goal=goal, change=changed["covered_after"].map({True: "gained", False: "lost"})))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
