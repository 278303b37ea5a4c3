"""Routing engines that prepare a network of their own: done once, with their own tools, never timed as a search."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from .folders import INPUTS


def osrm_files(name: str) -> Path:
    """Return OSRM's prepared files for one of the tiled extracts (contraction hierarchies); minutes the first time."""
    import osrm

    folder = INPUTS / f"osrm-{name}"
    base, record = folder / f"{name}.osrm", folder / "preparation-seconds.txt"
    if record.is_file():
        return base
    folder.mkdir(parents=True, exist_ok=True)
    extract = folder / f"{name}.osm.pbf"
    extract.unlink(missing_ok=True)
    extract.symlink_to(INPUTS / "tiles" / extract.name)
    profile = Path(osrm.__file__).parent / "share" / "profiles" / "car.lua"
    start = time.perf_counter()
    for step in (("extract", "-p", str(profile), str(extract)), ("contract", str(base))):
        subprocess.run([sys.executable, "-m", "osrm", *step], check=True, stdout=subprocess.DEVNULL)
    record.write_text(f"{time.perf_counter() - start:.0f}")
    return base
