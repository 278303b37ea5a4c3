"""Every format that OpenStreetMap comes in as .pbf that `pbf` reads; what is no map is refused.

.pbf goes to our decoder as it is; XML, packed or not, and .pbf packed by lz4 pass through pyosmium first.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import osmium

from ..errors import InputError
from ..files import foreign_reader, require_file
from . import pbf
from .osm_xml import Deleted, look_at_xml, mend_places

SUFFIXES = (".osm", ".osm.gz", ".osm.bz2", ".pbf", ".graphml")
NEWEST = 2**31 - 1  # the version given to what an editor deleted: nothing is newer
REMEDY = "download or export it again."


@dataclass(frozen=True)
class Readable:
    """A .pbf file, and what the user calls the file that it came from."""

    path: Path
    named: Path


@contextmanager
def as_pbf(files: Sequence[Path]) -> Iterator[list[Readable]]:
    """Give every file as .pbf that our decoder reads.

    Raises
    ------
    InputError
        If one is missing, of another kind, a file of changes, or damaged.
    """
    with tempfile.TemporaryDirectory(prefix="lifecircle-") as folder:
        yield [_readable(file, Path(folder) / f"{index}.osm.pbf") for index, file in enumerate(files)]


def _readable(file: Path, copy: Path) -> Readable:
    require_file(file)
    name = file.name.lower()
    if ".osc" in Path(name).suffixes:
        raise changes(file)
    if not name.endswith(SUFFIXES[:4]):
        raise InputError("{file}: streets are read from {suffixes} files.", file=file, suffixes=", ".join(SUFFIXES))
    deleted: Deleted = frozenset()
    if name.endswith(".pbf"):
        try:
            for _ in pbf.data_blobs(file, file):
                pass
            return Readable(file, file)
        except pbf.UnsupportedCompression:
            pass
    else:
        facts = look_at_xml(file)
        if facts.root == "osmChange":
            raise changes(file)
        deleted = facts.deleted
    with foreign_reader(file, REMEDY):
        try:
            _convert(file, copy, deleted)
        except osmium.InvalidLocationError:
            mended = copy.with_suffix(".osm")
            mend_places(file, mended)
            _convert(mended, copy, deleted)
    for _ in pbf.data_blobs(copy, file):  # so that a file without data is named as the user knows it
        break
    return Readable(copy, file)


def changes(file: Path) -> InputError:
    """Say that a file holds changes, not a map."""
    return InputError(
        "{file}: is a file of changes (osmChange), not a map: apply it to an extract first, and name that.", file=file
    )


def _convert(file: Path, copy: Path, deleted: Deleted) -> None:
    """Write a copy that keeps versions and what was deleted, which plain .pbf would drop."""
    target = osmium.io.File(str(copy), "pbf,history=true")
    copy.unlink(missing_ok=True)
    if not deleted:
        osmium.apply(str(file), osmium.WriteHandler(target))  # type: ignore[arg-type]  # its stubs know names only
        return
    with osmium.SimpleWriter(target) as writer:
        for element in osmium.FileProcessor(str(file)):
            gone = (element.type_str(), element.id) in deleted
            writer.add(cast(Any, element).replace(version=NEWEST, visible=False) if gone else element)
