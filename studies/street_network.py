"""The streets of one file as one mode sees them, for commands that need no study; made of the same parts as a run's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ..geo.cache import load_osm
from ..geo.errors import InputError
from ..geo.graph import Graph, build_graph
from ..geo.modes import TravelMode
from ..geo.streets import Streets
from ..geo.terrain import Heights, node_heights
from ..layers.rejects import no_rejects
from .situation.inputs import correct_streets

Note = tuple[str, Mapping[str, Any]]  # key and values of a text for `messages.Say`


@dataclass(frozen=True)
class StreetNetwork:
    """A graph, what its user should know about it, and the corrections that could not be made."""

    graph: Graph
    notes: tuple[Note, ...]
    rejected: pd.DataFrame


def street_network(
    streets: Path,
    mode: TravelMode,
    *,
    elevation: str | Path | None = None,
    overrides: str | Path | None = None,
    month: int | None = None,
) -> StreetNetwork:
    """Read the streets of a file, correct them and build the graph of a mode.

    Parameters
    ----------
    streets : Path
        An OSM extract; its parsed form is kept in a cache beside it.
    mode : TravelMode
    elevation : Path, optional
        Raster of heights in metres; slows walkers on slopes.
    overrides : Path, optional
        CSV of corrections, as `layers.overrides.read_overrides` takes it.
    month : int, optional
        1-12: ferries of the corrections that are out of season do not sail.

    Raises
    ------
    InputError
        If a file cannot be used, or heights are given for a mode that they do not change.
    """
    if elevation is not None and not mode.traits.on_slopes:
        raise InputError(f"elevation: slopes change walking times only; leave it out for mode {mode.kind}.")
    extract = load_osm([streets], streets.resolve().parent).extract
    corrected, rejected, notes = extract, no_rejects(), []
    if overrides is not None:
        corrected, made, rejected = correct_streets(extract, Path(overrides), month=month)
        notes.append(("note.overrides", {"made": made, "file": Path(overrides).name}))
    heights, told = _heights(corrected.streets, elevation, mode)
    return StreetNetwork(build_graph(corrected.streets, mode, heights), (*notes, *told), rejected)


def _heights(streets: Streets, elevation: str | Path | None, mode: TravelMode) -> tuple[Heights | None, list[Note]]:
    if elevation is None:
        return None, [("note.flat", {})] if mode.traits.on_slopes else []
    heights = node_heights(streets, Path(elevation))
    return heights, [("note.heights", {"share": heights.missing_share})] if heights.missing_share > 0 else []
