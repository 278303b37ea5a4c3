"""Coarser cells: tallies count as the units do, and a block is drawn as one of its units."""

from __future__ import annotations

import dataclasses

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from lifecircle.analyses.coverage import STATUSES
from lifecircle.maps import coarse
from lifecircle.maps.cells import _positions
from lifecircle.maps.gap_map import gap_map, write_gap_map
from lifecircle.maps.texts import texts


@pytest.fixture
def many(build_results, monkeypatch):
    """Take the made-up run for one of too many units."""
    monkeypatch.setattr(coarse, "MOST_UNITS", 10)
    monkeypatch.setattr(coarse, "MOST_CELLS", 60)
    return build_results()


def test_tallies_count_every_unit_at_every_step_of_the_slider(many):
    demand = many.demand
    zones = {level: _positions(demand[f"zone.{level}"], table["zone"]) for level, table in many.zones.items()}
    for goal in many.goals:
        counted = coarse.tally(many, goal, zones)
        minutes, status = demand[f"{goal.id}.minutes"].to_numpy(), demand[f"{goal.id}.status"].astype(str)
        people = coarse.members(demand, goal.group)
        assert counted["people"].sum() == pytest.approx(people.sum())
        timed = status.isin(["covered", "beyond"]).to_numpy()
        for limit in np.arange(coarse.slider_step(goal), 3 * goal.minutes + 1, coarse.slider_step(goal)):
            mine = (counted["status"] < 2) & (counted["minutes"] <= round(10 * limit))
            assert counted["people"][mine].sum() == pytest.approx(people[timed & (minutes <= limit)].sum())


def test_blocks_hold_every_unit_once_and_are_few(many):
    blocks = coarse.coarse_cells(many)
    assert len(blocks.cell) == len(many.demand) and (blocks.along is None or blocks.along > 1)
    assert len(np.unique(blocks.cell)) == len(blocks.x) <= 60
    x, y = many.demand.geometry.x.to_numpy(), many.demand.geometry.y.to_numpy()
    assert (np.abs(x - blocks.x[blocks.cell]) <= blocks.width / 2 + 1e-9).all()
    assert (np.abs(y - blocks.y[blocks.cell]) <= blocks.height / 2 + 1e-9).all()


def test_a_block_is_drawn_as_one_of_its_units(many):
    blocks = coarse.coarse_cells(many)
    for goal in many.goals:
        assert (blocks.cell[coarse.middle_units(many, goal, blocks)] == np.arange(len(blocks.x))).all()


class Run:
    """As much of a finished run as coarser cells are made of."""

    cell_metres = None

    def __init__(self, people, x, y, *, minutes=None, status="covered", cell_metres=None):
        count = len(x)
        self.demand = gpd.GeoDataFrame(
            {
                "id": [str(i) for i in range(count)],
                "people": np.broadcast_to(np.asarray(people, np.float64), count),
                "g.minutes": np.arange(count, dtype=np.float64) if minutes is None else np.asarray(minutes, np.float64),
                "g.status": pd.Categorical(np.broadcast_to(np.asarray(status, dtype=object), count), categories=STATUSES),
            },
            geometry=gpd.points_from_xy(x, y), crs="EPSG:4326",
        )  # fmt: skip
        self.cell_metres = cell_metres


class Goal:
    id, group, minutes = "g", None, 10


def drawn(cell, people, minutes, status="covered"):
    """Return the unit that each cell is drawn as, of units in these cells."""
    cells = int(max(cell)) + 1
    where = np.zeros(len(cell))
    blocks = coarse.Coarse(np.asarray(cell), np.zeros(cells), np.zeros(cells), 1.0, 1.0, None)
    return coarse.middle_units(Run(people, where, where, minutes=minutes, status=status), Goal, blocks).tolist()


def test_few_people_are_not_lost_behind_many():
    cell = [0, 0, 1, 1, 1, 2, 2, 2]
    people = [3e7, 2e7, 1e-9, 3e-9, 1e-9, 0, 0, 0]
    assert drawn(cell, people, [5, 6, 1, 2, 3, 30, 20, 10]) == [0, 3, 6]


def test_where_nobody_lives_the_units_count_and_never_where_somebody_does():
    timed, cut = "covered", "cut-off"
    nobody = [0, 0, 0, 0]
    assert drawn([0, 0, 0, 0], nobody, [4, np.nan, 9, 2], [timed, cut, timed, timed]) == [0]
    assert drawn([0, 0, 0, 0], nobody, [np.nan, np.nan, np.nan, 2], [cut, cut, cut, timed]) == [1]
    assert drawn([0, 0, 0, 0], [0, 0, 0, 1e-12], [1, 2, np.nan, np.nan], [timed, timed, cut, cut]) == [3]
    assert drawn([0, 0, 0], [2, 1, 1], [np.nan, 1, 2], [cut, timed, timed]) == [1]  # as many people, more units


