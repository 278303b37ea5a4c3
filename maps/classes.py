"""Classes and colours: what the map, its legend and the QGIS styles have in common."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..analyses.counted import members
from ..layers.goals import TimedGoal

# Ordered from light to dark, so the order survives every kind of colour blindness and a grey print (a test checks it).
GAP_COLOURS = ("#dbe4e8", "#fed98e", "#fe9929", "#d95f0e", "#993404", "#63100c")
TIME_COLOURS = ("#f3f6c6", "#c1e5b5", "#7accbc", "#3da4c4", "#2a66ad", "#1d2b7c")
SHARE_COLOURS = ("#993404", "#d95f0e", "#fe9929", "#fed98e", "#dbe4e8")
# Need (rows: few, some, many people) by access (columns: within the limit, up to twice, beyond): darker is more urgent.
NEED_COLOURS = ("#e4ecef", "#f4dcc0", "#e5b48f", "#b9cdd6", "#eba35c", "#c9651f", "#7fa3b5", "#c05a12", "#6b1a0c")
# Faster by much, by little, the same, slower by little, by much, reached only now, no longer reached.
CHANGE_COLOURS = ("#1f4e96", "#86b3dd", "#e6e6e3", "#f2ad6d", "#b5440f", "#0b7a4b", "#5c0f3f")
STATUS_COLOURS = {"cut-off": "#141414", "unconnected": "#8577b3", "excluded": "#ece6f2"}

_GAP_BREAKS = ((5.0, (1.0, 2.0, 5.0, 10.0)), (20.0, (2.0, 5.0, 10.0, 15.0)), (45.0, (5.0, 10.0, 20.0, 30.0)))
_LONG_GAP_BREAKS = (15.0, 30.0, 60.0, 90.0)
_TIME_FACTORS = (0.5, 1.0, 1.5, 2.0, 3.0)
_SHARE_DISTANCES = (0.4, 0.2, 0.1, 0.0)
_DEFAULT_TARGET = 0.9


def gap_breaks(limit: float) -> tuple[float, ...]:
    """Return the four inner breaks, in minutes beyond the limit, that suit a limit of `limit` minutes."""
    return next((breaks for most, breaks in _GAP_BREAKS if limit <= most), _LONG_GAP_BREAKS)


def time_breaks(limit: float) -> tuple[float, ...]:
    """Return the five inner breaks of travel time in minutes; the limit itself is one of them."""
    return tuple(round(limit * factor, 1) for factor in _TIME_FACTORS)


def need_breaks(demand: pd.DataFrame, goal: TimedGoal) -> tuple[float, float]:
    """Return the people per unit at which need is called some and many: thirds of the goal's people live in each class."""
    inside = (demand[f"{goal.id}.status"] != "excluded").to_numpy()
    people = np.sort(members(demand, goal.group)[inside])
    running = np.cumsum(people)
    if not len(people) or running[-1] == 0:
        return (0.0, 0.0)
    low, high = people[np.searchsorted(running, running[-1] * np.array([1, 2]) / 3)]
    return (float(low), float(high))


def share_breaks(goal: TimedGoal) -> tuple[float, ...]:
    """Return the four inner breaks of the share covered (0-1, rising); the last one is the goal's target.

    A goal without a target is shown against 90 %, as a scale only: nothing is judged by it.
    """
    target = _DEFAULT_TARGET if goal.target is None else goal.target
    if target <= _SHARE_DISTANCES[0]:
        return tuple(round(target * factor, 3) for factor in (0.25, 0.5, 0.75, 1.0))
    return tuple(round(target - distance, 3) for distance in _SHARE_DISTANCES)
