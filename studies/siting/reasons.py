"""Why a plan falls short, in a planner's words: people no candidate can cover, and requests that cannot be met."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from ...analyses.siting.plan import Plan, Reason
from ...geo.engine.search import Nearest
from ...maps.percent import percent, short_percent
from ..speech.messages import Say
from .request import Request
from .states import Measure

UNCOVERABLE: Final = ("no-way", "beyond-limit")  # said once for all, by `say_uncoverable`
STATUSES: Final = ("cut-off", "beyond", "unconnected")


def uncoverable_people(demand: gpd.GeoDataFrame, measure: Measure, best: Nearest, site_ids: pd.Series) -> pd.DataFrame:
    """List the people whom no facility of today and no candidate could cover.

    Parameters
    ----------
    demand : GeoDataFrame
    measure : Measure
    best : Nearest
        Of everyone, to all facilities that stay and all allowed candidates at once.
    site_ids : Series
        Ids of these, in the order `best` numbers them.

    Returns
    -------
    DataFrame
        `id, people, reason, minutes` (to the nearest of them, null if none is reached), `site` (which one), `zone.<level>`,
        `lon, lat`; most people first.
    """
    minutes = best.seconds / 60
    status = measure.status(minutes)
    at = np.flatnonzero(np.isin(status, STATUSES) & (measure.counted > 0))
    lon, lat = measure.situation.points
    nearest = site_ids.reindex(best.facility[at]).to_numpy(object)  # -1 is none of them
    table = pd.DataFrame(
        {
            "id": demand["id"].to_numpy(object)[at],
            "people": measure.counted[at],
            "reason": np.asarray(status)[at],
            "minutes": np.round(minutes[at], 2),
            "site": nearest,
            **{f"zone.{level}": zones.to_numpy(object)[at] for level, zones in measure.zones.items()},
            "lon": np.round(lon[at], 6),
            "lat": np.round(lat[at], 6),
        }
    )
    return table.sort_values("people", ascending=False, kind="stable", ignore_index=True)


def people_by_reason(uncoverable: pd.DataFrame) -> dict[str, float]:
    """Add the uncoverable people up by reason, those without any left out."""
    sums = uncoverable.groupby("reason")["people"].sum()
    return {status: float(sums[status]) for status in STATUSES if sums.get(status, 0.0) > 0}


def say_uncoverable(uncoverable: pd.DataFrame, minutes: float, say: Say) -> str:
    """Say in one sentence who cannot be covered and why; empty where nobody is."""
    parts = people_by_reason(uncoverable)
    if not parts:
        return ""
    listed = [say(f"site.why.{status}", people=people, minutes=minutes) for status, people in parts.items()]
    return say("site.uncoverable", people=sum(parts.values()), reasons=say("site.and").join(listed))


def say_reasons(plan: Plan, zone_names: Sequence[str], minutes: float, say: Say) -> list[str]:
    """Say why a request cannot be met.

    Parameters
    ----------
    plan : Plan
        Infeasible.
    zone_names : sequence of str
        Of the zones of the equity floor, by their number.
    minutes : float
        The limit.
    say : Say
    """
    told = [_said(reason, zone_names, minutes, say) for reason in plan.explanation if reason.kind not in UNCOVERABLE]
    return [*dict.fromkeys(told)] or [say("site.infeasible.undecided")]


def say_pointless(curve: pd.DataFrame, coverable: float, request: Request, say: Say) -> str:
    """Say what of a request is to no purpose: a target that is met already, or sites that add nobody; empty where all is well.

    Parameters
    ----------
    curve : DataFrame
        As `marginal_curve`.
    coverable : float
        People whom facilities of today and allowed candidates together could cover.
    request : Request
    say : Say
    """
    if not request.traits.is_covering:
        return ""
    today = float(curve["share"].iloc[0])
    if request.target is not None:
        said = {"target": short_percent(request.target), "share": percent(today, request.target)}
        return say("site.note.met", **said) if today >= request.target else ""
    if curve["covered"].iloc[-1] < coverable * (1 - 1e-9):
        return ""
    gained = curve["people_gained"].to_numpy(float) > 0
    used = int(np.flatnonzero(gained).max(initial=0))
    if not used:
        return say("site.note.nothing")
    p = request.question.get("p")
    spare = (len(curve) - 1 if p is None else p) - used
    return say("site.note.more", used=used, spare=spare) if spare > 0 and not request.traits.has_capacities else ""


def sayable(reason: Reason) -> dict[str, float | str]:
    """Return a reason's figures for a sentence: the best share rounded down, so that asking for what was said succeeds."""
    numbers: dict[str, float | str] = dict(reason.numbers)
    asked = {name: reason.numbers[name] for name in ("target_share", "floor") if name in reason.numbers}
    if "best_share" in numbers:
        best = math.floor(1000 * reason.numbers["best_share"]) / 1000
        numbers["best_share"] = percent(best, *asked.values())
    return numbers | {name: short_percent(share) for name, share in asked.items()}


def _said(reason: Reason, zone_names: Sequence[str], minutes: float, say: Say) -> str:
    numbers: dict[str, object] = {"people": reason.people, "minutes": minutes, **sayable(reason)}
    if "zone" in reason.numbers:
        code = int(reason.numbers["zone"])
        numbers["zone"] = zone_names[code] if code < len(zone_names) else code
    return say(f"site.infeasible.{reason.kind}", **numbers)
