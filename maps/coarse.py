"""Coarser cells: how the page shows more units than it can hold, while its figures go on counting every one of them.

A coarse cell is drawn as the unit of the person in its middle (in the order of travel times): a real unit, never a mean.
What the page counts comes from tallies: people by zone, status and minutes, these rounded up to the steps of the slider and
to the breaks of the classes, so that "within the limit" is the same statement as in the unit's own minutes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ..analyses.counted import members
from ..analyses.coverage import STATUSES
from ..analyses.results import Results
from ..layers.footprints import Footprints, footprints
from ..layers.goals import TimedGoal
from . import classes
from .packing import tenths_up

MOST_UNITS: Final = 500_000  # drawn one by one
MOST_CELLS: Final = 150_000  # where there are more
METRES_PER_DEGREE: Final = 111_320.0
STEPS: Final = 8  # where units have no lattice of their own, edges of blocks are told apart by this part of a unit
WITHOUT_HOLES: Final = 1.5  # times the edge of a unit: a square of 1.42 holds one of any lattice, however it is turned
FARTHEST: Final = 6  # times the limit: the slider ends at three times, its classes at twice as much
TIMED: Final = 2  # the first two statuses have a time

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Coarse:
    """Blocks of units.

    Attributes
    ----------
    cell : (n,) int64
        Block of each unit, numbered along a Hilbert curve.
    x, y : (m,) float64
        Middles of the blocks, degrees.
    width, height : float
        Of a block, degrees.
    along : int or None
        Units along the edge of a block, where they lie on a lattice in degrees.
    """

    cell: Ints
    x: Floats
    y: Floats
    width: float
    height: float
    along: int | None

    @property
    def metres(self) -> float:
        """Edge of a block from north to south."""
        return self.height * METRES_PER_DEGREE


def draws_coarsely(results: Results) -> bool:
    """Tell whether the map sums units to coarser cells; a comparison shows changes unit by unit."""
    return len(results.demand) > MOST_UNITS and results.before is None


def coarse_cells(results: Results) -> Coarse:
    """Sum units to the smallest blocks of which there are at most MOST_CELLS."""
    demand = results.demand
    lattice = _lattice(footprints(demand.geometry, ids=demand["id"], cell_metres=results.cell_metres))
    along = _least_along(lattice)
    across, places = lattice.places(along)
    block, occupied = pd.factorize(places)
    x = (lattice.west + (occupied % across + 0.5) * along * lattice.width).astype(np.float64)
    y = (lattice.north - (occupied // across + 0.5) * along * lattice.height).astype(np.float64)
    order = np.argsort(gpd.GeoSeries.from_xy(x, y).hilbert_distance().to_numpy(), kind="stable")
    return Coarse(
        cell=np.argsort(order)[block].astype(np.int64),
        x=x[order],
        y=y[order],
        width=along * lattice.width,
        height=along * lattice.height,
        along=along if lattice.is_own else None,
    )


@dataclass(frozen=True)
class _Lattice:
    """Columns and rows of units: their own lattice in degrees, or one that is finer than they are wide."""

    west: float
    north: float
    width: float
    height: float
    columns: Ints
    rows: Ints
    least: int  # columns along the edge of the smallest block
    is_own: bool

    def places(self, along: int) -> tuple[int, Ints]:
        """Return how many blocks of `along` columns and rows lie side by side, and a number for the block of each unit."""
        across = int(self.columns.max()) // along + 1
        return across, (self.rows // along) * across + self.columns // along


def _least_along(lattice: _Lattice) -> int:
    """Return the least edge of blocks of which at most MOST_CELLS are occupied: found by doubling, then by halving.

    Occupied ground decides, not the extent: one stray place far away leaves the cells of a town as they are.
    """

    def is_too_small(along: int) -> bool:
        return len(pd.unique(lattice.places(along)[1])) > MOST_CELLS

    fits = lattice.least
    too_small = fits - 1
    while is_too_small(fits):
        too_small, fits = fits, 2 * fits
    while fits - too_small > 1:
        middle = (too_small + fits) // 2
        too_small, fits = (middle, fits) if is_too_small(middle) else (too_small, middle)
    return fits


def _lattice(prints: Footprints) -> _Lattice:
    """Return the lattice that blocks are cut from."""
    grid = prints.grid if prints.kind == "rectangle" else None
    if grid is not None:
        move = grid.transform
        west, north, width, height = move.c, move.f, prints.width, prints.height  # found from the points: north is up
    else:
        west, north = float(prints.x.min()), float(prints.y.max())
        height = _unit_metres(prints) / STEPS / METRES_PER_DEGREE
        width = height / float(np.cos(np.radians(np.median(prints.y))))
    columns = np.floor((prints.x - west) / width).astype(np.int64)
    rows = np.floor((north - prints.y) / height).astype(np.int64)
    return _Lattice(west, north, width, height, columns, rows, STEPS if grid is None else 1, grid is not None)


def _unit_metres(prints: Footprints) -> float:
    """Return the edge of the smallest block that leaves no holes between units that lie side by side."""
    if prints.kind == "circle":
        return max(prints.width, 1.0)
    edge = prints.width
    if prints.polygons is not None:
        stretch = np.cos(np.radians(prints.y))
        edge = float(np.sqrt(np.median(shapely.area(prints.polygons) * stretch))) * METRES_PER_DEGREE
    return max(WITHOUT_HOLES * edge, 1.0)


def middle_units(results: Results, goal: TimedGoal, coarse: Coarse) -> Ints:
    """Return the unit that each coarse cell is drawn as.

    Of its people with a time, without a path, without a street, and not of the goal the most numerous decide which kind it is;
    among those with a time the unit of the middle person counts, by minutes. Where nobody lives each unit counts as one.
    """
    demand = results.demand
    people = members(demand, goal.group)
    kind = np.maximum(_statuses(demand, goal) - TIMED + 1, 0)
    main, living = _main_kinds(coarse, kind, people)
    at = np.flatnonzero(kind == main[coarse.cell])
    minutes = np.nan_to_num(demand[f"{goal.id}.minutes"].to_numpy(np.float64)[at])
    order = at[np.lexsort((minutes, coarse.cell[at]))]
    cell = coarse.cell[order]
    weight = pd.Series(np.where(living[cell], people[order], 1.0))
    # Each cell has a sum of its own: behind the millions of others the people of a hamlet would be lost to rounding.
    running = weight.groupby(cell).cumsum().to_numpy()
    last = np.flatnonzero(np.diff(cell, append=-1))
    half = np.flatnonzero(running >= running[last][cell] / 2)
    return order[half[np.unique(cell[half], return_index=True)[1]]].astype(np.int64)


def _main_kinds(coarse: Coarse, kind: Ints, people: Floats) -> tuple[Ints, NDArray[np.bool_]]:
    """Return the kind of most people in each cell (of equals that of most units), and whether anybody lives there."""
    cells, kinds = len(coarse.x), len(STATUSES) - TIMED + 1
    code = coarse.cell * kinds + kind
    sums = np.bincount(code, people, cells * kinds).reshape(cells, kinds)
    units = np.bincount(code, minlength=cells * kinds).reshape(cells, kinds)
    most = sums.max(axis=1)
    main = np.where(sums == most[:, None], units, -1).argmax(axis=1)
    return main.astype(np.int64), most > 0


def need_levels(demand: pd.DataFrame, goal: TimedGoal) -> Ints:
    """Return whether few (0), some (1) or many people (2) live in each unit, as the view of need has it."""
    return np.searchsorted(classes.need_breaks(demand, goal), members(demand, goal.group), side="left").astype(np.int64)


def tally(results: Results, goal: TimedGoal, zones: dict[str, Ints]) -> dict[str, Any]:
    """Return people by zone of every level, status, need and minutes.

    Returns
    -------
    dict
        `status`, `minutes` (tenths, rounded up to a step), `need` and `zones` (level to positions, -1 outside), one entry per
        combination that there is, and its `people`.
    """
    minutes, status = rounded_minutes(results, goal), _statuses(results.demand, goal)
    need = np.where(status < TIMED, need_levels(results.demand, goal), 0)
    people = members(results.demand, goal.group)
    keys = [*zones.values(), status, need, minutes]
    first, sums = summed(keys, people)
    return {
        "status": status[first],
        "minutes": minutes[first],
        "need": need[first],
        "zones": {level: values[first] for level, values in zones.items()},
        "people": sums,
    }


def served(results: Results, goal: TimedGoal, facility: Ints) -> dict[str, Any]:
    """Return people by nearest facility, status and rounded minutes, of those who have a time."""
    status = _statuses(results.demand, goal)
    at = np.flatnonzero((facility >= 0) & (status < TIMED))
    minutes = rounded_minutes(results, goal)[at]
    first, sums = summed([facility[at], status[at], minutes], members(results.demand, goal.group)[at])
    return {"facility": facility[at][first], "status": status[at][first], "minutes": minutes[first], "people": sums}


def rounded_minutes(results: Results, goal: TimedGoal) -> Ints:
    """Return tenths of minutes rounded up to the next step; -1 where there is no time."""
    tenths = tenths_up(results.demand[f"{goal.id}.minutes"].to_numpy(np.float64))
    steps = minute_steps(goal)
    known = np.append(steps, max(int(tenths.max(initial=0)), steps[-1]))
    return np.where(tenths < 0, -1, known[np.minimum(np.searchsorted(known, tenths), len(known) - 1)])


def minute_steps(goal: TimedGoal) -> Ints:
    """Return every limit, in tenths, that the page can ask about: the slider's steps, classes beyond them, times of the plan."""
    step = slider_step(goal)
    whole = np.arange(step, FARTHEST * goal.minutes + max(classes.gap_breaks(goal.minutes)) + step, step)
    own = [goal.minutes, FARTHEST / 3 * goal.minutes, *classes.time_breaks(goal.minutes)]
    beyond = [goal.minutes + over for over in classes.gap_breaks(goal.minutes)]
    return np.sort(np.round(np.concatenate([whole, own, beyond]) * 10).astype(np.int64))


def slider_step(goal: TimedGoal) -> int:
    """Return the minutes of one step of the slider, as `threshold.js` has them."""
    return 1 if goal.minutes <= 30 else 5


def summed(keys: list[Ints], people: Floats) -> tuple[Ints, Floats]:
    """Return the first row of every combination of keys (from -1 up), in the order of the keys, and its people."""
    code = np.zeros(len(people), np.int64)
    for key in keys:
        code = pd.factorize(code * (int(key.max(initial=0)) + 2) + key + 1, sort=True)[0].astype(np.int64)
    count = int(code.max(initial=-1)) + 1
    first = np.full(count, len(people))
    np.minimum.at(first, code, np.arange(len(people)))
    return first.astype(np.int64), np.bincount(code, people, count).astype(np.float64)


def _statuses(demand: pd.DataFrame, goal: TimedGoal) -> Ints:
    column = demand[f"{goal.id}.status"]
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes = pd.Index(STATUSES).get_indexer(column.cat.categories.astype(str))
        return codes[column.cat.codes].astype(np.int64)
    return pd.Index(STATUSES).get_indexer(pd.Index(column.astype(str))).astype(np.int64)
