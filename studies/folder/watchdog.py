"""What clears up after a command that is killed: a process that sleeps until its end, and then settles its draft."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import swap


def start_watchdog(draft: Path, folder: Path, made: Sequence[Path]) -> subprocess.Popen[bytes] | None:
    """Start what clears up after this process if it is killed; without it the next command does.

    It sleeps in a session of its own, reading a pipe whose other end dies with this process.
    """
    if not Path(sys.executable or "").name.lower().startswith("python"):  # inside QGIS that would start another QGIS
        return None
    command = [sys.executable, "-I", "-S", swap.__file__, *map(str, (draft, folder, *made))]
    quiet, no_window = subprocess.DEVNULL, getattr(subprocess, "CREATE_NO_WINDOW", 0)
    apart: dict[str, Any] = {"cwd": folder.anchor, "start_new_session": True, "creationflags": no_window}
    try:
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet, **apart)
    except OSError:
        return None


def send_away(watchdog: subprocess.Popen[bytes], *, needed: bool) -> None:
    """End a watchdog; where a draft could not be cleared up, it has one more try."""
    if not needed:
        watchdog.kill()
    watchdog.communicate()
