"""Snapping many points together gives each the answer of looking at every street piece alone."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toy_map import DEGREES, row, street

from lifecircle.geo.cell_grid import build_cell_grid
from lifecircle.geo.lengths import metres_per_degree, wrapped
from lifecircle.geo.modes import travel_mode
from lifecircle.geo.network.graph import Graph
from lifecircle.geo.network.states import EdgeEnds, ExtraArcs
from lifecircle.geo.snapping import snapper as snapping
from lifecircle.geo.snapping.point_order import part_keys, sorted_rows
from lifecircle.geo.snapping.snapper import Snapper
from lifecircle.geo.snapping.snaps import FIRST, SECOND, THIRD, UNCONNECTED, Snaps

COLUMNS = ("edge", "metres_at", "forward_at", "backward_at", "connector_metres", "lon", "lat", "snap_class", "reason")


@dataclass(frozen=True)
class Pieces:
    """Straight streets of one piece each; `x` and `y` are the degrees of their ends, `kind` as in `preference`."""

    x: np.ndarray
    y: np.ndarray
    kind: np.ndarray

    def graph(self, cap: float) -> Graph:
        """A graph of one edge for each piece."""
        count = len(self.x)
        ones, numbers = np.ones(count), np.arange(count, dtype=np.int32)
        along, ends = np.column_stack((np.zeros(count), ones)), EdgeEnds(*(2 * numbers, 2 * numbers + 1) * 2)
        nothing, never = np.empty(0, np.int32), np.zeros(count, bool)
        return Graph(
            mode=replace(travel_mode("walk"), snap_cap_metres=cap),
            lon=self.x.ravel(), lat=self.y.ravel(), leaving=ends, entering=ends, edge_twice=never,
            extra_arcs=ExtraArcs(nothing, nothing, nothing), edge_line=never, edge_ends_only=never,
            edge_metres=ones, edge_forward=ones, edge_backward=ones,
            open_forward=ones > 0, open_backward=ones > 0, edge_starts=np.arange(count + 1),
            piece_lon=self.x, piece_lat=self.y, piece_metres=along, piece_forward=2 * along, piece_backward=3 * along,
            edge_way=numbers.astype(np.int64), edge_ferry=never,
            edge_sound=self.kind % 2 == 0, edge_raised=self.kind >= 2, piece_place=numbers,
            edge_component=np.zeros(count, np.int32), component_nodes=np.array([2 * count]), imputed_share=0.0,
        )  # fmt: skip

    def plain(self, lon: float, lat: float, cap: float) -> tuple[int, float, int]:
        """Piece, metres and class by looking at all pieces."""
        east, north = metres_per_degree(lat)
        away = self.x[:, 0] - lon
        away = np.where(away > 180, away - 360, np.where(away < -180, away + 360, away))
        x, y = away * east, (self.y[:, 0] - lat) * north
        dx = np.array([wrapped(d) for d in self.x[:, 1] - self.x[:, 0]]) * east
        dy = (self.y[:, 1] - self.y[:, 0]) * north
        ahead, squared = -(x * dx + y * dy), dx * dx + dy * dy
        share = np.where(ahead <= 0, 0, np.where(ahead >= squared, 1, ahead / np.where(squared > 0, squared, 1)))
        squares, length = (x + share * dx) ** 2 + (y + share * dy) ** 2, np.sqrt(squared)
        metres = np.sqrt(squares)
        from_end = np.minimum(share, 1 - share) * length
        moved = np.where((from_end > 0) & (from_end <= 0.01), np.sqrt(squares + from_end**2), metres)
        for kind, snap_class in enumerate((FIRST, SECOND, THIRD, THIRD)):
            mine = np.flatnonzero(self.kind == kind)
            if len(mine) and metres[mine].min() <= cap:
                millimetres = np.floor(1000 * metres[mine] + 0.5)
                best = int(mine[millimetres == millimetres.min()][0])  # all are as fast, their ways in order
                return best, float(moved[best]), snap_class
        return -1, np.nan, UNCONNECTED


def assert_plain(pieces: Pieces, snaps: Snaps, lon: np.ndarray, lat: np.ndarray, cap: float) -> None:
    """Compare with looking at all pieces."""
    expected = [pieces.plain(*place, cap) for place in zip(lon.tolist(), lat.tolist(), strict=True)]
    piece, metres, snap_class = (np.array(column) for column in zip(*expected, strict=True))
    np.testing.assert_array_equal(snaps.snap_class, snap_class)
    np.testing.assert_array_equal(snaps.edge, piece)
    np.testing.assert_allclose(snaps.connector_metres, metres, rtol=1e-9, atol=1e-9)


SHARES = st.sampled_from([(1, 0, 0, 0), (0.7, 0.1, 0.1, 0.1), (0, 0.4, 0.3, 0.3), (0, 0, 0, 1)])  # of the kinds of pieces


@st.composite
def maps(draw):
    """Pieces on a coarse lattice, so that many are equally near and ends lie on borders of cells, here and there on the globe."""
    seed, count = draw(st.integers(0, 2**32 - 1)), draw(st.integers(1, 40))
    middle = draw(st.sampled_from([(0.0, 0.0), (180.0, -17.0), (-179.9995, 64.0), (13.4, 78.0), (-51.2, -30.0)]))
    random, spread = np.random.default_rng(seed), draw(st.sampled_from([0.0005, 0.002, 0.01]))
    start = random.integers(-5, 6, (count, 2)) * spread
    step = random.integers(-2, 3, (count, 2)) * spread * draw(st.sampled_from([0.2, 1.0]))
    ends = np.stack((start, start + step), axis=1) + middle
    x = np.array([[wrapped(d) for d in pair] for pair in ends[:, :, 0]])
    pieces = Pieces(x, np.ascontiguousarray(ends[:, :, 1]), random.choice(4, count, p=draw(SHARES)))
    grid = build_cell_grid(pieces.x, pieces.y, np.ones(count, bool))
    regular = draw(st.booleans())
    rows, columns = np.indices((24, 20)).reshape(2, -1) - 10
    scale = draw(st.sampled_from([0.5, 0.05]))
    lon, lat = middle[0] + rows * spread * scale, middle[1] + columns * spread * scale
    if not regular:  # scattered, on borders of cells, at ends of pieces, far away
        number = random.integers(0, count, 60)
        lon = np.concatenate((random.choice(lon, 150) + random.normal(0, spread, 150), x[number, 0], [middle[0] + 1, 0.0]))
        lat = np.concatenate((random.choice(lat, 150) + random.normal(0, spread, 150), pieces.y[number, 0], [middle[1], 89.0]))
        lon[:30] = np.round((lon[:30] + 180) / grid.cell_lon) * grid.cell_lon - 180
        lat[:30] = np.round((lat[:30] + 90) / grid.cell_lat) * grid.cell_lat - 90
    return pieces, np.array([wrapped(d) for d in lon]), lat, draw(st.sampled_from([30.0, 400.0, 2500.0]))


@settings(max_examples=60)
@given(maps())
def test_every_point_gets_the_answer_of_looking_at_every_piece(case):
    pieces, lon, lat, cap = case
    snapper = Snapper(pieces.graph(cap))
    snaps = snapper.snap_points(lon, lat)
    assert_plain(pieces, snaps, lon, lat, cap)
    order = np.random.default_rng(1).permutation(len(lon))
    shuffled, few = snapper.snap_points(lon[order], lat[order]), snapper.snap_points(lon[:3], lat[:3])
    for name in COLUMNS:
        np.testing.assert_array_equal(getattr(shuffled, name), getattr(snaps, name)[order])
        np.testing.assert_array_equal(getattr(few, name), getattr(snaps, name)[:3])


def test_a_point_exactly_at_the_cap_is_connected():
    """A street along the equator; distances north of it by the scale of the point's own latitude."""
    pieces = Pieces(np.array([[-0.01, 0.01]]), np.zeros((1, 2)), np.zeros(1, int))
    lat = 0.003
    cap = lat * metres_per_degree(lat)[1]
    for metres, status in ((cap, FIRST), (np.nextafter(cap, 0.0), UNCONNECTED)):
        snaps = Snapper(pieces.graph(metres)).snap_points(np.zeros(50), np.full(50, lat))
        assert set(snaps.snap_class) == {status}


