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
from ..geo.memory import require_memory
from .columns import as_text
from .degree_of_urbanisation import CELL_METRES, urban_cells
from .units import metric_transformer, unit_points

# The numbers from 111 are the statistics bureau's urban-rural classes: 1xx urban, 2xx rural.
URBAN_WORDS: Final = frozenset({"urban", "城镇", "城市", "1", "true", "111", "112", "121", "122", "123"})
RURAL_WORDS: Final = frozenset({"rural", "乡村", "农村", "0", "false", "210", "220"})
# People of a unit larger than this are spread over it, or a township's people would stand on one square kilometre.
SPREAD_METRES: Final = 250
BYTES_PER_PLACE: Final = 100  # of a unit's people spread over it
BYTES_PER_CELL: Final = 40  # of a square kilometre

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
        raise InputError(
            "{file}: row {row}: {column} is {value!r}: write urban or rural, 城镇 or 乡村, 1 or 0",
            file=file,
            row=row,
            column=values.name,
            value=values[row],
        )
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

    Raises
    ------
    TooLargeError
        If the units lie too far apart for a grid that holds them all.
    """
    unit, x, y = _samples(demand, cell_metres)
    column, row = _cell_of(x), _cell_of(y)
    shape = (int(row.max()) + 1, int(column.max()) + 1)
    _require_room(shape[0] * shape[1] * BYTES_PER_CELL)
    cell = row * shape[1] + column
    samples_of_unit = np.bincount(unit, minlength=len(demand))
    weights = demand["people"].to_numpy()[unit] / samples_of_unit[unit]
    people: Floats = np.bincount(cell, weights=weights, minlength=shape[0] * shape[1]).astype(np.float64)
    urban = urban_cells(people.reshape(shape)).ravel()[cell]
    share = np.bincount(unit, weights=urban, minlength=len(demand)) / samples_of_unit
    return pd.Series(share >= 0.5, index=demand.index, name="urban")


def _cell_of(metres: Floats) -> Integers:
    """Return rows or columns of cells, from 0 up, of every run of empty ones but one.

    Groups of cells grow from neighbour to neighbour, and gaps are filled within one group: nothing crosses an empty line, so one
    holds apart what a thousand would. Else a single unit far from the others would ask for all the cells between them.
    """
    cells = np.floor(metres / CELL_METRES).astype(np.int64)
    lines, place = np.unique(cells, return_inverse=True)
    steps = np.minimum(np.diff(lines, prepend=lines[:1]), 2)
    return np.asarray(np.cumsum(steps)[place], np.int64)


def _require_room(needed_bytes: float) -> None:
    require_memory(
        needed_bytes,
        "telling urban from rural by the density of people",
        "leave out units far from all others, or name a column or areas under `urban:`",
    )


def _samples(demand: gpd.GeoDataFrame, cell_metres: float | None) -> tuple[Integers, Floats, Floats]:
    """Return places (metres, equal area) that share out each unit's people, with the unit's position."""
    lon, lat = unit_points(demand.geometry)
    transformer = metric_transformer(equal_area_crs(lon, lat))
    x, y = transformer.transform(lon, lat)
    units = np.arange(len(demand))
    if (demand.geometry.geom_type == "Point").all():
        return _squares(units, x, y, cell_metres or 0)
    metric = shapely.transform(demand.geometry.to_numpy(), transformer.transform, interleaved=False)
    _require_room(_places_in(metric) * BYTES_PER_PLACE)
    large = np.flatnonzero(shapely.area(metric) > SPREAD_METRES**2)
    spread = [(unit, places) for unit in large if len(places := _lattice_in(metric[unit]))]
    single = np.setdiff1d(units, [unit for unit, _ in spread])
    owners = [np.full(len(places), unit) for unit, places in spread]
    return (
        np.concatenate([single, *owners]),
        np.concatenate([x[single], *(places[:, 0] for _, places in spread)]),
        np.concatenate([y[single], *(places[:, 1] for _, places in spread)]),
    )


def _places_in(shapes: npt.NDArray[np.object_]) -> float:
    """Return how many places are held at once while shapes are filled with them: all of them, and those around the largest."""
    west, south, east, north = shapely.bounds(shapes).T
    return float(shapely.area(shapes).sum() + np.max((east - west) * (north - south), initial=0.0)) / SPREAD_METRES**2


def _squares(units: Integers, x: Floats, y: Floats, edge: float) -> tuple[Integers, Floats, Floats]:
    """Spread each point over the square it stands for."""
    side = max(1, int(np.ceil(edge / SPREAD_METRES)))
    _require_room(len(units) * side**2 * BYTES_PER_PLACE)
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
