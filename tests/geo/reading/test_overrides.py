"""Corrections of the map on a toy: a street of two kilometres, a parallel one without a link, and an island."""

from pathlib import Path

import numpy as np
import pytest
import shapely

from lifecircle.geo.engine.search import nearest_facility
from lifecircle.geo.errors import InputError
from lifecircle.geo.lengths import ellipsoidal_metres
from lifecircle.geo.modes import travel_mode
from lifecircle.geo.network.building import build_graph
from lifecircle.geo.reading.osm import read_osm
from lifecircle.geo.reading.overrides import Override, apply_overrides, ferry_in_season, mean_headway_seconds
from lifecircle.geo.snapping.snapper import Snapper
from lifecircle.geo.streets import Streets
from lifecircle.layers.overrides import read_overrides

LAT = 30.0
ROWS = {"main": LAT, "parallel": LAT + 0.005, "island": LAT + 0.05}


@pytest.fixture(scope="module")
def streets(tmp_path_factory: pytest.TempPathFactory) -> Streets:
    """Three streets of 61 nodes each from 120.00 E to 120.02 E: no scraps, no links between them."""
    nodes, ways = [], []
    for way, (name, lat) in enumerate(ROWS.items(), 1):
        refs = [way * 1000 + i for i in range(61)]
        nodes += [f'<node id="{ref}" lat="{lat}" lon="{120 + 0.02 * i / 60}"/>' for i, ref in enumerate(refs)]
        links = "".join(f'<nd ref="{ref}"/>' for ref in refs)
        ways.append(f'<way id="{way}">{links}<tag k="highway" v="residential"/><tag k="name" v="{name}"/></way>')
    file = tmp_path_factory.mktemp("toy") / "toy.osm"
    file.write_text(f'<osm version="0.6">{"".join(nodes)}{"".join(ways)}</osm>', encoding="utf-8")
    return read_osm(file).streets


def seconds(streets: Streets, origin: str, destination: str, mode: str = "walk") -> float:
    """Travel time between the western ends of two streets."""
    graph = build_graph(streets, travel_mode(mode))
    snapper = Snapper(graph)
    points = [snapper.snap_points(np.array([120.0]), np.array([ROWS[name]])) for name in (origin, destination)]
    return float(nearest_facility(graph, *points).seconds[0])


def test_a_new_road_joins_what_was_apart(streets: Streets) -> None:
    assert np.isnan(seconds(streets, "main", "parallel"))
    road = Override(action="road", line=shapely.LineString([(120, LAT), (120, LAT + 0.005)]), tags={"highway": "footway"})
    joined = apply_overrides(streets, [road]).streets
    metres = ellipsoidal_metres(*(np.array([value]) for value in (120.0, LAT, 120.0, LAT + 0.005)))[0]
    assert seconds(joined, "main", "parallel") == pytest.approx(metres / (5 / 3.6), abs=1e-6)
    assert np.isnan(seconds(streets, "main", "parallel"))  # the input is as it was


def test_a_road_ending_between_nodes_splits_the_street_there(streets: Streets) -> None:
    middle = 120 + 0.02 * 2.5 / 60
    road = Override(action="road", line=shapely.LineString([(middle, LAT), (middle, LAT + 0.005)]), tags={"highway": "footway"})
    joined = apply_overrides(streets, [road]).streets
    assert len(joined.node_ids) == len(streets.node_ids) + 2
    along = ellipsoidal_metres(*(np.array([value]) for value in (120.0, LAT, middle, LAT)))[0]
    across = ellipsoidal_metres(*(np.array([value]) for value in (middle, LAT, middle, LAT + 0.005)))[0]
    assert seconds(joined, "main", "parallel") == pytest.approx((2 * along + across) / (5 / 3.6), rel=1e-4)


def test_a_closed_road_closes_for_its_modes_only(streets: Streets) -> None:
    road = Override(action="road", line=shapely.LineString([(120, LAT), (120, LAT + 0.005)]), tags={"highway": "residential"})
    joined = apply_overrides(streets, [road]).streets
    closed = apply_overrides(joined, [Override(action="close", way=-1, modes=["car"])]).streets
    assert np.isnan(seconds(closed, "main", "parallel", "car"))
    assert seconds(closed, "main", "parallel") == seconds(joined, "main", "parallel")


