"""A plan over foreign tables as JSON and as sentences; ids as they stand in the files."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from ...analyses.siting.plan import Reason
from ..speech.messages import Say
from .reasons import sayable
from .tables import TablePlan

FIGURES: Final = ("gain", "people_gained", "covered_people", "share", "cost", "gain_per_cost")


def as_json(found: TablePlan) -> dict[str, Any]:
    """Return what `--json` prints.

    `objective` and `bound` are null where there is no plan or no proof; `gap` is 0 where the plan is proven optimal, a share
    where it is proven to within that, and null where nothing is proven. `sites` are all open sites, existing ones included.
    """
    plan, names = found.plan, found.candidates
    order = found.order
    return {
        "problem": plan.problem,
        "status": plan.status,
        "objective": _number(plan.objective),
        "bound": _number(plan.bound),
        "gap": _number(plan.gap),
        "method": plan.method,
        "seconds": round(plan.seconds, 3),
        "sites": [str(names[row]) for row in plan.sites],
        "opened": [str(names[row]) for row in plan.opened],
        "closed": [str(names[row]) for row in plan.closed],
        "people": float(found.problem.people.sum()),
        "covered_people": float(plan.covered_people),
        "order": [
            {
                "site": str(names[int(row["site"])]),
                "action": row["action"],
                **{key: _number(row[key]) for key in FIGURES},
            }
            for row in order.to_dict("records")
            if row["site"] >= 0
        ],
        "explanation": [_reason(reason, found) for reason in plan.explanation],
    }


def sentences(found: TablePlan, say: Say) -> list[str]:
    """Say why a request cannot be met, or who stays without a site."""
    plan = found.plan
    listed = [_sentence(reason, say) for reason in plan.explanation]
    return [say("site.infeasible"), *listed] if plan.status == "infeasible" else listed


def _sentence(reason: Reason, say: Say) -> str:
    minutes = reason.numbers.get("limit", math.nan)
    return say(f"site.infeasible.{reason.kind}", **{"people": reason.people, "minutes": minutes, **sayable(reason)})


def _reason(reason: Reason, found: TablePlan) -> dict[str, Any]:
    return {
        "kind": reason.kind,
        "people": reason.people,
        "numbers": {key: _number(value) for key, value in reason.numbers.items()},
        "demand": [str(found.demand[row]) for row in reason.demand],
    }


def _number(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else float(value)
