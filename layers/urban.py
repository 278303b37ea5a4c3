"""Urban or rural: by a column, by polygons, or by the density of people (Degree of Urbanisation)."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from ..geo.coordinates import Floats, equal_area_crs
from ..geo.errors import InputError
from .columns import as_text
from .degree_of_urbanisation import CELL_METRES, urban_cells
from .units import metric_transformer, unit_points

# The numbers from 111 are the statistics bureau's urban-rural classes: 1xx urban, 2xx rural.
URBAN_WORDS: Final = frozenset({"urban", "城镇", "城市", "1", "true", "111", "112", "121", "122", "123"})
RURAL_WORDS: Final = frozenset({"rural", "乡村", "农村", "0", "false", "210", "220"})
# People of a unit larger than this are spread over it, or a township's people would stand on one square kilometre.
SPREAD_METRES: Final = 250

Integers = npt.NDArray[np.int64]


def urban_by_column(values: pd.Series, *, file: str) -> pd.Series:
    """Read a column that says which units are urban.

    Parameters
    ----------
    values : Series
        urban/rural, 城镇/乡村 (城市/农村), 1/0, true/false or the classes 111-123/210-220 of the Chinese
        statistical division codes; the index is the row number.
    file : str
        Named in the error.

    Returns
    -------
    Series of bool
        True where urban.

    Raises
    ------
    InputError
        Naming the first row with another value or none: a guess would move people out of a goal's population.
    """
    words = as_text(values).str.casefold()
    urban = words.isin(URBAN_WORDS)
    unknown = ~(urban | words.isin(RURAL_WORDS))
    if unknown.any():
        row = values.index[unknown][0]
        raise InputError(f"{file}: row {row}: {values.name} is {values[row]!r}: write urban or rural, 城镇 or 乡村, 1 or 0")
    return urban.rename("urban")


def urban_by_polygons(demand: gpd.GeoDataFrame, polygons: gpd.GeoSeries) -> pd.Series:
    """Call a unit urban where its point (see `unit_points`) lies in one of the polygons or on their border.

    Parameters
    ----------
    demand : GeoDataFrame
        Points or polygons, EPSG:4326.
    polygons : GeoSeries
        Urban areas, EPSG:4326.

    Returns
    -------
    Series of bool
        Aligned to `demand`.
    """
    tree = shapely.STRtree(shapely.points(*unit_points(demand.geometry)))
    urban = np.zeros(len(demand), dtype=bool)
    urban[tree.query(polygons.to_numpy(), predicate="intersects")[1]] = True
    return pd.Series(urban, index=demand.index, name="urban")


def urban_by_density(demand: gpd.GeoDataFrame, *, cell_metres: float | None = None) -> pd.Series:
    """Call a unit urban where at least half of its people live in urban centres or clusters.

    Parameters
    ----------
    demand : GeoDataFrame
        `people` and points or polygons, EPSG:4326.
    cell_metres : float or None
        Edge of the square cells that points stand for; large ones are spread over their square.

    Returns
    -------
    Series of bool
        Aligned to `demand`.
    """
    unit, x, y = _samples(demand, cell_metres)
    column, row = _cell_of(x), _cell_of(y)
    shape = (int(row.max()) + 1, int(column.max()) + 1)
    cell = row * shape[1] + column
    samples_of_unit = np.bincount(unit, minlength=len(demand))
    weights = demand["people"].to_numpy()[unit] / samples_of_unit[unit]
    people: Floats = np.bincount(cell, weights=weights, minlength=shape[0] * shape[1]).astype(np.float64)
    urban = urban_cells(people.reshape(shape)).ravel()[cell]
    share = np.bincount(unit, weights=urban, minlength=len(demand)) / samples_of_unit
    return pd.Series(share >= 0.5, index=demand.index, name="urban")


def _cell_of(metres: Floats) -> Integers:
    cells: Integers = np.floor(metres / CELL_METRES).astype(np.int64)
    return cells - int(cells.min())


def _samples(demand: gpd.GeoDataFrame, cell_metres: float | None) -> tuple[Integers, Floats, Floats]:
    """Return places (metres, equal area) that share out each unit's people, with the unit's position."""
    lon, lat = unit_points(demand.geometry)
    transformer = metric_transformer(equal_area_crs(lon, lat))
    x, y = transformer.transform(lon, lat)
    units = np.arange(len(demand))
    if (demand.geometry.geom_type == "Point").all():
        return _squares(units, x, y, cell_metres or 0)
    metric = shapely.transform(demand.geometry.to_numpy(), transformer.transform, interleaved=False)
    large = np.flatnonzero(shapely.area(metric) > SPREAD_METRES**2)
    spread = [(unit, places) for unit in large if len(places := _lattice_in(metric[unit]))]
    single = np.setdiff1d(units, [unit for unit, _ in spread])
    owners = [np.full(len(places), unit) for unit, places in spread]
    return (
        np.concatenate([single, *owners]),
        np.concatenate([x[single], *(places[:, 0] for _, places in spread)]),
        np.concatenate([y[single], *(places[:, 1] for _, places in spread)]),
    )


def _squares(units: Integers, x: Floats, y: Floats, edge: float) -> tuple[Integers, Floats, Floats]:
    """Spread each point over the square it stands for."""
    side = max(1, int(np.ceil(edge / SPREAD_METRES)))
    offsets = ((np.arange(side) + 0.5) / side - 0.5) * edge
    east, north = (axis.ravel() for axis in np.meshgrid(offsets, offsets))
    return (
        np.repeat(units, east.size),
        (x[:, None] + east).ravel(),
        (y[:, None] + north).ravel(),
    )


def _lattice_in(shape: shapely.Geometry) -> Floats:
    """Places every 250 m within a polygon."""
    west, south, east, north = shapely.bounds(shape)
    xs = np.arange(np.floor(west / SPREAD_METRES) + 0.5, east / SPREAD_METRES) * SPREAD_METRES
    ys = np.arange(np.floor(south / SPREAD_METRES) + 0.5, north / SPREAD_METRES) * SPREAD_METRES
    x, y = (axis.ravel() for axis in np.meshgrid(xs, ys))
    shapely.prepare(shape)
    inside = shapely.contains_xy(shape, x, y)
    return np.column_stack((x[inside], y[inside]))
