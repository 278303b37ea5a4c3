"""The network of one mode, with the questions that are asked of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .building import PIECE, Built, Profile, build
from .parts import hanging, sound
from .places import GEOD
from .reading import Map, read_map
from .rules import CAR_SPEEDS_KMH, DEFAULT_SPEED_KMH
from .search import Searcher, quickest
from .snapping import TIED_METRES, Snap, Snapper, landings
from .turns import turn_rules
from .water import read_water

SNAP_CAP_METRES = {"walk": 400.0, "bicycle": 1000.0, "car": 1000.0}
CONNECTOR_KMH = 5.0  # by car and bicycle; on foot the walking speed
LANDING_METRES = 200.0
SIGNAL_SECONDS = {"none": 0.0, "default": 3.0, "busy": 12.0}
CROSSING_SECONDS = 4.0  # `busy`: other nodes with three or more neighbours


@dataclass(frozen=True)
class Network:
    """Pieces (one per pair of neighbouring OSM nodes of a usable way, and more) of one mode, as arrays of one length each."""

    searcher: Searcher
    snapper: Snapper
    cap_metres: float
    lon: np.ndarray  # per node
    lat: np.ndarray
    pieces: np.ndarray

    def __getattr__(self, name: str) -> np.ndarray:
        """Columns of the pieces: first and last node, metres, along_seconds, against_seconds, is_ferry."""
        columns = {"along_seconds": "along", "against_seconds": "against", "is_ferry": "ferry"}
        if name not in ("first", "last", "metres", *columns):
            raise AttributeError(name)
        return self.pieces[columns.get(name, name)]

    def snap(self, lon: Sequence[float], lat: Sequence[float]) -> list[Snap]:
        """Snap every point."""
        return [self.snapper.snap(place, self.cap_metres) for place in zip(lon, lat, strict=True)]

    def matrix(
        self, origins: Sequence[Snap], destinations: Sequence[Snap], *, direction: str = "to"
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Seconds, network metres (ferries included) and connector metres, NaN where there is no path.

        Rows are origins, columns destinations; `to` travels from row to column, `from` from column to row.
        """
        starts, ends = (origins, destinations) if direction == "to" else (destinations, origins)
        arcs, first = self.searcher.with_points(starts, ends)
        size, middle = first + len(starts) + len(ends), first + len(starts)
        backwards = len(starts) > len(ends)
        sources, targets = range(first, middle), slice(middle, size)
        if backwards:
            sources, targets = range(middle, size), slice(first, middle)
        found = [quickest(arcs, size, source, backwards=backwards)[:2] for source in sources]
        seconds, metres = (np.array([one[i][targets] for one in found]).reshape(len(sources), -1) for i in (0, 1))
        if backwards != (direction == "from"):
            seconds, metres = seconds.T, metres.T
        reached = np.isfinite(seconds)
        connectors = np.add.outer([s.metres for s in origins], [s.metres for s in destinations])
        return tuple(np.where(reached, table, np.nan) for table in (seconds, metres, connectors))  # type: ignore[return-value]

    def nearest(
        self, points: Sequence[Snap], facilities: Sequence[Snap], *, direction: str = "to"
    ) -> tuple[np.ndarray, np.ndarray]:
        """Seconds (NaN: none reached) to or from the nearest facility of each point, and which one (then -1)."""
        seconds, which, _ = self.nearest_trips(points, facilities, direction=direction)
        return seconds, which

    def nearest_trips(
        self, points: Sequence[Snap], facilities: Sequence[Snap], *, direction: str = "to"
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Seconds, which facility and metres on the network: one search from all facilities at once."""
        starts, ends = (points, facilities) if direction == "to" else (facilities, points)
        arcs, first = self.searcher.with_points(starts, ends)
        size, middle = first + len(starts) + len(ends), first + len(starts)
        place, its_facilities = (first, np.arange(middle, size)) if direction == "to" else (middle, np.arange(first, middle))
        free = np.zeros(len(facilities))
        from_all = np.array([free + size, its_facilities, free, free])
        if direction == "to":
            from_all[[0, 1]] = from_all[[1, 0]]
        arcs = np.concatenate((arcs, from_all), axis=1)
        seconds, metres, before = quickest(arcs, size + 1, size, backwards=direction == "to")
        mine = slice(place, place + len(points))
        reached = np.isfinite(seconds[mine])
        which = np.where(reached, _root(before, size)[mine] - its_facilities.min(initial=size), -1)
        return np.where(reached, seconds[mine], np.nan), which, np.where(reached, metres[mine], np.nan)


def _root(before: np.ndarray, source: int) -> np.ndarray:
    """The state after the source on the way to each state."""
    root = np.arange(len(before))
    inner = (before >= 0) & (before != source)
    root[inner] = before[inner]
    while (root != root[root]).any():
        root = root[root]
    return root


def network(
    path: Path | str | Sequence[Path | str],
    mode: str,
    *,
    speed_kmh: float | None = None,
    ferries: str = "scheduled",
    steps: bool = True,
    car_speeds_kmh: Mapping[str, float] = CAR_SPEEDS_KMH,
    crossings: str = "default",
) -> Network:
    """Network of `mode` (walk, bicycle, car); `speed_kmh` for the first two, `steps=False` for wheelchairs."""
    flat_kmh = speed_kmh or DEFAULT_SPEED_KMH.get(mode, np.nan)
    connector_kmh = flat_kmh if mode == "walk" else CONNECTOR_KMH
    world = read_map(path)
    built = build(world, Profile(mode, flat_kmh, car_speeds_kmh, steps, ferries))
    pieces, water = built.pieces, read_water(world)
    pieces["ends_only"] = hanging(pieces, len(built.node))
    pieces["sound"] = sound(pieces, len(built.node))
    pieces, node, lon, lat = _with_landings(built, Snapper(pieces, built.lon, built.lat, water), connector_kmh)
    signals = _signals(world, pieces, node, mode, crossings)
    banned = turn_rules(world, set(built.ways)) if mode == "car" else {}
    searcher = Searcher(pieces, node, signals, connector_kmh, banned)
    return Network(searcher, Snapper(pieces, lon, lat, water), SNAP_CAP_METRES[mode], lon, lat, pieces)


def _signals(world: Map, pieces: np.ndarray, node: np.ndarray, mode: str, crossings: str) -> np.ndarray:
    """Seconds on entering each node, by car."""
    seconds = np.zeros(len(node))
    if mode != "car":
        return seconds
    if crossings == "busy":
        street = pieces[~pieces["ferry"]]
        there, back = node[street["first"]], node[street["last"]]
        neighbours = np.unique([np.r_[there, back], np.r_[back, there]], axis=1)
        numbers, counts = np.unique(neighbours[0], return_counts=True)
        seconds[np.isin(node, numbers[counts >= 3])] = CROSSING_SECONDS
    lights = [number for number, tags in world.node_tags.items() if tags.get("highway") == "traffic_signals"]
    seconds[np.isin(node, lights)] = SIGNAL_SECONDS[crossings]
    return seconds


def _with_landings(built: Built, snapper: Snapper, connector_kmh: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Pieces and nodes with the ends of ferries tied to streets."""
    pieces, lon, lat = built.pieces, list(built.lon), list(built.lat)
    boats, streets = pieces[pieces["ferry"]], pieces[~pieces["ferry"] & ~pieces["ends_only"]]
    ashore = np.r_[streets["first"], streets["last"]]
    order = np.lexsort((boats["place"], boats["way"]))
    ways = np.r_[boats["way"][order], -1]
    new = np.flatnonzero(ways[1:] != ways[:-1])
    ends = np.unique(np.r_[boats["last"][order][new], boats["first"][order][np.r_[0, new[:-1] + 1][: len(new)]]])
    lonely = [(int(end), (lon[end], lat[end])) for end in ends if end not in ashore]
    cuts: dict[int, dict[float, int]] = {}
    made = []
    for end, piece, share, place in landings(snapper, lonely, LANDING_METRES):
        metres = pieces["metres"][piece]
        foot = int(pieces["first" if share * metres <= TIED_METRES else "last"][piece])
        if min(share, 1 - share) * metres > TIED_METRES:
            foot = cuts.setdefault(piece, {}).setdefault(share, len(lon))
            if foot == len(lon):
                lon.append(place[0])
                lat.append(place[1])
        made.append(_landing(end, foot, GEOD.inv(*place, lon[end], lat[end])[2], connector_kmh))
    if made:
        keep = ~np.isin(np.arange(len(pieces)), list(cuts))
        pieces = np.concatenate([pieces[keep], *(_split(pieces[piece], parts) for piece, parts in cuts.items()), *made])
    node = np.r_[built.node, np.full(len(lon) - len(built.node), np.iinfo(np.int64).min)]
    return pieces, node, np.array(lon), np.array(lat)


def _landing(end: int, foot: int, metres: float, connector_kmh: float) -> np.ndarray:
    piece = np.zeros(1, PIECE)
    piece["first"], piece["last"], piece["metres"], piece["landing"], piece["way"] = end, foot, metres, True, -1
    piece["along"] = piece["against"] = 3.6 * metres / connector_kmh
    return piece


def _split(piece: np.ndarray, parts: dict[float, int]) -> np.ndarray:
    """A piece in several, cut at shares of its length."""
    shares = sorted(parts)
    found = np.repeat(piece, len(shares) + 1)
    found["first"][1:] = found["last"][:-1] = [parts[share] for share in shares]
    for name in ("metres", "along", "against"):
        found[name] *= np.diff([0.0, *shares, 1.0])
    return found
