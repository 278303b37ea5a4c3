"""Access in a few lines, printed when its measures are written."""

from __future__ import annotations

from typing import Any

import pandas as pd
from rich.console import Console
from rich.table import Table

from ...analyses.access.measures import COLUMNS, Unit
from ...analyses.access.zones import MEDIAN
from ...layers.services import service_catalogue
from ...maps.percent import percent
from ..speech.messages import Say
from ..speech.terminal import add_cells, show
from .access import BUNDLED, AccessRun


def print_access(run: AccessRun, console: Console, say: Say) -> None:
    """Print one table per goal and limit, then where the files are and whose data they were made from."""
    everyone = run.zones.loc[run.zones["level"] == "all"]
    for _, row in everyone.iterrows():
        _print_row(row, console, say)
    show(console, say("access.whose"), style="dim")
    show(console, say("access.files", out=run.out))
    for line in run.record["sources"]:
        show(console, line, style="dim")


def _print_row(row: pd.Series[Any], console: Console, say: Say) -> None:
    mode = say(f"mode.{row['mode']}")
    show(
        console,
        say("access.headline", service=service_name(row["service"], say), minutes=row["minutes"], mode=mode, goal=row["goal"]),
        style="bold",
    )
    show(console, say("access.people", people=row["people"], reached=row["reached"], facilities=row["facilities_here"]), indent=2)
    if row["unconnected"] > 0:
        show(console, say("access.unconnected", people=row["unconnected"]), indent=2)
    if row["capacity_here"] == row["capacity_here"]:
        per_1000 = row["capacity_here_per_1000"]
        show(console, say("access.supply", capacity=row["capacity_here"], per_1000=per_1000), indent=2)
    figures = _figures(row, say)
    if figures.row_count:
        console.print(figures)


def _figures(row: pd.Series[Any], say: Say) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 2), header_style="dim")
    for head, side in zip(say("access.heads").split("|"), ("left", "right", "right", "left"), strict=True):
        table.add_column(head, justify=side, no_wrap=side == "right")  # type: ignore[arg-type]
    for name, column in COLUMNS.items():
        if name in row.index and row[name] == row[name]:
            half = row.get(name + MEDIAN, float("nan"))
            figures = [_figure(value, column.unit) for value in (row[name], half)]
            unit = say(f"access.unit.{column.unit}") + (say("access.mean.sum") if column.mean == "sum" else "")
            add_cells(table, say(f"access.measure.{name}"), *figures, unit)
    return table


def _figure(value: float, unit: Unit) -> str:
    """Write a figure with about three digits: capacities may be beds by the thousand or doctors per mille."""
    if value != value:
        return ""
    if unit == "share":
        return percent(value)
    if unit == "minutes":
        return f"{value:.1f}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def service_name(service: str, say: Say) -> str:
    """Return the names in the catalogue of a service, or of those of a bundle; an id where there is none."""
    known = service_catalogue()
    names = [getattr(known[one].title, say.language) if one in known else one for one in service.split(BUNDLED)]
    return BUNDLED.join(names)
