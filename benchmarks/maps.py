"""The gap map as a page, beside the page that folium's own GeoJson layer makes of the same cells."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .contenders import Contender, Job, Target, Task
from .folders import OUT
from .pages import Page, page_figures
from .valleys import STEP_DEGREES, make_results

PAGES = OUT / "pages"
LIMITS = (10, 11, 12, 13, 14, 16, 17)
OWN_PAGE = Page(
    ready="document.body?.classList.contains('ready')",
    map="map_gap",
    limit="lifecircle.app.change({ minutes });",
    limits=LIMITS,
)
STYLE = "fillColor: properties.minutes <= minutes ? '#2a66ad' : '#d9662b'"
FOLIUM_PAGE = Page(
    ready="document.readyState === 'complete'",
    map="map_plain",
    limit=f"""map_plain.eachLayer((layer) => layer instanceof L.GeoJSON && layer.setStyle(
        ({{ properties }}) => ({{ {STYLE} }})));""",
    limits=LIMITS,
)


@dataclass(frozen=True)
class Wanted:
    """The targets of one size; `generated` and the last two are not set for every size."""

    page_megabytes: float
    usable_seconds: float
    threshold_ms: float
    zoom_ms: float | None = None
    renderer_megabytes: float | None = None
    generated_seconds: float | None = None

    def targets(self) -> tuple[Target, ...]:
        """Return what is set, as targets."""
        figures = {
            "page MB": self.page_megabytes,
            "usable s": self.usable_seconds,
            "threshold ms": self.threshold_ms,
            "zoom ms": self.zoom_ms,
            "renderer MB": self.renderer_megabytes,
        }
        timed = () if self.generated_seconds is None else (Target(seconds=self.generated_seconds),)
        return timed + tuple(Target(figure=name, at_most=most) for name, most in figures.items() if most is not None)


def _own(columns: int, rows: int) -> Job:
    from lifecircle.maps.gap_map import write_gap_map

    results, file = make_results(columns, rows), _file("lifecircle", columns * rows)
    return Job(lambda: write_gap_map(results, file, language="en"), figures=lambda _: page_figures(file, OWN_PAGE))


def _folium(columns: int, rows: int) -> Job:
    cells, file = _cells(make_results(columns, rows)), _file("folium", columns * rows)
    return Job(lambda: _write_folium(cells, file), figures=lambda _: page_figures(file, FOLIUM_PAGE))


def _cells(results: Any) -> Any:
    """Return each cell as a rectangle with the two columns that the page needs."""
    import geopandas as gpd
    import shapely

    demand, half = results.demand, STEP_DEGREES / 2
    x, y = demand.geometry.x.to_numpy(), demand.geometry.y.to_numpy()
    columns = {"people": demand["people"], "minutes": demand["health-15.minutes"].round(1)}
    return gpd.GeoDataFrame(columns, geometry=shapely.box(x - half, y - half, x + half, y + half), crs="EPSG:4326")


def _write_folium(cells: Any, file: Path) -> None:
    """Write the cells as folium does, but with Leaflet inlined where it would link to four hosts: offline it would stay blank."""
    import folium
    from folium.utilities import JsCode

    from lifecircle.maps.page import inline

    plain = folium.Map(tiles=None, prefer_canvas=True)
    plain._id = "plain"
    plain.default_js = [("leaflet_js", "vendor/leaflet.js")]
    plain.default_css = [("leaflet_css", "vendor/leaflet.css")]
    # coloured in the page: style_function would write a switch over all cells, which takes the browser over a minute
    colour = f"layer.setStyle({{ stroke: false, fillOpacity: 0.8, {STYLE} }});"
    style = JsCode(f"({{ properties }}, layer) => {{ const minutes = 15; {colour} }}")
    folium.GeoJson(cells, on_each_feature=style).add_to(plain)
    west, south, east, north = cells.total_bounds
    plain.fit_bounds([(south, west), (north, east)])
    file.write_text(inline(plain.get_root().render()), encoding="utf-8")


def _file(name: str, cells: int) -> Path:
    PAGES.mkdir(parents=True, exist_ok=True)
    return PAGES / f"{name}-{cells}.html"


def _task(columns: int, rows: int, label: str, wanted: Wanted, *, beside_folium: bool) -> Task:
    own = Contender("lifecircle", lambda: _own(columns, rows), "own")
    note = "one GeoJson on canvas, no panel, no basemap; Leaflet inlined"
    peers = (Contender("folium", lambda: _folium(columns, rows), "own", note=note),) if beside_folium else ()
    return Task(
        name=f"map-{label.lower().replace(' ', '')}",
        title=f"write the gap map of {label} cells",
        contenders=(own, *peers),
        targets=wanted.targets(),
        inputs=(),
    )


TASKS = (
    _task(100, 100, "10 k", Wanted(1.0, 1.0, 100), beside_folium=True),
    _task(400, 250, "100 k", Wanted(1.5, 2.0, 250, 350, 350, 3.0), beside_folium=True),
    _task(1000, 500, "500 k", Wanted(3.0, 4.0, 800), beside_folium=False),
    _task(1000, 1000, "1 M", Wanted(1.5, 1.0, 50), beside_folium=False),
)
