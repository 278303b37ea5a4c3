"""How equally a goal's coverage and travel times are spread: over people, over zones, between groups and town and country.

Nobody who reaches no facility is dropped: in coverage they count as 0; minutes they have none, so they stand beside every value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .checks.rows import ALL
from .counted import GROUP, Floats, counted_people, people_of_groups
from .equity import MEASURES, concentration_index, lorenz, theil

COLUMNS: Final = ("goal", "figure", "level", "group", "measure", "value", "units", "people", "unreached")
COVERAGE: Final = "coverage"
MINUTES: Final = "minutes"
BETWEEN_UNITS_ONLY: Final = ("max-min",)  # of single people it is chance: somebody lives at the door
TENTHS: Final = range(10, 100, 10)
ZONE: Final = "zone."

Flags = NDArray[np.bool_]
Codes = NDArray[np.intp]
Measured = tuple[str, float]


class _Part(NamedTuple):
    """Some of a goal's people, and what is measured of them.

    Attributes
    ----------
    group : str
    people : (n,) float64
        Per demand unit; 0 where nobody of the group counts.
    values : (n,) float64
        1 where covered, else 0; or minutes, NaN where there are none.
    """

    group: str
    people: Floats
    values: Floats

    @property
    def use(self) -> Flags:
        """Units that count."""
        used: Flags = (self.people > 0) & ~np.isnan(self.values)
        return used


def equity_rows(demand: pd.DataFrame, goal: str, group: str | None = None) -> pd.DataFrame:
    """Measure how equally the coverage and the minutes of one goal are spread.

    Parameters
    ----------
    demand : DataFrame
        `people`, `<goal>.minutes`, `<goal>.status`, `zone.<level>`, and where known `urban` and `group.<name>`.
    goal : str
    group : str, optional
        The group the goal is about.

    Returns
    -------
    DataFrame
        COLUMNS. `figure` is coverage (a share) or minutes; `level` is `all` for people, whatever zone they live in, else the
        zones that are compared by their share or their mean minutes; `group` is `all`, `urban`, `rural` or `group.<name>`.
        `value` is null where fewer than two `units` have people, or the measure is not defined. `people` are those in the value,
        `unreached` those who reach no facility: of coverage they are among the people, of minutes they are not.
    """
    asked = ("people", "urban", f"{goal}.minutes", f"{goal}.status")
    demand = demand[[name for name in demand.columns if name in asked or name.startswith((ZONE, GROUP))]]  # little to sort
    order = np.argsort(demand[f"{goal}.minutes"].to_numpy(np.float64), kind="stable")
    demand = demand.iloc[order]  # then every later sort is quick
    counted = counted_people(demand, goal, group)
    levels = {column.removeprefix(ZONE): pd.factorize(demand[column]) for column in demand.columns if column.startswith(ZONE)}
    groups = [(ALL, counted), *people_of_groups(demand, goal, group)]
    minutes = demand[f"{goal}.minutes"].to_numpy(np.float64)
    covered: Floats = (demand[f"{goal}.status"].astype(str) == "covered").to_numpy(np.float64).astype(np.float64)
    rows = [
        (goal, figure, *row)
        for figure, values in ((COVERAGE, covered), (MINUTES, minutes))
        for name, people in groups
        for row in _rows_of(_Part(name, people, values), counted, demand, levels, np.isnan(minutes))
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _rows_of(
    part: _Part, counted: Floats, demand: pd.DataFrame, levels: Mapping[str, tuple[Codes, Any]], unreached: Flags
) -> Iterator[tuple[object, ...]]:
    """Yield the rows of one figure and group, level by level, without goal and figure."""
    use = part.use
    found = list(_among_people(part.values[use], part.people[use], with_curve=part.group == ALL))
    found += _between_groups(part, counted, demand)
    lost = float(part.people[unreached].sum())
    yield from ((ALL, part.group, *one, int(use.sum()), float(part.people[use].sum()), lost) for one in found)
    for level, (zones, names) in levels.items():
        inside = zones >= 0
        here = use & inside
        sums: Floats = np.bincount(zones[here], part.people[here], len(names)).astype(np.float64)
        held: Floats = np.bincount(zones[here], (part.people * part.values)[here], len(names)).astype(np.float64)
        lived = sums > 0
        means = held[lived] / sums[lived]
        found = list(_among_zones(means, sums[lived], part.values[here], part.people[here], with_curve=part.group == ALL))
        people, lost = float(part.people[here].sum()), float(part.people[unreached & inside].sum())
        yield from ((level, part.group, *one, int(lived.sum()), people, lost) for one in found)


def _among_people(values: Floats, people: Floats, *, with_curve: bool) -> Iterator[Measured]:
    yield "mean", float(np.average(values, weights=people)) if len(values) else np.nan
    for name, measure in MEASURES.items():
        if name not in BETWEEN_UNITS_ONLY:
            yield name, measure(values, people) if len(values) > 1 else np.nan
    if with_curve:
        yield from _curve(values, people)


def _among_zones(means: Floats, sums: Floats, values: Floats, people: Floats, *, with_curve: bool) -> Iterator[Measured]:
    """Compare the means of zones; what they leave of Theil's T lies within them."""
    for name, measure in MEASURES.items():
        yield name, measure(means, sums) if len(means) > 1 else np.nan
    within = theil(values, people) - theil(means, sums) if len(values) > 1 else np.nan
    yield "theil-within", max(within, 0.0) if within == within else np.nan
    if with_curve:
        yield from _curve(means, sums)


def _curve(values: Floats, people: Floats) -> Iterator[Measured]:
    """The Lorenz curve at every tenth of the people, lowest values first."""
    if len(values) > 1:
        shares, held = lorenz(values, people)
        yield from ((f"lorenz-{tenth}", float(np.interp(tenth / 100, shares, held))) for tenth in TENTHS)


def _between_groups(part: _Part, counted: Floats, demand: pd.DataFrame) -> Iterator[Measured]:
    """Compare town with country, and rank everyone by how many of a group live in their unit."""
    use = part.use
    if part.group == ALL and "urban" in demand:
        town = demand["urban"].to_numpy(bool)
        urban, rural = (_mean(part.values[use & side], part.people[use & side]) for side in (town, ~town))
        yield "urban-rural", urban / rural if rural > 0 else np.nan
    elif part.group not in (ALL, "urban", "rural"):
        everyone = (counted > 0) & ~np.isnan(part.values)
        ranking = part.people[everyone] / counted[everyone]
        defined = everyone.sum() > 1
        yield "concentration", concentration_index(part.values[everyone], counted[everyone], ranking) if defined else np.nan


def _mean(values: Floats, people: Floats) -> float:
    return float(np.average(values, weights=people)) if len(values) else np.nan
