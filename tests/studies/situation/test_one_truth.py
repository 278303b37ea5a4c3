"""One goal, one figure: whatever command answers it, and on the map, the same people are counted and covered."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import toy_map
import yaml
from quick_runs import tables_only
from toy_study import STREET, people_table, points_table

import lifecircle as lc
from lifecircle.analyses.coverage import STATUSES
from lifecircle.geo.errors import StudyError
from lifecircle.maps.coarse import tally
from lifecircle.studies.access.access import access
from lifecircle.studies.coverage.goal_isochrones import goal_isochrones
from lifecircle.studies.coverage.run import run
from lifecircle.studies.siting.site import site

# Steps of 100 m along a street of 60; 10 minutes at 1 m/s are 6 steps. The clinic stands at 0, the weekly van and the shop at 55.
PEOPLE = people_table(
    [
        ("near", 2, 0, 100, 30, "urban"),
        ("middle", 5, 0, 200, 50, "rural"),
        ("late", 50, 0, 400, None, "rural"),
        ("far", 57, 0, 800, 900, "urban"),
    ],
    "old",
    "kind",
)
CLINICS = points_table([("clinic", 0, 0)])
STOPS = points_table([("van", 55, 0), ("rare", 30, 0), ("unknown", 30, 0)]).assign(days=[7, 90, None])
SHOPS = points_table([("shop", 55, 0)])
BASE = {"service": "health", "mode": "walk", "minutes": 10, "profile": "child"}  # 3.6 km/h
GOALS = {
    "plain": {},
    "from": {"direction": "from"},
    "urban": {"population": "urban"},
    "rural": {"population": "rural"},
    "old": {"group": "old"},
    "old-urban": {"group": "old", "population": "urban"},
    "flag": {"unit": {"level": "county", "flag": "island"}},
    "kind": {"unit": {"level": "county", "kinds": ["county"]}},
    "level": {"unit": {"level": "county"}},
    "van": {"mobile": {"service": "stops", "every_days": 7}},
    "any-van": {"mobile": {"service": "stops"}},
    "any": {"bundle": {"of": "any", "services": ["health", "shops"]}},
    "all": {"bundle": {"of": "all", "services": ["health", "shops"]}},
}
# By hand: who is counted, and who of them is covered.
EXPECTED = {
    "plain": (1500, 300),
    "from": (1500, 300),
    "urban": (900, 100),
    "rural": (600, 200),
    "old": (30 + 50 + 800, 80),  # of "far" 900 old people are stated, 800 people live there
    "old-urban": (30 + 800, 30),
    "flag": (1200, 0),  # the eastern county
    "kind": (300, 300),  # the western one; the other is a county-level city
    "level": (1500, 300),
    "van": (1500, 1500),  # the van stands near "late" and "far"
    "any-van": (1500, 1500),
    "any": (1500, 1500),
    "all": (1500, 0),
}
BY_FACILITY = {("clinic", 4): 100, ("clinic", 10): 200, ("shop", 4): 800, ("shop", 10): 400}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("one-truth")
    toy_map.write_map(folder / "streets.osm", *STREET)
    for name, table in (("people", PEOPLE), ("health", CLINICS), ("stops", STOPS), ("shops", SHOPS)):
        table.to_csv(folder / f"{name}.csv", index=False)
    step = toy_map.DEGREES
    boxes = [shapely.box(-step, -step, 30 * step, step), shapely.box(30 * step, -step, 70 * step, step)]
    columns = {"id": ["west", "east"], "island": ["no", "yes"], "kind": ["county", "county-level-city"]}
    gpd.GeoDataFrame(columns, geometry=boxes, crs=4326).to_file(folder / "zones.geojson")
    study = {
        "name": "One truth",
        "streets": "streets.osm",
        "zones": {"county": {"file": "zones.geojson", "id": "id", "kind": "kind", "flags": {"island": "island"}}},
        "demand": {"file": "people.csv", "people": "people", "id": "id", "groups": {"old": "old"}, "urban": {"column": "kind"}},
        "facilities": {
            "health": [{"file": "health.csv", "id": "id"}],
            "shops": [{"file": "shops.csv", "id": "id"}],
            "stops": [{"file": "stops.csv", "id": "id", "numbers": {"every_days": "days"}}],
        },
        "goals": [{"id": name, **BASE, **changes} for name, changes in GOALS.items()],
    }
    (folder / "study.yaml").write_text(yaml.safe_dump(study), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def results(folder):
    with tables_only():
        return run(folder / "study.yaml", out=folder / "run", lang="en").results


@pytest.mark.parametrize("goal", GOALS)
def test_a_run_counts_as_by_hand(results, goal):
    row = results.scorecard.set_index(["goal", "level"]).loc[(goal, "all")].squeeze()
    assert (row["people"] - row["excluded"], row["covered"]) == EXPECTED[goal]


def test_the_map_has_a_ring_of_every_facility_that_counts(results):
    assert sorted(results.rings.loc[results.rings["goal"] == "van", "facility"]) == ["clinic", "van"]
    assert len(results.rings.loc[results.rings["goal"] == "any-van"]) == 4


@pytest.mark.parametrize("goal", GOALS)
def test_the_map_counts_as_the_run(results, goal):
    asked = next(one for one in results.goals if one.id == goal)
    sums = tally(results, asked, {})
    by_status = np.bincount(sums["status"], sums["people"], len(STATUSES))
    counted, covered = EXPECTED[goal]
    assert by_status[STATUSES.index("covered")] == covered
    assert by_status.sum() - by_status[STATUSES.index("excluded")] == counted


@pytest.mark.parametrize("goal", [name for name, changes in GOALS.items() if changes.get("bundle", {}).get("of") != "all"])
def test_a_plan_starts_from_what_the_run_counts(folder, goal):
    done = site(folder / "study.yaml", service="health", goal=goal, problem="mclp", p=1, out=folder / f"site-{goal}", lang="en")
    before = done.comparison.set_index("level").loc["all"]
    assert (before["people"], before["covered_before"]) == EXPECTED[goal]


def test_access_reaches_whom_the_run_covers(folder):
    zones = access(folder / "study.yaml", measure=["nearest"], out=folder / "access", lang="en").zones
    everyone = zones.loc[zones["level"] == "all"].set_index("goal")
    assert {name: tuple(everyone.loc[name, ["people", "reached"]]) for name in GOALS} == EXPECTED
    bundles = everyone.loc[["any", "all"]]
    assert (bundles["service"] == "health + shops").all() and (bundles["facilities_here"] == 2).all()
    assert {"any-health", "any-shops"} < set(everyone.index)  # each service has its measures as before


@pytest.mark.parametrize(
    ("goal", "merge"), [(goal, merge) for goal in GOALS for merge in (True, False) if (goal, merge) != ("all", True)]
)
def test_rings_hold_whom_the_run_covers(folder, goal, merge):
    rings = goal_isochrones(folder / "study.yaml", goal, merge=merge, bands=True, minutes=(10, 4), lang="en").rings
    limits = {(row.facility, row.minutes): row.people for row in rings.itertuples()}
    assert sum(limits.values()) == EXPECTED[goal][1]
    if goal == "any":
        by_hand = {("all", 10): 200 + 400, ("all", 4): 100 + 800} if merge else BY_FACILITY
        assert limits == by_hand


@pytest.mark.parametrize("goal", GOALS)
def test_the_widest_ring_alone_holds_as_many(folder, goal):
    rings = goal_isochrones(folder / "study.yaml", goal, lang="en").rings
    assert rings["minutes"].eq(10).all() and rings["people"].sum() == EXPECTED[goal][1]


def test_where_all_services_are_asked_for_a_merged_ring_lies_where_all_are_reached(folder):
    both = lc.isochrones(study=folder / "study.yaml", goal="all", minutes=96, merge=True, lang="en")
    step = toy_map.DEGREES
    inside = shapely.contains_xy(both.geometry[0], np.array([2, 20, 27.5, 35, 53]) * step, 0)
    with pytest.raises(StudyError, match="nowhere are 2 of these services"):
        lc.isochrones(study=folder / "study.yaml", goal="all", merge=True, lang="en")
    assert inside.tolist() == [False, True, True, True, False] and both["people"].tolist() == [200 + 400]


def test_the_order_of_goals_changes_nothing(folder, results):
    study = yaml.safe_load((folder / "study.yaml").read_text())
    study["goals"] = study["goals"][::-1]
    (folder / "reversed.yaml").write_text(yaml.safe_dump(study), encoding="utf-8")
    with tables_only():
        other = run(folder / "reversed.yaml", out=folder / "reversed", lang="en").results
    pd.testing.assert_frame_equal(other.demand[list(results.demand.columns)], results.demand)


@pytest.mark.parametrize("problem", ["p-center", "capacitated-mclp", "capacitated-p-median"])
@pytest.mark.parametrize(("lang", "words"), [("zh", "不能设分区下限"), ("en", "cannot be demanded of")])
def test_a_floor_that_cannot_be_held_is_refused_before_anything_is_read(folder, monkeypatch, problem, lang, words):
    monkeypatch.setattr("lifecircle.studies.siting.site.read_situation", None)
    with pytest.raises(StudyError, match=words):
        site(folder / "study.yaml", service="health", problem=problem, p=1, min_share="county=0.5", lang=lang)
