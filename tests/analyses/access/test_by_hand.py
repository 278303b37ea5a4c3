"""Every measure on three villages and two clinics, worked out on paper."""

import numpy as np
import pytest
from access_tables import CAPACITY, COSTS, PEOPLE

from lifecircle.analyses.access.balanced import balanced
from lifecircle.analyses.access.cumulative import cumulative_capacity, cumulative_count
from lifecircle.analyses.access.decay import binary, step
from lifecircle.analyses.access.enhanced_two_step import enhanced_two_step
from lifecircle.analyses.access.gaussian_two_step import gaussian_two_step
from lifecircle.analyses.access.gravity import gravity
from lifecircle.analyses.access.k_nearest import k_nearest
from lifecircle.analyses.access.spatial_availability import spatial_availability
from lifecircle.analyses.access.three_step import three_step
from lifecircle.analyses.access.two_step import two_step
from lifecircle.geo.errors import InputError

TABLES = (COSTS, PEOPLE, CAPACITY)


def values(series):
    return series.reindex(list("abcd")).to_list()


def same(series, expected):
    assert values(series) == pytest.approx(expected, abs=1e-9, nan_ok=True)


def test_nearest_is_null_where_none_is_reached():
    same(k_nearest(COSTS, PEOPLE)["kth_minutes"], [5, 10, 30, np.nan])


def test_the_second_nearest_is_null_where_only_one_is_reached():
    second = k_nearest(COSTS, PEOPLE, k=2)
    same(second["kth_minutes"], [20, 12, np.nan, np.nan])
    same(second["mean_minutes"], [12.5, 11, np.nan, np.nan])
    with pytest.raises(InputError, match="k must be 1 or more"):
        k_nearest(COSTS, PEOPLE, k=0)


def test_cumulative_counts_at_several_limits_and_none_is_0():
    counts = cumulative_count(COSTS, PEOPLE, limits=[5, 12, 30])
    assert counts.to_numpy().tolist() == [[1, 1, 2], [0, 2, 2], [0, 0, 1], [0, 0, 0]]
    capacity = cumulative_capacity(*TABLES, limits=[12, 30])
    assert capacity.to_numpy().tolist() == [[8, 20], [20, 20], [0, 12], [0, 0]]
    for limits in ([], [0], [10, -5]):
        with pytest.raises(InputError, match="limits"):
            cumulative_count(COSTS, PEOPLE, limits=limits)


def test_gravity():
    """a: 8 x 1 + 12 x 0.68; b: 8 x 0.68 + 12 x 1; c: 12 x 0.22."""
    same(gravity(*TABLES, decay=step({10: 1, 20: 0.68, 30: 0.22})), [16.16, 17.44, 2.64, 0])


def test_two_step():
    """Within 20 minutes each clinic serves a and b: 8 / 400 + 12 / 400; within 30 clinic B serves c as well: 12 / 600."""
    same(two_step(*TABLES, minutes=20), [0.05, 0.05, 0, 0])
    same(two_step(*TABLES, minutes=30), [0.04, 0.04, 0.02, 0])
    same(two_step(*TABLES, minutes=19.999), [0.02, 0.06, 0, 0])


def test_enhanced_two_step():
    """A is asked by 100 + 0.68 x 300 = 304, B by 0.68 x 100 + 300 + 0.22 x 200 = 412."""
    a, b = 8 / 304, 12 / 412
    same(enhanced_two_step(*TABLES), [a + 0.68 * b, 0.68 * a + b, 0.22 * b, 0])


def test_gaussian_two_step():
    """Limit 20: b at 12 minutes of A, 10 of B; a at 5 of A and exactly at the end of B's catchment."""
    edge = np.exp(-0.5)
    f5, f10, f12 = ((np.exp(-0.5 * (t / 20) ** 2) - edge) / (1 - edge) for t in (5, 10, 12))
    a, b = 8 / (100 * f5 + 300 * f12), 12 / (300 * f10)
    same(gaussian_two_step(*TABLES, minutes=20), [a * f5, a * f12 + b * f10, 0, 0])


def test_three_step():
    """Weights 1, 0.5; a chooses A with 1 / 1.5 and B with 0.5 / 1.5, b A with 0.5 / 1.5 and B with 1 / 1.5."""
    ask_a, ask_b = 100 * (2 / 3) * 1 + 300 * (1 / 3) * 0.5, 100 * (1 / 3) * 0.5 + 300 * (2 / 3) * 1
    a, b = 8 / ask_a, 12 / ask_b
    expected = [a * 2 / 3 + b * 1 / 6, a * 1 / 6 + b * 2 / 3, 0, 0]
    same(three_step(*TABLES, weights={10: 1, 20: 0.5}), expected)


def test_balanced():
    """Within 30 minutes a and b split evenly over A and B, c goes to B: A serves 200, B 400 of the 600 people."""
    a, b = 8 / 200, 12 / 400
    same(balanced(*TABLES, decay=binary(30)), [a / 2 + b / 3, a / 2 + b / 3, b / 3, 0])


def test_spatial_availability():
    """Within 30 minutes A is shared 1 : 3, B 1 : 3 : 2; with alpha 2 it is 1 : 9 and 1 : 9 : 4."""
    same(spatial_availability(*TABLES, decay=binary(30)), [8 / 4 + 12 / 6, 24 / 4 + 36 / 6, 24 / 6, 0])
    same(spatial_availability(*TABLES, decay=binary(30), alpha=2), [8 / 10 + 12 / 14, 72 / 10 + 108 / 14, 48 / 14, 0])
    with pytest.raises(InputError, match="alpha"):
        spatial_availability(*TABLES, decay=binary(30), alpha=0)


def test_a_clinic_that_only_empty_places_reach_gives_them_no_number():
    """12 beds for nobody are neither 0 beds per person nor endless ones; a clinic without beds is 0 for anyone."""
    alone = PEOPLE.replace({300.0: 0.0, 200.0: 0.0, 100.0: 0.0})
    same(two_step(COSTS, alone, CAPACITY, minutes=30), [np.nan, np.nan, np.nan, 0])
    same(two_step(COSTS, alone, CAPACITY * 0, minutes=30), [0, 0, 0, 0])
