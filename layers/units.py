"""Demand units as places: the point a unit travels from, and the lattice its points may form."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Transformer
from scipy.spatial import cKDTree

from ..geo.coordinates import Floats, metric_crs

# A lattice in degrees stretches from south to north, so neighbours are not equally far to the metre.
LATTICE_TOLERANCE: Final = 0.05
LATTICE_SHARE: Final = 0.9
# Square cells have four nearest neighbours, hexagons six; the diagonal of a square is 1.41 edges away.
NEIGHBOUR_REACH: Final = 1.2
SAMPLE_POINTS: Final = 20_000

Ints = npt.NDArray[np.int64]


def unit_points(geometry: gpd.GeoSeries) -> tuple[Floats, Floats]:
    """Return where each unit is snapped to the streets.

    A point is itself. A polygon is its centroid, computed in a local metric CRS, where that lies inside it (a crescent
    or a ring of islands has it outside), else a point on its surface.

    Parameters
    ----------
    geometry : GeoSeries
        Points or polygons, EPSG:4326.

    Returns
    -------
    lon, lat : array of float64
        Degrees, one per unit.
    """
    shapes = geometry.to_numpy()
    points = shapes.copy()
    spread = shapely.get_type_id(shapes) != shapely.GeometryType.POINT
    if spread.any():
        points[spread] = _inner_points(shapes[spread])
    return shapely.get_x(points), shapely.get_y(points)


def distinct_places(x: Floats, y: Floats) -> tuple[Ints, Ints]:
    """Tell points that lie on one spot: in a tree of points all of a spot are one leaf, which every search looks through whole.

    Parameters
    ----------
    x, y : (n,) float64

    Returns
    -------
    first : (m,) int64
        The first point of every spot.
    place : (n,) int64
        The spot of every point.
    """
    _, first, place = np.unique(x + 1j * y, return_index=True, return_inverse=True)
    return first.astype(np.int64), place.astype(np.int64)


def lattice_metres(lon: Floats, lat: Floats) -> float | None:
    """Return the spacing of points that form a square lattice, None where they do not.

    The spacing is the median distance to the nearest neighbour in a local metric CRS. Hexagonal lattices (H3) are not
    square: their points have six equally near neighbours.
    """
    if lon.size < 4:
        return None
    places = np.column_stack(metric_transformer(metric_crs(lon, lat)).transform(lon, lat))
    first, place = distinct_places(lon, lat)
    sample = np.arange(0, lon.size, -(-lon.size // SAMPLE_POINTS))
    shared = np.bincount(place)[place[sample]] > 1  # their nearest neighbour stands on the same spot
    if len(first) < 2 or shared.mean() > 1 - LATTICE_SHARE:
        return None
    distances = cKDTree(places[first]).query(places[sample], k=min(6, len(first)))[0]
    nearest = np.where(shared, 0.0, distances[:, 1])
    spacing = float(np.median(nearest))
    if spacing <= 0 or (np.abs(nearest / spacing - 1) <= LATTICE_TOLERANCE).mean() < LATTICE_SHARE:
        return None
    neighbours = (distances[:, 1:] <= NEIGHBOUR_REACH * spacing).sum(axis=1)
    return None if (neighbours > 4).mean() > 1 - LATTICE_SHARE else spacing


def metric_transformer(crs: CRS) -> Transformer:
    """Return the transformer from longitude and latitude to a metric CRS, easting before northing."""
    return Transformer.from_crs(CRS.from_epsg(4326), crs, always_xy=True)


def _inner_points(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    bounds = shapely.bounds(shapes)
    transformer = metric_transformer(metric_crs(bounds[:, [0, 2]].ravel(), bounds[:, [1, 3]].ravel()))
    metric = shapely.transform(shapes, transformer.transform, interleaved=False)
    centroids = shapely.centroid(metric)
    outside = ~shapely.contains(metric, centroids)
    centroids[outside] = shapely.point_on_surface(metric[outside])
    lon, lat = transformer.transform(shapely.get_x(centroids), shapely.get_y(centroids), direction="INVERSE")
    inner: npt.NDArray[np.object_] = shapely.points(lon, lat)
    return inner
