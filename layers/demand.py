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
from .layer import Layer, first_reasons, refuse_empty, reject_rows
from .population_raster import RASTER_SUFFIXES, Grid, read_population_raster
from .rejects import join_rejects, no_rejects, rejected_rows
from .tables import read_table
from .units import lattice_metres
from .urban import urban_by_column

H3_CELL: Final = r"8[0-9a-f]{14}"


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
    """

    table: gpd.GeoDataFrame
    cell_metres: float | None
    grid: Grid | None
    rejected: pd.DataFrame
    skipped: Mapping[str, int] = field(default_factory=dict)


def read_demand(
    path: str | Path,
    *,
    people: str | int,
    id: str | None = None,
    groups: Mapping[str, str | int] | None = None,
    urban: str | None = None,
    x: str | None = None,
    y: str | None = None,
    crs: str | None = None,
    encoding: str | None = None,
    where: str | None = None,
    layer: str | None = None,
) -> Demand:
    """Read people from a table of points, a layer of points or polygons, or a raster of people per cell.

    Parameters
    ----------
    path : str or Path
    people : str or int
        Column, or 1-based band of a raster.
    id : str or None
        Column of unique ids; without it units are called by their row. Raster cells are `r{row}c{column}`, 0-based.
    groups : mapping of name to column, or None
        For a raster: bands, or rasters on the same grid.
    urban : str or None
        Column that says which units are urban, as in `urban_by_column`.
    x, y, crs, encoding, where, layer
        As in `read_table`; only `crs` applies to a raster.

    Returns
    -------
    Demand
        A row whose people are missing, negative or no number is rejected, never 0; rows with 0 people stay.

    Raises
    ------
    InputError
        If the file or a column cannot be used, an id comes twice, or no row is left.
    TooLargeError
        If a raster has more populated cells than a study can hold.
    """
    path = Path(path)
    if path.suffix.lower() in RASTER_SUFFIXES:
        _refuse_table_options(path, id=id, urban=urban, x=x, y=y, where=where, layer=layer)
        return _from_raster(path, people=people, groups=groups, crs=crs)
    read = read_table(path, x=x, y=y, crs=crs, encoding=encoding, where=where, layer=layer)
    return _from_layer(read, file=path.name, people=str(people), id=id, groups=groups or {}, urban=urban)


def _from_layer(
    read: Layer, *, file: str, people: str, id: str | None, groups: Mapping[str, str | int], urban: str | None
) -> Demand:
    for column in (people, id, urban, *groups.values()):
        if column is not None:
            require_column(read.table, str(column), file=file)
    kept = _reject_lines(_reject_people(read, people, file=file), file=file)
    kept = refuse_empty(_reject_blank_ids(kept, id, file=file), file=file)
    rows = kept.table
    ids = pd.Series(rows.index, index=rows.index).astype("str") if id is None else as_text(rows[id])
    _require_unique(ids, file=file)
    columns = {"id": ids, "people": as_numbers(rows[people])}
    notes = [kept.rejected]
    for name, column in groups.items():
        columns[f"group.{name}"], note = _group(rows[str(column)], file=file)
        notes.append(note)
    if urban is not None:
        columns["urban"] = urban_by_column(rows[urban], file=file)
    table = gpd.GeoDataFrame(columns, geometry=rows.geometry, crs="EPSG:4326").reset_index(drop=True)
    return Demand(table=table, cell_metres=_cell_metres(table), grid=None, rejected=join_rejects(notes))


def _from_raster(path: Path, *, people: str | int, groups: Mapping[str, str | int] | None, crs: str | None) -> Demand:
    if not str(people).isdigit():
        raise InputError(f"{path.name}: `people: {people}` is no band number: give 1 for the first band of a raster")
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


def _refuse_table_options(path: Path, **options: str | None) -> None:
    given = next((name for name, value in options.items() if value is not None), None)
    if given is not None:
        raise InputError(f"{path.name}: `{given}:` does not apply to a raster: leave it out")


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


def _reject_blank_ids(layer: Layer, id: str | None, *, file: str) -> Layer:
    if id is None:
        return layer
    ids = as_text(layer.table[id])
    reasons = first_reasons(len(ids), (ids.isna().to_numpy(dtype=bool), "the id is missing"))
    return reject_rows(layer, reasons, file=file, column=id, values=ids)


def _require_unique(ids: pd.Series, *, file: str) -> None:
    repeated = ids.duplicated()
    if repeated.any():
        second = ids.index[repeated][0]
        first = ids.index[ids == ids[second]][0]
        raise InputError(f"{file}: row {second}: id {ids[second]!r} already stands in row {first}: make the ids unique")


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
