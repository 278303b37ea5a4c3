"""The map in a browser with the network shut: what it shows is what the scorecard says."""

import dataclasses
import re

import geopandas as gpd
import numpy as np
import pytest

from lifecircle.maps.figures import UNCOVERED, shown_people, uncovered
from lifecircle.maps.gap_map import write_gap_map
from lifecircle.maps.texts import texts

NASTY = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def file(toy, tmp_path_factory):
    path = tmp_path_factory.mktemp("map") / "map.html"
    write_gap_map(toy, path)
    return path


@pytest.fixture
def open_page(open_file, file):
    """Open the toy's map, or another."""
    return lambda path=file, **options: open_file(path, **options)


@pytest.fixture
def page(open_page):
    return open_page()


def figure(page, name):
    return float(page.locator(f"[data-figure={name}]").get_attribute("data-value"))


def overall(results, goal):
    return results.scorecard.query("goal == @goal and level == 'all'").iloc[0]


def legend(page):
    return [int(cell.get_attribute("data-people")) for cell in page.locator("#legend [data-people]").all()]


def click_cell(page, results, position):
    """Click the middle of a demand unit, given by its row."""
    point = results.demand.geometry.iloc[position].centroid
    spot = page.evaluate("at => map_gap.latLngToContainerPoint(at)", [point.y, point.x])
    box = page.locator("#map_gap").bounding_box()
    page.mouse.click(box["x"] + spot["x"], box["y"] + spot["y"])


@pytest.mark.parametrize("goal", ["fitness-10min", "rural-90min"])
def test_headline_figures_are_the_scorecard(page, toy, goal):
    page.click(f"[data-key={goal}]")
    row = overall(toy, goal)
    assert figure(page, "share") == row["share"]
    assert figure(page, "uncovered") == uncovered(row)
    assert figure(page, "median_minutes") == row["median_minutes"]
    assert figure(page, "p90_minutes") == row["p90_minutes"]
    assert f"{row['share'] * 100:.1f}%" in page.inner_text("[data-figure=share]")


@pytest.mark.parametrize("goal", ["fitness-10min", "rural-90min"])
@pytest.mark.parametrize("view", ["gap", "time"])
def test_legend_adds_up_to_everybody(page, toy, goal, view):
    page.click(f"[data-key={goal}]")
    page.click(f"[data-key={view}]")
    row = overall(toy, goal)
    counts = legend(page)
    shown = shown_people(row)
    assert sum(counts) == shown["people"]
    if view == "gap":
        assert counts[0] == shown["covered"]
    assert sum(counts[:6]) == shown["covered"] + shown["beyond"]
    assert counts[6:] == [shown[key] for key in ("cut_off", "unconnected", "excluded") if shown[key]]
    assert page.inner_text("[data-figure=uncovered]") == f"{shown['uncovered']:,}"


def test_the_browser_rounds_people_as_python_does(page):
    generator = np.random.default_rng(5)
    parts = generator.choice([0, 0.2, 0.5, 0.7, 3.5, 1200.49], (400, 5)).cumsum(axis=1) * generator.integers(0, 2, (400, 5))
    rows = [dict(zip(("covered", *UNCOVERED, "excluded"), row, strict=True)) for row in parts.tolist()]
    rows = [{**row, "people": sum(row.values())} for row in rows]
    assert page.evaluate("rows => rows.map(lifecircle.shownPeople)", rows) == [shown_people(row) for row in rows]


@pytest.mark.parametrize("level", ["county", "township"])
def test_zones_are_counted_with_those_outside(page, toy, level):
    page.click(f"[data-key={level}]")
    outside = toy.demand.loc[toy.demand[f"zone.{level}"].isna(), "people"].sum()
    counts = legend(page)
    assert sum(counts) == round(overall(toy, "fitness-10min")["people"])
    assert counts[-1] == pytest.approx(outside, abs=1)
    assert texts("zh")["shared"]["outside_zones"] in page.inner_text("#legend")


