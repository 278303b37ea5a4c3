"""Names that are no names - markup, formulas, mathematics, control characters, reversed text, endless - in every text field of a
study: the run finishes, and everything it leaves opens and shows them as text."""

import csv
import json
import re
import sqlite3
import xml.etree.ElementTree as Xml
from html.parser import HTMLParser
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely
import toy_map
import toy_siting
import toy_study
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lifecircle.geo.plain_text import plain
from lifecircle.geo.reading.osm import read_osm
from lifecircle.geo.streets import street_lines
from lifecircle.layers.facilities import facilities_from_places
from lifecircle.layers.land import land_of
from lifecircle.layers.services import service_catalogue
from lifecircle.maps.page import refuse_addresses
from lifecircle.studies.coverage.run import run
from lifecircle.studies.siting.site import site

SHAPES = (
    "<script>window.X=1</script>", "</script><img src=http://x.example/a.png>", "=HYPERLINK(1)", "+1+1", "-1+1", "@SUM(A1)",
    "\t=1", r"$\frac{1}{0$ per head", "$x$", "Care, data = census 2020", "href = 'http://x.example'", "url(x.png)",
    "{study}", "%s %(x)s", "{{ 7*7 }}", "a\u202egpj.exe", "bell\x07\x1b[2J", "\u2066isolate", "&amp;lt;", "'\"`", "]]>", "<!--",
    "_under", "  ", "长" * 3000, "W" * 5000, "\U0001f3e5 医院", "a\\nb", "CON", "../../x", "NA", "null", "-", "#", "[red]x[/red]",
)  # fmt: skip
NAMES = st.one_of(st.sampled_from(SHAPES), st.text(st.characters(codec="utf-8"), min_size=1, max_size=30))
FIELDS = ("study", "goal_zh", "goal_en", "zone", "facility", "facility_2", "kind", "group")
SMALL = settings(max_examples=3, derandomize=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


class Scripts(HTMLParser):
    """Counts the scripts of a page, and keeps its text."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts, self.text = 0, ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.scripts += tag == "script"

    def handle_data(self, data: str) -> None:
        self.text += data


def run_named(folder: Path, names: dict[str, str]) -> Path:
    """Run a toy study that carries the names wherever a study carries text; returns its output folder."""
    folder.mkdir(parents=True, exist_ok=True)
    ids = toy_study.points_table([("a", 5, 0), ("b", 50, 0)])
    places = ids.assign(name=[names["facility"], names["facility_2"]], sort=names["kind"])
    around = shapely.box(-1, -1, 1, 1)
    zones = gpd.GeoDataFrame({"code": ["01"], "name": [plain(names["zone"])]}, geometry=[around], crs="EPSG:4326")
    zones.to_file(folder / "zones.geojson", driver="GeoJSON")
    people = toy_study.people_table([("p", 1, 0, 10, 3), ("q", 59, 0, 7, 2)], "young")
    goal = {**toy_study.GOAL, "group": names["group"], "title": {"zh": names["goal_zh"], "en": names["goal_en"]}}
    finished = toy_study.run_toy(
        folder, people, places, goals=[goal], name=names["study"],
        facilities={"health": [{"file": "facilities.csv", "id": "id", "kind": "sort"}]},
        zones={"county": {"file": "zones.geojson", "id": "code", "name": "name"}}, demand={"groups": {names["group"]: "young"}},
    )  # fmt: skip
    return finished.out


def open_everything(out: Path) -> None:
    """Open every output with a reader of its own kind."""
    own_scripts = {"report.html": 0}
    for page in out.glob("*.html"):
        html = page.read_text(encoding="utf-8")
        refuse_addresses(html)
        tags = Scripts()
        tags.feed(html)
        assert tags.scripts == own_scripts.get(page.name, tags.scripts), page.name
        assert "<script>window.X" not in html
    for file in out.glob("*.csv"):
        with file.open(encoding="utf-8-sig", newline="") as lines:
            cells = [cell for row in csv.reader(lines) for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "\t"))], file.name
    for file in out.glob("*.xlsx"):
        for sheet in openpyxl.load_workbook(file):
            assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    for file in out.glob("*.svg"):
        Xml.parse(file)
    for file in [*out.glob("*.json"), *out.glob("*.geojson")]:
        json.loads(file.read_text(encoding="utf-8"))
    for file in out.glob("*.gpkg"):
        with sqlite3.connect(file) as base:
            styled = base.execute("SELECT name FROM sqlite_master WHERE name = 'layer_styles'").fetchall()
            for (style,) in base.execute("SELECT styleQML FROM layer_styles").fetchall() if styled else ():
                Xml.fromstring(style)
    for file in out.glob("*.parquet"):
        pd.read_parquet(file)


@SMALL
@given(st.fixed_dictionaries(dict.fromkeys(FIELDS, NAMES)))
def test_any_name_is_only_a_name(tmp_path_factory, names):
    names = {
        field: plain(name).strip() or "x" for field, name in names.items() if field not in ("facility", "facility_2", "kind")
    } | {field: names[field] for field in ("facility", "facility_2", "kind")}
    open_everything(run_named(tmp_path_factory.mktemp("named"), names))


@pytest.fixture(scope="module")
def named(tmp_path_factory):
    """A run whose every name is of a kind that went wrong once."""
    names = {
        "study": "Care, data = census 2020", "goal_zh": r"$\frac{1}{0$ 每人", "goal_en": r"$\frac{1}{0$ per head",
        "zone": "=1+1", "facility": "bell\x07\u202egpj.exe", "facility_2": "<script>window.X=1</script>", "kind": "@x",
        "group": "$y$",
    }  # fmt: skip
    return run_named(tmp_path_factory.mktemp("hostile"), names)


def test_what_looks_like_an_address_is_text(named):
    assert "data = census 2020" in (named / "report.html").read_text(encoding="utf-8")
    open_everything(named)


def test_a_dollar_sign_is_drawn_as_it_stands(named):
    texts = "".join(Xml.parse(named / "map-clinic.svg").getroot().itertext())
    assert r"$\frac{1}{0$ per head" in texts


def test_hidden_characters_are_taken_out_and_told(named):
    rejected = pd.read_csv(named / "rejected.csv", dtype=str, keep_default_na=False)
    note = rejected[rejected["column"] == "name"].iloc[0]
    assert (note["row"], note["value"]) == ("1", "U+0007 U+202E")
    assert re.search("cannot be seen", note["reason"])
    listed = gpd.read_file(named / "results.gpkg", layer="facilities")["name"].tolist()
    assert "bellgpj.exe" in listed


def test_names_of_the_map_are_cleaned_too(tmp_path):
    way = toy_map.street(3, highway="residential", name="Long \u202eteertS")
    place = {1: {"amenity": "clinic", "name": "\u2066Clinic"}, 2: {"place": "village", "name": "Mill\ufeffbrook"}}
    toy_map.write_map(tmp_path / "named.osm", toy_map.row(3), [way], node_tags=place)
    extract = read_osm(tmp_path / "named.osm")
    assert street_lines(extract.streets)["name"].tolist() == ["Long teertS"]
    assert land_of(extract.places)["name"].tolist() == ["Millbrook"]
    health = service_catalogue()["health"]
    assert facilities_from_places(extract.places, service_id="health", service=health, source="OSM")["name"].tolist() == [
        "Clinic"
    ]


def test_names_of_plots_corrections_catalogues_and_ids_are_only_names(tmp_path):
    people = [("=2+3", 2, 0, 100), ("@here", 20, 0, 80), ("<b>x</b>", 50, 0, 10), ("$a$", 32, 0, 60)]
    plots = [("=1+1", 4, 0), ("</script>", 32, 0), ("a\u202eb", 50, 0)]
    names = ["+plot", "<script>window.X=1</script>", "$\\frac{1}{0$ [/red]"]
    road = "LINESTRING (0 0.001, 0.001 0.001)"
    pd.DataFrame({"action": ["road"], "wkt": [road], "highway": ["residential"], "name": ["=1+1\x07<script>"]}).to_csv(
        tmp_path / "roads.csv", index=False
    )
    title = {"zh": "$x$ <script>", "en": "data = {study} </script>"}
    entry = {"title": title, "check": "circle", "service": "health", "mode": "walk", "minutes": 10, "profile": "child"}
    own = {"format": 1, "document": {"id": "own", "title": title}, "goals": {"own-goal": entry}}
    (tmp_path / "own.yaml").write_text(yaml.safe_dump(own, allow_unicode=True), encoding="utf-8")
    study = toy_siting.write_siting(
        tmp_path, people=people, plots=plots, figures={"label": names}, overrides="roads.csv", catalogue=["own.yaml"],
        siting={"candidates": {"file": "plots.csv", "id": "id", "name": "label"}}, goals=["own-goal"],
    )  # fmt: skip
    site(study, service="health", p=2, goal="own-goal", out=tmp_path / "plan", lang="en")
    open_everything(tmp_path / "plan")
    sites = pd.read_csv(tmp_path / "plan" / "sites.csv", dtype=str, keep_default_na=False)
    assert set(sites["name"]) <= {f"'{names[0]}", *names}
    open_everything(run(study, out=tmp_path / "run", lang="zh").out)
