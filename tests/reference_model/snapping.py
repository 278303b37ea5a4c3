"""Where points enter the network (section 5)."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import STRtree

from .places import GEOD, metres_per_degree, turn
from .water import Place, Water

TIED_METRES = 0.01  # a foot so near to a node is that node


@dataclass(frozen=True)
class Snap:
    """Where a point enters; class 0 is beyond the cap (then the rest is unknown)."""

    snap_class: int
    metres: float = np.nan
    point: Place | None = None
    segment: int = -1
    share: float = np.nan  # of the segment's length, from its first node


@dataclass(frozen=True)
class Near:
    """Pieces near a point, nearest first: number, distance and share of the length at the foot; the foot's place."""

    piece: np.ndarray
    metres: np.ndarray
    share: np.ndarray
    foot: list[Place]

    def take(self, which: np.ndarray) -> "Near":
        """Some of them."""
        return Near(self.piece[which], self.metres[which], self.share[which], [self.foot[i] for i in np.flatnonzero(which)])


class Snapper:
    """Finds the pieces near a point; of classes, raised edges and water."""

    def __init__(self, pieces: np.ndarray, lon: np.ndarray, lat: np.ndarray, water: Water) -> None:
        self.pieces, self.water = pieces, water
        self.usable = np.flatnonzero(~(pieces["ferry"] | pieces["line"] | pieces["landing"]))
        first, last = pieces["first"][self.usable], pieces["last"][self.usable]
        self.lon, self.lat = lon[first], lat[first]
        self.east, self.north = turn(lon[last] - lon[first]), lat[last] - lat[first]
        lon2, lat2 = self.lon + self.east, lat[last]
        low = np.minimum(self.lon, lon2), np.minimum(self.lat, lat2)
        self.tree = STRtree(shapely.box(*low, np.maximum(self.lon, lon2), np.maximum(self.lat, lat2)))

    def near(self, point: Place, cap_metres: float) -> Near:
        """All pieces within a distance, in order of distance."""
        lon, lat = point
        east, north = metres_per_degree(lat)
        reach = 1.01 * cap_metres / np.array([max(east, 1.0), north])
        boxes = [shapely.box(lon - reach[0] + t, lat - reach[1], lon + reach[0] + t, lat + reach[1]) for t in (-360, 0, 360)]
        rows = np.unique(np.concatenate([self.tree.query(box) for box in boxes]))
        x, y = turn(self.lon[rows] - lon) * east, (self.lat[rows] - lat) * north
        dx, dy = self.east[rows] * east, self.north[rows] * north
        squared = dx * dx + dy * dy
        share = np.clip(-(x * dx + y * dy) / np.where(squared > 0, squared, 1), 0, 1)
        metres = np.hypot(x + share * dx, y + share * dy)
        order = np.lexsort((rows, metres))
        order = order[metres[order] <= cap_metres]
        feet = zip(lon + ((x + share * dx) / east)[order], lat + ((y + share * dy) / north)[order], strict=True)
        return Near(self.usable[rows[order]], metres[order], share[order], list(feet))

    def snap(self, point: Place, cap_metres: float) -> Snap:
        """The nearest edge of the first class that has one within the cap."""
        near = self.near(point, cap_metres)
        sound, raised = self.pieces["sound"][near.piece], self.pieces["raised"][near.piece]
        steps = [(1, sound & ~raised, True), (2, ~raised, True), (3, sound, False), (3, np.full(len(sound), True), False)]
        for snap_class, which, dry in steps:
            best = self.best(near.take(which), point if dry else None)
            if best is not None:
                piece, share, foot = best
                return Snap(snap_class, GEOD.inv(*point, *foot)[2], foot, piece, share)
        return Snap(0)

    def best(self, near: Near, dry_from: Place | None) -> tuple[int, float, Place] | None:
        """The nearest, of equals the fastest, then the lowest way, then the earliest piece; not across water from a point."""
        pieces = self.pieces[near.piece]
        order = np.lexsort((pieces["place"], pieces["way"], -pieces["kmh"], np.round(near.metres, 3)))  # equal to 1 mm
        for row in order.tolist():
            if dry_from is None or not self.water.is_crossed(dry_from, near.foot[row]):
                return int(near.piece[row]), float(near.share[row]), near.foot[row]
        return None


def landings(snapper: Snapper, ends: list[tuple[int, Place]], cap_metres: float) -> Iterator[tuple[int, int, float, Place]]:
    """Ends of ferries with the piece they are tied to, the share of its length and the place; water is not tested."""
    pieces = snapper.pieces
    for node, place in ends:
        near = snapper.near(place, cap_metres)
        dry = ~pieces["raised"][near.piece]
        for which in (pieces["sound"][near.piece] & dry, dry):
            best = snapper.best(near.take(which), None)
            if best is not None:
                yield node, *best
                break
