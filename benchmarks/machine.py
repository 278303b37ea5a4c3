"""What the numbers were measured on: cores, processor, memory and versions; no names, no places."""

from __future__ import annotations

import os
import platform
import re
from importlib.metadata import version
from pathlib import Path

from .folders import ROOT

OWN = ("numpy", "numba", "scipy", "osmium")


def describe_machine() -> str:
    """Return one line about this machine."""
    python = f"Python {platform.python_version()}"
    return f"{os.cpu_count()} cores, {_processor()}, {_gigabytes():.0f} GB of memory, {platform.system()}, {python}"


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


def own_versions() -> dict[str, str]:
    """Return the versions the engine runs on."""
    return {"lifecircle": version("lifecircle"), **{name: version(name) for name in OWN}}


def peer_versions() -> dict[str, str]:
    """Return the peers' versions as their lock files pin them, as `requirements.in` names them."""
    pinned = {}
    for stem in ("requirements", "requirements-312"):
        lock = (ROOT / "benchmarks" / f"{stem}.lock").read_text()
        for name in (ROOT / "benchmarks" / f"{stem}.in").read_text().split():
            found = re.search(rf"^{re.escape(name)}==(\S+)", lock, re.MULTILINE)
            if found:
                pinned[name] = found.group(1)
    return pinned
