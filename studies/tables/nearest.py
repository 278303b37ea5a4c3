"""The nearest facility of every place, as a table: for those who work with tables and need no study."""

from __future__ import annotations

from pathlib import Path
from typing import Unpack

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...analyses.coverage import coverage
from ...geo.engine.matrix import trips
from ...geo.engine.search import Direction, Nearest, nearest_facility
from ...geo.snapping.chosen import chosen_places, is_connected
from ...geo.snapping.entrances import snap_places
from ...geo.snapping.snapper import Snapper
from ...geo.snapping.snaps import Snaps
from ...geo.streets import Streets
from ..speech.progress import Asked, tell, told
from .places import Given, Places, read_places, require_among
from .street_network import StreetNetwork, Travelling, street_network

SLACK_SECONDS = 1e-6  # two searches add the same seconds in another order
COLUMNS = ("minutes", "metres", "facility", "status", "snap_metres")
NO_PLACE = "no place"  # status of a row that lies nowhere

Floats = NDArray[np.float64]


@told
def nearest(
    streets: Streets | str | Path,
    people: Given,
    facilities: Given,
    *,
    minutes: float | None = None,
    direction: Direction = "to",
    progress: Asked = None,
    **travelling: Unpack[Travelling],
) -> gpd.GeoDataFrame:
    """Find the nearest facility of every place.

    Parameters
    ----------
    streets : path or Streets
    people, facilities : path, Source or DataFrame
        Points or areas: a file, a GeoDataFrame in any declared system, or a table with columns of longitude and latitude.
    minutes : float, optional
        Inclusive limit: whoever needs longer is `beyond`; without it everyone who reaches a facility is `covered`.
    direction : {"to", "from"}
        Travel to the facility, or from it.
    progress : bool or callable, optional
        True: one bar, where somebody sees it; a function gets each `speech.progress.Step`. Default: none.
    **travelling
        As in `street_network.Travelling`: `mode`, `speed_kmh`, `elevation` ...

    Returns
    -------
    GeoDataFrame
        `people` as given, EPSG:4326, with `minutes` and `metres` (along streets) to the nearest facility, its id `facility`,
        `status` (covered, beyond, cut-off, unconnected; "no place" where a row lies nowhere) and `snap_metres` (to the street).
        What does not exist is null.

    Raises
    ------
    InputError
        If a file or table cannot be used.
    """
    origins, places = read_places(people, what="people"), read_places(facilities, what="facilities")
    network = street_network(streets, **travelling)
    require_among(network.streets, origins, places)
    tell("progress.matrix")
    return _joined(people, origins, _answers(network, origins, places, minutes, direction))


def _answers(
    network: StreetNetwork, origins: Places, places: Places, minutes: float | None, direction: Direction
) -> dict[str, NDArray[np.generic]]:
    snapper = Snapper(network.graph)
    own, theirs = snap_places(snapper, origins.shapes), snap_places(snapper, places.shapes)
    found = nearest_facility(network.graph, own, theirs, direction=direction)
    limit = np.inf if minutes is None else float(minutes)
    known = np.ones(len(origins.ids), bool)
    return {
        "minutes": found.seconds / 60,
        "metres": _metres(network, own, theirs, found, direction),
        "facility": np.array([*places.ids, None], dtype=object)[found.facility],
        "status": np.asarray(coverage(found.seconds / 60, is_connected(own), known, limit), dtype=object),
        "snap_metres": _snap_metres(own),
    }


def _metres(network: StreetNetwork, own: Snaps, theirs: Snaps, found: Nearest, direction: Direction) -> Floats:
    """Return the metres along streets from every place to its nearest facility, one facility after the other."""
    metres = np.full(own.places, np.nan)
    for facility in np.unique(found.facility[found.facility >= 0]):
        rows = np.flatnonzero(found.facility == facility)
        one, many = chosen_places(theirs, np.array([facility])), chosen_places(own, rows)
        limit = float(found.seconds[rows].max()) + SLACK_SECONDS
        for block in trips(network.graph, many, one, direction=direction, limit_seconds=limit):
            metres[rows[block.origin]] = block.metres
    return metres


def _snap_metres(snaps: Snaps) -> Floats:
    """Return how far every place is from the street; of an area, from its nearest entrance."""
    nearest_by = np.full(snaps.places, np.nan)
    np.fmin.at(nearest_by, snaps.owner, snaps.connector_metres)
    return nearest_by


def _joined(given: Given, origins: Places, columns: dict[str, NDArray[np.generic]]) -> gpd.GeoDataFrame:
    """Put the answers beside the rows as they were given; rows that lie nowhere keep their place in the table."""
    placed = origins.layer.table.drop(columns=[name for name in COLUMNS if name in origins.layer.table])
    answered = placed.assign(**columns).astype({"facility": "str", "status": "str"})
    if not isinstance(given, pd.DataFrame):
        return answered.reset_index(drop=True)
    rows = given.reset_index(drop=True)
    shapes = answered.geometry.reindex(rows.index)
    kept = rows.drop(columns=[*(name for name in COLUMNS if name in rows), *_shapes_of(rows)])
    whole = kept.assign(**{name: answered[name].reindex(rows.index) for name in COLUMNS})
    whole["status"] = whole["status"].fillna(NO_PLACE)
    return gpd.GeoDataFrame(whole, geometry=gpd.GeoSeries(shapes, crs="EPSG:4326")).set_axis(given.index)


def _shapes_of(rows: pd.DataFrame) -> list[str]:
    return [str(rows.geometry.name)] if isinstance(rows, gpd.GeoDataFrame) else []
