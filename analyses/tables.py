"""The tables that checks look at, and the columns they are made of: units, who lives in them, what lies in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from ..geo.coordinates import equal_area_crs
from ..layers.goals import PeopleGoal, Unit
from ..layers.units import distinct_places, metric_transformer, unit_points
from ..layers.zones import assign_zones, chosen_zones
from .checks.rows import ALL, Floats, Objects
from .counted import counted_in

EARTH_KM: Final = 6371.0088  # mean radius, IUGG


@dataclass(frozen=True, kw_only=True)
class Tables:
    """Everything of a study that can be looked at without its streets.

    Attributes
    ----------
    zones : mapping of level to GeoDataFrame, coarse to fine
        `zone`, `name`, `kind`, `people`, `flag.<name>`, `geometry` (EPSG:4326).
    facilities : GeoDataFrame
        `facility`, `service`, `capacity`, `flag.<name>`, `number.<name>`, `geometry`.
    services : frozenset of str
        Services that the study has a source for: of these, none found means none there.
    reach : mapping of service to polygon
        Where a service's sources could know of a facility, for those that only extracts of a map speak of.
    demand : GeoDataFrame
        `people`, `group.<name>`, `urban`, `zone.<level>` and `<goal>.status`; without a row where the study has no people.
    indicators : DataFrame
        `level`, `unit`, `year`, `indicator`, `value`.
    shares : DataFrame
        Scorecard rows of goals that travel times answer: `goal`, `level`, `unit`, `share`.
    """

    zones: Mapping[str, gpd.GeoDataFrame]
    facilities: gpd.GeoDataFrame
    services: frozenset[str]
    demand: gpd.GeoDataFrame
    indicators: pd.DataFrame
    reach: Mapping[str, shapely.Geometry] = field(default_factory=dict)
    shares: pd.DataFrame = field(default_factory=lambda: pd.DataFrame({"goal": [], "level": [], "unit": [], "share": []}))

    @cached_property
    def facility_points(self) -> tuple[Floats, Floats]:
        """Longitude and latitude of every facility."""
        return unit_points(self.facilities.geometry)

    @cached_property
    def facility_zones(self) -> Mapping[str, pd.Series]:
        """Zone id of every facility per level, null outside; index as `facilities`."""
        return {
            level: assign_zones(*self.facility_points, zones).set_axis(self.facilities.index)
            for level, zones in self.zones.items()
        }

    @property
    def everyone(self) -> float | None:
        """All people of the study, None where nobody says how many."""
        if len(self.demand):
            return float(self.demand["people"].sum())
        stated = [zones["people"] for zones in self.zones.values() if zones["people"].notna().all()]
        return float(stated[0].sum()) if stated else None

    def units(self, unit: Unit) -> pd.DataFrame:
        """Return the units that a goal is about.

        Parameters
        ----------
        unit : Unit
            Its level, kinds and flag choose them; level `all` is the whole study as one unit.

        Returns
        -------
        DataFrame
            `rows.UNIT_COLUMNS`.
        """
        if unit.level not in self.zones:
            everyone = np.nan if self.everyone is None else self.everyone
            return pd.DataFrame({"level": [ALL], "unit": [ALL], "name": [""], "people": [everyone]})
        zones = self.zones[unit.level]
        people = self.people(unit.level).reindex(zones["zone"]).to_numpy(float)
        table = pd.DataFrame({"level": unit.level, "unit": zones["zone"], "name": zones["name"], "people": people})
        return table[chosen_zones(zones, unit)].reset_index(drop=True)

    def people(self, level: str, goal: PeopleGoal | None = None, *, urban: bool | None = None) -> pd.Series:
        """Return the people per unit, and `all` of them.

        Parameters
        ----------
        level : str
        goal : PeopleGoal, optional
            Only its population and group; default everyone.
        urban : bool, optional
            Only people in town (True) or country (False).

        Returns
        -------
        Series
            By zone id, NaN where unknown. Without demand the people stated by the zones, who have no groups.
        """
        zones = self.zones[level]["zone"] if level in self.zones else pd.Series(dtype="str")
        if not len(self.demand):
            return self._stated(level, goal, urban)
        counted = pd.Series(counted_in(self.demand, goal, urban=urban), index=self.demand.index)
        sums = counted.groupby(self.demand[f"zone.{level}"]).sum() if level in self.zones else pd.Series(dtype=float)
        per_unit = sums.reindex(zones).fillna(0.0)  # nobody of the demand lives there: that is known
        return _with_all(per_unit, float(counted.sum()))

    def _stated(self, level: str, goal: PeopleGoal | None, urban: bool | None) -> pd.Series:
        some = urban is not None or (goal is not None and (goal.population != "all" or goal.group is not None))
        everyone = np.nan if some or self.everyone is None else self.everyone
        if level not in self.zones:
            return pd.Series({ALL: everyone}, dtype=float)
        zones = self.zones[level].set_index("zone")["people"].astype(float)
        return _with_all(zones * np.nan if some else zones, everyone)

    def of(self, service: str | None) -> gpd.GeoDataFrame:
        """Return the facilities of one service."""
        return self.facilities.loc[self.facilities["service"] == service]

    def unit_of(self, facilities: gpd.GeoDataFrame, level: str) -> pd.Series:
        """Return the unit that each facility lies in, null outside; `all` where the study is one unit."""
        if level not in self.zones:
            return pd.Series(ALL, index=facilities.index, dtype="str")
        found: pd.Series = self.facility_zones[level].loc[facilities.index]
        return found

    def flag(self, facilities: pd.DataFrame, name: str | None) -> pd.Series:
        """Return a flag of facilities or zones; where none is asked for everyone carries it, where nobody says it is unknown."""
        if name is None:
            return pd.Series(True, index=facilities.index, dtype="boolean")
        column = f"flag.{name}"
        return facilities[column] if column in facilities else pd.Series(pd.NA, index=facilities.index, dtype="boolean")

    def number(self, facilities: pd.DataFrame, name: str) -> pd.Series:
        """Return what facilities offer: `capacity`, 1 for each of `facilities`, or a number that the study names."""
        if name == "facilities":
            return pd.Series(1.0, index=facilities.index)
        column = name if name == "capacity" else f"number.{name}"
        return facilities[column] if column in facilities else pd.Series(np.nan, index=facilities.index)

    def near(self, facilities: gpd.GeoDataFrame, level: str, metres: float) -> pd.Series:
        """Return the units within `metres` of each facility, those that it lies in included.

        Returns
        -------
        Series of str
            Unit ids; the index names the facility, which stands once per unit.
        """
        inside = self.unit_of(facilities, level).dropna()
        if metres <= 0 or level not in self.zones or not len(facilities):
            return inside
        points = shapely.points(*self._flat(*unit_points(facilities.geometry)))
        zones = self.zones[level]
        facility, zone = shapely.STRtree(self._flat_shapes(zones.geometry.to_numpy())).query(
            points, predicate="dwithin", distance=metres
        )
        near = pd.Series(zones["zone"].to_numpy(object)[zone], index=facilities.index[facility], dtype="str")
        both: pd.Series = pd.concat([inside, near])
        return both[~pd.MultiIndex.from_arrays([both.index, both]).duplicated()]

    def beyond(self, services: Iterable[str], level: str) -> set[str]:
        """Return the units of which the sources of some service know nothing: their inner point lies outside the extracts."""
        known = [self.reach[service] for service in services if service in self.reach]
        if level not in self.zones or not known:
            return set()
        zones = self.zones[level]
        lon, lat = unit_points(zones.geometry)
        outside = ~np.all([shapely.intersects_xy(area, lon, lat) for area in known], axis=0)
        return set(zones.loc[outside, "zone"])

    def in_town(self, facilities: gpd.GeoDataFrame) -> pd.Series:
        """Tell which facilities stand in town: those whose nearest people are urban."""
        people = unit_points(self.demand.geometry)
        first, _ = distinct_places(*people)
        nearest = cKDTree(_on_sphere(*people)[first]).query(_on_sphere(*unit_points(facilities.geometry)))[1]
        return pd.Series(self.demand["urban"].to_numpy(bool)[first[nearest]], index=facilities.index)

    def nearest_km(self, facilities: gpd.GeoDataFrame, level: str) -> pd.Series:
        """Return the straight-line distance from the inner point of every unit to the nearest facility, by unit id."""
        if level not in self.zones or not len(facilities):
            return pd.Series(dtype=float)
        zones = self.zones[level]
        places = unit_points(facilities.geometry)
        first, _ = distinct_places(*places)
        chord = cKDTree(_on_sphere(*places)[first]).query(_on_sphere(*unit_points(zones.geometry)))[0]
        return pd.Series(2 * EARTH_KM * np.arcsin(np.minimum(chord / 2, 1)), index=zones["zone"].to_numpy(object))

    def within(self, level: str) -> pd.Series | None:
        """Return the next larger unit that the inner point of each unit lies in, None on the coarsest level."""
        levels = list(self.zones)
        if level not in levels or levels.index(level) == 0:
            return None
        zones = self.zones[level]
        parents = assign_zones(*unit_points(zones.geometry), self.zones[levels[levels.index(level) - 1]])
        return parents.set_axis(zones["zone"].to_numpy(object))

    def areas(self, level: str, units: pd.Series) -> Objects:
        """Return the ground of units in an equal-area CRS in metres; the whole study is the union of its coarsest zones."""
        if level not in self.zones:
            coarsest = next(iter(self.zones.values()))
            return np.array([shapely.union_all(self._flat_shapes(coarsest.geometry.to_numpy()))], dtype=object)
        shapes = self.zones[level].set_index("zone").geometry.reindex(units.to_numpy(object))
        return self._flat_shapes(shapes.to_numpy())

    def figures(self, indicator: str, level: str) -> pd.DataFrame:
        """Return every figure of an indicator on a level, with those of the whole study as unit `all`."""
        rows = self.indicators[self.indicators["indicator"] == indicator]
        return rows[rows["level"].isin([level, ALL])]

    @cached_property
    def _transformer(self):  # type: ignore[no-untyped-def]
        west, south, east, north = np.vstack([zones.total_bounds for zones in self.zones.values()]).T
        return metric_transformer(equal_area_crs(np.array([west.min(), east.max()]), np.array([south.min(), north.max()])))

    def _flat(self, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        x, y = self._transformer.transform(lon, lat)
        return x, y

    def _flat_shapes(self, shapes: Objects) -> Objects:
        flat: Objects = shapely.transform(shapes, self._transformer.transform, interleaved=False)
        return flat


def _with_all(per_unit: pd.Series, everyone: float) -> pd.Series:
    both: pd.Series = pd.concat([per_unit, pd.Series({ALL: everyone}, dtype=float)])
    return both


def _on_sphere(lon: Floats, lat: Floats) -> Floats:
    """Return points on the unit sphere: their chords order and measure distances without a seam at 180 degrees."""
    x, y = np.radians(lon), np.radians(lat)
    return np.column_stack((np.cos(y) * np.cos(x), np.cos(y) * np.sin(x), np.sin(y)))
