"""Classes fit the goal, and their colours keep their order for every eye."""

import numpy as np
import pytest

from lifecircle.layers.goals import CircleGoal
from lifecircle.maps import classes

# Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB.
VISION = {
    "full": np.eye(3),
    "deuteranopia": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]),
    "protanopia": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
}


def lightness(colour, matrix):
    """CIE L* of a colour as seen with the given vision."""
    parts = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    luminance = np.clip(matrix @ linear, 0, 1) @ [0.2126, 0.7152, 0.0722]
    return 116 * np.cbrt(luminance) - 16 if luminance > 0.008856 else 903.3 * luminance


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("ramp", [classes.GAP_COLOURS[1:], classes.TIME_COLOURS, classes.SHARE_COLOURS[-2::-1]])
def test_ramps_grow_darker_step_by_step(ramp, vision):
    light = [lightness(colour, VISION[vision]) for colour in ramp]
    assert min(-np.diff(light)) > 6


@pytest.mark.parametrize("vision", VISION)
def test_nobody_gets_there_is_darker_than_any_time(vision):
    cut_off = lightness(classes.STATUS_COLOURS["cut-off"], VISION[vision])
    for ramp in (classes.GAP_COLOURS, classes.TIME_COLOURS):
        assert cut_off < min(lightness(colour, VISION[vision]) for colour in ramp) - 6


@pytest.mark.parametrize(("limit", "breaks"), [(10, (2, 5, 10, 15)), (15, (2, 5, 10, 15)), (90, (15, 30, 60, 90))])
def test_gap_breaks_follow_the_limit(limit, breaks):
    assert classes.gap_breaks(limit) == breaks


def test_the_limit_is_a_break_of_time():
    assert 90 in classes.time_breaks(90)
    assert list(classes.time_breaks(10)) == [5, 10, 15, 20, 30]


@pytest.mark.parametrize(("target", "breaks"), [(0.9, (0.5, 0.7, 0.8, 0.9)), (0.2, (0.05, 0.1, 0.15, 0.2))])
def test_the_target_is_the_last_break_of_share(target, breaks):
    goal = CircleGoal(id="g", service="s", mode="walk", minutes=10, target=target)
    assert classes.share_breaks(goal) == breaks


def test_without_a_target_the_scale_is_that_of_nine_tenths():
    assert classes.share_breaks(CircleGoal(id="g", service="s", mode="walk", minutes=10))[-1] == 0.9
