"""The scorecard: one row per goal, level and unit, and one for everyone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..layers.goals import VARIANT_MARK, GoalBase, IndicatorGoal, RatioGoal, TimedGoal, TrendGoal
from .checks.rows import ALL, WORDS, only_where, verdicts, with_nulls
from .coverage import people_by_status

COLUMNS = (
    "goal", "level", "unit", "name", "people", "covered", "beyond", "cut_off", "unconnected", "excluded",
    "share", "target", "met", "median_minutes", "p90_minutes", "facilities",
)  # fmt: skip
LACKS = "lacks"  # reason of rows that a key of the study file would be needed for; `what` names the key
OUTSIDE = ""  # unit of the people who live in no zone of a level
DETAILS = (
    "check", "figure", "value", "value_unit", "limit", "minimum", "maximum", "at_least", "at_most", "gap_people",
    "gap_facilities", "rank", "lowest", "highest", "variant", "reason", "missing", "of", "what", "details",
)  # fmt: skip
NUMBERS = (
    "people", "covered", "beyond", "cut_off", "unconnected", "excluded", "share", "target", "median_minutes", "p90_minutes",
    "value", "limit", "minimum", "maximum", "at_least", "at_most", "gap_people", "lowest", "highest",
)  # fmt: skip
FIGURE_UNITS = {"facilities": "facilities", "types": "types", "services": "types", "supply": "per-head", "none": ""}
COUNTS = ("facilities", "gap_facilities", "rank", "missing", "of")

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class GoalTable:
    """What the scorecard needs to know of one goal.

    Attributes
    ----------
    goal : CircleGoal or MixGoal
    people, counted, minutes : (n,) float64
        Everyone in each unit, those the goal is about, and their travel time (NaN if none).
    status : Categorical
    """

    goal: TimedGoal
    people: Floats
    counted: Floats
    minutes: Floats
    status: pd.Categorical[str]


def scorecard_rows(
    table: GoalTable,
    unit_zones: Mapping[str, pd.Series],
    zone_names: Mapping[str, pd.Series],
    facility_zones: Mapping[str, pd.Series],
    facilities: int,
) -> pd.DataFrame:
    """Judge one goal for everyone and for every zone of every level.

    Parameters
    ----------
    table : GoalTable
    unit_zones : mapping of level to Series (n,)
        Zone id of each demand unit, null outside.
    zone_names : mapping of level to Series
        Name by zone id, in the order of the zones.
    facility_zones : mapping of level to Series
        Zone id of each facility of the goal's service, null outside.
    facilities : int
        How many facilities the goal's service has, those outside all zones included.

    Returns
    -------
    DataFrame
        COLUMNS. People outside all zones of a level have a row of their own, so that every level adds up to everyone.
    """
    everyone = np.arange(len(table.people))
    rows = [_row(table, everyone, "all", "all", "", facilities)]
    for level, zones in unit_zones.items():
        members = _members(zones)
        counts = facility_zones[level].value_counts()
        for zone, name in zone_names[level].items():
            own = members.get(str(zone), everyone[:0])
            rows.append(_row(table, own, level, str(zone), "" if pd.isna(name) else str(name), int(counts.get(zone, 0))))
        if OUTSIDE in members:
            outside = int(facility_zones[level].isna().sum())
            rows.append(_row(table, members[OUTSIDE], level, OUTSIDE, "", outside))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _members(zones: pd.Series) -> dict[str, NDArray[np.int64]]:
    """Return the units of every zone that has any, in input order; those outside all zones under OUTSIDE."""
    codes, keys = pd.factorize(zones)
    order = np.argsort(codes, kind="stable")
    ends = np.searchsorted(codes[order], np.arange(-1, len(keys)), side="right")
    parts = np.split(order, ends[:-1])
    listed = zip([OUTSIDE, *keys], parts, strict=True)
    return {str(key): part for key, part in listed if len(part)}


def _row(table: GoalTable, at: NDArray[np.int64], level: str, unit: str, name: str, facilities: int) -> tuple[object, ...]:
    sums = people_by_status(table.people[at], table.counted[at], table.status[at])
    people = float(table.people[at].sum())
    in_goal = people - sums["excluded"]
    share = sums["covered"] / in_goal if in_goal > 0 else None
    target = table.goal.target
    met = None if target is None or share is None else share >= target
    median, p90 = weighted_quantiles(
        table.minutes[at], np.where(table.status[at] == "excluded", 0, table.counted[at]), (0.5, 0.9)
    )
    return (
        table.goal.id, level, unit, name, people, sums["covered"], sums["beyond"], sums["cut-off"], sums["unconnected"],
        sums["excluded"], share, target, met, median, p90, facilities,
    )  # fmt: skip


def weighted_quantiles(values: Floats, weights: Floats, shares: tuple[float, ...]) -> list[float | None]:
    """Return the smallest value within which each share of the weight lies; None where nothing has weight.

    Missing values take no part: these are quantiles of the people who reach a facility at all.
    """
    use = ~np.isnan(values) & (weights > 0)
    if not use.any():
        return [None] * len(shares)
    order = np.argsort(values[use], kind="stable")
    running = np.cumsum(weights[use][order])
    at = np.searchsorted(running, np.array(shares) * running[-1] * (1 - 1e-12))
    return [float(value) for value in values[use][order][at]]


def with_details(rows: pd.DataFrame, goal: TimedGoal, *, unread: Sequence[str] = ()) -> pd.DataFrame:
    """Add what the rows of a travel-time goal share with those of every other check.

    Parameters
    ----------
    rows : DataFrame
        As `scorecard_rows` returns them.
    goal : CircleGoal or MixGoal
    unread : sequence of str
        Types of a mix that the study has no source for: people may reach them, so that shares are lower bounds.

    Returns
    -------
    DataFrame
        COLUMNS and DETAILS. `gap_people` is how many more must be covered to reach the target; without a target it is
        everyone of the goal who is not.
    """
    share = rows["share"].astype(float)
    in_goal = rows["people"] - rows["excluded"]
    wanted = in_goal * (1.0 if goal.target is None else goal.target)
    added = rows.assign(
        check=goal.check,
        figure="share_of_people",
        value=share,
        value_unit="share",
        limit=goal.minutes,
        gap_people=(wanted - rows["covered"]).clip(lower=0.0).where(share.notna()),
        reason=only_where(share.isna(), "nobody"),
    )
    if unread:
        met = verdicts(share, np.full(len(rows), np.nan), minimum=goal.target)
        added = added.assign(value=np.nan, at_least=share, met=met, reason="types_unread")
        added = added.assign(missing=len(unread), of=len(goal.services), what=", ".join(unread))
    return joined([added])


def check_rows(goal: GoalBase, rows: pd.DataFrame) -> pd.DataFrame:
    """Bring the rows of a check that needs no travel times into the scorecard's form.

    Parameters
    ----------
    goal : GoalBase
    rows : DataFrame
        `checks.rows.COLUMNS`.

    Returns
    -------
    DataFrame
        For `joined`: people by status are left out, `share` is the value where it is one.
    """
    is_share = rows["figure"].astype("str").str.startswith("share_of", na=False) | (rows["figure"] == "share_within_limits")
    units = [_value_unit(goal, figure) for figure in rows["figure"]]
    check = goal.model_dump(include={"check"})["check"]
    return rows.assign(goal=goal.id, check=check, share=rows["value"].where(is_share), value_unit=units)


def lacking_rows(goals: Sequence[GoalBase], lacking: Mapping[str, Sequence[str]], people: float | None) -> pd.DataFrame:
    """Return one row per goal that the study cannot answer; `what` names the keys of the study file it would need.

    Parameters
    ----------
    goals : sequence of GoalBase
    lacking : mapping of goal id to keys
    people : float or None
        Everyone in the study.
    """
    rows = [(goal.id, goal.model_dump(include={"check"})["check"], ", ".join(lacking[goal.id])) for goal in goals]
    table = pd.DataFrame(rows, columns=["goal", "check", "what"]).assign(level=ALL, unit=ALL, name="", figure="none")
    return joined([table.assign(people=people, reason=LACKS)])


def _value_unit(goal: GoalBase, figure: str) -> str:
    """Say what a figure counts in."""
    if figure.startswith("share") or figure == "flag":
        return "share"
    if isinstance(goal, RatioGoal) and figure == "ratio":
        return f"{goal.of} / {goal.per}" if goal.scale == 1 else f"{goal.of} / {goal.scale:g} {goal.per}"
    if isinstance(goal, TrendGoal | IndicatorGoal):
        return goal.measured_in
    return FIGURE_UNITS.get(figure, "index")


def joined(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put parts of the scorecard under each other, typed; columns that a part lacks are null."""
    columns = [*COLUMNS, *DETAILS]
    filled = [part.reindex(columns=columns).astype(_TYPES) for part in parts if len(part)]
    table = pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=columns).astype(_TYPES)
    return with_nulls(table, WORDS)


