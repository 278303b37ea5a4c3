"""A results folder explains itself: every column in both languages, every file in its record, nothing that stands for nothing."""

import csv
import json
import re
from fnmatch import fnmatchcase
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest
import toy_siting

from lifecircle.studies.access.access import access
from lifecircle.studies.comparing.compare import compare
from lifecircle.studies.coverage.run import run
from lifecircle.studies.folder.left_files import ACCESS, COMPARISON, RUN, SITING
from lifecircle.studies.siting.site import site
from lifecircle.studies.speech.messages import texts

DOCS = Path(__file__).resolve().parents[3] / "docs"
PAGES = {"run": "outputs.md", "access": "access.md", "site": "siting.md", "compare": "comparison.md"}
FIVE = {"id": "five", "title": {"zh": "五分钟", "en": "five"}, "set": {"minutes": 5}, "source": "own"}
KINDS = (RUN, ACCESS, SITING, COMPARISON)


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A folder of results of every command, as rich in columns as small studies can be."""
    here = tmp_path_factory.mktemp("described")
    people = [
        ("a", 2, 0, 100, 5, "城镇"),
        ("b", 6, 0, 50, 2, "乡村"),
        ("c", 20, 0, 80, 3, "乡村"),
        ("lost", 20, 400, 9, 1, "乡村"),
    ]
    zones = gpd.GeoDataFrame(
        {"code": ["1"], "name": ["=East"]},
        geometry=gpd.GeoSeries.from_wkt(["POLYGON((-1 -1,1 -1,1 1,-1 1,-1 -1))"]),
        crs="EPSG:4326",
    )
    study = toy_siting.write_siting(
        here, people=people, columns=("young", "sort"), demand={"groups": {"young": "young"}, "urban": {"column": "sort"}},
        plots=[("P1", 4, 0), ("P2", 20, 0)], figures={"cost": [3, 4], "capacity": [70, 90]},
        zones={"county": {"file": "zones.geojson", "id": "code", "name": "name"}},
        goal={"target": 0.9, "variants": [FIVE]},
    )  # fmt: skip
    zones.to_file(here / "zones.geojson", driver="GeoJSON")
    text = study.read_text(encoding="utf-8").replace(
        "file: facilities.csv",
        "file: facilities.csv\n    capacity: beds\n    flags: {open: open}\n    numbers: {staff: beds}\n    tier: tier",
    )
    study.write_text(text, encoding="utf-8")
    places = pd.read_csv(here / "facilities.csv").assign(beds=7, open="yes", tier="second")
    places.to_csv(here / "facilities.csv", index=False)
    before = run(study, out=here / "before", lang="zh").out
    places.assign(lon=places["lon"] / 2).to_csv(here / "facilities.csv", index=False)
    finished = run(study, out=here / "run", lang="en").out
    return {
        "run": finished,
        "before": before,
        "access": access(study, out=here / "access", lang="en").out,
        "site": site(study, service="health", p=1, out=here / "site", lang="en").out,
        "compare": compare(before, finished, out=here / "compare", lang="en").out,
    }


def columns_of(file):
    """The columns of a file, as its readers find them."""
    if file.suffix == ".csv":
        with file.open(encoding="utf-8-sig", newline="") as opened:
            return {file.name: next(csv.reader(opened))}
    if file.suffix == ".parquet":
        return {file.name: [*pq.read_schema(file).names]}
    if file.suffix == ".gpkg":
        layers = [name for name, kind in pyogrio.list_layers(file) if kind is not None]
        return {f"{file.name}/{layer}": [*pyogrio.read_info(file, layer=layer)["fields"]] for layer in layers}
    if file.suffix == ".geojson":
        return {file.name: [*pyogrio.read_info(file)["fields"]]}
    return {}


COMMANDS = ("run", "access", "site", "compare")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_column_of_every_file_is_explained_in_both_languages(folders, command):
    folder = folders[command]
    names = [file for file in folder.iterdir() if file.is_file() and not file.name.endswith("columns.csv")]
    found = {file: columns for name in names for file, columns in columns_of(name).items()}
    assert found
    (dictionary,) = folder.glob("*columns.csv")
    said = pd.read_csv(dictionary, dtype=str, keep_default_na=False)
    for file, columns in found.items():
        told = said[said["file"] == file].set_index("column")
        assert set(columns) <= set(told.index) <= {*columns, "geometry"}, file
        nameless = told[(told["en"] == "") | ~told["zh"].str.contains("[一-鿿]")]
        assert list(nameless.index) == [], file
    assert set(said["file"]) == {*found, ""}


@pytest.mark.parametrize("command", COMMANDS)
def test_no_word_or_number_stands_for_what_is_not_there(folders, command):
    for file in folders[command].glob("*.csv"):
        assert file.read_bytes().startswith(b"\xef\xbb\xbf"), file.name
        with file.open(encoding="utf-8-sig", newline="") as opened:
            cells = [cell for row in csv.reader(opened) for cell in row]
        assert not {cell for cell in cells if cell.lower() in ("nan", "none", "<na>", "inf", "-inf", "nat", "null", "-0.0")}, (
            file.name
        )
        assert not [cell for cell in cells if cell.startswith(("=", "@", "+"))], file.name
    for file in folders[command].glob("*.json"):
        json.loads(file.read_text(encoding="utf-8"), parse_constant=pytest.fail)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_record_says_what_every_file_is(folders, command):
    folder = folders[command]
    kind = next(kind for kind in KINDS if kind.command == command)
    record = json.loads((folder / kind.record).read_text(encoding="utf-8"))
    outputs = {entry["file"]: entry for entry in record["outputs"]}
    assert set(outputs) == {file.name for file in folder.iterdir() if file.is_file()} - {kind.record}
    assert all(entry["meaning"].endswith(".") and entry["bytes"] > 0 and len(entry["sha256"]) == 64 for entry in outputs.values())
    goals = {name: entry["goal"] for name, entry in outputs.items() if entry["goal"] is not None}
    wanted = ["map-clinic.png", "map-clinic.svg", "minutes-clinic.tif"] if command == "run" else []
    assert goals == dict.fromkeys(wanted, "clinic")


def test_the_record_speaks_the_language_of_the_run(folders):
    record = json.loads((folders["before"] / "run.json").read_text(encoding="utf-8"))
    assert all(re.search("[一-鿿]", entry["meaning"]) for entry in record["outputs"])


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.command)
def test_every_file_a_command_may_leave_has_a_meaning_and_stands_in_the_manual(kind):
    page = (DOCS / PAGES[kind.command]).read_text(encoding="utf-8")
    named = re.findall(r"`([^`\s]+)`", "\n".join(line.split("|")[1] for line in page.splitlines() if line.startswith("| `")))
    named = [name.replace("<goal>", "*") for name in named]
    for name in kind.names:
        for language in ("zh", "en"):
            assert texts(language)[f"output.{kind.command}.{name}"]
        own = name in named or (name.endswith(".svg") and ".svg" in named)
        assert own, f"{name} is not in docs/{PAGES[kind.command]}"
    files = [name for name in named if re.search(r"\.(csv|json|parquet|gpkg|tif|png|svg|html|xlsx|geojson)$", name)]
    known = [*kind.names, kind.record, ".svg"]
    assert [name for name in files if not any(fnmatchcase(name, one) for one in known)] == []
