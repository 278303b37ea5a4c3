"""A planner is told what the map said that could not be used: in unused.csv, in run.json, in notes and by `check`."""

import json

import pandas as pd
import pytest
import toy_map
from toy_study import everyone, people_table, points_table, run_toy

from lifecircle.geo.reading import unused as kinds
from lifecircle.geo.reading.unused import Unused
from lifecircle.maps.exports.columns import meaning
from lifecircle.studies.check.check import check
from lifecircle.studies.situation.unused import unused_notes, unused_table
from lifecircle.studies.speech.messages import speaker

KINDS = [value for name, value in vars(kinds).items() if name.isupper() and isinstance(value, str)]


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """People and a clinic on a sound street; a lane beside it runs over a node at 95 degrees north."""
    nodes, ways = toy_map.row(60), [toy_map.street(60)]
    nodes |= {101: (0, 1), 102: (0, 95_000), 103: (0, 2), 104: (0, 3)}
    people, places = people_table([("p", 2, 0, 7)]), points_table([("c", 0, 0)])
    folder = tmp_path_factory.mktemp("unused")
    return run_toy(folder, people, places, streets=(nodes, [*ways, ([1, 101, 102, 103, 104], toy_map.ROAD)]))


def test_the_street_beside_it_is_as_it_was(finished):
    assert everyone(finished)["covered"] == 7


def test_a_run_lists_what_it_could_not_use(finished):
    table = pd.read_csv(finished.out / "unused.csv", encoding="utf-8-sig", dtype=str)
    assert table[["kind", "element", "text", "done"]].to_numpy().tolist() == [
        ["coordinates", "n102", "lon=0.0 lat=95.0", "counted as missing; ways are cut there"],
        ["ways cut", "w2", "n102", "split there; both parts stay"],
    ]
    record = json.loads((finished.out / "run.json").read_text(encoding="utf-8"))
    assert record["unused"] == {
        "coordinates": {"count": 1, "examples": [{"element": "n102", "text": "lon=0.0 lat=95.0"}]},
        "ways cut": {"count": 1, "examples": [{"element": "w2", "text": "n102"}]},
    }
    assert sum("n102" in note for note in record["notes"]) == 2
    assert "n102 (lon=0.0 lat=95.0)" in (finished.out / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(("lang", "words"), [("en", "nowhere on the Earth: 1 (n102"), ("zh", "不在地球上的节点：1 个（n102")])
def test_a_check_notes_each_kind(finished, lang, words):
    found = {finding.kind: finding for finding in check(finished.out.parent / "study.yaml", lang=lang)}
    assert words in found["coordinates"].message and "n102" in found["ways_cut"].message
    assert {found[kind].severity for kind in ("coordinates", "ways_cut")} == {"note"}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_kind_has_its_texts_and_says_how_many_more_there_are(language):
    say, unused = speaker(language), Unused()
    for kind in KINDS:
        unused.add_all(kind, [("n0", "x" * 41), *((f"n{number}", "") for number in range(1, 30))])
    table = unused_table(unused, say)
    assert table.groupby("kind").size().to_dict() == dict.fromkeys(KINDS, 21)
    assert (table["done"] != "").all() and table["text"].str.contains("10").sum() == len(KINDS)
    assert all("30" in note and "n0, n1, n2, …" in note for note in unused_notes(unused, say).values())
    assert len(unused_table(Unused(), say)) == 0


def test_the_table_explains_every_kind():
    told = meaning("unused.csv", "kind")
    assert len(KINDS) >= 9 and [kind for kind in KINDS if kind not in told.zh or kind not in told.en] == []


def test_a_run_lists_ferries_that_meet_no_street(tmp_path):
    """One boat ends a step beside the street and far from any; another never comes near one."""
    nodes = {**toy_map.row(60), 101: (3, 1), 102: (3, 30), 103: (9, 40), 104: (20, 40)}
    boat = {"route": "ferry"}
    ways = [toy_map.street(60), ([101, 102], boat), ([103, 104], boat)]
    people, places = people_table([("p", 2, 0, 7)]), points_table([("c", 0, 0)])
    finished = run_toy(tmp_path, people, places, streets=(nodes, ways))
    table = pd.read_csv(finished.out / "unused.csv", encoding="utf-8-sig", dtype=str)
    assert table[["kind", "element", "text"]].to_numpy().tolist() == [
        ["landings", "w2", "walk: 111 m"],
        ["landings missing", "w3", "walk"],
    ]
