"""A lattice of sample points over the ground: rows and columns of constant degrees, cells of a stated size in metres.

Its nodes lie on multiples of a step in whole 1e-7 degrees (a centimetre), so that coordinates survive being written with
seven decimals, and two surfaces of the same latitude share their nodes.
"""

from __future__ import annotations

from typing import NamedTuple

from ..compiled import compiled
from ..lengths import metres_per_degree, wrapped

UNITS = 1e7  # of a degree
STEEPEST_LATITUDE = 85  # beyond it a cell's width in degrees would grow without bound


class Lattice(NamedTuple):
    """Node (row, column) stands at latitude `row * step_lat / 1e7`, longitude `column * step_lon / 1e7`.

    Attributes
    ----------
    step_lon, step_lat : int
        In 1e-7 degrees.
    middle_lon : float
        Longitudes are unwrapped to within 180 degrees of it, so that the antimeridian is no border.
    cell_metres : float
    """

    step_lon: int
    step_lat: int
    middle_lon: float
    cell_metres: float


def make_lattice(lon: float, lat: float, cell_metres: float) -> Lattice:
    """Return the lattice around a place; its cells are measured at the nearest whole degree of latitude."""
    band = max(-STEEPEST_LATITUDE, min(STEEPEST_LATITUDE, round(lat)))
    east, north = metres_per_degree(float(band))
    return Lattice(round(cell_metres / east * UNITS), round(cell_metres / north * UNITS), float(lon), float(cell_metres))


@compiled
def to_lattice(lattice, lon, lat):  # type: ignore[no-untyped-def]
    """Row and column, as fractions, of a place."""
    unwrapped = lattice.middle_lon + wrapped(lon - lattice.middle_lon)
    return lat * UNITS / lattice.step_lat, unwrapped * UNITS / lattice.step_lon
