"""The marginal curve: what each site adds when the plan is built in its order, measured on the streets step by step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..analyses.equity import gini
from ..analyses.scorecard import weighted_quantiles
from ..geo.search import Direction
from ..geo.snapping import Snaps
from ..geo.updates import ChangingFacilities
from .networks import Network
from .siting_snaps import chosen_places
from .siting_states import Measure

LAST_SHARE = 0.05  # the last people are the dear ones: what the last 5 % of everyone take is said apart

Floats = NDArray[np.float64]


def marginal_curve(
    networks: Sequence[Network],
    measure: Measure,
    kept: Sequence[Snaps],
    sites: Sequence[Snaps],
    order: Sequence[int],
    cost: Floats,
    *,
    direction: Direction,
) -> pd.DataFrame:
    """Open the sites of a plan one after the other.

    Parameters
    ----------
    networks : sequence of Network
    measure : Measure
    kept : sequence of Snaps
        Facilities that stay, per network.
    sites : sequence of Snaps
        All columns of the problem, per network.
    order : sequence of int
        Columns in the order of building.
    cost : (m,) float64
        Of every column, NaN if unknown.
    direction : {"to", "from"}

    Returns
    -------
    DataFrame
        One row per step, the first (`step` 0) with none of the sites: `step, site, cost, total_cost, people_gained,
        people_per_cost, covered, share, median_minutes`, and for equity `urban_share, rural_share` where the study tells them
        apart, and per level `<level>.lowest_share, <level>.lowest_zone, <level>.gini` (of the zones' shares, weighted by people).
    """
    changing = [
        ChangingFacilities(network.graph, network.people, snaps, direction=direction)
        for network, snaps in zip(networks, kept, strict=True)
    ]
    rows = [_row(measure, _minutes(changing))]
    for site in order:
        for facilities, snaps in zip(changing, sites, strict=True):
            facilities.open(chosen_places(snaps, np.array([site])))
        rows.append(_row(measure, _minutes(changing)))
    spent = np.array([0.0 if np.isfinite(cost).any() else np.nan, *cost[list(order)]])
    table = pd.DataFrame(rows)
    gained = table["covered"].diff().fillna(0.0)
    per_cost = np.divide(gained, spent, out=np.full(len(spent), np.nan), where=spent > 0)
    lead = {
        "step": np.arange(len(rows)),
        "site": [-1, *order],
        "cost": spent,
        "total_cost": np.cumsum(spent),
        "people_gained": gained,
        "people_per_cost": per_cost,
    }
    return pd.DataFrame(lead).join(table)


def last_people(curve: pd.DataFrame, share: float = LAST_SHARE) -> tuple[int, float]:
    """Say what the last people take: how many sites, and how much money, lie between that share below the end and the end.

    Parameters
    ----------
    curve : DataFrame
        As `marginal_curve`.
    share : float
        Of everyone, 0-1.

    Returns
    -------
    sites : int
        Sites built after all but the last `share` of everyone are covered.
    cost : float
        Of those sites, NaN where costs are unknown.
    """
    reached = curve["share"].to_numpy(float) >= curve["share"].iloc[-1] - share
    first = int(np.argmax(reached))
    return len(curve) - 1 - first, float(curve["total_cost"].iloc[-1] - curve["total_cost"].iloc[first])


def _minutes(changing: Sequence[ChangingFacilities]) -> Floats:
    fastest: Floats = np.fmin.reduce([facilities.nearest.seconds for facilities in changing]) / 60
    return fastest


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
    name = measure.names[level].get(lowest)
    return {
        f"{level}.lowest_share": float(shares.min()),
        f"{level}.lowest_zone": lowest if pd.isna(name) else name,
        f"{level}.gini": gini(shares.to_numpy(float), sums["people"].to_numpy(float)),
    }
