"""The report: a run on paper, one HTML file that prints on A4."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import shapely
from jinja2 import Environment, PackageLoader, StrictUndefined

from ..analyses.coverage import STATUSES
from ..analyses.results import Results
from ..layers.goals import TimedGoal
from .curves import draw_curve
from .explanations import explanation
from .exports.picture import picture_bytes
from .exports.text import write_text
from .figures import column, figures, overall, plain, shown_people
from .fonts import face
from .page import refuse_addresses
from .percent import percent
from .pictures import draw_map
from .places import area_names, coordinates, zone_names
from .sentences import goal_title, headline, minutes, people, service_in_sentence
from .settings import file_name, settings
from .texts import texts

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
    pictures: Mapping[str, bytes] | None = None,
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
    pictures : mapping of goal to bytes, optional
        The maps as PNG where they are drawn already.

    Raises
    ------
    InputError
        If the language is unknown, or a goal lacks its overall scorecard row.
    """
    day = made_on or date.today()
    drawn = {
        goal.id: pictures[goal.id] if pictures and goal.id in pictures else _map(results, goal, language, review_number, day)
        for goal in results.goals
    }
    page = _page(results, run, language, review_number, day, drawn)
    html = _TEMPLATES.get_template("report.html.jinja").render(**page)
    html = html.replace("</style>", f"{face(html)}\n</style>", 1)
    refuse_addresses(html)
    write_text(html, path)


def _map(results: Results, goal: TimedGoal, language: str, review_number: str, made_on: date) -> bytes:
    return picture_bytes(draw_map(results, goal, language=language, review_number=review_number, made_on=made_on), "png")


def _page(
    results: Results,
    run: Mapping[str, Any],
    language: str,
    review_number: str,
    made_on: date,
    drawn: Mapping[str, bytes],
) -> dict[str, Any]:
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
        "goals": [_goal(results, goal, words, language, drawn[goal.id]) for goal in results.goals],
        "zones": _zone_pages(results, words, language),
        "method": _method(results, report),
        "notes": run.get("notes"),
        "tables": _run_tables(run, report),
    }


def _goal(results: Results, goal: TimedGoal, words: Mapping[str, Any], language: str, drawn: bytes) -> dict[str, Any]:
    row = overall(results, goal.id)
    shown = shown_people(row)
    return {
        "picture": _data_address(drawn),
        "curve": _data_address(picture_bytes(draw_curve(results, goal, language=language), "png")),
        "title": goal_title(results, goal, language),
        "sentence": headline(results, goal, language),
        "met": row["met"],
        "phrase": goal.phrase,
        "section": goal.section,
        "figures": _tiles(row, shown["uncovered"], words["report"]),
        "balance": _balance(row, shown, words),
        "people": people(shown["people"]),
        "levels": [_level(results, goal, level, words) for level in results.zones],
        "gaps": _gaps(results, goal, words, language),
    }


def _data_address(png: bytes) -> str:
    """Return a picture as an address that holds the picture itself."""
    return f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"


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
    targets = {"covered": row["target"]}
    shares = {name: percent(float(row[column(name)]) / total if total else None, targets.get(name)) for name in STATUSES}
    names, meanings = words["shared"]["status"], words["report"]["meanings"]
    return [(names[status], meanings[status], people(shown[column(status)]), shares[status]) for status in STATUSES]


def _level(results: Results, goal: TimedGoal, level: str, words: Mapping[str, Any]) -> dict[str, Any]:
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


def _gaps(results: Results, goal: TimedGoal, words: Mapping[str, Any], language: str) -> list[dict[str, Any]]:
    gaps = results.gaps
    top = gaps[gaps["goal"] == goal.id].sort_values("gap").head(_TOP_GAPS)
    places = _places(results, top.geometry.to_numpy(), words["report"])
    service = service_in_sentence(results, goal, language)
    return [
        {"cells": _gap(row, place, words), "why": explanation(row, service, language)}
        for (_, row), place in zip(top.iterrows(), places, strict=True)
    ]


def _gap(row: pd.Series[Any], place: str, words: Mapping[str, Any]) -> list[str]:
    report = words["report"]
    facility = plain(row["facility_name"])
    nameless = report["unknown" if plain(row["facility"]) is None else "unnamed"]
    return [
        str(row["gap"]), place, people(row["people"]), nameless if facility is None else str(facility),
        minutes(plain(row["minutes"]), report), minutes(plain(row["minutes_over"]), report),
    ]  # fmt: skip


def _zone_pages(results: Results, words: Mapping[str, Any], language: str) -> list[dict[str, Any]]:
    """Return one page per zone of the coarsest level: every goal there, with its rank among its sisters."""
    if not results.zones:
        return []
    level, zones = next(iter(results.zones.items()))
    card = results.scorecard[results.scorecard["level"] == level]
    ranked = card.assign(rank=card.groupby("goal")["share"].rank(ascending=False, method="min"))
    titles = {goal.id: goal_title(results, goal, language) for goal in results.goals}
    lines: dict[str, list[list[str]]] = {zone: [] for zone in zones["zone"].astype(str)}
    for _, row in ranked[ranked["goal"].isin(list(titles)) & ranked["unit"].isin(list(lines))].iterrows():
        lines[row["unit"]].append([titles[str(row["goal"])], *_unit(row, words)[1:], _rank(row, len(zones))])
    names = zip(lines, zones["name"], strict=True)
    return [{"title": str(plain(name) or zone), "rows": lines[zone]} for zone, name in names]


def _rank(row: pd.Series[Any], among: int) -> str:
    rank = plain(row["rank"])
    return "—" if rank is None else f"{rank:.0f} / {among}"


def _places(results: Results, areas: Any, report: Mapping[str, Any]) -> list[str]:
    """Return where each area is: its zones, coarse to fine, and its settlement or nearest street; else its coordinates."""
    points = shapely.point_on_surface(areas)
    named = [zone_names(zones, points) for zones in results.zones.values()]
    names = area_names(areas, points, streets=results.streets, land=results.land)
    named.append([report["place_street"].format(place=name) if name else None for name in names])
    joined = [" · ".join(filter(None, names)) for names in zip(*named, strict=True)]
    return [name or coordinates(point) for name, point in zip(joined, points, strict=True)]


def _method(results: Results, report: Mapping[str, Any]) -> list[str]:
    limits = " / ".join(dict.fromkeys(f"{goal.minutes:g}" for goal in results.goals))
    return [sentence.format(limits=limits) for sentence in report["method_text"]]
