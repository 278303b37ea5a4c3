"""Everything a study reads, brought into tables before any travel time is computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ...geo.errors import StudyError
from ...geo.modes import TRAITS
from ...geo.reading.cache import load_osm
from ...geo.reading.osm import OsmExtract
from ...geo.reading.overrides import apply_overrides
from ...geo.reading.unused import WAYS_CUT
from ...geo.streets import Streets
from ...geo.terrain import Heights, node_heights
from ...layers.areas import read_areas
from ...layers.demand import Demand, read_demand
from ...layers.facilities import facilities_from_file, facilities_from_places, merge_facilities
from ...layers.footprints import Footprints, footprints
from ...layers.goals import CircleGoal, MixGoal, variant_goals
from ...layers.indicators import join_indicators, read_indicators
from ...layers.layer import Layer
from ...layers.overrides import read_overrides
from ...layers.rejects import join_rejects, no_rejects, rejected_rows
from ...layers.services import service_catalogue
from ...layers.source import Source
from ...layers.units import unit_points
from ...layers.urban import urban_by_density, urban_by_polygons
from ...layers.zones import read_zones
from ...maps.percent import percent
from ..file.study import DemandSource, FacilityFile, FacilityOsm, Study
from ..folder.record import Record
from ..speech.messages import Say
from .extents import extent, outside_streets, require_unexchanged
from .offsets import Doubts
from .size import require_room, require_room_for_rows
from .unused import tell_unused


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """The tables of one study.

    Attributes
    ----------
    extract : OsmExtract
        Empty where the study names no streets.
    heights : Heights or None
        Of every street node, where the study gives a raster.
    demand : Demand
        Restricted to the study area; `urban` filled in where the study gives a rule. Without a row where the study names no
        people.
    zones : mapping of level to GeoDataFrame
    facilities : GeoDataFrame
        All services, sorted by id so that ties between facilities do not depend on the order of files.
    reach : mapping of service to polygon
        The extent of the extracts that a service was read from, where it was read from nothing else: outside it nothing found
        says nothing. Empty where they hold none at all.
    indicators : DataFrame
        `layers.indicators.COLUMNS`.
    rejected : DataFrame
    doubts : Doubts
        About files that do not say which coordinate system they are in; those read here have been told.
    """

    extract: OsmExtract
    heights: Heights | None
    demand: Demand
    zones: Mapping[str, gpd.GeoDataFrame]
    facilities: gpd.GeoDataFrame
    reach: Mapping[str, shapely.Geometry]
    indicators: pd.DataFrame
    rejected: pd.DataFrame
    doubts: Doubts = field(default_factory=Doubts)

    @cached_property
    def prints(self) -> Footprints:
        """The ground of the demand's units; only studies with people have any."""
        demand = self.demand
        return footprints(demand.table.geometry, ids=demand.table["id"], cell_metres=demand.cell_metres, grid=demand.grid)


def read_inputs(study: Study, folder: Path, record: Record, say: Say) -> Inputs:
    """Read streets, people, zones and facilities; the cache of parsed streets lies in `folder`."""
    require_room_for_rows(study, say)
    doubts = Doubts()
    extract, mended = _streets(study, folder, record, say)
    heights = _heights(study, extract, record, say)
    with record.stage(say("stage.demand")):
        zones = {level: read_zones(source, level=level, **source.own) for level, source in study.zones.items()}
        demand = _demand(study, extract, doubts, record, say)
    with record.stage(say("stage.facilities")):
        facilities, refused, reach = _facilities(study, extract, folder, doubts, record, say)
    note_doubts(doubts, extract, record, say)
    for service in sorted({name for goal in study.journeys for name in goal.services} - set(facilities["service"])):
        record.note(say("note.no_facilities", service=service))
    figures, odd = _indicators(study)
    rejected = join_rejects([mended, demand.rejected, refused, odd, *(layer.rejected for layer in zones.values())])
    if len(rejected):
        record.note(say("note.rejected", rows=len(rejected)))
    return Inputs(
        extract=extract,
        heights=heights,
        demand=demand,
        zones={level: layer.table for level, layer in zones.items()},
        facilities=facilities,
        reach=reach,
        indicators=figures,
        rejected=rejected,
        doubts=doubts,
    )


def note_doubts(doubts: Doubts, extract: OsmExtract, record: Record, say: Say) -> None:
    """Note which files do not say what coordinate system they are in."""
    for doubt in doubts.found(extract.streets):
        record.note(say(doubt.text, file=doubt.file, system=doubt.suspected, key="crs:"))


def _streets(study: Study, folder: Path, record: Record, say: Say) -> tuple[OsmExtract, pd.DataFrame]:
    """Read the streets with the user's corrections; none where no goal needs them and none are named."""
    if not study.streets:
        return _no_streets(), no_rejects()
    with record.stage(say("stage.streets")):
        loaded = load_osm(study.streets, folder)
    record.counts["streets"] = {**loaded.extract.counts, "from_cache": loaded.cached}
    tell_unused(loaded.extract.unused, record, say)
    return _overridden(study, loaded.extract, record, say)


