"""Places that a command without a study reads: a file's points and areas, and what they are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...geo.streets import Streets
from ...layers.columns import coordinate_columns
from ...layers.ids import own_ids, with_ids
from ...layers.layer import Layer, refuse_empty
from ...layers.rejects import no_rejects
from ...layers.source import Source, as_source
from ...layers.tables import DELIMITED_SUFFIXES, Rows, place_rows, read_table
from ...layers.workbook import WORKBOOK_SUFFIXES
from ..situation.extents import require_unexchanged
from ..situation.offsets import Doubts
from ..speech.messages import default_language, speaker
from .street_network import Note

Given = Source | str | Path | pd.DataFrame


@dataclass(frozen=True)
class Places:
    """The places of a file.

    Attributes
    ----------
    source : Source
    layer : Layer
    ids : (n,) object
        Texts, each one once.
    columns : str
        What holds the coordinates: those of a table, or its shapes.
    """

    source: Source
    layer: Layer
    ids: NDArray[np.object_]
    columns: str = ""

    @property
    def shapes(self) -> NDArray[np.object_]:
        """Points, lines and areas, EPSG:4326."""
        return self.layer.table.geometry.to_numpy()  # type: ignore[no-any-return]


def doubtful(places: Mapping[str, Places], streets: Streets) -> tuple[Note, ...]:
    """Tell which files do not say what coordinate system they are in, by the option that would say it.

    Parameters
    ----------
    places : mapping of option to Places
        Such as --origins-crs; a file that stands under several is told once, with --crs for all.
    streets : Streets
    """
    doubts, files = Doubts(), [read.source.file for read in places.values()]
    for option, read in places.items():
        label = "--crs" if files.count(read.source.file) > 1 else option
        doubts.ask(read.source, read.layer.table.geometry, assumed=read.layer.assumed, label=label)
    return tuple(
        (doubt.text, {"file": doubt.file, "system": doubt.suspected, "key": doubt.label}) for doubt in doubts.found(streets)
    )


def require_among(streets: Streets, *places: Places) -> None:
    """Refuse places whose longitude and latitude are exchanged; see `extents.require_unexchanged`.

    Raises
    ------
    StudyError
    """
    for read in places:
        table = read.layer.table
        require_unexchanged(table.geometry, streets, read.source, speaker(default_language()), columns=read.columns)


def read_places(given: Given, *, what: str = "places") -> Places:
    """Read places; rows without a place, or without an id of their own, are rejected.

    Parameters
    ----------
    given : Source, path or DataFrame
        A file, or a table: a GeoDataFrame in any declared system, or columns of longitude and latitude.
    what : str
        What a table is called in errors.

    Raises
    ------
    InputError
        If it cannot be used, or no row is left.
    """
    if isinstance(given, pd.DataFrame):
        source = Source(file=Path(what))
        table = given.reset_index(drop=True)
        layer = place_rows(Rows(table, no_rejects(), own_ids(table)), source)
    else:
        source = as_source(given)
        layer = read_table(source)
    layer, ids = with_ids(refuse_empty(layer, file=source.file.name), source)
    return Places(source, refuse_empty(layer, file=source.file.name), ids.to_numpy(object), _columns(given, source, layer))


def _columns(given: Given, source: Source, layer: Layer) -> str:
    """Name the columns of coordinates, of a table in memory or in a file."""
    is_table = source.file.suffix.lower() in (*DELIMITED_SUFFIXES, *WORKBOOK_SUFFIXES)
    if isinstance(given, gpd.GeoDataFrame) or not (isinstance(given, pd.DataFrame) or is_table):
        return "geometry"
    return " / ".join(coordinate_columns(layer.table, x=source.x, y=source.y, file=source.file.name))
