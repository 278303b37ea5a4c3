"""A goal about people in certain units counts those people alone; everyone else is excluded, not uncovered."""

import json

import pytest
import toy_map
from toy_study import GOAL, everyone, people_table, points_table, run_toy

from lifecircle.geo.errors import StudyError

PEOPLE = people_table(
    [("town", 1, 0, 10), ("island", 5, 0, 20), ("far-island", 45, 0, 40), ("unknown", 50, 0, 5), ("outside", 58, 0, 1)]
)
CLINIC = points_table([("a", 0, 0)])
FLAGGED = {**GOAL, "unit": {"level": "county", "flag": "island"}}
KINDS = {**GOAL, "unit": {"level": "county", "kinds": ["county", "county-level-city"]}}


@pytest.fixture
def counties(tmp_path):
    """Four counties side by side: a district that is no island, two islands, one that does not tell."""
    spans = [(-2, 3, "市辖区", "否"), (3, 20, "县", "是"), (20, 48, "县级市", "是"), (48, 55, "县", "")]
    features = [
        {"type": "Feature", "properties": {"code": f"c{n}", "kind": kind, "island": island}, "geometry": box(west, east)}
        for n, (west, east, kind, island) in enumerate(spans)
    ]
    (tmp_path / "counties.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return {"county": {"file": "counties.geojson", "id": "code", "kind": "kind", "flags": {"island": "island"}}}


def box(west, east):
    ring = [[x * toy_map.DEGREES, y * toy_map.DEGREES] for x, y in ((west, -5), (east, -5), (east, 5), (west, 5), (west, -5))]
    return {"type": "Polygon", "coordinates": [ring]}


@pytest.mark.parametrize(
    ("goal", "counted", "covered"),
    [(GOAL, 76, 30), (FLAGGED, 60, 20), (KINDS, 65, 20), ({**GOAL, "unit": {"level": "county"}}, 76, 30)],
)
def test_only_people_of_the_units_count(tmp_path, counties, goal, counted, covered):
    finished = run_toy(tmp_path, PEOPLE, CLINIC, goals=[goal], zones=counties)
    row = everyone(finished)
    assert row["people"] - row["excluded"] == counted
    assert row["covered"] == covered
    assert row["share"] == pytest.approx(covered / counted)


def test_a_filter_needs_its_columns(tmp_path, counties):
    del counties["county"]["flags"]
    with pytest.raises(StudyError, match=r"zones\.county\.flags\.island"):
        run_toy(tmp_path, PEOPLE, CLINIC, goals=[FLAGGED], zones=counties)
