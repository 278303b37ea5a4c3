"""What floating catchments must keep: the capacity they hand out is the capacity that somebody reaches."""

import numpy as np
import pytest
from access_tables import QUICK, tables
from hypothesis import assume, given

from lifecircle.analyses.access.balanced import balanced
from lifecircle.analyses.access.cumulative import cumulative_capacity
from lifecircle.analyses.access.decay import binary, bounded_gaussian, exponential, step
from lifecircle.analyses.access.enhanced_two_step import enhanced_two_step
from lifecircle.analyses.access.gaussian_two_step import gaussian_two_step
from lifecircle.analyses.access.gravity import gravity
from lifecircle.analyses.access.spatial_availability import spatial_availability
from lifecircle.analyses.access.three_step import three_step
from lifecircle.analyses.access.two_step import two_step, weighted_two_step

WEIGHTS = {10.0: 1.0, 20.0: 0.6, 30.0: 0.1}
FAMILY = {
    "2SFCA": (lambda *table: two_step(*table, minutes=30), binary(30)),
    "E2SFCA": (lambda *table: enhanced_two_step(*table, weights=WEIGHTS), step(WEIGHTS)),
    "Gaussian 2SFCA": (lambda *table: gaussian_two_step(*table, minutes=30), bounded_gaussian(30)),
    "3SFCA": (lambda *table: three_step(*table, weights=WEIGHTS), step(WEIGHTS)),
}


def reachable(costs, people, capacity, decay):
    """Capacity of the facilities with people in their catchment."""
    counts = (decay(costs["minutes"].to_numpy()) > 0) & (people.reindex(costs["demand"]).to_numpy() > 0)
    return capacity.reindex(costs.loc[counts, "facility"].unique()).sum()


@pytest.mark.parametrize("name", FAMILY)
@QUICK
@given(table=tables())
def test_access_times_people_is_the_reachable_supply(name, table):
    measure, decay = FAMILY[name]
    access, people = measure(*table), table[1]
    assert (access.isna() <= (people == 0)).all(), "only places where nobody lives have no value"
    handed_out = (access * people).sum()
    assert handed_out == pytest.approx(reachable(*table, decay), rel=1e-9, abs=1e-9)


@QUICK
@given(table=tables())
def test_spatial_availability_adds_up_to_the_reachable_supply(table):
    for alpha in (0.5, 1.0, 2.0):
        available = spatial_availability(*table, decay=exponential(0.1), alpha=alpha)
        assert available.sum() == pytest.approx(reachable(*table, exponential(0.1)), rel=1e-9, abs=1e-9)


@QUICK
@given(table=tables(least_people=1.0))
def test_availability_per_person_is_the_weighted_two_step(table):
    decay = bounded_gaussian(35)
    available = spatial_availability(*table, decay=decay) / table[1]
    assert available.to_numpy() == pytest.approx(weighted_two_step(*table, decay=decay).to_numpy(), rel=1e-9, abs=1e-12)


@QUICK
@given(table=tables(least_people=1.0))
def test_balanced_catchments_keep_people_and_levels_of_service(table):
    """Not access x people: each person asks once in all, and the levels of service add up to the units' access."""
    costs, people, capacity = table
    decay = exponential(0.1)
    weights = decay(costs["minutes"].to_numpy())
    matrix = np.zeros((len(people), len(capacity)))
    matrix[costs["demand"], costs["facility"]] = weights
    totals = matrix.sum(axis=1, keepdims=True)
    asked = people.to_numpy() @ np.divide(matrix, totals, out=np.zeros_like(matrix), where=totals > 0)
    assert asked.sum() == pytest.approx(people[totals[:, 0] > 0].sum())
    levels = (capacity.to_numpy()[asked > 0] / asked[asked > 0]).sum()
    assert balanced(costs, people, capacity, decay=decay).sum() == pytest.approx(levels)


@QUICK
@given(table=tables())
def test_more_capacity_never_hurts_anyone(table):
    costs, people, capacity = table
    more = capacity.copy()
    more.iloc[0] += 5
    for measure, _ in FAMILY.values():
        before, after = measure(costs, people, capacity), measure(costs, people, more)
        known = before.notna() & after.notna()
        assert (after[known] >= before[known] - 1e-12).all()


@QUICK
@given(table=tables())
def test_gravity_with_a_binary_decay_is_the_cumulative_measure(table):
    counted = cumulative_capacity(*table, limits=[20.0])[20.0]
    assert gravity(*table, decay=binary(20)).to_numpy() == pytest.approx(counted.to_numpy())


@QUICK
@given(table=tables(least_people=1.0))
def test_a_unit_cut_in_two_gets_the_same_access(table):
    """2SFCA does not depend on how people are cut into units; halves stand at the same place."""
    costs, people, capacity = table
    assume((costs["demand"] == 0).any())
    halves = people.copy()
    halves.iloc[0] /= 2
    halves.loc[len(people)] = halves.iloc[0]
    twin = costs.loc[costs["demand"] == 0].assign(demand=len(people))
    both = np.concatenate([costs.to_numpy(), twin.to_numpy()])
    doubled = costs.iloc[:0].reindex(range(len(both))).assign(**dict(zip(costs.columns, both.T, strict=True)))
    doubled = doubled.astype({"demand": int, "facility": int})
    after = two_step(doubled, halves, capacity, minutes=30)
    assert after.iloc[:-1].to_numpy() == pytest.approx(two_step(costs, people, capacity, minutes=30).to_numpy())
    assert after.iloc[-1] == pytest.approx(after.iloc[0])
