"""Exchange with OSMnx: hand-made graphs, a round trip of a real extract, and a real graph against networkx."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import networkx as nx
import numpy as np
import osmnx as ox
import pandas as pd
import pytest
from pyproj import Geod
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from shapely import LineString
from toy_map import write_map

from lifecircle.geo.errors import InputError
from lifecircle.geo.modes import travel_mode
from lifecircle.geo.network.building import build_graph
from lifecircle.geo.network.graph import Graph
from lifecircle.geo.reading.cache import load_osm
from lifecircle.geo.reading.osm import read_osm
from lifecircle.geo.reading.osmnx import streets_from_osmnx
from lifecircle.geo.reading.to_osmnx import streets_to_osmnx
from lifecircle.geo.streets import Streets, no_squares, no_turns
from lifecircle.studies.tables.matrix import matrix

HELSINKI = Path(__file__).parents[3] / "studies" / "demo" / "data" / "Helsinki.osm.pbf"


def street_graph(*edges: tuple[int, int, dict[str, object]], crs: object = "epsg:4326") -> nx.MultiDiGraph:
    """Four nodes 0.01 degrees apart along the equator, and edges between them."""
    graph = nx.MultiDiGraph(crs=crs)
    graph.add_nodes_from((number, {"x": 0.01 * number, "y": 0.0}) for number in (1, 2, 3, 4))
    graph.add_edges_from(edges)
    return graph


def two_way(u: int, v: int, **data: object) -> list[tuple[int, int, dict[str, object]]]:
    """Both directed edges OSMnx makes of a two-way street."""
    back = dict(data)
    if "geometry" in data:
        back["geometry"] = data["geometry"].reverse()  # type: ignore[attr-defined]
    return [(u, v, {**data, "oneway": False, "reversed": False}), (v, u, {**back, "oneway": False, "reversed": True})]


def ways(streets: Streets) -> list[tuple[int, list[int], dict[str, str]]]:
    """Every way as id, node ids and tags, in a fixed order."""
    rows = []
    for row, way in enumerate(streets.way_ids.tolist()):
        nodes = streets.node_ids[streets.way_nodes[streets.way_starts[row] : streets.way_starts[row + 1]]].tolist()
        rows.append((way, nodes, {key: value for key, value in streets.tags.iloc[row].items() if isinstance(value, str)}))
    return sorted(rows, key=lambda way: (way[0], way[1]))


def arcs(graph: Graph) -> pd.DataFrame:
    """Every directed edge of a graph as places and seconds, in a fixed order, whatever the numbering."""
    own = graph.outgoing
    tails = np.repeat(np.arange(len(graph.lon)), np.diff(own.starts))
    columns = {"x": graph.lon[tails], "y": graph.lat[tails], "to_x": graph.lon[own.heads], "to_y": graph.lat[own.heads]}
    table = pd.DataFrame({**columns, "seconds": own.seconds, "metres": own.metres}).round(6)
    return table.sort_values(list(table), ignore_index=True)


def test_mirrored_edges_are_one_two_way_street_and_single_edges_run_one_way() -> None:
    graph = street_graph(
        *two_way(1, 2, osmid=10, highway="residential"), (2, 3, {"osmid": 11, "highway": "primary", "oneway": True})
    )
    assert ways(streets_from_osmnx(graph)) == [
        (10, [1, 2], {"highway": "residential", "oneway": "no"}),
        (11, [2, 3], {"highway": "primary", "oneway": "yes"}),
    ]


@pytest.mark.parametrize(
    ("tags", "both"),
    [
        ({"junction": "roundabout"}, False),
        ({"junction": "circular"}, False),
        ({"junction": "circular", "oneway": "no"}, True),
        ({"junction": "jughandle"}, True),
    ],
)
def test_whoever_drives_goes_round_one_way_only(tmp_path: Path, tags: dict[str, str], both: bool) -> None:
    file = write_map(tmp_path / "a.osm", {1: (0, 0), 2: (0, 1)}, [([1, 2], {"highway": "tertiary", **tags})])
    streets = read_osm(file).streets
    for mode in (None, travel_mode("car")):
        assert streets_to_osmnx(streets, mode=mode).number_of_edges() == 1 + both


def test_shape_points_of_simplified_edges_get_numbers_of_their_own() -> None:
    line = LineString([(0.01, 0), (0.013, 0.004), (0.017, 0.004), (0.02, 0)])
    streets = streets_from_osmnx(street_graph(*two_way(1, 2, osmid=[10, 12], highway="service", geometry=line)))
    ((way, nodes, _),) = ways(streets)
    assert (way, nodes) == (10, [1, -1, -2, 2])
    assert (np.diff(streets.node_ids) > 0).all()
    at = {node: (lon, lat) for node, lon, lat in zip(streets.node_ids, streets.lon, streets.lat, strict=True)}
    assert [at[node] for node in nodes] == [pytest.approx(point) for point in line.coords]


def test_parallel_streets_between_the_same_nodes_stay_apart() -> None:
    bow = LineString([(0.01, 0), (0.015, 0.01), (0.02, 0)])
    graph = street_graph(*two_way(1, 2, osmid=10, highway="service"), *two_way(1, 2, osmid=11, highway="service", geometry=bow))
    assert [way[0] for way in ways(streets_from_osmnx(graph))] == [10, 11]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"highway": ["primary", "residential"]}, {"highway": "residential"}),
        ({"highway": ["footway", "steps", "residential"]}, {"highway": "steps"}),
        ({"highway": "primary", "maxspeed": ["60", "30 mph", "none"]}, {"maxspeed": "30 mph"}),
        ({"highway": "primary", "access": ["yes", "private"]}, {"access": "private"}),
        ({"highway": "primary", "bridge": True, "tunnel": None, "lanes": "2"}, {"bridge": "yes"}),
        ({"highway": "primary", "name": float("nan")}, {}),
    ],
)
def test_merged_values_give_the_most_cautious_one(given: dict[str, object], kept: dict[str, str]) -> None:
    ((_, _, tags),) = ways(streets_from_osmnx(street_graph(*two_way(1, 2, osmid=1, **given))))
    assert tags == {"highway": "primary", "oneway": "no", **kept}


def test_a_ferry_takes_its_duration_once_however_many_edges_it_has() -> None:
    first, second = (two_way(a, a + 1, osmid=7, route="ferry", duration="00:20") for a in (1, 2))
    streets = streets_from_osmnx(street_graph(*first, *second, *two_way(3, 4, osmid=8, highway="residential")))
    graph = build_graph(streets, travel_mode("walk", ferries="free"))
    drawn = graph.edge_ferry & graph.open_backward  # boarding and alighting run one way only
    assert graph.edge_forward[drawn].sum() == pytest.approx(20 * 60)


def test_projected_graphs_come_back_to_longitude_and_latitude() -> None:
    graph = street_graph(*two_way(1, 2, osmid=1, highway="path", geometry=LineString([(0.01, 0), (0.015, 0.002), (0.02, 0)])))
    plain, projected = streets_from_osmnx(graph), streets_from_osmnx(ox.project_graph(graph))
    assert ways(projected) == ways(plain)
    np.testing.assert_allclose(projected.lon, plain.lon, atol=1e-8)
    np.testing.assert_allclose(projected.lat, plain.lat, atol=1e-8)


def test_labels_and_missing_ids_are_replaced_by_numbers() -> None:
    graph = nx.MultiDiGraph(crs="EPSG:4326")
    graph.add_nodes_from([("north", {"x": 0, "y": 1}), ("south", {"x": 0, "y": 0})])
    graph.add_edges_from([("north", "south", {"highway": "path"}), ("south", "north", {"highway": "path"})])
    assert ways(streets_from_osmnx(graph)) == [(-1, [1, 2], {"highway": "path", "oneway": "no"})]


def test_graphs_drawn_one_way_keep_the_tags_of_osm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.osm"
    file.write_text(
        '<osm version="0.6"><node id="1" lat="0" lon="0"/><node id="2" lat="0" lon="0.01"/><node id="3" lat="0" lon="0.02"/>'
        '<way id="5"><nd ref="1"/><nd ref="2"/><tag k="highway" v="primary"/></way>'
        '<way id="6"><nd ref="2"/><nd ref="3"/><tag k="highway" v="primary"/><tag k="oneway" v="-1"/></way></osm>'
    )
    monkeypatch.setattr(ox.settings, "all_oneway", True)
    graph = ox.graph_from_xml(file, simplify=False, retain_all=True)
    assert ways(streets_from_osmnx(graph)) == [
        (5, [1, 2], {"highway": "primary"}),
        (6, [3, 2], {"highway": "primary", "oneway": "yes"}),  # OSMnx turns it round and leaves the tag
    ]


def test_the_graph_given_is_left_as_it_is() -> None:
    graph = street_graph(*two_way(1, 2, osmid=[3, 1], highway=["path", "steps"]))
    before = [(u, v, dict(data)) for u, v, data in graph.edges(data=True)]
    streets_from_osmnx(graph)
    assert [(u, v, data) for u, v, data in graph.edges(data=True)] == before


@pytest.mark.parametrize(
    ("graph", "message"),
    [
        (street_graph(crs=None), "does not say its coordinate system"),
        (street_graph(), "has no edges"),
        (street_graph((1, 9, {"osmid": 1})), "node 9 of the OSMnx graph has no usable x and y"),
    ],
)
def test_unusable_graphs_are_refused_with_the_reason(graph: nx.MultiDiGraph, message: str) -> None:
    with pytest.raises(InputError, match=message):
        streets_from_osmnx(graph)


def test_reading_a_map_does_not_wait_for_osmnx() -> None:
    asked = "import sys, lifecircle.geo.reading.osm; print(sorted({'osmnx', 'networkx'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.fixture(scope="module")
def helsinki() -> Streets:
    return read_osm(HELSINKI).streets


@pytest.mark.parametrize("mode", ["walk", "bicycle", "car"])
def test_a_round_trip_keeps_every_travel_time(helsinki: Streets, mode: str) -> None:
    there = replace(helsinki, turns=no_turns(), squares=no_squares(), tags=helsinki.tags.drop(columns="area"))  # unknown to OSMnx
    back = streets_from_osmnx(streets_to_osmnx(there))
    expected, found = (arcs(build_graph(streets, travel_mode(mode))) for streets in (there, back))
    pd.testing.assert_frame_equal(found, expected)


def test_osmnx_takes_the_graph(helsinki: Streets, tmp_path: Path) -> None:
    graph = streets_to_osmnx(helsinki)
    ox.convert.validate_graph(graph)
    nodes, edges = ox.convert.graph_to_gdfs(graph)
    assert len(edges) == graph.number_of_edges() and {"osmid", "highway", "oneway", "length"} <= set(edges)
    measured = edges.geometry.map(Geod(ellps="WGS84").geometry_length)
    np.testing.assert_allclose(edges["length"], measured, rtol=1e-6)
    start, end = max(nx.strongly_connected_components(graph), key=len).intersection(nodes.index[[10, 600]])
    assert ox.routing.shortest_path(graph, start, end, weight="length")[-1] == end
    ox.save_graphml(ox.simplify_graph(graph), tmp_path / "h.graphml")
    assert len(ox.load_graphml(tmp_path / "h.graphml")) < len(graph)


def test_a_mode_decides_which_streets_and_directions_a_graph_has() -> None:
    streets = streets_from_osmnx(
        street_graph((1, 2, {"osmid": 1, "highway": "primary", "oneway": True}), *two_way(2, 3, osmid=2, highway="footway"))
    )
    everything = {(1, 2), (2, 3), (3, 2)}
    assert set(streets_to_osmnx(streets).edges()) == everything
    assert set(streets_to_osmnx(streets, mode=travel_mode("walk")).edges()) == everything | {(2, 1)}
    assert set(streets_to_osmnx(streets, mode=travel_mode("car")).edges()) == {(1, 2)}


def test_graphml_is_read_wherever_streets_are(tmp_path: Path, helsinki: Streets) -> None:
    file = tmp_path / "h.graphml"
    ox.save_graphml(streets_to_osmnx(helsinki), file)
    first, again = (load_osm([file], tmp_path) for _ in range(2))
    assert (first.cached, again.cached) == (False, True)
    assert first.extract.counts.keys() == read_osm(HELSINKI).counts.keys()
    assert first.extract.counts["street_nodes"] == len(helsinki.node_ids)
    assert ways(again.extract.streets) == ways(first.extract.streets)
    assert len(again.extract.places) == 0


def test_graphml_that_cannot_be_read_is_one_clear_sentence(tmp_path: Path) -> None:
    broken = tmp_path / "broken.graphml"
    broken.write_text("<graphml><graph>")
    with pytest.raises(InputError, match=r"broken\.graphml: cannot be read"):
        read_osm(broken)
    with pytest.raises(InputError, match="no such file"):
        read_osm(tmp_path / "missing.graphml")
    with pytest.raises(InputError, match="cannot be joined with other street files"):
        read_osm([HELSINKI, broken])


# A real graph, and networkx on the same file with the class speeds written out again (DESIGN section 3).
KMH = {
    "motorway": 100, "trunk": 80, "primary": 65, "secondary": 55, "tertiary": 45, "unclassified": 35, "residential": 30,
    "living_street": 10, "service": 15, "track": 15, "road": 30, "motorway_link": 50, "trunk_link": 45, "primary_link": 40,
    "secondary_link": 35, "tertiary_link": 30,
}  # fmt: skip


@pytest.fixture(scope="module")
def futian(shared_data: Path) -> Path:
    return shared_data / "china-osm" / "shenzhen_futian_drive_osmnx.graphml"


@pytest.fixture(scope="module")
def driven(futian: Path) -> nx.MultiDiGraph:
    """The graph's edges open to cars, with seconds and ellipsoidal metres."""
    graph, cars = ox.load_graphml(futian), nx.MultiDiGraph()
    for u, v, data in graph.edges(data=True):
        classes = np.atleast_1d(data["highway"])
        if not set(classes) <= KMH.keys() or {"no", "private"} & set(np.atleast_1d(data.get("access", ""))):
            continue
        limits = np.atleast_1d(data.get("maxspeed", [])).astype(float)
        kmh = 0.9 * limits.min() if len(limits) else min(KMH[name] for name in classes)
        ends = LineString([(graph.nodes[node]["x"], graph.nodes[node]["y"]) for node in (u, v)])
        metres = Geod(ellps="WGS84").geometry_length(data.get("geometry", ends))
        waits = 3.0 if graph.nodes[v].get("highway") == "traffic_signals" else 0.0
        cars.add_edge(u, v, seconds=metres / (kmh / 3.6) + waits, metres=metres)
    cars.add_nodes_from((node, data) for node, data in graph.nodes(data=True) if node in cars)
    return cars


