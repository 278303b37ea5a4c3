"""Results are written to a draft and exchanged for the earlier ones at the end, whole or not at all."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ...geo.errors import InputError, LifecircleError, StudyError
from ...geo.files import told
from ...maps.exports.text import write_json
from ..speech.messages import Say
from . import swap
from .left_files import Kind, earlier_files
from .sealed import RecordedOutput, list_outputs, put_on_disk
from .undisturbed import undisturbed
from .watchdog import send_away, start_watchdog

SIDECARS: Final = (".aux.xml", "-journal", "-wal", "-shm")  # what GDAL and SQLite put beside a file, about that file only
WAIT_SECONDS: Final = 5.0  # for somebody else's swap, which takes a moment
# Of the program, not of the disk: room or another place would not help.
FAULTS: Final = (TypeError, AttributeError, LookupError, NameError, AssertionError, NotImplementedError)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """Files while they are written.

    Attributes
    ----------
    folder : Path
        Where to write them.
    target : Path
        The folder they will lie in.
    """

    folder: Path
    target: Path
    say: Say

    @contextlib.contextmanager
    def writing(self, name: str) -> Iterator[Path]:
        """Give the path to write a file to; whatever the writer stumbles over becomes one sentence about that file.

        Raises
        ------
        StudyError
            Instead of any exception but those that lifecircle raises itself, a lack of memory, and faults of the program.
        """
        try:
            yield self.folder / name
        except (LifecircleError, MemoryError):
            raise
        except Exception as error:
            if isinstance(error, FAULTS) and not isinstance(error.__context__, OSError):
                raise
            raise self._unwritten(self.target / name, error) from error

    def swap_in(self, gone: Sequence[str] = ()) -> None:
        """Exchange what bears the same names for these files, and remove those of `gone`.

        Raises
        ------
        StudyError
            If another program holds one of them open; everything is then as before.
        """
        self._drop_sidecars()
        new = sorted(path.name for path in self.folder.iterdir())
        self._exchange(new, [name for name in gone if name not in new])

    def _exchange(self, new: Sequence[str], gone: Sequence[str]) -> None:
        """Exchange files, the last of the new ones last; sidecars of the old ones say nothing about the new ones."""
        beside = (name + mark for name in (*new, *gone) for mark in SIDECARS)
        gone = [*gone, *(name for name in beside if (self.target / name).is_file())]
        draft = self.folder.parent
        with undisturbed():
            try:
                for name in new:
                    put_on_disk(self.folder / name)
                swap.plan(draft, new, gone)
            except OSError as error:
                raise self._unwritten(self.target, error) from error
            try:
                swap.exchange(draft, self.target)
            except OSError as error:
                file = self._as_known(error.filename2 or error.filename or self.target)
                raise StudyError(self.say("draft.held_open", file=file, problem=told_system(error))) from error

    def _drop_sidecars(self) -> None:
        for path in self.folder.iterdir():
            if path.name.endswith(SIDECARS):
                path.unlink()

    def _unwritten(self, file: Path, error: Exception) -> StudyError:
        return StudyError(self.say("draft.unwritten", file=file, problem=self._as_known(told_system(error))))

    def _as_known(self, text: object) -> str:
        """Name files as the user will know them: nobody will find the draft."""
        return str(text).replace(str(self.folder), str(self.target))


@dataclass(frozen=True, kw_only=True)
class FileDraft(Draft):
    """A file, and what comes with it, while they are written; `name` is the file's own."""

    name: str

    @property
    def file(self) -> Path:
        """Where it will lie."""
        return self.target / self.name


