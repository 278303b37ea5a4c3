"""Read a planner's corrections of the map: one row per closed road, known speed, new road or local ferry."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely

from ..geo.coordinates import to_wgs84
from ..geo.errors import InputError
from ..geo.lengths import ellipsoidal_metres
from ..geo.modes import MODES, TRAITS, Kind, parameters
from ..geo.reading.overrides import ACTIONS, Override, ferry_in_season, mean_headway_seconds
from .columns import as_text, require_column
from .rejects import join_rejects, rejected_rows
from .source import Source, as_source
from .tables import read_rows

ACTION_WORDS: Final = {"封闭": "close", "车速": "speed", "新路": "road", "轮渡": "ferry"}
WGS84: Final = "EPSG:4326"
COLUMNS: Final = (
    "action", "way", "modes", "speed_kmh", "highway", "oneway", "name", "wkt", "duration_minutes", "headway_minutes",
    "sailings", "first_boat", "last_boat", "season",
)  # fmt: skip


class _CellError(InputError):
    """A cell of a row that is no correction."""

    def __init__(self, column: str, template: str, /, **values: Any) -> None:
        super().__init__(template, **values)
        self.column = column


def read_overrides(source: Source | str | Path, *, month: int | None = None) -> tuple[list[tuple[int, Override]], pd.DataFrame]:
    """Read corrections from a CSV or XLSX.

    Parameters
    ----------
    source : Source or path
        Its `crs` is that of the lines; without one they are in longitude and latitude. Columns: `action` (close, speed, road,
        ferry; or 封闭, 车速, 新路, 轮渡), `way` (OSM id, for close and speed), `modes` (walk;bicycle;car, empty for all),
        `speed_kmh`, `wkt` (LINESTRING, for road and ferry), `highway`, `oneway`, `name`, and for ferries `duration_minutes`,
        `headway_minutes` or `sailings` with `first_boat` and `last_boat`, `season` ("4-10").
    month : int, optional
        1-12; ferries out of season are left out. Without it every ferry sails.

    Returns
    -------
    overrides : list of (row, Override)
        Row numbers count from 1 below the header.
    rejected : DataFrame
        Rows that cannot be used, with the reason.

    Raises
    ------
    InputError
        If the file cannot be read, lacks `action`, or has an unknown column.
    """
    placing = as_source(source)
    placing.refuse("x", "y", "id", "name", what="corrections of the map")
    file, read = placing.file.name, read_rows(placing)
    text = _as_text(read.table, file=file)
    good: list[tuple[int, Override]] = []
    bad: list[pd.DataFrame] = [read.rejected]
    for row, cells in text.iterrows():
        values = {str(key): "" if pd.isna(value) else str(value).strip() for key, value in cells.items()}
        try:
            found = _override(values, month, placing.crs or WGS84)
        except _CellError as error:
            cell = values[error.column]
            bad.append(rejected_rows(file=file, rows=[int(row)], column=error.column, values=[cell], reason=error.sentence))  # type: ignore[call-overload]
            continue
        if found is not None:
            good.append((int(row), found))  # type: ignore[call-overload]
    return good, join_rejects(bad)


def _as_text(table: pd.DataFrame, *, file: str) -> pd.DataFrame:
    """Return all COLUMNS as text, null where a table has none."""
    require_column(table, "action", file=file)
    unknown = [str(column) for column in table.columns if column not in COLUMNS]
    if unknown:
        known = ", ".join(COLUMNS)
        raise InputError("{file}: unknown column {unknown!r}; known: {columns}.", file=file, unknown=unknown[0], columns=known)
    return pd.DataFrame({column: as_text(table[column]) if column in table else None for column in COLUMNS}, index=table.index)


def _override(values: dict[str, str], month: int | None, crs: str) -> Override | None:
    """Turn one row into a correction; None for a ferry out of season."""
    action = ACTION_WORDS.get(values["action"], values["action"].lower())
    if action not in ACTIONS:
        raise _CellError("action", "should be one of {actions}", actions=", ".join(ACTIONS))
    modes = _modes(values["modes"])
    if action in ("close", "speed"):
        way = int(_number(values, "way", required=True))
        speed = _speed_kmh(values, required=True) if action == "speed" else None
        return Override(action=action, way=way, modes=modes, speed_kmh=speed)
    line = _line(values["wkt"], crs)
    if action == "road":
        tags = {"highway": values["highway"] or "unclassified", "oneway": values["oneway"], "name": values["name"]}
        speed = _speed_kmh(values)
        known = {"lifecircle:speed_kmh": f"{speed:g}"} if speed is not None else {}
        return Override(action=action, line=line, tags={**_given(tags), **known, **_closed_to_others(modes)})
    try:
        sails = ferry_in_season(values["season"], month)
    except InputError as error:
        raise _CellError("season", error.sentence) from error
    return Override(action=action, line=line, tags=_ferry_tags(values, modes, line)) if sails else None


def _modes(text: str) -> list[Kind]:
    named = [mode.strip() for mode in text.replace(",", ";").split(";") if mode.strip()]
    modes = [mode for mode in named if mode in MODES]
    if len(modes) < len(named):
        raise _CellError("modes", "should be among {modes}, separated by ;", modes=", ".join(MODES))
    return modes


def _ferry_tags(values: dict[str, str], modes: list[Kind], line: shapely.LineString) -> dict[str, str]:
    minutes = _number(values, "duration_minutes", required=True)
    lon, lat = shapely.get_coordinates(line).T
    implied_kmh = 0.06 * float(ellipsoidal_metres(lon[:-1], lat[:-1], lon[1:], lat[1:]).sum()) / minutes
    if implied_kmh > parameters("ferry")["fastest_kmh"]:
        raise _CellError(
            "duration_minutes",
            "a crossing at {implied_kmh:.0f} km/h; give the minutes from pier to pier",
            implied_kmh=implied_kmh,
        )
    headway = mean_headway_seconds(
        _number(values, "headway_minutes"), values["first_boat"], values["last_boat"], _number(values, "sailings")
    )
    # A county that lists its boat and says nothing of modes means those that board without a ramp.
    carried = modes or [mode for mode in MODES if not TRAITS[mode].has_limits]
    invited = {TRAITS[mode].tag: "yes" for mode in carried if TRAITS[mode].boards_by_invitation}
    tags = {"route": "ferry", "duration": f"{minutes:g}", "name": values["name"]}
    interval = {} if headway is None else {"interval": f"{headway / 60:g}"}
    return {**_given(tags), **interval, **_closed_to_others(modes), **invited}


def _closed_to_others(modes: list[Kind]) -> dict[str, str]:
    return {TRAITS[mode].tag: "no" for mode in MODES if modes and mode not in modes}


def _given(tags: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in tags.items() if value}


def _speed_kmh(values: dict[str, str], *, required: bool = False) -> float | None:
    speed: float | None = _number(values, "speed_kmh", required=required)
    slowest, fastest = parameters("car")["speed_range_kmh"]
    if speed is not None and not slowest <= speed <= fastest:
        raise _CellError("speed_kmh", "should be {slowest} to {fastest} kilometres per hour", slowest=slowest, fastest=fastest)
    return speed


def _number(values: dict[str, str], column: str, *, required: bool = False) -> Any:
    text = values[column]
    if not text and not required:
        return None
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 < number < math.inf:
        raise _CellError(column, "should be a number above 0")
    return number


def _line(text: str, crs: str) -> shapely.LineString:
    try:
        line = shapely.from_wkt(text)
    except shapely.errors.GEOSException:
        line = None
    if not isinstance(line, shapely.LineString) or line.is_empty:
        raise _CellError("wkt", "should be LINESTRING (lon lat, lon lat, ...)")
    x, y = shapely.get_coordinates(line).T
    lon, lat = to_wgs84(x, y, crs)
    if not ((abs(lon) <= 180) & (abs(lat) <= 90)).all():
        raise _CellError("wkt", "should be in longitude and latitude, or in the `crs:` of the file")
    return shapely.LineString(np.column_stack([lon, lat]))
