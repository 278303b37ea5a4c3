"""Which check answers a goal, and with which columns of the study's tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from ..layers.goals import (
    FACILITY_LEVEL,
    WHOLE_STUDY,
    ContextGoal,
    DisparityGoal,
    GoalBase,
    IndicatorGoal,
    MixGoal,
    PresenceGoal,
    PresenceLevel,
    RatioGoal,
    ShareGoal,
    TilingGoal,
    TrendGoal,
    Unit,
)
from .checks.context import context, lacking
from .checks.disparity import disparity
from .checks.indicator import indicator
from .checks.mix import mix
from .checks.presence import presence, together_of_levels, together_of_services
from .checks.ratio import each_ratio, ratio, within_limits
from .checks.rows import ALL, only_where, overall_row, people_of, stacked, unit_rows, units_met, unknown_units, verdicts
from .checks.share import share_of_facilities, share_of_units
from .checks.tiling import tiling
from .checks.trend import trend
from .comparing import figures_by_year, left_out, town_and_country
from .scorecard import LACKS
from .tables import Tables

Rows = pd.DataFrame


def judge(goal: GoalBase, tables: Tables) -> Rows:
    """Answer a goal that needs no travel times.

    Parameters
    ----------
    goal : GoalBase
        Any but circle and mix.
    tables : Tables

    Returns
    -------
    DataFrame
        `checks.rows.COLUMNS`: the row for everything first.
    """
    rows = CHECKS[type(goal)](goal, tables)
    whole = goal.unit is not None and goal.unit.level == WHOLE_STUDY and len(rows) > 1
    return rows.iloc[1:].reset_index(drop=True) if whole else rows  # the study is the one unit: two rows would say the same


def present_types(goal: MixGoal, tables: Tables, lacking: Sequence[str]) -> Rows:
    """Return how many types of a mix stand in each unit, where nobody can tell who reaches them: shown, not judged.

    Parameters
    ----------
    goal : MixGoal
        Which cannot be answered for want of streets or people.
    tables : Tables
    lacking : sequence of str
        The keys of the study file that it would need.
    """
    named = goal.unit is not None and goal.unit.level in tables.zones
    levels = [goal.unit] if named and goal.unit else [Unit(level=key) for key in tables.zones]
    parts = [_types_present(goal, unit, tables).iloc[1:] for unit in levels]
    rows = stacked(parts)
    unknown = pd.array([pd.NA] * len(rows), dtype="Int64")
    return rows.assign(met=None, gap_people=np.nan, gap_facilities=unknown, reason=LACKS, what=", ".join(lacking))


def _types_present(goal: MixGoal, unit: Unit, tables: Tables) -> Rows:
    known = [name for name in goal.types if name in tables.services]
    counts = {name: tables.unit_of(tables.of(name), unit.level).value_counts() for name in known}
    unread = len(goal.types) - len(known)
    rows = mix(tables.units(unit), pd.DataFrame(counts), minimum=goal.at_least, unread=unread, target=goal.target or 1.0)
    return unknown_units(rows, tables.beyond(known, unit.level), target=goal.target or 1.0)


def _presence(goal: PresenceGoal, tables: Tables) -> Rows:
    by_unit: dict[str, list[PresenceLevel]] = {}
    for level in goal.each_level():
        by_unit.setdefault(level.unit.level, []).append(level)
    parts = [_presence_of(levels, goal, tables) for levels in by_unit.values()]
    if len(parts) == 1:
        return parts[0]
    named = [rows.assign(level=[level, *rows["level"].iloc[1:]]) for level, rows in zip(by_unit, parts, strict=True)]
    judged = stacked([rows.iloc[1:] if len(rows) > 1 else rows for rows in parts])  # a level without data counts as unknown
    return stacked([together_of_levels(judged, target=goal.target or 1.0), *named])


def _presence_of(levels: Sequence[PresenceLevel], goal: PresenceGoal, tables: Tables) -> Rows:
    """Judge the units of one level, which may need several services; one that nobody has data on leaves the level open."""
    parts = {level.service: _presence_on(level, goal, tables) for level in levels}
    lacking = [rows for rows in parts.values() if rows["reason"].iloc[0] == LACKS]
    if lacking:
        return lacking[0].assign(what=", ".join(rows["what"].iloc[0] for rows in lacking))
    return together_of_services(parts, target=goal.target or 1.0) if len(parts) > 1 else next(iter(parts.values()))


def _presence_on(level: PresenceLevel, goal: PresenceGoal, tables: Tables) -> Rows:
    missing = [f"facilities.{level.service}"] if level.service not in tables.services else []
    missing += [f"zones.{level.unit.level}"] if level.unit.level not in (*tables.zones, WHOLE_STUDY) else []
    if missing:
        return lacking(None, reason=LACKS, what=", ".join(missing))
    facilities, on = tables.of(level.service), level.unit.level
    near = tables.near(facilities, on, goal.tolerance_metres)
    flag = tables.flag(facilities, goal.flag).reindex(near.index)
    rows = presence(
        tables.units(level.unit),
        near[flag.fillna(False).to_numpy(bool)].value_counts(),
        near[flag.isna().to_numpy(bool)].value_counts(),
        tables.nearest_km(facilities, on),
        minimum=level.at_least,
        maximum=level.at_most,
        target=goal.target or 1.0,
        what=goal.flag or "",
    )
    return unknown_units(rows, tables.beyond([level.service], on), target=goal.target or 1.0)


def _share(goal: ShareGoal, tables: Tables) -> Rows:
    units = tables.units(goal.unit)
    if goal.of == "units":
        zones = tables.zones[goal.unit.level]
        eligible = tables.flag(zones, goal.among).fillna(False).to_numpy(bool)
        flag = tables.flag(zones, goal.flag).set_axis(zones["zone"].to_numpy(object))
        counted = units[units["unit"].isin(zones.loc[eligible, "zone"])].reset_index(drop=True)
        return share_of_units(counted, flag, target=goal.target, what=goal.flag)
    facilities = tables.of(goal.service)
    among = tables.flag(facilities, goal.among)
    counted = facilities[among.fillna(True).to_numpy(bool)]
    # Whether a facility of unknown standing counts at all is unknown, and so is its answer.
    flag = tables.flag(counted, goal.flag).where(among.loc[counted.index].notna())
    return share_of_facilities(units, tables.unit_of(counted, goal.unit.level), flag, target=goal.target, what=goal.flag)


def _tiling(goal: TilingGoal, tables: Tables) -> Rows:
    units, tiles = tables.units(goal.unit), tables.zones[goal.tiles]
    return tiling(
        units,
        tables.areas(goal.unit.level, units["unit"]),
        tables.areas(goal.tiles, tiles["zone"]),
        target=goal.target or 1.0,
        tolerance=goal.tolerance,
    )


def _ratio(goal: RatioGoal, tables: Tables) -> Rows:
    facilities = tables.of(goal.service)
    supply = tables.number(facilities, goal.of)
    if goal.unit.level == FACILITY_LEVEL:
        return _ratio_of_each(goal, facilities, supply, tables)
    units, unit_of = tables.units(goal.unit), tables.unit_of(facilities, goal.unit.level)
    rows = ratio(
        units,
        unit_of,
        supply,
        _base(goal, facilities, unit_of, tables),
        per=goal.scale,
        minimum=goal.at_least,
        maximum=goal.at_most,
        what=goal.of,
        figure="ratio",
    )
    rows = unknown_units(rows, tables.beyond([goal.service], goal.unit.level))
    if goal.target is None:
        return rows
    return stacked([overall_row(people_of(units), **units_met(rows.iloc[1:], target=goal.target)), rows.iloc[1:]])


def _base(goal: RatioGoal, facilities: pd.DataFrame, unit_of: pd.Series, tables: Tables) -> pd.Series:
    """Return what the supply is divided by, per unit and for `all`."""
    if goal.per == "people":
        return tables.people(goal.unit.level, goal)
    numbers = tables.number(facilities, goal.per)
    per_unit = numbers.groupby(unit_of).sum(min_count=1).where(numbers.isna().groupby(unit_of).sum() == 0)
    both: pd.Series = pd.concat([per_unit[per_unit.index != ALL], pd.Series({ALL: float(numbers.sum(skipna=False))})])
    return both


def _ratio_of_each(goal: RatioGoal, facilities: pd.DataFrame, supply: pd.Series, tables: Tables) -> Rows:
    """Judge every facility: the share that keeps the limits in all and in every zone, then each facility's own ratio."""
    base = tables.number(facilities, goal.per)
    limits: dict[str, Any] = {"minimum": goal.at_least, "maximum": goal.at_most}
    options: dict[str, Any] = {**limits, "per": goal.scale, "target": goal.target or 1.0, "what": goal.of}
    parts = [
        within_limits(tables.units(Unit(level=level)), tables.unit_of(facilities, level), supply, base, **options)
        for level in tables.zones or (WHOLE_STUDY,)
    ]
    each = each_ratio(supply, base, per=goal.scale)
    own = pd.DataFrame({"level": FACILITY_LEVEL, "unit": facilities["facility"], "name": facilities["name"], "people": np.nan})
    known = ~np.isnan(each)
    met = only_where(known, verdicts(each, each, **limits))
    rows = unit_rows(own, figure="ratio", value=each, met=met, reason=only_where(~known, "no_supply_one"), **limits)
    return stacked([parts[0].iloc[:1], *(part.iloc[1:] for part in parts if len(tables.zones)), rows])


