"""Two runs of toy studies beside each other: every change is put into its cause, and the causes add up to the whole."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
import toy_map
import yaml
from quick_runs import tables_only
from sealing import seal_again
from toy_study import GOAL, people_table, points_table, run_toy
from typer.testing import CliRunner

from lifecircle.geo.errors import InputError, StudyError
from lifecircle.studies.commands import app
from lifecircle.studies.comparing import compare as comparing
from lifecircle.studies.comparing.compare import compare
from lifecircle.studies.coverage.run import run

# 600 s at 1 m/s: 5 steps of 111.3 m are within the limit, 6 are not.
PEOPLE = people_table(
    [("a", 1, 0, 10, 4, "urban"), ("b", 9, 0, 20, 5, "rural"), ("c", 31, 0, 40, 50, "rural"), ("d", 50, 0, 5, 1, "urban")],
    "kids",
    "kind",
)
WEST, EAST, FAR = ("west", 0, 0), ("east", 30, 0), ("far", 49, 0)
BOTH = points_table([WEST, EAST])  # a and c are covered: 50 of 75
DEMAND = {"groups": {"kids": "kids"}, "urban": {"column": "kind"}}
CAUSES = ["streets", "people", "facilities", "definitions"]


@pytest.fixture(autouse=True, scope="module")
def quickly():
    with tables_only() as patch:
        patch.setattr(comparing, "write_gap_map", lambda *args, **options: None)
        yield


def finished(folder, people=PEOPLE, places=BOTH, **study):
    """Run a study of PEOPLE and BOTH; keywords change it."""
    return run_toy(folder, people, places, **{"demand": DEMAND, **study}).out


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A run that tests leave as it is."""
    return finished(tmp_path_factory.mktemp("base") / "2024")


@pytest.fixture(scope="module")
def struck(tmp_path_factory):
    """The same with the eastern facility struck out."""
    return finished(tmp_path_factory.mktemp("struck") / "2025", places=points_table([WEST]))


@pytest.fixture
def copied(base, tmp_path):
    """The base run somewhere else, to be spoilt."""
    return Path(shutil.copytree(base, tmp_path / "moved"))


@pytest.fixture
def finish(tmp_path):
    """Run a study in a folder of its own."""
    return lambda name, *tables, **study: finished(tmp_path / name, *tables, **study)


def effects(done, goal="clinic"):
    rows = done.causes[done.causes["goal"] == goal]
    return dict(zip(rows["cause"], rows["people"], strict=True))


def only(cause, people):
    return {**dict.fromkeys(CAUSES, 0.0), cause: people}


def whole(done, goal="clinic"):
    return done.shares.query("goal == @goal and level == 'all'")["covered_change"].iloc[0]


def test_a_run_compared_with_itself_does_not_change(base):
    done = compare(base, base, lang="en")
    assert effects(done) == dict.fromkeys(CAUSES, 0.0)
    assert done.shares[["covered_change", "share_change", "value_change"]].to_numpy().tolist() == [[0, 0, 0]]
    change = done.units["clinic"]
    assert (change.gained, change.lost, change.grown) == (0, 0, 0)
    assert set(done.facilities["change"]) == {"same"} and done.owed.empty
    assert (done.groups[["gained", "lost", "share_change"]] == 0).all(axis=None)
    assert pd.read_csv(done.out / "units.csv").empty
    said = json.loads(CliRunner().invoke(app, ["compare", str(base), str(base / "run.json"), "--json"]).stdout)
    assert said["gained"] == said["lost"] == {"clinic": 0} and said["facilities"] == said["owed"] == said["not_again"] == []
    assert {row["people"] for row in said["causes"]} == {0}


