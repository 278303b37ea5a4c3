"""The files of a comparison: tables for spreadsheets, and what changed on the ground for GIS."""

from __future__ import annotations

from typing import Final

import pandas as pd

from ..folder.result_files import ResultFiles
from .comparison import Comparison

MAP: Final = "map.html"
PLACES: Final = "facilities.geojson"
UNITS: Final = (
    "goal", "id", "change", "people_before", "people_after", "minutes_before", "minutes_after", "facility_before",
    "facility_after",
)  # fmt: skip


def write_comparison(comparison: Comparison, files: ResultFiles) -> None:
    """Write shares, units, groups, facilities, what is owed to them, and causes."""
    tables = {
        "shares": comparison.shares,
        "units": _units(comparison),
        "groups": comparison.groups,
        "facilities": pd.DataFrame(comparison.facilities.drop(columns="geometry")),
        "owed": comparison.owed,
        "causes": comparison.causes,
    }
    for name, table in tables.items():
        if table is not None:
            files.csv(f"{name}.csv", table)
    if len(comparison.facilities):
        files.geojson(PLACES, comparison.facilities)
    files.dictionary()


def _units(comparison: Comparison) -> pd.DataFrame:
    """List the units whose coverage changed, of all goals."""
    parts = []
    for goal, change in comparison.units.items():
        table = change.table
        changed = table[table["covered_before"] != table["covered_after"]]
        parts.append(changed.assign(goal=goal, change=changed["covered_after"].map({True: "gained", False: "lost"})))
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    return table.reindex(columns=list(UNITS))
