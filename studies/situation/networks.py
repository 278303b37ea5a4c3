"""One network per mode: its graph, its snapper and where the study's people meet its streets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...geo.modes import TravelMode
from ...geo.network.building import build_graph
from ...geo.network.graph import Graph
from ...geo.snapping.snapper import Found, Snapper
from ...geo.snapping.snaps import FIRST, UNCONNECTED, Snaps, reason_names
from ...geo.streets import Streets
from ...geo.terrain import Heights
from ..speech.messages import Say

NO_STREET = "no-street"
CLASS_NAMES = ("none", "first", "second", "third")


@dataclass(frozen=True)
class Network:
    """Streets as one mode sees them, with everyone snapped to them."""

    graph: Graph
    snapper: Snapper
    people: Snaps
    found: Found | None = None  # the people on the pieces, for networks that differ in speed only


def mode_name(mode: TravelMode, say: Say) -> str:
    """Say a mode with its speed."""
    speed = f" {mode.speed_kmh:g} km/h" if mode.speed_kmh else f" ({mode.speeds})"
    return say(f"mode.{mode.kind}") + speed


def build_network(
    streets: Streets,
    mode: TravelMode,
    heights: Heights | None,
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    like: Network | None = None,
) -> Network:
    """Build the graph of one mode and snap the people at (lon, lat) to it.

    Of `like`, a network of the same streets and people, all is taken over that another speed does not change.
    """
    graph = build_graph(streets, mode, heights, like.graph if like else None)
    snapper = Snapper(graph)
    found = like.found if like and _same_places(graph, like.graph) else None
    if found is None:
        found = snapper.find(lon, lat)
    return Network(graph, snapper, snapper.place(found), found)


def _same_places(graph: Graph, other: Graph) -> bool:
    """Tell whether points meet the same pieces in both graphs; of pieces equally far the fastest counts."""
    return (
        graph.street_grid is other.street_grid
        and graph.mode.snap_cap_metres == other.mode.snap_cap_metres
        and np.array_equal(graph.piece_rank, other.piece_rank)
    )


class NetworkBuilder:
    """Builds a study's networks one after the other.

    The last one lends the next what it can if that is of the same kind; else it is let go first, so that two of them
    never lie in memory in full. Whoever asks for the next one must have let go of the last.
    """

    def __init__(self, streets: Streets, heights: Heights | None, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> None:
        self._streets, self._heights, self._lon, self._lat = streets, heights, lon, lat
        self._last: Network | None = None

    def build(self, mode: TravelMode) -> Network:
        """Return the network of a mode."""
        like, self._last = self._last, None
        if like is not None and like.graph.mode.kind != mode.kind:
            like = None
        self._last = build_network(self._streets, mode, self._heights, self._lon, self._lat, like)
        return self._last


def snap_audit(snaps: Snaps, ids: pd.Series, *, kind: str, mode: str, people: NDArray[np.float64] | None = None) -> pd.DataFrame:
    """List the snaps that are not of the first class, and the points without a street.

    Returns
    -------
    DataFrame
        `kind, id, mode, class` (2, 3; null without a street), `reason, people` (null for facilities), `metres, lon, lat`.
    """
    odd = np.flatnonzero(snaps.snap_class != FIRST)
    owner, grade = snaps.owner[odd], snaps.snap_class[odd]
    return pd.DataFrame(
        {
            "kind": kind,
            "id": ids.to_numpy()[owner],
            "mode": mode,
            "class": pd.Series(grade, dtype="Int64").mask(grade == UNCONNECTED),
            "reason": [reason_names(reason) or NO_STREET for reason in snaps.reason[odd].tolist()],
            "people": np.full(len(odd), np.nan) if people is None else people[owner],
            "metres": np.round(snaps.connector_metres[odd], 1),
            "lon": np.round(snaps.lon[odd], 7),
            "lat": np.round(snaps.lat[odd], 7),
        }
    )


def people_by_class(snaps: Snaps, people: NDArray[np.float64]) -> dict[str, float]:
    """Count people by the class of their snap; `none` of those without a street."""
    counts = np.bincount(snaps.snap_class, people[snaps.owner], minlength=len(CLASS_NAMES))
    return {name: round(float(count), 3) for name, count in zip(CLASS_NAMES, counts, strict=True)}


def snap_columns(connectors: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
    """Return how far each unit is from the streets: of any mode, and where there are several of each, whatever their order.

    Parameters
    ----------
    connectors : mapping of kind of mode to (n,) float64
        Straight metres, NaN where no street lies within the mode's snap cap.
    """
    if not connectors:
        return {}
    nearest = np.fmin.reduce([*connectors.values()])
    each = {f"snap_metres.{kind}": connectors[kind] for kind in sorted(connectors)} if len(connectors) > 1 else {}
    return {"snap_metres": nearest, **each}


def describe_network(graph: Graph) -> Mapping[str, object]:
    """Say in numbers what a graph is made of, for the run's record."""
    return {
        "junctions": len(graph.lon),
        "edges": len(graph.edge_metres),
        "street_km": round(float(graph.edge_metres[graph.edge_snaps].sum()) / 1000, 1),
        "components": len(graph.component_nodes),
        "main_components": int(_is_main(graph).sum()),
        "imputed_speed_share": None if np.isnan(graph.imputed_share) else round(graph.imputed_share, 4),
    }


def component_table(network: Network, people: NDArray[np.float64], facilities: Snaps, mode: str) -> pd.DataFrame:
    """List the separate parts of a network with who and what lies on each, most people first.

    Returns
    -------
    DataFrame
        `mode, component, kind` (main, islet or scrap), `street_nodes, street_km, people, facilities, lon, lat` (a place on it).
    """
    graph = network.graph
    count = len(graph.component_nodes)
    component = np.append(graph.edge_component, -1)  # edge -1 is unconnected
    on = network.people.connected()
    reached = facilities.connected()
    first = np.unique(graph.edge_component, return_index=True)[1]
    served = np.unique(np.column_stack((component[reached.edge], reached.owner)), axis=0)[:, 0] if len(reached) else reached.edge
    table = pd.DataFrame(
        {
            "mode": mode,
            "component": np.arange(1, count + 1),
            "kind": _kinds(network),
            "street_nodes": graph.component_nodes,
            "street_km": np.round(np.bincount(graph.edge_component, graph.edge_metres * graph.edge_snaps, count) / 1000, 2),
            "people": np.bincount(component[on.edge], people[on.owner], count),
            "facilities": np.bincount(served, minlength=count),
            "lon": np.round(graph.lon[graph.edge_a[first]], 6),
            "lat": np.round(graph.lat[graph.edge_a[first]], 6),
        }
    )
    return table.sort_values(["people", "street_nodes"], ascending=False, ignore_index=True)


def _is_main(graph: Graph) -> NDArray[np.bool_]:
    """Which components hold a main part of the streets."""
    main = np.zeros(len(graph.component_nodes), bool)
    main[graph.edge_component[graph.edge_sound]] = True
    return main


def _kinds(network: Network) -> NDArray[np.str_]:
    """Say of each component: main, a scrap whose points may be tied to main streets on dry land, or an islet whose may not."""
    graph = network.graph
    main = _is_main(graph)
    minor = np.flatnonzero(graph.edge_snaps & ~main[graph.edge_component])
    first = graph.edge_starts[minor]
    snaps = network.snapper.snap_points(graph.piece_lon[first, 0], graph.piece_lat[first, 0])
    passed = np.zeros(len(main), bool)
    passed[graph.edge_component[minor[snaps.snap_class == FIRST]]] = True
    return np.where(main, "main", np.where(passed, "scrap", "islet"))
