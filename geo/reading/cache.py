"""Parsed extracts kept beside the study, so that the next run starts at once.

An entry is named after the content of the files it came from and after the model that read them; it is taken only when
every file in it still has the checksum written down with it, and when what it holds could have been read from a map: a
checksum says that nothing changed by accident, not who wrote it. Anything else is parsed again, never trusted.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.feather as feather
import shapely

from ..errors import InputError
from ..files import require_file
from ..streets import POINT_KEYS, STREET_KEYS, Squares, Streets, Turns
from ..waters import AREA_KIND, COAST_KIND, LINE_KIND, Waters
from .osm import OsmExtract, read_osm
from .unused import Unused

FORMAT = 6  # raise whenever reading or the layout below changes what comes out
FOLDER = ".lifecircle-cache"
DRAFT = "draft-"
WATER_KINDS = (AREA_KIND, LINE_KIND, COAST_KIND)
KILLED_SECONDS = 3_600.0
ELEMENT = re.compile(r"[nwr]-?\d+")
ARRAYS = {
    "node_ids": np.int64, "lon": np.float64, "lat": np.float64,
    "way_ids": np.int64, "way_starts": np.int64, "way_nodes": np.int32, "point_nodes": np.int32, "outlines": np.int32,
}  # fmt: skip
OF_SQUARES = {
    "ids": np.int64, "ring_square": np.int32, "ring_inner": np.bool_, "ring_starts": np.int64, "ring_nodes": np.int32,
    "ring_lon": np.float64, "ring_lat": np.float64, "member_square": np.int32, "member_way": np.int64,
    "stub_nodes": np.int32, "stub_ways": np.int64,
}  # fmt: skip
TABLES = {"tags": STREET_KEYS, "point_tags": POINT_KEYS}  # of tags, with the keys they may have
TABLES_OF_SQUARES = ("square_tags", "square_stub_tags")
FILES = {
    *(f"{name}.npy" for name in ARRAYS), *(f"square_{name}.npy" for name in OF_SQUARES),
    *(f"{name}.feather" for name in (*TABLES, *TABLES_OF_SQUARES)), "turns.npy", "places.parquet", "waters.parquet",
    "counts.json", "unused.json",
}  # fmt: skip


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
        If the file is no ordinary one, or cannot be opened.
    """
    require_file(path)
    try:
        with path.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise InputError("{file}: cannot be opened ({strerror}).", file=path, strerror=error.strerror) from error


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
        _sweep(entry.parent)
        draft = Path(tempfile.mkdtemp(dir=entry.parent, prefix=DRAFT))
    except OSError:
        return
    try:
        _fill(draft, extract)
        shutil.rmtree(entry, ignore_errors=True)
        draft.replace(entry)
    except OSError:  # the disk is full, or another run put the same entry there first
        return
    finally:
        shutil.rmtree(draft, ignore_errors=True)  # by now it is gone, but where something went wrong or was interrupted


def _sweep(folder: Path) -> None:
    """Remove the drafts of runs that were killed: nobody writes at one for an hour."""
    for draft in folder.glob(f"{DRAFT}*"):
        if time.time() - draft.stat().st_mtime > KILLED_SECONDS:
            shutil.rmtree(draft, ignore_errors=True)


def _fill(draft: Path, extract: OsmExtract) -> None:
    """Write the files of an entry, and last the record of their checksums."""
    streets = extract.streets
    for name, kind in ARRAYS.items():
        np.save(draft / f"{name}.npy", getattr(streets, name).astype(kind, copy=False), allow_pickle=False)
    for name in OF_SQUARES:
        np.save(draft / f"square_{name}.npy", getattr(streets.squares, name), allow_pickle=False)
    np.save(draft / "turns.npy", np.column_stack(streets.turns).astype(np.int64), allow_pickle=False)
    tables = [*(getattr(streets, name) for name in TABLES), streets.squares.tags, streets.squares.stub_tags]
    for name, table in zip((*TABLES, *TABLES_OF_SQUARES), tables, strict=True):
        feather.write_feather(table, str(draft / f"{name}.feather"), compression="uncompressed")
    places = extract.places.assign(tags=[json.dumps(tags, ensure_ascii=False) for tags in extract.places["tags"]])
    places.to_parquet(draft / "places.parquet")
    kinds, shapes = extract.waters.kinds, extract.waters.shapes
    gpd.GeoDataFrame({"kind": kinds}, geometry=shapes, crs="EPSG:4326").to_parquet(draft / "waters.parquet")
    (draft / "counts.json").write_text(json.dumps(extract.counts))
    (draft / "unused.json").write_text(json.dumps(extract.unused.as_dict()))
    sums = {file.name: file_sha256(file) for file in sorted(draft.iterdir())}
    (draft / "entry.json").write_text(json.dumps({"format": FORMAT, "sha256": sums}))


