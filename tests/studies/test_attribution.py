"""Whatever lifecircle writes says whose data it was made from: OpenStreetMap's, and that of every other file that says so."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow.parquet as pq
import pytest
import rasterio
import shapely
import toy_map
import toy_siting
import toy_study
import yaml
from sealing import seal_again

from lifecircle.geo.errors import StudyError
from lifecircle.studies.access.access import access
from lifecircle.studies.attribution import OSM_SOURCE, file_sources, study_sources, without_sources
from lifecircle.studies.comparing.compare import compare
from lifecircle.studies.coverage.run import run
from lifecircle.studies.file.reading import read_study
from lifecircle.studies.folder.finished import read_run
from lifecircle.studies.siting.site import site
from lifecircle.studies.speech.messages import speaker
from lifecircle.studies.tables.isochrones import isochrones
from lifecircle.studies.tables.matrix import matrix

PEOPLE = "people.csv: 统计局 <b>Office</b>, CC BY 4.0"
ZONES = "zones.geojson: Land Registry"
AREA = "area.geojson: OGL 3.0"
CLINICS = "facilities.csv: 卫健委"
NOTICE = "Heights © Example Survey, free to use"
LINES = [OSM_SOURCE, AREA, ZONES, PEOPLE, CLINICS, NOTICE]


def write_study(folder, **more):
    """A study of which every file says whose it is, in each of the ways there are."""
    folder.mkdir(parents=True, exist_ok=True)
    around = gpd.GeoDataFrame({"code": ["1"]}, geometry=[shapely.box(-1, -1, 1, 1)], crs="EPSG:4326")
    for name in ("zones", "area"):
        around.to_file(folder / f"{name}.geojson", driver="GeoJSON")
    study = toy_siting.write_siting(folder, demand={"source": "统计局  <b>Office</b>", "licence": "CC BY 4.0"})
    text = {
        **yaml.safe_load(study.read_text(encoding="utf-8")),
        "area": {"file": "area.geojson", "licence": "OGL 3.0"},
        "zones": {"county": {"file": "zones.geojson", "id": "code", "source": "Land Registry"}},
        "facilities": {
            "health": [{"file": "facilities.csv", "id": "id", "capacity": "beds", "source": "卫健委"}],
            "fitness": [{"file": "unused.csv", "source": "nobody"}],
        },
        **more,
    }
    study.write_text(yaml.safe_dump(text, allow_unicode=True), encoding="utf-8")
    pd.DataFrame({"id": ["X"], "lon": [58 * toy_map.DEGREES], "lat": [0], "beds": [3]}).to_csv(
        folder / "facilities.csv", index=False
    )
    (folder / "unused.csv").write_text("lon,lat\n0,0\n", encoding="utf-8")
    (folder / "NOTICE").write_text(f"{NOTICE}\n    and what else there is to say\n\nA second paragraph.\n", encoding="utf-8")
    return study


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return write_study(tmp_path_factory.mktemp("named"))


@pytest.fixture(scope="module")
def finished(study):
    return run(study, lang="en")


def told(file):
    """What a file says of its sources, as whoever opens it finds it."""
    if file.suffix == ".csv":
        table = pd.read_csv(file, dtype=str)
        return "; ".join(table["attribution"].dropna().unique()) if "attribution" in table else "\n".join(table["en"].dropna())
    if file.suffix == ".parquet":
        return pq.read_schema(file).metadata[b"attribution"].decode()
    if file.suffix == ".tif":
        with rasterio.open(file) as raster:
            return raster.tags()["TIFFTAG_COPYRIGHT"]
    if file.suffix == ".gpkg":
        with closing(sqlite3.connect(file)) as base:
            layers = "SELECT description FROM gpkg_contents WHERE data_type = 'features'"
            (said,) = {row[0] for row in base.execute(layers)}
            assert said in base.execute("SELECT group_concat(metadata) FROM gpkg_metadata").fetchone()[0]
            return said
    if file.suffix == ".xlsx":
        return "\n".join(map(str, pd.read_excel(file, sheet_name="Definitions", header=None).to_numpy().ravel()))
    if file.suffix == ".json":
        content = json.loads(file.read_text(encoding="utf-8"))
        return "; ".join(content.get("sources") or content["attribution"])
    if file.suffix == ".geojson":
        return json.loads(file.read_text(encoding="utf-8"))["attribution"]
    return file.read_bytes().decode("utf-8", "replace")


def require_named(folder, lines):
    files = [file for file in folder.iterdir() if file.is_file() and file.suffix not in (".html", ".png", ".svg")]
    assert files
    for file in files:
        if file.suffix != ".csv" or len(pd.read_csv(file)):  # without a row there is nothing whose it could be
            said = told(file)
            assert [line for line in lines if line not in said] == [], file.name


def test_every_file_of_a_run_names_all_sources(finished):
    require_named(finished.out, LINES)
    assert finished.results.sources == tuple(LINES)


def test_pages_and_pictures_name_them_too(finished):
    report = (finished.out / "report.html").read_text(encoding="utf-8")
    assert "统计局 &lt;b&gt;Office&lt;/b&gt;, CC BY 4.0" in report and "<b>Office" not in report
    picture = (finished.out / "map-clinic.svg").read_text(encoding="utf-8")
    assert all(word in picture for word in ("OpenStreetMap", "统计局", "Land Registry", "OGL 3.0", "卫健委", "Example Survey"))
    assert b"CC BY 4.0" in (finished.out / "map-clinic.png").read_bytes()


def test_what_nothing_asks_about_is_not_named(finished):
    assert not any("nobody" in line for line in finished.results.sources)


def test_files_of_access_siting_and_comparison_do(study, finished, tmp_path):
    require_named(access(study, out=tmp_path / "access", lang="en").out, LINES)
    plan = write_study(tmp_path / "to-plan", siting={"health": {"candidates": {"file": "plots.csv", "id": "id"}}})
    planned = site(plan, service="health", p=1, out=tmp_path / "plan", lang="en")
    require_named(planned.out, LINES)
    assert "Example Survey" in (planned.out / "curve.svg").read_text(encoding="utf-8")
    other = run(write_study(tmp_path / "other", facilities={"health": [{"file": "facilities.csv", "licence": "CC0"}]}), lang="en")
    done = compare(finished.out, other.out, out=tmp_path / "both", lang="en")
    require_named(done.out, [*LINES, "facilities.csv: CC0"])


def test_candidates_are_named_where_they_are_used(tmp_path):
    plots = {"candidates": {"file": "plots.csv", "id": "id", "source": "Land Office"}}
    owned = write_study(tmp_path, siting={"health": plots})
    assert "plots.csv: Land Office" in site(owned, service="health", p=1, out=tmp_path / "plan", lang="en").results.sources
    assert "plots.csv: Land Office" not in run(owned, out=tmp_path / "run", lang="en").results.sources


def test_a_study_without_a_map_does_not_name_openstreetmap(tmp_path):
    text = {
        "name": "Tables",
        "indicators": [{"file": "figures.csv", "values": {"rate": "rate"}, "year": 2024, "source": "Yearbook"}],
        "goals": [{"id": "rate", "check": "indicator", "indicator": "rate", "unit": {"level": "all"}, "at_least": 0.5}],
        "out": "out",
    }
    (tmp_path / "figures.csv").write_text("rate\n0.7\n", encoding="utf-8")
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(text), encoding="utf-8")
    done = run(tmp_path / "study.yaml", lang="en")
    assert done.results.sources == ("figures.csv: Yearbook",)
    assert set(pd.read_csv(done.out / "scorecard.csv")["attribution"]) == {"figures.csv: Yearbook"}


def test_tables_and_rings_of_streets_name_notices_beside_any_file(tmp_path):
    toy_map.write_map(tmp_path / "streets.osm", *toy_study.STREET)
    places = tmp_path / "elsewhere"
    places.mkdir()
    toy_study.points_table([("a", 1, 0), ("b", 5, 0)]).to_csv(places / "a.csv", index=False)
    (places / "NOTICE.txt").write_text("诊所名单：某县卫生局，可自由使用", encoding="gb18030")
    lines = [OSM_SOURCE, "诊所名单：某县卫生局，可自由使用"]
    options = {"origins": places / "a.csv", "destinations": places / "a.csv"}
    matrix(tmp_path / "streets.osm", **options, out=tmp_path / "t.csv")
    matrix(tmp_path / "streets.osm", **options, out=tmp_path / "t.parquet")
    about = json.loads((tmp_path / "t.csv-metadata.json").read_text(encoding="utf-8"))
    assert about["dc:rights"] == lines and about["url"] == "t.csv"
    header = (tmp_path / "t.csv").read_text(encoding="utf-8").splitlines()[0]
    assert [column["name"] for column in about["tableSchema"]["columns"]] == header.split(",")
    assert told(tmp_path / "t.parquet") == "; ".join(lines)
    for kind in ("gpkg", "geojson"):
        isochrones(tmp_path / "streets.osm", facilities=places / "a.csv", minutes=[5], out=tmp_path / f"r.{kind}")
        assert told(tmp_path / f"r.{kind}") == "; ".join(lines)


def test_a_notice_is_its_first_paragraph_without_details(tmp_path):
    (tmp_path / "NOTICE").write_text(f"{'x' * 400}\ntwo\u202e\n   detail\nthree\nfour\nfive\n\nlater", encoding="utf-8-sig")
    first, *rest = file_sources([tmp_path / "a.csv"])[1:]
    assert len(first) == 300 and first.endswith("…") and rest == ["two", "three", "four"]


def test_a_path_alone_is_still_enough_and_other_keys_are_refused(tmp_path):
    plain = read_study(write_study(tmp_path, area="area.geojson"), speaker("en"))
    assert plain.area.file == tmp_path / "area.geojson" and AREA not in study_sources(plain)
    with pytest.raises(StudyError, match="unknown key 'license'; did you mean 'licence'"):
        read_study(write_study(tmp_path, area={"file": "area.geojson", "license": "x"}), speaker("en"))
    with pytest.raises(StudyError, match="area"):
        read_study(write_study(tmp_path, area={"source": "x"}), speaker("en"))


def test_whose_a_file_is_changes_no_answer(tmp_path):
    named, silent = (read_study(write_study(tmp_path, **more), speaker("en")) for more in ({}, {"area": "area.geojson"}))
    assert named != silent
    assert without_sources(named) == without_sources(silent)
    assert without_sources(named).facilities["health"][0].capacity == "beds"


def test_candidates_named_on_the_command_line_are_inputs_of_the_plan(study, tmp_path):
    """Whatever a plan was made from is listed with its checksum, and the notice beside it is read."""
    plots = tmp_path / "elsewhere" / "mine.csv"
    plots.parent.mkdir()
    plots.write_text("id,lon,lat\nP,0.004,0\n", encoding="utf-8")
    (plots.parent / "NOTICE").write_text("Plots: Land Office", encoding="utf-8")
    planned = site(study, service="health", p=1, candidates=[str(plots)], out=tmp_path / "plan", lang="en")
    assert planned.sites["site"].tolist() == ["P"]
    assert str(plots) in [entry["file"] for entry in planned.record["inputs"]]
    assert "Plots: Land Office" in planned.record["sources"]


def test_a_run_of_an_earlier_version_is_read_without_its_sources_and_mark(finished, tmp_path):
    """It had no byte order mark, wrote paths alone, and said whose its data was in its files only."""
    old = Path(shutil.copytree(finished.out, tmp_path / "old"))
    card = (old / "scorecard.csv").read_bytes().removeprefix(b"\xef\xbb\xbf")
    (old / "scorecard.csv").write_bytes(card)
    record = json.loads((old / "run.json").read_text(encoding="utf-8"))
    record["parameters"]["area"] = record["parameters"]["area"]["file"]
    del record["sources"]
    (old / "run.json").write_text(json.dumps(record), encoding="utf-8")
    seal_again(old)
    read, new = read_run(old, speaker("en")), read_run(finished.out, speaker("en"))
    assert read.scorecard.equals(new.scorecard) and read.scorecard.columns[0] == "goal"
    assert read.study.area.file == new.study.area.file
    assert set(read.sources) == {*LINES, "unused.csv: nobody"} - {AREA}
