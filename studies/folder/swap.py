"""A draft and its swap for what it replaces: the part that must work when the program that began it is dead.

Nothing but Python's own library is used here: a watchdog runs this file alone (`watchdog`). What results are, and what is
said to the user, is `draft`'s business.

A draft is a hidden folder with the new files (`new/`), the old ones while they are exchanged (`old/`), and `owner.json`, which
its owner holds locked. Until `swap.json` stands in it the old results are the truth and the draft is scrap; from then on the new
ones are, and whoever finds the draft without an owner finishes the exchange. A folder may come from anybody, and with it a draft
that asks for anything: a plan is carried out only if it bears the seal of this user on this machine, and links are not followed.
"""

from __future__ import annotations

import contextlib
import errno
import hmac
import json
import os
import secrets
import shutil
import socket
import stat
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

NEW, OLD, PLAN, OWNER = "new", "old", "swap.json", "owner.json"
SUFFIX: Final = ".lifecircle-draft"
LONGEST_NAME: Final = 180  # bytes, of the 255 that file systems allow
LOCK_AT: Final = 1 << 30  # Windows locks bytes, and nobody could read the locked ones
TRIES: Final = 1_000  # at a draft that its owner removes at the same moment
KEY_BYTES: Final = 32
PATIENCE_SECONDS: Final = 5.0  # how long a dead owner's lock may outlive it


class HeldError(Exception):
    """The draft belongs to a living process; `owner` is what that says of itself."""

    def __init__(self, owner: dict[str, Any]) -> None:
        super().__init__(owner)
        self.owner = owner


class ForeignPlanError(OSError):
    """A planned exchange that this user did not begin on this machine."""


@dataclass(frozen=True)
class Claim:
    """A draft folder that is ours until `release`, and the folders made on the way to it."""

    draft: Path
    lock: int
    made: tuple[Path, ...] = ()


def beside(target: Path) -> Path:
    """Return where the draft of a file or folder lies: beside it, where a rename can reach."""
    return target.parent / f".{_short(target.name)}{SUFFIX}"


def inside(folder: Path) -> Path:
    """Return where a folder's draft lies when nothing can be put beside it."""
    return folder / SUFFIX


def _short(name: str) -> str:
    coded = os.fsencode(name)
    return name if len(coded) <= LONGEST_NAME else coded[:LONGEST_NAME].decode(errors="ignore")


def missing_parents(draft: Path) -> tuple[Path, ...]:
    """List the folders that must be made for a draft, the innermost first."""
    return tuple(parent for parent in draft.parents if not parent.exists())


def claim(draft: Path, command: str, made: Sequence[Path] = ()) -> Claim:
    """Make a draft folder and lock it, or take over one whose owner is dead.

    Raises
    ------
    HeldError
        If its owner lives.
    """
    taken = None
    for _ in range(TRIES):
        _make(draft)
        with contextlib.suppress(FileNotFoundError):  # its last owner removed it in between
            taken = _take(draft, os.O_CREAT)
        if taken is not None:
            break
    else:
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY), str(draft))
    claimed = Claim(draft, taken, tuple(made))
    owner = {"pid": os.getpid(), "host": socket.gethostname(), "command": command, "since": time.strftime("%Y-%m-%d %H:%M")}
    try:
        os.ftruncate(taken, 0)
        os.write(taken, json.dumps(owner).encode())
    except OSError:  # not even room for that
        release(claimed)
        raise
    return claimed


def _make(draft: Path) -> None:
    """Make a draft folder; a link in its place would lead what follows somewhere else."""
    if draft.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(draft))
    draft.mkdir(parents=True, exist_ok=True)


def _take(draft: Path, flags: int = 0) -> int | None:
    """Lock the owner's file; None where it was another one's a moment ago and is gone."""
    if draft.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(draft))
    lock = os.open(draft / OWNER, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | flags, 0o666)
    try:
        _require_plain(lock, draft / OWNER)
        _lock(lock)
        if os.path.samestat(os.fstat(lock), (draft / OWNER).stat()):
            return lock
    except FileNotFoundError:
        pass
    except (BlockingIOError, PermissionError) as error:
        owner = _owner(lock)
        os.close(lock)
        raise HeldError(owner) from error
    except OSError:
        os.close(lock)
        raise
    os.close(lock)
    return None