def _open_entry(entry: Path) -> OsmExtract | None:
    """Open an entry that is as it was written and makes sense; None for anything less."""
    try:
        record = json.loads((entry / "entry.json").read_text())
        sums = record["sha256"]
        if record["format"] != FORMAT or set(sums) != FILES:
            return None
        if any(file_sha256(entry / name) != digest for name, digest in sums.items()):
            return None
        extract = OsmExtract(
            streets=_open_streets(entry),
            places=_open_places(entry),
            counts=_open_counts(entry),
            unused=Unused.from_dict(json.loads((entry / "unused.json").read_text())),
        )
        return extract if _makes_sense(extract) else None
    except Exception:  # whatever a library says of a file that somebody tampered with: the map itself is at hand
        return None


def _open_streets(entry: Path) -> Streets:
    """Load the arrays into memory, where nobody can change them once they are checked."""
    arrays = {name: np.load(entry / f"{name}.npy", allow_pickle=False) for name in ARRAYS}
    from_way, via_node, to_way, only = np.load(entry / "turns.npy", allow_pickle=False).T
    tags, point_tags = (_open_table(entry / f"{name}.feather") for name in TABLES)
    turns = Turns(from_way, via_node, to_way, only.astype(bool))
    of_squares = {name: np.load(entry / f"square_{name}.npy", allow_pickle=False) for name in OF_SQUARES}
    square_tags, stub_tags = (_open_table(entry / f"{name}.feather") for name in TABLES_OF_SQUARES)
    squares, waters = Squares(**of_squares, tags=square_tags, stub_tags=stub_tags), _open_waters(entry)
    return Streets(**arrays, tags=tags, point_tags=point_tags, turns=turns, squares=squares, waters=waters)


def _open_table(file: Path) -> pd.DataFrame:
    table = feather.read_table(str(require_file(file)))
    table.validate(full=True)
    frame: pd.DataFrame = table.to_pandas()
    return frame


def _open_waters(entry: Path) -> Waters:
    table = gpd.read_parquet(entry / "waters.parquet")
    return Waters(kinds=table["kind"].to_numpy(), shapes=table.geometry.to_numpy().astype(object))


def _open_places(entry: Path) -> gpd.GeoDataFrame:
    places = gpd.read_parquet(entry / "places.parquet")
    places["tags"] = [json.loads(tags) for tags in places["tags"]]
    return places


def _open_counts(entry: Path) -> dict[str, int]:
    counts: dict[str, int] = json.loads((entry / "counts.json").read_text())
    return counts


def _makes_sense(extract: OsmExtract) -> bool:
    """Say whether an extract could have been read from a map: compiled searches index by these numbers without looking."""
    counts, streets, places = extract.counts, extract.streets, extract.places
    return (
        _streets_make_sense(streets)
        and _tags_make_sense(streets.tags, len(streets.way_ids), STREET_KEYS)
        and _squares_make_sense(streets.squares, len(streets.node_ids))
        and _tags_make_sense(streets.point_tags, len(streets.point_nodes), POINT_KEYS)
        and _places_make_sense(places)
        and _waters_make_sense(streets.waters)
        and isinstance(counts, dict)
        and all(type(count) is int and count >= 0 for count in counts.values())
        and (counts["street_nodes"], counts["places"]) == (len(streets.node_ids), len(places))
    )


