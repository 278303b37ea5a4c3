"""What maps and reports of real runs print is what their scorecard.csv says, to the last bit, with every request blocked."""

import csv
import re

import pytest
import yaml

from lifecircle.maps.figures import UNCOVERED, shown_people
from lifecircle.studies.coverage.run import run
from lifecircle.studies.demo.county import write_county
from lifecircle.studies.demo.helsinki import write_helsinki

PEOPLE = ("people", "covered", *UNCOVERED, "excluded")
POA, COMOROS = "porto-alegre-sao-paulo/poa", "comoros/com-test-data"
KEY = r"^[a-z_]+\.[a-z_.]+$"  # what a text that no language knows would show


def porto_alegre(data):
    cells = {"file": str(data / POA / "poa_hexgrid.csv"), "crs": "EPSG:4326"}
    return {
        "name": "Porto Alegre",
        "streets": str(data / POA / "poa_osm.pbf"),
        "demand": {"file": cells["file"], "people": "population", "id": "id"},
        "facilities": {"health": [cells | {"where": "healthcare > 0", "capacity": "healthcare"}]},
        "goals": [{"id": "health-15", "service": "health", "mode": "walk", "minutes": 15, "target": 0.9, "speed_kmh": 3.6}],
    }


def comoros(data):
    raw = data / COMOROS
    return {
        "name": "Comoros",
        "streets": str(raw / "raw/osm/comores-latest.osm.pbf"),
        "demand": {"file": str(raw / "raw/worldpop/com_ppp_2020_UNadj.tif"), "people": 1},
        "facilities": {"health": [{"file": str(raw / "input/health.gpkg")}]},
        "goals": [{"id": "health-car", "service": "health", "mode": "car", "minutes": 90, "target": 0.9}],
    }


@pytest.fixture(scope="module", params=["county", "helsinki", "porto_alegre", "comoros"])
def finished(request, tmp_path_factory):
    """Return the results and the folder of a demo study, or of one on shared data, that has run."""
    folder, name = tmp_path_factory.mktemp(request.param), request.param
    if name in ("county", "helsinki"):
        return run({"county": write_county, "helsinki": write_helsinki}[name](folder), out=folder / "out", lang="en")
    study = {"porto_alegre": porto_alegre, "comoros": comoros}[name](request.getfixturevalue("shared_data"))
    (folder / "study.yaml").write_text(yaml.safe_dump(study, allow_unicode=True), encoding="utf-8")
    return run(folder / "study.yaml", out=folder / "out", lang="en")


