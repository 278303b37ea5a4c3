"""Bundles, mixes, mobile stops and competing definitions on a long street, worked out by hand; everyone in one status."""

import numpy as np
import pandas as pd
import pytest
from toy_study import people_table, points_table, run_toy

LIMIT = {"mode": "walk", "minutes": 30, "profile": "child"}  # 1 m/s: 16 steps of 111 m
BUNDLE = {"of": "all", "services": ["clinic", "school"]}
WIDER = {"id": "hour", "title": {"zh": "一小时", "en": "An hour"}, "set": {"minutes": 60}, "source": "judgement"}  # 32 steps
GOALS = [
    {"id": "all", "service": "basics", "bundle": BUNDLE, "target": 0.5, "variants": [WIDER], **LIMIT},
    {"id": "any", "service": "basics", "bundle": {**BUNDLE, "of": "any"}, **LIMIT},
    {"id": "weekly", "service": "basics", "bundle": BUNDLE, "mobile": {"service": "bus", "every_days": 7}, **LIMIT},
    {"id": "two", "check": "mix", "types": ["clinic", "school", "shop"], "at_least": 2, **LIMIT},
]
STATUSES = ["covered", "beyond", "cut_off", "unconnected", "excluded"]


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A clinic at step 0, a school at step 20, a shop nowhere; people at 0, 9, 40 and far off; two buses, one often enough."""
    folder = tmp_path_factory.mktemp("bundles")
    for name, places in {"clinic": [("c", 0, 0)], "school": [("s", 20, 0)], "bus": [("b1", 40, 0), ("b2", 0, 0)]}.items():
        points_table(places).assign(days=[7, 14][: len(places)]).to_csv(folder / f"{name}.csv", index=False)
    sources = {name: [{"file": f"{name}.csv", "id": "id"}] for name in ("clinic", "school")}
    sources["bus"] = [{"file": "bus.csv", "id": "id", "numbers": {"every_days": "days"}}]
    people = people_table([("a", 0, 0, 100), ("b", 9, 0, 200), ("c", 40, 0, 400), ("d", 9, 30, 50)])
    return run_toy(folder, people, points_table([]), goals=GOALS, facilities=sources)


def row_of(finished, goal):
    return finished.results.scorecard.query("goal == @goal and level == 'all'").iloc[0]


@pytest.mark.parametrize(
    ("goal", "covered", "beyond"), [("all", 200, 500), ("any", 300, 400), ("weekly", 600, 100), ("two", 200, 500)]
)
def test_everyone_is_counted_once(finished, goal, covered, beyond):
    row = row_of(finished, goal)
    assert row[STATUSES].tolist() == [covered, beyond, 0, 50, 0] and row["people"] == 750
    units = finished.results.demand
    assert units.loc[units[f"{goal}.status"] == "covered", "people"].sum() == covered


def test_the_last_service_of_a_bundle_decides(finished):
    units = finished.results.demand.set_index("id")
    assert units["all.facility"].tolist()[:3] == ["s", "s", "c"] and pd.isna(units.loc["d", "all.facility"])
    assert units["any.facility"].tolist()[:3] == ["c", "c", "s"]
    assert units.loc["c", "weekly.facility"] == "b1"  # the bus of a fortnight does not count
    np.testing.assert_allclose(units["all.minutes"].to_numpy()[:3], np.array([20, 11, 40]) * 111.31949 / 60, rtol=1e-3)


def test_definitions_stand_side_by_side(finished):
    row = row_of(finished, "all")
    assert (row["lowest"], row["highest"]) == (pytest.approx(200 / 750), pytest.approx(300 / 750))
    assert row["gap_people"] == pytest.approx(0.5 * 750 - 200) and not row["met"]
    hour = finished.results.variants.set_index(["goal", "variant"]).loc[("all", "hour")]
    assert (hour["covered"], hour["limit"]) == (300, 60)
    written = pd.read_csv(finished.out / "variants.csv", keep_default_na=False)
    assert written["variant"].tolist() == ["", "hour"]
    assert "26.67% to 40% depending on the definition" in written["explanation"].iloc[0]


def test_a_mix_with_a_type_nobody_has_data_on_is_a_lower_bound(finished):
    row = row_of(finished, "two")
    assert pd.isna(row["value"]) and row["at_least"] == pytest.approx(200 / 750)
    assert row[["reason", "missing", "of", "what"]].tolist() == ["types_unread", 1, 3, "shop"]
