"""Looks at everything a study reads and says what is odd, before any travel time is computed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from ...geo.coordinates import Floats
from ...geo.modes import TRAITS
from ...geo.network.building import build_graph
from ...geo.reading.cache import load_osm
from ...geo.reading.osm import OsmExtract
from ...geo.reading.unused import WAYS_CUT
from ...geo.terrain import node_heights
from ...layers.demand import Demand
from ...layers.facilities import facilities_from_file, facilities_from_places, merge_facilities
from ...layers.indicators import read_indicators
from ...layers.services import service_catalogue
from ...layers.source import Source
from ...layers.tables import read_table
from ...layers.units import distinct_places, unit_points
from ...layers.zones import assign_zones, read_zones
from ...maps.percent import percent, short_percent
from ..file.goal_mode import goal_mode
from ..file.reading import read_study
from ..file.study import FacilityFile, FacilityOsm, Study
from ..folder.draft import require_folder
from ..situation.extents import extent, outside_streets, require_unexchanged
from ..situation.inputs import correct_streets, read_people, study_area, used_services
from ..situation.offsets import Doubts
from ..situation.size import require_room, require_room_for_rows
from ..speech.messages import default_language, speaker
from ..speech.progress import Asked, told
from .findings import SEVERITIES, Checked, Findings

TWIN_METRES = 25
METRES_PER_DEGREE = 111_195.0
CROWD, CROWD_SHARE = 100, 0.5  # of the units, on one spot


@dataclass(frozen=True)
class _Looked:
    """What a check carries from layer to layer; None where a layer cannot be read."""

    study: Study
    folder: Path
    extract: OsmExtract | None
    findings: Findings
    doubts: Doubts = field(default_factory=Doubts)


@told
def check(study_path: str | Path, *, lang: str | None = None, progress: Asked = None) -> Checked:
    """Look at a study's data without answering it.

    Parameters
    ----------
    study_path : str or Path
    lang : {"zh", "en"}, optional
        Language of the findings; default: from the locale.
    progress : bool or callable, optional
        True: one bar, where somebody sees it; a function gets each `speech.progress.Step`. Default: none.

    Returns
    -------
    Checked
        A list of Finding.
        Errors first, then warnings and notes; empty where nothing is odd.

    Raises
    ------
    StudyError
        If the study file itself cannot be read.
    """
    path, say = Path(study_path), speaker(lang or default_language())
    study, findings = read_study(path, say), Findings(say)
    folder = path.resolve().parent
    findings.attempt("out", require_folder, study.out, say)
    loaded = findings.attempt("streets", load_osm, study.streets, folder) if study.streets else None
    extract = _corrected(study, loaded.extract, findings) if loaded else None
    looked = _Looked(study, folder, extract, findings)
    if extract is not None:
        _check_streets(looked, extract)
    _check_people(looked)
    _check_facilities(looked)
    _check_indicators(looked)
    _check_systems(looked)
    return Checked(sorted(findings.found, key=lambda finding: SEVERITIES.index(finding.severity)))


def _corrected(study: Study, extract: OsmExtract, findings: Findings) -> OsmExtract:
    """Apply the study's corrections, so that the other layers meet the streets a run will use."""
    if study.overrides is None:
        return extract
    made = findings.attempt("overrides", correct_streets, extract, study.overrides, month=study.modes.month)
    if made is None:
        return extract
    findings.add_rejects("overrides", made[2])
    return made[0]


def _check_streets(looked: _Looked, extract: OsmExtract) -> None:
    """What of the map cannot be used, speeds that are not tagged, nodes without a height."""
    study, findings = looked.study, looked.findings
    findings.add_unused("streets", extract.unused)
    for mode in dict.fromkeys(goal_mode(goal, study.modes) for goal in study.circles if TRAITS[goal.mode].has_limits):
        graph = findings.attempt("streets", build_graph, extract.streets, mode)
        if graph is not None and graph.imputed_share > 0:
            findings.add(
                "streets", "imputed_speeds", "note", share=short_percent(graph.imputed_share, digits=1), table=mode.speeds
            )
    if study.elevation is not None:
        heights = findings.attempt("elevation", node_heights, extract.streets, study.elevation.file)
        if heights is not None and heights.missing_share > 0:
            findings.add("elevation", "missing_heights", "warning", share=percent(heights.missing_share))


