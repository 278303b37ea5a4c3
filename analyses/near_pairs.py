"""Facilities of two lists that stand near each other: the pairs to choose from, few of each however many crowd on a spot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ..geo.lengths import earth_centred

NEIGHBOURS: Final = 32  # pairs of one facility looked at together: more than stand around any but in a heap
TURN_METRES: Final = 1e-6  # between facilities on one spot, so that the first of one list meets the first of the other
SLACK_METRES: Final = 1.0  # chords, and turns, are no lengths on the ground

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Side:
    """One list: where its facilities stand, and codes of what they are, the same codes in both lists.

    Attributes
    ----------
    places : (n, 4) float64
        Metres from the middle of the earth, and the turn at the spot.
    service, name : (n,) int64
        -1 for no name.
    """

    places: Floats
    service: Ints
    name: Ints

    def __len__(self) -> int:
        return len(self.service)

    def take(self, rows: Ints) -> Side:
        """Return some rows."""
        return Side(self.places[rows], self.service[rows], self.name[rows])


def sides(
    before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, spots: tuple[NDArray[np.object_], NDArray[np.object_]]
) -> tuple[Side, Side]:
    """Return two lists of facilities (`service`, `name`) that stand at `spots` (points, EPSG:4326)."""
    service, name = (
        pd.factorize(pd.concat([before[column], after[column]], ignore_index=True).astype("str"))[0]
        for column in ("service", "name")
    )
    places = [_places(at) for at in spots]
    cut = len(before)
    return Side(places[0], service[:cut], name[:cut]), Side(places[1], service[cut:], name[cut:])


def _places(spots: NDArray[np.object_]) -> Floats:
    lon, lat = shapely.get_x(spots), shapely.get_y(spots)
    turn = pd.DataFrame({"lon": lon, "lat": lat}).groupby(["lon", "lat"]).cumcount().to_numpy(float)
    return np.column_stack([*earth_centred(lon, lat), turn * TURN_METRES])


def near_pairs(first: Side, second: Side, metres: float, *, by_name: bool) -> tuple[Ints, Ints, bool]:
    """Return pairs of the same service within about `metres`: for each facility of either list its nearest in the other.

    Parameters
    ----------
    first, second : Side
    metres : float
    by_name : bool
        Whether two different names are two facilities.

    Returns
    -------
    a, b : (m,) int64
        Rows of either list, every pair once.
    crowded : bool
        Whether a facility has more of them than NEIGHBOURS; those farther off are left out.
    """
    found = [_nearest(first, second, *part, metres) for part in _parts(first, second, by_name=by_name)]
    keys = [a * max(len(second), 1) + b for a, b, _ in found]
    key = np.unique(np.concatenate(keys)) if keys else np.empty(0, np.int64)
    return key // max(len(second), 1), key % max(len(second), 1), any(crowded for _, _, crowded in found)


def _parts(first: Side, second: Side, *, by_name: bool) -> Iterator[tuple[Ints, Ints, Ints, Ints]]:
    """Yield rows of either list that may be pairs where their codes agree, with the codes."""
    every = np.arange(len(first)), np.arange(len(second))
    if not by_name:
        yield *every, first.service, second.service
        return
    names = int(max(first.name.max(initial=-1), second.name.max(initial=-1))) + 2
    yield *every, first.service * names + first.name + 1, second.service * names + second.name + 1
    for named in (True, False):  # a name meets the nameless
        a, b = np.flatnonzero((first.name >= 0) == named), np.flatnonzero((second.name >= 0) != named)
        yield a, b, first.service[a], second.service[b]


def _nearest(first: Side, second: Side, a: Ints, b: Ints, code_a: Ints, code_b: Ints, metres: float) -> tuple[Ints, Ints, bool]:
    """Return the nearest of either list to each of the other among rows whose codes agree."""
    if not len(a) or not len(b):
        return np.empty(0, np.int64), np.empty(0, np.int64), False
    apart = 4 * (metres + SLACK_METRES)  # codes are one more direction, in which nothing else is within reach
    left, right = (
        np.column_stack([side.places[rows], code * apart]) for side, rows, code in ((first, a, code_a), (second, b, code_b))
    )
    near_a, near_b, full = _query(left, right, metres + SLACK_METRES)
    back_b, back_a, back_full = _query(right, left, metres + SLACK_METRES)
    return a[np.concatenate([near_a, back_a])], b[np.concatenate([near_b, back_b])], full or back_full


def _query(places: Floats, among: Floats, metres: float) -> tuple[Ints, Ints, bool]:
    neighbours = list(range(1, min(NEIGHBOURS, len(among)) + 1))
    away, near = cKDTree(among).query(places, k=neighbours, distance_upper_bound=metres)
    at, column = np.nonzero(np.isfinite(away))
    return at, near[at, column].astype(np.int64), bool(len(neighbours) == NEIGHBOURS and np.isfinite(away[:, -1]).any())
