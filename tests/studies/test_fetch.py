"""`lifecircle fetch` against a stand-in for Overpass and Nominatim that answers from a real extract; no network."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import geopandas as gpd
import osmium
import pandas as pd
import pytest
import shapely
import yaml
from typer.testing import CliRunner

from lifecircle.geo.errors import DownloadError, InputError, StudyError, TooLargeError
from lifecircle.geo.reading.download import tiles
from lifecircle.geo.reading.osm import read_osm
from lifecircle.geo.reading.overpass import tag_statements
from lifecircle.geo.reading.unused import RELATION_INCOMPLETE
from lifecircle.layers.services import service_catalogue
from lifecircle.studies.commands import app
from lifecircle.studies.coverage.run import answer_study
from lifecircle.studies.demo.helsinki import write_helsinki
from lifecircle.studies.fetch import Fetched, fetch
from lifecircle.studies.file.reading import read_study
from lifecircle.studies.folder.record import Record
from lifecircle.studies.situation.situation import read_situation
from lifecircle.studies.speech.messages import speaker

HELSINKI = Path(__file__).parents[2] / "studies" / "demo" / "data" / "Helsinki.osm.pbf"
DISTRICT = shapely.box(24.938, 60.167, 24.948, 60.173)  # the middle of the extract
PLACE = "Keskusta, Helsinki"
STATEMENT = re.compile(r"^(way|node|nwr|relation)((?:\[[^\]]*\])+)\(([-\d.,]+)\);$", re.MULTILINE)
FILTER = re.compile(r'\["([^"]+)"(?:(=|~)"([^"]*)")?\]')


class Extract:
    """A real extract that answers the part of Overpass' language that is used here."""

    def __init__(self, path: Path) -> None:
        self.elements: dict[tuple[str, int], dict[str, Any]] = {}
        self.shapes: dict[tuple[str, int], shapely.Geometry] = {}
        for entity in osmium.FileProcessor(str(path)):
            tags = dict(entity.tags)
            if entity.is_node():
                place = {"lat": entity.location.lat, "lon": entity.location.lon}
                self._add("node", entity.id, tags, place, shapely.Point(place["lon"], place["lat"]))
            elif entity.is_way():
                refs = [node.ref for node in entity.nodes]
                line = [self.shapes["node", ref].coords[0] for ref in refs if ("node", ref) in self.shapes]
                self._add("way", entity.id, tags, {"nodes": refs}, shapely.LineString(line) if len(line) > 1 else shapely.Point())
            else:
                kinds = {"n": "node", "w": "way", "r": "relation"}
                members = [{"type": kinds[member.type], "ref": member.ref, "role": member.role} for member in entity.members]
                parts = [self.shapes[key] for key in ((m["type"], m["ref"]) for m in members) if key in self.shapes]
                self._add("relation", entity.id, tags, {"members": members}, shapely.GeometryCollection(parts))

    def _add(self, kind: str, number: int, tags: dict[str, str], rest: dict[str, Any], shape: shapely.Geometry) -> None:
        self.elements[kind, number] = {"type": kind, "id": number, **({"tags": tags} if tags else {}), **rest}
        self.shapes[kind, number] = shape

    def answer(self, query: str) -> dict[str, Any]:
        """Answer a query: its statements, and what the elements found are made of."""
        statements = STATEMENT.findall(query)
        assert query.count(";\n") == len(statements) + 4 and "(._;>;);\nout body qt;" in query  # nothing is passed over
        found = {key for statement in statements for key in self._matches(*statement)}
        pending = list(found)
        while pending:
            element = self.elements[pending.pop()]
            parts = [("node", ref) for ref in element.get("nodes", [])]
            parts += [(member["type"], member["ref"]) for member in element.get("members", []) if member["type"] != "relation"]
            fresh = [key for key in parts if key in self.elements and key not in found]
            found.update(fresh)
            pending.extend(fresh)
        stamp = {"timestamp_osm_base": "2019-04-21T20:21:02Z"}
        return {"version": 0.6, "osm3s": stamp, "elements": [self.elements[key] for key in sorted(found)]}

    @cached_property
    def _index(self) -> tuple[list[tuple[str, int]], shapely.STRtree]:
        """The tagged elements, and their shapes by place."""
        tagged = [key for key, element in self.elements.items() if "tags" in element]
        return tagged, shapely.STRtree([self.shapes[key] for key in tagged])

    def _matches(self, kind: str, filters: str, bounds: str) -> Iterator[tuple[str, int]]:
        south, west, north, east = map(float, bounds.split(","))
        keys, tree = self._index
        wanted = FILTER.findall(filters)
        for row in tree.query(shapely.box(west, south, east, north), predicate="intersects"):
            key = keys[row]
            if kind in ("nwr", key[0]) and self._tagged(self.elements[key]["tags"], wanted):
                yield key

    @staticmethod
    def _tagged(tags: dict[str, str], wanted: list[tuple[str, str, str]]) -> bool:
        return all(
            key in tags and (sign != "=" or tags[key] == value) and (sign != "~" or re.search(value, tags[key]))
            for key, sign, value in wanted
        )