def _check_people(looked: _Looked) -> None:
    """Rows refused, people outside the area, the zones and the streets."""
    study, findings = looked.study, looked.findings
    demand = _read_people(study, findings)
    if demand is not None:
        findings.add_rejects("demand", demand.rejected)
        if demand.grid is None and study.demand is not None:
            looked.doubts.ask(study.demand, demand.table.geometry, assumed=demand.assumed, label="demand")
            _check_exchanged(looked, "demand", demand.table, study.demand)
        lon, lat = unit_points(demand.table.geometry)
        _check_spots(findings, lon, lat)
        _check_area(looked, demand, lon, lat)
        _check_near_streets(looked, demand, lon, lat)
    for level, source in study.zones.items():
        layer = findings.attempt(f"zones.{level}", read_zones, source, level=level, **source.own)
        if layer is None:
            continue
        findings.add_rejects(f"zones.{level}", layer.rejected)
        if demand is not None:
            _check_zones(findings, level, assign_zones(lon, lat, layer.table), demand.table["people"])


def _check_exchanged(looked: _Looked, layer: str, table: gpd.GeoDataFrame, source: Source) -> None:
    """Longitude and latitude that a run would refuse as exchanged."""
    if looked.extract is not None:
        looked.findings.attempt(layer, require_unexchanged, table.geometry, looked.extract.streets, source, looked.findings.say)


def _read_people(study: Study, findings: Findings) -> Demand | None:
    """Read the people, as far as a run would: neither rows nor cells that it would refuse for want of memory."""
    source = study.demand
    if source is None or not _fits(findings, require_room_for_rows, study, findings.say):
        return None
    rule = source.urban
    demand = findings.attempt("demand", read_people, source)
    if rule is not None and rule.file is not None:
        findings.attempt("demand.urban", read_table, rule.file)
    if demand is None or not _fits(findings, require_room, study, demand, findings.say):
        return None
    if not len(demand.table):
        findings.add("demand", "no_people", "error", file=source.file.name)
    return demand


def _fits(findings: Findings, require: Callable[..., None], *asked: object) -> bool:
    """Tell whether memory has room for what `require` asks about; where it has not, that is found."""

    def ask() -> bool:
        require(*asked)
        return True

    return findings.attempt("demand", ask) is not None


def _check_indicators(looked: _Looked) -> None:
    """Tables of figures: rows without a unit or a year, and figures that are none."""
    for source in looked.study.indicators:
        read = looked.findings.attempt("indicators", read_indicators, source, **source.own)
        if read is not None:
            looked.findings.add_rejects("indicators", read[1])


def _check_spots(findings: Findings, lon: Floats, lat: Floats) -> None:
    """Most people on one spot: where lists of addresses put those they did not find."""
    first, place = distinct_places(lon, lat)
    there = np.bincount(place)
    if len(there) and there.max() >= CROWD and there.max() > CROWD_SHARE * len(place):
        at = first[there.argmax()]
        findings.add("demand", "one_spot", "warning", units=int(there.max()), total=len(place), lon=lon[at], lat=lat[at])


def _check_area(looked: _Looked, demand: Demand, lon: Floats, lat: Floats) -> None:
    source, findings = looked.study.area, looked.findings
    if source is None:
        return
    area = findings.attempt("area", study_area, source)
    if area is None:
        return
    inside = shapely.intersects_xy(area, lon, lat)
    people = demand.table["people"]
    if not inside.any():
        findings.add("area", "area_apart", "error", file=source.file.name)
    elif not inside.all():
        findings.add("area", "outside_area", "note", people=people[~inside].sum(), total=people.sum())


def _check_near_streets(looked: _Looked, demand: Demand, lon: Floats, lat: Floats) -> None:
    if looked.extract is None or not len(demand.table):
        return
    outside = outside_streets(lon, lat, looked.extract.streets)
    people = demand.table["people"]
    if outside.all():
        west, south, east, north = extent(looked.extract.streets)
        looked.findings.add("demand", "people_apart", "error", west=west, south=south, east=east, north=north)
    elif people[outside].sum() > 0:
        looked.findings.add("demand", "people_outside", "warning", people=people[outside].sum(), total=people.sum())


def _check_zones(findings: Findings, level: str, zones: pd.Series, people: pd.Series) -> None:
    outside = zones.isna().to_numpy()
    if outside.all():
        findings.add(f"zones.{level}", "zones_apart", "warning", level=level)
    elif people[outside].sum() > 0:
        findings.add(f"zones.{level}", "outside_zones", "note", people=people[outside].sum(), level=level)


