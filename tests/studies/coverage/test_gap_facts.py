"""Toy worlds with exactly one reason each: what the network says of a gap, and the reason drawn from it."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from engine import network
from toy_map import DEGREES, EAST, NORTH, ROAD, row, street, write_map

from lifecircle.analyses.coverage import coverage
from lifecircle.analyses.gaps import Gaps, gap_areas, with_groups
from lifecircle.analyses.scorecard import GoalTable
from lifecircle.geo.engine.search import nearest_facility
from lifecircle.geo.snapping.entrances import snap_places
from lifecircle.geo.snapping.snaps import UNCONNECTED
from lifecircle.layers.footprints import footprints
from lifecircle.layers.goals import CircleGoal
from lifecircle.studies.coverage.gap_facts import Scene, explain_gaps
from lifecircle.studies.situation.networks import Network

GOAL = CircleGoal(id="clinic", service="health", mode="walk", minutes=10)  # 7.5 steps on foot


def explained(file, people, clinics, *, flat_minutes=None, zones=(None, None), left_out=()):
    """Explain the gaps of people (ten each), clinics and stops that do not count, given in steps."""
    toy = network(file, "walk")
    lon, lat = (np.array(axis, float) * DEGREES for axis in zip(*people, strict=True))
    shapes = shapely.points(np.array(clinics, float) * DEGREES)
    snaps = snap_places(toy.snapper, shapes)
    units = toy.snap(lon, lat)
    nearest = nearest_facility(toy.graph, units, snaps)
    ids = pd.Series([f"c{i}" for i in range(len(clinics))], dtype="str")
    facility = pd.Series([None if at < 0 else ids[at] for at in nearest.facility], dtype="str")
    minutes = nearest.seconds / 60
    counted = np.full(len(people), 10.0)
    status = coverage(minutes, units.snap_class != UNCONNECTED, np.ones(len(people), bool), GOAL.minutes)
    table = GoalTable(goal=GOAL, people=counted, counted=counted, minutes=minutes, status=status)
    prints = footprints(gpd.GeoSeries(shapely.points(lon, lat), crs="EPSG:4326"), ids=ids, cell_metres=112.0)
    gaps = gap_areas(table, prints, facility, dict(zip(ids, ids, strict=True)))
    scene = Scene(
        table=table,
        network=Network(toy.graph, toy.snapper, units),
        points=(lon, lat),
        snaps=snaps,
        left_out=snap_places(toy.snapper, shapely.points(np.reshape(left_out, (-1, 2)) * DEGREES)),
        zone_of_unit=None if zones[0] is None else pd.Series(zones[0], dtype="str"),
        zone_of_facility=None if zones[1] is None else pd.Series(zones[1], dtype="str"),
        flat_minutes=flat_minutes,
    )
    return explain_gaps(gaps, scene)


@pytest.fixture
def long_street(tmp_path):
    return write_map(tmp_path / "long.osm", row(60), [street(60)])


def test_too_few_facilities(long_street):
    areas, routes = explained(long_street, [(20, 0), (21, 0), (22, 0)], [(0, 0)])
    gap = areas.iloc[0]
    assert (gap["reason"], gap["people"], gap["units"]) == ("too_few", 30, 3)
    assert gap["line_metres"] == pytest.approx(21 * EAST, rel=1e-4)
    assert gap["route_metres"] == pytest.approx(21 * EAST, rel=1e-4)
    assert gap["detour"] == pytest.approx(1)
    assert gap["pass_minutes"] == np.ceil(22 * EAST / 5000 * 60)
    assert gap["cover_people"] == 30, "one clinic in the middle would cover all three"
    assert np.isnan(gap["link_metres"]), "nothing a kilometre long would help"
    assert routes.iloc[0].geometry.length == pytest.approx(21 * DEGREES, rel=1e-4)


def test_just_over_the_limit_says_at_which_it_would_pass(long_street):
    areas, _ = explained(long_street, [(8, 0), (8.5, 0)], [(0, 0)])
    assert areas["reason"].tolist() == ["just_over"]
    assert areas["pass_minutes"].tolist() == [12]


def test_a_detour_around_a_barrier_and_the_footbridge_that_would_end_it(tmp_path):
    nodes = {1: (0, 0), 2: (12, 0), 3: (12, 3), 4: (0, 3)} | row(60, y=4, first=5) | {80: (0, 4)}
    hook = write_map(tmp_path / "hook.osm", nodes, [([1, 2, 3, 4, 80], ROAD), ([80, 5], ROAD), street(60, first=5)])
    areas, routes = explained(hook, [(0, 0)], [(0, 3)])
    gap = areas.iloc[0]
    assert gap["reason"] == "detour"
    assert gap["line_metres"] == pytest.approx(3 * NORTH, rel=1e-4)
    assert gap["route_metres"] == pytest.approx(24 * EAST + 3 * NORTH, rel=1e-4)
    assert gap["detour"] == pytest.approx(gap["route_metres"] / gap["line_metres"])
    assert gap["link_metres"] == pytest.approx(3 * NORTH, rel=1e-4)
    assert gap["link_minutes"] == pytest.approx(3 * NORTH / 5000 * 60, rel=1e-4)
    assert routes.geometry.iloc[0].bounds[2] == pytest.approx(12 * DEGREES)


def test_the_ferry_takes_the_time(tmp_path):
    nodes = row(60) | row(60, x=62, first=61)
    ferry = ([60, 61], {"route": "ferry", "duration": "00:05"})
    areas, _ = explained(write_map(tmp_path / "f.osm", nodes, [street(60), street(60, first=61), ferry]), [(58, 0)], [(63, 0)])
    gap = areas.iloc[0]
    assert gap["reason"] == "ferry"
    assert gap["ferry_minutes"] == pytest.approx(15), "ten of boarding, five of sailing"


def test_the_slope_takes_the_time(long_street):
    asked = []

    def flat(rows):
        asked.extend(rows.tolist())
        return np.full(len(rows), 9.0)

    areas, _ = explained(long_street, [(20, 0)], [(0, 0)], flat_minutes=flat)
    assert areas["reason"].tolist() == ["slope"]
    assert asked == [0]


def test_a_stop_nearby_that_is_visited_too_rarely_is_told_from_too_few(long_street):
    near, _ = explained(long_street, [(20, 0)], [(0, 0)], left_out=[(19, 0)])
    far, _ = explained(long_street, [(20, 0)], [(0, 0)], left_out=[(40, 0)])
    assert [near["reason"].item(), far["reason"].item()] == ["excluded", "too_few"]


def test_the_nearest_one_lies_across_the_border(long_street):
    areas, _ = explained(long_street, [(20, 0), (40, 0)], [(0, 0), (59, 0)], zones=(["east", "east"], ["west", "east"]))
    assert dict(zip(areas["facility"], areas["reason"], strict=True)) == {"c0": "border", "c1": "too_few"}
    zones = areas.set_index("facility")["facility_zone"]
    assert zones["c0"] == "west"
    assert pd.isna(zones["c1"])


def test_cut_off_and_unmapped_places_are_told_apart(tmp_path):
    nodes = row(60) | row(60, y=5, first=61)
    file = write_map(tmp_path / "apart.osm", nodes, [street(60), street(60, first=61)])
    areas, routes = explained(file, [(1, 5), (30, 20)], [(0, 0)])
    assert dict(zip(areas["reason"], areas["people"], strict=True)) == {"cut_off": 10, "no_street": 10}
    by_reason = areas.set_index("reason")
    assert by_reason["link_metres"]["cut_off"] == pytest.approx(5 * NORTH, rel=1e-4)
    assert np.isnan(by_reason["route_metres"]["cut_off"])
    assert by_reason["cover_people"].to_dict() == {"cut_off": 10, "no_street": 0}
    assert routes.empty


def test_no_gap_is_explained_by_nothing(long_street):
    areas, routes = explained(long_street, [(1, 0)], [(0, 0)])
    assert areas.empty and routes.empty


def test_gaps_count_the_people_of_each_group():
    gaps = Gaps(gpd.GeoDataFrame({"goal": "clinic", "gap": [1, 2]}, geometry=[None, None]), np.array([1, 0, 1, 2]))
    groups = pd.DataFrame({"group.children": [2.0, 9.0, np.nan, np.nan], "group.elderly": [1.0, 9.0, 3.0, 0.0]})
    areas = with_groups(gaps, groups).areas
    assert areas["group.elderly"].tolist() == [4, 0]
    assert areas["group.children"][0] == 2
    assert np.isnan(areas["group.children"][1]), "unknown is not 0"
    assert with_groups(gaps, groups[[]]).areas.columns.tolist() == gaps.areas.columns.tolist()
