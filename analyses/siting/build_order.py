"""In which order to build a plan: the site that helps most first, and what each step brings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .assignment import best_flows
from .costs import Flags, Floats, Rows
from .pairs import Pairs, group_pairs
from .plan import Plan
from .problem import SitingProblem

COLUMNS = (
    "step", "action", "site", "gain", "people_gained", "minutes_saved", "cost", "gain_per_cost",
    "covered_people", "share", "mean_minutes", "longest_minutes", "total_cost", "lowest_zone_share",
)  # fmt: skip


def build_order(problem: SitingProblem, plan: Plan) -> pd.DataFrame:
    """Put the sites of a plan in sequence, each step the one that gains most (per cost, where candidates cost money).

    Parameters
    ----------
    problem : SitingProblem
    plan : Plan

    Returns
    -------
    DataFrame
        Row 0 is today, then one row per site: `step`; `action` (today, open, upgrade, close); `site` (candidate row, -1 for
        today); `gain` (weighted people covered, or person-minutes saved for the p-median kinds, or minutes off the longest time
        for p-center); `people_gained` (heads within the limit, without one heads with a site); `minutes_saved` (person-minutes of
        those who had a site before); `cost` (money, null without; negative for closing); `gain_per_cost`; and how things stand
        after the step: `covered_people`, `share` of all people, `mean_minutes` of those served, `longest_minutes`, `total_cost`,
        `lowest_zone_share` and, per zone row, `share.<zone>`. Facilities of today are closed last.
    """
    if not len(plan.sites):
        return pd.DataFrame(columns=list(COLUMNS))
    course = _Course(problem, plan)
    rows = [course.row("today", -1, _Gain(0.0, 0.0, 0.0))]
    waiting = sorted(plan.opened.tolist())
    while waiting:
        gains = {site: course.gain(site) for site in waiting}
        best = max(waiting, key=lambda site: (*course.rank(site, gains[site]), -site))
        waiting.remove(best)
        course.open(best)
        rows.append(course.row("upgrade" if best in problem.upgrades else "open", best, gains[best]))
    closed = np.intersect1d(plan.closed, problem.closable).tolist()
    rows += [course.row("close", site, course.close(site)) for site in closed]
    return pd.DataFrame(rows)


@dataclass(frozen=True)
class _Gain:
    """Of the objective; heads; person-minutes."""

    objective: float
    people: float
    minutes: float


class _Course:
    """How things stand after each step; reads only the columns of the plan's own sites."""

    def __init__(self, problem: SitingProblem, plan: Plan) -> None:
        self.problem = problem
        self.weight, self.heads = problem.weighted_people, problem.people
        self.money = problem.candidate_costs
        self.reach = float(problem.limit) if problem.traits.is_covering and problem.limit is not None else np.inf
        self.limit = np.inf if problem.limit is None else float(problem.limit)
        self.columns = self._columns(np.union1d(plan.sites, problem.existing).astype(np.int32))
        self.standing: set[int] = set(problem.existing.tolist())
        self.step, self.spent, self.covered_before = 0, 0.0, 0.0
        self._reckon()

    def _columns(self, sites: Rows) -> Pairs:
        table = self.problem.costs
        wanted = np.zeros(table.candidates, bool)
        wanted[sites] = True
        kept = wanted[table.candidate] & (table.cost <= self.reach)
        return group_pairs(table.candidate[kept], table.demand[kept], table.cost[kept], table.candidates)

    def _column(self, site: int) -> tuple[Rows, Floats]:
        part = slice(self.columns.starts[site], self.columns.starts[site + 1])
        return self.columns.rows[part], self.columns.cost[part]

    def _reckon(self) -> None:
        """Minutes and number of sites per row, with what stands."""
        count = len(self.heads)
        self.minutes, self.number = np.full(count, np.inf), np.zeros(count, np.int64)
        self.capacity_left: Floats = self.heads.copy()
        for site in sorted(self.standing):
            self._add(site)

    def _add(self, site: int) -> None:
        rows, cost = self._column(site)
        self.minutes[rows] = np.minimum(self.minutes[rows], cost)
        self.number[rows] += 1
        if self.problem.capacities is not None:
            left = self.capacity_left[rows]
            self.capacity_left[rows] -= np.clip(self.problem.capacities[site] - (np.cumsum(left) - left), 0.0, left)

    def gain(self, site: int) -> _Gain:
        """What opening a site would bring now."""
        rows, cost = self._column(site)
        before, after = self.minutes[rows], np.minimum(self.minutes[rows], cost)
        served = np.isfinite(before)
        saved = float(self.weight[rows][served] @ (before[served] - after[served]))
        people = float(self.heads[rows][(after <= self.limit) & ~(before <= self.limit)].sum())
        traits = self.problem.traits
        if self.problem.capacities is not None:
            filled = float(min(self.problem.capacities[site], self.capacity_left[rows].sum()))
            return _Gain(saved if traits.serves_everyone else filled, filled, saved)
        if traits.objective == "person-minutes":
            return _Gain(saved, people, saved)
        if traits.objective == "longest":
            return _Gain(self._longest() - self._longest_with(rows, after), people, saved)
        first = float(self.weight[rows][self.number[rows] == 0].sum())
        if traits.levels == 1:
            return _Gain(first, people, saved)
        share = self.problem.backup_weight
        return _Gain((1 - share) * first + share * float(self.weight[rows][self.number[rows] == 1].sum()), people, saved)

    def rank(self, site: int, gain: _Gain) -> tuple[float, float]:
        """First those who have nothing, for problems that serve everyone; per cost where there is one."""
        per = 1.0 if self.money is None else max(float(self.money[site]), 1e-12)
        rows, _ = self._column(site)
        new = float(self.weight[rows][self.number[rows] == 0].sum()) if self.problem.traits.serves_everyone else 0.0
        return (new / per, gain.objective / per)

    def open(self, site: int) -> None:
        """Open a site; an upgrade takes the place of what it replaces."""
        self.standing.add(site)
        replaced = self.problem.upgrades.get(site)
        if replaced is None:
            self._add(site)
        else:
            self.standing.discard(replaced)
            self._reckon()
        self.step += 1
        self.spent += 0.0 if self.money is None else float(self.money[site])

    def close(self, site: int) -> _Gain:
        """Close a facility of today; its gain is negative."""
        covered, spent = self._covered(), self._person_minutes()
        weighted = float(self.weight[self.minutes <= self.limit].sum())
        self.standing.discard(site)
        self._reckon()
        self.step += 1
        self.spent -= 0.0 if self.money is None else float(self.money[site])
        lost = float(self.weight[self.minutes <= self.limit].sum()) - weighted
        saved = spent - self._person_minutes()
        return _Gain(saved if self.problem.traits.serves_everyone else lost, self._covered() - covered, saved)

    def row(self, action: str, site: int, gain: _Gain) -> dict[str, object]:
        """One line of the table."""
        money = np.nan if self.money is None or site < 0 else float(self.money[site]) * (-1 if action == "close" else 1)
        covered = self._covered()
        if self.problem.traits.has_capacities and site >= 0:
            gain = self._measured(gain, covered)
        self.covered_before = covered
        total = float(self.heads.sum())
        served = np.isfinite(self.minutes)
        going = float(self.heads[served].sum())
        shares = self._zone_shares()
        return {
            "step": self.step,
            "action": action,
            "site": site,
            "gain": gain.objective,
            "people_gained": gain.people,
            "minutes_saved": gain.minutes,
            "cost": money,
            "gain_per_cost": gain.objective / money if money > 0 else np.nan,
            "covered_people": covered,
            "share": covered / total if total else np.nan,
            "mean_minutes": float(self.heads[served] @ self.minutes[served]) / going if going else np.nan,
            "longest_minutes": self._longest() if going else np.nan,
            "total_cost": np.nan if self.money is None else self.spent,
            "lowest_zone_share": min(shares.values(), default=np.nan),
            **{f"share.{zone}": share for zone, share in shares.items()},
        }

    def _measured(self, gain: _Gain, covered: float) -> _Gain:
        """With capacities, what is gained is known once everyone has been sent anew."""
        people = covered - self.covered_before
        return _Gain(gain.objective if self.problem.traits.serves_everyone else people, people, gain.minutes)

    def _covered(self) -> float:
        """Heads within the limit; with capacities, heads that the sites can take."""
        if self.problem.traits.has_capacities:
            flows = best_flows(self.problem, np.array(sorted(self.standing), np.int32))
            return float((self.heads - self.capacity_left).sum()) if flows is None else float(flows.people.sum())
        return float(self.heads[self._near()].sum())

    def _near(self) -> Flags:
        near: Flags = np.isfinite(self.minutes) & (self.minutes <= self.limit)
        return near

    def _person_minutes(self) -> float:
        served = np.isfinite(self.minutes)
        return float(self.weight[served] @ self.minutes[served])

    def _longest(self) -> float:
        return float(self.minutes[np.isfinite(self.minutes) & (self.heads > 0)].max(initial=0.0))

    def _longest_with(self, rows: Rows, after: Floats) -> float:
        minutes = self.minutes.copy()
        minutes[rows] = after
        return float(minutes[np.isfinite(self.minutes) & (self.heads > 0)].max(initial=0.0))

    def _zone_shares(self) -> dict[int, float]:
        """Share of each zone's people within the limit (or with a site); zones without people have none."""
        zones = self.problem.zones
        if zones is None:
            return {}
        inside = zones >= 0
        total = np.bincount(zones[inside], weights=self.heads[inside])
        near = np.bincount(zones[inside], weights=np.where(self._near(), self.heads, 0.0)[inside], minlength=len(total))
        return {int(zone): float(near[zone] / total[zone]) for zone in np.flatnonzero(total > 0)}
