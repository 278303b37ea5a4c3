"""Candidates: places where a facility could be built, from a file, from where people live, or along the streets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from ..geo.coordinates import Floats, metric_crs
from ..geo.errors import said
from .columns import as_numbers, require_column
from .ids import read_names, with_ids
from .layer import Layer, first_reasons, refuse_empty, reject_rows
from .rejects import join_rejects
from .source import Source, as_source
from .tables import read_table
from .units import metric_transformer, unit_points

COLUMNS: Final = ("candidate", "name", "cost", "capacity", "source", "geometry")

Ints = npt.NDArray[np.int64]


def candidates_from_file(
    source: Source | str | Path,
    *,
    cost: str | None = None,
    capacity: str | None = None,
    spacing_metres: float | None = None,
) -> Layer:
    """Read candidates from a file: points, or polygons of available land.

    Parameters
    ----------
    source : Source or path
        Without ids (see `ids.find_ids`) candidates are called by file and row.
    cost, capacity : str or None
        A column, or a number that holds for every row.
    spacing_metres : float or None
        Fills each polygon with points this far apart, each at the cost and capacity of its row; without it a polygon is one
        candidate, entered wherever its outline meets a street.

    Returns
    -------
    Layer
        COLUMNS; rows without a usable cost or capacity are rejected, because a plan would count them as free or endless, and
        rows without an id of their own, because plans and what is forbidden are told by it.

    Raises
    ------
    InputError
        If the file or a column cannot be used, or every row is rejected.
    """
    placing = as_source(source)
    file = placing.file.name
    usable = read_table(placing)
    usable = _reject_figures(_reject_figures(usable, "cost", cost, file=file), "capacity", capacity, file=file)
    kept, ids = with_ids(usable, placing, numbered=f"{placing.file.stem}-")
    rows = refuse_empty(kept, file=file).table
    table = _candidates(
        rows.geometry,
        ids=ids,
        names=read_names(rows, placing),
        cost=_figures(rows, cost, file=file),
        capacity=_figures(rows, capacity, file=file),
        source=file,
    )
    return replace(kept, table=table if spacing_metres is None else filled_with_points(table, spacing_metres))


def candidates_from_units(
    units: gpd.GeoDataFrame, *, spacing_metres: float | None = None, cost: float | None = None, capacity: float | None = None
) -> gpd.GeoDataFrame:
    """Make every demand unit where people live a candidate.

    Parameters
    ----------
    units : GeoDataFrame
        Demand: `id, people, geometry`.
    spacing_metres : float or None
        Thins them to at least this distance; where units are closer, the one with more people stays.
    cost, capacity : float or None
        Of every candidate; unknown if None.

    Returns
    -------
    GeoDataFrame
        COLUMNS; points, EPSG:4326.
    """
    rows = np.flatnonzero(units["people"].to_numpy(float) > 0)
    lon, lat = unit_points(units.geometry.iloc[rows])
    if spacing_metres is not None:
        first = np.argsort(-units["people"].to_numpy(float)[rows], kind="stable")
        kept = thinned(lon, lat, first, spacing_metres=spacing_metres)
        rows, lon, lat = rows[kept], lon[kept], lat[kept]
    ids = pd.Series("demand:" + units["id"].iloc[rows].astype("str").to_numpy(object), dtype="str")
    return _at_points(lon, lat, ids=ids, source="demand", cost=cost, capacity=capacity)


def candidates_at_streets(
    lon: Floats,
    lat: Floats,
    component: npt.NDArray[np.int32],
    *,
    spacing_metres: float,
    cost: float | None = None,
    capacity: float | None = None,
) -> gpd.GeoDataFrame:
    """Make street nodes candidates, thinned to a spacing.

    Parameters
    ----------
    lon, lat : (n,) float64
        Street nodes, EPSG:4326.
    component : (n,) int32
        Part of the network each lies on; nodes of another part never crowd one out, or an island beside a coast would
        get no candidate.
    spacing_metres : float
    cost, capacity : float or None
        Of every candidate; unknown if None.

    Returns
    -------
    GeoDataFrame
        COLUMNS; points, EPSG:4326.
    """
    kept = thinned(lon, lat, np.arange(len(lon)), spacing_metres=spacing_metres, part=component)
    ids = pd.Series([f"street:{number}" for number in range(1, len(kept) + 1)], dtype="str")
    return _at_points(lon[kept], lat[kept], ids=ids, source="streets", cost=cost, capacity=capacity)


def merge_candidates(parts: Sequence[Layer]) -> Layer:
    """Stack the candidates of several sources; an id that comes twice gets its source in front."""
    tables = [part.table for part in parts if len(part.table)] or [part.table for part in parts[:1]]
    table = gpd.GeoDataFrame(pd.concat(tables, ignore_index=True), geometry="geometry", crs="EPSG:4326")
    twice = table["candidate"].duplicated(keep=False)
    ids = table["candidate"].where(~twice, table["source"] + ":" + table["candidate"])
    number = table.groupby(ids).cumcount() + 1
    unique = ids.where(~ids.duplicated(keep=False), number.astype("str") + ":" + ids)
    return Layer(table.assign(candidate=unique), join_rejects([part.rejected for part in parts]))


def thinned(lon: Floats, lat: Floats, first: Ints, *, spacing_metres: float, part: npt.NDArray[np.int32] | None = None) -> Ints:
    """Keep points so that no two of one part are closer than a spacing.

    Parameters
    ----------
    lon, lat : (n,) float64
        EPSG:4326.
    first : (n,) int64
        All rows in the order in which they are asked; the earlier of two close points stays.
    spacing_metres : float
        Two points exactly this far apart both stay.
    part : (n,) int32, optional
        Points of different parts never exclude each other.

    Returns
    -------
    (m,) int64
        Kept rows, ascending.
    """
    if not len(lon):
        return np.empty(0, np.int64)
    places = np.column_stack(metric_transformer(metric_crs(lon, lat)).transform(lon, lat))
    tree = cKDTree(places)
    reach = spacing_metres * (1 - 1e-9)
    waiting = np.ones(len(lon), bool)
    kept = []
    for row in first.tolist():
        if waiting[row]:
            near = np.asarray(tree.query_ball_point(places[row], reach), np.int64)
            waiting[near if part is None else near[part[near] == part[row]]] = False
            kept.append(row)
    return np.sort(np.asarray(kept, np.int64))


def filled_with_points(table: gpd.GeoDataFrame, spacing_metres: float) -> gpd.GeoDataFrame:
    """Replace each polygon by a lattice of points inside it; one too small for the lattice becomes one point in its middle.

    Parameters
    ----------
    table : GeoDataFrame
        COLUMNS, EPSG:4326; rows that are no polygons stay as they are.
    spacing_metres : float

    Returns
    -------
    GeoDataFrame
        COLUMNS; the points of a polygon are called by its id and a number.
    """
    shapes = table.geometry.to_numpy()
    bounds = shapely.bounds(shapes)
    transformer = metric_transformer(metric_crs(bounds[:, [0, 2]].ravel(), bounds[:, [1, 3]].ravel()))
    metric = shapely.transform(shapes, transformer.transform, interleaved=False)
    parts = [_lattice(shape, spacing_metres) for shape in metric]
    row = np.repeat(np.arange(len(table)), [len(part) for part in parts])
    points = np.concatenate(parts)
    lonlat = shapely.transform(points, lambda x, y: transformer.transform(x, y, direction="INVERSE"), interleaved=False)
    whole = shapely.get_dimensions(shapes) < 2
    lonlat[whole[row]] = shapes[row[whole[row]]]
    number = pd.Series(row).groupby(row).cumcount() + 1
    several = np.bincount(row, minlength=len(table))[row] > 1
    spread = table.iloc[row].reset_index(drop=True)
    ids = spread["candidate"].where(~several, spread["candidate"] + "-" + number.astype("str"))
    return spread.assign(candidate=ids).set_geometry(gpd.GeoSeries(lonlat, crs="EPSG:4326"))


def _lattice(shape: shapely.Geometry, spacing_metres: float) -> npt.NDArray[np.object_]:
    """Points inside a polygon (metric CRS), or one in its middle where none lies inside; other shapes as they are."""
    if shapely.get_dimensions(shape) < 2:
        return np.array([shape], dtype=object)
    west, south, east, north = shapely.bounds(shape)
    half = spacing_metres / 2
    x, y = np.meshgrid(np.arange(west + half, east, spacing_metres), np.arange(south + half, north, spacing_metres))
    points = shapely.points(x.ravel(), y.ravel())
    shapely.prepare(shape)
    inside = points[shapely.contains(shape, points)] if len(points) else points
    return inside if len(inside) else np.array([shapely.point_on_surface(shape)], dtype=object)


def _at_points(
    lon: Floats, lat: Floats, *, ids: pd.Series, source: str, cost: float | None, capacity: float | None
) -> gpd.GeoDataFrame:
    geometry = gpd.GeoSeries(shapely.points(lon, lat), crs="EPSG:4326")
    figures = [pd.Series(np.nan if value is None else float(value), index=geometry.index) for value in (cost, capacity)]
    names = pd.Series(None, index=geometry.index, dtype="str")
    return _candidates(geometry, ids=ids, names=names, cost=figures[0], capacity=figures[1], source=source)


def _candidates(
    geometry: gpd.GeoSeries, *, ids: pd.Series, names: pd.Series, cost: pd.Series, capacity: pd.Series, source: str
) -> gpd.GeoDataFrame:
    columns = {"candidate": ids, "name": names, "cost": cost, "capacity": capacity, "source": source}
    table = gpd.GeoDataFrame(columns, index=geometry.index, geometry=geometry, crs="EPSG:4326").reset_index(drop=True)
    types = {"candidate": "str", "name": "str", "cost": np.float64, "capacity": np.float64, "source": "str"}
    return table.astype(types)[list(COLUMNS)]


def _number(given: str) -> float | None:
    """Return a figure that was written as a number instead of a column."""
    try:
        return float(given)
    except ValueError:
        return None


def _figures(rows: gpd.GeoDataFrame, given: str | None, *, file: str) -> pd.Series:
    """Read a column of figures, or repeat a number; unknown where nothing is given."""
    number = np.nan if given is None else _number(given)
    if number is not None and given not in rows.columns:
        return pd.Series(number, index=rows.index)
    return as_numbers(rows[require_column(rows, str(given), file=file)])


def _reject_figures(layer: Layer, what: str, given: str | None, *, file: str) -> Layer:
    figures = _figures(layer.table, given, file=file)
    if given is None:
        return layer
    usable = (np.isfinite(figures) & (figures >= 0)).to_numpy(dtype=bool)
    reasons = first_reasons(len(figures), (~usable, said("the {what} is no number from 0 up", what=said(what))))
    return reject_rows(layer, reasons, file=file, column=given, values=figures)
