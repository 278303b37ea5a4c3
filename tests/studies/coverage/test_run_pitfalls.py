"""What users of routing tools complain about most, each as one run of a tiny study.

People live along a street of 60 nodes a step (111.3 m) apart and walk one metre a second, so seconds are metres.
"""

import json

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import toy_map
from toy_map import EAST, NORTH
from toy_study import GOAL, STREET, everyone, people_table, points_table, run_toy

VILLAGE = people_table([(f"p{n}", n + 0.25, 0, 10) for n in range(12)])
CLINIC = [("c", 0, 0)]


def demand_of(run):
    return run.results.demand.set_index("id")


def test_an_offshore_facility_does_not_raise_coverage(tmp_path):
    """Pitfall 1: 5 km off the coast."""
    without = run_toy(tmp_path / "a", VILLAGE, points_table(CLINIC))
    offshore = run_toy(tmp_path / "b", VILLAGE, points_table([*CLINIC, ("ship", 10, 5000 / NORTH)]))
    assert everyone(offshore)["covered"] == everyone(without)["covered"] > 0
    audit = pd.read_csv(offshore.out / "snaps.csv").set_index("id")
    assert pd.isna(audit.loc["ship", "class"]) and audit.loc["ship", "reason"] == "no-street"


def test_an_offshore_facility_alone_covers_nobody(tmp_path):
    run = run_toy(tmp_path, VILLAGE, points_table([("ship", 10, 5000 / NORTH)]))
    row = everyone(run)
    assert (row["covered"], row["beyond"], row["cut_off"], row["people"]) == (0, 0, 120, 120)
    assert demand_of(run)["clinic.minutes"].isna().all() and demand_of(run)["clinic.facility"].isna().all()


def test_three_hundred_metres_off_the_road_are_three_hundred_metres_of_walking(tmp_path):
    """Pitfall 2."""
    people = people_table([("on", 2, 0, 1), ("off", 2, 300 / NORTH, 1)])
    run = run_toy(tmp_path, people, points_table(CLINIC))
    minutes = demand_of(run)["clinic.minutes"]
    assert minutes["on"] * 60 == pytest.approx(2 * EAST, abs=0.01)
    assert (minutes["off"] - minutes["on"]) * 60 == pytest.approx(300, abs=0.01)
    assert demand_of(run)["snap_metres"]["off"] == pytest.approx(300, abs=0.01)


def test_a_scrap_beside_the_main_road_changes_no_minute(tmp_path):
    """Pitfall 3."""
    nodes, ways = STREET
    car_park = {**nodes, **toy_map.row(3, x=2, y=1, first=101)}, [*ways, toy_map.street(3, first=101, highway="service")]
    people = people_table([("p", 2.5, 0.9, 5)])
    runs = [run_toy(tmp_path / name, people, points_table(CLINIC), streets=s) for name, s in (("a", STREET), ("b", car_park))]
    plain, beside = (demand_of(run)["clinic.minutes"]["p"] for run in runs)
    assert beside == pytest.approx(plain, abs=1e-9)
    parts = pd.read_csv(runs[1].out / "components.csv", encoding="utf-8-sig")
    assert dict(zip(parts["kind"], parts["people"], strict=True)) == {"main": 5, "scrap": 0}
    assert pd.read_csv(runs[1].out / "snaps.csv", encoding="utf-8-sig").empty


