"""GeoJSON: the gap areas, for anything that reads GeoJSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import shapely

from ...analyses.results import Results
from ..figures import plain

_DECIMALS = 1e-7  # RFC 7946 advises against more: about a centimetre


def write_gaps(results: Results, path: str | Path) -> None:
    """Write the gap areas as RFC 7946 GeoJSON in WGS 84; values that do not exist are null.

    GDAL would leave null members out of some features, and a reader would take the schema from the first one.
    """
    features = [_feature(row) for _, row in results.gaps.iterrows()]
    collection = {
        "type": "FeatureCollection", "name": "gaps", "attribution": list(results.sources), "features": features,
    }  # fmt: skip
    text = json.dumps(collection, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    Path(path).write_text(text + "\n", encoding="utf-8", newline="\n")


def _feature(row: Any) -> dict[str, Any]:
    shape = shapely.orient_polygons(shapely.set_precision(row["geometry"], _DECIMALS), exterior_cw=False)
    properties = {name: plain(value) for name, value in row.items() if name != "geometry"}
    return {"type": "Feature", "properties": properties, "geometry": json.loads(shapely.to_geojson(shape))}
