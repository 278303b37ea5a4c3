"""`import lifecircle as lc`: everything a Python user needs, from tables in any system, loaded only when asked for."""

import ast
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import toy_map
from toy_study import STREET, people_table, points_table, run_toy

import lifecircle as lc
from lifecircle.geo.errors import InputError

TRAVEL = {"mode": "walk", "profile": "child"}  # 3.6 km/h: a metre a second
STEP = 111_319.49 * toy_map.DEGREES  # metres
PEOPLE = people_table([("near", 2, 0, 10), ("far", 40, 0, 20), ("off", 10, 30, 30)]).assign(note=["x", "y", "z"])
CLINICS = points_table([("west", 0, 0), ("middle", 30, 0)]).assign(beds=[5, 7])


@pytest.fixture(scope="module")
def streets(tmp_path_factory):
    return toy_map.write_map(tmp_path_factory.mktemp("door") / "streets.osm", *STREET)


def points(table, crs="EPSG:4326"):
    shapes = gpd.points_from_xy(table["lon"], table["lat"], crs="EPSG:4326").to_crs(crs)
    return gpd.GeoDataFrame(table.drop(columns=["lon", "lat"]), geometry=shapes)


def test_importing_is_light_and_every_door_opens():
    code = (
        "import sys, lifecircle as lc\nassert not {'numpy', 'pandas', 'yaml', 'typer'} & set(sys.modules)\n"
        "assert all(hasattr(lc, name) for name in lc.__all__)\nprint(lc.__version__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == lc.__version__
    with pytest.raises(AttributeError, match="no attribute 'nearst'"):
        lc.nearst  # noqa: B018


def test_what_type_checkers_see_is_what_there_is():
    tree = ast.parse(Path(lc.__file__).read_text(encoding="utf-8"))
    typed = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {alias.name: node.module for node in typed.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert seen == lc._ROOMS
    assert set(lc.__all__) == {*seen, "__version__"}


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:3857", "EPSG:32631"])
def test_nearest_keeps_rows_and_columns_in_any_system(streets, crs):
    found = lc.nearest(streets, points(PEOPLE, crs), points(CLINICS, crs), minutes=10, **TRAVEL)
    assert found.crs == "EPSG:4326" and list(found["note"]) == ["x", "y", "z"] and list(found["id"]) == ["near", "far", "off"]
    assert found["minutes"].to_numpy() == pytest.approx([2 * STEP / 60, 10 * STEP / 60, np.nan], rel=2e-3, nan_ok=True)
    assert found["metres"].to_numpy() == pytest.approx([2 * STEP, 10 * STEP, np.nan], rel=2e-3, nan_ok=True)
    assert found["facility"].tolist()[:2] == ["west", "middle"] and pd.isna(found["facility"][2])
    assert found["status"].tolist() == ["covered", "beyond", "unconnected"]
    assert np.isnan(found["snap_metres"][2])


def test_nearest_takes_files_and_plain_tables_alike(streets, tmp_path):
    for name, table in (("p.csv", PEOPLE), ("c.csv", CLINICS)):
        table.to_csv(tmp_path / name, index=False)
    by_file = lc.nearest(str(streets), tmp_path / "p.csv", str(tmp_path / "c.csv"), **TRAVEL)
    by_table = lc.nearest(lc.read_streets(streets), PEOPLE, CLINICS, **TRAVEL)
    answers = ["id", *by_table.columns[-5:], "geometry"]
    pd.testing.assert_frame_equal(by_file[answers], by_table[answers])
    assert by_table["status"].tolist() == ["covered", "covered", "unconnected"]


def test_rows_that_lie_nowhere_stay_in_the_table(streets):
    people = PEOPLE.set_index(pd.Index([7, 3, 5])).assign(lat=[0.0, None, 0.0])
    found = lc.nearest(streets, people, CLINICS, **TRAVEL)
    assert found.index.tolist() == [7, 3, 5] and found["status"].tolist()[1] == "no place"
    assert found["minutes"].isna().tolist() == [False, True, False]


def test_a_matrix_is_a_table(streets):
    table = lc.matrix(streets, points(PEOPLE), points(CLINICS), **TRAVEL)
    assert list(table.columns) == ["origin", "destination", "minutes", "metres", "connector_metres"]
    asked = table.set_index(["origin", "destination"])["metres"]
    assert asked[("near", "west")] == pytest.approx(2 * STEP, rel=2e-3) and np.isnan(asked[("off", "west")])
    assert len(lc.matrix(streets, points(PEOPLE), points(CLINICS), minutes=5, **TRAVEL)) == 1
    assert lc.matrix(streets, points(PEOPLE), points(CLINICS), minutes=0.5, **TRAVEL).empty


def test_isochrones_keep_what_the_table_says(streets):
    rings = lc.isochrones(streets, points(CLINICS).assign(minutes="own", name=["A", "B"]), [10, 5], **TRAVEL)
    assert rings["facility"].tolist() == ["west", "west", "middle", "middle"] and rings["minutes"].tolist() == [10, 5, 10, 5]
    assert rings["beds"].tolist() == [5, 5, 7, 7] and rings["name"].tolist() == ["A", "A", "B", "B"]
    assert set(rings["facility_minutes"]) == {"own"}
    assert lc.isochrones(streets, points(CLINICS), 5, merge=True, **TRAVEL)["facility"].tolist() == ["all"]


def test_bands_lie_side_by_side_and_make_up_the_rings(streets):
    rings = lc.isochrones(streets, points(CLINICS), [5, 10, 15], **TRAVEL)
    bands = lc.isochrones(streets, points(CLINICS), [5, 10, 15], bands=True, **TRAVEL)
    assert bands["from_minutes"].tolist() == [10, 5, 0, 10, 5, 0]
    for facility in ("west", "middle"):
        mine, whole = (table.loc[table["facility"] == facility] for table in (bands, rings))
        assert mine["area_km2"].sum() == pytest.approx(whole["area_km2"].max(), rel=1e-6)
        one, two, three = mine.geometry.to_list()
        assert max(shapely.area(shapely.intersection(a, b)) for a, b in ((one, two), (two, three), (one, three))) < 1e-12


@pytest.mark.parametrize(
    ("people", "words"),
    [
        (points(PEOPLE).set_crs(None, allow_override=True), "people: declares no coordinate system"),
        (PEOPLE.drop(columns="lon"), "people: "),
        (PEOPLE.assign(lon=PEOPLE["lon"] * 111_000, lat=PEOPLE["lat"] * 111_000), "people: "),
    ],
)
def test_tables_that_cannot_be_placed_are_refused_by_name(streets, people, words):
    with pytest.raises(InputError, match=words):
        lc.nearest(streets, people, CLINICS, **TRAVEL)


def test_a_run_is_read_back_and_shown(tmp_path):
    people = PEOPLE.drop(columns="note")
    done = run_toy(tmp_path / "study", people, CLINICS.drop(columns="beds"))
    back = lc.read_run(tmp_path / "study" / "out")
    assert back.scorecard["covered"].sum() == done.results.scorecard["covered"].sum()
    shown = lc.gap_map(done, lang="en")
    assert type(shown).__module__.startswith("folium") and "Toy" in shown.get_root().render()


def test_goals_are_a_table():
    goals = lc.goals()
    assert {"id", "check", "section", "phrase", "zh", "en"} <= set(goals) and "fitness-10min" in set(goals["id"])