def test_one_facility_removed_gives_exactly_its_loss(base, struck):
    done = compare(base, struck, lang="en")
    row = done.owed.iloc[0]
    assert len(done.owed) == 1
    assert row[["goal", "facility", "change", "gained", "lost"]].tolist() == ["clinic", "east", "closed", 0, 40]
    assert effects(done) == only("facilities", -40) and whole(done) == -40
    points = done.causes.set_index("cause")["points"]
    assert points["facilities"] == pytest.approx(-100 * 40 / 75)
    assert (done.before, done.after) == ("2024", "2025")  # the studies are called the same, and so are their folders `out`
    groups = done.groups.set_index("group")
    assert groups["lost"].to_dict() == {"urban": 0, "rural": 40, "group.kids": 40}  # never more children than people
    assert groups.loc["rural", ["share_before", "share_after"]].tolist() == [pytest.approx(40 / 60), 0]
    units = pd.read_csv(done.out / "units.csv")
    assert units[["id", "change", "people_before", "facility_before"]].to_numpy().tolist() == [["c", "lost", 40, "east"]]


def test_one_facility_opened_and_one_moved(base, finish):
    done = compare(base, finish("2025", places=points_table([WEST, EAST, FAR])), lang="en")
    assert done.owed[["facility", "change", "gained", "lost"]].to_numpy().tolist() == [["far", "opened", 5, 0]]
    assert effects(done) == only("facilities", 5)
    moved = compare(base, finish("2026", places=points_table([WEST, ("east", 10, 0)])), lang="en")
    assert moved.owed[["facility", "change", "gained", "lost"]].to_numpy().tolist() == [["east", "moved", 20, 40]]
    assert effects(moved) == only("facilities", -20)


def test_a_bridge_is_a_change_of_streets(base, finish):
    broken = (toy_map.row(60), [toy_map.street(31), toy_map.street(29, first=32)])  # no way from step 30 to 31
    done = compare(finish("2024", streets=broken), base, lang="en")
    assert effects(done) == only("streets", 40) and done.owed.empty
    assert (done.units["clinic"].gained, done.units["clinic"].lost) == (40, 0)


def test_a_facility_of_the_map_is_no_street(finish):
    """Where facilities are read from the streets' file, a new extract changes both."""
    nodes = toy_map.row(60) | {900: (30, 0.1), 901: (30.1, 0.1), 902: (30.1, 0.2)}
    clinic = ([900, 901, 902, 900], {"amenity": "hospital"})
    broken = [toy_map.street(41), toy_map.street(19, first=42)]
    maps = {"2024": (nodes, [*broken, clinic]), "2025": (nodes, [toy_map.street(60)])}
    osm = {"facilities": {"health": ["osm", {"file": "facilities.csv", "id": "id"}]}}
    runs = [finish(name, places=points_table([("far", 45, 0)]), streets=streets, **osm) for name, streets in maps.items()]
    done = compare(*runs, lang="en")
    assert done.owed[["change", "lost"]].to_numpy().tolist() == [["closed", 40]]
    assert effects(done) == only("facilities", -40)


def test_more_people_and_a_longer_limit_come_apart(base, finish):
    more = PEOPLE.assign(people=[10, 20, 60, 5])
    done = compare(base, finish("2025", more, goals=[{**GOAL, "minutes": 17}]), lang="en")
    assert effects(done) == {"streets": 0, "people": 20, "facilities": 0, "definitions": 20}  # b walks 1,002 s
    change = done.units["clinic"]
    assert (change.gained, change.lost, change.grown) == (20, 0, 20)
    assert change.gained - change.lost + change.grown == whole(done) == done.causes["people"].sum()


def test_everything_at_once_adds_up(finish):
    broken = (toy_map.row(60), [toy_map.street(31), toy_map.street(29, first=32)])
    more = PEOPLE.assign(people=[15, 20, 60, 5])
    places = points_table([EAST, FAR])
    done = compare(finish("2024", streets=broken), finish("2025", more, places, goals=[{**GOAL, "minutes": 17}]), lang="en")
    # 10 covered; + c 40 over the bridge; + a 5 and c 20 more people; - a 15 and + d 5; nobody lives 600 to 1,020 s off
    assert effects(done) == {"streets": 40, "people": 25, "facilities": -10, "definitions": 0}
    assert done.causes["people"].sum() == whole(done) == 55
    assert done.causes["points"].sum() == pytest.approx(100 * done.shares["share_change"].iloc[0], abs=1e-9)