def test_every_cell_is_drawn_as_one_of_its_own_units_whatever_its_people():
    generator = np.random.default_rng(4)
    cell = np.sort(generator.integers(0, 400, 4000))
    people = generator.choice([0.0, 1e-9, 0.3, 7.0, 5e7], 4000)
    units = np.array(drawn(pd.factorize(cell)[0], people, generator.uniform(0, 90, 4000)))
    assert (pd.factorize(cell)[0][units] == np.arange(len(units))).all()


@pytest.mark.parametrize("cell_metres", [None, 40.0])
def test_one_stray_place_far_away_does_not_make_cells_huge(monkeypatch, cell_metres):
    monkeypatch.setattr(coarse, "MOST_CELLS", 1500)
    generator = np.random.default_rng(7)
    x, y = 120 + generator.uniform(0, 0.05, 6000), 30 + generator.uniform(0, 0.05, 6000)  # a town of 5 km
    x[-1], y[-1] = 123.0, 34.0  # 500 km away
    blocks = coarse.coarse_cells(Run(1, x, y, cell_metres=cell_metres))
    assert 500 <= len(blocks.x) <= 1500
    assert blocks.metres < 500
    assert len(blocks.cell) == 6000 and len(np.unique(blocks.cell)) == len(blocks.x)


def test_units_on_one_spot_are_cells_that_can_be_seen(monkeypatch):
    monkeypatch.setattr(coarse, "MOST_CELLS", 5)
    x = np.repeat([120.0, 120.01], 10)
    blocks = coarse.coarse_cells(Run(1, x, np.full(20, 30.0)))
    assert len(blocks.x) == 2
    assert 900 < blocks.metres < 1000  # they stand 960 m apart


def test_a_lattice_is_summed_to_the_least_whole_number_of_its_cells(monkeypatch):
    monkeypatch.setattr(coarse, "MOST_CELLS", 17)
    x, y = (part.ravel() for part in np.meshgrid(120 + 0.001 * np.arange(40), 30 + 0.001 * np.arange(40)))
    blocks = coarse.coarse_cells(Run(1, x, y, cell_metres=111.0))
    assert (blocks.along, len(blocks.x)) == (10, 16)  # of 9 there would be 25
    assert np.bincount(blocks.cell).tolist() == [100] * 16


def test_the_page_says_that_it_is_coarser(many):
    assert coarse.draws_coarsely(many)
    assert gap_map(many, language="en").get_root().render()


@pytest.mark.parametrize("cell_metres", [None, 200.0])
def test_a_click_says_what_a_coarser_cell_sums(many, open_file, tmp_path, cell_metres):
    many = dataclasses.replace(many, cell_metres=cell_metres)
    path = tmp_path / "map.html"
    write_gap_map(many, path, language="en")
    page = open_file(path)
    page.click("[data-switch=facilities]")
    blocks, goal = coarse.coarse_cells(many), many.goals[0]
    units = coarse.middle_units(many, goal, blocks)
    minutes = many.demand[f"{goal.id}.minutes"].to_numpy()[units]
    block = int(np.flatnonzero(np.isfinite(minutes) & (minutes > goal.minutes))[0])
    spot = page.evaluate("at => map_gap.latLngToContainerPoint(at)", [blocks.y[block], blocks.x[block]])
    box = page.locator("#map_gap").bounding_box()
    page.mouse.click(box["x"] + spot["x"], box["y"] + spot["y"])
    inside = many.demand[blocks.cell == block]
    shown = dict(zip(page.locator(".sheet dt").all_inner_texts(), page.locator(".sheet dd").all_inner_texts(), strict=True))
    assert shown["People"] == f"{inside['people'].sum():,.0f}"
    assert shown["Time on foot"].startswith(f"{np.ceil(minutes[block] * 10) / 10:g} min")
    fullest = inside["zone.township"].loc[inside["people"].idxmax()]
    assert shown["Township"] == many.zones["township"].set_index("zone").loc[fullest, "name"]
    assert texts("en")["map"]["coarse_cell"] in page.inner_text(".sheet")
    size = f"{blocks.along} × {blocks.along} units" if cell_metres else f"cells about {float(f'{blocks.metres:.2g}'):g} m wide"
    assert f"{size}, each" in page.inner_text("#coarse") and "all 208 units" in page.inner_text("#coarse")
    assert page.locator("#legend [data-total]").inner_text() == f"{many.demand['people'].sum():,.0f}"


@pytest.mark.parametrize(("shape", "cell_metres"), [("polygon", None), ("point", None), ("point", 200.0)])
def test_cells_of_neighbours_leave_no_holes(build_results, monkeypatch, shape, cell_metres):
    monkeypatch.setattr(coarse, "MOST_CELLS", 100)
    results = dataclasses.replace(build_results(columns=30, rows=30, shape=shape), cell_metres=cell_metres)
    blocks = coarse.coarse_cells(results)
    across = {axis: len(np.unique(np.round(places, 7))) for axis, places in (("x", blocks.x), ("y", blocks.y))}
    assert 34 <= len(blocks.x) <= 100
    assert len(blocks.x) == across["x"] * across["y"]
