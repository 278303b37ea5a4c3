"""Heights, corrections and ferries on the command line: `run`, `matrix` and `isochrones` share one core."""

import numpy as np
import pandas as pd
import pyogrio
import pytest
import rasterio
import toy_map
from affine import Affine
from toy_map import DEGREES, EAST
from toy_study import GOAL, people_table, points_table, run_toy
from typer.testing import CliRunner

from lifecircle.geo.errors import InputError
from lifecircle.studies.commands import app
from lifecircle.studies.tables.isochrones import isochrones
from lifecircle.studies.tables.matrix import matrix

GRADE = 0.1  # rising eastwards
CLIMB, DESCENT = (np.exp(-3.5 * (abs(grade + 0.05) - 0.05)) for grade in (GRADE, -GRADE))
STREETS = {**toy_map.row(60), **toy_map.row(55, x=70, first=101)}, [toy_map.street(60), toy_map.street(55, first=101)]
FERRY = f'ferry,"LINESTRING ({59 * DEGREES} 0, {70 * DEGREES} 0)",10,30,4-10\n'
HOMES, CLINICS = [("west", 2, 0), ("east", 40, 0), ("islander", 71, 0)], [("c", 20, 0)]


@pytest.fixture
def hill(tmp_path):
    """Raster of an even slope, with heights to the street's 45th step only."""
    cell = 0.5 * DEGREES
    lon = -20 * DEGREES + cell * (np.arange(200) + 0.5)
    heights = np.where(lon < 45 * DEGREES, GRADE * EAST * lon / DEGREES, np.nan).astype(np.float32)
    grid = {"width": 200, "height": 80, "transform": Affine(cell, 0, -20 * DEGREES, 0, -cell, 40 * cell), "crs": "EPSG:4326"}
    with rasterio.open(tmp_path / "hill.tif", "w", driver="GTiff", count=1, dtype="float32", nodata=np.nan, **grid) as file:
        file.write(np.tile(heights, (80, 1)), 1)
    (tmp_path / "boat.csv").write_text("action,wkt,duration_minutes,headway_minutes,season\n" + FERRY, encoding="utf-8")
    return tmp_path


@pytest.fixture
def files(hill):
    """Arguments of `matrix` on a street with a hill and an island."""
    toy_map.write_map(hill / "streets.osm", *STREETS)
    points_table(HOMES).to_csv(hill / "homes.csv", index=False)
    points_table(CLINICS).to_csv(hill / "clinics.csv", index=False)
    ends = {"origins": hill / "homes.csv", "destinations": hill / "clinics.csv", "out": hill / "table.csv"}
    return {"streets": hill / "streets.osm", **ends, "profile": "child"}  # one metre a second


def minutes_of(path):
    return pd.read_csv(path).set_index("origin")["minutes"]


def test_slopes_slow_who_climbs_and_missing_heights_are_told(files, hill):
    written = matrix(**files, elevation=hill / "hill.tif")
    table = minutes_of(files["out"])
    assert table["west"] * 60 == pytest.approx(18 * EAST / CLIMB, rel=2e-3)
    assert table["east"] * 60 == pytest.approx(20 * EAST, rel=2e-3)  # coming down at 10 % is as fast as on flat ground
    (key, values), *others = written.notes
    assert (key, others) == ("note.heights", []) and 10 < float(values["share"].rstrip("%")) < 70


def test_without_a_raster_the_ground_is_flat_and_says_so_on_foot_only(files):
    assert matrix(**files).notes == (("note.flat", {}),)
    assert minutes_of(files["out"])["west"] * 60 == pytest.approx(18 * EAST, abs=0.01)
    assert matrix(**{**files, "profile": None, "mode": "car"}).notes == ()