class StandIn(ThreadingHTTPServer):
    """Overpass and Nominatim on this machine; `trouble` may answer a request in their place."""

    daemon_threads = True
    trouble: Callable[[int, str], tuple[int, str] | None] = staticmethod(lambda number, query: None)

    def __init__(self, extract: Extract) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.extract, self.queries, self.searches = extract, list[str](), list[str]()

    @property
    def urls(self) -> dict[str, str]:
        host = f"http://127.0.0.1:{self.server_port}"
        return {"overpass_url": f"{host}/api", "nominatim_url": f"{host}/"}


class Answering(BaseHTTPRequestHandler):
    server: StandIn

    def do_POST(self) -> None:
        assert self.path == "/api/interpreter"
        query = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())["data"][0]
        self.server.queries.append(query)
        trouble = self.server.trouble(len(self.server.queries), query)
        self._send(*(trouble or (200, json.dumps(self.server.extract.answer(query)))))

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        assert parts.path == "/search"
        asked = parse_qs(parts.query)["q"][0]
        self.server.searches.append(asked)
        west, south, east, north = DISTRICT.bounds
        shapes = {PLACE: DISTRICT, "a statue": DISTRICT.centroid}
        found = {"display_name": f"{asked}, Suomi", "importance": 0.5, "boundingbox": [south, north, west, east]}
        place = {"lat": str(DISTRICT.centroid.y), "lon": str(DISTRICT.centroid.x)}
        answer = [{**found, **place, "geojson": shapely.geometry.mapping(shapes[asked])}] if asked in shapes else []
        self._send(200, json.dumps(answer))

    def _send(self, status: int, text: str) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@pytest.fixture(scope="module")
def extract() -> Extract:
    return Extract(HELSINKI)


@pytest.fixture
def server(extract: Extract) -> Iterator[StandIn]:
    with StandIn(extract) as standing_in:
        threading.Thread(target=standing_in.serve_forever, daemon=True).start()
        yield standing_in
        standing_in.shutdown()


@pytest.fixture
def district(tmp_path: Path) -> str:
    """The boundary as a file, which spares the polite second that every search at Nominatim waits."""
    file = tmp_path / "district.geojson"
    gpd.GeoDataFrame(geometry=[DISTRICT], crs="EPSG:4326").to_file(file)
    return str(file)


def fetched(server: StandIn, place: str, folder: Path, **options: Any) -> Fetched:
    """Fetch with quick retries; a margin of 300 m, so that the extract goes on beyond it."""
    return fetch(place, folder, **{"buffer_km": 0.3, "waits_seconds": (0.0, 0.0), "lang": "en", **server.urls, **options})


def test_a_place_becomes_a_folder_ready_for_a_study(server: StandIn, tmp_path: Path) -> None:
    result = fetched(server, PLACE, tmp_path / "a")
    assert server.searches == [PLACE] and len(server.queries) == 1
    assert gpd.read_file(result.boundary).geometry.iloc[0].equals(DISTRICT)
    assert "© OpenStreetMap contributors" in result.notice.read_text("utf-8")
    assert "2019-04-21T20:21:02Z" in result.notice.read_text("utf-8")
    study = yaml.safe_load(result.study.read_text("utf-8"))
    assert (study["name"], study["streets"], study["area"]) == (PLACE, "streets.osm.pbf", "boundary.geojson")
    assert study["facilities"] == {"fitness": ["osm"], "health": ["osm"]}  # those of its goals; the others wait behind a #
    assert all(f" {service}: [osm]" in result.study.read_text("utf-8") for service in result.facilities)
    assert [goal["id"] for goal in study["goals"]] == ["fitness-10min", "rural-90min"]


