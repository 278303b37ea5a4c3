"""A recorded study answered again: the same figures, or every difference named."""

import json
import os
import shutil
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from quick_runs import tables_only
from toy_study import GOAL, people_table, points_table, run_toy
from typer.testing import CliRunner

from lifecircle.geo.errors import InputError, StudyError
from lifecircle.studies.commands import app
from lifecircle.studies.comparing.replay import replay
from lifecircle.studies.file.study import with_parts
from lifecircle.studies.folder.finished import read_run
from lifecircle.studies.speech.messages import speaker

PEOPLE = people_table([("a", 1, 0, 10), ("b", 9, 0, 20), ("c", 31, 0, 40)])
PLACES = points_table([("west", 0, 0), ("east", 30, 0)])


@pytest.fixture(autouse=True, scope="module")
def quickly():
    with tables_only():
        yield


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    return run_toy(tmp_path_factory.mktemp("recorded") / "study", PEOPLE, PLACES).out.parent


@pytest.fixture
def study(recorded, tmp_path):
    """The recorded study copied to a folder of its own, its record with it."""
    folder = Path(shutil.copytree(recorded, tmp_path / "study"))
    record = folder / "out" / "run.json"
    record.write_text(record.read_text(encoding="utf-8").replace(str(recorded), str(folder)), encoding="utf-8")
    return folder


def call(*args):
    return CliRunner().invoke(app, ["replay", *map(str, args), "--lang", "en"])


def test_the_same_comes_out_even_without_its_study_file_and_from_elsewhere(study, tmp_path):
    (study / "study.yaml").unlink()
    moved = Path(shutil.move(study / "out", tmp_path / "archive"))
    called = call(moved / "run.json")
    assert called.exit_code == 0, called.output
    assert "Same again" in called.output and "answered as it was recorded" in called.output
    assert read_run(moved / "replay", speaker("en")).scorecard["covered"].tolist() == [50]


def test_a_changed_input_is_named_with_every_figure_that_differs(study):
    points_table([("west", 0, 0)]).to_csv(study / "facilities.csv", index=False)
    called = call(study / "out")
    assert called.exit_code == 1
    assert f"input file has changed: {study / 'facilities.csv'}" in called.output
    assert "clinic · all · covered: then 50.0, now 10.0" in called.output
    assert "clinic: 1 demand units differ in status" in called.output
    again = CliRunner().invoke(app, ["replay", str(study / "out"), "--json"])
    said = json.loads(again.stdout)
    assert again.exit_code == 1 and not said["same"]
    assert said["changed_inputs"] == [{"file": str(study / "facilities.csv"), "what": "changed"}]
    assert {row["figure"]: (row["then"], row["now"]) for row in said["differences"]}["facilities"] == (2, 1)


def test_people_who_change_places_are_a_difference_though_sums_are_the_same(study):
    PEOPLE.assign(lon=PEOPLE["lon"].to_numpy()[[1, 0, 2]], people=[20, 10, 40]).to_csv(study / "people.csv", index=False)
    done = replay(study / "out", lang="en")
    assert done.differences.empty and not done.same
    assert done.units.to_numpy().tolist() == [["clinic", "minutes", 2], ["clinic", "status", 2]]


def forge_run(folder, **outputs):
    """Let a run's record list only what is given."""
    record = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps({**record, "outputs": [], **outputs}))


@pytest.mark.parametrize("name", ["run.json", "scorecard.csv", "demand.parquet", "results.gpkg"])
def test_nobody_waits_for_a_pipe_in_a_strangers_run(study, name):
    forge_run(study / "out")
    (study / "out" / name).unlink()
    os.mkfifo(study / "out" / name)
    with pytest.raises(InputError, match=name):
        read_run(study / "out", speaker("en"))


@pytest.mark.parametrize("record", ["[" * 100_000, "1" * 5_000, "{", '"text"', "\0", "[1]"])
def test_a_record_that_is_none_is_one_error(study, record):
    (study / "out" / "run.json").write_text(record)
    with pytest.raises(InputError, match=r"run\.json"):
        read_run(study / "out", speaker("en"))


def test_a_recipe_in_the_place_of_results_is_not_followed(study):
    forge_run(study / "out")
    source = "<OGRVRTDataSource><OGRVRTLayer name='facilities'><SrcDataSource>{}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    moved = Path(shutil.move(study / "out" / "results.gpkg", study / "other.gpkg"))
    (study / "out" / "results.gpkg").write_text(source.format(moved))
    with pytest.raises(InputError, match=r"no \.gpkg file inside"):
        read_run(study / "out", speaker("en"))


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" * 4, b"\0" * 100])
def test_people_that_cannot_be_read_back_are_one_error(study, content):
    forge_run(study / "out")
    (study / "out" / "demand.parquet").write_bytes(content)
    with pytest.raises(InputError, match=r"demand\.parquet"):
        read_run(study / "out", speaker("en"))


def test_a_missing_input_is_one_error(study):
    (study / "people.csv").unlink()
    called = call(study / "out")
    assert called.exit_code == 1
    assert (
        called.output.strip()
        == f"Error: cannot replay: these input files are gone: {study / 'people.csv'}. Put them back and try again."
    )


def test_a_run_is_never_overwritten_by_its_replay(study):
    with pytest.raises(StudyError, match="would be overwritten"):
        replay(study / "out", out=study / "out", lang="en")


def test_no_run_is_one_error(tmp_path):
    with pytest.raises(InputError, match="holds no run"):
        replay(tmp_path, lang="en")


def test_other_versions_are_named(study):
    record = json.loads((study / "out" / "run.json").read_text(encoding="utf-8"))
    record["versions"]["numpy"] = "0.9"
    (study / "out" / "run.json").write_text(json.dumps(record), encoding="utf-8")
    done = replay(study / "out", lang="en")
    assert done.same and done.versions["numpy"][0] == "0.9"


def test_a_shapefile_is_all_of_its_parts(tmp_path):
    """Its people stand in the .dbf: the .shp alone would look the same."""
    shapes = gpd.GeoDataFrame(PEOPLE, geometry=gpd.points_from_xy(PEOPLE["lon"], PEOPLE["lat"]), crs="EPSG:4326")
    file = tmp_path / "people.shp"
    shapes[["id", "people", "geometry"]].to_file(file)
    out = run_toy(tmp_path / "shaped", PEOPLE, PLACES, demand={"file": str(file)}).out
    shapes.assign(people=[1, 2, 3])[["id", "people", "geometry"]].to_file(file)
    done = replay(out, lang="en")
    assert [Path(entry.file).name for entry in done.changed] == ["people.dbf"] and not done.same


def test_a_folder_is_the_files_in_it(tmp_path):
    folder = tmp_path / "zones.gdb"
    folder.mkdir()
    for name in ("a00000001.gdbtable", "timestamps", "PC.sr.lock"):
        (folder / name).touch()
    assert [part.name for part in with_parts(folder)] == ["a00000001.gdbtable", "timestamps"]


def test_goals_of_a_plan_that_lack_data_lack_it_again(tmp_path):
    """A goal that waits for a number of the planner's must not be answered with an example."""
    out = run_toy(tmp_path / "plan", PEOPLE, PLACES, goals=[GOAL], plans=["zhejiang-14fyp"]).out
    done = replay(out, lang="en")
    assert done.same, done.differences
    cards = [pd.read_csv(folder / "scorecard.csv") for folder in (out, done.out)]
    assert (cards[0]["reason"] == "lacks").sum() > 50
    pd.testing.assert_frame_equal(*cards)
