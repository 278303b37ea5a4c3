"""`lifecircle isochrones` and its function, from files to files."""

import json
import sqlite3
from contextlib import closing

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely
from toy_map import DEGREES, row, street, write_map
from toy_study import people_table, points_table, run_toy
from typer.testing import CliRunner

import lifecircle as lc
from lifecircle.geo.errors import InputError, StudyError
from lifecircle.studies.commands import app
from lifecircle.studies.tables.isochrones import isochrones
from lifecircle.studies.tables.rings import COLUMNS

ATTRIBUTION = "© OpenStreetMap contributors (ODbL)"


@pytest.fixture
def files(tmp_path):
    """A street of 60 nodes, two facilities on it and one at sea."""
    streets = write_map(tmp_path / "toy.osm", row(61), [street(61)])
    facilities = tmp_path / "clinics.csv"
    facilities.write_text(f"id,lon,lat\nwest,{15 * DEGREES},0\nsea,0,1\neast,{45 * DEGREES},0\n", encoding="utf-8")
    return streets, facilities


def call(*arguments: object):
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env={"LC_ALL": "en_US.UTF-8", "COLUMNS": "120"})


def test_geopackage_has_one_ring_per_facility_and_limit(files, tmp_path):
    streets, facilities = files
    out = tmp_path / "rings.gpkg"
    done = call("isochrones", streets, "--facilities", facilities, "--mode", "walk", "--minutes", "5,10", "--out", out)
    assert done.exit_code == 0, done.output
    rings = pyogrio.read_dataframe(out)
    assert list(rings.columns) == [*COLUMNS[:-1], "id", "lon", "lat", COLUMNS[-1]]  # and what the facilities bring
    assert list(zip(rings["facility"], rings["minutes"], strict=True)) == [("west", 10), ("west", 5), ("east", 10), ("east", 5)]
    assert set(rings.geom_type) == {"MultiPolygon"}
    assert rings.crs.to_epsg() == 4326
    assert rings["area_km2"].to_list() == pytest.approx((rings.to_crs("EPSG:6933").area / 1e6).to_list())
    assert (rings["mode"] == "walk").all()
    assert (rings["direction"] == "to").all()


def test_rows_without_a_ring_are_listed_and_the_others_go_on(files, tmp_path):
    streets, facilities = files
    done = call("isochrones", streets, "--facilities", facilities, "--minutes", "5", "--out", tmp_path / "rings.geojson")
    assert done.exit_code == 0, done.output
    rejected = pd.read_csv(tmp_path / "rings.rejected.csv")
    assert rejected[["file", "row", "value"]].to_numpy().tolist() == [["clinics.csv", 2, "sea"]]
    assert "400 m" in rejected["reason"][0]
    assert "rings.rejected.csv" in done.stderr


def test_both_formats_say_the_same_and_name_openstreetmap(files, tmp_path):
    streets, facilities = files
    for name in ("rings.gpkg", "rings.geojson"):
        isochrones(streets, facilities=facilities, minutes=[5], out=tmp_path / name)
    package, text = (gpd.read_file(tmp_path / name) for name in ("rings.gpkg", "rings.geojson"))
    normal = [shapely.normalize(rings.geometry.to_numpy()) for rings in (package, text)]
    assert shapely.equals_exact(*normal, tolerance=0).all()
    assert package.drop(columns="geometry").equals(text.drop(columns="geometry").astype(package.drop(columns="geometry").dtypes))
    assert json.loads((tmp_path / "rings.geojson").read_text(encoding="utf-8"))["attribution"] == ATTRIBUTION
    with closing(sqlite3.connect(tmp_path / "rings.gpkg")) as opened:
        assert opened.execute("SELECT description FROM gpkg_contents").fetchall() == [(ATTRIBUTION,)]


def test_merged_rings_are_one_per_limit(files, tmp_path):
    streets, facilities = files
    out = tmp_path / "rings.geojson"
    done = call("isochrones", streets, "--facilities", facilities, "--minutes", "10,5", "--merge", "--out", out)
    assert done.exit_code == 0, done.output
    rings = gpd.read_file(out)
    assert rings["facility"].to_list() == ["all", "all"]
    assert rings["minutes"].to_list() == [10, 5]
    assert shapely.contains_xy(rings.geometry[1], [15 * DEGREES, 45 * DEGREES], [0, 0]).all()


def test_speed_and_profile_change_the_reach(files, tmp_path):
    streets, facilities = files
    areas = [
        isochrones(streets, facilities=facilities, minutes=[4], out=tmp_path / "r.gpkg", **options).rings["area_km2"][0]
        for options in ({}, {"speed_kmh": 2.5}, {"profile": "elderly"})
    ]
    assert areas[1] / areas[0] == pytest.approx(0.25, rel=0.02)
    assert areas[2] / areas[0] == pytest.approx((3.2 / 5) ** 2, rel=0.02)


@pytest.mark.parametrize("minutes", ["", "5,", "five", "0", "-5", "5,inf"])
def test_limits_that_are_no_minutes_are_wrong_usage(files, tmp_path, minutes):
    streets, facilities = files
    done = call("isochrones", streets, "--facilities", facilities, "--minutes", minutes, "--out", tmp_path / "r.gpkg")
    assert done.exit_code == 2
    assert "minutes" in done.stderr
    assert not (tmp_path / "r.gpkg").exists()


