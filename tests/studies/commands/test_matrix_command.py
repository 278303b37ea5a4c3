"""`lifecircle matrix` as a script calls it."""

import re

import openpyxl
import pandas as pd
import pytest
import toy_map
from toy_map import EAST, NORTH
from toy_study import points_table
from typer.testing import CliRunner

from lifecircle.geo.modes import MODES, TRAITS, parameters
from lifecircle.studies.commands import app
from lifecircle.studies.commands.options import Mode, Profile, Speeds


@pytest.fixture
def call(tmp_path):
    """Run the command on a street with two homes and two clinics, with further options."""
    toy_map.write_map(tmp_path / "streets.osm", toy_map.row(60), [toy_map.street(60)])
    points_table([("h1", 2, 0), ("h2", 5, 100 / NORTH)]).to_csv(tmp_path / "homes.csv", index=False)
    points_table([("c1", 0, 0), ("hermit", 9, 9)]).to_csv(tmp_path / "clinics.csv", index=False)
    ends = {"--origins": "homes.csv", "--destinations": "clinics.csv", "--out": "table.csv"}

    def run(*options, **changed):
        named = {key: str(tmp_path / changed.pop(key[2:], name)) for key, name in ends.items()}
        arguments = ["matrix", str(tmp_path / "streets.osm"), *(part for pair in named.items() for part in pair), *options]
        return CliRunner().invoke(app, [*arguments, "--lang", "en"])

    return run


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_the_command_writes_what_the_function_writes(call, tmp_path, kind):
    done = call("--speed-kmh", "3.6", out=f"table.{kind}")
    assert done.exit_code == 0, done.output
    table = (pd.read_csv if kind == "csv" else pd.read_parquet)(tmp_path / f"table.{kind}")
    assert list(table.columns) == ["origin", "destination", "minutes", "metres", "connector_metres"]
    minutes = table.set_index(["origin", "destination"])["minutes"]
    assert minutes["h1", "c1"] * 60 == pytest.approx(2 * EAST, abs=0.01)
    assert minutes["h2", "c1"] * 60 == pytest.approx(5 * EAST + 100, abs=0.01)
    assert minutes[:, "hermit"].isna().tolist() == [True, True]


def test_messages_go_to_stderr_and_nothing_to_stdout(call):
    done = call()
    assert done.stdout == "" and "4" in done.stderr and "2" in done.stderr


def test_a_limit_and_a_direction(call, tmp_path):
    """5 minutes at 1 m/s are 300 m: only h1 reaches c1, and c1 reaches h1."""
    for direction in ("to", "from"):
        assert call("--profile", "child", "--minutes", "5", "--direction", direction).exit_code == 0
        table = pd.read_csv(tmp_path / "table.csv")
        assert table[["origin", "destination"]].to_numpy().tolist() == [["h1", "c1"]]


def test_by_car_one_drives_and_walks_to_the_street(call, tmp_path):
    assert call("--mode", "car").exit_code == 0
    minutes = pd.read_csv(tmp_path / "table.csv").set_index(["origin", "destination"])["minutes"]
    assert minutes["h2", "c1"] * 60 == pytest.approx(5 * EAST / (30 / 3.6) + 100 / (5 / 3.6), abs=0.01)
    assert minutes["h2", "hermit"] * 60 == pytest.approx(4 * EAST / (30 / 3.6) + (100 + 9 * NORTH) / (5 / 3.6), abs=0.01)


def test_a_snap_cap_leaves_the_house_off_the_road_out(call, tmp_path):
    assert call("--snap-cap-metres", "50").exit_code == 0
    minutes = pd.read_csv(tmp_path / "table.csv").set_index(["origin", "destination"])["minutes"]
    assert minutes.isna().to_dict() == {
        ("h1", "c1"): False,
        ("h1", "hermit"): True,
        ("h2", "c1"): True,
        ("h2", "hermit"): True,
    }


def test_refused_rows_are_written_beside_the_table(call, tmp_path):
    (tmp_path / "homes.csv").write_text("id,lon,lat\nh1,0.002,0\nh2,,\nh3,0.004,0\n", encoding="utf-8")
    done = call()
    assert done.exit_code == 0
    refused = pd.read_csv(tmp_path / "table.rejected.csv")
    assert refused[["file", "row"]].to_numpy().tolist() == [["homes.csv", 2]]
    assert "table.rejected.csv" in done.stderr.replace("\n", "")
    assert set(pd.read_csv(tmp_path / "table.csv")["origin"]) == {"h1", "h3"}


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--mode", "plane"), 2),
        (("--direction", "sideways"), 2),
        (("--minutes", "soon"), 2),
        (("--mode", "car", "--speed-kmh", "40"), 1),
        (("--mode", "car", "--profile", "child"), 1),
        (("--mode", "walk", "--speeds", "cn-plain"), 1),
    ],
)
def test_wrong_options_end_with_one_message_and_no_table(call, tmp_path, options, code):
    done = call(*options)
    assert done.exit_code == code and "Traceback" not in done.output
    assert len(done.stderr.strip()) > 0 and not (tmp_path / "table.csv").exists()


