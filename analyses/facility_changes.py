"""Facilities of two runs: which are the same, opened, closed or moved, and whom they gained and lost."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ..geo.lengths import ellipsoidal_metres
from .comparison import UnitChange

SAME_PLACE_METRES: Final = 5.0  # a facility drawn anew on the same spot
MOVED_METRES: Final = 50.0  # within a plot of land
METRES_PER_DEGREE: Final = 110_000.0  # of latitude, where it is shortest
HIGHEST_LATITUDE: Final = 89.0
FACILITY_COLUMNS: Final = ("service", "change", "before", "after", "name", "metres", "geometry")

Objects = NDArray[np.object_]
Pairs = list[tuple[int, int]]


def facility_changes(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Match the facilities of two runs, service by service.

    Facilities on the same spot are the same whatever their ids (rows of a list shift when one is struck out); of the rest
    those with the same id are, and they have moved where they lie more than MOVED_METRES apart; last, those on the same plot
    of land (a map may draw a building where it had a point). Beyond the same spot, two different names are two facilities.

    Parameters
    ----------
    before, after : GeoDataFrame
        `facility`, `service`, `name`, `geometry` (EPSG:4326).

    Returns
    -------
    GeoDataFrame
        FACILITY_COLUMNS, one row per facility: `change` is same, moved, opened or closed; `before` and `after` are ids (null
        where there is none); `metres` between the two places; `geometry` is where it stands now, or stood.
    """
    first, second = before.reset_index(drop=True), after.reset_index(drop=True)
    spots = _spots(first), _spots(second)
    pairs = _on_one_spot(first, second, spots)
    pairs += _near(first, second, spots, SAME_PLACE_METRES, pairs)
    pairs += [pair for pair in _same_id(first, second, pairs) if _may_be_same(first, second, spots, *pair)]
    pairs += _near(first, second, spots, MOVED_METRES, pairs)
    a, b = (np.array([pair[side] for pair in pairs], dtype=np.int64) for side in (0, 1))
    metres = _metres(spots[0][a], spots[1][b])
    change = np.where(metres > MOVED_METRES, "moved", "same")
    gone, new = first.drop(index=a), second.drop(index=b)
    parts = [
        _rows(second.iloc[b], change, first["facility"].iloc[a], second["facility"].iloc[b], metres),
        _rows(gone, "closed", gone["facility"], None, np.nan),
        _rows(new, "opened", None, new["facility"], np.nan),
    ]
    table = pd.concat(parts, ignore_index=True).sort_values("service", kind="stable", ignore_index=True)
    return gpd.GeoDataFrame(table, geometry="geometry", crs="EPSG:4326")[list(FACILITY_COLUMNS)]


def _spots(facilities: gpd.GeoDataFrame) -> Objects:
    spots: Objects = shapely.point_on_surface(facilities.geometry.to_numpy())
    return spots


def _rows(of: gpd.GeoDataFrame, change: Any, before: Any, after: Any, metres: Any) -> pd.DataFrame:
    told = {"change": change, "before": _plain(before), "after": _plain(after), "metres": metres}
    table = pd.DataFrame(of[["service", "name", "geometry"]]).assign(**told)
    return table.astype({"service": "str", "name": "str", "change": "str", "before": "str", "after": "str", "metres": float})


def _plain(ids: Any) -> Any:
    return ids.to_numpy(object) if isinstance(ids, pd.Series) else ids


def _on_one_spot(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, spots: tuple[Objects, Objects]) -> Pairs:
    """Pair facilities of a service on the very same spot: those with the same id, the rest in order.

    Counted, not compared: the pairs that a thousand facilities on one point could make are a million.
    """
    left, right = (
        pd.DataFrame({"x": shapely.get_x(at), "y": shapely.get_y(at), "service": table["service"], "id": table["facility"]})
        for table, at in zip((before, after), spots, strict=True)
    )
    pairs: Pairs = []
    for keys in (["x", "y", "service", "id"], ["x", "y", "service"]):
        a, b = (
            table.assign(row=table.index, turn=table.groupby(keys, dropna=False).cumcount())[[*keys, "turn", "row"]]
            for table in (left.drop(index=[a for a, _ in pairs]), right.drop(index=[b for _, b in pairs]))
        )
        both = a.merge(b, on=[*keys, "turn"], suffixes=("_before", "_after"))
        pairs += list(zip(both["row_before"].tolist(), both["row_after"].tolist(), strict=True))
    return pairs


