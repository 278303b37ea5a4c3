"""A plan in the form maps take: the goal with the plan in place, compared with today."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import pandas as pd

from ...analyses.results import Results, State
from ...analyses.scorecard import joined, with_details
from ...geo.modes import MODES
from ...layers.goals import CircleGoal, Text
from ..attribution import study_sources
from ..coverage.run import named_service
from ..situation.inputs import Inputs
from ..situation.networks import Network, snap_columns
from ..speech.messages import LANGUAGES, Say, speaker
from .plan import Facilities
from .request import Request
from .states import Judged, Measure, demand_columns

JOINT_MODE = "_"  # between the modes of a goal that any of them may meet


def planned_goal(request: Request, *, sites: int) -> CircleGoal:
    """Return the goal under a title that says what was added, and with all its modes."""
    titles = {language: speaker(language)("site.title", goal=request.goal.name(language), sites=sites) for language in LANGUAGES}
    mode = JOINT_MODE.join(sorted((goal.mode for goal in request.goals), key=MODES.index))
    return request.goal.model_copy(update={"title": Text(**titles), "mode": mode, "variants": ()})


def plan_results(
    request: Request,
    inputs: Inputs,
    measure: Measure,
    networks: Sequence[Network],
    after: Judged,
    before: Judged,
    facilities: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame,
    say: Say,
) -> Results:
    """Put a plan together as a run that is compared with today.

    Parameters
    ----------
    request, inputs, measure, networks
    after, before : Judged
        With the plan in place, and as things stand.
    facilities : GeoDataFrame
        Of both; `rank` numbers new ones in the order of building, 0 for the others.
    streets : GeoDataFrame
        Lines for the map.
    say : Say
    """
    goal, table = after.table.goal, inputs.demand.table
    snaps = snap_columns({network.graph.mode.kind: network.people.connector_metres for network in networks})
    then = demand_columns(before, measure.zones, snaps)
    return Results(
        name=request.study.name,
        goals=[goal],
        services={goal.service: named_service(goal.service)},
        demand=table.assign(**demand_columns(after, measure.zones, snaps)),
        cell_metres=inputs.demand.cell_metres,
        facilities=facilities,
        zones=inputs.zones,
        scorecard=joined([with_details(after.card, goal)]),
        gaps=after.gaps,
        streets=streets,
        sources=study_sources(request.study, siting=request.siting),
        before=State(name=say("site.today"), demand=table.assign(**then), scorecard=joined([with_details(before.card, goal)])),
    )


def shown_facilities(
    planned: Facilities, today: gpd.GeoDataFrame, places: Sequence[str], service: str, say: Say
) -> gpd.GeoDataFrame:
    """Return the facilities of both states: new ones by their rank and place, those that close marked as such.

    Parameters
    ----------
    planned : Facilities
        With the plan in place.
    today : GeoDataFrame
        As things stand.
    places : sequence of str
        Of the new ones, in the order of building.
    service : str
    say : Say
    """
    table = planned.table.assign(service=service)
    new = table["rank"] > 0
    own = table.loc[new, "name"].fillna(pd.Series(list(places), index=table.index[new], dtype="str"))
    table.loc[new, "name"] = [
        say("site.new", rank=rank, place=name) for rank, name in zip(table.loc[new, "rank"], own, strict=True)
    ]
    gone = today.loc[~today["facility"].isin(table["facility"])].assign(service=service, rank=0)
    closing = [say("site.closing", name="" if pd.isna(name) else name).strip() for name in gone["name"]]
    filled = [part for part in (table, gone.assign(name=pd.Series(closing, index=gone.index, dtype="str"))) if len(part)]
    columns = ["facility", "service", "name", "capacity", "source", "rank", "geometry"]
    return gpd.GeoDataFrame(pd.concat(filled or [table], ignore_index=True)[columns], geometry="geometry", crs="EPSG:4326")
