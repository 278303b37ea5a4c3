"""Download OpenStreetMap data: a place's boundary from Nominatim, everything in an area from Overpass.

Boundaries come through `osmnx.geocode_to_gdf`. Overpass is asked with `requests` under OSMnx's settings (address, time limit,
proxies), not through OSMnx: its public functions give graphs and shapes without the raw tags, ways and relations an extract
needs, and what sends its requests is private, asks a busy server again without end and redirects the name look-ups of the whole
process.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import math
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import geopandas as gpd
import numpy as np
import osmnx as ox
import requests
import shapely
from shapely.geometry.base import BaseGeometry

from ..coordinates import metric_crs
from ..errors import DownloadError, InputError, TooLargeError, said
from .overpass import Box, is_incomplete, overpass_query

T = TypeVar("T")
Answer = dict[str, Any]
Tell = Callable[..., None]

TILE_DEGREES = 0.25  # about 25 km: a dense city answers within the time limit and a few hundred megabytes
SMALLEST_DEGREES = 0.01
MOST_TILES = 400  # a province; beyond it asking a public server is impolite, and an extract is quicker
WAITS_SECONDS = (5.0, 15.0, 45.0, 120.0)
CONNECT_SECONDS = 20.0
BUSY = (429, 502, 503, 504)
BY_HAND = (
    "without a network, `streets:` also takes an extract that somebody else downloaded "
    "(.osm.pbf, from a colleague or a USB stick)"
)


@dataclass(frozen=True, kw_only=True)
class Servers:
    """Whom to ask, and how patiently.

    Attributes
    ----------
    overpass_url, nominatim_url : str, optional
        Default: OSMnx's settings, which are the public servers unless the user changed them.
    waits_seconds : tuple of float
        How long to wait before each further try at a busy server.
    """

    overpass_url: str | None = None
    nominatim_url: str | None = None
    waits_seconds: tuple[float, ...] = WAITS_SECONDS


class _Busy(Exception):
    """A server asks to come back later."""

    def __init__(self, response: requests.Response) -> None:
        super().__init__(f"HTTP {response.status_code} {response.reason}")
        after = response.headers.get("Retry-After", "")
        self.seconds = min(float(after), 300.0) if after.isdecimal() else 0.0


def place_boundary(place: str, folder: Path, *, servers: Servers, tell: Tell) -> gpd.GeoDataFrame:
    """Ask Nominatim for the boundary of a place.

    Parameters
    ----------
    place : str
        As one would type it into a map's search field, in any language.
    folder : Path
        Where OSMnx keeps the answer.

    Returns
    -------
    GeoDataFrame
        One row: `name` (as Nominatim has it), `geometry` (polygon or multipolygon, EPSG:4326).

    Raises
    ------
    DownloadError
        If the server cannot be reached or stays busy.
    InputError
        If it does not know the place, or has no boundary of it.
    """
    url = servers.nominatim_url or ox.settings.nominatim_url
    options = {**ox.settings.requests_kwargs, "hooks": {"response": _refuse_busy}}
    changed = {"nominatim_url": url, "cache_folder": folder, "use_cache": True, "requests_kwargs": options}
    try:
        with _osmnx_settings(**changed, http_user_agent=_agent()):
            found = _patiently(lambda: ox.geocode_to_gdf(place), _host(url), "--nominatim-url", servers, tell)
    except TypeError as error:
        raise InputError(
            "{place!r}: OpenStreetMap has no boundary of it; give a polygon file instead of its name.", place=place
        ) from error
    except ValueError as error:
        hint = "add its county or province, or give a polygon file instead of its name"
        raise InputError(
            "{place!r}: {url} found no such place ({error}); {hint}.",
            place=place,
            url=_host(url),
            error=str(error)[:200],
            hint=hint,
        ) from error
    name = str(found["display_name"].iloc[0]) if "display_name" in found else place
    return gpd.GeoDataFrame({"name": [name]}, geometry=[found.geometry.iloc[0]], crs="EPSG:4326")


@contextmanager
def _osmnx_settings(**changes: Any) -> Iterator[None]:
    """Change OSMnx's settings, which hold for the whole process, for a moment."""
    before = {name: getattr(ox.settings, name) for name in changes}
    for name, value in changes.items():
        setattr(ox.settings, name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(ox.settings, name, value)


def widened(shape: BaseGeometry, *, metres: float) -> BaseGeometry:
    """Return a shape (EPSG:4326) with a margin around it."""
    lon, lat = shapely.get_coordinates(shape).T
    series = gpd.GeoSeries([shape], crs="EPSG:4326").to_crs(metric_crs(lon, lat)).buffer(metres)
    return series.to_crs("EPSG:4326").iloc[0]


def tiles(area: BaseGeometry, *, degrees: float = TILE_DEGREES) -> list[Box]:
    """Cover an area with boxes of at most `degrees`, each no larger than what it holds of the area.

    Raises
    ------
    TooLargeError
        If there would be more than MOST_TILES.
    """
    west, south, east, north = area.bounds
    columns, rows = (max(1, math.ceil(round(span / degrees, 6))) for span in (east - west, north - south))
    x, y = np.linspace(west, east, columns + 1), np.linspace(south, north, rows + 1)
    left, low = (edges.ravel() for edges in np.meshgrid(x[:-1], y[:-1]))
    right, high = (edges.ravel() for edges in np.meshgrid(x[1:], y[1:]))
    parts = shapely.intersection(shapely.box(left, low, right, high), area)
    bounds = shapely.bounds(parts[shapely.area(parts) > 0])
    if len(bounds) > MOST_TILES:
        raise TooLargeError(
            "the area needs {requests} requests, more than the {most} a public server should be asked "
            "for; download an extract of the country or province as one .osm.pbf file instead and name it "
            "under `streets:`.",
            requests=len(bounds),
            most=MOST_TILES,
        )
    outward = np.column_stack((np.floor(bounds[:, :2] * 1e5), np.ceil(bounds[:, 2:] * 1e5))) / 1e5
    return [Box(south, west, north, east) for west, south, east, north in outward.tolist()]


def download(boxes: Sequence[Box], statements: Sequence[str], folder: Path, *, servers: Servers, tell: Tell) -> Iterator[Answer]:
    """Ask Overpass box by box, one request at a time; answers kept in `folder` are not asked for again.

    A box whose answer goes beyond the server's limits is asked for in quarters.

    Yields
    ------
    dict
        Each answer: `elements`, and `osm3s` with the time of the data.

    Raises
    ------
    DownloadError
        If the server cannot be reached, stays busy or answers with something else. What was downloaded is kept.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for number, box in enumerate(boxes, start=1):
        yield from _box_answers(box, statements, folder, servers, tell)
        tell("tile", done=number, total=len(boxes))


def _box_answers(box: Box, statements: Sequence[str], folder: Path, servers: Servers, tell: Tell) -> Iterator[Answer]:
    query = overpass_query(statements, box, timeout_seconds=math.ceil(ox.settings.requests_timeout))
    stem = folder / hashlib.sha256(query.encode()).hexdigest()[:24]
    kept, too_large = stem.with_suffix(".json.gz"), stem.with_suffix(".split")
    if not too_large.exists():
        answer = _kept(kept) or _ask(query, servers, tell)
        if not is_incomplete(answer.get("remark", "")):
            _keep(kept, answer)
            yield answer
            return
        if box.north - box.south < SMALLEST_DEGREES:
            host = _host(_overpass_url(servers))
            raise DownloadError(
                "{host} cannot answer even for a small area ({remark}); name a mirror with --overpass-url.",
                host=host,
                remark=answer["remark"],
            )
        too_large.touch()
    for quarter in _quarters(box):
        yield from _box_answers(quarter, statements, folder, servers, tell)


def _quarters(box: Box) -> list[Box]:
    middle, centre = (box.south + box.north) / 2, (box.west + box.east) / 2
    spans = (box.south, middle), (middle, box.north)
    return [Box(a, c, b, d) for a, b in spans for c, d in ((box.west, centre), (centre, box.east))]


def _kept(path: Path) -> Answer | None:
    """Return an answer of an earlier try; None for anything but a whole one."""
    try:
        answer: Answer = json.loads(gzip.decompress(path.read_bytes()))
    except (OSError, EOFError, ValueError, RecursionError, zlib.error):
        return None
    return answer if isinstance(answer, dict) and isinstance(answer.get("elements"), list) else None


def _keep(path: Path, answer: Answer) -> None:
    """Write beside the final place and move there in one step, so that an answer is kept whole or not at all."""
    if path.exists():
        return
    draft = path.with_suffix(".part")
    draft.write_bytes(gzip.compress(json.dumps(answer, ensure_ascii=False).encode(), compresslevel=5, mtime=0))
    draft.replace(path)


def _ask(query: str, servers: Servers, tell: Tell) -> Answer:
    url = _overpass_url(servers)
    limits = (CONNECT_SECONDS, ox.settings.requests_timeout + 30)  # the server's own limit should come first

    def post() -> requests.Response:
        options = {**ox.settings.requests_kwargs, "hooks": {"response": _refuse_busy}}
        headers = {"User-Agent": _agent()}
        return requests.post(f"{url}/interpreter", data={"data": query}, timeout=limits, headers=headers, **options)

    response = _patiently(post, _host(url), "--overpass-url", servers, tell)
    if not response.ok:
        said = " ".join(response.text.split())[:200]
        raise DownloadError(
            "{url} refused the request (HTTP {status_code} {reason}): {said}",
            url=_host(url),
            status_code=response.status_code,
            reason=response.reason,
            said=said,
        )
    try:
        answer = response.json()
    except requests.exceptions.JSONDecodeError:
        answer = None
    if not isinstance(answer, dict) or not isinstance(answer.get("elements"), list):
        raise DownloadError(
            "{url} did not answer with OpenStreetMap data; check --overpass-url, it usually ends in /api.", url=_host(url)
        )
    return answer


def _overpass_url(servers: Servers) -> str:
    return (servers.overpass_url or ox.settings.overpass_url).rstrip("/")


def _refuse_busy(response: requests.Response, *_: Any, **__: Any) -> None:
    if response.status_code in BUSY:
        raise _Busy(response)


def _patiently(request: Callable[[], T], host: str, option: str, servers: Servers, tell: Tell) -> T:
    """Send a request, again after a while where the server is busy."""
    for wait in (*servers.waits_seconds, None):
        try:
            return request()
        except _Busy as busy:
            reason, pause = str(busy), busy.seconds
        except (requests.exceptions.ReadTimeout, requests.exceptions.ChunkedEncodingError) as error:
            reason, pause = type(error).__name__, 0.0
        except requests.exceptions.RequestException as error:
            cause = _cause(error)
            raise DownloadError(
                "{host} could not be reached ({cause}); name a mirror with {option}, or {by_hand}.",
                host=host,
                cause=cause,
                option=option,
                by_hand=said(BY_HAND),
            ) from error
        if wait is not None:
            tell("busy", host=host, reason=reason, seconds=max(wait, pause))
            time.sleep(max(wait, pause))
    tries = len(servers.waits_seconds) + 1
    raise DownloadError(
        "{host} is busy ({reason}) and was asked {tries} times; run the same command again later, it goes on where it "
        "stopped, or name a mirror with {option}.",
        host=host,
        reason=reason,
        tries=tries,
        option=option,
    )


def _cause(error: BaseException) -> str:
    """Find the plain reason within the errors that wrap it: connection refused, name not known ..."""
    while True:
        inner = getattr(error, "reason", None) or error.__cause__ or error.__context__
        inner = (
            inner if isinstance(inner, BaseException) else next((arg for arg in error.args if isinstance(arg, Exception)), None)
        )
        if inner is None:
            return getattr(error, "strerror", None) or str(error) or type(error).__name__
        error = inner


def _host(url: str) -> str:
    return urlsplit(url).netloc or url


def _agent() -> str:
    return f"lifecircle/{version('lifecircle')}"
