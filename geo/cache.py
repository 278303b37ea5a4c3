"""Parsed extracts kept beside the study, so that the next run starts at once.

An entry is named after the content of the files it came from and after the model that read them; it is taken only when
every file in it still has the checksum written down with it. Anything else is parsed again, never trusted.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.feather as feather

from .errors import InputError
from .osm import OsmExtract, read_osm
from .streets import Streets

FORMAT = 2  # raise whenever reading or the layout below changes what comes out
FOLDER = ".lifecircle-cache"
ARRAYS = ("node_ids", "lon", "lat", "way_ids", "way_starts", "way_nodes")


@dataclass(frozen=True)
class Loaded:
    """An extract and whether it came from the cache."""

    extract: OsmExtract
    cached: bool


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's content.

    Raises
    ------
    InputError
        If the file cannot be opened.
    """
    try:
        with path.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path}: cannot be opened ({error.strerror}).") from error


def load_osm(paths: Sequence[Path], folder: Path) -> Loaded:
    """Read extracts, from the cache under `folder` where it holds them.

    A folder that cannot be written to is no error: the extract is then simply read each time.

    Raises
    ------
    InputError
        As `read_osm`.
    """
    key = hashlib.sha256("\n".join([str(FORMAT), *(file_sha256(path) for path in paths)]).encode()).hexdigest()
    entry = folder / FOLDER / f"streets-{key[:24]}"
    found = _open_entry(entry)
    if found is not None:
        return Loaded(found, cached=True)
    extract = read_osm(paths)
    _write_entry(entry, extract)
    return Loaded(extract, cached=False)


def _write_entry(entry: Path, extract: OsmExtract) -> None:
    """Write beside the final place and move there in one step, so that no half-written entry is ever seen."""
    try:
        entry.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=entry.parent))
    except OSError:
        return
    try:
        _fill(draft, extract)
        shutil.rmtree(entry, ignore_errors=True)
        draft.replace(entry)
    except OSError:  # the disk is full, or another run put the same entry there first
        shutil.rmtree(draft, ignore_errors=True)


def _fill(draft: Path, extract: OsmExtract) -> None:
    """Write the files of an entry, and last the record of their checksums."""
    streets = extract.streets
    for name in ARRAYS:
        np.save(draft / f"{name}.npy", getattr(streets, name))
    feather.write_feather(streets.tags, str(draft / "tags.feather"), compression="uncompressed")
    places = extract.places.assign(tags=[json.dumps(tags, ensure_ascii=False) for tags in extract.places["tags"]])
    places.to_parquet(draft / "places.parquet")
    (draft / "counts.json").write_text(json.dumps(extract.counts))
    sums = {file.name: file_sha256(file) for file in sorted(draft.iterdir())}
    (draft / "entry.json").write_text(json.dumps({"format": FORMAT, "sha256": sums}))


def _open_entry(entry: Path) -> OsmExtract | None:
    """Open an entry whose every file is as it was written; None for anything less."""
    try:
        record = json.loads((entry / "entry.json").read_text())
        whole = record["format"] == FORMAT and all(
            file_sha256(entry / name) == digest for name, digest in record["sha256"].items()
        )
        if not whole:
            return None
        arrays = {name: np.load(entry / f"{name}.npy", mmap_mode="r") for name in ARRAYS}
        counts = json.loads((entry / "counts.json").read_text())
    except (OSError, ValueError, KeyError, TypeError):
        return None
    tags: pd.DataFrame = feather.read_feather(str(entry / "tags.feather"), memory_map=True)
    places = gpd.read_parquet(entry / "places.parquet")
    places["tags"] = [json.loads(tags) for tags in places["tags"]]
    return OsmExtract(streets=Streets(**arrays, tags=tags), places=places, counts=counts)