def test_times_by_car_agree_with_networkx(futian: Path, driven: nx.MultiDiGraph) -> None:
    graph = build_graph(read_osm(futian).streets, travel_mode("car"))
    row = {place: row for row, place in enumerate(zip(graph.lon.round(7), graph.lat.round(7), strict=True))}
    rows = {node: row.get((round(data["x"], 7), round(data["y"], 7))) for node, data in driven.nodes(data=True)}
    junctions = [node for node, number in sorted(rows.items()) if number is not None][::20]
    times = dijkstra(_shortest(graph), indices=[rows[node] for node in junctions])
    pairs = 0
    for number, start in enumerate(junctions):
        expected = nx.single_source_dijkstra_path_length(driven, start, weight="seconds")
        for end in junctions:
            assert times[number, rows[end]] == pytest.approx(
                expected.get(end, np.inf), rel=1e-9, abs=1e-6
            )  # seconds lie on a grid
            pairs += end in expected
    assert pairs > 2000


def _shortest(graph: Graph) -> csr_array:
    """The graph's arcs as a matrix of seconds, of parallel ones the quickest."""
    own = graph.outgoing
    tails = np.repeat(np.arange(len(graph.lon)), np.diff(own.starts))
    table = pd.DataFrame({"tail": tails, "head": own.heads, "seconds": own.seconds})
    quickest = table.groupby(["tail", "head"], as_index=False)["seconds"].min()
    size = (len(graph.lon), len(graph.lon))
    return csr_array((quickest["seconds"], (quickest["tail"], quickest["head"])), shape=size)