def test_elements_keep_their_ids_tags_and_members(server: StandIn, extract: Extract, district: str, tmp_path: Path) -> None:
    got = Extract(fetched(server, district, tmp_path / "a").streets)
    assert got.elements and {kind for kind, _ in got.elements} == {"node", "way", "relation"}
    assert all(element == extract.elements[key] for key, element in got.elements.items())
    wanted = [
        key
        for key, element in extract.elements.items()
        if key[0] == "way" and "highway" in element.get("tags", {}) and extract.shapes[key].intersects(DISTRICT)
    ]
    assert len(wanted) > 500 and set(wanted) <= got.elements.keys()


def test_ferries_scraps_and_every_class_arrive(server: StandIn, district: str, tmp_path: Path) -> None:
    original = tmp_path / "with-a-ferry.osm.pbf"
    shores = [key[1] for key, shape in server.extract.shapes.items() if key[0] == "node" and shape.within(DISTRICT)][:2]
    with osmium.SimpleWriter(str(original)) as writer:
        for entity in osmium.FileProcessor(str(HELSINKI)):
            writer.add(entity)
        writer.add_way(osmium.osm.mutable.Way(id=10**12, nodes=shores, tags={"route": "ferry", "duration": "00:20"}))
    server.extract = Extract(original)
    got, expected = (
        read_osm(file).streets for file in (fetched(server, district, tmp_path / "a", buffer_km=5).streets, original)
    )
    assert got.way_ids[got.is_ferry].tolist() == [10**12]
    assert sorted(got.way_ids) == sorted(expected.way_ids)


def test_facilities_are_those_of_the_original(server: StandIn, district: str, tmp_path: Path) -> None:
    result = fetched(server, district, tmp_path / "a", buffer_km=5)
    original = read_osm(HELSINKI)
    ours, theirs = read_osm(result.streets).places, original.places
    clipped = {element for element, _ in original.unused.examples[RELATION_INCOMPLETE]}  # here the server has few of them
    for name, service in service_catalogue().items():
        expected = {osm for osm, tags in zip(theirs["osm"], theirs["tags"], strict=True) if service.matches(tags)}
        found = {osm for osm, tags in zip(ours["osm"], ours["tags"], strict=True) if service.matches(tags)}
        assert found - clipped == expected - clipped
        assert result.facilities.get(name, 0) == len(found)


def test_a_study_has_the_same_times_as_on_the_original(server: StandIn, district: str, tmp_path: Path) -> None:
    result = fetched(server, district, tmp_path / "a", buffer_km=5, tile_degrees=0.05)
    assert len(server.queries) > 6
    study = yaml.safe_load(result.study.read_text("utf-8"))
    write_helsinki(tmp_path / "demo")
    people = {"file": str(tmp_path / "demo" / "people.csv"), "people": "people", "id": "id"}
    goals = [{"id": f"{mode}", "service": "fitness", "mode": mode, "minutes": 10} for mode in ("walk", "car")]
    tables = []
    for streets in (str(result.streets), str(HELSINKI)):
        path = tmp_path / f"{len(tables)}" / "study.yaml"
        path.parent.mkdir()
        changed = {**study, "streets": streets, "area": str(result.boundary), "demand": people, "goals": goals}
        path.write_text(yaml.safe_dump({**changed, "facilities": {"fitness": ["osm"]}}), "utf-8")
        say, record = speaker("en"), Record()
        read = read_study(path, say)
        results, _ = answer_study(read_situation(read, path.parent, record, say))
        tables.append(results.demand)
    assert len(tables[0]) > 50 and tables[0]["walk.minutes"].notna().all()
    pd.testing.assert_frame_equal(tables[0], tables[1], rtol=1e-9)


