"""Allocation: as many people served as possible, then the least travel, never more than a facility holds."""

import numpy as np
import pandas as pd
import pytest
from access_tables import CAPACITY, COSTS, PEOPLE, QUICK, tables
from hypothesis import given
from scipy.optimize import linprog

from lifecircle.analyses.access.allocation import allocate


def table(*rows):
    return pd.DataFrame(rows, columns=["demand", "facility", "minutes"])


def test_villages_by_hand():
    """A holds 250, B 300. c reaches only B and is served in full; b fills up A and the rest of B, a gets what is left."""
    places = pd.Series({"A": 250.0, "B": 300.0, "C": 500.0})
    found = allocate(COSTS, PEOPLE, places, minutes=30)
    assert found.units["served"].sum() == 550 and found.units["unserved"].to_dict()["d"] == 50
    # a to A (5 minutes) 100, b to A 150 and B 100 or 150, c to B 200 or 150: swapping c for b at B saves 20 minutes a head.
    assert found.units["served"].to_dict() == {"a": 100, "b": 300, "c": 150, "d": 0}
    assert found.units["minutes"]["b"] == pytest.approx((150 * 12 + 150 * 10) / 300)
    assert np.isnan(found.units["minutes"]["d"])
    assert found.facilities.to_dict() == {"people": {"A": 250, "B": 300, "C": 0}, "left": {"A": 0, "B": 0, "C": 500}}
    assert found.flows["people"].sum() == 550


def test_serving_one_more_is_worth_any_detour():
    """b can only go to A, so a must leave it for the far B."""
    found = allocate(
        table(("a", "A", 1.0), ("a", "B", 30.0), ("b", "A", 29.0)),
        pd.Series({"a": 10.0, "b": 10.0}),
        pd.Series({"A": 10.0, "B": 10.0}),
        minutes=30,
    )
    assert found.units["served"].to_list() == [10, 10]
    assert found.units["minutes"].to_list() == [30, 29]


def test_the_limit_is_inclusive():
    """Pitfall 16."""
    assert allocate(COSTS, PEOPLE, CAPACITY * 100, minutes=30).units["served"]["c"] == 200
    assert allocate(COSTS, PEOPLE, CAPACITY * 100, minutes=29.999).units["served"]["c"] == 0


def test_no_pair_at_all():
    found = allocate(COSTS.iloc[:0], PEOPLE, CAPACITY, minutes=30)
    assert found.units["unserved"].equals(PEOPLE.rename("unserved")) and not len(found.flows)


def test_the_solver_says_nothing(capfd):
    """Its greeting would stand in front of our JSON."""
    allocate(COSTS, PEOPLE, CAPACITY, minutes=30)
    assert capfd.readouterr() == ("", "")


def whole_problem(costs, people, capacity, minutes):
    """The transportation problem handed over in one piece: most people served, and their least travel."""
    near = costs.loc[costs["minutes"] <= minutes]
    if not len(near):
        return 0.0, 0.0
    rows = np.zeros((len(people) + len(capacity), len(near)))
    rows[near["demand"], range(len(near))] = 1
    rows[len(people) + near["facility"].to_numpy(), range(len(near))] = 1
    limits = np.append(people, capacity)
    most = -linprog(-np.ones(len(near)), A_ub=rows, b_ub=limits).fun
    served = linprog(near["minutes"], A_ub=rows, b_ub=limits, A_eq=np.ones((1, len(near))), b_eq=[most * (1 - 1e-12)])
    return most, served.fun


@QUICK
@given(table=tables())
def test_it_equals_the_whole_problem(table):
    costs, people, capacity = table
    capacity = (10 * capacity).round()
    people = people.round()
    found = allocate(costs, people, capacity, minutes=30)
    flows = found.flows
    most, travel = whole_problem(costs, people, capacity, 30)
    assert flows["people"].sum() == pytest.approx(most, abs=1e-6)
    assert (flows["people"] * flows["minutes"]).sum() == pytest.approx(travel, rel=1e-6, abs=1e-3)
    assert (found.units["served"] + found.units["unserved"]).to_numpy() == pytest.approx(people.to_numpy())
    assert (found.facilities["people"] <= capacity + 1e-9).all() and (flows["minutes"] <= 30).all()


def test_a_town_of_rounds_equals_the_whole_problem():
    """Large enough that pairs must be added after the first round."""
    rng = np.random.default_rng(5)
    units, facilities = 120, 15
    minutes = rng.uniform(1, 60, (units, facilities))
    at = np.indices(minutes.shape).reshape(2, -1)
    costs = pd.DataFrame({"demand": at[0], "facility": at[1], "minutes": minutes.ravel()})
    people = pd.Series(rng.integers(0, 300, units).astype(float))
    capacity = pd.Series(rng.dirichlet(np.full(facilities, 0.5)) * 0.9 * people.sum())
    found = allocate(costs, people, capacity, minutes=40)
    most, travel = whole_problem(costs, people, capacity, 40)
    assert found.flows["people"].sum() == pytest.approx(most)
    assert (found.flows["people"] * found.flows["minutes"]).sum() == pytest.approx(travel)
