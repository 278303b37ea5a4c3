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
from ...maps.exports.csv import defuse
from ...maps.gap_map import write_gap_map
from ...maps.siting_figures import Curve, Heading, write_curve
from ..messages import LANGUAGES, Say, speaker
from ..record import Record
from ..rooms_text import translate_reasons
from .curve import last_people
from .reasons import people_by_reason
from .request import Request

ATTRIBUTION: Final = "© OpenStreetMap contributors"
FILES: Final = ("map.html", "sites.csv", "sites.gpkg", "curve.csv", "curve.png", "curve.svg", "compare.csv", "uncoverable.csv")


@dataclass(frozen=True, kw_only=True)
class Finished:
    """A plan with everything that explains it; `names` are the ids of the curve's sites, null for today."""

    request: Request
    folder: Path
    plan: Plan
    sites: gpd.GeoDataFrame
    curve: pd.DataFrame
    names: pd.Series
    comparison: pd.DataFrame
    uncoverable: pd.DataFrame
    rejected: pd.DataFrame
    results: Results
    record: Record


def write_finished(finished: Finished, say: Say) -> dict[str, Any]:
    """Write all files of a plan; returns what plan.json holds."""
    folder = finished.folder
    with finished.record.stage(say("stage.files")):
        _write_table(finished.sites.drop(columns="geometry"), folder / "sites.csv")
        _write_sites(finished.sites, folder / "sites.gpkg")
        _write_table(_curve_file(finished), folder / "curve.csv")
        _write_table(finished.comparison, folder / "compare.csv")
        write_uncoverable(finished.uncoverable, folder)
        refused = translate_reasons(finished.rejected, say.language)
        refused.to_csv(folder / "rejected.csv", index=False, encoding="utf-8")
    with finished.record.stage(say("stage.pages")):
        headings = {language: _heading(finished, speaker(language)) for language in LANGUAGES}
        write_curve(_chart(finished), headings, folder / "curve.png", folder / "curve.svg", language=say.language)
        write_gap_map(finished.results, folder / "map.html", language=say.language)
    summary = plan_summary(finished)
    text = json.dumps(summary, ensure_ascii=False, indent=2, default=str)
    (folder / "plan.json").write_text(text + "\n", encoding="utf-8")
    return summary


def write_uncoverable(uncoverable: pd.DataFrame, folder: Path) -> None:
    """List the people no candidate can cover."""
    _write_table(uncoverable, folder / "uncoverable.csv")


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
    texts = [str(column) for column in table if table[column].dtype == object or pd.api.types.is_string_dtype(table[column])]
    safe = table.assign(**{column: defuse(table[column]) for column in texts}, attribution=ATTRIBUTION)
    safe.round(6).to_csv(path, index=False, encoding="utf-8", lineterminator="\n")


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
