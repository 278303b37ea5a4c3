"""Circle: people within a limit of one service, of any of several, of all of them, or of so many of them."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...geo.errors import StudyError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Rule = Literal["any", "all"]


class Bundled(NamedTuple):
    """The travel time that decides, and to which service it leads.

    Attributes
    ----------
    minutes : (n,) float64
        NaN where the bundle is never complete.
    service : (n,) int64
        Column of the deciding service, -1 where there is none.
    """

    minutes: Floats
    service: Integers


def bundle(minutes: Floats, *, at_least: int | Rule) -> Bundled:
    """Turn the minutes to each service into the minutes to so many of them.

    Whoever needs k services has them when the k-th nearest is reached: `any` is the first, `all` is the last.

    Parameters
    ----------
    minutes : (n, services) float64
        NaN where a service is not reached at all.
    at_least : int, "any" or "all"

    Raises
    ------
    StudyError
        If more services are asked for than there are.
    """
    services = minutes.shape[1]
    wanted = {"any": 1, "all": services}.get(at_least, at_least) if isinstance(at_least, str) else at_least
    if not 1 <= wanted <= services:
        raise StudyError(
            "a bundle of {services} services cannot ask for {wanted} of them: ask for 1 to {services}.",
            services=services,
            wanted=wanted,
        )
    order = np.argsort(minutes, axis=1, kind="stable")  # NaN goes last
    deciding = order[:, wanted - 1]
    time = np.take_along_axis(minutes, deciding[:, None], axis=1)[:, 0]
    return Bundled(time, np.where(np.isnan(time), -1, deciding))


def reached(minutes: Floats, limit_minutes: float) -> Integers:
    """Count the services that each unit reaches within the limit, inclusive."""
    with np.errstate(invalid="ignore"):
        return np.asarray((minutes <= limit_minutes).sum(axis=1), np.int64)