def _no_streets() -> OsmExtract:
    integers, floats = np.empty(0, np.int64), np.empty(0)
    streets = Streets(
        node_ids=integers,
        lon=floats,
        lat=floats,
        way_ids=integers,
        way_starts=np.zeros(1, np.int64),
        way_nodes=np.empty(0, np.int32),
        tags=pd.DataFrame(),
    )
    places = gpd.GeoDataFrame({"osm": [], "tags": []}, geometry=[], crs="EPSG:4326")
    return OsmExtract(streets=streets, places=places, counts={})


def _indicators(study: Study) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the tables of figures."""
    read = [read_indicators(source, **source.own) for source in study.indicators]
    return join_indicators([table for table, _ in read]), join_rejects([odd for _, odd in read])


def _overridden(study: Study, extract: OsmExtract, record: Record, say: Say) -> tuple[OsmExtract, pd.DataFrame]:
    """Apply the user's corrections to the streets; those that cannot be made are listed among the rejects."""
    if study.overrides is None:
        return extract, no_rejects()
    corrected, made, refused = correct_streets(extract, study.overrides, month=study.modes.month)
    record.counts["overrides"] = {"applied": made, "refused": len(refused)}
    record.note(say("note.overrides", made=made, file=study.overrides.file.name))
    return corrected, refused


def correct_streets(extract: OsmExtract, source: Source, *, month: int | None) -> tuple[OsmExtract, int, pd.DataFrame]:
    """Apply a file of corrections to the streets.

    Parameters
    ----------
    extract : OsmExtract
    source : Source
        As `read_overrides` takes it.
    month : int or None
        1-12; ferries out of season are left out.

    Returns
    -------
    extract : OsmExtract
        With corrected streets.
    made : int
        Corrections made.
    rejected : DataFrame
        Those that cannot be made, with the reason.
    """
    rows, rejected = read_overrides(source, month=month)
    applied = apply_overrides(extract.streets, [override for _, override in rows])
    refused = [
        rejected_rows(file=source.file.name, rows=[rows[at][0]], column="way", values=[rows[at][1].way], reason=reason)
        for at, reason in applied.refused.items()
    ]
    return replace(extract, streets=applied.streets), len(rows) - len(refused), join_rejects([rejected, *refused])


def _heights(study: Study, extract: OsmExtract, record: Record, say: Say) -> Heights | None:
    if study.elevation is None:
        if any(TRAITS[goal.mode].on_slopes for goal in study.journeys):
            record.note(say("note.flat"))
        return None
    with record.stage(say("stage.heights")):
        heights = node_heights(extract.streets, study.elevation.file)
    record.counts["heights"] = {"missing_share": round(heights.missing_share, 6)}
    if heights.missing_share > 0:
        record.note(say("note.heights", share=percent(heights.missing_share)))
    return heights


def read_people(source: DemandSource) -> Demand:
    """Read the people of a study, with the column that says who of them is urban where the study names one."""
    rule = source.urban
    return read_demand(source, **{**source.own, "urban": rule.column if rule else None})


def _demand(study: Study, extract: OsmExtract, doubts: Doubts, record: Record, say: Say) -> Demand:
    if study.demand is None:
        return _no_people()
    demand = read_people(study.demand)
    if demand.grid is None:  # a raster says what it is in
        doubts.ask(study.demand, demand.table.geometry, assumed=demand.assumed)
    require_room(study, demand, say)
    counts = {"units": len(demand.table), "people": float(demand.table["people"].sum()), "people_refused": demand.refused_people}
    record.counts["demand"] = {**counts, **demand.skipped}
    if demand.refused_people > 0:
        record.note(say("note.people_refused", file=study.demand.file.name, people=demand.refused_people))
    if not len(demand.table):
        raise StudyError(say("input.empty", file=study.demand.file.name))
    if study.journeys:
        require_unexchanged(demand.table.geometry, extract.streets, study.demand, say)
        _require_near(demand, extract, study.demand.file.name, study, say)
    demand = _with_urban(demand, study.demand)
    return demand if study.area is None else _inside(demand, study.area, record, say)


def _no_people() -> Demand:
    table = gpd.GeoDataFrame({"id": pd.Series(dtype="str"), "people": pd.Series(dtype=float)}, geometry=[], crs="EPSG:4326")
    return Demand(table=table, cell_metres=None, grid=None, rejected=no_rejects())


def _require_near(demand: Demand, extract: OsmExtract, file: str, study: Study, say: Say) -> None:
    """Refuse a study whose people live nowhere near its streets: its answer would look like a finding."""
    if outside_streets(*unit_points(demand.table.geometry), extract.streets).all():
        west, south, east, north = extent(extract.streets)
        names = " + ".join(source.name for source in study.streets)
        raise StudyError(say("input.apart", file=file, streets=names, west=west, south=south, east=east, north=north))


