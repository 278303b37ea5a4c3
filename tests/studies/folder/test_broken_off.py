"""Commands that are killed, stopped or run out of room leave the old results or the new ones, and say so in one sentence."""

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from breaking import KILLS, drafts, kill_often, lifecircle, sums, wait_for, wait_for_watchdog, write_scene
from typer.testing import CliRunner

from lifecircle.geo.errors import InputError, StudyError
from lifecircle.studies.commands import app
from lifecircle.studies.comparing.compare import compare
from lifecircle.studies.comparing.replay import replay
from lifecircle.studies.coverage import run as running
from lifecircle.studies.coverage.run import run
from lifecircle.studies.folder.finished import read_run
from lifecircle.studies.speech.messages import speaker


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """Two studies, both run."""
    folder = tmp_path_factory.mktemp("ran")
    write_scene(folder)
    for name in "ab":
        run(folder / f"{name}.yaml", out=folder / name, lang="en")
    return folder


@contextmanager
def largest_file(bytes_: int) -> Iterator[None]:
    """As on a full disk: no file grows beyond so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def spoilt(ran, tmp_path):
    """Copies of both runs, to be spoilt."""
    for name in "ab":
        shutil.copytree(ran / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize("moment", ["writing", "exchange"])
def test_a_killed_run_leaves_the_old_results_or_the_new_ones(ran, spoilt, moment):
    """A taste; `./run test-slow` kills every command often."""
    before = sums(spoilt)
    started = lifecircle(ran, ["run", "a.yaml", "--out", str(spoilt / "b")])
    wait_for(moment, spoilt, started, random.Random(7))
    with suppress(ProcessLookupError):  # it came to its end before
        os.killpg(started.pid, signal.SIGKILL)
    started.communicate()
    wait_for_watchdog(spoilt)
    assert drafts(spoilt) == []
    if sums(spoilt) != before:
        assert read_run(spoilt / "b", speaker("en")).study.journeys[0].minutes == 10
        assert sums(spoilt).keys() == before.keys()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_command_that_is_stopped_says_so_and_leaves_nothing(ran, tmp_path, number, code):
    before = sums(ran)
    started = lifecircle(ran, ["run", "a.yaml", "--out", "b"])
    while started.poll() is None and not drafts(ran):
        pass
    os.kill(started.pid, number)
    _, said = started.communicate()
    lines = [line for line in said.decode().splitlines() if "✓" not in line and "elevation" not in line]
    assert started.returncode == code and lines == ["Stopped; nothing is left half-written."]
    assert drafts(ran) == [] and sums(ran) == before


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # openpyxl's, of the book it gave up
@pytest.mark.parametrize("bytes_", [0, 1_000, 7_000, 40_000, 200_000, 260_000])
def test_a_full_disk_leaves_the_old_results_and_names_the_file(ran, bytes_):
    before = sums(ran)
    with (
        largest_file(bytes_),
        pytest.raises(StudyError, match=r"could not be written \(|cannot be written there \(File too large\)"),
    ):
        run(ran / "a.yaml", out=ran / "b", lang="en")
    assert sums(ran) == before and drafts(ran) == []


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_full_disk_is_one_sentence_on_the_command_line(ran):
    before = sums(ran)
    with largest_file(5_000):
        done = CliRunner().invoke(app, ["run", str(ran / "a.yaml"), "--out", str(ran / "b"), "--lang", "en"])
    assert done.exit_code == 1 and "What was there before is as it was" in done.output and sums(ran) == before


@pytest.mark.parametrize("name", ["map.html", "scorecard.csv", "map-clinic.svg"])
@pytest.mark.parametrize("how", ["changed by hand", "of another run"])
def test_a_run_is_not_believed_once_one_of_its_files_is_another(spoilt, name, how):
    file = spoilt / "a" / name
    file.write_bytes((spoilt / "b" / name).read_bytes() if how == "of another run" else file.read_bytes() + b"\n")
    for read in (lambda: compare(spoilt / "b", spoilt / "a", lang="en"), lambda: replay(spoilt / "a", lang="en")):
        with pytest.raises(InputError, match=rf"{name} is not as the run wrote it"):
            read()
    assert not (spoilt / "a" / "compare").exists() and not (spoilt / "a" / "replay").exists()


def test_a_run_of_which_a_file_is_missing_is_not_believed(spoilt):
    (spoilt / "a" / "report.html").unlink()
    with pytest.raises(InputError, match=r"report\.html is missing"):
        compare(spoilt / "b", spoilt / "a", lang="en")


def test_a_record_of_the_first_version_is_believed_with_a_remark(spoilt, capsys):
    record = json.loads((spoilt / "a" / "run.json").read_text())
    del record["outputs"]
    (spoilt / "a" / "run.json").write_text(json.dumps(record))
    compare(spoilt / "b", spoilt / "a", causes=False, lang="en")
    assert "does not list its results" in capsys.readouterr().err


def test_every_output_of_a_run_stands_in_its_record(ran):
    record = json.loads((ran / "a" / "run.json").read_text())
    files = {path.name: path.stat().st_size for path in (ran / "a").iterdir() if path.name != "run.json"}
    assert {output["file"]: output["bytes"] for output in record["outputs"]} == files
    assert {"map.html", "minutes-clinic.tif", "map-clinic.svg", "results.gpkg"} <= files.keys()


def test_a_fault_of_ours_is_one_sentence_with_its_traceback_in_a_file(ran, monkeypatch, tmp_path):
    def fault(*arguments):
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr(running, "read_situation", fault)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    line = ["run", str(ran / "a.yaml"), "--out", str(tmp_path / "out"), "--lang", "en"]
    done = CliRunner().invoke(app, line)
    (log,) = tmp_path.glob("lifecircle-error-*.txt")
    assert done.exit_code == 1 and str(log) in done.output and "ZeroDivisionError: by nothing" in done.output
    assert "Traceback" not in done.output and "in run" not in done.output and "run_study" in log.read_text()
    monkeypatch.setenv("LIFECIRCLE_TRACEBACK", "1")
    assert isinstance(CliRunner().invoke(app, line).exception, ZeroDivisionError)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "kills"), KILLS.items())
def test_killed_often_it_always_leaves_the_old_results_or_the_new_ones(name, kills):
    found, seconds = kill_often(name, kills)
    print(name, dict(found), f"drafts gone after at most {seconds:.3f} s")
    assert {what.split(" ", 1)[1] for what in found} == {"old", "new"}, found


@pytest.mark.slow
@pytest.mark.parametrize("kilobytes", range(50, 1_300, 50))
@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="mounting a small disk takes root on Linux")
def test_a_disk_that_fills_up_at_any_file(ran, tmp_path, kilobytes):
    """A real small disk: the old results (as on any disk before) fill most of it, and the new ones do not fit."""
    disk = tmp_path / "disk"
    disk.mkdir()
    size = sum(path.stat().st_size + 4096 for path in (ran / "b").iterdir()) // 1024 + kilobytes
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}k", "tmpfs", str(disk)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("this machine mounts no small disk: " + mounted.stderr.decode().strip())
    try:
        shutil.copytree(ran / "b", disk / "out")
        before = sums(disk)
        try:
            run(ran / "a.yaml", out=disk / "out", lang="en")
        except StudyError as error:
            assert "could not be written" in str(error) or "cannot be written there" in str(error)
            assert sums(disk) == before
        else:
            assert compare(disk / "out", disk / "out", out=tmp_path / "c", causes=False, lang="en") is not None
        assert drafts(disk) == []
    finally:
        subprocess.run(["umount", str(disk)], check=True)