def test_the_command_says_what_comes_next(server: StandIn, district: str, tmp_path: Path) -> None:
    options = ["--buffer-km", "0", "--lang", "zh", "--overpass-url", server.urls["overpass_url"]]
    done = CliRunner().invoke(app, ["fetch", district, str(tmp_path / "a"), *options])
    assert done.exit_code == 0
    assert f"lifecircle run {tmp_path / 'a' / 'study.yaml'}" in done.stdout
    assert "道路与设施：1 块中的第 1 块" in done.stderr


def test_a_second_call_leaves_everything_alone(server: StandIn, district: str, tmp_path: Path) -> None:
    first = fetched(server, district, tmp_path / "a")
    first.study.write_text("name: mine\n")
    before = first.streets.stat().st_mtime_ns
    again = fetched(server, district, tmp_path / "a")
    assert len(server.queries) == 1
    assert (again.streets.stat().st_mtime_ns, again.study.read_text()) == (before, "name: mine\n")


def _once_let_go(ask: Callable[[], Fetched]) -> Fetched:
    """Ask again while the killed process's watchdog still tidies up, which takes a moment on a busy machine."""
    for _ in range(100):
        try:
            return ask()
        except StudyError:
            time.sleep(0.2)
    return ask()


def test_a_killed_download_goes_on_where_it_stopped(server: StandIn, district: str, tmp_path: Path) -> None:
    """The process is killed while it waits for the third part; parts one and two are not asked for again."""
    stuck, release = threading.Event(), threading.Event()

    def hold(number: int, _: str) -> None:
        if number == 3:
            stuck.set()
            release.wait(60)

    server.trouble = hold
    call = (
        "import sys; from lifecircle.studies.fetch import fetch; "
        "fetch(sys.argv[1], sys.argv[2], buffer_km=0.3, tile_degrees=0.01, lang='en', overpass_url=sys.argv[3])"
    )
    arguments = [sys.executable, "-c", call, district, str(tmp_path / "a"), server.urls["overpass_url"]]
    process = subprocess.Popen(arguments, env=os.environ, stderr=subprocess.DEVNULL)
    assert stuck.wait(60)
    process.send_signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
    process.wait()
    release.set()
    assert not (tmp_path / "a" / "streets.osm.pbf").exists()

    asked = server.queries[:2]
    server.queries.clear()
    result = _once_let_go(lambda: fetched(server, district, tmp_path / "a", tile_degrees=0.01))
    assert server.queries and not set(asked) & set(server.queries)
    whole = fetched(server, district, tmp_path / "b")
    assert Extract(result.streets).elements == Extract(whole.streets).elements


@pytest.mark.parametrize("status", [429, 504])
def test_a_busy_server_is_asked_again(server: StandIn, district: str, tmp_path: Path, status: int) -> None:
    server.trouble = lambda number, _: (status, "") if number <= 2 else None
    fetched(server, district, tmp_path / "a")
    assert len(server.queries) == 3


@pytest.mark.parametrize("status", [429, 504])
def test_a_server_that_stays_busy_is_one_clear_sentence(server: StandIn, district: str, tmp_path: Path, status: int) -> None:
    server.trouble = lambda *_: (status, "")
    with pytest.raises(
        DownloadError, match=rf"127\.0\.0\.1:\d+ is busy \(HTTP {status} .+\) and was asked 3 times; run the same"
    ):
        fetched(server, district, tmp_path / "a")
    server.trouble = lambda *_: None
    assert fetched(server, district, tmp_path / "a").streets.exists()


@pytest.mark.parametrize(
    "remark", ['runtime error: Query timed out in "query" at line 3 after 181 seconds.', "Timeout: incomplete"]
)
def test_parts_too_large_for_the_server_are_asked_for_in_quarters(
    server: StandIn, district: str, tmp_path: Path, remark: str
) -> None:
    def overburdened(number: int, query: str) -> tuple[int, str] | None:
        _, west, _, east = map(float, STATEMENT.findall(query)[0][2].split(","))
        return (200, json.dumps({"elements": [], "remark": remark})) if east - west > 0.02 else None

    server.trouble = overburdened
    result = fetched(server, district, tmp_path / "a", buffer_km=0.5)
    assert len(server.queries) == 5
    server.trouble = lambda *_: None
    whole = fetched(server, district, tmp_path / "b", buffer_km=0.5)
    assert Extract(result.streets).elements == Extract(whole.streets).elements


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((400, "<p>parse error</p>"), r"refused the request \(HTTP 400 Bad Request\): <p>parse error</p>"),
        ((200, "<html>Please log in to the network</html>"), "did not answer with OpenStreetMap data; check --overpass-url"),
        ((200, "[]"), "did not answer with OpenStreetMap data"),
        ((200, '{"elements": [], "remark": "runtime error: out of memory"}'), "cannot answer even for a small area"),
    ],
)
def test_other_answers_are_refused(server: StandIn, district: str, tmp_path: Path, answer: tuple[int, str], message: str) -> None:
    server.trouble = lambda *_: answer
    with pytest.raises(DownloadError, match=message):
        fetched(server, district, tmp_path / "a")
    assert not list((tmp_path / "a" / ".fetch").glob("*.json.gz"))


