"""The marginal curve: what each site adds when the plan is built in its order, measured on the streets step by step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...analyses.equity import gini
from ...analyses.scorecard import weighted_quantiles
from ...geo.engine.search import Direction
from ...geo.engine.updates import ChangingFacilities
from ...geo.snapping.chosen import chosen_places
from ..situation.networks import Network
from .places import Sites
from .states import Measure

BUILT = ("open", "upgrade")  # steps that build something
LAST_SHARE = 0.05  # the last people are the dear ones: what the last 5 % of everyone take is said apart

Floats = NDArray[np.float64]


def marginal_curve(
    networks: Sequence[Network], measure: Measure, sites: Sites, order: pd.DataFrame, *, direction: Direction
) -> pd.DataFrame:
    """Open the sites of a plan one after the other; what closes does so last.

    Parameters
    ----------
    networks : sequence of Network
    measure : Measure
    sites : Sites
    order : DataFrame
        `action` (today, open, upgrade, close) and `site` (column of the problem) of every step, as `build_order` gives them.
    direction : {"to", "from"}

    Returns
    -------
    DataFrame
        `step, action, site, cost, total_cost, people_gained, people_per_cost, covered, share, median_minutes`, and for equity
        `urban_share, rural_share` where the study tells them apart, and per level `<level>.lowest_share, <level>.lowest_zone,
        <level>.gini` (of the zones' shares, weighted by people).
    """
    course = _Course(networks, sites, direction)
    rows = []
    for action, site in zip(order["action"], order["site"], strict=True):
        course.step(action, int(site))
        rows.append(_row(measure, course.minutes))
    table = pd.DataFrame(rows)
    gained = table["covered"].diff().fillna(0.0)
    spent = _spent(sites, order)
    lead = {
        "step": np.arange(len(rows)),
        "action": order["action"].to_numpy(object),
        "site": order["site"].to_numpy(np.int64),
        "cost": spent,
        "total_cost": np.cumsum(spent),
        "people_gained": gained,
        "people_per_cost": np.divide(gained, spent, out=np.full(len(spent), np.nan), where=spent > 0),
    }
    return pd.DataFrame(lead).join(table)


def _spent(sites: Sites, order: pd.DataFrame) -> Floats:
    """Money of every step: none today and for closing, null where costs are unknown."""
    cost = sites.table["cost"].to_numpy(float)
    known = np.isfinite(cost[(sites.table["role"] == "candidate").to_numpy(bool)]).any()
    opens = order["action"].isin(BUILT).to_numpy(bool)
    return np.where(opens, cost[np.where(opens, order["site"], 0)], 0.0 if known else np.nan)


class _Course:
    """The facilities of every network while a plan is carried out."""

    def __init__(self, networks: Sequence[Network], sites: Sites, direction: Direction) -> None:
        self._sites = sites
        self._changing = [
            ChangingFacilities(network.graph, network.people, snaps, direction=direction)
            for network, snaps in zip(networks, sites.kept_snaps, strict=True)
        ]

    def step(self, action: str, site: int) -> None:
        """Carry one step out; an upgrade stands where a facility stands already, so no time changes."""
        for facilities, snaps in zip(self._changing, self._sites.snaps, strict=True):
            if action == "open":
                facilities.open(chosen_places(snaps, np.array([site])))
            elif action == "close":
                facilities.close(self._row_of(site))

    def _row_of(self, site: int) -> int:
        """Where a column of the problem stands among the facilities of today."""
        return int(np.flatnonzero(self._sites.kept["facility"] == self._sites.table["facility"].iloc[site])[0])

    @property
    def minutes(self) -> Floats:
        """Everyone's time to the nearest open facility, NaN for none."""
        fastest: Floats = np.fmin.reduce([facilities.nearest.seconds for facilities in self._changing]) / 60
        return fastest


def last_people(curve: pd.DataFrame, share: float = LAST_SHARE) -> tuple[int, float]:
    """Say what the last people take: the sites, and their money, that lead over the end of the curve.

    Parameters
    ----------
    curve : DataFrame
        As `marginal_curve`.
    share : float
        Of everyone, 0-1.

    Returns
    -------
    sites : int
        Built once all but the last `share` of everyone are covered, with the one during which that point is passed.
    cost : float
        Of those sites, NaN where costs are unknown.
    """
    before = curve["share"].to_numpy(float) <= curve["share"].iloc[-1] - share
    first = int(np.flatnonzero(before).max(initial=0))
    built = curve["action"].isin(BUILT).iloc[first + 1 :]
    return int(built.sum()), float(curve["total_cost"].iloc[-1] - curve["total_cost"].iloc[first])


def _row(measure: Measure, minutes: Floats) -> dict[str, object]:
    covered: Floats = np.where(measure.status(minutes) == "covered", measure.counted, 0.0)
    everyone = measure.counted.sum()
    median = weighted_quantiles(minutes, measure.counted, (0.5,))[0]
    row: dict[str, object] = {
        "covered": float(covered.sum()),
        "share": float(covered.sum() / everyone),
        "median_minutes": median,
    }
    for name, inside in measure.settlement.items():
        people = measure.counted[inside].sum()
        row[f"{name}_share"] = float(covered[inside].sum() / people) if people > 0 else np.nan
    for level, zones in measure.zones.items():
        row |= _zone_figures(level, zones, covered, measure)
    return row


def _zone_figures(level: str, zones: pd.Series, covered: Floats, measure: Measure) -> dict[str, object]:
    """The worst-served zone, and how unequal the zones are."""
    sums = pd.DataFrame({"covered": covered, "people": measure.counted}).groupby(zones.to_numpy(object)).sum()
    sums = sums.loc[sums["people"] > 0]
    if not len(sums):
        return {f"{level}.lowest_share": np.nan, f"{level}.lowest_zone": None, f"{level}.gini": np.nan}
    shares = sums["covered"] / sums["people"]
    lowest = shares.index[int(np.argmin(shares))]
    name = measure.situation.zone_names[level].get(lowest)
    return {
        f"{level}.lowest_share": float(shares.min()),
        f"{level}.lowest_zone": lowest if pd.isna(name) else name,
        f"{level}.gini": gini(shares.to_numpy(float), sums["people"].to_numpy(float)),
    }
