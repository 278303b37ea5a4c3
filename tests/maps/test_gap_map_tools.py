"""What a reader can do with the map: move the limit, compare states, look at need, ask why, take it away."""

import csv
import dataclasses
import io

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from lifecircle.analyses.counted import members
from lifecircle.analyses.results import State
from lifecircle.maps.figures import shown_people
from lifecircle.maps.gap_map import write_gap_map
from lifecircle.maps.texts import texts

GOAL = "fitness-10min"


@pytest.fixture(scope="module")
def compared(toy, build_results):
    """Return the toy with fewer facilities before, a route, a ring and land under it."""
    old = build_results(per_service=3)
    west, south, east, north = toy.demand.total_bounds
    middle = shapely.Point((west + east) / 2, (south + north) / 2)
    routes = gpd.GeoDataFrame(
        {"goal": [GOAL], "gap": [1]}, geometry=[shapely.LineString([(west, south), (east, north)])], crs=4326
    )
    sites = toy.facilities[toy.facilities["service"] == "fitness"]["facility"]
    rings = gpd.GeoDataFrame({"goal": [GOAL], "facility": [sites.iloc[0]]}, geometry=[middle.buffer(0.005)], crs=4326)
    land = gpd.GeoDataFrame(
        {"kind": ["water", "green", "railway", "place"], "name": [None, None, None, "<b>老城</b>"], "rank": [0, 0, 0, 0]},
        geometry=[middle.buffer(0.01), middle.buffer(0.004), shapely.LineString([(west, north), (east, south)]), middle],
        crs=4326,
    )
    before = State(name="2024", demand=old.demand, scorecard=old.scorecard)
    return dataclasses.replace(toy, routes=routes, rings=rings, land=land, before=before)


@pytest.fixture(scope="module")
def file(compared, tmp_path_factory):
    path = tmp_path_factory.mktemp("tools") / "map.html"
    write_gap_map(compared, path)
    return path


@pytest.fixture
def page(open_file, file):
    return open_file(file)


def legend(page):
    return [int(cell.get_attribute("data-people")) for cell in page.locator("#legend [data-people]").all()]


def figure(page, name):
    return float(page.locator(f"[data-figure={name}]").get_attribute("data-value"))


def move_limit(page, minutes):
    page.evaluate(
        "value => { const s = document.getElementById('limit'); s.value = value; s.dispatchEvent(new Event('input')); }", minutes
    )


@pytest.mark.parametrize("minutes", [1, 7, 13, 20, 30])
def test_moving_the_limit_counts_people_as_python_would(page, toy, minutes):
    move_limit(page, minutes)
    demand = toy.demand
    people = members(demand, None)
    inside = (demand[f"{GOAL}.status"] != "excluded").to_numpy()
    within = inside & (demand[f"{GOAL}.minutes"] <= minutes).to_numpy()
    assert figure(page, "share") == pytest.approx(people[within].sum() / people[inside].sum(), rel=1e-5)
    assert figure(page, "uncovered") == pytest.approx(people[inside & ~within].sum(), rel=1e-5)
    assert sum(legend(page)) == shown_people(toy.scorecard.query("goal == @GOAL and level == 'all'").iloc[0])["people"]
    assert str(minutes) in page.inner_text("#legend-title")


def test_zones_are_counted_anew_at_another_limit(page, toy):
    move_limit(page, 20)
    page.click("[data-key=county]")
    shares = {
        row.get_attribute("data-zone"): float(row.get_attribute("data-share")) for row in page.locator("#zones button").all()
    }
    demand = toy.demand[toy.demand[f"{GOAL}.status"] != "excluded"]
    for zone, part in demand.groupby("zone.county"):
        expected = part.loc[part[f"{GOAL}.minutes"] <= 20, "people"].sum() / part["people"].sum()
        assert shares[zone] == pytest.approx(expected, rel=1e-5)


def test_back_at_the_plans_limit_everything_is_the_scorecard_again(page, toy):
    row = toy.scorecard.query("goal == @GOAL and level == 'all'").iloc[0]
    move_limit(page, 25)
    assert figure(page, "share") > row["share"]
    page.click("#limit-back")
    assert figure(page, "share") == row["share"]
    assert page.is_hidden("#limit-back")


def test_the_scorecard_lists_zones_from_the_lowest_share_and_leads_to_them(page, toy):
    page.click("[data-key=township]")
    shares = [float(row.get_attribute("data-share")) for row in page.locator("#zones button").all()]
    rows = toy.scorecard.query("goal == @GOAL and level == 'township'")["share"].dropna()
    assert shares == sorted(rows)
    page.click("#zones button >> nth=0")
    assert page.locator(".leaflet-popup .sheet").is_visible()


@pytest.mark.parametrize("view", ["need", "change"])
def test_further_views_add_up_to_everybody(page, toy, view):
    page.click(f"[data-key={view}]")
    row = toy.scorecard.query("goal == @GOAL and level == 'all'").iloc[0]
    assert sum(legend(page)) == shown_people(row)["people"]


