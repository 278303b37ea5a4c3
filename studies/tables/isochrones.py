"""Isochrones from a streets file and a file of facilities, as a GIS file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Unpack

import shapely

from ...geo.engine.search import Direction
from ...geo.errors import InputError, said
from ...geo.rings.isochrones import isochrones as draw_isochrones
from ...geo.rings.isochrones import merged_isochrones
from ...geo.snapping.entrances import snap_places
from ...geo.snapping.snapper import Snapper
from ...geo.streets import Streets
from ...layers.rejects import join_rejects
from ..attribution import file_sources
from ..folder.draft import draft_file
from ..speech.messages import default_language, speaker
from ..speech.progress import tell
from .places import Given, Places, doubtful, read_places, require_among
from .rings import Drawn, Shape, refused_rings, ring_file, ring_table, write_rings
from .street_network import StreetNetwork, Travelling, corrections_of, street_network


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
    merge, bands, cell_metres
        As in `rings.Shape`.
    **travelling
        As in `street_network.Travelling`.

    Raises
    ------
    InputError, TooLargeError
        If a file or a limit cannot be used, not one ring can be drawn, or a surface would not fit in memory.
    """
    target = None if out is None else ring_file(out)
    asked = _Asked(read_places(facilities, what="facilities"), tuple(minutes), direction, Shape(merge, bands, cell_metres))
    if target is None:
        return _draw(asked, street_network(streets, **travelling))
    files = (None if isinstance(streets, Streets) else streets, asked.places.source, *corrections_of(travelling))
    with draft_file(target, "isochrones", speaker(default_language())) as draft:
        drawn = _draw(asked, street_network(streets, **travelling))
        write_rings(drawn, file_sources(files), draft)
    return drawn


@dataclass(frozen=True)
class _Asked:
    """What is to be drawn."""

    places: Places
    minutes: tuple[float, ...]
    direction: Direction
    shape: Shape


def _draw(asked: _Asked, network: StreetNetwork) -> Drawn:
    require_among(network.streets, asked.places)
    tell("progress.isochrones")
    places, graph, shape = asked.places, network.graph, asked.shape
    found = (merged_isochrones if shape.merge else draw_isochrones)(
        graph,
        snap_places(Snapper(graph), places.shapes),
        shapely.get_coordinates(shapely.point_on_surface(places.shapes)),
        limits_seconds=[60.0 * limit for limit in asked.minutes],
        direction=asked.direction,
        cell_metres=shape.cell_metres,
    )
    file, table = places.source.file, places.layer.table
    if not len(found.geometry):
        cause = said(found.refused[0].reason if found.refused else "it has no usable row")
        raise InputError("{file}: no isochrone can be drawn for any facility: {cause}.", file=file, cause=cause)
    own = table.drop(columns=table.geometry.name)
    rings = ring_table(found, graph, places.ids, own, direction=asked.direction, bands=shape.bands)
    refused = refused_rings(found.refused, file=file.name, rows=table.index.tolist(), ids=places.ids)
    rejected = join_rejects([network.rejected, places.layer.rejected, *refused])
    return Drawn(rings, rejected, (*network.notes, *doubtful({"--crs": places}, network.streets)))
