"""The backbone: what users of routing tools complain about most, told in docs/pitfalls.md, each held by a test.

Here stand those that concern no single room, and a check that every other pitfall has its test where the page says.
"""

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import toy_map
from toy_map import DEGREES, EAST, NORTH
from toy_study import GOAL, everyone, people_table, points_table, run_toy

from lifecircle.geo.errors import InputError, StudyError
from lifecircle.geo.modes import parameters, travel_mode
from lifecircle.studies.tables.isochrones import isochrones
from lifecircle.studies.tables.matrix import matrix

TESTS = Path(__file__).parent
PAGE = TESTS.parent / "docs" / "pitfalls.md"
VILLAGE = people_table([(f"p{n}", n + 0.25, 0, 10) for n in range(6)])
FIVE = {**GOAL, "minutes": 5}  # 300 s are 300 m: 2.7 steps


def write_box(path: Path, west: float, south: float, east: float, north: float) -> Path:
    """A rectangle in steps, as a file."""
    box = shapely.box(west * DEGREES, south * DEGREES, east * DEGREES, north * DEGREES)
    gpd.GeoDataFrame({"code": ["1"]}, geometry=[box], crs="EPSG:4326").to_file(path)
    return path


@pytest.mark.parametrize(
    "border", [{"area": "border.geojson"}, {"zones": {"county": {"file": "border.geojson", "id": "code"}}}], ids=lambda b: str(*b)
)
def test_a_clipped_study_misses_the_people_served_from_across_the_border(tmp_path, border):
    """Pitfall 10: what a run reports of its border is the difference that clipping at it makes.

    The border lies at step 6. One clinic stands at 0, one across at 7: it is the nearest for those at 4.25 and 5.25, and in
    time for the latter.
    """
    runs = {}
    for name, clinics in (("whole", [("c", 0, 0), ("across", 7, 0)]), ("clipped", [("c", 0, 0)])):
        (tmp_path / name).mkdir()
        write_box(tmp_path / name / "border.geojson", -1, -1, 6, 1)
        runs[name] = run_toy(tmp_path / name, VILLAGE, points_table(clinics), goals=[FIVE], **border)
    whole, clipped = (run.record["counts"]["across_border"] for run in runs.values())
    assert whole == {"facilities": 1, "clinic": {"people": 20, "covered": 10}}
    assert clipped == {"facilities": 0, "clinic": {"people": 0, "covered": 0}}
    assert everyone(runs["whole"])["covered"] - everyone(runs["clipped"])["covered"] == whole["clinic"]["covered"]
    assert sum("across the border" in note for note in runs["whole"].record["notes"]) == 1
    assert not any("across the border" in note for note in runs["clipped"].record["notes"])


def test_streets_outside_the_area_are_used(tmp_path):
    """Pitfall 10: two dead ends inside the area meet beyond its border only."""
    nodes = {**toy_map.row(31), **toy_map.row(31, y=1, first=101)}
    joined = nodes, [toy_map.street(31), toy_map.street(31, first=101), ([31, 131], toy_map.ROAD)]
    (tmp_path / "toy").mkdir()
    write_box(tmp_path / "toy" / "border.geojson", -1, -1, 29.5, 2)
    home, clinic = people_table([("p", 28, 0, 4)]), points_table([("c", 28, 1)])
    run = run_toy(tmp_path / "toy", home, clinic, streets=joined, goals=[FIVE], area="border.geojson")
    assert run.results.demand["clinic.minutes"][0] * 60 == pytest.approx(4 * EAST + NORTH, abs=0.01)
    assert run.record["counts"]["across_border"] == {"facilities": 0, "clinic": {"people": 0, "covered": 0}}


ISLAND = {**toy_map.row(60), **toy_map.row(55, y=50, first=101)}, [toy_map.street(60), toy_map.street(55, first=101)]


def test_a_ring_is_the_same_whatever_else_is_asked(tmp_path):
    """Pitfall 8: 10 minutes alone, and between 5 and 15."""
    streets = toy_map.write_map(tmp_path / "streets.osm", *ISLAND)
    points_table([("c", 20, 0)]).to_csv(tmp_path / "c.csv", index=False)
    alone, among = (
        isochrones(streets, facilities=tmp_path / "c.csv", minutes=limits, out=tmp_path / "rings.gpkg").rings
        for limits in ([10], [5, 10, 15])
    )
    assert among.set_index("minutes").geometry[10].equals_exact(alone.geometry[0], 0)
    large, middle, small = among.geometry
    assert large.covers(middle) and middle.covers(small)


