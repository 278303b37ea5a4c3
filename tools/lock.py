"""Write the two lock files anew: `.venv/bin/python tools/lock.py` (needs `uv` on the path; keeps versions that still fit).

`requirements.lock` is what lifecircle needs to run and nothing else; `requirements-dev.lock` is what its tests and checks
need on top. Neither names an index or an address: pip takes both from wherever this machine takes its packages.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUNTIME, DEVELOPMENT = ROOT / "requirements.lock", ROOT / "requirements-dev.lock"
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


def main() -> None:
    if shutil.which("uv") is None:
        sys.exit("uv is not on the path: `pip install uv`, then try again.")
    known = "".join(file.read_text(encoding="utf-8") for file in (RUNTIME, DEVELOPMENT) if file.exists())
    everything, runtime = compiled(("install", "dev"), known), compiled(("install",), known)
    apart = {line.split("==")[0] for line in runtime.keys() - everything.keys()}
    if apart:
        sys.exit(f"The tools need other versions of {', '.join(sorted(apart))}: loosen or pin them in pyproject.toml.")
    RUNTIME.write_text("".join(runtime.values()), encoding="utf-8")
    DEVELOPMENT.write_text("".join(everything[line] for line in everything if line not in runtime), encoding="utf-8")


if __name__ == "__main__":
    main()