def _check_facilities(looked: _Looked) -> None:
    """Service by service: sources, duplicates, and whether there is any."""
    used = used_services(looked.study)
    for service in looked.study.facilities:
        layer = f"facilities.{service}"
        if service not in used:
            looked.findings.add(layer, "unused_service", "note", service=service)
        tables = [table for table in _sources(looked, service, layer) if len(table)]
        if not tables and service in used and not _unread(looked, service, layer):
            looked.findings.add(layer, "no_facilities", "warning", service=service)
        if tables:
            merged = merge_facilities(tables)
            looked.findings.add_rejects(layer, merged.rejected)
            _check_twins(looked.findings, layer, merged.table)


def _unread(looked: _Looked, service: str, layer: str) -> bool:
    """Tell whether a source of a service could not be read, so that its emptiness says nothing."""
    wants_streets = FacilityOsm() in looked.study.facilities[service]
    failed = any(finding.layer == layer and finding.severity == "error" for finding in looked.findings.found)
    return failed or (wants_streets and looked.extract is None)


def _sources(looked: _Looked, service: str, layer: str) -> Iterator[gpd.GeoDataFrame]:
    """Read the sources of one service, looking at each."""
    for source in looked.study.facilities[service]:
        if isinstance(source, FacilityFile):
            read = looked.findings.attempt(layer, facilities_from_file, source, service=service, **source.own)
            if read is not None:
                looked.findings.add_rejects(layer, read.rejected)
                looked.doubts.ask(source, read.table.geometry, assumed=read.assumed, label=layer)
                _check_exchanged(looked, layer, read.table, source)
                _check_places(looked, layer, source.file.name, read.table)
                yield read.table
        else:
            yield from _osm_source(looked, service, layer, source)


def _osm_source(looked: _Looked, service: str, layer: str, source: FacilityOsm) -> Iterator[gpd.GeoDataFrame]:
    extract, file = looked.extract, source.osm
    if file is not None:
        loaded = looked.findings.attempt(layer, load_osm, [file], looked.folder)
        extract = loaded.extract if loaded else None
        if extract is not None:
            looked.findings.add_unused(layer, extract.unused.without(WAYS_CUT))
    if extract is not None:
        known = service_catalogue()[service]
        yield facilities_from_places(extract.places, service_id=service, service=known, source="OSM")


def _check_systems(looked: _Looked) -> None:
    """Lists shifted by a Chinese offset system that they do not declare, and lists of which nobody can tell."""
    for doubt in looked.doubts.found(looked.extract.streets if looked.extract else None):
        kind = "unstated_system" if doubt.suspected is None else "undeclared_offset"
        looked.findings.add(doubt.label, kind, "warning", file=doubt.file, system=doubt.suspected)


def _check_places(looked: _Looked, layer: str, file: str, table: gpd.GeoDataFrame) -> None:
    """Facilities off the streets' map."""
    if looked.extract is None or not len(table):
        return
    outside = int(outside_streets(*unit_points(table.geometry), looked.extract.streets).sum())
    if outside:
        kind = "facilities_apart" if outside == len(table) else "facilities_outside"
        looked.findings.add(layer, kind, "warning", file=file, facilities=outside, total=len(table))


def _check_twins(findings: Findings, layer: str, table: gpd.GeoDataFrame) -> None:
    """Facilities of one service within 25 m of each other: the same one in two lists, or twice in one."""
    lon, lat = unit_points(table.geometry)
    flat = np.column_stack((lon * np.cos(np.radians(lat.mean())), lat)) * METRES_PER_DEGREE
    if len(flat) < 2:
        return
    # Spots ask for their nearest other one, not facilities: thousands on one spot would each look through all the others.
    first, place = distinct_places(lon, lat)
    there = np.bincount(place)
    away, near = cKDTree(flat[first]).query(flat[first], k=[2], distance_upper_bound=TWIN_METRES)
    twins = np.flatnonzero((there > 1)[place] | np.isfinite(away[place, 0]))
    if len(twins):
        one, spot = twins[0], place[twins[0]]
        beside = place == (spot if there[spot] > 1 else near[spot, 0])
        beside[one] = False
        names = table["name"].fillna(table["facility"]).to_numpy()
        numbers = {"facilities": len(twins), "spot": int(there[place[twins]].max())}
        findings.add(layer, "duplicates", "note", **numbers, first=names[one], second=names[np.flatnonzero(beside)[0]])
