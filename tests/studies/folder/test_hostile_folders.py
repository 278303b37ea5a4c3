"""A results folder that comes from somebody else: whatever lies in it, nothing outside it is touched, and no command hangs."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lifecircle.geo.errors import InputError, StudyError
from lifecircle.studies.folder import swap
from lifecircle.studies.folder.draft import draft_folder, settle_folder
from lifecircle.studies.folder.left_files import RUN
from lifecircle.studies.speech.messages import speaker

SAY = speaker("en")
pytestmark = pytest.mark.skipif(os.name == "nt", reason="links and their harm are tried on POSIX systems")


@pytest.fixture
def secret(tmp_path):
    """A folder that nobody may touch."""
    folder = tmp_path / "secret"
    folder.mkdir()
    for name in ("authorized_keys", "id_rsa"):
        (folder / name).write_text(name)
    return folder


@pytest.fixture
def results(tmp_path, secret):
    """A results folder with a link that leads out of it, and a file of the user's."""
    folder = tmp_path / "results"
    folder.mkdir()
    (folder / "link").symlink_to(secret)
    (folder / "mine.docx").write_text("mine")
    return folder


def begun(place: Path, new: dict[str, str], gone: list[str], **more: str) -> None:
    """Lay a draft that asks for an exchange."""
    for name, text in new.items():
        file = place / swap.NEW / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    place.mkdir(exist_ok=True)
    (place / swap.OWNER).write_text("{}")
    (place / swap.PLAN).write_text(json.dumps({"new": list(new), "gone": gone, **more}))


def untouched(folder: Path) -> bool:
    return {file.name: file.read_text() for file in folder.iterdir()} == {n: n for n in ("authorized_keys", "id_rsa")}


def write(out: Path) -> None:
    with draft_folder(out, RUN, SAY):
        pass


@pytest.mark.parametrize("place", [swap.beside, swap.inside])
@pytest.mark.parametrize("seal", [{}, {"seal": "0" * 64}])
def test_a_plan_that_is_not_ours_is_never_carried_out(results, secret, place, seal):
    begun(place(results), {"link/authorized_keys": "HACKED"}, ["link/id_rsa", "mine.docx"], **seal)
    with pytest.raises(InputError, match="nothing of it is carried out"):
        settle_folder(results, SAY)
    if place is swap.beside:
        with pytest.raises(StudyError, match="nothing of it is carried out"):
            write(results)
    assert untouched(secret)
    assert (results / "mine.docx").read_text() == "mine"


def test_our_own_plan_is_carried_out_but_not_for_another_folder(tmp_path):
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "map.html").write_text("old")
    draft, elsewhere = swap.beside(tmp_path / "here"), swap.beside(tmp_path / "there")
    begun(draft, {"map.html": "new"}, [])
    swap.plan(draft, ["map.html"], [])
    begun(elsewhere, {"map.html": "new"}, [])
    (elsewhere / swap.PLAN).write_text((draft / swap.PLAN).read_text())
    settle_folder(tmp_path / "here", SAY)
    assert (tmp_path / "here" / "map.html").read_text() == "new"
    with pytest.raises(InputError, match="not yours"):
        settle_folder(tmp_path / "there", SAY)
    assert (tmp_path / "there" / "map.html").read_text() == "old"


@pytest.mark.parametrize("content", ["[" * 200_000, "{}", "[]", "\x00", '{"new": 1, "gone": 2, "seal": 3}'])
def test_a_plan_that_is_no_plan_is_refused(results, content):
    begun(swap.beside(results), {}, [])
    (swap.beside(results) / swap.PLAN).write_text(content)
    with pytest.raises(InputError, match="nothing of it is carried out"):
        settle_folder(results, SAY)


@pytest.mark.parametrize("kind", ["link", "second name", "pipe", "dangling"])
def test_an_owner_that_is_no_plain_file_is_neither_written_nor_waited_for(tmp_path, results, kind):
    place, precious = swap.beside(results), tmp_path / "precious.txt"
    place.mkdir()
    precious.write_text("precious")
    owner = place / swap.OWNER
    {
        "link": lambda: owner.symlink_to(precious),
        "second name": lambda: os.link(precious, owner),
        "pipe": lambda: os.mkfifo(owner),
        "dangling": lambda: owner.symlink_to("/nonexistent/x"),
    }[kind]()
    with pytest.raises(StudyError, match="results"):
        write(results)
    assert precious.read_text() == "precious"
    assert not Path("/nonexistent").exists()


def test_a_draft_that_is_a_link_is_refused(tmp_path, results, secret):
    (secret / swap.NEW).mkdir()
    (secret / swap.NEW / "keep").write_text("keep")
    swap.beside(results).symlink_to(secret)
    with pytest.raises(StudyError, match="results"):
        write(results)
    assert (secret / swap.NEW / "keep").read_text() == "keep"


def test_a_stop_that_came_meanwhile_acts_also_where_the_stretch_failed():
    code = (
        "import os, signal\nfrom lifecircle.studies.folder.undisturbed import undisturbed\n"
        "with undisturbed():\n    os.kill(os.getpid(), signal.SIGTERM)\n    raise ValueError\n"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == -signal.SIGTERM


def test_the_secret_is_whole_the_same_and_nobody_elses(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.delenv("LOCALAPPDATA", raising=False)
    keys = {swap.own_key.__wrapped__() for _ in range(3)}
    assert len(keys) == 1
    assert len(keys.pop()) == swap.KEY_BYTES
    kept = tmp_path / "lifecircle" / "swap.key"
    assert kept.stat().st_mode & 0o077 == 0
    assert [file.name for file in kept.parent.iterdir()] == ["swap.key"]
    (tmp_path / "lifecircle").chmod(0o777)  # anybody could put a key there
    assert swap.own_key.__wrapped__() != kept.read_bytes()


def test_nobody_waits_for_a_plan_that_is_not_ours(results, monkeypatch):
    begun(swap.beside(results), {}, [])
    monkeypatch.setattr(time, "sleep", lambda seconds: pytest.fail("waited"))
    with pytest.raises(InputError):
        settle_folder(results, SAY)
