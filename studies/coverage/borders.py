"""Who depends on what lies across the border: the people a study clipped at its own area would misjudge."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ...analyses.counted import counted_people
from ...analyses.results import Results
from ...layers.goals import TimedGoal
from ..file.study import Study
from ..folder.record import Record
from ..situation.inputs import study_area
from ..speech.messages import Say


def count_across(study: Study, results: Results, record: Record, say: Say) -> None:
    """Count for every goal the people whose nearest facility lies outside the study area, and say so.

    The area is the study's, else the union of its coarsest zones; a study with neither has no border.
    """
    if study.area is not None:
        area, inside = study_area(study.area), np.ones(len(results.demand), bool)
    elif results.zones:
        level, zones = next(iter(results.zones.items()))
        area, inside = shapely.union_all(zones.geometry.to_numpy()), results.demand[f"zone.{level}"].notna().to_numpy()
    else:
        return
    shapely.prepare(area)
    outside = results.facilities.loc[~shapely.intersects(area, results.facilities.geometry.to_numpy()), "facility"]
    across = {goal.id: served_by(results.demand.loc[inside], goal, outside) for goal in results.goals}
    record.counts["across_border"] = {"facilities": len(outside), **across}
    for goal in results.goals:
        if across[goal.id]["people"] > 0:
            record.note(say("note.across_border", goal=goal.name(say.language), **across[goal.id]))


def served_by(demand: gpd.GeoDataFrame, goal: TimedGoal, facilities: pd.Series) -> Mapping[str, float]:
    """Count a goal's people whose nearest facility is one of `facilities`.

    Returns
    -------
    dict
        `people`, and how many of them are `covered`.
    """
    status = demand[f"{goal.id}.status"].astype(str)
    mine = demand[f"{goal.id}.facility"].isin(facilities)
    people = counted_people(demand, goal.id, goal.group)
    return {"people": float(people[mine].sum()), "covered": float(people[mine & (status == "covered")].sum())}
