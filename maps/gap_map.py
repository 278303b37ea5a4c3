"""The gap map: one HTML file that shows who cannot reach a service, where, and by how much."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import folium
from jinja2 import Environment, PackageLoader

from ..analyses.results import Results
from ..geo.errors import InputError
from ..geo.plain_text import markup
from .exports.text import write_text
from .page import Page, Verbatim
from .payload import gap_map_payload
from .texts import texts

# Loaded in this order: later files use what earlier ones put into `lifecircle`.
SCRIPTS = (
    "vendor/leaflet.js",
    "unpack.js",
    "inflate.js",
    "text.js",
    "threshold.js",
    "views.js",
    "canvas.js",
    "raster.js",
    "cells.js",
    "land.js",
    "streets.js",
    "marks.js",
    "popups.js",
    "legend.js",
    "definitions.js",
    "curve.js",
    "scorecard.js",
    "panel.js",
    "swipe.js",
    "downloads.js",
    "search.js",
    "gap_map.js",
)
STYLES = ("vendor/leaflet.css", "gap_map.css", "gap_map_print.css")

_TEMPLATES = Environment(loader=PackageLoader(str(__package__)), autoescape=True, trim_blocks=True, lstrip_blocks=True)


class _Application(Verbatim):
    """Panel, legend and payload around folium's map, and the line that starts them."""

    _template = _TEMPLATES.get_template("gap_map.html.jinja")

    def __init__(self, *, study: str, language: str, payload: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Application"
        self._id = "gap"
        self.study = study
        self.language = language
        self.payload = payload


def gap_map(results: Results, *, language: str = "zh", review_number: str = "", made_on: date | None = None) -> folium.Map:
    """Return the interactive gap map of a run.

    Parameters
    ----------
    results : Results
        A finished run; geometries in EPSG:4326.
    language : {"zh", "en"}
        Language the map opens in; the reader can switch.
    review_number : str
        审图号, the number of the map review. Never invented: where it is blank the map says that it is an internal
        working map.
    made_on : date, optional
        Date printed on the map, today by default.

    Returns
    -------
    folium.Map
        Saving or showing it gives one page that needs no network.

    Raises
    ------
    InputError
        If the language is unknown, there is no demand, or a unit has no number of people.
    """
    if results.demand.empty:
        raise InputError("study {study!r} has no demand unit, so there is nothing to map", study=results.name)
    title = texts(language)["map"]["title"].format(study=results.name)
    payload = gap_map_payload(results, language=language, review_number=review_number, made_on=made_on or date.today())
    west, south, east, north = results.demand.total_bounds
    drawn = folium.Map(
        location=[(south + north) / 2, (west + east) / 2],
        tiles=None,
        zoom_control=False,
        attribution_control=False,
        zoom_snap=0.25,
    )
    drawn._id = "gap"  # folium draws random names; the same results must give the same file
    drawn.default_js = [(name, name) for name in SCRIPTS]
    drawn.default_css = [(name, name) for name in STYLES]
    drawn.add_child(_Application(study=results.name, language=language, payload=payload.text), name="application")
    page = Page(characters=payload.characters, title=markup(title), height="720px")
    page.add_child(drawn, name="map")
    return drawn


def write_gap_map(
    results: Results,
    path: str | Path,
    *,
    language: str = "zh",
    review_number: str = "",
    made_on: date | None = None,
) -> None:
    """Write the gap map of a run as one HTML file that opens without a network; see `gap_map`."""
    drawn = gap_map(results, language=language, review_number=review_number, made_on=made_on)
    write_text(drawn.get_root().render(), path)
