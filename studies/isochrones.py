"""Isochrones from a streets file and a file of facilities, as a GIS file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ..geo.entrances import snap_places
from ..geo.errors import InputError
from ..geo.isochrones import Isochrones, Refused, merged_isochrones
from ..geo.isochrones import isochrones as draw_isochrones
from ..geo.modes import Ferries, travel_mode
from ..geo.snapping import Snapper
from ..layers.columns import as_text
from ..layers.layer import refuse_empty
from ..layers.rejects import join_rejects, rejected_rows
from ..layers.tables import read_table
from ..maps.exports.vector import write_geojson, write_geopackage
from .attribution import file_sources
from .draft import draft_file
from .messages import default_language, speaker
from .refused import earlier_refused, write_refused
from .street_network import Note, street_network

COLUMNS = ("facility", "minutes", "area_km2", "mode", "direction", "geometry")
LAYER = "isochrones"
ALL = "all"  # facility of a ring that belongs to all of them
EQUAL_AREA = "EPSG:6933"  # WGS 84 / NSIDC EASE-Grid 2.0 Global: cylindrical, so that straight sides stay straight


@dataclass(frozen=True)
class Drawn:
    """What was written, rows (or single rings) that could not be drawn or used, and what to know of the streets."""

    rings: gpd.GeoDataFrame
    rejected: pd.DataFrame
    notes: tuple[Note, ...] = ()


def isochrones(
    streets: str | Path,
    *,
    facilities: str | Path,
    minutes: Sequence[float],
    out: str | Path,
    mode: str = "walk",
    speed_kmh: float | None = None,
    profile: str | None = None,
    speeds: str | None = None,
    ferries: Ferries = "scheduled",
    snap_cap_metres: float | None = None,
    elevation: str | Path | None = None,
    overrides: str | Path | None = None,
    month: int | None = None,
    direction: Literal["to", "from"] = "to",
    merge: bool = False,
    cell_metres: float | None = None,
) -> Drawn:
    """Write what lies within travel times of facilities.

    Parameters
    ----------
    streets : path
        An OSM extract.
    facilities : path
        CSV with `id, lon, lat`, or any vector file; without an `id` column rows are numbered from 1.
    minutes : sequence of float
        Limits, inclusive; each gives one ring that holds everything within it.
    out : path
        .gpkg or .geojson with the columns COLUMNS: per facility the largest ring first, areas in square kilometres.
        What could not be drawn or used goes to `<name>.rejected.csv` beside it.
    mode, speed_kmh, profile, speeds, ferries, snap_cap_metres
        As in `travel_mode`.
    elevation : path, optional
        Raster of heights in metres (any CRS); slows walkers on slopes. Without it the ground is flat.
    overrides : path, optional
        CSV of corrections to the streets, as in a study.
    month : int, optional
        1-12, for ferries with a season among the corrections.
    direction : {"to", "from"}
        To the facility, or from it.
    merge : bool
        One set of rings around all facilities instead of one set each; their `facility` is "all".
    cell_metres : float, optional
        Spacing of the time surface: 15 m on foot, 40 m by bicycle, 100 m by car if not given.

    Returns
    -------
    Drawn

    Raises
    ------
    InputError
        If a file or a limit cannot be used, or not one ring can be drawn.
    TooLargeError
        If a surface would not fit in memory.
    """
    target, source, places = Path(out), Path(streets), Path(facilities)
    if target.suffix not in (".gpkg", ".geojson"):
        raise InputError(f"{target}: isochrones are written as .gpkg or .geojson; choose one of these endings.")
    read = refuse_empty(read_table(places), file=places.name)
    travel = travel_mode(
        mode, speed_kmh=speed_kmh, profile=profile, speeds=speeds, ferries=ferries, snap_cap_metres=snap_cap_metres
    )
    with draft_file(target, "isochrones", speaker(default_language())) as draft:
        network = street_network(source, travel, elevation=elevation, overrides=overrides, month=month)
        shapes = read.table.geometry.to_numpy()
        draw = merged_isochrones if merge else draw_isochrones
        found = draw(
            network.graph,
            snap_places(Snapper(network.graph), shapes),
            shapely.get_coordinates(shapely.point_on_surface(shapes)),
            limits_seconds=[60.0 * limit for limit in minutes],
            direction=direction,
            cell_metres=cell_metres,
        )
        refused = [_rejected(places, read.table, one) for one in found.refused]
        if not len(found.geometry):
            cause = f": {found.refused[0].reason}" if found.refused else ": it has no usable row"
            raise InputError(f"{places}: no isochrone can be drawn for any facility{cause}.")
        rings = _table(found, _labels(read.table), mode=mode, direction=direction)
        rejected = join_rejects([network.rejected, read.rejected, *refused])
        sources = file_sources((source, places, elevation, overrides))
        with draft.writing(draft.name) as file:
            if target.suffix == ".gpkg":
                kinds, language = {LAYER: LAYER}, draft.say.language
                write_geopackage(file, {LAYER: rings}, sources=sources, kinds=kinds, language=language)
            else:
                write_geojson(rings, file, name=LAYER, sources=sources)
        write_refused(rejected, draft, sources)
        draft.swap_in(earlier_refused(draft.file))
    return Drawn(rings, rejected, network.notes)


def _labels(table: gpd.GeoDataFrame) -> NDArray[np.object_]:
    labels = as_text(table["id"]) if "id" in table else table.index.astype("str")
    return np.asarray(labels, dtype=object)


def _rejected(file: Path, table: gpd.GeoDataFrame, refused: Refused) -> pd.DataFrame:
    row = None if refused.facility < 0 else table.index[refused.facility]
    label = ALL if refused.facility < 0 else _labels(table)[refused.facility]
    limit = "" if np.isnan(refused.limit_seconds) else f"{refused.limit_seconds / 60:g} minutes: "
    return rejected_rows(file=file.name, rows=[row], column="id", values=[label], reason=f"{limit}{refused.reason}")


def _table(found: Isochrones, labels: NDArray[np.object_], *, mode: str, direction: str) -> gpd.GeoDataFrame:
    facility = np.where(found.facility < 0, ALL, labels[found.facility])
    rings = gpd.GeoDataFrame(
        {"facility": facility, "minutes": found.limit_seconds / 60, "mode": mode, "direction": direction},
        geometry=found.geometry,
        crs="EPSG:4326",
    )
    rings["area_km2"] = rings.geometry.to_crs(EQUAL_AREA).area.to_numpy() / 1e6
    return rings.astype({"facility": "str", "mode": "str", "direction": "str"})[list(COLUMNS)]