def test_every_cell_is_classed_as_python_does(page, toy):
    """The browser's minutes judge the limit exactly as the statuses do."""
    counts = page.evaluate(
        """() => { const { minutes, status } = lifecircle.app.data.goals["fitness-10min"];
        let wrong = 0; status.forEach((s, i) => { if (s < 2 && (minutes[i] <= 100) !== (s === 0)) wrong += 1; });
        return [status.length, wrong]; }"""
    )
    assert counts == [len(toy.demand), 0]


@pytest.mark.parametrize("status", ["covered", "beyond", "cut-off", "excluded"])
def test_a_click_explains_the_cell(page, toy, status):
    page.click("[data-switch=facilities]")
    demand = toy.demand
    position = int((demand["fitness-10min.status"] == status).to_numpy().nonzero()[0][3])
    click_cell(page, toy, position)
    sheet = page.inner_text(".sheet")
    sentence = texts("zh")["map"]["status_sentence"][status].format(minutes="10", service="健身设施", mode="步行")
    assert sentence in sheet
    assert f"{demand['people'].iloc[position]:,.0f}" in sheet
    zone = demand["zone.township"].iloc[position]
    assert toy.zones["township"].set_index("zone").loc[zone, "name"] in sheet


def test_a_click_on_a_zone_shows_its_scorecard_row(page, toy):
    page.click("[data-switch=facilities]")
    page.click("[data-key=township]")
    click_cell(page, toy, 6 * 16 + 6)
    rows = toy.scorecard.query("goal == 'fitness-10min' and level == 'township'").set_index("unit")
    row = rows.loc[toy.demand["zone.township"].iloc[6 * 16 + 6]]
    assert f"{row['share'] * 100:.1f}%" in page.inner_text(".sheet")
    assert row["name"] in page.inner_text(".sheet h3")


def test_names_are_data_not_markup(page):
    page.fill("#query", "alert")
    page.press("#query", "Enter")
    assert page.inner_text(".sheet h3") == NASTY
    assert page.locator(".sheet script").count() == 0


def test_search_finds_zones_and_streets_by_keyboard(page):
    page.fill("#query", "第12")
    page.press("#query", "ArrowDown")
    page.keyboard.press("Enter")
    assert page.inner_text(".sheet h3") == "第12镇"
    page.fill("#query", "人民路")
    assert page.locator("#found [role=option]").count() > 1
    page.fill("#query", "没有这个地方")
    assert page.inner_text("#found") == texts("zh")["map"]["nothing_found"]
    page.press("#query", "Escape")
    assert page.is_hidden("#found")


def test_gaps_are_ranked_and_fly(page, toy):
    expected = toy.gaps.query("goal == 'fitness-10min'").sort_values("gap")["people"]
    shown = [text.replace(",", "") for text in page.locator("#gaps .number").all_inner_texts()]
    assert shown == [f"{people:.0f}" for people in expected[:20]]
    before = page.evaluate("map_gap.getBounds().toBBoxString()")
    page.click("[data-gap='1']")
    page.wait_for_function("before => map_gap.getBounds().toBBoxString() !== before", arg=before)
    assert f"{expected.iloc[0]:,.0f}" in page.inner_text(".sheet")


def test_language_switch_leaves_no_word_behind(page, toy):
    chinese_names = "".join([toy.name, *(name for zones in toy.zones.values() for name in zones["name"])])
    chinese_names += "中文人民解放路段站" + "".join(str(name) for name in toy.facilities["name"])
    click_cell(page, toy, 16 * 6 + 2)
    page.click("#language")
    for switch in ("time", "gap", "township", "cells", "rural-90min"):
        page.click(f"[data-key={switch}]")
        shown = page.evaluate("document.body.innerText")
        left = [char for char in re.findall(r"[\u4e00-\u9fff]", shown) if char not in chinese_names]
        assert left == []
    assert page.get_attribute("html", "lang") == "en"
    titles = page.evaluate("[...document.querySelectorAll('[aria-label],[title]')].map(n => n.ariaLabel + n.title)")
    assert not re.search(r"[\u4e00-\u9fff]", "".join(titles).replace(toy.name, ""))
    page.click("#language")
    assert texts("zh")["map"]["goal"] in page.inner_text("#panel")


def test_sources_date_and_review_line_always_show(page):
    for language in ("zh", "en"):
        assert "© OpenStreetMap contributors" in page.inner_text(".leaflet-control-attribution")
        assert page.inner_text("#review") == texts(language)["shared"]["review_blank"]
        page.click("#language")


