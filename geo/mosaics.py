"""VRT files: rasters that name other files. Only plain mosaics are read, whose every part is an ordinary file.

GDAL's format can do much more: compute cells by scripts, read raw bytes of any file, fetch parts from the network. What a mosaic
is made of is therefore read here before GDAL sees it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final
from xml.parsers import expat

from .errors import InputError, TooLargeError, said
from .files import foreign_reader, require_file

MOST_BYTES: Final = 20_000_000
HEADER_BYTES: Final = 64_000
REMEDY: Final = "build a GeoTIFF from it"
RELATIVE: Final = "relativeToVRT"
# What gdalbuildvrt writes.
ELEMENTS: Final = frozenset(
    {
        "VRTDataset", "SRS", "GeoTransform", "Metadata", "MDI", "VRTRasterBand", "Description", "NoDataValue", "HideNoDataValue",
        "ColorInterp", "ColorTable", "Entry", "UnitType", "Offset", "Scale", "CategoryNames", "Category", "SimpleSource",
        "ComplexSource", "SourceFilename", "SourceBand", "SourceProperties", "SrcRect", "DstRect", "NODATA", "ScaleOffset",
        "ScaleRatio", "UseMaskBand", "MaskBand", "OverviewList", "Histograms", "HistItem", "HistMin", "HistMax", "BucketCount",
        "IncludeOutOfRange", "Approximate", "HistCounts", "BlockXSize", "BlockYSize",
    }
)  # fmt: skip
# Their attributes, in GDAL's own spelling: it reads others' as well (RelativeToVRT, SubClass), and those are not what we checked.
ATTRIBUTES: Final = frozenset(
    {
        "rasterXSize", "rasterYSize", "dataAxisToSRSAxisMapping", "coordinateEpoch", "domain", "key", "dataType", "band",
        "blockXSize", "blockYSize", "c1", "c2", "c3", "c4", RELATIVE, "shared", "RasterXSize", "RasterYSize", "DataType",
        "BlockXSize", "BlockYSize", "xOff", "yOff", "xSize", "ySize", "resampling",
    }
)  # fmt: skip


def is_mosaic(path: Path) -> bool:
    """Tell whether GDAL would take a file for a VRT, whatever it is called."""
    with foreign_reader(path.name, REMEDY), path.open("rb") as opened:
        return path.suffix.lower() == ".vrt" or b"<VRTDataset" in opened.read(HEADER_BYTES)


def mosaic_parts(path: Path) -> list[Path]:
    """Return the files that a plain mosaic is made of.

    Raises
    ------
    InputError
        If it does more than put ordinary files together.
    TooLargeError
        If it is too long for one.
    """
    if path.stat().st_size > MOST_BYTES:
        raise TooLargeError("{file}: names too many files: {remedy}", file=path.name, remedy=said(REMEDY))
    reader = _Reader(path)
    with foreign_reader(path.name, REMEDY):
        reader.parser.Parse(path.read_bytes(), True)
    return [_part(path, name, is_relative) for name, is_relative in dict.fromkeys(reader.parts)]


class _Reader:
    """The elements of one file, as they come."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.parts: list[tuple[str, bool]] = []
        self._name: str | None = None  # of a part, while its element is open
        self._is_relative = False
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._doctype

    def _start(self, element: str, attributes: dict[str, str]) -> None:
        odd = [name for name in attributes if name not in ATTRIBUTES]
        if element not in ELEMENTS or odd or attributes.get(RELATIVE, "0") not in ("0", "1"):
            raise self._more(" ".join([element, *(odd or [])]))
        if element == "SourceFilename":
            self._name, self._is_relative = "", attributes.get(RELATIVE) == "1"

    def _text(self, text: str) -> None:
        if self._name is not None:
            self._name += text

    def _end(self, element: str) -> None:
        if element == "SourceFilename" and self._name is not None:
            if self._name != self._name.strip():  # GDAL trims it, and would open another file than the one looked at
                raise self._more(said("spaces around a file's name"))
            self.parts.append((self._name, self._is_relative))
            self._name = None

    def _doctype(self, *_: object) -> None:
        raise self._more("DOCTYPE")

    def _more(self, what: str) -> InputError:
        return InputError(
            "{file}: does more than put files together ({what}): {remedy}", file=self.path.name, what=what, remedy=said(REMEDY)
        )


def _part(path: Path, name: str, is_relative: bool) -> Path:
    file = path.resolve().parent / name if is_relative else Path(name)
    try:
        require_file(file)
    except InputError as error:
        raise InputError("{file}: names what cannot be read: {error}", file=path.name, error=error) from error
    if is_mosaic(file):
        raise InputError("{file}: names another mosaic, {other}: {remedy}", file=path.name, other=file.name, remedy=said(REMEDY))
    return file
