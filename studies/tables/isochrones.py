"""Isochrones from a streets file and a file of facilities, as a GIS file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Unpack

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ...geo.engine.search import Direction
from ...geo.errors import InputError, said
from ...geo.rings.isochrones import Isochrones, Refused, merged_isochrones
from ...geo.rings.isochrones import isochrones as draw_isochrones
from ...geo.snapping.entrances import snap_places
from ...geo.snapping.snapper import Snapper
from ...geo.streets import Streets
from ...layers.rejects import join_rejects, rejected_rows
from ...maps.exports.vector import write_geojson, write_geopackage
from ..attribution import file_sources
from ..folder.draft import FileDraft, draft_file
from ..folder.refused import earlier_refused, write_refused
from ..speech.messages import default_language, speaker
from .places import Given, Places, doubtful, read_places
from .street_network import Note, StreetNetwork, Travelling, street_network

COLUMNS = ("facility", "minutes", "area_km2", "mode", "direction", "geometry")
TAKEN: Final = frozenset((*COLUMNS, "from_minutes", "fid"))  # fid: of a GeoPackage
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
    streets: Streets | str | Path,
    facilities: Given,
    minutes: Sequence[float],
    *,
    out: str | Path | None = None,
    direction: Direction = "to",
    merge: bool = False,
    bands: bool = False,
    cell_metres: float | None = None,
    **travelling: Unpack[Travelling],
) -> Drawn:
    """Draw what lies within travel times of facilities.

    Parameters
    ----------
    streets : path or Streets
    facilities : Source, path or DataFrame
        Points or areas; without ids (see `layers.ids.find_ids`) rows are numbered, from 1 in a file.
    minutes : sequence of float
        Limits, inclusive; each gives one ring that holds everything within it.
    out : path, optional
        .gpkg or .geojson for the rings; what could not be drawn or used goes to `<name>.rejected.csv` beside it.
    direction : {"to", "from"}
        To the facility, or from it.
    merge : bool
        One set of rings around all facilities instead of one set each; their `facility` is "all".
    bands : bool
        Each ring without the next smaller one, so that none lies on another; `from_minutes` is where it begins.
    cell_metres : float, optional
        Spacing of the time surface: 15 m on foot, 40 m by bicycle, 100 m by car if not given.
    **travelling
        As in `street_network.Travelling`.

    Raises
    ------
    InputError
        If a file or a limit cannot be used, or not one ring can be drawn.
    TooLargeError
        If a surface would not fit in memory.
    """
    target = None if out is None else _target(Path(out))
    asked = _Asked(read_places(facilities, what="facilities"), tuple(minutes), direction, merge, bands, cell_metres)
    if target is None:
        return _draw(asked, street_network(streets, **travelling), travelling.get("mode", "walk"))
    corrections = (travelling.get("elevation"), travelling.get("overrides"))
    files = (None if isinstance(streets, Streets) else streets, asked.places.source, *corrections)
    with draft_file(target, "isochrones", speaker(default_language())) as draft:
        drawn = _draw(asked, street_network(streets, **travelling), travelling.get("mode", "walk"))
        _write(drawn, file_sources(files), draft)
    return drawn


@dataclass(frozen=True)
class _Asked:
    """What is to be drawn."""

    places: Places
    minutes: tuple[float, ...]
    direction: Direction
    merge: bool
    bands: bool
    cell_metres: float | None


def _target(out: Path) -> Path:
    if out.suffix not in (".gpkg", ".geojson"):
        raise InputError("{out}: isochrones are written as .gpkg or .geojson; choose one of these endings.", out=out)
    return out


def _draw(asked: _Asked, network: StreetNetwork, mode: str) -> Drawn:
    places, draw = asked.places, merged_isochrones if asked.merge else draw_isochrones
    found = draw(
        network.graph,
        snap_places(Snapper(network.graph), places.shapes),
        shapely.get_coordinates(shapely.point_on_surface(places.shapes)),
        limits_seconds=[60.0 * limit for limit in asked.minutes],
        direction=asked.direction,
        cell_metres=asked.cell_metres,
    )
    if not len(found.geometry):
        cause = said(found.refused[0].reason if found.refused else "it has no usable row")
        raise InputError(
            "{file}: no isochrone can be drawn for any facility: {cause}.", file=places.source.file, cause=said(cause)
        )
    rings = _table(found, places, mode=mode, direction=asked.direction)
    refused = [_rejected(places, one) for one in found.refused]
    rejected = join_rejects([network.rejected, places.layer.rejected, *refused])
    doubts = doubtful({"--crs": places}, network.streets)
    return Drawn(_banded(rings) if asked.bands else rings, rejected, (*network.notes, *doubts))


def _write(drawn: Drawn, sources: Sequence[str], draft: FileDraft) -> None:
    with draft.writing(draft.name) as file:
        if draft.file.suffix == ".gpkg":
            kinds, language = {LAYER: LAYER}, draft.say.language
            write_geopackage(file, {LAYER: drawn.rings}, sources=sources, kinds=kinds, language=language)
        else:
            write_geojson(drawn.rings, file, name=LAYER, sources=sources)
    write_refused(drawn.rejected, draft, sources)
    draft.swap_in(earlier_refused(draft.file))


def _rejected(places: Places, refused: Refused) -> pd.DataFrame:
    row = None if refused.facility < 0 else places.layer.table.index[refused.facility]
    label = ALL if refused.facility < 0 else places.ids[refused.facility]
    limit = "" if np.isnan(refused.limit_seconds) else f"{refused.limit_seconds / 60:g} minutes: "
    return rejected_rows(file=places.source.file.name, rows=[row], column="id", values=[label], reason=f"{limit}{refused.reason}")


def _table(found: Isochrones, places: Places, *, mode: str, direction: str) -> gpd.GeoDataFrame:
    """Return the rings with what the facilities' own table says of them; of a column that rings have, too, under another name."""
    merged, own = found.facility < 0, places.layer.table.drop(columns=places.layer.table.geometry.name)
    rings = gpd.GeoDataFrame(
        {
            "facility": np.where(merged, ALL, places.ids[found.facility]),
            "minutes": found.limit_seconds / 60,
            "mode": mode,
            "direction": direction,
        },
        geometry=found.geometry,
        crs="EPSG:4326",
    ).astype({"facility": "str", "mode": "str", "direction": "str"})
    rings["area_km2"] = _areas(rings)
    if not merged.all():
        own = own.rename(columns={name: f"facility_{name}" for name in own if str(name).lower() in TAKEN})
        rings = rings.assign(**{str(name): own[name].array[found.facility] for name in own})
    further = [name for name in rings if name not in COLUMNS]
    return rings[[*COLUMNS[:-1], *further, COLUMNS[-1]]]


def _areas(rings: gpd.GeoDataFrame) -> NDArray[np.float64]:
    areas: NDArray[np.float64] = rings.geometry.to_crs(EQUAL_AREA).area.to_numpy() / 1e6
    return areas


def _banded(rings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Take from every ring the next smaller one of its facility; the largest come first."""
    table, shapes = rings.reset_index(drop=True), rings.geometry.to_numpy().copy()
    inner = (table["facility"] == table["facility"].shift(-1)).to_numpy()
    at = np.flatnonzero(inner)
    outside = shapely.difference(shapes[at], rings.geometry.to_numpy()[at + 1])
    shapes[at] = [part if part.geom_type == "MultiPolygon" else shapely.MultiPolygon(polygons_in(part)) for part in outside]
    table = table.set_geometry(gpd.GeoSeries(shapes, crs=rings.crs))
    table.insert(2, "from_minutes", np.where(inner, table["minutes"].shift(-1, fill_value=0.0), 0.0))
    return table.assign(area_km2=_areas(table))


def polygons_in(shape: shapely.Geometry) -> list[shapely.Polygon]:
    """Return the polygons of a shape, leaving out lines and points where two borders touch."""
    return [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
