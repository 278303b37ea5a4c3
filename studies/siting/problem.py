"""From a request and its tables to a siting problem in rows and columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...analyses.counted import members
from ...analyses.siting.costs import CostTable
from ...analyses.siting.problem import SitingProblem
from ...geo.engine.search import Nearest
from ...geo.errors import StudyError
from ..situation.networks import Network
from ..speech.messages import Say
from .places import Sites
from .question import means_of
from .request import Request
from .states import Measure
from .times import DIGITS, SLACK_SECONDS, Pairs, pair_times

Floats = NDArray[np.float64]
Rows32 = NDArray[np.int32]


@dataclass(frozen=True, kw_only=True)
class Posed:
    """A problem, and which demand rows its rows are.

    Attributes
    ----------
    problem : SitingProblem
        Columns are the rows of `Sites.table`, behind them one for all facilities of today where these never close.
    rows : (n,) int64
        Demand rows with people of the goal.
    floor_zones : tuple of str
        Zones of the equity floor, by the number the problem knows them by.
    """

    problem: SitingProblem
    rows: NDArray[np.int64]
    floor_zones: tuple[str, ...]


def pose(
    request: Request,
    networks: Sequence[Network],
    sites: Sites,
    measure: Measure,
    today: Nearest,
    say: Say,
) -> Posed:
    """Turn the request into a siting problem.

    Parameters
    ----------
    request, networks, sites
    measure : Measure
        Of the goal's people.
    today : Nearest
        Of everyone, to the facilities that stay.
    say : Say

    Raises
    ------
    StudyError
        If a cost or capacity is missing that the problem needs.
    TooLargeError
        If the table of times would not fit in memory.
    """
    counted, zones = measure.counted, measure.zones
    rows = np.flatnonzero(counted > 0)
    table = _costs_in_minutes(request, networks, sites, rows, today, say)
    codes, floors, floor_zones = _floors(request, zones, rows, say)
    groups = {group: np.minimum(members(measure.situation.demand, group), counted)[rows] for group in request.siting.weights}
    problem = SitingProblem(
        problem=request.problem,
        costs=table,
        people=counted[rows],
        **means_of(request.question),
        limit=request.goal.minutes if request.traits.is_covering or floors else None,
        target_share=request.target,
        **_of_sites(request, sites, table.candidates, say),
        zones=codes,
        zone_floors=floors,
        groups=groups,
        group_weights=request.siting.weights,
    )
    return Posed(problem=problem, rows=rows, floor_zones=floor_zones)


def _of_sites(request: Request, sites: Sites, columns: int, say: Say) -> dict[str, Any]:
    """Return what the sites' table says, as the problem takes it."""
    return {
        "existing": _existing(request, sites),
        "forbidden": _at(sites.table["forbidden"]),
        "closable": _at(sites.table["closable"]),
        "upgrades": _upgrades(sites),
        "candidate_costs": _costs(request, sites, columns, say),
        "capacities": _capacities(request, sites, say),
    }


def _costs_in_minutes(
    request: Request, networks: Sequence[Network], sites: Sites, rows: NDArray[np.int64], today: Nearest, say: Say
) -> CostTable:
    pairs, columns = _pairs(request, networks, sites, rows, today, say), len(sites.table) + (not request.existing_stand_alone)
    return CostTable(demand=pairs.demand, candidate=pairs.site, cost=pairs.minutes, demands=len(rows), candidates=columns)


def _pairs(
    request: Request, networks: Sequence[Network], sites: Sites, rows: NDArray[np.int64], today: Nearest, say: Say
) -> Pairs:
    """Pairs with candidates, and with the facilities of today as one column where these never close.

    Whoever a facility that stays already covers needs no further pair where only covering counts, and in every other problem
    no candidate slower than that facility.
    """
    minutes = np.round(today.seconds[rows] / 60, DIGITS)
    limit, column = request.pair_limit_minutes, len(sites.table)
    own, below = np.arange(len(rows)), np.full(len(rows), np.inf)
    served = np.zeros(len(rows), bool)
    if not request.existing_stand_alone:
        served = minutes <= (limit + SLACK_SECONDS / 60 if request.traits.is_covering else np.inf)
        own = np.flatnonzero(~served) if request.traits.is_covering else own
        below = np.where(served, minutes, np.inf)
    found = pair_times(
        networks, rows[own], sites.snaps, direction=request.goal.direction, limit_minutes=limit, below_minutes=below[own], say=say
    )
    at = np.flatnonzero(served).astype(np.int32)
    return Pairs(
        np.concatenate((own.astype(np.int32)[found.demand], at)),
        np.concatenate((found.site, np.full(len(at), column, np.int32))),
        np.concatenate((found.minutes, minutes[at])),
    )


def _existing(request: Request, sites: Sites) -> Rows32:
    if request.existing_stand_alone:
        return _at(sites.table["role"] == "existing")
    return np.array([len(sites.table)], np.int32)


def _at(flags: pd.Series) -> Rows32:
    return np.flatnonzero(flags.to_numpy(bool)).astype(np.int32)


def _upgrades(sites: Sites) -> dict[int, int]:
    """Column of each upgrade -> column of the facility it replaces."""
    role, facility = sites.table["role"], sites.table["facility"]
    standing = {facility[row]: int(row) for row in np.flatnonzero(role == "existing")}
    return {int(row): standing[facility[row]] for row in np.flatnonzero(role == "upgrade")}


def _costs(request: Request, sites: Sites, columns: int, say: Say) -> Floats | None:
    """Money per column; all candidates have a cost, or none."""
    cost = sites.table["cost"].to_numpy(float)
    missing = np.isnan(cost)
    new = (sites.table["role"] != "existing").to_numpy(bool)
    if missing[new].all() and "candidate_costs" not in request.traits.needs:
        return None
    if missing.any():
        raise StudyError(say("site.no_cost", sites=int(missing.sum()), first=sites.table["candidate"][int(np.argmax(missing))]))
    return np.concatenate((cost, np.zeros(columns - len(cost))))


def _capacities(request: Request, sites: Sites, say: Say) -> Floats | None:
    if not request.traits.has_capacities:
        return None
    capacity: Floats = sites.table["capacity"].to_numpy(float)
    missing = np.isnan(capacity)
    if missing.any():
        first = sites.table["candidate"][int(np.argmax(missing))]
        raise StudyError(say("site.candidate_capacity", sites=int(missing.sum()), first=first))
    return capacity


def _floors(
    request: Request, zones: Mapping[str, pd.Series], rows: NDArray[np.int64], say: Say
) -> tuple[Rows32 | None, dict[int, float], tuple[str, ...]]:
    """Zone of every row as a number, and the share each zone must reach; a zone without people of the goal has none."""
    floor = request.siting.min_share
    if floor is None:
        return None, {}, ()
    codes, names = pd.factorize(zones[floor.level].iloc[rows], sort=True)
    unknown = sorted(set(floor.zones) - set(zones[floor.level].dropna()))
    if unknown:
        raise StudyError(say("site.no_zone", zone=unknown[0], level=floor.level))
    wanted = set(floor.zones or names)
    shares = {code: floor.share for code, name in enumerate(names) if name in wanted}
    return codes.astype(np.int32), shares, tuple(str(name) for name in names)
