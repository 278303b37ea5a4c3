"""Studies of any size on a toy grid of streets, drawn with a fixed seed: what `limits` runs.

`python -m benchmarks.limit_inputs CASE ...` writes them; they need no real extract.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import osmium
import pandas as pd
from numpy.typing import NDArray

from .folders import INPUTS

SEED = 7
WEST, SOUTH = 10.0, 30.0
SIDE_DEGREES = 0.4  # of the toy town, about 40 km
STREETS = 101  # in either direction, some 400 m apart
SPOT = (WEST + SIDE_DEGREES / 2, SOUTH + SIDE_DEGREES / 2)
METRES_PER_DEGREE = 111_195.0

Floats = NDArray[np.float64]
Places = tuple[Floats, Floats]


@dataclass(frozen=True, kw_only=True)
class Toy:
    """A study to write.

    Attributes
    ----------
    people, facilities : callable
        Draw lon and lat in degrees.
    goals : int
        About one service, on foot, with limits from 5 minutes up, 12 seconds apart.
    zones : int
        Along one side of a square of square zones; 0 for none.
    urban : bool
        Whether urban and rural are told from the density of people.
    people_each : float
    """

    people: Callable[[], Places]
    facilities: Callable[[], Places]
    goals: int = 1
    zones: int = 0
    urban: bool = False
    people_each: float = 3.0


def scattered(count: int, *, seed: int = SEED) -> Places:
    """Draw places anywhere in the town."""
    off = np.random.default_rng(seed).random((2, count)) * SIDE_DEGREES
    return WEST + off[0], SOUTH + off[1]


def on_one_spot(count: int) -> Places:
    """Return one place, so many times."""
    return np.full(count, SPOT[0]), np.full(count, SPOT[1])


def around_one_spot(count: int, *, metres: float = 25.0, seed: int = SEED) -> Places:
    """Draw places within so many metres of one."""
    random = np.random.default_rng(seed)
    turn, away = random.random(count) * 2 * np.pi, np.sqrt(random.random(count)) * metres / METRES_PER_DEGREE
    return SPOT[0] + away * np.cos(turn) / np.cos(np.radians(SPOT[1])), SPOT[1] + away * np.sin(turn)


def kilometres(side: int) -> Places:
    """Return places a kilometre apart, and one by the edge of the Pacific."""
    step = 1_000 / METRES_PER_DEGREE
    east, north = (axis.ravel() for axis in np.meshgrid(np.arange(side) * step, np.arange(side) * step))
    return np.append(WEST + east / np.cos(np.radians(SPOT[1])), 170.0), np.append(SOUTH + north, -45.0)


TOYS = {
    "rows": Toy(people=partial(scattered, 5_000_000), facilities=partial(scattered, 20)),
    "goals": Toy(people=partial(scattered, 2_000), facilities=partial(scattered, 20), goals=300),
    "one-spot": Toy(people=partial(on_one_spot, 1_000_000), facilities=partial(scattered, 20)),
    "facilities": Toy(people=partial(scattered, 20_000), facilities=partial(scattered, 200_000), zones=71),
    "twins": Toy(people=partial(scattered, 2_000), facilities=partial(on_one_spot, 40_000)),
    "jittered": Toy(people=partial(scattered, 2_000), facilities=partial(around_one_spot, 40_000)),
    "jittered-again": Toy(people=partial(scattered, 2_000), facilities=partial(around_one_spot, 40_000, seed=8)),
    "far-row": Toy(people=partial(kilometres, 40), facilities=partial(scattered, 20), urban=True, people_each=400.0),
    "scattered": Toy(people=partial(scattered, 100_000), facilities=partial(scattered, 20)),
    "warm-up": Toy(people=partial(scattered, 20), facilities=partial(scattered, 2)),
}


def folder_of(name: str) -> Path:
    """Return where a case lies."""
    return INPUTS / "limits" / name


def make(name: str) -> None:
    """Write the files of a case, where they do not lie there already."""
    folder, toy = folder_of(name), TOYS[name]
    if (folder / "study.yaml").is_file():
        return
    folder.mkdir(parents=True, exist_ok=True)
    write_streets(folder / "streets.osm.pbf")
    lon, lat = toy.people()
    write_places(folder / "people.csv", lon, lat, people=toy.people_each)
    write_places(folder / "clinics.csv", *toy.facilities())
    if toy.zones:
        write_zones(folder / "zones.gpkg", toy.zones)
    (folder / "study.yaml").write_text(study_text(name, toy), encoding="utf-8")


def write_streets(file: Path) -> None:
    """Write a square grid of residential streets."""
    file.unlink(missing_ok=True)
    step = SIDE_DEGREES / (STREETS - 1)
    number = np.arange(STREETS * STREETS).reshape(STREETS, STREETS) + 1
    with osmium.SimpleWriter(str(file)) as writer:
        for (row, column), node in np.ndenumerate(number):
            writer.add_node(osmium.osm.mutable.Node(id=int(node), version=1, location=(WEST + column * step, SOUTH + row * step)))
        for way, nodes in enumerate([*number, *number.T], start=1):
            writer.add_way(osmium.osm.mutable.Way(id=way, version=1, nodes=nodes.tolist(), tags={"highway": "residential"}))


def write_places(file: Path, lon: Floats, lat: Floats, *, people: float | None = None) -> None:
    """Write a list of places with an id each, and its people."""
    table = pd.DataFrame({"id": np.arange(len(lon)), "lon": lon.round(7), "lat": lat.round(7)})
    (table if people is None else table.assign(people=people)).to_csv(file, index=False)


def write_zones(file: Path, side: int) -> None:
    """Write square zones that fill the town."""
    import geopandas as gpd
    import shapely

    edge = SIDE_DEGREES / side
    column, row = (at.ravel() for at in np.meshgrid(np.arange(side), np.arange(side)))
    boxes = shapely.box(WEST + column * edge, SOUTH + row * edge, WEST + (column + 1) * edge, SOUTH + (row + 1) * edge)
    codes = [f"z{at}" for at in range(side * side)]
    gpd.GeoDataFrame({"code": codes, "name": codes}, geometry=boxes, crs="EPSG:4326").to_file(file)


def study_text(name: str, toy: Toy) -> str:
    """Return a study file."""
    goals = [f"  - {{id: g{at}, service: health, mode: walk, minutes: {5 + at / 5:g}, target: 0.9}}" for at in range(toy.goals)]
    lines = [
        f"name: {name}",
        "streets: streets.osm.pbf",
        *(["zones: {township: {file: zones.gpkg, id: code, name: name}}"] if toy.zones else []),
        f"demand: {{file: people.csv, people: people, id: id{', urban: {rule: degurba}' if toy.urban else ''}}}",
        "facilities: {health: [{file: clinics.csv, id: id}]}",
        "goals:",
        *goals,
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    for wanted in sys.argv[1:]:
        make(wanted)
