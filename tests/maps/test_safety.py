"""A facility called like markup or like a formula is shown as text in everything that one run writes."""

import csv
import dataclasses
import json
import re
import zipfile

import folium
import pandas as pd
import pyogrio
import pytest
import shapely
from markupsafe import escape

from lifecircle.layers.goals import Text
from lifecircle.maps.folium_layers import facility_layer, gap_layer, ring_layer, zone_layer
from lifecircle.maps.gap_map import gap_map, write_gap_map
from lifecircle.maps.page import Page
from lifecircle.studies.coverage.run import run
from lifecircle.studies.demo.helsinki import write_helsinki

MARKUP, FORMULA = "<script>alert(1)</script>", "=1+1"


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Helsinki with health centres of awkward names, and awkward zones around everybody."""
    folder = tmp_path_factory.mktemp("awkward")
    study = write_helsinki(folder)
    west, south, east, north = 24.935, 60.165, 24.955, 60.175  # within the demo's centre of Helsinki
    middle = (west + east) / 2
    sites = pd.DataFrame({"name": [MARKUP, FORMULA], "lon": [west, east], "lat": [(south + north) / 2] * 2})
    sites.to_csv(folder / "awkward.csv", index=False)
    halves = [shapely.box(west - 1, south - 1, middle, north + 1), shapely.box(middle, south - 1, east + 1, north + 1)]
    features = [
        {"type": "Feature", "properties": {"id": str(i), "name": name}, "geometry": json.loads(shapely.to_geojson(half))}
        for i, (name, half) in enumerate(zip((MARKUP, FORMULA), halves, strict=True))
    ]
    (folder / "zones.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    text = study.read_text(encoding="utf-8")
    goal = "{id: awkward, service: clinic, mode: walk, minutes: 5, title: {zh: '" + MARKUP + "', en: '" + MARKUP + "'}}"
    text = re.sub(r"^facilities:\n", "facilities:\n  clinic: [{file: awkward.csv, x: lon, y: lat}]\n", text, flags=re.M)
    text = re.sub(r"^goals:\n", f"goals:\n  - {goal}\n", text, flags=re.M)
    zones = "" if re.search(r"^zones:", text, flags=re.M) else "zones: {county: {file: zones.geojson, id: id, name: name}}\n"
    awkward = folder / "awkward.yaml"
    awkward.write_text(zones + text, encoding="utf-8")
    return run(awkward, out=folder / "out", lang="en")


def test_pages_hold_no_such_script(finished, open_file):
    for name in ("map.html", "report.html"):
        assert MARKUP not in (finished.out / name).read_text(encoding="utf-8")
    page = open_file(finished.out / "map.html")
    for language in ("en", "zh"):
        assert MARKUP in page.inner_text("#title"), language
        assert MARKUP in page.inner_text("#goals")
        for gap in page.locator("#gaps button").all()[:3]:
            gap.click()
        page.evaluate("lifecircle.app.flyToFacility(0)")
        assert page.locator(".sheet h3").last.inner_text() == finished.results.facilities["name"].iloc[0]
        page.fill("#query", "script")
        assert MARKUP in page.inner_text("#found")
        page.click("#language")
    report = open_file(finished.out / "report.html").inner_text("body")
    assert MARKUP in report
    assert FORMULA in report


def test_tables_hold_no_formula(finished):
    for file in finished.out.glob("*.csv"):
        with file.open(encoding="utf-8-sig", newline="") as lines:
            cells = [cell for row in csv.reader(lines) for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "@", "\t"))], file.name
    for file in finished.out.glob("*.xlsx"):
        with zipfile.ZipFile(file) as parts:
            assert not [name for name in parts.namelist() if name.endswith(".xml") and b"<f>" in parts.read(name)]


def test_gis_files_and_pictures_hold_the_names_as_they_are(finished):
    gaps = json.loads((finished.out / "gaps.geojson").read_text(encoding="utf-8"))
    names = {feature["properties"]["facility_name"] for feature in gaps["features"] if feature["properties"]["goal"] == "awkward"}
    assert names & {MARKUP, FORMULA}
    assert {MARKUP, FORMULA} <= set(pyogrio.read_dataframe(finished.out / "results.gpkg", layer="facilities")["name"])
    picture = (finished.out / "map-awkward.svg").read_text(encoding="utf-8")
    assert "<script" not in picture
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in picture


# branca makes a template of what a template gave: a name was run as the program that it spells, here on this machine.
TEMPLATES = (
    "{{ 6 * 7 }} clinics",
    "{{ cycler.__init__.__globals__ }}",
    "Plot {# 4",
    "{% raw",
    "{{",
    "A {{ '{{' }} B",
    "a }} b %} c #} d",
)


@pytest.fixture(params=TEMPLATES)
def spelled(request, toy):
    """The toy run with everything in it called like a template."""
    name = request.param
    goals = tuple(goal.model_copy(update={"title": Text(zh=name, en=name)}) for goal in toy.goals)
    zones = {level: table.assign(name=name) for level, table in toy.zones.items()}
    ground = toy.facilities[toy.facilities["service"] == "fitness"]
    rings = ground.assign(goal="fitness-10min").set_geometry(shapely.buffer(ground.geometry.to_numpy(), 0.002), crs="EPSG:4326")
    results = dataclasses.replace(
        toy, name=name, goals=goals, zones=zones, facilities=toy.facilities.assign(name=name),
        gaps=toy.gaps.assign(facility_name=name), streets=toy.streets.assign(name=name), rings=rings, sources=(name,),
    )  # fmt: skip
    return name, results


def test_a_name_is_never_a_template(spelled, open_file, tmp_path):
    name, results = spelled
    html = gap_map(results, language="en").get_root().render()
    assert f'<h1 id="title">{escape(name)}</h1>' in html
    (tmp_path / "map.html").write_text(html, encoding="utf-8")
    page = open_file(tmp_path / "map.html")
    for part in ("#title", "#goals", "#zones", "#sources"):
        assert name in page.inner_text(part)


def test_a_name_on_a_layer_is_never_a_template(spelled, open_file, tmp_path):
    name, results = spelled
    drawn = folium.Map(location=[29.06, 120.11], zoom_start=13, tiles=None)
    drawn.default_js, drawn.default_css = [("script", "vendor/leaflet.js")], [("style", "vendor/leaflet.css")]
    for draw in (ring_layer, gap_layer, facility_layer):
        draw(results, "fitness-10min", language="en").add_to(drawn)
    zone_layer(results, "fitness-10min", "county", language="en").add_to(drawn)
    folium.LayerControl(collapsed=False).add_to(drawn)
    page = Page(title=name)
    page.add_child(drawn)
    (tmp_path / "report.html").write_text(page.render(), encoding="utf-8")
    opened = open_file(tmp_path / "report.html")
    assert opened.inner_text(".leaflet-control-layers").count(name) == 3
    assert name in opened.inner_text(".leaflet-control-attribution")
    opened.locator("path.leaflet-interactive").last.dispatch_event("click")
    assert name in opened.inner_text(".leaflet-popup-content")


@pytest.mark.parametrize("name", ["constructor", "__proto__", "toString"])
def test_a_service_may_be_called_like_what_every_object_of_a_browser_knows(name, toy, open_file, tmp_path):
    goal = toy.goals[0].model_copy(update={"service": name, "title": None})
    facilities = toy.facilities.assign(service=toy.facilities["service"].replace("fitness", name))
    write_gap_map(dataclasses.replace(toy, goals=(goal,), facilities=facilities), tmp_path / "map.html", language="en")
    page = open_file(tmp_path / "map.html")
    page.evaluate("lifecircle.app.flyToFacility(0)")
    shown = dict(zip(page.locator(".sheet dt").all_inner_texts(), page.locator(".sheet dd").all_inner_texts(), strict=True))
    assert shown["Service"] == name
    nearest = toy.demand[f"{goal.id}.facility"] == facilities["facility"].iloc[0]
    assert shown["Nearest facility to"] == f"{toy.demand['people'][nearest].sum():,.0f}"