@pytest.fixture(scope="module")
def scorecard(finished):
    """Return the rows of scorecard.csv as a script would read them: numbers, or None where a field is empty."""
    with (finished.out / "scorecard.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    figures = (*PEOPLE, "share", "median_minutes", "p90_minutes")
    read = {key: lambda text: float(text) if text else None for key in figures}
    return [{key: read.get(key, str)(value) for key, value in row.items()} for row in rows]


def overall(scorecard):
    return [row for row in scorecard if row["level"] == "all"]


def figures(page):
    """Return the values behind the tiles."""
    read = "tiles => Object.fromEntries(tiles.map(({ dataset }) => [dataset.figure, Number(dataset.value)]))"
    return page.eval_on_selector_all("#figures [data-figure]", read)


def test_tiles_and_legend_are_the_scorecard(finished, scorecard, open_file):
    page = open_file(finished.out / "map.html")
    for row in overall(scorecard):
        page.click(f"#goals [data-key={row['goal']}]")
        shown = shown_people(row)
        assert figures(page) == {
            "share": row["share"],
            "uncovered": sum(row[key] for key in UNCOVERED),
            "median_minutes": row["median_minutes"],
            "p90_minutes": row["p90_minutes"],
        }
        for view in ("gap", "time"):
            page.click(f"#views [data-key={view}]")
            people = [int(cell.get_attribute("data-people")) for cell in page.locator("#legend [data-people]").all()]
            assert sum(people) == shown["people"]
            assert float(page.get_attribute("#legend [data-total]", "data-total")) == row["people"]
        page.click("#views [data-key=gap]")
        assert page.inner_text("#legend [data-people] >> nth=0") == f"{shown['covered']:,}"
        assert page.inner_text("[data-figure=uncovered]") == f"{shown['uncovered']:,}"


def test_every_zone_is_the_scorecard(finished, scorecard, open_file):
    page = open_file(finished.out / "map.html")
    levels = page.evaluate("lifecircle.app.data.levels.map(({ id, zones, figures }) => ({ id, zones, figures }))")
    seen = 0
    for level in levels:
        for goal, rows in level["figures"].items():
            for zone, row in zip(level["zones"], rows, strict=True):
                (line,) = (r for r in scorecard if (r["goal"], r["level"], r["unit"]) == (goal, level["id"], zone))
                assert {key: row[key] for key in (*PEOPLE, "share")} == {key: line[key] for key in (*PEOPLE, "share")}
                seen += 1
    assert seen == len([row for row in scorecard if row["level"] != "all" and row["unit"]])


def test_gaps_add_up_to_the_uncovered(finished, scorecard):
    for row in overall(scorecard):
        gaps = finished.results.gaps.query("goal == @row['goal']")
        assert gaps["people"].sum() == pytest.approx(sum(row[key] for key in UNCOVERED))


def test_the_report_prints_the_scorecard(finished, scorecard, open_file):
    page = open_file(finished.out / "report.html")
    for row, table in zip(overall(scorecard), page.locator("table.balance").all(), strict=True):
        shown = shown_people(row)
        printed = [text.replace(",", "") for text in table.locator("td:nth-child(3)").all_inner_texts()]
        assert printed == [str(shown[key]) for key in (*PEOPLE[1:], "people")]
    assert re.search(r"© OpenStreetMap contributors \(ODbL\)", page.inner_text("footer"))


def test_the_county_says_that_it_is_generated(finished, open_file):
    generated = "清澜县" in finished.results.name
    for page in ("map.html", "report.html"):
        text = open_file(finished.out / page).inner_text("body")
        assert ("a generated example" in text) == generated
        assert "© OpenStreetMap contributors (ODbL)" in text


def within(finished, goal, minutes):
    """People within a limit, counted from the demand that the run wrote."""
    demand = finished.results.demand
    timed = demand[f"{goal.id}.status"].isin(["covered", "beyond"])
    counts = demand[f"{goal.id}.status"] != "excluded"
    people = demand["people"]
    return people[timed & (demand[f"{goal.id}.minutes"] <= minutes)].sum() / people[counts].sum()


def test_every_view_in_both_languages_says_what_the_scorecard_says(finished, scorecard, open_file):
    page, rows = open_file(finished.out / "map.html"), {row["goal"]: row for row in overall(scorecard)}
    for language in ("en", "zh"):
        assert page.evaluate("lifecircle.app.texts.language") == language
        for goal in finished.results.goals:
            page.click(f"#goals [data-key='{goal.id}']")
            row = {key: rows[goal.id][key] for key in ("share", "median_minutes", "p90_minutes")}
            row["uncovered"] = sum(rows[goal.id][key] for key in UNCOVERED)
            for view in page.locator("#views button:visible, #units button:visible").all():
                view.evaluate("button => button.click()")
                assert figures(page) == row
                assert not re.findall(KEY, page.evaluate("document.body.innerText"), re.MULTILINE)
        page.click("#language")


def test_the_threshold_recounts_and_comes_back(finished, scorecard, open_file):
    page, rows = open_file(finished.out / "map.html"), {row["goal"]: row for row in overall(scorecard)}
    goal = finished.results.goals[0]
    before = figures(page)
    page.evaluate("minutes => lifecircle.app.change({ minutes })", goal.minutes - 3)
    # cells carry thousandths of people
    assert figures(page)["share"] == pytest.approx(within(finished, goal, goal.minutes - 3), abs=1e-6)
    page.click("#limit-back")
    assert figures(page) == before
    assert before["share"] == rows[goal.id]["share"]
