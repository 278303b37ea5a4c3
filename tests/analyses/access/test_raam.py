"""RAAM: an equilibrium in which nobody gains by going elsewhere."""

import numpy as np
import pandas as pd
import pytest
from access_tables import CAPACITY, COSTS, PEOPLE, QUICK, tables
from hypothesis import given

from lifecircle.analyses.access.raam import raam
from lifecircle.geo.errors import InputError


def table(*rows):
    return pd.DataFrame(rows, columns=["demand", "facility", "minutes"])


def test_two_facilities_share_people_until_both_cost_the_same():
    """100 people, 10 beds each, rho 5: x / 50 + 0 = (100 - x) / 50 + 10 / 20, so x = 62.5 and everyone pays 1.25."""
    cost = raam(
        table(("a", "A", 0.0), ("a", "B", 10.0)), pd.Series({"a": 100.0}), pd.Series({"A": 10.0, "B": 10.0}), tau_minutes=20
    )
    assert cost["a"] == pytest.approx(1.25, abs=1e-4)


def test_people_stay_where_the_other_facility_is_too_far():
    """At 60 of 20 minutes the empty clinic costs 3, the crowded one 100 / 50 = 2."""
    cost = raam(
        table(("a", "A", 0.0), ("a", "B", 60.0)), pd.Series({"a": 100.0}), pd.Series({"A": 10.0, "B": 10.0}), tau_minutes=20
    )
    assert cost["a"] == pytest.approx(2.0, abs=1e-4)


def test_who_reaches_nothing_has_no_cost():
    cost = raam(COSTS, PEOPLE, CAPACITY)
    assert cost.isna().to_dict() == {"a": False, "b": False, "c": False, "d": True}
    assert raam(COSTS, PEOPLE, CAPACITY * 0).isna().all(), "a clinic without beds serves nobody"
    assert raam(COSTS.iloc[:0], PEOPLE, CAPACITY).isna().all()


def test_parameters_must_be_above_0():
    for wrong in ({"tau_minutes": 0}, {"people_per_capacity": -1}):
        with pytest.raises(InputError, match="above 0"):
            raam(COSTS, PEOPLE, CAPACITY, **wrong)


def test_a_stated_load_takes_the_place_of_the_average():
    """Half as many people per bed count as full: crowding doubles."""
    one = table(("a", "A", 0.0))
    people, capacity = pd.Series({"a": 100.0}), pd.Series({"A": 10.0})
    assert raam(one, people, capacity)["a"] == pytest.approx(1)
    assert raam(one, people, capacity, people_per_capacity=5)["a"] == pytest.approx(2)


@QUICK
@given(tables=tables(least_people=1.0))
def test_no_cost_is_below_travel_or_above_the_worst_crowding(tables):
    costs, people, capacity = tables
    cost = raam(costs, people, capacity, tau_minutes=20)
    served = costs.loc[capacity.reindex(costs["facility"]).to_numpy() > 0]
    travel = served.groupby("demand")["minutes"].agg(["min", "max"]) / 20
    assert cost.notna().to_list() == [unit in travel.index for unit in people.index]
    if len(travel):
        full = capacity.sum() / capacity[served["facility"].unique()].min()
        reached = cost[travel.index]
        assert (reached >= travel["min"] - 1e-6).all() and (reached <= travel["max"] + full + 1e-3).all()


def test_it_minimises_the_potential_of_a_small_city():
    """The same equilibrium from a general convex solver on all flows."""
    from scipy.optimize import minimize

    rng = np.random.default_rng(2)
    units, facilities, tau = 5, 3, 15.0
    minutes, people, capacity = rng.uniform(1, 30, (units, facilities)), rng.uniform(10, 90, units), rng.uniform(1, 5, facilities)
    room = capacity * people.sum() / capacity.sum()

    def potential(flows):
        flow = flows.reshape(units, facilities)
        load = flow.sum(axis=0)
        value = (flow * minutes / tau).sum() + (load**2 / room).sum() / 2
        return value, (minutes / tau + load / room).ravel()

    everyone = [{"type": "eq", "fun": lambda flows: flows.reshape(units, facilities).sum(axis=1) - people}]
    start = np.repeat(people / facilities, facilities)
    options = {"maxiter": 500, "ftol": 1e-12}
    found = minimize(potential, start, jac=True, bounds=[(0, None)] * len(start), constraints=everyone, options=options)
    crowding = found.x.reshape(units, facilities).sum(axis=0) / room
    at = np.indices(minutes.shape).reshape(2, -1)
    costs = pd.DataFrame({"demand": at[0], "facility": at[1], "minutes": minutes.ravel()})
    ours = raam(costs, pd.Series(people), pd.Series(capacity), tau_minutes=tau)
    assert ours.to_numpy() == pytest.approx((minutes / tau + crowding).min(axis=1), abs=5e-4)
