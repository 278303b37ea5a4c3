"""Routing engines that prepare a network of their own: done once, with their own tools, never timed as a search."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from .folders import INPUTS, porto

RECORD = "preparation-seconds.txt"


def is_prepared(name: str) -> bool:
    """Tell whether an engine's own files were made before."""
    return (INPUTS / name / RECORD).is_file()


def osrm_files(name: str) -> Path:
    """Return OSRM's prepared files for one of the tiled extracts (contraction hierarchies); minutes the first time."""
    import osrm

    folder = INPUTS / f"osrm-{name}"
    base, record = folder / f"{name}.osrm", folder / RECORD
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


def valhalla_config() -> Path:
    """Return the settings file of Valhalla's tiles of Porto; about a minute the first time."""
    from valhalla import get_config

    folder = INPUTS / "valhalla-porto"
    settings, record = folder / "valhalla.json", folder / RECORD
    if record.is_file():
        return settings
    (folder / "tiles").mkdir(parents=True, exist_ok=True)
    packed = folder / "packed.tar"  # left empty: the tiles lie beside it
    packed.touch()
    settings.write_text(json.dumps(get_config(tile_extract=packed, tile_dir=folder / "tiles")))
    start = time.perf_counter()
    scripts = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    command = [sys.executable, "-m", "valhalla", "valhalla_build_tiles", "-c", str(settings), str(porto())]
    subprocess.run(command, check=True, env=scripts, capture_output=True)
    record.write_text(f"{time.perf_counter() - start:.0f}")
    return settings