def test_corrections_join_the_island_in_season(files, hill):
    boat = 600 + 600 + 900  # crossing, boarding, half the headway
    for month, seconds in ((7, 40 * EAST + boat), (1, np.nan), (None, 40 * EAST + boat)):
        written = matrix(**files, overrides=hill / "boat.csv", month=month)
        assert minutes_of(files["out"])["islander"] * 60 == pytest.approx(seconds, abs=0.01, nan_ok=True)
        assert written.notes[0] == ("note.overrides", {"made": 0 if month == 1 else 1, "file": "boat.csv"})
    matrix(**files, overrides=hill / "boat.csv", ferries="none")
    assert np.isnan(minutes_of(files["out"])["islander"])


def test_a_run_says_what_the_matrix_says(files, hill):
    matrix(**files, elevation=hill / "hill.tif", overrides=hill / "boat.csv", month=7)
    people = people_table([(name, x, y, 1) for name, x, y in HOMES])
    extras = {"elevation": "hill.tif", "overrides": "boat.csv", "modes": {"month": 7}}
    run = run_toy(hill, people, points_table(CLINICS), streets=STREETS, goals=[{**GOAL, "minutes": 90}], **extras)
    answers = run.results.demand.set_index("id")["clinic.minutes"]
    assert answers.to_dict() == pytest.approx(minutes_of(files["out"]).to_dict(), abs=1e-4)


def test_rings_reach_less_far_where_one_must_climb_to_the_facility(files, hill):
    out = hill / "rings.gpkg"
    options = {"facilities": files["destinations"], "minutes": [4], "profile": "child", "out": out}
    for direction, west, east in (("to", CLIMB, DESCENT), ("from", DESCENT, CLIMB)):
        drawn = isochrones(files["streets"], **options, elevation=hill / "hill.tif", direction=direction)
        bounds = pyogrio.read_dataframe(out).total_bounds / DEGREES
        assert [(20 - bounds[0]) * EAST, (bounds[2] - 20) * EAST] == pytest.approx([240 * west, 240 * east], abs=16)
        assert drawn.notes[0][0] == "note.heights"


def test_corrections_that_cannot_be_made_are_listed_with_the_rings(files, hill):
    options = {"facilities": files["destinations"], "minutes": [4], "out": hill / "rings.gpkg", "overrides": hill / "boat.csv"}
    (hill / "boat.csv").write_text("action,way\nclose,99\n", encoding="utf-8")
    drawn = isochrones(files["streets"], **options)
    assert drawn.rejected[["file", "row", "value"]].to_numpy().tolist() == [["boat.csv", 1, "99"]]
    (hill / "boat.csv").write_text("action,way\nclose,1\n", encoding="utf-8")
    with pytest.raises(InputError, match="no isochrone can be drawn"):
        isochrones(files["streets"], **options)


@pytest.mark.parametrize("command", ["matrix", "isochrones"])
@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--elevation", "none.tif"), 1, "none.tif"),
        (("--elevation", "homes.csv"), 1, "homes.csv: cannot be read"),
        (("--elevation", "hill.tif", "--mode", "car"), 1, "slopes change walking times only"),
        (("--overrides", "none.csv"), 1, "none.csv"),
        (("--overrides", "homes.csv"), 1, "no column 'action'"),
        (("--month", "13"), 2, "--month"),
        (("--elevation", "hill.tif", "--overrides", "boat.csv", "--month", "7"), 0, "1 corrections"),
    ],
)
def test_on_the_command_line(files, hill, command, options, code, said):
    ends = ("--origins", "homes.csv", "--destinations", "clinics.csv", "--out", "t.csv")
    rings = ("--facilities", "clinics.csv", "--minutes", "5", "--out", "t.gpkg")
    arguments = [command, "streets.osm", *(ends if command == "matrix" else rings), *options, "--lang", "en"]
    placed = [str(hill / word) if "." in word else word for word in arguments]
    done = CliRunner().invoke(app, placed, env={"COLUMNS": "300"})
    assert done.exit_code == code and "Traceback" not in done.output
    assert said in done.stderr
