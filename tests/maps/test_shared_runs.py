"""The maps of Porto Alegre, Comoros and the generated county as a reader opens them, with every request blocked."""

import csv

import pytest
import yaml

from lifecircle.maps.figures import UNCOVERED
from lifecircle.studies.demo.county import write_county
from lifecircle.studies.run import run

POA, COMOROS = "porto-alegre-sao-paulo/poa", "comoros/com-test-data"
KEY = r"^[a-z_]+\.[a-z_.]+$"  # what a text that no language knows would show


def porto_alegre(folder, data):
    cells = {"file": str(data / POA / "poa_hexgrid.csv"), "crs": "EPSG:4326"}
    return {
        "name": "Porto Alegre",
        "streets": str(data / POA / "poa_osm.pbf"),
        "demand": {"file": cells["file"], "people": "population", "id": "id"},
        "facilities": {"health": [cells | {"where": "healthcare > 0", "capacity": "healthcare"}]},
        "goals": [{"id": "health-15", "service": "health", "mode": "walk", "minutes": 15, "target": 0.9, "speed_kmh": 3.6}],
    }


def comoros(folder, data):
    raw = data / COMOROS
    return {
        "name": "Comoros",
        "streets": str(raw / "raw/osm/comores-latest.osm.pbf"),
        "demand": {"file": str(raw / "raw/worldpop/com_ppp_2020_UNadj.tif"), "people": 1},
        "facilities": {"health": [{"file": str(raw / "input/health.gpkg")}]},
        "goals": [{"id": "health-car", "service": "health", "mode": "car", "minutes": 90, "target": 0.9}],
    }


def county(folder, data):
    return yaml.safe_load(write_county(folder).read_text(encoding="utf-8")) | {"name": "清澜县"}


@pytest.fixture(scope="module", params=[porto_alegre, comoros, county], ids=lambda write: write.__name__)
def finished(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param.__name__)
    data = None if request.param is county else request.getfixturevalue("shared_data")
    study = folder / "study.yaml"
    study.write_text(yaml.safe_dump(request.param(folder, data), allow_unicode=True), encoding="utf-8")
    return run(study, out=folder / "out", lang="en")


def rows_for_everyone(finished):
    with (finished.out / "scorecard.csv").open(encoding="utf-8", newline="") as file:
        return {row["goal"]: row for row in csv.DictReader(file) if row["level"] == "all"}


def on_screen(page):
    tiles = page.locator("#figures [data-figure]").all()
    return {tile.get_attribute("data-figure"): float(tile.get_attribute("data-value")) for tile in tiles}


def within(finished, goal, minutes):
    """People within a limit, counted from the demand that the run wrote."""
    demand = finished.results.demand
    timed = demand[f"{goal.id}.status"].isin(["covered", "beyond"])
    counts = demand[f"{goal.id}.status"] != "excluded"
    people = demand["people"]
    return people[timed & (demand[f"{goal.id}.minutes"] <= minutes)].sum() / people[counts].sum()


def test_every_view_in_both_languages_says_what_the_scorecard_says(finished, open_file):
    page, rows = open_file(finished.out / "map.html"), rows_for_everyone(finished)
    for language in ("en", "zh"):
        assert page.evaluate("lifecircle.app.texts.language") == language
        for goal in finished.results.goals:
            page.click(f"#goals [data-key='{goal.id}']")
            row = {key: float(value) for key, value in rows[goal.id].items() if key in ("share", "median_minutes", "p90_minutes")}
            row["uncovered"] = sum(float(rows[goal.id][key]) for key in UNCOVERED)
            for view in page.locator("#views button:visible, #units button:visible").all():
                view.click()
                assert on_screen(page) == row
                assert page.locator("text=/" + KEY + "/").count() == 0
        page.click("#language")


def test_the_threshold_recounts_and_comes_back(finished, open_file):
    page, rows = open_file(finished.out / "map.html"), rows_for_everyone(finished)
    goal = finished.results.goals[0]
    before = on_screen(page)
    page.evaluate("minutes => lifecircle.app.change({ minutes })", goal.minutes - 3)
    assert on_screen(page)["share"] == pytest.approx(within(finished, goal, goal.minutes - 3), abs=1e-6)  # cells carry thousandths of people
    page.click("#limit-back")
    assert on_screen(page) == before
    assert before["share"] == float(rows[goal.id]["share"])
