"""Rasters: travel times as a cloud-optimised GeoTIFF that names its sources."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import ArrayLike

from ...geo.errors import InputError
from .about import joined_sources
from .columns import meaning


def write_minutes(
    path: str | Path, minutes: ArrayLike, *, transform: Any, crs: Any, sources: Sequence[str], goal: str = ""
) -> None:
    """Write travel times as a cloud-optimised GeoTIFF.

    Parameters
    ----------
    path : str or Path
    minutes : (rows, columns) array of float
        Minutes, north up; NaN where nobody arrives.
    transform : affine.Affine
        From (column, row) to coordinates in `crs`.
    crs : anything rasterio takes
    sources : sequence of str
        Lines of attribution: the tag of copyright, and `attribution` in the metadata.
    goal : str
        Whose minutes they are.

    Raises
    ------
    InputError
        If `minutes` is not two-dimensional.
    """
    values = np.asarray(minutes, dtype=np.float32)
    if values.ndim != 2 or not values.size:
        raise InputError("minutes must be a table of rows and columns, but has the shape {shape}", shape=values.shape)
    profile = {
        "driver": "COG", "dtype": "float32", "count": 1, "height": values.shape[0], "width": values.shape[1],
        "crs": crs, "transform": transform, "nodata": float("nan"), "compress": "deflate", "predictor": "yes",
    }  # fmt: skip
    of = meaning("demand.parquet", f"{goal}.minutes")
    tags = {"TIFFTAG_COPYRIGHT": joined_sources(sources), "attribution": joined_sources(sources)}
    with rasterio.open(path, "w", **profile) as raster:
        raster.update_tags(**tags, TIFFTAG_IMAGEDESCRIPTION=of.both, goal=goal)
        raster.write(np.where(np.isfinite(values), values, np.float32(np.nan)), 1)
        raster.set_band_description(1, "minutes")
        raster.set_band_unit(1, "minutes")
