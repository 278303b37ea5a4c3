"""Everything a siting plan leaves in its folder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

from ...analyses.results import Results
from ...analyses.siting.plan import Plan
from ...geo.errors import StudyError
from ...maps.exports.table import write_csv
from ...maps.gap_map import write_gap_map
from ...maps.siting_figures import Curve, Heading, write_curve
from ..draft import FolderDraft
from ..messages import Say
from ..record import Record
from ..rooms_text import translate_reasons
from .curve import last_people
from .reasons import people_by_reason
from .request import Request

ATTRIBUTION: Final = "© OpenStreetMap contributors"
UNCOVERABLE: Final = "uncoverable.csv"
FILES: Final = ("map.html", "sites.csv", "sites.gpkg", "curve.csv", "curve.png", "curve.svg", "compare.csv", UNCOVERABLE)


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
    tables = {
        "sites.csv": finished.sites.drop(columns="geometry"),
        "curve.csv": _curve_file(finished),
        "compare.csv": finished.comparison,
        UNCOVERABLE: finished.uncoverable,
    }
    with finished.record.stage(say("stage.files")):
        for name, table in tables.items():
            with draft.writing(name) as file:
                _write_table(pd.DataFrame(table), file)
        with draft.writing("sites.gpkg") as file:
            _write_sites(finished.sites, file)
        with draft.writing("rejected.csv") as file:
            write_csv(translate_reasons(finished.rejected, say.language), file)
    with finished.record.stage(say("stage.pages")):
        with draft.writing("curve.png") as file:
            write_curve(_chart(finished), _heading(finished, say), file, file.with_suffix(".svg"), language=say.language)
        with draft.writing("map.html") as file:
            write_gap_map(finished.results, file, language=say.language)
    return draft.write_record(plan_summary(finished))


def write_no_plan(refusal: NoPlanError, draft: FolderDraft) -> str | None:
    """Write that there is no plan, and the list of people in its way; returns the name of that list where there is one."""
    reasons = people_by_reason(refusal.uncoverable)
    named = UNCOVERABLE if reasons else None
    if named:
        with draft.writing(named) as file:
            _write_table(refusal.uncoverable, file)
    request = refusal.request
    said = {
        "problem": request.problem,
        "service": request.goal.service,
        "goal": request.goal.id,
        "minutes": request.goal.minutes,
        "status": "infeasible",
        "reason": str(refusal),
        "uncoverable": reasons,
        "sites": [],
        "attribution": ATTRIBUTION,
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
        "p": request.p,
        "budget": request.budget,
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
        "attribution": ATTRIBUTION,
        **finished.record.as_dict(),
    }


def _plain(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)


def _write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table for spreadsheets, with where its data comes from; no name in it may run as a formula."""
    write_csv(table.assign(attribution=ATTRIBUTION).round(6), path)


def _write_sites(sites: gpd.GeoDataFrame, path: Path) -> None:
    path.unlink(missing_ok=True)
    kinds = set(sites.geometry.geom_type)
    pyogrio.write_dataframe(
        sites,
        path,
        layer="sites",
        driver="GPKG",
        geometry_type="Point" if kinds <= {"Point"} else "Unknown",
        layer_options={"IDENTIFIER": "sites", "DESCRIPTION": ATTRIBUTION},
        dataset_metadata={"attribution": ATTRIBUTION},
    )


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
    wanted = finished.request.target if finished.request.target is not None else finished.request.goal.target
    return Curve(
        share=curve["share"].to_numpy(float),
        gained=curve["people_gained"].to_numpy(float),
        lowest=None if level is None else curve[f"{level}.lowest_share"].to_numpy(float),
        level=level,
        target=wanted,
        last_sites=last_people(curve)[0],
    )


def _heading(finished: Finished, say: Say) -> Heading:
    everyone, name = finished.comparison.iloc[0], finished.request.goal.name(say.language)
    subtitle = say(
        "site.chart", sites=len(finished.sites), before=everyone["share_before"], after=everyone["share_after"],
        people=everyone["gained"],
    )  # fmt: skip
    return Heading(title=say("site.chart_title", study=finished.request.study.name, goal=name), subtitle=subtitle)


def proven(plan: Plan, say: Say) -> str:
    """Say how good a plan is known to be."""
    if plan.gap is None or not np.isfinite(plan.gap):
        return say("site.proof.none")
    return say("site.proof.optimal") if plan.gap <= 1e-9 else say("site.proof.gap", gap=plan.gap)
