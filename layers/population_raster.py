"""Rasters of people: every cell with people becomes one demand unit, read window by window."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from affine import Affine
from pyproj import CRS, Geod
from rasterio.windows import Window

from ..geo.coordinates import Floats, is_offset_system, parse_crs, to_wgs84
from ..geo.errors import InputError, TooLargeError
from ..geo.files import foreign_reader
from ..geo.rasters import REMEDY, open_raster

RASTER_SUFFIXES: Final = (".tif", ".tiff", ".vrt", ".img", ".asc")
WINDOW_CELLS: Final = 4_000_000
# A unit takes about 290 bytes as read and more with results: beyond this a planner's 8 GB are full.
MOST_UNITS: Final = 15_000_000

AnyFloats = npt.NDArray[np.floating[Any]]
Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True, kw_only=True)
class Grid:
    """The raster that demand was read from.

    Attributes
    ----------
    crs : CRS
    transform : Affine
        From (column, row) of a cell's upper left corner to coordinates in `crs`.
    shape : tuple of int
        Rows and columns.
    rows, columns : array of int32
        0-based cell of each demand unit, in the order of the table.
    """

    crs: CRS
    transform: Affine
    shape: tuple[int, int]
    rows: Ints
    columns: Ints


@dataclass(frozen=True, kw_only=True)
class RasterPeople:
    """Cells with people.

    Attributes
    ----------
    people : array of float64
        One per cell with people, row by row.
    groups : mapping of name to array of float64
        NaN where the group's raster has no data.
    lon, lat : array of float64
        Cell centres, degrees WGS 84.
    ids : Series of str
        `r{row}c{column}`, 0-based.
    cell_metres : float
        Side of the square with the area of a cell in the middle of the populated cells.
    grid : Grid
    skipped : mapping
        Cells left out: `no data`, `negative`, `zero`.
    """

    people: Floats
    groups: Mapping[str, Floats]
    lon: Floats
    lat: Floats
    ids: pd.Series
    cell_metres: float
    grid: Grid
    skipped: Mapping[str, int]


def read_population_raster(
    path: Path, *, band: int, groups: Mapping[str, str | int] | None = None, crs: str | None = None
) -> RasterPeople:
    """Read people per cell.

    Parameters
    ----------
    path : Path
    band : int
        1-based band of people.
    groups : mapping of name to band or file, or None
        A number is a band of the same file; anything else a raster on the same grid, relative to `path`.
    crs : str or None
        Goes before what the file declares; not an offset system, whose cells are no straight grid on the ground.

    Raises
    ------
    InputError
        If a file or band cannot be read, the grids differ, no CRS is declared, or no cell has people.
    TooLargeError
        If more cells have people than a study can hold.
    """
    with open_raster(path) as source:
        _require_band(source, band, file=path.name)
        system = _system(source, crs, file=path.name)
        opened = {name: _open_group(path, source, group) for name, group in (groups or {}).items()}
        try:
            found = _collect(source, band, opened, file=path.name)
        finally:
            for dataset, _ in opened.values():
                dataset.close()
        transform, shape = source.transform, (source.height, source.width)
    return _located(found, system=system, transform=transform, shape=shape, file=path.name)


@dataclass(frozen=True)
class _Cells:
    rows: Ints
    columns: Ints
    people: Floats
    groups: Mapping[str, Floats]
    skipped: Mapping[str, int]


def _collect(source: Any, band: int, groups: Mapping[str, tuple[Any, int]], *, file: str) -> _Cells:
    """Gather the populated cells of all windows, holding one window at a time."""
    rows, columns, people = [], [], []
    members: dict[str, list[Floats]] = {name: [] for name in groups}
    skipped = {"no data": 0, "negative": 0, "zero": 0}
    total = 0
    for window in _windows(source):
        with foreign_reader(file, REMEDY):
            values, known = _values(source, band, window)
            parts = {name: _members(dataset, group_band, window) for name, (dataset, group_band) in groups.items()}
        with_people = known & (values > 0)
        skipped["no data"] += int((~known).sum())
        skipped["negative"] += int((known & (values < 0)).sum())
        skipped["zero"] += int((known & (values == 0)).sum())
        row, column = np.nonzero(with_people)
        total += row.size
        if total > MOST_UNITS:
            raise TooLargeError(
                "{file}: more than {most_units:,} cells have people: clip it, or sum it to larger cells",
                file=file,
                most_units=MOST_UNITS,
            )
        rows.append((row + window.row_off).astype(np.int32))
        columns.append((column + window.col_off).astype(np.int32))
        # As float64: sums of float32 drift by whole people over a province.
        people.append(values[with_people].astype(np.float64))
        for name, part in parts.items():
            members[name].append(part[with_people])
    order = np.lexsort((np.concatenate(columns), np.concatenate(rows)))
    joined = {name: np.concatenate(parts)[order] for name, parts in members.items()}
    return _Cells(
        rows=np.concatenate(rows)[order],
        columns=np.concatenate(columns)[order],
        people=np.concatenate(people)[order],
        groups=joined,
        skipped=skipped,
    )


def _located(cells: _Cells, *, system: str, transform: Affine, shape: tuple[int, int], file: str) -> RasterPeople:
    if cells.people.size == 0:
        raise InputError("{file}: no cell has people: correct the band number in `people:`", file=file)
    x, y = _places(transform, cells.columns + 0.5, cells.rows + 0.5)
    lon, lat = to_wgs84(x, y, system)
    if not ((np.abs(lon) <= 180).all() and (np.abs(lat) <= 90).all()):
        raise InputError("{file}: cells lie off the Earth when read as {system}: correct `crs:`", file=file, system=system)
    grid = Grid(crs=parse_crs(system), transform=transform, shape=shape, rows=cells.rows, columns=cells.columns)
    return RasterPeople(
        people=cells.people,
        groups=cells.groups,
        lon=lon,
        lat=lat,
        ids=_cell_ids(cells.rows, cells.columns),
        cell_metres=_cell_metres(grid, system),
        grid=grid,
        skipped=cells.skipped,
    )


def _open_group(path: Path, source: Any, group: str | int) -> tuple[Any, int]:
    """Open a group's raster and check that its cells are the same cells."""
    own_band = str(group).isdecimal()
    place = path if own_band else path.parent / str(group)
    dataset = open_raster(place)
    same = dataset.shape == source.shape and dataset.transform.almost_equals(source.transform) and dataset.crs == source.crs
    if not same:
        dataset.close()
        raise InputError("{place}: its cells are not those of {file}: warp it to the same grid", place=place.name, file=path.name)
    band = int(group) if own_band else 1
    _require_band(dataset, band, file=place.name)
    return dataset, band