def test_a_group_goal_counts_its_group(finish):
    goal = {**GOAL, "group": "kids"}
    done = compare(finish("2024", goals=[goal]), finish("2025", places=points_table([EAST]), goals=[goal]), lang="en")
    assert (done.units["clinic"].gained, done.units["clinic"].lost) == (0, 4)
    assert effects(done) == only("facilities", -4)
    assert list(done.groups["group"]) == ["urban", "rural"]


def test_causes_that_do_not_go_alone_go_together(finish):
    """The first goal asks for children, whom the second study does not know."""
    before = finish("2024", goals=[{**GOAL, "group": "kids"}])
    done = compare(before, finish("2025", PEOPLE.drop(columns="kids"), demand={}), lang="en")
    assert effects(done) == {"streets": 0, "facilities": 0, "people+definitions": 50 - 44}


def test_what_other_versions_did_is_told_apart(copied, struck, tmp_path):
    before, after = copied, Path(shutil.copytree(struck, tmp_path / "after"))
    card = pd.read_csv(after / "scorecard.csv")
    card.loc[0, ["covered", "share"]] = [7, 7 / 75]  # as another version might have found
    card.to_csv(after / "scorecard.csv", index=False)
    seal_again(after)
    assert effects(compare(before, after, lang="en")) == {**only("facilities", -40), "program": -3}
    record = json.loads((before / "run.json").read_text())
    record["versions"]["lifecircle"] = "0.0"
    (before / "run.json").write_text(json.dumps(record))
    assert compare(before, after, lang="en").causes["people"].sum() == -43


def test_changed_inputs_are_named_and_tables_still_compared(finish, tmp_path):
    before, after = finish("2024"), finish("2025", places=points_table([WEST]))
    folder = after / "compare"
    folder.mkdir()
    for name in ("shares.csv", "units.csv", "groups.csv", "owed.csv", "causes.csv", "map.html"):  # as the first version left them
        (folder / name).touch()
    (folder / "minutes.docx").touch()
    (tmp_path / "2024" / "people.csv").write_text("id,lon,lat,people\na,0,0,1\n")
    (tmp_path / "2025" / "facilities.csv").unlink()
    said = CliRunner().invoke(app, ["compare", str(before), str(after), "--lang", "en"]).output
    assert "people.csv" in said and "2025/facilities.csv are gone or have changed" in said and "40 no longer covered" in said
    assert (folder / "units.csv").exists() and not (folder / "causes.csv").exists() and not (folder / "map.html").exists()
    assert (folder / "minutes.docx").exists()


def test_other_units_under_the_same_row_numbers_are_not_mistaken(finish):
    """Without ids a struck-out row would give everyone below the times of somebody else."""
    numbered = {"urban": {"column": "kind"}, "id": None}
    done = compare(finish("2024", demand=numbered), finish("2025", PEOPLE.iloc[1:], demand=numbered), lang="en")
    change = done.units["clinic"]
    assert (change.gained, change.lost, change.grown) == (0, 10, 0)
    assert effects(done) == only("people", -10)


def test_no_goal_in_common(base, finish):
    with pytest.raises(StudyError, match="the first has clinic, the second other"):
        compare(base, finish("2025", goals=[{**GOAL, "id": "other"}]), lang="en")


def test_study_files_are_run_first(base, struck, tmp_path):
    studies = [shutil.copytree(run.parent, tmp_path / run.parent.name, ignore=lambda *_: ["out"]) for run in (base, struck)]
    done = compare(studies[0] / "study.yaml", studies[1] / "study.yaml", causes=False, lang="zh")
    assert done.units["clinic"].lost == 40 and done.causes is None and done.not_again == []


def test_a_run_is_never_overwritten_by_a_comparison(base):
    with pytest.raises(StudyError, match="would be overwritten"):
        compare(base, base, out=base, lang="en")


