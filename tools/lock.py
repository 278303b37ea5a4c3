"""Write the three lock files anew: `.venv/bin/python tools/lock.py` (needs `uv` on the path; keeps versions that still fit).

Each holds what one part of the work needs on top of the one before it: lifecircle itself and nothing else, its tests and
checks, its documentation. None names an index or an address: pip takes them from wherever this machine takes its packages.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = {"install": ROOT / "requirements.lock", "dev": ROOT / "requirements-dev.lock", "docs": ROOT / "requirements-docs.lock"}
OPTIONS = ("--universal", "--python-version", "3.11", "--generate-hashes", "--no-header", "--no-annotate", "--quiet")


def entries(lock: str) -> dict[str, str]:
    """Return the entries of a lock, each with its hashes, by name, version and marker."""
    found = re.findall(r"^\S.*?(?=^\S|\Z)", lock, re.DOTALL | re.MULTILINE)
    return {entry.partition("\\")[0].strip(): entry for entry in found}


def compiled(groups: tuple[str, ...], known: str) -> dict[str, str]:
    """Resolve the project with some of its dependency groups, with the versions in `known` where they still fit."""
    with tempfile.TemporaryDirectory() as folder:
        lock = Path(folder) / "all.lock"
        lock.write_text(known, encoding="utf-8")
        named = [word for group in groups for word in ("--group", group)]
        subprocess.run(["uv", "pip", "compile", "pyproject.toml", *named, *OPTIONS, "-o", lock], cwd=ROOT, check=True)
        return entries(lock.read_text(encoding="utf-8"))


def pins(lines: Iterable[str]) -> set[str]:
    """Return names and versions without markers: a package that one lock needs on Windows only, the next may need everywhere."""
    return {line.partition(" ;")[0] for line in lines}


def main() -> None:
    if shutil.which("uv") is None:
        sys.exit("uv is not on the path: `pip install uv`, then try again.")
    known = "".join(file.read_text(encoding="utf-8") for file in LOCKS.values() if file.exists())
    groups: tuple[str, ...] = ()
    below: dict[str, str] = {}
    written: dict[Path, str] = {}
    for group, file in LOCKS.items():
        groups = (*groups, group)
        found = compiled(groups, known)
        if apart := pins(below) - pins(found):
            sys.exit(f"{group} needs other versions of {', '.join(sorted(apart))}: loosen or pin them in pyproject.toml.")
        written[file] = "".join(found[line] for line in found if line not in below)
        below |= found
    for file, lock in written.items():
        file.write_text(lock, encoding="utf-8")


if __name__ == "__main__":
    main()
