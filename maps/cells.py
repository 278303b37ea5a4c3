"""Cells: the demand of a run, packed for the map."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..analyses.coverage import STATUSES
from ..analyses.results import Results
from ..layers.footprints import footprints
from .packing import Bundle, people_units, tenths_up


def pack_cells(results: Results, bundle: Bundle) -> dict[str, Any]:
    """Add the demand units to the bundle along a Hilbert curve and describe them.

    Along the curve neighbours in space are neighbours in the list: differences are small, and any run of cells is a
    compact patch the browser can skip as one when it is out of view.
    """
    demand = results.demand
    order = np.argsort(demand.geometry.hilbert_distance().to_numpy(), kind="stable")
    prints = footprints(demand.geometry, ids=demand["id"], cell_metres=results.cell_metres)
    groups = sorted({None, *(goal.group for goal in results.goals)}, key=weight_column)
    where = bundle.add_points("cells", prints.x[order], prints.y[order])
    outlines = None if prints.polygons is None else bundle.add_shapes("outlines", prints.polygons[order])
    return {
        "count": len(demand),
        "footprint": {"kind": prints.kind, "width": prints.width, "height": prints.height},
        "centres": where,
        "outlines": outlines,
        "people": {weight_column(group): _people(bundle, demand, group, order) for group in groups},
        "zones": {level: _zones(results, bundle, level, order) for level in results.zones},
        "goals": {goal.id: _goal(results, bundle, goal.id, order) for goal in results.goals},
    }


def weight_column(group: str | None) -> str:
    """Return the demand column that a goal counts."""
    return "people" if group is None else f"group.{group}"


def _people(bundle: Bundle, demand: pd.DataFrame, group: str | None, order: NDArray[np.intp]) -> dict[str, Any]:
    units, scale = people_units(counted_people(demand, group)[order])
    return {"section": bundle.add_integers(f"cells.{weight_column(group)}", units), "scale": scale}


def counted_people(demand: pd.DataFrame, group: str | None) -> NDArray[np.float64]:
    """Return the people of each unit; of a group nobody where it is unknown, and never more than there are people."""
    people: NDArray[np.float64] = demand["people"].to_numpy(dtype=np.float64)
    if group is None:
        return people
    members: NDArray[np.float64] = demand[weight_column(group)].fillna(0).to_numpy(dtype=np.float64)
    return np.minimum(members, people)


def _zones(results: Results, bundle: Bundle, level: str, order: NDArray[np.intp]) -> str:
    return bundle.add_integers(
        f"cells.zone.{level}", _positions(results.demand[f"zone.{level}"], results.zones[level]["zone"])[order]
    )


def _goal(results: Results, bundle: Bundle, goal: str, order: NDArray[np.intp]) -> dict[str, str]:
    demand = results.demand
    statuses = pd.Index(STATUSES).get_indexer(demand[f"{goal}.status"].astype(str))
    facility = _positions(demand[f"{goal}.facility"], results.facilities["facility"])
    minutes = tenths_up(demand[f"{goal}.minutes"].to_numpy(dtype=np.float64))
    columns = {"minutes": minutes, "status": statuses, "facility": facility}
    return {name: bundle.add_integers(f"cells.{goal}.{name}", np.asarray(values)[order]) for name, values in columns.items()}


def _positions(values: pd.Series[Any], among: pd.Series[Any]) -> NDArray[np.intp]:
    """Return where each value stands in `among`; -1 for none."""
    return np.asarray(pd.Index(among.astype("object")).get_indexer(values.astype("object")))
