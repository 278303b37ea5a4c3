"""The Degree of Urbanisation, level 1 (Eurostat, OECD and others, endorsed by the UN in 2020), from people alone.

On 1 km cells: an urban centre is a set of cells of at least 1,500 people per km2 that touch by their sides and hold at
least 50,000 people, its gaps filled; an urban cluster is a set of at least 300 per km2 that touch by sides or corners
and hold at least 5,000. Urban is what lies in either. Density is over the whole cell, water included.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from ..geo.coordinates import Floats

Labels = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

CELL_METRES: Final = 1000
CENTRE_DENSITY: Final = 1500
CENTRE_PEOPLE: Final = 50_000
CLUSTER_DENSITY: Final = 300
CLUSTER_PEOPLE: Final = 5_000
MAJORITY: Final = 5  # of a cell's eight neighbours
RING: Final = np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]], dtype=np.int8)
SIDES: Final = ndimage.generate_binary_structure(2, 1)
SIDES_AND_CORNERS: Final = ndimage.generate_binary_structure(2, 2)


def urban_cells(people: Floats) -> Flags:
    """Tell which 1 km cells are urban.

    Parameters
    ----------
    people : array of float, 2-D
        People per cell of 1 km2.

    Returns
    -------
    array of bool
        True in urban centres and urban clusters.
    """
    centres = _filled(_groups(people, CENTRE_DENSITY, CENTRE_PEOPLE, SIDES))
    clusters = _groups(people, CLUSTER_DENSITY, CLUSTER_PEOPLE, SIDES_AND_CORNERS)
    return (centres > 0) | (clusters > 0)


def _groups(people: Floats, density: int, fewest: int, touching: Flags) -> Labels:
    """Label contiguous cells of enough density that hold enough people together; 0 elsewhere."""
    labels, count = ndimage.label(people >= density, structure=touching)
    held = ndimage.sum_labels(people, labels, index=np.arange(count + 1))
    large = np.asarray(held) >= fewest
    large[0] = False
    return np.where(large[labels], labels, 0)


def _filled(centres: Labels) -> Labels:
    """Fill gaps: a cell joins a centre while at least five of its eight neighbours belong to that centre."""
    filled = centres.copy()
    for label, place in enumerate(ndimage.find_objects(centres), start=1):
        # A cell outside a centre's bounding box has at most three neighbours in it, so growth never leaves the box.
        if place is None:
            continue
        box = filled[place]
        growing = True
        while growing:
            neighbours = ndimage.convolve((box == label).astype(np.int8), RING, mode="constant")
            joining = (box == 0) & (neighbours >= MAJORITY)
            box[joining] = label
            growing = bool(joining.any())
    return filled