def _near(
    before: gpd.GeoDataFrame,
    after: gpd.GeoDataFrame,
    spots: tuple[Objects, Objects],
    metres: float,
    taken: Iterable[tuple[int, int]],
) -> Pairs:
    """Pair facilities of a service that stand within `metres` of each other, nearest first, each once."""
    used: tuple[set[int], set[int]] = ({a for a, _ in taken}, {b for _, b in taken})
    if not len(before) or not len(after):
        return []
    rest = tuple(np.setdiff1d(np.arange(len(spot)), list(side)) for spot, side in zip(spots, used, strict=True))
    if not len(rest[0]) or not len(rest[1]):
        return []
    a, b = shapely.STRtree(spots[1][rest[1]]).query(spots[0][rest[0]], predicate="dwithin", distance=_degrees(spots[0], metres))
    a, b = rest[0][a], rest[1][b]
    apart = _metres(spots[0][a], spots[1][b])
    ids, services, names = (
        tuple(table[column].to_numpy(object) for table in (before, after)) for column in ("facility", "service", "name")
    )
    close = (apart <= metres) & (services[0][a] == services[1][b])
    if metres > SAME_PLACE_METRES:
        close &= ~_contradict(names[0][a], names[1][b])
    pairs: Pairs = []
    for at in np.lexsort((b, a, ids[0][a] != ids[1][b], apart)):
        pair = int(a[at]), int(b[at])
        if close[at] and pair[0] not in used[0] and pair[1] not in used[1]:
            used[0].add(pair[0])
            used[1].add(pair[1])
            pairs.append(pair)
    return pairs


def _degrees(spots: Objects, metres: float) -> float:
    """Return degrees that are at least `metres` in every direction at all spots."""
    highest = min(float(np.abs(shapely.get_y(spots)).max()), HIGHEST_LATITUDE)
    return metres / METRES_PER_DEGREE / math.cos(math.radians(highest)) * 1.01


def _same_id(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, taken: Pairs) -> Pairs:
    """Pair the facilities of a service that are left over and have the same id."""
    left = [
        table[["service", "facility"]].drop(index=[pair[side] for pair in taken]) for side, table in enumerate((before, after))
    ]
    both = left[0].assign(a=left[0].index).merge(left[1].assign(b=left[1].index), on=["service", "facility"])
    return list(zip(both["a"].tolist(), both["b"].tolist(), strict=True))


def _may_be_same(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, spots: tuple[Objects, Objects], a: int, b: int) -> bool:
    """Tell whether two facilities with one id can be one: a numbered row may hold another one now, with its place and name."""
    if not _contradict(before["name"].to_numpy(object)[[a]], after["name"].to_numpy(object)[[b]])[0]:
        return True
    return bool(_metres(spots[0][[a]], spots[1][[b]])[0] <= MOVED_METRES)


def _contradict(first: Objects, second: Objects) -> NDArray[np.bool_]:
    """Tell where both have a name, and not the same."""
    both: NDArray[np.bool_] = ~pd.isna(first) & ~pd.isna(second) & (first != second)
    return both


def _metres(first: Objects, second: Objects) -> NDArray[np.float64]:
    return ellipsoidal_metres(shapely.get_x(first), shapely.get_y(first), shapely.get_x(second), shapely.get_y(second))


def attribute(change: UnitChange, facilities: gpd.GeoDataFrame) -> pd.DataFrame:
    """Say which facilities gained and lost people are owed to.

    People lost are owed to the closed or moved facility that served them before, people gained to the opened or moved one that
    serves them now; the rest is owed to streets, people or definitions.

    Parameters
    ----------
    change : UnitChange
    facilities : GeoDataFrame
        As `facility_changes` returns them.

    Returns
    -------
    DataFrame
        `facility, name, change, gained, lost`, those without effect left out, most people first.
    """
    table = change.table
    lost = table[table["covered_before"] & ~table["covered_after"]].groupby("facility_before")["people_before"].sum()
    gained = table[table["covered_after"] & ~table["covered_before"]].groupby("facility_after")["people_after"].sum()
    changed = facilities[facilities["change"] != "same"]
    rows = pd.DataFrame(
        {
            "facility": changed["after"].fillna(changed["before"]),
            "name": changed["name"],
            "change": changed["change"],
            "gained": changed["after"].map(gained).fillna(0.0),
            "lost": changed["before"].map(lost).fillna(0.0),
        }
    )
    rows = rows[(rows["gained"] > 0) | (rows["lost"] > 0)]
    order = np.argsort(-(rows["gained"] + rows["lost"]).to_numpy(), kind="stable")
    return rows.iloc[order].reset_index(drop=True)