def test_need_puts_a_third_of_the_people_into_each_class(page, toy):
    page.click("[data-key=need]")
    counts = np.array(legend(page)[:9]).reshape(3, 3).sum(axis=1)
    assert (np.abs(counts / counts.sum() - 1 / 3) < 0.1).all()


def test_gained_and_lost_people_are_those_whose_coverage_changed(page, compared):
    now, before = (
        table[f"{GOAL}.status"].astype(str).to_numpy() == "covered" for table in (compared.demand, compared.before.demand)
    )
    people = compared.demand["people"].to_numpy()
    assert figure(page, "gained") == pytest.approx(people[now & ~before].sum(), rel=1e-5)
    assert figure(page, "lost") == pytest.approx(people[before & ~now].sum(), rel=1e-5)


def test_a_run_compared_with_itself_shows_no_change(open_file, toy, tmp_path):
    same = dataclasses.replace(toy, before=State(name="2024", demand=toy.demand, scorecard=toy.scorecard))
    write_gap_map(same, tmp_path / "same.html")
    page = open_file(tmp_path / "same.html")
    page.click("[data-key=change]")
    row = shown_people(toy.scorecard.query("goal == @GOAL and level == 'all'").iloc[0])
    faster_much, faster, unchanged, *others = legend(page)[:7]
    assert (faster_much, faster, sum(others)) == (0, 0, 0)
    assert unchanged == row["covered"] + row["beyond"]


def test_the_bar_moves_by_mouse_and_by_keyboard(page):
    page.check("#swipe-switch input")
    bar = page.locator("#swipe")
    assert bar.get_attribute("aria-valuenow") == "50"
    box = bar.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 300)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 200, box["y"] + 300)
    page.mouse.up()
    moved = int(bar.get_attribute("aria-valuenow"))
    assert moved > 60
    bar.focus()
    page.keyboard.press("ArrowLeft")
    assert int(bar.get_attribute("aria-valuenow")) == moved - 2
    page.uncheck("#swipe-switch input")
    assert bar.is_hidden()


def test_runs_without_a_comparison_offer_none(open_file, toy, tmp_path):
    write_gap_map(toy, tmp_path / "alone.html")
    page = open_file(tmp_path / "alone.html")
    assert page.locator("[data-key=change]").count() == 0
    assert page.is_hidden("#swipe-switch")
    assert page.is_hidden("#swipe")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_gap_says_why_in_both_languages_and_draws_the_way(page, language):
    if language == "en":
        page.click("#language")
    pixels = "() => lifecircle.picture(lifecircle.app).toDataURL().length"
    page.click("#gaps [data-gap='1']")
    page.wait_for_timeout(900)
    reason = texts(language)["shared"]["reason_sentence"]["too_few_unknown"].partition("{")[0]
    assert reason[:8] in page.inner_text(".leaflet-popup .sentence")
    with_route = page.evaluate(pixels)
    page.evaluate("() => { delete lifecircle.app.chosen.route; lifecircle.app.canvas.redraw('marks'); }")
    assert page.evaluate(pixels) != with_route


def test_a_facility_shows_whom_it_serves(page, toy):
    site = toy.facilities[toy.facilities["service"] == "fitness"]["facility"].iloc[0]
    row = int(toy.facilities.index[toy.facilities["facility"] == site][0])
    page.evaluate("row => lifecircle.app.flyToFacility(row)", row)
    mine = toy.demand[(toy.demand[f"{GOAL}.facility"] == site) & toy.demand[f"{GOAL}.status"].isin(["covered", "beyond"])]
    text = page.inner_text(".leaflet-popup .sheet")
    assert f"{mine['people'].sum():,.0f}" in text
    assert f"{mine.loc[mine[f'{GOAL}.status'] == 'covered', 'people'].sum():,.0f}" in text


