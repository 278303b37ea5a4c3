"""What Python callers get that the command line writes to files: tables, streets, a map to show."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Unpack

import geopandas as gpd
import pandas as pd

from ..analyses.results import Results
from ..geo.engine.search import Direction
from ..geo.reading.cache import load_osm
from ..geo.streets import Streets
from ..layers.catalogue import goal_catalogue
from ..maps.gap_map import gap_map as draw_gap_map
from .coverage.run import Run
from .folder.finished import FinishedRun
from .folder.finished import read_run as read_finished
from .speech.messages import default_language, speaker
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


def matrix(
    streets: Streets | str | Path,
    origins: Given,
    destinations: Given,
    *,
    minutes: float | None = None,
    direction: Direction = "to",
    out: str | Path | None = None,
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


def isochrones(
    streets: Streets | str | Path,
    facilities: Given,
    minutes: float | Sequence[float],
    *,
    direction: Direction = "to",
    merge: bool = False,
    bands: bool = False,
    cell_metres: float | None = None,
    out: str | Path | None = None,
    **travelling: Unpack[Travelling],
) -> gpd.GeoDataFrame:
    """Return what lies within travel times of facilities: see `isochrones.isochrones`.

    Returns
    -------
    GeoDataFrame
        `facility, minutes, area_km2, mode, direction`, the facilities' own columns, and `geometry` (EPSG:4326).
    """
    limits = [minutes] if isinstance(minutes, int | float) else minutes
    options: dict[str, Any] = {"direction": direction, "merge": merge, "bands": bands, "cell_metres": cell_metres, "out": out}
    return rings.isochrones(streets, facilities, limits, **options, **travelling).rings


def gap_map(run: Run | Results, *, lang: str | None = None) -> Any:
    """Return the gap map of a run as a folium map, which notebooks show."""
    results = run.results if isinstance(run, Run) else run
    return draw_gap_map(results, language=lang or default_language())