def test_rings_on_an_island_hold_their_origin_and_nothing_of_the_mainland(tmp_path):
    """Pitfall 9, with pitfall 7: five kilometres of sea lie between the streets; the ship at sea is refused with its cause."""
    streets = toy_map.write_map(tmp_path / "streets.osm", *ISLAND)
    points_table([("island clinic", 27, 50), ("ship", 27, 25)]).to_csv(tmp_path / "c.csv", index=False)
    drawn = isochrones(streets, facilities=tmp_path / "c.csv", minutes=[5, 60], out=tmp_path / "rings.gpkg")
    origin, mainland = shapely.Point(27 * DEGREES, 50 * DEGREES), shapely.box(0, -DEGREES, 1, 40 * DEGREES)
    assert drawn.rings["minutes"].tolist() == [60, 5]
    assert drawn.rings.geometry.contains(origin).all() and not drawn.rings.geometry.intersects(mainland).any()
    assert drawn.rejected[["row", "value"]].to_numpy().tolist() == [[2, "ship"]] and "400 m" in drawn.rejected["reason"][0]


WEST, SOUTH = 120.5, 28.5  # in the zone of EPSG:4549 and 4528, central meridian 120
CGCS2000 = ["EPSG:4490", "EPSG:4549", "EPSG:4528"]  # degrees; metres; metres with the zone's number before the easting


@pytest.fixture
def zhejiang(tmp_path):
    """A street in Zhejiang with one home, and two clinics as a GeoPackage in WGS 84."""
    x, y = WEST / DEGREES, SOUTH / DEGREES
    toy_map.write_map(tmp_path / "streets.osm", toy_map.row(60, x=x, y=y), [toy_map.street(60)])
    points_table([("h", x + 2, y)]).to_csv(tmp_path / "homes.csv", index=False)
    clinics = points_table([("near", x + 9, y + 1), ("far", x + 50, y - 2)])
    return gpd.GeoDataFrame(clinics[["id"]], geometry=gpd.points_from_xy(clinics["lon"], clinics["lat"]), crs="EPSG:4326")


def metres_from_home(folder: Path, clinics: str) -> list[list[float]]:
    """Street metres and connector metres to each clinic."""
    ends = {"origins": folder / "homes.csv", "destinations": folder / clinics}
    matrix(folder / "streets.osm", **ends, out=folder / "table.csv")
    return pd.read_csv(folder / "table.csv")[["metres", "connector_metres"]].to_numpy().tolist()


@pytest.mark.parametrize("suffix", ["gpkg", "geojson", "shp", "parquet"])
def test_the_same_layer_in_four_systems_is_as_far_to_the_centimetre(tmp_path, zhejiang, suffix):
    """Pitfall 14. GeoJSON is always in WGS 84 and stands for the plain case."""
    zhejiang.to_file(tmp_path / "plain.gpkg")
    expected = metres_from_home(tmp_path, "plain.gpkg")
    assert expected[1][0] > expected[0][0] > 600 and expected[1][1] > expected[0][1] > 100
    for crs in CGCS2000 if suffix != "geojson" else ["EPSG:4326"]:
        layer, name = zhejiang.to_crs(crs), f"clinics{crs[5:]}.{suffix}"
        assert suffix == "geojson" or crs == "EPSG:4490" or layer.geometry.y.min() > 3_000_000
        layer.to_parquet(tmp_path / name) if suffix == "parquet" else layer.to_file(tmp_path / name)
        assert metres_from_home(tmp_path, name) == [pytest.approx(pair, abs=0.011) for pair in expected], crs


def test_an_undeclared_system_is_refused(tmp_path, zhejiang):
    """Pitfall 14: a shapefile that lost its .prj, and a table of metres; neither is taken for degrees."""
    projected = zhejiang.to_crs("EPSG:4549")
    projected.to_file(tmp_path / "clinics.shp")
    (tmp_path / "clinics.prj").unlink()
    at = projected.geometry
    pd.DataFrame({"id": projected["id"], "x": at.x, "y": at.y}).to_csv(tmp_path / "clinics.csv", index=False)
    for name, cause in (("clinics.shp", "declares no coordinate system"), ("clinics.csv", "are no degrees")):
        with pytest.raises(InputError, match=rf"{name}: .*{cause}.*crs"):
            metres_from_home(tmp_path, name)


@pytest.mark.parametrize(
    ("mode", "speed_kmh"), [("walk", 83), ("walk", 0.9), ("bicycle", 250), ("bicycle", 2.9), ("walk", np.nan)]
)
def test_a_speed_in_other_units_is_refused(mode, speed_kmh):
    """Pitfall 15."""
    with pytest.raises(InputError, match=rf"speed_kmh: {speed_kmh:g} km/h is no speed for mode {mode}"):
        travel_mode(mode, speed_kmh=speed_kmh)


