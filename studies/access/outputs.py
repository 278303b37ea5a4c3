"""What access measures leave in their folder: tables for analysts, and a dictionary of their columns in Chinese and English."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from ...analyses.access.measures import COLUMNS
from ...analyses.access.zones import MEDIAN
from ...layers.units import unit_points
from ...maps.exports.table import write_csv
from ..draft import FolderDraft
from ..messages import LANGUAGES, Say, speaker
from ..record import Record
from ..run import OSM_SOURCE

DECIMALS: Final = 6


def column_name(goal: str, minutes: float, column: str) -> str:
    """Name a measure's column in the table of units: goal, limit, measure."""
    return f"{goal}.{minutes:g}min.{column}"


def write_access(
    units: gpd.GeoDataFrame, zones: pd.DataFrame, facilities: pd.DataFrame, record: Record, draft: FolderDraft
) -> dict[str, Any]:
    """Write access.parquet, access.csv, access-zones.csv, access-facilities.csv, access-columns.csv and access.json.

    Returns
    -------
    dict
        What access.json holds.
    """
    lon, lat = unit_points(units.geometry)
    tables = {
        "access.csv": pd.DataFrame(units.drop(columns="geometry")).assign(lon=lon, lat=lat),
        "access-zones.csv": zones,
        "access-facilities.csv": facilities,
        "access-columns.csv": pd.DataFrame(_dictionary(units, zones, facilities)),
    }
    with record.stage(draft.say("stage.files")):
        with draft.writing("access.parquet") as file:
            units.to_parquet(file, index=False, compression="zstd", schema_version="1.1.0")
        for name, table in tables.items():
            with draft.writing(name) as file:
                write_csv(table.round(DECIMALS), file)
    return draft.write_record({**record.as_dict(), "sources": [OSM_SOURCE]})


def _dictionary(units: gpd.GeoDataFrame, zones: pd.DataFrame, facilities: pd.DataFrame) -> Iterator[dict[str, str]]:
    """Say of every column of every file what it holds, and whose data it was made from."""
    for file, table in (("access", units), ("access-zones", zones), ("access-facilities", facilities)):
        for name in map(str, table.columns):
            yield {"file": file, "column": name, **{language: describe(name, speaker(language)) for language in LANGUAGES}}
    yield {"file": "", "column": "", **dict.fromkeys(LANGUAGES, OSM_SOURCE)}


def describe(name: str, say: Say) -> str:
    """Say what a column holds, in the language of `say`."""
    own = name.rpartition(".")[2]
    if own in COLUMNS and name != own:
        goal, _, limit = name.rpartition(".")[0].rpartition(".")
        return say("access.of_goal", column=title(own, say), goal=goal, minutes=limit.removesuffix("min"))
    if own in COLUMNS:
        return title(own, say) + say(f"access.mean.{COLUMNS[own].mean}")
    if own.removesuffix(MEDIAN) in COLUMNS:
        return title(own.removesuffix(MEDIAN), say) + say("access.median")
    if name.startswith("zone."):
        return say("access.zone", level=own)
    return say(f"access.column.{name}")


def title(column: str, say: Say) -> str:
    """Name a measure's column with its unit."""
    return say(f"access.measure.{column}") + say("access.unit", unit=say(f"access.unit.{COLUMNS[column].unit}"))
