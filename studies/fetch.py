"""Start a study from nothing but the name of a place: its boundary, streets and facilities out of OpenStreetMap."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from string import Template
from typing import Any, Final

import geopandas as gpd
import shapely

from ..geo.errors import DownloadError, InputError, StudyError
from ..geo.reading.download import TILE_DEGREES, WAITS_SECONDS, Servers, download, place_boundary, tiles, widened
from ..geo.reading.osm import read_osm
from ..geo.reading.overpass import STREET_STATEMENTS, Elements, tag_statements
from ..geo.reading.waters import WATER_TAGS
from ..layers.catalogue import find_goal
from ..layers.goals import Text
from ..layers.services import TagQuery, count_services, service_catalogue
from ..layers.source import Source
from ..layers.tables import read_table
from ..layers.vector_files import read_vector
from ..maps.exports.text import write_text
from ..maps.exports.vector import write_geojson
from .attribution import OSM_SOURCE
from .folder.draft import kept_folder
from .folder.sealed import read_record
from .speech.messages import Say, default_language, speaker
from .speech.progress import Asked, current_teller, told
from .speech.terminal import show

SCRAPS = ".fetch"  # answers as they came, so that a download goes on where it stopped
SETTLEMENTS = 'node["place"]'
TRAVEL_GOALS = ("fitness-10min", "rural-90min")  # the two time circles of the plan: a study to begin with
__all__ = ["DownloadError", "Fetched", "fetch"]


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """What a download left: its files, and how many facilities of each service it found."""

    boundary: Path
    streets: Path
    study: Path
    notice: Path
    facilities: Mapping[str, int]


@told
def fetch(
    place: str | Source,
    folder: str | Path,
    *,
    buffer_km: float = 5.0,
    overpass_url: str | None = None,
    nominatim_url: str | None = None,
    waits_seconds: tuple[float, ...] = WAITS_SECONDS,
    tile_degrees: float = TILE_DEGREES,
    lang: str | None = None,
    progress: Asked = None,
) -> Fetched:
    """Download what a study of a place needs, people excepted.

    All streets and ferries come with their raw tags, facilities by the tags of the service catalogue, in one extract, so that
    `facilities: [osm]` finds them. Called again it goes on where it stopped, and finished files are left alone.

    Parameters
    ----------
    place : str or Source
        A name, as one would type it into a map's search field, or a polygon file.
    folder : path
        Gets `boundary.geojson`, `streets.osm.pbf`, `NOTICE` and a commented `study.yaml`.
    buffer_km : float
        Margin around the boundary: people near it use streets and facilities on the other side.
    overpass_url, nominatim_url : str, optional
        Other servers than the public ones.
    waits_seconds : tuple of float
        How long to wait before each further try at a busy server.
    tile_degrees : float
        Largest box asked for at once.
    lang, progress
        As in `run`.

    Raises
    ------
    DownloadError
        If a server cannot be reached, stays busy or answers with something else.
    InputError, StudyError
        If the place is unknown or has no boundary, or the folder holds a download of something else.
    """
    tell = _Said(speaker(lang or default_language()))
    servers = Servers(overpass_url=overpass_url, nominatim_url=nominatim_url, waits_seconds=waits_seconds)
    with kept_folder(Path(folder), "fetch", tell.say):
        return _fetched(place, Path(folder), buffer_km, servers, tile_degrees, tell)


def _fetched(place: str | Source, target: Path, buffer_km: float, servers: Servers, tile_degrees: float, tell: _Said) -> Fetched:
    area, streets = _area(place), target / "streets.osm.pbf"
    name = place if isinstance(place, str) else str(place.file)
    _claim(target, name, buffer_km, tell.say)
    boundary = _boundary(area or name, target, servers, tell)
    if streets.exists():
        tell("kept", file=streets)
    else:
        _streets(boundary, target, buffer_km, servers, tile_degrees, tell)
    found = _count_facilities(streets)
    study = _study(target, str(boundary["name"].iloc[0]), area.file.stem if area else name, buffer_km, found)
    return Fetched(boundary=target / "boundary.geojson", streets=streets, study=study, notice=target / "NOTICE", facilities=found)


REMARKS: Final = ("kept", "busy")  # what nobody expects is said to everybody


@dataclass(frozen=True)
class _Said:
    """Tell the user how far the download is."""

    say: Say

    def __call__(self, event: str, **values: object) -> None:
        teller, text = current_teller(), self.say(f"fetch.{event}", **values)
        if event in REMARKS:
            show(teller.console, text)
        else:
            teller.line(text)


def _claim(folder: Path, place: str, buffer_km: float, say: Say) -> None:
    """Note in the folder what it is for; refuse to mix two downloads."""
    record = folder / SCRAPS / "request.json"
    wanted = {"place": place, "buffer_km": buffer_km}
    if record.exists():
        begun = _begun(record, folder, say)
        if begun != wanted:
            raise StudyError(say("fetch.other", folder=folder, **begun))
    elif (folder / "streets.osm.pbf").exists():
        raise StudyError(say("fetch.foreign", folder=folder))
    record.parent.mkdir(parents=True, exist_ok=True)
    _put(json.dumps(wanted, ensure_ascii=False), record, folder)


def _begun(record: Path, folder: Path, say: Say) -> dict[str, Any]:
    """Return what a folder's download is of; a record that says nothing of it is not a download's."""
    try:
        begun = read_record(record)
        return {"place": begun["place"], "buffer_km": begun["buffer_km"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StudyError(say("fetch.foreign", folder=folder)) from error


def _put(text: str, file: Path, folder: Path) -> None:
    """Write a small file whole or not at all."""
    draft = folder / SCRAPS / f"{file.name}.part"
    write_text(text, draft)
    draft.replace(file)


def _area(place: str | Source) -> Source | None:
    """Return the file of polygons that a place is, None where it is a name."""
    if isinstance(place, Source):
        return place
    return Source(file=Path(place)) if Path(place).is_file() else None


def _boundary(place: str | Source, folder: Path, servers: Servers, tell: _Said) -> gpd.GeoDataFrame:
    """Return the place's boundary, from the folder where it is there already; `name` and `geometry` in one row."""
    file = folder / "boundary.geojson"
    if file.exists():
        tell("kept", file=file)
        return read_vector(Source(file=file))
    if isinstance(place, Source):
        boundary = _polygons(place, tell.say)
    else:
        boundary = place_boundary(place, folder / SCRAPS, servers=servers, tell=tell)
    draft = folder / SCRAPS / file.name
    write_geojson(boundary, draft, name="boundary", sources=[] if isinstance(place, Source) else [OSM_SOURCE])
    draft.replace(file)
    tell("boundary", name=boundary["name"].iloc[0], file=file)
    return boundary


