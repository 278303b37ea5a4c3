"""Everything a siting plan leaves in its folder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from ...analyses.results import Results
from ...analyses.siting.plan import Plan
from ...geo.errors import StudyError
from ...maps.exports.about import joined_sources
from ...maps.exports.picture import write_picture
from ...maps.gap_map import write_gap_map
from ...maps.percent import percent
from ...maps.siting_figures import Curve, Heading, draw_curve
from ..folder.draft import FolderDraft
from ..folder.record import Record
from ..folder.result_files import ResultFiles
from ..speech.messages import Say
from ..speech.rooms_text import translate_reasons
from .curve import last_people
from .reasons import people_by_reason
from .request import Request

UNCOVERABLE: Final = "uncoverable.csv"


@dataclass(frozen=True, kw_only=True)
class Finished:
    """A plan with everything that explains it; `names` are the ids of the curve's sites, null for today."""

    request: Request
    plan: Plan
    sites: gpd.GeoDataFrame
    curve: pd.DataFrame
    names: pd.Series
    comparison: pd.DataFrame
    uncoverable: pd.DataFrame
    rejected: pd.DataFrame
    results: Results
    record: Record


class NoPlanError(StudyError):
    """A request that cannot be met, and the people who stand in its way."""

    def __init__(self, message: str, *, request: Request, uncoverable: pd.DataFrame, record: Record) -> None:
        super().__init__(message)
        self.request, self.uncoverable, self.record = request, uncoverable, record


def write_finished(finished: Finished, draft: FolderDraft) -> dict[str, Any]:
    """Write all files of a plan; returns what plan.json holds."""
    say = draft.say
    files = ResultFiles(draft, finished.results.sources)
    with finished.record.stage(say("stage.files")):
        files.csv("sites.csv", pd.DataFrame(finished.sites.drop(columns="geometry")))
        files.csv("curve.csv", _curve_file(finished))
        files.csv("compare.csv", finished.comparison)
        files.csv(UNCOVERABLE, finished.uncoverable)
        files.geopackage("sites.gpkg", {"sites": finished.sites})
        files.csv("rejected.csv", translate_reasons(finished.rejected, say.language))
        files.dictionary()
    with finished.record.stage(say("stage.pages")):
        with draft.writing("curve.png") as file:
            drawn = draw_curve(_chart(finished), _heading(finished, say), language=say.language, sources=files.sources)
            for kind, content in drawn.items():
                write_picture(content, file.with_suffix(f".{kind}"))
        with draft.writing("map.html") as file:
            write_gap_map(finished.results, file, language=say.language)
    return draft.write_record(plan_summary(finished))


def write_no_plan(refusal: NoPlanError, draft: FolderDraft) -> str | None:
    """Write that there is no plan, and the list of people in its way; returns the name of that list where there is one."""
    request, files = refusal.request, ResultFiles(draft, refusal.record.sources)
    reasons = people_by_reason(refusal.uncoverable)
    named = UNCOVERABLE if reasons else None
    if named:
        files.csv(named, refusal.uncoverable)
        files.dictionary()
    said = {
        "problem": request.problem,
        "service": request.goal.service,
        "goal": request.goal.id,
        "minutes": request.goal.minutes,
        "status": "infeasible",
        "reason": str(refusal),
        "uncoverable": reasons,
        "sites": [],
        "attribution": joined_sources(files.sources),
    }
    draft.write_record({**said, **refusal.record.as_dict()})
    return named


def plan_summary(finished: Finished) -> dict[str, Any]:
    """Return the plan as plain JSON data: question, answer with its proof, and what it was made from."""
    request, plan = finished.request, finished.plan
    everyone = finished.comparison.iloc[0]
    sites, cost = last_people(finished.curve)
    return {
        "problem": plan.problem,
        "service": request.goal.service,
        "goal": request.goal.id,
        "modes": [goal.mode for goal in request.goals],
        "minutes": request.goal.minutes,
        "p": request.question.get("p"),
        "budget": request.question.get("budget"),
        "target": request.target,
        "status": plan.status,
        "objective": plan.objective,
        "bound": plan.bound,
        "gap": plan.gap,
        "method": plan.method,
        "seconds": round(plan.seconds, 3),
        "people": _plain(everyone["people"]),
        "covered_people": _plain(plan.covered_people),
        "covered_before": _plain(everyone["covered_before"]),
        "covered_after": _plain(everyone["covered_after"]),
        "share_before": _plain(everyone["share_before"]),
        "share_after": _plain(everyone["share_after"]),
        "last_5_percent": {"sites": sites, "cost": _plain(cost)},
        "uncoverable": people_by_reason(finished.uncoverable),
        "sites": json.loads(finished.sites.drop(columns="geometry").to_json(orient="records", force_ascii=False)),
        "attribution": joined_sources(finished.results.sources),
        **finished.record.as_dict(),
    }


def _plain(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)


def _curve_file(finished: Finished) -> pd.DataFrame:
    """The curve with its sites by id and place; step 0, today, has none."""
    table = finished.curve.assign(site=finished.names)
    places = finished.sites.set_index("site")["place"]
    table.insert(3, "place", table["site"].map(places))
    return table


def _chart(finished: Finished) -> Curve:
    """The share in the worst-served zone is drawn for the finest level that has more than one zone."""
    curve, zones = finished.curve, finished.results.zones
    levels = [level for level in zones if len(zones[level]) > 1]
    level = levels[-1] if levels else None
    return Curve(
        share=curve["share"].to_numpy(float),
        gained=curve["people_gained"].to_numpy(float),
        lowest=None if level is None else curve[f"{level}.lowest_share"].to_numpy(float),
        level=level,
        target=finished.request.aim,
        last_sites=last_people(curve)[0],
    )


def _heading(finished: Finished, say: Say) -> Heading:
    everyone, name = finished.comparison.iloc[0], finished.request.goal.name(say.language)
    before, after = (percent(everyone[f"share_{when}"], finished.request.aim) for when in ("before", "after"))
    subtitle = say("site.chart", sites=len(finished.sites), before=before, after=after, people=everyone["gained"])
    return Heading(title=say("site.chart_title", study=finished.request.study.name, goal=name), subtitle=subtitle)


def proven(plan: Plan, say: Say) -> str:
    """Say how good a plan is known to be."""
    if plan.gap is None or not np.isfinite(plan.gap):
        return say("site.proof.none")
    return say("site.proof.optimal") if plan.gap <= 1e-9 else say("site.proof.gap", gap=percent(plan.gap, most=0.0, digits=2))
