"""What the numbers were measured on: cores, processor, memory and versions; no names, no places."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from .contenders import Environment
from .environments import UnavailableError, python_of
from .folders import ROOT

OWN = ("numpy", "numba", "scipy", "osmium", "folium")


def describe_machine() -> str:
    """Return one line about this machine."""
    return f"{os.cpu_count()} cores, {_processor()}, {_gigabytes():.0f} GB of memory, {platform.system()}"


def current_load() -> float:
    """Return how many processes wanted a core during the last minute; NaN where the system does not tell."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file() and (found := re.search(r"^model name\s*:\s*(.+)$", info.read_text(), re.MULTILINE)):
        return found.group(1)
    return platform.processor() or platform.machine()


def _gigabytes() -> float:
    if hasattr(os, "sysconf"):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return float("nan")


def describe_versions() -> str:
    """Return the versions each environment runs, one line; environments that this machine lacks are left out."""
    lines = [_versions("own", ("lifecircle", *OWN))]
    lists: tuple[tuple[Environment, str], ...] = (("peers", "requirements"), ("engines", "requirements-312"))
    for environment, stem in lists:
        names = (ROOT / "benchmarks" / f"{stem}.in").read_text().split()
        with suppress(UnavailableError):
            lines.append(_versions(environment, names))
    return "; ".join(lines)


def _versions(environment: Environment, names: Sequence[str]) -> str:
    code = "import platform, sys; from importlib.metadata import version; print(platform.python_version())"
    code += "; print(', '.join(f'{name} {version(name)}' for name in sys.argv[1:]))"
    done = subprocess.run([str(python_of(environment)), "-c", code, *names], capture_output=True, text=True, check=True)
    python, listed = done.stdout.split("\n")[:2]
    return f"{environment}: {listed} on Python {python}"