def test_names_that_look_like_formulas_or_nothing_come_back(finish, tmp_path):
    west, east = ((-2, 20, "NA", "=中心区"), (20, 60, "-5", "'引号"))
    features = [
        {"type": "Feature", "properties": {"code": code, "name": name}, "geometry": _box(west, east)}
        for west, east, code, name in (west, east)
    ]
    (tmp_path / "zones.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    zones = {"county": {"file": str(tmp_path / "zones.geojson"), "id": "code", "name": "name"}}
    before, after = finish("2024", zones=zones), finish("2025", zones=zones, places=points_table([EAST]))
    done = compare(before, after, causes=False, lang="zh")
    counties = done.shares[done.shares["level"] == "county"].set_index("unit")
    assert counties["name"].to_dict() == {"NA": "=中心区", "-5": "'引号"}
    assert counties["covered_change"].to_dict() == {"NA": -10, "-5": 0}
    assert "'=中心区" in (done.out / "shares.csv").read_text(encoding="utf-8")


def _box(west, east):
    ring = [[x * toy_map.DEGREES, y * toy_map.DEGREES] for x, y in ((west, -5), (east, -5), (east, 5), (west, 5), (west, -5))]
    return {"type": "Polygon", "coordinates": [ring]}


PRESENCE = {"id": "one-each", "check": "presence", "service": "health", "unit": {"level": "county"}, "at_least": 1}


def test_studies_without_people_and_streets_compare_their_checks(tmp_path):
    features = [{"type": "Feature", "properties": {"code": "n"}, "geometry": _box(-2, 20)}]
    (tmp_path / "zones.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    runs = [_check_only(tmp_path, name, places) for name, places in (("2024", [WEST]), ("2025", [WEST, ("b", 5, 0)]))]
    said = CliRunner().invoke(app, ["compare", *map(str, runs), "--lang", "en"])
    assert said.exit_code == 0, said.output
    assert "facilities: 1 opened" in said.output
    assert "1 goals have no figure" in said.output  # the second asks for what no study of tables can tell
    table = pd.read_csv(runs[1] / "compare" / "shares.csv")
    assert table.loc[table["unit"] == "n", ["value_before", "value_after"]].to_numpy().tolist() == [[1, 2]]


def _check_only(folder, name, places):
    points_table(places).to_csv(folder / f"{name}.csv", index=False)
    study = {
        "name": name,
        "zones": {"county": {"file": "zones.geojson", "id": "code"}},
        "facilities": {"health": [{"file": f"{name}.csv", "id": "id"}]},
        "goals": [PRESENCE, "third-party"],
        "out": f"out-{name}",
    }
    (folder / f"{name}.yaml").write_text(yaml.safe_dump(study))
    return run(folder / f"{name}.yaml", lang="en").out


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        (None, InputError, "holds no run.json"),
        ("{", InputError, "cannot be read"),
        ("[]", InputError, "is no record of a run"),
        ('{"parameters": {}, "inputs": [{"file": "a.csv"}]}', InputError, "inputs.0.sha256 is missing"),
        ('{"parameters": {"name": "x", "new_key": 1}}', StudyError, "another version"),
    ],
)
def test_what_is_no_run_is_one_clear_error(copied, text, error, said):
    record = copied / "run.json"
    record.unlink() if text is None else record.write_text(text)
    with pytest.raises(error, match=said):
        compare(copied, copied, lang="en")


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("scorecard.csv", None, "is missing"),
        ("scorecard.csv", b"goal,level\nclinic,all\n", "has no column unit"),
        ("scorecard.csv", b"", "cannot be read"),
        ("scorecard.csv", "goal,区".encode("gb18030"), "cannot be read"),
        ("demand.parquet", b"PAR1", "cannot be read"),
        ("results.gpkg", None, "is missing"),
        ("results.gpkg", b"no database", "cannot be read"),
    ],
)
def test_broken_files_of_a_run_are_named(copied, file, content, said):
    (copied / file).unlink() if content is None else (copied / file).write_bytes(content)
    if content is not None:
        seal_again(copied)
    with pytest.raises(InputError, match=rf"{file} {said}"):
        compare(copied, copied, lang="en")


def test_paths_of_another_system_are_only_names(copied):
    record = json.loads((copied / "run.json").read_text())
    record["inputs"][0]["file"] = r"C:\数据\people.csv"
    record["study"] = r"C:\数据\study.yaml"
    (copied / "run.json").write_text(json.dumps(record), encoding="utf-8")
    assert r"C:\数据\people.csv" in compare(copied, copied, lang="en").not_again