def test_of_equally_near_streets_the_first_counts():
    """Four streets around each point, two of them the same."""
    x = np.array([[1, 1], [-1, -1], [-1, 1], [-1, -1]]) * DEGREES
    y = np.array([[-1, 1], [-1, 1], [2, 2], [-1, 1]]) * DEGREES
    snaps = Snapper(Pieces(x, y, np.zeros(4, int)).graph(400.0)).snap_points(np.zeros(20), np.zeros(20))
    assert set(snaps.edge) == {0}


def test_chunks_change_nothing(toy, monkeypatch):
    net = toy({**row(60), **row(60, y=2, first=101)}, [street(60), street(60, first=101)])
    lon, lat = (part.ravel() for part in np.meshgrid(np.linspace(-0.005, 0.065, 90), np.linspace(-0.005, 0.008, 40)))
    together = net.snap(lon, lat)
    monkeypatch.setattr(snapping, "CHUNK", 7)
    monkeypatch.setattr(snapping, "MOST_AT_ONCE", 500)
    apart = net.snap(lon, lat)
    assert 0 < (together.snap_class == UNCONNECTED).sum() < len(lon)
    for name in COLUMNS:
        np.testing.assert_array_equal(getattr(apart, name), getattr(together, name))


@pytest.mark.parametrize("count", [0, 1, 5000])
def test_points_are_sorted_by_square_and_keep_their_order_within(count):
    random = np.random.default_rng(count)
    lon, lat = random.uniform(179, 181, count), random.uniform(-90, 90, count)
    lon[:1], lat[1:2] = np.nan, 91.0
    keys = part_keys(0.01, 0.02, 36_000, lon, lat)
    rows = sorted_rows(keys)
    assert (keys[:2] == -1).all()
    np.testing.assert_array_equal(rows, np.argsort(keys, kind="stable")[(keys < 0).sum() :])
