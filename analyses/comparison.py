"""Comparison of two runs: who gains and who loses, in every unit, zone and group."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .counted import Floats, counted_people, people_of_groups

Flags = NDArray[np.bool_]
KEYS: Final = ("goal", "level", "unit")
FIGURES: Final = ("people", "covered", "share", "value", "at_least", "at_most", "met")
CHANGES: Final = ("covered", "share", "value")
SHARES: Final = (
    *KEYS, "name", "figure", "people_before", "people_after", "covered_before", "covered_after", "share_before", "share_after",
    "value_before", "value_after", "at_least_before", "at_least_after", "at_most_before", "at_most_after", "met_before",
    "met_after", "covered_change", "share_change", "value_change",
)  # fmt: skip
GROUPS: Final = (
    "group", "people_before", "people_after", "covered_before", "covered_after", "share_before", "share_after", "share_change",
    "gained", "lost",
)  # fmt: skip


class UnitChange(NamedTuple):
    """How one goal's coverage of the same units differs.

    Attributes
    ----------
    table : DataFrame
        One row per unit of either run, by `id`: `people_before, people_after` (those the goal counts), `minutes_before,
        minutes_after, covered_before, covered_after` (bool), `facility_before, facility_after`; missing on the side that lacks
        the unit.
    gained, lost : float
        People covered only after, and only before; each counted with the people of the run they are covered in.
    grown : float
        How many people more live where it is covered in both; gained - lost + grown is the whole change of people covered.
    """

    table: pd.DataFrame
    gained: float
    lost: float
    grown: float


def unit_changes(before: pd.DataFrame, after: pd.DataFrame, goal: str, group: str | None = None) -> UnitChange:
    """Compare one goal unit by unit.

    Parameters
    ----------
    before, after : DataFrame
        `id` (unique), `people`, `<goal>.minutes`, `<goal>.status`, `<goal>.facility`, and `group.<group>`.
    goal : str
    group : str, optional
        The group the goal is about.
    """
    sides = [_side(table, goal, group, suffix) for table, suffix in ((before, "before"), (after, "after"))]
    table = sides[0].join(sides[1], how="outer")
    for suffix in ("before", "after"):
        table[f"covered_{suffix}"] = table[f"covered_{suffix}"].fillna(False).astype(bool)
    was, now = table["covered_before"], table["covered_after"]
    gained = float(table.loc[now & ~was, "people_after"].sum())
    lost = float(table.loc[was & ~now, "people_before"].sum())
    grown = float((table["people_after"] - table["people_before"])[was & now].sum())
    return UnitChange(table.rename_axis("id").reset_index(), gained, lost, grown)


def _side(table: pd.DataFrame, goal: str, group: str | None, suffix: str) -> pd.DataFrame:
    columns = {
        f"people_{suffix}": counted_people(table, goal, group),
        f"minutes_{suffix}": table[f"{goal}.minutes"].to_numpy(float),
        f"covered_{suffix}": _covered(table, goal),
        f"facility_{suffix}": table[f"{goal}.facility"].to_numpy(object),
    }
    return pd.DataFrame(columns, index=pd.Index(table["id"].astype(str)))


def _covered(table: pd.DataFrame, goal: str) -> Flags:
    covered: Flags = (table[f"{goal}.status"].astype(str) == "covered").to_numpy(bool)
    return covered


def share_changes(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Set two scorecards beside each other: one row per goal, level, unit and figure of either.

    Parameters
    ----------
    before, after : DataFrame
        `goal`, `level`, `unit`, `name`, FIGURES and, where checks have several figures, `figure`.

    Returns
    -------
    DataFrame
        SHARES, in the order of `after`; missing on the side that lacks the unit.
    """
    sides = [_numbered(card) for card in (before, after)]
    keys = [*KEYS, "figure", "row"]
    names = pd.concat(sides[::-1])[[*keys, "name"]].drop_duplicates(keys)
    both = names.merge(sides[0][[*keys, *FIGURES]], on=keys, how="left")
    both = both.merge(sides[1][[*keys, *FIGURES]], on=keys, how="left", suffixes=("_before", "_after"))
    for figure in CHANGES:
        both[f"{figure}_change"] = both[f"{figure}_after"].astype(float) - both[f"{figure}_before"].astype(float)
    return both[list(SHARES)]


def _numbered(card: pd.DataFrame) -> pd.DataFrame:
    """Number the rows that share a key, so that a figure judged on several grounds meets its own."""
    table = card.reindex(columns=[*KEYS, "name", "figure", *FIGURES])
    table = table.assign(figure=table["figure"].astype("object").where(table["figure"].notna(), ""))
    return table.assign(row=table.groupby([*KEYS, "figure"], dropna=False).cumcount())


def group_changes(before: pd.DataFrame, after: pd.DataFrame, goal: str, group: str | None = None) -> pd.DataFrame:
    """Say which groups of people gain and lose: town and country, and every group that both runs tell apart.

    Parameters
    ----------
    before, after : DataFrame
        As for `unit_changes`, with `urban` and `group.<name>` where they are known.
    goal : str
    group : str, optional
        The group the goal is about.

    Returns
    -------
    DataFrame
        GROUPS: people are those of the goal; `gained` and `lost` as in `UnitChange`; shares are null where nobody counts.
    """
    sides = [dict(people_of_groups(table, goal, group)) for table in (before, after)]
    rows = [
        _group_row(name, _members(before, sides[0][name], goal), _members(after, sides[1][name], goal))
        for name in sides[1]
        if name in sides[0]
    ]
    return pd.DataFrame(rows, columns=list(GROUPS))


def _members(table: pd.DataFrame, people: Floats, goal: str) -> pd.DataFrame:
    return pd.DataFrame(
        {"people": people, "covered": _covered(table, goal) & (people > 0)}, index=pd.Index(table["id"].astype(str))
    )


def _group_row(name: str, before: pd.DataFrame, after: pd.DataFrame) -> tuple[object, ...]:
    people = [float(side["people"].sum()) for side in (before, after)]
    covered = [side.loc[side["covered"], "people"] for side in (before, after)]
    sums = [float(side.sum()) for side in covered]
    shares = [part / whole if whole > 0 else np.nan for part, whole in zip(sums, people, strict=True)]
    gained = float(covered[1][~covered[1].index.isin(covered[0].index)].sum())
    lost = float(covered[0][~covered[0].index.isin(covered[1].index)].sum())
    return (name, *people, *sums, *shares, shares[1] - shares[0], gained, lost)
