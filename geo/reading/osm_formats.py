"""Every format that OpenStreetMap comes in as .pbf that `pbf` reads; what is no map is refused.

.pbf goes to our decoder as it is; XML, packed or not, and .pbf packed by lz4 pass through pyosmium first. Of files that are not
called .pbf the content says how to read them.
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
from ..files import MESSAGE_CHARACTERS, foreign_reader, require_file
from . import pbf
from .osm_xml import Deleted, look_at_xml, mend_places, packing
from .overpass import is_incomplete

SUFFIXES = (".osm", ".xml", ".osm.gz", ".osm.bz2", ".xml.gz", ".xml.bz2", ".pbf", ".graphml")
HEAD_BYTES = 64
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
        If one is missing, of another kind, a file of changes, an incomplete answer of a server, or damaged.
    """
    with tempfile.TemporaryDirectory(prefix="lifecircle-") as folder:
        yield [_readable(file, Path(folder) / f"{index}.osm.pbf") for index, file in enumerate(files)]


def _readable(file: Path, copy: Path) -> Readable:
    require_file(file)
    name = file.name.lower()
    if ".osc" in Path(name).suffixes:
        raise changes(file)
    head = _head(file)
    if head.lstrip().startswith(b"{"):
        raise InputError("{file}: is JSON, of which streets are not read; ask Overpass for [out:xml] and save that.", file=file)
    if not name.endswith(SUFFIXES[:-1]):
        raise InputError("{file}: streets are read from {suffixes} files.", file=file, suffixes=", ".join(SUFFIXES))
    deleted: Deleted = frozenset()
    is_pbf = name.endswith(".pbf") or b"OSMHeader" in head
    if is_pbf:
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
        if is_incomplete(facts.remark):
            raise incomplete(file, facts.remark)
        deleted = facts.deleted
    with foreign_reader(file, REMEDY):
        packed = packing(file)
        form = "pbf" if is_pbf else f"osm.{packed}" if packed else "osm"
        try:
            _convert(file, copy, deleted, form)
        except osmium.InvalidLocationError:
            mended = copy.with_suffix(".osm")
            mend_places(file, mended)
            _convert(mended, copy, deleted, "osm")
    for _ in pbf.data_blobs(copy, file):  # so that a file without data is named as the user knows it
        break
    return Readable(copy, file)


def _head(file: Path) -> bytes:
    with foreign_reader(file, REMEDY), file.open("rb") as opened:
        return opened.read(HEAD_BYTES)


def incomplete(file: Path, remark: str) -> InputError:
    """Say that a server broke off: any gap in the file may be a hole of the download."""
    return InputError(
        "{file}: is not complete, the server that made it says so ({remark}); ask again, for a smaller area or with a longer "
        "time limit.",
        file=file,
        remark=remark[:MESSAGE_CHARACTERS],
    )


def changes(file: Path) -> InputError:
    """Say that a file holds changes, not a map."""
    return InputError(
        "{file}: is a file of changes (osmChange), not a map: apply it to an extract first, and name that.", file=file
    )


def _convert(file: Path, copy: Path, deleted: Deleted, form: str) -> None:
    """Write a copy that keeps versions and what was deleted, which plain .pbf would drop."""
    target = osmium.io.File(str(copy), "pbf,history=true")
    source = osmium.io.File(str(file), form)
    copy.unlink(missing_ok=True)
    if not deleted:
        osmium.apply(source, osmium.WriteHandler(target))  # type: ignore[arg-type]  # its stubs know names only
        return
    with osmium.SimpleWriter(target) as writer:
        for element in osmium.FileProcessor(source):
            gone = (element.type_str(), element.id) in deleted
            writer.add(cast(Any, element).replace(version=NEWEST, visible=False) if gone else element)