def unused_port() -> int:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        return int(closed.getsockname()[1])


@pytest.mark.parametrize(("by_name", "option"), [(True, "--nominatim-url"), (False, "--overpass-url")])
def test_without_a_network_the_message_says_what_to_do(district: str, tmp_path: Path, by_name: bool, option: str) -> None:
    host = f"127.0.0.1:{unused_port()}"
    urls = ["--overpass-url", f"http://{host}/api", "--nominatim-url", f"http://{host}/"]
    done = CliRunner().invoke(app, ["fetch", PLACE if by_name else district, str(tmp_path / "a"), "--lang", "en", *urls])
    assert done.exit_code == 1
    said = done.stderr.strip().splitlines()[-1]
    assert f"{host} could not be reached" in said and f"name a mirror with {option}" in said
    assert "`streets:` also takes an extract that somebody else downloaded" in said
    done = CliRunner().invoke(app, ["fetch", district, str(tmp_path / "b"), "--lang", "zh", *urls])
    assert f"无法连接 {host}" in done.stderr


def test_places_without_a_boundary_are_refused(server: StandIn, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"'Nowhere': .* found no such place .*; add its county or province"):
        fetched(server, "Nowhere", tmp_path / "a")
    with pytest.raises(InputError, match="'a statue': OpenStreetMap has no boundary of it; give a polygon file"):
        fetched(server, "a statue", tmp_path / "b")


def test_a_folder_holds_one_download(server: StandIn, district: str, tmp_path: Path) -> None:
    fetched(server, district, tmp_path / "a")
    with pytest.raises(StudyError, match=r"holds a download of .* with 0\.3 km around it"):
        fetched(server, district, tmp_path / "a", buffer_km=1)
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "streets.osm.pbf").write_bytes(HELSINKI.read_bytes())
    with pytest.raises(StudyError, match="did not write"):
        fetched(server, district, tmp_path / "b")


def test_an_area_without_streets_is_no_study(server: StandIn, tmp_path: Path) -> None:
    file = tmp_path / "sea.geojson"
    gpd.GeoDataFrame(geometry=[shapely.box(20, 59, 20.01, 59.01)], crs="EPSG:4326").to_file(file)
    with pytest.raises(StudyError, match="sea: OpenStreetMap has no street there"):
        fetched(server, str(file), tmp_path / "a")
    assert not (tmp_path / "a" / "streets.osm.pbf").exists()


def test_tiles_cover_the_area_and_no_more() -> None:
    area = shapely.union_all([shapely.box(0, 0, 0.6, 0.1), shapely.box(2, 1, 2.1, 1.1)])
    boxes = [shapely.box(west, south, east, north) for south, west, north, east in tiles(area, degrees=0.25)]
    assert len(boxes) == 4
    assert shapely.union_all(boxes).covers(area)
    assert shapely.area(boxes).sum() == pytest.approx(area.area, abs=1e-4)
    with pytest.raises(TooLargeError, match="more than the 400"):
        tiles(shapely.box(0, 0, 10, 10), degrees=0.25)


def test_tag_queries_become_one_statement_per_key() -> None:
    queries = [{"amenity": ["clinic"]}, {"amenity": ["bank"]}, {"leisure": ["park"], "sport": ["*"]}, {"shop": ["*"]}]
    assert tag_statements(queries) == (
        'nwr["amenity"~"(^|; *)(bank|clinic)( *;|$)"]',
        'nwr["shop"]',
        'nwr["leisure"~"(^|; *)(park)( *;|$)"]["sport"]',
    )
