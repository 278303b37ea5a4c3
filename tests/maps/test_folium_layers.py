"""Layers on a map of one's own: they show in a browser, and names stay text."""

import dataclasses

import folium
import geopandas as gpd
import pytest
import shapely

from lifecircle.geo.errors import InputError
from lifecircle.layers.goals import Text
from lifecircle.maps.folium_layers import facility_layer, gap_layer, ring_layer, zone_layer
from lifecircle.maps.page import Page

GOAL = "fitness-10min"
NASTY = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def results(toy):
    """The toy run with a ring around every fitness site, and a goal whose title is markup."""
    mine = toy.facilities[toy.facilities["service"] == "fitness"]
    around = shapely.buffer(mine.geometry.to_numpy(), 0.002)
    rings = gpd.GeoDataFrame({"goal": GOAL, "facility": mine["facility"].to_numpy()}, geometry=around, crs="EPSG:4326")
    first = toy.goals[0].model_copy(update={"title": Text(zh=NASTY, en=NASTY)})
    return dataclasses.replace(toy, goals=(first, *toy.goals[1:]), rings=rings)


def write_page(layers, path):
    """Put layers on a folium map that needs no network."""
    drawn = folium.Map(location=[29.06, 120.11], zoom_start=13, tiles=None)
    drawn.default_js, drawn.default_css = [("script", "vendor/leaflet.js")], [("style", "vendor/leaflet.css")]
    for layer in layers:
        layer.add_to(drawn)
    folium.LayerControl(collapsed=False).add_to(drawn)
    page = Page(title="own map", height="600px")
    page.add_child(drawn)
    path.write_text(page.render(), encoding="utf-8")


def test_layers_show_and_names_stay_text(results, browser, tmp_path):
    path = tmp_path / "own.html"
    drawn = [draw(results, GOAL) for draw in (ring_layer, gap_layer, facility_layer)]
    write_page([zone_layer(results, GOAL, "county"), *drawn], path)
    trouble = []
    page = browser.new_page()
    page.context.set_offline(True)
    page.on("request", lambda request: request.url == path.as_uri() or trouble.append(request.url))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("dialog", lambda dialog: trouble.append(dialog.message) or dialog.dismiss())
    page.goto(path.as_uri())
    shown = len(results.zones["county"]) + len(results.rings) * 2 + len(results.gaps.query("goal == @GOAL"))
    assert page.locator("path.leaflet-interactive").count() == shown
    page.locator("path.leaflet-interactive").nth(shown - len(results.rings)).dispatch_event("click")
    assert page.inner_text(".leaflet-popup-content").strip() == "<script>alert(1)</script>"
    assert page.inner_text(".leaflet-control-layers").count(NASTY) == 3
    page.close()
    assert trouble == []


def test_zones_are_coloured_by_their_share(results):
    layer = zone_layer(results, GOAL, "township", language="en")
    card = results.scorecard.query("goal == @GOAL and level == 'township'").set_index("unit")["share"]
    for feature, zone in zip(layer.data["features"], results.zones["township"]["zone"], strict=True):
        shown = feature["properties"]["lines"][1]
        assert shown == ("People covered: —" if card[zone] != card[zone] else f"People covered: {card[zone] * 100:.1f}%")


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda run: gap_layer(run, "no-such"), "no goal 'no-such'"),
        (lambda run: zone_layer(run, GOAL, "province"), "no zones 'province'"),
        (lambda run: ring_layer(run, "rural-90min"), "no rings for goal 'rural-90min'"),
        (lambda run: facility_layer(run, GOAL, language="fr"), "language 'fr'"),
    ],
)
def test_what_is_not_there_is_named(results, draw, message):
    with pytest.raises(InputError, match=message):
        draw(results)
