"""Cells: the demand of a run, packed for the map."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..analyses.counted import members, weight_column
from ..analyses.coverage import STATUSES
from ..analyses.results import Results
from ..layers.footprints import footprints
from ..layers.goals import TimedGoal
from .coarse import coarse_cells, draws_coarsely, middle_units, need_levels, served, tally
from .packing import Bundle, people_units, tenths_up


def pack_cells(results: Results, bundle: Bundle) -> dict[str, Any]:
    """Add the demand units to the bundle along a Hilbert curve and describe them.

    Along the curve neighbours in space are neighbours in the list: differences are small, and any run of cells is a
    compact patch the browser can skip as one when it is out of view.
    """
    demand = results.demand
    if draws_coarsely(results):
        return _pack_coarse(results, bundle)
    order = _order(results)
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


def _pack_coarse(results: Results, bundle: Bundle) -> dict[str, Any]:
    """Add coarser cells to draw, and the tallies that the page counts from."""
    demand, coarse = results.demand, coarse_cells(results)
    groups = sorted({None, *(goal.group for goal in results.goals)}, key=weight_column)
    everyone = members(demand, None)
    fullest = np.lexsort((everyone, coarse.cell))[np.cumsum(np.bincount(coarse.cell)) - 1]
    zones = {level: _positions(demand[f"zone.{level}"], table["zone"]) for level, table in results.zones.items()}
    people = {group: np.bincount(coarse.cell, members(demand, group), len(coarse.x)).astype(np.float64) for group in groups}
    return {
        "count": len(coarse.x),
        "units": len(demand),
        "along": coarse.along,
        "metres": coarse.metres,
        "footprint": {"kind": "rectangle", "width": coarse.width, "height": coarse.height},
        "centres": bundle.add_points("cells", coarse.x, coarse.y),
        "outlines": None,
        "people": {weight_column(group): _sums(bundle, f"cells.{weight_column(group)}", people[group]) for group in groups},
        "zones": {level: bundle.add_integers(f"cells.zone.{level}", at[fullest]) for level, at in zones.items()},
        "goals": {goal.id: _coarse_goal(results, bundle, goal, middle_units(results, goal, coarse)) for goal in results.goals},
        "tallies": {goal.id: _tally(results, bundle, goal, zones) for goal in results.goals},
        "zonePeople": {
            level: _sums(
                bundle, f"zone.{level}.people", np.bincount(at + 1, everyone, len(results.zones[level]) + 1).astype(np.float64)
            )
            for level, at in zones.items()
        },
    }


def _coarse_goal(results: Results, bundle: Bundle, goal: TimedGoal, units: NDArray[np.int64]) -> dict[str, str]:
    need = bundle.add_integers(f"cells.{goal.id}.need", need_levels(results.demand, goal)[units])
    return {**_goal(results, bundle, goal.id, units), "need": need}


def _tally(results: Results, bundle: Bundle, goal: TimedGoal, zones: dict[str, NDArray[np.int64]]) -> dict[str, Any]:
    counted = tally(results, goal, zones)
    facility = served(results, goal, _positions(results.demand[f"{goal.id}.facility"], results.facilities["facility"]))
    name = f"tally.{goal.id}"
    columns = {key: bundle.add_integers(f"{name}.{key}", counted[key]) for key in ("status", "minutes", "need")}
    near = {key: bundle.add_integers(f"{name}.near.{key}", facility[key]) for key in ("facility", "status", "minutes")}
    return {
        **columns,
        "zones": {level: bundle.add_integers(f"{name}.zone.{level}", at) for level, at in counted["zones"].items()},
        "people": _sums(bundle, f"{name}.people", counted["people"]),
        "near": {**near, "people": _sums(bundle, f"{name}.near.people", facility["people"])},
    }


def _sums(bundle: Bundle, name: str, people: NDArray[np.float64]) -> dict[str, Any]:
    units, scale = people_units(people)
    return {"section": bundle.add_integers(name, units), "scale": scale}


def _people(bundle: Bundle, demand: pd.DataFrame, group: str | None, order: NDArray[np.intp]) -> dict[str, Any]:
    return _sums(bundle, f"cells.{weight_column(group)}", members(demand, group)[order])


def _zones(results: Results, bundle: Bundle, level: str, order: NDArray[np.intp]) -> str:
    return bundle.add_integers(
        f"cells.zone.{level}", _positions(results.demand[f"zone.{level}"], results.zones[level]["zone"])[order]
    )


def pack_state(results: Results, demand: pd.DataFrame, goal: str, bundle: Bundle) -> dict[str, str]:
    """Add minutes and status of another state of the same units, in the order of the run's cells."""
    return _times(bundle, f"before.{goal}", demand, goal, _order(results))


def _order(results: Results) -> NDArray[np.intp]:
    """Along a Hilbert curve neighbours in space are neighbours in the list."""
    return np.argsort(results.demand.geometry.hilbert_distance().to_numpy(), kind="stable")


def _goal(results: Results, bundle: Bundle, goal: str, order: NDArray[np.intp]) -> dict[str, str]:
    facility = _positions(results.demand[f"{goal}.facility"], results.facilities["facility"])
    nearest = bundle.add_integers(f"cells.{goal}.facility", facility[order])
    return {**_times(bundle, f"cells.{goal}", results.demand, goal, order), "facility": nearest}


def _times(bundle: Bundle, name: str, demand: pd.DataFrame, goal: str, order: NDArray[np.intp]) -> dict[str, str]:
    statuses = pd.Index(STATUSES).get_indexer(pd.Index(demand[f"{goal}.status"].astype(str)))
    minutes = tenths_up(demand[f"{goal}.minutes"].to_numpy(dtype=np.float64))
    columns = {"minutes": minutes, "status": statuses}
    return {key: bundle.add_integers(f"{name}.{key}", np.asarray(values)[order]) for key, values in columns.items()}


def _positions(values: pd.Series[Any], among: pd.Series[Any]) -> NDArray[np.int64]:
    """Return where each value stands in `among`; -1 for none."""
    return np.asarray(pd.Index(among.astype("object")).get_indexer(pd.Index(values.astype("object"))))
