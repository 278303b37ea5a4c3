"""What the demo's maps and reports print is what its scorecard.csv says, to the last bit."""

import csv
import re

import pytest

from lifecircle.maps.figures import UNCOVERED, shown_people
from lifecircle.studies.demo.county import write_county
from lifecircle.studies.demo.helsinki import write_helsinki
from lifecircle.studies.run import run

PEOPLE = ("people", "covered", *UNCOVERED, "excluded")


@pytest.fixture(scope="module", params=[("county", write_county, "zh"), ("helsinki", write_helsinki, "en")], ids=lambda p: p[0])
def finished(request, tmp_path_factory):
    """Return the results and the folder of a demo study that has run."""
    name, write, language = request.param
    folder = tmp_path_factory.mktemp(name)
    return run(write(folder), out=folder / "out", lang=language)


@pytest.fixture(scope="module")
def scorecard(finished):
    """Return the rows of scorecard.csv as a script would read them: numbers, or None where a field is empty."""
    with (finished.out / "scorecard.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    figures = (*PEOPLE, "share", "median_minutes", "p90_minutes")
    read = {key: lambda text: float(text) if text else None for key in figures}
    return [{key: read.get(key, str)(value) for key, value in row.items()} for row in rows]


def overall(scorecard):
    return [row for row in scorecard if row["level"] == "all"]


def figures(page):
    """Return the values behind the tiles."""
    tiles = page.locator("#figures [data-figure]").all()
    return {tile.get_attribute("data-figure"): float(tile.get_attribute("data-value")) for tile in tiles}


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
