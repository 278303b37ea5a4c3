"""PySAL's `access` on the same tables, and why it differs where it does."""

import numpy as np
import pandas as pd
import pytest
from access_tables import QUICK, tables
from hypothesis import assume, given

from lifecircle.analyses.access.costs import COLUMNS
from lifecircle.analyses.access.decay import power
from lifecircle.analyses.access.enhanced_two_step import enhanced_two_step
from lifecircle.analyses.access.gravity import gravity
from lifecircle.analyses.access.raam import raam
from lifecircle.analyses.access.three_step import three_step
from lifecircle.analyses.access.two_step import two_step

access_fca = pytest.importorskip("access.fca")
access_weights = pytest.importorskip("access.weights")
pysal_raam = pytest.importorskip("access.raam").raam
NAMES = {"cost_origin": "demand", "cost_dest": "facility", "cost_name": "minutes"}


def frames(costs, people, capacity):
    """The form PySAL takes: it adds columns to the cost table it is given, so it gets a copy."""
    return people.to_frame("people"), capacity.to_frame("capacity"), costs.copy()


def catchments(function, table, **options):
    return function(
        *frames(*table), demand_index=True, demand_name="people", supply_index=True, supply_name="capacity", **NAMES, **options
    )


def same(ours, theirs):
    """PySAL has no row for a unit that reaches nothing; here it is there with 0, so that no one vanishes from a mean."""
    assert (ours.drop(theirs.index) == 0).all()
    assert ours[theirs.index].to_numpy() == pytest.approx(theirs.to_numpy(), rel=1e-9, abs=1e-12)


# People everywhere: PySAL divides by the people of a catchment without any, and hands out endless access.
@QUICK
@given(table=tables(least_people=1.0))
def test_the_floating_catchments_agree(table):
    assume(len(table[0]))
    same(two_step(*table, minutes=30), catchments(access_fca.two_stage_fca, table, max_cost=30))
    zones = {10: 1.0, 20: 0.68, 40: 0.22}
    enhanced = catchments(access_fca.two_stage_fca, table, max_cost=None, weight_fn=access_weights.step_fn(zones))
    same(enhanced_two_step(*table, weights=zones), enhanced)
    wan = {10: 0.962, 20: 0.704, 30: 0.377, 60: 0.042}
    choosing = catchments(access_fca.three_stage_fca, table, max_cost=60, weight_fn=access_weights.step_fn(wan))
    same(three_step(*table, weights=wan), choosing)


@QUICK
@given(table=tables())
def test_gravity_agrees(table):
    costs, people, capacity = table
    assume(len(costs))
    theirs = access_fca.weighted_catchment(
        capacity.to_frame("capacity"),
        costs,
        cost_source="facility",
        cost_dest="demand",
        cost_cost="minutes",
        loc_index=True,
        loc_value="capacity",
        weight_fn=access_weights.gravity(scale=1, alpha=-1.5, min_dist=2),
    )
    same(gravity(costs, people, capacity, decay=power(1.5, floor_minutes=2)), theirs)


def test_where_nobody_lives_pysal_hands_out_endless_access():
    """The quirk: a clinic that only an empty place reaches. Nothing can be divided there, so here it is null."""
    table = pd.DataFrame([("a", "A", 5.0)], columns=COLUMNS), pd.Series({"a": 0.0}), pd.Series({"A": 3.0})
    assert np.isinf(catchments(access_fca.two_stage_fca, table, max_cost=30)["a"])
    assert two_step(*table, minutes=30).isna().all()


def test_raam_agrees_as_far_as_the_heuristic_goes():
    """PySAL moves whole people in steps of at most 0.5 % and stops after 150 rounds; what is left is its distance from the
    equilibrium that is found exactly here. A thousandfold population makes whole people fine enough."""
    rng = np.random.default_rng(4)
    units, facilities = 40, 6
    minutes = rng.uniform(2, 60, (units, facilities)).round(1)
    at = np.indices(minutes.shape).reshape(2, -1)
    costs = pd.DataFrame({"demand": at[0], "facility": at[1], "minutes": minutes.ravel()})
    people = pd.Series(rng.integers(50, 900, units) * 1000)
    capacity = pd.Series(rng.integers(2, 40, facilities).astype(float))
    theirs = pysal_raam(
        people.to_frame("demand"), capacity.to_frame("supply"), costs, **NAMES, tau=30, max_cycles=600, min_step=0.0002
    )
    ours = raam(costs, people.astype(float), capacity, tau_minutes=30)
    assert ours.to_numpy() == pytest.approx(theirs.sort_index().to_numpy(), rel=0.01)
    assert np.corrcoef(ours, theirs.sort_index())[0, 1] > 0.9999
