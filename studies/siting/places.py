"""Where sites may stand: candidates of every kind, the facilities of today, and upgrades, tied to every mode's streets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...analyses.counted import counts_for
from ...geo.errors import StudyError, said
from ...geo.snapping.chosen import is_connected
from ...geo.snapping.entrances import snap_places
from ...geo.snapping.snaps import Snaps
from ...layers.rejects import join_rejects, rejected_rows
from ..file.errors import nearest
from ..folder.record import Record
from ..situation.inputs import Inputs
from ..situation.networks import Network
from ..speech.messages import Say
from .candidates import read_candidates
from .request import Request

MOST_BY_DEFAULT: Final = 1_500  # candidates where a study names none: what is solved to a small proven gap in a minute
FIRST_SPACING_METRES: Final = 250.0

Rows = NDArray[np.int64]


ALL: Final = "all"  # names every facility of today


@dataclass(frozen=True, kw_only=True)
class Sites:
    """Columns of a siting problem.

    Attributes
    ----------
    table : GeoDataFrame
        `candidate, name, cost, capacity, source, role, facility, closable, forbidden, geometry`; `role` is candidate, existing or
        upgrade, and `facility` the id of the facility of today that an existing or upgraded site is.
    snaps : tuple of Snaps
        Of the table's rows, per network.
    today : GeoDataFrame
        All facilities of the service as things stand.
    today_snaps : tuple of Snaps
    kept : GeoDataFrame
        Facilities that stay open whatever the plan (all but the closed ones).
    kept_snaps : tuple of Snaps
    rejected : DataFrame
        Rows of files, and candidates no street leads to.
    """

    table: gpd.GeoDataFrame
    snaps: tuple[Snaps, ...]
    today: gpd.GeoDataFrame
    today_snaps: tuple[Snaps, ...]
    kept: gpd.GeoDataFrame
    kept_snaps: tuple[Snaps, ...]
    rejected: pd.DataFrame


def gather_sites(request: Request, inputs: Inputs, networks: Sequence[Network], record: Record, say: Say) -> Sites:
    """Bring together all candidates, existing facilities and upgrades.

    Raises
    ------
    StudyError
        If an id is unknown, a capacity is missing, or no candidate is left.
    """
    facilities = _of_today(request, inputs)
    siting = request.siting
    closed = _named(siting.close, facilities["facility"], "close", say)
    kept = facilities.loc[~closed].reset_index(drop=True)
    layer = read_candidates(request, inputs, networks, record, say)
    _require_known(siting.forbid, layer.table["candidate"], "forbid", say)
    on_street = _on_street(networks, layer.table)
    refused = _refused(layer.table.loc[~on_street], networks)
    if len(refused):
        record.note(say("site.note.refused", sites=len(refused), total=len(layer.table)))
    table = layer.table.loc[on_street].reset_index(drop=True)
    usable = table.loc[~table["candidate"].isin(siting.forbid)]
    if not len(usable):
        raise StudyError(say("site.no_candidate", refused=len(refused), forbidden=len(table) - len(usable)))
    columns = table.assign(role="candidate", facility=pd.Series(None, index=table.index, dtype="str"))
    if request.existing_stand_alone:
        columns = _stack([columns, _standing(kept, request, say), _upgrades(kept, request, say)])
    closable = _named(siting.may_close, facilities["facility"], "may_close", say)
    columns["closable"] = (columns["role"] == "existing") & columns["facility"].isin(facilities.loc[closable, "facility"])
    columns["forbidden"] = columns["candidate"].isin(siting.forbid) & (columns["role"] == "candidate")
    return Sites(
        table=columns,
        snaps=_all_snaps(networks, columns),
        today=facilities,
        today_snaps=_all_snaps(networks, facilities),
        kept=kept,
        kept_snaps=_all_snaps(networks, kept),
        rejected=join_rejects([layer.rejected, refused]),
    )


def _of_today(request: Request, inputs: Inputs) -> gpd.GeoDataFrame:
    """Facilities of the goal's services, stops of a mobile one only if they are visited often enough."""
    return inputs.facilities.loc[counts_for(request.goal, inputs.facilities)].reset_index(drop=True)


def _all_snaps(networks: Sequence[Network], table: gpd.GeoDataFrame) -> tuple[Snaps, ...]:
    return tuple(snap_places(network.snapper, table.geometry.to_numpy()) for network in networks)


def _on_street(networks: Sequence[Network], table: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Tell which places have a street in any mode."""
    found: NDArray[np.bool_] = np.logical_or.reduce([is_connected(snaps) for snaps in _all_snaps(networks, table)])
    return found


def _refused(table: gpd.GeoDataFrame, networks: Sequence[Network]) -> pd.DataFrame:
    cap = max(network.graph.mode.snap_cap_metres for network in networks)
    reason = said("a candidate without a street within {cap:g} m", cap=cap)
    parts = [
        rejected_rows(file=source, rows=[None] * len(rows), column="candidate", values=rows["candidate"], reason=reason)
        for source, rows in table.groupby("source", sort=False)
    ]
    return join_rejects(parts)


def _standing(kept: gpd.GeoDataFrame, request: Request, say: Say) -> gpd.GeoDataFrame:
    """The facilities of today as columns of the problem."""
    capacity = kept["capacity"]
    if request.traits.has_capacities:
        default = request.siting.existing_capacity
        capacity = capacity if default is None else capacity.fillna(default)
        if capacity.isna().any():
            missing = kept.loc[capacity.isna(), "facility"]
            raise StudyError(say("site.no_capacity", facilities=len(missing), first=missing.iloc[0]))
    columns = {"candidate": kept["facility"], "name": kept["name"], "cost": 0.0, "capacity": capacity}
    columns |= {"source": kept["source"], "role": "existing", "facility": kept["facility"]}
    return gpd.GeoDataFrame(columns, geometry=kept.geometry, crs="EPSG:4326")


def _upgrades(kept: gpd.GeoDataFrame, request: Request, say: Say) -> gpd.GeoDataFrame:
    """Columns that would replace a facility of today by a larger one at its place."""
    upgrade = request.siting.upgrade
    mine = kept.loc[_named(upgrade.facilities if upgrade else [], kept["facility"], "upgrade", say)]
    columns = {
        "candidate": "upgrade:" + mine["facility"],
        "name": mine["name"],
        "cost": np.nan if upgrade is None else upgrade.cost,
        "capacity": np.nan if upgrade is None else upgrade.capacity,
        "source": mine["source"],
        "role": "upgrade",
        "facility": mine["facility"],
    }
    return gpd.GeoDataFrame(columns, geometry=mine.geometry, crs="EPSG:4326")


def _stack(parts: Sequence[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    filled = [part for part in parts if len(part)]
    return gpd.GeoDataFrame(pd.concat(filled, ignore_index=True), geometry="geometry", crs="EPSG:4326")


def _named(ids: Sequence[str], known: pd.Series, name: str, say: Say) -> pd.Series:
    """Tell which facilities are named; `all` names every one."""
    if list(ids) == [ALL]:
        return pd.Series(True, index=known.index)
    _require_known(ids, known, name, say)
    return known.isin(ids)


def _require_known(ids: Sequence[str], known: pd.Series, name: str, say: Say) -> None:
    unknown = sorted(set(ids) - set(known))
    if unknown:
        raise StudyError(say("site.no_id", name=name, id=unknown[0], hint=nearest(unknown[0], known, say)))
