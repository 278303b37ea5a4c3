"""The command line as a user meets it: help, answers, and one message for everything that goes wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

from lifecircle.studies.commands import app
from lifecircle.studies.commands import run as run_command
from lifecircle.studies.speech.messages import default_language

COMMANDS = (["demo"], ["new"], ["check"], ["run"], ["matrix"], ["goals"], ["goals", "list"], ["goals", "show"])


def call(*arguments: object, locale: str = "en_US.UTF-8"):
    environment = {"LC_ALL": locale, "COLUMNS": "100", "TERMINAL_WIDTH": "100"}
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env=environment)


def error_of(*arguments: object, code: int = 1, **options: str) -> str:
    done = call(*arguments, **options)
    assert done.exit_code == code, done.output
    assert done.exception is None or isinstance(done.exception, SystemExit)
    assert "Traceback" not in done.output
    return done.stderr


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help_in_both_languages(command):
    done = call(*command, "--help")
    assert done.exit_code == 0
    assert "Usage" in done.output
    assert any("\u4e00" <= character <= "\u9fff" for character in done.output)


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["run"],
        ["run", "study.yaml", "--lang", "fr"],
        ["run", "study.yaml", "--fast"],
        ["matrix", "s.osm", "--origins", "o.csv", "--destinations", "d.csv", "--out", "m.csv", "--mode", "bus"],
        ["matrix", "s.osm", "--origins", "o.csv", "--destinations", "d.csv", "--out", "m.csv", "--minutes", "-5"],
        ["matrix", "s.osm", "--origins", "o.csv", "--destinations", "d.csv", "--out", "m.csv", "--speeds", "fast"],
        ["matrix", "s.osm", "--origins", "o.csv"],
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_two(arguments):
    assert "Error" in error_of(*arguments, code=2)


def test_new_writes_a_study_that_only_lacks_its_files(tmp_path):
    done = call("new", tmp_path)
    study = tmp_path / "study.yaml"
    assert done.exit_code == 0 and done.stdout.strip() == str(study)
    assert yaml.safe_load(study.read_text(encoding="utf-8"))["demand"]["people"] == "population"
    assert f"{study}, line " in error_of("run", study) and "streets.osm.pbf" in error_of("check", study)
    before = study.read_bytes()
    assert "文件已存在" in error_of("new", study, "--lang", "zh")
    assert study.read_bytes() == before


def test_a_run_prints_everyone_once_and_where_the_files_are(tiny, tmp_path):
    done = call("run", tiny(), "--lang", "en")
    assert done.exit_code == 0, done.output
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    headline = next(line for line in lines if line.startswith("health-5: "))
    assert "target 90%" in headline
    after = lines[lines.index(headline) + 1 :]
    covered, beyond, total = (int(line.split()[0]) for line in after[:3])
    assert after[0].endswith("covered") and after[1].endswith("beyond 5 minutes") and after[2].endswith("people in all")
    assert covered + beyond == total == sum(range(10, 30))
    assert f"Map: {tmp_path / 'out' / 'map.html'}" in done.stdout
    assert (tmp_path / "out" / "map.html").is_file()


def test_a_run_speaks_the_locale_and_gives_json(tiny):
    done = call("run", tiny(), "--json", locale="zh_CN.UTF-8")
    rows = json.loads(done.stdout)
    assert [row["goal"] for row in rows] == ["health-5", "fit"] and rows[1]["people"] == 390
    assert "读取路网" in done.stderr and "Read" not in done.stderr


def test_an_earlier_language_does_not_stay(tmp_path, monkeypatch):
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    assert error_of("run", tmp_path / "no.yaml", "--lang", "zh").startswith("错误：")
    assert error_of("run", tmp_path / "no.yaml").startswith("Error: ")
    assert default_language() == "en"


def swapped(folder: Path) -> None:
    file = folder / "people.csv"
    file.write_text(file.read_text().replace("id,lon,lat", "id,lat,lon", 1))


def elsewhere(folder: Path) -> None:
    file = folder / "people.csv"
    file.write_text(file.read_text().replace(",121.", ",11."))


def headed(folder: Path) -> None:
    (folder / "people.csv").write_text("id,lon,lat,people,kids,kind\n")


def placeless(folder: Path) -> None:
    (folder / "people.csv").write_text("id,people,kids,kind\na,1,0,urban\n")


def cut(folder: Path) -> None:
    file = folder / "streets.osm"
    file.write_text(file.read_text()[:3000])


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (swapped, "longitude and latitude look swapped"),
        (elsewhere, "people.csv: nobody lives within the extent of the streets"),
        (headed, "people.csv: no row of people is left"),
        (placeless, "people.csv: no coordinate columns"),
        (cut, "streets.osm: cannot be read (XML parsing error"),
    ],
)
def test_data_that_cannot_be_answered_ends_with_one_message(tiny, tmp_path, spoil, words):
    study = tiny()
    spoil(tmp_path)
    message = error_of("run", study)
    assert words in message
    assert len([line for line in message.splitlines() if line.startswith("Error: ")]) == 1


@pytest.mark.parametrize(
    ("geometry", "words"),
    [
        ({"type": "Polygon", "coordinates": [[[10, 10], [11, 10], [11, 11], [10, 10]]]}, "no demand unit lies in the study area"),
        ({"type": "Point", "coordinates": [121.0, 28.5]}, "row 1: an area is a polygon"),
    ],
)
def test_an_area_without_people_or_polygons_is_refused(tiny, tmp_path, geometry, words):
    study = tiny(("zones:", "area: area.geojson\nzones:"))
    area = {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}, "geometry": geometry}]}
    (tmp_path / "area.geojson").write_text(json.dumps(area))
    assert words in error_of("run", study)


def test_a_folder_that_cannot_be_written_is_refused_before_computing(tiny):
    message = error_of("run", tiny(), "--out", "/dev/null/out")
    assert "/dev/null/out: results cannot be written there" in message
    assert "Read streets" not in message


def test_what_the_system_refuses_is_one_message(tiny, monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", "people.csv")

    monkeypatch.setattr(run_command, "run", refuse)
    assert "Error: people.csv: Permission denied" in error_of("run", tiny()).replace("\n", " ")


def test_too_little_memory_is_one_message(tiny, monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(run_command, "run", refuse)
    assert "内存不足" in error_of("run", tiny(), "--lang", "zh")


def test_a_matrix_goes_on_past_a_bad_row(tiny, tmp_path):
    tiny()
    (tmp_path / "from.csv").write_text("id,lon,lat\na,121.001,28.501\nb,?,28.502\nfar,121.2,28.5\n")
    table = tmp_path / "table.csv"
    origins, destinations = tmp_path / "from.csv", tmp_path / "clinics.csv"
    done = call("matrix", tmp_path / "streets.osm", "--origins", origins, "--destinations", destinations, "--out", table)
    assert done.exit_code == 0, done.output
    assert "4 pairs, 2 reached" in done.stderr.replace("\n", " ")
    minutes = pd.read_csv(table).set_index(["origin", "destination"])["minutes"]
    assert minutes["a"].notna().all() and minutes["far"].isna().all()
    refused = pd.read_csv(tmp_path / "table.rejected.csv")
    assert refused["row"].tolist() == [2]


def test_all_zones_elsewhere_are_noted(tiny, tmp_path):
    study = tiny()
    zones = tmp_path / "zones.geojson"
    zones.write_text(zones.read_text().replace("121.", "11.").replace("120.9", "10.9"))
    done = call("run", study)
    assert done.exit_code == 0
    assert "Nobody lives in any zone of level county" in done.stderr.replace("\n", " ")