def test_people_on_an_islet_and_below_a_bridge_are_listed_with_class_and_reason(tmp_path):
    """An islet of 2 steps, 333 m of sea off the coast; a bridge of a road whose streets are far, above a hamlet."""
    nodes, ways = STREET
    islet = toy_map.row(3, x=2, y=3, first=101)
    coasts = {201: (-1, 0.5), 202: (61, 0.5), 203: (-1, 2.5), 204: (61, 2.5)}
    bridge = {301: (10, -8), 302: (20, -8)}
    ways = [*ways, toy_map.street(3, first=101), *((pair, {"natural": "coastline"}) for pair in ([201, 202], [203, 204]))]
    ways += [([1, 301], toy_map.ROAD), ([301, 302], {**toy_map.ROAD, "bridge": "yes"}), ([302, 60], toy_map.ROAD)]
    people = people_table([("home", 2, 0, 3), ("islander", 3, 2.9, 4), ("below", 15, -9, 5), ("nobody", 30, 30, 6)])
    run = run_toy(tmp_path, people, points_table(CLINIC), streets=({**nodes, **islet, **coasts, **bridge}, ways))
    listed = pd.read_csv(run.out / "snaps.csv", encoding="utf-8-sig").set_index("id").loc[["islander", "below", "nobody"]]
    assert listed["class"].fillna(0).tolist() == [2, 3, 0]
    assert listed["reason"].tolist() == ["not-main across-water", "other-level", "no-street"]
    assert listed["people"].tolist() == [4, 5, 6]
    parts = pd.read_csv(run.out / "components.csv", encoding="utf-8-sig")
    assert dict(zip(parts["kind"], parts["people"], strict=True)) == {"main": 8, "islet": 4}
    record = json.loads((run.out / "run.json").read_text(encoding="utf-8"))
    (network,) = record["counts"]["networks"].values()
    assert network["people_by_snap"] == {"none": 6, "first": 3, "second": 4, "third": 5}
    assert {kind: told["count"] for kind, told in record["unused"].items()} == {"snaps of class 2": 1, "snaps of class 3": 1}
    assert any("4 people are tied to streets that are cut off" in note for note in record["notes"])
    table = pd.read_csv(run.out / "unused.csv", encoding="utf-8-sig")
    assert table["element"].tolist() == ["islander", "below"]


ISLAND = ({**toy_map.row(60), **toy_map.row(55, y=50, first=101)}, [toy_map.street(60), toy_map.street(55, first=101)])


def test_unreached_is_null_with_a_reason_and_never_zero(tmp_path):
    """Pitfalls 4 and 5: an islander without a clinic, a hermit without a street, and a neighbour of the clinic."""
    people = people_table([("near", 0, 0, 3), ("islander", 5, 50, 4), ("hermit", 20, 30, 5)])
    run = run_toy(tmp_path, people, points_table(CLINIC), streets=ISLAND)
    table = demand_of(run)
    assert table["clinic.status"].astype(str).to_dict() == {"near": "covered", "islander": "cut-off", "hermit": "unconnected"}
    assert table["clinic.minutes"].isna().to_dict() == {"near": False, "islander": True, "hermit": True}
    assert table["clinic.minutes"]["near"] == 0
    written = pq.read_table(run.out / "demand.parquet").to_pandas().set_index("id")
    assert written["clinic.minutes"].isna().to_dict() == {"near": False, "islander": True, "hermit": True}
    assert written["clinic.facility"].isna().to_dict() == {"near": False, "islander": True, "hermit": True}
    gaps = json.loads((run.out / "gaps.geojson").read_text(encoding="utf-8"))["features"]
    reasons = {gap["properties"]["reason"]: gap["properties"] for gap in gaps}
    assert {reason: gap["minutes"] for reason, gap in reasons.items()} == {"cut_off": None, "no_street": None}
    row = pd.read_csv(run.out / "scorecard.csv").query("level == 'all'").iloc[0]
    assert (row["covered"], row["cut_off"], row["unconnected"], row["people"]) == (3, 4, 5, 12)


def test_two_points_outside_the_streets_are_not_zero_minutes_apart(tmp_path):
    """Pitfall 4: the hermit lives beside a clinic that no street reaches."""
    people = people_table([("near", 0, 0, 3), ("hermit", 20, 30, 5)])
    run = run_toy(tmp_path, people, points_table([("remote", 20, 30)]))
    assert demand_of(run)["clinic.minutes"].isna().all()
    assert demand_of(run)["clinic.status"].astype(str).tolist() == ["cut-off", "unconnected"]


def test_islands_are_present_and_answer_for_themselves(tmp_path):
    """Pitfall 11."""
    people = people_table([("main", 3, 0, 3), ("islander", 5, 50, 4)])
    run = run_toy(tmp_path, people, points_table([*CLINIC, ("island clinic", 4, 50)]), streets=ISLAND)
    assert demand_of(run)["clinic.facility"].to_dict() == {"main": "c", "islander": "island clinic"}
    assert demand_of(run)["clinic.minutes"]["islander"] * 60 == pytest.approx(EAST, abs=0.01)


