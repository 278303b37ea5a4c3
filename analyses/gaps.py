"""Gaps: connected areas of uncovered people with one reason each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..layers.footprints import Footprints
from ..layers.joined import joined_outlines, touching
from .reasons import Reason
from .scorecard import GoalTable, weighted_quantiles

FIRST_REASONS: Final[Mapping[str, Reason]] = {"beyond": "too_few", "cut-off": "cut_off", "unconnected": "no_street"}
COLUMNS: Final = (
    "goal", "gap", "people", "facility", "facility_name", "minutes", "minutes_over", "pass_minutes", "reason",
    "units", "geometry",
)  # fmt: skip
PASSED_SHARE: Final = 0.9  # of a gap's people, within the limit at which it would count as closed

Ints = NDArray[np.int64]


class Gaps(NamedTuple):
    """The gaps of one goal.

    Attributes
    ----------
    areas : GeoDataFrame
        COLUMNS, most people first; EPSG:4326. `pass_minutes` is the limit, in whole minutes, at which nine in ten of the
        people of a gap would be covered.
    gap_of : (n,) int64
        The gap that each unit belongs to, 0 for none.
    """

    areas: gpd.GeoDataFrame
    gap_of: Ints


def gap_areas(table: GoalTable, prints: Footprints, facility: pd.Series, facility_names: Mapping[str, str | None]) -> Gaps:
    """Join uncovered neighbours with the same status into gaps.

    Parameters
    ----------
    table : GoalTable
    prints : Footprints
        The ground of the n units; those that touch, at a corner or more, are neighbours.
    facility : Series (n,)
        Id of the nearest facility, null if none is reached.
    facility_names : mapping of facility id to name or None

    """
    at, label, status = _labelled(table, prints)
    frame = pd.DataFrame({"label": label, "people": table.counted[at], "facility": facility.iloc[at].to_numpy()})
    order, people = _by_people(frame)
    minutes = table.minutes[at]
    weighted = np.bincount(label, frame["people"] * minutes, len(order))
    areas = pd.DataFrame(
        {
            "people": people,
            "facility": _most_people(frame),
            "minutes": weighted / people,
            "pass_minutes": _pass_minutes(label, minutes, frame["people"].to_numpy(), len(order)),
            "reason": [FIRST_REASONS[name] for name in status],
            "units": np.bincount(label, minlength=len(order)),
            "geometry": joined_outlines(prints, at, label),
        }
    ).iloc[order]
    gap_of = np.zeros(len(table.people), np.int64)
    gap_of[at] = np.argsort(order)[label] + 1
    return Gaps(_named(areas.reset_index(drop=True), table, facility_names), gap_of)


def with_groups(gaps: Gaps, groups: pd.DataFrame) -> Gaps:
    """Add how many people of each group live in a gap.

    Parameters
    ----------
    gaps : Gaps
    groups : DataFrame (n,)
        One column per group, people by unit; missing where unknown.

    Returns
    -------
    Gaps
        `areas` with the columns of `groups`; missing where nothing is known of any unit of a gap.
    """
    at = np.flatnonzero(gaps.gap_of)
    sums = groups.iloc[at].groupby(gaps.gap_of[at]).sum(min_count=1).reindex(gaps.areas["gap"])
    return gaps._replace(areas=gaps.areas.assign(**{str(name): sums[name].to_numpy(float) for name in groups}))


def _labelled(table: GoalTable, prints: Footprints) -> tuple[Ints, Ints, list[str]]:
    """Number the groups of uncovered neighbours, status by status: units, their group, and the status of each group."""
    units: list[Ints] = []
    labels: list[Ints] = []
    statuses: list[str] = []
    for status in FIRST_REASONS:
        at = np.flatnonzero((table.status == status) & (table.counted > 0))
        label = touching(prints, at)
        units.append(at)
        labels.append(label + len(statuses))
        statuses += [status] * (int(label.max(initial=-1)) + 1)
    return np.concatenate(units), np.concatenate(labels), statuses


def _by_people(frame: pd.DataFrame) -> tuple[Ints, NDArray[np.float64]]:
    """Return the groups in order of their people, most first, and the people of each."""
    people = np.bincount(frame["label"].to_numpy(), frame["people"].to_numpy()).astype(np.float64)
    return np.argsort(-people, kind="stable").astype(np.int64), people


def _pass_minutes(label: Ints, minutes: NDArray[np.float64], people: NDArray[np.float64], count: int) -> list[float]:
    order = np.argsort(label, kind="stable")
    parts = np.split(order, np.searchsorted(label[order], np.arange(1, count)))
    quantiles = [weighted_quantiles(minutes[part], people[part], (PASSED_SHARE,))[0] for part in parts[:count]]
    return [np.nan if value is None else float(np.ceil(value - 1e-9)) for value in quantiles]


def _named(areas: pd.DataFrame, table: GoalTable, facility_names: Mapping[str, str | None]) -> gpd.GeoDataFrame:
    """Add what a gap is of, its rank and the name of its facility."""
    named = areas.astype({"facility": "str", "reason": "str", "people": float, "minutes": float, "pass_minutes": float}).assign(
        goal=table.goal.id,
        gap=np.arange(1, len(areas) + 1),
        minutes_over=areas["minutes"] - table.goal.minutes,
    )
    named["facility_name"] = named["facility"].map(dict(facility_names)).astype("str")
    return gpd.GeoDataFrame(named[list(COLUMNS)], geometry="geometry", crs="EPSG:4326")


def _most_people(frame: pd.DataFrame) -> list[str | None]:
    """The facility that most people of each group have as their nearest."""
    sums = frame.dropna(subset="facility").groupby(["label", "facility"], sort=True)["people"].sum().reset_index()
    most = sums.sort_values("people", ascending=False, kind="stable").drop_duplicates("label")
    best = dict(zip(most["label"], most["facility"], strict=True))
    return [best.get(label) for label in range(frame["label"].max() + 1)] if len(frame) else []
