"""`lifecircle goals`: lists for people and programs, one goal in full, what a study's data can answer."""

import json
from io import StringIO
from pathlib import Path

import pytest
import yaml
from rich.console import Console
from typer.testing import CliRunner

from lifecircle.geo.errors import StudyError
from lifecircle.layers.catalogue import goal_catalogue
from lifecircle.studies.commands import app
from lifecircle.studies.file.reading import read_study
from lifecircle.studies.goals.readiness import data_needed, goal_readiness, most_wanted
from lifecircle.studies.goals.report import print_goal
from lifecircle.studies.speech.messages import speaker

COUNTY = """format: 1
goals:
  near-health: {extends: rural-90min, population: all, minutes: 20}
"""
ADDED = """catalogue: own.yaml
zones:
  township: {file: zones.geojson, id: code, name: name}
"""
FIT = "  - {id: fit, service: fitness, mode: car, minutes: 5}"
OWN = "  - {id: health-centre-reach, minutes: 25}\n  - {id: archives}"


def call(*args):
    return CliRunner().invoke(app, ["goals", *map(str, args)])


@pytest.fixture
def study(tiny, tmp_path: Path) -> Path:
    """The tiny study with townships, a catalogue of its own and a goal that answers what the plan asks."""
    (tmp_path / "own.yaml").write_text(COUNTY, encoding="utf-8")
    return tiny(("zones:\n", ADDED), (FIT, OWN), ("fitness: osm", "library: osm"))


def states(study):
    return {item.goal.id: item for item in goal_readiness(study, lang="en")}


def test_the_catalogue_is_listed_for_people_and_programs():
    entries = json.loads(call("list", "--json").stdout)
    assert len(entries) == len(goal_catalogue())
    assert {"id", "phrase", "section", "check", "title", "unit", "sources", "asks"} <= entries[0].keys()
    listed = call("list", "--lang", "zh").stdout
    assert all(entry["id"] in listed for entry in entries) and "规划原文" in listed and f"共 {len(entries)} 个" in listed


@pytest.mark.parametrize(
    ("filters", "some", "others"),
    [
        (("--check", "tiling"), {"grid-management"}, {"fitness-10min"}),
        (("--chapter", "8"), {"fitness-10min", "sports-map"}, {"rural-90min"}),
        (("--chapter", "十四"), {"third-party"}, {"fitness-10min"}),
        (("--unit", "city"), {"gap-cities", "legal-centres"}, {"gap-counties"}),
        (("--chapter", "13", "--check", "mix"), {"convenience-mix", "one-stop-community"}, {"sports-mix"}),
    ],
)
def test_lists_are_filtered(filters, some, others):
    ids = {entry["id"] for entry in json.loads(call("list", "--json", *filters).stdout)}
    assert some <= ids and not others & ids


