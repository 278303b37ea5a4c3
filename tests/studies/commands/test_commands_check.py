"""`lifecircle check`: every layer is looked at, whatever the others are like."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import geopandas as gpd
import pytest
from typer.testing import CliRunner

from lifecircle.studies.check.check import check
from lifecircle.studies.commands import app
from lifecircle.studies.coverage.run import run
from lifecircle.studies.demo.helsinki import write_helsinki

DECLARED = ", crs: GCJ-02"


@pytest.fixture(scope="module")
def county(demo_county: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(demo_county, tmp_path_factory.mktemp("check") / "county")) / "study.yaml"


@pytest.fixture(scope="module")
def undeclared(county: Path) -> Path:
    """The demo county's study without the line that says its health list is in GCJ-02."""
    text = county.read_text(encoding="utf-8")
    assert DECLARED in text
    study = county.with_name("undeclared.yaml")
    study.write_text(text.replace(DECLARED, ""), encoding="utf-8")
    return study


def found(study: Path) -> dict[tuple[str, str], str]:
    return {(finding.layer, finding.kind): finding.message for finding in check(study, lang="en")}


def test_a_sound_study_has_nothing_to_mend(tiny):
    study = tiny(("id: id,", "id: id, crs: EPSG:4326,"), ("capacity: beds", "capacity: beds, crs: EPSG:4326"))
    findings = check(study, lang="en")
    assert [(finding.layer, finding.kind, finding.severity) for finding in findings] == [("streets", "imputed_speeds", "note")]
    assert "100%" in findings[0].message  # no street of the grid has a maxspeed


def test_the_demo_county_lacks_one_place_and_no_coordinate_system(county):
    findings = found(county)
    assert "row 65" in findings["facilities.health", "rejected"]
    assert ("facilities.health", "undeclared_offset") not in findings


@pytest.mark.parametrize(("together", "found_it"), [(101, True), (99, False)])
def test_most_people_on_one_spot_are_seen(tiny, together, found_it):
    study = tiny((", groups: {kids: kids}, urban: {column: kind}", ""))
    rows = [f"u{at},{121.001 + max(0, at - together + 1) * 1e-4:.4f},28.501,1" for at in range(150)]
    study.with_name("people.csv").write_text("id,lon,lat,people\n" + "\n".join(rows) + "\n", encoding="utf-8")
    told = found(study).get(("demand", "one_spot"))
    assert told == ("101 of 150 rows of people lie on one spot (121.00100, 28.50100)." if found_it else None)


def test_helsinki_is_cut_at_its_edge(tmp_path):
    assert found(write_helsinki(tmp_path)).keys() == {
        ("streets", kind) for kind in ("ways_cut", "relation_incomplete", "access_words", "restrictions")
    }


def test_a_list_in_gcj02_that_does_not_say_so_is_seen(undeclared):
    finding = next(finding for finding in check(undeclared, lang="zh") if finding.kind == "undeclared_offset")
    assert finding.layer == "facilities.health" and finding.severity == "warning"
    assert "GCJ-02" in finding.message and "health.csv" in finding.message
    assert "`crs: GCJ-02`" in finding.proposal


def test_a_run_warns_of_it_too(undeclared, tmp_path):
    notes = run(undeclared, out=tmp_path, lang="en").record["notes"]
    assert any(note.startswith("health.csv: ") and "`crs: GCJ-02`" in note for note in notes)


def test_json_has_the_agreed_form_and_ends_with_zero(tiny, tmp_path):
    study = tiny()
    (tmp_path / "clinics.csv").write_text("nothing,here\n1,2\n")
    done = CliRunner().invoke(app, ["check", str(study), "--json", "--lang", "zh"])
    assert done.exit_code == 0
    findings = json.loads(done.stdout)["findings"]
    assert all(finding.keys() == {"layer", "kind", "severity", "message", "proposal"} for finding in findings)
    assert findings[0]["severity"] == "error" and findings[0]["layer"] == "facilities.health"
    assert all(finding["message"] and finding["proposal"] for finding in findings)


def test_a_study_that_cannot_be_answered_ends_with_one(tiny, tmp_path):
    study = tiny()
    assert CliRunner().invoke(app, ["check", str(study), "--lang", "en"]).exit_code == 0
    (tmp_path / "clinics.csv").write_text("nothing,here\n1,2\n")
    done = CliRunner().invoke(app, ["check", str(study), "--lang", "en"])
    assert done.exit_code == 1
    assert "clinics.csv" in done.output


