"""Mass balance: every person is in exactly one status of every goal, on every level, to the person (pitfalls 6 and 17)."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import toy_map
import yaml
from toy_study import GOAL, people_table, points_table, run_toy

from lifecircle.studies.coverage.run import run

PARTS = ["covered", "beyond", "cut_off", "unconnected", "excluded"]
GOALS = [
    {**GOAL, "id": "all"},
    {**GOAL, "id": "kids", "group": "kids"},
    {**GOAL, "id": "urban", "population": "urban"},
    {**GOAL, "id": "rural-kids", "population": "rural", "group": "kids", "mode": "car", "profile": None},
    {**GOAL, "id": "nowhere", "service": "fitness"},
]


def assert_balanced(finished, people):
    """Statuses add up in each row, rows add up in each level, and units add up to the rows."""
    results = finished.results
    rows, demand = results.scorecard, results.demand
    assert demand["people"].sum() == pytest.approx(people, abs=1e-6)
    for goal in results.goals:
        mine = rows.loc[rows["goal"] == goal.id]
        np.testing.assert_allclose(mine[PARTS].sum(axis=1), mine["people"], atol=1e-6)
        everyone = mine.loc[mine["level"] == "all"].iloc[0]
        assert everyone["people"] == pytest.approx(people, abs=1e-6)
        assert sorted(mine["level"].unique()) == sorted(["all", *results.zones])
        for _, level in mine.groupby("level"):
            np.testing.assert_allclose(level[["people", *PARTS]].sum(), everyone[["people", *PARTS]].astype(float), atol=1e-6)
        assert demand[f"{goal.id}.status"].notna().all()
        gaps = results.gaps.loc[results.gaps["goal"] == goal.id]
        assert gaps["people"].sum() == pytest.approx(everyone[["beyond", "cut_off", "unconnected"]].sum(), abs=1e-6)
    written = pd.read_csv(finished.out / "scorecard.csv", keep_default_na=False, na_values={"share": [""]})
    assert written[PARTS].sum().tolist() == pytest.approx(rows[PARTS].sum().tolist(), abs=1e-6)


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    """A street, an island without a clinic, people near and far, two levels of zones that leave some of them out."""
    rng = np.random.default_rng(5)
    folder = tmp_path_factory.mktemp("county")
    streets = {**toy_map.row(60), **toy_map.row(55, y=30, first=101)}, [toy_map.street(60), toy_map.street(55, first=101)]
    east, north = rng.uniform(-6, 66, 300), rng.choice([0, 1, 3, 6, 30, 33], 300) + rng.uniform(-1, 1, 300)
    number = rng.integers(0, 500, 300)
    kids = [None if n % 50 == 0 else int(n * share) for n, share in zip(number, rng.uniform(0, 1, 300), strict=True)]
    kinds = rng.choice(["城镇", "乡村"], 300)
    people = people_table(list(zip([f"u{n}" for n in range(300)], east, north, number, kids, kinds, strict=True)), "kids", "kind")
    bounds = [(0, 10), (10, 25), (25, 50), (80, 90)]
    boxes = [shapely.box(a * toy_map.DEGREES, -0.002, b * toy_map.DEGREES, 0.04) for a, b in bounds]
    for name, shapes in (("town", boxes), ("county", [shapely.union_all(boxes[:2]), boxes[2]])):
        zones = gpd.GeoDataFrame({"code": [f"{name}{n}" for n in range(len(shapes))]}, geometry=shapes, crs="EPSG:4326")
        zones.to_file(folder / f"{name}.geojson")
    return run_toy(
        folder,
        people,
        points_table([("a", 5, 0), ("b", 30, 1)]),
        streets=streets,
        goals=[{key: value for key, value in goal.items() if value is not None} for goal in GOALS],
        demand={"groups": {"kids": "kids"}, "urban": {"column": "kind"}},
        zones={level: {"file": f"{level}.geojson", "id": "code"} for level in ("county", "town")},
        facilities={"health": [{"file": "facilities.csv", "id": "id"}], "fitness": ["osm"]},
    ), people


def test_every_level_of_every_goal_adds_up_to_the_person(county):
    """Pitfall 6."""
    finished, people = county
    assert_balanced(finished, people["people"].sum())
    rows = finished.results.scorecard.query("level == 'all'").set_index("goal")
    assert (rows.loc["all", ["covered", "beyond", "cut_off", "unconnected"]] > 0).all(), "no status may go untested"


def test_groups_and_populations_leave_the_right_people_out(county):
    finished, people = county
    rows = finished.results.scorecard.query("level == 'all'").set_index("goal")
    urban, kids = people["kind"] == "城镇", people["kids"].fillna(0)
    everyone = people["people"].sum()
    assert rows.loc["all", "excluded"] == 0
    assert rows.loc["kids", "excluded"] == everyone - kids.sum()
    assert rows.loc["urban", "excluded"] == people.loc[~urban, "people"].sum()
    assert rows.loc["rural-kids", "excluded"] == everyone - kids[~urban].sum()


def test_units_that_do_not_state_a_group_are_said(county):
    finished, people = county
    blank = people["kids"].isna()
    said = next(note for note in finished.record["notes"] if "kids" in note)
    assert f" {blank.sum()} " in f" {said} " and f"{people.loc[blank, 'people'].sum():,}" in said


def test_a_service_without_facilities_cuts_everyone_off_and_covers_nobody(county):
    finished, people = county
    row = finished.results.scorecard.query("goal == 'nowhere' and level == 'all'").iloc[0]
    assert (row["covered"], row["beyond"], row["facilities"]) == (0, 0, 0)
    assert row["cut_off"] + row["unconnected"] == people["people"].sum()


def test_people_outside_every_zone_have_a_row_of_their_own(county):
    finished, people = county
    x = people["lon"] / toy_map.DEGREES
    inside = (x >= 0) & (x <= 50) & (people["lat"] >= -0.002)
    rows = finished.results.scorecard.query("goal == 'all' and level == 'town'")
    outside = rows.loc[rows["unit"] == ""]
    assert outside["people"].tolist() == [people.loc[~inside, "people"].sum()]
    assert rows.loc[rows["unit"] == "town3", "people"].tolist() == [0]


def test_demand_keeps_its_order_and_every_unit_once(county):
    finished, people = county
    assert finished.results.demand["id"].tolist() == people["id"].tolist()


def test_statuses_agree_with_minutes_in_every_unit(county):
    finished, _ = county
    table = finished.results.demand
    minutes, status = table["all.minutes"], table["all.status"].astype(str)
    assert (status[minutes <= 10] == "covered").all() and (status[minutes > 10] == "beyond").all()
    assert set(status[minutes.isna()]) == {"cut-off", "unconnected"}
    snaps = table.filter(regex=r"^snap_metres\.")
    walked = table["snap_metres.walk"] if len(snaps.columns) else table["snap_metres"]
    assert (walked.isna() == (status == "unconnected")).all()
    assert not len(snaps.columns) or (table["snap_metres"].fillna(-1) == snaps.min(axis=1).fillna(-1)).all()


def test_northern_kentucky_balances_with_polygons_groups_and_cities(shared_data, tmp_path):
    """3,114 census polygons, the women among their people, 36 cities that leave the countryside out, two modes."""
    folder = shared_data / "northern-kentucky"
    study = {
        "name": "Northern Kentucky",
        "streets": str(folder / "streets.osm.pbf"),
        "zones": {"city": {"file": str(folder / "city-boundaries" / "cities.shp"), "id": "name"}},
        "demand": {"file": str(folder / "block-groups" / "block-groups.shp"), "people": "people", "groups": {"women": "females"}},
        "facilities": {
            "health": [{"file": str(folder / "hospitals.csv")}],
            "fitness": [{"file": str(folder / "sports-pitches.csv")}],
        },
        "goals": [
            {"id": "hospital", "service": "health", "mode": "car", "minutes": 15},
            {"id": "ambulance", "service": "health", "mode": "car", "minutes": 15, "direction": "from"},
            {"id": "pitch", "service": "fitness", "mode": "walk", "minutes": 10, "group": "women"},
        ],
        "out": "out",
    }
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(study), encoding="utf-8")
    finished = run(tmp_path / "study.yaml", lang="en")
    assert_balanced(finished, 227_919)
    blocks = gpd.read_file(folder / "block-groups" / "block-groups.shp")
    rows = finished.results.scorecard.query("level == 'all'").set_index("goal")
    assert rows.loc["pitch", "excluded"] == blocks["people"].sum() - blocks["females"].sum()
    assert 0.5 < rows.loc["hospital", "share"] < 1