def test_a_goal_at_eighty_three_metres_a_minute_stops_the_run(tmp_path):
    """Pitfall 15: 5 km/h, typed in metres a minute."""
    with pytest.raises(StudyError, match=r"study\.yaml, line \d+: .*83 km/h"):
        run_toy(tmp_path, VILLAGE, points_table([("c", 0, 0)]), goals=[{**GOAL, "profile": None, "speed_kmh": 83}])


def test_every_shipped_speed_is_one_that_somebody_travels_at():
    """Pitfall 15."""
    ferry, car = parameters("ferry"), parameters("car")
    speeds = [speed for table in car["speeds"].values() for speed in table.values()]
    speeds += [profile["speed_kmh"] for profile in parameters("walk")["profiles"].values()]
    speeds += [parameters("bicycle")["speed_kmh"], car["connector_kmh"]]
    speeds += [ferry["short_kmh"], ferry["middle_kmh"], ferry["long_kmh"]]
    assert len(speeds) > 50 and min(speeds) >= 1 and max(speeds) <= 140
    assert car["speed_range_kmh"] == [1, 140]


@pytest.mark.parametrize("mode", ["walk", "bicycle", "car"])
def test_metres_over_seconds_of_every_answer_is_a_speed(tmp_path, mode):
    """Pitfall 15: there and back again on real kinds of street, limits in wrong units among them."""
    limits = ["", "50", "30 mph", "1", "1000", "none", "0.5"]
    ways = [([n, n + 1], {"highway": "primary", **({"maxspeed": limits[n % 7]} if limits[n % 7] else {})}) for n in range(1, 60)]
    toy_map.write_map(tmp_path / "streets.osm", toy_map.row(60), ways)
    points_table([(n, n, 0) for n in range(0, 60, 3)]).to_csv(tmp_path / "homes.csv", index=False)
    homes = tmp_path / "homes.csv"
    matrix(tmp_path / "streets.osm", origins=homes, destinations=homes, mode=mode, out=tmp_path / "table.csv")
    table = pd.read_csv(tmp_path / "table.csv").query("origin != destination")
    implied = 0.06 * table["metres"] / table["minutes"]
    assert len(table) == 20 * 19 and implied.between(1, 140).all()


MILLION = """
import json, sys
from pathlib import Path
import numpy as np
from lifecircle.geo.network.building import build_graph
from lifecircle.geo.modes import travel_mode
from lifecircle.geo.reading.osm import read_osm
from lifecircle.geo.engine.search import nearest_facility
from lifecircle.geo.snapping.snapper import Snapper

def peak_mb():
    # not getrusage: a child's figure there begins with its parent's
    return int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]) / 1024

graph = build_graph(read_osm(Path(sys.argv[1])).streets, travel_mode("walk"))
snapper, clinics = Snapper(graph), (np.array([0.0, 0.03]), np.zeros(2))
nearest_facility(graph, snapper.snap_points(*clinics), snapper.snap_points(*clinics))  # compiled code is loaded
before, generator = peak_mb(), np.random.default_rng(1)
people = snapper.snap_points(generator.uniform(0, 0.059, 1_000_000), generator.uniform(-0.003, 0.003, 1_000_000))
found = nearest_facility(graph, people, snapper.snap_points(*clinics))
print(json.dumps({"answered": int(np.isfinite(found.seconds).sum()), "megabytes": peak_mb() - before}))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from Linux's /proc")
def test_a_million_people_need_a_few_hundred_megabytes(tmp_path):
    """Pitfall 19: measured in a process of its own, at most 500 bytes a person."""
    streets = toy_map.write_map(tmp_path / "streets.osm", toy_map.row(60), [toy_map.street(60)])
    known = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", MILLION, str(streets)], env=known, capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    assert told["answered"] == 1_000_000
    assert told["megabytes"] < 500


def told_pitfalls() -> list[tuple[int, str]]:
    """Number and test of each line of the page."""
    rows = re.findall(r"^\| (\d+) \|.*\|([^|]*)\|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return [(int(number), test) for number, tests in rows for test in re.findall(r"`([^`]+)`", tests)]


def test_every_pitfall_of_the_engine_is_on_the_page():
    assert {*range(1, 17), 18, 19, 21, 23} <= {number for number, _ in told_pitfalls()}


@pytest.mark.parametrize(("number", "test"), told_pitfalls())
def test_the_page_names_tests_that_say_their_pitfall(number, test):
    file, _, name = test.partition("::")
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == name]
    assert len(found) == 1
    assert re.search(rf"[Pp]itfalls?\b[^.:]*\b{number}\b", ast.get_docstring(found[0]) or "")
