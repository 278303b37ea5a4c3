"""What access measures leave in their folder: tables for analysts, and a dictionary of their columns in Chinese and English."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd

from ...analyses.access.measures import COLUMNS
from ...analyses.access.zones import MEDIAN
from ...layers.units import unit_points
from ...maps.exports.csv import defuse
from ..messages import LANGUAGES, Say, speaker
from ..record import Record
from ..run import OSM_SOURCE

TEXT_COLUMNS: Final = ("id", "goal", "service", "level", "unit", "name", "facility")
DECIMALS: Final = 6


def column_name(goal: str, minutes: float, column: str) -> str:
    """Name a measure's column in the table of units: goal, limit, measure."""
    return f"{goal}.{minutes:g}min.{column}"


def write_access(
    units: gpd.GeoDataFrame,
    zones: pd.DataFrame,
    facilities: pd.DataFrame,
    record: Record,
    folder: Path,
    say: Say,
) -> None:
    """Write access.parquet, access.csv, access-zones.csv, access-facilities.csv, access-columns.csv and access.json."""
    with record.stage(say("stage.files")):
        units.to_parquet(folder / "access.parquet", index=False, compression="zstd", schema_version="1.1.0")
        lon, lat = unit_points(units.geometry)
        _write_csv(pd.DataFrame(units.drop(columns="geometry")).assign(lon=lon, lat=lat), folder / "access.csv")
        _write_csv(zones, folder / "access-zones.csv")
        _write_csv(facilities, folder / "access-facilities.csv")
        _write_csv(pd.DataFrame(_dictionary(units, zones, facilities)), folder / "access-columns.csv")
    sealed = {**record.as_dict(), "sources": [OSM_SOURCE]}
    (folder / "access.json").write_text(json.dumps(sealed, ensure_ascii=False, indent=2, default=str), encoding="utf-8")


def _write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table for spreadsheets; figures that do not exist are empty."""
    named = {name: defuse(table[name]) for name in map(str, table) if name in TEXT_COLUMNS or name.startswith("zone.")}
    table.assign(**named).round(DECIMALS).to_csv(path, index=False, encoding="utf-8", lineterminator="\n")


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
