"""Equity: how unequally a figure is spread over units, each weighing as many people as it has.

With equal weights these are the measures of PySAL's `inequality`, which knows no weights for Gini and Theil.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def coefficient_of_variation(values: Floats, weights: Floats) -> float:
    """Standard deviation over mean, both weighted; Williamson's index where the weights are people.

    Parameters
    ----------
    values : (n,) float64
        0 or more.
    weights : (n,) float64

    Returns
    -------
    float
        0 where all are equal; NaN where the mean is 0.
    """
    mean = float(np.average(values, weights=weights))
    spread = float(np.sqrt(np.average((values - mean) ** 2, weights=weights)))
    return spread / mean if mean > 0 else float("nan")


def lorenz(values: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Lorenz curve: which share of the whole the lowest share of the people holds.

    Parameters
    ----------
    values : (n,) float64
        0 or more.
    weights : (n,) float64

    Returns
    -------
    people, held : (n + 1,) float64
        Corners of the curve from (0, 0) to (1, 1); `held` is NaN where nothing is held at all.
    """
    order = np.argsort(values, kind="stable")
    people: Floats = np.concatenate(([0.0], np.cumsum(weights[order]))) / weights.sum()
    sums: Floats = np.concatenate(([0.0], np.cumsum((values * weights)[order])))
    return people, sums / sums[-1] if sums[-1] > 0 else np.full(len(sums), np.nan)


def gini(values: Floats, weights: Floats) -> float:
    """Gini coefficient: half the mean difference between two people, over the mean; NaN where the mean is 0.

    The area under the Lorenz curve is summed by trapezoids, which is exact for the step of each unit.
    """
    people, held = lorenz(values, weights)
    return float(1 - np.sum(np.diff(people) * (held[1:] + held[:-1])))


def theil(values: Floats, weights: Floats) -> float:
    """Theil's T; a unit that holds nothing adds nothing (x ln x goes to 0); NaN where the mean is 0."""
    mean = float(np.average(values, weights=weights))
    if mean <= 0:
        return float("nan")
    relative = values / mean
    logs = np.log(relative, out=np.zeros_like(relative), where=relative > 0)
    return float(np.average(relative * logs, weights=weights))


def theil_between(values: Floats, weights: Floats, groups: NDArray[np.object_]) -> float:
    """The part of Theil's T that lies between groups of units; the rest of `theil` lies within them."""
    labels, at = np.unique(groups.astype(str), return_inverse=True)
    people: Floats = np.bincount(at, weights, len(labels)).astype(np.float64)
    means: Floats = np.bincount(at, weights * values, len(labels)) / people
    return theil(means, people)


def palma(values: Floats, weights: Floats) -> float:
    """What the best-served tenth of the people holds over what the worst-served four tenths hold; NaN where that is 0.

    Units are cut where the tenth and the four tenths end.
    """
    people, held = lorenz(values, weights)
    lowest = float(np.interp(0.4, people, held))
    return (1.0 - float(np.interp(0.9, people, held))) / lowest if lowest > 0 else float("nan")


def concentration_index(values: Floats, weights: Floats, ranking: Floats) -> float:
    """Concentration index (Kakwani, Wagstaff and van Doorslaer 1997): twice the covariance of value and rank, over the mean.

    Parameters
    ----------
    values : (n,) float64
        0 or more.
    weights : (n,) float64
    ranking : (n,) float64
        What people are ranked by, lowest first; equals share the middle of their ranks.

    Returns
    -------
    float
        -1 to 1: above 0 where those ranked high hold more than their part. Ranked by `values` it is the Gini coefficient.
        NaN where the mean is 0.
    """
    mean = float(np.average(values, weights=weights))
    places, at = np.unique(ranking, return_inverse=True)
    share = np.bincount(at, weights, len(places)) / weights.sum()
    middle = np.cumsum(share) - share / 2
    return float(2 * np.average((values - mean) * (middle[at] - 0.5), weights=weights)) / mean if mean > 0 else float("nan")


def max_to_min(values: Floats, weights: Floats) -> float:
    """The largest value over the smallest, of units where anybody counts; NaN where the smallest is 0."""
    counted = values[weights > 0]
    lowest = float(counted.min())
    return float(counted.max()) / lowest if lowest > 0 else float("nan")


MEASURES: Final[Mapping[str, Callable[[Floats, Floats], float]]] = MappingProxyType(
    {"cv": coefficient_of_variation, "gini": gini, "theil": theil, "palma": palma, "max-min": max_to_min}
)
