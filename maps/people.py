"""People: whom a goal counts in each demand unit."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def weight_column(group: str | None) -> str:
    """Return the demand column that a goal counts."""
    return "people" if group is None else f"group.{group}"


def counted_people(demand: pd.DataFrame, group: str | None) -> NDArray[np.float64]:
    """Return the people of each unit; of a group nobody where it is unknown, and never more than there are people."""
    people: NDArray[np.float64] = demand["people"].to_numpy(dtype=np.float64)
    if group is None:
        return people
    members: NDArray[np.float64] = demand[weight_column(group)].fillna(0).to_numpy(dtype=np.float64)
    return np.minimum(members, people)