def _disparity(goal: DisparityGoal, tables: Tables) -> Rows:
    if goal.of == "coverage" and not set(goal.among) & set(tables.shares["goal"]):  # only travel times tell who is covered
        return lacking(tables.everyone, reason=LACKS, what=", ".join(f"goals.{name}" for name in goal.among))
    if goal.between == "urban-rural":
        return town_and_country(goal, tables)
    units = tables.units(goal.unit)
    people = tables.people(goal.unit.level, goal)
    weight = people if goal.of != "indicator" or people.notna().any() else pd.Series(1.0, index=[*units["unit"], ALL])
    rows = disparity(
        units,
        figures_by_year(goal, tables),
        weight,
        index=goal.index,
        minimum=goal.at_least,
        maximum=goal.at_most,
        towards=goal.towards,
        within=tables.within(goal.unit.level),
    )
    return left_out(rows, goal, tables)


def _trend(goal: TrendGoal, tables: Tables) -> Rows:
    series = tables.figures(goal.indicator, goal.unit.level)
    return trend(
        tables.units(goal.unit), series, towards=goal.towards, by=goal.by, target=goal.target or 1.0, what=goal.indicator
    )


def _indicator(goal: IndicatorGoal, tables: Tables) -> Rows:
    figures = tables.figures(goal.indicator, goal.unit.level).sort_values("year", na_position="first", kind="stable")
    latest = figures.groupby("unit")["value"].last()
    strange = latest.index[latest > 1] if goal.measured_in == "share" else latest.index[:0]
    rows = indicator(
        tables.units(goal.unit),
        latest.drop(strange),
        minimum=goal.at_least,
        maximum=goal.at_most,
        target=goal.target or 1.0,
        what=goal.indicator,
    )
    return rows.assign(reason=rows["reason"].mask(rows["unit"].isin(strange), "not_a_share"))


def _context(goal: ContextGoal, tables: Tables) -> Rows:
    return context(tables.everyone)


CHECKS: Final[Mapping[type[GoalBase], Callable[[Any, Tables], Rows]]] = {
    PresenceGoal: _presence,
    ShareGoal: _share,
    TilingGoal: _tiling,
    RatioGoal: _ratio,
    DisparityGoal: _disparity,
    TrendGoal: _trend,
    IndicatorGoal: _indicator,
    ContextGoal: _context,
}
