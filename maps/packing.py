"""Packing: tables and shapes as few bytes, for a browser to unpack (`runtime/unpack.js` is the other half)."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from ..geo.errors import InputError

DEGREE = 1e-6  # quantum of point coordinates, about 0.1 m
SHAPE_DEGREE = 1e-5  # quantum of outlines and streets, about 1 m

_HEADER_BYTES = 4


def varint_deltas(values: ArrayLike) -> bytes:
    """Encode whole numbers as differences to the one before, zigzag, seven bits a byte, lowest first.

    Neighbours in space are alike, so most differences fit in one byte, and gzip shrinks the rest.
    """
    numbers = np.asarray(values, dtype=np.int64)
    difference = np.diff(numbers, prepend=np.int64(0))
    zigzag = ((difference << 1) ^ (difference >> 63)).astype(np.uint64)
    lengths = np.ones(len(zigzag), dtype=np.int64)
    for bits in range(7, 64, 7):
        lengths += (zigzag >> np.uint64(bits)) > 0
    ends = np.cumsum(lengths)
    out = np.zeros(int(ends[-1]) if len(ends) else 0, dtype=np.uint8)
    for byte in range(int(lengths.max(initial=0))):
        here = lengths > byte
        part = (zigzag[here] >> np.uint64(7 * byte)) & np.uint64(0x7F)
        more = np.where(lengths[here] > byte + 1, 0x80, 0).astype(np.uint64)
        out[(ends - lengths)[here] + byte] = (part | more).astype(np.uint8)
    return out.tobytes()


def tenths_up(minutes: ArrayLike) -> NDArray[np.int64]:
    """Round minutes up to tenths, as whole tenths; -1 where there is no time.

    Up, because rounding to the nearest would move people from just beyond a limit to inside it. For any limit that is
    a whole number of tenths, `minutes <= limit` and `tenths <= 10 * limit` are the same statement, to the last bit.
    """
    values = np.asarray(minutes, dtype=np.float64)
    known = np.isfinite(values)
    safe = np.where(known, values, 0.0)
    tenths = np.ceil(safe * 10)
    tenths = np.where((tenths - 1) / 10 >= safe, tenths - 1, tenths)  # 1.1 * 10 is 11.000000000000002
    tenths = np.where(tenths / 10 < safe, tenths + 1, tenths)
    return np.where(known, tenths, -1).astype(np.int64)


def people_units(people: ArrayLike) -> tuple[NDArray[np.int64], int]:
    """Return people as whole units and the number of units in a person: 1 where all are whole, else 1,000."""
    values = np.asarray(people, dtype=np.float64)
    if not np.isfinite(values).all():
        row = int(np.flatnonzero(~np.isfinite(values))[0]) + 1
        raise InputError("demand row {row} has no number of people: the map cannot count it; reject the row first", row=row)
    scale = 1 if (values == np.round(values)).all() else 1000
    return np.round(values * scale).astype(np.int64), scale


class Payload(NamedTuple):
    """A packed bundle: the base64 text, and the characters of its head, which no longer show in that text."""

    text: str
    characters: str


@dataclass
class Bundle:
    """One payload: a JSON head and named binary sections."""

    sections: dict[str, bytes] = field(default_factory=dict)

    def add_integers(self, name: str, values: ArrayLike) -> str:
        """Add whole numbers under `name` and return the name."""
        self.sections[name] = varint_deltas(values)
        return name

    def add_points(self, name: str, x: ArrayLike, y: ArrayLike) -> dict[str, Any]:
        """Add points (degrees) and say where they are."""
        for axis, values in (("x", x), ("y", y)):
            self.add_integers(f"{name}.{axis}", np.round(np.asarray(values, dtype=np.float64) / DEGREE))
        return {"x": f"{name}.x", "y": f"{name}.y", "step": DEGREE}

    def add_shapes(self, name: str, geometry: Sequence[Any] | NDArray[np.object_]) -> dict[str, Any]:
        """Add lines or polygons (degrees) as parts of vertices, and say where they are.

        A polygon's rings are parts; outer rings run one way and holes the other, so the nonzero rule fills them right.
        """
        shapes = np.asarray(geometry, dtype=object)
        parts, of_shape = _parts(shapes)
        coordinates, of_part = shapely.get_coordinates(parts, return_index=True)
        whole = np.round(coordinates / SHAPE_DEGREE).astype(np.int64)
        keep = _differs(whole, of_part)
        whole, of_part = whole[keep], of_part[keep]
        self.add_integers(f"{name}.parts", np.bincount(of_shape, minlength=len(shapes)))
        self.add_integers(f"{name}.vertices", np.bincount(of_part, minlength=len(parts)))
        self.add_integers(f"{name}.x", whole[:, 0])
        self.add_integers(f"{name}.y", whole[:, 1])
        keys = ("parts", "vertices", "x", "y")
        return {**{key: f"{name}.{key}" for key in keys}, "step": SHAPE_DEGREE}

    def pack(self, head: Mapping[str, Any]) -> Payload:
        """Return head and sections as one gzip in base64: length of the head, head (UTF-8 JSON), sections."""
        places, offset = {}, 0
        for name, content in self.sections.items():
            places[name] = [offset, len(content)]
            offset += len(content)
        text = json.dumps({**head, "sections": places}, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        encoded = text.encode("utf-8")
        whole = len(encoded).to_bytes(_HEADER_BYTES, "little") + encoded + b"".join(self.sections.values())
        packed = base64.b64encode(gzip.compress(whole, compresslevel=9, mtime=0)).decode("ascii")
        return Payload(packed, "".join(sorted(set(text))))


_MANY_VERTICES = 20_000  # of one outline


def thinned(outlines: NDArray[np.object_], tolerance: float) -> NDArray[np.object_]:
    """Return outlines without corners nearer than `tolerance` to a straight line.

    Very long ones are thinned ring by ring, and lose islands and holes smaller than the tolerance: keeping a whole province's
    borders from crossing each other takes minutes, and they are only drawn as lines.
    """
    long = shapely.get_num_coordinates(outlines) > _MANY_VERTICES
    thin = outlines.copy()
    thin[~long] = shapely.simplify(outlines[~long], tolerance)
    thin[long] = [_thinned_rings(outline, tolerance) for outline in outlines[long]]
    return thin


def _thinned_rings(outline: Any, tolerance: float) -> Any:
    polygons = shapely.get_parts(outline)
    rings, of_polygon = shapely.get_rings(polygons, return_index=True)
    box = shapely.bounds(rings)
    seen = np.maximum(box[:, 2] - box[:, 0], box[:, 3] - box[:, 1]) > 2 * tolerance
    shells = np.diff(of_polygon, prepend=-1) > 0
    seen &= seen[np.flatnonzero(shells)][np.cumsum(shells) - 1]  # no hole without its island
    thin = shapely.simplify(rings[seen], tolerance, preserve_topology=False)
    closed = shapely.get_num_coordinates(thin) >= 4
    thin = np.where(closed, thin, rings[seen])
    corners, of_ring = shapely.get_coordinates(thin, return_index=True)
    numbers = np.unique(of_polygon[seen], return_inverse=True)[1]
    return shapely.multipolygons(shapely.polygons(shapely.linearrings(corners, indices=of_ring), indices=numbers))


def _parts(shapes: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Return the rings of polygons or the lines of lines, and which shape each belongs to."""
    simple, of_shape = shapely.get_parts(shapes, return_index=True)
    simple, of_shape = simple[~shapely.is_empty(simple)], of_shape[~shapely.is_empty(simple)]
    if len(simple) and shapely.get_type_id(simple[0]) == shapely.GeometryType.POLYGON:
        rings, of_simple = shapely.get_rings(shapely.orient_polygons(simple), return_index=True)
        return rings, of_shape[of_simple]
    return simple, of_shape


def _differs(whole: NDArray[np.int64], of_part: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Mark the vertices that differ from the one before in their part: quantising makes many coincide."""
    keep = np.ones(len(whole), dtype=bool)
    keep[1:] = (np.diff(whole, axis=0) != 0).any(axis=1) | (np.diff(of_part) != 0)
    return keep
