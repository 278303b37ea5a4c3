"""The goals of a study that tables answer: presence, shares, ratios and the rest, and what the others lack."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from ...analyses.judging import judge, present_types
from ...analyses.scorecard import check_rows, joined, lacking_rows, variant_name
from ...analyses.tables import Tables
from ...layers.goals import Goal, MixGoal, variant_goals
from ..file.lacks import lacks
from ..file.study import Study
from ..folder.record import Record
from ..situation.inputs import Inputs
from ..speech.messages import Say


def check_goals(
    study: Study, inputs: Inputs, demand: gpd.GeoDataFrame, travelled: pd.DataFrame, record: Record, say: Say
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Answer every goal that needs no travel time of its own.

    Parameters
    ----------
    study : Study
    inputs : Inputs
    demand : GeoDataFrame
        With the answers of the goals that travel times answer: disparity goals compare their coverage.
    travelled : DataFrame
        Scorecard rows of those goals.
    record : Record
    say : Say

    Returns
    -------
    rows, variants : DataFrame
        Scorecard rows of the goals, and of their competing definitions. Goals that lack something have one row that says so.
    """
    tables = Tables(
        zones=inputs.zones,
        facilities=inputs.facilities,
        services=frozenset(study.facilities),
        reach=inputs.reach,
        demand=demand,
        indicators=inputs.indicators,
        shares=travelled[["goal", "level", "unit", "share"]],
    )
    rows, variants = [], []
    if study.tabled:
        with record.stage(say("stage.checks", goals=len(study.tabled))):
            unanswered = [goal for goal in study.tabled if goal.id in study.lacking]
            rows.append(lacking_rows(unanswered, study.lacking, tables.everyone))
            for goal in study.tabled:
                if goal.id not in study.lacking:
                    rows.append(check_rows(goal, judge(goal, tables)))
                    variants += _variants(goal, study, tables, record, say)
                elif isinstance(goal, MixGoal) and any(service in study.facilities for service in goal.types):
                    rows.append(check_rows(goal, present_types(goal, tables, study.lacking[goal.id])))
    unanswerable = len(study.goals) - len(study.answerable)
    if unanswerable:
        record.note(say("note.lacking", goals=unanswerable, total=len(study.goals)))
    return joined(rows), joined(variants)


def _variants(goal: Goal, study: Study, tables: Tables, record: Record, say: Say) -> list[pd.DataFrame]:
    """Answer the competing definitions of a goal."""
    parts = []
    for definition in answerable_variants(goal, study, record, say):
        told = check_rows(definition, judge(definition, tables))
        parts.append(told.assign(goal=goal.id, variant=variant_name(definition.id)))
    return parts


def answerable_variants(goal: Goal, study: Study, record: Record, say: Say) -> list[Goal]:
    """Return the competing definitions of a goal that the study's data can answer; the others are said."""
    found = []
    for definition in variant_goals(goal):
        lacking = lacks(definition, study)
        if lacking:
            record.note(say("note.variant_lacks", goal=definition.id, keys=", ".join(lacking)))
        else:
            found.append(definition)
    return found
