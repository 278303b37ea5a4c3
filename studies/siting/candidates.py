"""The candidates a study or a caller names, or those that serve where none are named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from ...geo.coordinates import Floats
from ...geo.errors import StudyError
from ...geo.network.graph import Graph
from ...geo.snapping.chosen import is_connected
from ...geo.snapping.nearest_piece import NODE_METRES
from ...layers.candidates import candidates_at_streets, candidates_from_file, candidates_from_units, merge_candidates
from ...layers.layer import Layer
from ...layers.rejects import no_rejects
from ..file.study import CandidateDemand, CandidateFile, CandidateSource, CandidateStreets
from ..folder.record import Record
from ..situation.extents import MARGIN_DEGREES, require_unexchanged
from ..situation.inputs import Inputs, note_doubts, study_area
from ..situation.networks import Network
from ..speech.messages import Say
from .request import Request

MOST_BY_DEFAULT: Final = 1_500  # candidates where a study names none: what is solved to a small proven gap in a minute
FIRST_SPACING_METRES: Final = 250.0


def read_candidates(request: Request, inputs: Inputs, networks: Sequence[Network], record: Record, say: Say) -> Layer:
    """Read every source of candidates; where none is named, the places where people live serve.

    Returns
    -------
    Layer
        As `candidates_from_file`.

    Raises
    ------
    InputError
        If a file cannot be used.
    StudyError
        If there is no candidate.
    """
    settled = _settled(request, inputs, networks, record, say)
    if request.siting.candidates is None:
        layer = Layer(_by_default(settled, record, say), no_rejects())
    else:
        sources = request.siting.candidates
        layer = merge_candidates([_from_source(source, request, inputs, settled, networks[0], say) for source in sources])
        note_doubts(inputs.doubts, inputs.extract, record, say)
    if not len(layer.table):
        raise StudyError(say("site.no_candidate", refused=0, forbidden=0))
    return layer


def _settled(request: Request, inputs: Inputs, networks: Sequence[Network], record: Record, say: Say) -> gpd.GeoDataFrame:
    """Demand units that could hold a site: nobody gets to one without a street."""
    table = inputs.demand.table
    on_street = np.logical_or.reduce([is_connected(network.people) for network in networks])
    named = request.siting.candidates
    asked = named is None or any(isinstance(source, CandidateDemand) for source in named)
    if asked and not on_street.all():
        record.note(say("site.note.off_street", units=int((~on_street).sum()), total=len(table)))
    return table.loc[on_street].reset_index(drop=True)


def _from_source(
    source: CandidateSource, request: Request, inputs: Inputs, settled: gpd.GeoDataFrame, network: Network, say: Say
) -> Layer:
    if isinstance(source, CandidateFile):
        layer = candidates_from_file(source, **source.own)
        require_unexchanged(layer.table.geometry, inputs.extract.streets, source, say)
        inputs.doubts.ask(source, layer.table.geometry, assumed=layer.assumed)
        return layer
    figures = {"cost": source.cost, "capacity": source.capacity}
    if isinstance(source, CandidateDemand):
        return Layer(candidates_from_units(settled, spacing_metres=source.demand, **figures), no_rejects())
    return Layer(_at_streets(source, request, inputs, network, say), no_rejects())


def _by_default(settled: gpd.GeoDataFrame, record: Record, say: Say) -> gpd.GeoDataFrame:
    """Demand units, thinned until a plan can be proven in reasonable time."""
    table = candidates_from_units(settled)
    spacing = FIRST_SPACING_METRES
    while len(table) > MOST_BY_DEFAULT:
        table = candidates_from_units(settled, spacing_metres=spacing)
        spacing *= 2
    thinned = say("site.note.thinned", metres=spacing / 2) if spacing > FIRST_SPACING_METRES else ""
    record.note(say("site.note.default", sites=len(table), thinned=thinned))
    return table


def _at_streets(source: CandidateStreets, request: Request, inputs: Inputs, network: Network, say: Say) -> gpd.GeoDataFrame:
    """Street nodes inside the study area, those left out that a point would not be tied to: of scraps, bridges, tunnels."""
    lon, lat, part = _street_nodes(network.graph)
    inside = shapely.intersects_xy(_area(request, inputs, say), lon, lat)
    lon, lat, part = lon[inside], lat[inside], part[inside]
    stays = network.snapper.snap_points(lon, lat).connector_metres <= NODE_METRES
    figures = {"cost": source.cost, "capacity": source.capacity}
    return candidates_at_streets(lon[stays], lat[stays], part[stays], spacing_metres=source.streets, **figures)


def _street_nodes(graph: Graph) -> tuple[Floats, Floats, NDArray[np.int32]]:
    """Nodes of the streets and the component of each: junctions first, since more ways lead to them, then those between."""
    streets = np.flatnonzero(graph.edge_snaps)
    ends = np.concatenate((graph.edge_a[streets], graph.edge_b[streets]))
    junctions, first = np.unique(ends, return_index=True)
    edge_of = np.repeat(np.arange(len(graph.edge_metres)), np.diff(graph.edge_starts))
    between = graph.edge_snaps[edge_of]
    between[graph.edge_starts[:-1]] = False  # an edge's first piece begins at its junction
    return (
        np.concatenate((graph.lon[junctions], graph.piece_lon[between, 0])),
        np.concatenate((graph.lat[junctions], graph.piece_lat[between, 0])),
        np.concatenate((np.tile(graph.edge_component[streets], 2)[first], graph.edge_component[edge_of[between]])),
    )


def _area(request: Request, inputs: Inputs, say: Say) -> shapely.Geometry:
    """The study area: its polygons, else the zones', else where people live."""
    if request.study.area is not None:
        return study_area(request.study.area)
    if inputs.zones:
        area = shapely.union_all(next(iter(inputs.zones.values())).geometry.to_numpy())
    else:
        area = shapely.buffer(shapely.box(*inputs.demand.table.total_bounds), MARGIN_DEGREES)
    shapely.prepare(area)
    return area
