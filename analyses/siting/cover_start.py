"""First plans for covering problems, with their needs met where the search can: greedy and swap under changing stress."""

from __future__ import annotations

import numpy as np

from .costs import Floats, Rows
from .cover_model import CoverModel
from .cover_search import cover_counts, search_cover

ROUNDS = 14  # how often an unmet need is stressed more
HALVINGS = 30  # of the range of budgets, where money is counted

NOBODY = np.zeros(0, np.int32)


def start_cover(model: CoverModel, *, start: Rows = NOBODY) -> Rows | None:
    """Choose columns within the budget that meet all needs; None if the search finds none.

    Parameters
    ----------
    model : CoverModel
    start : int32 array
        Columns to begin with; dropped where they exceed the budget.
    """
    if model.worth is None:
        return _cheapest(model, start)
    return _within(model, model.budget, start)


def meets_needs(model: CoverModel, chosen: Rows) -> bool:
    """Whether every need is reached."""
    count = cover_counts(model.sites, len(model.rows.starts) - 1, chosen)
    return all(reached(measure.first, count) + measure.constant >= measure.need for measure in model.needs)


def reached(first: Floats, count: Rows) -> float:
    """Sum over the rows with a site."""
    return float(first[count >= 1].sum())


def fits(model: CoverModel, chosen: Rows, budget: float) -> Rows:
    """Return the columns of `chosen`, in order, as long as budget and groups allow."""
    kept: list[int] = []
    used, taken = 0.0, set()
    for column in chosen:
        group = int(model.group[column])
        if used + model.weight[column] <= budget and (group < 0 or group not in taken):
            kept.append(int(column))
            used += float(model.weight[column])
            taken.add(group)
    return np.array(kept, np.int32)


def _within(model: CoverModel, budget: float, start: Rows) -> Rows | None:
    """Search with a budget; needs that stay unmet count for more from round to round."""
    rows = len(model.rows.starts) - 1
    nothing = np.zeros(rows)
    worth = model.worth
    base, second = (nothing, nothing) if worth is None else (worth.first, worth.second)
    stress = np.full(len(model.needs), 1.0 if worth is None else 0.0)
    start = fits(model, start, budget)
    for _ in range(ROUNDS if model.needs else 1):
        first = base + sum((s * need.first for s, need in zip(stress, model.needs, strict=True)), nothing)
        chosen = search_cover(
            model.rows, model.sites, first, second, weight=model.weight, group=model.group, budget=budget, start=start
        )
        count = cover_counts(model.sites, rows, chosen)
        unmet = np.array([reached(need.first, count) + need.constant < need.need for need in model.needs], bool)
        if not unmet.any():
            return chosen
        stress[unmet] = np.maximum(2.0 * stress[unmet], 0.5)
        if worth is None and len(model.needs) == 1:
            return None
    return None


def _cheapest(model: CoverModel, start: Rows) -> Rows | None:
    """Find a small budget with which the search still meets the needs."""
    best = _within(model, float(model.weight.sum()), start)
    if best is None:
        return None
    best = _without_needless(model, best)
    whole = bool((model.weight == np.round(model.weight)).all())
    low, high = 0.0, float(model.weight[best].sum())
    for _ in range(HALVINGS):
        if high - low <= (1.0 if whole else 1e-3 * high):
            break
        budget = np.floor((low + high) / 2) if whole else (low + high) / 2
        found = _within(model, budget, NOBODY)
        if found is None:
            low = budget
            continue
        best = _without_needless(model, found)
        high = float(model.weight[best].sum())
    return best


def _without_needless(model: CoverModel, chosen: Rows) -> Rows:
    """Take sites away, the dearest first, as long as all needs stay met."""
    rows = len(model.rows.starts) - 1
    count = cover_counts(model.sites, rows, chosen)
    kept = set(chosen.tolist())
    spare = [reached(need.first, count) + need.constant - need.need for need in model.needs]
    for column in sorted(kept, key=lambda column: (-model.weight[column], column)):
        covered = model.sites.rows[model.sites.starts[column] : model.sites.starts[column + 1]]
        alone = covered[count[covered] == 1]
        lost = [float(need.first[alone].sum()) for need in model.needs]
        if all(part <= left for part, left in zip(lost, spare, strict=True)):
            kept.remove(column)
            count[covered] -= 1
            spare = [left - part for part, left in zip(lost, spare, strict=True)]
    return np.array(sorted(kept), np.int32)