def _require_plain(file: int, path: Path) -> None:
    """Refuse an owner's file that is a device or has a second name: what is written into it would be written elsewhere."""
    found = os.fstat(file)
    if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM), str(path))


def _lock(file: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        os.lseek(file, LOCK_AT, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        os.lseek(file, 0, os.SEEK_SET)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _owner(file: int) -> dict[str, Any]:
    try:
        os.lseek(file, 0, os.SEEK_SET)
        owner = json.loads(os.read(file, 10_000))
    except (OSError, ValueError):
        return {}
    return owner if isinstance(owner, dict) else {}


def plan(draft: Path, new: Sequence[str], gone: Sequence[str]) -> None:
    """Decide that the new files are the truth: from here on the exchange is finished, whoever does it.

    Parameters
    ----------
    draft : Path
    new : sequence of str
        Names under `new/`, parts told apart by "/"; the last one is what makes the results believable, and comes in last.
    gone : sequence of str
        Names of the old results that the new ones do not have.
    """
    part = draft / (PLAN + ".part")
    with part.open("w", encoding="utf-8") as opened:
        json.dump({"new": list(new), "gone": list(gone), "seal": _seal(draft, new, gone)}, opened)
        opened.flush()
        os.fsync(opened.fileno())
    part.replace(draft / PLAN)
    _sync(draft)


def _planned(draft: Path) -> tuple[list[str], list[str]]:
    """Return the names of a plan that this user made for this very draft.

    Raises
    ------
    ForeignPlanError
        If it is anybody else's, or cannot be read.
    """
    try:
        listed = json.loads(_plain_text(draft / PLAN))
        new, gone = ([str(name) for name in listed[part]] for part in ("new", "gone"))
        ours = hmac.compare_digest(str(listed["seal"]), _seal(draft, new, gone))
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise ForeignPlanError(f"{draft / PLAN} is no plan of an exchange") from error
    linked = any((draft / part).is_symlink() for part in ("", NEW, OLD))
    if not ours or linked or not all(map(is_below, (*new, *gone))):
        raise ForeignPlanError(f"{draft / PLAN} was not made by this user on this machine")
    return new, gone


def _plain_text(file: Path) -> str:
    if not stat.S_ISREG(file.lstat().st_mode):
        raise OSError(errno.EPERM, os.strerror(errno.EPERM), str(file))
    return file.read_text(encoding="utf-8")


def _seal(draft: Path, new: Sequence[str], gone: Sequence[str]) -> str:
    """Return what only this user can write under a plan; the same plan for another place has another seal."""
    return hmac.new(own_key(), json.dumps([str(draft), list(new), list(gone)]).encode(), "sha256").hexdigest()


@cache
def own_key() -> bytes:
    """Return a secret of this user on this machine, made at its first use; one for this process where none can be kept."""
    home = Path(os.environ.get("LOCALAPPDATA") or os.environ.get("XDG_STATE_HOME") or "~/.local/state", "lifecircle")
    for folder in (home, Path(tempfile.gettempdir()) / f"lifecircle-{getattr(os, 'getuid', int)()}"):
        with contextlib.suppress(OSError, RuntimeError):  # no home, no leave to write there
            return _key_in(folder.expanduser())
    return secrets.token_bytes(KEY_BYTES)


def _key_in(folder: Path) -> bytes:
    """Read the secret in a folder that is this user's alone; whoever comes first makes it, whole at once."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or (os.name != "nt" and (found.st_uid != os.getuid() or found.st_mode & 0o022)):
        raise OSError(errno.EPERM, os.strerror(errno.EPERM), str(folder))
    key, part = folder / "swap.key", folder / f"swap.key.{os.getpid()}"
    if not key.exists():
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
            opened.write(secrets.token_bytes(KEY_BYTES))
        with contextlib.suppress(FileExistsError):
            os.link(part, key)
        part.unlink()
    secret = key.read_bytes()
    if len(secret) != KEY_BYTES:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), str(key))
    return secret


def is_below(name: str) -> bool:
    """Tell whether a name stays in its folder: names come out of files that anybody may have written."""
    drives = os.name == "nt" and ("\\" in name or ":" in name)
    return not drives and all(part not in ("", ".", "..") for part in name.split("/"))


def forward(draft: Path, folder: Path) -> None:
    """Exchange the files of a planned draft; begun again, it goes on where it was broken off."""
    new, gone = _planned(draft)
    if not folder.exists() and (draft / NEW).exists():
        (draft / NEW).rename(folder)
        return
    for name in [*reversed(new), *gone]:
        waits = name not in new or os.path.lexists(draft / NEW / name)
        if waits and os.path.lexists(folder / name) and not os.path.lexists(draft / OLD / name):
            _move(folder / name, draft / OLD / name)
    for name in new:
        if os.path.lexists(draft / NEW / name):
            _move(draft / NEW / name, folder / name)
    _sync(folder)
    for below in {parent for name in gone for parent in Path(name).parents if parent.name}:
        with contextlib.suppress(OSError):  # the user's own files stay in it
            (folder / below).rmdir()


def back(draft: Path, folder: Path) -> None:
    """Undo a begun exchange: a file that another program holds open cannot be replaced (Windows)."""
    new, gone = _planned(draft)
    for name in new:
        if not os.path.lexists(draft / NEW / name) and os.path.lexists(folder / name):
            _move(folder / name, draft / NEW / name)
    for name in (*reversed(gone), *new):
        if os.path.lexists(draft / OLD / name):
            _move(draft / OLD / name, folder / name)
    finished(draft)


def finished(draft: Path) -> None:
    """Note that nothing of a draft is needed any more."""
    (draft / PLAN).unlink()


def _move(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    source.replace(target)


def exchange(draft: Path, folder: Path) -> None:
    """Bring a planned exchange to its end.

    Raises
    ------
    OSError
        If a file cannot be exchanged; everything is then as before.
    """
    try:
        forward(draft, folder)
    except OSError:
        back(draft, folder)
        raise
    finished(draft)


def recover(draft: Path, folder: Path) -> None:
    """Bring a draft that lost its owner to its end: exchanged where that was planned and can be, and then emptied."""
    if os.path.lexists(draft / PLAN):
        _planned(draft)
        with contextlib.suppress(OSError):
            exchange(draft, folder)
    if os.path.lexists(draft / PLAN):
        raise OSError(f"{draft / PLAN} cannot be carried out")
    _empty(draft)


def _empty(draft: Path) -> None:
    (draft / (PLAN + ".part")).unlink(missing_ok=True)
    for part in (NEW, OLD):
        shutil.rmtree(draft / part, ignore_errors=True)


def release(claimed: Claim) -> None:
    """Remove a draft with what is still in it, and the folders that were made for nothing; a begun exchange stays."""
    if os.path.lexists(claimed.draft / PLAN):
        os.close(claimed.lock)
        return
    with contextlib.suppress(OSError):
        _empty(claimed.draft)
    if os.name == "nt":  # an open file cannot be removed there
        os.close(claimed.lock)
    with contextlib.suppress(OSError):
        (claimed.draft / OWNER).unlink()
        claimed.draft.rmdir()
    if os.name != "nt":
        os.close(claimed.lock)
    for parent in claimed.made:
        with contextlib.suppress(OSError):
            parent.rmdir()


def settle(draft: Path, folder: Path, made: Sequence[Path] = ()) -> bool:
    """Bring a draft without an owner to its end; tells whether there is none any more."""
    try:
        taken = _take(draft)
        if taken is None:
            return False
    except HeldError:
        return False
    except FileNotFoundError:
        with contextlib.suppress(OSError):
            draft.rmdir()
        _remove_empty(made)
        return True
    try:
        recover(draft, folder)
    except BaseException:
        os.close(taken)
        raise
    release(Claim(draft, taken, tuple(made)))
    return True


def _remove_empty(folders: Sequence[Path]) -> None:
    for folder in folders:
        with contextlib.suppress(OSError):
            folder.rmdir()


def _sync(folder: Path) -> None:
    """Put the names in a folder on the disk before the next step rests on them; Windows does so itself."""
    with contextlib.suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def watch(draft: Path, folder: Path, made: Sequence[Path]) -> None:
    """Wait for the end of the process that started this one, then clear up."""
    sys.stdin.buffer.read()
    until = time.monotonic() + PATIENCE_SECONDS
    while not settle(draft, folder, made) and time.monotonic() < until:
        time.sleep(0.005)


if __name__ == "__main__":
    watch(Path(sys.argv[1]), Path(sys.argv[2]), [Path(made) for made in sys.argv[3:]])
