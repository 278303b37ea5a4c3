"""The report: a run on paper, one HTML file that prints on A4."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import shapely
from jinja2 import Environment, PackageLoader, StrictUndefined

from ..analyses.coverage import STATUSES
from ..analyses.results import Results
from ..layers.goals import CircleGoal
from .figures import column, figures, overall, plain, shown_people, whole
from .page import refuse_addresses
from .places import coordinates, nearest_street_names, zone_names
from .settings import file_name, settings
from .texts import in_sentence, texts

_WORST_UNITS = 20
_TOP_GAPS = 10
_TEMPLATES = Environment(
    loader=PackageLoader(str(__package__)), autoescape=True, trim_blocks=True, lstrip_blocks=True,
    undefined=StrictUndefined,
)  # fmt: skip


def write_report(
    results: Results,
    run: Mapping[str, Any],
    path: str | Path,
    *,
    language: str = "zh",
    review_number: str = "",
    made_on: date | None = None,
) -> None:
    """Write the report of a run as one HTML file that needs no network.

    Parameters
    ----------
    results : Results
        A finished run. Every figure printed is a row of its scorecard.
    run : mapping
        What `run.json` holds: `inputs` (each `file` and `sha256`), `parameters`, `stages`, `versions`, `notes`.
    path : str or Path
    language : {"zh", "en"}
    review_number : str
        审图号; where it is blank the report says that its maps are internal.
    made_on : date, optional
        Date printed, today by default.

    Raises
    ------
    InputError
        If the language is unknown, or a goal lacks its overall scorecard row.
    """
    page = _page(results, run, language, review_number, made_on or date.today())
    html = _TEMPLATES.get_template("report.html.jinja").render(**page)
    refuse_addresses(html)
    Path(path).write_text(html, encoding="utf-8", newline="\n")


def _page(results: Results, run: Mapping[str, Any], language: str, review_number: str, made_on: date) -> dict[str, Any]:
    words = texts(language)
    shared, report = words["shared"], words["report"]
    return {
        "language": "zh-CN" if language == "zh" else "en",
        "words": report,
        "shared": shared,
        "title": report["title"].format(study=results.name),
        "made_on": report["made_on"].format(date=made_on.isoformat()),
        "review": shared["review"].format(number=review_number) if review_number else shared["review_blank"],
        "sources": results.sources,
        "goals": [_goal(results, goal, words, language) for goal in results.goals],
        "method": _method(results, report),
        "notes": run.get("notes"),
        "tables": _run_tables(run, report),
    }


def _goal(results: Results, goal: CircleGoal, words: Mapping[str, Any], language: str) -> dict[str, Any]:
    row = overall(results, goal.id)
    shown = shown_people(row)
    return {
        "title": goal.name(language),
        "sentence": _sentence(results, goal, row, shown["uncovered"], words, language),
        "met": row["met"],
        "phrase": goal.phrase,
        "section": goal.section,
        "figures": _tiles(row, shown["uncovered"], words["report"]),
        "balance": _balance(row, shown, words),
        "people": people(shown["people"]),
        "levels": [_level(results, goal, level, words) for level in results.zones],
        "gaps": _gaps(results, goal, words),
    }


def _run_tables(run: Mapping[str, Any], report: Mapping[str, Any]) -> list[tuple[str, list[str], list[tuple[str, str]]]]:
    """Return what the run was made of as tables: title, head and rows."""
    inputs = [(file_name(entry["file"]), entry["sha256"]) for entry in run.get("inputs") or []]
    stages = [(entry["stage"], f"{entry['seconds']:.1f}") for entry in run.get("stages") or []]
    versions = [(name, str(version)) for name, version in (run.get("versions") or {}).items()]
    tables: dict[str, list[tuple[str, str]]] = {
        "inputs": inputs,
        "parameters": settings(run),
        "stages": stages,
        "versions": versions,
    }
    return [(report[key], list(report["run_columns"][key].values()), rows) for key, rows in tables.items()]


def _sentence(
    results: Results, goal: CircleGoal, row: dict[str, Any], missing: int, words: Mapping[str, Any], language: str
) -> str:
    report, shared = words["report"], words["shared"]
    if row["share"] is None:
        return str(report["nobody"])
    service = results.services.get(goal.service)
    said = shared[f"sentence_{goal.direction}"].format(
        share=percent(row["share"], row["target"]),
        who=shared["who"][goal.population] if goal.group is None else shared["groups"].get(goal.group, goal.group),
        mode=shared["modes"][goal.mode],
        minutes=f"{goal.minutes:g}",
        service=in_sentence(getattr(service.title, language), language) if service else goal.service,
    )
    verdict = "none" if row["target"] is None else ("met" if row["met"] else "not_met")
    target = "" if row["target"] is None else f"{row['target'] * 100:g}%"
    judged = report[f"verdict_{verdict}"].format(target=target, people=people(missing))
    return f"{said} {judged}" if language == "en" else said + judged


def _tiles(row: dict[str, Any], missing: int, report: Mapping[str, Any]) -> list[tuple[str, str]]:
    labels = report["figures"]
    return [
        (labels["share"], percent(row["share"], row["target"])),
        (labels["uncovered"], people(missing)),
        (labels["median"], minutes(row["median_minutes"], report)),
        (labels["p90"], minutes(row["p90_minutes"], report)),
    ]


def _balance(row: dict[str, Any], shown: dict[str, int], words: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    """Return one line per status; the shares are of everybody."""
    total = float(row["people"])
    shares = {status: percent(float(row[column(status)]) / total if total else None) for status in STATUSES}
    names, meanings = words["shared"]["status"], words["report"]["meanings"]
    return [(names[status], meanings[status], people(shown[column(status)]), shares[status]) for status in STATUSES]


def _level(results: Results, goal: CircleGoal, level: str, words: Mapping[str, Any]) -> dict[str, Any]:
    """Return the units with the lowest share; those without anyone of the goal come last."""
    card = results.scorecard
    rows = card[(card["goal"] == goal.id) & (card["level"] == level)]
    worst = rows.sort_values(["share", "people"], ascending=[True, False], na_position="last").head(_WORST_UNITS)
    report = words["report"]
    title = report["levels"].get(level, level)
    return {
        "title": report["scorecard"].format(level=title),
        "note": report["worst" if len(worst) < len(rows) else "worst_first"].format(shown=len(worst), all=len(rows)),
        "rows": [_unit(row, words) for _, row in worst.iterrows()],
    }


def _unit(row: pd.Series[Any], words: Mapping[str, Any]) -> list[str]:
    report, values = words["report"], figures(row)
    verdict = {True: "yes", False: "no"}.get(values["met"], "none")
    name = plain(row["name"]) or row["unit"] or words["shared"]["outside_zones"]
    shown = shown_people(values)
    counts = [people(shown[key]) for key in ("people", *(column(status) for status in STATUSES))]
    times = [minutes(values[key], report) for key in ("median_minutes", "p90_minutes")]
    share = percent(values["share"], values["target"])
    facilities = people(values["facilities"])
    return [str(name), *counts, share, report["met"][verdict], *times, facilities]


def _gaps(results: Results, goal: CircleGoal, words: Mapping[str, Any]) -> list[list[str]]:
    gaps = results.gaps
    top = gaps[gaps["goal"] == goal.id].sort_values("gap").head(_TOP_GAPS)
    places = _places(results, shapely.point_on_surface(top.geometry.to_numpy()), words["report"])
    return [_gap(row, place, words) for (_, row), place in zip(top.iterrows(), places, strict=True)]


def _gap(row: pd.Series[Any], place: str, words: Mapping[str, Any]) -> list[str]:
    report, reasons = words["report"], words["shared"]["reason"]
    facility, reason = plain(row["facility_name"]), plain(row["reason"])
    nameless = report["unknown" if plain(row["facility"]) is None else "unnamed"]
    return [
        str(row["gap"]), place, people(row["people"]), nameless if facility is None else str(facility),
        minutes(plain(row["minutes"]), report), minutes(plain(row["minutes_over"]), report),
        report["unknown"] if reason is None else reasons.get(reason, str(reason)),
    ]  # fmt: skip


def _places(results: Results, points: Any, report: Mapping[str, Any]) -> list[str]:
    """Return where each point is: its zones, coarse to fine, and the nearest street; else its coordinates."""
    named = [zone_names(zones, points) for zones in results.zones.values()]
    streets = nearest_street_names(results.streets, points)
    named.append([report["place_street"].format(place=name) if name else None for name in streets])
    joined = [" · ".join(filter(None, names)) for names in zip(*named, strict=True)]
    return [name or coordinates(point) for name, point in zip(joined, points, strict=True)]


def _method(results: Results, report: Mapping[str, Any]) -> list[str]:
    limits = " / ".join(dict.fromkeys(f"{goal.minutes:g}" for goal in results.goals))
    return [sentence.format(limits=limits) for sentence in report["method_text"]]


def people(value: float | None) -> str:
    """Return people as a whole number with thousands separators."""
    return "—" if value is None else f"{whole(value):,}"


def minutes(value: float | None, report: Mapping[str, Any]) -> str:
    """Return minutes rounded up to tenths, as the map shows them."""
    if value is None:
        return str(report["unknown"])
    tenths = math.ceil(value * 10)
    tenths -= (tenths - 1) / 10 >= value
    return str(report["minutes"].format(minutes=f"{tenths / 10:g}"))


def percent(share: float | None, target: float | None = None) -> str:
    """Return a share with one decimal, or as many as it takes not to look like the other side of the target."""
    if share is None:
        return "—"
    for digits in range(1, 8):
        shown = f"{share * 100:.{digits}f}"
        if target is None or (share >= target) == (float(shown) >= target * 100 - 1e-9):
            return f"{shown}%"
    return f"{share * 100!r}%"
