"""What a plan's rows are on the ground: facilities with the plan in place, and its new sites in the order of building."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ...analyses.siting.plan import Plan
from ...geo.snapping.chosen import chosen_places, numbered_on
from ...geo.snapping.snaps import Snaps
from ...maps.places import coordinates, nearest_street_names, zone_names
from ..speech.messages import Say
from .curve import BUILT
from .places import Sites
from .states import Judged

NEW = "new:"  # in front of a site's id once it is a facility, which may have the same id


@dataclass(frozen=True, kw_only=True)
class Facilities:
    """Facilities and where they meet the streets of every network."""

    table: gpd.GeoDataFrame
    snaps: tuple[Snaps, ...]


def planned_facilities(plan: Plan, sites: Sites, opened: NDArray[np.int64]) -> Facilities:
    """Return the facilities with the plan in place: those that stay, then the new ones in the order of building.

    Parameters
    ----------
    plan : Plan
    sites : Sites
    opened : (s,) int64
        Columns of the new sites, in the order of building.
    """
    columns = np.asarray(plan.closed, np.int64)
    closed = set(sites.table["facility"].iloc[columns[columns < len(sites.table)]])
    return _facilities(sites, np.flatnonzero(~sites.kept["facility"].isin(closed).to_numpy(bool)), opened)


def _facilities(sites: Sites, staying: NDArray[np.int64], opened: NDArray[np.int64]) -> Facilities:
    new = sites.table.iloc[opened]
    added = gpd.GeoDataFrame(
        {
            "facility": NEW + new["candidate"],
            "name": new["name"],
            "capacity": new["capacity"],
            "source": new["source"],
            "rank": np.arange(1, len(new) + 1),
        },
        geometry=new.geometry,
        crs="EPSG:4326",
    )
    kept = sites.kept.iloc[staying].assign(rank=0)
    filled = [part for part in (kept, added) if len(part)] or [kept]
    table = gpd.GeoDataFrame(pd.concat(filled, ignore_index=True), geometry="geometry", crs="EPSG:4326")
    snaps = tuple(
        numbered_on([chosen_places(standing, staying), chosen_places(columns, opened)])
        for standing, columns in zip(sites.kept_snaps, sites.snaps, strict=True)
    )
    return Facilities(table=table, snaps=snaps)


def site_table(
    sites: Sites,
    curve: pd.DataFrame,
    after: Judged,
    zones: Sequence[gpd.GeoDataFrame],
    streets: gpd.GeoDataFrame,
    say: Say,
) -> gpd.GeoDataFrame:
    """Describe the new sites.

    Parameters
    ----------
    sites : Sites
    curve : DataFrame
        As `marginal_curve`; its steps are the sites.
    after : Judged
        With the plan in place.
    zones : sequence of GeoDataFrame
        Coarse to fine.
    streets : GeoDataFrame
        Lines with names.
    say : Say

    Returns
    -------
    GeoDataFrame
        `rank, site, name, place, role, people_gained, covered, share, people_served` (within the limit, with this as their
        nearest facility), `cost, total_cost, people_per_cost, capacity, source, lon, lat, geometry`.
    """
    steps = curve.loc[curve["action"].isin(BUILT)]
    rows = sites.table.iloc[steps["site"].to_numpy(np.int64)].reset_index(drop=True)
    points = shapely.point_on_surface(rows.geometry.to_numpy())
    inside = np.asarray(after.table.status == "covered") * after.table.counted
    served = pd.Series(inside).groupby(after.facility.to_numpy(object)).sum()
    figures = steps[["people_gained", "covered", "share"]].reset_index(drop=True)
    table = pd.DataFrame({"rank": np.arange(1, len(rows) + 1), "site": rows["candidate"], "name": rows["name"]})
    table["place"] = place_names(points, zones, streets, say)
    table["role"] = rows["role"]
    table = table.join(figures)
    table["people_served"] = (NEW + rows["candidate"]).map(served).fillna(0.0).to_numpy(float)
    for key in ("cost", "total_cost", "people_per_cost"):
        table[key] = steps[key].to_numpy(float)
    table["capacity"], table["source"] = rows["capacity"], rows["source"]
    table["lon"], table["lat"] = np.round(shapely.get_x(points), 6), np.round(shapely.get_y(points), 6)
    return gpd.GeoDataFrame(table, geometry=rows.geometry, crs="EPSG:4326")


def place_names(points: NDArray[np.object_], zones: Sequence[gpd.GeoDataFrame], streets: gpd.GeoDataFrame, say: Say) -> list[str]:
    """Return what planners would call each place: its finest zone and the nearest named street, else its coordinates."""
    found: list[str | None] = [None] * len(points)
    for level in zones:
        found = [finer or coarser for finer, coarser in zip(zone_names(level, points), found, strict=True)]
    roads = nearest_street_names(streets, points)
    near = [say("site.near", street=road) if road else None for road in roads]
    joined = [" · ".join(filter(None, names)) for names in zip(found, near, strict=True)]
    return [name or coordinates(point) for name, point in zip(joined, points, strict=True)]
