"""Curves: how many people reach a facility within how many minutes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ..analyses.counted import members
from ..analyses.results import Results
from ..layers.goals import TimedGoal
from .fonts import picture_style
from .percent import short_percent
from .texts import texts

LINE: Final = "#2a66ad"
LIMIT: Final = "#b5440f"
FARTHEST: Final = 4.0  # times the limit; beyond it the curve says little and would flatten the rest


def reach_curve(results: Results, goal: TimedGoal) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return minutes, ascending, and the share of the goal's people who reach a facility within them.

    The share at the limit is the scorecard's: people who reach none stay in the denominator.
    """
    demand = results.demand
    inside = (demand[f"{goal.id}.status"] != "excluded").to_numpy()
    people = members(demand, goal.group)[inside]
    minutes = demand[f"{goal.id}.minutes"].to_numpy(float)[inside]
    reached = np.flatnonzero(~np.isnan(minutes))
    order = reached[np.argsort(minutes[reached], kind="stable")]
    total = people.sum()
    return minutes[order], np.cumsum(people[order]) / total if total else np.zeros(len(order))


def draw_curve(results: Results, goal: TimedGoal, *, language: str = "zh") -> Figure:
    """Draw the cumulative curve of a goal with its limit and its target."""
    words = texts(language)
    minutes, share = reach_curve(results, goal)
    with picture_style():
        figure = Figure(figsize=(6.6, 2.7), facecolor="white")
        axes = figure.add_axes((0.085, 0.19, 0.89, 0.74))
        last = min(FARTHEST * goal.minutes, max(minutes.max(initial=0.0), goal.minutes * 1.5))
        ends = np.append(minutes, max(last, minutes.max(initial=0.0)))  # the curve stays level to the frame
        axes.step(np.append(0.0, ends), np.append(np.append(0.0, share), share[-1:].sum()) * 100, where="post", color=LINE)
        _mark_limit(axes, goal, words)
        axes.set_xlim(0, last)
        axes.set_ylim(0, 102)
        axes.set_xlabel(words["report"]["curve_minutes"].format(mode=words["shared"]["modes"][goal.mode]), fontsize=8)
        axes.set_ylabel(words["report"]["curve_share"], fontsize=8)
        axes.tick_params(labelsize=7.5)
        axes.grid(color="#e3e5e9", linewidth=0.6)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        return figure


def _mark_limit(axes: Any, goal: TimedGoal, words: Mapping[str, Any]) -> None:
    axes.axvline(goal.minutes, color=LIMIT, linewidth=1.2, linestyle="--")
    limit = words["report"]["minutes"].format(minutes=f"{goal.minutes:g}")
    axes.annotate(limit, (goal.minutes, 2), (3, 0), textcoords="offset points", fontsize=7.5, color=LIMIT)
    if goal.target is not None:
        axes.axhline(goal.target * 100, color="#5c6470", linewidth=1.0, linestyle=":")
        text = words["map"]["target"].format(target=short_percent(goal.target))
        axes.annotate(text, (0, goal.target * 100), (4, 3), textcoords="offset points", fontsize=7.5, color="#5c6470")