def test_a_ferry_is_none_free_or_scheduled(tmp_path):
    """Pitfall 12: 5 minutes of crossing, every hour; the limit of 30 minutes tells the three apart."""
    nodes = {**toy_map.row(60), **toy_map.row(55, x=100, first=101)}
    line = ([60, 101], {"route": "ferry", "duration": "00:05", "interval": "01:00"})
    streets = nodes, [toy_map.street(60), toy_map.street(55, first=101), line]
    goal = {**GOAL, "minutes": 30}
    people, clinic = people_table([("islander", 101, 0, 4)]), points_table([("c", 58, 0)])
    minutes = {}
    for ferries in ("none", "free", "scheduled"):
        run = run_toy(tmp_path / ferries, people, clinic, streets=streets, goals=[goal], modes={"ferries": ferries})
        minutes[ferries] = demand_of(run)["clinic.minutes"]["islander"] * 60
        assert everyone(run)["covered"] == (4 if ferries == "free" else 0)
    assert np.isnan(minutes["none"])
    assert minutes["free"] == pytest.approx(2 * EAST + 300, abs=0.01)
    assert minutes["scheduled"] == pytest.approx(2 * EAST + 300 + 600 + 1800, abs=0.01)


def test_walkers_go_both_ways_along_a_one_way_street(tmp_path):
    """Pitfall 13: A at one end with a clinic at the other, and the other way round."""
    one_way = STREET[0], [toy_map.street(60, highway="residential", oneway="yes")]
    times = []
    for home, clinic in ((2, 7), (7, 2)):
        run = run_toy(tmp_path / str(home), people_table([("p", home, 0, 1)]), points_table([("c", clinic, 0)]), streets=one_way)
        times.append(demand_of(run)["clinic.minutes"]["p"])
    assert times[0] == times[1] == pytest.approx(5 * EAST / 60, abs=1e-3)


def test_a_unit_exactly_six_hundred_seconds_away_is_inside_ten_minutes(tmp_path):
    """Pitfall 16: home and clinic face the same place on the street from 250 and 350 m; a metre farther is beyond."""
    people = people_table([("at", 5, 250 / NORTH, 7), ("past", 5, 251 / NORTH, 11)])
    run = run_toy(tmp_path, people, points_table([("c", 5, -350 / NORTH)]))
    exact = demand_of(run)["clinic.minutes"]["at"]
    assert exact == pytest.approx(10, abs=1e-6)
    for number, (limit, covered) in enumerate([(exact, 7), (float(np.nextafter(exact, 0)), 0)]):
        goal = {**GOAL, "minutes": float(limit)}
        again = run_toy(tmp_path / str(number), people, points_table([("c", 5, -350 / NORTH)]), goals=[goal])
        assert everyone(again)["covered"] == covered
        assert everyone(again)["beyond"] == 18 - covered


def test_two_identical_facilities_change_nothing(tmp_path):
    """Pitfall 17."""
    once = run_toy(tmp_path / "a", VILLAGE, points_table(CLINIC))
    twice = run_toy(tmp_path / "b", VILLAGE, points_table([*CLINIC, ("twin", 0, 0)]))
    counts = ["people", "covered", "beyond", "cut_off", "unconnected", "excluded", "share", "median_minutes", "p90_minutes"]
    assert everyone(once)[counts].tolist() == everyone(twice)[counts].tolist()
    pd.testing.assert_series_equal(demand_of(once)["clinic.minutes"], demand_of(twice)["clinic.minutes"])
    assert len(once.results.gaps) == len(twice.results.gaps)


