"""Central Helsinki: a real extract, with people estimated from its buildings."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from importlib import resources
from pathlib import Path

import pandas as pd
from pyproj import Geod

from .buildings import Building, read_buildings

EXTRACT = "Helsinki.osm.pbf"

# How much of a building's floor is dwellings. Assumption: named kinds of housing are dwellings throughout. Most
# buildings in this extract only say `building=yes`; in the business quarter around the central station most of them are
# offices and shops, so a quarter of their floor is counted.
DWELLING_SHARE = {
    "apartments": 1.0,
    "residential": 1.0,
    "house": 1.0,
    "terrace": 1.0,
    "dormitory": 1.0,
    "block": 0.5,
    "yes": 0.25,
}

# Floors where `building:levels` is missing. Assumption: the typical perimeter block of the inner city has six, the
# buildings that stand in its yards have one.
DEFAULT_LEVELS = 6.0
YARD_LEVELS = 1.0
YARD_SQUARE_METRES = 120.0

# Gross floor per resident. Assumption: about 35 m2 of dwelling each, and walls, stairs and cellars add 40 percent.
SQUARE_METRES_PER_PERSON = 50.0

# A building with one of these keys is used for that, whatever its walls are called.
OTHER_USES = ("amenity", "office", "shop", "tourism", "leisure", "government", "military", "railway")

_ELLIPSOID = Geod(ellps="WGS84")


def write_helsinki(folder: Path) -> Path:
    """Write the Helsinki study: the extract, `people.csv`, the notice and a commented `study.yaml`.

    Parameters
    ----------
    folder : Path
        Where to write; made if missing.

    Returns
    -------
    Path
        The study file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    data = resources.files(__package__).joinpath("data")
    for source, target in ((EXTRACT, EXTRACT), ("NOTICE", "NOTICE"), ("helsinki-study.yaml", "study.yaml")):
        with resources.as_file(data.joinpath(source)) as path:
            shutil.copyfile(path, folder / target)
    people = estimate_people(read_buildings(folder / EXTRACT))
    people.to_csv(folder / "people.csv", index=False, lineterminator="\n")
    return folder / "study.yaml"


def estimate_people(buildings: list[Building]) -> pd.DataFrame:
    """Estimate the residents of each building: floor area x levels x dwelling share / floor per person.

    Parameters
    ----------
    buildings : list of Building

    Returns
    -------
    DataFrame
        `id`, `lon`, `lat` (degrees, a point inside the building), `people` (float, one decimal); dwellings only.
    """
    rows = [(building, count_residents(building)) for building in buildings]
    table = [
        (building.id, round(point.x, 6), round(point.y, 6), round(people, 1))
        for building, people in rows
        if people >= 0.05
        for point in [building.outline.point_on_surface()]
    ]
    return pd.DataFrame(table, columns=["id", "lon", "lat", "people"])


def count_residents(building: Building) -> float:
    """Return the estimated residents of one building; 0 where nobody lives by its tags."""
    share = DWELLING_SHARE.get(building.tags["building"], 0.0)
    if any(key in building.tags for key in OTHER_USES):
        return 0.0
    square_metres = abs(_ELLIPSOID.geometry_area_perimeter(building.outline)[0])
    return square_metres * read_levels(building.tags, square_metres) * share / SQUARE_METRES_PER_PERSON


def read_levels(tags: Mapping[str, str], square_metres: float) -> float:
    """Return the number of floors: the tag where it is a number, else the default for a building of that size."""
    default = YARD_LEVELS if square_metres < YARD_SQUARE_METRES else DEFAULT_LEVELS
    text = tags.get("building:levels", "")
    try:
        return float(text)
    except ValueError:
        return default
