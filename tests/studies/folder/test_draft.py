"""A draft and its swap: the user's files, the lock, and what is left wherever a command is killed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from step_kills import write_results

from lifecircle.geo.errors import InputError, StudyError
from lifecircle.studies.folder import draft as draft_module
from lifecircle.studies.folder import swap
from lifecircle.studies.folder.draft import draft_file, draft_folder, settle_folder
from lifecircle.studies.folder.left_files import COMPARISON, RUN, SITING
from lifecircle.studies.speech.messages import speaker

SAY = speaker("en")
FIRST = {"scorecard.csv": "1", "map-fit.png": "1", "minutes-fit.tif": "1", "map-near.svg": "1"}
SECOND = {"scorecard.csv": "2", "map-near.svg": "2"}


def names(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def out(tmp_path):
    """A folder with the results of an earlier run."""
    write_results(tmp_path / "out", FIRST)
    return tmp_path / "out"


def test_files_of_an_earlier_run_go_and_those_of_the_user_stay(out):
    (out / "mine").mkdir()
    for name in ("notes.docx", "mine/map-fit.png", "map-county.png", "results.gpkg-wal.txt"):
        (out / name).write_text("mine")
    write_results(out, SECOND)
    mine = ["map-county.png", "mine/map-fit.png", "notes.docx", "results.gpkg-wal.txt"]
    assert names(out) == sorted([*SECOND, *mine, "run.json"])
    assert (out / "scorecard.csv").read_text() == "2" and (out / "notes.docx").read_text() == "mine"
    assert names(out.parent) == [f"out/{name}" for name in names(out)]


def test_sidecars_of_results_that_are_replaced_go_too(out):
    for name in ("minutes-fit.tif.aux.xml", "scorecard.csv-wal", "mine.tif.aux.xml"):
        (out / name).touch()
    write_results(out, {**SECOND, "results.gpkg": "2", "results.gpkg-journal": ""})
    assert names(out) == sorted([*SECOND, "mine.tif.aux.xml", "results.gpkg", "run.json"])


def test_comparisons_and_replays_of_the_run_before_go_with_it(out):
    write_results(out / "compare", {"shares.csv": "1"}, COMPARISON)
    write_results(out / "replay", FIRST)
    (out / "replay" / "notes.docx").touch()
    write_results(out / "siting", {"sites.csv": "1"}, SITING)
    write_results(out, SECOND)
    assert names(out) == sorted([*SECOND, "replay/notes.docx", "run.json", "siting/plan.json", "siting/sites.csv"])
    assert not (out / "compare").exists()


def test_the_first_version_is_known_by_its_names(out):
    (out / "run.json").write_text('{"parameters": {}}')  # lists no outputs
    for name in ("gaps.geojson", "map-fit.svg", "map-county.png"):
        (out / name).touch()
    write_results(out, {"scorecard.csv": "2"})
    # of `near` one of three files is there: nobody can tell whose it is
    assert names(out) == ["map-county.png", "map-near.svg", "run.json", "scorecard.csv"]


def test_a_record_gives_no_leave_to_delete_other_files(out):
    (out.parent / "precious.txt").touch()
    (out / "notes.docx").touch()
    record = json.loads((out / "run.json").read_text())
    named = ["../precious.txt", "notes.docx", str(out.parent / "precious.txt"), "", ".", "mine/../scorecard.csv"]
    record["outputs"] += [{"file": name, "sha256": "", "bytes": 0} for name in named]
    (out / "run.json").write_text(json.dumps(record))
    write_results(out, SECOND)
    assert (out.parent / "precious.txt").exists() and (out / "notes.docx").exists()


@pytest.mark.parametrize("name", ["scorecard.csv", "map-fit.png"])
def test_what_only_bears_the_name_of_a_result_is_not_written_over(tmp_path, name):
    (tmp_path / name).write_text("mine")
    with (
        pytest.raises(StudyError, match=rf"{name} lies where a result would go"),
        draft_folder(tmp_path, RUN, SAY, goals=["fit"]),
    ):
        raise AssertionError("must not be entered")
    assert names(tmp_path) == [name]


def test_results_of_another_command_are_not_written_over(out):
    write_results(out, {"map.html": "1"})
    with pytest.raises(StudyError, match="no earlier site is known to have written it"), draft_folder(out, SITING, SAY):
        raise AssertionError("must not be entered")


def test_a_file_the_user_put_there_while_computing_stops_the_swap(tmp_path):
    with pytest.raises(StudyError, match="lies where a result would go"), draft_folder(tmp_path, RUN, SAY) as draft:
        (draft.folder / "map.html").touch()
        draft.write_record({"parameters": {}})
        (tmp_path / "map.html").write_text("mine")
        draft.swap_in()
    assert names(tmp_path) == ["map.html"] and (tmp_path / "map.html").read_text() == "mine"


def test_a_second_command_is_refused_at_once_and_told_who_holds_the_folder(out):
    before = names(out)
    with draft_folder(out, RUN, SAY):
        code = "import sys; sys.path.insert(0, sys.argv[1]); from step_kills import *; write_results(Path(sys.argv[2]), {})"
        tests = str(Path(__file__).parents[2])
        done = subprocess.run([sys.executable, "-c", code, tests, str(out)], capture_output=True, text=True, check=False)
        assert f"lifecircle run (process {os.getpid()} on " in done.stderr and done.returncode == 1
        link = out.parent / "link"
        link.symlink_to(out)
        with pytest.raises(StudyError, match=r"is writing there; wait until it ends"), draft_folder(link, RUN, SAY):
            raise AssertionError("must not be entered")
        link.unlink()
    assert names(out.parent) == [f"out/{name}" for name in before]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, SystemExit])
def test_nothing_is_left_of_a_draft_that_is_given_up(tmp_path, error):
    with pytest.raises(error), draft_folder(tmp_path / "new" / "place" / "out", RUN, SAY) as draft:
        (draft.folder / "map.html").touch()
        raise error
    assert list(tmp_path.iterdir()) == []


def test_writers_errors_name_the_file_and_the_earlier_results_stay(out):
    before = {name: (out / name).read_bytes() for name in names(out)}
    with pytest.raises(StudyError) as error, draft_folder(out, RUN, SAY) as draft, draft.writing("map.html") as file:
        raise OSError(28, "No space left on device", str(file))
    assert f"{out / 'map.html'} could not be written (No space left on device)." in str(error.value)
    with pytest.raises(StudyError) as error, draft_folder(out, RUN, SAY) as draft, draft.writing("results.gpkg") as file:
        raise RuntimeError(f"sqlite3_exec({file}) failed: disk I/O error")
    assert f"sqlite3_exec({out / 'results.gpkg'}) failed" in str(error.value)
    assert {name: (out / name).read_bytes() for name in names(out)} == before


@pytest.mark.parametrize("held", ["scorecard.csv", "map-fit.png", "run.json"])
@pytest.mark.parametrize("coming", [True, False])
def test_a_file_that_another_program_holds_open_leaves_the_earlier_results(out, monkeypatch, held, coming):
    """As on Windows, where an open file can be neither moved nor replaced."""
    move, before = swap._move, {name: (out / name).read_bytes() for name in names(out)}

    def refuse(source, target):
        """Move old files out, or new ones in, but not the one held; what is undone may pass."""
        comes, goes = source.parent.name == swap.NEW, target.parent.name == swap.OLD
        if source.name == held and (comes if coming and held != "map-fit.png" else goes):
            raise PermissionError(13, "is used by another process", str(source), None, str(target))
        move(source, target)

    monkeypatch.setattr(swap, "_move", refuse)
    with pytest.raises(StudyError, match=rf"{held} cannot be replaced \(is used by another process\)"):
        write_results(out, SECOND)
    assert {name: (out / name).read_bytes() for name in names(out.parent / "out")} == before
    assert sorted(path.name for path in out.parent.iterdir()) == ["out"]


def test_a_folder_that_is_a_link_stays_one(out, tmp_path):
    (tmp_path / "link").symlink_to(out)
    write_results(tmp_path / "link", SECOND)
    assert (tmp_path / "link").is_symlink() and names(out) == sorted([*SECOND, "run.json"])


def test_the_folder_itself_stays_so_that_whoever_stands_in_it_sees_the_new_results(out, monkeypatch):
    monkeypatch.chdir(out)
    inode = out.stat().st_ino
    write_results(Path(), SECOND)
    assert out.stat().st_ino == inode and Path("scorecard.csv").read_text() == "2"


@pytest.mark.parametrize("what", ["file", "below a file"])
def test_what_is_no_folder_is_refused(tmp_path, what):
    (tmp_path / "out").touch()
    place = tmp_path / "out" if what == "file" else tmp_path / "out" / "below"
    with pytest.raises(StudyError, match=r"is no folder|cannot be written there"), draft_folder(place, RUN, SAY):
        raise AssertionError("must not be entered")


def test_a_file_and_its_refused_rows_change_places_together(tmp_path):
    target = tmp_path / "table.csv"
    target.write_text("1")
    (tmp_path / "table.rejected.csv").write_text("1")
    with draft_file(target, "matrix", SAY) as draft:
        (draft.folder / draft.name).write_text("2")
        draft.swap_in(["table.rejected.csv"])
    assert names(tmp_path) == ["table.csv"] and target.read_text() == "2"
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(StudyError, match="is no ordinary file"), draft_file(tmp_path / "folder.csv", "matrix", SAY):
        raise AssertionError("must not be entered")


@pytest.mark.parametrize("dog", [True, False], ids=["watchdog", "next command"])
def test_killed_before_any_step_it_leaves_the_old_results_or_the_new_ones(tmp_path, dog):
    """Every step on the disk is tried: a fork is killed before it, cleared up after, and judged."""
    driver = Path(__file__).parents[2] / "step_kills.py"
    done = subprocess.run(
        [sys.executable, str(driver), str(tmp_path), str(int(dog))], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    verdicts = json.loads(done.stdout)
    assert set(verdicts) == {"old", "new"}, verdicts
    first_new = verdicts.index("new")
    assert "old" not in verdicts[first_new:] and first_new > 5 and len(verdicts) - first_new > 5


def test_a_plan_of_a_strangers_making_moves_nothing_out_of_its_folder(out, monkeypatch):
    monkeypatch.setattr(draft_module, "WAIT_SECONDS", 0.05)
    draft = swap.beside(out)
    (draft / swap.NEW).mkdir(parents=True)
    (draft / swap.OWNER).touch()
    swap.plan(draft, ["../evil.txt"], ["../precious.txt"])  # sealed as our own, and still not out of the folder
    (draft / "evil.txt").touch()
    (out.parent / "precious.txt").touch()
    with pytest.raises(StudyError, match="nothing of it is carried out"), draft_folder(out, RUN, SAY):
        raise AssertionError("must not be entered")
    with pytest.raises(InputError, match="nothing of it is carried out"):
        settle_folder(out, SAY)
    assert (out.parent / "precious.txt").exists() and not (out.parent / "evil.txt").exists()
