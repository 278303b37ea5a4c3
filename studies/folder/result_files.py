"""The tables that a command leaves in its folder: all of them name the same sources, and each column is explained beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import geopandas as gpd
import pandas as pd

from ...maps.exports.columns import Describe, dictionary, meaning
from ...maps.exports.table import ATTRIBUTION, write_csv
from ...maps.exports.vector import write_geojson, write_geopackage, write_geoparquet
from .draft import FolderDraft

COLUMNS: Final = "columns.csv"


@dataclass
class ResultFiles:
    """Writes tables to a draft.

    Attributes
    ----------
    draft : FolderDraft
    sources : sequence of str
        Lines of attribution.
    columns : dict of file to columns
        What was written so far; the layers of a GeoPackage as `file/layer`.
    """

    draft: FolderDraft
    sources: Sequence[str]
    columns: dict[str, list[str]] = field(default_factory=dict)

    def csv(self, name: str, table: pd.DataFrame, *, exact: bool = False) -> None:
        """Write a table for spreadsheets; `exact` as in `write_csv`."""
        with self.draft.writing(name) as file:
            write_csv(table, file, sources=self.sources, exact=exact)
        self.columns[name] = [*map(str, table.columns), ATTRIBUTION]

    def geoparquet(self, name: str, table: gpd.GeoDataFrame) -> None:
        """Write a table with shapes for analysts."""
        with self.draft.writing(name) as file:
            write_geoparquet(table, file, sources=self.sources)
        self.columns[name] = [*map(str, table.columns)]

    def geojson(self, name: str, table: gpd.GeoDataFrame) -> None:
        """Write a table with shapes for anything that reads GeoJSON."""
        with self.draft.writing(name) as file:
            write_geojson(table, file, name=name.partition(".")[0], sources=self.sources)
        self.columns[name] = [*map(str, table.columns)]

    def geopackage(self, name: str, layers: Mapping[str, gpd.GeoDataFrame]) -> None:
        """Write layers for GIS."""
        with self.draft.writing(name) as file:
            write_geopackage(file, layers, sources=self.sources, language=self.draft.say.language)
        self.columns |= {f"{name}/{layer}": [*map(str, table.columns)] for layer, table in layers.items()}

    def dictionary(self, name: str = COLUMNS, describe: Describe = meaning) -> None:
        """Write what the columns of all of these hold."""
        with self.draft.writing(name) as file:
            write_csv(dictionary(self.columns, self.sources, describe), file)
