"""A plan in the form maps take: the goal twice, with the plan in place and as things stand."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import pandas as pd

from ..analyses.results import Results
from ..layers.goals import CircleGoal, Text
from .inputs import Inputs
from .messages import LANGUAGES, Say, speaker
from .networks import Network
from .run import named_service
from .siting_plan import Facilities
from .siting_request import MODES, Request
from .siting_states import Measure, State, demand_columns, joint_card

JOINT_MODE = "_"  # between the modes of a goal that any of them may meet


def state_goal(request: Request, state: str, *, sites: int) -> CircleGoal:
    """Return the goal under the id and title of a state (`plan` or `today`)."""
    titles = {
        language: speaker(language)(f"site.title.{state}", goal=request.goal.name(language), sites=sites)
        for language in LANGUAGES
    }
    mode = JOINT_MODE.join(sorted((goal.mode for goal in request.goals), key=MODES.index))
    update = {"id": f"{request.goal.id}-{state}", "title": Text(**titles), "mode": mode, "variants": ()}
    return request.goal.model_copy(update=update)


def joint_results(
    request: Request,
    inputs: Inputs,
    measure: Measure,
    networks: Sequence[Network],
    states: Sequence[State],
    facilities: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame,
    sources: Sequence[str],
) -> Results:
    """Put the states of a plan together.

    Parameters
    ----------
    request, inputs, measure, networks
    states : sequence of State
        In the order in which a map offers them.
    facilities : GeoDataFrame
        Of all states; `rank` numbers new ones in the order of building, 0 for the others.
    streets : GeoDataFrame
        Lines for the map.
    sources : sequence of str
        Attribution.
    """
    goals = [state.table.goal for state in states]
    columns = demand_columns(
        {goal.id: state for goal, state in zip(goals, states, strict=True)}, measure.zones, networks[0].people.connector_metres
    )
    gaps = gpd.GeoDataFrame(pd.concat([state.gaps for state in states], ignore_index=True), crs="EPSG:4326")
    return Results(
        name=request.study.name,
        goals=goals,
        services={request.goal.service: named_service(request.goal.service)},
        demand=inputs.demand.table.assign(**columns),
        cell_metres=inputs.demand.cell_metres,
        facilities=facilities,
        zones=inputs.zones,
        scorecard=joint_card(states),
        gaps=gaps,
        streets=streets,
        sources=tuple(sources),
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
