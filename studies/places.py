"""Places that a command without a study reads: a file's points and areas, and what they are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..geo.streets import Streets
from ..layers.ids import with_ids
from ..layers.layer import Layer, refuse_empty
from ..layers.source import Source
from ..layers.tables import read_table
from .situation.offsets import Doubts
from .street_network import Note


@dataclass(frozen=True)
class Places:
    """The places of a file.

    Attributes
    ----------
    source : Source
    layer : Layer
    ids : (n,) object
        Texts, each one once.
    """

    source: Source
    layer: Layer
    ids: NDArray[np.object_]

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
        (doubt.text, {"file": doubt.file, "system": doubt.system, "key": doubt.label}) for doubt in doubts.found(streets)
    )


def read_places(source: Source) -> Places:
    """Read the places of a file; rows without an id of their own are rejected.

    Raises
    ------
    InputError
        If the file cannot be used, or no row is left.
    """
    layer, ids = with_ids(refuse_empty(read_table(source), file=source.file.name), source)
    return Places(source, refuse_empty(layer, file=source.file.name), ids.to_numpy(object))
