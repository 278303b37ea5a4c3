"""Whom a goal counts in each demand unit."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
GROUP = "group."


def counted_people(demand: pd.DataFrame, goal: str, group: str | None) -> Floats:
    """Return the people of each unit whom a goal counts.

    Parameters
    ----------
    demand : DataFrame
        `people`, `group.<name>` and `<goal>.status`.
    goal : str
        Its id.
    group : str or None
        The group the goal is about; None for everyone.

    Returns
    -------
    (n,) float64
        0 where the unit is excluded, and of a group where it is unknown; never more than there are people.
    """
    people: Floats = demand["people"].to_numpy(np.float64)
    if group is not None:
        people = np.minimum(demand[GROUP + group].fillna(0).to_numpy(np.float64), people)
    return np.where(demand[f"{goal}.status"].astype(str) == "excluded", 0.0, people)


def people_of_groups(demand: pd.DataFrame, goal: str, group: str | None) -> Iterator[tuple[str, Floats]]:
    """Yield the name of each part of a goal's people that the demand tells apart, and how many of it each unit has.

    These are `urban` and `rural`, and the columns `group.<name>`. Of a goal about one group only town and country are told apart:
    nobody knows how many of the group belong to another one, too.

    Parameters
    ----------
    demand : DataFrame
        `people`, `group.<name>`, optional `urban` (bool), and `<goal>.status`.
    goal : str
        Its id.
    group : str or None
        The group the goal is about.
    """
    counted = counted_people(demand, goal, group)
    if "urban" in demand:
        town = demand["urban"].to_numpy(bool)
        yield "urban", np.where(town, counted, 0.0)
        yield "rural", np.where(town, 0.0, counted)
    if group is None:
        for column in demand.columns[demand.columns.str.startswith(GROUP)]:
            yield str(column), counted_people(demand, goal, str(column).removeprefix(GROUP))