@dataclass(frozen=True, kw_only=True)
class FolderDraft(Draft):
    """The results of one command while they are written; `kind` says what files they may be."""

    kind: Kind

    def write_record(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """Write the record of the results, with the checksum of every file; returns what it holds."""
        self._drop_sidecars()
        strangers = [path.name for path in self.folder.iterdir() if not self.kind.knows(path.name)]
        if strangers:  # nobody would take them away again
            raise RuntimeError(f"{strangers} are no results of {self.kind.command}: add their names in left_files.py")
        with self.writing(self.kind.record) as file:
            whole = {**content, "outputs": [self._told(output).model_dump() for output in list_outputs(self.folder)]}
            write_json(whole, file, indent=2)
            return whole

    def _told(self, output: RecordedOutput) -> RecordedOutput:
        """Say what a file holds, and which goal it is about."""
        key, goal = self.kind.told(output.file)
        return output.model_copy(update={"goal": goal, "meaning": self.say(key)})

    def swap_in(self, gone: Sequence[str] = ()) -> None:
        """Make these the folder's results: earlier ones go, the user's own files stay.

        Raises
        ------
        StudyError
            If one of the user's files, or one that another program holds open, is in the way; the earlier results are then whole.
        """
        new = sorted((path.name for path in self.folder.iterdir()), key=lambda name: (name == self.kind.record, name))
        self.require_room(new)
        earlier = earlier_files(self.target, self.kind)
        self._exchange(new, [*gone, *(name for name in earlier if name not in new)])

    def require_room(self, names: Sequence[str]) -> None:
        """Refuse to write over files that bear the name of a result and are none."""
        earlier = earlier_files(self.target, self.kind)
        for name in names:
            if name not in earlier and os.path.lexists(self.target / name):
                raise StudyError(self.say("draft.foreign", file=self.target / name, command=self.kind.command))


def told_system(error: BaseException) -> str:
    """Return what the system or a library says went wrong."""
    return (error.strerror if isinstance(error, OSError) else None) or told(error)


@contextlib.contextmanager
def draft_folder(out: Path, kind: Kind, say: Say, *, goals: Sequence[str] = ()) -> Iterator[FolderDraft]:
    """Keep a folder for one command, and give it a draft to write to; `Draft.swap_in` makes it the folder's content.

    Entering it fails at once, before hours of computing, where results could not be written later (`goals` are those that have
    files of their own). However the block is left,
    the draft is gone; if the process is killed, a watchdog removes it, or the next command that comes along.

    Raises
    ------
    StudyError
        If another command is writing there, or nothing can be written, or something would be overwritten that is no result.
    """
    with kept_folder(out, kind.command, say) as kept:
        draft = FolderDraft(folder=kept.folder, target=kept.target, kind=kind, say=say)
        draft.require_room(kind.expected(goals))
        yield draft


def require_folder(out: Path, say: Say) -> Path:
    """Return where a folder of results lies, whether it is there or not.

    Raises
    ------
    StudyError
        If something else lies there.
    """
    target = _resolved(out, say)
    if target.exists() and not target.is_dir():
        raise StudyError(say("draft.no_folder", file=out))
    return target


@contextlib.contextmanager
def kept_folder(out: Path, command: str, say: Say) -> Iterator[Draft]:
    """Keep a folder for a command whose files are no results; else as `draft_folder`."""
    target = require_folder(out, say)
    place = swap.inside(target) if _keeps_apart(target) else swap.beside(target)
    with _claimed(place, target, command, out, say) as folder:
        _try_writing(target, out, say)
        yield Draft(folder=folder, target=target, say=say)


@contextlib.contextmanager
def draft_file(file: Path, command: str, say: Say) -> Iterator[FileDraft]:
    """Keep a file for one command, and give it a draft of the files that come with it; else as `draft_folder`."""
    target = _resolved(file, say)
    if target.exists() and not target.is_file():
        raise StudyError(say("draft.no_file", file=file))
    with _claimed(swap.beside(target), target.parent, command, file, say) as folder:
        yield FileDraft(folder=folder, target=target.parent, say=say, name=target.name)


@contextlib.contextmanager
def _claimed(place: Path, target: Path, command: str, named: Path, say: Say) -> Iterator[Path]:
    """Hold a draft's place while the block lasts; gives its folder for new files."""
    made, claim = swap.missing_parents(place), None
    watchdog = start_watchdog(place, target, made)
    try:
        with undisturbed():  # a stop in the middle of claiming would leave a draft that nobody knows to be ours
            claim = _claim(place, made, command, named, say)
        _recover(place, target, named, say)
        yield _new_folder(place, named, say)
    finally:
        with undisturbed():
            if claim is not None:
                swap.release(claim)
            if watchdog is not None:
                send_away(watchdog, needed=claim is not None and place.exists())


def _claim(place: Path, made: Sequence[Path], command: str, named: Path, say: Say) -> swap.Claim:
    try:
        return swap.claim(place, command, made)
    except swap.HeldError as error:
        raise StudyError(_busy(named, error.owner, say)) from error
    except OSError as error:
        raise StudyError(say("input.out", folder=named, problem=told_system(error))) from error


def _recover(place: Path, target: Path, named: Path, say: Say) -> None:
    """End what an earlier command left there when it was killed."""
    try:
        swap.recover(place, target)
    except swap.ForeignPlanError as error:
        raise StudyError(say("draft.not_ours", folder=named, draft=place)) from error
    except OSError as error:
        raise StudyError(say("draft.unfinished", folder=named, draft=place, problem=told_system(error))) from error


def _new_folder(place: Path, named: Path, say: Say) -> Path:
    try:
        (place / swap.NEW).mkdir()
    except OSError as error:
        raise StudyError(say("input.out", folder=named, problem=told_system(error))) from error
    return place / swap.NEW


def _busy(named: Path, owner: Mapping[str, Any], say: Say) -> str:
    if not owner.keys() >= {"command", "pid", "host", "since"}:
        return say("draft.busy", folder=named)
    return say("draft.busy_by", folder=named, **owner)


def _resolved(path: Path, say: Say) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError) as error:  # links that lead to each other, a NUL
        raise StudyError(say("input.out", folder=path, problem=told_system(error))) from error


def _try_writing(target: Path, named: Path, say: Say) -> None:
    if not target.exists():
        return
    try:
        with tempfile.TemporaryFile(dir=target):
            return
    except OSError as error:
        raise StudyError(say("input.out", folder=named, problem=told_system(error))) from error


def _keeps_apart(folder: Path) -> bool:
    """Tell whether nothing can be renamed from beside a folder into it: another file system, or no leave to write there."""
    if not folder.exists():
        return False
    return folder == folder.parent or _is_mount(folder) or not os.access(folder.parent, os.W_OK | os.X_OK)


def _is_mount(folder: Path) -> bool:
    """Tell a mount point, also where a folder of the same file system is mounted."""
    if os.path.ismount(folder) or folder.stat().st_dev != folder.parent.stat().st_dev:
        return True
    if sys.platform != "linux":
        return False
    try:
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return False
    points = (line.split()[4].encode(errors="surrogateescape").decode("unicode_escape", "replace") for line in mounts)
    return str(folder) in points


def settle_folder(folder: Path, say: Say) -> None:
    """End the swap of a folder whose owner is dead, before it is read; wait for one that is going on.

    Raises
    ------
    InputError
        If it does not come to an end.
    """
    target = _resolved(folder, say)
    until = time.monotonic() + WAIT_SECONDS
    for place in (swap.beside(target), swap.inside(target)):
        while os.path.lexists(place / swap.PLAN):
            try:
                if swap.settle(place, target):
                    break
            except swap.ForeignPlanError as error:
                raise InputError(say("draft.not_ours", folder=folder, draft=place)) from error
            except OSError:
                pass  # held open by another program, perhaps not for long
            if time.monotonic() > until:
                raise InputError(say("draft.busy", folder=folder))
            time.sleep(0.02)