def test_many_sources_leave_the_map_its_room(open_file, toy, tmp_path):
    """Thirty files with an office and a licence each; the one on the map is text, whatever it holds."""
    lines = [f"<b>file{i}.csv</b>: Office of Statistics and Mapping {i}, CC BY 4.0" for i in range(30)]
    write_gap_map(dataclasses.replace(toy, sources=lines), tmp_path / "map.html", language="en")
    page = open_file(tmp_path / "map.html")
    assert page.locator("#map_gap").bounding_box()["height"] > 0.8 * 860
    assert all(line in page.inner_text("#sources") for line in lines)
    assert page.inner_text(".leaflet-control-attribution") == lines[0]


def test_every_control_is_reached_by_tab(page):
    page.evaluate("document.body.focus()")
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.dataset.key || document.activeElement.id"))
    assert {"query", "language", "print", "gap", "time", "township", "rural-90min", "map_gap"} <= reached


def test_the_keyboard_goes_as_one_reads(page):
    page.evaluate("document.body.focus()")
    reached = []
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.dataset.key || document.activeElement.id"))
    stops = ["language", "print", "query", "fitness-10min", "gap", "cells", "map_gap"]
    assert [reached.index(stop) for stop in stops] == sorted(reached.index(stop) for stop in stops)


@pytest.mark.parametrize("key", ["rural-90min", "time", "township"])
def test_a_choice_made_by_keyboard_keeps_the_keyboard(page, key):
    page.focus(f"[data-key={key}]")
    page.keyboard.press("Enter")
    assert page.get_attribute(f"[data-key={key}]", "aria-pressed") == "true"
    assert page.evaluate("document.activeElement.dataset.key") == key


def test_a_layer_switched_by_keyboard_keeps_the_keyboard(page):
    page.focus("[data-switch=streets]")
    page.keyboard.press("Space")
    assert not page.is_checked("[data-switch=streets]")
    assert page.evaluate("document.activeElement.dataset.switch") == "streets"


def test_everything_to_press_has_a_name(page):
    page.fill("#query", "第")
    nameless = page.evaluate(
        """() => [...document.querySelectorAll("button, input, a, [role], [aria-labelledby]")].filter((node) => {
        const by = document.getElementById(node.getAttribute("aria-labelledby"));
        return !(by ? by.innerText : node.ariaLabel || node.innerText || (node.labels && node.labels[0].innerText)).trim();
        }).map((node) => node.outerHTML)"""
    )
    assert nameless == []


def test_enter_on_the_map_explains_its_middle(page):
    page.focus("#map_gap")
    page.keyboard.press("Enter")
    assert page.locator(".sheet").count() == 1
    assert page.inner_text(".sheet h3") in page.text_content("#chosen")
    page.click(".leaflet-popup-close-button")
    assert page.text_content("#chosen") == ""


def test_a_status_on_the_map_is_in_the_legend_even_with_nobody_in_it(open_page, toy, tmp_path):
    demand = toy.demand.assign(people=toy.demand["people"].where(toy.demand["fitness-10min.status"] != "cut-off", 0.0))
    card = toy.scorecard.assign(people=toy.scorecard["people"] - toy.scorecard["cut_off"], cut_off=0.0)
    write_gap_map(dataclasses.replace(toy, demand=demand, scorecard=card), tmp_path / "empty.html", language="en")
    page = open_page(path=tmp_path / "empty.html")
    assert texts("en")["shared"]["status"]["cut-off"] in page.inner_text("#legend")


def test_on_a_phone_the_figures_come_before_the_choices(open_page):
    page = open_page(width=390, height=844)
    tops = [page.locator(part).bounding_box()["y"] for part in ("#head", "#map_gap", "#coverage", "#legend", "#goals", "#foot")]
    assert tops == sorted(tops)


def colours(page):
    """Count the colours of the canvas."""
    return page.evaluate(
        """() => { const c = document.querySelector("#map_gap canvas"), seen = new Set();
        const d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
        for (let i = 0; i < d.length; i += 4) seen.add((d[i] << 16) | (d[i + 1] << 8) | d[i + 2]); return seen.size; }"""
    )