def _streets_make_sense(streets: Streets) -> bool:
    arrays = {name: getattr(streets, name) for name in ARRAYS}
    if any(array.ndim != 1 or array.dtype != ARRAYS[name] for name, array in arrays.items()):
        return False
    nodes, ways, stretches = len(streets.node_ids), len(streets.way_ids), streets.way_starts
    if not (len(streets.lon) == len(streets.lat) == nodes and len(stretches) == ways + 1):
        return False
    if stretches[0] != 0 or stretches[-1] != len(streets.way_nodes) or (np.diff(stretches) < 2).any():
        return False
    rows, points, outlines = streets.way_nodes, streets.point_nodes, streets.outlines
    return bool(
        (streets.node_ids[1:] > streets.node_ids[:-1]).all()
        and ((rows >= 0) & (rows < nodes)).all()
        and ((points >= 0) & (points < nodes)).all()
        and ((outlines >= 0) & (outlines < ways)).all()
        and (np.abs(streets.lon) <= 180).all()  # false for what is no number
        and (np.abs(streets.lat) <= 90).all()
    )


def _squares_make_sense(squares: Squares, nodes: int) -> bool:
    arrays = {name: getattr(squares, name) for name in OF_SQUARES}
    if any(array.ndim != 1 or array.dtype != OF_SQUARES[name] for name, array in arrays.items()):
        return False
    count, rings, starts = len(squares.ids), len(squares.ring_square), squares.ring_starts
    if not (
        len(squares.ring_inner) == rings == len(starts) - 1
        and len(squares.member_square) == len(squares.member_way)
        and len(squares.stub_nodes) == len(squares.stub_ways)
    ):
        return False
    if starts[0] != 0 or starts[-1] != len(squares.ring_nodes) or (np.diff(starts) < 4).any():
        return False
    if not len(squares.ring_lon) == len(squares.ring_lat) == len(squares.ring_nodes):
        return False
    owners = np.concatenate((squares.ring_square, squares.member_square))
    return bool(
        ((squares.ring_nodes >= -1) & (squares.ring_nodes < nodes)).all()
        and (np.abs(squares.ring_lon) <= 180).all()
        and (np.abs(squares.ring_lat) <= 90).all()
        and ((owners >= 0) & (owners < count)).all()
        and (np.diff(squares.ring_square) >= 0).all()
        and ((squares.stub_nodes >= 0) & (squares.stub_nodes < nodes)).all()
        and _tags_make_sense(squares.tags, count, STREET_KEYS)
        and _tags_make_sense(squares.stub_tags, len(squares.stub_nodes), STREET_KEYS)
    )


def _tags_make_sense(tags: pd.DataFrame, rows: int, keys: Sequence[str]) -> bool:
    return (
        len(tags) == rows
        and tags.index.equals(pd.RangeIndex(rows))
        and set(tags.columns) <= set(keys)
        and tags.columns.is_unique
        and all(
            isinstance(tags[key].dtype, pd.CategoricalDtype) and all(isinstance(text, str) for text in tags[key].cat.categories)
            for key in tags.columns
        )
    )


def _places_make_sense(places: gpd.GeoDataFrame) -> bool:
    if list(places.columns) != ["osm", "tags", "geometry"] or places.crs != "EPSG:4326":
        return False
    if not places.index.equals(pd.RangeIndex(len(places))):
        return False
    names, tags = list(places["osm"]), list(places["tags"])
    named = {*map(type, names)} <= {str} and all(map(ELEMENT.fullmatch, names))
    said = {*map(type, tags)} <= {dict} and {*map(type, chain.from_iterable(own.values() for own in tags))} <= {str}
    shapes = places.geometry
    if not said or not named or shapes.isna().any() or shapes.is_empty.any():
        return False
    return not len(places) or bool((np.abs(shapes.bounds.to_numpy()) <= (180, 90, 180, 90)).all())


def _waters_make_sense(waters: Waters) -> bool:
    """Say whether areas are areas and lines lines, and lie on the globe; west of the antimeridian they may go on beyond 180."""
    kinds, shapes = waters.kinds, waters.shapes
    if kinds.dtype != np.uint8 or kinds.ndim != 1 or len(kinds) != len(shapes) or not np.isin(kinds, WATER_KINDS).all():
        return False
    if shapely.is_missing(shapes).any() or shapely.is_empty(shapes).any():
        return False
    form = np.where(kinds == AREA_KIND, np.isin(shapely.get_type_id(shapes), (3, 6)), shapely.get_type_id(shapes) == 1)
    return bool(form.all() and (np.abs(shapely.bounds(shapes)) <= (360, 90, 360, 90)).all())
