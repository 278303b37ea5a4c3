"""`equity.csv`: how equally the coverage and the minutes of every travel-time goal are spread."""

from __future__ import annotations

import pandas as pd

from ...analyses.equity_rows import equity_rows
from ...analyses.results import Results


def equity_table(results: Results) -> pd.DataFrame:
    """Return the measures of equity of all travel-time goals, of which there is at least one, under each other."""
    people = pd.DataFrame(results.demand.drop(columns=results.demand.geometry.name))
    return pd.concat([equity_rows(people, goal.id, goal.group) for goal in results.goals], ignore_index=True)
