"""People per cell of the generated county: along the streets of each settlement, thinning out towards its edge."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import shapely
from scipy import ndimage

from .frame import COLUMNS, ROWS, Floats, cell_centres, to_cells
from .settlements import Place
from .terrain import Terrain
from .ways import Way
from .zones import is_inside

TOTAL = 480_000.0
NO_DATA = -99_999.0
FEWEST = 0.05


def spread_people(terrain: Terrain, places: list[Place], streets: Mapping[str, list[Way]], county: shapely.Geometry) -> Floats:
    """Return people per cell, `NO_DATA` outside the county's land, `TOTAL` in all.

    Each settlement keeps its share of the total; within it, people follow the street nodes, denser in the middle.
    """
    x, y = cell_centres()
    inside = is_inside(county, np.column_stack([x.ravel(), y.ravel()])).reshape(x.shape)
    people = np.zeros((ROWS, COLUMNS))
    for place in places:
        weight = _weigh_cells(place, streets.get(place.name, [])) * (inside & terrain.dry)
        people += place.people * weight / weight.sum()
    people[people < FEWEST] = 0.0
    return np.where(inside, people * (TOTAL / people.sum()), NO_DATA)


def _weigh_cells(place: Place, ways: list[Way]) -> Floats:
    points = np.vstack([place.metres, *(way.metres for way in ways)])
    away = np.hypot(*(points - place.metres).T) / max(place.radius, 100.0)
    weight = np.zeros((ROWS, COLUMNS))
    np.add.at(weight, to_cells(points), np.exp(-0.9 * away))
    rows, columns = to_cells(points)
    box = (
        slice(max(rows.min() - 6, 0), rows.max() + 7),
        slice(max(columns.min() - 6, 0), columns.max() + 7),
    )
    weight[box] = ndimage.gaussian_filter(weight[box], 0.8 if place.kind == "town" else 0.6)
    return weight
