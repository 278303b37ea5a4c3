"""The streets of one file as one mode sees them, for commands that need no study; made of the same parts as a run's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict, Unpack

import geopandas as gpd
import pandas as pd

from ...geo.errors import InputError
from ...geo.modes import Ferries, TravelMode, travel_mode
from ...geo.network.building import build_graph
from ...geo.network.graph import Graph
from ...geo.reading.cache import load_osm
from ...geo.reading.osm import OsmExtract
from ...geo.streets import Streets
from ...geo.terrain import Heights, node_heights
from ...layers.rejects import no_rejects
from ...layers.source import Source, as_source
from ...maps.percent import percent
from ..situation.inputs import correct_streets
from ..speech.progress import tell

Note = tuple[str, Mapping[str, Any]]  # key and values of a text for `messages.Say`


@dataclass(frozen=True)
class StreetNetwork:
    """A graph, the streets it is made of, what its user should know about it, and the corrections that could not be made."""

    graph: Graph
    streets: Streets
    notes: tuple[Note, ...]
    rejected: pd.DataFrame


class Travelling(TypedDict, total=False):
    """How people travel over the streets, for functions that need no study; every key may be left out.

    Attributes
    ----------
    mode, speed_kmh, profile, speeds, ferries, crossings, snap_cap_metres
        As in `geo.modes.travel_mode`; on foot where no mode is given.
    elevation : path
        Raster of heights in metres (any CRS); slows walkers on slopes. Without it the ground is flat.
    overrides : Source or path
        Corrections to the streets, as `layers.overrides.read_overrides` takes them.
    month : int
        1-12: ferries of the corrections that are out of season do not sail.
    """

    mode: str
    speed_kmh: float | None
    profile: str | None
    speeds: str | None
    ferries: Ferries
    crossings: str | None
    snap_cap_metres: float | None
    elevation: str | Path | None
    overrides: Source | str | Path | None
    month: int | None


def corrections_of(travelling: Travelling) -> tuple[Source | str | Path | None, ...]:
    """Return the files that change the streets, for who names the sources of results."""
    return travelling.get("elevation"), travelling.get("overrides")


def street_network(streets: Streets | str | Path, **travelling: Unpack[Travelling]) -> StreetNetwork:
    """Read the streets of a file, correct them and build the graph of a mode.

    Parameters
    ----------
    streets : path or Streets
        An OSM extract, whose parsed form is kept in a cache beside it, or streets that were read already.
    **travelling
        As in `Travelling`.

    Raises
    ------
    InputError
        If a file cannot be used, or heights are given for a mode that they do not change.
    """
    tell("stage.streets")
    elevation, overrides = travelling.pop("elevation", None), travelling.pop("overrides", None)
    month = travelling.pop("month", None)
    kind, own = travelling.pop("mode", "walk"), dict[str, Any](travelling)
    mode = travel_mode(kind, **own)
    if elevation is not None and not mode.traits.on_slopes:
        raise InputError("elevation: slopes change walking times only; leave it out for mode {kind}.", kind=mode.kind)
    extract = _extract(streets)
    corrected, rejected, notes = extract, no_rejects(), []
    if overrides is not None:
        corrections = as_source(overrides)
        corrected, made, rejected = correct_streets(extract, corrections, month=month)
        notes.append(("note.overrides", {"made": made, "file": corrections.file.name}))
    heights, told = _heights(corrected.streets, elevation, mode)
    return StreetNetwork(build_graph(corrected.streets, mode, heights), corrected.streets, (*notes, *told), rejected)


def _extract(streets: Streets | str | Path) -> OsmExtract:
    if isinstance(streets, Streets):
        nothing = gpd.GeoDataFrame({"osm": [], "tags": []}, geometry=[], crs="EPSG:4326")
        return OsmExtract(streets=streets, places=nothing, counts={})
    return load_osm([Path(streets)], Path(streets).resolve().parent).extract


def _heights(streets: Streets, elevation: str | Path | None, mode: TravelMode) -> tuple[Heights | None, list[Note]]:
    if elevation is None:
        return None, [("note.flat", {})] if mode.traits.on_slopes else []
    heights = node_heights(streets, Path(elevation))
    return heights, [("note.heights", {"share": percent(heights.missing_share)})] if heights.missing_share > 0 else []