def test_direction_is_part_of_the_goal(tmp_path):
    """Pitfall 18: a one-way ring of 60 nodes on a square; the ambulance comes 15 sides the other way round."""
    side = [(n, 0) for n in range(15)] + [(15, n) for n in range(15)]
    ring = dict(enumerate([*side, *((15 - x, 15 - y) for x, y in side)], start=1))
    streets = ring, [([*range(1, 61), 1], {"highway": "residential", "oneway": "yes"})]
    goals = [{"id": f"{way}-goal", "service": "health", "mode": "car", "minutes": 10, "direction": way} for way in ("to", "from")]
    people, ambulance = people_table([("p", 5, 0, 1)]), points_table([("c", 10, 0)])
    table = demand_of(run_toy(tmp_path, people, ambulance, streets=streets, goals=goals))
    whole, near = 30 * (EAST + NORTH), 5 * EAST
    assert table["to-goal.minutes"]["p"] * 60 == pytest.approx(near / (30 / 3.6), abs=0.01)
    assert table["from-goal.minutes"]["p"] * 60 == pytest.approx((whole - near) / (30 / 3.6), abs=0.01)


def test_one_bad_row_of_a_thousand_gives_999_answers_and_one_rejected_row(tmp_path):
    """Pitfall 22."""
    people = people_table([(f"p{n}", n % 55, n % 7 / 10, n + 1) for n in range(1000)])
    people["people"] = people["people"].astype(object)
    people.loc[416, "people"] = "many"
    run = run_toy(tmp_path, people, points_table(CLINIC))
    table = demand_of(run)
    assert len(table) == 999 and "p416" not in table.index
    assert table["clinic.minutes"].notna().all()
    rejected = pd.read_csv(run.out / "rejected.csv")
    assert rejected[["file", "row", "column", "value"]].to_numpy().tolist() == [["people.csv", 417, "people", "many"]]
    assert everyone(run)["people"] == 1000 * 1001 / 2 - 417


@pytest.mark.parametrize("coordinates", [("", 0.0), ("abc", 0.0), (500.0, 0.0)])
def test_a_facility_without_a_place_is_rejected_and_the_others_serve(tmp_path, coordinates):
    clinics = points_table([("lost", 0, 0), ("c", 0, 0)]).astype({"lon": object, "lat": object})
    clinics.loc[0, ["lon", "lat"]] = coordinates
    run = run_toy(tmp_path, VILLAGE, clinics)
    assert run.results.facilities["facility"].tolist() == ["c"]
    assert pd.read_csv(run.out / "rejected.csv")[["file", "row"]].to_numpy().tolist() == [["facilities.csv", 1]]


def answers(run):
    columns = ["clinic.minutes", "clinic.status", "clinic.facility", "snap_metres"]
    return demand_of(run)[columns].astype({"clinic.status": str}).sort_index()


def test_shuffled_and_split_batches_give_identical_answers(tmp_path):
    """Pitfall 23: the order of people and of facilities, and who else is asked, to the last bit."""
    rng = np.random.default_rng(8)
    spots = zip(rng.uniform(-2, 60, 80), rng.uniform(-5, 5, 80), strict=True)
    people = people_table([(f"p{n}", x, y, n) for n, (x, y) in enumerate(spots)])
    clinics = points_table([("b", 12.3, 0.1), ("a", 12.3, 0.1), ("d", 40, 0), ("c", 55.5, -1)])
    whole = answers(run_toy(tmp_path / "whole", people, clinics))
    assert set(whole["clinic.facility"].dropna()) == {"a", "c", "d"}  # of two at one place the first by name
    shuffled = run_toy(tmp_path / "shuffled", people.sample(frac=1, random_state=1), clinics.sample(frac=1, random_state=2))
    pd.testing.assert_frame_equal(answers(shuffled), whole)
    parts = [people.iloc[:1], people.iloc[1:30], people.iloc[30:]]
    split = pd.concat([answers(run_toy(tmp_path / str(n), part, clinics)) for n, part in enumerate(parts)]).sort_index()
    pd.testing.assert_frame_equal(split, whole)


def test_the_second_run_says_the_same_from_the_cache(tmp_path):
    """Pitfall 23: an earlier run changes nothing."""
    first = run_toy(tmp_path, VILLAGE, points_table(CLINIC))
    second = run_toy(tmp_path, VILLAGE, points_table(CLINIC))
    assert [run.record["counts"]["streets"]["from_cache"] for run in (first, second)] == [False, True]
    pd.testing.assert_frame_equal(answers(first), answers(second))
