"""Decay functions: values by hand, inclusive limits, and weights that never rise."""

import numpy as np
import pytest
from access_tables import QUICK
from hypothesis import given
from hypothesis import strategies as st

from lifecircle.analyses.access import decay
from lifecircle.geo.errors import InputError

ALL = {
    "binary": decay.binary(20),
    "step": decay.step(decay.LUO_QI),
    "linear": decay.linear(20),
    "exponential": decay.exponential(0.1),
    "power": decay.power(1.5),
    "gaussian": decay.gaussian(20),
    "bounded_gaussian": decay.bounded_gaussian(20),
    "logistic": decay.logistic(20, 5),
}


def at(name, *minutes):
    return ALL[name](np.array(minutes, float)).tolist()


def test_each_function_by_hand():
    assert at("binary", 0, 20, 20.001) == [1, 1, 0]
    assert at("step", 0, 10, 10.001, 20, 30, 30.001) == [1, 1, 0.68, 0.68, 0.22, 0]
    assert at("linear", 0, 5, 20, 30) == [1, 0.75, 0, 0]
    assert at("exponential", 0, 10) == pytest.approx([1, np.exp(-1)])
    assert at("power", 0, 1, 4) == pytest.approx([1, 1, 1 / 8])
    assert at("gaussian", 0, 20, 40) == pytest.approx([1, np.exp(-0.5), np.exp(-2)])
    # Dai 2010 at half the limit: (e^-0.125 - e^-0.5) / (1 - e^-0.5) = 0.27597 / 0.39347
    assert at("bounded_gaussian", 0, 10, 20, 25) == pytest.approx([1, 0.70137, 0, 0], abs=1e-5)
    slope = np.pi / (5 * np.sqrt(3))
    assert at("logistic", 0, 20, 1000) == pytest.approx([1, (1 + np.exp(-20 * slope)) / 2, 0])


@pytest.mark.parametrize("name", ALL)
@QUICK
@given(minutes=st.lists(st.floats(0, 10_000), min_size=2, max_size=8))
def test_weights_never_rise_and_lie_between_0_and_1(name, minutes):
    weights = ALL[name](np.sort(np.array(minutes)))
    assert (np.diff(weights) <= 1e-15).all() and (weights >= 0).all() and (weights <= 1 + 1e-12).all()


def test_zones_stretch_to_another_limit():
    assert decay.scaled(decay.LUO_QI, 15) == {5: 1.0, 10: 0.68, 15: 0.22}
    assert max(decay.scaled(decay.WAN, 0.7)) == 0.7, "the last zone must end exactly at the limit"


@pytest.mark.parametrize(
    "make",
    [
        lambda: decay.binary(0),
        lambda: decay.linear(-1),
        lambda: decay.exponential(0),
        lambda: decay.power(1, 0),
        lambda: decay.gaussian(float("nan")),
        lambda: decay.logistic(20, 0),
        lambda: decay.step({}),
        lambda: decay.step({10: 0.5, 20: 0.7}),
        lambda: decay.step({10: -1}),
    ],
)
def test_parameters_that_make_no_decay_are_refused(make):
    with pytest.raises(InputError):
        make()
