"""What Python callers get that the command line writes to files: tables, streets, a map to show."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Unpack

import geopandas as gpd
import pandas as pd

from ..analyses.results import Results
from ..geo.engine.search import Direction
from ..geo.errors import StudyError
from ..geo.reading.cache import load_osm
from ..geo.streets import Streets
from ..layers.catalogue import goal_catalogue
from ..maps.gap_map import gap_map as draw_gap_map
from .coverage.goal_isochrones import goal_isochrones, refuse_said
from .coverage.run import Run
from .folder.finished import FinishedRun
from .folder.finished import read_run as read_finished
from .speech.messages import default_language, speaker
from .speech.progress import Asked, told
from .tables import isochrones as rings
from .tables import matrix as tables
from .tables.places import Given
from .tables.street_network import Travelling


def read_streets(*files: str | Path) -> Streets:
    """Read the streets of OSM extracts (or one OSMnx graph); a cache of them lies beside the first.

    Raises
    ------
    InputError
        If a file cannot be used.
    """
    paths = [Path(file) for file in files]
    return load_osm(paths, paths[0].resolve().parent).extract.streets


def read_run(folder: str | Path, *, lang: str | None = None) -> FinishedRun:
    """Read a finished run from its folder; see `finished.read_run`."""
    return read_finished(Path(folder), speaker(lang or default_language()))


def goals() -> pd.DataFrame:
    """Return the goals of the catalogue: `id, check, section, phrase, zh, en`."""
    entries = goal_catalogue().values()
    rows = [
        {"id": goal.id, "check": goal.check, "section": goal.section, "phrase": goal.phrase, **_titles(goal)}
        for goal in (entry.example() for entry in entries)
    ]
    return pd.DataFrame(rows)


def _titles(goal: Any) -> dict[str, str]:
    return {language: goal.name(language) for language in ("zh", "en")}


@told
def matrix(
    streets: Streets | str | Path,
    origins: Given,
    destinations: Given,
    *,
    minutes: float | None = None,
    direction: Direction = "to",
    out: str | Path | None = None,
    progress: Asked = None,
    **travelling: Unpack[Travelling],
) -> pd.DataFrame | None:
    """Return the travel times between two sets of places; with `out` they are written there instead: see `matrix.matrix`.

    Returns
    -------
    DataFrame or None
        `origin, destination, minutes, metres, connector_metres`; null where there is no path.
    """
    options: dict[str, Any] = {"minutes": minutes, "direction": direction, "out": out, **travelling}
    return tables.matrix(streets, origins, destinations, **options).rows


@told
def isochrones(
    streets: Streets | str | Path | None = None,
    facilities: Given | None = None,
    minutes: float | Sequence[float] | None = None,
    *,
    study: str | Path | None = None,
    goal: str | None = None,
    direction: Direction | None = None,
    merge: bool = False,
    bands: bool = False,
    cell_metres: float | None = None,
    out: str | Path | None = None,
    lang: str | None = None,
    progress: Asked = None,
    **travelling: Unpack[Travelling],
) -> gpd.GeoDataFrame:
    """Return what lies within travel times: of facilities (see `isochrones.isochrones`), or of a study's goal.

    With `study` the goal says facilities, mode, speed, direction and minutes, and a column `people` says whom it covers
    inside (see `goal_isochrones.goal_isochrones`); only `minutes` may then be given as well.

    Returns
    -------
    GeoDataFrame
        `facility, minutes, area_km2, mode, direction`, the facilities' own columns, and `geometry` (EPSG:4326).

    Raises
    ------
    StudyError
        If both are given or neither, or the goal cannot be answered.
    InputError, TooLargeError
        As `isochrones.isochrones`.
    """
    limits = [minutes] if isinstance(minutes, int | float) else minutes
    shape: dict[str, Any] = {"merge": merge, "bands": bands, "cell_metres": cell_metres, "out": out}
    if study is not None:
        refuse_said(
            {"streets": streets, "facilities": facilities, "direction": direction, **travelling},
            speaker(lang or default_language()),
        )
        return goal_isochrones(study, goal, minutes=limits, lang=lang, **shape).rings
    if streets is None or facilities is None or limits is None or goal is not None:
        raise StudyError(speaker(lang or default_language())("isochrones.needs"))
    return rings.isochrones(streets, facilities, limits, direction=direction or "to", **shape, **travelling).rings


def gap_map(run: Run | Results, *, lang: str | None = None) -> Any:
    """Return the gap map of a run as a folium map, which notebooks show."""
    results = run.results if isinstance(run, Run) else run
    return draw_gap_map(results, language=lang or default_language())
