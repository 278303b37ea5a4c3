"""Layers for a map of one's own: gaps, zones, facilities and rings of a run as folium layers.

Names come from map data and from users' files: they are shown in nodes filled with text, never as markup.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import folium
import geopandas as gpd
import pandas as pd
import shapely
from folium.elements import EventHandler
from folium.utilities import JsCode

from ..analyses.results import Results
from ..geo.errors import InputError, said
from ..geo.plain_text import markup
from ..layers.goals import TimedGoal
from . import classes
from .explanations import explanation
from .figures import plain
from .page import Verbatim
from .percent import percent
from .places import area_names, coordinates
from .sentences import goal_title, minutes, people, service_in_sentence
from .texts import texts

INK: Final = "#16324f"
GAP: Final = "#d95f0e"
RIM: Final = "#7a1f10"
RING: Final = "#0b5fa5"
# Leaflet takes a node as well as markup; text goes into the node as text, so nothing in a name is ever run.
_SHOW = JsCode("""
    function (event) {
        const sheet = document.createElement("div");
        for (const line of event.propagatedFrom.feature.properties.lines) {
            const row = document.createElement("div");
            row.textContent = line;
            sheet.append(row);
        }
        L.popup().setLatLng(event.latlng).setContent(sheet).openOn(this._map);
    }
""")


class _Shapes(Verbatim, folium.GeoJson):
    """A layer of shapes, whose names are never read as a template."""


def gap_layer(results: Results, goal: str, *, language: str = "zh") -> folium.GeoJson:
    """Return the gaps of a goal, each with why it is one; see `facility_layer` for parameters and errors."""
    wanted = _goal(results, goal)
    gaps = results.gaps[results.gaps["goal"] == goal].sort_values("gap")
    shapes, words = gaps.geometry.to_numpy(), texts(language)
    spots = shapely.point_on_surface(shapes)
    names = area_names(shapes, spots, streets=results.streets, land=results.land)
    service = service_in_sentence(results, wanted, language)
    uncovered = words["map"]["not_covered"]
    lines = [
        [name or coordinates(spot), _named(words, uncovered, people(row["people"])), *explanation(row, service, language)]
        for name, spot, (_, row) in zip(names, spots, gaps.iterrows(), strict=True)
    ]
    style = {"color": RIM, "weight": 1.5, "fillColor": GAP, "fillOpacity": 0.55}
    title = f"{words['map']['views']['gap']} · {goal_title(results, wanted, language)}"
    return _layer(results, shapes, lines, [style] * len(lines), title)


def zone_layer(results: Results, goal: str, level: str, *, language: str = "zh") -> folium.GeoJson:
    """Return the zones of a level coloured by the share covered; see `facility_layer` for parameters and errors.

    Raises
    ------
    InputError
        Also if the run has no such level.
    """
    wanted = _goal(results, goal)
    if level not in results.zones:
        zones_known = ", ".join(results.zones) or said("none at all")
        raise InputError("the run has no zones {level!r}: choose one of {zones}", level=level, zones=zones_known)
    words, zones, card = texts(language), results.zones[level], results.scorecard
    rows = card[(card["goal"] == goal) & (card["level"] == level)].set_index("unit")["share"]
    shares = [plain(share) for share in rows.reindex(zones["zone"].astype(str))]
    lines = [
        [str(plain(name) or zone), _named(words, words["map"]["share"], percent(share, wanted.target))]
        for name, zone, share in zip(zones["name"], zones["zone"], shares, strict=True)
    ]
    styles = [_zone_style(share, wanted) for share in shares]
    title = words["map"]["levels"].get(level, level)
    return _layer(results, zones.geometry.to_numpy(), lines, styles, f"{title} · {goal_title(results, wanted, language)}")


def facility_layer(results: Results, goal: str, *, language: str = "zh") -> folium.GeoJson:
    """Return the facilities of a goal.

    Parameters
    ----------
    results : Results
    goal : str
        Id of one of the run's goals.
    language : {"zh", "en"}

    Returns
    -------
    folium.GeoJson
        To be added to a map; a click shows what it is, as text.

    Raises
    ------
    InputError
        If the run has no such goal, or the language is unknown.
    """
    wanted, words = _goal(results, goal), texts(language)
    mine = results.facilities[results.facilities["service"].isin(wanted.services)]
    service = results.services.get(wanted.service)
    title = getattr(service.title, language) if service else wanted.service
    lines = [[str(plain(name) or words["map"]["unnamed"].format(service=title))] for name in mine["name"]]
    dot = folium.CircleMarker(radius=5, color="#ffffff", weight=1.5, fill_color=INK, fill_opacity=1)
    points = shapely.point_on_surface(mine.geometry.to_numpy())
    return _layer(results, points, lines, [{}] * len(lines), str(title), marker=dot)


def ring_layer(results: Results, goal: str, *, language: str = "zh") -> folium.GeoJson:
    """Return the ground within the goal's limit of each facility; see `facility_layer` for parameters and errors.

    Raises
    ------
    InputError
        Also if no rings were drawn for this goal.
    """
    wanted, words = _goal(results, goal), texts(language)
    rings = gpd.GeoDataFrame() if results.rings is None else results.rings[results.rings["goal"] == goal]
    if rings.empty:
        raise InputError("the run drew no rings for goal {goal!r}: `lifecircle isochrones` does", goal=goal)
    names = results.facilities.set_index("facility")["name"].reindex(rings["facility"])
    limit = minutes(wanted.minutes, words["report"])
    lines = [[str(facility if pd.isna(name) else name), limit] for facility, name in names.items()]
    style = {"color": RING, "weight": 1.5, "fillColor": RING, "fillOpacity": 0.12}
    return _layer(
        results, rings.geometry.to_numpy(), lines, [style] * len(lines), f"{limit} · {goal_title(results, wanted, language)}"
    )


def _goal(results: Results, goal: str) -> TimedGoal:
    found = next((one for one in results.goals if one.id == goal), None)
    if found is None:
        known = ", ".join(one.id for one in results.goals) or said("none at all")
        raise InputError("the run has no goal {goal!r} that travel times answer: choose one of {known}", goal=goal, known=known)
    return found


def _named(words: Mapping[str, Any], name: str, value: str) -> str:
    return str(words["shared"]["named"].format(name=name, value=value))


def _zone_style(share: float | None, goal: TimedGoal) -> dict[str, Any]:
    reached = sum(share >= limit for limit in classes.share_breaks(goal)) if share is not None else None
    colour = classes.STATUS_COLOURS["excluded"] if reached is None else classes.SHARE_COLOURS[reached]
    return {"color": "#3c404c", "weight": 1.2, "fillColor": colour, "fillOpacity": 0.75}


def _layer(
    results: Results, shapes: Any, lines: Sequence[list[str]], styles: Sequence[dict[str, Any]], name: str, *, marker: Any = None
) -> folium.GeoJson:
    """Put shapes (EPSG:4326) with their lines of text into one layer."""
    table = gpd.GeoDataFrame({"lines": list(lines), "style": list(styles)}, geometry=list(shapes), crs="EPSG:4326")
    layer = _Shapes(
        table.to_geo_dict(),
        name=markup(name),  # Leaflet's layer control reads names as markup
        marker=marker,
        attribution=markup("; ".join(results.sources)),
        style_function=lambda feature: feature["properties"]["style"],
    )
    layer.add_child(EventHandler("click", _SHOW))
    return layer
