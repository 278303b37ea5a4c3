"""What OSM XML says that pyosmium passes over: whether it is a map at all, whether it is whole, and what an editor deleted.

The text is looked at from end to end before pyosmium reads it, unpacked piece by piece, so that a packed file that swells
without end is refused here.
"""

from __future__ import annotations

import bz2
import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast
from xml.parsers import expat
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from ..errors import InputError, said
from ..files import foreign_reader

Deleted = frozenset[tuple[str, int]]  # ("n", "w" or "r", id)

PIECE = 1 << 20
SMALL = 64 * PIECE  # what any packed file may swell to
LARGEST_RATIO = 250  # of what it swells to; real extracts stay below 40
REMEDY = "download or export it again."
KINDS = {"node": "n", "way": "w", "relation": "r"}
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]{1,2})?")
# JOSM: action="delete", or "modify"; Overpass: <remark>runtime error: ...</remark>
_TELLING = re.compile(rb"\baction\s*=|<remark\b")
PACKED = {b"\x1f\x8b": "gz", b"BZh": "bz2"}  # how packed files begin, whatever they are called


@dataclass(frozen=True)
class XmlFacts:
    """The name of the root element, the elements marked by action="delete", and what the server that made it remarks."""

    root: str
    deleted: Deleted
    remark: str


def look_at_xml(file: Path) -> XmlFacts:
    """Look through one file of XML, packed or not.

    Raises
    ------
    InputError
        If it is no XML, declares entities, or swells beyond all measure.
    """
    with foreign_reader(file, REMEDY):
        root, marked = _glance(file)
        return XmlFacts(root, *(_marks(file) if marked else (frozenset(), "")))


def packing(file: Path) -> str:
    """Return how a file is packed, by its content: gz, bz2 or not at all."""
    with file.open("rb") as opened:
        head = opened.read(4)
    return next((name for magic, name in PACKED.items() if head.startswith(magic)), "")


def _opened(file: Path) -> BinaryIO:
    how = packing(file)
    if how == "gz":
        return cast(BinaryIO, gzip.open(file))
    return cast(BinaryIO, bz2.open(file)) if how == "bz2" else file.open("rb")


def _pieces(file: Path) -> Iterator[bytes]:
    """Yield the text bit by bit; a packed one up to a bound."""
    packed = bool(packing(file))
    room = max(SMALL, LARGEST_RATIO * file.stat().st_size)
    with _opened(file) as opened:
        while piece := opened.read(PIECE):
            room -= len(piece)
            if packed and room < 0:
                raise InputError(
                    "{file}: swells to more than {largest_ratio} times its size; it holds no ordinary map.",
                    file=file,
                    largest_ratio=LARGEST_RATIO,
                )
            yield piece


def _parser(file: Path) -> expat.XMLParserType:
    """Make a parser that knows no entities: a few lines of them can swell to gigabytes."""

    def refuse(*_: object) -> None:
        raise InputError("{file}: declares XML entities, which maps do not need; {remedy}", file=file, remedy=said(REMEDY))

    parser = expat.ParserCreate()
    parser.EntityDeclHandler = refuse
    return parser


def _glance(file: Path) -> tuple[str, bool]:
    """Find the root and whether an editor or a server may have marked anything: fast, for few files are marked."""
    roots: list[str] = []
    parser = _parser(file)
    parser.StartElementHandler = lambda name, _: roots.append(name)
    marked, tail, first = False, b"", True
    for piece in _pieces(file):
        if not roots:
            parser.Parse(piece)
        if first:
            marked, first = b"\0" in piece[:64], False  # UTF-16: not worth a fast path
        marked = marked or _TELLING.search(tail + piece) is not None
        tail = piece[-32:]
    if first:
        raise InputError("{file}: is empty.", file=file)
    return (roots or [""])[0], marked


def _marks(file: Path) -> tuple[Deleted, str]:
    """Collect what carries action="delete", and the text of remarks."""
    found: set[tuple[str, int]] = set()
    remarks: list[str] = []
    open_elements: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        open_elements.append(name)
        if name in KINDS and attributes.get("action") == "delete":
            found.add((KINDS[name], int(attributes["id"])))

    def text(some: str) -> None:
        if open_elements[1:] == ["remark"]:
            remarks.append(some)

    parser = _parser(file)
    parser.StartElementHandler, parser.CharacterDataHandler = start, text
    parser.EndElementHandler = lambda _: open_elements.pop()
    for piece in _pieces(file):
        parser.Parse(piece)
    parser.Parse(b"", True)
    return frozenset(found), " ".join("".join(remarks).split())


def mend_places(file: Path, target: Path) -> None:
    """Write a copy without the coordinates that are no place on earth, over which pyosmium gives up the whole file.

    Raises
    ------
    InputError
        As `look_at_xml`.
    """
    with foreign_reader(file, REMEDY), target.open("w", encoding="utf-8") as opened:
        writer = XMLGenerator(opened, encoding="utf-8")
        writer.startDocument()
        parser = _parser(file)
        parser.StartElementHandler = lambda name, attributes: writer.startElement(name, AttributesImpl(_sound(attributes)))
        parser.EndElementHandler = writer.endElement
        for piece in _pieces(file):
            parser.Parse(piece)
        parser.Parse(b"", True)


def _sound(attributes: dict[str, str]) -> dict[str, str]:
    """Leave out both coordinates where either is no number, or off the earth."""
    places = [(attributes.get(name, "0"), edge) for name, edge in (("lat", 90), ("lon", 180))]
    if all(_NUMBER.fullmatch(text) and abs(float(text)) <= edge for text, edge in places):
        return attributes
    return {name: text for name, text in attributes.items() if name not in ("lat", "lon")}