def _require_band(dataset: Any, band: int, *, file: str) -> None:
    if not 1 <= band <= dataset.count:
        raise InputError("{file}: no band {band}: it has {count}, numbered from 1", file=file, band=band, count=dataset.count)


def _system(source: Any, crs: str | None, *, file: str) -> str:
    if crs is not None and is_offset_system(crs):
        raise InputError("{file}: a raster cannot be in {crs}: warp it to EPSG:4326 first", file=file, crs=crs)
    if crs is None and source.crs is None:
        raise InputError("{file}: declares no coordinate system: add `crs:`, such as EPSG:4326", file=file)
    return crs or str(source.crs.to_wkt())


def _windows(source: Any) -> Iterator[Window]:
    """Cut the raster into bands as wide as the file and of bounded size, of whole blocks where these are small."""
    rows, block = max(1, WINDOW_CELLS // source.width), source.block_shapes[0][0]
    height = rows // block * block or rows
    for top in range(0, source.height, height):
        yield Window(0, top, source.width, min(height, source.height - top))


def _values(dataset: Any, band: int, window: Window) -> tuple[AnyFloats, Flags]:
    """Read a window, and which of its cells hold data."""
    cells = dataset.read(band, window=window, masked=True)
    if np.iscomplexobj(cells):
        raise InputError("{dataset}: its cells are complex numbers: export real ones", dataset=Path(dataset.name).name)
    return cells.data, ~np.ma.getmaskarray(cells) & np.isfinite(cells.data)


def _members(dataset: Any, band: int, window: Window) -> Floats:
    """Read a group's window; NaN where there is no data or a negative number."""
    values, known = _values(dataset, band, window)
    return np.where(known & (values >= 0), values, np.nan).astype(np.float64)


def _places(transform: Affine, columns: AnyFloats, rows: AnyFloats) -> tuple[Floats, Floats]:
    """Coordinates of places given in cells, which may be turned or sheared against the axes."""
    x = transform.a * columns + transform.b * rows + transform.c
    y = transform.d * columns + transform.e * rows + transform.f
    return x, y


def _cell_ids(rows: Ints, columns: Ints) -> pd.Series:
    texts = [pc.cast(pa.array(numbers), pa.string()) for numbers in (rows, columns)]
    return pd.Series(pc.binary_join_element_wise("r", texts[0], "c", texts[1], "").to_pandas(), dtype="str")


def _cell_metres(grid: Grid, system: str) -> float:
    """Side of the square as large as the cell in the middle, measured on the ellipsoid."""
    column, row = float(np.median(grid.columns)), float(np.median(grid.rows))
    east, south = np.array([0.0, 1.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0, 1.0])
    x, y = _places(grid.transform, np.floor(column) + east, np.floor(row) + south)
    lon, lat = to_wgs84(x, y, system)
    area, _ = Geod(ellps="WGS84").polygon_area_perimeter(lon, lat)
    return float(np.sqrt(abs(area)))