def test_one_goal_is_shown_with_its_sources_definitions_and_data():
    shown = call("show", "fitness-10min", "--lang", "en").stdout
    words = (
        "到2025年,构建城市社区“10分钟健身圈”",
        "minutes: 10 (the plan's words)",
        "gb50180: 500 m",
        "Xinhua",
        "facilities.fitness",
    )
    assert all(word in shown for word in words)
    asked = call("show", "kindergarten-reach", "--lang", "zh").stdout
    assert "须由研究给出" in asked and "10 (经验判断，并非标准)" in asked and "幼儿园服务半径300米" in asked
    entry = json.loads(call("show", "kindergarten-reach", "--json").stdout)
    assert entry["minutes"] is None and entry["asks"] == ["minutes"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_goal_can_be_shown(language):
    for entry in goal_catalogue().values():
        page = StringIO()
        print_goal(entry, Console(file=page), speaker(language))
        assert entry.keys["phrase"] in page.getvalue()


def test_wrong_input_is_said(tmp_path):
    def error_of(*args):
        done = call(*args)
        assert done.exit_code == 1
        return done.output.replace("\n", " ")

    assert "did you mean 'fitness-10min'" in error_of("show", "fitnes-10min")
    assert "write a number such as 8" in error_of("list", "--chapter", "99")
    assert "no such study file" in error_of("check", tmp_path / "none.yaml", "--lang", "en")
    assert "no such catalogue file" in error_of("list", "--catalogue", tmp_path / "none.yaml")
    assert call("list", "--check", "circles").exit_code == 2


def test_own_files_are_listed_too(tmp_path):
    file = tmp_path / "own.yaml"
    file.write_text(COUNTY, encoding="utf-8")
    assert json.loads(call("show", "near-health", "--catalogue", file, "--json").stdout)["minutes"] == 20


def test_readiness_tells_what_each_goal_waits_for(study):
    found = states(study)
    assert found["near-health"].state == found["rural-90min"].state == "ready"
    assert found["sports-map"].state == "context"
    assert found["vaccination"].lacks == ("indicators.vaccination_rate",)
    assert found["legal-centres"].lacks[0] == "facilities.legal_city"
    # The study's own goals answer what the plan asks.
    assert found["health-centre-reach"].goal.minutes == 25 and found["health-centre-reach"].asks == ()
    assert found["county-hospital-reach"].asks == ("minutes",)


def test_readiness_looks_into_osm(study):
    """A hospital and a pitch are mapped; no library is, though the study asks for those of OSM."""
    found = states(study)
    assert found["fitness-10min"].in_osm == {"fitness": 1} and found["fitness-10min"].lacks == ("facilities.fitness",)
    assert found["county-hospital-reach"].in_osm == {"hospital": 1}
    assert "facilities.library" in found["library-books"].lacks and found["library-books"].in_osm == {}
    # No map tells which schools are open: a list is needed, so OSM is not offered.
    assert found["sports-open"].lacks[-1].endswith(".flags.open_to_public") and found["sports-open"].in_osm == {}


def test_readiness_for_people_and_programs(study):
    said = json.loads(call("check", study, "--json", "--lang", "en").stdout)
    by_id = {goal["id"]: goal for goal in said["goals"]}
    assert len(by_id) == len(goal_catalogue()) + 1
    assert by_id["county-hospital-reach"]["proposes"]["minutes"][0]["value"] == 60
    assert said["wanted"][0]["goals"] >= said["wanted"][1]["goals"] > 0
    ready = json.loads(call("check", study, "--json", "--state", "ready", "--lang", "en").stdout)
    assert {goal["state"] for goal in ready["goals"]} == {"ready"} and "rural-90min" in str(ready)
    shown = call("check", study, "--lang", "zh").stdout
    assert "您的 OSM 数据中有 1 处" in shown and "个可以回答" in shown and "补充以下内容作用最大" in shown


def test_what_is_wanted_most_is_counted(study):
    found = goal_readiness(study, lang="en")
    wanted = dict(most_wanted(found))
    assert wanted["zones.city"] == sum("zones.city" in item.lacks for item in found) > 5


def test_needs_name_flags_kinds_and_numbers():
    example = {
        id: goal_catalogue()[id].example() for id in ("class-size-primary", "welfare-centres", "sports-open", "legal-advisers")
    }
    assert "facilities.primary_school.numbers.classes" in data_needed(example["class-size-primary"])
    assert "zones.county.kind" in data_needed(example["welfare-centres"])
    assert "facilities.public_sports_venue.flags.open_to_public" in data_needed(example["sports-open"])
    assert "zones.village.flags.legal_adviser" in data_needed(example["legal-advisers"])


def test_a_study_must_give_what_the_plan_leaves_open(study):
    raw = yaml.safe_load(study.read_text(encoding="utf-8"))
    for goals, words in (
        (
            ["county-hospital-reach"],
            "不会替您编造：请写 {id: county-hospital-reach, minutes: ...}",
        ),
        ([{"extends": "fitness-10mins", "id": "x"}], "'fitness-10min'"),
    ):
        study.write_text(yaml.safe_dump({**raw, "goals": goals}, allow_unicode=True), encoding="utf-8")
        with pytest.raises(StudyError) as caught:
            read_study(study, speaker("zh"))
        assert words in str(caught.value)
    given = [{"extends": "rural-90min", "id": "strict", "minutes": 30}]
    study.write_text(yaml.safe_dump({**raw, "goals": given}, allow_unicode=True), encoding="utf-8")
    assert read_study(study).goals[0].minutes == 30
