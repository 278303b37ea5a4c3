"""Inputs made once from the real extracts beside the checkout; made again when the engine's sources change.

`python -m benchmarks.inputs NAME ...` makes them.
"""

from __future__ import annotations

import hashlib
import inspect
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from .folders import INPUTS, ROOT, merged, porto, small_city
from .networks import SEED, pick, snap_junctions, well_connected, write_junction_network, write_street_network
from .province import make_province
from .tiling import Link, convert_extract, tile_extract

METROPOLIS_TILES = 5
CITY_TILES = 4
STEP_DEGREES = 0.43  # a little more than the width of Porto's extract
LINKED_BANDS = 8


def make_tiled(folder: Path) -> None:
    """The merged extract three times: about 60 MB."""
    tile_extract(merged(), folder / "tiled.osm.pbf", copies=3, step_degrees=0.01)


def make_small(folder: Path) -> None:
    """A city as .osm.pbf, and as the XML that osmnx reads."""
    shutil.copy(small_city(), folder / "small.osm.pbf")
    convert_extract(small_city(), folder / "small.osm")


def make_porto(folder: Path) -> None:
    """One city's streets on foot."""
    _write_streets(folder, porto(), "walk")


def make_tiles(folder: Path) -> None:
    """Porto side by side: as separate cities, and as one metropolis joined by a few roads."""
    links = _border_links()
    tile_extract(porto(), folder / "city.osm.pbf", copies=CITY_TILES, step_degrees=STEP_DEGREES)
    tile_extract(porto(), folder / "joined-city.osm.pbf", copies=CITY_TILES, step_degrees=STEP_DEGREES, links=links)
    tile_extract(porto(), folder / "metropolis.osm.pbf", copies=METROPOLIS_TILES, step_degrees=STEP_DEGREES, links=links)


def make_metropolis(folder: Path) -> None:
    """The metropolis on foot: uncontracted arcs for the peers, the graph for the engine."""
    _write_streets(folder, INPUTS / "tiles" / "metropolis.osm.pbf", "walk")


def make_metropolis_car(folder: Path) -> None:
    """The same by car."""
    _write_streets(folder, INPUTS / "tiles" / "metropolis.osm.pbf", "car")


def make_city(folder: Path) -> None:
    """Separate cities by car: contracted arcs for everyone."""
    _write_junctions(folder, INPUTS / "tiles" / "city.osm.pbf")


def make_joined_city(folder: Path) -> None:
    """The same joined: every search crosses all of it."""
    _write_junctions(folder, INPUTS / "tiles" / "joined-city.osm.pbf")


def make_siting(folder: Path) -> None:
    """Minutes by car between junctions of Porto, and people at the demand side: a small table and a large one."""
    from lifecircle.geo.engine.matrix import trips
    from lifecircle.geo.modes import travel_mode
    from lifecircle.geo.network.building import build_graph

    graph = build_graph(_streets(porto()), travel_mode("car"))
    main = well_connected(graph.outgoing)
    for name, demands, candidates in (("small", 1_000, 200), ("large", 20_000, 1_000)):
        minutes = np.full((demands, candidates), np.nan)
        sides = (snap_junctions(graph, pick(main, count, seed=seed)) for seed, count in ((1, demands), (2, candidates)))
        for block in trips(graph, *sides):
            minutes[block.origin, block.destination] = block.seconds / 60
        np.save(folder / f"{name}-minutes.npy", minutes)
        people = np.round(np.random.default_rng(SEED).lognormal(3, 1, demands))
        np.save(folder / f"{name}-people.npy", people)


RECIPES: dict[str, tuple[Callable[[Path], None], tuple[str, ...]]] = {
    "tiled": (make_tiled, ()),
    "small": (make_small, ()),
    "porto": (make_porto, ("geo",)),
    "tiles": (make_tiles, ()),
    "metropolis": (make_metropolis, ("geo", "tiles")),
    "metropolis-car": (make_metropolis_car, ("geo", "tiles")),
    "city": (make_city, ("geo", "tiles")),
    "joined-city": (make_joined_city, ("geo", "tiles")),
    "siting": (make_siting, ("geo",)),
    "province": (make_province, ()),
}


def ensure(name: str) -> Path:
    """Return the folder of an input, making it where it is missing or older than the sources it depends on."""
    recipe, needs = RECIPES[name]
    for other in needs:
        if other != "geo":
            ensure(other)
    folder, stamp = INPUTS / name, INPUTS / name / "stamp"
    state = _state(recipe, engine="geo" in needs)
    if stamp.is_file() and stamp.read_text() == state:
        return folder
    print(f"Making input {name} ...", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    recipe(folder)
    stamp.write_text(state)
    return folder


def _state(recipe: Callable[[Path], None], *, engine: bool) -> str:
    """Hash the sources an input depends on."""
    here, geo = ROOT / "benchmarks", ROOT / "geo"
    files = [here / "tiling.py"]
    if engine:
        files += [here / "networks.py", *sorted(geo.rglob("*.py")), *sorted(geo.rglob("*.toml"))]
    own = inspect.getsource(recipe) + repr((METROPOLIS_TILES, CITY_TILES, STEP_DEGREES, LINKED_BANDS))
    return hashlib.sha256(b"".join([own.encode(), *(file.read_bytes() for file in files)])).hexdigest()


def _streets(extract: Path) -> Any:
    from lifecircle.geo.reading.osm import read_osm

    return read_osm(extract, place_keys=()).streets


def _write_junctions(folder: Path, extract: Path) -> None:
    from lifecircle.geo.modes import travel_mode
    from lifecircle.geo.network.building import build_graph

    write_junction_network(folder, build_graph(_streets(extract), travel_mode("car")))


def _write_streets(folder: Path, extract: Path, kind: str) -> None:
    from lifecircle.geo.modes import travel_mode
    from lifecircle.geo.network.building import build_graph
    from lifecircle.geo.network.segments import mode_segments

    streets, mode = _streets(extract), travel_mode(kind)
    write_street_network(folder, build_graph(streets, mode), mode_segments(streets, mode))


def _border_links() -> list[Link]:
    """Pair nodes of the eastern edge with nodes of the western edge, band of latitude by band, on Porto's main road network."""
    from lifecircle.geo.modes import travel_mode
    from lifecircle.geo.network.building import build_graph

    streets = _streets(porto())
    graph = build_graph(streets, travel_mode("car"))
    main = well_connected(graph.outgoing)
    lon, lat = graph.lon[main], graph.lat[main]
    node_of = dict(zip(zip(streets.lon, streets.lat, strict=True), streets.node_ids, strict=True))
    bands = np.digitize(lat, np.quantile(lat, np.linspace(0, 1, LINKED_BANDS + 1)[1:-1]))
    links = []
    for band in range(LINKED_BANDS):
        rows = np.flatnonzero(bands == band)
        east, west = rows[lon[rows].argmax()], rows[lon[rows].argmin()]
        links.append((int(node_of[lon[east], lat[east]]), int(node_of[lon[west], lat[west]])))
    return links


if __name__ == "__main__":
    for wanted in sys.argv[1:]:
        ensure(wanted)
