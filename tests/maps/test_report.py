"""The report prints the scorecard's figures, sums that add up, and names as names."""

import dataclasses
import re
from datetime import date

import pandas as pd
import pytest

from lifecircle.geo.errors import InputError
from lifecircle.layers.goals import Text
from lifecircle.layers.services import Service
from lifecircle.maps.figures import uncovered
from lifecircle.maps.page import refuse_addresses
from lifecircle.maps.report import write_report
from lifecircle.maps.sentences import minutes, people, percent
from lifecircle.maps.texts import in_sentence, texts

RUN = {
    "inputs": [{"file": "/home/planner/streets & roads.pbf", "sha256": "ab" * 32}],
    "parameters": {
        "name": "x",
        "out": "/home/planner/out",
        "area": None,
        "streets": ["/home/planner/streets & roads.pbf"],
        "goals": [{"id": "g1", "title": {"zh": "目标"}, "mode": "walk", "group": None}],
        "modes": {"car": {"speeds": "cn-mountain"}},
    },
    "stages": [{"stage": "times", "seconds": 1.5, "peak_memory_mb": 90.0}],
    "versions": {"lifecircle": "0.1.0"},
    "notes": ["<b>two rows were refused</b>"],
}


@pytest.fixture(scope="module", params=["zh", "en"])
def page(request, toy, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "report.html"
    write_report(toy, RUN, path, language=request.param, made_on=date(2026, 1, 2))
    return request.param, path.read_text(encoding="utf-8")


def rows_of(html, table):
    body = html.split(f'<table class="{table}">')[1].split("</table>")[0].split("<tbody>")[1]
    return [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in body.split("</tr>") if "<td" in row]


def test_one_file_that_fetches_nothing(page):
    refuse_addresses(page[1])
    assert "<script" not in page[1]


def test_headline_says_share_target_and_people(page, toy):
    row = toy.scorecard.query("goal == 'fitness-10min' and level == 'all'").iloc[0]
    sentence = page[1].split('class="sentence missed">')[1].split("<")[0]
    assert f"{row['share'] * 100:.1f}%" in sentence
    assert "90%" in sentence
    assert f"{uncovered(row):,.0f}" in sentence
    assert "。 " not in sentence


def test_mass_balance_adds_up_as_printed(page):
    counts = [int(row[2].replace(",", "")) for row in rows_of(page[1], "balance")]
    assert sum(counts[:5]) == counts[5]


def test_every_row_of_the_scorecard_adds_up_as_printed(page):
    for row in rows_of('<table class="scorecard">' + page[1].split('<table class="scorecard">', 2)[2], "scorecard"):
        people, *parts = (int(cell.replace(",", "")) for cell in row[1:7])
        assert sum(parts) == people


def test_units_come_worst_first_and_those_without_people_last(page):
    html = page[1].split('<table class="scorecard">', 2)[2]
    rows = rows_of('<table class="scorecard">' + html, "scorecard")
    shares = [float(row[7].rstrip("%")) if row[7] != "—" else 999 for row in rows]
    assert shares == sorted(shares)
    assert shares[-1] == 999
    assert shares[0] < 50


def test_only_the_worst_twenty_units_are_listed(build_results, tmp_path):
    results = build_results()
    card = results.scorecard
    one = card[card["level"] == "township"].head(1)
    more = [one.assign(unit=f"x{i}", name=f"更多{i}") for i in range(15)]
    write_report(dataclasses.replace(results, scorecard=pd.concat([card, *more])), RUN, tmp_path / "r.html")
    html = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "按覆盖率从低到高列出 20 个，共 27 个" in html
    assert html.count(texts("zh")["report"]["worst_first"]) == 3


def test_a_service_loses_its_capital_within_a_sentence(toy, tmp_path):
    title = Text(zh="健身设施", en="Fitness sites")
    write_report(dataclasses.replace(toy, services={"fitness": Service(title=title)}), RUN, tmp_path / "r.html", language="en")
    html = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "urban people reach fitness sites within 10 minutes on foot" in html


@pytest.mark.parametrize(("title", "shown"), [("Fitness sites", "fitness sites"), ("AED posts", "AED posts"), ("", "")])
def test_abbreviations_keep_their_capitals(title, shown):
    assert in_sentence(title, "en") == shown


def test_half_a_person_is_rounded_as_in_the_browser():
    assert (people(11782.5), people(2.5), people(None)) == ("11,783", "3", "—")


def test_gaps_are_named_by_zones_and_street(page, toy):
    first = rows_of(page[1], "gaps")[0]
    people = toy.gaps.query("goal == 'fitness-10min' and gap == 1")["people"].iloc[0]
    assert first[2] == f"{people:,.0f}"
    assert re.match(r"..[区县] · 第\d+镇 · .*路\d+段", first[1])


def test_inputs_with_hashes_and_parameters_are_printed(page):
    assert "ab" * 32 in page[1]
    assert "streets &amp; roads.pbf" in page[1]
    assert rows_of(page[1], "run")[0][0] == "streets &amp; roads.pbf"
    assert "modes.car.speeds" in page[1]
    assert "goals.g1.mode" in page[1]
    assert "&lt;b&gt;two rows were refused" in page[1]


def test_folders_and_what_was_left_unsaid_are_not_printed(page):
    printed = re.sub(r"data:image/[^\"]*", "", page[1])  # a picture's letters may spell anything
    for absent in ("/home/planner", "None", "null"):
        assert absent not in printed


def test_attribution_date_and_review_line(page):
    language, html = page
    assert "© OpenStreetMap contributors" in html
    assert "2026-01-02" in html
    assert texts(language)["shared"]["review_blank"] in html


def test_review_number_replaces_the_blank_line(toy, tmp_path):
    write_report(toy, RUN, tmp_path / "r.html", review_number="浙S(2026)1号")
    html = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "审图号：浙S(2026)1号" in html
    assert texts("zh")["shared"]["review_blank"] not in html


def test_an_empty_run_says_none(toy, tmp_path):
    write_report(toy, {}, tmp_path / "r.html", language="en")
    assert (tmp_path / "r.html").read_text(encoding="utf-8").count('<p class="note">none</p>') == 5


def test_unknown_language_is_refused(toy, tmp_path):
    with pytest.raises(InputError, match="'fr'"):
        write_report(toy, RUN, tmp_path / "r.html", language="fr")


@pytest.mark.parametrize(
    ("share", "target", "text"),
    [(0.5, None, "50.0%"), (0.89996, 0.9, "89.996%"), (0.9, 0.9, "90.0%"), (None, 0.9, "—"), (0.9000001, 0.9, "90.0%")],
)
def test_a_missed_target_never_reads_as_met(share, target, text):
    assert percent(share, target) == text


@pytest.mark.parametrize(("value", "shown"), [(10.0, "10 min"), (10.01, "10.1 min"), (1.1, "1.1 min"), (None, "—")])
def test_minutes_are_rounded_up(value, shown):
    assert minutes(value, texts("en")["report"]) == shown


def test_people_outside_every_zone_are_named_so(toy, tmp_path):
    outside = toy.scorecard[toy.scorecard["level"] == "county"].head(1).assign(unit="", name="")
    write_report(dataclasses.replace(toy, scorecard=pd.concat([toy.scorecard, outside])), RUN, tmp_path / "r.html")
    assert texts("zh")["shared"]["outside_zones"] in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_every_goal_has_its_picture_and_its_curve(page, toy):
    addresses = re.findall(r'<img class="(map|curve)" src="data:image/png;base64,', page[1])
    assert addresses == ["map", "curve"] * len(toy.goals)


def test_every_gap_says_why(page, toy):
    language, html = page
    reasons = texts(language)["shared"]["reason_sentence"]
    why = re.findall(r'<tr class="why"><td></td><td colspan="5">(.*?)</td>', html)
    assert len(why) == sum(min(10, int((toy.gaps["goal"] == goal.id).sum())) for goal in toy.goals)
    starts = tuple(sentence.partition("{")[0][:8] for sentence in reasons.values())
    assert all(sentence.startswith(starts) for sentence in why)


def test_every_zone_of_the_coarsest_level_has_a_page_with_all_goals_and_ranks(page, toy):
    level, zones = next(iter(toy.zones.items()))
    parts = page[1].split('<div class="zone">')[1:]
    assert [re.search(r"<h3>(.*?)</h3>", part)[1] for part in parts] == zones["name"].tolist()
    ranks = [re.findall(r"(\d+) / (\d+)</td></tr>", part) for part in parts]
    assert all(total == str(len(zones)) for found in ranks for _, total in found)
    card = toy.scorecard[(toy.scorecard["level"] == level) & (toy.scorecard["goal"] == toy.goals[0].id)]
    best = card.loc[card["share"].idxmax(), "name"]
    assert [found[0][0] for part, found in zip(parts, ranks, strict=True) if f"<h3>{best}<" in part] == ["1"]
