"""`equity.csv`: how equally the coverage and the minutes of every travel-time goal are spread."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ..analyses.equity_rows import equity_rows
from ..analyses.results import Results
from ..maps.exports.table import write_csv


def write_equity(results: Results, file: Path) -> None:
    """Write the measures of equity of all travel-time goals, of which there is at least one, under each other."""
    people = pd.DataFrame(results.demand.drop(columns=results.demand.geometry.name))
    parts = [equity_rows(people, goal.id, goal.group) for goal in results.goals]
    table = pd.concat(parts, ignore_index=True)
    write_csv(table.assign(attribution="; ".join(results.sources)), file)
