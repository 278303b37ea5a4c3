"""A study file with one mistake gives one error: its line, its key, and what to write instead."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest

from lifecircle.geo.errors import StudyError
from lifecircle.studies.file.reading import read_study
from lifecircle.studies.file.study import FacilityFile, FacilityOsm, study_files
from lifecircle.studies.speech.messages import speaker, texts

GOAL = "  - {id: fit, service: fitness, mode: car, minutes: 5}"
CLINICS = "{file: clinics.csv, capacity: beds}"


def error_of(study: Path, language: str = "en") -> str:
    with pytest.raises(StudyError) as caught:
        read_study(study, speaker(language))
    return str(caught.value).removeprefix(str(study))


def test_every_key_of_the_design_is_read(tiny, tmp_path):
    (tmp_path / "area.gpkg").touch()
    (tmp_path / "dem.tif").touch()
    study = read_study(tiny(("zones:", "area: area.gpkg\nelevation: dem.tif\nzones:"), ("id: id,", "id: id, crs: 4326,")))
    assert study.elevation.file == tmp_path / "dem.tif" and study.area.file == tmp_path / "area.gpkg"
    assert study.demand.crs == "EPSG:4326" and study.demand.groups == {"kids": "kids"}
    osm, listed = study.facilities["health"]
    assert isinstance(osm, FacilityOsm) and isinstance(listed, FacilityFile) and listed.capacity == "beds"
    assert study.facilities["fitness"] == [FacilityOsm()]
    assert {key for key, _ in study_files(study)} == {
        "streets", "area", "elevation", "demand.file", "zones.county.file", "facilities.health",
    }  # fmt: skip


def test_catalogue_goals_come_by_name_and_may_be_changed(tiny):
    study = read_study(tiny((GOAL, "  - fitness-10min\n  - {id: rural-90min, minutes: 60}")))
    assert [goal.id for goal in study.goals] == ["health-5", "fitness-10min", "rural-90min"]
    assert study.goals[1].minutes == 10 and study.goals[2].minutes == 60 and study.goals[2].population == "rural"


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("streets:", "street:", 2, "unknown key 'street'; did you mean 'streets'?"),
        ("people: people", "peple: people", 5, "demand.peple: unknown key 'peple'; did you mean 'people'?"),
        ("{column: kind}", "{colum: kind}", 5, "demand.urban.colum: unknown key 'colum'; did you mean 'column'?"),
        ("name: name}", "nam: name}", 4, "zones.county.nam: unknown key 'nam'; did you mean 'name'?"),
        ("capacity: beds", "capcity: beds", 7, "facilities.health.capcity: unknown key 'capcity'; did you mean 'capacity'?"),
        ("{file: clinics.csv,", "{fil: clinics.csv,", 7, "facilities.health.fil: unknown key 'fil'; did you mean 'file'?"),
        ("fitness: osm", "fitness: {osm: streets.osm, were: x}", 8, "facilities.fitness.were: unknown key 'were'. Known: osm."),
        ("fitness: osm", "fitness: clinics.csv", 8, "facilities.fitness: write `osm`, or a file as {file: clinics.csv}"),
        ("fitness: osm", "fitness:", 8, "facilities.fitness: write `osm`, or a file as {file: clinics.csv} (nothing is given)"),
        ("fitness: osm", "fitness: []", 8, "facilities.fitness: needs at least one entry"),
        ("minutes: 5, target", "minuts: 5, target", 10, "goals.health-5.minuts: unknown key 'minuts'; did you mean 'minutes'?"),
        ("mode: walk, ", "", 10, "goals.health-5: the key 'mode' is missing here"),
        ("mode: walk", "mode: wlak", 10, "goals.health-5.mode: write one of: walk, bicycle, car; did you mean 'walk'?"),
        ("minutes: 5, target", "minutes: -5, target", 10, "goals.health-5.minutes: write a number > 0 (given: -5)"),
        ("minutes: 5, target", "minutes: five, target", 10, "goals.health-5.minutes: write a number (given: five)"),
        ("target: 0.9", "target: 90", 10, "goals.health-5.target: write a number ≤ 1 (a share: 0.9 is 90 %)"),
        ("id: fit,", "id: 健身,", 11, "goals.健身.id: an id holds only letters a-z"),
        ("id: fit,", "id: health-5,", 11, "the id 'health-5' is used by an earlier goal"),
        ("mode: car, minutes", "mode: car, speed_kmh: 30, minutes", 11, "cars take their speeds from a table"),
        ("target: 0.9", "group: kid", 10, "`demand.groups` has no group 'kid'; did you mean 'kids'?"),
        (GOAL, "  - fitness-10mins", 11, "the catalogue has no goal 'fitness-10mins'; did you mean 'fitness-10min'?"),
        ("service: fitness", "service: fitnes", 11, "`facilities` has no service 'fitnes', which this goal is about"),
        ("  fitness: osm", "  fitnes: osm", 8, "the catalogue has no service 'fitnes'"),
        ("speeds: cn-mountain", "speeds: cn-mountains", 12, "modes.car.speeds: speed table 'cn-mountains' is unknown"),
        ("modes: {car:", "modes: {cars:", 12, "modes.cars: unknown key 'cars'; did you mean 'car'?"),
        ("capacity: beds", "crs: GCJ02x", 7, "facilities.health.crs: unknown coordinate system 'GCJ02x'"),
        ("people.csv", "peopel.csv", 5, "demand.file: there is no peopel.csv in"),
        ("streets.osm", ".", 2, "is a folder"),
        ("  county: {file", "  all: {file", 4, "zones.all: lifecircle itself calls something 'all'; call this level otherwise"),
        ("  county: {file", "  cells: {file", 4, "zones.cells: lifecircle itself calls something 'cells'"),
        ("out: out", "out: out\nname: Other", 14, "the key 'name' stands twice"),
        ("{column: kind}", "{column: kind, rule: degurba}", 5, "give exactly one of rule, column and file"),
        ("people.csv, people", "people.csv: people", 5, "is no valid YAML"),
        ("id: id,", "id: id, name: name,", 5, "demand.name: this key means nothing here; leave it out (given: name)"),
        ("name: Tiny", "\tname: Tiny", 1, "indent with spaces, not with tabs"),
        ("name: Tiny", "name： Tiny", 2, "not the wide one"),
    ],
)  # fmt: skip
def test_one_mistake_gives_one_line_with_its_place(tiny, old, new, line, words):
    message = error_of(tiny((old, new)))
    assert message.startswith(f", line {line}: ")
    assert words in message
    assert "\n" not in message


def test_a_speed_table_that_no_goal_needs_yet_is_checked_too(tiny):
    message = error_of(tiny(("mode: car", "mode: walk"), ("speeds: cn-mountain", "speeds: cn-montain")))
    assert "modes.car.speeds: speed table 'cn-montain' is unknown; did you mean 'cn-mountain'?" in message


def test_several_mistakes_are_said_together_in_the_language_asked_for(tiny):
    message = error_of(tiny(("mode: walk", "mode: wlak"), ("speeds:", "sped:")), "zh")
    first, second = message.splitlines()
    assert first.startswith(" 第 10 行：goals.health-5.mode: 只能写其中之一")
    assert "不认识的键 'sped'；是否想写 'speeds'？" in second


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "holds no study"),
        (b"- a\n- b\n", "holds no study"),
        (bytes(range(256)), "is no text in UTF-8 or GBK"),
    ],
)
def test_what_is_no_study_is_refused_in_one_line(tmp_path, content, words):
    study = tmp_path / "study.yaml"
    study.write_bytes(content)
    message = error_of(study)
    assert words in message and "\n" not in message


def test_missing_studies_and_folders_are_told_apart(tmp_path):
    assert "lifecircle new" in error_of(tmp_path / "study.yaml")
    assert "is a folder" in error_of(tmp_path)


@pytest.mark.parametrize("encoding", ["gbk", "utf-16", "utf-8-sig"])
def test_studies_saved_by_chinese_editors_are_read(tiny, encoding):
    study = tiny(("name: Tiny", "name: 清澜县研究"))
    study.write_text(study.read_text(encoding="utf-8"), encoding=encoding)
    assert read_study(study).name == "清澜县研究"


@pytest.mark.parametrize("part", [".dbf", ".shx"])
def test_a_shapefile_without_its_parts_is_refused(tiny, tmp_path, part):
    study = tiny(("zones.geojson", "zones.shp"))
    gpd.read_file(tmp_path / "zones.geojson").to_file(tmp_path / "zones.shp")
    read_study(study)
    (tmp_path / f"zones{part}").unlink()
    assert f"zones.shp lacks its {part} file" in error_of(study)


def test_both_languages_have_the_same_texts_with_the_same_fields():
    import string

    def fields(text: str) -> set[str]:
        return {name.split(".")[0] for _, name, _, _ in string.Formatter().parse(text) if name}

    chinese, english = texts("zh"), texts("en")
    assert chinese.keys() == english.keys()
    differing = [key for key in english if fields(chinese[key]) != fields(english[key])]
    assert differing == []