def test_files_that_cannot_be_used_are_named(call, tmp_path):
    for changed, name in (({"origins": "none.csv"}, "none.csv"), ({"out": "table.xlsx"}, "table.xlsx")):
        done = call(**changed)
        assert done.exit_code == 1 and name in done.stderr.replace("\n", "")
    (tmp_path / "streets.osm").write_text("no map", encoding="utf-8")
    done = call()
    assert done.exit_code == 1 and "streets.osm" in done.stderr.replace("\n", "")


def test_the_options_offer_every_mode_profile_and_table_there_is():
    assert [mode.value for mode in Mode] == [*MODES] == [*TRAITS]
    assert [profile.value for profile in Profile] == [*parameters("walk")["profiles"]]
    assert [table.value for table in Speeds] == [*parameters("car")["speeds"]]


def written(tmp_path):
    return pd.read_csv(tmp_path / "table.csv", dtype={"origin": "str", "destination": "str"})


def test_each_file_is_read_as_its_own_options_say(call, tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "台账"
    for row in (
        ["设施台账"],
        ["编号", "经度坐标", "纬度坐标", "床位"],
        ["0012", 0.002, 0, 9],
        ["0013", 0.003, 0, 1],
        ["12E5", 0.005, 0, 5],
    ):
        book.active.append(row)
    book.save(tmp_path / "homes.xlsx")
    clinics = pd.DataFrame({"ID": ["c1", "c2"], "x": [0.0, 500.0], "y": [0.0, 0.0]})
    clinics.to_csv(tmp_path / "clinics.csv", index=False)
    # Metres east of 0 E on the equator, as the street lies.
    local = "+proj=tmerc +lon_0=0 +lat_0=0 +ellps=WGS84 +units=m"
    keys = {"sheet": "台账", "header-row": 2, "id": "编号", "x": "经度坐标", "y": "纬度坐标", "where": "床位 > 2"}
    origins = [f"--origins-{key}={value}" for key, value in keys.items()]
    done = call(*origins, f"--destinations-crs={local}", origins="homes.xlsx")
    assert done.exit_code == 0, done.output
    table = written(tmp_path)
    assert table[["origin", "destination"]].values.tolist() == [["0012", "c1"], ["0012", "c2"], ["12E5", "c1"], ["12E5", "c2"]]
    metres = table["metres"] + table["connector_metres"]
    assert metres.tolist() == pytest.approx([2 * EAST, 500 - 2 * EAST, 5 * EAST, 5 * EAST - 500], abs=0.5)


def test_options_without_a_role_are_for_both_files(call, tmp_path):
    for name in ("homes", "clinics"):
        pd.DataFrame({"code": [f"{name}-1"], "a": [0.002], "b": [0.0]}).to_csv(tmp_path / f"{name}.csv", index=False)
    assert call("--id", "code", "--x", "a", "--y", "b").exit_code == 0
    assert written(tmp_path)[["origin", "destination"]].values.tolist() == [["homes-1", "clinics-1"]]


def test_errors_name_the_option_that_mends_them(call, tmp_path):
    (tmp_path / "homes.csv").write_text("id,x,y\na,500000,3320113\n", encoding="utf-8")
    done = call()
    assert done.exit_code == 1
    said = " ".join(done.stderr.split())
    assert "declare the coordinate system with `--crs`" in said and "`crs:`" not in said
    done = call("--origins-sheet", "1")
    assert "`--sheet` does not apply to .csv" in " ".join(done.stderr.split())


def test_a_repeated_id_is_listed_and_the_rest_goes_on(call, tmp_path):
    (tmp_path / "homes.csv").write_text("Id,lon,lat\nh1,0.002,0\nh1,0.003,0\n12E5,0.004,0\n", encoding="utf-8")
    assert call().exit_code == 0
    assert set(written(tmp_path)["origin"]) == {"h1", "12E5"}
    refused = pd.read_csv(tmp_path / "table.rejected.csv")
    assert refused[["row", "value", "reason"]].values.tolist()[0] == [2, "h1", "the id stands in row 1 already"]


@pytest.fixture
def in_china(tmp_path):
    """A street at 120 E and 30 N with homes and clinics that do not say what they are in."""
    toy_map.write_map(tmp_path / "streets.osm", toy_map.row(60, x=120_000, y=30_000), [toy_map.street(60)])
    for name in ("homes", "clinics"):
        points_table([(name, 120_002, 30_000)]).to_csv(tmp_path / f"{name}.csv", index=False)


@pytest.mark.parametrize(
    ("options", "changed", "told"),
    [
        ((), {}, ["homes.csv: --origins-crs", "clinics.csv: --destinations-crs"]),
        (("--origins-crs", "EPSG:4326"), {}, ["clinics.csv: --destinations-crs"]),
        (("--crs", "EPSG:4326"), {}, []),
        ((), {"destinations": "homes.csv"}, ["homes.csv: --crs"]),
    ],
)
def test_coordinates_in_china_that_nothing_states_are_asked_about_once_per_file(call, in_china, options, changed, told):
    done = call(*options, **changed)
    assert done.exit_code == 0, done.output
    asked = re.findall(r"(\w+\.csv): nothing says.*?`(--[a-z-]+) GCJ-02`", " ".join(done.stderr.split()))
    assert [f"{file}: {option}" for file, option in asked] == told
