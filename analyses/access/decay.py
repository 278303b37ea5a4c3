"""Decay: how much a facility counts that is so many minutes away.

Each function returns a function of an array of minutes; weights lie between 0 and 1 (`power` above 1 too) and never rise.
Limits are inclusive.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...geo.errors import InputError

Floats = NDArray[np.float64]
Decay = Callable[[Floats], Floats]

# Luo & Qi 2009 (Health & Place 15): zones of 10 minutes within 30.
LUO_QI: Final[Mapping[float, float]] = {10: 1.0, 20: 0.68, 30: 0.22}
# Wan, Zou & Sternberg 2012 (Int. J. Geogr. Inf. Sci. 26), as PySAL `access` ships them.
WAN: Final[Mapping[float, float]] = {10: 0.962, 20: 0.704, 30: 0.377, 60: 0.042}


def binary(limit_minutes: float) -> Decay:
    """1 up to the limit, 0 beyond."""
    limit = _positive("limit_minutes", limit_minutes)
    return lambda minutes: (minutes <= limit).astype(np.float64)


def step(weights: Mapping[float, float]) -> Decay:
    """The weight of the first zone that a time lies in, 0 beyond the last.

    Parameters
    ----------
    weights : mapping of upper limit in minutes to weight
        Such as {10: 1, 20: 0.68, 30: 0.22}.
    """
    limits = np.array(sorted(weights), np.float64)
    values = np.array([weights[limit] for limit in sorted(weights)], np.float64)
    if not len(limits) or limits[0] < 0 or (values < 0).any() or (np.diff(values) > 0).any():
        raise InputError(
            "the zones {weights} must have limits from 0 up, and weights from 0 up that do not rise.", weights=dict(weights)
        )
    padded = np.append(values, 0.0)
    return lambda minutes: padded[np.searchsorted(limits, minutes, side="left")]


def linear(limit_minutes: float) -> Decay:
    """From 1 at once down to 0 at the limit: 1 - t / limit."""
    limit = _positive("limit_minutes", limit_minutes)
    return lambda minutes: np.maximum(0.0, 1.0 - minutes / limit)


def exponential(rate_per_minute: float) -> Decay:
    """exp(-rate t); at ln 2 / rate minutes a facility counts half."""
    rate = _positive("rate_per_minute", rate_per_minute)
    return lambda minutes: np.exp(-rate * minutes)


def power(exponent: float, floor_minutes: float = 1.0) -> Decay:
    """max(t, floor)^-exponent (Hansen 1959); exponents of 1 to 2 are usual.

    Parameters
    ----------
    exponent : float
    floor_minutes : float
        Shorter times count as this long, because next door would count endlessly. Times in other units need another floor.
    """
    above, floor = _positive("exponent", exponent), _positive("floor_minutes", floor_minutes)
    return lambda minutes: np.maximum(minutes, floor) ** -above


def gaussian(width_minutes: float) -> Decay:
    """exp(-t² / (2 width²)), without an end."""
    width = _positive("width_minutes", width_minutes)
    return lambda minutes: np.exp(-0.5 * (minutes / width) ** 2)


def bounded_gaussian(limit_minutes: float) -> Decay:
    """(exp(-(t / limit)² / 2) - exp(-1/2)) / (1 - exp(-1/2)): 1 at once, 0 from the limit on (Dai 2010, Health & Place 16)."""
    limit, edge = _positive("limit_minutes", limit_minutes), float(np.exp(-0.5))
    return lambda minutes: np.maximum(0.0, (np.exp(-0.5 * (minutes / limit) ** 2) - edge) / (1.0 - edge))


def logistic(median_minutes: float, deviation_minutes: float) -> Decay:
    """S-shaped: nearly 1 close by, about a half at the median, nearly 0 far off.

    (1 + exp(-m a)) / (1 + exp((t - m) a)) with a = pi / (deviation sqrt 3) (Bauer & Groneberg 2016, PLoS ONE 11).
    """
    median = _positive("median_minutes", median_minutes)
    slope = np.pi / (_positive("deviation_minutes", deviation_minutes) * np.sqrt(3.0))
    top = 1.0 + np.exp(-median * slope)
    # Far beyond the median exp would overflow where the weight is 0 to the last digit already.
    return lambda minutes: top / (1.0 + np.exp(np.minimum((minutes - median) * slope, 700.0)))


def scaled(weights: Mapping[float, float], limit_minutes: float) -> dict[float, float]:
    """Stretch zones so that the last one ends at a limit: {10: 1, 20: 0.68, 30: 0.22} for 15 minutes ends at 5, 10 and 15."""
    last = max(weights)
    return {limit_minutes * (limit / last): weight for limit, weight in weights.items()}


def _positive(name: str, value: float) -> float:
    if not (np.isfinite(value) and value > 0):
        raise InputError("{name} must be a number above 0, not {value:g}.", name=name, value=value)
    return float(value)