_TYPES: dict[str, Any] = {
    **dict.fromkeys([*COLUMNS, *DETAILS], object),
    **dict.fromkeys(NUMBERS, np.float64),
    **dict.fromkeys(COUNTS, "Int64"),
}


def variant_name(id: str) -> str:
    """Return the variant in the id of a competing definition (`fitness-10min--gb50180`)."""
    return id.partition(VARIANT_MARK)[2]


def finished(rows: pd.DataFrame, variants: pd.DataFrame, goals: Sequence[GoalBase]) -> pd.DataFrame:
    """Order the scorecard by goal, rank the units and set the range of all definitions beside every value.

    Parameters
    ----------
    rows, variants : DataFrame
        COLUMNS and DETAILS; variants carry the id of the goal that they define otherwise.
    goals : sequence of GoalBase
        In the order of the study.

    Returns
    -------
    DataFrame
        `rows` with `rank` (1 is best, equals share a rank; only units, within goal and level), `lowest` and `highest`.
    """
    order = {goal.id: position for position, goal in enumerate(goals)}
    ordered = rows.sort_values("goal", key=lambda ids: ids.map(order), kind="stable", ignore_index=True)
    return _ranked(_with_range(ordered, variants), {goal.id: _low_is_best(goal) for goal in goals})


def _with_range(rows: pd.DataFrame, variants: pd.DataFrame) -> pd.DataFrame:
    """Set the lowest and highest value over all definitions beside the values of goals that have several."""
    if not len(variants):
        return rows
    key = ["goal", "level", "unit", "figure"]
    both = pd.concat([rows[rows["goal"].isin(variants["goal"])], variants])[[*key, "value"]]
    spread = both.groupby(key, sort=False)["value"].agg(["min", "max"]).reset_index()
    found = rows[key].merge(spread, on=key, how="left")
    return rows.assign(lowest=found["min"].to_numpy(), highest=found["max"].to_numpy())


def _ranked(rows: pd.DataFrame, low_is_best: Mapping[str, bool]) -> pd.DataFrame:
    units = (rows["level"] != ALL) & ~rows["unit"].isin([ALL, OUTSIDE]) & rows["value"].notna()
    signed = rows["value"].where(rows["goal"].map(low_is_best).astype(bool), -rows["value"])
    rank = signed[units].groupby([rows["goal"], rows["level"]]).rank(method="min")
    return rows.assign(rank=rank.reindex(rows.index).astype("Int64"))


def _low_is_best(goal: GoalBase) -> bool:
    """Tell whether less is better: only an upper bound is asked for, or a fall."""
    if isinstance(goal, TrendGoal):
        return goal.towards == "down"
    return isinstance(goal, RatioGoal | IndicatorGoal) and goal.at_most is not None and goal.at_least is None