def _polygons(source: Source, say: Say) -> gpd.GeoDataFrame:
    shape = shapely.union_all(read_table(source).table.geometry.to_numpy())
    if not shapely.area(shape) > 0:
        raise InputError(say("fetch.no_polygons", file=source.file))
    return gpd.GeoDataFrame({"name": [source.file.stem]}, geometry=[shape], crs="EPSG:4326")


def _streets(
    boundary: gpd.GeoDataFrame, folder: Path, buffer_km: float, servers: Servers, tile_degrees: float, tell: _Said
) -> None:
    """Download the extract and write it with its notice."""
    area = widened(shapely.union_all(boundary.geometry.to_numpy()), metres=1000 * buffer_km)
    statements = (*STREET_STATEMENTS, *tag_statements([*_facility_queries(), *_waters()]), SETTLEMENTS)
    elements, times = Elements(), set()
    boxes = tiles(area, degrees=tile_degrees)
    for answer in download(boxes, statements, folder / SCRAPS, servers=servers, tell=tell):
        elements.add(answer)
        times.add(answer.get("osm3s", {}).get("timestamp_osm_base", ""))
    if not any("highway" in tags for _, tags in elements.ways.values()):
        raise StudyError(tell.say("fetch.no_streets", place=boundary["name"].iloc[0], file=folder / "boundary.geojson"))
    draft = folder / SCRAPS / "streets.osm.pbf"
    elements.write(draft)
    notice = resources.files("lifecircle.studies").joinpath("templates/fetched-notice.txt").read_text(encoding="utf-8")
    when = min(filter(None, times), default="?")
    _put(Template(notice).substitute(when=when), folder / "NOTICE", folder)
    draft.replace(folder / "streets.osm.pbf")
    tell("streets", nodes=len(elements.nodes), ways=len(elements.ways), file=folder / "streets.osm.pbf")


def _facility_queries() -> list[TagQuery]:
    """Return the queries of all services, without those that ask for a part of what another one asks for anyway."""
    queries = [query for service in service_catalogue().values() for query in service.queries]
    whole: dict[str, set[str]] = {}
    for query in queries:
        if len(query) == 1:
            ((key, values),) = query.items()
            whole.setdefault(key, set()).update(values)
    return [query for query in queries if len(query) == 1 or not any(set(query[key]) <= whole.get(key, set()) for key in query)]


def _waters() -> list[TagQuery]:
    """Return the queries of what nobody walks across on the way to a street."""
    return [{key: sorted(values)} for key, values in WATER_TAGS.items()]


def _count_facilities(streets: Path) -> dict[str, int]:
    """How many places of each service the extract has."""
    counts = count_services(read_osm(streets).places["tags"].tolist(), service_catalogue())
    return {name: count for name, count in counts.items() if count}


def _facility_line(service: str, count: int, title: Text, used: set[str]) -> str:
    """Write one service of a study file; those that no goal uses yet wait behind a #."""
    mark = "" if service in used else "# "
    return f"  {mark}{service}: [osm]  # {count:,} · {title.zh} {title.en}"


def _study(folder: Path, name: str, title: str, buffer_km: float, found: Mapping[str, int]) -> Path:
    """Write a study file to fill in, unless there is one: the user may have filled it in."""
    path = folder / "study.yaml"
    if path.exists():
        return path
    text = resources.files("lifecircle.studies").joinpath("templates/fetched-study.yaml").read_text(encoding="utf-8")
    titles = {service: entry.title for service, entry in service_catalogue().items()}
    goals = [find_goal(goal) for goal in TRAVEL_GOALS if find_goal(goal).services[0] in found]
    used = {service for goal in goals for service in goal.services}
    lines = [_facility_line(service, count, titles[service], used) for service, count in found.items()]
    begin = [f"  - {{id: {goal.id}, population: all}}" for goal in goals]
    filled = Template(text).substitute(
        name=" ".join(name.split()),
        quoted=json.dumps(title, ensure_ascii=False),
        buffer=f"{buffer_km:g}",
        facilities="\n".join(sorted(lines, key=lambda line: line.startswith("  #"))) or "  {}",
        goals="\n".join(begin) or "  []",
    )
    _put(filled, path, folder)
    return path
