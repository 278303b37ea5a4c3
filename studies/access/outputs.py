"""What access measures leave in their folder: tables for analysts, and a dictionary of their columns in Chinese and English."""

from __future__ import annotations

import re
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from ...analyses.access.measures import COLUMNS
from ...analyses.access.zones import MEDIAN
from ...layers.units import unit_points
from ...maps.exports.columns import Meaning, meaning
from ..folder.draft import FolderDraft
from ..folder.record import Record
from ..folder.result_files import ResultFiles
from ..speech.messages import LANGUAGES, Say, speaker

OF_GOAL: Final = re.compile(r"(?P<goal>[^.]+)\.(?P<minutes>.+)min\.(?P<measure>[^.]+)")  # as `column_name` makes them
DICTIONARY: Final = "access-columns.csv"  # the folder may be a run's, which has a columns.csv of its own


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
    files = ResultFiles(draft, record.sources)
    with record.stage(draft.say("stage.files")):
        files.geoparquet("access.parquet", units)
        files.csv("access.csv", pd.DataFrame(units.drop(columns="geometry")).assign(lon=lon, lat=lat))
        files.csv("access-zones.csv", zones)
        files.csv("access-facilities.csv", facilities)
        files.dictionary(DICTIONARY, describe)
    return draft.write_record(record.as_dict())


def describe(file: str, name: str) -> Meaning:
    """Say what a column holds: what `columns.meaning` says, or a measure, its goal and limit or how a zone's is averaged."""
    of_goal = OF_GOAL.fullmatch(name)
    measure = of_goal["measure"] if of_goal else name.removesuffix(MEDIAN)
    if measure not in COLUMNS or (file, name) == ("access-facilities.csv", "capacity"):
        return meaning(file, name)
    said = [_measure(name, of_goal, speaker(language)) for language in LANGUAGES]
    return Meaning(COLUMNS[measure].unit, *said)


def _measure(name: str, of_goal: re.Match[str] | None, say: Say) -> str:
    if of_goal:
        return say("access.of_goal", column=title(of_goal["measure"], say), goal=of_goal["goal"], minutes=of_goal["minutes"])
    if name in COLUMNS:
        return title(name, say) + say(f"access.mean.{COLUMNS[name].mean}")
    return title(name.removesuffix(MEDIAN), say) + say("access.median")


def title(column: str, say: Say) -> str:
    """Name a measure's column with its unit."""
    return say(f"access.measure.{column}") + say("access.unit", unit=say(f"access.unit.{COLUMNS[column].unit}"))