@pytest.mark.parametrize("width", [1360, 390])
def test_nothing_runs_over_the_side(open_page, width):
    page = open_page(width=width, height=844)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("#map_gap").bounding_box()["height"] > 350
    assert colours(page) > 50


def test_print_shows_map_legend_and_lines(open_page):
    page = open_page()
    zoom = page.evaluate("map_gap.getZoom()")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    for shown in ("#title", "#print-figures", "#legend", "#review", "#map_gap"):
        assert page.is_visible(shown)
    assert page.is_hidden("#panel")
    assert page.is_hidden("#buttons")
    assert colours(page) > 50
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.is_visible("#panel")
    assert page.evaluate("map_gap.getZoom()") == zoom


def test_an_older_browser_unpacks_the_same(open_page, toy):
    page = open_page(script="delete window.DecompressionStream")
    assert page.evaluate("typeof DecompressionStream") == "undefined"
    assert figure(page, "share") == overall(toy, "fitness-10min")["share"]


@pytest.mark.parametrize("shape", ["polygon", "circle"])
def test_other_shapes_are_drawn_and_found(open_page, build_results, tmp_path, shape):
    results = build_results(shape=shape)
    write_gap_map(results, tmp_path / "shape.html", language="en")
    page = open_page(path=tmp_path / "shape.html")
    page.click("[data-switch=facilities]")
    click_cell(page, results, 16 * 6 + 2)
    assert f"{results.demand['people'].iloc[16 * 6 + 2]:,.0f}" in page.inner_text(".sheet")


def test_one_cell_far_away_does_not_wipe_out_the_others(open_page, build_results, tmp_path):
    """As one picture they would be wider than a browser's canvas can be, and nothing would be seen."""
    results = build_results(columns=150, rows=140, metres=10.0)
    x, y = results.demand.geometry.x.to_numpy().copy(), results.demand.geometry.y.to_numpy()
    x[-1] += 70_000 * (x[1] - x[0])
    demand = results.demand.set_geometry(gpd.GeoSeries(gpd.points_from_xy(x, y), crs="EPSG:4326"))
    write_gap_map(dataclasses.replace(results, demand=demand), tmp_path / "far.html")
    page = open_page(path=tmp_path / "far.html")
    page.evaluate("at => map_gap.setView(at, 15, { animate: false })", [y[150 * 70], x[75]])
    painted = page.evaluate(
        """() => { const { context } = lifecircle.app.canvas._sheets.find(({ name }) => name === "cells"), { canvas } = context;
        const d = context.getImageData(canvas.width / 2 - 50, canvas.height / 2 - 50, 100, 100).data;
        let seen = 0; for (let i = 3; i < d.length; i += 4) seen += d[i] === 255; return seen; }"""
    )
    assert painted == 100 * 100


def test_a_goal_for_a_group_still_adds_up_to_everybody(open_page, toy, tmp_path):
    """A goal for children counts children; everyone else is excluded, on the scorecard and in the legend."""
    children = toy.demand["people"] / 10
    unknown = toy.demand["fitness-10min.status"] == "beyond"
    demand = toy.demand.assign(**{"group.children": children.mask(unknown)})
    goal = toy.goals[0].model_copy(update={"group": "children", "population": "all"})
    card = toy.scorecard.query("goal == @goal.id").copy()
    card["beyond"] = 0.0  # where the children are unknown, nobody is counted
    for column in ("covered", "cut_off", "unconnected"):
        card[column] /= 10
    card["excluded"] = card["people"] - card[["covered", "beyond", "cut_off", "unconnected"]].sum(axis=1)
    results = dataclasses.replace(toy, goals=[goal], demand=demand, scorecard=card)
    write_gap_map(results, tmp_path / "group.html")
    page = open_page(path=tmp_path / "group.html")
    row = overall(results, goal.id)
    for view in ("gap", "time", "county"):
        page.click(f"[data-key={view}]")
        assert sum(legend(page)) == round(row["people"])
    page.click("[data-key=gap]")
    assert legend(page)[0] == pytest.approx(row["covered"], abs=1)
    assert "儿童" in page.inner_text("#sentence")