def test_nothing_to_draw_is_an_error_with_its_cause(files, tmp_path):
    streets, facilities = files
    facilities.write_text("id,lon,lat\nsea,0,1\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"no isochrone can be drawn.*within 400 m"):
        isochrones(streets, facilities=facilities, minutes=[5], out=tmp_path / "r.gpkg")


def test_other_endings_are_refused_before_anything_is_read(tmp_path):
    with pytest.raises(InputError, match=r"gpkg or \.geojson"):
        isochrones("none.osm", facilities="none.csv", minutes=[5], out=tmp_path / "r.shp")


def test_a_list_is_read_as_its_options_say(files, tmp_path):
    streets, _ = files
    listed = tmp_path / "list.csv"
    # Metres east of 0 E on the equator, as the street lies.
    listed.write_text("code;east;north;beds\n0012;1670;0;9\n12E5;5009;0;9\n0013;3000;0;1\n", encoding="utf-8")
    local = "+proj=tmerc +lon_0=0 +lat_0=0 +ellps=WGS84 +units=m"
    options = ["--crs", local, "--x", "east", "--y", "north", "--id", "code", "--where", "beds > 2"]
    done = call("isochrones", streets, "--facilities", listed, "--minutes", "5", "--out", tmp_path / "r.geojson", *options)
    assert done.exit_code == 0, done.output
    rings = gpd.read_file(tmp_path / "r.geojson")
    assert rings["facility"].tolist() == ["0012", "12E5"]
    assert shapely.contains_xy(rings.geometry.to_numpy(), [15 * DEGREES, 45 * DEGREES], [0, 0]).all()


def test_a_repeated_id_is_listed(files, tmp_path):
    streets, facilities = files
    facilities.write_text(f"id,lon,lat\nwest,{15 * DEGREES},0\nwest,{45 * DEGREES},0\n", encoding="utf-8")
    drawn = isochrones(streets, facilities=facilities, minutes=[5], out=tmp_path / "r.gpkg")
    assert drawn.rings["facility"].tolist() == ["west"]
    assert drawn.rejected["reason"].tolist() == ["the id stands in row 1 already"]


def test_coordinates_in_china_that_nothing_states_are_asked_about(tmp_path):
    streets = write_map(tmp_path / "toy.osm", row(61, x=120_000, y=30_000), [street(61)])
    listed = tmp_path / "list.csv"
    listed.write_text("id,lon,lat\na,120.015,30\n", encoding="utf-8")
    arguments = ("isochrones", streets, "--facilities", listed, "--minutes", "5", "--out", tmp_path / "r.gpkg")
    assert "`--crs GCJ-02`" in " ".join(call(*arguments).stderr.split())
    assert "GCJ-02" not in call(*arguments, "--crs", "EPSG:4326").stderr


@pytest.fixture
def study(tmp_path):
    """Ten people 2 steps from the clinic, twenty 40 steps from it; the goal is 10 minutes at a metre a second."""
    run_toy(tmp_path, people_table([("near", 2, 0, 10), ("far", 40, 0, 20)]), points_table([("=clinic", 0, 0)]))
    return tmp_path / "study.yaml"


def test_the_rings_of_a_goal_come_with_its_people(study, tmp_path):
    done = call("isochrones", "--study", study, "--goal", "clinic", "--minutes", "10,90", "--out", tmp_path / "r.gpkg")
    assert done.exit_code == 0, done.output
    rings = pyogrio.read_dataframe(tmp_path / "r.gpkg")
    assert rings[["facility", "minutes", "people"]].to_numpy().tolist() == [["=clinic", 90, 30], ["=clinic", 10, 10]]
    assert "clinic: 10 of 30 people are within 10 minutes" in done.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--goal", "clinc"], "did you mean 'clinic'"),
        (["--goal", "clinic", "--mode", "walk", "--facilities", "a.csv", "--id", "x"], "--facilities, --mode, --id"),
        (["streets.osm", "--goal", "clinic"], "leave it out: STREETS"),
    ],
)
def test_what_the_goal_says_is_not_said_twice(study, tmp_path, options, words):
    done = call("isochrones", "--study", study, *options, "--out", tmp_path / "r.gpkg")
    assert done.exit_code and words in " ".join(done.stderr.replace("│", " ").split())
    assert not (tmp_path / "r.gpkg").exists()


def test_a_goal_without_a_study_and_neither_are_wrong_usage(files, tmp_path):
    streets, facilities = files
    for options in ([], ["--facilities", facilities, "--minutes", 5, "--goal", "clinic"], ["--minutes", 5]):
        done = call("isochrones", streets, *options, "--out", tmp_path / "r.gpkg")
        assert done.exit_code == 2 and "--study and --goal" in " ".join(done.stderr.replace("│", " ").split())


def test_functions_refuse_the_same(study):
    for options in ({"facilities": "a.csv"}, {"mode": "walk"}, {"direction": "to"}):
        with pytest.raises(StudyError, match=f"leave it out: {next(iter(options))}"):
            lc.isochrones(study=study, lang="en", **options)
    with pytest.raises(StudyError, match="--study and --goal"):
        lc.isochrones("a.osm", minutes=5, lang="en")
