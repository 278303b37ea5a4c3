"""Demand: who lives where. One row per unit (point, polygon or raster cell) with its people, fixed first of all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ..geo.errors import InputError
from .columns import as_numbers, as_text, require_column
from .ids import with_ids
from .layer import Layer, first_reasons, refuse_empty, reject_rows
from .population_raster import RASTER_SUFFIXES, Grid, read_population_raster
from .rejects import join_rejects, no_rejects, rejected_rows
from .source import Source, as_source
from .tables import Rows, place_rows, read_rows
from .units import lattice_metres
from .urban import urban_by_column

H3_CELL: Final = r"8[0-9a-f]{14}"
NOT_OF_RASTERS: Final = ("id", "name", "x", "y", "where", "layer", "sheet", "header_row")


@dataclass(frozen=True, kw_only=True)
class Demand:
    """Who lives where.

    Attributes
    ----------
    table : GeoDataFrame
        `id` (str, unique), `people` (float, 0 or more), `group.<name>` (float, NaN where unknown), `urban` (bool, only
        where a column says so), `geometry` (points or polygons, EPSG:4326); input order, index 0..n-1.
    cell_metres : float or None
        Edge of the square cells that points stand for; None for polygons, hexagons and scattered points.
    grid : Grid or None
        The raster the units come from.
    rejected : DataFrame
        Rows refused, and groups' values set aside.
    skipped : mapping of reason to count
        Raster cells that hold nobody or no data.
    refused_people : float
        On the refused rows, as far as these say it in a number.
    assumed : bool
        As in `Layer`.
    """

    table: gpd.GeoDataFrame
    cell_metres: float | None
    grid: Grid | None
    rejected: pd.DataFrame
    skipped: Mapping[str, int] = field(default_factory=dict)
    refused_people: float = 0.0
    assumed: bool = False


def read_demand(
    source: Source | str | Path,
    *,
    people: str | int,
    groups: Mapping[str, str | int] | None = None,
    urban: str | None = None,
) -> Demand:
    """Read people from a table of points, a layer of points or polygons, or a raster of people per cell.

    Parameters
    ----------
    source : Source or path
        Without ids (see `ids.find_ids`) units are called by their row. Of a raster only `crs` counts; its cells are
        `r{row}c{column}`, 0-based.
    people : str or int
        Column, or 1-based band of a raster.
    groups : mapping of name to column, or None
        For a raster: bands, or rasters on the same grid.
    urban : str or None
        Column that says which units are urban, as in `urban_by_column`.

    Returns
    -------
    Demand
        A row whose people are missing, negative or no number is rejected, never 0; rows with 0 people stay. A row without an id
        of its own is rejected, too.

    Raises
    ------
    InputError
        If the file or a column cannot be used, or no row is left.
    TooLargeError
        If a raster has more populated cells than a study can hold.
    """
    placing = as_source(source)
    if placing.file.suffix.lower() not in RASTER_SUFFIXES:
        return _from_rows(read_rows(placing), placing, people=str(people), groups=groups or {}, urban=urban)
    placing.refuse(*NOT_OF_RASTERS, what="a raster")
    if urban is not None:
        raise InputError("{file}: `urban:` does not apply to a raster: leave it out", file=placing.file.name)
    return _from_raster(placing.file, people=people, groups=groups, crs=placing.crs)


def _from_rows(read: Rows, source: Source, *, people: str, groups: Mapping[str, str | int], urban: str | None) -> Demand:
    file = source.file.name
    for column in (people, urban, *groups.values()):
        if column is not None:
            require_column(read.table, str(column), file=file)
    usable = _reject_lines(_reject_people(place_rows(read, source), people, file=file), file=file)
    kept, ids = with_ids(usable, source)
    rows = refuse_empty(kept, file=file).table
    columns = {"id": ids, "people": as_numbers(rows[people])}
    notes = [kept.rejected]
    for name, column in groups.items():
        columns[f"group.{name}"], note = _group(rows[str(column)], file=file)
        notes.append(note)
    if urban is not None:
        columns["urban"] = urban_by_column(rows[urban], file=file)
    table = gpd.GeoDataFrame(columns, geometry=rows.geometry, crs="EPSG:4326").reset_index(drop=True)
    return Demand(
        table=table,
        cell_metres=_cell_metres(table),
        grid=None,
        rejected=join_rejects(notes),
        refused_people=_people(read.table.loc[read.table.index.difference(rows.index), people]),
        assumed=kept.assumed,
    )


def _people(stated: pd.Series) -> float:
    """Add up those numbers that tell people."""
    numbers = as_numbers(stated)
    return float(numbers[np.isfinite(numbers) & (numbers >= 0)].sum())


def _from_raster(path: Path, *, people: str | int, groups: Mapping[str, str | int] | None, crs: str | None) -> Demand:
    if not str(people).isdecimal():
        raise InputError(
            "{file}: `people: {people}` is no band number: give 1 for the first band of a raster", file=path.name, people=people
        )
    cells = read_population_raster(path, band=int(people), groups=groups, crs=crs)
    members = {f"group.{name}": values for name, values in cells.groups.items()}
    columns = {"id": cells.ids, "people": cells.people, **members}
    table = gpd.GeoDataFrame(columns, geometry=shapely.points(cells.lon, cells.lat), crs="EPSG:4326")
    negative = cells.skipped["negative"]
    note = rejected_rows(
        file=path.name,
        rows=[None] if negative else [],
        column=f"band {people}",
        values=[f"{negative} cells"] if negative else [],
        reason="people below 0",
    )
    return Demand(table=table, cell_metres=cells.cell_metres, grid=cells.grid, rejected=note, skipped=cells.skipped)


def _reject_people(layer: Layer, column: str, *, file: str) -> Layer:
    stated = layer.table[column]
    numbers = as_numbers(stated).to_numpy()
    reasons = first_reasons(
        len(stated),
        (as_text(stated).isna().to_numpy(dtype=bool), "the number of people is missing"),
        (~np.isfinite(numbers), "the number of people is no number"),
        (numbers < 0, "the number of people is below 0"),
    )
    return reject_rows(layer, reasons, file=file, column=column, values=stated)


def _reject_lines(layer: Layer, *, file: str) -> Layer:
    lines = shapely.get_dimensions(layer.table.geometry.to_numpy()) == 1
    kinds = layer.table.geometry.geom_type
    reasons = first_reasons(len(lines), (lines, "people live at points or in polygons, not on lines"))
    return reject_rows(layer, reasons, file=file, column="geometry", values=kinds)


def _group(stated: pd.Series, *, file: str) -> tuple[pd.Series, pd.DataFrame]:
    numbers = as_numbers(stated)
    usable = np.isfinite(numbers) & (numbers >= 0)
    wrong = ~usable & as_text(stated).notna()
    if not wrong.any():
        return numbers.where(usable), no_rejects()
    note = rejected_rows(
        file=file,
        rows=stated.index[wrong],
        column=str(stated.name),
        values=stated[wrong],
        reason="note: no number from 0 up; the row stays, the group's people unknown",
    )
    return numbers.where(usable), note


def _cell_metres(table: gpd.GeoDataFrame) -> float | None:
    all_points = bool((table.geometry.geom_type == "Point").all())
    if not all_points or bool(table["id"].str.fullmatch(H3_CELL).all()):
        return None
    return lattice_metres(table.geometry.x.to_numpy(), table.geometry.y.to_numpy())