def test_the_table_taken_away_is_the_scorecard(page, toy):
    with page.expect_download() as download:
        page.click("#csv")
    text = download.value.path().read_text(encoding="utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[1][:3] == ["all", "all", "金谷县"]
    card = toy.scorecard[toy.scorecard["goal"] == GOAL].reset_index(drop=True)
    for row, (_, expected) in zip(rows[1:-1], card.iterrows(), strict=True):
        assert row[1] == str(expected["unit"])
        assert float(row[3]) == expected["people"]
        assert row[9] == "" if np.isnan(expected["share"]) else float(row[9]) == expected["share"]
    assert "OpenStreetMap" in ",".join(rows[-1])


def test_formulas_in_names_stay_text_in_the_table(open_file, toy, tmp_path):
    zones = {level: table.copy() for level, table in toy.zones.items()}
    zones["county"].loc[0, "name"] = '=HYPERLINK("x")'
    write_gap_map(dataclasses.replace(toy, zones=zones), tmp_path / "formula.html")
    page = open_file(tmp_path / "formula.html")
    with page.expect_download() as download:
        page.click("#csv")
    names = [row[2] for row in csv.reader(io.StringIO(download.value.path().read_text(encoding="utf-8-sig"))) if len(row) > 4]
    assert '\'=HYPERLINK("x")' in names


def test_the_picture_taken_away_is_a_png_with_a_legend(page):
    with page.expect_download() as download:
        page.click("#png")
    assert download.value.path().read_bytes().startswith(b"\x89PNG")
    assert download.value.suggested_filename.endswith(f"{GOAL}.png")


def test_the_curve_says_the_share(page, toy):
    row = toy.scorecard.query("goal == @GOAL and level == 'all'").iloc[0]
    assert f"{row['share'] * 100:.1f}%" in page.locator("#curve title").text_content()


def test_a_raster_shows_what_single_cells_show(open_file, build_results, tmp_path):
    write_gap_map(build_results(columns=200, rows=160, metres=100.0, per_service=20), tmp_path / "many.html")
    page = open_file(tmp_path / "many.html")
    assert page.evaluate("Boolean(lifecircle.app.data.cells.raster)"), "32,000 cells of a lattice"
    differing = page.evaluate(
        """() => {
            const { app } = lifecircle, sheet = app.canvas._sheets.find(({ name }) => name === "cells");
            const pixels = () => {
                app.canvas.redraw("cells");
                const { width, height } = sheet.context.canvas;
                return new Uint32Array(sheet.context.getImageData(0, 0, width, height).data.buffer);
            };
            const raster = pixels();
            app.data.cells.raster = false;
            const single = pixels();
            return raster.filter((value, i) => value !== single[i]).length / single.filter((value) => value).length;
        }"""
    )
    assert differing < 0.05, "only at the edges of cells"


def test_competing_definitions_stand_beside_the_one_taken(open_file, toy, tmp_path):
    taken = toy.goals[0]
    titles = {"slow": {"zh": "老年人步速", "en": "Elderly walkers"}, "far": {"zh": "1 公里", "en": "Within 1 km"}}
    variants = [{"id": key, "title": title, "set": {"minutes": 9}, "source": "reading"} for key, title in titles.items()]
    goal = type(taken).model_validate({**taken.model_dump(), "variants": variants})
    rows = [(goal.id, "all", "all", key, share) for key, share in (("slow", 0.25), ("far", 0.75))]
    table = pd.DataFrame(rows, columns=["goal", "level", "unit", "variant", "share"])
    write_gap_map(dataclasses.replace(toy, goals=[goal, toy.goals[1]], variants=table), tmp_path / "defined.html")
    page = open_file(tmp_path / "defined.html")
    shares = [float(cell.get_attribute("data-share")) for cell in page.locator("#definitions-table [data-share]").all()]
    own = toy.scorecard.query("goal == @GOAL and level == 'all'")["share"].iloc[0]
    assert shares == [own, 0.25, 0.75]
    said = page.inner_text("#definitions-range")
    assert f"{100 * min(shares):.1f}%" in said and "75.0%" in said
    assert "老年人步速" in page.inner_text("#definitions-table")
    page.click("#goals [data-key=rural-90min]")
    assert page.is_hidden("#definitions")


def test_escape_closes_a_sheet_opened_from_the_list(page):
    page.focus("#gaps button >> nth=0")
    page.keyboard.press("Enter")
    page.wait_for_selector(".sheet")
    page.keyboard.press("Escape")
    page.wait_for_selector(".sheet", state="detached")
    assert page.inner_text("#chosen") == ""


def test_need_by_access_is_a_square_that_counts_everybody(page, toy):
    page.click("#views [data-key=need]")
    row = toy.scorecard.query("goal == 'fitness-10min' and level == 'all'").iloc[0]
    squares = [int(cell.get_attribute("data-people")) for cell in page.locator("#legend .matrix [data-people]").all()]
    others = [int(cell.get_attribute("data-people")) for cell in page.locator("#legend .list [data-people]").all()]
    assert len(squares) == 9
    assert sum(squares) + sum(others) == round(row["people"])
    assert sum(squares[::3]) == round(row["covered"]), "the first column is within the limit"


def test_the_sheet_of_a_gap_hides_neither_its_outline_nor_its_route(page):
    page.emulate_media(reduced_motion="reduce")
    page.click("#gaps button >> nth=0")
    page.wait_for_timeout(300)
    sheet = page.locator(".leaflet-popup").bounding_box()
    top = page.evaluate(
        """() => { const { app } = lifecircle, { boxes } = app.data.gaps[app.goal.id].shapes, at = app.latlng(boxes[0], boxes[1]);
        return map_gap.latLngToContainerPoint(at).y + map_gap.getContainer().getBoundingClientRect().top; }"""
    )
    assert sheet["y"] + sheet["height"] <= top + 1
