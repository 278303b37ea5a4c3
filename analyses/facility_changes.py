"""Facilities of two runs: which are the same, opened, closed or moved, and whom they gained and lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ..geo.lengths import ellipsoidal_metres
from .comparison import UnitChange
from .near_pairs import near_pairs, sides

SAME_PLACE_METRES: Final = 5.0  # a facility drawn anew on the same spot
MOVED_METRES: Final = 50.0  # within a plot of land
FACILITY_COLUMNS: Final = ("service", "change", "before", "after", "name", "metres", "geometry")

Objects = NDArray[np.object_]
Ints = NDArray[np.int64]
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
    pairs += _same_id(first, second, spots, pairs)
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
    """Pair facilities of a service that stand within `metres` of each other, nearest first, each once.

    Where very many stand around one place, the nearest of each are paired first, and what is left again: the pairs that a
    thousand facilities within reach of each other could make are a million.
    """
    used: tuple[set[int], set[int]] = ({a for a, _ in taken}, {b for _, b in taken})
    lists = sides(before, after, spots)
    ids = tuple(table["facility"].to_numpy(object) for table in (before, after))
    pairs: Pairs = []
    crowded = True
    while crowded:
        rest = tuple(np.setdiff1d(np.arange(len(spot)), list(side)) for spot, side in zip(spots, used, strict=True))
        left, right = (side.take(rows) for side, rows in zip(lists, rest, strict=True))
        a, b, crowded = near_pairs(left, right, metres, by_name=metres > SAME_PLACE_METRES)
        a, b = rest[0][a], rest[1][b]
        apart = _metres(spots[0][a], spots[1][b])
        order = np.lexsort((b, a, ids[0][a] != ids[1][b], apart))
        chosen = list(_each_once(a[order], b[order], apart[order] <= metres, used))
        pairs += chosen
        crowded = crowded and bool(chosen)
    return pairs


def _each_once(a: Ints, b: Ints, close: NDArray[np.bool_], used: tuple[set[int], set[int]]) -> Iterator[tuple[int, int]]:
    """Go through pairs in order and take those whose both are free."""
    for one, other in zip(a[close].tolist(), b[close].tolist(), strict=True):
        if one not in used[0] and other not in used[1]:
            used[0].add(one)
            used[1].add(other)
            yield one, other


def _same_id(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, spots: tuple[Objects, Objects], taken: Pairs) -> Pairs:
    """Pair the facilities of a service that are left over, have the same id and can be one.

    A numbered row may hold another one now, with its place and name.
    """
    left = [
        table[["service", "facility"]].drop(index=[pair[side] for pair in taken]) for side, table in enumerate((before, after))
    ]
    both = left[0].assign(a=left[0].index).merge(left[1].assign(b=left[1].index), on=["service", "facility"])
    a, b = both["a"].to_numpy(np.int64), both["b"].to_numpy(np.int64)
    renamed = _contradict(before["name"].to_numpy(object)[a], after["name"].to_numpy(object)[b])
    kept = ~renamed | (_metres(spots[0][a], spots[1][b]) <= MOVED_METRES)
    return list(zip(a[kept].tolist(), b[kept].tolist(), strict=True))


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
