"""Opening rasters that somebody else made: ordinary local files in a few plain formats, of a size that can be read.

GDAL opens by content, whatever a file is called: services on the network, other programs' databases, rasters computed by scripts.
Only the formats below are tried, and plain mosaics of them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import rasterio
from rasterio.errors import RasterioIOError

from .errors import TooLargeError
from .files import foreign_reader, require_file
from .mosaics import is_mosaic, mosaic_parts

PLAIN_FORMATS: Final[tuple[str, ...]] = ("GTiff", "AAIGrid", "HFA", "SRTMHGT", "EHdr", "ENVI")
REMEDY: Final = "export it again as GeoTIFF"
MOST_CELLS: Final = 20_000_000_000  # China at 30 m
MOST_ACROSS: Final = 2_000_000
MOST_BLOCK_CELLS: Final = 100_000_000  # whole blocks are taken into memory


def open_raster(path: Path) -> rasterio.DatasetReader:
    """Open a raster for reading; who reads from it does so within `foreign_reader`, since damage may show only then.

    Raises
    ------
    InputError
        If it is no ordinary file, no raster in a format that is read, or a mosaic that does more than put such files together.
    TooLargeError
        If it claims more cells than can be read.
    """
    require_file(path)
    formats = PLAIN_FORMATS
    if is_mosaic(path):
        for part in mosaic_parts(path):
            open_raster(part).close()
        formats = ("VRT",)
    with foreign_reader(path.name, REMEDY), rasterio.Env(GDAL_VRT_ENABLE_PYTHON="NO"):
        source = _opened(path.resolve(), formats)
        block = max((rows * columns for rows, columns in source.block_shapes), default=0)
    if source.width * source.height > MOST_CELLS or max(source.width, source.height) > MOST_ACROSS or block > MOST_BLOCK_CELLS:
        source.close()
        raise TooLargeError(
            "{file}: claims {width:,} x {height:,} cells, too many to read: clip it to the region",
            file=path.name,
            width=source.width,
            height=source.height,
        )
    return source


def _opened(path: Path, formats: tuple[str, ...]) -> rasterio.DatasetReader:
    """Try one format after the other; what the usual one says is told where none fits."""
    problem: RasterioIOError | None = None
    for name in formats:
        try:
            return rasterio.open(path, driver=name)
        except RasterioIOError as error:
            problem = problem or error
    raise problem or RasterioIOError(str(path))
