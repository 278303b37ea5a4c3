"""The rivers and brooks of the generated county: three rivers, one dammed tributary, and brooks grown at random."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from .frame import HEIGHT, WIDTH, Floats, Mask, to_cells

STEP_METRES = 50.0
DAMMED, DAM_METRES = "沙溪", 2_300.0

# Control points from the mouth upwards, metres in the frame.
RIVERS = (
    (
        "清澜江",
        (
            (24_500, 13_900),
            (21_500, 13_700),
            (18_600, 13_000),
            (15_200, 13_600),
            (12_000, 12_300),
            (8_600, 13_100),
            (4_900, 12_000),
            (900, 12_900),
        ),
    ),
    (
        "北溪",
        (
            (25_000, 24_900),
            (21_800, 24_300),
            (18_300, 25_100),
            (14_600, 24_000),
            (10_800, 25_200),
            (6_900, 24_500),
            (2_200, 26_100),
        ),
    ),
    ("南溪", ((22_800, 5_100), (19_300, 4_600), (15_600, 5_500), (11_700, 4_300), (7_600, 5_300), (3_400, 4_300))),
)
DAMMED_COURSE = (
    (11_900, 12_350),
    (11_100, 14_200),
    (10_700, 16_300),
    (9_600, 18_000),
    (9_500, 19_800),
    (8_000, 21_300),
    (6_400, 21_700),
)


@dataclass(frozen=True, kw_only=True)
class Stream:
    """A stream from its mouth upwards.

    Attributes
    ----------
    name : str
        Empty for a brook without a name.
    metres : array (n, 2)
        Points in the frame, `STEP_METRES` apart.
    bed : array (n,)
        Elevation of the bed in metres.
    floor_metres : float
        Half the width of the flat valley floor.
    parent : int
        Number of the stream it joins, -1 for rivers that reach the sea.
    joins : float
        Metres up the parent where it joins.
    """

    name: str
    metres: Floats
    bed: Floats
    floor_metres: float
    parent: int = -1
    joins: float = 0.0

    @property
    def along(self) -> Floats:
        """Metres from the mouth."""
        return np.asarray(np.arange(len(self.metres)) * STEP_METRES, dtype=float)

    def point_at(self, metres: float) -> Floats:
        """Return the point `metres` above the mouth, shape (1, 2)."""
        return self.metres[[min(int(metres / STEP_METRES), len(self.metres) - 1)]]


def grow_streams(random: np.random.Generator, *, land: Mask, relief: Floats) -> list[Stream]:
    """Lay the rivers, then let brooks branch off them, and smaller brooks off those."""
    streams = [_lay_river(random, name, np.array(points, dtype=float)) for name, points in RIVERS]
    streams.append(_lay_dammed(random, streams[0]))
    for spacing, longest, parents in ((1_700, 7_500, 4), (1_300, 3_000, None), (900, 1_300, None)):
        for parent in range(len(streams) if parents is None else parents):
            _branch(random, streams, parent, spacing=spacing, longest=longest, relief=relief)
    return streams


def _spline(points: Floats) -> Floats:
    chord = np.r_[0, np.cumsum(np.hypot(*np.diff(points, axis=0).T))]
    dense = CubicSpline(chord, points)(np.linspace(0, chord[-1], 4_000))
    length = np.r_[0, np.cumsum(np.hypot(*np.diff(dense, axis=0).T))]
    where = np.arange(0, length[-1], STEP_METRES)
    return np.column_stack([np.interp(where, length, dense[:, axis]) for axis in (0, 1)])


def _meander(random: np.random.Generator, points: Floats, *, metres: float) -> Floats:
    """Shift control points sideways at random between the given ones, so that no two rivers bend alike."""
    middle = (points[:-1] + points[1:]) / 2
    across = np.diff(points, axis=0) @ np.array([[0.0, 1.0], [-1.0, 0.0]])
    across /= np.hypot(*across.T)[:, None]
    middle = middle + across * random.uniform(-metres, metres, (len(middle), 1))
    return _spline(np.insert(points, range(1, len(points)), middle, axis=0))


def _lay_river(random: np.random.Generator, name: str, points: Floats) -> Stream:
    metres = _meander(random, points, metres=420)
    inland = np.arange(len(metres)) * STEP_METRES / 1_000
    bed = 2.0 + 0.9 * inland + 0.55 * np.clip(inland - 8, 0, None) ** 2
    return Stream(name=name, metres=metres, bed=bed, floor_metres=420)


def _lay_dammed(random: np.random.Generator, river: Stream) -> Stream:
    points = np.array(DAMMED_COURSE, dtype=float)
    joint = int(np.argmin(np.hypot(*(river.metres - points[0]).T)))
    points[0] = river.metres[joint]
    metres = _meander(random, points, metres=250)
    up = np.arange(len(metres)) * STEP_METRES / 1_000
    bed = river.bed[joint] + 11 * up + 3.0 * np.clip(up - 5.5, 0, None) ** 2
    return Stream(name=DAMMED, metres=metres, bed=bed, floor_metres=260, parent=0, joins=joint * STEP_METRES)


def _branch(
    random: np.random.Generator, streams: list[Stream], parent: int, *, spacing: float, longest: float, relief: Floats
) -> None:
    trunk = streams[parent]
    side = 1.0
    position = spacing * random.uniform(0.5, 1.0)
    while position < len(trunk.metres) * STEP_METRES - 400:
        branch = _grow_brook(random, streams, parent, position, side=side, longest=longest, relief=relief)
        if branch is not None:
            streams.append(branch)
        side, position = -side, position + spacing * random.uniform(0.45, 0.75)


def _grow_brook(
    random: np.random.Generator,
    streams: list[Stream],
    parent: int,
    position: float,
    *,
    side: float,
    longest: float,
    relief: Floats,
) -> Stream | None:
    """Walk uphill with a slowly turning heading until another stream, the frame or the length stops it."""
    trunk = streams[parent]
    start = int(position / STEP_METRES)
    ahead = trunk.metres[min(start + 4, len(trunk.metres) - 1)] - trunk.metres[max(start - 4, 0)]
    heading = np.arctan2(ahead[1], ahead[0]) + side * random.uniform(0.9, 1.35)
    others = np.vstack([stream.metres[::3] for number, stream in enumerate(streams) if number != parent])
    first, points, bed, turn, drift = heading, [trunk.metres[start]], [float(trunk.bed[start])], 0.0, 0.0
    for _ in range(int(longest * random.uniform(0.55, 1.0) / STEP_METRES)):
        turn = 0.9 * turn + random.normal(0, 0.045)
        drift = 0.97 * drift + turn
        heading = first + drift
        point = points[-1] + STEP_METRES * np.array([np.cos(heading), np.sin(heading)])
        steep = float(relief[to_cells(point)][0])
        if steep < 0.03 or not _is_inside(point) or np.hypot(*(others - point).T).min() < 330:
            break
        points.append(point)
        bed.append(bed[-1] + STEP_METRES * (0.02 + 0.09 * min(len(points) / 60, 1)) * (0.3 + 0.7 * steep))
    if len(points) < 9:
        return None
    return Stream(name="", metres=np.array(points), bed=np.array(bed), floor_metres=60, parent=parent, joins=position)


def _is_inside(point: Floats) -> bool:
    return bool(0 < point[0] < WIDTH and 0 < point[1] < HEIGHT)
