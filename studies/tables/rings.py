"""Rings as a table and a file, whatever they were asked for: of a list of facilities, or of a study's goal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ...geo.errors import InputError, Sentence, said
from ...geo.network.graph import Graph
from ...geo.rings.isochrones import Isochrones, Refused
from ...layers.rejects import rejected_rows
from ...maps.exports.vector import write_geojson, write_geopackage
from ..folder.draft import FileDraft
from ..folder.refused import earlier_refused, write_refused
from .street_network import Note

COLUMNS = ("facility", "minutes", "area_km2", "mode", "direction", "geometry")
TAKEN: Final = frozenset((*COLUMNS, "from_minutes", "people", "fid"))  # fid: of a GeoPackage
LAYER = "isochrones"
ALL = "all"  # facility of a ring that belongs to all of them
EQUAL_AREA = "EPSG:6933"  # WGS 84 / NSIDC EASE-Grid 2.0 Global: cylindrical, so that straight sides stay straight


class Shape(NamedTuple):
    """How rings are drawn.

    Attributes
    ----------
    merge : bool
        One set of rings around all facilities instead of one set each; their `facility` is "all".
    bands : bool
        Each ring without the next smaller one, so that none lies on another; `from_minutes` is where it begins.
    cell_metres : float or None
        Spacing of the time surface: 15 m on foot, 40 m by bicycle, 100 m by car if not given.
    """

    merge: bool = False
    bands: bool = False
    cell_metres: float | None = None


@dataclass(frozen=True)
class Drawn:
    """What was written, rows (or single rings) that could not be drawn or used, and what to know of the streets or people."""

    rings: gpd.GeoDataFrame
    rejected: pd.DataFrame
    notes: tuple[Note, ...] = ()


def ring_file(out: str | Path) -> Path:
    """Return where rings go.

    Raises
    ------
    InputError
        If it is no GIS file that they are written as.
    """
    file = Path(out)
    if file.suffix not in (".gpkg", ".geojson"):
        raise InputError("{out}: isochrones are written as .gpkg or .geojson; choose one of these endings.", out=file)
    return file


def ring_table(
    found: Isochrones, graph: Graph, ids: NDArray[np.object_], own: pd.DataFrame, *, direction: str, bands: bool
) -> gpd.GeoDataFrame:
    """Return rings with what the facilities' own table says of them; of a column that rings have, too, under another name.

    Parameters
    ----------
    found : Isochrones
    graph : Graph
        That they were drawn on.
    ids : (n,) array of str
        Of the facilities.
    own : DataFrame
        What is known of each facility, without its shape.
    direction : {"to", "from"}
    bands : bool
        As in `Shape`.
    """
    merged = found.facility < 0
    rings = gpd.GeoDataFrame(
        {
            "facility": np.where(merged, ALL, ids[found.facility]),
            "minutes": found.limit_seconds / 60,
            "mode": graph.mode.kind,
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
    table = rings[[*COLUMNS[:-1], *further, COLUMNS[-1]]]
    return _banded(table) if bands else table


def refused_rings(
    refused: Sequence[Refused], *, file: str, rows: Sequence[int | None], ids: NDArray[np.object_]
) -> list[pd.DataFrame]:
    """List the rings that do not exist, by the row and the id of their facility."""
    return [
        rejected_rows(
            file=file,
            rows=[None if one.facility < 0 else rows[one.facility]],
            column="id",
            values=[ALL if one.facility < 0 else ids[one.facility]],
            reason=_reason(one),
        )
        for one in refused
    ]


def _reason(refused: Refused) -> Sentence:
    if np.isnan(refused.limit_seconds):
        return said(refused.reason)
    return said("{minutes:g} minutes: {reason}", minutes=refused.limit_seconds / 60, reason=said(refused.reason))


def write_rings(drawn: Drawn, sources: Sequence[str], draft: FileDraft) -> None:
    """Write rings, and beside them what could not be drawn or used."""
    with draft.writing(draft.name) as file:
        if draft.file.suffix == ".gpkg":
            kinds, language = {LAYER: LAYER}, draft.say.language
            write_geopackage(file, {LAYER: drawn.rings}, sources=sources, kinds=kinds, language=language)
        else:
            write_geojson(drawn.rings, file, name=LAYER, sources=sources)
    write_refused(drawn.rejected, draft, sources)
    draft.swap_in(earlier_refused(draft.file))


def _areas(rings: gpd.GeoDataFrame) -> NDArray[np.float64]:
    areas: NDArray[np.float64] = rings.geometry.to_crs(EQUAL_AREA).area.to_numpy() / 1e6
    return areas


def _banded(rings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Take from every ring the next smaller one of its facility; the largest come first."""
    table, shapes = rings.reset_index(drop=True), rings.geometry.to_numpy().copy()
    inner = (table["facility"] == table["facility"].shift(-1)).to_numpy()
    at = np.flatnonzero(inner)
    outside = shapely.difference(shapes[at], rings.geometry.to_numpy()[at + 1])
    shapes[at] = [as_multipolygon(part) for part in outside]
    table = table.set_geometry(gpd.GeoSeries(shapes, crs=rings.crs))
    table.insert(2, "from_minutes", np.where(inner, table["minutes"].shift(-1, fill_value=0.0), 0.0))
    return table.assign(area_km2=_areas(table))


def as_multipolygon(shape: shapely.Geometry) -> shapely.MultiPolygon:
    """Return the polygons of a shape, leaving out lines and points where two borders touch."""
    if shape.geom_type == "MultiPolygon":
        return shape
    return shapely.MultiPolygon([part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"])
