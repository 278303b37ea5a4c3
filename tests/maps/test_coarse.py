"""Coarser cells: tallies count as the units do, and a block is drawn as one of its units."""

from __future__ import annotations

import numpy as np
import pytest

from lifecircle.maps import coarse
from lifecircle.maps.cells import _positions
from lifecircle.maps.gap_map import gap_map


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
        people = coarse.counted_people(demand, goal.group)
        assert counted["people"].sum() == pytest.approx(people.sum())
        timed = status.isin(["covered", "beyond"]).to_numpy()
        for limit in np.arange(coarse.slider_step(goal), 3 * goal.minutes + 1, coarse.slider_step(goal)):
            mine = (counted["status"] < 2) & (counted["minutes"] <= round(10 * limit))
            assert counted["people"][mine].sum() == pytest.approx(people[timed & (minutes <= limit)].sum())


def test_blocks_hold_every_unit_once_and_are_few(many):
    blocks = coarse.coarse_cells(many)
    assert len(blocks.cell) == len(many.demand) and blocks.along > 1
    assert len(np.unique(blocks.cell)) == len(blocks.x) <= 60
    x, y = many.demand.geometry.x.to_numpy(), many.demand.geometry.y.to_numpy()
    assert (np.abs(x - blocks.x[blocks.cell]) <= blocks.width / 2 + 1e-9).all()
    assert (np.abs(y - blocks.y[blocks.cell]) <= blocks.height / 2 + 1e-9).all()


def test_a_block_is_drawn_as_one_of_its_units(many):
    blocks = coarse.coarse_cells(many)
    for goal in many.goals:
        assert (blocks.cell[coarse.middle_units(many, goal, blocks)] == np.arange(len(blocks.x))).all()


def test_the_page_says_that_it_is_coarser(many):
    assert coarse.draws_coarsely(many)
    assert gap_map(many, language="en").get_root().render()
