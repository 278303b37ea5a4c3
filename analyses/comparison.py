"""Comparison of two runs: who gains and who loses, where, and which facilities opened, closed or moved."""

from __future__ import annotations

from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ..geo.lengths import ellipsoidal_metres

SAME_PLACE_METRES: Final = 5.0  # a facility drawn anew on the same spot
MOVED_METRES: Final = 50.0  # within a plot of land
KEYS: Final = ("goal", "level", "unit")
SHARES: Final = (*KEYS, "name", "people_before", "people_after", "covered_before", "covered_after", "share_before", "share_after",
                 "share_change", "covered_change")  # fmt: skip
FACILITY_COLUMNS: Final = ("service", "change", "before", "after", "name", "metres", "geometry")


class UnitChange(NamedTuple):
    """How one goal's coverage of the same units differs.

    Attributes
    ----------
    table : DataFrame
        One row per unit of either run, by `id`: `people_before, people_after, minutes_before, minutes_after, covered_before,
        covered_after` (bool), `facility_before, facility_after`; missing on the side that lacks the unit.
    gained, lost : float
        People covered only after, and only before; each counted with the people of the run they are covered in.
    """

    table: pd.DataFrame
    gained: float
    lost: float


def unit_changes(before: pd.DataFrame, after: pd.DataFrame, goal: str) -> UnitChange:
    """Compare one goal unit by unit.

    Parameters
    ----------
    before, after : DataFrame
        `id` (unique), `people`, `<goal>.minutes`, `<goal>.status`, `<goal>.facility`.
    goal : str
    """
    sides = [_side(table, goal, suffix) for table, suffix in ((before, "before"), (after, "after"))]
    table = sides[0].join(sides[1], how="outer")
    for suffix in ("before", "after"):
        table[f"covered_{suffix}"] = table[f"covered_{suffix}"].fillna(False).astype(bool)
    was, now = table["covered_before"], table["covered_after"]
    gained = float(table.loc[now & ~was, "people_after"].sum())
    lost = float(table.loc[was & ~now, "people_before"].sum())
    return UnitChange(table.rename_axis("id").reset_index(), gained, lost)


def _side(table: pd.DataFrame, goal: str, suffix: str) -> pd.DataFrame:
    columns = {
        f"people_{suffix}": table["people"].to_numpy(float),
        f"minutes_{suffix}": table[f"{goal}.minutes"].to_numpy(float),
        f"covered_{suffix}": (table[f"{goal}.status"].astype(str) == "covered").to_numpy(),
        f"facility_{suffix}": table[f"{goal}.facility"].to_numpy(object),
    }
    return pd.DataFrame(columns, index=pd.Index(table["id"].astype(str)))


def share_changes(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Set two scorecards beside each other: one row per goal, level and unit of either.

    Returns
    -------
    DataFrame
        SHARES, in the order of `after`; missing on the side that lacks the unit.
    """
    figures = ["people", "covered", "share"]
    names = pd.concat([after, before])[[*KEYS, "name"]].drop_duplicates(list(KEYS))
    both = names.merge(before[[*KEYS, *figures]], on=list(KEYS), how="left").merge(
        after[[*KEYS, *figures]], on=list(KEYS), how="left", suffixes=("_before", "_after")
    )
    both["share_change"] = both["share_after"].astype(float) - both["share_before"].astype(float)
    both["covered_change"] = both["covered_after"].astype(float) - both["covered_before"].astype(float)
    return both[list(SHARES)]


def facility_changes(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Match the facilities of two runs, service by service.

    Facilities on the same spot are the same whatever their ids (rows of a list shift when one is struck out); of the rest
    those with the same id are, and they have moved where they lie more than MOVED_METRES apart.

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
    services = sorted({*before["service"], *after["service"]})
    rows = [row for service in services for row in _matched(_of(before, service), _of(after, service))]
    table = pd.DataFrame([row[:-1] for row in rows], columns=list(FACILITY_COLUMNS[:-1]))
    table = table.astype({"before": "str", "after": "str", "name": "str", "metres": float})
    return gpd.GeoDataFrame(table, geometry=[row[-1] for row in rows], crs="EPSG:4326")


def _of(facilities: gpd.GeoDataFrame, service: str) -> gpd.GeoDataFrame:
    return facilities[facilities["service"] == service].reset_index(drop=True)


def _matched(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> list[tuple[object, ...]]:
    pairs = _same_spot(before, after)
    left = before.index.difference([a for a, _ in pairs]), after.index.difference([b for _, b in pairs])
    by_id = pd.Series(left[1], index=after.loc[left[1], "facility"])
    pairs += [(row, int(by_id[name])) for row, name in before.loc[left[0], "facility"].items() if name in by_id.index]
    gone, new = (table.index.difference([pair[side] for pair in pairs]) for side, table in enumerate((before, after)))
    spots = [shapely.point_on_surface(table.geometry.to_numpy()) for table in (before, after)]
    rows = [_pair(before.loc[a], after.loc[b], _metres(spots[0][[a]], spots[1][[b]])[0]) for a, b in sorted(pairs)]
    rows += [(*_named(before.loc[a], "closed"), before.loc[a, "facility"], None, before.loc[a, "name"], np.nan,
              before.geometry[a]) for a in gone]  # fmt: skip
    rows += [(*_named(after.loc[b], "opened"), None, after.loc[b, "facility"], after.loc[b, "name"], np.nan,
              after.geometry[b]) for b in new]  # fmt: skip
    return rows


def _named(row: pd.Series, change: str) -> tuple[object, str]:
    return row["service"], change


def _pair(before: pd.Series, after: pd.Series, metres: float) -> tuple[object, ...]:
    change = "moved" if metres > MOVED_METRES else "same"
    return (*_named(after, change), before["facility"], after["facility"], after["name"], float(metres), after["geometry"])


def _same_spot(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> list[tuple[int, int]]:
    """Pair facilities that stand within SAME_PLACE_METRES of each other, nearest first, each once."""
    if not len(before) or not len(after):
        return []
    spots = [shapely.point_on_surface(table.geometry.to_numpy()) for table in (before, after)]
    a, b = shapely.STRtree(spots[1]).query(spots[0], predicate="dwithin", distance=1e-4)
    metres = _metres(spots[0][a], spots[1][b])
    same_id = before["facility"].to_numpy(object)[a] == after["facility"].to_numpy(object)[b]
    taken: tuple[set[int], set[int]] = (set(), set())
    pairs = []
    for at in np.lexsort((b, a, ~same_id, metres)):
        if metres[at] > SAME_PLACE_METRES or a[at] in taken[0] or b[at] in taken[1]:
            continue
        taken[0].add(int(a[at]))
        taken[1].add(int(b[at]))
        pairs.append((int(a[at]), int(b[at])))
    return pairs


def _metres(first: NDArray[np.object_], second: NDArray[np.object_]) -> NDArray[np.float64]:
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