def _with_urban(demand: Demand, source: DemandSource) -> Demand:
    rule = source.urban
    if rule is None or rule.column is not None:
        return demand
    if rule.file is None:
        urban = urban_by_density(demand.table, cell_metres=demand.cell_metres)
        return replace(demand, table=demand.table.assign(urban=urban))
    areas = read_areas(rule.file)
    urban = urban_by_polygons(demand.table, areas.table.geometry)
    return replace(demand, table=demand.table.assign(urban=urban), rejected=join_rejects([demand.rejected, areas.rejected]))


def _inside(demand: Demand, area: Source, record: Record, say: Say) -> Demand:
    """Keep the units whose point lies in the study area; the others are counted, not forgotten."""
    areas = read_areas(area)
    shape = _joined(areas)
    lon, lat = unit_points(demand.table.geometry)
    inside = shapely.intersects_xy(shape, lon, lat)
    people = demand.table["people"].to_numpy()
    if not inside.any():
        raise StudyError(
            "{file}: no demand unit lies in the study area; check the coordinate systems of both files.", file=area.file.name
        )
    if not inside.all():
        record.counts["demand"]["people_outside_area"] = float(people[~inside].sum())
        record.note(say("note.area", people=people[~inside].sum(), total=people.sum()))
    grid = demand.grid
    if grid is not None:
        grid = replace(grid, rows=grid.rows[inside], columns=grid.columns[inside])
    kept = demand.table.loc[inside].reset_index(drop=True)
    return replace(demand, table=kept, grid=grid, rejected=join_rejects([demand.rejected, areas.rejected]))


def study_area(source: Source) -> shapely.Geometry:
    """Read the study area as one shape, prepared for asking.

    Raises
    ------
    InputError
        If the file cannot be used, or holds no polygon.
    """
    return _joined(read_areas(source))


def _joined(areas: Layer) -> shapely.Geometry:
    shape = shapely.union_all(areas.table.geometry.to_numpy())
    shapely.prepare(shape)
    return shape


def _facilities(
    study: Study, extract: OsmExtract, folder: Path, doubts: Doubts, record: Record, say: Say
) -> tuple[gpd.GeoDataFrame, pd.DataFrame, dict[str, shapely.Geometry]]:
    """Read every source of every service that a goal uses, and tell how far its extracts reach."""
    services = service_catalogue()
    used = used_services(study)
    extracts: dict[Path | None, OsmExtract] = {None: extract}
    tables, rejected = [], []
    reach: dict[str, shapely.Geometry] = {}
    for service, sources in study.facilities.items():
        if service not in used:
            record.note(say("note.unused", service=service))
            continue
        for source in sources:
            if isinstance(source, FacilityFile):
                layer = facilities_from_file(source, service=service, **source.own)
                require_unexchanged(layer.table.geometry, extract.streets, source, say)
                tables.append(layer.table)
                rejected.append(layer.rejected)
                doubts.ask(source, layer.table.geometry, assumed=layer.assumed)
                continue
            if source.osm not in extracts and source.osm is not None:
                extracts[source.osm] = load_osm([source.osm], folder).extract
                tell_unused(extracts[source.osm].unused.without(WAYS_CUT), record, say)
            places = extracts[source.osm].places
            origin = " + ".join(file.name for file in study.streets) if source.osm is None else source.osm.name
            found = facilities_from_places(places, service_id=service, service=services[service], source=f"OSM {origin}")
            tables.append(found)
        read = [extracts[source.osm] for source in sources if isinstance(source, FacilityOsm)]
        if len(read) == len(sources):
            # An extract without a single one was made without this kind, or nobody maps it: it knows of nowhere.
            found_any = any(len(table) and table["service"].iloc[0] == service for table in tables)
            reach[service] = shapely.union_all([known_area(part) for part in read]) if found_any else shapely.Polygon()
    merged = merge_facilities(tables)
    table = merged.table.sort_values("facility", kind="stable", ignore_index=True)
    return table, join_rejects([*rejected, merged.rejected]), reach


def known_area(extract: OsmExtract) -> shapely.Geometry:
    """Return the box around everything in an extract."""
    boxes = [extract.places.total_bounds] if len(extract.places) else []
    if len(extract.streets.lon):
        boxes.append(np.array(extent(extract.streets)))
    return shapely.union_all([shapely.box(*box) for box in boxes]).envelope


def read_part(study: Study) -> Study:
    """Return a study with the facilities that are read: those of services that nothing asks about are not."""
    used = used_services(study)
    return study.model_copy(update={"facilities": {name: files for name, files in study.facilities.items() if name in used}})


def used_services(study: Study) -> set[str]:
    """Return the services that some definition of some goal asks about."""
    definitions = [definition for goal in study.answerable for definition in (goal, *variant_goals(goal))]
    stops = {goal.mobile.service for goal in definitions if isinstance(goal, CircleGoal) and goal.mobile is not None}
    mixed = {service for goal in study.goals if isinstance(goal, MixGoal) for service in goal.types}  # shown even without streets
    return {service for goal in definitions for service in goal.services} | stops | mixed | set(study.siting)
