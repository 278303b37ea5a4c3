"""The marginal curve of a siting plan as a chart: what each further site brings, and how the worst-served zone fares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from .exports.picture import picture_bytes
from .fonts import picture_style, title_weight
from .percent import short_percent
from .texts import shortened, texts, wrapped

INK, BAR, LINE, TARGET, LOWEST, LAST = "#2b2f3a", "#9ecae1", "#16324f", "#b5440f", "#8a4fa3", "#f2e9dc"
PIXELS_PER_INCH: Final = 160
TITLE_WIDTH: Final = 88  # Latin letters that fit on a line
SUBTITLE_WIDTH: Final = 120
FOOT_WIDTH: Final = 150
MARKED_STEPS: Final = 40  # longer curves are lines without a dot per site

Floats = NDArray[np.float64]
Words = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Curve:
    """What the chart shows; step 0 is before the first site.

    Attributes
    ----------
    share : (s,) float64
        Of people covered, 0-1, after each step.
    gained : (s,) float64
        People newly covered by each step.
    lowest : (s,) float64 or None
        Share in the worst-served zone.
    level : str or None
        Level of those zones.
    target : float or None
        Share asked for, 0-1.
    last_sites : int
        Sites that the last 5 % of people take.
    """

    share: Floats
    gained: Floats
    lowest: Floats | None
    level: str | None
    target: float | None
    last_sites: int


@dataclass(frozen=True, kw_only=True)
class Heading:
    """What stands above the chart."""

    title: str
    subtitle: str


def draw_curve(curve: Curve, heading: Heading, *, language: str, sources: Sequence[str]) -> dict[str, bytes]:
    """Draw the curve and return it as the bytes of a "png" and an "svg" file.

    Parameters
    ----------
    curve : Curve
    heading : Heading
        In that language.
    language : {"zh", "en"}
    sources : sequence of str
        Lines of attribution, printed below.
    """
    with picture_style():
        figure = _figure(curve, heading, language, sources)
    kinds = ("png", "svg")
    return {kind: picture_bytes(figure, kind, sources=sources, dots_per_inch=PIXELS_PER_INCH) for kind in kinds}


def _figure(curve: Curve, heading: Heading, language: str, sources: Sequence[str]) -> Figure:
    figure = Figure(figsize=(8.4, 5.4), dpi=PIXELS_PER_INCH, layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(2, 1))
    _draw_shares(upper, curve, texts(language))
    _draw_gains(lower, curve, texts(language)["siting"])
    for axes in (upper, lower):
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(colors=INK, labelsize=9)
        axes.grid(axis="y", color="#e4e6ea", linewidth=0.8)
        axes.set_axisbelow(True)
    figure.suptitle(
        shortened(heading.title, TITLE_WIDTH), fontsize=13, x=0.01, ha="left", color=INK, fontweight=title_weight(language)
    )
    upper.set_title(shortened(heading.subtitle, SUBTITLE_WIDTH), fontsize=9.5, loc="left", color=INK)
    figure.supxlabel(wrapped(sources, FOOT_WIDTH), fontsize=7, x=0.01, ha="left", color=INK)
    return figure


def _draw_shares(axes: Any, curve: Curve, words: Words) -> None:
    """The share covered after each step, in the worst-served zone too, and the target."""
    steps, say = np.arange(len(curve.share)), words["siting"]
    dot = "o" if len(steps) <= MARKED_STEPS else None
    axes.plot(steps, 100 * curve.share, color=LINE, linewidth=2, marker=dot, markersize=4.5, label=say["share"])
    if curve.lowest is not None and curve.level is not None:
        label = say["lowest"].format(level=words["map"]["levels"].get(curve.level, curve.level))
        axes.plot(steps, 100 * curve.lowest, color=LOWEST, linewidth=1.6, linestyle=(0, (4, 2)), label=label)
    if curve.target is not None:
        axes.axhline(100 * curve.target, color=TARGET, linewidth=1.2)
        text = say["target"].format(target=short_percent(curve.target))
        axes.annotate(text, (0, 100 * curve.target), (2, 3), textcoords="offset points", fontsize=9, color=TARGET)
    if 0 < curve.last_sites < len(steps) - 1:
        axes.axvspan(steps[-1] - curve.last_sites, steps[-1], color=LAST, zorder=0)
        text, middle = say["last"].format(sites=curve.last_sites), steps[-1] - curve.last_sites / 2
        axes.annotate(text, (middle, 0.04), xycoords=("data", "axes fraction"), ha="center", fontsize=9, color=INK)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}%"))
    axes.set_ylim(top=min(104.0, axes.get_ylim()[1] + 3))
    if curve.lowest is None:
        axes.set_ylabel(say["share"], fontsize=9, color=INK)
    else:
        axes.legend(frameon=False, loc="best", fontsize=9, labelcolor=INK)


def _draw_gains(axes: Any, curve: Curve, say: Words) -> None:
    """People newly covered by each site."""
    steps = np.arange(len(curve.gained))
    axes.bar(steps[1:], curve.gained[1:], color=BAR, width=0.8)
    axes.set_ylabel(say["gained"], fontsize=9, color=INK)
    axes.set_xlabel(say["sites"], fontsize=9, color=INK)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlim(-0.6, max(len(steps) - 0.4, 1.6))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
