"""Files as planners bring them: .osm.pbf, GeoTIFF, GBK shapefiles without .cpg, a GB18030 table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import rasterio
import shapely
from rasterio import Affine

from .facilities import Spot
from .frame import CELL_DEGREES, NORTH, WEST, Floats, to_degrees
from .ways import Way

CGCS2000_CM120 = "EPSG:4549"
DBF_LANGUAGE_BYTE = 29
Tags = Mapping[str, str]


@dataclass(kw_only=True)
class _Objects:
    """OSM objects with ids: one node per position, so that ways meeting in a point share it."""

    nodes: dict[tuple[float, float], int] = field(default_factory=dict)
    node_tags: dict[int, Tags] = field(default_factory=dict)
    ways: list[tuple[list[int], Tags]] = field(default_factory=list)
    relations: list[tuple[list[tuple[str, int, str]], Tags]] = field(default_factory=list)

    def add_way(self, metres: Floats, tags: Tags) -> int:
        refs = [self.nodes.setdefault((round(x, 2), round(y, 2)), len(self.nodes) + 1) for x, y in metres.tolist()]
        self.ways.append(([ref for n, ref in enumerate(refs) if n == 0 or refs[n - 1] != ref], tags))
        return len(self.ways)

    def add_area(self, polygon: shapely.Polygon, tags: Tags) -> None:
        """Add a closed way, or a multipolygon relation where the area has holes."""
        if not polygon.interiors:
            self.add_way(np.array(polygon.exterior.coords), tags)
            return
        rings = [("outer", polygon.exterior), *(("inner", ring) for ring in polygon.interiors)]
        members = [("w", self.add_way(np.array(ring.coords), {}), role) for role, ring in rings]
        self.relations.append((members, {"type": "multipolygon", **tags}))

    def add_spot(self, spot: Spot) -> None:
        for part in shapely.get_parts(spot.shape):
            if isinstance(part, shapely.Polygon):
                self.add_area(part, spot.tags)
            else:
                key = (round(part.x, 2), round(part.y, 2))
                self.node_tags[self.nodes.setdefault(key, len(self.nodes) + 1)] = spot.tags


def write_map(path: Path, *, ways: Sequence[Way], spots: Sequence[Spot]) -> None:
    """Write ways and tagged places as OpenStreetMap data: nodes, then ways, then relations, ids rising."""
    objects = _Objects()
    for way in ways:
        objects.add_way(way.metres, way.tags)
    for spot in spots:
        objects.add_spot(spot)
    degrees = to_degrees(np.array(list(objects.nodes), dtype=float)).round(7)
    with osmium.SimpleWriter(str(path), overwrite=True) as writer:
        for number, location in enumerate(degrees.tolist(), start=1):
            tags = objects.node_tags.get(number, {})
            writer.add_node(osmium.osm.mutable.Node(id=number, version=1, location=tuple(location), tags=tags))
        for number, (refs, tags) in enumerate(objects.ways, start=1):
            writer.add_way(osmium.osm.mutable.Way(id=number, version=1, nodes=refs, tags=dict(tags)))
        for number, (members, tags) in enumerate(objects.relations, start=1):
            writer.add_relation(osmium.osm.mutable.Relation(id=number, version=1, members=members, tags=dict(tags)))


def write_raster(path: Path, cells: Floats, *, nodata: float) -> None:
    """Write cells of the frame as a float32 GeoTIFF in EPSG:4326."""
    transform = Affine(CELL_DEGREES, 0, WEST, 0, -CELL_DEGREES, NORTH)
    height, width = cells.shape
    profile = {"driver": "GTiff", "dtype": "float32", "count": 1, "height": height, "width": width, "crs": "EPSG:4326"}
    with rasterio.open(
        path, "w", **profile, transform=transform, nodata=nodata, compress="deflate", predictor=3, tiled=True
    ) as raster:
        raster.write(cells.astype("float32"), 1)


def write_zones(path: Path, zones: pd.DataFrame) -> None:
    """Write polygons as a shapefile in CGCS2000 (CM 120E) with GBK text and nothing that says so.

    No .cpg, and the language byte of the .dbf says nothing either: the way such files are handed around.
    """
    degrees = [shapely.transform(shape, to_degrees) for shape in zones["geometry"]]
    table = gpd.GeoDataFrame({"代码": zones["code"], "名称": zones["name"]}, geometry=degrees, crs="EPSG:4490")
    date = {"DBF_DATE_LAST_UPDATE": "2025-01-01"}  # else the day of writing, and no two days give the same bytes
    table.to_crs(CGCS2000_CM120).to_file(path, driver="ESRI Shapefile", engine="pyogrio", encoding="GBK", layer_options=date)
    path.with_suffix(".cpg").unlink(missing_ok=True)
    with path.with_suffix(".dbf").open("r+b") as dbf:
        dbf.seek(DBF_LANGUAGE_BYTE)
        dbf.write(b"\x00")


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a comma-separated table in GB18030 with Windows line ends."""
    text = table.to_csv(index=False, lineterminator="\r\n")
    path.write_bytes(text.encode("gb18030"))