def test_the_matrix_command_agrees_with_networkx_on_metres(futian: Path, driven: nx.MultiDiGraph, tmp_path: Path) -> None:
    linked = tmp_path / futian.name
    linked.symlink_to(futian)
    both_ways = [
        node for node in driven if all(driven.has_edge(b, a) for a, b in [*driven.in_edges(node), *driven.out_edges(node)])
    ]
    nodes = both_ways[:: len(both_ways) // 25]
    points = pd.DataFrame([{"id": node, "lon": driven.nodes[node]["x"], "lat": driven.nodes[node]["y"]} for node in nodes])
    points.to_csv(tmp_path / "points.csv", index=False)
    out = tmp_path / "times.csv"
    matrix(linked, origins=tmp_path / "points.csv", destinations=tmp_path / "points.csv", mode="car", out=out)
    table = pd.read_csv(out).dropna().query("origin != destination and connector_metres < 0.01")  # none is snapped past a bridge
    assert len(table) > 300
    for start, end, minutes, metres in table[["origin", "destination", "minutes", "metres"]].itertuples(index=False):
        path = nx.shortest_path(driven, start, end, weight="seconds")
        quickest = [min(driven[a][b].values(), key=lambda edge: edge["seconds"]) for a, b in pairwise(path)]
        assert metres == pytest.approx(sum(edge["metres"] for edge in quickest), rel=1e-3)
        assert 60 * minutes == pytest.approx(sum(edge["seconds"] for edge in quickest), rel=1e-3, abs=0.01)
