"""A plan is believed only if the coverage code, with the new facilities in place, finds the same (pitfall 20)."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...analyses.siting.plan import Plan
from ...geo.errors import StudyError
from ..speech.messages import Say
from .problem import Posed
from .request import Request
from .states import Measure

Floats = NDArray[np.float64]
TOLERANCE_MINUTES: Final = 1e-6
TOLERANCE_SHARE: Final = 1e-9


def check_plan(plan: Plan, posed: Posed, measured: Floats, measure: Measure, request: Request, say: Say) -> None:
    """Compare every demand row of a plan with what the streets say.

    Parameters
    ----------
    plan : Plan
    posed : Posed
    measured : (n,) float64
        Minutes of every demand unit to its nearest facility with the plan in place, NaN for none.
    measure : Measure
    request : Request
    say : Say

    Raises
    ------
    StudyError
        At the first row that differs by more than the rounding of a sum, or if the people covered do not add up.
    """
    minutes = measured[posed.rows]
    wrong = _wrong_rows(plan.minutes, minutes, request)
    if wrong.any():
        row = int(np.argmax(wrong))
        unit = posed.rows[row] + 1
        raise StudyError(
            say("site.mismatch", units=int(wrong.sum()), unit=unit, planned=plan.minutes[row], measured=minutes[row])
        )
    _check_people(plan, measured, measure, request, say)


def _wrong_rows(planned: Floats, measured: Floats, request: Request) -> NDArray[np.bool_]:
    """Rows where plan and streets differ; a plan says nothing of trips beyond its limit or cut-off."""
    limit = request.pair_limit_minutes
    served, reached = ~np.isnan(planned), ~np.isnan(measured)
    if request.traits.has_capacities:
        # A full site sends people on to one further away, never to one nearer than the nearest.
        wrong: NDArray[np.bool_] = served & ~(reached & (measured <= planned + TOLERANCE_MINUTES))
        return wrong
    inside = reached & (measured <= limit - TOLERANCE_MINUTES)
    outside = ~reached | (measured > limit + TOLERANCE_MINUTES)
    wrong = (served & outside) | (~served & inside)
    both = served & reached
    if request.traits.is_covering:
        # Whoever a facility of today covers has no further pair, so only an existing site may be slower than the nearest.
        return wrong | (both & (measured > planned + TOLERANCE_MINUTES))
    return wrong | (both & (np.abs(measured - planned) > TOLERANCE_MINUTES))


def _check_people(plan: Plan, measured: Floats, measure: Measure, request: Request, say: Say) -> None:
    """The plan's covered people and the coverage code's, where both count the same."""
    if not request.traits.is_covering:
        return
    status = measure.status(measured)
    covered = float(measure.counted[np.asarray(status == "covered")].sum())
    on_edge = np.abs(measured - request.goal.minutes) <= TOLERANCE_MINUTES
    slack = float(measure.counted[on_edge].sum()) + TOLERANCE_SHARE * float(measure.counted.sum())
    short = covered < plan.covered_people - slack
    differs = abs(covered - plan.covered_people) > slack and not request.traits.has_capacities
    if short or differs:
        raise StudyError(say("site.mismatch_people", planned=plan.covered_people, measured=covered))
