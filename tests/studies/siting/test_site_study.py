"""`lifecircle site STUDY.yaml` as a user meets it, and the demo county from its study file to a plan."""

import json
import shutil

import pandas as pd
import pytest
from toy_siting import write_siting
from typer.testing import CliRunner

from lifecircle.studies.commands import app
from lifecircle.studies.siting.site import site


def call(*arguments, locale="en_US.UTF-8"):
    environment = {"LC_ALL": locale, "COLUMNS": "120", "TERMINAL_WIDTH": "120"}
    return CliRunner().invoke(app, ["site", *map(str, arguments)], env=environment)


def test_a_plan_is_printed_in_the_order_of_building(tmp_path):
    study = write_siting(tmp_path, figures={"cost": [30, 20, 30, 30, 5]}, siting={"cost_unit": "10,000 yuan"})
    done = call(study, "--service", "health", "--p", 2)
    assert done.exit_code == 0, done.output
    assert "clinic: 0.0% covered today, 75.0% with the plan (new sites: 2; +270 people)" in done.stdout
    assert "proven: no plan is better" in done.stdout and "people per 10,000 yuan" in done.stdout
    rows = [line.split() for line in done.stdout.splitlines() if " P" in line]
    assert [(row[0], row[1], row[-1]) for row in rows] == [("1", "P1", "5.0"), ("2", "P3", "4.0")]
    assert "New sites: 2, people covered: 270, after" in done.stderr and "P1" not in done.stderr


def test_json_is_the_plan_and_nothing_else(tmp_path):
    done = call(write_siting(tmp_path), "--service", "health", "--p", 1, "--json", "--lang", "zh")
    told = json.loads(done.stdout)
    assert told == json.loads((tmp_path / "out" / "siting-health-mclp" / "plan.json").read_text(encoding="utf-8"))
    assert told["sites"][0]["site"] == "P1" and told["gap"] == 0


def test_a_planner_reads_chinese(tmp_path):
    done = call(write_siting(tmp_path), "--service", "health", "--problem", "lscp", "--target", "0.99", locale="zh_CN.UTF-8")
    assert done.exit_code == 0, done.output
    assert "clinic：现覆盖 0.0%，新建 4 处后 100.0%（+360 人）" in done.stdout and "已证明最优" in done.stdout
    curve = (tmp_path / "out" / "siting-health-lscp" / "curve.svg").read_text(encoding="utf-8")
    assert "新增覆盖人口" in curve


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([], 2, "name a study, or --costs and --demand"),
        (["--service", "health", "--costs", "c.csv", "--demand", "d.csv"], 2, "without a study file only --problem"),
        (["STUDY"], 2, "with a study file, give --service"),
        (["STUDY", "--service", "health", "--costs", "c.csv"], 2, "not both"),
        (["STUDY", "--service", "health"], 1, "give --p"),
        (["STUDY", "--service", "health", "--problem", "target-share", "--target", "1"], 1, "uncoverable.csv lists them"),
        (["nowhere.yaml", "--service", "health"], 1, "no such study file"),
    ],
)
def test_wrong_usage_ends_with_two_and_what_cannot_be_with_one(tmp_path, arguments, code, message):
    people = (("a", 2, 0, 100), ("n", 10, 20, 3))
    study = write_siting(tmp_path, people=people)
    done = call(*(study if part == "STUDY" else part for part in arguments))
    assert done.exit_code == code and "Traceback" not in done.output
    assert message in " ".join(done.stderr.replace("│", " ").split())


def test_the_demo_county_is_planned_from_its_study_file(demo_county, tmp_path):
    study = shutil.copytree(demo_county, tmp_path / "county") / "study.yaml"
    planned = site(study, service="health", problem="target-share", goal="health-walk-30min", lang="zh")
    everyone = planned.comparison.iloc[0]
    assert everyone["gained"] == pytest.approx(planned.sites["people_gained"].sum())
    assert planned.plan.gap == 0 and planned.curve["share"].is_monotonic_increasing
    assert planned.curve["share"].iloc[-2] < 0.9 <= everyone["share_after"]
    townships = planned.comparison.query("level == 'township'")
    assert townships["gained"].sum() == pytest.approx(everyone["gained"])
    assert pd.read_csv(planned.out / "sites.csv")["place"].str.contains("镇|乡|街道").all()