def test_a_known_speed_is_driven_as_it_is(streets: Streets) -> None:
    slow = apply_overrides(streets, [Override(action="speed", way=1, speed_kmh=12)]).streets
    before, after = (build_graph(s, travel_mode("car")) for s in (streets, slow))
    assert after.edge_forward.sum() - before.edge_forward.sum() == pytest.approx(
        before.edge_metres[before.edge_way == 1].sum() * 3.6 * (1 / 12 - 1 / 30), rel=1e-9
    )
    assert before.imputed_share == 1
    assert after.imputed_share == pytest.approx(2 / 3, abs=0.01)


def test_an_unknown_way_is_refused_and_the_rest_applied(streets: Streets) -> None:
    applied = apply_overrides(streets, [Override(action="close", way=999), Override(action="close", way=1)])
    assert list(applied.refused) == [0]
    assert "999" in applied.refused[0]
    assert applied.streets.tag("foot").notna().sum() == 1


def test_a_local_ferry_from_the_table(streets: Streets, tmp_path: Path) -> None:
    table = tmp_path / "changes.csv"
    table.write_text(
        "action,way,wkt,duration_minutes,headway_minutes,season,modes\n"
        f'轮渡,,"LINESTRING (120 {LAT}, 120 {ROWS["island"]})",25,40,4-10,walk\n'
        "close,abc,,,,,\n"
        "fly,,,,,,\n",
        encoding="utf-8",
    )
    overrides, rejected = read_overrides(table, month=7)
    assert rejected[["row", "column"]].to_numpy().tolist() == [[2, "way"], [3, "action"]]
    sailing = apply_overrides(streets, [override for _, override in overrides]).streets
    assert seconds(sailing, "main", "island") == pytest.approx(60 * (25 + 10 + 20), abs=1e-6)
    winter, _ = read_overrides(table, month=1)
    assert winter == []


def test_speeds_in_other_units_are_refused_row_by_row(tmp_path: Path) -> None:
    """Pitfall 15: 0.5 and 400 km/h on a road, and 5.6 km of sea in two minutes instead of twenty."""
    sea = f'"LINESTRING (120 {LAT}, 120 {ROWS["island"]})"'
    rows = ["speed,1,,0.5,", "speed,1,,400,", "speed,1,,140,", f"road,,{sea},1000,", f"ferry,,{sea},,2", f"ferry,,{sea},,20"]
    table = tmp_path / "changes.csv"
    table.write_text("\n".join(["action,way,wkt,speed_kmh,duration_minutes", *rows]), encoding="utf-8")
    overrides, rejected = read_overrides(table)
    assert [row for row, _ in overrides] == [3, 6]
    assert rejected[["row", "column"]].to_numpy().tolist() == [
        [1, "speed_kmh"],
        [2, "speed_kmh"],
        [4, "speed_kmh"],
        [5, "duration_minutes"],
    ]
    assert "166 km/h" in rejected["reason"].iloc[3]


def test_an_unknown_column_is_one_clear_error(tmp_path: Path) -> None:
    table = tmp_path / "changes.csv"
    table.write_text("action,speeed\nspeed,3\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"changes.csv: unknown column 'speeed'"):
        read_overrides(table)


@pytest.mark.parametrize(("months", "month", "sails"), [("4-10", 4, True), ("4-10", 11, False), ("11-3", 1, True), ("", 5, True)])
def test_seasons_may_run_over_new_year(months: str, month: int, sails: bool) -> None:
    assert ferry_in_season(months, month) is sails


@pytest.mark.parametrize("months", ["²-4", "4-13", "0-3", "x", "9" * 5000])
def test_what_is_no_month_is_told(months: str) -> None:
    with pytest.raises(InputError, match="should read like 4-10"):
        ferry_in_season(months, 4)


def test_headway_from_first_and_last_boat() -> None:
    assert mean_headway_seconds(None, "07:00", "17:00", 6) == 2 * 3600
    assert mean_headway_seconds(30, "07:00", "17:00", 6) == 1800
    assert mean_headway_seconds(None, "", "17:00", 6) is None
