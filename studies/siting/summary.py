"""A siting plan in a few lines: each better plan as it comes, and the table when it is done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from rich.console import Console
from rich.table import Table

from ...analyses.siting.kinds import TRAITS, Objective
from ...analyses.siting.plan import Plan
from ...maps.percent import percent
from ..speech.messages import Say
from ..speech.terminal import add_cells, show
from .curve import last_people
from .outputs import proven
from .site import Sited

# Problems are solved in four ways; the plan's own words for them are for reports in English.
HOW: Final[Mapping[Objective, str]] = {"person-minutes": "median", "longest": "center", "people": "cover", "spending": "cover"}
MOST_ROWS = 20  # the whole list is in sites.csv


def print_found(plan: Plan, console: Console, say: Say) -> None:
    """Print a plan while better ones are sought."""
    found = {"sites": len(plan.opened), "people": plan.covered_people, "seconds": plan.seconds}
    show(console, say("site.found", **found, proof=proven(plan, say)), style="cyan", indent=2)


def print_sited(sited: Sited, console: Console, say: Say) -> None:
    """Print the headline, how far the plan is proven, the sites in the order of building, and where the files are."""
    everyone, plan = sited.comparison.iloc[0], sited.plan
    shares = {when: percent(everyone[f"share_{when}"], sited.request.aim) for when in ("before", "after")}
    name = sited.request.goal.name(say.language)
    headline = say("site.headline", goal=name, **shares, sites=len(sited.sites), people=everyone["gained"])
    show(console, headline, style="bold")
    traits = TRAITS[plan.problem]
    how = say(f"site.how.{'flow' if traits.has_capacities else HOW[traits.objective]}")
    show(console, say("site.method", method=how, proof=proven(plan, say), seconds=plan.seconds), indent=2)
    if len(sited.sites):
        console.print(_table(sited, say))
        if last_people(sited.curve)[0] < len(sited.sites):
            show(console, _last(sited, say), indent=2)
    console.print(say("result.map", file=sited.out / "map.html"), highlight=False, markup=False, soft_wrap=True)
    console.print(say("result.out", out=sited.out), highlight=False, markup=False, soft_wrap=True)


def _has_costs(sited: Sited) -> bool:
    return bool(sited.sites["cost"].notna().any())


def _unit(sited: Sited, say: Say) -> str:
    return sited.request.siting.cost_unit or say("site.cost_unit")


def _table(sited: Sited, say: Say) -> Table:
    """The first sites in the order of building."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for position, name in enumerate(say("site.columns").split("|")):
        table.add_column(name, justify="left" if position in (1, 2) else "right", overflow="fold")
    if _has_costs(sited):
        for name in say("site.columns_cost", unit=_unit(sited, say)).split("|"):
            table.add_column(name, justify="right", overflow="fold")
    for row in sited.sites.head(MOST_ROWS).itertuples():
        cells = [str(row.rank), str(row.site), str(row.place), f"{row.people_gained:,.0f}", percent(row.share, sited.request.aim)]
        if _has_costs(sited):
            cells += [f"{row.cost:,.1f}", "" if np.isnan(row.people_per_cost) else f"{row.people_per_cost:,.1f}"]
        add_cells(table, *cells)
    if len(sited.sites) > MOST_ROWS:
        add_cells(table, "", say("site.more", sites=len(sited.sites) - MOST_ROWS))
    return table


def _last(sited: Sited, say: Say) -> str:
    """What the last people take."""
    sites, cost = last_people(sited.curve)
    figures = {"sites": sites, "total": len(sited.sites)}
    if not _has_costs(sited):
        return say("site.last", **figures)
    return say("site.last_cost", **figures, cost=cost, all=sited.curve["total_cost"].iloc[-1], unit=_unit(sited, say))
