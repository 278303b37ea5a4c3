"""Pythons to measure with: the project's own, one for the peers, and one for routing engines that come for Python 3.12 only."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from .contenders import Environment
from .folders import OUT, ROOT

ENGINES_VERSION = "3.12"


class UnavailableError(Exception):
    """An environment that this machine cannot offer; the message is the reason."""


@cache
def python_of(environment: Environment) -> Path:
    """Return the Python of an environment, making it where it is missing.

    Raises
    ------
    UnavailableError
        If it cannot be made here.
    """
    if environment == "own":
        return Path(sys.executable)
    if environment == "peers":
        return _installed(Path(sys.executable), OUT / "peers", ROOT / "benchmarks" / "requirements.lock")
    return _installed(_find_python(ENGINES_VERSION), OUT / "engines", ROOT / "benchmarks" / "requirements-312.lock")


def _installed(base: Path, folder: Path, lock: Path) -> Path:
    """Make a virtual environment exactly as a lock file says; does nothing where it already stands."""
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    stamp, state = folder / "installed", hashlib.sha256(lock.read_bytes() + str(base).encode()).hexdigest()
    if stamp.is_file() and stamp.read_text() == state:
        return python
    print(f"Installing {lock.name} (once) ...", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    pip = (str(python), "-m", "pip", "--disable-pip-version-check", "-q", "install", "--require-hashes", "-r", str(lock))
    for command in ((str(base), "-m", "venv", str(folder)), pip):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise UnavailableError(f"{lock.name} cannot be installed here ({_last_line(done.stderr)})")
    stamp.write_text(state)
    return python


def _find_python(version: str) -> Path:
    """Look for a Python on PATH and among pyenv's, never by a fixed place."""
    if f"{sys.version_info.major}.{sys.version_info.minor}" == version:
        return Path(sys.executable)
    candidates = [found] if (found := shutil.which(f"python{version}")) else []
    kept = [name for name in _output("pyenv", "versions", "--bare").split() if name.startswith(f"{version}.")]
    candidates += [str(Path(_output("pyenv", "prefix", name).strip()) / "bin" / "python") for name in kept]
    for candidate in candidates:
        if _output(candidate, "--version").startswith(f"Python {version}."):
            return Path(candidate)
    raise UnavailableError(f"no Python {version} on this machine")


def _output(*command: str) -> str:
    if not shutil.which(command[0]):
        return ""
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def _last_line(text: str) -> str:
    return text.strip().splitlines()[-1] if text.strip() else "no reason given"
