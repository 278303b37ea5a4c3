"""GeoJSON: the gap areas, for anything that reads GeoJSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from ...analyses.results import Results
from ..figures import plain

_AT_ONCE = 20_000  # gaps; each takes some kilobytes while it is written
_PLACES = 7
_DECIMALS = 1e-7  # RFC 7946 advises against more: about a centimetre


def write_gaps(results: Results, path: str | Path) -> None:
    """Write the gap areas as RFC 7946 GeoJSON in WGS 84; values that do not exist are null.

    GDAL would leave null members out of some features, and a reader would take the schema from the first one.
    """
    head = _json({"type": "FeatureCollection", "name": "gaps", "attribution": list(results.sources)})
    with Path(path).open("w", encoding="utf-8", newline="\n") as opened:
        opened.write(head[:-1] + ',"features":[')
        for start in range(0, len(results.gaps), _AT_ONCE):
            opened.write("," * bool(start) + ",".join(_features(results.gaps.iloc[start : start + _AT_ONCE])))
        opened.write("]}\n")


def _features(gaps: gpd.GeoDataFrame) -> list[str]:
    shapes = shapely.to_geojson(shapely.orient_polygons(_rounded(gaps.geometry.to_numpy()), exterior_cw=False))
    rows = gaps.drop(columns="geometry").to_dict("records")
    return [_feature(row, shape) for row, shape in zip(rows, shapes, strict=True)]


def _rounded(shapes: Any) -> Any:
    """Round corners; where that makes a border cross itself, the slow way."""
    rounded = shapely.transform(shapes, lambda corners: np.round(corners / _DECIMALS) * _DECIMALS)
    broken = ~shapely.is_valid(rounded)
    rounded[broken] = shapely.set_precision(shapes[broken], _DECIMALS)
    return shapely.transform(rounded, lambda corners: np.round(corners, _PLACES))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _feature(row: Any, shape: str) -> str:
    properties = {name: plain(value) for name, value in row.items()}
    return '{"type":"Feature","properties":' + _json(properties) + ',"geometry":' + shape + "}"
