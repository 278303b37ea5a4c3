"""Results show themselves in one line, and as a small table in notebooks; names are data in both."""

import re
from html import unescape

import pytest
import toy_siting
from toy_study import people_table, points_table, run_toy

import lifecircle as lc
from lifecircle.geo.shown import MOST_ROWS, Portrait, Shown, counted

EVIL = "<script>alert(1)</script>{{ 7*7 }}'\"&amp;"
HIDDEN = "\x1b[2J\u202eexe\nnext"
GOAL = {"id": "clinic", "service": "health", "mode": "walk", "minutes": 10, "profile": "child", "target": 0.3}


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """What every function returns, of studies whose names are markup."""
    here = tmp_path_factory.mktemp("shown")
    people = people_table([("near", 2, 0, 1234.5), ("far", 40, 0, 2000)])
    places = points_table([(EVIL, 0, 0)]).assign(beds=7)
    done = run_toy(here / "toy", people, places, goals=[GOAL], name=EVIL)
    study = here / "toy" / "study.yaml"
    plots = toy_siting.write_siting(here / "siting", people=[("a", 20, 0, 100)], plots=[("<b>P</b>", 20, 0)])
    compared = lc.compare(done.out, done.out, out=here / "compare", lang="en")
    return {
        "run": done,
        "results": done.results,
        "read_run": lc.read_run(done.out),
        "access": lc.access(study, measure=["nearest"], out=here / "access", lang="en"),
        "site": lc.site(plots, service="health", p=1, out=here / "site", lang="en"),
        "compare": compared,
        "replay": lc.replay(done.out, out=here / "replay", lang="en"),
        "check": lc.check(study, lang="en"),
        "read_streets": lc.read_streets(here / "toy" / "streets.osm"),
    }


LINES = {
    "run": r"<Run '<script>alert\(1\)</script>.*' 1 goal, 3,235 people, out=\S+/toy/out>",
    "results": r"<Results '<script>.* 1 goal, 3,235 people, 2 demand units, 1 facility>",
    "read_run": r"<FinishedRun '<script>.* 1 goal, 3,235 people, out=\S+/toy/out>",
    "access": r"<AccessRun 1 goal, 3,235 people, 1 facility, out=\S+/access>",
    "site": r"<Sited 'clinic' mclp, 1 new site, covered 0\.0% -> 100\.0%, out=\S+/site>",
    "compare": r"<Comparison '.* -> .*' 1 goal, 0 people gained, 0 people lost, out=\S+/compare>",
    "replay": r"<Replay 'study.yaml' every figure the same, 0 changed inputs, out=\S+/replay>",
    "check": r"<Checked 0 errors, \d warnings?, \d notes?>",
    "read_streets": r"<Streets 1 street, 0 ferry lines, 60 nodes>",
}


@pytest.mark.parametrize("name", LINES)
def test_one_line_says_what_matters(shown, name):
    line = repr(shown[name])
    assert re.fullmatch(LINES[name], line), line
    assert line.isprintable() and len(line) < 500


@pytest.mark.parametrize("name", LINES)
def test_notebooks_get_a_table_in_which_names_are_data(shown, name):
    page = shown[name]._repr_html_()
    assert set(re.findall(r"<\s*/?\s*(\w+)", page)) <= {"div", "p", "table", "thead", "tbody", "tr", "th", "td"}
    assert "{{" not in page and "\x1b" not in page and "\u202e" not in page
    assert unescape(page).startswith(f"<div><p>{shown[name]!r}</p>")


def test_tables_hold_the_figures(shown):
    assert "<td>clinic</td><td>38.17%</td><td>1,235</td><td>3,235</td><td>✓ met</td>" in shown["run"]._repr_html_()
    assert "<td>clinic</td><td>10</td><td>3,235</td><td>1,235</td>" in shown["access"]._repr_html_()
    assert "<td>&lt;b&gt;P&lt;/b&gt;</td>" in shown["site"]._repr_html_()


def test_a_map_in_a_notebook_runs_no_name(shown):
    page = lc.gap_map(shown["run"], lang="en")._repr_html_()
    assert "<script>alert(1)" not in page and "<script>alert(1)" not in unescape(page)


class Many(Shown):
    def portrait(self):
        return Portrait([counted(1, "ferry", "ferries")], columns=("a",), name=HIDDEN, rows=[(HIDDEN,)] * (MOST_ROWS + 3))


def test_long_tables_say_that_they_go_on():
    assert repr(Many()) == "<Many '[2Jexe next' 1 ferry>" and "and 3 more" in Many()._repr_html_()
    assert Many()._repr_html_().count("<td>[2Jexe next</td>") == MOST_ROWS
