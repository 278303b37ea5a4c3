"""What a vector file is by its first bytes: GDAL opens by content, and some contents name other files, servers or steps to run.

A file is handed to GDAL only where its beginning is that of the kind its name claims.
"""

from __future__ import annotations

import re
from glob import escape
from pathlib import Path
from typing import Final
from xml.parsers import expat

from ..geo.errors import InputError, said
from ..geo.files import foreign_reader, require_file

HEADER_BYTES: Final = 64_000
MAGIC: Final = {".gpkg": b"SQLite format 3\0", ".fgb": b"fgb\3fgb", ".shp": b"\0\0\x27\x0a"}
FOLDER_SUFFIX: Final = ".gdb"
REMEDY: Final = said("export it again")
# Contents that GDAL takes for a recipe, wherever in the beginning they stand.
RECIPES: Final = re.compile(rb"<(OGR|VRT)\w+|gdal_streamed_alg|gdal_vector_pipeline|WFS_Capabilities", re.IGNORECASE)
GML_DATA: Final = re.compile(r"\S+ (\w*Collection\w*|CityModel)")  # of features; other roots are answers about servers


def require_kind(path: Path) -> None:
    """Check that a file is what its name says.

    Raises
    ------
    InputError
        If it is no ordinary file (or folder of a file geodatabase), or something else inside.
    """
    kind = path.suffix.lower()
    if kind == FOLDER_SUFFIX and path.is_dir():
        for part in path.iterdir():
            require_file(part)
        return
    if kind == FOLDER_SUFFIX:
        require_file(path)
        raise _other(path, kind)
    if kind == ".shp":
        for part in path.parent.glob(f"{escape(path.stem)}.*"):
            require_file(part)
    require_file(path)
    with foreign_reader(path.name, REMEDY), path.open("rb") as opened:
        header = opened.read(HEADER_BYTES)
    if not header:
        raise InputError("{file}: the file is empty: {remedy}", file=path.name, remedy=REMEDY)
    if RECIPES.search(header) and kind not in MAGIC:
        raise InputError("{file}: holds no data but says how to get some: save the data themselves", file=path.name)
    if kind in MAGIC and not header.startswith(MAGIC[kind]):
        raise _other(path, kind)
    if kind == ".kml" and _root(path, header).rsplit(" ", 1)[-1] != "kml":
        raise _other(path, kind)
    if kind == ".gml" and not GML_DATA.fullmatch(_root(path, header)):
        raise _other(path, kind)


def _root(path: Path, header: bytes) -> str:
    """Return the first element of an XML file, as namespace and name; types declared in front of it are refused."""
    found: list[str] = []
    parser = expat.ParserCreate(namespace_separator=" ")

    def start(name: str, attributes: dict[str, str]) -> None:
        found.append(name)

    def doctype(*_: object) -> None:
        raise InputError("{file}: declares a document type (DOCTYPE), as no map data do: {remedy}", file=path.name, remedy=REMEDY)

    parser.StartElementHandler, parser.StartDoctypeDeclHandler = start, doctype
    try:
        parser.Parse(header, False)
    except (expat.ExpatError, LookupError, ValueError) as error:  # an encoding nobody knows is a LookupError
        if not found:
            raise InputError("{file}: cannot be read ({error}): {remedy}", file=path.name, error=error, remedy=REMEDY) from error
    return found[0] if found else ""


def _other(path: Path, kind: str) -> InputError:
    return InputError("{file}: is no {kind} file inside: {remedy}", file=path.name, kind=kind, remedy=REMEDY)