def test_one_unreadable_layer_does_not_hide_the_others(tiny, tmp_path):
    study = tiny()
    (tmp_path / "streets.osm").write_text("<osm")
    (tmp_path / "people.csv").write_text("id,people\na,1\n")
    gpd.read_file(tmp_path / "zones.geojson").to_file(tmp_path / "zones.shp")
    (tmp_path / "zones.prj").unlink()
    study.write_text(study.read_text().replace("zones.geojson", "zones.shp"))
    kinds = {(finding.layer, finding.kind, finding.severity) for finding in check(study, lang="en")}
    assert kinds == {
        ("streets", "unreadable", "error"),
        ("demand", "unreadable", "error"),
        ("zones.county", "undeclared_crs", "error"),
        ("facilities.health", "unstated_system", "warning"),
    }


def test_projected_columns_without_a_system_are_called_undeclared(tiny, tmp_path):
    study = tiny()
    (tmp_path / "clinics.csv").write_text("id,x,y,beds\nA,500000,3153000,4\n")
    assert ("facilities.health", "undeclared_crs") in found(study)


def test_rows_refused_and_values_set_aside_are_told_apart(tiny, tmp_path):
    study = tiny()
    (tmp_path / "clinics.csv").write_text("id,lon,lat,beds\nA,121.002,28.502,many\nB,,28.5,4\nC,121.007,28.507,4\n")
    findings = found(study)
    assert "row 2" in findings["facilities.health", "rejected"] and "row 1" in findings["facilities.health", "adjusted"]


def test_layers_that_do_not_meet_are_found(tiny, tmp_path):
    study = tiny()
    for name in ("zones.geojson", "clinics.csv"):
        file = tmp_path / name
        file.write_text(file.read_text().replace("121.", "11.").replace("120.9", "10.9"))
    kinds = found(study).keys()
    assert {("zones.county", "zones_apart"), ("facilities.health", "facilities_apart")} <= kinds
    people = tmp_path / "people.csv"
    people.write_text(people.read_text().replace(",121.", ",11."))
    assert ("demand", "people_apart") in found(study)


def test_some_people_and_places_outside_are_counted(tiny, tmp_path):
    study = tiny()
    with (tmp_path / "people.csv").open("a") as people:
        people.write("far,121.5,28.5,10,0,rural\n")
    with (tmp_path / "clinics.csv").open("a") as clinics:
        clinics.write("C,c,121.5,28.5,3\n")
    findings = found(study)
    assert "10 of 400 people" in findings["demand", "people_outside"]
    assert "10 people live outside all zones" in findings["zones.county", "outside_zones"]
    assert "1 of 3 facilities" in findings["facilities.health", "facilities_outside"]


def test_services_without_facilities_or_goals_are_named(tiny):
    study = tiny(
        ("  fitness: osm", "  fitness: {file: clinics.csv, where: beds > 99}\n  school: osm"),
    )
    assert {("facilities.fitness", "no_facilities"), ("facilities.school", "unused_service")} <= found(study).keys()


def test_the_same_place_in_two_lists_is_a_pair(tiny, tmp_path):
    study = tiny()
    # 9 m east of the hospital in the extract
    (tmp_path / "clinics.csv").write_text("id,name,lon,lat,beds\nA,twin,121.0003,28.5003,5\n")
    assert ", first " in found(study)["facilities.health", "duplicates"]


def test_people_outside_the_area_are_counted(tiny, tmp_path):
    study = tiny(("zones:", "area: area.geojson\nzones:"))
    ring = [[120.9, 28.4], [121.9, 28.4], [121.9, 28.501], [120.9, 28.501], [120.9, 28.4]]
    feature = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    (tmp_path / "area.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    # the first row of the grid of people, 10 to 14 each, lies south of 28.501
    assert f"{390 - 60} of 390 people" in found(study)["area", "outside_area"]


def test_corrections_that_cannot_be_made_are_named(tiny, tmp_path):
    study = tiny(("zones:", "overrides: overrides.csv\nzones:"))
    (tmp_path / "overrides.csv").write_text("action,way\nclose,1\nclose,4711\n")
    assert "row 2" in found(study)["overrides", "rejected"]


def test_a_study_that_cannot_be_read_ends_with_one(tmp_path):
    done = CliRunner().invoke(app, ["check", str(tmp_path / "no.yaml"), "--json"])
    assert done.exit_code == 1 and done.stdout == ""


def test_a_folder_of_results_that_is_a_file_is_seen(tiny):
    assert found(tiny(("out: out", "out: people.csv")))["out", "unreadable"].endswith(
        "people.csv: is no folder; name a folder with `out:` or --out."
    )
