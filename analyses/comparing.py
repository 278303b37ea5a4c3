"""What disparity goals compare: supply per head, people covered, or a joined figure, by unit or by town and country."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from ..layers.goals import DisparityGoal
from .checks.disparity import urban_to_rural
from .checks.rows import ALL, stacked, typed
from .tables import Tables

UNDATED = 0.0  # year of what the study knows only as it stands


def figures_by_year(goal: DisparityGoal, tables: Tables) -> Mapping[float, pd.DataFrame]:
    """Return what is compared: by year a table of units (rows, by id) and what is named in `among` (columns)."""
    level = goal.unit.level
    if goal.of == "indicator":
        return _indicators(goal, tables)
    if goal.of == "coverage":
        shares = tables.shares[tables.shares["level"] == level]
        known = {name: shares[shares["goal"] == name].set_index("unit")["share"].astype(float) for name in goal.among}
        return {UNDATED: pd.DataFrame({name: part for name, part in known.items() if len(part)})}
    people = tables.people(level, goal)
    present = [name for name in goal.among if name in tables.services]
    return {UNDATED: pd.DataFrame({name: _per_head(name, goal, tables, people) for name in present})}


def _indicators(goal: DisparityGoal, tables: Tables) -> dict[float, pd.DataFrame]:
    rows = pd.concat([tables.figures(name, goal.unit.level) for name in goal.among])
    rows = rows[rows["unit"] != ALL].fillna({"year": UNDATED})
    years = {float(year): rows[rows["year"] == year] for year in sorted(rows["year"].unique())}
    parts = {year: part.pivot(index="unit", columns="indicator", values="value") for year, part in years.items()}
    return parts or {UNDATED: pd.DataFrame(columns=list(goal.among))}


def _per_head(service: str, goal: DisparityGoal, tables: Tables, people: pd.Series) -> pd.Series:
    """Supply per head by unit and for `all`; NaN where a facility's is unknown, or nobody lives."""
    facilities = tables.of(service)
    known = ~people.index.isin(tables.beyond([service], goal.unit.level))
    return (_sums(facilities, goal, tables, people.index) / people.where(people > 0)).where(known)


def _sums(facilities: pd.DataFrame, goal: DisparityGoal, tables: Tables, units: pd.Index) -> pd.Series:
    supply = tables.number(facilities, goal.of)
    unit_of = tables.unit_of(facilities, goal.unit.level)
    unknown = supply.isna().groupby(unit_of).sum()
    per_unit = supply.groupby(unit_of).sum().where(unknown == 0).reindex(units.drop(ALL))
    # A unit without any facility has none; one whose facilities are of unknown size has nobody knows how much.
    per_unit = per_unit.where(per_unit.index.isin(unknown.index[unknown > 0]) | per_unit.notna(), 0.0)
    both: pd.Series = pd.concat([per_unit, pd.Series({ALL: float(supply.sum(skipna=False))})])
    return both


def left_out(rows: pd.DataFrame, goal: DisparityGoal, tables: Tables) -> pd.DataFrame:
    """Say which services or goals of `among` took no part because the study does not have them."""
    known = set(tables.shares["goal"]) if goal.of == "coverage" else set(tables.indicators["indicator"])
    known = set(tables.services) if goal.of in ("facilities", "capacity") else known
    missing = [name for name in goal.among if name not in known]
    if not missing or rows["reason"].iloc[0] is not None:
        return rows
    first = rows.iloc[:1].assign(reason="left_out", missing=len(missing), of=len(goal.among), what=", ".join(missing))
    return stacked([typed(first), rows.iloc[1:]])


def town_and_country(goal: DisparityGoal, tables: Tables) -> pd.DataFrame:
    """Compare urban with rural people: of several services or goals the one that differs most."""
    units = tables.units(goal.unit)
    known = [name for name in goal.among if goal.of == "coverage" and f"{name}.status" in tables.demand]
    known += [name for name in goal.among if goal.of in ("facilities", "capacity") and name in tables.services]
    sides = {name: tuple(_side(name, goal, tables, urban=urban) for urban in (True, False)) for name in known}
    parts = [
        urban_to_rural(units, urban, rural, minimum=goal.at_least, maximum=goal.at_most, what=name)
        for name, (urban, rural) in sides.items()
    ]
    worst = max(parts, key=lambda rows: np.nan_to_num(rows["value"].iloc[0], nan=-1.0))
    return left_out(worst, goal, tables)


def _side(name: str, goal: DisparityGoal, tables: Tables, *, urban: bool) -> pd.Series:
    """Return the figure of one class of people, by unit and for `all`."""
    level = goal.unit.level
    if goal.of == "coverage":
        status = tables.demand[f"{name}.status"]
        reached, asked = (
            _only(tables, at).people(level, goal, urban=urban) for at in (status == "covered", status != "excluded")
        )
        return reached / asked.where(asked > 0)
    people = tables.people(level, goal, urban=urban)
    facilities = tables.of(name)
    mine = facilities[tables.in_town(facilities).to_numpy(bool) == urban] if len(facilities) else facilities
    return _sums(mine, goal, tables, people.index) / people.where(people > 0)


def _only(tables: Tables, units: pd.Series) -> Tables:
    """Return the tables with nobody but the people of these demand units."""
    return replace(tables, demand=tables.demand.assign(people=tables.demand["people"].where(units, 0.0)))
