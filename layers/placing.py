"""Placing rows on the Earth: coordinates or shapes in any system -> WGS 84, refusing what cannot be where it claims."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from ..geo.coordinates import Floats, is_offset_system, parse_crs, to_wgs84
from ..geo.errors import UndeclaredCrsError, said
from .columns import as_numbers
from .layer import Flags, Layer, Reasons, first_reasons, reject_rows
from .rejects import no_rejects, rejected_rows

# What GEOS and shapely raise over a shape they cannot take: a curve, a ring of two points, a coordinate that is no number.
SHAPE_ERRORS: Final = (shapely.errors.ShapelyError, ValueError, TypeError, NotImplementedError)
COLLECTION: Final = shapely.GeometryType.GEOMETRYCOLLECTION
MOST_NESTED: Final = 10
REDUCED: Final = "note: a collection of shapes; its areas count, or else its lines, or else its points"

Shapes = npt.NDArray[np.object_]

# A projected point this far outside its CRS's area of use has its axes swapped, or another CRS.
USE_MARGIN_DEGREES: Final = 10


def place_points(table: pd.DataFrame, *, x: str, y: str, crs: str | None, file: str) -> Layer:
    """Give each row a point from its coordinate columns.

    Parameters
    ----------
    table : DataFrame
    x, y : str
        Columns of longitude (easting) and latitude (northing).
    crs : str or None
        None means EPSG:4326, as long as most values lie in the range of degrees.
    file : str
        Named in errors and rejects.

    Raises
    ------
    InputError
        If the values are no degrees and `crs` is not declared.
    """
    easting, northing = as_numbers(table[x]).to_numpy(), as_numbers(table[y]).to_numpy()
    if crs is None:
        _require_degrees(easting, northing, names=(x, y), file=file)
    system = crs or "EPSG:4326"
    lon, lat = to_wgs84(easting, northing, system)
    points = gpd.GeoSeries(shapely.points(lon, lat), index=table.index, crs="EPSG:4326")
    layer = Layer(gpd.GeoDataFrame(table, geometry=points), no_rejects(), assumed=crs is None and not _say_wgs84(x, y))
    reasons = _misplaced(easting, northing, lon, lat, system)
    refused = table.loc[(reasons != "").astype(bool)]
    shown = refused[x].astype("str").fillna("") + " " + refused[y].astype("str").fillna("")
    return reject_rows(layer, reasons, file=file, column=f"{x} {y}", values=shown)


def place_shapes(table: gpd.GeoDataFrame, *, crs: str | None, file: str) -> Layer:
    """Bring each row's shape to WGS 84, flat, and mend polygons that cross themselves.

    Parameters
    ----------
    table : GeoDataFrame
    crs : str or None
        Goes before what the table declares.
    file : str
        Named in errors and rejects.

    Raises
    ------
    InputError
        If no coordinate system is declared.
    """
    if crs is None and table.crs is None:
        raise UndeclaredCrsError(
            "{file}: declares no coordinate system (a Shapefile keeps it in a .prj file): add `crs:`, such "
            "as EPSG:4326, EPSG:4549, GCJ-02 or BD-09",
            file=file,
        )
    system = crs or table.crs.to_string()
    flat = gpd.GeoSeries(_each(_flat, table.geometry.to_numpy()), index=table.index)
    reduced = table.index[(table.geometry.geom_type == "GeometryCollection") & ~_is_nothing(flat)]
    notes = rejected_rows(
        file=file, rows=reduced, column="geometry", values=["GeometryCollection"] * len(reduced), reason=REDUCED
    )
    layer = Layer(gpd.GeoDataFrame(table.drop(columns=table.geometry.name), geometry=flat), notes)
    layer = _reject_shapes(layer, _is_nothing(flat), "the shape is missing, empty or broken", file=file)
    source = layer.table.geometry.to_numpy()
    moved = _each(lambda shapes: _moved(shapes, system), source)
    layer = _with_shapes(layer, moved)
    layer = _reject_for(layer, _misplaced_shapes(source, moved, system), file=file)
    layer = _with_shapes(layer, _each(_mended, layer.table.geometry.to_numpy()))
    shapes = layer.table.geometry
    unusable = _is_nothing(shapes) | ~shapes.is_valid
    return _reject_shapes(layer, unusable, "the shape is not valid and cannot be mended", file=file)


def _is_nothing(shapes: gpd.GeoSeries) -> pd.Series:
    values = shapes.to_numpy()
    return pd.Series(shapely.is_missing(values) | shapely.is_empty(values), index=shapes.index)


def _each(change: Callable[[Shapes], Shapes], shapes: Shapes) -> Shapes:
    """Change all shapes at once or, where one of them cannot be, one by one: it becomes None."""
    try:
        return change(shapes)
    except SHAPE_ERRORS:
        return np.array([*(_alone(change, shape) for shape in shapes), None], dtype=object)[:-1]


def _alone(change: Callable[[Shapes], Shapes], shape: object) -> object:
    one = np.array([shape, None], dtype=object)[:1]
    try:
        return change(one)[0]
    except SHAPE_ERRORS:
        return None


def _flat(shapes: Shapes) -> Shapes:
    """Leave out heights, and of collections all but the parts of the highest dimension: lines and points beside an area."""
    flat: Shapes = shapely.force_2d(shapes)
    for row in np.flatnonzero(shapely.get_type_id(flat) == COLLECTION):
        flat[row] = _main_part(flat[row])
    return flat


def _main_part(collection: shapely.Geometry) -> shapely.Geometry | None:
    parts = np.array([collection], dtype=object)
    for _ in range(MOST_NESTED):
        parts = shapely.get_parts(parts)
        if not (shapely.get_type_id(parts) == COLLECTION).any():
            break
    dimension = shapely.get_dimensions(parts)
    main = shapely.get_parts(parts[dimension == dimension.max()]) if len(parts) else parts
    kinds = {0: shapely.multipoints, 1: shapely.multilinestrings, 2: shapely.multipolygons}
    if not len(main) or int(dimension.max()) not in kinds:
        return None
    return main[0] if len(main) == 1 else kinds[int(dimension.max())](main)


def _moved(shapes: Shapes, system: str) -> Shapes:
    moved: Shapes = shapely.transform(shapes, lambda points: np.column_stack(to_wgs84(points[:, 0], points[:, 1], system)))
    return moved


def _with_shapes(layer: Layer, shapes: Shapes) -> Layer:
    geometry = gpd.GeoSeries(shapes, index=layer.table.index, crs="EPSG:4326")
    return replace(layer, table=layer.table.assign(geometry=geometry).set_geometry("geometry", crs="EPSG:4326"))


def _reject_shapes(layer: Layer, refused: pd.Series, reason: str, *, file: str) -> Layer:
    return _reject_for(layer, first_reasons(len(refused), (refused.to_numpy(dtype=bool), reason)), file=file)


def _reject_for(layer: Layer, reasons: Reasons, *, file: str) -> Layer:
    nothing_to_show = pd.Series("", index=layer.table.index)
    return reject_rows(layer, reasons, file=file, column="geometry", values=nothing_to_show)


def _mended(shapes: Shapes) -> Shapes:
    crossing = ~shapely.is_valid(shapes) & (shapely.get_dimensions(shapes) == 2)
    mended = shapes.copy()
    mended[crossing] = shapely.make_valid(shapes[crossing], method="structure", keep_collapsed=False)
    return mended


def _require_degrees(easting: Floats, northing: Floats, *, names: tuple[str, str], file: str) -> None:
    known = np.isfinite(easting) & np.isfinite(northing)
    # Up to 180 for both: swapped degrees are still degrees, and get a better message row by row.
    other = known & ((np.abs(easting) > 180) | (np.abs(northing) > 180))
    if other.sum() * 2 > known.sum():
        first = int(other.argmax())
        raise UndeclaredCrsError(
            "{file}: {x_name} {x:.10g} and {y_name} {y:.10g} are no degrees: declare the "
            "coordinate system with `crs:`, such as EPSG:4549",
            file=file,
            x_name=names[0],
            x=easting[first],
            y_name=names[1],
            y=northing[first],
        )


def _say_wgs84(*columns: str) -> bool:
    return all("wgs" in column.casefold() for column in columns)


def _misplaced(easting: Floats, northing: Floats, lon: Floats, lat: Floats, crs: str) -> Reasons:
    """Say of each point why it cannot be where it claims; empty text where nothing is wrong."""
    missing = ~(np.isfinite(easting) & np.isfinite(northing))
    impossible = ~((np.abs(lon) <= 180) & (np.abs(lat) <= 90))
    swapped = impossible & (np.abs(easting) <= 90) & (np.abs(northing) <= 180)
    name = _short(crs)
    return first_reasons(
        lon.size,
        (missing, "no coordinates, or not numbers"),
        (swapped, "latitude beyond 90 degrees: longitude and latitude look swapped, exchange `x:` and `y:`"),
        (
            impossible,
            said("beyond longitude 180 or latitude 90 degrees when read as {crs}: correct the row or `crs:`", crs=name),
        ),
        (
            _beyond_use(lon, lat, crs),
            said("far from where {crs} is used: x (easting) and y (northing) look swapped, or `crs:` is wrong", crs=name),
        ),
    )


def _misplaced_shapes(source: Shapes, moved: Shapes, crs: str) -> Reasons:
    """Say the same of shapes, by the worst corner of each."""
    coordinates, shape_of = shapely.get_coordinates(moved, return_index=True)
    lost = np.zeros(len(moved), dtype=bool)
    lost[shape_of[~np.isfinite(coordinates).all(axis=1)]] = True
    before, after = shapely.bounds(source), np.where(lost[:, None], np.nan, shapely.bounds(moved))
    low = _misplaced(before[:, 0], before[:, 1], after[:, 0], after[:, 1], crs)
    high = _misplaced(before[:, 2], before[:, 3], after[:, 2], after[:, 3], crs)
    return np.where(low != "", low, high)


def _beyond_use(lon: Floats, lat: Floats, crs: str) -> Flags:
    """Tell projected points far off their CRS's area: surveyors' tables in China put the northing into X."""
    parsed = None if is_offset_system(crs) else parse_crs(crs)
    area = parsed.area_of_use if parsed is not None and parsed.is_projected else None
    if area is None or area.west > area.east:
        return np.zeros(lon.shape, dtype=bool)
    inside_lon = (lon >= area.west - USE_MARGIN_DEGREES) & (lon <= area.east + USE_MARGIN_DEGREES)
    inside_lat = (lat >= area.south - USE_MARGIN_DEGREES) & (lat <= area.north + USE_MARGIN_DEGREES)
    return ~(inside_lon & inside_lat)


def _short(crs: str) -> str:
    """A file's own definition may be a page of text; its name is enough."""
    return crs if len(crs) <= 40 else parse_crs(crs).name
