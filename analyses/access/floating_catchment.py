"""The two steps that all floating-catchment measures share; each of them only brings its own weights."""

from __future__ import annotations

import numpy as np

from .costs import Floats, Pairs


def two_steps(pairs: Pairs, people: Floats, capacity: Floats, asking: Floats, receiving: Floats) -> Floats:
    """Share every facility's capacity among those who ask for it, then add up what every unit receives.

    R_j = S_j / sum over k of P_k a_kj;  A_i = sum over j of R_j r_ij.

    Parameters
    ----------
    pairs : Pairs
    people, capacity : (units,) and (facilities,) float64
    asking, receiving : (n,) float64
        Weights a and r of the pairs, 0 where a facility does not count.

    Returns
    -------
    (units,) float64
        Capacity per person. 0 where nothing is received, which is true. NaN where only people of 0 ask a facility: nobody lives
        there, and what nobody shares cannot be divided.
    """
    counts = (asking > 0) | (receiving > 0)
    used, a, r = pairs.where(counts), asking[counts], receiving[counts]
    asked = used.per_facility(people[used.unit] * a)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(capacity > 0, np.where(asked > 0, capacity / asked, np.nan), 0.0)
    return used.per_unit(ratio[used.facility] * r)


def shares(values: Floats, totals: Floats) -> Floats:
    """Divide values by the totals of their group; 0 in a group without any."""
    return np.divide(values, totals, out=np.zeros_like(values), where=totals > 0)
