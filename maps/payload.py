"""The payload: everything the gap map shows, as one text for the page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import shapely

from ..analyses.counted import weight_column
from ..analyses.coverage import STATUSES
from ..analyses.results import Results
from ..layers.goals import TimedGoal
from . import classes
from .basemap import pack_street_names, pack_streets
from .cells import pack_cells, pack_state
from .explanations import explanation
from .figures import ALL, figures, overall, plain
from .land import pack_land
from .packing import SHAPE_DEGREE, Bundle, Payload, thinned
from .places import area_names, coordinates, zone_names
from .sentences import goal_title, service_in_sentence
from .texts import LANGUAGES, in_sentence, texts

_GAPS_PER_GOAL = 200
_ZONE_DETAIL = 4_000  # an outline is simplified to this fraction of the study's extent: about a pixel on a screen


def gap_map_payload(results: Results, *, language: str, review_number: str, made_on: date) -> Payload:
    """Return head and sections of the gap map, packed (see `packing.Bundle`)."""
    bundle = Bundle()
    head = {
        "study": results.name,
        "language": language,
        "text": {key: texts(key)["map"] | {"shared": texts(key)["shared"]} for key in LANGUAGES},
        "reviewNumber": review_number,
        "date": made_on.isoformat(),
        "sources": list(results.sources),
        "bounds": [float(value) for value in results.demand.total_bounds],
        "statuses": list(STATUSES),
        "colours": _colours(),
        "goals": [_goal(results, goal) for goal in results.goals],
        "cells": pack_cells(results, bundle),
        "levels": [_level(results, bundle, level) for level in results.zones],
        "facilities": _facilities(results, bundle),
        "serviceTitles": {
            key: {language: getattr(s.title, language) for language in LANGUAGES} for key, s in results.services.items()
        },
        "gaps": _gaps(results, bundle),
        "streets": pack_streets(results.streets, bundle),
        "streetNames": pack_street_names(results.streets, bundle),
        "land": pack_land(results.land, bundle),
        "rings": _rings(results, bundle),
        "before": _before(results, bundle),
    }
    return bundle.pack(head)


def _colours() -> dict[str, Any]:
    return {
        "gap": classes.GAP_COLOURS,
        "time": classes.TIME_COLOURS,
        "share": classes.SHARE_COLOURS,
        "need": classes.NEED_COLOURS,
        "change": classes.CHANGE_COLOURS,
        "status": classes.STATUS_COLOURS,
    }


def _goal(results: Results, goal: TimedGoal) -> dict[str, Any]:
    service = results.services.get(goal.service)
    titles = {key: getattr(service.title, key) if service else goal.service for key in LANGUAGES}
    return {
        "id": goal.id,
        "title": {key: goal_title(results, goal, key) for key in LANGUAGES},
        "services": list(goal.services),
        "serviceTitle": titles,
        "serviceInSentence": {key: in_sentence(title, key) for key, title in titles.items()},
        "mode": goal.mode,
        "direction": goal.direction,
        "population": goal.population,
        "group": goal.group,
        "minutes": goal.minutes,
        "target": goal.target,
        "people": weight_column(goal.group),
        "gapBreaks": classes.gap_breaks(goal.minutes),
        "needBreaks": classes.need_breaks(results.demand, goal),
        "timeBreaks": classes.time_breaks(goal.minutes),
        "shareBreaks": classes.share_breaks(goal),
        "figures": overall(results, goal.id),
        "definitions": _definitions(results, goal),
    }


def _definitions(results: Results, goal: TimedGoal) -> list[dict[str, Any]]:
    """Return the competing definitions of a goal with the share each gives for everyone."""
    rows = results.variants
    if rows.empty:
        return []
    mine = rows[(rows["goal"] == goal.id) & (rows["level"] == ALL)].set_index("variant")["share"]
    known = [variant for variant in goal.variants if variant.id in mine.index]
    return [
        {"id": variant.id, "title": {key: getattr(variant.title, key) for key in LANGUAGES}, "share": plain(mine[variant.id])}
        for variant in known
    ]


def _level(results: Results, bundle: Bundle, level: str) -> dict[str, Any]:
    """Return one level of zones: outlines thinned together, so that neighbours keep one border between them."""
    zones = results.zones[level]
    tolerance = _extent(results) / _ZONE_DETAIL
    outlines = shapely.coverage_simplify(zones.geometry.to_numpy(), tolerance) if len(zones) else np.array([])
    labels = shapely.point_on_surface(zones.geometry.to_numpy())
    return {
        "id": level,
        "zones": zones["zone"].astype(str).tolist(),
        "names": [plain(name) for name in zones["name"]],
        "labels": bundle.add_points(f"zones.{level}.label", shapely.get_x(labels), shapely.get_y(labels)),
        "outlines": bundle.add_shapes(f"zones.{level}", outlines),
        "figures": {goal.id: _zone_figures(results, level, goal.id) for goal in results.goals},
    }


def _zone_figures(results: Results, level: str, goal: str) -> list[dict[str, Any] | None]:
    card = results.scorecard
    rows = card[(card["goal"] == goal) & (card["level"] == level)]
    by_unit = {str(row["unit"]): figures(row) for _, row in rows.iterrows()}
    return [by_unit.get(str(zone)) for zone in results.zones[level]["zone"]]


def _facilities(results: Results, bundle: Bundle) -> dict[str, Any]:
    table = results.facilities
    points = shapely.point_on_surface(table.geometry.to_numpy())
    services = sorted(set(table["service"].astype(str)))
    return {
        "services": services,
        "service": bundle.add_integers("facilities.service", pd.Index(services).get_indexer(table["service"])),
        "names": [plain(name) for name in table["name"]],
        "capacities": [plain(capacity) for capacity in table["capacity"]],
        "ranks": table["rank"].astype(int).tolist() if "rank" in table else [],  # of proposed sites, 0 for what stands today
        "points": bundle.add_points("facilities", shapely.get_x(points), shapely.get_y(points)),
    }


def _gaps(results: Results, bundle: Bundle) -> dict[str, dict[str, Any]]:
    """Return the largest gaps of each goal, with the names a planner would call them by."""
    return {goal.id: _gaps_of(results, bundle, goal) for goal in results.goals}


def _gaps_of(results: Results, bundle: Bundle, goal: TimedGoal) -> dict[str, Any]:
    gaps = results.gaps
    top = gaps[(gaps["goal"] == goal.id) & (gaps["gap"] <= _GAPS_PER_GOAL)].sort_values("gap")
    geometry = top.geometry.to_numpy()
    spots = shapely.point_on_surface(geometry)
    keys = ("gap", "people", "facility_name", "minutes", "minutes_over", "reason", "units")
    services = {key: service_in_sentence(results, goal, key) for key in LANGUAGES}
    facts = top.drop(columns="geometry").to_dict("records")
    return {
        "rows": [{key: plain(row[key]) for key in keys} for row in facts],
        "why": [{key: explanation(row, services[key], key) for key in LANGUAGES} for row in facts],
        "routes": _routes(results, bundle, goal.id, top["gap"].tolist()),
        "names": area_names(geometry, spots, streets=results.streets, land=results.land),
        "zones": _finest_zone_names(results, spots),
        "places": [coordinates(spot) for spot in spots],
        "shapes": bundle.add_shapes(f"gaps.{goal.id}", thinned(geometry, _extent(results) / _ZONE_DETAIL)),
        "spots": bundle.add_points(f"gaps.{goal.id}.spot", shapely.get_x(spots), shapely.get_y(spots)),
    }


def _routes(results: Results, bundle: Bundle, goal: str, gaps: list[int]) -> dict[str, Any] | None:
    """Return the routes from the middles of gaps: lines, and which of them belongs to each gap (-1: none)."""
    if results.routes is None:
        return None
    mine = results.routes[(results.routes["goal"] == goal) & results.routes["gap"].isin(gaps)]
    lines = shapely.simplify(mine.geometry.to_numpy(), SHAPE_DEGREE)
    return {
        "of": pd.Index(mine["gap"]).get_indexer(gaps).tolist(),
        "shapes": bundle.add_shapes(f"gaps.{goal}.route", lines),
    }


def _rings(results: Results, bundle: Bundle) -> dict[str, Any]:
    """Return per goal the ground within its limit of each facility: outlines, and the facility of each."""
    rings = results.rings
    if rings is None:
        return {}
    facilities = pd.Index(results.facilities["facility"].astype("object"))
    found = {}
    for goal, mine in rings.groupby("goal", sort=False):
        outlines = shapely.simplify(mine.geometry.to_numpy(), _extent(results) / _ZONE_DETAIL)
        found[str(goal)] = {
            "of": facilities.get_indexer(mine["facility"].astype("object")).tolist(),
            "shapes": bundle.add_shapes(f"rings.{goal}", outlines),
        }
    return found


def _before(results: Results, bundle: Bundle) -> dict[str, Any] | None:
    """Return the state the run is compared with: its cells in the order of the run's own, and its figures."""
    before = results.before
    if before is None:
        return None
    return {
        "name": before.name,
        "goals": {goal.id: pack_state(results, before.demand, goal.id, bundle) for goal in results.goals},
        "figures": {goal.id: overall(before, goal.id) for goal in results.goals},
    }


def _finest_zone_names(results: Results, points: Any) -> Sequence[str | None]:
    """Return the name of the finest zone around each point."""
    names: list[str | None] = [None] * len(points)
    for zones in results.zones.values():  # coarse to fine: later levels win
        names = [finer or coarser for finer, coarser in zip(zone_names(zones, points), names, strict=True)]
    return names


def _extent(results: Results) -> float:
    """Return the longer side of the study in degrees."""
    left, bottom, right, top = results.demand.total_bounds
    return float(max(right - left, top - bottom, 0.01))
